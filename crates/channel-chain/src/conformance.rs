//! The suite every backend runs in its own tests: a [`Regtest`] around the backend, then [`run`].
//!
//! The checks assert, as tests do: a backend that breaks the port's contract ends in a panic that names the check.

use bitcoin::absolute::LockTime;
use bitcoin::hashes::Hash;
use bitcoin::opcodes::OP_TRUE;
use bitcoin::script::Builder;
use bitcoin::transaction::Version;
use bitcoin::{Amount, BlockHash, OutPoint, ScriptBuf, Sequence, Transaction, TxIn, TxOut, Witness};

use crate::policy::TRUC;
use crate::{
    BlockRef, BroadcastError, Chain, ChainError, Confirmation, Follower, RefusalReason, Sighting, Step,
    Submission, Watched,
};

/// A backend on a regtest chain that the suite has for itself.
pub trait Regtest {
    /// The backend under test.
    type Backend: Chain;

    /// The backend under test.
    fn chain(&self) -> &Self::Backend;

    /// Mines `count` blocks to `script`, the first with what the mempool holds.
    fn mine(&self, count: u32, script: &ScriptBuf);

    /// Treats `block` and all after it as invalid.
    fn invalidate(&self, block: BlockRef);

    /// Takes [`invalidate`](Self::invalidate) back.
    fn reconsider(&self, block: BlockRef);
}

/// A coin that anyone can spend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenCoin {
    /// Where it is.
    pub outpoint: OutPoint,
    /// Its value, in sat.
    pub value: Amount,
}

/// The witness script of an [`OpenCoin`].
fn open_witness_script() -> ScriptBuf {
    Builder::new().push_opcode(OP_TRUE).into_script()
}

/// The output script of an [`OpenCoin`]: P2WSH of `OP_TRUE`.
pub fn open_script() -> ScriptBuf {
    open_witness_script().to_p2wsh()
}

impl OpenCoin {
    /// Output `vout` of `transaction`, which pays the [`open_script`].
    pub fn of(transaction: &Transaction, vout: u32) -> Self {
        let output = usize::try_from(vout).ok().and_then(|index| transaction.output.get(index));
        let value = output.expect("the output exists").value;
        Self { outpoint: OutPoint { txid: transaction.compute_txid(), vout }, value }
    }

    /// A transaction that spends `coins` to outputs of `values` with the [`open_script`].
    pub fn spend(version: Version, coins: &[Self], values: &[Amount]) -> Transaction {
        let witness = Witness::from_slice(&[open_witness_script()]);
        let input = |coin: &Self| TxIn {
            previous_output: coin.outpoint,
            script_sig: ScriptBuf::new(),
            sequence: Sequence::ENABLE_RBF_NO_LOCKTIME,
            witness: witness.clone(),
        };
        let output = |value: &Amount| TxOut { value: *value, script_pubkey: open_script() };
        Transaction {
            version,
            lock_time: LockTime::ZERO,
            input: coins.iter().map(input).collect(),
            output: values.iter().map(output).collect(),
        }
    }

    /// A transaction that spends this coin to one output and leaves `fee`.
    pub fn pay(self, version: Version, fee: Amount) -> Transaction {
        let rest = self.value.checked_sub(fee).expect("the coin is worth the fee");
        Self::spend(version, &[self], &[rest])
    }
}

/// Runs every check, one after the other, on one chain.
pub fn run(regtest: &impl Regtest) {
    let coins = fund(regtest, 8);
    unknown_blocks_are_errors(regtest);
    every_block_comes_once_and_in_order(regtest, coins[0]);
    a_broadcast_confirms(regtest, coins[1]);
    refusals_have_their_reason(regtest, coins[2]);
    a_package_carries_a_parent_without_fee(regtest, coins[3]);
    a_better_child_pushes_its_sibling_out(regtest, coins[4]);
    a_reorganisation_is_noticed_from_the_fork(regtest, coins[5]);
    feerates_can_be_asked_for(regtest);
}

