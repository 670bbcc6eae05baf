//! The parts of a handshake that a location lacks, written where its headers are owned.

use rustc_hash::{FxHashMap, FxHashSet};
use wslint_grammar::catalogue::directive as d;
use wslint_grammar::{Edit, Span};
use wslint_model::handshake::proxied_request::{Forwarded, HttpVersion, Verdict};
use wslint_model::prose::listed;
use wslint_model::resolve::{Effective, LevelId, LevelKind, Setting};

use super::block::{Block, merged, settable};
use super::columns::NewLine;
use super::connection::{ConnectionValue, connection_value};
use super::edits::Edits;
use super::list::{carried, spot_for};
use super::remedy::Remedy;
use super::value::add_http_version;
use crate::cause::diagnosis::{Diagnosis, Missing};
use crate::context::Context;
use crate::finding::{FileEdit, FindingFix};
use crate::suggest::HTTP_VERSION_LINE;

/// The parts of a handshake.
#[derive(Clone, Copy, Debug, Default)]
struct Parts {
    http_version: bool,
    upgrade: bool,
    connection: bool,
}

impl Parts {
    fn headers(self) -> bool {
        self.upgrade || self.connection
    }
}

/// A location, and what it lacks.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    level: LevelId,
    /// The level whose `proxy_set_header` lines are in effect, where the line that proves what is
    /// meant is one of these.
    meant_by: Option<LevelId>,
    /// The headers in effect are seen.
    is_known: bool,
    parts: Parts,
}

impl Wanted {
    /// What a diagnosis says is missing.
    pub(crate) fn new(forwarded: &Forwarded<'_>, diagnosis: &Diagnosis<'_>) -> Self {
        let has = |part: fn(&Missing) -> bool| diagnosis.missing.iter().any(part);
        let proof = diagnosis.proof.place;
        let lines = forwarded.headers.set();
        let lines = lines.filter(|lines| lines.iter().any(|line| line.place() == proof));
        Self {
            level: forwarded.level,
            meant_by: lines.map(|lines| lines.level),
            is_known: !matches!(forwarded.headers, Effective::Unknown(_)),
            parts: Parts {
                http_version: has(|part| matches!(part, Missing::HttpVersion(_))),
                upgrade: has(|part| matches!(part, Missing::Upgrade)),
                connection: has(|part| matches!(part, Missing::Connection)),
            },
        }
    }

    /// The HTTP version alone.
    pub(crate) fn http_version(forwarded: &Forwarded<'_>, diagnosis: &Diagnosis<'_>) -> Self {
        let parts = Parts { http_version: true, ..Parts::default() };
        Self { parts, ..Self::new(forwarded, diagnosis) }
    }
}

/// What to write at one level.
#[derive(Default)]
struct Plan {
    parts: Parts,
    /// The locations that it is for.
    users: Vec<LevelId>,
}

/// Writes what those locations lack, see [`complete`].
pub(crate) fn completed(context: &Context<'_>, wanted: &[Wanted]) -> Option<FindingFix> {
    complete(context, wanted)?.fix
}

/// Writes what those locations lack. `None` where that cannot be right for all of them.
pub(crate) fn complete(context: &Context<'_>, wanted: &[Wanted]) -> Option<Remedy> {
    let mut order: Vec<LevelId> = Vec::new();
    let mut plans: FxHashMap<LevelId, Plan> = FxHashMap::default();
    for it in wanted {
        if !it.is_known && it.parts.headers() {
            return None;
        }
        let own = settable(context, it.level);
        // Who has set a part for all that inherit it means the rest for them too.
        let headers = it.meant_by.unwrap_or(own);
        let mut plan = |level: LevelId, change: &dyn Fn(&mut Plan)| {
            let plan = plans.entry(level).or_insert_with(|| {
                order.push(level);
                Plan::default()
            });
            change(plan);
            plan.users.push(it.level);
        };
        if it.parts.headers() {
            plan(headers, &|plan| {
                plan.parts.upgrade |= it.parts.upgrade;
                plan.parts.connection |= it.parts.connection;
            });
        }
        if it.parts.http_version {
            plan(own, &|plan| plan.parts.http_version = true);
        }
    }
    lift_http_version(context, &mut order, &mut plans, wanted);
    let mut edits = Edits::default();
    let mut written = Vec::new();
    let mut shown = Shown::default();
    for level in order {
        let Some(plan) = plans.get(&level) else { continue };
        written.push((level, write_plan(context, level, plan, &mut edits, &mut shown)?));
    }
    edits.extend(merged(context, written)?);
    let (message, help) = shown.say("add");
    Some(Remedy::new(help, edits.into_fix(message)))
}

