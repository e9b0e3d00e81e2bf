//! The official vectors of whole transactions: four sets of commitments with their second level, and the BIP 341 wallet
//! vectors. Everything is compared as bytes, signatures included.

mod bip341;
mod commitments;
mod fixture;
mod key;
mod oracle;
