//! `lncli getinfo`, `listpeers`, `walletbalance` and `pendingchannels`.

use serde::Deserialize;

use crate::import::ImportError;
use crate::import::draft::Draft;
use crate::import::features::Features;
use crate::import::rows::Source;
use crate::import::scalar::{Row, Scalar};
use crate::snapshot::{NodeInfo, PeerId, WalletCoins};

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Info<'a> {
    identity_pubkey: Scalar<'a>,
    alias: Scalar<'a>,
    block_height: Scalar<'a>,
    features: Features,
}

/// Reads the node itself.
pub(in crate::import) fn info(draft: &mut Draft, source: &Source<'_>) -> Result<(), ImportError> {
    let info: Info<'_> = source.value()?;
    draft.node = NodeInfo {
        id: info.identity_pubkey.text().map(PeerId::new),
        alias: info.alias.text().map(str::to_owned),
        block_height: Row::root(source.name).narrow("block_height", &info.block_height)?,
        splices: info.features.splices(),
    };
    Ok(())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Peer<'a> {
    pub_key: Scalar<'a>,
    features: Features,
}

/// Reads what connected peers announce.
pub(in crate::import) fn peers(draft: &mut Draft, source: &Source<'_>) -> Result<(), ImportError> {
    let rows = source.rows::<Peer<'_>>("peers")?;
    for (_, peer) in rows.iter() {
        if let Some(id) = peer.pub_key.text() {
            draft.peer(PeerId::new(id), None, peer.features.splices());
        }
    }
    Ok(())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Balance<'a> {
    confirmed_balance: Scalar<'a>,
}

/// Reads the wallet's confirmed coins.
pub(in crate::import) fn wallet(draft: &mut Draft, source: &Source<'_>) -> Result<(), ImportError> {
    let balance: Balance<'_> = source.value()?;
    let confirmed = Row::root(source.name).sat("confirmed_balance", &balance.confirmed_balance)?;
    draft.wallet = confirmed.map(WalletCoins::of);
    Ok(())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct PendingChannels<'a> {
    #[serde(rename = "total_limbo_balance")]
    _limbo: Scalar<'a>,
}

/// Pending channels can neither forward nor be acted on, so they are only mentioned.
pub(in crate::import) fn pending(draft: &mut Draft, source: &Source<'_>) -> Result<(), ImportError> {
    let _: PendingChannels<'_> = source.value()?;
    draft.notes.general(
        "pending_channels_left_out",
        "channels that are opening or closing are left out of the plan",
    );
    Ok(())
}
