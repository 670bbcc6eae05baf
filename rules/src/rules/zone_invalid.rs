//! `zone-invalid`

use crate::context::Context;
use crate::declared::zones::Use;
use crate::finding::{Category, Effect, Finding, Severity};
use crate::rule::Rule;

/// See the rule's page.
pub(super) static RULE: Rule = Rule {
    name: "zone-invalid",
    category: Category::Upstream,
    severity: Severity::Error,
    effect: Effect::NotLoaded,
    summary: "a `zone` of upstreams that no line gives a size",
    page: include_str!("../../../docs/rules/zone-invalid.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let zones = context.zones();
    for name in &zones.names {
        let mentions = zones.mentions(name);
        let [first, ..] = mentions else { continue };
        if !matches!(first.purpose, Use::Upstream | Use::StreamUpstream)
            || mentions.iter().any(|it| it.size.is_some() || it.purpose != first.purpose)
            || !context.sees_everything()
        {
            continue;
        }
        let setting = context.configuration.setting(first.reference);
        let name = String::from_utf8_lossy(name);
        findings.push(
            Finding::new(
                &RULE,
                setting.place(),
                format!("zero size shared memory zone \"{name}\""),
            )
            .at_place("has no size")
            .help(format!(
                "write `zone {name} 64k;`; of upstreams that share a zone one has to say the size"
            )),
        );
    }
}
