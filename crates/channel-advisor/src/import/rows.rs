//! The rows of a document, whichever way it wraps them: `{"channels": [..]}`, `[..]`, or one object after another.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::scalar::Row;
use super::{DocumentProblem, ImportError};

/// The methods of a visitor that takes numbers, strings, truth values and `null` as the default of its value.
macro_rules! scalars_are_passed_over {
    ($value:ty) => {
        fn visit_bool<E: serde::de::Error>(self, _: bool) -> Result<$value, E> {
            Ok(Default::default())
        }

        fn visit_u64<E: serde::de::Error>(self, _: u64) -> Result<$value, E> {
            Ok(Default::default())
        }

        fn visit_i64<E: serde::de::Error>(self, _: i64) -> Result<$value, E> {
            Ok(Default::default())
        }

        fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<$value, E> {
            Ok(Default::default())
        }

        fn visit_str<E: serde::de::Error>(self, _: &str) -> Result<$value, E> {
            Ok(Default::default())
        }

        fn visit_unit<E: serde::de::Error>(self) -> Result<$value, E> {
            Ok(Default::default())
        }
    };
}

pub(super) use scalars_are_passed_over;

/// How a document wraps its rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// An object with the list among its fields.
    Wrapped,
    /// A list.
    List,
    /// An object of rows, whose keys are the rows' ids.
    Keyed,
    /// Objects one after another, as a filter such as `jq '.channels[]'` prints them.
    Stream,
}

/// A document under import.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source<'d> {
    pub(super) name: &'d str,
    pub(super) text: &'d str,
    pub(super) layout: Layout,
}

impl<'d> Source<'d> {
    /// The whole document as one value.
    pub(super) fn value<T: Deserialize<'d>>(&self) -> Result<T, ImportError> {
        serde_json::from_str(self.text).map_err(|source| self.unreadable(source))
    }

    /// The rows of the list called `list`.
    pub(super) fn rows<T: Deserialize<'d>>(&self, list: &'static str) -> Result<Rows<'d, T>, ImportError> {
        let items = match self.layout {
            Layout::List => serde_json::from_str(self.text),
            Layout::Wrapped | Layout::Keyed => {
                let mut json = serde_json::Deserializer::from_str(self.text);
                Wrapped(list, PhantomData).deserialize(&mut json).and_then(|items| json.end().map(|()| items))
            }
            Layout::Stream => serde_json::Deserializer::from_str(self.text).into_iter().collect(),
        };
        let list = if self.layout == Layout::Wrapped { list } else { "" };
        let items = items.map_err(|source| self.unreadable(source))?;
        Ok(Rows { document: self.name, list, items })
    }

    /// The error of malformed JSON.
    pub(super) fn unreadable(&self, source: serde_json::Error) -> ImportError {
        unreadable(self.name, source)
    }
}

pub(super) fn unreadable(name: &str, source: serde_json::Error) -> ImportError {
    let problem = if source.is_eof() {
        DocumentProblem::Truncated { line: source.line(), column: source.column() }
    } else {
        DocumentProblem::Syntax { source }
    };
    ImportError::Document { document: name.into(), problem }
}

/// The rows of a list, with what it takes to name their places.
#[derive(Debug)]
pub(super) struct Rows<'d, T> {
    document: &'d str,
    list: &'static str,
    items: Vec<T>,
}

impl<'d, T> Rows<'d, T> {
    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (Row<'d>, &T)> {
        let row = |index| Row::entry(self.document, self.list, index);
        self.items.iter().enumerate().map(move |(index, item)| (row(index), item))
    }
}

/// Reads the one list of that name, skipping everything else.
struct Wrapped<T>(&'static str, PhantomData<T>);

impl<'de, T: Deserialize<'de>> DeserializeSeed<'de> for Wrapped<T> {
    type Value = Vec<T>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Wrapped<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object with the list `{}`", self.0)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        let mut items = None;
        while let Some(Name(key)) = object.next_key()? {
            if key != self.0 {
                object.next_value::<IgnoredAny>()?;
            } else if items.replace(object.next_value()?).is_some() {
                return Err(Error::duplicate_field(self.0));
            }
        }
        Ok(items.unwrap_or_default())
    }
}

/// An object's key, borrowed where it has no escapes.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct Name<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

/// An entry of a list that may be of another shape, such as a remark somebody put there.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) enum Entry<T> {
    Read(T),
    #[default]
    Unreadable,
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Entry<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(EntryVisitor(PhantomData))
    }
}

struct EntryVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for EntryVisitor<T> {
    type Value = Entry<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    scalars_are_passed_over!(Entry<T>);

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Entry::Unreadable)
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(object)).map(Entry::Read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_layouts_give_the_same_rows() {
        for (layout, text, place) in [
            (Layout::Wrapped, r#"{"a": {"x": [1]}, "list": [7, 8]}"#, "list[1]"),
            (Layout::List, "[7, 8]", "[1]"),
            (Layout::Stream, "7 8", "[1]"),
        ] {
            let rows = Source { name: "n", text, layout }.rows::<u8>("list").unwrap();
            let read: Vec<_> = rows.iter().map(|(row, item)| (row.place.to_string(), *item)).collect();
            assert_eq!(read[1], (place.to_owned(), 8));
            assert_eq!(rows.len(), 2);
        }
    }

    #[test]
    fn a_repeated_list_and_trailing_text_are_refused() {
        for text in [r#"{"list": [1], "list": [2]}"#, r#"{"list": [1]} x"#] {
            assert!(
                Source { name: "n", text, layout: Layout::Wrapped }.rows::<u8>("list").is_err(),
                "{text}"
            );
        }
    }

    #[test]
    fn entries_of_another_shape_are_kept_as_unreadable() {
        #[derive(Debug, PartialEq, Deserialize)]
        struct Item {
            x: u8,
        }
        let read: Vec<Entry<Item>> =
            serde_json::from_str(r#"[{"x": 1}, "…", 2, -2, 2.5, null, [3, [4]], true]"#).unwrap();
        assert_eq!(read[0], Entry::Read(Item { x: 1 }));
        assert!(read[1..].iter().all(|entry| *entry == Entry::Unreadable));
    }
}
