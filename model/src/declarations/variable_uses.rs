//! Every place where nginx looks for a variable.

use std::ops::Range;

use rustc_hash::FxHashSet;
use wslint_grammar::catalogue::{self, Context as Block, ContextSet, directive as d};
use wslint_grammar::{DirectiveId, Word};

use crate::declarations::Declarations;
use crate::evaluate::Variables;
use crate::resolve::{LevelKind, Setting};
use crate::text::template::{Part, parts};

/// A variable where it is used.
pub struct VariableUse<'c, 't> {
    /// The directive, or the line of a map.
    pub setting: Setting<'c>,
    /// The word.
    pub word: Word<'c>,
    /// The name, as written.
    pub name: &'t str,
    /// Where it stands in the word, with its dollar sign.
    pub range: Range<usize>,
    /// Whether it is a variable of `stream`.
    pub in_stream: bool,
}

const HTTP: ContextSet = ContextSet::of(&[
    Block::Http,
    Block::Server,
    Block::Location,
    Block::IfServer,
    Block::IfLocation,
    Block::LimitExcept,
    Block::Upstream,
]);

const STREAM: ContextSet =
    ContextSet::of(&[Block::Stream, Block::StreamServer, Block::StreamUpstream]);

/// Calls `found` with every use of a variable in `http` and in `stream`, but no more with those
/// in a text all of whose variables it has called right.
pub fn each(model: &Declarations<'_>, mut found: impl FnMut(VariableUse<'_, '_>) -> bool) {
    let configuration = model.configuration;
    // The same few words stand in most of the lines.
    let mut right = [FxHashSet::default(), FxHashSet::default()];
    // By the number of the directive, as far as it was asked.
    let mut in_http = vec![None; catalogue::names().count()];
    let mut in_stream = in_http.clone();
    let mut has_stream = false;
    for (level, own) in configuration.levels() {
        let Some(stream) = is_stream(own.kind) else { continue };
        has_stream |= stream;
        let (replaces, blocks) =
            if stream { (&mut in_stream, STREAM) } else { (&mut in_http, HTTP) };
        let head = own.head.and_then(|it| Some((configuration.setting(it).directive.id()?, it)));
        for (id, reference) in configuration.own_references(level).chain(head) {
            let replaces = &mut replaces[id.index()];
            if !*replaces.get_or_insert_with(|| replaces_variables(id, blocks)) {
                continue;
            }
            let setting = configuration.setting(reference);
            for (number, word) in setting.directive.arguments().enumerate() {
                // Most words have none.
                if memchr::memchr(b'$', word.raw()).is_some()
                    && !is_taken_as_it_is(setting, number, word)
                {
                    let right = &mut right[usize::from(stream)];
                    let reading = reading(id, number, setting);
                    if reading == Reading::Text && right.contains(word.raw()) {
                        continue;
                    }
                    let is_right = look(setting, word, reading, stream, &mut found);
                    if reading == Reading::Text && is_right {
                        right.insert(word.raw());
                    }
                }
            }
        }
    }
    in_maps(model, &model.variables, false, &mut found);
    if has_stream {
        in_maps(model, model.stream_variables(), true, &mut found);
    }
    sources(model, &mut found);
}

fn is_stream(kind: LevelKind) -> Option<bool> {
    match kind {
        LevelKind::Http
        | LevelKind::Server
        | LevelKind::Location
        | LevelKind::If
        | LevelKind::IfInServer
        | LevelKind::LimitExcept
        | LevelKind::Upstream => Some(false),
        LevelKind::Stream | LevelKind::StreamServer | LevelKind::StreamUpstream => Some(true),
        LevelKind::Main | LevelKind::Other => None,
    }
}

/// Whether nginx looks for variables in a directive's arguments in those blocks, and would refuse
/// one that nothing defines.
fn replaces_variables(id: DirectiveId, blocks: ContextSet) -> bool {
    // The dollar signs in Perl's code are Perl's.
    if matches!(id, d::PERL_SET | d::JS_SET) {
        return false;
    }
    let mut here = id
        .definitions()
        .iter()
        .filter(|definition| definition.contexts.intersects(blocks))
        .peekable();
    here.peek().is_some() && here.all(|definition| definition.variables)
}

/// Whether a dollar sign in this argument is plain text, though the directive replaces variables
/// in others: names of headers and parameters, the variable that is set, regular expressions.
fn is_taken_as_it_is(setting: Setting<'_>, number: usize, word: Word<'_>) -> bool {
    const FIRST: [DirectiveId; 15] = [
        d::ADD_HEADER,
        d::ADD_TRAILER,
        d::AUTH_REQUEST_SET,
        d::FASTCGI_PARAM,
        d::GRPC_SET_HEADER,
        d::GRPC_SSL_CONF_COMMAND,
        d::PROXY_SET_HEADER,
        d::PROXY_SSL_CONF_COMMAND,
        d::REWRITE,
        d::SCGI_PARAM,
        d::SET,
        d::SSL_CONF_COMMAND,
        d::UWSGI_PARAM,
        d::XSLT_PARAM,
        d::XSLT_STRING_PARAM,
    ];
    const FIRST_IF_PATTERN: [DirectiveId; 4] =
        [d::PROXY_COOKIE_DOMAIN, d::PROXY_COOKIE_FLAGS, d::PROXY_COOKIE_PATH, d::PROXY_REDIRECT];
    const AFTER_FIRST: [DirectiveId; 2] = [d::LIMIT_CONN_ZONE, d::LIMIT_REQ_ZONE];
    let Some(id) = setting.directive.id() else { return false };
    match number {
        0 => FIRST.contains(&id) || (FIRST_IF_PATTERN.contains(&id) && word.raw().contains(&b'~')),
        _ if id == d::IF => {
            let operator = setting.directive.argument(number - 1).map(Word::value);
            matches!(operator.as_deref(), Some(b"~" | b"~*" | b"!~" | b"!~*"))
        }
        _ => AFTER_FIRST.contains(&id),
    }
}

