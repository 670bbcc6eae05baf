//! What to write, in the terms of the configuration at hand.

use wslint_grammar::catalogue::directive as d;

use crate::finding::VersionRange;
use crate::handshake::HTTP_1_1_BY_DEFAULT;
use crate::model::Model;
use crate::nginx_text::address::split_url;
use crate::resolve::{LevelId, Setting};

/// Where nginx keeps connections to a level's backend, and in which versions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kept<'c> {
    /// What says so: `keepalive`, or the `upstream` block.
    pub(crate) by: Setting<'c>,
    /// The versions; `None` for all.
    pub(crate) versions: Option<VersionRange>,
}

/// Whether connections to a level's backend are kept: its `upstream` has `keepalive`, or the target
/// is a version that keeps them by itself (1.29.7, `ngx_http_upstream_keepalive_module`).
pub(crate) fn keeps_connections<'c>(model: &Model<'c>, level: LevelId) -> Option<Kept<'c>> {
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
pub(crate) fn may_keep_connections<'c>(model: &Model<'c>, level: LevelId) -> Option<Kept<'c>> {
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

/// The line that passes `Upgrade` on.
pub(crate) const UPGRADE_LINE: &str = "proxy_set_header Upgrade $http_upgrade;";

/// The line that sets the HTTP version.
pub(crate) const HTTP_VERSION_LINE: &str = "proxy_http_version 1.1;";

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn listed(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// The name in `names` that is nearest to a mistyped one: at most two letters differ, and no more
/// than a third of them.
pub(crate) fn nearest<'n>(written: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    Nearest::default().of(written, names)
}

/// Finds the [`nearest`] names for many mistyped ones. Comparing thousands of names with thousands
/// would take quadratic time, and no person has mistyped so many: after some time nothing is
/// found any more.
#[derive(Debug, Default)]
pub(crate) struct Nearest {
    /// How much was compared: the product of the two lengths, for each pair.
    done: usize,
}

impl Nearest {
    /// When to give up: after some hundred names of twenty letters among a thousand.
    const ENOUGH: usize = 50_000_000;

    /// What is longer than that is no name.
    const LONGEST: usize = 200;

    /// The name in `names` that is nearest to `written`.
    pub(crate) fn of<'n>(
        &mut self,
        written: &str,
        names: impl Iterator<Item = &'n str>,
    ) -> Option<&'n str> {
        if self.done > Self::ENOUGH || written.len() > Self::LONGEST {
            return None;
        }
        let written = written.to_ascii_lowercase();
        let length = written.chars().count();
        names
            .filter_map(|name| {
                self.done += 1;
                let its = (name.len() <= Self::LONGEST).then(|| name.chars().count())?;
                // Each letter more or less is a difference.
                if its.abs_diff(length) > 2 {
                    return None;
                }
                self.done += its * length;
                let distance = strsim::damerau_levenshtein(&written, &name.to_ascii_lowercase());
                (distance <= 2 && distance * 3 <= its).then_some((distance, name))
            })
            .min_by_key(|&(distance, _)| distance)
            .map(|(_, name)| name)
    }
}
