//! Directives that the catalogue does not know.

use std::fmt;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use wslint_grammar::catalogue::{ArgumentCount, Context, ContextSet};
use wslint_model::added_directive::AddedDirective;

use super::text::{Meaning, read_as_text};

/// nginx counts arguments up to here (`NGX_CONF_TAKE7`); more are "any number from one on".
const MOST: u8 = 7;

/// A directive: the blocks that it may stand in, or a table that says more.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(transparent))]
pub(in crate::settings) struct DirectiveEntry(
    #[cfg_attr(test, schemars(with = "Forms"))] pub(in crate::settings) AddedDirective,
);

/// The forms that it can have.
#[cfg(test)]
#[derive(schemars::JsonSchema)]
#[schemars(untagged, inline)]
#[expect(dead_code, reason = "it is there for its schema")]
enum Forms {
    /// The blocks that it may stand in.
    Contexts(Vec<Block>),
    /// All that is known.
    Table(Description),
}

/// All that can be said of a directive.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Description {
    /// The blocks that it may stand in.
    #[cfg_attr(test, schemars(length(min = 1)))]
    contexts: Vec<Block>,
    /// How many arguments it takes: a number, "1-2", "1+" for one or more, or "any" (the default).
    #[serde(default)]
    arguments: Arguments,
    /// Whether it has a block. What stands in it is not checked.
    #[serde(default)]
    block: bool,
}

/// How many arguments there may be.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(transparent))]
struct Arguments(#[cfg_attr(test, schemars(with = "NumberOrText"))] ArgumentCount);

/// The forms that it can have.
#[cfg(test)]
#[derive(schemars::JsonSchema)]
#[schemars(untagged, inline)]
#[expect(dead_code, reason = "it is there for its schema")]
enum NumberOrText {
    /// Exactly so many.
    Number(#[schemars(range(max = 7))] u8),
    /// "1", "1-2", "1+" or "any".
    Text(#[schemars(regex(pattern = r"^([0-7]|[0-7]-[0-7]|[0-7]\+|any)$"))] String),
}

/// The name of a block, in the words of the catalogue, `if` for both of its kinds, or `any`.
struct Block(ContextSet);

#[cfg(test)]
impl schemars::JsonSchema for Block {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Block".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A block of nginx's configuration.",
            "enum": names(),
        })
    }
}

/// The names that a block may have.
fn names() -> Vec<&'static str> {
    let known = Context::ALL.iter().map(|context| context.keyword());
    known.chain(["if", "any"]).collect()
}

read_as_text!(Block);

impl Meaning for Block {
    fn of(written: &str) -> Result<Self, String> {
        let name = written.replace([' ', '_'], "-");
        let contexts = match name.as_str() {
            "any" => ContextSet::ANY,
            "if" => ContextSet::of(&[Context::IfServer, Context::IfLocation]),
            name => match Context::from_keyword(name) {
                Some(context) => ContextSet::of(&[context]),
                None => {
                    let names = names().join(", ");
                    return Err(format!("there is no block called `{written}`; there are {names}"));
                }
            },
        };
        Ok(Self(contexts))
    }
}

impl Default for Arguments {
    fn default() -> Self {
        Self(ArgumentCount::AtLeast(0))
    }
}

impl<'de> Deserialize<'de> for Arguments {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberOrText;

        impl Visitor<'_> for NumberOrText {
            type Value = Arguments;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a number, \"1-2\", \"1+\" or \"any\"")
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
                self.visit_str(&number.to_string())
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                count(text).map(Arguments).ok_or_else(|| {
                    E::custom(format_args!(
                        "`{text}` is no number of arguments: write a number up to {MOST}, \
                         \"1-2\", \"1+\" or \"any\""
                    ))
                })
            }
        }

        deserializer.deserialize_any(NumberOrText)
    }
}

fn count(text: &str) -> Option<ArgumentCount> {
    let number = |text: &str| text.parse().ok().filter(|&number: &u8| number <= MOST);
    if text == "any" {
        return Some(ArgumentCount::AtLeast(0));
    }
    if let Some(least) = text.strip_suffix('+') {
        return number(least).map(ArgumentCount::AtLeast);
    }
    let (least, most) = match text.split_once('-') {
        Some((least, most)) => (number(least)?, number(most)?),
        None => (number(text)?, number(text)?),
    };
    let mask = (least..=most).fold(0, |mask, count| mask | 1 << count);
    (least <= most).then_some(ArgumentCount::OneOf(mask))
}

impl<'de> Deserialize<'de> for DirectiveEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyForm;

        impl<'de> Visitor<'de> for AnyForm {
            type Value = AddedDirective;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a list of blocks, or a table with `contexts`")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
                let contexts = Vec::<Block>::deserialize(SeqAccessDeserializer::new(list))?;
                added(&contexts, Arguments::default(), None)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                let described = Description::deserialize(MapAccessDeserializer::new(map))?;
                added(&described.contexts, described.arguments, Some(described.block))
            }
        }

        deserializer.deserialize_any(AnyForm).map(Self)
    }
}

fn added<E: Error>(
    contexts: &[Block],
    Arguments(arguments): Arguments,
    block: Option<bool>,
) -> Result<AddedDirective, E> {
    if contexts.is_empty() {
        return Err(E::custom("a directive must be allowed in some block"));
    }
    let places: Vec<Context> = contexts.iter().flat_map(|Block(set)| set.iter()).collect();
    Ok(AddedDirective { contexts: ContextSet::of(&places), arguments, block })
}

/// A directive as it could stand in the file.
pub(in crate::settings) fn directive_text(directive: AddedDirective) -> String {
    let contexts: Vec<String> =
        directive.contexts.iter().map(|context| format!("\"{}\"", context.keyword())).collect();
    let contexts = if directive.contexts == ContextSet::ANY {
        "\"any\"".to_owned()
    } else {
        contexts.join(", ")
    };
    let Some(block) = directive.block else { return format!("[{contexts}]") };
    let arguments = match directive.arguments {
        ArgumentCount::AtLeast(0) => "any".to_owned(),
        ArgumentCount::AtLeast(least) => format!("{least}+"),
        ArgumentCount::OneOf(mask) => {
            let (least, most) = (mask.trailing_zeros(), mask.ilog2());
            if least == most { least.to_string() } else { format!("{least}-{most}") }
        }
        ArgumentCount::Flag => "1".to_owned(),
    };
    format!("{{ contexts = [{contexts}], arguments = \"{arguments}\", block = {block} }}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_arguments() {
        for (text, accepted) in [
            ("0", &[0][..]),
            ("1", &[1]),
            ("1-2", &[1, 2]),
            ("2+", &[2, 3, 4, 5, 6, 7, 8]),
            ("any", &[0, 1, 2, 3, 4, 5, 6, 7, 8]),
        ] {
            let count = count(text).unwrap();
            let all: Vec<usize> = (0..9).filter(|&number| count.accepts(number)).collect();
            assert_eq!(all, accepted, "{text}");
        }
        for text in ["", "8", "-1", "2-1", "1-", "+", "many", "1 - 2", "1,2"] {
            assert_eq!(count(text), None, "{text}");
        }
    }
}
