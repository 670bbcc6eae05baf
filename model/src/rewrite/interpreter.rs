//! Takes the steps of the rewrite module: the one place that knows what they do.
//!
//! A request comes in; out come one or more, each with what the steps led to. Where the
//! configuration doesn't tell how a request goes on, the [`Subject`] decides: it takes one of the
//! two ways, or becomes two requests. Requests that go on alike after an `if` become one again, so
//! that their number stays small.

use std::sync::Arc;

use super::document_root;
use super::program::{Action, Flag, Programs, Step};
use super::request::Request;
use crate::evaluate::{Condition, LARGEST, Truth, Unknown, Value};
use crate::resolve::LevelId;
use crate::source::Place;
use crate::text::pattern::Pattern;
use crate::text::request_uri::escape_arguments;
use crate::text::template::{Part, parts};

/// What the steps of a block lead to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum End {
    /// The request goes on.
    GoesOn,
    /// nginx answers with a status, for which `error_page` may have a page.
    Answers(u16, Place),
    /// nginx sends an answer of its own.
    Sends(u16, Place),
    /// It can't be told how it goes on.
    Unknown(Unknown, Place),
}

/// How a request goes on where the configuration doesn't tell.
pub(crate) enum Decision<S> {
    /// As if the condition held, or the pattern matched.
    Holds,
    /// As if it did not.
    Fails,
    /// Both ways: this is the copy for which it holds.
    Both(S),
}

/// A request that takes the steps, with what is special about who sends it on its way.
pub(crate) trait Subject<'c>: Sized {
    /// Whether it goes on with a URI of which nothing is known.
    const TAKES_UNKNOWN_URI: bool;

    /// The request.
    fn request(&self) -> &Request<'c>;

    /// The request, to be changed.
    fn request_mut(&mut self) -> &mut Request<'c>;

    /// What a text becomes for it.
    fn value(&self, text: &[u8]) -> Value;

    /// Whether it is known to be in an `if`, whatever its condition.
    fn is_inside(&self, _block: LevelId) -> bool {
        false
    }

    /// What to do where the configuration doesn't tell; of an `if`, with its block.
    fn decide(&mut self, why: &Unknown, place: Place, block: Option<LevelId>) -> Decision<Self>;

    /// It enters an `if`, whose settings come into effect in a location.
    fn enter(&mut self, block: LevelId, has_settings: bool);

    /// Writes down what a step did.
    fn note(&mut self, message: impl FnOnce() -> String, place: Place);

    /// Makes one of those that go on alike.
    fn merge(subjects: &mut Vec<Self>);
}

/// A block whose steps are being taken.
struct Frame<S> {
    steps: Arc<[Step]>,
    next: usize,
    /// Those that did not enter the block.
    outside: Vec<S>,
}

/// Sends a request through the steps of a server or location.
pub(crate) fn run<'c, S: Subject<'c>>(
    programs: &Programs,
    level: LevelId,
    mut subject: S,
) -> Vec<(S, End)> {
    let configuration = subject.request().configuration;
    if configuration.rewrite_steps(level).is_empty() {
        return vec![(subject, End::GoesOn)];
    }
    subject.request_mut().escapes_captures = true;
    let steps = programs.of(configuration, level);
    let mut frames = vec![Frame { steps, next: 0, outside: Vec::new() }];
    let mut live = vec![subject];
    let mut ended: Vec<(S, End)> = Vec::new();
    while let Some(frame) = frames.last_mut() {
        let step = if live.is_empty() { None } else { frame.steps.get(frame.next) };
        let Some(step) = step else {
            // Those that did not enter come first: an unknown condition is taken not to hold.
            let mut outside = std::mem::take(&mut frame.outside);
            frames.pop();
            outside.append(&mut live);
            live = outside;
            S::merge(&mut live);
            continue;
        };
        frame.next += 1;
        match &step.action {
            Action::If { block, has_settings, condition } => {
                let mut inside = Vec::new();
                let mut outside = Vec::new();
                for mut subject in live.drain(..) {
                    let decision = holds(&mut subject, condition, *block, step.place);
                    match decision {
                        _ if subject.is_inside(*block) => inside.push(subject),
                        Decision::Holds => inside.push(subject),
                        Decision::Fails => outside.push(subject),
                        Decision::Both(other) => {
                            inside.push(other);
                            outside.push(subject);
                        }
                    }
                }
                for subject in &mut inside {
                    subject.note(|| "the condition holds".to_owned(), step.place);
                    subject.enter(*block, *has_settings);
                }
                if inside.is_empty() {
                    live = outside;
                } else {
                    let steps = programs.of(configuration, *block);
                    live = inside;
                    frames.push(Frame { steps, next: 0, outside });
                }
            }
            action => {
                let mut going_on = Vec::with_capacity(live.len());
                for subject in live.drain(..) {
                    take(subject, action, step.place, &mut going_on, &mut ended);
                }
                live = going_on;
                if live.len() > 1 {
                    S::merge(&mut live);
                }
            }
        }
    }
    ended.extend(live.into_iter().map(|subject| (subject, End::GoesOn)));
    merge_ended(ended)
}

