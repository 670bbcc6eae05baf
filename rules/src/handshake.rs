//! What of a WebSocket handshake reaches the backend.
//!
//! A strict backend (RFC 6455, section 4.2.1) takes a handshake when it comes as HTTP/1.1 or
//! newer, with `Upgrade: websocket` and a `Connection` that has the token `upgrade`. nginx passes
//! neither field on by itself (`ngx_http_proxy_headers` in ngx_http_proxy_module.c), and up to
//! 1.29.6 speaks HTTP/1.0.

pub(crate) mod backends;
pub(crate) mod cache;
pub mod diagnosis;
pub(crate) mod host;
pub mod intent;
pub(crate) mod polling;
pub(crate) mod traffic;

use std::sync::Arc;

use rustc_hash::FxHashMap;
use wslint_grammar::Word;
use wslint_grammar::catalogue::{Version, directive as d};

use crate::cause::text_damage::{self, Damage};
use crate::evaluate::{Evaluated, Part, Request, Unknown, Value, mistyped, parts};
use crate::finding::VersionRange;
use crate::model::Model;
use crate::resolve::{Configuration, Effective, LevelId, Lines, Setting, Unseen};
use crate::rules::has_equals_sign;
use crate::source::Place;

/// The first version that speaks HTTP/1.1 to backends by itself, and sends no `Connection`.
pub const HTTP_1_1_BY_DEFAULT: Version = Version::new(1, 29, 7);

/// The first version that sends `Host` first and once: the last line counts, and an empty value is
/// nginx's own.
pub const HOST_IS_SINGLE: Version = Version::new(1, 31, 4);

/// Whether a handshake passes one of a backend's tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It does.
    Passes,
    /// It does not.
    Fails,
    /// It does not with these versions of nginx.
    FailsIn(VersionRange),
    /// It cannot be told.
    Unknown,
}

/// A `proxy_set_header` line for one field, with what it sends.
#[derive(Clone, Debug)]
pub struct FieldLine<'c> {
    /// The line.
    pub setting: Setting<'c>,
    /// What it sends for a handshake from Chrome.
    pub chrome: Arc<Evaluated>,
    /// What it sends for a handshake from Firefox.
    pub firefox: Arc<Evaluated>,
    /// The text of the value is damaged in a way that has a rule of its own: typographic quotes,
    /// an escaped dollar sign, a mistyped variable, an invisible character, a `#`.
    pub is_damaged: bool,
}

/// A request field on its way to the backend.
#[derive(Clone, Debug)]
pub struct Field<'c> {
    /// The lines in effect that set it. All are sent, but those that are empty
    /// (`ngx_http_proxy_init_headers`).
    pub lines: Vec<FieldLine<'c>>,
    /// Other lines may set it, out of sight.
    pub unseen: Option<Unseen>,
}

impl<'c> Field<'c> {
    fn add(&mut self, line: Option<FieldLine<'c>>) {
        // There is hardly ever a second one.
        self.lines.reserve_exact(usize::from(line.is_some()));
        self.lines.extend(line);
    }