/// Mines until `count` coinbases to the [`open_script`] can be spent.
pub fn fund(regtest: &impl Regtest, count: u32) -> Vec<OpenCoin> {
    let mut watched = Watched::new();
    watched.watch_script(open_script());
    let start = regtest.chain().tip().expect("the backend has a tip");
    regtest.mine(count + 100, &open_script());
    let mut follower = Follower::new(start, watched);
    let mut coins = Vec::new();
    while let Step::Block(report) = follower.step(regtest.chain()).expect("the backend can be followed") {
        for sighting in report.sightings {
            if let Sighting::Paid { outpoint, output, .. } = sighting {
                coins.push(OpenCoin { outpoint, value: output.value });
            }
        }
    }
    coins.truncate(usize::try_from(count).unwrap_or(usize::MAX));
    assert_eq!(coins.len(), usize::try_from(count).unwrap_or(usize::MAX), "a coinbase was not reported");
    coins
}

fn submit(regtest: &impl Regtest, transaction: &Transaction) -> Result<(), RefusalReason> {
    class(regtest.chain().broadcast(Submission::Transaction(transaction)))
}

fn class(result: Result<(), BroadcastError>) -> Result<(), RefusalReason> {
    match result {
        Ok(()) => Ok(()),
        Err(BroadcastError::Refused(rejection)) => Err(rejection.reason),
        Err(error) => panic!("the backend could not be asked: {error}"),
    }
}

fn state(regtest: &impl Regtest, transaction: &Transaction, seen_in: Option<BlockHash>) -> Confirmation {
    let txid = transaction.compute_txid();
    regtest.chain().confirmation(txid, seen_in).expect("the backend can look up a transaction")
}

fn unknown_blocks_are_errors(regtest: &impl Regtest) {
    let block = BlockRef { height: 1, hash: BlockHash::all_zeros() };
    let step = regtest.chain().step(block, &Watched::new());
    assert!(matches!(step, Err(ChainError::UnknownBlock { .. })), "unknown block: {step:?}");
}

fn every_block_comes_once_and_in_order(regtest: &impl Regtest, coin: OpenCoin) {
    let start = regtest.chain().tip().expect("the backend has a tip");
    let mut watched = Watched::new();
    watched.watch_outpoint(coin.outpoint);
    watched.watch_script(open_script());
    let mut follower = Follower::new(start, watched);
    assert_eq!(follower.step(regtest.chain()).expect("at the tip"), Step::AtTip);

    let spend = coin.pay(Version::TWO, Amount::from_sat(1000));
    let again = OpenCoin::of(&spend, 0).pay(Version::TWO, Amount::from_sat(1000));
    submit(regtest, &spend).expect("a plain spend is taken");
    submit(regtest, &again).expect("a spend of an unconfirmed output is taken");
    regtest.mine(3, &ScriptBuf::new_op_return([]));
    let mut seen = Vec::new();
    for height in 1..=3 {
        let Step::Block(report) = follower.step(regtest.chain()).expect("a block follows") else {
            panic!("block {height} after the start is missing")
        };
        assert_eq!(report.block.height, start.height + height, "no height is skipped");
        seen.push(report.sightings);
    }
    let spent: Vec<_> = seen[0]
        .iter()
        .map(|sighting| match sighting {
            Sighting::Spent { outpoint, transaction, .. } => (*outpoint, transaction.compute_txid(), true),
            Sighting::Paid { outpoint, .. } => (*outpoint, outpoint.txid, false),
        })
        .collect();
    let (first, second) = (OpenCoin::of(&spend, 0).outpoint, OpenCoin::of(&again, 0).outpoint);
    let expected = [
        (coin.outpoint, spend.compute_txid(), true),
        (first, first.txid, false),
        (first, second.txid, true),
        (second, second.txid, false),
    ];
    assert_eq!(spent, expected, "spends and payments come in the order of the block");
    assert!(seen[1].is_empty() && seen[2].is_empty(), "nothing was watched in the later blocks");
    assert_eq!(follower.step(regtest.chain()).expect("at the tip"), Step::AtTip);
}

