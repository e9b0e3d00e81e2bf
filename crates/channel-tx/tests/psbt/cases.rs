//! Unsigned transactions of a channel's life, and a wallet and two parties that sign them from their PSBTs.

use bitcoin::absolute::LockTime;
use bitcoin::bip32::{DerivationPath, Xpriv, Xpub};
use bitcoin::hashes::Hash;
use bitcoin::secp256k1::{All, Message, PublicKey, Secp256k1, SecretKey};
use bitcoin::transaction::Version;
use bitcoin::{
    Amount, CompressedPublicKey, NetworkKind, OutPoint, Psbt, ScriptBuf, Sequence, Transaction, TxIn, TxOut,
    Txid, Witness,
};
use channel_core::CommitmentFormat;
use channel_tx::funding::FundingScript;
use channel_tx::psbt::{Cosigner, MusigInput, PartialSignature, PublicNonce};
use channel_tx::script::pay_to_anchor;
use channel_tx::spend::{Coin, InputHint, KeyOrigin, SpendFee, UnsignedInput, UnsignedTransaction};
use channel_tx::weight::WalletScript;
use secp256k1::Keypair;
use secp256k1::musig::{self, AggregatedNonce, Session};

pub(crate) fn secp() -> Secp256k1<All> {
    Secp256k1::new()
}

fn secret(byte: u8) -> SecretKey {
    SecretKey::from_slice(&[byte; 32]).unwrap()
}

pub(crate) fn key(byte: u8) -> PublicKey {
    secret(byte).public_key(&secp())
}

/// The two parties' funding keys of a channel: secrets `byte` and `byte + 1`.
pub(crate) fn funding(format: CommitmentFormat, byte: u8) -> FundingScript {
    FundingScript::new(format, &key(byte), &key(byte + 1)).unwrap()
}

pub(crate) fn wallet() -> Xpriv {
    Xpriv::new_master(NetworkKind::Test, &[42; 32]).unwrap()
}

pub(crate) fn origin(index: u32) -> KeyOrigin {
    let path: DerivationPath = format!("m/86'/1'/0'/0/{index}").parse().unwrap();
    let master = wallet();
    let derived = master.derive_priv(&secp(), &path).unwrap();
    let key = Xpub::from_priv(&secp(), &derived).public_key;
    KeyOrigin { key, source: (master.fingerprint(&secp()), path) }
}

pub(crate) fn wallet_script(script: WalletScript, origin: &KeyOrigin) -> ScriptBuf {
    match script {
        WalletScript::P2tr => ScriptBuf::new_p2tr(&secp(), origin.key.x_only_public_key().0, None),
        WalletScript::P2wpkh => ScriptBuf::new_p2wpkh(&CompressedPublicKey(origin.key).wpubkey_hash()),
        WalletScript::P2pkh => ScriptBuf::new_p2pkh(&bitcoin::PublicKey::new(origin.key).pubkey_hash()),
        WalletScript::P2shP2wpkh => {
            ScriptBuf::new_p2wpkh(&CompressedPublicKey(origin.key).wpubkey_hash()).to_p2sh()
        }
    }
}

pub(crate) fn outpoint(byte: u8) -> OutPoint {
    OutPoint { txid: Txid::from_byte_array([byte; 32]), vout: u32::from(byte) }
}

pub(crate) fn pays(sat: u64, script_pubkey: ScriptBuf) -> TxOut {
    TxOut { value: Amount::from_sat(sat), script_pubkey }
}

pub(crate) fn coin(script: WalletScript, index: u32, sat: u64) -> UnsignedInput {
    let origin = origin(index);
    let prevout = pays(sat, wallet_script(script, &origin));
    let outpoint = outpoint(100 + u8::try_from(index).unwrap());
    let coin = Coin { outpoint, txout: prevout.clone(), script, origin: Some(origin) };
    UnsignedInput { prevout, hint: InputHint::Coin(coin) }
}

pub(crate) fn funding_input(script: FundingScript, sat: u64) -> UnsignedInput {
    UnsignedInput { prevout: pays(sat, script.script_pubkey()), hint: InputHint::Funding(script) }
}

pub(crate) fn anchor() -> UnsignedInput {
    UnsignedInput { prevout: pays(240, pay_to_anchor()), hint: InputHint::Anchor }
}

pub(crate) fn foreign(sat: u64) -> UnsignedInput {
    let script = wallet_script(WalletScript::P2wpkh, &origin(99));
    UnsignedInput { prevout: pays(sat, script), hint: InputHint::Foreign }
}

pub(crate) fn unsigned(inputs: Vec<UnsignedInput>, output: Vec<TxOut>) -> UnsignedTransaction {
    let input = inputs.iter().enumerate().map(|(index, input)| TxIn {
        previous_output: match &input.hint {
            InputHint::Coin(coin) => coin.outpoint,
            _ => outpoint(u8::try_from(index).unwrap()),
        },
        script_sig: ScriptBuf::new(),
        sequence: Sequence::ENABLE_RBF_NO_LOCKTIME,
        witness: Witness::new(),
    });
    let transaction =
        Transaction { version: Version::TWO, lock_time: LockTime::ZERO, input: input.collect(), output };
    UnsignedTransaction { transaction, inputs, fee: SpendFee::default() }
}

