//! The relay policy of Bitcoin Core 31 as numbers (BIP 431, and the defaults of `policy.h`).

use bitcoin::transaction::Version;
use bitcoin::{Transaction, TxOut, Weight};
use channel_core::FeerateKw;
use channel_core::dust::RelayDust;

/// The version of TRUC transactions (BIP 431).
pub const TRUC: Version = Version(3);
/// The largest TRUC transaction, in vB (BIP 431).
pub const MAX_TRUC_VBYTES: u64 = 10_000;
/// The largest TRUC transaction that spends an unconfirmed one, in vB (BIP 431).
pub const MAX_TRUC_CHILD_VBYTES: u64 = 1000;
/// What relay asks of every transaction or package: 0.1 sat/vB.
pub const MINIMUM_RELAY: FeerateKw = FeerateKw::from_sat_per_kw(25);
/// What a replacement pays for its own size beyond what it replaces: 0.1 sat/vB.
pub const INCREMENTAL_RELAY: FeerateKw = FeerateKw::from_sat_per_kw(25);
/// The heaviest transaction that is relayed.
pub const MAX_STANDARD_WEIGHT: Weight = Weight::from_wu(400_000);
/// The smallest transaction that is relayed, without witness, in bytes (CVE-2017-12842).
pub const MIN_STANDARD_SIZE: usize = 65;
/// The most signature operations a relayed transaction may cost (BIP 141).
pub const MAX_STANDARD_SIGOPS_COST: usize = 16_000;
/// A signature operation counts as at least this many weight units per unit of cost.
pub const WEIGHT_PER_SIGOP: u64 = 20;
/// The longest scriptSig that is relayed, in bytes.
pub const MAX_SCRIPT_SIG: usize = 1650;
/// The bytes all `OP_RETURN` outputs of a transaction may have together.
pub const MAX_DATA_CARRIER: usize = 100_000;
/// The dust outputs a transaction that pays nothing may have.
pub const MAX_DUST_OUTPUTS: usize = 1;
/// The most transactions connected with one another in the mempool.
pub const MAX_CLUSTER_COUNT: usize = 64;
/// The most vB of transactions connected with one another in the mempool.
pub const MAX_CLUSTER_VBYTES: u64 = 101_000;
/// The most clusters whose transactions one replacement conflicts with.
pub const MAX_REPLACED_CLUSTERS: usize = 100;

/// True when an output is worth less than Bitcoin Core relays by default.
pub fn is_dust(output: &TxOut) -> bool {
    RelayDust::of_script(&output.script_pubkey, RelayDust::DEFAULT_FEERATE).is_dust(output.value)
}

/// The indices of the outputs that are [dust](is_dust).
pub fn dust_outputs(transaction: &Transaction) -> impl Iterator<Item = u32> {
    transaction.output.iter().zip(0..).filter_map(|(output, index)| is_dust(output).then_some(index))
}

/// The virtual size in vB that relay charges for: of the weight, or of the signature operations where they count more.
pub fn virtual_size(weight: Weight, sigops_cost: usize) -> u64 {
    let sigops = u64::try_from(sigops_cost).unwrap_or(u64::MAX).saturating_mul(WEIGHT_PER_SIGOP);
    weight.to_wu().max(sigops).div_ceil(4)
}

/// What a feerate asks of `vbytes` vB, rounded up.
pub fn fee_of(feerate: FeerateKw, vbytes: u64) -> bitcoin::Amount {
    feerate.fee_ceil(Weight::from_wu(vbytes.saturating_mul(4)))
}