/// What is written, in words.
#[derive(Default)]
struct Shown {
    /// The lines, each once.
    lines: Vec<String>,
    /// The value with the map that is written.
    connection: Option<ConnectionValue>,
}

impl Shown {
    fn add(&mut self, line: impl Into<String>) {
        let line = line.into();
        if !self.lines.contains(&line) {
            self.lines.push(line);
        }
    }

    fn add_line(&mut self, line: &NewLine) {
        self.add(format!("`{}`", line.plain()));
    }

    /// What a fix does, and what it tells a person to do.
    fn say(&self, verb: &str) -> (String, String) {
        let what = format!("{verb} {}", listed(&self.lines));
        match &self.connection {
            Some(value) => (value.with_map(&what), value.and_map(&what)),
            None => (what.clone(), what),
        }
    }
}

/// Where a level sets headers for all its locations and each of them lacks the HTTP version, that
/// is set beside the headers, once.
fn lift_http_version(
    context: &Context<'_>,
    order: &mut Vec<LevelId>,
    plans: &mut FxHashMap<LevelId, Plan>,
    wanted: &[Wanted],
) {
    let mut by_owner: FxHashMap<LevelId, FxHashSet<LevelId>> = FxHashMap::default();
    for it in wanted.iter().filter(|it| it.parts.http_version) {
        if let Some(owner) = it.meant_by {
            by_owner.entry(owner).or_default().insert(it.level);
        }
    }
    let configuration = context.configuration;
    for (owner, lacking) in by_owner {
        let kind = configuration.level(owner).kind;
        // One location needs nothing that holds for others.
        if lacking.len() < 2 || !matches!(kind, LevelKind::Http | LevelKind::Server) {
            continue;
        }
        // One that says its version itself does not mind.
        let minds = |level: LevelId| {
            configuration.own(level, d::PROXY_PASS).iter().next().is_some()
                && !matches!(HttpVersion::at(configuration, level), HttpVersion::Set(_))
                && !lacking.contains(&level)
        };
        let mut pending = vec![owner];
        let mut all_lack = true;
        while let Some(level) = pending.pop() {
            all_lack &= !minds(level);
            pending.extend(configuration.children(level));
        }
        if !all_lack {
            continue;
        }
        for &level in &lacking {
            let own = settable(context, level);
            if let Some(plan) = plans.get_mut(&own) {
                plan.parts.http_version = false;
            }
        }
        let plan = plans.entry(owner).or_insert_with(|| {
            order.push(owner);
            Plan::default()
        });
        plan.parts.http_version = true;
        plan.users.extend(lacking);
    }
    plans.retain(|_, plan| plan.parts.http_version || plan.parts.headers());
}

fn write_plan(
    context: &Context<'_>,
    level: LevelId,
    plan: &Plan,
    edits: &mut Edits,
    shown: &mut Shown,
) -> Option<Vec<FileEdit>> {
    let mut lines = Vec::new();
    if plan.parts.headers() {
        lines = carried(context, level, d::PROXY_SET_HEADER)?;
        if !lines.is_empty() {
            shown.add("the inherited lines");
        }
    }
    let block = Block::of(context, level)?;
    let mut new = Vec::new();
    if plan.parts.upgrade {
        new.push(NewLine::new("proxy_set_header", &["Upgrade", "$http_upgrade"]));
        if reaches_subrequests(context, level) {
            edits.ask();
        }
    }
    if plan.parts.connection {
        let value = connection_value(context, &plan.users, block.file);
        new.push(NewLine::new("proxy_set_header", &["Connection", &value.word]));
        edits.extend(value.edits.clone());
        if value.map.is_some() {
            shown.connection = Some(value);
        }
    }
    if plan.parts.http_version {
        shown.add(format!("`{HTTP_VERSION_LINE}`"));
    }
    for line in &new {
        shown.add_line(line);
    }
    lines.extend(new);
    write_lines(context, level, &lines, plan.parts.http_version)
}

/// Writes lines of headers at a level, and the HTTP version.
fn write_lines(
    context: &Context<'_>,
    level: LevelId,
    lines: &[NewLine],
    http_version: bool,
) -> Option<Vec<FileEdit>> {
    let mut written = Vec::new();
    // By itself, so that other findings may ask for the same.
    if http_version {
        written.push(add_http_version(context, level)?);
    }
    if !lines.is_empty() {
        let (block, spot) = spot_for(context, level, d::PROXY_SET_HEADER)?;
        let texts: Vec<String> = lines.iter().map(|line| line.beside(block)).collect();
        written.push(spot.write(context.style(block.file), &texts));
    }
    Some(written)
}