/// Those that the steps led to the same end are merged, as those that go on are.
fn merge_ended<'c, S: Subject<'c>>(ended: Vec<(S, End)>) -> Vec<(S, End)> {
    if ended.len() < 2 {
        return ended;
    }
    let mut by_end: Vec<(Vec<S>, End)> = Vec::new();
    for (subject, end) in ended {
        match by_end.iter_mut().find(|(_, known)| *known == end) {
            Some((subjects, _)) => subjects.push(subject),
            None => by_end.push((vec![subject], end)),
        }
    }
    let merged = by_end.into_iter().flat_map(|(mut subjects, end)| {
        S::merge(&mut subjects);
        subjects.into_iter().map(move |subject| (subject, end.clone()))
    });
    merged.collect()
}

/// Takes one step that is no `if`.
fn take<'c, S: Subject<'c>>(
    mut subject: S,
    action: &Action,
    place: Place,
    going_on: &mut Vec<S>,
    ended: &mut Vec<(S, End)>,
) {
    match action {
        Action::Set { name, text } => {
            let value = value(&subject, text);
            subject.note(|| format!("${name} becomes {}", value.shown()), place);
            subject.request().assign(name, value);
            going_on.push(subject);
        }
        Action::Break => {
            let request = subject.request_mut();
            if request.uri_changed {
                request.is_in_location = false;
                request.uri_changed = false;
            }
            ended.push((subject, End::GoesOn));
        }
        Action::Return(code, has_text) => {
            let end = returned(&mut subject, *code, *has_text, place);
            ended.push((subject, end));
        }
        Action::Rewrite { pattern, replacement, drops_arguments, flag } => {
            let decision = matches(&mut subject, pattern, place);
            let (taken, not_taken) = match decision {
                Decision::Holds => (Some(subject), None),
                Decision::Fails => (None, Some(subject)),
                Decision::Both(other) => (Some(other), Some(subject)),
            };
            going_on.extend(not_taken);
            if let Some(mut subject) = taken {
                let template = Replacement { text: replacement, drops_arguments: *drops_arguments };
                match rewrite(&mut subject, template, *flag, place) {
                    Some(end) => ended.push((subject, end)),
                    None => going_on.push(subject),
                }
            }
        }
        Action::If { .. } => going_on.push(subject),
    }
}

/// Whether a request enters an `if`, with what its regular expression captured.
fn holds<'c, S: Subject<'c>>(
    subject: &mut S,
    condition: &Condition,
    block: LevelId,
    place: Place,
) -> Decision<S> {
    if let Condition::File { negated, test, path } = condition {
        let exists = is_there(subject, *test, path);
        let message = if exists { "the directory is there" } else { "the file is taken as absent" };
        subject.note(|| message.to_owned(), place);
        return if exists == *negated { Decision::Fails } else { Decision::Holds };
    }
    let why = match condition.holds(|text| value(subject, text)) {
        Truth::Known(holds) => return if holds { Decision::Holds } else { Decision::Fails },
        Truth::Tried(holds, captures) => {
            match captures {
                Some(captures) => subject.request().set_captures(&captures),
                None => subject.request().clear_captures(),
            }
            return if holds { Decision::Holds } else { Decision::Fails };
        }
        Truth::Unknown(why) => Unknown { place: why.place.or(Some(place)), ..why },
    };
    let decision = subject.decide(&why, place, Some(block));
    if let Condition::Matches { pattern, negated, .. } = condition {
        let tried = |subject: &S, holds: bool| match holds == *negated {
            true => subject.request().clear_captures(),
            false => subject.request().forget_captures(&pattern.text, &why),
        };
        match &decision {
            Decision::Holds => tried(subject, true),
            Decision::Fails => tried(subject, false),
            Decision::Both(other) => {
                tried(other, true);
                tried(subject, false);
            }
        }
    }
    decision
}