    /// The lines that send something, or may.
    pub fn sent(&self) -> impl Iterator<Item = &FieldLine<'c>> {
        self.lines.iter().filter(|line| line.chrome.value != Value::Known(Vec::new()))
    }

    /// The first two lines that surely send something, when there are as many: nginx sends both.
    pub(crate) fn sent_twice(&self) -> Option<[&FieldLine<'c>; 2]> {
        let mut sent = self
            .lines
            .iter()
            .filter(|line| matches!(&line.chrome.value, Value::Known(value) if !value.is_empty()));
        Some([sent.next()?, sent.next()?])
    }

    /// Whether the field is surely not set by any line.
    pub fn is_absent(&self) -> bool {
        self.lines.is_empty() && self.unseen.is_none()
    }

    fn value<'s>(
        &'s self,
        of: impl Fn(&'s FieldLine<'c>) -> &'s Value,
    ) -> Result<Vec<u8>, Unknown> {
        let mut joined: Vec<u8> = Vec::new();
        for line in &self.lines {
            match of(line) {
                Value::Unknown(unknown) => return Err(unknown.clone()),
                Value::Known(value) if value.is_empty() => {}
                Value::Known(value) => {
                    if !joined.is_empty() {
                        joined.extend_from_slice(b", ");
                    }
                    joined.extend_from_slice(value);
                }
            }
        }
        Ok(joined)
    }

    /// What the backend reads for a handshake from Chrome, several lines joined as HTTP joins them
    /// (RFC 9110, section 5.3).
    ///
    /// # Errors
    /// With the reason when it cannot be told.
    pub fn chrome(&self) -> Result<Vec<u8>, Unknown> {
        self.value(|line| &line.chrome.value)
    }

    /// As [`Field::chrome`], for a handshake from Firefox.
    ///
    /// # Errors
    /// With the reason when it cannot be told.
    pub fn firefox(&self) -> Result<Vec<u8>, Unknown> {
        self.value(|line| &line.firefox.value)
    }

    fn verdict(&self, passes: impl Fn(&[u8]) -> bool) -> Verdict {
        if let ([line], None) = (self.lines.as_slice(), self.unseen)
            && let (Value::Known(chrome), Value::Known(firefox)) =
                (&line.chrome.value, &line.firefox.value)
        {
            let both = passes(chrome) && passes(firefox);
            return if both { Verdict::Passes } else { Verdict::Fails };
        }
        match (self.chrome(), self.firefox()) {
            _ if self.unseen.is_some() => Verdict::Unknown,
            (Ok(chrome), Ok(firefox)) if passes(&chrome) && passes(&firefox) => Verdict::Passes,
            (Ok(chrome), _) if !passes(&chrome) => Verdict::Fails,
            (_, Ok(firefox)) if !passes(&firefox) => Verdict::Fails,
            _ => Verdict::Unknown,
        }
    }
}

/// The HTTP version that nginx speaks to the backend.
#[derive(Clone, Copy, Debug)]
pub enum HttpVersion<'c> {
    /// `proxy_http_version` says so.
    Set(Setting<'c>),
    /// Nothing says anything.
    Default,
    /// It may be set out of sight.
    Unknown(Unseen),
}

impl<'c> HttpVersion<'c> {
    /// The version that is spoken at a level.
    pub(crate) fn at(configuration: &'c Configuration, level: LevelId) -> Self {
        match configuration.value(level, d::PROXY_HTTP_VERSION) {
            Effective::Set(setting) => HttpVersion::Set(setting),
            Effective::Default => HttpVersion::Default,
            Effective::Unknown(unseen) => HttpVersion::Unknown(unseen),
        }
    }

    /// What a version of nginx speaks; what is out of sight is taken for not set.
    pub(crate) fn spoken(self, nginx_version: Version) -> String {
        if let HttpVersion::Set(setting) = self
            && let Some(version) = setting.directive.argument(0)
        {
            return String::from_utf8_lossy(&version.value()).into_owned();
        }
        let is_new = nginx_version >= HTTP_1_1_BY_DEFAULT;
        if is_new { "1.1".to_owned() } else { "1.0".to_owned() }
    }
}

/// The `proxy_set_header` lines in effect at a level, and what may hold more of them.
pub(crate) fn header_lines(
    configuration: &Configuration,
    level: LevelId,
) -> (Option<Lines<'_>>, Option<Unseen>) {
    match configuration.effective(level, d::PROXY_SET_HEADER) {
        Effective::Set(lines) => (Some(lines), lines.unseen),
        Effective::Default => (None, None),
        Effective::Unknown(unseen) => (None, Some(unseen)),
    }
}

