//! Reads the data files; only the build script and the tests need it. The format is described in
//! `catalogue/README.md`, and whatever departs from it is an error.

use std::collections::HashSet;

use super::context::Context;
use super::version::Version;

/// A row of a file of directives. The fields up to `module` that become Rust values are kept as Rust
/// expressions.
#[derive(Debug)]
pub(super) struct DirectiveRow {
    /// The directive.
    pub(super) name: String,
    /// Where it may stand.
    pub(super) contexts: Vec<Context>,
    /// An `ArgumentCount`.
    pub(super) arguments: String,
    /// A `Body`.
    pub(super) body: String,
    /// A `Repeat`.
    pub(super) repeat: &'static str,
    /// A `Value`.
    pub(super) value: String,
    /// The module.
    pub(super) module: String,
    /// An `Availability`.
    pub(super) availability: &'static str,
    /// The first version with it.
    pub(super) since: Option<Version>,
    /// The first version without it.
    pub(super) until: Option<Version>,
    /// Whether its arguments take variables.
    pub(super) variables: bool,
}

/// A row of the file of variables.
#[derive(Debug)]
pub(super) struct VariableRow {
    /// The name, or what the names of a family begin with.
    pub(super) name: String,
    /// Whether it is a family.
    pub(super) prefix: bool,
    /// A `Protocol`.
    pub(super) protocol: &'static str,
    /// The module.
    pub(super) module: String,
    /// An `Availability`.
    pub(super) availability: &'static str,
    /// The first version with it.
    pub(super) since: Option<Version>,
    /// The first version without it.
    pub(super) until: Option<Version>,
    /// Whether a configuration may define it anew.
    pub(super) changeable: bool,
}

/// Reads a file of directives. An error begins with the number of its line.
pub(super) fn directives(text: &str) -> Result<Vec<DirectiveRow>, String> {
    rows(text, directive)
}

/// Reads the file of variables. An error begins with the number of its line.
pub(super) fn variables(text: &str) -> Result<Vec<VariableRow>, String> {
    rows(text, variable)
}

fn rows<Row, const COLUMNS: usize>(
    text: &str,
    read: impl Fn([&str; COLUMNS]) -> Result<Row, String>,
) -> Result<Vec<Row>, String> {
    let mut rows = Vec::new();
    let mut seen = HashSet::new();
    for (number, line) in (1..).zip(text.lines()) {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        let columns: Vec<&str> = line.split_whitespace().collect();
        let count = columns.len();
        let columns = <[&str; COLUMNS]>::try_from(columns)
            .map_err(|_| format!("{number}: {count} columns instead of {COLUMNS}"))?;
        if !seen.insert(columns) {
            return Err(format!("{number}: this line stands above already"));
        }
        rows.push(read(columns).map_err(|error| format!("{number}: {error}"))?);
    }
    Ok(rows)
}

fn directive(columns: [&str; 10]) -> Result<DirectiveRow, String> {
    let [name, contexts, arguments, kind, repeat, value, module, availability, versions, variables] =
        columns;
    let (since, until) = self::versions(versions)?;
    Ok(DirectiveRow {
        name: identifier(name, "a directive's name")?,
        contexts: self::contexts(contexts)?,
        arguments: self::arguments(arguments)?,
        body: body(kind)?,
        repeat: one_of(repeat, "repeat", &[("once", "Repeat::Once"), ("many", "Repeat::Many")])?,
        value: self::value(value)?,
        module: self::module(module)?,
        availability: self::availability(availability)?,
        since,
        until,
        variables: one_of(variables, "variables", &[("vars", true), ("-", false)])?,
    })
}

fn variable(columns: [&str; 6]) -> Result<VariableRow, String> {
    let [name, protocol, module, availability, versions, changeable] = columns;
    let (since, until) = self::versions(versions)?;
    let stem = name.strip_suffix('*');
    let name = identifier(stem.unwrap_or(name), "a variable's name")?;
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Err(format!("`{name}` is not in lower case"));
    }
    Ok(VariableRow {
        name,
        prefix: stem.is_some(),
        protocol: one_of(
            protocol,
            "context",
            &[("http", "Protocol::Http"), ("stream", "Protocol::Stream")],
        )?,
        module: self::module(module)?,
        availability: self::availability(availability)?,
        since,
        until,
        changeable: one_of(changeable, "changeable", &[("changeable", true), ("fixed", false)])?,
    })
}

fn one_of<T: Copy>(word: &str, column: &str, choices: &[(&str, T)]) -> Result<T, String> {
    choices
        .iter()
        .find(|(choice, _)| *choice == word)
        .map(|(_, meaning)| *meaning)
        .ok_or_else(|| format!("`{word}` is no {column}"))
}

