//! The directory that nginx looks for files in (`ngx_http_map_uri_to_path`).

use wslint_grammar::catalogue::directive as d;

use crate::evaluate::Value;
use crate::resolve::{Configuration, LevelId, Setting, settings};
use crate::text::location::LocationPattern;

/// The directory in effect at a level.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Root<'c> {
    /// The `root` or `alias`.
    pub(crate) setting: Setting<'c>,
    /// The location whose name an `alias` replaces.
    pub(crate) alias_of: Option<LevelId>,
}

/// The nearest `root` or `alias`; a level inside a location with `alias` has that too. `None`
/// where it is the directory `html` of the installation.
pub(crate) fn root(configuration: &Configuration, level: LevelId) -> Option<Root<'_>> {
    for level in configuration.ancestors(level) {
        if let Some(setting) = configuration.own(level, d::ROOT).iter().next_back() {
            return Some(Root { setting, alias_of: None });
        }
        if let Some(setting) = configuration.own(level, d::ALIAS).iter().next_back() {
            let alias_of = settings::location(configuration, level);
            return Some(Root { setting, alias_of });
        }
    }
    None
}

impl Root<'_> {
    /// The text of the directory, which may have variables; `None` for one in the directory of the
    /// installation.
    pub(crate) fn text(&self) -> Option<Vec<u8>> {
        let text = self.setting.directive.argument(0)?.value();
        let text = match self.alias_of {
            None => text.strip_suffix(b"/").unwrap_or(&text),
            Some(_) => &text,
        };
        self.setting.directive.argument(0)?.value().starts_with(b"/").then(|| text.to_vec())
    }

    /// `$document_root`, where no variables are in it.
    pub(crate) fn directory(&self) -> Value {
        match self.text().filter(|text| !text.contains(&b'$')) {
            Some(text) => Value::Known(text),
            None => Value::unknown("the directory of the files", Some(self.setting.place())),
        }
    }

    /// How much of a URI an `alias` takes the place of; `None` for a regular expression, where
    /// the `alias` is the whole file.
    pub(crate) fn replaced(&self, configuration: &Configuration) -> Option<usize> {
        let Some(location) = self.alias_of else { return Some(0) };
        let head = configuration.head(location)?;
        match LocationPattern::read(head.directive) {
            Some(LocationPattern::Exact(name) | LocationPattern::Prefix { name, .. }) => {
                Some(name.len())
            }
            _ => None,
        }
    }
}