/// What reaches the backend from one level that has a `proxy_pass`.
#[derive(Clone, Debug)]
pub struct Forwarded<'c> {
    /// The level.
    pub level: LevelId,
    /// Its `proxy_pass`.
    pub pass: Setting<'c>,
    /// The HTTP version.
    pub http_version: HttpVersion<'c>,
    /// The `proxy_set_header` lines in effect.
    pub headers: Effective<Lines<'c>>,
    /// `Upgrade`
    pub upgrade: Field<'c>,
    /// `Connection`
    pub connection: Field<'c>,
    upgrade_verdict: Verdict,
    connection_verdict: Verdict,
    /// The line that sets a `Sec-WebSocket-…` field, if one does.
    pub websocket_field: Option<Setting<'c>>,
    /// A line that was meant to set `Upgrade` or `Connection`, but whose text is damaged. What is
    /// missing without it is not missing for a reason of its own.
    pub damage: Option<Setting<'c>>,
}

impl<'c> Forwarded<'c> {
    /// Follows a handshake that has reached `level`. What header lines send is looked up in `values`
    /// and kept there.
    pub(crate) fn new(
        model: &Model<'c>,
        level: LevelId,
        pass: Setting<'c>,
        values: &mut SentValues<'c>,
    ) -> Self {
        let configuration = model.configuration;
        let headers = configuration.effective(level, d::PROXY_SET_HEADER);
        let (lines, unseen) = header_lines(configuration, level);
        let mut upgrade = Field { lines: Vec::new(), unseen };
        let mut connection = Field { lines: Vec::new(), unseen };
        let mut websocket_field = None;
        let mut damage = None;
        if let Some(lines) = lines {
            for setting in lines.iter() {
                let Some(name) = setting.directive.argument(0) else { continue };
                let written = name.value();
                let name = without_damage(&written);
                let rule =
                    if written.ends_with(b":") { "header-name-with-colon" } else { "smart-quotes" };
                let is_damaged = name.len() < written.len() && model.reports(rule);
                // Damage that no rule reports makes it another field.
                let name = if is_damaged { name } else { &*written };
                let is_damaged = is_damaged && is_handshake_field(name);
                if is_damaged || is_refused(model, setting, name) {
                    damage.get_or_insert(setting);
                } else if name.eq_ignore_ascii_case(b"upgrade") {
                    upgrade.add(field_line(model, level, setting, values));
                } else if name.eq_ignore_ascii_case(b"connection") {
                    connection.add(field_line(model, level, setting, values));
                } else if name.len() > 14 && name[..14].eq_ignore_ascii_case(b"sec-websocket-") {
                    websocket_field = Some(setting);
                }
            }
        }
        Self {
            level,
            pass,
            http_version: HttpVersion::at(configuration, level),
            headers,
            upgrade_verdict: upgrade.verdict(|value| has_token(value, b"websocket")),
            connection_verdict: connection.verdict(has_upgrade_token),
            upgrade,
            connection,
            websocket_field,
            damage,
        }
    }

