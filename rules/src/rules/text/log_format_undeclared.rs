//! `access_log` with a format that is declared nowhere, or below.

use rustc_hash::{FxHashMap, FxHashSet};
use wslint_grammar::catalogue::directive as d;
use wslint_model::damage::text_damage::typographic;
use wslint_model::resolve::{LevelId, LevelKind, ReadingOrder};
use wslint_model::text::placeholder::may_stand_in;

use crate::context::Context;
use crate::finding::Finding;
use crate::rules::LOG_FORMAT_UNDECLARED as RULE;
use crate::suggest::Nearest;

/// A format, and where it stands in the order of reading.
struct Declared {
    name: String,
    number: usize,
    line: ReadingOrder,
}

/// The formats of `http` and of `stream`, by name in lower case: nginx finds a format without
/// regard to case.
type Formats = FxHashMap<(bool, String), Declared>;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let configuration = context.configuration;
    let mut uses = configuration.reading_order.iter().enumerate().filter(|(_, line)| {
        configuration.setting(line.reference).directive.id() == Some(d::ACCESS_LOG)
    });
    let Some(first) = uses.next() else { return };
    let Some(formats) = context.sees_everything().then(|| formats(context)).flatten() else {
        return;
    };
    let mut seen = FxHashSet::default();
    let mut nearest = Nearest::default();
    for (number, line) in std::iter::once(first).chain(uses) {
        let Some(in_stream) = in_stream(context, line.level) else { continue };
        let setting = configuration.setting(line.reference);
        let Some(word) = setting.directive.argument(1) else { continue };
        let name = word.value();
        if setting.directive.argument(0).is_some_and(|path| path.value().as_ref() == b"off")
            || may_stand_in(&name)
            || typographic(word).is_some()
            || !in_stream && name.eq_ignore_ascii_case(b"combined")
        {
            continue;
        }
        let name = String::from_utf8_lossy(&name).into_owned();
        let declared = formats.get(&(in_stream, name.to_ascii_lowercase()));
        if declared.is_some_and(|it| is_read_before(context, it, number, line))
            || !seen.insert(line.reference)
        {
            continue;
        }
        let finding = Finding::new(
            &RULE,
            setting.argument_place(1),
            format!("unknown log format \"{name}\""),
        );
        findings.push(match declared {
            Some(it) => finding
                .at_place("not known yet")
                .label(configuration.setting(it.line.reference).place(), "declared after its use")
                .help("put the `log_format` before everything that uses it"),
            None => {
                let names = formats.iter().filter(|((stream, _), _)| *stream == in_stream);
                let finding = finding.at_place("declared nowhere");
                match nearest.of(&name, names.map(|(_, it)| it.name.as_str())) {
                    Some(meant) => finding.help(format!("perhaps `{meant}` is meant")),
                    None if name.contains('=') => finding.help(
                        "the second argument is the format, parameters come behind it: \
                         `access_log PATH combined buffer=32k;`",
                    ),
                    None => finding.help(format!(
                        "declare it in the `{}` block: `log_format {name} '…';`",
                        if in_stream { "stream" } else { "http" }
                    )),
                }
            }
        });
    }
}

/// The first declaration of each format; `None` when some name cannot be known.
fn formats(context: &Context<'_>) -> Option<Formats> {
    let configuration = context.configuration;
    let mut formats = Formats::default();
    for (number, &line) in configuration.reading_order.iter().enumerate() {
        let setting = configuration.setting(line.reference);
        if setting.directive.id() != Some(d::LOG_FORMAT) {
            continue;
        }
        let in_stream = match configuration.level(line.level).kind {
            LevelKind::Http => false,
            LevelKind::Stream => true,
            _ => continue,
        };
        let name = setting.value(0)?;
        if may_stand_in(&name) {
            return None;
        }
        let name = String::from_utf8_lossy(&name).into_owned();
        let key = (in_stream, name.to_ascii_lowercase());
        formats.entry(key).or_insert(Declared { name, number, line });
    }
    Some(formats)
}

/// Whether a level is in `stream`, or in `http`; `None` for levels of other modules.
fn in_stream(context: &Context<'_>, level: LevelId) -> Option<bool> {
    let level = context.configuration.level(level);
    match level.kind {
        LevelKind::Http | LevelKind::Server => Some(false),
        LevelKind::Location | LevelKind::If | LevelKind::LimitExcept => {
            level.server.is_some().then_some(false)
        }
        LevelKind::Stream | LevelKind::StreamServer => Some(true),
        _ => None,
    }
}

/// Whether nginx has read the format when it comes to the line that uses it.
fn is_read_before(
    context: &Context<'_>,
    format: &Declared,
    number: usize,
    line: &ReadingOrder,
) -> bool {
    if format.line.level == line.level {
        return format.number < number;
    }
    let level = context.configuration.level(line.level);
    // The block of the format's level that the line is in.
    format.line.next <= level.server.unwrap_or(line.level)
}
