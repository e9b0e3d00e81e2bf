//! Closing.

use bitcoin::absolute::LockTime;
use bitcoin::sighash::{Prevouts, SighashCache, TapSighashType};
use bitcoin::{Amount, ScriptBuf, hashes::Hash};
use channel_core::commitment::CommitmentSpec;
use channel_core::htlc::Htlc;
use channel_core::{CltvExpiry, CommitmentFormat, FeerateKw, HtlcId, Msat, PaymentHash, PerSide, Side};
use channel_tx::close::{
    CloseError, CloseProposal, CloseVariant, ClosingChannel, ShutdownScript, WorthKeeping,
};
use channel_tx::funding::ReplacementError;
use channel_tx::weight::{OutputKind, WalletScript, funding};

use crate::channel::{FORMATS, assert_sound, builder, feerate, p2tr, sat, script, spec};

use CloseVariant::{CloseeOutputOnly, CloserAndCloseeOutputs, CloserOutputOnly};

fn shutdown(script: ScriptBuf) -> ShutdownScript {
    ShutdownScript::new(script).unwrap()
}

fn data() -> ShutdownScript {
    shutdown(ScriptBuf::from_bytes(vec![0x6a, 6, 1, 2, 3, 4, 5, 6]))
}

fn taproot_scripts() -> PerSide<ShutdownScript> {
    PerSide { local: shutdown(p2tr(80)), remote: shutdown(p2tr(81)) }
}

/// A close by us with a fee of 500 sat.
fn proposal() -> CloseProposal {
    let lock_time = LockTime::from_height(850_000).unwrap();
    CloseProposal { closer: Side::Local, scripts: taproot_scripts(), fee: sat(500), lock_time }
}

fn channel(local_msat: u64, remote_msat: u64) -> ClosingChannel {
    let capacity = (local_msat + remote_msat) / 1000;
    ClosingChannel::new(&builder(CommitmentFormat::TaprootV3, capacity), &spec(local_msat, remote_msat))
        .unwrap()
}

fn offered(channel: &ClosingChannel, proposal: &CloseProposal) -> Vec<CloseVariant> {
    let offers = channel.offers(proposal, WorthKeeping::ALL).unwrap();
    for offer in &offers {
        assert_sound(&offer.unsigned, offer.weight);
        assert_eq!(offer.unsigned.fee.weight_fee, proposal.fee);
        assert_eq!(offer.unsigned.transaction.lock_time, proposal.lock_time);
        assert_eq!(offer.unsigned.transaction.input.len(), 1);
    }
    offers.into_iter().map(|offer| offer.variant).collect()
}

fn paid(channel: &ClosingChannel, proposal: &CloseProposal, variant: CloseVariant) -> Vec<(u64, ScriptBuf)> {
    let made = channel.variant(proposal, variant).unwrap();
    made.unsigned.transaction.output.iter().map(|o| (o.value.to_sat(), o.script_pubkey.clone())).collect()
}

#[test]
fn the_larger_side_offers_to_leave_the_other_out() {
    let (channel, proposal) = (channel(700_000_000, 300_000_000), proposal());
    assert_eq!(offered(&channel, &proposal), [CloserOutputOnly, CloserAndCloseeOutputs]);
    assert_eq!(paid(&channel, &proposal, CloserAndCloseeOutputs), [(300_000, p2tr(81)), (699_500, p2tr(80))]);
    assert_eq!(paid(&channel, &proposal, CloserOutputOnly), [(699_500, p2tr(80))]);
    let only = channel.variant(&proposal, CloserOutputOnly).unwrap();
    assert_eq!(only.unsigned.fee.dropped_outputs, sat(300_000));
    let refused = Err(CloseError::Variant { variant: CloseeOutputOnly });
    assert_eq!(channel.variant(&proposal, CloseeOutputOnly), refused);
    // Equal balances count as the larger.
    let even = self::channel(500_000_000, 500_000_000);
    assert_eq!(offered(&even, &proposal), [CloserOutputOnly, CloserAndCloseeOutputs]);
}

