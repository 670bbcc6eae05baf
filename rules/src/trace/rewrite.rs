//! The steps of the rewrite module (src/http/modules/ngx_http_rewrite_module.c and
//! src/http/ngx_http_script.c).

use wslint_grammar::Directive;
use wslint_grammar::catalogue::directive as d;

use super::Phase;
use super::follow::Walk;
use super::uri::escape_arguments;
use crate::evaluate::{Condition, Part, Pattern, Truth, Unknown, Value, parts};
use crate::resolve::{LevelId, LevelKind, RewriteStep};
use crate::source::{DirectiveRef, Place};

/// What the steps of a level lead to.
pub(crate) enum Rewritten {
    /// The request goes on.
    GoesOn,
    /// nginx answers with a status, for which `error_page` may have a page.
    Answers(u16, Option<Place>),
    /// nginx sends an answer of its own.
    Sends(u16, Option<Place>),
    /// It cannot be told how it goes on.
    Unknown(Unknown, Option<Place>),
}

/// Whether the steps behind one are taken.
enum Flow {
    GoesOn,
    Ends(Rewritten),
}

/// How captures are written in `set` and `if`, where the request target was percent-encoded: they
/// are escaped until a `rewrite` was taken (`quote` in `ngx_http_script_engine_t`).
///
/// Before 1.31.1 they are so behind a rewrite with arguments too, in too small a buffer, unless
/// that was mended in what a distribution packs.
struct Engine {
    quotes: bool,
}

/// Takes the steps of a server or location.
pub(crate) fn run(walk: &mut Walk<'_, '_, '_>, level: LevelId) -> Rewritten {
    let mut engine = Engine { quotes: true };
    match steps(walk, &mut engine, level) {
        Flow::GoesOn => Rewritten::GoesOn,
        Flow::Ends(rewritten) => rewritten,
    }
}

fn steps(walk: &mut Walk<'_, '_, '_>, engine: &mut Engine, level: LevelId) -> Flow {
    let tracer = walk.tracer;
    for step in tracer.model.configuration.rewrite_steps(level) {
        let flow = match *step {
            RewriteStep::Directive(reference) => directive(walk, engine, reference),
            RewriteStep::If(block) => condition(walk, engine, block),
        };
        if let Flow::Ends(_) = flow {
            return flow;
        }
    }
    Flow::GoesOn
}

fn condition(walk: &mut Walk<'_, '_, '_>, engine: &mut Engine, block: LevelId) -> Flow {
    let configuration = walk.tracer.model.configuration;
    let Some(head) = configuration.head(block) else { return Flow::GoesOn };
    let place = Some(head.place());
    let condition = Condition::read(head.directive);
    let holds = match condition.holds(|text| value(walk, engine, text)) {
        Truth::Known(holds) => holds,
        Truth::Tried(holds, captures) => {
            match captures {
                Some(captures) => walk.request.matched(&captures),
                None => walk.request.clear_captures(),
            }
            holds
        }
        // As with `try_files`: what may be there is taken for missing.
        Truth::Unknown(_) if let Condition::File { negated } = condition => {
            walk.step(Phase::Rewrite, "the file is taken for missing", place);
            negated
        }
        Truth::Unknown(why) => walk.ask(why.depends_on, why.place.or(place)),
    };
    if !holds {
        return Flow::GoesOn;
    }
    walk.step(Phase::Rewrite, "the condition holds", place);
    if configuration.level(block).kind == LevelKind::If {
        walk.request.level = block;
        walk.update_location();
    }
    steps(walk, engine, block)
}

/// What a text of `set` or `if` becomes (`ngx_http_script_complex_value_code`).
fn value(walk: &Walk<'_, '_, '_>, engine: &Engine, text: &[u8]) -> Value {
    let escapes = walk.request.was_quoted && engine.quotes;
    if !escapes || !parts(text).any(|part| matches!(part, Part::Capture(_))) {
        return walk.value(text);
    }
    let mut written = Vec::new();
    for part in parts(text) {
        let known = match part {
            Part::Text(text) => Value::known(text),
            Part::Capture(number) => match walk.request.capture(number) {
                Value::Known(captured) => Value::Known(escape_arguments(&captured)),
                unknown @ Value::Unknown(_) => unknown,
            },
            Part::Variable { range, .. } => walk.value(&text[range]),
        };
        match known {
            Value::Known(bytes) => written.extend(bytes),
            unknown @ Value::Unknown(_) => return unknown,
        }
    }
    Value::Known(written)
}

fn directive(walk: &mut Walk<'_, '_, '_>, engine: &mut Engine, reference: DirectiveRef) -> Flow {
    let setting = walk.tracer.model.configuration.setting(reference);
    let directive = setting.directive;
    let place = Some(setting.place());
    match directive.id() {
        Some(d::SET) => {
            if let (Some(name), Some(text)) = (directive.argument(0), directive.argument(1)) {
                let name = String::from_utf8_lossy(&name.value()).to_ascii_lowercase();
                if let Some(name) = name.strip_prefix('$') {
                    let value = value(walk, engine, &text.value());
                    walk.step(Phase::Rewrite, format!("${name} becomes {}", value.shown()), place);
                    walk.request.assign(name, value);
                }
            }
            Flow::GoesOn
        }
        Some(d::BREAK) => {
            if walk.request.uri_changed {
                walk.request.is_in_location = false;
                walk.request.uri_changed = false;
            }
            Flow::Ends(Rewritten::GoesOn)
        }
        Some(d::RETURN) => Flow::Ends(returned(walk, directive, place)),
        Some(d::REWRITE) => rewrite(walk, engine, directive, place),
        _ => Flow::GoesOn,
    }
}

