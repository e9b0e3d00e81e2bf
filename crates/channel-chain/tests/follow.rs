//! A follower refuses a backend that leaves out a block, and stays where it was.
#![allow(clippy::unwrap_used, reason = "tests")]

use bitcoin::hashes::Hash;
use bitcoin::{BlockHash, Network, OutPoint, ScriptBuf, TxOut, Txid};
use channel_chain::follow::FollowError;
use channel_chain::{
    BlockRef, BlockReport, BroadcastError, Chain, ChainError, Confirmation, FeerateEstimate, Follower,
    Sighting, Step, Submission, Watched,
};

/// A backend that always answers the same step.
struct Fixed(Step);

impl Chain for Fixed {
    fn network(&self) -> Network {
        Network::Regtest
    }

    fn tip(&self) -> Result<BlockRef, ChainError> {
        Ok(block(9))
    }

    fn step(&self, _after: BlockRef, _watched: &Watched) -> Result<Step, ChainError> {
        Ok(self.0.clone())
    }

    fn broadcast(&self, _submission: Submission<'_>) -> Result<(), BroadcastError> {
        Ok(())
    }

    fn feerate(&self, _blocks: u16) -> Result<FeerateEstimate, ChainError> {
        Ok(FeerateEstimate::Unknown)
    }

    fn confirmation(&self, _txid: Txid, _seen_in: Option<BlockHash>) -> Result<Confirmation, ChainError> {
        Ok(Confirmation::Unknown)
    }
}

fn block(height: u8) -> BlockRef {
    BlockRef { height: height.into(), hash: BlockHash::from_byte_array([height; 32]) }
}

fn report(of: u8, parent: u8, sightings: Vec<Sighting>) -> Step {
    Step::Block(BlockReport { block: block(of), parent: block(parent).hash, sightings })
}

#[test]
fn a_skipped_height_or_a_foreign_parent_is_a_gap() {
    for (of, parent) in [(7, 5), (7, 6), (6, 4), (5, 5), (4, 5)] {
        let mut follower = Follower::new(block(5), Watched::new());
        let step = follower.step(&Fixed(report(of, parent, Vec::new())));
        assert!(matches!(step, Err(FollowError::Gap { .. })), "{of} after {parent}: {step:?}");
        assert_eq!(follower.place(), block(5));
    }
    let mut follower = Follower::new(block(5), Watched::new());
    follower.step(&Fixed(report(6, 5, Vec::new()))).unwrap();
    assert_eq!(follower.place(), block(6));
}

#[test]
fn a_fork_lies_below_the_place() {
    for fork in [5, 6] {
        let mut follower = Follower::new(block(5), Watched::new());
        let step = follower.step(&Fixed(Step::Reorg { fork: block(fork) }));
        assert!(matches!(step, Err(FollowError::Fork { .. })), "{step:?}");
        assert_eq!(follower.place(), block(5));
    }
    let mut follower = Follower::new(block(5), Watched::new());
    follower.step(&Fixed(Step::Reorg { fork: block(4) })).unwrap();
    assert_eq!(follower.place(), block(4));
}

#[test]
fn a_payment_to_a_watched_script_is_watched_from_then_on() {
    let outpoint = OutPoint { txid: Txid::from_byte_array([1; 32]), vout: 3 };
    let output = TxOut { value: bitcoin::Amount::ONE_SAT, script_pubkey: ScriptBuf::new() };
    let paid = Sighting::Paid { outpoint, output, position: 1 };
    let mut follower = Follower::new(block(5), Watched::new());
    follower.step(&Fixed(report(6, 5, vec![paid]))).unwrap();
    let mut expected = Watched::new();
    expected.watch_outpoint(outpoint);
    assert_eq!(follower.watched, expected);
}
