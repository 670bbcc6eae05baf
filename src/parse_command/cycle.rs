//! Files that include themselves, by way of others or at once: put in their place, they would
//! never end. nginx includes them until it has no more file descriptors, and refuses.

use std::collections::{HashMap, HashSet};

use wslint_model::load::{Include, Loaded};
use wslint_model::source::{DirectiveRef, FileId};

/// The includes that lead back to a file that is being included. Without them there is no cycle.
#[derive(Debug, Default)]
pub(super) struct Closing(HashSet<(DirectiveRef, FileId)>);

impl Closing {
    /// Walks the includes depth first from the main file, each file once.
    pub(super) fn find(loaded: &Loaded) -> Self {
        let mut closing = HashSet::new();
        // `true` while the file is being included.
        let mut seen = HashMap::from([(Loaded::MAIN, true)]);
        let mut path = vec![(Loaded::MAIN, included_by(loaded, Loaded::MAIN))];
        while let Some((file, rest)) = path.last_mut() {
            let Some((include, next)) = rest.next() else {
                seen.insert(*file, false);
                path.pop();
                continue;
            };
            match seen.get(&next) {
                Some(true) => {
                    closing.insert((include, next));
                }
                Some(false) => {}
                None => {
                    seen.insert(next, true);
                    path.push((next, included_by(loaded, next)));
                }
            }
        }
        Self(closing)
    }

    /// Whether that include must not bring in that file.
    pub(super) fn contains(&self, include: DirectiveRef, file: FileId) -> bool {
        !self.0.is_empty() && self.0.contains(&(include, file))
    }
}

fn included_by(
    loaded: &Loaded,
    file: FileId,
) -> impl Iterator<Item = (DirectiveRef, FileId)> + use<'_> {
    loaded.sources.get(file).tree.includes().flat_map(move |directive| {
        let include = DirectiveRef { file, index: directive.index() };
        let files = loaded.include(include).map(Include::files).unwrap_or_default();
        files.iter().map(move |&file| (include, file))
    })
}
