//! The relay rules the transactions of a channel live by (BIP 431, and Bitcoin Core's policy).

use bitcoin::transaction::Version;
use bitcoin::{Transaction, TxOut};
use channel_core::FeerateKw;
use channel_core::dust::RelayDust;

/// The version of TRUC transactions (BIP 431).
pub const TRUC: Version = Version(3);
/// The largest TRUC transaction, in vB (BIP 431).
pub const MAX_TRUC_VBYTES: u64 = 10_000;
/// The largest TRUC transaction that spends an unconfirmed one, in vB (BIP 431).
pub const MAX_CHILD_VBYTES: u64 = 1000;
/// What a replacement pays beyond what it replaces, so that every node relays it: 1 sat/vB, the default of Bitcoin Core
/// before version 30 and more than its default since. Peers replace a funding transaction by a smaller step, which is
/// [`RBF_STEP`](crate::funding::RBF_STEP).
pub const INCREMENTAL_RELAY: FeerateKw = FeerateKw::from_sat_per_kw(250);

/// True when an output is worth less than what Bitcoin Core relays by default.
pub fn is_dust(output: &TxOut) -> bool {
    RelayDust::of_script(&output.script_pubkey, RelayDust::DEFAULT_FEERATE).is_dust(output.value)
}

/// The indices of the outputs that are [dust](is_dust).
pub fn dust_outputs(transaction: &Transaction) -> impl Iterator<Item = u32> {
    transaction.output.iter().zip(0..).filter_map(|(output, index)| is_dust(output).then_some(index))
}