#[test]
fn the_smaller_side_leaves_itself_out_when_its_output_is_worth_nothing() {
    let proposal = proposal();
    // 830 sat less 500 are the relay dust of P2TR.
    assert_eq!(offered(&channel(830_000, 999_170_000), &proposal), [CloserAndCloseeOutputs]);
    let dust = channel(829_999, 999_170_001);
    assert_eq!(offered(&dust, &proposal), [CloseeOutputOnly]);
    let made = dust.variant(&proposal, CloseeOutputOnly).unwrap();
    assert_eq!(made.unsigned.fee.dropped_outputs, sat(329));
    assert_eq!(made.unsigned.fee.surplus, sat(1));
    assert_eq!(made.unsigned.fee.total(), Some(sat(830)));
    let refused = Err(CloseError::Variant { variant: CloserOutputOnly });
    assert_eq!(dust.variant(&proposal, CloserOutputOnly), refused);
    // What costs more to spend than it holds may be given up too.
    let small = channel(5_500_000, 994_500_000);
    for (worth, variants) in [(5000, vec![CloserAndCloseeOutputs]), (5001, vec![CloseeOutputOnly])] {
        let offers = small.offers(&proposal, WorthKeeping::from(sat(worth))).unwrap();
        let signed = offers.iter().map(|offer| offer.variant).collect::<Vec<_>>();
        assert_eq!(signed, variants);
        // What the closer wants is what the closee has to pick.
        let picked = small.pick(&proposal, &proposal.scripts.remote, &signed, WorthKeeping::ALL).unwrap();
        assert_eq!(picked.variant, variants[0]);
    }
    // With the larger balance it has to stay, whatever it thinks of it.
    let larger = channel(994_500_000, 5_500_000);
    let offers = larger.offers(&proposal, WorthKeeping::from(sat(2_000_000))).unwrap();
    let signed = offers.iter().map(|offer| offer.variant).collect::<Vec<_>>();
    assert_eq!(signed, [CloserOutputOnly, CloserAndCloseeOutputs]);
}

#[test]
fn dust_of_the_other_side_goes_to_the_miners() {
    let proposal = proposal();
    assert_eq!(
        offered(&channel(999_670_000, 330_000), &proposal),
        [CloserOutputOnly, CloserAndCloseeOutputs]
    );
    let dust = channel(999_670_001, 329_999);
    assert_eq!(offered(&dust, &proposal), [CloserOutputOnly]);
    let picked =
        dust.pick(&proposal, &proposal.scripts.remote, &[CloserOutputOnly], WorthKeeping::ALL).unwrap();
    assert_eq!(picked.variant, CloserOutputOnly);
    // Every script has its own limit: 294 sat for P2WPKH.
    let scripts = PerSide { remote: shutdown(script(WalletScript::P2wpkh, 81)), ..taproot_scripts() };
    let other = CloseProposal { scripts, ..proposal };
    assert_eq!(offered(&channel(999_706_000, 294_000), &other), [CloserOutputOnly, CloserAndCloseeOutputs]);
    assert_eq!(offered(&channel(999_706_001, 293_999), &other), [CloserOutputOnly]);
}

#[test]
fn a_script_that_returns_nothing_holds_nothing() {
    let scripts = PerSide { local: data(), ..taproot_scripts() };
    let proposal = CloseProposal { scripts, ..proposal() };
    // We have the larger balance, but what is left of it after the fee is dust: this is the way out.
    let channel = channel(600_000, 400_000);
    assert_eq!(offered(&channel, &proposal), [CloserOutputOnly, CloserAndCloseeOutputs]);
    assert_eq!(
        paid(&channel, &proposal, CloserAndCloseeOutputs),
        [(0, data().as_script().into()), (400, p2tr(81))]
    );
    let made = channel.variant(&proposal, CloserAndCloseeOutputs).unwrap();
    assert_eq!(made.unsigned.fee.dropped_outputs, sat(100));
    assert_eq!(
        made.weight,
        OutputKind::OpReturn { data_len: 6 }.weight()
            + funding::mutual_close(CommitmentFormat::TaprootV3, OutputKind::P2tr, None).weight()
    );
    let refused =
        channel.offers(&CloseProposal { scripts: taproot_scripts(), ..proposal }, WorthKeeping::ALL);
    assert_eq!(refused, Err(CloseError::NothingToOffer));
}

