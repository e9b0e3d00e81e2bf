//! Unsigned transactions, with all that whoever signs them has to know.
//!
//! Nothing here needs a node: the caller brings keys, coins and a change script, and gets back the transaction, the
//! outputs it spends, a digest for each input and a hint which key signs it.

mod coin;
mod fee;
mod input;
mod unsigned;

pub use coin::{Coin, KeyOrigin};
pub use fee::SpendFee;
pub use input::{
    ChannelKey, ChannelSpend, InputHint, KeyHint, SecondLevelSpend, SpendStack, StackItem, UnsignedInput,
    WitnessError,
};
pub use unsigned::UnsignedTransaction;
