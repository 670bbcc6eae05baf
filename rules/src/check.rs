//! Running rules over a configuration.

use wslint_grammar::catalogue::Version;

use crate::context::Context;
use crate::finding::Finding;
use crate::resolve::Configuration;
use crate::rule::Rule;
use crate::source::FileId;

/// Runs `rules` over a configuration. The findings come sorted by file, place and rule: the same
/// configuration gives the same list.
///
/// With `nginx_version` only what holds for that version is reported.
pub fn check(
    configuration: &Configuration,
    rules: &[&'static Rule],
    nginx_version: Option<Version>,
) -> Vec<Finding> {
    let context = Context::new(configuration, nginx_version);
    let mut findings = Vec::new();
    for rule in rules {
        (rule.check)(&context, &mut findings);
    }
    // Of a template nothing can be said but that it is one.
    let templates: Vec<FileId> = context.templates().iter().map(|&(file, _)| file).collect();
    if !templates.is_empty() {
        findings.retain(|finding| {
            !templates.contains(&finding.place.file) || finding.rule.name == "template-leftover"
        });
    }
    if let Some(version) = nginx_version {
        let holds = |finding: &Finding| {
            finding.nginx_versions.is_none_or(|versions| versions.contains(version))
        };
        findings.retain(holds);
    }
    let name = |finding: &Finding| &configuration.loaded.sources.get(finding.place.file).name;
    findings.sort_by(|a, b| {
        let key = |finding: &Finding| (finding.place.span, finding.rule.name);
        name(a).cmp(name(b)).then_with(|| key(a).cmp(&key(b)))
    });
    findings
}
