//! The raw operations a co-signed update cannot do without, through the same safe library calls, on fixed data.
//!
//! For each of the two commitments:
//!
//! | operation | inline | hot path | for each HTLC |
//! |---|---|---|---|
//! | per-commitment point (public key of a secret) | 1 | | |
//! | nonce pair | 2 | | |
//! | public nonce parsed | 2 | 1 | |
//! | delayed key (add a tweak) | 1 | | |
//! | revocation key (two multiplications, one addition) | 1 | | |
//! | output key of `to_local`, and of the second level where it differs and there are HTLCs | 1 or 2 | | |
//! | HTLC keys (add a tweak), when there are HTLCs | 2 | | |
//! | HTLC key of the countersigner (tweak a secret, make the pair), when there are HTLCs | 1 | 1 | |
//! | sighash of the commitment | 1 | 1 | |
//! | aggregate nonce, session, partial signature | 2 | 2 | |
//! | partial signatures parsed, aggregated and verified | 1 | 1 | |
//! | output key of an HTLC | | | 1 |
//! | sighash of an HTLC transaction | | | 2 |
//! | Schnorr signature and its verification | | | 1 |

use std::hint::black_box;

use channel_core::CommitmentFormat;
use channel_tx::bitcoin::hashes::{Hash, sha256};
use channel_tx::bitcoin::sighash::{Prevouts, SighashCache, TapSighashType};
use channel_tx::bitcoin::{
    Amount, OutPoint, ScriptBuf, Sequence, TapLeafHash, Transaction, TxIn, TxOut, Txid, Witness, absolute,
    transaction::Version,
};
use secp256k1::musig::{
    AggregatedNonce, KeyAggCache, PartialSignature, PublicNonce, SecretNonce, Session, SessionSecretRand,
    new_nonce_pair,
};
use secp256k1::{Keypair, PublicKey, Scalar, SecretKey, XOnlyPublicKey};

/// Fixed data for one update.
pub(crate) struct Floor {
    keys: [Keypair; 2],
    cache: KeyAggCache,
    secret: SecretKey,
    point: PublicKey,
    tweak: Scalar,
    htlc_key: XOnlyPublicKey,
    commitment: Transaction,
    /// One for each HTLC, and a tweak: with the same numbers again and again the processor learns their digits, and the
    /// floor would be lower than any real work.
    htlc_transactions: Vec<Transaction>,
    tweaks: Vec<Scalar>,
    prevout: [TxOut; 1],
    leaf: TapLeafHash,
    htlcs: u64,
    second_levels: u64,
}

/// What the hot path has ready for one commitment: both nonces, the owner's public one read by the other party.
pub(crate) struct Ahead {
    nonces: [(SecretNonce, PublicNonce); 2],
}

impl Floor {
    pub(crate) fn new(format: CommitmentFormat, htlcs: u64) -> Self {
        let secret = |byte| SecretKey::from_secret_bytes([byte; 32]).expect("a small number is a key");
        let keys = [1, 2].map(|byte| Keypair::from_secret_key(&secret(byte)));
        let (first, second) = (keys[0].public_key(), keys[1].public_key());
        let mut cache = KeyAggCache::new(&[&first, &second]);
        let tweak = scalar(0);
        cache.pubkey_xonly_tweak_add(&tweak).expect("a good tweak");
        let script = ScriptBuf::from_bytes([&[0x51, 0x20][..], &[2; 32]].concat());
        let output = TxOut { value: Amount::from_sat(20_000), script_pubkey: script };
        Self {
            keys,
            cache,
            secret: secret(4),
            point: secret(5).public_key(),
            tweak,
            htlc_key: secret(4).add_tweak(&tweak).expect("a good tweak").x_only_public_key().0,
            commitment: transaction(usize::try_from(htlcs).expect("few") + 3, 0, &output),
            htlc_transactions: (0..htlcs + 2).map(|at| transaction(1, at, &output)).collect(),
            tweaks: (1..=htlcs).map(scalar).collect(),
            prevout: [output],
            leaf: TapLeafHash::from_byte_array([6; 32]),
            htlcs,
            second_levels: u64::from(htlcs > 0 && format == CommitmentFormat::TaprootV2),
        }
    }

    fn nonce(&self, party: usize) -> (SecretNonce, PublicNonce) {
        let key = &self.keys[party];
        let randomness = SessionSecretRand::assume_uniformly_random([7; 32]);
        new_nonce_pair(randomness, Some(&self.cache), Some(key.secret_key()), key.public_key(), None, None)
    }

    /// Nonces, made before the clock runs.
    pub(crate) fn ahead(&self) -> Ahead {
        Ahead { nonces: [self.nonce(0), self.nonce(1)] }
    }

    /// All operations of both commitments.
    pub(crate) fn inline(&self) {
        for _ in 0..2 {
            black_box(PublicKey::from_secret_key(black_box(&self.secret)));
            self.keys_of_the_commitment();
            let nonces = [self.nonce(0), self.nonce(1)];
            black_box(parsed(&nonces[0].1));
            self.hot(Ahead { nonces });
        }
    }