/// A channel of one million, funded by two coins, with change.
pub(crate) fn opening(format: CommitmentFormat) -> UnsignedTransaction {
    let change = wallet_script(WalletScript::P2tr, &origin(7));
    unsigned(
        vec![coin(WalletScript::P2wpkh, 1, 600_000), coin(WalletScript::P2tr, 2, 500_000)],
        vec![pays(99_000, change), pays(1_000_000, funding(format, 11).script_pubkey())],
    )
}

/// A splice-in by a coin, beside a coin of the peer, to new funding keys.
pub(crate) fn splice(format: CommitmentFormat) -> UnsignedTransaction {
    unsigned(
        vec![
            coin(WalletScript::P2tr, 3, 300_000),
            funding_input(funding(format, 11), 1_000_000),
            foreign(50_000),
        ],
        vec![pays(1_340_000, funding(format, 13).script_pubkey())],
    )
}

/// A close to two outputs.
pub(crate) fn close(format: CommitmentFormat) -> UnsignedTransaction {
    unsigned(
        vec![funding_input(funding(format, 11), 1_000_000)],
        vec![
            pays(400_000, wallet_script(WalletScript::P2tr, &origin(8))),
            pays(599_000, wallet_script(WalletScript::P2wpkh, &origin(9))),
        ],
    )
}

/// A child that pays for a commitment through its shared anchor.
pub(crate) fn child() -> UnsignedTransaction {
    let change = wallet_script(WalletScript::P2tr, &origin(7));
    unsigned(vec![anchor(), coin(WalletScript::P2wpkh, 4, 20_000)], vec![pays(15_000, change)])
}

/// The wallet signs from what the PSBT tells alone.
pub(crate) fn wallet_signs(psbt: &mut Psbt) {
    // Inputs of others are refused one by one, which is no failure of the wallet.
    let _ = psbt.sign(&wallet(), &secp());
}

fn keypair(byte: u8) -> Keypair {
    Keypair::from_secret_key(&secp256k1::SecretKey::from_secret_bytes([byte; 32]).unwrap())
}

/// The secret nonces that the parties with the secrets `byte` and `byte + 1` keep.
pub(crate) struct SecretNonces([musig::SecretNonce; 2]);

/// The first round: both parties leave their public nonces.
pub(crate) fn nonces_of_both(
    psbt: &mut Psbt,
    index: usize,
    script: &FundingScript,
    byte: u8,
) -> SecretNonces {
    let key = script.aggregate().unwrap();
    let mut fields = MusigInput::read(&psbt.inputs[index]).unwrap();
    let secrets = [byte, byte + 1].map(|byte| {
        let keypair = keypair(byte);
        let (secret, public) = key.cache().nonce_gen(0, &keypair, &[byte; 32], None);
        let nonce = PublicNonce::from_byte_array(public.serialize()).unwrap();
        fields.insert_nonce(Cosigner::of_funding(key, self::key(byte)), nonce).unwrap();
        secret
    });
    fields.write(&mut psbt.inputs[index]);
    SecretNonces(secrets)
}

/// The second round: both parties sign with the nonces that stand in the PSBT. Returns the completed signature.
pub(crate) fn both_sign(
    psbt: &mut Psbt,
    unsigned: &UnsignedTransaction,
    index: usize,
    byte: u8,
    secrets: SecretNonces,
) -> bitcoin::secp256k1::schnorr::Signature {
    let InputHint::Funding(script) = &unsigned.inputs[index].hint else { panic!("no funding input") };
    let key = script.aggregate().unwrap();
    let mut fields = MusigInput::read(&psbt.inputs[index]).unwrap();
    let cosigners = [byte, byte + 1].map(|byte| Cosigner::of_funding(key, self::key(byte)));
    let nonces = cosigners
        .map(|by| musig::PublicNonce::from_byte_array(&fields.nonce(&by).unwrap().to_byte_array()).unwrap());
    let aggregate = AggregatedNonce::new(&[&nonces[0], &nonces[1]]);
    let session = Session::new(key.cache(), aggregate, &unsigned.digest(index).unwrap());
    let mut signatures = Vec::new();
    for ((byte, secret), by) in [byte, byte + 1].into_iter().zip(secrets.0).zip(cosigners) {
        let signature = session.partial_sign(secret, &keypair(byte), key.cache());
        let bytes = PartialSignature::from_byte_array(signature.serialize()).unwrap();
        fields.insert_partial_signature(by, bytes).unwrap();
        signatures.push(signature);
    }
    fields.write(&mut psbt.inputs[index]);
    let signature = session.partial_sig_agg(&signatures.iter().collect::<Vec<_>>()).assume_valid();
    bitcoin::secp256k1::schnorr::Signature::from_slice(&signature.to_byte_array()).unwrap()
}

/// One party of a 2-of-2 signs.
pub(crate) fn party_signs(psbt: &mut Psbt, unsigned: &UnsignedTransaction, index: usize, byte: u8) {
    let digest = unsigned.digest(index).unwrap();
    let signature = secp().sign_ecdsa(&Message::from_digest(digest), &secret(byte));
    psbt.inputs[index]
        .partial_sigs
        .insert(bitcoin::PublicKey::new(key(byte)), bitcoin::ecdsa::Signature::sighash_all(signature));
}
