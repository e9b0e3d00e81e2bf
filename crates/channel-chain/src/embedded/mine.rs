//! Making the next block.

use bitcoin::block::{Header, Version as BlockVersion};
use bitcoin::hashes::Hash;
use bitcoin::opcodes::all::OP_RETURN;
use bitcoin::script::{Builder, PushBytesBuf};
use bitcoin::{
    Amount, Block, CompactTarget, OutPoint, ScriptBuf, Sequence, Target, Transaction, TxIn, TxMerkleNode,
    TxOut, Witness, absolute, transaction,
};

use super::ledger::{Ledger, subsidy};

/// The seconds from one block to the next. The chain has no clock: its time is its height's.
const BLOCK_INTERVAL: u32 = 600;
/// The proof of work of regtest, which every second hash has.
const BITS: u32 = 0x207f_ffff;
/// What announces the witness commitment in an output of the coinbase (BIP 141).
const WITNESS_MAGIC: [u8; 4] = [0xaa, 0x21, 0xa9, 0xed];

/// The block after the tip with `transactions`, whose fees and subsidy go to `script`.
///
/// `salt` makes the block another than one that was mined at the same place before.
pub(super) fn next_block(
    ledger: &Ledger,
    transactions: Vec<Transaction>,
    fees: Amount,
    script: ScriptBuf,
    salt: u64,
) -> Option<Block> {
    let tip = ledger.tip();
    let height = tip.height.checked_add(1)?;
    let value = subsidy(height).checked_add(fees)?;
    let parent_time = ledger.at(tip.height)?.1.header.time;
    let mut txdata = vec![coinbase(height, salt, TxOut { value, script_pubkey: script })];
    txdata.extend(transactions);
    let header = Header {
        version: BlockVersion::from_consensus(0x2000_0000),
        prev_blockhash: tip.hash,
        merkle_root: TxMerkleNode::all_zeros(),
        time: parent_time.checked_add(BLOCK_INTERVAL)?,
        bits: CompactTarget::from_consensus(BITS),
        nonce: 0,
    };
    let mut block = Block { header, txdata };
    commit_to_witnesses(&mut block)?;
    block.header.merkle_root = block.compute_merkle_root()?;
    let target = Target::from_compact(block.header.bits);
    block.header.nonce = (0..u32::MAX).find(|nonce| {
        let header = Header { nonce: *nonce, ..block.header };
        target.is_met_by(header.block_hash())
    })?;
    Some(block)
}

fn coinbase(height: u32, salt: u64, reward: TxOut) -> Transaction {
    // BIP 34: the height comes first.
    let script_sig = Builder::new().push_int(i64::from(height)).push_slice(salt.to_le_bytes()).into_script();
    let input = TxIn {
        previous_output: OutPoint::null(),
        script_sig,
        sequence: Sequence::MAX,
        witness: Witness::from_slice(&[[0; 32]]),
    };
    Transaction {
        version: transaction::Version::TWO,
        lock_time: absolute::LockTime::ZERO,
        input: vec![input],
        output: vec![reward],
    }
}

fn commit_to_witnesses(block: &mut Block) -> Option<()> {
    let root = block.witness_root()?;
    let commitment = Block::compute_witness_commitment(&root, &[0; 32]);
    let mut data = PushBytesBuf::new();
    data.extend_from_slice(&WITNESS_MAGIC).ok()?;
    data.extend_from_slice(commitment.as_byte_array()).ok()?;
    let script_pubkey = Builder::new().push_opcode(OP_RETURN).push_slice(data).into_script();
    block.txdata.first_mut()?.output.push(TxOut { value: Amount::ZERO, script_pubkey });
    Some(())
}
