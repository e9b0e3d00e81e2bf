//! Errors of the quantities, one per operation.

use thiserror::Error;

/// A sum or product of amounts left the range of its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("amount does not fit into 64 bits")]
#[non_exhaustive]
pub struct AmountOverflow;

/// A number lies outside the range its quantity allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{quantity} must be in {min}..={max}, got {value}")]
#[non_exhaustive]
pub struct QuantityOutOfRange {
    /// Name of the quantity, as the BOLTs write it.
    pub quantity: &'static str,
    /// Smallest legal value.
    pub min: u64,
    /// Largest legal value.
    pub max: u64,
    /// The value that was refused.
    pub value: u64,
}

/// A feerate text could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ParseFeerateError {
    /// Below the relay minimum of 0.1 sat/vB (Bitcoin Core 30), or zero.
    #[error("feerate is below 0.1 sat/vB")]
    BelowMinimum,
    /// Not a decimal number such as `5` or `0.5`.
    #[error("feerate is not a decimal number of sat/vB")]
    NotDecimal,
    /// Larger than the type can hold.
    #[error("feerate does not fit into 32 bits of sat/kW")]
    TooLarge,
}

/// A short channel id could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ParseShortChannelIdError {
    /// A part is missing: the form is `blockxtxxoutput`.
    #[error("short channel id must be of the form 800000x1x0")]
    Shape,
    /// A part does not fit: 24 bits of block, 24 bits of transaction, 16 bits of output (BOLT 7).
    #[error("short channel id has a part out of range (24, 24 and 16 bits)")]
    Range,
}
