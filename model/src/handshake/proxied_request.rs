//! What of a WebSocket handshake reaches the backend.
//!
//! A strict backend (RFC 6455, section 4.2.1) takes a handshake when it comes as HTTP/1.1 or
//! newer, with `Upgrade: websocket` and a `Connection` that has the token `upgrade`. nginx passes
//! neither field on by itself (`ngx_http_proxy_headers` in ngx_http_proxy_module.c), and up to
//! 1.29.6 speaks HTTP/1.0.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use wslint_grammar::Word;
use wslint_grammar::catalogue::{Version, directive as d};

use crate::damage::mistyped;
use crate::damage::text_damage::{self, Damage, TYPOGRAPHIC_QUOTES, has_equals_sign};
use crate::evaluate::{Evaluated, Request, Unknown, Value};
use crate::handshake::phases::proxy;
use crate::model::Model;
use crate::resolve::{Configuration, Effective, LevelId, Lines, Setting, Unseen};
use crate::source::Place;
use crate::text::template::{Part, parts};
use crate::versions::VersionRange;

pub use crate::handshake::strict_backend::has_token;
pub use crate::handshake::strict_backend::has_upgrade_token;
pub use crate::versions::{HOST_IS_SINGLE, HTTP_1_1_BY_DEFAULT};

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
    /// How the text of the value is damaged.
    pub damage: Option<HeaderDamage>,
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
    pub fn sent_twice(&self) -> Option<[&FieldLine<'c>; 2]> {
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
    pub fn at(configuration: &'c Configuration, level: LevelId) -> Self {
        match configuration.value(level, d::PROXY_HTTP_VERSION) {
            Effective::Set(setting) => HttpVersion::Set(setting),
            Effective::Default => HttpVersion::Default,
            Effective::Unknown(unseen) => HttpVersion::Unknown(unseen),
        }
    }

    /// What a version of nginx speaks; what is out of sight is taken for not set.
    pub fn spoken(self, nginx_version: Version) -> String {
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
pub fn header_lines(
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
    pub damage: Option<(Setting<'c>, HeaderDamage)>,
}

impl<'c> Forwarded<'c> {
    /// Follows a handshake that has reached `level`. What header lines send is looked up in `values`
    /// and kept there.
    pub fn new(
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
            let sent = values.of_lines(model, level, pass, lines);
            for (setting, sent) in lines.iter().zip(sent) {
                let Some(name) = setting.directive.argument(0) else { continue };
                let written = name.value();
                if let Some(kind) = damage_of_line(model, setting, &written) {
                    damage.get_or_insert((setting, kind));
                } else if written.eq_ignore_ascii_case(b"upgrade") {
                    upgrade.add(sent.map(|sent| sent.in_line(setting)));
                } else if written.eq_ignore_ascii_case(b"connection") {
                    connection.add(sent.map(|sent| sent.in_line(setting)));
                } else if written.len() > 14
                    && written[..14].eq_ignore_ascii_case(b"sec-websocket-")
                {
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
    pub fn lines_of(&self, name: &str) -> impl Iterator<Item = Setting<'c>> {
        self.lines().filter(move |line| {
            let written = line.directive.argument(0).map(wslint_grammar::Word::value);
            // A line whose name is damaged was meant to set it, and has a rule of its own.
            written.is_some_and(|it| without_damage(&it).eq_ignore_ascii_case(name.as_bytes()))
        })
    }

    /// The `proxy_set_header` lines in effect that are seen.
    pub fn lines(&self) -> impl Iterator<Item = Setting<'c>> + use<'c> {
        self.headers.set().into_iter().flat_map(|lines| lines.iter())
    }

    /// Whether the lines in effect are all that sets fields of the request: none can stand in a
    /// file that is not seen, or come from another module.
    pub fn sees_all_lines(&self, model: &Model<'_>) -> bool {
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

/// Whether a header is one of the two that make a handshake.
pub fn is_handshake_field(name: &[u8]) -> bool {
    name.eq_ignore_ascii_case(b"upgrade") || name.eq_ignore_ascii_case(b"connection")
}

/// How the text of a header line is damaged. What is missing because of it was meant to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderDamage {
    /// `:` after the name.
    ColonAfterName,
    /// Typographic quotes around the name, or around the value.
    TypographicQuotes,
    /// nginx can't parse the line.
    SyntaxError,
    /// An invisible character.
    InvisibleCharacter,
    /// `#` in a word, so that nginx rejects the line.
    Hash,
    /// `#` in the value.
    HashInValue,
    /// Typographic quotes around a value with spaces, which makes several words of it.
    QuotedSpace,
    /// `=` between name and value.
    EqualsSign,
    /// Too few or too many arguments.
    ArgumentCount,
    /// `\$` in the value.
    EscapedDollar,
    /// A mistyped `$http_upgrade` or `$http_connection` in the value.
    MistypedVariable,
}

/// The damage because of which a line that was meant to set `Upgrade` or `Connection` sets nothing,
/// or another header: in its name, or so that nginx rejects it.
fn damage_of_line(model: &Model<'_>, line: Setting<'_>, written: &[u8]) -> Option<HeaderDamage> {
    let name = without_damage(written);
    if name.len() < written.len() && is_handshake_field(name) {
        return Some(match written.ends_with(b":") {
            true => HeaderDamage::ColonAfterName,
            false => HeaderDamage::TypographicQuotes,
        });
    }
    let place = Place { file: line.reference.file, span: line.directive.words_span() };
    if model.has_syntax_error_in(place) {
        return is_handshake_field(name).then_some(HeaderDamage::SyntaxError);
    }
    if line.directive.argument_count() == 2 {
        return None;
    }
    let damage = match text_damage::in_arguments(line.directive) {
        // The name itself may be a part of what is damaged.
        Some(Damage::Invisible(_)) => return Some(HeaderDamage::InvisibleCharacter),
        Some(Damage::Hash(_)) => HeaderDamage::Hash,
        _ if text_damage::quoted_blank(line.directive).is_some() => HeaderDamage::QuotedSpace,
        _ if has_equals_sign(line.directive) => HeaderDamage::EqualsSign,
        _ => HeaderDamage::ArgumentCount,
    };
    is_handshake_field(name).then_some(damage)
}

/// The name of a header without colons at its end and typographic quotes around it, which have
/// rules of their own.
pub fn without_damage(name: &[u8]) -> &[u8] {
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

/// What the values of header lines send where the rewrite module does nothing: most locations have
/// the same few.
#[derive(Debug, Default)]
pub struct SentValues<'c> {
    /// By the value as it is written.
    known: FxHashMap<&'c [u8], Sent>,
}

/// What the value of a header line sends, see [`FieldLine`].
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    chrome: Arc<Evaluated>,
    firefox: Arc<Evaluated>,
    damage: Option<HeaderDamage>,
}

impl Sent {
    fn in_line(self, setting: Setting<'_>) -> FieldLine<'_> {
        let Self { chrome, firefox, damage } = self;
        FieldLine { setting, chrome, firefox, damage }
    }
}

impl<'c> SentValues<'c> {
    /// What each of the lines in effect at a level sends; `None` for lines without a value.
    fn of_lines(
        &mut self,
        model: &Model<'c>,
        level: LevelId,
        pass: Setting<'c>,
        lines: Lines<'c>,
    ) -> Vec<Option<Sent>> {
        let values = || lines.iter().map(|line| line.directive.argument(1));
        let has_variables = || values().flatten().any(|value| value.raw().contains(&b'$'));
        if model.takes_no_steps(level) || !has_variables() {
            return values().map(|value| value.map(|value| self.sent(model, value))).collect();
        }
        let for_request = |request: &Request| {
            model.summarize(request, level, |walk| proxy::set_header_values(walk, pass, lines))
        };
        let chrome = for_request(&Request::CHROME);
        let firefox = for_request(&Request::FIREFOX);
        let mut sent = chrome
            .into_iter()
            .zip(firefox)
            .map(|(chrome, firefox)| (Arc::new(chrome), Arc::new(firefox)));
        let with_value = values().map(|value| {
            let value = value?;
            let (chrome, firefox) = sent.next()?;
            Some(Sent { chrome, firefox, damage: damage_of_value(value) })
        });
        with_value.collect()
    }

    fn sent(&mut self, model: &Model<'_>, value: Word<'c>) -> Sent {
        let look = || {
            let text = value.value();
            let chrome = model.variables.evaluate_unset(&text, &Request::CHROME);
            let firefox = match text.contains(&b'$') {
                true => model.variables.evaluate_unset(&text, &Request::FIREFOX),
                false => Arc::clone(&chrome),
            };
            Sent { chrome, firefox, damage: damage_of_value(value) }
        };
        self.known.entry(value.raw()).or_insert_with(look).clone()
    }
}

/// The damage in the text of a header's value.
fn damage_of_value(word: Word<'_>) -> Option<HeaderDamage> {
    let raw = word.raw();
    let is_quote = |quote: &str| raw.starts_with(quote.as_bytes());
    if !raw.is_ascii() && TYPOGRAPHIC_QUOTES.into_iter().any(is_quote) {
        return Some(HeaderDamage::TypographicQuotes);
    }
    if word.is_escaped() && memchr::memmem::find(raw, b"\\$").is_some() {
        return Some(HeaderDamage::EscapedDollar);
    }
    if wslint_grammar::first_invisible(raw).is_some() {
        return Some(HeaderDamage::InvisibleCharacter);
    }
    if text_damage::hash(word).is_some() {
        return Some(HeaderDamage::HashInValue);
    }
    let is_mistyped = |part: Part<'_>| match part {
        Part::Variable { name, .. } => mistyped(name).is_some(),
        _ => false,
    };
    parts(&word.value()).any(is_mistyped).then_some(HeaderDamage::MistypedVariable)
}
