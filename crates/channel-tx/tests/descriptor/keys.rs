//! What stands where a key should.

use channel_tx::bitcoin::bip32::{DerivationPath, Xpriv, Xpub};
use channel_tx::bitcoin::hex::DisplayHex;
use channel_tx::bitcoin::{Network, PrivateKey};
use channel_tx::descriptor::{
    DescriptorContext, DescriptorFault, FundingForm, IndefiniteKey, KeyFault, NumsPoint,
    ParseFundingKeyError, Participant, Participants, ParticipantsError,
};

use crate::party::{accepted, alice, bob, codes, known, mainnet, nums, ready, refused, secp};

fn with_key(key: &str) -> String {
    format!("tr({},multi_a(2,{key},{}))", nums(), bob().x())
}

fn xpriv(network: Network) -> Xpriv {
    Xpriv::new_master(network, &[9; 32]).unwrap()
}

fn xpub(network: Network) -> Xpub {
    Xpub::from_priv(&secp(), &xpriv(network))
}

#[track_caller]
fn key_fault(key: &str) -> KeyFault {
    match refused(&with_key(key), &mainnet()).faults() {
        [DescriptorFault::Key(fault), ..] => fault.clone(),
        faults => panic!("{key}: {faults:?}"),
    }
}

#[test]
fn words_are_placeholders_and_mistyped_keys_are_malformed() {
    for word in ["alice_key", "A", "beef", "participant1_pubkey"] {
        let position = with_key(word).find(word).unwrap();
        let expected = KeyFault::Placeholder { key: word.to_owned(), position };
        assert_eq!(key_fault(word).to_string(), expected.to_string());
    }
    let short = &alice().x()[1..];
    let off_curve = "ff".repeat(32);
    for key in [short, &off_curve, &format!("{}00", alice().x()), &format!("05{}", alice().x())] {
        assert!(matches!(key_fault(key), KeyFault::Malformed { .. }), "{key}");
    }
}

#[test]
fn uncompressed_keys_come_with_their_compressed_form() {
    let bytes = alice().whole().serialize_uncompressed();
    let text = bytes.to_lower_hex_string();
    let fault = key_fault(&text);
    let position = with_key(&text).find(&text).unwrap();
    assert_eq!(fault, KeyFault::Uncompressed { compressed: alice().whole(), position });
    let fixes = ready(&refused(&with_key(&text), &mainnet()), &known());
    assert_eq!(fixes.len(), 1, "bob's parity is not known, so the script form only");
}

#[test]
fn secrets_are_refused_without_being_repeated() {
    let wif = PrivateKey::new(alice().pair.secret_key(), Network::Bitcoin).to_wif();
    let extended = xpriv(Network::Bitcoin).to_string();
    for secret in [&wif, &extended, &format!("[deadbeef/1h]{extended}/0"), &format!("{extended}/*")] {
        for text in [with_key(secret), format!("tr({secret},{{pk({secret})}})"), secret.clone()] {
            let refusal = refused(&text, &mainnet());
            let shown = format!("{refusal} {refusal:?}");
            assert!(!shown.contains(&wif) && !shown.contains(&extended), "{shown}");
            assert!(matches!(refusal.faults(), [DescriptorFault::Key(KeyFault::Private { .. })]), "{shown}");
        }
    }
}

#[test]
fn extended_keys_must_name_one_key_of_the_network() {
    let xpub_main = xpub(Network::Bitcoin);
    let path: DerivationPath = "m/0/7".parse().unwrap();
    let child = xpub_main.derive_pub(&secp(), &path).unwrap().public_key.x_only_public_key().0;
    for key in [format!("{xpub_main}/0/7"), format!("[d34db33f/86h/0h/0h]{xpub_main}/0/7")] {
        let descriptor = accepted(&with_key(&key), &mainnet());
        let FundingForm::NumsMultiA { keys, .. } = descriptor.form() else { panic!("{descriptor:?}") };
        assert_eq!(keys[0], child);
        assert!(descriptor.descriptor().contains(&key), "origins are kept");
    }
    for (steps, reason) in [
        ("/0/*", IndefiniteKey::Range),
        ("/0/*h", IndefiniteKey::HardenedRange),
        ("/0/*'", IndefiniteKey::HardenedRange),
        ("/<0;1>/5", IndefiniteKey::Multipath),
        ("/<0;1>/*", IndefiniteKey::Multipath),
        ("/0h/5", IndefiniteKey::HardenedStep),
    ] {
        let fault = key_fault(&format!("{xpub_main}{steps}"));
        assert!(
            matches!(&fault, KeyFault::Indefinite { reason: found, .. } if *found == reason),
            "{fault:?}"
        );
    }
    let foreign = with_key(&format!("{}/0/7", xpub(Network::Testnet)));
    assert_eq!(codes(&foreign, &mainnet()), ["key_network"]);
    accepted(&foreign, &DescriptorContext::new(Network::Signet));
    assert_eq!(
        codes(&with_key(&format!("{xpub_main}/0/7")), &DescriptorContext::new(Network::Regtest)),
        ["key_network"]
    );
}

#[test]
fn x_coordinates_do_not_do_in_segwit_scripts() {
    let text = format!("wsh(multi(2,{},{}))", alice().x(), bob().whole());
    assert_eq!(codes(&text, &mainnet()), ["x_only_key"]);
}