/// Whether a file test finds something: only the configured root is surely there, a directory. The
/// files of the server are not those of this machine, and the URI of a handshake is no file.
fn is_there<'c, S: Subject<'c>>(subject: &S, test: u8, path: &[u8]) -> bool {
    if test == b'f' {
        return false;
    }
    let request = subject.request();
    let Value::Known(path) = value(subject, path) else { return false };
    let Some(root) = document_root::root(request.configuration, request.level) else {
        return false;
    };
    let without_slash = |path: &[u8]| {
        let end = path.iter().rposition(|&byte| byte != b'/').map_or(0, |last| last + 1);
        path[..end].to_vec()
    };
    let directory = match root.directory() {
        Value::Known(directory) => directory,
        Value::Unknown(_) => match root.text().map(|text| subject.value(&text)) {
            Some(Value::Known(directory)) => directory,
            _ => return false,
        },
    };
    !directory.is_empty() && without_slash(&path) == without_slash(&directory)
}

/// Whether the pattern of a `rewrite` matches the URI.
fn matches<'c, S: Subject<'c>>(subject: &mut S, pattern: &Pattern, place: Place) -> Decision<S> {
    let found = subject.request().path.as_deref().map(|path| pattern.captures(path));
    let why = match found {
        Some(Some(Some(captures))) => {
            subject.request().set_captures(&captures);
            return Decision::Holds;
        }
        Some(Some(None)) => {
            subject.request().clear_captures();
            return Decision::Fails;
        }
        Some(None) => "this regular expression",
        None => "the request's `$uri`",
    };
    let why = Unknown { depends_on: why.to_owned(), place: Some(place) };
    if subject.request().path.is_none() && pattern.matches_every_path() {
        subject.request().forget_captures(&pattern.text, &why);
        return Decision::Holds;
    }
    let decision = subject.decide(&why, place, None);
    match &decision {
        Decision::Holds => subject.request().forget_captures(&pattern.text, &why),
        Decision::Fails => subject.request().clear_captures(),
        Decision::Both(other) => {
            other.request().forget_captures(&pattern.text, &why);
            subject.request().clear_captures();
        }
    }
    decision
}

/// What a text of `set` or `if` becomes (`ngx_http_script_complex_value_code`).
fn value<'c, S: Subject<'c>>(subject: &S, text: &[u8]) -> Value {
    let request = subject.request();
    let escapes = request.was_quoted && request.escapes_captures;
    if !escapes || !parts(text).any(|part| matches!(part, Part::Capture(_))) {
        return subject.value(text);
    }
    let mut written = Vec::new();
    for part in parts(text) {
        let known = match part {
            Part::Text(text) => Value::known(text),
            Part::Capture(number) => match request.capture_value(number) {
                Value::Known(captured) => Value::Known(escape_arguments(&captured)),
                unknown @ Value::Unknown(_) => unknown,
            },
            Part::Variable { range, .. } => subject.value(&text[range]),
        };
        match known {
            Value::Known(bytes) => written.extend(bytes),
            unknown @ Value::Unknown(_) => return unknown,
        }
    }
    Value::Known(written).bounded()
}

/// `ngx_http_rewrite_return`
fn returned<'c, S: Subject<'c>>(
    subject: &mut S,
    code: Option<u16>,
    has_text: bool,
    place: Place,
) -> End {
    let Some(code) = code else {
        subject.note(|| "`return` redirects the client: 302".to_owned(), place);
        return End::Answers(302, place);
    };
    subject.note(|| format!("`return` answers {code}"), place);
    let is_redirect = matches!(code, 301 | 302 | 303 | 307 | 308);
    if !is_redirect && (code < 400 || has_text) {
        End::Sends(code, place)
    } else {
        End::Answers(code, place)
    }
}

