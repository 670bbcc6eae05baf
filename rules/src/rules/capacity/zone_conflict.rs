//! A shared memory zone that is declared twice in ways that exclude each other.

use rustc_hash::{FxHashMap, FxHashSet};
use wslint_grammar::catalogue::directive as d;
use wslint_model::declarations::zones::{Mention, Use};
use wslint_model::resolve::Setting;
use wslint_model::source::{DirectiveRef, Place};
use wslint_model::text::placeholder::may_stand_in;

use crate::context::Context;
use crate::finding::Finding;
use crate::rules::ZONE_CONFLICT as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    if context.structure_is_damaged() {
        return;
    }
    let zones = context.zones();
    let mut reported = FxHashSet::default();
    for name in &zones.names {
        let mentions = zones.mentions(name);
        let Some((first, others)) = mentions.split_first() else { continue };
        let mut sized = first.size.map(|_| first);
        for mention in others {
            if let Some((message, other)) = conflict(context, name, first, sized, mention) {
                let (mention, other) = in_order(mention, other);
                if reported.insert(mention.reference) {
                    findings.extend(finding(context, message, mention, other));
                }
                // What follows is compared with the first one only once.
                if mention.purpose != first.purpose {
                    break;
                }
            }
            sized = sized.or(mention.size.map(|_| mention));
        }
    }
    same_path(context, findings);
}

/// What nginx says about a mention of a zone after others (`ngx_shared_memory_add`).
fn conflict<'z>(
    context: &Context<'_>,
    name: &[u8],
    first: &'z Mention,
    sized: Option<&'z Mention>,
    mention: &'z Mention,
) -> Option<(String, &'z Mention)> {
    let name = String::from_utf8_lossy(name);
    if mention.purpose != first.purpose {
        let message =
            format!("the shared memory zone \"{name}\" is already declared for a different use");
        return Some((message, first));
    }
    let (before, (size, known)) = (sized?, (mention.size?, sized?.size?));
    if size != known {
        let (later, _) = in_order(mention, before);
        let (size, known) =
            if later.reference == mention.reference { (size, known) } else { (known, size) };
        let message = format!(
            "the size {size} of shared memory zone \"{name}\" conflicts with already declared size \
             {known}"
        );
        return Some((message, before));
    }
    if !mention.purpose.is_declared_once() {
        return None;
    }
    let directive = mention.purpose.declared_by();
    let message = match mention.purpose {
        Use::LimitReq | Use::LimitConn | Use::StreamLimitConn => {
            let key = context.configuration.setting(before.reference).directive.argument(0)?;
            let key = String::from_utf8_lossy(&key.value()).into_owned();
            format!("{directive} \"{name}\" is already bound to key \"{key}\"")
        }
        _ => format!("duplicate zone \"{name}\""),
    };
    Some((message, before))
}

/// The later one first, where one file shows which is the later.
fn in_order<'z>(mention: &'z Mention, other: &'z Mention) -> (&'z Mention, &'z Mention) {
    let (a, b) = (mention.reference, other.reference);
    if a.file == b.file && a.index < b.index { (other, mention) } else { (mention, other) }
}

fn place(context: &Context<'_>, mention: &Mention) -> Place {
    context.configuration.setting(mention.reference).argument_place(mention.argument)
}

fn finding(
    context: &Context<'_>,
    message: String,
    mention: &Mention,
    other: &Mention,
) -> Option<Finding> {
    let here = place(context, mention);
    if context.has_syntax_error_in(here) {
        return None;
    }
    let help = if mention.purpose == other.purpose {
        "declare a zone once, or give the second one a name of its own"
    } else {
        "zones of different directives need different names"
    };
    let finding = Finding::new(&RULE, here, message).at_place("the same name again").help(help);
    Some(match place(context, other) {
        other if other == here => finding.help("the file with it is included twice"),
        there => {
            finding.label(there, format!("here it belongs to `{}`", directive(context, other)))
        }
    })
}

fn directive(context: &Context<'_>, mention: &Mention) -> String {
    let name = context.configuration.setting(mention.reference).directive.name();
    String::from_utf8_lossy(&name).into_owned()
}

/// Two caches in one folder (`ngx_add_path`).
fn same_path(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let configuration = context.configuration;
    let mut paths: FxHashMap<Vec<u8>, Setting<'_>> = FxHashMap::default();
    let mut zones: FxHashSet<(DirectiveRef, Vec<u8>)> = FxHashSet::default();
    for id in [d::PROXY_CACHE_PATH, d::FASTCGI_CACHE_PATH, d::UWSGI_CACHE_PATH, d::SCGI_CACHE_PATH]
    {
        for (_, setting) in context.occurrences().of(configuration, id) {
            let Some(path) = setting.value(0) else {
                continue;
            };
            let path = path.strip_suffix(b"/").unwrap_or(&path);
            if may_stand_in(path) || !zones.insert((setting.reference, path.to_vec())) {
                continue;
            }
            let first = *paths.entry(path.to_vec()).or_insert(setting);
            let place = setting.argument_place(0);
            if first.reference == setting.reference || context.has_syntax_error_in(place) {
                continue;
            }
            let path = String::from_utf8_lossy(path).into_owned();
            findings.push(
                Finding::new(&RULE, place, format!("the same path name \"{path}\" used"))
                    .at_place("the folder of another cache")
                    .label(first.argument_place(0), "used here already")
                    .help("give each cache a folder of its own"),
            );
        }
    }
}
