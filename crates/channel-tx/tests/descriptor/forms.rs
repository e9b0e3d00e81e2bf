//! The accepted forms, and what looks like them.

use channel_tx::channel_core::CommitmentFormat;
use channel_tx::descriptor::{
    DescriptorFault, FormFault, FundingForm, FundingKey, NumsPoint, Ownership, Participants, SpendRight,
};
use channel_tx::funding::FundingScript;
use channel_tx::keys::AggregateKey;

use crate::party::{accepted, alice, bob, carol, codes, known, mainnet, nums, participants, ready, refused};
use crate::spend::Spend;

fn aggregate() -> AggregateKey {
    AggregateKey::new(&alice().whole(), &bob().whole()).unwrap()
}

#[test]
fn k07_the_key_path_of_the_aggregate_is_accepted_when_the_parties_are_known() {
    let text = format!("tr({})", aggregate().internal_key());
    let descriptor = accepted(&text, &known());
    assert_eq!(*descriptor.form(), FundingForm::KeyPathMuSig2 { internal_key: aggregate().internal_key() });
    assert_eq!(descriptor.ownership(), Ownership::Proven);
    assert_eq!(*descriptor.script_pubkey(), aggregate().script_pubkey());
    // The builder of channels makes the same output.
    let built = FundingScript::new(CommitmentFormat::TaprootV3, &alice().whole(), &bob().whole()).unwrap();
    assert_eq!(*descriptor.script_pubkey(), built.script_pubkey());
    let [right] = descriptor.rights() else { panic!("one way") };
    assert!(!right.is_single());
    // A key does not show what it is made of.
    assert_eq!(codes(&text, &mainnet()), ["unproven_aggregate"]);
    assert!(refused(&text, &mainnet()).rights().is_empty(), "nor who can spend");
    // The parities of the keys are part of the aggregate; without them every combination is tried.
    let [x_a, x_b] = [alice(), bob()].map(|party| FundingKey::XOnly(party.pair.x_only_public_key().0));
    let blind = mainnet().with_participants(Participants::new(x_a, x_b).unwrap());
    accepted(&text, &blind);
    assert!(
        participants().aggregate().is_some() && Participants::new(x_a, x_b).unwrap().aggregate().is_none()
    );
}

#[test]
fn k07_another_key_on_the_key_path_is_refused() {
    let (a, b) = (alice().x(), bob().x());
    for key in [a.clone(), carol().x()] {
        let text = format!("tr({key})");
        let refusal = refused(&text, &known());
        let expected = Some(aggregate().internal_key());
        let fault = FormFault::InternalKey { key, expected };
        assert!(refusal.faults().contains(&DescriptorFault::Form(fault)), "{:?}", refusal.faults());
        assert_eq!(ready(&refusal, &known()).len(), 2);
    }
    // The aggregate of other people.
    let strangers = AggregateKey::new(&alice().whole(), &carol().whole()).unwrap();
    assert!(codes(&format!("tr({})", strangers.internal_key()), &known()).contains(&"internal_key"));
    // The tweak is applied by `tr()`, not before.
    let tweaked = refused(&format!("tr({})", aggregate().output_key()), &known());
    let fault = FormFault::AlreadyTweaked { expected: aggregate().internal_key() };
    assert_eq!(tweaked.faults(), [DescriptorFault::Form(fault)]);
    // Not even the aggregate may have scripts beside it.
    let text = format!("tr({},multi_a(2,{a},{b}))", aggregate().internal_key());
    assert_eq!(codes(&text, &known()), ["other_form"]);
}

#[test]
fn k07_two_signatures_in_a_script_under_a_known_point() {
    let (alice, bob, carol) = (alice(), bob(), carol());
    for point in [NumsPoint::Bolt, NumsPoint::Bip341] {
        let keys = [&alice, &bob].map(|party| party.pair.x_only_public_key().0);
        let multi = format!("tr({},multi_a(2,{},{}))", point.key(), alice.x(), bob.x());
        let descriptor = accepted(&multi, &known());
        assert_eq!(*descriptor.form(), FundingForm::NumsMultiA { nums: point, keys });
        assert_eq!(accepted(&multi, &mainnet()).ownership(), Ownership::NotJudged);
        let both = format!("tr({},and_v(v:pk({}),pk({})))", point.key(), alice.x(), bob.x());
        assert_eq!(*accepted(&both, &known()).form(), FundingForm::NumsAndV { nums: point, keys });
        for text in [&multi, &both] {
            assert!(
                accepted(text, &known()).rights().iter().all(|right: &SpendRight| right.signers.len() == 2)
            );
            let leaf = |signers: [Option<&_>; 2]| Spend::of(text).by_leaf(0, &signers);
            // The second key's signature lies below the first one's.
            assert!(leaf([Some(&bob), Some(&alice)]), "{text}");
            for pair in [
                [None, Some(&alice)],
                [Some(&bob), None],
                [Some(&alice), Some(&alice)],
                [Some(&bob), Some(&bob)],
                [Some(&bob), Some(&carol)],
            ] {
                assert!(!leaf(pair), "{text}");
            }
            for party in [&alice, &bob, &carol] {
                assert!(!Spend::of(text).by_key(party), "nobody has the internal key");
            }
        }
    }
}

