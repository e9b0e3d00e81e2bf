//! What the product signs and assembles is what the matrix signs and assembles, byte for byte.

use std::collections::BTreeSet;

use bitcoin::{Transaction, Witness};
use channel_core::htlc::Htlc;
use channel_core::{CommitmentFormat, Side};
use channel_tx::claim::{ChannelOutput, OutputSpend, identify};
use channel_tx::commitment::HtlcTransaction;
use channel_tx::spend::InputHint;

use super::channel::{Channel, preimage};
use super::plan::{Item, Plan, Signatory};
use super::plans::plans;
use super::signing::{digest, sighash_byte};
use super::spot::{Arrangement, Output, Path};

fn each_commitment(mut check: impl FnMut(&Channel, Side, &[Plan])) {
    for channel in CommitmentFormat::ALL.into_iter().filter_map(Channel::new) {
        for owner in Side::ALL {
            check(&channel, owner, &plans(&channel, owner));
        }
    }
}

fn second_level<'a>(plans: &'a [Plan], built: &HtlcTransaction<'_>) -> &'a Plan {
    let spends = |plan: &&Plan| {
        plan.spot.path.is_second_level()
            && plan.spot.arrangement == Arrangement::Alone
            && plan.transaction == *built.transaction()
    };
    plans.iter().find(spends).unwrap()
}

/// The digest that the signature of `by` is made for.
fn signed_digest(plan: &Plan, by: Signatory) -> [u8; 32] {
    let scope = plan.stack.iter().find_map(|item| match item {
        Item::Signature(signature) if signature.by == by => Some(signature.scope),
        _ => None,
    });
    digest(&plan.reveal, &plan.transaction, &plan.prevouts, scope.unwrap())
}

/// A signature as it stands in the witness, without its sighash byte.
fn bare_signature(plan: &Plan, signed: &Transaction, by: Signatory) -> Vec<u8> {
    let (index, scope) = plan
        .stack
        .iter()
        .enumerate()
        .find_map(|(index, item)| match item {
            Item::Signature(signature) if signature.by == by => Some((index, signature.scope)),
            _ => None,
        })
        .unwrap();
    let mut bytes = signed.input[0].witness[index].to_vec();
    if sighash_byte(&plan.reveal, scope).is_some() {
        bytes.pop();
    }
    bytes
}

#[test]
fn commitments_are_signed_for_the_same_digest() {
    let mut compared = 0;
    each_commitment(|channel, owner, plans| {
        let funding = plans.iter().find(|plan| plan.spot.output == Output::Funding).unwrap();
        assert_eq!(channel.commitment(owner).sighash(), signed_digest(funding, Signatory::Own));
        compared += 1;
    });
    assert_eq!(compared, 8);
}

#[test]
fn second_levels_are_signed_for_the_same_digests_and_put_together_alike() {
    let mut compared = 0;
    each_commitment(|channel, owner, plans| {
        for built in channel.commitment(owner).htlc_transactions() {
            let plan = second_level(plans, &built);
            assert_eq!(built.countersigner_digest(), signed_digest(plan, Signatory::Peer), "{}", plan.spot);
            assert_eq!(built.owner_digest(), signed_digest(plan, Signatory::Own), "{}", plan.spot);
            let signed = plan.signed();
            let [peer, own] = [Signatory::Peer, Signatory::Own].map(|by| bare_signature(plan, &signed, by));
            let shown =
                (plan.spot.output == Output::AcceptedHtlc).then(|| preimage(built.htlc().htlc.offered_by));
            assert_eq!(built.signed(&peer, &own, shown), Ok(signed), "{}", plan.spot);
            compared += 1;
        }
    });
    assert_eq!(compared, 16);
}

/// The outputs of a commitment as the product finds them on the chain, and those of its second level.
fn found_outputs(channel: &Channel, owner: Side, plans: &[Plan]) -> Vec<ChannelOutput> {
    let commitment = channel.commitment(owner);
    let htlcs: Vec<Htlc> = channel.spec.htlcs().copied().collect();
    let transaction = commitment.transaction();
    let found = identify(&channel.builder, transaction, owner, &channel.state(owner), &htlcs).unwrap();
    assert_eq!(found.outputs, commitment.channel_outputs());
    let second_level = plans
        .iter()
        .filter(|plan| plan.spot.path.is_second_level() && plan.spot.arrangement == Arrangement::Alone)
        .flat_map(|plan| found.resolutions(&plan.signed()))
        .map(|resolution| resolution.second_level.unwrap());
    let second_level: Vec<ChannelOutput> = second_level.collect();
    found.outputs.into_iter().chain(second_level).collect()
}

/// The witness the product puts together, around the signature of the matrix.
fn product_witness(spend: &OutputSpend, plan: &Plan, signed: &Transaction) -> Witness {
    match &spend.hint {
        InputHint::Channel(channel) => {
            let shown = plan.stack.iter().find_map(|item| match item {
                Item::Preimage(bytes) => <[u8; 32]>::try_from(&bytes[..]).ok(),
                _ => None,
            });
            let signature = bare_signature(plan, signed, Signatory::Own);
            channel.witness(&signature, shown.as_ref()).unwrap()
        }
        keyless => keyless.keyless_witness().unwrap(),
    }
}

#[test]
fn claims_and_penalties_have_the_locks_the_weight_and_the_witness_of_the_matrix() {
    each_commitment(|channel, owner, plans| {
        // Second levels and the funding output take both parties; all else one party claims alone.
        let alone = |plan: &&Plan| plan.spot.output != Output::Funding && !plan.spot.path.is_second_level();
        let mut unmatched: BTreeSet<(Output, Path)> =
            plans.iter().filter(alone).map(|plan| (plan.spot.output, plan.spot.path)).collect();
        for output in found_outputs(channel, owner, plans) {
            for spend in output.spends() {
                let plan = plans
                    .iter()
                    .filter(alone)
                    .find(|plan| {
                        let input = &plan.transaction.input[0];
                        input.previous_output == output.outpoint
                            && plan.spot.path.input(plan.spot.format) == Some(spend.weight)
                            && input.sequence == spend.sequence
                            && plan.transaction.lock_time == spend.lock_time
                            && product_witness(&spend, plan, &plan.signed()) == plan.signed().input[0].witness
                    })
                    .unwrap_or_else(|| panic!("no plan for {:?} of {:?}", spend.path, output.role));
                assert_eq!(plan.prevouts[0], output.txout, "{}", plan.spot);
                assert!(unmatched.remove(&(plan.spot.output, plan.spot.path)), "{} twice", plan.spot);
            }
        }
        assert_eq!(unmatched, BTreeSet::new(), "not spent by the product");
    });
}
