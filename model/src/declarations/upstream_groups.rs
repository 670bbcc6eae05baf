//! The `upstream` blocks by name (`ngx_http_upstream_add`, `ngx_stream_upstream_add`).

use rustc_hash::FxHashMap;

use crate::resolve::{Configuration, LevelId, LevelKind, Setting};
use crate::text::placeholder::may_stand_in;

/// The `upstream` blocks of a configuration. `http` and `stream` have lists of their own, and
/// names are compared without regard to case.
#[derive(Debug, Default)]
pub struct UpstreamGroups {
    /// All of them, in the order of the text.
    pub levels: Vec<LevelId>,
    http: FxHashMap<Vec<u8>, LevelId>,
    stream: FxHashMap<Vec<u8>, LevelId>,
    /// Blocks with a name that another one had before, each with that one.
    pub duplicates: Vec<(LevelId, LevelId)>,
}

impl UpstreamGroups {
    /// Looks for all of them.
    pub fn new(configuration: &Configuration) -> Self {
        let mut groups = Self::default();
        for (id, level) in configuration.levels() {
            let names = match level.kind {
                LevelKind::Upstream => &mut groups.http,
                LevelKind::StreamUpstream => &mut groups.stream,
                _ => continue,
            };
            groups.levels.push(id);
            let Some(name) = configuration.head(id).and_then(name_of) else { continue };
            let first = *names.entry(name).or_insert(id);
            if first != id {
                groups.duplicates.push((id, first));
            }
        }
        groups
    }

    /// The group of that name, in `stream` or in `http`.
    pub fn named(&self, name: &[u8], in_stream: bool) -> Option<LevelId> {
        let names = if in_stream { &self.stream } else { &self.http };
        names.get(&name.to_ascii_lowercase()).copied()
    }
}

/// The name in lower case; `None` when it has yet to be filled in.
fn name_of(head: Setting<'_>) -> Option<Vec<u8>> {
    let name = head.directive.argument(0)?.value().to_ascii_lowercase();
    (!may_stand_in(&name)).then_some(name)
}
