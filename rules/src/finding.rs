//! What a rule says, as data: how it is shown is not decided here.

use wslint_grammar::{Applicability, Edit};

pub use crate::facts::Category;
pub use crate::facts::Effect;
pub use crate::facts::Severity;
use crate::rule::Rule;
use wslint_model::handshake::ReasonKind;
use wslint_model::source::FileId;
use wslint_model::source::Place;
pub use wslint_model::versions::VersionRange;

/// A place that belongs to a finding, and what is to be seen there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub place: Place,
    /// What is to be seen there.
    pub message: String,
}

/// An [`Edit`] of one of a configuration's files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileEdit {
    /// The file.
    pub file: FileId,
    /// The change.
    pub edit: Edit,
}

/// Edits that mend a finding: all of them are applied, or none. [`crate::fix`] says how, and what
/// the author of a fix can rely on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FindingFix {
    /// Whether a person must agree first.
    pub applicability: Applicability,
    /// What the fix does, as an instruction.
    pub message: String,
    /// The edits; those of one file do not overlap.
    pub edits: Vec<FileEdit>,
}

/// One thing that is wrong, at the place of its cause.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule that found it.
    pub rule: &'static Rule,
    /// How much it matters here: the rule's own severity, or what this case makes of it.
    pub severity: Severity,
    /// What happens because of it.
    pub effect: Effect,
    /// What is wrong and what happens because of it, in one sentence.
    pub message: String,
    /// What to do, when the message does not say it.
    pub help: Option<String>,
    /// Where the cause is.
    pub place: Place,
    /// What is to be seen at [`Finding::place`].
    pub at_place: String,
    /// Other places that belong to it.
    pub labels: Vec<Label>,
    /// The versions for which it holds; `None` for all.
    pub nginx_versions: Option<VersionRange>,
    /// How to mend it.
    pub fix: Option<FindingFix>,
    /// The reasons for which handshakes fail because of it, where its rule has no one of its own and
    /// its place does not tell.
    pub about: Vec<ReasonKind>,
}

impl Finding {
    /// A finding of `rule` with the rule's own severity and effect.
    pub fn new(rule: &'static Rule, place: Place, message: impl Into<String>) -> Self {
        Self {
            rule,
            severity: rule.severity,
            effect: rule.effect,
            message: message.into(),
            help: None,
            place,
            at_place: String::new(),
            labels: Vec::new(),
            nginx_versions: None,
            fix: None,
            about: Vec::new(),
        }
    }

    /// Says for which reasons handshakes fail because of it.
    #[must_use]
    pub fn about(mut self, reasons: impl IntoIterator<Item = ReasonKind>) -> Self {
        self.about.extend(reasons);
        self
    }

    /// Says what is to be seen at the finding's own place.
    #[must_use]
    pub fn at_place(mut self, message: impl Into<String>) -> Self {
        self.at_place = message.into();
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Points at another place.
    #[must_use]
    pub fn label(mut self, place: Place, message: impl Into<String>) -> Self {
        self.labels.push(Label { place, message: message.into() });
        self
    }

    /// Makes it matter more or less than the rule usually does.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// Gives it another effect than the rule usually has.
    #[must_use]
    pub fn effect(mut self, effect: Effect) -> Self {
        self.effect = effect;
        self
    }

    /// Limits it to some versions of nginx.
    #[must_use]
    pub fn versions(mut self, versions: VersionRange) -> Self {
        self.nginx_versions = Some(versions);
        self
    }

    /// Offers a fix, if there is one.
    #[must_use]
    pub(crate) fn mended_by(mut self, fix: Option<FindingFix>) -> Self {
        self.fix = fix;
        self
    }

    /// Offers a fix in the finding's own file.
    #[must_use]
    pub fn fix(mut self, fix: wslint_grammar::Fix) -> Self {
        let file = self.place.file;
        self.fix = Some(FindingFix {
            applicability: fix.applicability,
            message: fix.message,
            edits: fix.edits.into_iter().map(|edit| FileEdit { file, edit }).collect(),
        });
        self
    }
}