/// It is not left out for being worth nothing: that is what it is for.
#[test]
fn an_output_that_returns_nothing_is_kept() {
    let worth = WorthKeeping::from(sat(1000));
    let scripts = PerSide { local: data(), ..taproot_scripts() };
    let channel = channel(300_000_000, 700_000_000);
    let ours = CloseProposal { scripts: scripts.clone(), ..proposal() };
    let offers = channel.offers(&ours, worth).unwrap();
    assert_eq!(offers.iter().map(|offer| offer.variant).collect::<Vec<_>>(), [CloserAndCloseeOutputs]);
    let theirs = CloseProposal { closer: Side::Remote, scripts, ..proposal() };
    let picked = channel.pick(&theirs, &data(), &CloseVariant::ALL, worth).unwrap();
    assert_eq!(picked.variant, CloserAndCloseeOutputs);
    assert_eq!(picked.unsigned.fee.dropped_outputs, sat(300_000));
}

#[test]
fn the_closee_picks_by_the_rules() {
    let proposal = proposal();
    let all = CloseVariant::ALL;
    let pick = |channel: &ClosingChannel, signed: &[CloseVariant], worth| {
        channel
            .pick(&proposal, &proposal.scripts.remote, signed, WorthKeeping::from(sat(worth)))
            .map(|made| made.variant)
    };
    let larger = channel(700_000_000, 300_000_000);
    assert_eq!(pick(&larger, &all, 0), Ok(CloserAndCloseeOutputs));
    let foreign = larger.pick(&proposal, &proposal.scripts.local, &all, WorthKeeping::ALL);
    assert_eq!(foreign, Err(CloseError::OtherScript { closee: Side::Remote }));
    assert_eq!(pick(&larger, &all, 300_000), Ok(CloserAndCloseeOutputs));
    assert_eq!(pick(&larger, &all, 300_001), Ok(CloserOutputOnly));
    assert_eq!(
        pick(&larger, &[CloserAndCloseeOutputs], 300_001),
        Err(CloseError::NotOffered { variant: CloserOutputOnly })
    );
    assert_eq!(
        pick(&larger, &[CloserOutputOnly], 0),
        Err(CloseError::NotOffered { variant: CloseeOutputOnly })
    );
    assert_eq!(pick(&larger, &[CloseeOutputOnly], 0), Err(CloseError::Variant { variant: CloseeOutputOnly }));
    let smaller = channel(300_000_000, 700_000_000);
    assert_eq!(pick(&smaller, &[CloseeOutputOnly], 0), Ok(CloseeOutputOnly));
    assert_eq!(pick(&smaller, &[CloseeOutputOnly, CloserAndCloseeOutputs], 0), Ok(CloserAndCloseeOutputs));
    // A closer with the smaller balance cannot leave us out, even where we would not mind.
    assert_eq!(pick(&smaller, &all, 700_001), Ok(CloserAndCloseeOutputs));
    assert_eq!(pick(&smaller, &[], 0), Err(CloseError::NotOffered { variant: CloseeOutputOnly }));
}

#[test]
fn both_sides_build_the_same_transaction() {
    for format in FORMATS {
        let builder = builder(format, 1_000_000);
        let ours = ClosingChannel::new(&builder, &spec(700_000_400, 299_999_600)).unwrap();
        for closer in Side::ALL {
            let proposal = CloseProposal { closer, ..proposal() };
            for offer in ours.offers(&proposal, WorthKeeping::ALL).unwrap() {
                let picked = ours.variant(&proposal, offer.variant).unwrap();
                assert_eq!(picked.sighash(), offer.sighash());
                assert_eq!(picked.txid(), offer.txid());
                assert_sound(&picked.unsigned, picked.weight);
            }
        }
    }
}

