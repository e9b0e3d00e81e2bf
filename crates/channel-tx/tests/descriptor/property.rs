//! Laws over many texts: nothing panics, nothing unsafe is accepted, and what is proposed is right.

use channel_tx::bitcoin::Network;
use channel_tx::descriptor::{
    Completeness, DescriptorContext, DescriptorFault, FundingDescriptor, SpendRight,
};
use proptest::prelude::*;

use crate::party::{PAGE, alice, bob, carol, known, mainnet, nums};

fn contexts() -> [DescriptorContext; 3] {
    [mainnet(), known(), DescriptorContext::new(Network::Regtest)]
}

/// Pieces descriptors are made of, valid and not.
fn piece() -> impl Strategy<Value = String> {
    let fixed = [
        "tr(",
        "wsh(",
        "sh(",
        "pk(",
        "v:pk(",
        "and_v(",
        "or_i(",
        "multi_a(2,",
        "multi(2,",
        "sortedmulti(2,",
        "after(",
        "older(",
        "144",
        "65536",
        "4294967295",
        "0",
        "{",
        "}",
        "(",
        ")",
        ",",
        ",",
        ")",
        "#",
        "musig(",
        "sha256(",
        "thresh(",
        "/*",
        "/0h",
        "<0;1>",
        "[",
        "]",
        "a:",
        "vc:",
        "alice",
        "xpub",
        "tprv",
        " ",
        "'",
    ];
    let keys = [alice().x(), bob().x(), carol().x(), nums(), alice().whole().to_string()];
    prop_oneof![
        4 => prop::sample::select(fixed.map(str::to_owned).to_vec()),
        1 => prop::sample::select(keys.to_vec()),
    ]
}

/// A script in which everything parses; depth and locks vary.
fn script() -> impl Strategy<Value = String> {
    let keys = prop::sample::select(vec![alice().x(), bob().x(), carol().x()]);
    let leaf = prop_oneof![
        keys.clone().prop_map(|key| format!("pk({key})")),
        (keys.clone(), 1_u32..0x50_0000).prop_map(|(key, lock)| format!("and_v(v:pk({key}),older({lock}))")),
        (keys.clone(), 1_u32..0x7fff_ffff)
            .prop_map(|(key, lock)| format!("and_v(v:pk({key}),after({lock}))")),
        (keys.clone(), keys.clone()).prop_map(|(a, b)| format!("and_v(v:pk({a}),pk({b}))")),
        (1_usize..3, keys.clone(), keys).prop_map(|(k, a, b)| format!("multi_a({k},{a},{b})")),
        Just(format!("sha256({})", "33".repeat(32))),
    ];
    leaf.prop_recursive(3, 8, 2, |inner| (inner.clone(), inner).prop_map(|(a, b)| format!("{{{a},{b}}}")))
}

fn check(text: &str, context: &DescriptorContext) {
    match FundingDescriptor::parse(text, context) {
        Ok(accepted) => {
            assert!(!accepted.rights().is_empty());
            assert!(accepted.rights().iter().all(|right: &SpendRight| right.signers.len() == 2), "{text}");
            assert!(accepted.rights().iter().all(|right| right.after.is_none() && right.older.is_none()));
            assert_eq!(FundingDescriptor::parse(accepted.descriptor(), context).as_ref(), Ok(&accepted));
        }
        Err(refusal) => {
            assert!(!refusal.faults().is_empty(), "{text}");
            assert!(!refusal.to_string().is_empty());
            for fault in refusal.faults() {
                assert!(!fault.to_string().is_empty() && !fault.code().is_empty());
                assert!(fault.position().is_none_or(|position| position <= text.len()), "{text}: {fault}");
            }
            for fix in refusal.corrections().iter().filter(|fix| fix.completeness == Completeness::Ready) {
                // Without participants a lone key stays unproven; nothing else may be wrong with a proposal.
                match FundingDescriptor::parse(&fix.descriptor, context) {
                    Ok(_) => {}
                    Err(second) => {
                        let codes: Vec<_> = second.faults().iter().map(DescriptorFault::code).collect();
                        assert_eq!(codes, ["unproven_aggregate"], "{text}: {}", fix.descriptor);
                    }
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_judged_without_panic(text in any::<String>()) {
        for context in contexts() {
            check(&text, &context);
        }
    }

    #[test]
    fn any_pieces_are_judged_without_panic(pieces in prop::collection::vec(piece(), 0..24)) {
        for context in contexts() {
            check(&pieces.concat(), &context);
        }
    }

    #[test]
    fn a_damaged_page_is_judged_without_panic(at in 0..PAGE.len(), with in "[ -~]{0,3}", cut in 0_usize..4) {
        let end = (at + cut).min(PAGE.len());
        check(&format!("{}{with}{}", &PAGE[..at], &PAGE[end..]), &known());
    }

    /// A tree with any scripts under any internal key is accepted in the two script forms only.
    #[test]
    fn a_tree_is_accepted_only_in_the_two_forms(script in script(), internal in 0..3) {
        let internal = [nums(), alice().x(), carol().x()][usize::try_from(internal).unwrap()].clone();
        let text = format!("tr({internal},{script})");
        for context in contexts() {
            check(&text, &context);
        }
        let (a, b) = (alice().x(), bob().x());
        let pairs = [(&a, &b), (&b, &a)];
        let forms = pairs.iter().flat_map(|(a, b)| {
            [format!("multi_a(2,{a},{b})"), format!("and_v(v:pk({a}),pk({b}))")]
        });
        let safe = internal == nums() && forms.into_iter().any(|form| form == script);
        prop_assert_eq!(FundingDescriptor::parse(&text, &known()).is_ok(), safe, "{}", text);
    }
}

/// A tree of leaves as flat as can be.
fn balanced(leaves: &[String]) -> String {
    match leaves {
        [only] => only.clone(),
        leaves => {
            let (left, right) = leaves.split_at(leaves.len() / 2);
            format!("{{{},{}}}", balanced(left), balanced(right))
        }
    }
}

#[test]
fn deep_and_wide_texts_are_judged_quickly() {
    let deep = format!("tr({}", "{".repeat(3000));
    let round = format!("tr(a,{}pk(b){}", "(".repeat(1500), ")".repeat(1500));
    let wide = format!("tr(a,{{{}}})", vec!["pk(b)"; 600].join(","));
    let people: Vec<String> = (0..300).map(|n| format!("pk(k{n})")).collect();
    let people = format!("tr(a,{})", balanced(&people));
    let locks: Vec<String> = (1..140).map(|n| format!("and_v(v:pk(b),older({n}))")).collect();
    let leaves = format!("tr(a,{})", balanced(&locks));
    let ways: Vec<String> = (1..40).map(|n| format!("or_i(and_v(v:after({n}),older({})),", 40 - n)).collect();
    let ways = format!("tr(a,and_v(v:pk(b),{}pk(c){}))", ways.concat(), ")".repeat(39));
    for (text, rights) in [(deep, 0), (round, 0), (wide, 0), (people, 301), (leaves, 140), (ways, 41)] {
        let refusal = FundingDescriptor::parse(&text, &mainnet()).unwrap_err();
        assert!(
            refusal.rights().len() == rights || rights == 0,
            "{}: {}",
            &text[..20],
            refusal.rights().len()
        );
    }
}
