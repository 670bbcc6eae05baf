//! The backend is spoken to in HTTP/2, which has no upgrade.

use wslint_grammar::catalogue::Version;
use wslint_model::handshake::proxied_request::HttpVersion;
use wslint_model::intent::Proof;
use wslint_model::resolve::Setting;

use crate::context::Context;
use crate::finding::{Finding, VersionRange};
use crate::fix_writing::set_http_version;
use crate::groups::Groups;
use crate::rules::PROXY_HTTP_VERSION_2 as RULE;
use crate::suggest::HTTP_VERSION_LINE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut groups = Groups::default();
    for (forwarded, diagnosis) in context.websocket_locations() {
        let HttpVersion::Set(setting) = forwarded.http_version else { continue };
        if setting.directive.argument(0).is_some_and(|word| word.value().as_ref() == b"2") {
            let proof = diagnosis.proof;
            groups.add_with(
                setting.place(),
                || finding(setting, proof),
                forwarded.pass.place(),
                forwarded.level,
            );
        }
    }
    let mended = groups.into_mended("this backend gets the handshake", |levels| {
        // A backend may speak nothing but HTTP/2 at that port.
        let edits = set_http_version(context, levels)?.ask_unless(false);
        edits.into_fix("set the version to 1.1")
    });
    findings.extend(mended);
}

fn finding(setting: Setting<'_>, proof: Proof) -> Finding {
    Finding::new(
        &RULE,
        setting.argument_place(0),
        "the backend is spoken to in HTTP/2, which has no `Upgrade`: nginx cannot open a WebSocket \
         over it",
    )
    .at_place("HTTP/2")
    .label(proof.place, "meant for WebSockets")
    .help(format!("give the WebSockets a location of their own, with `{HTTP_VERSION_LINE}`"))
    .versions(VersionRange::since(Version::new(1, 29, 4)))
}
