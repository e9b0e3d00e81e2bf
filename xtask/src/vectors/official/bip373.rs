//! BIP373: PSBTs with MuSig2 fields, good and bad.

use serde::Deserialize;
use serde_json::{Value, json};

use super::hex::Hex;
use super::{OfficialError, Sources, labelled};

pub(super) const FILE: &str = "bip-0373/bip373-vectors.json";

/// What the aggregate key is for, and how far signing has come.
const VALID: [(&str, &str); 14] = [
    ("output_key", "participants"),
    ("output_key", "public_nonces"),
    ("output_key", "partial_signatures"),
    ("internal_key", "participants"),
    ("internal_key", "public_nonces"),
    ("internal_key", "partial_signatures"),
    ("key_in_script", "participants"),
    ("key_in_script", "public_nonces"),
    ("key_in_script", "partial_signatures"),
    ("derived_internal_key", "participants"),
    ("derived_internal_key", "public_nonces"),
    ("derived_internal_key", "partial_signatures"),
    ("receiving_internal_key", "participants"),
    ("receiving_derived_internal_key", "participants"),
];

/// Which field is broken, and which part of it.
const INVALID: [(&str, &str); 10] = [
    ("input_participants", "aggregate_key"),
    ("input_participants", "participant_key"),
    ("output_participants", "aggregate_key"),
    ("output_participants", "participant_key"),
    ("public_nonce", "aggregate_key"),
    ("public_nonce", "participant_key"),
    ("public_nonce", "value"),
    ("partial_signature", "aggregate_key"),
    ("partial_signature", "participant_key"),
    ("partial_signature", "value"),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vectors {
    aggregate_pubkey: Hex<33>,
    participants: Vec<Participant>,
    valid: Vec<Case>,
    invalid: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Participant {
    pubkey: Hex<33>,
    wif_main: String,
    wif_test: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    #[serde(rename = "case")]
    _description: String,
    #[serde(rename = "stage")]
    _stage: Option<String>,
    hex: Hex,
    base64: String,
}

pub(super) fn derive(sources: &Sources) -> Result<Value, OfficialError> {
    let read: Vectors = sources.json(FILE)?;
    let participants: Vec<Value> = read
        .participants
        .iter()
        .map(|one| json!({ "public_key": one.pubkey, "wif_mainnet": one.wif_main, "wif_testnet": one.wif_test }))
        .collect();
    let valid = labelled(FILE, &VALID, &read.valid)?
        .map(|((role, stage), case)| {
            let label = format!("{role}_{stage}");
            Ok(json!({ "label": label, "role": role, "stage": stage, "psbt": psbt(case)? }))
        })
        .collect::<Result<Vec<Value>, OfficialError>>()?;
    let invalid = labelled(FILE, &INVALID, &read.invalid)?
        .map(|((field, part), case)| {
            let label = format!("{field}_{part}");
            Ok(json!({ "label": label, "refused": { "field": field, "part": part }, "psbt": psbt(case)? }))
        })
        .collect::<Result<Vec<Value>, OfficialError>>()?;
    Ok(json!({
        "aggregate_key": read.aggregate_pubkey,
        "participants": participants,
        "valid": valid,
        "invalid": invalid,
    }))
}

/// The source gives each PSBT twice, as hexadecimal and as base64; both must be the same bytes.
fn psbt(case: &Case) -> Result<&Hex, OfficialError> {
    if base64_bytes(&case.base64).as_deref() == Some(&case.hex.bytes()) {
        Ok(&case.hex)
    } else {
        Err(OfficialError::Unexpected { file: FILE, what: "hexadecimal and base64 that differ" })
    }
}

/// RFC 4648 with padding.
fn base64_bytes(text: &str) -> Option<Vec<u8>> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut held) = (0_u32, 0_u32);
    for digit in text.trim_end_matches('=').bytes() {
        let value = ALPHABET.iter().position(|&letter| letter == digit)?;
        bits = (bits << 6 | u32::try_from(value).ok()?) & 0xff_ffff;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from(bits >> held & 0xff).ok()?);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::base64_bytes;

    #[test]
    fn base64_of_the_rfc_is_read() {
        let pairs: [(&str, &[u8]); 5] =
            [("", b""), ("Zg==", b"f"), ("Zm8=", b"fo"), ("Zm9v", b"foo"), ("Zm9vYmE=", b"fooba")];
        for (text, bytes) in pairs {
            assert_eq!(base64_bytes(text).as_deref(), Some(bytes), "{text}");
        }
        assert_eq!(base64_bytes("Zm9v!"), None);
    }
}
