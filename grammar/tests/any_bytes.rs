//! Parsing never fails and loses nothing, whatever the bytes.

use proptest::prelude::*;
use wslint_grammar::parse;

fn holds(text: &[u8]) {
    let tree = parse(text.to_vec());
    assert!(tree.print() == text, "printing gives other bytes for {:?}", text.escape_ascii());
    assert!(tree.blanks_are_blank(), "lost text in {:?}", text.escape_ascii());
    for directive in tree.directives() {
        assert!(directive.span().range().end <= text.len());
        let _ = (directive.name(), directive.body_span(), directive.parent());
        for argument in directive.arguments() {
            let _ = argument.value();
        }
    }
    for error in tree.errors() {
        assert!(error.span.range().end <= text.len() || error.span.is_empty());
    }
}

/// Text made of what configurations are made of, in any order.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(vec![
        "server ",
        "location / ",
        "map $a $b ",
        "proxy_pass http://x",
        "listen 80",
        "default x",
        "content_by_lua_block ",
        "proxy_set_header Connection ",
        "upstream b ",
        "{",
        "}",
        "{",
        "}",
        ";",
        ";",
        "\n",
        "\n  ",
        "\n    ",
        "\"",
        "'",
        "\\",
        "$",
        "${",
        "#",
        "# x\n",
        "--[[ ",
        "]]",
        "\0",
        "\u{feff}",
        "ä",
        "\r\n",
        "\t",
        ")",
        "http ",
        "if ($x) ",
    ]);
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat().into_bytes())
}

const CONFIG: &str = include_str!("../../fixtures/correct/nginx.conf");

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes(text in prop::collection::vec(any::<u8>(), 0..400)) {
        holds(&text);
    }

    #[test]
    fn random_pieces(text in pieces()) {
        holds(&text);
    }

    #[test]
    fn damaged_configurations(
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0usize..4, any::<u8>()), 1..8)
    ) {
        let mut text = CONFIG.as_bytes().to_vec();
        for (place, kind, byte) in cuts {
            let at = place.index(text.len());
            match kind {
                0 => { text.remove(at); }
                1 => text.insert(at, byte),
                2 => text[at] = b"{};\"'\n#\\"[usize::from(byte) % 8],
                _ => text.truncate(at.max(text.len() - 40)),
            }
        }
        holds(&text);
    }
}

#[test]
fn deep_nesting_neither_overflows_nor_takes_quadratic_time() {
    for (open, close) in [
        ("a {", "}"),
        ("location / {\n", "}\n"),
        ("{", ""),
        ("location / {\n", ""),
        ("", "}\n"),
        ("server {", "\n }"),
    ] {
        let text = open.repeat(100_000) + &close.repeat(100_000);
        holds(text.as_bytes());
    }
}

#[test]
fn one_long_line() {
    holds("listen 80; ".repeat(500_000).as_bytes());
    holds(("x".repeat(5_000_000) + ";").as_bytes());
    holds("\"a\" ".repeat(500_000).as_bytes());
    holds("a\nb ".repeat(500_000).as_bytes());
    holds("\"a;\n'b ".repeat(200_000).as_bytes());
}
