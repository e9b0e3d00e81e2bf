//! Where a delay belongs, and which leaves of the specification are miniscript.

use channel_tx::bitcoin::hex::FromHex;
use channel_tx::bitcoin::taproot::TaprootBuilder;
use channel_tx::bitcoin::{ScriptBuf, XOnlyPublicKey};
use miniscript::{ExtParams, Miniscript, Tap};

use crate::party::{alice, bob, carol, nums, refused, secp};
use crate::spend::Spend;

/// The delayed output of a commitment: alice after 144 blocks, bob at once with the revocation key.
fn delayed_output() -> String {
    let text = refused(crate::party::PAGE, &crate::party::mainnet()).delayed_output().unwrap().to_owned();
    text.replace("local_delayed", &alice().x()).replace("revocation", &bob().x())
}

#[test]
fn k09_the_delay_works_in_the_output_of_a_commitment() {
    let (owner, punisher, stranger) = (alice(), bob(), carol());
    let spend = || Spend::of(&delayed_output());
    assert!(!spend().sequence(143).by_leaf(0, &[Some(&owner)]), "one block early");
    assert!(spend().sequence(144).by_leaf(0, &[Some(&owner)]));
    assert!(!spend().sequence(144).version(1).by_leaf(0, &[Some(&owner)]));
    assert!(spend().sequence(0).by_leaf(1, &[Some(&punisher)]), "a revoked state is punished at once");
    for party in [&owner, &punisher, &stranger] {
        assert!(!spend().by_key(party), "no key path");
    }
    assert!(!spend().sequence(144).by_leaf(0, &[Some(&punisher)]));
    assert!(!spend().sequence(144).by_leaf(1, &[Some(&owner)]));
    assert!(!spend().sequence(144).by_leaf(0, &[Some(&stranger)]));
}

/// Figures of the simple Taproot channels' test vectors (BOLT, 2026-03): leaves, and the keys of the outputs they make.
const DELAYED: &str = "15ec0138eb42f1ab4603042123988d53c854e89d1d87aa4dbb97a57482029c05";
const REVOCATION: &str = "d4c77088d346bce67c13bbbf82ca112588f4b1c9595a1f8af3be9b2f95a109a0";
const REMOTE: &str = "595f2ef2a51d2250a21077dbea4a7fc3ce550f10676996bf63719e2a71d1f4c9";
const LOCAL_HTLC: &str = "71e82ef65d5c667159036bfcf662cac2f6c41e38323d148bbbd00fdcd923739e";
const REMOTE_HTLC: &str = "2deba21cf03c42362c9f912094f62ba045a040a2060882ba1ed3abf1f664a47d";
const HASH: &str = "b8bcb07f6344b42ab04250c86a6e8b75d3fdbbc6";
const TO_LOCAL_KEY: &str = "3e1fcbbd06c8a7414704612c72be9834a75d86ed85b29f0ef0c52e1950afaff3";
const TO_REMOTE_KEY: &str = "3609bb705034e5629aa6ec05c5ca906ac89ac08b34c4583c259521ec30174408";

fn script(hex: &str) -> ScriptBuf {
    ScriptBuf::from_bytes(Vec::from_hex(hex).unwrap())
}

fn delay_leaf() -> ScriptBuf {
    script(&format!("20{DELAYED}ad029000b2"))
}

fn revoke_leaf() -> ScriptBuf {
    script(&format!("20{DELAYED}7520{REVOCATION}ac"))
}

fn to_remote_leaf() -> ScriptBuf {
    script(&format!("20{REMOTE}ad51b2"))
}

#[test]
fn k10_which_leaves_of_the_specification_are_miniscript() {
    type Leaf = Miniscript<XOnlyPublicKey, Tap>;
    let htlc_leaves = [
        format!("82012088a914{HASH}8820{REMOTE_HTLC}ad51b2"),
        format!("20{LOCAL_HTLC}ad20{REMOTE_HTLC}ac"),
        format!("82012088a914{HASH}8820{LOCAL_HTLC}ad20{REMOTE_HTLC}ac"),
        format!("20{LOCAL_HTLC}ad51b26902f401b1"),
    ];
    let sane = htlc_leaves.iter().map(|hex| script(hex)).chain([delay_leaf(), to_remote_leaf()]);
    for leaf in sane {
        let decoded = Leaf::decode(&leaf).unwrap_or_else(|error| panic!("{leaf}: {error}"));
        assert_eq!(decoded.encode(), leaf);
        assert!(decoded.sanity_check().is_ok(), "{leaf}");
    }
    // The revocation leaf drops a key, which miniscript has no word for.
    let error = Leaf::decode_with_ext(&revoke_leaf(), &ExtParams::allow_all()).unwrap_err();
    assert!(error.to_string().contains("Drop"), "{error}");
    // The anchor leaf needs no signature, which is not sane.
    let anchor = script("60b2");
    assert!(Leaf::decode(&anchor).is_err());
    assert_eq!(Leaf::decode_with_ext(&anchor, &ExtParams::insane()).unwrap().encode(), anchor);
}

#[test]
fn k10_outputs_with_such_leaves_are_built_from_raw_scripts() {
    let internal: XOnlyPublicKey = nums().parse().unwrap();
    let output_key = |builder: TaprootBuilder| {
        builder.finalize(&secp(), internal).unwrap().output_key().to_x_only_public_key().to_string()
    };
    let to_local =
        TaprootBuilder::new().add_leaf(1, delay_leaf()).unwrap().add_leaf(1, revoke_leaf()).unwrap();
    assert_eq!(output_key(to_local), TO_LOCAL_KEY);
    let to_remote = TaprootBuilder::new().add_leaf(0, to_remote_leaf()).unwrap();
    assert_eq!(output_key(to_remote), TO_REMOTE_KEY);
}
