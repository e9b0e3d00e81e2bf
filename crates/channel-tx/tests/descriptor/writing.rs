//! How a descriptor is written: faults are named by place and mended where only one thing can be meant.

use channel_tx::bitcoin::{Network, XOnlyPublicKey};
use channel_tx::descriptor::{
    Completeness, DescriptorContext, DescriptorFault, FundingDescriptor, SyntaxFault,
};
use miniscript::Descriptor;

use crate::party::{PAGE, accepted, alice, at, bob, codes, known, mainnet, nums, ready, refused};

/// The page's descriptor is no descriptor, whatever stands for the keys; the fault is named with its place, and the
/// mended text is read.
#[test]
fn k01_a_single_leaf_in_braces_is_named_and_mended() {
    assert!(PAGE.parse::<Descriptor<String>>().is_err());
    let real = format!("tr({},{{and_v(v:pk({}),after(144))}})", alice().x(), bob().x());
    assert!(real.parse::<Descriptor<XOnlyPublicKey>>().is_err());
    for (text, position) in [(PAGE, 13), (real.as_str(), 68)] {
        let refusal = refused(text, &mainnet());
        let first = SyntaxFault::SingleLeafBraces { position };
        assert_eq!(refusal.faults()[0], DescriptorFault::Syntax(first), "{text}");
        assert_eq!(refusal.faults()[0].position(), Some(position));
        assert_eq!(text.as_bytes()[position], b'{');
        let mended = refusal.reading().unwrap();
        assert_eq!(mended, text.replace(['{', '}'], ""));
        assert!(mended.parse::<Descriptor<String>>().is_ok());
    }
}

#[test]
fn k01_the_pages_descriptor_is_explained_with_the_right_form() {
    let refusal = refused(PAGE, &mainnet());
    let codes: Vec<_> = refusal.faults().iter().map(DescriptorFault::code).collect();
    let expected = [
        "single_leaf_braces",
        "placeholder_key",
        "placeholder_key",
        "absolute_height",
        "single_party_spend",
        "single_party_spend",
        "internal_key",
    ];
    assert_eq!(codes, expected);
    let forms: Vec<_> = refusal.corrections().iter().map(|fix| fix.descriptor.as_str()).collect();
    assert_eq!(
        forms,
        ["tr(MuSig2(alice_key,bob_key))", &format!("tr({},multi_a(2,alice_key,bob_key))", nums())]
    );
    assert!(refusal.corrections().iter().all(|fix| fix.completeness == Completeness::Template));
    assert!(refusal.delayed_output().unwrap().contains("older(144)"));
    // With the participants named, the right form comes with their keys and is accepted.
    assert_eq!(ready(&refused(PAGE, &known()), &known()).len(), 2);
}

#[test]
fn k02_other_ways_to_write_a_tree_wrongly() {
    let (a, b) = (alice().x(), bob().x());
    let leaf = format!("and_v(v:pk({b}),after(144))");
    let good = format!("tr({a},{leaf})");
    assert!(good.parse::<Descriptor<XOnlyPublicKey>>().is_ok());
    let two = format!("tr({a},{{{leaf},pk({b})}})");
    assert!(two.parse::<Descriptor<XOnlyPublicKey>>().is_ok());
    let nested = format!("tr({a},{{{leaf},{{pk({b}),pk({a})}}}})");
    for (text, code, mended) in [
        (format!("tr({a},{{}})"), "empty_braces", format!("tr({a})")),
        (format!("tr({a},{{{leaf},}})"), "empty_argument", good.clone()),
        (format!("tr({a},{{{leaf},pk({b}),}})"), "empty_argument", two),
        (format!("tr({a},{{{leaf},pk({b}),pk({a})}})"), "branch_of", nested),
        (format!("tr({a},({leaf}))"), "nameless_parentheses", good.clone()),
        (format!("tr({a},{leaf}))"), "unbalanced", good.clone()),
        (format!("tr({a},{leaf}"), "unbalanced", good.clone()),
        (format!("{good}x"), "unexpected", good.clone()),
    ] {
        assert!(text.parse::<Descriptor<String>>().is_err(), "{text}");
        let refusal = refused(&text, &mainnet());
        assert_eq!(refusal.faults()[0].code(), code, "{text}");
        assert!(refusal.faults()[0].position().is_some(), "{text}");
        let mended_text = refusal.reading().map_or_else(|| text.clone(), str::to_owned);
        assert!(mended_text == mended || text.contains(&mended), "{text}: {mended_text}");
        let unproven = refusal.faults().iter().any(|fault| fault.code() == "unproven_aggregate");
        assert!(unproven || !refusal.rights().is_empty(), "{text}: the mended text is judged too");
    }
}

