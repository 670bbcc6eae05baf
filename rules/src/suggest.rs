//! What to write, in the terms of the configuration at hand.

/// The line that passes `Upgrade` on.
pub(crate) const UPGRADE_LINE: &str = "proxy_set_header Upgrade $http_upgrade;";

/// The line that sets the HTTP version.
pub(crate) const HTTP_VERSION_LINE: &str = "proxy_http_version 1.1;";

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