fn identifier(word: &str, what: &str) -> Result<String, String> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if word.bytes().all(fits) && !word.is_empty() && !word.as_bytes()[0].is_ascii_digit() {
        Ok(word.to_owned())
    } else {
        Err(format!("`{word}` is not {what}"))
    }
}

fn module(word: &str) -> Result<String, String> {
    let fits =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte);
    if word.bytes().all(fits) {
        Ok(word.to_owned())
    } else {
        Err(format!("`{word}` is not a module's name"))
    }
}

fn contexts(words: &str) -> Result<Vec<Context>, String> {
    if words == "any" {
        return Ok(Context::ALL.to_vec());
    }
    let mut contexts = Vec::new();
    for word in words.split(',') {
        let context =
            Context::from_keyword(word).ok_or_else(|| format!("`{word}` is no context"))?;
        if contexts.last().is_some_and(|last| *last >= context) {
            return Err(format!("`{word}` stands too late in `{words}`"));
        }
        contexts.push(context);
    }
    Ok(contexts)
}

fn arguments(word: &str) -> Result<String, String> {
    let wrong = || format!("`{word}` is no number of arguments");
    if word == "flag" {
        return Ok("ArgumentCount::Flag".to_owned());
    }
    if let Some(least) = word.strip_suffix('+') {
        let least: u8 = least.parse().map_err(|_| wrong())?;
        return Ok(format!("ArgumentCount::AtLeast({least})"));
    }
    let mut mask = 0_u8;
    for count in word.split(',') {
        let count: u32 = count.parse().map_err(|_| wrong())?;
        let bit = 1_u8.checked_shl(count).ok_or_else(wrong)?;
        if mask >= bit {
            return Err(format!("`{word}` is not in ascending order"));
        }
        mask |= bit;
    }
    Ok(format!("ArgumentCount::OneOf({mask})"))
}

fn body(word: &str) -> Result<String, String> {
    Ok(match word {
        "simple" => "Body::None".to_owned(),
        "data" => "Body::Data".to_owned(),
        "raw" => "Body::Raw".to_owned(),
        _ => {
            let context = word
                .strip_prefix("block:")
                .and_then(Context::from_keyword)
                .ok_or_else(|| format!("`{word}` is no kind"))?;
            format!("Body::Directives(Context::{})", context.variant())
        }
    })
}

fn value(word: &str) -> Result<String, String> {
    let wrong = || format!("`{word}` is no value");
    let Some((name, rest)) = word.split_once('(') else {
        let variant = one_of(
            word,
            "value",
            &[
                ("flag", "Flag"),
                ("num", "Number(None)"),
                ("size", "Size"),
                ("off", "Offset"),
                ("msec", "Milliseconds"),
                ("sec", "Seconds"),
                ("str", "Text"),
                ("bufs", "Buffers"),
                ("access", "Access"),
                ("custom", "Custom"),
            ],
        )?;
        return Ok(format!("Value::{variant}"));
    };
    let inner = rest.strip_suffix(')').ok_or_else(wrong)?;
    if name == "num" {
        let (low, high) = inner.split_once("..").ok_or_else(wrong)?;
        let low: i32 = low.parse().map_err(|_| wrong())?;
        let high: i32 = high.parse().map_err(|_| wrong())?;
        return Ok(format!("Value::Number(Some(({low}, {high})))"));
    }
    let variant = one_of(name, "value", &[("enum", "OneOf"), ("bitmask", "AnyOf")])?;
    let words: Vec<&str> = inner.split('|').collect();
    if words.iter().any(|word| word.is_empty()) {
        return Err(wrong());
    }
    Ok(format!("Value::{variant}(&{words:?})"))
}

fn availability(word: &str) -> Result<&'static str, String> {
    one_of(
        word,
        "availability",
        &[
            ("stock", "Availability::Stock"),
            ("with", "Availability::With"),
            ("dynamic", "Availability::Dynamic"),
            ("platform", "Availability::Platform"),
            ("commercial", "Availability::Commercial"),
            ("third-party", "Availability::ThirdParty"),
        ],
    )
}

fn versions(word: &str) -> Result<(Option<Version>, Option<Version>), String> {
    let version = |text: &str| {
        if text.is_empty() {
            return Ok(None);
        }
        text.parse().map(Some).map_err(|error| format!("`{word}`: {error}"))
    };
    let (since, until) =
        word.split_once('-').ok_or_else(|| format!("`{word}` has no `-` between its versions"))?;
    let (since, until) = (version(since)?, version(until)?);
    if since.is_some() && until.is_some() && since >= until {
        return Err(format!("`{word}` ends before it begins"));
    }
    Ok((since, until))
}
