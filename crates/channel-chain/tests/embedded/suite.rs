//! The suite that every backend runs, in memory and in a data directory.

use bitcoin::ScriptBuf;
use channel_chain::conformance::{Regtest, run};
use channel_chain::{BlockRef, Chain, EmbeddedChain};

pub(crate) struct Embedded(pub(crate) EmbeddedChain);

impl Regtest for Embedded {
    type Backend = EmbeddedChain;

    fn chain(&self) -> &EmbeddedChain {
        &self.0
    }

    fn mine(&self, count: u32, script: &ScriptBuf) {
        self.0.mine(count, script).unwrap();
    }

    fn invalidate(&self, block: BlockRef) {
        self.0.invalidate(block).unwrap();
    }

    fn reconsider(&self, block: BlockRef) {
        self.0.reconsider(block).unwrap();
    }
}

#[test]
fn the_chain_in_memory_keeps_the_contract() {
    let regtest = Embedded(EmbeddedChain::in_memory());
    run(&regtest);
    assert!(regtest.0.mempool().unwrap().is_empty(), "the suite leaves nothing waiting");
}

#[test]
fn the_chain_in_a_directory_keeps_the_contract() {
    let directory = tempfile::tempdir().unwrap();
    let regtest = Embedded(EmbeddedChain::open(directory.path()).unwrap());
    run(&regtest);
    let (tip, coins) = (regtest.0.tip().unwrap(), regtest.0.coins().unwrap());
    drop(regtest);
    let again = EmbeddedChain::open(directory.path()).unwrap();
    assert_eq!((again.tip().unwrap(), again.coins().unwrap()), (tip, coins));
}