#[test]
fn k08_a_word_is_no_descriptor() {
    for word in ["taproot_script", "", "  ", "p2tr", "bc1p"] {
        let refusal = refused(word, &mainnet());
        let fault = SyntaxFault::NotDescriptor { word: word.trim().into() };
        assert_eq!(refusal.faults(), [DescriptorFault::Syntax(fault)]);
        assert_eq!(refusal.corrections()[0].descriptor, "tr(MuSig2(A,B))");
        assert_eq!(ready(&refused(word, &known()), &known()).len(), 2);
    }
}

#[test]
fn checksums_are_checked_and_given() {
    let (a, b) = (alice().x(), bob().x());
    let body = format!("tr({},multi_a(2,{a},{b}))", nums());
    let descriptor = accepted(&body, &mainnet()).descriptor().to_owned();
    assert!(descriptor.starts_with(&body) && descriptor.len() == body.len() + 9);
    // The library's own checksum is the same.
    let parsed: Descriptor<XOnlyPublicKey> = body.parse().unwrap();
    assert_eq!(parsed.to_string(), descriptor);
    accepted(&descriptor, &mainnet());
    let given = &descriptor[body.len() + 1..];
    for wrong in ["", "q", "qqqqqqqq", &given[1..]] {
        let refusal = refused(&format!("{body}#{wrong}"), &mainnet());
        let fault = SyntaxFault::Checksum {
            given: wrong.to_owned(),
            expected: given.to_owned(),
            position: body.len() + 1,
        };
        assert_eq!(refusal.faults(), [DescriptorFault::Syntax(fault)]);
    }
}

#[test]
fn what_cannot_be_mended_is_named() {
    let long = format!("tr({})", "a".repeat(5000));
    for (text, code) in [
        ("tr(a,pk(b)}", "unbalanced"),
        ("tr(é,pk(b))", "character"),
        ("tr(a,\u{1b}[2J)", "character"),
        ("tr(a)#b#c", "character"),
        (long.as_str(), "too_long"),
        ("rawtr(a)", "unknown_name"),
        ("tr(a,older(0))", "lock_range"),
        ("tr(a,and_v(v:pk(b),after(0)))", "lock_range"),
        ("tr(a,and_v(v:pk(b),older(2147483648)))", "lock_range"),
        ("tr(a,and_v(v:pk(b),older(-1)))", "lock_range"),
        ("tr(a,and_v(v:pk(b),older(0144)))", "lock_range"),
        ("tr(a,and_v(pk(b),older(144)))", "refused"),
        ("tr(a,nonsense(b))", "unknown_name"),
    ] {
        assert_eq!(codes(text, &mainnet())[0], code, "{text}");
    }
}

#[test]
fn blanks_around_a_descriptor_do_no_harm() {
    let body = format!("tr({},multi_a(2,{},{}))", nums(), alice().x(), bob().x());
    let plain = accepted(&body, &mainnet());
    assert_eq!(accepted(&format!("  {body}\n"), &mainnet()), plain);
    let refusal = refused(&format!("\n{PAGE}"), &mainnet());
    assert_eq!(refusal.faults()[0].position(), Some(14));
}

#[test]
fn every_network_gets_its_own_address() {
    let body = format!("tr({},multi_a(2,{},{}))", nums(), alice().x(), bob().x());
    for (network, start) in [
        (Network::Bitcoin, "bc1p"),
        (Network::Testnet, "tb1p"),
        (Network::Signet, "tb1p"),
        (Network::Regtest, "bcrt1p"),
    ] {
        let context = DescriptorContext::new(network);
        let descriptor = FundingDescriptor::parse(&body, &context).unwrap();
        assert!(descriptor.address().to_string().starts_with(start), "{network}");
        assert_eq!(descriptor.address().script_pubkey(), *descriptor.script_pubkey());
    }
    assert_eq!(at(1).network(), Network::Regtest);
}
