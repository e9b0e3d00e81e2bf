//! Checksums of rows: the first 16 bytes of SHA-256 over a row and its place. Their XOR is the total that finds rows
//! which vanished or came back from the past with a checksum that was right once.

use channel_core::ChannelId;
use channel_core::bitcoin::hashes::{Hash, HashEngine, sha256};
use channel_core::persist::{OutboxId, Outgoing, Slot, SlotName, Tip};

/// A checksum as it is stored and added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Checksum(u128);

impl Checksum {
    /// Of the state of a slot.
    pub(super) fn snapshot(row: i64, slot: &[u8], version: i64, bytes: &[u8]) -> Self {
        Self::of(b's', &[&row.to_be_bytes(), slot, &version.to_be_bytes(), bytes])
    }

    /// Of an entry of the outbox.
    pub(super) fn entry(row: i64, slot: &[u8], number: u32, kind: u8, bytes: &[u8]) -> Self {
        Self::of(b'o', &[&row.to_be_bytes(), slot, &number.to_be_bytes(), &[kind], bytes])
    }

    /// Of the totals.
    pub(super) fn totals(numbers: [i64; 3], rows: Self, tip: Option<Tip>) -> Self {
        let [generation, commits, suspect] = numbers.map(i64::to_be_bytes);
        let tip = tip.map(|tip| (tip.height.to_be_bytes(), *tip.hash.as_byte_array()));
        let (height, hash) = tip.as_ref().map_or((&[][..], &[][..]), |(height, hash)| (height, hash));
        Self::of(b't', &[&generation, &commits, &suspect, &rows.to_bytes(), height, hash])
    }

    /// Of any other text.
    pub(super) fn text(text: &str) -> Self {
        Self::of(b'g', &[text.as_bytes()])
    }

    fn of(tag: u8, fields: &[&[u8]]) -> Self {
        let mut engine = sha256::Hash::engine();
        engine.input(&[tag]);
        for field in fields {
            engine.input(&(field.len() as u64).to_be_bytes());
            engine.input(field);
        }
        let hash = sha256::Hash::from_engine(engine).to_byte_array();
        let mut half = [0; 16];
        half.copy_from_slice(&hash[..16]);
        Self(u128::from_be_bytes(half))
    }

    pub(super) const fn to_bytes(self) -> [u8; 16] {
        self.0.to_be_bytes()
    }

    /// As 32 hex digits.
    pub(super) fn to_hex(self) -> String {
        format!("{:032x}", self.0)
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Some(Self(u128::from_be_bytes(bytes.try_into().ok()?)))
    }

    /// Adds a row to a total, or takes it out.
    pub(super) const fn toggle(&mut self, row: Self) {
        self.0 ^= row.0;
    }
}

/// A slot as it is stored: 0 and the channel id, or 1 and the name.
pub(super) fn encode(slot: &Slot) -> Vec<u8> {
    match slot {
        Slot::Channel(channel) => [&[0][..], &channel.to_bytes()].concat(),
        Slot::Named(name) => [&[1][..], name.as_str().as_bytes()].concat(),
    }
}

pub(super) fn decode(bytes: &[u8]) -> Option<Slot> {
    match bytes.split_first()? {
        (0, channel) => Some(Slot::Channel(ChannelId::from_bytes(channel.try_into().ok()?))),
        (1, name) => Some(Slot::Named(SlotName::new(std::str::from_utf8(name).ok()?).ok()?)),
        _ => None,
    }
}

/// An entry of the outbox from its columns.
pub(super) fn entry(slot: &[u8], number: i64, kind: i64, bytes: Vec<u8>) -> Option<(OutboxId, Outgoing)> {
    let id = OutboxId { slot: decode(slot)?, number: u32::try_from(number).ok()? };
    let outgoing = match kind {
        0 => Outgoing::Message(bytes),
        1 => Outgoing::Broadcast(bytes),
        _ => return None,
    };
    Some((id, outgoing))
}
