//! The flags of `descriptor`.

use clap::{Args, Subcommand, ValueEnum};
use taproot_channels::bitcoin::Network;
use taproot_channels::bitcoin::absolute::Height;
use taproot_channels::tx::descriptor::FundingKey;

use super::ReportFormat;

/// What to do with a descriptor.
#[derive(Debug, Subcommand)]
pub(crate) enum DescriptorCommand {
    /// Judge whether an output needs both parties of a channel, and say who could take the money and when
    ///
    /// Exit code 0 when the descriptor is accepted, 65 when it is refused.
    Check(CheckArgs),
}

/// A descriptor and what it is judged against.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// The output descriptor, in single quotes; `-` reads it from standard input
    pub(crate) descriptor: String,
    /// The funding key of a party, 33 or 32 bytes in hexadecimal; give it twice. A lone key is known to be the MuSig2
    /// aggregate only with both
    #[arg(long = "participant", value_name = "HEX")]
    pub(crate) participants: Vec<FundingKey>,
    /// The height of the chain's tip, to tell which absolute locks are open
    #[arg(long, value_name = "BLOCKS", value_parser = height, allow_negative_numbers = true)]
    pub(crate) height: Option<Height>,
    /// The network the addresses and extended keys are for
    #[arg(long, value_enum, default_value_t = NetworkArg::Bitcoin)]
    pub(crate) network: NetworkArg,
    /// The form of the output
    #[arg(long, value_enum, default_value_t = ReportFormat::Table)]
    pub(crate) format: ReportFormat,
    /// The same as --format json
    #[arg(long, conflicts_with = "format")]
    pub(crate) json: bool,
}

/// A network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum NetworkArg {
    /// Mainnet
    Bitcoin,
    /// Testnet 3
    Testnet,
    /// Testnet 4
    Testnet4,
    /// Signet
    Signet,
    /// Regtest
    Regtest,
}

impl NetworkArg {
    /// The network as the library has it.
    pub(crate) const fn network(self) -> Network {
        match self {
            Self::Bitcoin => Network::Bitcoin,
            Self::Testnet => Network::Testnet,
            Self::Testnet4 => Network::Testnet4,
            Self::Signet => Network::Signet,
            Self::Regtest => Network::Regtest,
        }
    }
}

fn height(text: &str) -> Result<Height, &'static str> {
    let height = text.parse().ok().and_then(|blocks| Height::from_consensus(blocks).ok());
    height.ok_or("a block height is wanted, from 0 to 499999999")
}

#[cfg(test)]
mod tests {
    use super::{Height, height};

    #[test]
    fn heights_end_where_times_begin() {
        assert_eq!(height("499999999").map(Height::to_consensus_u32), Ok(499_999_999));
        for text in ["500000000", "-1", "", "144.5", "99999999999"] {
            assert!(height(text).is_err(), "{text}");
        }
    }
}