/// Lines of a level above that a level repeats.
pub(crate) struct Repeated<'c> {
    /// The level.
    pub(crate) level: LevelId,
    /// The lines, each with whether it may stay as it is: a plain `upgrade` is not for pages.
    pub(crate) lines: Vec<(Setting<'c>, bool)>,
    /// The HTTP version is missing too.
    pub(crate) http_version: bool,
}

/// Repeats lines of a level above at levels that have own ones. `is_safe` when they are surely meant
/// there.
pub(crate) fn repeat_headers(
    context: &Context<'_>,
    repeated: &[Repeated<'_>],
    is_safe: bool,
) -> Option<Remedy> {
    let mut edits = Edits::default();
    let mut written = Vec::new();
    let mut shown = Shown::default();
    for it in repeated {
        let level = settable(context, it.level);
        let file = Block::of(context, level)?.file;
        let mut lines = Vec::new();
        for &(line, may_stay) in &it.lines {
            let mut copy = NewLine::copy(line.directive);
            let name = line.directive.argument(0)?.value();
            if !may_stay && name.eq_ignore_ascii_case(b"upgrade") {
                "$http_upgrade".clone_into(&mut copy.arguments[1]);
            } else if !may_stay {
                let value = connection_value(context, &[it.level], file);
                copy.arguments[1].clone_from(&value.word);
                edits.extend(value.edits.clone());
                if value.map.is_some() {
                    shown.connection = Some(value);
                }
            }
            shown.add_line(&copy);
            lines.push(copy);
        }
        written.push((level, write_lines(context, level, &lines, it.http_version)?));
    }
    if repeated.iter().any(|it| it.http_version) {
        shown.add(format!("`{HTTP_VERSION_LINE}`"));
    }
    edits.extend(merged(context, written)?);
    let (_, help) = shown.say("repeat beside it");
    Some(Remedy::new(help, edits.ask_unless(is_safe).into_fix("repeat the lost lines")))
}

/// Whether the headers of a level reach requests that nginx makes by itself: the backend may take
/// such a one for a handshake.
fn reaches_subrequests(context: &Context<'_>, level: LevelId) -> bool {
    let configuration = context.configuration;
    if configuration.level(level).kind == LevelKind::Location {
        return false;
    }
    let mut makers = [d::AUTH_REQUEST, d::MIRROR].into_iter();
    makers.any(|id| configuration.everywhere(id).next().is_some())
}

/// Makes lines of `add_header` at a location headers of the request, together with what a handshake
/// needs besides.
pub(crate) fn rename_to_request_headers(
    context: &Context<'_>,
    forwarded: &Forwarded<'_>,
    lines: &[Setting<'_>],
    is_safe: bool,
) -> Option<Remedy> {
    let level = forwarded.level;
    let block = Block::of(context, level)?;
    let mut shown = Shown::default();
    // Headers of the request cannot be set in an `if`.
    if settable(context, level) != level {
        return None;
    }
    let mut edits = Edits::default();
    for line in lines {
        if !block.holds(*line) || context.copies().of(line.reference) != 1 {
            return None;
        }
        let mut renamed = NewLine::copy(line.directive);
        d::PROXY_SET_HEADER.name().clone_into(&mut renamed.name);
        renamed.arguments.truncate(2);
        shown.add_line(&renamed);
        let name = line.directive.name_word().span();
        edits.add_in(block.file, Edit::replace(name, "proxy_set_header"));
        // `always` is about answers.
        if let (Some(value), Some(last)) = (line.directive.argument(1), line.directive.argument(2))
        {
            edits.add_in(block.file, Edit::delete(Span::new(value.span().end, last.span().end)));
        }
    }
    let mut new = carried(context, level, d::PROXY_SET_HEADER)?;
    if lines.len() < 2 && forwarded.connection.is_absent() {
        let value = connection_value(context, &[level], block.file);
        let line = NewLine::new("proxy_set_header", &["Connection", &value.word]);
        shown.add_line(&line);
        new.push(line);
        edits.extend(value.edits.clone());
        if value.map.is_some() {
            shown.connection = Some(value);
        }
    }
    let version = matches!(forwarded.http_version, HttpVersion::Default)
        && forwarded.http_version_verdict(context.nginx_version) != Verdict::Passes;
    if version || !new.is_empty() {
        write_lines(context, level, &new, version)?.into_iter().for_each(|edit| edits.add(edit));
    }
    if version {
        shown.add(format!("`{HTTP_VERSION_LINE}`"));
    }
    let (message, help) = shown.say("write");
    Some(Remedy::new(help, edits.ask_unless(is_safe).into_fix(message)))
}
