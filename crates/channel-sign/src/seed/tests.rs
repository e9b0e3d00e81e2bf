//! The derivation against its published answers, and that no two secrets are the same.

use std::collections::BTreeSet;
use std::format;
use std::string::ToString;
use std::vec::Vec;

use bitcoin::Network;
use bitcoin::hex::{DisplayHex, FromHex};
use channel_core::CommitmentNumber;
use proptest::prelude::*;
use serde_json::Value;

use super::path::channel_path;
use super::*;
use crate::SigningKey;
use crate::keys::{ChannelSecrets, FundingIndex};

const ANSWERS: &str = include_str!("../../tests/vectors/own_derivation.json");

fn number(value: u64) -> CommitmentNumber {
    CommitmentNumber::new(value).unwrap()
}

fn master(entropy: [u8; 16], network: Network) -> MasterKey {
    Mnemonic::from_entropy(&entropy).unwrap().to_seed("").master_key(network).unwrap()
}

fn assert_key(key: &SigningKey, answer: &Value, label: &str) {
    assert_eq!(key.keypair().to_secret_bytes().to_lower_hex_string(), answer["secret"], "{label}");
    assert_eq!(key.public_key().to_string(), answer["public"], "{label}");
}

/// The answers were worked out by another program in another language, from the description in the module alone.
#[test]
fn the_published_answers() {
    let answers: Value = serde_json::from_str(ANSWERS).unwrap();
    let cases = answers["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 8);
    for case in cases {
        let text = |field: &str| case[field].as_str().unwrap();
        let label = text("label");
        let network: Network = text("network").parse().unwrap();
        let account = Account::new(case["account"].as_u64().unwrap().try_into().unwrap()).unwrap();
        let channel = ChannelIndex::new(text("channel_index").parse().unwrap());
        let path: Vec<_> = channel_path(network, account, channel).iter().map(ToString::to_string).collect();
        assert_eq!(format!("m/{}", path.join("/")), text("path"), "{label}");

        let seed = Mnemonic::parse(text("mnemonic")).unwrap().to_seed(text("passphrase"));
        let secrets = seed.master_key(network).unwrap().channel(account, channel).unwrap();
        assert_channel(&secrets, case, label);
    }
}

fn assert_channel(secrets: &ChannelSecrets, case: &Value, label: &str) {
    for answer in case["funding"].as_array().unwrap() {
        let index = FundingIndex::new(answer["index"].as_u64().unwrap().try_into().unwrap());
        assert_key(&secrets.funding_key(index).unwrap(), answer, label);
        let points = secrets.basepoints(index).unwrap();
        assert_eq!(points.funding.to_string(), answer["public"], "{label}");
        assert_eq!(points.revocation.to_string(), case["revocation_basepoint"]["public"], "{label}");
        assert_eq!(points.payment.to_string(), case["payment_basepoint"]["public"], "{label}");
        assert_eq!(
            points.delayed_payment.to_string(),
            case["delayed_payment_basepoint"]["public"],
            "{label}"
        );
        assert_eq!(points.htlc.to_string(), case["htlc_basepoint"]["public"], "{label}");
    }
    assert_key(&secrets.payment_key(), &case["payment_basepoint"], label);
    assert_key(&secrets.state_key(), &case["state_signing"], label);
    assert_eq!(secrets.state_public_key().to_string(), case["state_signing"]["public"], "{label}");
    for answer in case["per_commitment"].as_array().unwrap() {
        let number = number(answer["number"].as_u64().unwrap());
        let secret = secrets.per_commitment_secret(number);
        assert_eq!(secret.as_bytes().to_lower_hex_string(), answer["secret"], "{label}");
        assert_eq!(secrets.per_commitment_point(number).unwrap().to_string(), answer["point"], "{label}");
    }
    let derived = case["per_commitment_seed"].as_str().unwrap();
    let seed = crate::shachain::ShachainSeed::from_bytes(<[u8; 32]>::from_hex(derived).unwrap());
    assert_eq!(secrets.per_commitment_point(number(7)), seed.point(number(7)), "{label}");
}

#[test]
fn words_are_those_of_the_entropy() {
    let twelve = Mnemonic::from_entropy(&[0; 16]).unwrap();
    assert_eq!(*twelve.phrase(), "abandon ".repeat(11) + "about");
    assert_eq!(twelve.words().count(), 12);
    let most = Mnemonic::from_entropy(&[0xff; 32]).unwrap();
    assert_eq!(*most.phrase(), "zoo ".repeat(23) + "vote");
    for bytes in [0, 15, 17, 33, 64] {
        let error = Mnemonic::from_entropy(&[1; 64][..bytes]).err();
        assert_eq!(error, Some(MnemonicError::EntropyLength { bytes }));
    }
}

#[test]
fn wrong_words_are_refused_with_the_reason() {
    let parse = |words: &str| Mnemonic::parse(words).err();
    assert_eq!(parse(""), Some(MnemonicError::WordCount { words: 0 }));
    assert_eq!(parse(&"abandon ".repeat(11)), Some(MnemonicError::WordCount { words: 11 }));
    assert_eq!(parse(&"abandon ".repeat(12)), Some(MnemonicError::Checksum));
    let misspelt = "abandon ".repeat(10) + "abandonn about";
    assert_eq!(parse(&misspelt), Some(MnemonicError::UnknownWord { position: 11 }));
    assert!(!parse(&misspelt).unwrap().to_string().contains("abandonn"));
    let spaced = "  abandon\t".to_string() + &"abandon\n".repeat(10) + " about ";
    assert_eq!(parse(&spaced), None);
}

/// One character or two code points: the same passphrase.
#[test]
fn a_passphrase_may_be_typed_in_either_unicode_form() {
    let words = Mnemonic::from_entropy(&[0x5a; 16]).unwrap();
    let channel = |passphrase: &str| {
        let master = words.to_seed(passphrase).master_key(Network::Regtest).unwrap();
        master.channel(Account::ZERO, ChannelIndex::new(0)).unwrap().state_public_key()
    };
    assert_eq!(channel("caf\u{e9}"), channel("cafe\u{301}"));
    assert_ne!(channel("caf\u{e9}"), channel("cafe"));
}

#[test]
fn an_account_has_31_bits() {
    assert_eq!(Account::new((1 << 31) - 1).map(Account::to_u32), Ok((1 << 31) - 1));
    assert_eq!(Account::new(1 << 31).unwrap_err().number, 1 << 31);
    assert_eq!(ChannelIndex::new(u64::MAX).next(), None);
    assert_eq!(ChannelIndex::new(1).next(), Some(ChannelIndex::new(2)));
}

/// Every secret of every channel, account and network at hand: no two alike.
#[test]
fn no_two_purposes_indices_accounts_or_networks_share_a_secret() {
    let networks = [Network::Bitcoin, Network::Testnet, Network::Testnet4, Network::Signet, Network::Regtest];
    let channels = [0, 1, (1 << 31) - 1, 1 << 31, 1 << 62, u64::MAX].map(ChannelIndex::new);
    let mut seen = BTreeSet::new();
    let mut derived = 0;
    for network in networks {
        let master = master([7; 16], network);
        for account in [Account::ZERO, Account::new(1).unwrap()] {
            for channel in channels {
                let secrets = master.channel(account, channel).unwrap();
                let points = secrets.basepoints(FundingIndex::OPENING).unwrap();
                seen.extend([points.funding, points.revocation, points.payment]);
                seen.extend([points.delayed_payment, points.htlc, secrets.state_public_key()]);
                seen.extend([1, 2].map(|n| secrets.funding_public_key(FundingIndex::new(n)).unwrap()));
                seen.extend([0, 1].map(|n| secrets.per_commitment_point(number(n)).unwrap()));
                derived += 10;
            }
        }
    }
    assert_eq!(seen.len(), derived);
}

#[test]
fn nothing_prints_a_secret() {
    let words = Mnemonic::from_entropy(&[0; 16]).unwrap();
    let seed = words.to_seed("passphrase");
    let master = seed.master_key(Network::Regtest).unwrap();
    let printed = format!("{words:?} {words:#?} {seed:?} {seed:#?} {master:?} {master:#?}");
    // BIP 32 master key of these words and this passphrase.
    let key = bitcoin::bip32::Xpriv::new_master(
        Network::Regtest,
        &bip39::Mnemonic::from_entropy(&[0; 16]).unwrap().to_seed("passphrase"),
    )
    .unwrap();
    let secret = key.private_key.secret_bytes();
    for part in ["abandon", "about", "passphrase", &secret.to_lower_hex_string()[..6], &key.to_string()] {
        assert!(!printed.contains(part), "{printed}");
    }
    assert_eq!(format!("{words:?}"), "Mnemonic { words: 12, .. }");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn words_go_back_and_forth(entropy: [u8; 32], length in 4usize..=8) {
        let entropy = &entropy[..4 * length];
        let words = Mnemonic::from_entropy(entropy).unwrap();
        let again = Mnemonic::parse(&words.phrase()).unwrap();
        prop_assert_eq!(words.words().count(), 3 * length);
        prop_assert_eq!(bip39::Mnemonic::parse(again.phrase().as_str()).unwrap().to_entropy(), entropy);
    }

    /// The three steps hold every bit of the index.
    #[test]
    fn two_channels_never_share_a_path(a: u64, b: u64) {
        let path = |index| channel_path(Network::Regtest, Account::ZERO, ChannelIndex::new(index));
        prop_assert_eq!(path(a) == path(b), a == b);
        prop_assert!(path(a).iter().all(bitcoin::bip32::ChildNumber::is_hardened));
    }

    #[test]
    fn two_funding_indices_never_share_a_key(entropy: [u8; 16], channel: u64, a: u32, b: u32) {
        let secrets = master(entropy, Network::Signet).channel(Account::ZERO, ChannelIndex::new(channel)).unwrap();
        let key = |index| secrets.funding_public_key(FundingIndex::new(index)).unwrap();
        prop_assert_eq!(key(a) == key(b), a == b);
    }
}
