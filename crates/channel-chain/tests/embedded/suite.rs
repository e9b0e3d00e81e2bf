//! The suite that every backend runs, in memory and in a data directory.

use bitcoin::ScriptBuf;
use channel_chain::conformance::{Regtest, run};
use channel_chain::{BlockRef, EmbeddedChain};

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
    run(&Embedded(EmbeddedChain::in_memory()));
}

#[test]
fn the_chain_in_a_directory_keeps_the_contract() {
    let directory = tempfile::tempdir().unwrap();
    run(&Embedded(EmbeddedChain::open(directory.path()).unwrap()));
}
