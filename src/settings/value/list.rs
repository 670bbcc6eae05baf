//! Lists, which may be written as one text when they have one item.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{SeqAccessDeserializer, StrDeserializer};
use serde::de::{Error, IntoDeserializer, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use wslint_rules::rule::Rule;

use super::RuleSet;

/// Rules by names, categories or `all`.
#[derive(Clone, Debug)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(transparent))]
pub(in crate::settings) struct RuleSets(
    #[cfg_attr(test, schemars(with = "OneOrMany"))] Vec<RuleSet>,
);

impl RuleSets {
    /// All of the rules.
    pub(in crate::settings) fn rules(&self) -> Vec<&'static Rule> {
        self.0.iter().flat_map(|set| set.0.iter().copied()).collect()
    }
}

impl<'de> Deserialize<'de> for RuleSets {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        one_or_many(deserializer).map(Self)
    }
}

/// Some texts.
#[derive(Clone, Debug)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(transparent))]
pub(in crate::settings) struct Texts(
    #[cfg_attr(test, schemars(with = "OneOrMany"))] pub(in crate::settings) Vec<String>,
);

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        one_or_many(deserializer).map(Self)
    }
}

/// One or more.
#[cfg(test)]
#[derive(schemars::JsonSchema)]
#[schemars(untagged, inline)]
#[expect(dead_code, reason = "it is there for its schema")]
pub(super) enum OneOrMany {
    /// One.
    One(String),
    /// Any number.
    Many(Vec<String>),
}

/// A list, or its only item.
pub(super) fn one_or_many<'de, T, D>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    struct List<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for List<T> {
        type Value = Vec<T>;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a string or a list of strings")
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
            let deserializer: StrDeserializer<'_, E> = text.into_deserializer();
            T::deserialize(deserializer).map(|item| vec![item])
        }

        fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
            Vec::deserialize(SeqAccessDeserializer::new(list))
        }
    }

    deserializer.deserialize_any(List(PhantomData))
}
