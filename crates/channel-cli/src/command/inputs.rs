//! The commands that make the input files, as a script that can be run as it stands.

use super::Outcome;
use crate::args::NodeKind;
use crate::command_error::CommandError;
use crate::output;

/// Prints the commands for one implementation.
pub(super) fn run(implementation: NodeKind) -> Result<Outcome, CommandError> {
    output::deliver(None, |out| out.write_all(script(implementation).as_bytes()))?;
    Ok(Outcome::Done)
}

const fn script(implementation: NodeKind) -> &'static str {
    match implementation {
        NodeKind::Lnd => LND,
        NodeKind::Cln => CLN,
        NodeKind::Eclair => ECLAIR,
        NodeKind::Ldk => LDK,
    }
}

const LND: &str = "\
# What `channel plan` reads from LND. Only the first command is needed; the others replace assumptions.
# Read-only credentials are enough: lncli --macaroonpath ~/.lnd/data/chain/bitcoin/mainnet/readonly.macaroon
lncli listchannels > listchannels.json
# A month of forwards. More than 50,000? Page on with --index_offset and give every page.
lncli fwdinghistory --start_time=-30d --max_events 50000 > fwdinghistory.json
lncli feereport > feereport.json
lncli getinfo > getinfo.json
# Past rebalances, which are payments to yourself: they tell what refilling a channel costs.
lncli listpayments --max_payments 10000 > listpayments.json
# The graph prices rebalance routes and tells who can splice (about 50 MB; .gz is read as it is).
lncli describegraph | gzip > describegraph.json.gz
lncli walletbalance > walletbalance.json

channel plan listchannels.json fwdinghistory.json feereport.json getinfo.json listpayments.json \\
  describegraph.json.gz walletbalance.json --feerate 5
";

const CLN: &str = "\
# What `channel plan` reads from Core Lightning. Only the first command is needed; the others replace assumptions.
lightning-cli listpeerchannels > listpeerchannels.json
lightning-cli listforwards status=settled > listforwards.json
lightning-cli getinfo > getinfo.json
# The node's own feerate estimate, used unless --feerate is given.
lightning-cli feerates perkw > feerates.json
# Coins for on-chain actions.
lightning-cli listfunds > listfunds.json
# Past rebalances, which are payments to yourself.
lightning-cli listpays status=complete > listpays.json
# The graph prices rebalance routes; listnodes tells who can splice.
lightning-cli listchannels | gzip > listchannels.json.gz
lightning-cli listnodes | gzip > listnodes.json.gz

channel plan listpeerchannels.json listforwards.json getinfo.json feerates.json listfunds.json \\
  listpays.json listchannels.json.gz listnodes.json.gz
";

const ECLAIR: &str = "\
# What `channel plan` reads from Eclair. Only the first command is needed; the others replace assumptions.
eclair-cli channels > channels.json
# Earnings and volume per peer, over the last month.
eclair-cli relaystats --from=$(date -d '30 days ago' +%s) --to=$(date +%s) > relaystats.json
eclair-cli channelbalances > channelbalances.json
# The graph prices rebalance routes; nodes tells who can splice.
eclair-cli nodes > nodes.json
eclair-cli allupdates | gzip > allupdates.json.gz

channel plan channels.json relaystats.json channelbalances.json nodes.json allupdates.json.gz --feerate 5
";

const LDK: &str = "\
# What `channel plan` reads from LDK: the node's channels as a JSON list, one object per ChannelDetails, with
# LDK's own field names (channel_id, counterparty, short_channel_id, channel_value_satoshis, ...).
# From ldk-server:
ldk-server-cli list-channels > channels.json
# From your own program: serialise channel_manager.list_channels() to channels.json.
# LDK lists no forwards and no exact balances, so flow is unknown and balances are taken from the capacities.

channel plan --from ldk channels.json --feerate 5
";

#[cfg(test)]
mod tests {
    use super::*;

    /// A script that names a file it does not make, or makes one it does not use, would mislead.
    #[test]
    fn every_file_is_made_and_used() {
        for script in [LND, CLN, ECLAIR, LDK] {
            let (making, plan) = script.rsplit_once("\nchannel plan").unwrap();
            let made: Vec<&str> = making
                .lines()
                .filter(|line| !line.starts_with('#'))
                .filter_map(|line| line.split("> ").nth(1))
                .collect();
            let used: Vec<&str> = plan.split_whitespace().filter(|word| word.contains(".json")).collect();
            assert_eq!(made, used);
            assert!(script.lines().all(|line| line.chars().count() <= 116), "{script}");
        }
    }
}
