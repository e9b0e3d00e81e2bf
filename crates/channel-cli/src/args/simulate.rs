//! The flags of `simulate`.

use std::str::FromStr;

use clap::Args;
use taproot_channels::core::{FeerateKw, Msat};
use thiserror::Error;

use super::{ReportFormat, value};

/// One channel walked through payments and a splice.
#[derive(Debug, Args)]
pub(crate) struct SimulateArgs {
    /// Capacity of the channel
    #[arg(long, value_name = "SAT", value_parser = value::sat, allow_negative_numbers = true, default_value = "50000")]
    pub(crate) capacity: Msat,
    /// What the opener starts with; the other side has the rest
    #[arg(long, value_name = "SAT", value_parser = value::sat, allow_negative_numbers = true, default_value = "25000")]
    pub(crate) local: Msat,
    /// A payment in sat, in order; with a minus sign, from the other side
    #[arg(
        long = "pay",
        value_name = "SAT",
        allow_hyphen_values = true,
        default_values = ["10000", "-5000", "200"]
    )]
    pub(crate) payments: Vec<SimulatedPayment>,
    /// What the opener splices in at the end
    #[arg(long, value_name = "SAT", value_parser = value::sat, allow_negative_numbers = true, default_value = "10000")]
    pub(crate) splice_in: Msat,
    /// Feerate of commitments and splice, decimals from 0.1 up
    #[arg(long, value_name = "SAT_PER_VB", allow_negative_numbers = true, default_value = "5")]
    pub(crate) feerate: FeerateKw,
    /// The form of the output
    #[arg(long, value_enum, default_value_t = ReportFormat::Table)]
    pub(crate) format: ReportFormat,
    /// The same as --format json
    #[arg(long, conflicts_with = "format")]
    pub(crate) json: bool,
}

/// Who pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Payer {
    /// The opener.
    Local,
    /// The other side.
    Remote,
}

/// A payment of a simulation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SimulatedPayment {
    /// Who pays.
    pub(crate) payer: Payer,
    /// How much.
    pub(crate) amount: Msat,
}

/// Why a text is no payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{0}; a minus sign in front turns the payment around")]
pub(crate) struct ParsePaymentError(value::ParseValueError);

impl FromStr for SimulatedPayment {
    type Err = ParsePaymentError;

    fn from_str(text: &str) -> Result<Self, ParsePaymentError> {
        let (payer, digits) = match text.strip_prefix('-') {
            Some(digits) => (Payer::Remote, digits),
            None => (Payer::Local, text),
        };
        value::sat(digits).map(|amount| Self { payer, amount }).map_err(ParsePaymentError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minus_sign_turns_a_payment_around() {
        let payment = |text: &str| text.parse::<SimulatedPayment>().map(|p| (p.payer, p.amount.to_msat()));
        assert_eq!(payment("10000"), Ok((Payer::Local, 10_000_000)));
        assert_eq!(payment("-5000"), Ok((Payer::Remote, 5_000_000)));
        assert!(payment("--5").is_err() && payment("-").is_err() && payment("0.5").is_err());
    }
}
