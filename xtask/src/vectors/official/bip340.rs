//! BIP340: Schnorr signatures to make and to verify.

use serde_json::{Value, json};

use super::hex::Hex;
use super::{OfficialError, Sources, labelled};

pub(super) const FILE: &str = "bip-0340/test-vectors.csv";
const COLUMNS: usize = 8;
const LABELS: [&str; 19] = [
    "secret_three",
    "ordinary",
    "odd_secret",
    "message_above_field_and_order",
    "small_nonce_x",
    "key_off_curve",
    "odd_nonce",
    "negated_message",
    "negated_scalar",
    "infinite_nonce_x_zero",
    "infinite_nonce_x_one",
    "nonce_x_off_curve",
    "nonce_x_is_field_size",
    "scalar_is_order",
    "key_above_field",
    "message_of_0_bytes",
    "message_of_1_byte",
    "message_of_17_bytes",
    "message_of_100_bytes",
];

pub(super) fn derive(sources: &Sources) -> Result<Value, OfficialError> {
    let text = sources.text(FILE)?;
    let rows: Vec<&str> = text.lines().skip(1).collect();
    let cases = labelled(FILE, &LABELS, &rows)?
        .map(|(label, row)| {
            case(label, row).ok_or(OfficialError::Unexpected { file: FILE, what: "a broken row" })
        })
        .collect::<Result<Vec<Value>, _>>()?;
    Ok(json!({ "cases": cases }))
}

/// The columns: index, secret key, public key, auxiliary randomness, message, signature, verdict, remark.
fn case(label: &str, row: &str) -> Option<Value> {
    let columns: Vec<&str> = row.splitn(COLUMNS, ',').collect();
    let [_, secret_key, public_key, auxiliary, message, signature, verdict, _] = columns[..] else {
        return None;
    };
    let valid = match verdict {
        "TRUE" => true,
        "FALSE" => false,
        _ => return None,
    };
    Some(json!({
        "label": label,
        "secret_key": optional::<32>(secret_key)?,
        "public_key": hex::<32>(public_key)?,
        "auxiliary": optional::<32>(auxiliary)?,
        "message": Hex::<{ super::hex::ANY }>::try_from(message.to_owned()).ok()?,
        "signature": hex::<64>(signature)?,
        "valid": valid,
    }))
}

fn hex<const N: usize>(text: &str) -> Option<Hex<N>> {
    Hex::try_from(text.to_owned()).ok()
}

/// An empty column is a figure that is not given.
fn optional<const N: usize>(text: &str) -> Option<Value> {
    if text.is_empty() { Some(Value::Null) } else { hex::<N>(text).map(|hex| json!(hex)) }
}

#[cfg(test)]
mod tests {
    use super::case;

    #[test]
    fn a_row_is_read_by_its_columns() {
        let (key, signature) = ("AB".repeat(32), "CD".repeat(64));
        let read = case("x", &format!("7,,{key},,,{signature},FALSE,a remark, with a comma")).expect("a row");
        assert!(read["secret_key"].is_null() && read["auxiliary"].is_null());
        assert_eq!(read["message"], "");
        assert_eq!(read["public_key"], "ab".repeat(32));
        assert_eq!(read["valid"], false);
        assert!(case("x", &format!("7,,{key},,,{signature},MAYBE,")).is_none());
        assert!(case("x", &format!("7,,{key},,,{key},TRUE,")).is_none());
        assert!(case("x", "7,,").is_none());
    }
}
