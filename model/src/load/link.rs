//! Links that lead to a place on another machine: `sites-enabled/chat` of a configuration that was
//! copied, or is kept in a repository, is most often a link to `/etc/nginx/sites-available/chat`.

use std::path::{Path, PathBuf};

use super::disk::{leads_elsewhere, link_target};
use super::include::Resolver;
use super::options::LoadOptions;

/// The file beside a link, or in the folders around it, that it means on the machine that it was
/// made for. `None` when it leads somewhere here.
pub fn file_meant_by_link(link: &Path) -> Option<PathBuf> {
    if !leads_elsewhere(link) {
        return None;
    }
    let resolver = Resolver::new(link, false, &LoadOptions::default());
    link_target(link, resolver.prefixes())
}
