//! The schema that the four sets of commitment transactions share.
//!
//! A figure that a source does not give is left out, so that every figure here is an official one. Only what a
//! transaction's own bytes say is read from them: the funding outpoint, and of an HTLC transaction which output it
//! spends and whether it is a success (no locktime) or a timeout.

use serde::Serialize;

use super::OfficialError;
use super::hex::Hex;

/// One file: a channel and its states.
#[derive(Serialize)]
pub(super) struct Commitments {
    /// `taproot_v2`, `taproot_v3`, `segwit_v3` or `segwit_anchors`.
    pub(super) format: &'static str,
    pub(super) channel: Channel,
    pub(super) cases: Vec<Case>,
}

/// What all states have in common. The commitment is the local side's, and the local side opened the channel.
#[derive(Serialize)]
pub(super) struct Channel {
    pub(super) funding: Funding,
    pub(super) commitment_number: u64,
    pub(super) to_self_delay: u16,
    pub(super) opener: &'static str,
    pub(super) local: SideKeys,
    pub(super) remote: SideKeys,
    pub(super) per_commitment: PerCommitment,
    pub(super) derived: DerivedKeys,
}

#[derive(Serialize)]
pub(super) struct Funding {
    /// As shown, last byte first.
    pub(super) txid: Hex<32>,
    pub(super) output_index: u32,
    pub(super) value_sat: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) transaction: Option<Hex>,
}

/// A key of which the source gives the secret, the public half, both, or nothing.
#[derive(Default, Serialize)]
pub(super) struct Key {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) secret: Option<Hex<32>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) public: Option<Hex<33>>,
}

impl Key {
    const fn is_left_out(&self) -> bool {
        self.secret.is_none() && self.public.is_none()
    }

    pub(super) const fn secret(secret: Hex<32>) -> Self {
        Self { secret: Some(secret), public: None }
    }

    pub(super) const fn public(public: Hex<33>) -> Self {
        Self { secret: None, public: Some(public) }
    }

    pub(super) const fn both(secret: Hex<32>, public: Hex<33>) -> Self {
        Self { secret: Some(secret), public: Some(public) }
    }
}

/// One side's funding key and basepoints.
#[derive(Default, Serialize)]
pub(super) struct SideKeys {
    #[serde(skip_serializing_if = "Key::is_left_out")]
    pub(super) funding: Key,
    #[serde(skip_serializing_if = "Key::is_left_out")]
    pub(super) payment_basepoint: Key,
    #[serde(skip_serializing_if = "Key::is_left_out")]
    pub(super) delayed_basepoint: Key,
    #[serde(skip_serializing_if = "Key::is_left_out")]
    pub(super) htlc_basepoint: Key,
    #[serde(skip_serializing_if = "Key::is_left_out")]
    pub(super) revocation_basepoint: Key,
}

#[derive(Serialize)]
pub(super) struct PerCommitment {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) secret: Option<Hex<32>>,
    pub(super) point: Hex<33>,
}

/// The keys of the one commitment, where the source gives them.
#[derive(Default, Serialize)]
pub(super) struct DerivedKeys {
    #[serde(skip_serializing_if = "Key::is_left_out")]
    pub(super) local_delayed: Key,
    #[serde(skip_serializing_if = "Key::is_left_out")]
    pub(super) revocation: Key,
    #[serde(skip_serializing_if = "Key::is_left_out")]
    pub(super) local_htlc: Key,
    #[serde(skip_serializing_if = "Key::is_left_out")]
    pub(super) remote_htlc: Key,
    #[serde(skip_serializing_if = "Key::is_left_out")]
    pub(super) remote_payment: Key,
}

/// One state: what the commitment transaction is made from, and what comes out.
#[derive(Serialize)]
pub(super) struct Case {
    pub(super) label: &'static str,
    pub(super) dust_limit_sat: u64,
    /// 0 in the zero-fee formats.
    pub(super) feerate_per_kw: u64,
    pub(super) to_local_msat: u64,
    pub(super) to_remote_msat: u64,
    /// By offerer (local first), then by id.
    pub(super) htlcs: Vec<Htlc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) nonces: Option<Nonces>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) remote_partial_signature: Option<Hex<32>>,
    /// DER, without the byte for the sighash type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) remote_signature: Option<Hex>,
    pub(super) signed_commitment: Hex,
    /// By the output they spend.
    pub(super) htlc_transactions: Vec<HtlcTransaction>,
}

