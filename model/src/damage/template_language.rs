//! Files that another program makes configurations of: Jinja, Go templates, ERB.
//!
//! Such a file is not read by nginx, and its marks are no mistakes.

use memchr::memmem;
use wslint_grammar::{Span, Tree};

use crate::source::Source;
use crate::text::placeholder::is_environment_byte;

/// What a template's own instructions begin with, and what they end with on the same line.
const MARKS: [(&str, &str); 4] = [("{{", "}}"), ("{%", "%}"), ("<%", "%>"), ("[[", "]]")];

/// Whether a file is a template that nginx could not read.
pub fn is_template(tree: &Tree) -> bool {
    mark(tree).is_some()
}

/// The first mark of a template in a file that nginx could not read because of it. In a file without
/// syntax errors only ERB's own can be one: braces are part of the syntax.
pub fn mark(tree: &Tree) -> Option<Span> {
    if tree.errors().is_empty() {
        return first(tree, "<%", "%>");
    }
    MARKS.iter().filter_map(|&(open, close)| first(tree, open, close)).min()
}

fn first(tree: &Tree, open: &str, close: &str) -> Option<Span> {
    let text = tree.text();
    memmem::find_iter(text, open.as_bytes())
        .filter_map(|at| {
            let line = &text[at..];
            let line = &line[..memchr::memchr(b'\n', line).unwrap_or(line.len())];
            let length = memmem::find(line, close.as_bytes())? + close.len();
            Some(Span::new(at as u32, (at + length) as u32))
        })
        .find(|span| !is_in_comment(tree, *span))
}

fn is_in_comment(tree: &Tree, span: Span) -> bool {
    let comments = tree.comments();
    let next = comments.partition_point(|comment| comment.end <= span.start);
    comments.get(next).is_some_and(|comment| comment.start <= span.start)
}

/// Whether envsubst makes a configuration of a file: by its name, as nginx's image for Docker
/// expects it (`20-envsubst-on-templates.sh`), or by a `${NAME}` in it.
pub(crate) fn is_for_envsubst(source: &Source) -> bool {
    let text = source.tree.text();
    source.name.ends_with(".template")
        || memmem::find_iter(text, "${").any(|at| {
            let rest = &text[at + 2..];
            let length = rest.iter().take_while(|&&byte| is_environment_byte(byte)).count();
            length > 0 && rest.get(length) == Some(&b'}')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_template(text: &str) -> bool {
        mark(&wslint_grammar::parse(text.as_bytes().to_vec())).is_some()
    }

    #[test]
    fn templates_are_known_by_their_marks() {
        for text in [
            "server { listen {{ port }}; }",
            "{% if tls %}\nlisten 443 ssl;\n{% endif %}\n",
            "server { server_name <%= @name %>; }\n<% end %>",
            "ssl_dhparam <%= dhparam %>;",
            "{{- range .Servers }}\nserver { }\n{{ end }}",
        ] {
            assert!(is_template(text), "{text}");
        }
    }

    #[test]
    fn configurations_are_none() {
        for text in [
            "# {{ port }}\nserver { listen 80; ",
            "location ~ \"^/a{2}{3}\" { return 200 '{{}}'; }",
            "server {{ listen 80; }",
            "content_by_lua_block { t = {{1}, {2}} }",
        ] {
            assert!(!is_template(text), "{text}");
        }
    }

    #[test]
    fn envsubst_makes_configurations() {
        let source =
            |name: &str, text: &str| Source::new(name.to_owned(), None, text.as_bytes().to_vec());
        assert!(is_for_envsubst(&source("site.conf.template", "")));
        assert!(is_for_envsubst(&source("site.conf", "listen ${PORT};")));
        assert!(!is_for_envsubst(&source("site.conf", "set $x ${host}; listen $PORT;")));
    }
}