fn a_broadcast_confirms(regtest: &impl Regtest, coin: OpenCoin) {
    let spend = coin.pay(Version::TWO, Amount::from_sat(1000));
    assert_eq!(state(regtest, &spend, None), Confirmation::Unknown);
    assert_eq!(submit(regtest, &spend), Ok(()));
    assert_eq!(submit(regtest, &spend), Ok(()), "what is in the mempool is accepted again");
    assert_eq!(state(regtest, &spend, None), Confirmation::Unconfirmed);
    regtest.mine(1, &open_script());
    let block = regtest.chain().tip().expect("the backend has a tip");
    let confirmed = |confirmations| Confirmation::Confirmed { block, confirmations };
    assert_eq!(state(regtest, &spend, Some(block.hash)), confirmed(1));
    regtest.mine(5, &open_script());
    assert_eq!(state(regtest, &spend, Some(block.hash)), confirmed(6));
    assert_eq!(submit(regtest, &spend), Err(RefusalReason::AlreadyConfirmed));
}

fn refusals_have_their_reason(regtest: &impl Regtest, coin: OpenCoin) {
    let good = coin.pay(Version::TWO, Amount::from_sat(1000));
    let mut missing = good.clone();
    missing.input[0].previous_output.vout = 77;
    assert_eq!(submit(regtest, &missing), Err(RefusalReason::MissingInputs));

    let mut forged = good.clone();
    forged.input[0].witness = Witness::from_slice(&[[0x52_u8]]);
    assert_eq!(submit(regtest, &forged), Err(RefusalReason::Script));

    let next = regtest.chain().tip().expect("the backend has a tip").height + 1;
    let mut early = good.clone();
    early.lock_time = LockTime::from_consensus(next);
    assert_eq!(submit(regtest, &early), Err(RefusalReason::NotFinal), "one block too early");

    let mut young = good.clone();
    let age = next - coinbase_height(regtest, coin);
    young.input[0].sequence = Sequence::from_height(u16::try_from(age + 1).expect("the chain is short"));
    assert_eq!(submit(regtest, &young), Err(RefusalReason::NotFinal), "one block too young");

    let too_small =
        OpenCoin::spend(Version::TWO, &[coin], &[Amount::from_sat(329), Amount::from_sat(100_000)]);
    assert_eq!(submit(regtest, &too_small), Err(RefusalReason::Dust), "329 sat of P2WSH");

    let free = coin.pay(Version::TWO, Amount::ZERO);
    assert_eq!(submit(regtest, &free), Err(RefusalReason::Feerate));

    let greedy_value = coin.value.checked_add(Amount::ONE_SAT).expect("far below all money");
    let greedy = OpenCoin::spend(Version::TWO, &[coin], &[greedy_value]);
    assert_eq!(submit(regtest, &greedy), Err(RefusalReason::Overspent));

    assert_eq!(submit(regtest, &good), Ok(()));
    let cheaper = coin.pay(Version::TWO, Amount::from_sat(900));
    assert_eq!(submit(regtest, &cheaper), Err(RefusalReason::Replacement));
    let better = coin.pay(Version::TWO, Amount::from_sat(2000));
    assert_eq!(submit(regtest, &better), Ok(()));
    assert_eq!(state(regtest, &good, None), Confirmation::Unknown, "it was replaced");
    let mixed = OpenCoin::of(&better, 0).pay(TRUC, Amount::from_sat(1000));
    assert_eq!(submit(regtest, &mixed), Err(RefusalReason::Truc), "a TRUC child of one that is not");
    regtest.mine(1, &open_script());
}

fn coinbase_height(regtest: &impl Regtest, coin: OpenCoin) -> u32 {
    let txid = coin.outpoint.txid;
    let mut watched = Watched::new();
    watched.watch_script(open_script());
    let tip = regtest.chain().tip().expect("the backend has a tip");
    let genesis = bitcoin::constants::genesis_block(bitcoin::Network::Regtest).block_hash();
    let mut follower = Follower::new(BlockRef { height: 0, hash: genesis }, watched);
    while let Step::Block(report) = follower.step(regtest.chain()).expect("the backend can be followed") {
        let is_paid = |sighting: &Sighting| matches!(sighting, Sighting::Paid { outpoint, .. } if outpoint.txid == txid);
        if report.sightings.iter().any(is_paid) {
            return report.block.height;
        }
    }
    panic!("no block up to {tip} has {txid}")
}

