//! An upstream all of whose servers are marked `backup`.

use wslint_grammar::catalogue::directive as d;
use wslint_model::source::Place;

use crate::cause::upstream_line::bad_parameter;
use crate::context::Context;
use crate::finding::Finding;
use crate::groups::Places;
use crate::rules::UPSTREAM_ONLY_BACKUP as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let configuration = context.configuration;
    for &level in &context.upstream_groups().levels {
        if configuration.level(level).unseen.is_some() {
            continue;
        }
        let servers = configuration.own(level, d::SERVER);
        let mut backups = Places::default();
        let mut only = servers.iter().next().is_some();
        for server in servers.iter() {
            let mut parameters = server.directive.arguments().skip(1);
            match parameters.find(|word| word.value().as_ref() == b"backup") {
                Some(word) => {
                    backups.add(Place { file: server.reference.file, span: word.span() });
                }
                None => {
                    only = false;
                    break;
                }
            }
        }
        let Some(head) = configuration.head(level).filter(|_| only) else { continue };
        let whole = head.whole_place();
        // Addresses without `server`, or a module's own way to name servers, may be the others.
        if context.has_unknown_directive(level) || context.has_syntax_error_in(whole) {
            continue;
        }
        // A word that is no parameter may have taken the place of another one.
        let is_bad = |server| bad_parameter(server, context.nginx_version).is_some();
        if context.reports("upstream-bad-parameter") && servers.iter().any(is_bad) {
            continue;
        }
        let name = head.value(0).unwrap_or_default();
        let name = String::from_utf8_lossy(&name);
        let words = head.words_place();
        let finding = Finding::new(&RULE, words, format!("no servers in upstream \"{name}\""))
            .at_place("has nobody to stand in for")
            .help("delete `backup` from at least one server");
        findings.push(backups.label(finding, "only a substitute"));
    }
}
