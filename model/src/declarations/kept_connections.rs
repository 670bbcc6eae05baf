//! Where nginx keeps connections to backends.

use wslint_grammar::catalogue::directive as d;

use crate::declarations::Declarations;
use crate::resolve::{LevelId, Setting};
use crate::text::address::split_url;
use crate::versions::{HTTP_1_1_BY_DEFAULT, VersionRange};

/// Where nginx keeps connections to a level's backend, and in which versions.
#[derive(Clone, Copy, Debug)]
pub struct Kept<'c> {
    /// What says so: `keepalive`, or the `upstream` block.
    pub by: Setting<'c>,
    /// The versions; `None` for all.
    pub versions: Option<VersionRange>,
}

/// Whether connections to a level's backend are kept: its `upstream` has `keepalive`, or the target
/// is a version that keeps them by itself (1.29.7, `ngx_http_upstream_keepalive_module`).
pub fn keeps_connections<'c>(model: &Declarations<'c>, level: LevelId) -> Option<Kept<'c>> {
    let found = may_keep_connections(model, level)?;
    match (found.versions, model.nginx_version) {
        (None, _) => Some(found),
        (Some(versions), Some(version)) if versions.contains(version) => {
            Some(Kept { versions: None, ..found })
        }
        _ => None,
    }
}

/// As [`keeps_connections`], for whatever version it may be.
pub fn may_keep_connections<'c>(model: &Declarations<'c>, level: LevelId) -> Option<Kept<'c>> {
    let configuration = model.configuration;
    let pass = configuration.own(level, d::PROXY_PASS).iter().next_back()?;
    let url = pass.directive.argument(0)?.value();
    let name = split_url(std::str::from_utf8(&url).ok()?)?.authority;
    let group = model.upstream_groups().named(name.as_bytes(), false)?;
    match configuration.own(group, d::KEEPALIVE).iter().next() {
        Some(keepalive) => {
            let number = keepalive.directive.argument(0).map(wslint_grammar::Word::value);
            let is_off = number.as_deref() == Some(b"0");
            (!is_off).then_some(Kept { by: keepalive, versions: None })
        }
        None if configuration.level(group).unseen.is_some() => None,
        None => {
            let by = configuration.head(group)?;
            Some(Kept { by, versions: Some(VersionRange::since(HTTP_1_1_BY_DEFAULT)) })
        }
    }
}
