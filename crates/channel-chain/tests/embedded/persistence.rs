//! The data directory: what was answered is there after a restart, and damage is refused with its place.

use std::fs;
use std::path::PathBuf;

use bitcoin::Amount;
use bitcoin::hashes::{Hash, sha256};
use bitcoin::transaction::Version;
use channel_chain::conformance::{OpenCoin, open_script};
use channel_chain::embedded::OpenError;
use channel_chain::{Chain, EmbeddedChain, Submission};
use tempfile::TempDir;

/// A directory with some blocks, a branch that was undone, and a waiting transaction.
fn used() -> (TempDir, PathBuf, EmbeddedChain) {
    let directory = tempfile::tempdir().unwrap();
    let chain = EmbeddedChain::open(directory.path()).unwrap();
    let first = chain.mine(102, &open_script()).unwrap()[0];
    let coinbase = chain.block(&first.hash).unwrap().unwrap().txdata.remove(0);
    let spend = OpenCoin::of(&coinbase, 0).pay(Version::TWO, Amount::from_sat(1000));
    chain.broadcast(Submission::Transaction(&spend)).unwrap();
    let mined = chain.mine(1, &open_script()).unwrap()[0];
    chain.invalidate(mined).unwrap();
    let file = directory.path().join("regtest-chain.log");
    (directory, file, chain)
}

fn damage(directory: &TempDir) -> u64 {
    match EmbeddedChain::open(directory.path()) {
        Err(OpenError::Damaged { offset }) => offset,
        other => panic!("not refused as damaged: {other:?}"),
    }
}

#[test]
fn a_reopened_chain_is_the_same() {
    let (directory, _, chain) = used();
    let before = (chain.tip().unwrap(), chain.coins().unwrap(), chain.mempool().unwrap());
    assert_eq!(before.2.len(), 1, "the undone transaction waits again");
    drop(chain);
    let chain = EmbeddedChain::open(directory.path()).unwrap();
    assert_eq!((chain.tip().unwrap(), chain.coins().unwrap(), chain.mempool().unwrap()), before);
    chain.mine(2, &open_script()).unwrap();
    assert!(chain.mempool().unwrap().is_empty());
}

#[test]
fn a_directory_in_use_is_refused() {
    let (directory, _, chain) = used();
    assert!(matches!(EmbeddedChain::open(directory.path()), Err(OpenError::InUse)));
    drop(chain);
    assert!(EmbeddedChain::open(directory.path()).is_ok());
}

#[test]
fn every_truncation_is_refused_within_the_file() {
    let (directory, file, chain) = used();
    drop(chain);
    let whole = fs::read(&file).unwrap();
    let lengths = (0..64).chain((64..whole.len()).step_by(997)).chain([whole.len() - 1]);
    for length in lengths {
        fs::write(&file, &whole[..length]).unwrap();
        assert_eq!(damage(&directory), length as u64);
    }
}

#[test]
fn every_flipped_byte_is_refused_at_or_before_it() {
    let (directory, file, chain) = used();
    drop(chain);
    let whole = fs::read(&file).unwrap();
    for place in (0..60).chain((60..whole.len()).step_by(331)) {
        let mut bytes = whole.clone();
        bytes[place] ^= 0x10;
        fs::write(&file, &bytes).unwrap();
        let offset = damage(&directory);
        assert!(offset <= place as u64, "byte {place} is reported at {offset}");
        assert_eq!(fs::read(&file).unwrap(), bytes, "a damaged file is left as it is");
    }
}

#[test]
fn a_write_that_was_cut_off_is_dropped() {
    let (directory, file, chain) = used();
    let tip = chain.tip().unwrap();
    drop(chain);
    let mut bytes = fs::read(&file).unwrap();
    bytes.extend([1, 0xff, 0, 0, 0, 7]);
    fs::write(&file, &bytes).unwrap();
    let chain = EmbeddedChain::open(directory.path()).unwrap();
    assert_eq!(chain.tip().unwrap(), tip);
    let next = chain.mine(1, &open_script()).unwrap()[0];
    drop(chain);
    assert_eq!(EmbeddedChain::open(directory.path()).unwrap().tip().unwrap(), next);
}

#[test]
fn an_empty_directory_is_a_new_chain() {
    let directory = tempfile::tempdir().unwrap();
    let chain = EmbeddedChain::open(&directory.path().join("made")).unwrap();
    assert_eq!(chain.tip().unwrap(), EmbeddedChain::in_memory().tip().unwrap());
}

#[test]
fn a_file_of_another_version_is_refused() {
    let (directory, file, chain) = used();
    drop(chain);
    let mut bytes = fs::read(&file).unwrap();
    bytes[8] = 2;
    let check = sha256::Hash::hash(&bytes[..52]).to_byte_array();
    bytes[52..60].copy_from_slice(&check[..8]);
    fs::write(&file, &bytes).unwrap();
    let opened = EmbeddedChain::open(directory.path());
    assert!(matches!(opened, Err(OpenError::Version { found: 2, known: 1 })), "{opened:?}");
}
