//! What the page's descriptor means, told by the analysis and shown by the interpreter.

use channel_tx::bitcoin::absolute::LockTime;
use channel_tx::bitcoin::{Network, Sequence, XOnlyPublicKey};
use channel_tx::descriptor::{
    DescriptorContext, DescriptorFault, FundingPath, LockFault, Participant, Preimage, Signer, SpendFault,
    SpendRight, Standing,
};
use miniscript::Descriptor;
use miniscript::policy::Liftable;
use miniscript::policy::semantic::Policy;

use crate::party::{accepted, alice, at, bob, carol, codes, known, mainnet, nums, refused};
use crate::spend::Spend;

fn page() -> String {
    format!("tr({},and_v(v:pk({}),after(144)))", alice().x(), bob().x())
}

fn corrected_delay() -> String {
    page().replace("after", "older")
}

fn leaf_of(refusal_right: &SpendRight) -> Option<usize> {
    match refusal_right.path {
        FundingPath::Leaf { index, .. } => Some(index),
        _ => None,
    }
}

#[test]
fn k03_the_pages_leaf_is_38_bytes_with_a_33_byte_control_block() {
    let Descriptor::Tr(tr) = page().parse::<Descriptor<XOnlyPublicKey>>().unwrap() else {
        panic!("a Taproot descriptor")
    };
    let info = tr.spend_info();
    let leaf = info.leaves().next().unwrap();
    let mut expected = vec![0x20];
    expected.extend(bob().pair.x_only_public_key().0.serialize());
    // OP_CHECKSIGVERIFY, 144 as a number of two bytes, OP_CHECKLOCKTIMEVERIFY.
    expected.extend([0xad, 0x02, 0x90, 0x00, 0xb1]);
    assert_eq!(leaf.script().as_bytes(), expected);
    assert_eq!((leaf.script().len(), leaf.control_block().serialize().len()), (38, 33));
    assert_eq!(tr.max_weight_to_satisfy().unwrap().to_wu(), 139);
    assert_eq!(tr.script_pubkey().minimal_non_dust().to_sat(), 330);
}

#[test]
fn k04_alice_takes_all_at_once_and_bob_since_height_144() {
    let refusal = refused(&page(), &known());
    let [alone, later] = refusal.rights() else { panic!("{:?}", refusal.rights()) };
    assert_eq!(alone.signers, [Signer::Participant(Participant::First)]);
    assert_eq!((&alone.path, alone.after, alone.older), (&FundingPath::KeyPath, None, None));
    assert_eq!(later.signers, [Signer::Participant(Participant::Second)]);
    assert_eq!((leaf_of(later), later.older), (Some(0), None));
    assert_eq!(later.after, Some(LockTime::from_consensus(144)));
    assert!(refusal.rights().iter().all(SpendRight::is_single), "no spend needs both");
}

#[test]
fn k04_the_interpreter_says_the_same() {
    let (alice, bob) = (alice(), bob());
    let spend = || Spend::of(&page());
    assert!(spend().by_key(&alice), "alice alone, at any time");
    assert!(!spend().by_key(&bob));
    // Bob needs nLockTime 144 and a sequence that is not final.
    let leaf =
        |lock_time, sequence| spend().lock_time(lock_time).sequence(sequence).by_leaf(0, &[Some(&bob)]);
    assert!(leaf(144, 0) && leaf(144, 0xffff_fffe) && leaf(900_000, 0));
    assert!(!leaf(143, 0), "one block early");
    assert!(!leaf(144, 0xffff_ffff), "a final sequence switches nLockTime off");
    assert!(!leaf(500_000_144, 0), "a time is not a height");
    assert!(!spend().lock_time(144).sequence(0).by_leaf(0, &[Some(&alice)]), "the leaf is bob's");
}

#[test]
fn k05_after_is_a_height_and_older_a_delay() {
    let standing = |context| {
        let refusal = refused(&page(), &context);
        refusal.faults().iter().find_map(|fault| match fault {
            DescriptorFault::Lock(LockFault::Absolute { height: 144, standing, .. }) => Some(*standing),
            _ => None,
        })
    };
    assert_eq!(standing(mainnet()), Some(Standing::Past), "since 2009");
    assert_eq!(standing(at(143)), Some(Standing::Ahead { blocks: 1 }));
    assert_eq!(standing(at(144)), Some(Standing::Past));
    let unknown = DescriptorContext::new(Network::Regtest);
    assert_eq!(standing(unknown), Some(Standing::Unknown));
    let time = page().replace("144", "500000000");
    assert!(codes(&time, &known()).contains(&"absolute_time"));
    let last_height = page().replace("144", "499999999");
    assert!(codes(&last_height, &known()).contains(&"absolute_height"));

    let bob = bob();
    let spend = |sequence| Spend::of(&corrected_delay()).sequence(sequence);
    assert!(spend(144).by_leaf(0, &[Some(&bob)]) && spend(145).by_leaf(0, &[Some(&bob)]));
    assert!(!spend(143).by_leaf(0, &[Some(&bob)]), "one block early");
    assert!(!spend(144).version(1).by_leaf(0, &[Some(&bob)]), "version 1 has no relative locks");
    assert!(!spend(0x8000_0090).by_leaf(0, &[Some(&bob)]), "switched off");
    assert!(!spend(0x0040_0090).by_leaf(0, &[Some(&bob)]), "units of 512 seconds are not blocks");
}