#[derive(Clone, Serialize)]
pub(super) struct Htlc {
    pub(super) id: u64,
    /// `local` or `remote`.
    pub(super) offered_by: &'static str,
    pub(super) amount_msat: u64,
    pub(super) cltv_expiry: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) payment_hash: Option<Hex<32>>,
    pub(super) preimage: Hex<32>,
}

#[derive(Serialize)]
pub(super) struct Nonces {
    pub(super) local: NoncePair,
    pub(super) remote: NoncePair,
}

/// As BIP327 encodes them: the secret half ends with the public key.
#[derive(Serialize)]
pub(super) struct NoncePair {
    pub(super) secret: Hex<97>,
    pub(super) public: Hex<66>,
}

#[derive(Serialize)]
pub(super) struct HtlcTransaction {
    /// `success` or `timeout`.
    pub(super) resolution: &'static str,
    pub(super) output_index: u32,
    /// 64 bytes, or DER without the byte for the sighash type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) remote_signature: Option<Hex>,
    pub(super) signed: Hex,
}

/// What a one-input transaction's bytes say of themselves.
pub(super) struct Spend {
    /// As shown, last byte first.
    pub(super) txid: Vec<u8>,
    pub(super) output_index: u32,
    locktime: u32,
}

/// Version, marker, flag and the count of inputs stand before the outpoint.
const OUTPOINT: usize = 7;

impl Spend {
    /// Reads a signed segwit transaction with one input.
    pub(super) fn of(transaction: &Hex, file: &'static str) -> Result<Self, OfficialError> {
        let bytes = transaction.bytes();
        let word = |range| -> Option<u32> {
            let range: core::ops::Range<usize> = range;
            Some(u32::from_le_bytes(bytes.get(range)?.try_into().ok()?))
        };
        let read = || {
            let segwit_with_one_input = bytes.get(4..OUTPOINT)? == [0, 1, 1];
            let txid = bytes.get(OUTPOINT..OUTPOINT + 32)?.iter().rev().copied().collect();
            let output_index = word(OUTPOINT + 32..OUTPOINT + 36)?;
            let locktime = word(bytes.len().checked_sub(4)?..bytes.len())?;
            segwit_with_one_input.then_some(Self { txid, output_index, locktime })
        };
        read().ok_or(OfficialError::Unexpected { file, what: "no signed transaction with one input" })
    }
}

impl HtlcTransaction {
    /// Reads from the transaction which output it spends and how.
    pub(super) fn read(
        signed: Hex,
        remote_signature: Option<Hex>,
        file: &'static str,
    ) -> Result<Self, OfficialError> {
        let spend = Spend::of(&signed, file)?;
        let resolution = if spend.locktime == 0 { "success" } else { "timeout" };
        Ok(Self { resolution, output_index: spend.output_index, remote_signature, signed })
    }
}

/// The outpoint that every commitment of `cases` spends.
pub(super) fn funding_outpoint(cases: &[Case], file: &'static str) -> Result<(Hex<32>, u32), OfficialError> {
    let mut outpoints = Vec::new();
    for case in cases {
        let spend = Spend::of(&case.signed_commitment, file)?;
        outpoints.push((Hex::of_bytes(&spend.txid), spend.output_index));
    }
    outpoints.dedup();
    match <[(Hex, u32); 1]>::try_from(outpoints) {
        Ok([(txid, output_index)]) => {
            let txid = Hex::try_from(String::from(txid)).map_err(|_| OfficialError::Unexpected {
                file,
                what: "a transaction id of another length",
            })?;
            Ok((txid, output_index))
        }
        Err(_) => Err(OfficialError::Unexpected { file, what: "commitments of more than one funding" }),
    }
}

/// By offerer (local first), then by id.
pub(super) fn sorted(mut htlcs: Vec<Htlc>) -> Vec<Htlc> {
    htlcs.sort_by_key(|htlc| (htlc.offered_by, htlc.id));
    htlcs
}