    /// The lines in effect that set a field of the request, whatever the case of its name.
    pub(crate) fn lines_of(&self, name: &str) -> impl Iterator<Item = Setting<'c>> {
        self.lines().filter(move |line| {
            let written = line.directive.argument(0).map(wslint_grammar::Word::value);
            // A line whose name is damaged was meant to set it, and has a rule of its own.
            written.is_some_and(|it| without_damage(&it).eq_ignore_ascii_case(name.as_bytes()))
        })
    }

    /// The `proxy_set_header` lines in effect that are seen.
    pub(crate) fn lines(&self) -> impl Iterator<Item = Setting<'c>> + use<'c> {
        self.headers.set().into_iter().flat_map(|lines| lines.iter())
    }

    /// Whether the lines in effect are all that sets fields of the request: none can stand in a
    /// file that is not seen, or come from another module.
    pub(crate) fn sees_all_lines(&self, model: &Model<'_>) -> bool {
        let is_seen = match self.headers {
            Effective::Set(lines) => lines.unseen.is_none(),
            Effective::Default => true,
            Effective::Unknown(_) => false,
        };
        let configuration = model.configuration;
        is_seen
            && configuration.ancestors(self.level).all(|level| {
                !model.has_unknown_directive(level)
                    && configuration.own(level, d::MORE_SET_INPUT_HEADERS).iter().next().is_none()
            })
    }

    /// Whether a handshake gets to the backend as far as its headers are concerned: what does not
    /// work yet has rules of its own.
    pub(crate) fn is_complete(&self, diagnosis: &diagnosis::Diagnosis<'_>) -> bool {
        diagnosis.missing.is_empty()
            && diagnosis.lost.is_none()
            && self.damage.is_none()
            && self.upgrade_verdict != Verdict::Fails
            && self.connection_verdict != Verdict::Fails
    }

    /// Whether the backend reads `Upgrade: websocket`.
    pub fn upgrade_verdict(&self) -> Verdict {
        self.upgrade_verdict
    }

    /// Whether the backend reads a `Connection` with the token `upgrade`.
    pub fn connection_verdict(&self) -> Verdict {
        self.connection_verdict
    }

    /// Whether the HTTP version can carry an upgrade.
    pub fn http_version_verdict(&self, target: Option<Version>) -> Verdict {
        match self.http_version {
            HttpVersion::Set(setting) => {
                let value = setting.directive.argument(0).map(wslint_grammar::Word::value);
                match value.as_deref() {
                    Some(b"1.1") => Verdict::Passes,
                    Some(b"1.0" | b"2") => Verdict::Fails,
                    // nginx refuses everything else.
                    _ => Verdict::Unknown,
                }
            }
            HttpVersion::Default => {
                let old = VersionRange::before(HTTP_1_1_BY_DEFAULT);
                match target {
                    None => Verdict::FailsIn(old),
                    Some(target) if old.contains(target) => Verdict::Fails,
                    Some(_) => Verdict::Passes,
                }
            }
            HttpVersion::Unknown(_) => Verdict::Unknown,
        }
    }
}

/// Whether a `Connection` value asks for an upgrade: tokens are separated by commas and compared
/// without regard to case (RFC 9110, section 7.6.1).
pub fn has_upgrade_token(value: &[u8]) -> bool {
    has_token(value, b"upgrade")
}

/// Whether a list of tokens contains `token`. `Upgrade` is such a list too (RFC 9110, section
/// 7.8), and RFC 6455, section 4.2.1, asks for one that contains `websocket`.
pub(crate) fn has_token(value: &[u8], token: &[u8]) -> bool {
    value.split(|&byte| byte == b',').any(|item| item.trim_ascii().eq_ignore_ascii_case(token))
}

/// Whether a header is one of the two that make a handshake.
pub(crate) fn is_handshake_field(name: &[u8]) -> bool {
    name.eq_ignore_ascii_case(b"upgrade") || name.eq_ignore_ascii_case(b"connection")
}

/// Whether nginx refuses a line that was meant to set one of the two: it has too few arguments, or
/// its text is damaged.
fn is_refused(model: &Model<'_>, line: Setting<'_>, name: &[u8]) -> bool {
    let place = Place { file: line.reference.file, span: line.directive.words_span() };
    if model.has_syntax_error_in(place) {
        return is_handshake_field(name);
    }
    if line.directive.argument_count() == 2 {
        return false;
    }
    // It is reported by the one or the other.
    let rule = match text_damage::in_arguments(line.directive) {
        Some(Damage::Invisible(_)) => return model.reports("invisible-characters"),
        Some(Damage::Hash(_)) => "hash-not-a-comment",
        _ if text_damage::quoted_blank(line.directive).is_some() => "smart-quotes",
        _ if has_equals_sign(line) => "invalid-scalar-value",
        _ => "directive-arity",
    };
    is_handshake_field(name) && (model.reports(rule) || model.reports("expanded-by-shell"))
}

