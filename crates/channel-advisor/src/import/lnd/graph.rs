//! `lncli describegraph`, read at the speed of the JSON parser: rows go straight into the graph, no tree is built.

use std::fmt;

use channel_core::Msat;
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::import::ImportError;
use crate::import::draft::Draft;
use crate::import::features::Features;
use crate::import::rows::{Name, Source};
use crate::import::scalar::{Row, Scalar};
use crate::snapshot::{EdgePolicy, GraphBuilder};

/// Reads nodes and edges, in whichever order they come.
pub(in crate::import) fn graph(draft: &mut Draft, source: &Source<'_>) -> Result<(), ImportError> {
    // Rough sizes spare the columns most of their moves: an edge takes about 750 bytes, and there are three edges to
    // a node.
    let edges = source.text.len() / 800;
    draft.graph = GraphBuilder::with_capacity(edges / 3, edges * 2);
    draft.graph_given = true;
    let mut reader =
        Reader { graph: &mut draft.graph, document: source.name, failure: None, unreadable: false };
    let mut json = serde_json::Deserializer::from_str(source.text);
    let read = (&mut reader).deserialize(&mut json).and_then(|()| json.end());
    let (failure, unreadable) = (reader.failure, reader.unreadable);
    if let Some(error) = failure {
        return Err(error);
    }
    if unreadable {
        draft.notes.general(
            "graph_rows_left_out",
            format!("{}: nodes and edges without a whole public key are left out", source.name),
        );
    }
    read.map_err(|error| source.unreadable(error))
}

struct Reader<'g, 'd> {
    graph: &'g mut GraphBuilder,
    document: &'d str,
    /// The typed error that made the parser stop.
    failure: Option<ImportError>,
    /// Whether a row had to be left out.
    unreadable: bool,
}

#[derive(Deserialize)]
struct Node<'a> {
    #[serde(default)]
    pub_key: Key,
    #[serde(borrow, default)]
    alias: Option<Name<'a>>,
    #[serde(default)]
    features: Features,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
struct Edge<'a> {
    #[serde(default)]
    channel_id: Scalar<'a>,
    #[serde(default)]
    node1_pub: Key,
    #[serde(default)]
    node2_pub: Key,
    #[serde(default)]
    capacity: Scalar<'a>,
    #[serde(default)]
    node1_policy: Option<Fees<'a>>,
    #[serde(default)]
    node2_policy: Option<Fees<'a>>,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
struct Fees<'a> {
    #[serde(default)]
    min_htlc: Scalar<'a>,
    #[serde(default)]
    fee_base_msat: Scalar<'a>,
    #[serde(default)]
    fee_rate_milli_msat: Scalar<'a>,
    #[serde(default)]
    disabled: Scalar<'a>,
    #[serde(default)]
    max_htlc_msat: Scalar<'a>,
}

/// A public key, turned into bytes while it is read; `None` for anything else.
#[derive(Debug, Clone, Copy, Default)]
struct Key(Option<[u8; 33]>);

/// The value of each hex digit; 0xff marks other bytes.
const DIGITS: [u8; 256] = {
    let mut table = [0xff; 256];
    let mut value = 0;
    while value < 16 {
        let digit = b"0123456789abcdef"[value as usize];
        table[digit as usize] = value;
        table[digit.to_ascii_uppercase() as usize] = value;
        value += 1;
    }
    table
};

impl Key {
    fn from_hex(hex: &str) -> Self {
        let hex = hex.as_bytes();
        if hex.len() != 66 {
            return Self(None);
        }
        let mut key = [0; 33];
        let mut bad = 0;
        for (byte, pair) in key.iter_mut().zip(hex.chunks_exact(2)) {
            let (high, low) = (DIGITS[pair[0] as usize], DIGITS[pair[1] as usize]);
            bad |= high | low;
            *byte = high << 4 | low;
        }
        Self((bad & 0xf0 == 0).then_some(key))
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Scalar::deserialize(deserializer)? {
            Scalar::Text(hex) => Self::from_hex(&hex),
            _ => Self(None),
        })
    }
}