#[test]
fn whole_keys_do_in_taproot_scripts() {
    let plain = accepted(&with_key(&alice().x()), &known());
    let whole = accepted(&with_key(&alice().whole().to_string()), &known());
    assert_eq!(plain.script_pubkey(), whole.script_pubkey());
}

#[test]
fn participants_are_two_different_public_keys() {
    let (a, b) = (alice().whole().to_string(), bob().x());
    assert!(Participants::parse(&[&a, &b]).is_ok());
    for keys in [vec![], vec![&a], vec![&a, &b, &a]] {
        assert_eq!(Participants::parse(&keys), Err(ParticipantsError::Count { found: keys.len() }));
    }
    assert_eq!(Participants::parse(&[&a, &alice().x()]), Err(ParticipantsError::SameKey));
    let source = ParseFundingKeyError::NotHex;
    for word in ["participant1_pubkey", "alice_pubkey", ""] {
        assert_eq!(Participants::parse(&[&a, word]), Err(ParticipantsError::Key { index: 1, source }));
        assert_eq!(Participants::parse(&[word, &a]), Err(ParticipantsError::Key { index: 0, source }));
    }
    for (text, error) in [
        ("ab".to_owned(), ParseFundingKeyError::Length { found: 2 }),
        ("04".repeat(65), ParseFundingKeyError::Uncompressed),
        ("ff".repeat(32), ParseFundingKeyError::NotOnCurve),
    ] {
        assert_eq!(
            Participants::parse(&[&text, &b]),
            Err(ParticipantsError::Key { index: 0, source: error })
        );
    }
}

#[test]
fn a_point_without_a_private_key_is_no_participant() {
    let (a, nums) = (alice().whole().to_string(), nums());
    let refused = |participant| Err(ParticipantsError::Nums { participant });
    assert_eq!(Participants::parse(&[&nums, &a]), refused(Participant::First));
    assert_eq!(Participants::parse(&[&a, &format!("03{nums}")]), refused(Participant::Second));
    assert_eq!(
        Participants::parse(&[&a, &NumsPoint::Bip341.key().to_string()]),
        refused(Participant::Second)
    );
}

#[test]
fn two_keys_of_one_wallet_are_one_party() {
    let (master, account) = (xpub(Network::Bitcoin), |step: &str| {
        let path: DerivationPath = step.parse().unwrap();
        Xpub::from_priv(&secp(), &xpriv(Network::Bitcoin).derive_priv(&secp(), &path).unwrap())
    });
    let (first, second) = (account("m/86h/0h/0h"), account("m/86h/0h/1h"));
    let (x, y) = (alice().x(), bob().x());
    let both = |a: &str, b: &str| format!("tr({},multi_a(2,{a},{b}))", nums());
    for (a, b) in [
        (format!("{master}/0"), format!("{master}/1")),
        // Told apart by their origins, which anybody can write.
        (format!("[aaaaaaaa]{first}/0"), format!("[bbbbbbbb]{first}/1")),
        (format!("{first}"), format!("{second}")),
        (format!("[d34db33f/86h]{x}"), format!("[d34db33f/87h]{y}")),
        (format!("{master}/7"), account("m/0").to_string()),
    ] {
        let codes = codes(&both(&a, &b), &mainnet());
        assert!(codes.contains(&"single_party_spend") && codes.contains(&"one_key"), "{a} {b}: {codes:?}");
    }
    // Zeros say nothing, and two wallets are two parties.
    accepted(&both(&format!("[00000000/86h]{x}"), &format!("[00000000/86h]{y}")), &mainnet());
    accepted(&both(&format!("[d34db33f/86h]{x}"), &format!("[d34db340/86h]{y}")), &mainnet());
    accepted(&both(&format!("{master}/0"), &y), &mainnet());
    // Nor is one wallet a fault where the caller vouches for both keys.
    accepted(&both(&format!("[d34db33f/86h]{x}"), &format!("[d34db33f/87h]{y}")), &known());
}

#[test]
fn a_mistyped_secret_is_not_repeated_either() {
    let wif = PrivateKey::new(alice().pair.secret_key(), Network::Bitcoin).to_wif();
    let last = if wif.ends_with('1') { "2" } else { "1" };
    let mistyped = format!("{}{last}", &wif[..wif.len() - 1]);
    for text in [
        with_key(&mistyped),
        mistyped.clone(),
        format!("tr({})#{mistyped}", alice().x()),
        format!("tr({})#{}", alice().x(), xpriv(Network::Bitcoin)),
    ] {
        let refusal = refused(&text, &mainnet());
        assert!(matches!(refusal.faults(), [DescriptorFault::Key(KeyFault::Private { .. })]), "{refusal:?}");
        assert!(!format!("{refusal:?}").contains(&mistyped[..20]));
    }
}

/// Every key and lock doubles the work of an analysis without a bound.
#[test]
fn an_analysis_ends_soon() {
    let mut parts = vec!["pk(a)".to_owned()];
    parts.extend((0..60).map(|at| format!("s:pk(k{at})")));
    parts.extend((10..80).map(|at| format!("sln:after({at})")));
    parts.extend((10..80).map(|at| format!("sln:older({at})")));
    let text = format!("tr(k,thresh({},{}))", parts.len(), parts.join(","));
    let codes = codes(&text, &mainnet());
    assert!(codes.contains(&"opaque_script"), "{codes:?}");
}
