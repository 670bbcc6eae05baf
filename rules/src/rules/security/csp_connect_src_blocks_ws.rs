//! A `Content-Security-Policy` does not let pages open WebSockets.

use rustc_hash::FxHashMap;
use wslint_grammar::catalogue::directive as d;
use wslint_model::resolve::{LevelId, LevelKind, Setting};
use wslint_model::text::location::LocationPattern;

use crate::context::Context;
use crate::finding::Finding;
use crate::groups::Groups;
use crate::rules::CSP_CONNECT_SRC_BLOCKS_WS as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let configuration = context.configuration;
    let has_policy = |level: LevelId| configuration.own(level, d::ADD_HEADER).iter().any(is_policy);
    if !configuration.levels().any(|(level, _)| has_policy(level)) {
        return;
    }
    let pages = pages(context);
    let mut groups = Groups::default();
    for (forwarded, diagnosis) in context.websocket_locations() {
        let Some(server) = configuration.level(forwarded.level).server else { continue };
        let level = pages.get(&server).copied().unwrap_or(server);
        let Some(lines) = configuration.effective(level, d::ADD_HEADER).set() else { continue };
        for line in lines.iter().filter(|line| is_policy(*line)) {
            let Some(text) = line.value(1) else { continue };
            if let Some(directive) = blocking_directive(&text) {
                groups.add(line.place(), || finding(line, &directive), diagnosis.proof.place);
            }
        }
    }
    findings.extend(groups.into_findings("meant for WebSockets"));
}

fn is_policy(line: Setting<'_>) -> bool {
    let name = line.value(0).unwrap_or_default();
    name.eq_ignore_ascii_case(b"content-security-policy")
}

/// The location of each server that most pages come from: the one for all paths.
fn pages(context: &Context<'_>) -> FxHashMap<LevelId, LevelId> {
    let configuration = context.configuration;
    let mut pages = FxHashMap::default();
    for (level, own) in configuration.levels() {
        if own.kind != LevelKind::Location || own.parent != own.server {
            continue;
        }
        let pattern =
            configuration.head(level).and_then(|head| LocationPattern::read(head.directive));
        if let (Some(server), Some(LocationPattern::Prefix { name, .. })) = (own.server, pattern)
            && name == b"/"
        {
            pages.insert(server, level);
        }
    }
    pages
}

/// The directive of a policy that decides about WebSockets, when it allows none
/// (Content Security Policy Level 3, sections 6.1.2 and 6.7.2).
fn blocking_directive(policy: &[u8]) -> Option<String> {
    let policy = std::str::from_utf8(policy).ok()?;
    // Several policies may stand in one header, with commas between them: each counts.
    policy.split(',').find_map(|policy| {
        let named = |name: &str| {
            policy.split(';').map(str::trim).find(|directive| {
                let first = directive.split_ascii_whitespace().next();
                first.is_some_and(|first| first.eq_ignore_ascii_case(name))
            })
        };
        // A variable may hold a whole directive.
        if policy.split(';').any(|directive| directive.trim_start().starts_with('$')) {
            return None;
        }
        let directive = named("connect-src").or_else(|| named("default-src"))?;
        let mut sources = directive.split_ascii_whitespace().skip(1);
        sources.all(is_no_websocket).then(|| directive.to_owned())
    })
}

/// Whether a source of a policy surely matches no WebSocket.
fn is_no_websocket(source: &str) -> bool {
    let source = source.to_ascii_lowercase();
    if source.contains('$') {
        return false;
    }
    match source.strip_prefix('\'') {
        // The page's own server, which browsers of today take for its WebSockets too.
        Some(keyword) => keyword != "self'",
        // A name without a scheme, and `*`, may match.
        None => source.split_once(':').is_some_and(|(scheme, rest)| {
            let is_scheme = rest.is_empty() || rest.starts_with("//");
            is_scheme
                && matches!(
                    scheme,
                    "http" | "https" | "data" | "blob" | "mediastream" | "filesystem" | "about"
                )
        }),
    }
}

fn finding(line: Setting<'_>, directive: &str) -> Finding {
    Finding::new(
        &RULE,
        line.place(),
        format!(
            "pages with this policy may not open a WebSocket: `{directive}` names no `wss:`, so the \
             browser sends no handshake"
        ),
    )
    .at_place("the browser goes by this")
    .help("name the WebSocket in `connect-src`, as in `connect-src 'self' wss://example.com`")
}

#[cfg(test)]
mod tests {
    use super::blocking_directive;

    fn blocks(policy: &str) -> bool {
        blocking_directive(policy.as_bytes()).is_some()
    }

    #[test]
    fn connect_src_counts_and_without_it_default_src() {
        assert!(blocks("default-src 'none'"));
        assert!(blocks("default-src https:"));
        assert!(blocks("default-src 'self'; connect-src https://api.example.com"));
        assert!(blocks("connect-src"));
        assert!(blocks("CONNECT-SRC 'none';"));
        assert!(!blocks("default-src 'none'; connect-src 'self'"));
        assert!(!blocks("default-src 'none'; connect-src wss:"));
        assert!(!blocks("script-src 'none'"));
        assert!(!blocks("default-src https: wss://example.com"));
    }

    #[test]
    fn what_may_match_is_not_blocked() {
        for policy in [
            "connect-src *",
            "connect-src example.com",
            "connect-src *.example.com:8080",
            "connect-src wss://$host",
            "connect-src $sources",
            "$policy; default-src 'none'",
            "$policy",
            "",
        ] {
            assert!(!blocks(policy), "{policy}");
        }
    }
}