impl Reader<'_, '_> {
    fn node(&mut self, node: &Node<'_>) {
        let Some(key) = node.pub_key.0 else {
            self.unreadable = true;
            return;
        };
        let index = self.graph.node(key);
        self.graph.describe(
            index,
            node.alias.as_ref().map(|Name(alias)| alias.as_ref()),
            node.features.splices(),
        );
    }

    fn edge(&mut self, at: usize, edge: &Edge<'_>) -> Result<(), ImportError> {
        let row = Row::entry(self.document, "edges", at);
        let (Some(first), Some(second)) = (edge.node1_pub.0, edge.node2_pub.0) else {
            self.unreadable = true;
            return Ok(());
        };
        let scid = row.required("channel_id", row.unsigned("channel_id", &edge.channel_id)?)?;
        let capacity = row.sat_as_msat("capacity", &edge.capacity)?.filter(|capacity| !capacity.is_zero());
        let (first, second) = (self.graph.node(first), self.graph.node(second));
        if let Some(fees) = &edge.node1_policy {
            let (policy, largest) = fees.policy(&row, "node1_policy")?;
            self.graph.direction(first, second, scid, capacity.unwrap_or(largest), policy);
        }
        if let Some(fees) = &edge.node2_policy {
            let (policy, largest) = fees.policy(&row, "node2_policy")?;
            self.graph.direction(second, first, scid, capacity.unwrap_or(largest), policy);
        }
        Ok(())
    }
}

impl Fees<'_> {
    /// The policy, and the largest HTLC to take for the capacity where none is told.
    fn policy(&self, row: &Row<'_>, side: &str) -> Result<(EdgePolicy, Msat), ImportError> {
        let base = row.msat(format_args!("{side}.fee_base_msat"), &self.fee_base_msat)?;
        let ppm = row.narrow(format_args!("{side}.fee_rate_milli_msat"), &self.fee_rate_milli_msat)?;
        let minimum = row.msat(format_args!("{side}.min_htlc"), &self.min_htlc)?;
        let maximum = row.msat_limit(format_args!("{side}.max_htlc_msat"), &self.max_htlc_msat)?;
        // LND prints zero for a node too old to tell.
        let maximum = maximum.filter(|maximum| !maximum.is_zero()).unwrap_or(Msat::MAX);
        let policy = EdgePolicy::new(
            base.unwrap_or_default(),
            ppm.unwrap_or_default(),
            minimum.unwrap_or_default(),
            maximum,
            self.disabled.flag().unwrap_or(false),
        );
        Ok((policy, maximum))
    }
}

impl<'de> DeserializeSeed<'de> for &mut Reader<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for &mut Reader<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with `nodes` and `edges`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        while let Some(Name(key)) = object.next_key()? {
            match key.as_ref() {
                "nodes" => object.next_value_seed(Nodes(&mut *self))?,
                "edges" => object.next_value_seed(Edges(&mut *self))?,
                _ => {
                    object.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

struct Nodes<'r, 'g, 'd>(&'r mut Reader<'g, 'd>);

impl<'de> DeserializeSeed<'de> for Nodes<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Nodes<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of nodes")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(node) = list.next_element::<Node<'de>>()? {
            self.0.node(&node);
        }
        Ok(())
    }
}

struct Edges<'r, 'g, 'd>(&'r mut Reader<'g, 'd>);

impl<'de> DeserializeSeed<'de> for Edges<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Edges<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of edges")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let mut at = 0;
        while let Some(edge) = list.next_element::<Edge<'de>>()? {
            if let Err(error) = self.0.edge(at, &edge) {
                self.0.failure = Some(error);
                return Err(A::Error::custom("an edge has an impossible value"));
            }
            at += 1;
        }
        Ok(())
    }
}
