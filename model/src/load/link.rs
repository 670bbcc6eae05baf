//! Links that lead to a place on another machine: `sites-enabled/chat` of a configuration that was
//! copied, or is kept in a repository, is most often a link to `/etc/nginx/sites-available/chat`.

use std::path::{Path, PathBuf};

use super::LoadOptions;
use super::include::Resolver;

/// The file that a link to an absolute path means when what is below the first of a pair is below
/// the second here.
pub(super) fn target(link: &Path, prefixes: &[(PathBuf, PathBuf)]) -> Option<PathBuf> {
    let target = link.read_link().ok()?;
    let there = prefixes
        .iter()
        .find_map(|(from, to)| target.strip_prefix(from).ok().map(|rest| to.join(rest)))?;
    there.is_file().then_some(there)
}

/// Whether a link leads to an absolute path where there is nothing here.
pub(super) fn leads_elsewhere(link: &Path) -> bool {
    link.read_link().is_ok_and(|target| target.is_absolute() && !target.exists())
}

/// The file beside a link, or in the folders around it, that it means on the machine that it was
/// made for. `None` when it leads somewhere here.
pub fn file_meant_by_link(link: &Path) -> Option<PathBuf> {
    if !leads_elsewhere(link) {
        return None;
    }
    let resolver = Resolver::new(link, false, &LoadOptions::default());
    target(link, resolver.prefixes())
}