#[test]
fn k06_a_relative_delay_does_not_make_it_a_funding_output() {
    let refusal = refused(&corrected_delay(), &known());
    let single: Vec<_> = refusal
        .faults()
        .iter()
        .filter_map(|fault| match fault {
            DescriptorFault::Spend(SpendFault::SingleParty(right)) => Some(right),
            _ => None,
        })
        .collect();
    let [first, second] = single.as_slice() else { panic!("{single:?}") };
    assert_eq!(first.signers, [Signer::Participant(Participant::First)]);
    assert_eq!((&first.path, first.older), (&FundingPath::KeyPath, None));
    assert_eq!(second.signers, [Signer::Participant(Participant::Second)]);
    assert_eq!((leaf_of(second), second.older), (Some(0), Some(Sequence::from_consensus(144))));
    assert_eq!(second.preimage, Preimage::NotNeeded);
    // The library's own policy says so too: with the locks granted, each key alone is enough.
    let descriptor: Descriptor<String> = corrected_delay().parse().unwrap();
    let policy = descriptor.lift().unwrap();
    assert!(opens(&policy, &[alice().x()]) && opens(&policy, &[bob().x()]));
    assert!(!opens(&policy, &[carol().x()]));
    assert!(Spend::of(&corrected_delay()).by_key(&alice()));
}

/// Whether these keys satisfy a policy once every lock is open.
fn opens(policy: &Policy<String>, keys: &[String]) -> bool {
    match policy {
        Policy::Key(key) => keys.contains(key),
        Policy::Thresh(parts) => parts.iter().filter(|part| opens(part, keys)).count() >= parts.k(),
        Policy::Unsatisfiable => false,
        _ => true,
    }
}

#[test]
fn k11_one_key_in_both_roles_is_refused() {
    let a = alice().x();
    for text in [
        format!("tr({},and_v(v:pk({a}),pk({a})))", nums()),
        format!("tr({},multi_a(2,{a},{a}))", nums()),
        // Another spelling of the same key.
        format!("tr({},and_v(v:pk({a}),pk({})))", nums(), alice().whole()),
        format!("tr({a},and_v(v:pk({a}),after(144)))"),
        format!("wsh(multi(2,{0},{0}))", alice().whole()),
    ] {
        for context in [mainnet(), known()] {
            let codes = codes(&text, &context);
            assert!(codes.contains(&"one_key") && codes.contains(&"single_party_spend"), "{text}: {codes:?}");
        }
    }
}

#[test]
fn more_than_two_leaves_and_secrets_are_told_apart() {
    let (a, b, c) = (alice().x(), bob().x(), carol().x());
    let hash = "11".repeat(32);
    let text = format!(
        "tr({},{{and_v(v:pk({a}),sha256({hash})),{{multi_a(2,{a},{b}),or_i(and_v(v:pk({b}),older(10)),\
         and_v(v:pk({b}),after(700000)))}}}})",
        nums()
    );
    let refusal = refused(&text, &known());
    let told: Vec<_> = refusal.rights().iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "the first participant can spend alone by leaf 0, at any time, with a preimage",
            "the first participant and the second participant can spend together by leaf 1, at any time",
            "the second participant can spend alone by leaf 2, 10 blocks after the output confirms",
            "the second participant can spend alone by leaf 2, once the chain is at height 700000",
        ]
    );
    // A third key that can spend, or has to.
    let text = format!("tr({},{{multi_a(2,{a},{b}),pk({c})}})", nums());
    assert!(codes(&text, &known()).contains(&"stranger_key"));
    let text = format!("tr({},multi_a(2,{a},{c}))", nums());
    assert_eq!(codes(&text, &known()), ["stranger_key", "absent_participant"]);
    accepted(&text, &mainnet());
}

#[test]
fn outputs_of_everybody_and_of_nobody_are_refused() {
    let anybody = format!("tr({},older(10))", nums());
    assert_eq!(codes(&anybody, &mainnet()), ["anybody_spends"]);
    let secret = format!("tr({},sha256({}))", nums(), "22".repeat(32));
    assert_eq!(codes(&secret, &mainnet()), ["anybody_spends"]);
    let nobody = format!("tr({})", nums());
    assert_eq!(codes(&nobody, &mainnet()), ["nobody_spends"]);
    assert_eq!(codes(&nobody, &known()), ["nobody_spends"]);
}