/// `ngx_http_rewrite_return`
fn returned(
    walk: &mut Walk<'_, '_, '_>,
    directive: Directive<'_>,
    place: Option<Place>,
) -> Rewritten {
    let Some(first) = directive.argument(0) else { return Rewritten::GoesOn };
    let first = first.value();
    let code = std::str::from_utf8(&first).ok().and_then(|code| code.parse::<u16>().ok());
    let has_text = directive.argument(1).is_some_and(|text| !text.value().is_empty());
    match code {
        None => {
            walk.step(Phase::Rewrite, "`return` redirects the client: 302", place);
            Rewritten::Answers(302, place)
        }
        Some(code) => {
            walk.step(Phase::Rewrite, format!("`return` answers {code}"), place);
            let is_redirect = matches!(code, 301 | 302 | 303 | 307 | 308);
            if !is_redirect && (code < 400 || has_text) {
                Rewritten::Sends(code, place)
            } else {
                Rewritten::Answers(code, place)
            }
        }
    }
}

/// `ngx_http_rewrite`, `ngx_http_script_regex_start_code` and `ngx_http_script_regex_end_code`
fn rewrite(
    walk: &mut Walk<'_, '_, '_>,
    engine: &mut Engine,
    directive: Directive<'_>,
    place: Option<Place>,
) -> Flow {
    let (Some(pattern), Some(replacement)) = (directive.argument(0), directive.argument(1)) else {
        return Flow::GoesOn;
    };
    let pattern = Pattern::new(String::from_utf8_lossy(&pattern.value()).into_owned(), false);
    let replacement = replacement.value();
    let flag = directive.argument(2).map(|flag| flag.value().into_owned()).unwrap_or_default();
    match pattern.captures(&walk.request.path) {
        Some(Some(captures)) => walk.request.matched(&captures),
        Some(None) => {
            walk.request.clear_captures();
            return Flow::GoesOn;
        }
        None => {
            let why = Unknown { depends_on: "this regular expression".to_owned(), place };
            return Flow::Ends(Rewritten::Unknown(why, place));
        }
    }
    let redirects = [&b"http://"[..], b"https://", b"$scheme"]
        .iter()
        .any(|start| replacement.starts_with(start));
    if redirects || matches!(flag.as_slice(), b"redirect" | b"permanent") {
        let status = if flag == b"permanent" { 301 } else { 302 };
        let message = format!("`rewrite` redirects the client: {status}");
        walk.step(Phase::Rewrite, message, place);
        return Flow::Ends(Rewritten::Answers(status, place));
    }
    let (template, drops_arguments) = match replacement.strip_suffix(b"?") {
        Some(rest) => (rest, true),
        None => (replacement.as_ref(), false),
    };
    walk.request.is_internal = true;
    walk.request.is_unparsed.set(false);
    let breaks = flag == b"break";
    if breaks {
        walk.request.is_in_location = false;
        walk.request.uri_changed = false;
    } else {
        walk.request.uri_changed = true;
    }
    let (path, arguments) = match replaced(walk, template) {
        Ok(replaced) => replaced,
        Err(why) => return Flow::Ends(Rewritten::Unknown(why, place)),
    };
    engine.quotes = false;
    let own = walk.request.arguments.borrow().clone();
    let arguments = match arguments {
        Some(mut arguments) => {
            if !drops_arguments && !own.is_empty() {
                arguments.push(b'&');
                arguments.extend_from_slice(&own);
            }
            arguments
        }
        None if drops_arguments => Vec::new(),
        None => own,
    };
    if path.is_empty() {
        return Flow::Ends(Rewritten::Answers(500, place));
    }
    let shown = String::from_utf8_lossy(&path).into_owned();
    walk.step(Phase::Rewrite, format!("the URI becomes {shown}"), place);
    walk.request.path = path;
    *walk.request.arguments.borrow_mut() = arguments;
    if breaks || flag == b"last" { Flow::Ends(Rewritten::GoesOn) } else { Flow::GoesOn }
}

type Replaced = (Vec<u8>, Option<Vec<u8>>);

/// The new path, and the arguments when the replacement has some: they begin at the first `?`
/// that is written in it.
fn replaced(walk: &Walk<'_, '_, '_>, template: &[u8]) -> Result<Replaced, Unknown> {
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
            Part::Capture(number) => {
                let Value::Known(captured) = walk.request.capture(number) else { continue };
                match &mut arguments {
                    Some(arguments) if walk.request.was_quoted => {
                        arguments.extend(escape_arguments(&captured));
                    }
                    Some(arguments) => arguments.extend(captured),
                    None => path.extend(captured),
                }
            }
            Part::Variable { range, .. } => match walk.value(&template[range]) {
                Value::Known(value) => arguments.as_mut().unwrap_or(&mut path).extend(value),
                Value::Unknown(why) => return Err(why),
            },
        }
    }
    Ok((path, arguments))
}