#[test]
fn weights_and_digests_are_those_of_the_key_path() {
    let channel = channel(700_000_000, 300_000_000);
    let made = channel.variant(&proposal(), CloserAndCloseeOutputs).unwrap();
    assert_eq!(made.weight.to_wu(), 616);
    assert_eq!(channel.variant(&proposal(), CloserOutputOnly).unwrap().weight.to_wu(), 444);
    let prevouts = made.unsigned.prevouts();
    let digest = SighashCache::new(&made.unsigned.transaction)
        .taproot_key_spend_signature_hash(0, &Prevouts::All(&prevouts), TapSighashType::Default)
        .unwrap();
    assert_eq!(made.sighash(), Ok(digest.to_byte_array()));
    assert_eq!(channel.fee_at(&taproot_scripts(), feerate(1000)), sat(616));
}

#[test]
fn a_higher_fee_replaces() {
    let channel = channel(700_000_000, 300_000_000);
    let first = channel.variant(&proposal(), CloserAndCloseeOutputs).unwrap();
    assert_eq!(first.replacement_fee(), sat(654));
    let with_fee =
        |fee: Amount, variant| channel.variant(&CloseProposal { fee, ..proposal() }, variant).unwrap();
    let next = with_fee(first.replacement_fee(), CloserAndCloseeOutputs);
    assert_eq!(next.unsigned.output_value(), Some(sat(1_000_000 - 654)));
    assert_ne!(next.txid(), first.txid());
    assert_eq!(next.check_replaces(&first), Ok(()));
    let (fee, minimum) = (sat(653), sat(654));
    let low = with_fee(fee, CloserAndCloseeOutputs);
    assert_eq!(low.check_replaces(&first), Err(ReplacementError::Fee { fee, minimum }));
    // The other variant gives 300,000 sat to the miners already; among its kind the same step is enough.
    let only = with_fee(sat(500), CloserOutputOnly);
    assert!(next.check_replaces(&only).is_err());
    assert_eq!(only.replacement_fee(), sat(611));
    assert_eq!(with_fee(sat(611), CloserOutputOnly).check_replaces(&only), Ok(()));
}

#[test]
fn the_closer_pays_and_cannot_pay_more_than_it_has() {
    let channel = channel(700_999, 999_299_001);
    let with_fee = |fee| CloseProposal { fee: sat(fee), ..proposal() };
    assert_eq!(offered(&channel, &with_fee(700)), [CloseeOutputOnly]);
    let refused = CloseError::Fee { closer: Side::Local, fee: sat(701), balance: sat(700) };
    assert_eq!(channel.offers(&with_fee(701), WorthKeeping::ALL), Err(refused));
    assert_eq!(
        channel.variants(&with_fee(u64::MAX)).unwrap_err(),
        CloseError::Fee { closer: Side::Local, fee: Amount::MAX, balance: sat(700) }
    );
    assert_eq!(channel.variants(&with_fee(0)).unwrap().len(), 2);
}

#[test]
fn nothing_is_offered_where_every_output_is_dust() {
    let channel = channel(300_000, 329_000);
    let refused = channel.offers(&CloseProposal { fee: Amount::ZERO, ..proposal() }, WorthKeeping::ALL);
    assert_eq!(refused, Err(CloseError::NothingToOffer));
}

#[test]
fn htlcs_and_other_channels_are_refused() {
    let builder = builder(CommitmentFormat::TaprootV3, 1_000_000);
    let htlc = Htlc {
        id: HtlcId::new(0),
        offered_by: Side::Local,
        amount: Msat::from_msat(1),
        payment_hash: PaymentHash::from_bytes([1; 32]),
        cltv_expiry: CltvExpiry::new(900_000).unwrap(),
    };
    let balances = PerSide { local: Msat::from_msat(999_999_999), remote: Msat::ZERO };
    let busy = CommitmentSpec::with_htlcs(balances, FeerateKw::ZERO, [htlc]).unwrap();
    assert_eq!(ClosingChannel::new(&builder, &busy), Err(CloseError::Htlcs { htlcs: 1 }));
    assert!(matches!(
        ClosingChannel::new(&builder, &spec(999_999_999, 0)),
        Err(CloseError::OtherChannel { .. })
    ));
}