    fn keys_of_the_commitment(&self) {
        let (point, tweak) = (black_box(self.point), black_box(&self.tweak));
        black_box(point.add_exp_tweak(tweak).expect("a good tweak"));
        let half = point.mul_tweak(tweak).expect("a good tweak");
        let other = self.keys[0].public_key().mul_tweak(tweak).expect("a good tweak");
        let revocation = half.combine(&other).expect("not infinity");
        for _ in 0..=self.second_levels {
            black_box(revocation.x_only_public_key().0.add_tweak(tweak).expect("a good tweak"));
        }
        if self.htlcs > 0 {
            for _ in 0..2 {
                black_box(point.add_exp_tweak(tweak).expect("a good tweak"));
            }
        }
    }

    /// What a penalty for the same commitment takes: its keys and the output key of each HTLC to find the outputs, then
    /// for each HTLC and both balances a tweak of the secret, a digest and a signature.
    pub(crate) fn penalty(&self) {
        self.keys_of_the_commitment();
        let revocation = self.secret.mul_tweak(&self.tweak).expect("a good tweak");
        let revocation = revocation.add_tweak(&self.tweak).expect("a good tweak").keypair();
        self.htlc_outputs();
        let tweaks = self.tweaks.iter().chain([&self.tweak, &self.tweak]);
        for (transaction, tweak) in self.htlc_transactions.iter().zip(tweaks) {
            let key = black_box(revocation).add_xonly_tweak(tweak).expect("a good tweak");
            black_box(key.sign_schnorr_no_aux_rand(&self.htlc_digest(transaction)));
        }
    }

    /// The operations of one commitment that cannot be made ahead.
    pub(crate) fn hot(&self, ahead: Ahead) {
        self.htlc_outputs();
        let digest = self.commitment_digest();
        let [(own, own_public), (other, other_public)] = ahead.nonces;
        let theirs = self.sign(1, other, [&own_public, &other_public], &digest).1;
        let signatures = self.sign_htlcs();
        let other_public = parsed(&other_public);
        let theirs = PartialSignature::from_byte_array(&theirs.serialize()).expect("a partial signature");
        self.verify_htlcs(&signatures);
        let (session, ours) = self.sign(0, own, [&own_public, &other_public], &digest);
        let signature = session.partial_sig_agg(&[&ours, &theirs]);
        black_box(signature.verify(&self.cache.agg_pk(), &digest).expect("both signed"));
    }

    /// The output key of each HTLC.
    fn htlc_outputs(&self) {
        for tweak in &self.tweaks {
            let key = black_box(self.point).x_only_public_key().0;
            black_box(key.add_tweak(tweak).expect("a good tweak"));
        }
    }

    fn sign(
        &self,
        party: usize,
        secret: SecretNonce,
        public: [&PublicNonce; 2],
        digest: &[u8; 32],
    ) -> (Session, PartialSignature) {
        let session = Session::new(&self.cache, AggregatedNonce::new(&public), digest);
        let signature = session.partial_sign(secret, &self.keys[party], &self.cache);
        (session, signature)
    }

    fn commitment_digest(&self) -> [u8; 32] {
        let mut cache = SighashCache::new(black_box(&self.commitment));
        let prevouts = Prevouts::All(&self.prevout);
        let digest = cache.taproot_key_spend_signature_hash(0, &prevouts, TapSighashType::Default);
        digest.expect("the input is there").to_byte_array()
    }

    fn htlc_digest(&self, transaction: &Transaction) -> [u8; 32] {
        let mut cache = SighashCache::new(black_box(transaction));
        let scope = TapSighashType::SinglePlusAnyoneCanPay;
        let prevouts = Prevouts::All(&self.prevout);
        let digest = cache.taproot_script_spend_signature_hash(0, &prevouts, self.leaf, scope);
        digest.expect("the input is there").to_byte_array()
    }

    fn sign_htlcs(&self) -> Vec<secp256k1::schnorr::Signature> {
        if self.htlcs == 0 {
            return Vec::new();
        }
        let key = self.secret.add_tweak(&self.tweak).expect("a good tweak").keypair();
        self.htlcs().map(|htlc| key.sign_schnorr_no_aux_rand(&self.htlc_digest(htlc))).collect()
    }

    fn verify_htlcs(&self, signatures: &[secp256k1::schnorr::Signature]) {
        for (signature, htlc) in signatures.iter().zip(self.htlcs()) {
            signature.verify(&self.htlc_digest(htlc), &self.htlc_key).expect("signed above");
        }
    }

    /// The transactions of the HTLCs.
    fn htlcs(&self) -> impl Iterator<Item = &Transaction> {
        self.htlc_transactions.iter().take(self.tweaks.len())
    }
}

/// A nonce as it arrives.
fn parsed(nonce: &PublicNonce) -> PublicNonce {
    PublicNonce::from_byte_array(&nonce.serialize()).expect("a nonce is one")
}

/// A number as a hash gives it.
fn scalar(seed: u64) -> Scalar {
    let hash = sha256::Hash::hash(&seed.to_be_bytes()).to_byte_array();
    Scalar::from_be_bytes(hash).expect("a hash is below the order but once in 2^128 times")
}

fn transaction(outputs: usize, number: u64, output: &TxOut) -> Transaction {
    let input = TxIn {
        previous_output: OutPoint { txid: Txid::hash(&number.to_be_bytes()), vout: 0 },
        script_sig: ScriptBuf::new(),
        sequence: Sequence::ZERO,
        witness: Witness::new(),
    };
    Transaction {
        version: Version(3),
        lock_time: absolute::LockTime::ZERO,
        input: vec![input],
        output: vec![output.clone(); outputs],
    }
}
