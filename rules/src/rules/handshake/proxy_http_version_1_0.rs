//! The backend is spoken to in HTTP/1.0, which has no upgrade.

use wslint_model::handshake::proxied_request::{HTTP_1_1_BY_DEFAULT, HttpVersion};
use wslint_model::intent::Proof;
use wslint_model::resolve::{LevelId, Setting};

use crate::cause::diagnosis::{Missing, http_version_left_to_outer_file};
use crate::context::Context;
use crate::finding::{Effect, Finding, Severity, VersionRange};
use crate::fix_writing::{Wanted, completed, set_http_version};
use crate::groups::Groups;
use crate::rules::PROXY_HTTP_VERSION_1_0 as RULE;
use crate::suggest::HTTP_VERSION_LINE;

/// What mends one location.
enum Cure {
    /// The version that is set becomes another one.
    Set(LevelId),
    /// The version is set.
    Add(Wanted),
}

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut groups = Groups::default();
    for (forwarded, diagnosis) in context.websocket_locations() {
        let proof = diagnosis.proof;
        if let HttpVersion::Set(setting) = forwarded.http_version {
            if setting.directive.argument(0).is_some_and(|word| word.value().as_ref() == b"1.0") {
                groups.add_with(
                    setting.argument_place(0),
                    || explicit(setting, proof),
                    forwarded.pass.place(),
                    Cure::Set(forwarded.level),
                );
            }
            continue;
        }
        if let [Missing::HttpVersion(versions)] = diagnosis.missing.as_slice() {
            let versions = *versions;
            groups.add_with(
                proof.place,
                || absent(context, proof, versions),
                forwarded.pass.place(),
                Cure::Add(Wanted::http_version(forwarded, diagnosis)),
            );
        } else if diagnosis.missing.is_empty() && http_version_left_to_outer_file(forwarded) {
            groups.add_with(
                proof.place,
                || left_open(proof),
                forwarded.pass.place(),
                Cure::Add(Wanted::http_version(forwarded, diagnosis)),
            );
        }
    }
    let mended = groups.into_mended("this backend gets the handshake", |cures| {
        let added = cures.iter().filter_map(|cure| match cure {
            Cure::Add(wanted) => Some(wanted.clone()),
            Cure::Set(_) => None,
        });
        let added: Vec<Wanted> = added.collect();
        if !added.is_empty() {
            return completed(context, &added);
        }
        let set = cures.iter().filter_map(|cure| match cure {
            Cure::Set(level) => Some(*level),
            Cure::Add(_) => None,
        });
        let edits = set_http_version(context, &set.collect::<Vec<_>>())?;
        edits.into_fix("set the version to 1.1")
    });
    findings.extend(mended);
}

fn explicit(setting: Setting<'_>, proof: Proof) -> Finding {
    let word = setting.argument_place(0);
    Finding::new(
        &RULE,
        word,
        "the backend is spoken to in HTTP/1.0, which has no `Upgrade`: a backend that follows the \
         standard refuses the handshake",
    )
    .at_place("HTTP/1.0")
    .label(proof.place, "meant for WebSockets")
    .help(format!("write `{HTTP_VERSION_LINE}`"))
}

fn absent(context: &Context<'_>, proof: Proof, versions: VersionRange) -> Finding {
    let certain = context.nginx_version.is_some();
    let finding = Finding::new(
        &RULE,
        proof.place,
        "`proxy_http_version` is not set, so nginx before 1.29.7 speaks HTTP/1.0, which has no \
         `Upgrade`, to the backend",
    )
    .at_place(if certain {
        "the handshake is passed on, but not in HTTP/1.1"
    } else {
        "the handshake is passed on, but before nginx 1.29.7 not in HTTP/1.1"
    })
    .help(format!("add `{HTTP_VERSION_LINE}`"))
    .versions(versions);
    if certain { finding } else { finding.severity(Severity::Warning) }
}

/// A fragment: the file around it may set the version.
fn left_open(proof: Proof) -> Finding {
    Finding::new(
        &RULE,
        proof.place,
        "`proxy_http_version` is not set in this file: unless the file that includes it does, nginx \
         before 1.29.7 speaks HTTP/1.0, which has no `Upgrade`, to the backend",
    )
    .at_place("the handshake is passed on, but perhaps not in HTTP/1.1")
    .effect(Effect::Advice)
    .help(format!("add `{HTTP_VERSION_LINE}`"))
    .severity(Severity::Info)
    .versions(VersionRange::before(HTTP_1_1_BY_DEFAULT))
}
