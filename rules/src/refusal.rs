//! What nginx says about a directive that it refuses.

use wslint_grammar::Directive;
use wslint_model::validate::ProblemKind;

/// nginx's message for a problem, without the place.
pub(crate) fn refusal(directive: Directive<'_>, kind: &ProblemKind) -> String {
    let name = directive.name();
    let name = String::from_utf8_lossy(&name);
    match kind {
        ProblemKind::Arguments(_) | ProblemKind::ArgumentsAdded(_) => {
            format!("invalid number of arguments in \"{name}\" directive")
        }
        ProblemKind::Value(refused) => refused.message.clone(),
        ProblemKind::Misplaced(_) | ProblemKind::MisplacedAdded(_) => {
            format!("\"{name}\" directive is not allowed here")
        }
        ProblemKind::Damaged(_, kind) => refusal(directive, kind),
        ProblemKind::Duplicate(_) => format!("\"{name}\" directive is duplicate"),
        ProblemKind::Unknown | ProblemKind::Foreign(_) | ProblemKind::OtherVersion(_) => {
            format!("unknown directive \"{name}\"")
        }
    }
}
