//! Fixes that would make handshakes of sub-requests.
//!
//! A location that answers an `auth_request` or a `mirror` has often the headers of the server
//! around it. When these are mended, so is the sub-request: its backend answers 101, for which
//! nginx closes the client's connection (`ngx_http_upstream_upgrade`), or refuses it.

use rustc_hash::FxHashSet;
use wslint_grammar::catalogue::directive as d;
use wslint_grammar::{Directive, DirectiveId, Edit, Tree};
use wslint_model::handshake::proxied_request::Forwarded;
use wslint_model::resolve::{Effective, LevelId, LevelKind};
use wslint_model::routing::onward::reached;
use wslint_model::source::DirectiveRef;

use crate::context::Context;
use crate::finding::{Effect, FileEdit, Finding};

/// The settings that decide whether a backend gets a handshake.
const DECISIVE: [DirectiveId; 5] = [
    d::PROXY_SET_HEADER,
    d::PROXY_HTTP_VERSION,
    d::PROXY_METHOD,
    d::PROXY_PASS_REQUEST_HEADERS,
    d::PROXY_CACHE_BYPASS,
];

/// The rules whose fixes take handshakes away from sub-requests.
const ABOUT_SUB_REQUESTS: [&str; 2] =
    ["upgrade-leaks-into-auth-request", "upgrade-leaks-into-mirror"];

/// Takes those fixes away that change what the backend of a sub-request gets.
pub(crate) fn withhold_from_sub_requests(context: &Context<'_>, findings: &mut [Finding]) {
    let occurrences = context.occurrences();
    let mut makers = [d::AUTH_REQUEST, d::MIRROR].into_iter();
    if makers.all(|id| occurrences.of(context.configuration, id).next().is_none()) {
        return;
    }
    let mut watched = None;
    for finding in findings {
        // What nginx refuses cannot work worse than it does.
        if finding.effect == Effect::NotLoaded || ABOUT_SUB_REQUESTS.contains(&finding.rule.name) {
            continue;
        }
        let Some(fix) = &finding.fix else { continue };
        let watched = watched.get_or_insert_with(|| Watched::find(context));
        if fix.edits.iter().any(|edit| watched.is_touched_by(context, edit)) {
            finding.fix = None;
        }
    }
}

/// What decides about sub-requests.
#[derive(Debug, Default)]
struct Watched {
    /// Lines and maps that are in effect.
    lines: FxHashSet<DirectiveRef>,
    /// Blocks where a line would be in effect.
    blocks: FxHashSet<(DirectiveRef, DirectiveId)>,
}

impl Watched {
    fn find(context: &Context<'_>) -> Self {
        let configuration = context.configuration;
        let reached = reached(context, context.sub_requests().targets());
        let mut watched = Self::default();
        for forwarded in context.forwarded() {
            let location = configuration.enclosing(forwarded.level, LevelKind::Location);
            if location.is_some_and(|location| reached.contains(&location)) {
                watched.add(context, forwarded);
            }
        }
        watched
    }

    fn add(&mut self, context: &Context<'_>, forwarded: &Forwarded<'_>) {
        let upgrade = &forwarded.upgrade;
        let sends_none =
            upgrade.unseen.is_none() && upgrade.chrome().is_ok_and(|value| value.is_empty());
        for id in DECISIVE {
            // Without `Upgrade` nothing else makes a handshake of it.
            if id == d::PROXY_SET_HEADER || !sends_none {
                self.add_setting(context, forwarded.level, id);
            }
        }
        for line in upgrade.lines.iter().chain(&forwarded.connection.lines) {
            let maps = line.chrome.maps.iter().chain(&line.firefox.maps);
            self.lines.extend(maps.map(|matched| matched.map));
        }
    }

    fn add_setting(&mut self, context: &Context<'_>, level: LevelId, id: DirectiveId) {
        let configuration = context.configuration;
        let origin = match configuration.effective(level, id) {
            Effective::Set(lines) => {
                self.lines.extend(lines.iter().map(|line| line.reference));
                Some(lines.level)
            }
            Effective::Default | Effective::Unknown(_) => None,
        };
        for around in configuration.ancestors(level) {
            if let Some(head) = configuration.level(around).head {
                self.blocks.insert((head, id));
            }
            if Some(around) == origin {
                break;
            }
        }
    }

    fn is_touched_by(&self, context: &Context<'_>, edit: &FileEdit) -> bool {
        let file = edit.file;
        let tree = &context.configuration.loaded.sources.get(file).tree;
        let Place { touched, inside } = place_of(tree, &edit.edit);
        let refer = |directive: Directive<'_>| DirectiveRef { file, index: directive.index() };
        let is_watched = |directive: Directive<'_>| self.lines.contains(&refer(directive));
        if touched.iter().copied().any(is_watched) || inside.iter().copied().any(is_watched) {
            return true;
        }
        let Some(&block) = inside.first() else { return false };
        DECISIVE.into_iter().any(|id| {
            let is_about = edit.edit.text.contains(id.name())
                || touched.iter().any(|directive| directive.id() == Some(id));
            is_about && self.blocks.contains(&(refer(block), id))
        })
    }
}