/// The name of a header without colons at its end and typographic quotes around it, which have
/// rules of their own.
pub(crate) fn without_damage(name: &[u8]) -> &[u8] {
    let mut name = name;
    while let Some(shorter) = name.strip_suffix(b":") {
        name = shorter;
    }
    if name.is_ascii() {
        return name;
    }
    for quote in TYPOGRAPHIC_QUOTES.map(str::as_bytes) {
        name = name.strip_prefix(quote).unwrap_or(name);
        name = name.strip_suffix(quote).unwrap_or(name);
    }
    name
}

/// The quotes that word processors and web pages put in the place of `"` and `'`.
pub(crate) const TYPOGRAPHIC_QUOTES: [&str; 6] =
    ["\u{201c}", "\u{201d}", "\u{201e}", "\u{2018}", "\u{2019}", "\u{201a}"];

/// What the values of header lines send where nothing is `set`: most locations have the same few.
#[derive(Debug, Default)]
pub(crate) struct SentValues<'c> {
    /// By the value as it is written.
    known: FxHashMap<&'c [u8], Sent>,
}

/// What the value of a header line sends, see [`FieldLine`].
#[derive(Clone, Debug)]
struct Sent {
    chrome: Arc<Evaluated>,
    firefox: Arc<Evaluated>,
    is_damaged: bool,
}

impl Sent {
    fn new(model: &Model<'_>, level: LevelId, value: Word<'_>) -> Self {
        let text = value.value();
        let evaluate = |request| model.variables.evaluate(&text, request, level);
        let chrome = evaluate(&Request::CHROME);
        let firefox =
            if text.contains(&b'$') { evaluate(&Request::FIREFOX) } else { Arc::clone(&chrome) };
        let is_damaged = damage_of_value(value).is_some_and(|rule| model.reports(rule));
        Self { chrome, firefox, is_damaged }
    }
}

fn field_line<'c>(
    model: &Model<'c>,
    level: LevelId,
    setting: Setting<'c>,
    values: &mut SentValues<'c>,
) -> Option<FieldLine<'c>> {
    let value = setting.directive.argument(1)?;
    let look = || Sent::new(model, level, value);
    let Sent { chrome, firefox, is_damaged } = match model.variables.sets_nothing(level) {
        true => values.known.entry(value.raw()).or_insert_with(look).clone(),
        false => look(),
    };
    Some(FieldLine { setting, chrome, firefox, is_damaged })
}

/// The rule that is about the damage in the text of a header's value.
fn damage_of_value(word: Word<'_>) -> Option<&'static str> {
    let raw = word.raw();
    let is_quote = |quote: &str| raw.starts_with(quote.as_bytes());
    if !raw.is_ascii() && TYPOGRAPHIC_QUOTES.into_iter().any(is_quote) {
        return Some("smart-quotes");
    }
    if word.is_escaped() && memchr::memmem::find(raw, b"\\$").is_some() {
        return Some("escaped-dollar");
    }
    if wslint_grammar::first_invisible(raw).is_some() {
        return Some("invisible-characters");
    }
    if text_damage::hash(word).is_some() {
        return Some("hash-not-a-comment");
    }
    let is_mistyped = |part: Part<'_>| match part {
        Part::Variable { name, .. } => mistyped(name).is_some(),
        _ => false,
    };
    parts(&word.value()).any(is_mistyped).then_some("http-variable-typo")
}

#[cfg(test)]
mod tests {
    use super::has_upgrade_token;

    #[test]
    fn a_connection_value_is_a_list_of_tokens() {
        for value in ["upgrade", "Upgrade", "keep-alive, Upgrade", "upgrade,", " UPGRADE "] {
            assert!(has_upgrade_token(value.as_bytes()), "{value}");
        }
        for value in ["", "close", "keep-alive", "websocket", "upgrade;", "\"upgrade\"", "upgraded"]
        {
            assert!(!has_upgrade_token(value.as_bytes()), "{value}");
        }
    }
}
