//! Signs unsigned transactions with the secrets of one party, as a wallet would: by their hints alone.

use bitcoin::hashes::Hash;
use bitcoin::key::{Keypair, TapTweak};
use bitcoin::secp256k1::{Message, Scalar, Secp256k1, SecretKey};
use bitcoin::sighash::SighashCache;
use bitcoin::{TapNodeHash, TapTweakHash, Transaction, Witness};
use channel_tx::keys::{public_key_tweak, revocation_tweaks};
use channel_tx::script::{SighashScope, Unlock};
use channel_tx::spend::{ChannelKey, InputHint, KeyHint, UnsignedTransaction};
use channel_tx::weight::WalletScript;

use super::channel::{Secrets, wallet_secret};

/// The secret a hint asks for, of the party `own`; `breach` is the revealed per-commitment secret.
fn channel_secret(hint: &KeyHint, own: &Secrets, breach: &SecretKey) -> SecretKey {
    let secp = Secp256k1::new();
    let derived = |base: &SecretKey| {
        let tweak = public_key_tweak(&hint.per_commitment_point, &base.public_key(&secp));
        base.add_tweak(&Scalar::from_be_bytes(tweak).unwrap()).unwrap()
    };
    match hint.key {
        ChannelKey::Payment => own.payment,
        ChannelKey::Funding => own.funding,
        ChannelKey::DelayedPayment => derived(&own.delayed),
        ChannelKey::Htlc => derived(&own.htlc),
        ChannelKey::Revocation => {
            let base = own.revocation.public_key(&secp);
            let (ours, theirs) = revocation_tweaks(&base, &hint.per_commitment_point);
            let ours = own.revocation.mul_tweak(&Scalar::from_be_bytes(ours).unwrap()).unwrap();
            let theirs = breach.mul_tweak(&Scalar::from_be_bytes(theirs).unwrap()).unwrap();
            ours.add_tweak(&Scalar::from(theirs)).unwrap()
        }
    }
}

/// 64 bytes of BIP 340, or DER, for what `unlock` reveals.
fn sign(unlock: &Unlock, secret: &SecretKey, digest: [u8; 32]) -> Vec<u8> {
    let (secp, message) = (Secp256k1::new(), Message::from_digest(digest));
    match unlock {
        Unlock::KeyPath { merkle_root, .. } => schnorr_key_path(secret, *merkle_root, message),
        Unlock::Leaf { .. } => {
            let pair = Keypair::from_secret_key(&secp, secret);
            secp.sign_schnorr_no_aux_rand(&message, &pair).as_ref().to_vec()
        }
        _ => secp.sign_ecdsa(&message, secret).serialize_der().to_vec(),
    }
}

fn schnorr_key_path(secret: &SecretKey, root: Option<TapNodeHash>, message: Message) -> Vec<u8> {
    let secp = Secp256k1::new();
    let pair = Keypair::from_secret_key(&secp, secret).tap_tweak(&secp, root).to_keypair();
    let expected = TapTweakHash::from_key_and_tweak(secret.public_key(&secp).x_only_public_key().0, root);
    assert_ne!(expected.to_byte_array(), [0; 32]);
    secp.sign_schnorr_no_aux_rand(&message, &pair).as_ref().to_vec()
}

/// Signs all inputs. `own` signs for itself, `peer` countersigns second levels.
pub(crate) fn signed(
    unsigned: &UnsignedTransaction,
    own: &Secrets,
    peer: &Secrets,
    breach: &SecretKey,
) -> Transaction {
    let mut transaction = unsigned.transaction.clone();
    let together: Vec<_> = unsigned.digests().collect();
    for (index, input) in unsigned.inputs.iter().enumerate() {
        transaction.input[index].witness = match &input.hint {
            InputHint::Channel(spend) => {
                let secret = channel_secret(&spend.key, own, breach);
                assert_eq!(together[index], unsigned.digest(index));
                let signature = sign(&spend.unlock, &secret, together[index].unwrap());
                spend.witness(&signature, None).unwrap()
            }
            InputHint::SecondLevel(spend) => {
                let ours = channel_secret(&spend.key, own, breach);
                let theirs = channel_secret(&spend.key, peer, breach);
                let mut cache = SighashCache::new(&unsigned.transaction);
                let digest = spend
                    .unlock
                    .digest(&mut cache, index, &unsigned.prevouts(), SighashScope::SingleAnyoneCanPay)
                    .unwrap();
                let countersignature = sign(&spend.unlock, &theirs, digest);
                let signature = sign(&spend.unlock, &ours, unsigned.digest(index).unwrap());
                spend.witness(&countersignature, &signature)
            }
            InputHint::Coin(coin) => coin_witness(unsigned, index, coin.script),
            other => other.keyless_witness().unwrap(),
        };
    }
    transaction
}

fn coin_witness(unsigned: &UnsignedTransaction, index: usize, script: WalletScript) -> Witness {
    let (secp, secret) = (Secp256k1::new(), wallet_secret());
    let message = Message::from_digest(unsigned.digest(index).unwrap());
    if script == WalletScript::P2tr {
        return Witness::from_slice(&[schnorr_key_path(&secret, None, message)]);
    }
    let mut signature = secp.sign_ecdsa(&message, &secret).serialize_der().to_vec();
    signature.push(1);
    Witness::from_slice(&[signature, secret.public_key(&secp).serialize().to_vec()])
}
