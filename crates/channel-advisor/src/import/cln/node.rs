//! `lightning-cli getinfo` and `listpeers`.

use serde::Deserialize;

use crate::import::ImportError;
use crate::import::draft::Draft;
use crate::import::features::Features;
use crate::import::rows::Source;
use crate::import::scalar::{Row, Scalar};
use crate::snapshot::{NodeInfo, PeerId};

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Info<'a> {
    id: Scalar<'a>,
    alias: Scalar<'a>,
    blockheight: Scalar<'a>,
    our_features: Features,
}

/// Reads the node itself.
pub(in crate::import) fn info(draft: &mut Draft, source: &Source<'_>) -> Result<(), ImportError> {
    let info: Info<'_> = source.value()?;
    draft.node = NodeInfo {
        id: info.id.text().map(PeerId::new),
        alias: info.alias.text().map(str::to_owned),
        block_height: Row::root(source.name).narrow("blockheight", &info.blockheight)?,
        splices: info.our_features.splices(),
    };
    Ok(())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Peer<'a> {
    id: Scalar<'a>,
    alias: Scalar<'a>,
    features: Features,
}

/// Reads what peers announce when they connect, which is newer than what the graph says.
pub(in crate::import) fn peers(draft: &mut Draft, source: &Source<'_>) -> Result<(), ImportError> {
    let rows = source.rows::<Peer<'_>>("peers")?;
    for (_, peer) in rows.iter() {
        if let Some(id) = peer.id.text() {
            draft.peer(PeerId::new(id), peer.alias.text(), peer.features.splices());
        }
    }
    Ok(())
}
