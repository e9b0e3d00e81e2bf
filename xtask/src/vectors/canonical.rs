//! One way of writing a fixture, so that fixtures can be compared byte for byte.

use serde_json::{Map, Value};

/// Sorts keys at every level: another crate of the build may switch `serde_json` to insertion order.
pub(crate) fn in_key_order(value: Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.into_iter().map(in_key_order).collect()),
        Value::Object(fields) => {
            let mut pairs: Vec<(String, Value)> = fields.into_iter().collect();
            pairs.sort_by(|left, right| left.0.cmp(&right.0));
            Value::Object(
                pairs.into_iter().map(|(key, value)| (key, in_key_order(value))).collect::<Map<_, _>>(),
            )
        }
        scalar => scalar,
    }
}

#[cfg(test)]
mod tests {
    use super::in_key_order;
    use serde_json::json;

    #[test]
    fn keys_are_sorted_at_every_level_and_numbers_keep_their_kind() {
        let sorted = in_key_order(json!({ "b": [{ "d": 1.0, "c": 1 }], "a": 0.30000000000000004 }));
        assert_eq!(sorted.to_string(), r#"{"a":0.30000000000000004,"b":[{"c":1,"d":1.0}]}"#);
    }
}
