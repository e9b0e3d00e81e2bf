//! No secret is printed: the debug output of every public type of the signer is searched for the secrets behind it.

use core::fmt::Debug;

use channel_core::{CommitmentFormat, Side};
use channel_sign::bitcoin::Network;
use channel_sign::channel_core;
use channel_sign::keys::FundingIndex;
use channel_sign::seed::{Account, ChannelIndex, Mnemonic};
use channel_sign::shachain::PerCommitmentSecret;

use crate::harness::{Channel, FORMATS, entropy, number, policy, secrets, spec};
use crate::spends::{close, closing_spend};
use crate::stored::hex;

/// Every way bytes are likely to be printed: as hex of either case, and as lists of numbers.
fn forms(secret: &[u8]) -> [String; 4] {
    let lower = hex(secret);
    let list = format!("{secret:?}");
    let pretty = format!("{secret:#?}");
    let inner = |text: &str| text.trim_matches(['[', ']']).to_owned();
    [lower.to_uppercase(), inner(&list), inner(&pretty), lower]
}

fn assert_hidden(value: &dyn Debug, secrets: &[Vec<u8>]) {
    let printed = [format!("{value:?}"), format!("{value:#?}")];
    for secret in secrets {
        for form in forms(secret) {
            assert!(printed.iter().all(|text| !text.contains(&form)), "{form} is in {}", printed[0]);
        }
    }
}

#[test]
fn the_search_would_find_a_secret() {
    for form in forms(&[0xab; 32]) {
        let naive =
            format!("{:?} {:#?} {} {:X?}", [0xab_u8; 32], [0xab_u8; 32], hex(&[0xab; 32]), "AB".repeat(32));
        assert!(naive.contains(&form), "{form}");
    }
}

#[test]
fn nothing_public_prints_a_secret() {
    for format in FORMATS {
        let mut channel = Channel::new(format);
        let state = spec(format, 3_000_000, 2);
        let mut completed = None;
        for at in 0..3 {
            completed = Some(channel.advance(at, &state));
        }
        // The revealed ones are known to both, and yet not printed; the next one is known to nobody.
        let revealed: Vec<PerCommitmentSecret> =
            [0, 1].map(|at| channel.alice.signer.reveal(number(at)).unwrap()).into();
        let mut hidden: Vec<Vec<u8>> = revealed.iter().map(|secret| secret.as_bytes().to_vec()).collect();
        let words = Mnemonic::from_entropy(&[1; 16]).unwrap();
        hidden.push(vec![1; 16]);
        // `entropy()` of the harness, the boot salt, and the salt's party.
        hidden.push(vec![9; 32]);
        hidden.push(vec![1; 32]);

        let (own, other) = channel.build(Side::Local, 3, &state);
        let nonce = channel.alice.nonce();
        let signature = channel.countersign(&other, nonce.as_ref());
        let closing = close(&channel.alice.builder, &spec(format, 3_000_000, 0), 500);
        let refused = channel.alice.signer.complete(own, None, signature.clone()).err();
        let seed = words.to_seed("");
        let master = seed.master_key(Network::Regtest).unwrap();
        let made = master.channel(Account::ZERO, ChannelIndex::new(5)).unwrap();
        let printed: [&dyn Debug; 12] = [
            &channel.alice.signer,
            channel.alice.signer.record(),
            channel.alice.signer.secrets(),
            channel.bob.signer.record().peer_secrets(),
            &policy(1),
            &completed,
            &signature,
            &closing_spend(&closing.unsigned, channel.alice.builder.outpoint()),
            &refused,
            &revealed,
            &made.basepoints(FundingIndex::OPENING),
            &secrets(1),
        ];
        for value in printed {
            assert_hidden(value, &hidden);
        }
    }
}

#[test]
fn a_close_that_is_being_signed_prints_no_secret() {
    let format = CommitmentFormat::TaprootV3;
    let mut channel = Channel::new(format);
    let state = spec(format, 3_000_000, 0);
    channel.advance(0, &state);
    let closing = close(&channel.alice.builder, &state, 500);
    let spend = closing_spend(&closing.unsigned, channel.alice.builder.outpoint());
    let peer = *channel.bob.nonce().unwrap().public_nonce();
    let entropy = entropy();
    let nonces = channel_sign::signer::SigningNonces::Fresh {
        peer: &peer,
        source: &mut channel.alice.nonces,
        entropy: &entropy,
    };
    let ours = channel.alice.signer.cosign(&spend, nonces).unwrap();
    assert_hidden(&ours, &[vec![9; 32], vec![1; 32]]);
}
