//! Values that are written as text.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserializer;
use serde::de::{Error, Visitor};

/// A text that means something.
pub(super) trait Meaning: Sized {
    /// What it means.
    ///
    /// # Errors
    /// When it means nothing; the error is what is told.
    fn of(text: &str) -> Result<Self, String>;
}

/// Reads a text while its place is known, so that an error points at it and not at the list around
/// it.
pub(super) fn deserialize<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Meaning,
{
    struct Text<T>(PhantomData<T>);

    impl<T: Meaning> Visitor<'_> for Text<T> {
        type Value = T;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a string")
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
            T::of(text).map_err(E::custom)
        }
    }

    deserializer.deserialize_str(Text(PhantomData))
}

/// Lets types with a [`Meaning`] be read.
macro_rules! read_as_text {
    ($($type:ty),+) => {
        $(impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::settings::value::text::deserialize(deserializer)
            }
        })+
    };
}

pub(super) use read_as_text;
