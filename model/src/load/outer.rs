//! In which block a file's top level stands.

use wslint_grammar::catalogue::{Context, directive};
use wslint_grammar::{BodyKind, Directive, Tree};

/// The contexts that the top level of a file can be, the likelier before the less likely.
const CANDIDATES: [Context; 10] = [
    Context::Server,
    Context::Location,
    Context::Http,
    Context::Main,
    Context::Upstream,
    Context::Stream,
    Context::StreamServer,
    Context::StreamUpstream,
    Context::Events,
    Context::Mail,
];

/// The context that the directives at the top of a file are made for.
///
/// A whole configuration is [`Context::Main`]. In a fragment it is the one context that all of
/// them may stand in, or the one that most may stand in: mistakes are no reason to give up.
pub fn outer_context(tree: &Tree) -> Context {
    let mut votes = [0usize; CANDIDATES.len()];
    let mut counted = 0;
    for directive in tree.top_level() {
        // `include` may stand everywhere and says nothing.
        if directive.id().is_none() || directive.id() == Some(directive::INCLUDE) {
            continue;
        }
        counted += 1;
        for (vote, &context) in votes.iter_mut().zip(&CANDIDATES) {
            let stands = may_stand_in(directive, context);
            // Where two contexts would do, what stands inside its blocks decides.
            *vote +=
                2 * usize::from(stands) + usize::from(stands && content_fits(directive, context));
        }
    }
    if counted == 0 {
        return Context::Main;
    }
    // `http { }` at the top settles it, however many mistakes stand beside it.
    if tree.top_level().any(|directive| directive.is_block() && only_in_main(directive)) {
        return Context::Main;
    }
    let most = votes.iter().max().copied().unwrap_or_default();
    let index = votes.iter().position(|&vote| vote == most).unwrap_or_default();
    match CANDIDATES[index] {
        Context::Http if tree.top_level().any(is_stream_server) => Context::Stream,
        context => context,
    }
}

/// Whether a file is a whole configuration, not a fragment that another file includes.
pub fn is_whole(tree: &Tree) -> bool {
    outer_context(tree) == Context::Main
}

fn may_stand_in(directive: Directive<'_>, context: Context) -> bool {
    directive.id().is_some_and(|id| {
        id.definitions().iter().any(|definition| {
            definition.contexts.contains(context)
                && (definition.body == wslint_grammar::catalogue::Body::None)
                    == (directive.body() == BodyKind::None)
        })
    })
}

/// Whether all that stands in a block may stand there when the block stands in `context`, and a
/// `proxy_pass` has the kind of address that it has there.
fn content_fits(directive: Directive<'_>, context: Context) -> bool {
    if directive.id() == Some(directive::PROXY_PASS) && context == Context::Location {
        let address = directive.argument(0).map(wslint_grammar::Word::value).unwrap_or_default();
        return address.starts_with(b"$") || memchr::memmem::find(&address, b"://").is_some();
    }
    if context == Context::Server && returns_a_value(directive) {
        return false;
    }
    let bodies = directive.id().into_iter().flat_map(wslint_grammar::DirectiveId::definitions);
    let body =
        bodies.filter(|definition| definition.contexts.contains(context)).find_map(|definition| {
            match definition.body {
                wslint_grammar::catalogue::Body::Directives(inside) => Some(inside),
                _ => None,
            }
        });
    body.is_none_or(|inside| {
        directive.children().all(|child| child.id().is_none() || may_stand_in(child, inside))
    })
}

fn only_in_main(directive: Directive<'_>) -> bool {
    may_stand_in(directive, Context::Main) && !may_stand_in(directive, Context::Http)
}

/// `server` of `stream`: it proxies or answers itself, without a location.
fn is_stream_server(directive: Directive<'_>) -> bool {
    let answers =
        |child: Directive<'_>| child.id() == Some(directive::PROXY_PASS) || returns_a_value(child);
    directive.id() == Some(directive::SERVER)
        && directive.children().any(answers)
        && !directive.children().any(|child| child.id() == Some(directive::LOCATION))
}

/// `return $value;`, for which `http` would want a code before it, unless it is a URL
/// (`ngx_http_rewrite_return`).
fn returns_a_value(directive: Directive<'_>) -> bool {
    directive.id() == Some(directive::RETURN)
        && directive.argument_count() == 1
        && directive.argument(0).is_some_and(|word| {
            let value = word.value();
            value.starts_with(b"$") && !value.starts_with(b"$scheme")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outer(text: &str) -> Context {
        outer_context(&wslint_grammar::parse(text.as_bytes().to_vec()))
    }

    #[test]
    fn the_outer_context_is_inferred_from_what_stands_at_the_top() {
        assert_eq!(outer("events {} http { server {} }"), Context::Main);
        assert_eq!(outer("user www; include x;"), Context::Main);
        assert_eq!(outer("map $a $b {} server { listen 80; }"), Context::Http);
        assert_eq!(outer("upstream b { server x; }"), Context::Http);
        assert_eq!(outer("server { listen 80; location / {} }"), Context::Http);
        assert_eq!(outer("server { listen 80; proxy_pass b; }"), Context::Stream);
        assert_eq!(outer("server { listen 80; return $time_iso8601; }"), Context::Stream);
        assert_eq!(outer("server { listen 80; return $scheme://a$uri; }"), Context::Http);
        assert_eq!(outer("listen 80; return $time_iso8601;"), Context::StreamServer);
        assert_eq!(outer("listen 80; location / {}"), Context::Server);
        assert_eq!(outer("location /ws { proxy_pass http://b; }"), Context::Server);
        assert_eq!(outer("proxy_pass http://b; proxy_http_version 1.1;"), Context::Location);
        assert_eq!(outer("server 127.0.0.1:1; server 127.0.0.1:2;"), Context::Upstream);
        assert_eq!(outer("include a; include b;"), Context::Main);
        assert_eq!(outer(""), Context::Main);
    }

    #[test]
    fn what_stands_inside_a_block_decides_between_two_contexts() {
        assert_eq!(outer("if ($slow) { limit_rate 10k; }"), Context::Location);
        assert_eq!(outer("if ($slow) { return 403; }"), Context::Server);
        assert_eq!(outer("proxy_pass 127.0.0.1:3000;"), Context::StreamServer);
        assert_eq!(outer("proxy_pass http://127.0.0.1:3000;"), Context::Location);
    }

    #[test]
    fn a_mistake_does_not_hide_the_context() {
        assert_eq!(outer("http {} server { listen 80; }"), Context::Main);
        assert_eq!(outer("server {} server {} location / {}"), Context::Http);
    }
}
