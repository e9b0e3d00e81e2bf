//! What holds whatever happens: no money is made or lost, and a chain that went astray and came back is the chain that
//! went there directly.

use bitcoin::transaction::Version;
use bitcoin::{Amount, ScriptBuf, Transaction};
use channel_chain::conformance::{OpenCoin, fund};
use channel_chain::policy::TRUC;
use channel_chain::{Chain, EmbeddedChain, Submission};
use proptest::prelude::*;

use crate::suite::Embedded;

/// One thing that happens.
#[derive(Debug, Clone)]
enum Move {
    /// Spends the coin chosen by the number, leaving the fee, to some outputs.
    Spend { coin: usize, fee: u64, outputs: u64, version: Version },
    /// Mines the mempool.
    Mine,
    /// Mines an empty block.
    MineEmpty,
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let version = prop_oneof![Just(Version::TWO), Just(TRUC)];
    let spend = (0_usize..64, 0_u64..20_000, 1_u64..4, version)
        .prop_map(|(coin, fee, outputs, version)| Move::Spend { coin, fee, outputs, version });
    proptest::collection::vec(
        prop_oneof![6 => spend, 2 => Just(Move::Mine), 1 => Just(Move::MineEmpty)],
        1..40,
    )
}

/// A chain, and coins that a transaction may spend: some of them spent already, some never taken.
struct Walk {
    chain: EmbeddedChain,
    coins: Vec<OpenCoin>,
    refused: usize,
}

impl Walk {
    fn new() -> Self {
        let regtest = Embedded(EmbeddedChain::in_memory());
        let coins = fund(&regtest, 6);
        // Undoing blocks makes no spent coinbase too young again, which would end its spend.
        regtest.0.mine(12, &reward()).unwrap();
        Self { chain: regtest.0, coins, refused: 0 }
    }

    fn go(&mut self, step: &Move) {
        match step {
            Move::Spend { coin, fee, outputs, version } => {
                let coin = self.coins[coin % self.coins.len()];
                let each = Amount::from_sat(coin.value.to_sat().saturating_sub(*fee) / outputs);
                let values = vec![each; usize::try_from(*outputs).unwrap()];
                let spend = OpenCoin::spend(*version, &[coin], &values);
                match self.chain.broadcast(Submission::Transaction(&spend)) {
                    Ok(()) => {
                        self.coins.extend((0..).take(values.len()).map(|vout| OpenCoin::of(&spend, vout)));
                    }
                    Err(_) => self.refused += 1,
                }
            }
            Move::Mine => drop(self.chain.mine(1, &reward()).unwrap()),
            Move::MineEmpty => drop(self.chain.mine_empty(1, &reward()).unwrap()),
        }
    }

    fn money(&self) -> u64 {
        self.chain.coins().unwrap().iter().map(|(_, output)| output.value.to_sat()).sum()
    }

    fn subsidies(&self) -> u64 {
        let tip = self.chain.tip().unwrap().height;
        (1..=tip).map(|height| (50 * 100_000_000_u64) >> (height / 150)).sum()
    }
}

/// Rewards go elsewhere, so that only the first coins and their descendants are spent.
fn reward() -> ScriptBuf {
    ScriptBuf::from_bytes(vec![0x51, 0x02, 0x4e, 0x73])
}

/// The transactions of a block beside its coinbase, and of the mempool, as a set.
fn sorted(mut transactions: Vec<Transaction>) -> Vec<Transaction> {
    transactions.sort_unstable_by_key(Transaction::compute_txid);
    transactions
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_coins_are_worth_all_subsidies(moves in moves()) {
        let mut walk = Walk::new();
        for step in &moves {
            walk.go(step);
            prop_assert_eq!(walk.money(), walk.subsidies());
        }
        walk.chain.mine(1, &reward()).unwrap();
        prop_assert_eq!(walk.money(), walk.subsidies());
        prop_assert!(walk.chain.mempool().unwrap().is_empty(), "a block takes all that was taken");
    }

    #[test]
    fn undoing_and_reconsidering_leaves_the_coins_of_the_direct_way(moves in moves(), depth in 1_u32..12) {
        let mut walk = Walk::new();
        for step in &moves {
            walk.go(step);
        }
        let tip = walk.chain.tip().unwrap();
        let (coins, waiting) = (walk.chain.coins().unwrap(), walk.chain.mempool().unwrap());
        let first = walk.chain.block_at(tip.height + 1 - depth).unwrap().unwrap();

        let fork = walk.chain.invalidate(first).unwrap();
        prop_assert_eq!(fork.height, tip.height - depth);
        prop_assert_eq!(walk.money(), walk.subsidies());
        walk.chain.mine_empty(depth - 1, &reward()).unwrap();
        prop_assert_eq!(walk.chain.reconsider(first).unwrap(), tip);

        prop_assert_eq!(walk.chain.coins().unwrap(), coins);
        prop_assert_eq!(sorted(walk.chain.mempool().unwrap()), sorted(waiting));
    }

    #[test]
    fn a_chain_replayed_from_its_file_is_the_same(moves in moves(), depth in 1_u32..6) {
        let directory = tempfile::tempdir().unwrap();
        let regtest = Embedded(EmbeddedChain::open(directory.path()).unwrap());
        let coins = fund(&regtest, 6);
        let mut walk = Walk { chain: regtest.0, coins, refused: 0 };
        for step in &moves {
            walk.go(step);
        }
        let tip = walk.chain.tip().unwrap();
        let first = walk.chain.block_at(tip.height + 1 - depth).unwrap().unwrap();
        walk.chain.invalidate(first).unwrap();
        walk.chain.mine(1, &reward()).unwrap();
        let state = |chain: &EmbeddedChain| {
            (chain.tip().unwrap(), chain.coins().unwrap(), chain.mempool().unwrap())
        };
        let before = state(&walk.chain);
        drop(walk);
        prop_assert_eq!(state(&EmbeddedChain::open(directory.path()).unwrap()), before);
    }
}

#[test]
fn the_walks_meet_refusals() {
    let mut walk = Walk::new();
    let twice = Move::Spend { coin: 0, fee: 1000, outputs: 1, version: Version::TWO };
    walk.go(&twice);
    walk.go(&Move::Mine);
    walk.go(&twice);
    assert_eq!((walk.refused, walk.coins.len()), (1, 7));
}
