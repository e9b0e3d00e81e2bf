//! `eclair-cli getinfo`, `nodes`, `allupdates`, `channelbalances`, `usablebalances` and `onchainbalance`.

use serde::Deserialize;

use super::channels::Update as ChannelUpdate;
use super::short_id;
use crate::import::ImportError;
use crate::import::draft::{Balance, Draft, Update};
use crate::import::features::Features;
use crate::import::rows::Source;
use crate::import::scalar::{Row, Scalar};
use crate::snapshot::{Knowledge, PeerId, WalletCoins};

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct Info<'a> {
    node_id: Scalar<'a>,
    alias: Scalar<'a>,
    block_height: Scalar<'a>,
    features: Features,
}

/// Reads the node itself.
pub(in crate::import) fn info(draft: &mut Draft, source: &Source<'_>) -> Result<(), ImportError> {
    let info: Info<'_> = source.value()?;
    if let Some(id) = info.node_id.text() {
        draft.node.id = Some(PeerId::new(id));
    }
    draft.node.alias = info.alias.text().map(str::to_owned);
    draft.node.block_height = Row::root(source.name).narrow("blockHeight", &info.block_height)?;
    if info.features.splices() != Knowledge::Unknown {
        draft.node.splices = info.features.splices();
    }
    Ok(())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct Announced<'a> {
    node_id: Scalar<'a>,
    alias: Scalar<'a>,
    features: Features,
}

/// Reads what nodes announce.
pub(in crate::import) fn nodes(draft: &mut Draft, source: &Source<'_>) -> Result<(), ImportError> {
    let rows = source.rows::<Announced<'_>>("nodes")?;
    for (_, node) in rows.iter() {
        if let Some(id) = node.node_id.text() {
            let told = (node.alias.text().map(str::to_owned), node.features.splices());
            draft.announced.insert(PeerId::new(id), told);
        }
    }
    Ok(())
}

/// Reads the fees of all channels. Updates name no nodes, so they make no graph; those of our own channels are used.
pub(in crate::import) fn updates(draft: &mut Draft, source: &Source<'_>) -> Result<(), ImportError> {
    let rows = source.rows::<ChannelUpdate<'_>>("allupdates")?;
    for (row, update) in rows.iter() {
        let scid = update.short_channel_id.text().and_then(short_id);
        let by_first_node = update.channel_flags.is_node1.flag();
        let policy = update.policy(&row, "")?;
        if let (Some(scid), Some(by_first_node), Some(policy)) = (scid, by_first_node, policy) {
            draft.updates.push(Update { scid, by_first_node, policy });
        }
    }
    Ok(())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct Usable<'a> {
    real_scid: Scalar<'a>,
    aliases: Aliases<'a>,
    can_send: Scalar<'a>,
    can_receive: Scalar<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct Aliases<'a> {
    local_alias: Scalar<'a>,
}

/// Reads what the node reckons it can send and receive.
pub(in crate::import) fn balances(draft: &mut Draft, source: &Source<'_>) -> Result<(), ImportError> {
    let rows = source.rows::<Usable<'_>>("channelbalances")?;
    for (row, usable) in rows.iter() {
        let names = [usable.real_scid.text(), usable.aliases.local_alias.text()];
        draft.balances.push(Balance {
            scids: names.into_iter().flatten().filter_map(short_id).collect(),
            spendable: row.msat("canSend", &usable.can_send)?,
            receivable: row.msat("canReceive", &usable.can_receive)?,
        });
    }
    Ok(())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Coins<'a> {
    confirmed: Scalar<'a>,
}

/// Reads the wallet's confirmed coins, in satoshi.
pub(in crate::import) fn wallet(draft: &mut Draft, source: &Source<'_>) -> Result<(), ImportError> {
    let coins: Coins<'_> = source.value()?;
    let confirmed = Row::root(source.name).sat("confirmed", &coins.confirmed)?;
    draft.wallet = confirmed.map(WalletCoins::of);
    Ok(())
}
