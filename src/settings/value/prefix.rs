//! Where absolute includes are found.

use std::fmt;
use std::path::PathBuf;

use serde::de::value::SeqAccessDeserializer;
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::text::{Meaning, read_as_text};
use crate::cli;

/// Pairs of FROM and TO, the longer FROM before the shorter.
#[derive(Clone, Debug)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(transparent))]
pub(in crate::settings) struct Prefixes(
    #[cfg_attr(test, schemars(with = "Forms"))] pub(in crate::settings) Vec<(PathBuf, PathBuf)>,
);

/// The forms that it can have.
#[cfg(test)]
#[derive(schemars::JsonSchema)]
#[schemars(untagged, inline)]
#[expect(dead_code, reason = "it is there for its schema")]
enum Forms {
    /// FROM = "TO"
    Table(std::collections::BTreeMap<String, String>),
    /// "FROM=TO"
    One(String),
    /// ["FROM=TO", …]
    Many(Vec<String>),
}

/// `FROM=TO`, as in the option.
struct Pair((PathBuf, PathBuf));

/// FROM alone.
struct Origin(PathBuf);

read_as_text!(Pair, Origin);

impl Meaning for Pair {
    fn of(text: &str) -> Result<Self, String> {
        cli::parse_prefix(text).map(Self)
    }
}

impl Meaning for Origin {
    fn of(text: &str) -> Result<Self, String> {
        cli::parse_prefix(&format!("{text}=_")).map(|(from, _)| Self(from))
    }
}

impl<'de> Deserialize<'de> for Prefixes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyForm;

        impl<'de> Visitor<'de> for AnyForm {
            type Value = Vec<(PathBuf, PathBuf)>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a table of FROM = \"TO\", \"FROM=TO\", or a list of these")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(vec![cli::parse_prefix(text).map_err(E::custom)?])
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
                let pairs = Vec::<Pair>::deserialize(SeqAccessDeserializer::new(list))?;
                Ok(pairs.into_iter().map(|Pair(pair)| pair).collect())
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut pairs = Vec::new();
                while let Some((Origin(from), to)) = map.next_entry()? {
                    pairs.push((from, to));
                }
                Ok(pairs)
            }
        }

        let mut pairs = deserializer.deserialize_any(AnyForm)?;
        pairs.sort_by_key(|(from, _)| std::cmp::Reverse(from.components().count()));
        Ok(Self(pairs))
    }
}
