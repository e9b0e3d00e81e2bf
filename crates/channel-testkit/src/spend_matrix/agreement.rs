//! What the product signs and assembles is what the matrix signs and assembles, byte for byte.

use bitcoin::Transaction;
use channel_core::{CommitmentFormat, Side};
use channel_tx::commitment::HtlcTransaction;

use super::channel::{Channel, preimage};
use super::plan::{Item, Plan, Signatory};
use super::plans::plans;
use super::signing::{digest, sighash_byte};
use super::spot::{Arrangement, Output};

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