#[test]
fn k07_a_point_that_is_not_known_is_no_proof() {
    let (a, b) = (alice().x(), bob().x());
    let text = format!("tr({},multi_a(2,{a},{b}))", carol().x());
    for context in [mainnet(), known()] {
        let codes = codes(&text, &context);
        assert_eq!(codes, ["single_party_spend", "internal_key"]);
    }
    assert_eq!(ready(&refused(&text, &known()), &known()).len(), 2);
}

#[test]
fn k07_musig_is_aggregated_first() {
    let (a, b) = (alice().whole(), bob().whole());
    assert!(format!("tr(musig({a},{b}))").parse::<miniscript::Descriptor<String>>().is_err());
    for name in ["musig", "MuSig2"] {
        for context in [mainnet(), known()] {
            let refusal = refused(&format!("tr({name}({a},{b}))"), &context);
            assert_eq!(refusal.faults().len(), 1, "{:?}", refusal.faults());
            assert_eq!(refusal.faults()[0].code(), "musig");
            assert!(refusal.rights().iter().all(|right| right.signers.len() == 2));
            assert_eq!(refusal.faults()[0].position(), Some(3));
            let fixes = ready(&refusal, &known());
            assert!(fixes[0].starts_with(&format!("tr({})#", aggregate().internal_key())), "{fixes:?}");
        }
    }
    assert_eq!(codes(&format!("tr(musig({a},{b}))"), &known()), ["musig"]);
    let words = refused("tr(musig(alice,bob))", &mainnet());
    assert_eq!(words.corrections()[0].descriptor, "tr(MuSig2(alice,bob))");
}

#[test]
fn k07_other_scripts_of_both_parties_are_told_from_unsafe_ones() {
    let (a, b, n) = (alice().x(), bob().x(), nums());
    for text in [
        format!("tr({n},thresh(2,pk({a}),s:pk({b})))"),
        format!("tr({n},and_v(v:pk({a}),and_v(v:pk({b}),older(144))))"),
        format!("tr({n},{{multi_a(2,{a},{b}),and_v(v:pk({b}),pk({a}))}})"),
        format!("tr({n},and_b(pk({a}),s:pk({b})))"),
    ] {
        assert_eq!(codes(&text, &known()), ["other_form"], "{text}");
        assert_eq!(ready(&refused(&text, &known()), &known()).len(), 2);
    }
    let one = format!("tr({n},multi_a(1,{a},{b}))");
    assert_eq!(codes(&one, &known()), ["single_party_spend", "single_party_spend"]);
}

#[test]
fn the_segwit_funding_output_of_bolt_3_is_accepted_with_sorted_keys() {
    let (a, b) = (alice().whole(), bob().whole());
    let (low, high) = if a.serialize() < b.serialize() { (a, b) } else { (b, a) };
    let sorted = format!("wsh(multi(2,{low},{high}))");
    let built = FundingScript::new(CommitmentFormat::SegwitV3, &a, &b).unwrap();
    for text in
        [&sorted, &format!("wsh(sortedmulti(2,{low},{high}))"), &format!("wsh(sortedmulti(2,{high},{low}))")]
    {
        let descriptor = accepted(text, &known());
        assert_eq!(*descriptor.form(), FundingForm::WshMulti { keys: [low, high] });
        assert_eq!(*descriptor.script_pubkey(), built.script_pubkey());
    }
    let swapped = refused(&format!("wsh(multi(2,{high},{low}))"), &mainnet());
    assert_eq!(swapped.faults(), [DescriptorFault::Form(FormFault::KeyOrder)]);
    assert!(ready(&swapped, &mainnet_or_known())[0].starts_with(&sorted));
    for text in [
        format!("wsh(multi(1,{low},{high}))"),
        format!("wsh(pk({low}))"),
        format!("sh(wsh(multi(2,{low},{high})))"),
        format!("sh(multi(2,{low},{high}))"),
        format!("wpkh({low})"),
        format!("pkh({low})"),
        format!("pk({low})"),
        format!("wsh(multi(3,{low},{high},{}))", carol().whole()),
    ] {
        let refusal = refused(&text, &known());
        assert!(ready(&refusal, &known())[0].starts_with("wsh(multi(2,"), "{text}");
    }
}

/// What corrections made without participants are accepted with.
fn mainnet_or_known() -> channel_tx::descriptor::DescriptorContext {
    known()
}
