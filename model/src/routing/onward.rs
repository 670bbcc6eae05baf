//! Where nginx may go on with a request by itself: `rewrite`, `try_files`, `error_page`.

use rustc_hash::FxHashSet;
use wslint_grammar::Word;
use wslint_grammar::catalogue::directive as d;

use crate::resolve::{Effective, LevelId, LevelKind, Setting};
use crate::routing::Routing;
use crate::routing::find_location::Found;

/// Where a request may go from a level.
#[derive(Debug, Default)]
pub(crate) struct Onward {
    /// The locations that are named.
    pub levels: Vec<LevelId>,
    /// Where else, nobody can tell without the request.
    pub anywhere: bool,
}

impl Onward {
    /// Where a request may go that has come to `level`, a server or a location.
    pub(crate) fn from(model: &Routing<'_>, level: LevelId) -> Self {
        let configuration = model.configuration;
        let mut onward = Self::default();
        let Some(server) = configuration.level(level).server else { return onward };
        let inner = configuration.children(level).filter(|&child| {
            matches!(
                configuration.level(child).kind,
                LevelKind::If | LevelKind::IfInServer | LevelKind::LimitExcept
            )
        });
        // The rewrites of a server come before its location is looked for, whatever ends them.
        let is_server = level == server;
        for part in std::iter::once(level).chain(inner) {
            for line in configuration.own(part, d::REWRITE).iter() {
                let flag = line.directive.argument(2).map(Word::value);
                let stays = match flag.as_deref() {
                    Some(b"break") => !is_server,
                    Some(b"redirect" | b"permanent") => true,
                    _ => false,
                };
                if !stays {
                    onward.add(model, server, line.directive.argument(1));
                }
            }
            for line in configuration.own(part, d::TRY_FILES).iter() {
                onward.add(model, server, last_argument(line));
            }
            if let Effective::Set(lines) = configuration.effective(part, d::ERROR_PAGE) {
                for line in lines.iter() {
                    onward.add(model, server, last_argument(line));
                }
            }
        }
        onward
    }

    fn add(&mut self, model: &Routing<'_>, server: LevelId, target: Option<Word<'_>>) {
        let Some(target) = target.map(Word::value) else { return };
        let locations = model.locations();
        if target.contains(&b'$') {
            self.anywhere = true;
        } else if target.starts_with(b"@") {
            self.levels.extend(locations.named(server, &target));
        } else if target.starts_with(b"/") {
            let path = target.split(|&byte| byte == b'?').next().unwrap_or_default();
            match locations.find(server, path) {
                Found::Location(level, _) => self.levels.push(level),
                Found::Redirect(_) | Found::Nothing => {}
                Found::Unknown(_) => self.anywhere = true,
            }
        }
    }
}

fn last_argument(line: Setting<'_>) -> Option<Word<'_>> {
    line.directive.arguments().last()
}

/// Every location of a server.
pub(crate) fn locations_of(model: &Routing<'_>, server: LevelId) -> Vec<LevelId> {
    let configuration = model.configuration;
    let mut pending = vec![server];
    let mut found = Vec::new();
    while let Some(level) = pending.pop() {
        let locations = configuration.children(level);
        let locations =
            locations.filter(|&child| configuration.level(child).kind == LevelKind::Location);
        for location in locations {
            found.push(location);
            pending.push(location);
        }
    }
    found
}

/// Everywhere that requests may come from those locations, these among it.
pub fn reached(model: &Routing<'_>, from: impl IntoIterator<Item = LevelId>) -> FxHashSet<LevelId> {
    let configuration = model.configuration;
    let mut reached = FxHashSet::default();
    let mut whole_servers = FxHashSet::default();
    let mut servers = FxHashSet::default();
    let mut pending: Vec<LevelId> = from.into_iter().collect();
    while let Some(level) = pending.pop() {
        if !reached.insert(level) {
            continue;
        }
        let mut onward = Onward::from(model, level);
        let Some(server) = configuration.level(level).server else { continue };
        // The server's own rewrites come first, for whatever nginx does by itself too.
        if servers.insert(server) {
            let first = Onward::from(model, server);
            onward.anywhere |= first.anywhere;
            onward.levels.extend(first.levels);
        }
        if onward.anywhere && whole_servers.insert(server) {
            onward.levels.extend(locations_of(model, server));
        }
        pending.extend(onward.levels);
    }
    reached
}
