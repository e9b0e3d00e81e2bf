//! Taproot inputs: the signature commits to every spent output, and each of them is looked at.

use bitcoin::hashes::Hash;
use bitcoin::key::TapTweak;
use bitcoin::secp256k1::{Keypair, Message, Secp256k1};
use bitcoin::sighash::{Prevouts, SighashCache, TapSighashType};
use bitcoin::transaction::Version;
use bitcoin::{Amount, ScriptBuf, Transaction, TxOut, Witness};
use channel_chain::conformance::{OpenCoin, fund, open_script};
use channel_chain::{BroadcastError, Chain, EmbeddedChain, Refusal, Submission};

use crate::suite::Embedded;

/// A chain with a taproot coin and an open one, both spent by the transaction, the first by a signature for `signed`.
fn signed_for(signed: impl Fn(&mut [TxOut; 2])) -> (EmbeddedChain, Transaction) {
    let regtest = Embedded(EmbeddedChain::in_memory());
    let coins = fund(&regtest, 2);
    let chain = regtest.0;
    let secp = Secp256k1::new();
    let keypair = Keypair::from_seckey_slice(&secp, &[3; 32]).unwrap().tap_tweak(&secp, None).to_keypair();
    let key = keypair.x_only_public_key().0;
    let mut funding = coins[0].pay(Version::TWO, Amount::from_sat(1000));
    funding.output[0].script_pubkey =
        ScriptBuf::new_p2tr_tweaked(bitcoin::key::TweakedPublicKey::dangerous_assume_tweaked(key));
    chain.broadcast(Submission::Transaction(&funding)).unwrap();
    chain.mine(1, &open_script()).unwrap();

    let taproot = OpenCoin::of(&funding, 0);
    let rest = Amount::from_sat(taproot.value.to_sat() - 1000);
    let mut spend = OpenCoin::spend(Version::TWO, &[taproot, coins[1]], &[rest, coins[1].value]);
    let open = TxOut { value: coins[1].value, script_pubkey: open_script() };
    let mut prevouts = [funding.output[0].clone(), open];
    signed(&mut prevouts);
    let digest = SighashCache::new(&spend)
        .taproot_key_spend_signature_hash(0, &Prevouts::All(&prevouts), TapSighashType::Default)
        .unwrap();
    let message = Message::from_digest(digest.to_byte_array());
    let signature = secp.sign_schnorr_no_aux_rand(&message, &keypair);
    spend.input[0].witness = Witness::from_slice(&[signature.serialize()]);
    (chain, spend)
}

fn assert_refused(chain: &EmbeddedChain, spend: &Transaction) {
    match chain.broadcast(Submission::Transaction(spend)) {
        Err(BroadcastError::Refused(rejection)) => {
            let expected = Refusal::Script { txid: spend.compute_txid(), input: 0 };
            assert_eq!(rejection.figures.as_deref(), Some(&expected));
        }
        other => panic!("not refused: {other:?}"),
    }
    assert!(chain.mempool().unwrap().is_empty());
}

#[test]
fn a_good_signature_is_taken_and_mined() {
    let (chain, spend) = signed_for(|_| ());
    chain.broadcast(Submission::Transaction(&spend)).unwrap();
    let mined = chain.mine(1, &open_script()).unwrap()[0];
    assert_eq!(chain.block(&mined.hash).unwrap().unwrap().txdata[1], spend);
}

#[test]
fn one_flipped_bit_of_the_signature_is_refused() {
    let (chain, mut spend) = signed_for(|_| ());
    let mut signature = spend.input[0].witness.iter().next().unwrap().to_vec();
    signature[40] ^= 1;
    spend.input[0].witness = Witness::from_slice(&[signature]);
    assert_refused(&chain, &spend);
}

#[test]
fn a_signature_for_another_value_of_the_other_coin_is_refused() {
    let (chain, spend) = signed_for(|prevouts| prevouts[1].value = Amount::from_sat(1));
    assert_refused(&chain, &spend);
}
