//! Real spends of a descriptor's output, judged by Bitcoin Core's consensus code.

use std::str::FromStr;

use bitcoinconsensus::{Utxo, VERIFY_ALL_PRE_TAPROOT, VERIFY_TAPROOT, verify_with_flags};
use channel_tx::bitcoin::absolute::LockTime;
use channel_tx::bitcoin::consensus::encode::serialize;
use channel_tx::bitcoin::hashes::Hash;
use channel_tx::bitcoin::key::TapTweak;
use channel_tx::bitcoin::secp256k1::Message;
use channel_tx::bitcoin::sighash::{Prevouts, SighashCache};
use channel_tx::bitcoin::taproot::LeafVersion;
use channel_tx::bitcoin::transaction::Version;
use channel_tx::bitcoin::{
    Amount, OutPoint, ScriptBuf, Sequence, TapLeafHash, TapSighashType, Transaction, TxIn, TxOut, Witness,
    XOnlyPublicKey,
};
use miniscript::Descriptor;
use miniscript::descriptor::Tr;

use crate::party::{Party, secp};

/// An output of a Taproot descriptor, and the transaction that wants to spend it.
pub(crate) struct Spend {
    tr: Tr<XOnlyPublicKey>,
    spent: TxOut,
    transaction: Transaction,
}

impl Spend {
    /// Spends the output of `descriptor` with version 2, no lock time, a final sequence.
    pub(crate) fn of(descriptor: &str) -> Self {
        let Descriptor::Tr(tr) = Descriptor::<XOnlyPublicKey>::from_str(descriptor).unwrap() else {
            panic!("{descriptor} is no Taproot descriptor")
        };
        let spent = TxOut { value: Amount::from_sat(1_000_000), script_pubkey: tr.script_pubkey() };
        let input = TxIn {
            previous_output: OutPoint::new(Hash::from_byte_array([7; 32]), 0),
            script_sig: ScriptBuf::new(),
            sequence: Sequence::MAX,
            witness: Witness::new(),
        };
        let output = TxOut { value: Amount::from_sat(990_000), script_pubkey: tr.script_pubkey() };
        let transaction = Transaction {
            version: Version::TWO,
            lock_time: LockTime::ZERO,
            input: vec![input],
            output: vec![output],
        };
        Self { tr, spent, transaction }
    }

    pub(crate) fn version(mut self, version: i32) -> Self {
        self.transaction.version = Version(version);
        self
    }

    pub(crate) fn lock_time(mut self, lock_time: u32) -> Self {
        self.transaction.lock_time = LockTime::from_consensus(lock_time);
        self
    }

    pub(crate) fn sequence(mut self, sequence: u32) -> Self {
        self.transaction.input[0].sequence = Sequence::from_consensus(sequence);
        self
    }

    /// Whether `signer` can take it by the key path.
    pub(crate) fn by_key(mut self, signer: &Party) -> bool {
        let digest = SighashCache::new(&self.transaction)
            .taproot_key_spend_signature_hash(0, &Prevouts::All(&[&self.spent]), TapSighashType::Default)
            .unwrap();
        let pair = signer.pair.tap_tweak(&secp(), self.tr.spend_info().merkle_root());
        let message = Message::from_digest(digest.to_byte_array());
        let signature = secp().sign_schnorr_no_aux_rand(&message, &pair.to_keypair());
        self.transaction.input[0].witness = Witness::from_slice(&[signature.as_ref()]);
        self.verifies()
    }

    /// Whether leaf `index` opens to these signers; the last signs what the script checks first. Nobody: an empty
    /// signature.
    pub(crate) fn by_leaf(mut self, index: usize, signers: &[Option<&Party>]) -> bool {
        let info = self.tr.spend_info();
        let leaf = info.leaves().nth(index).unwrap();
        let script = leaf.script().to_owned();
        let leaf_hash = TapLeafHash::from_script(&script, LeafVersion::TapScript);
        let digest = SighashCache::new(&self.transaction)
            .taproot_script_spend_signature_hash(
                0,
                &Prevouts::All(&[&self.spent]),
                leaf_hash,
                TapSighashType::Default,
            )
            .unwrap();
        let message = Message::from_digest(digest.to_byte_array());
        let mut witness = Witness::new();
        for signer in signers {
            match signer {
                Some(party) => {
                    witness.push(secp().sign_schnorr_no_aux_rand(&message, &party.pair).as_ref());
                }
                None => witness.push([]),
            }
        }
        witness.push(script.as_bytes());
        witness.push(leaf.control_block().serialize());
        self.transaction.input[0].witness = witness;
        self.verifies()
    }

    fn verifies(&self) -> bool {
        let script = self.spent.script_pubkey.as_bytes();
        let value = self.spent.value.to_sat();
        let utxo = Utxo {
            script_pubkey: script.as_ptr(),
            script_pubkey_len: u32::try_from(script.len()).unwrap(),
            value: i64::try_from(value).unwrap(),
        };
        let flags = VERIFY_ALL_PRE_TAPROOT | VERIFY_TAPROOT;
        verify_with_flags(script, value, &serialize(&self.transaction), Some(&[utxo]), 0, flags).is_ok()
    }
}
