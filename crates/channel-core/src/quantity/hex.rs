//! 32-byte identifiers in serialised state: lowercase hex, so that a person can compare them with other tools.

use alloc::string::String;
use core::fmt;

use serde::de::{self, Visitor};
use serde::{Deserializer, Serializer};

pub(super) fn serialize<S: Serializer>(bytes: &[u8; 32], serializer: S) -> Result<S::Ok, S::Error> {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).expect("a nibble is below 16");
    let text: String = bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect();
    serializer.serialize_str(&text)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; 32], D::Error> {
    deserializer.deserialize_str(HexDigits)
}

struct HexDigits;

impl Visitor<'_> for HexDigits {
    type Value = [u8; 32];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("64 hex digits")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<[u8; 32], E> {
        let wrong = || E::invalid_value(de::Unexpected::Str(text), &self);
        let digits = text.as_bytes();
        if digits.len() != 64 {
            return Err(wrong());
        }
        let nibble = |digit: u8| char::from(digit).to_digit(16).and_then(|n| u8::try_from(n).ok());
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = nibble(pair[0]).ok_or_else(wrong)? << 4 | nibble(pair[1]).ok_or_else(wrong)?;
        }
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::String;

    use crate::{ChannelId, PaymentHash};

    #[test]
    fn ids_are_64_hex_digits() {
        let id = ChannelId::from_bytes([0xa5; 32]);
        let text = serde_json::to_string(&id).unwrap();
        assert_eq!(text, format!("\"{id}\""));
        assert_eq!(serde_json::from_str::<ChannelId>(&text).unwrap(), id);
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [String::new(), "a5".repeat(31), "g5".repeat(32), "a5".repeat(33), "é".repeat(32)] {
            assert!(serde_json::from_str::<PaymentHash>(&format!("\"{text}\"")).is_err(), "{text}");
        }
        assert!(serde_json::from_str::<PaymentHash>("7").is_err());
    }
}