fn a_package_carries_a_parent_without_fee(regtest: &impl Regtest, coin: OpenCoin) {
    let value = coin.value.checked_sub(Amount::from_sat(200)).expect("the coin is a subsidy");
    let parent = OpenCoin::spend(TRUC, &[coin], &[value, Amount::from_sat(200)]);
    let (main, dust) = (OpenCoin::of(&parent, 0), OpenCoin::of(&parent, 1));
    assert_eq!(submit(regtest, &parent), Err(RefusalReason::Feerate), "it pays nothing");
    let package = |child: &Transaction| {
        class(regtest.chain().broadcast(Submission::Package { parent: &parent, child }))
    };

    let leaves_dust = main.pay(TRUC, Amount::from_sat(2000));
    assert_eq!(package(&leaves_dust), Err(RefusalReason::Dust), "the child leaves the dust");
    let rest = main.value.checked_sub(Amount::from_sat(2000)).expect("the coin is a subsidy");
    let child = OpenCoin::spend(TRUC, &[main, dust], &[rest]);
    assert_eq!(package(&child), Ok(()));
    regtest.mine(1, &open_script());
    let block = regtest.chain().tip().expect("the backend has a tip");
    for transaction in [&parent, &child] {
        let expected = Confirmation::Confirmed { block, confirmations: 1 };
        assert_eq!(state(regtest, transaction, Some(block.hash)), expected);
    }
}

fn a_better_child_pushes_its_sibling_out(regtest: &impl Regtest, coin: OpenCoin) {
    let half = Amount::from_sat(coin.value.to_sat() / 2 - 1000);
    let parent = OpenCoin::spend(TRUC, &[coin], &[half, half]);
    let first = OpenCoin::of(&parent, 0).pay(TRUC, Amount::from_sat(1000));
    let cheap = OpenCoin::of(&parent, 1).pay(TRUC, Amount::from_sat(1000));
    let better = OpenCoin::of(&parent, 1).pay(TRUC, Amount::from_sat(3000));
    assert_eq!(submit(regtest, &parent), Ok(()));
    assert_eq!(submit(regtest, &first), Ok(()));
    assert_eq!(submit(regtest, &cheap), Err(RefusalReason::Replacement), "no better than its sibling");
    assert_eq!(submit(regtest, &better), Ok(()));
    assert_eq!(state(regtest, &first, None), Confirmation::Unknown, "it was pushed out");
    let third = OpenCoin::of(&better, 0).pay(TRUC, Amount::from_sat(1000));
    assert_eq!(submit(regtest, &third), Err(RefusalReason::Truc), "three in a row");
    regtest.mine(1, &open_script());
}

fn a_reorganisation_is_noticed_from_the_fork(regtest: &impl Regtest, coin: OpenCoin) {
    let fork = regtest.chain().tip().expect("the backend has a tip");
    let spend = coin.pay(Version::TWO, Amount::from_sat(1000));
    assert_eq!(submit(regtest, &spend), Ok(()));
    regtest.mine(2, &open_script());
    let mut watched = Watched::new();
    watched.watch_outpoint(coin.outpoint);
    let mut follower = Follower::new(fork, watched);
    let Step::Block(first) = follower.step(regtest.chain()).expect("a block follows") else {
        panic!("the first block is missing")
    };
    follower.step(regtest.chain()).expect("a second block follows");
    let left = follower.place();

    regtest.invalidate(first.block);
    assert_eq!(state(regtest, &spend, Some(first.block.hash)), Confirmation::Unconfirmed, "it came back");
    assert_eq!(follower.step(regtest.chain()).expect("a notice"), Step::Reorg { fork });
    assert_eq!(follower.place(), fork);
    regtest.mine(1, &ScriptBuf::new_op_return([]));
    let Step::Block(other) = follower.step(regtest.chain()).expect("a block follows") else {
        panic!("the block of the other branch is missing")
    };
    assert_eq!(other.sightings.len(), 1, "the spend is seen on the other branch too");
    assert_ne!(other.block, first.block);

    regtest.reconsider(first.block);
    assert_eq!(regtest.chain().tip().expect("the backend has a tip"), left, "the longer branch is back");
    assert_eq!(follower.step(regtest.chain()).expect("a notice"), Step::Reorg { fork });
}

fn feerates_can_be_asked_for(regtest: &impl Regtest) {
    for blocks in [1, 6, 144] {
        let estimate = regtest.chain().feerate(blocks);
        assert!(estimate.is_ok(), "unknown is an answer, an error is not: {estimate:?}");
    }
}