/// How a word is searched for variables.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// `$name`, `${name}`; `$1` to `$9` are captures (`ngx_http_script_compile`).
    Text,
    /// Captures are unknown (`ngx_http_log_compile_format`).
    LogFormat,
    /// One name (`ngx_http_rewrite_variable`, `ngx_http_geo_block`).
    Name,
    /// No variable is looked for.
    Nothing,
}

fn reading(id: DirectiveId, number: usize, setting: Setting<'_>) -> Reading {
    match (id, number) {
        (d::LOG_FORMAT, 0) => Reading::Nothing,
        (d::LOG_FORMAT, _) => Reading::LogFormat,
        (d::IF, _) => {
            let first = setting.directive.argument(0).map(Word::value);
            let first_of_all = usize::from(first.as_deref() == Some(b"("));
            if number == first_of_all { Reading::Name } else { Reading::Text }
        }
        _ => Reading::Text,
    }
}

/// Whether `found` calls all of them right.
fn look<'c>(
    setting: Setting<'c>,
    word: Word<'c>,
    reading: Reading,
    in_stream: bool,
    found: &mut impl FnMut(VariableUse<'_, '_>) -> bool,
) -> bool {
    let value = word.value();
    let mut are_right = true;
    let mut add = |name: &str, range: Range<usize>| {
        are_right &= found(VariableUse { setting, word, name, range, in_stream });
    };
    match reading {
        Reading::Nothing => {}
        Reading::LogFormat => log_variables(&value, add),
        Reading::Name => {
            if let Some(range) = name_alone(&value)
                && let Ok(name) = std::str::from_utf8(&value[range.start + 1..range.end])
            {
                add(name, range);
            }
        }
        Reading::Text => {
            for part in parts(&value) {
                if let Part::Variable { name, range } = part {
                    add(name, range);
                }
            }
        }
    }
    are_right
}

/// Where one name is expected: `(` may stand before it and `)` behind it. What else stands there
/// is a part of the name for nginx (`if ($http_a$b)`), which is not gone into here.
fn name_alone(value: &[u8]) -> Option<Range<usize>> {
    let start = usize::from(value.starts_with(b"("));
    let end = value.len() - usize::from(value.ends_with(b")"));
    let name = value.get(start..end)?.strip_prefix(b"$")?;
    let is_name =
        !name.is_empty() && name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    is_name.then_some(start..end)
}

/// The variables of a log format, where `$1` is a name like any other.
fn log_variables(value: &[u8], mut add: impl FnMut(&str, Range<usize>)) {
    for dollar in memchr::memchr_iter(b'$', value) {
        let rest = &value[dollar + 1..];
        let braced = usize::from(rest.starts_with(b"{"));
        let name = &rest[braced..];
        let length =
            name.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
        if length == 0 || braced == 1 && name.get(length) != Some(&b'}') {
            continue;
        }
        if let Ok(name) = std::str::from_utf8(&name[..length])
            && !is_of_log(name)
        {
            add(name, dollar..dollar + 1 + length + 2 * braced);
        }
    }
}

/// Variables that exist in log formats only (`ngx_http_log_vars`).
fn is_of_log(name: &str) -> bool {
    const NAMES: [&str; 8] = [
        "pipe",
        "time_local",
        "time_iso8601",
        "msec",
        "request_time",
        "status",
        "bytes_sent",
        "body_bytes_sent",
    ];
    NAMES.contains(&name) || name == "request_length"
}

/// The sources and values of maps.
fn in_maps(
    model: &Declarations<'_>,
    variables: &Variables<'_>,
    in_stream: bool,
    found: &mut impl FnMut(VariableUse<'_, '_>) -> bool,
) {
    let configuration = model.configuration;
    for map in variables.maps() {
        let head = configuration.setting(map.reference);
        let entries = map.entries.iter().map(|entry| configuration.setting(entry.reference));
        for setting in std::iter::once(head).chain(entries) {
            if let Some(word) = setting.directive.argument(0) {
                look(setting, word, Reading::Text, in_stream, found);
            }
        }
    }
}

/// The sources of `geo` and `split_clients`.
fn sources(model: &Declarations<'_>, found: &mut impl FnMut(VariableUse<'_, '_>) -> bool) {
    let configuration = model.configuration;
    for (level, block) in configuration.data_blocks() {
        let reading = match (block.directive.id(), block.directive.argument_count()) {
            (Some(d::GEO), 2) => Reading::Name,
            (Some(d::SPLIT_CLIENTS), _) => Reading::Text,
            _ => continue,
        };
        if let Some(stream) = is_stream(configuration.level(level).kind)
            && let Some(word) = block.directive.argument(0)
        {
            look(block, word, reading, stream, found);
        }
    }
}