/// What an edit is in.
struct Place<'t> {
    /// The directives that it changes.
    touched: Vec<Directive<'t>>,
    /// The blocks around, the innermost first.
    inside: Vec<Directive<'t>>,
}

fn place_of<'t>(tree: &'t Tree, edit: &Edit) -> Place<'t> {
    let (start, end) = (edit.span.start, edit.span.end);
    let (mut low, mut high) = (0, tree.directive_count() as u32);
    while low < high {
        let middle = low.midpoint(high);
        if tree.directive(middle).span().start <= start {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    let last_before = low.checked_sub(1).map(|index| tree.directive(index));
    let mut touched = Vec::new();
    let mut inside = Vec::new();
    for directive in std::iter::successors(last_before, |directive| directive.parent()) {
        if directive.body_span().is_some_and(|body| body.start <= start && end <= body.end) {
            inside.push(directive);
        } else if start < directive.span().end {
            touched.push(directive);
        }
    }
    let rest = (low..tree.directive_count() as u32).map(|index| tree.directive(index));
    touched.extend(rest.take_while(|directive| directive.span().start < end));
    Place { touched, inside }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::check;
    use crate::rules;
    use wslint_model::assumptions::Assumptions;
    use wslint_model::load::{LoadOptions, load_text};
    use wslint_model::resolve::Configuration;

    /// Whether the finding of a rule has a fix, where `server` and what the location of the
    /// sub-request has beside its `proxy_pass` stand in a configuration.
    fn is_mended(rule: &str, server: &str, sub_request: &str) -> bool {
        let text = format!(
            "events {{}}
http {{
    map $http_upgrade $wrong {{ default close; '' upgrade; }}
    server {{
        listen 80;
        proxy_http_version 1.1;
        {server}
        location /ws/ {{
            auth_request /auth;
            proxy_pass http://127.0.0.1:3000;
        }}
        location = /auth {{
            internal;
            proxy_pass http://127.0.0.1:3000;
            {sub_request}
        }}
    }}
}}
"
        );
        let options = LoadOptions::default();
        let loaded = load_text("nginx.conf".to_owned(), None, text.into_bytes(), &options);
        let configuration = Configuration::resolve(loaded);
        let found = check(&configuration, rules::ALL, &Assumptions::default());
        let found = found.iter().find(|finding| finding.rule.name == rule);
        found.unwrap_or_else(|| panic!("no {rule}")).fix.is_some()
    }

    #[test]
    fn headers_that_a_sub_request_inherits_are_left_alone() {
        let upgrade = "proxy_set_header Upgrade $http_upgrade;";
        let rule = "connection-not-forwarded";
        assert!(!is_mended(rule, upgrade, ""));
        assert!(is_mended(rule, upgrade, "proxy_set_header Content-Length \"\";"));
    }

    #[test]
    fn maps_that_a_sub_request_uses_are_left_alone() {
        let headers = "proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $wrong;";
        let rule = "map-default-not-upgrade";
        assert!(!is_mended(rule, headers, ""));
        assert!(is_mended(rule, headers, "proxy_set_header Upgrade \"\";"));
    }

    #[test]
    fn handshakes_of_sub_requests_are_mended() {
        let headers =
            "proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;";
        assert!(is_mended("upgrade-leaks-into-auth-request", headers, ""));
    }

    #[test]
    fn an_edit_is_in_the_blocks_around_it() {
        let text = b"http {\n  server {\n    listen 80;\n  }\n}\n";
        let tree = wslint_grammar::parse(text.to_vec());
        let names = |directives: &[Directive<'_>]| {
            let name = |it: &Directive<'_>| String::from_utf8_lossy(&it.name()).into_owned();
            directives.iter().map(name).collect::<Vec<_>>()
        };
        let listen = memchr::memmem::find(text, b"listen").expect("a listen") as u32;
        let place = place_of(&tree, &Edit::insert(listen + 10, "\n    gzip on;"));
        assert_eq!(
            (names(&place.touched), names(&place.inside)),
            (vec![], vec!["server".to_owned(), "http".to_owned()])
        );
        let port = wslint_grammar::Span::new(listen + 7, listen + 9);
        let place = place_of(&tree, &Edit::replace(port, "81"));
        assert_eq!(names(&place.touched), ["listen"]);
        let place = place_of(&tree, &Edit::delete(wslint_grammar::Span::new(7, listen + 14)));
        assert_eq!(names(&place.touched), ["server", "listen"]);
    }
}
