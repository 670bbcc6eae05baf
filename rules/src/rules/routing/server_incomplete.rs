//! A server of `stream` or `mail` without what it cannot do without.

use wslint_grammar::catalogue::{Availability, Context as Block, Version, directive as d};
use wslint_model::resolve::{LevelKind, Setting};

use crate::context::Context;
use crate::finding::{Finding, VersionRange};
use crate::rules::SERVER_INCOMPLETE as RULE;

/// A server of `stream` may do nothing from this version on.
const NO_HANDLER_NEEDED: Version = Version::new(1, 27, 1);

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let configuration = context.configuration;
    for (level, own) in configuration.levels() {
        let is_stream = own.kind == LevelKind::StreamServer;
        if !is_stream && own.context != Some(Block::MailServer) || own.unseen.is_some() {
            continue;
        }
        let Some(head) = configuration.head(level) else { continue };
        let whole = head.whole_place();
        if context.has_unknown_directive(level) || context.has_syntax_error_in(whole) {
            continue;
        }
        let words = head.words_place();
        if configuration.own(level, d::LISTEN).iter().next().is_none() {
            findings.push(
                Finding::new(&RULE, words, "no \"listen\" is defined for server")
                    .at_place("listens nowhere")
                    .help("add `listen PORT;`: only servers of `http` have a default"),
            );
        } else if is_stream && configuration.own_settings(level).all(is_no_handler) {
            findings.push(
                Finding::new(&RULE, words, "no handler for server")
                    .at_place("does nothing with a connection")
                    .versions(VersionRange::before(NO_HANDLER_NEEDED))
                    .help("add `proxy_pass ADDRESS:PORT;` or `return`"),
            );
        }
    }
}

/// Whether a directive is known not to answer connections: those of modules that are not part of
/// nginx may.
fn is_no_handler(setting: Setting<'_>) -> bool {
    setting.directive.id().is_some_and(|id| {
        !matches!(id, d::PROXY_PASS | d::RETURN | d::PASS)
            && id.definitions().iter().any(|definition| {
                definition.availability < Availability::Commercial
                    && definition.contexts.contains(Block::StreamServer)
            })
    })
}
