//! A line that passes the client's `Host` on.

use rustc_hash::{FxHashMap, FxHashSet};
use wslint_grammar::Edit;
use wslint_grammar::catalogue::directive as d;
use wslint_model::handshake::proxied_request::Forwarded;
use wslint_model::resolve::{Effective, LevelId, LevelKind, Setting};

use super::block::{merged, settable, stands_everywhere};
use super::columns::NewLine;
use super::edits::Edits;
use super::list::add_to_list;
use super::style::like_word;
use crate::context::Context;
use crate::finding::FindingFix;

/// Passes the client's `Host` on at some locations, whose `Host` the line decides, if there is one:
/// at the level that sets their headers where nobody else gets these, else at each of them, together
/// with what it inherits. A person has to agree, because the backend sees another host.
pub(crate) fn pass_clients_host(
    context: &Context<'_>,
    felt: &[(&Forwarded<'_>, Option<Setting<'_>>)],
) -> Option<FindingFix> {
    let levels: FxHashSet<LevelId> = felt.iter().map(|(forwarded, _)| forwarded.level).collect();
    let mut owners: Vec<LevelId> = Vec::new();
    let mut by_owner: FxHashMap<LevelId, Vec<LevelId>> = FxHashMap::default();
    for (forwarded, _) in felt {
        let owner = match forwarded.headers.set() {
            Some(lines) => lines.level,
            None => settable(context, forwarded.level),
        };
        let users = by_owner.entry(owner).or_insert_with(|| {
            owners.push(owner);
            Vec::new()
        });
        users.push(forwarded.level);
    }
    let value = client_host(context, &levels);
    let line = felt.first()?.1;
    if felt.iter().any(|(_, other)| other.map(|it| it.reference) != line.map(|it| it.reference)) {
        return None;
    }
    let is_for_all: Vec<bool> =
        owners.iter().map(|&owner| gets_nobody_else(context, owner, &levels)).collect();
    let mut edits = Edits::default().ask_unless(false);
    if let Some(line) = line {
        let is_right = is_for_all.iter().all(|&is_for_all| is_for_all)
            && stands_everywhere(context, line.reference, &owners);
        let word = line.directive.argument(1).filter(|_| is_right)?;
        edits.add_in(line.reference.file, Edit::replace(word.span(), like_word(word, value)));
        return edits.into_fix(format!("write `{value}`"));
    }
    let new = [NewLine::new("proxy_set_header", &["Host", value])];
    let mut added = Vec::new();
    for (&owner, &is_for_all) in owners.iter().zip(&is_for_all) {
        let at = match is_for_all {
            true => vec![owner],
            false => by_owner.get(&owner).cloned().unwrap_or_default(),
        };
        for level in at {
            added.push(add_to_list(context, level, d::PROXY_SET_HEADER, &new)?);
        }
    }
    edits.extend(merged(context, added)?);
    let inherited = match is_for_all.iter().all(|&is_for_all| is_for_all) {
        true => "",
        false => "the inherited lines and ",
    };
    edits.into_fix(format!("add {inherited}`{}`", new[0].plain()))
}

/// The variable with the client's `Host`: with its port, as browsers write it into `Origin`. In
/// HTTP/3 that has no `Host`, so that `$http_host` may be empty.
fn client_host(context: &Context<'_>, levels: &FxHashSet<LevelId>) -> &'static str {
    let configuration = context.configuration;
    let servers: FxHashSet<LevelId> =
        levels.iter().filter_map(|&level| configuration.level(level).server).collect();
    let mut listens =
        servers.into_iter().flat_map(|server| configuration.own(server, d::LISTEN).iter());
    let is_quic =
        |line: Setting<'_>| line.directive.arguments().any(|word| word.value().as_ref() == b"quic");
    if listens.any(is_quic) { "$host" } else { "$http_host" }
}

/// Whether no backend but those of `levels` gets the headers that a level sets.
fn gets_nobody_else(context: &Context<'_>, owner: LevelId, levels: &FxHashSet<LevelId>) -> bool {
    let configuration = context.configuration;
    // What stands in a location is for the same.
    if configuration.level(owner).kind == LevelKind::Location {
        return true;
    }
    let is_another = |level: LevelId| {
        !levels.contains(&level)
            && configuration.own(level, d::PROXY_PASS).iter().next().is_some()
            && matches!(
                configuration.effective(level, d::PROXY_SET_HEADER),
                Effective::Set(lines) if lines.level == owner
            )
    };
    let mut pending = vec![owner];
    while let Some(level) = pending.pop() {
        if is_another(level) {
            return false;
        }
        pending.extend(configuration.children(level));
    }
    true
}