/// The replacement of a `rewrite`.
#[derive(Clone, Copy)]
struct Replacement<'t> {
    text: &'t [u8],
    drops_arguments: bool,
}

/// Takes a `rewrite` whose pattern matched; `None` when the next step follows (`ngx_http_rewrite`,
/// `ngx_http_script_regex_start_code`, `ngx_http_script_regex_end_code`).
fn rewrite<'c, S: Subject<'c>>(
    subject: &mut S,
    replacement: Replacement<'_>,
    flag: Flag,
    place: Place,
) -> Option<End> {
    if let Flag::Redirect(status) = flag {
        subject.note(|| format!("`rewrite` redirects the client: {status}"), place);
        return Some(End::Answers(status, place));
    }
    let request = subject.request_mut();
    request.is_internal = true;
    request.is_unparsed.set(false);
    if flag == Flag::Break {
        request.is_in_location = false;
        request.uri_changed = false;
    } else {
        request.uri_changed = true;
    }
    let ends = matches!(flag, Flag::Break | Flag::Last).then_some(End::GoesOn);
    let (path, arguments) = match replaced(subject, replacement.text) {
        Ok(replaced) => replaced,
        Err(why) if S::TAKES_UNKNOWN_URI => {
            let request = subject.request_mut();
            request.escapes_captures = false;
            request.path = None;
            *request.arguments.get_mut() = None;
            subject.note(|| format!("the URI depends on {}", why.depends_on), place);
            return ends;
        }
        Err(why) => return Some(End::Unknown(why, place)),
    };
    let request = subject.request_mut();
    request.escapes_captures = false;
    let own = request.arguments.get_mut().take();
    let arguments = match arguments {
        Some(arguments) if replacement.drops_arguments => Some(arguments),
        Some(mut arguments) => own.map(|own| {
            if !own.is_empty() {
                arguments.push(b'&');
                arguments.extend_from_slice(&own);
            }
            arguments
        }),
        None if replacement.drops_arguments => Some(Vec::new()),
        None => own,
    };
    *request.arguments.get_mut() = arguments.filter(|arguments| arguments.len() <= LARGEST);
    if path.is_empty() {
        return Some(End::Answers(500, place));
    }
    request.path = Some(path.clone());
    subject.note(|| format!("the URI becomes {}", String::from_utf8_lossy(&path)), place);
    ends
}

type Replaced = (Vec<u8>, Option<Vec<u8>>);

/// The new path, and the arguments when the replacement has some: they begin at the first `?`
/// that is written in it.
fn replaced<'c, S: Subject<'c>>(subject: &S, template: &[u8]) -> Result<Replaced, Unknown> {
    let request = subject.request();
    let mut path = Vec::new();
    let mut arguments: Option<Vec<u8>> = None;
    for part in parts(template) {
        match part {
            Part::Text(text) => {
                match (&mut arguments, text.iter().position(|&byte| byte == b'?')) {
                    (Some(arguments), _) => arguments.extend_from_slice(text),
                    (None, Some(question)) => {
                        path.extend_from_slice(&text[..question]);
                        arguments = Some(text[question + 1..].to_vec());
                    }
                    (None, None) => path.extend_from_slice(text),
                }
            }
            Part::Capture(number) => match (request.capture_value(number), &mut arguments) {
                (Value::Unknown(why), _) => return Err(why),
                (Value::Known(captured), Some(arguments)) if request.was_quoted => {
                    arguments.extend(escape_arguments(&captured));
                }
                (Value::Known(captured), arguments) => {
                    arguments.as_mut().unwrap_or(&mut path).extend(captured);
                }
            },
            Part::Variable { range, .. } => match subject.value(&template[range]) {
                Value::Known(value) => arguments.as_mut().unwrap_or(&mut path).extend(value),
                Value::Unknown(why) => return Err(why),
            },
        }
        if path.len() > LARGEST || arguments.as_ref().is_some_and(|it| it.len() > LARGEST) {
            return Err(Unknown {
                depends_on: "a URI of more than 64 KiB".to_owned(),
                place: None,
            });
        }
    }
    Ok((path, arguments))
}
