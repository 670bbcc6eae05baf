//! How nginx reads words and blocks.

use super::{Folder, body, check, check_verbatim, on_every_nginx, on_line, rejected, rejection};

/// The value nginx reads from `word`, which it returns as a body.
fn value(word: &str) -> String {
    body(format!("return 200 {word};"))
}

#[test]
fn a_closing_brace_ends_no_word() {
    on_every_nginx!(a_closing_brace_ends_no_word);
    assert_eq!(value("close}"), "close}");
    assert_eq!(value("clo}se"), "clo}se");
    assert_eq!(rejection("location / { return 200 close}\n}"), on_line(r#"unexpected "}""#, 2));
    assert_eq!(body("location / {return 200 close;}location /b {}"), "close");
}

#[test]
fn an_opening_brace_ends_a_word() {
    on_every_nginx!(an_opening_brace_ends_a_word);
    assert_eq!(body("location /{ return 200 root; }"), "root");
    assert_eq!(
        rejection("return 200 a{b};"),
        on_line(r#"directive "return" is not terminated by ";""#, 1)
    );
}

#[test]
fn a_brace_after_a_dollar_opens_no_block() {
    on_every_nginx!(a_brace_after_a_dollar_opens_no_block);
    assert_eq!(body("set $a 1; return 200 ${a}b;"), "1b");
    assert_eq!(
        rejection("return 200 ${a;"),
        on_line(r#"the closing bracket in "a" variable is missing"#, 1)
    );
}

#[test]
fn a_comment_starts_where_a_word_could() {
    on_every_nginx!(a_comment_starts_where_a_word_could);
    assert_eq!(value("a#b"), "a#b");
    assert_eq!(value("\"#a\""), "#a");
    assert_eq!(value("#a\nb"), "b");
    assert_eq!(body("return 200 a;#b"), "a");
    assert_eq!(body("location /{#b}\nreturn 200 a;}"), "a");
}

#[test]
fn a_comment_ends_at_a_line_feed_only() {
    on_every_nginx!(a_comment_ends_at_a_line_feed_only);
    assert_eq!(body("# a\rreturn 200 a;\nreturn 200 b;"), "b");
}

#[test]
fn quotes_count_only_at_the_start_of_a_word() {
    on_every_nginx!(quotes_count_only_at_the_start_of_a_word);
    assert_eq!(value("\"a b;{}\""), "a b;{}");
    assert_eq!(value("'a \"b\"'"), "a \"b\"");
    assert_eq!(value("a\"b"), "a\"b");
    assert_eq!(value("a'b'"), "a'b'");
    assert_eq!(
        rejection("return 200 a\"b c\";"),
        on_line(r#"invalid number of arguments in "return" directive"#, 1)
    );
}

#[test]
fn after_a_closing_quote_comes_a_blank_an_end_or_a_closing_parenthesis() {
    on_every_nginx!(after_a_closing_quote_comes_a_blank_an_end_or_a_closing_parenthesis);
    assert_eq!(rejection("return 200 \"a\"b;"), on_line(r#"unexpected "b""#, 1));
    assert_eq!(rejection("return 200 'a'\"b\";"), on_line(r#"unexpected """"#, 1));
    assert_eq!(rejection("return 200 'a'}"), on_line(r#"unexpected "}""#, 1));
    assert_eq!(rejection("return 200 'a'#b\n;"), on_line(r##"unexpected "#""##, 1));
    assert_eq!(body("location \"/\"{ return 200 a; }"), "a");
    assert_eq!(body("if ($host = \"example.com\") { return 200 yes; } return 200 no;"), "yes");
    // The parenthesis starts a word of its own.
    assert_eq!(
        rejection("return 200 \"a\");"),
        on_line(r#"invalid number of arguments in "return" directive"#, 1)
    );
}

#[test]
fn names_may_be_quoted() {
    on_every_nginx!(names_may_be_quoted);
    assert_eq!(body("\"return\" '200' a;"), "a");
    assert_eq!(rejection("'' 200; return 200;"), on_line(r#"unknown directive """#, 1));
}

#[test]
fn blanks_are_space_tab_and_both_line_ends() {
    on_every_nginx!(blanks_are_space_tab_and_both_line_ends);
    assert_eq!(body("return\r200\ra\r;\r"), "a");
    assert_eq!(body("return\t200\na\n;\r\n"), "a");
    for other in ["\u{b}", "\u{c}", "\u{a0}"] {
        assert_eq!(
            rejection(format!("return 200{other}a;")),
            on_line(&format!("invalid return code \"200{other}a\""), 1)
        );
    }
}

#[test]
fn a_nul_byte_is_part_of_a_word() {
    on_every_nginx!(a_nul_byte_is_part_of_a_word);
    assert_eq!(value("a\0b"), "a\0b");
    assert_eq!(
        rejection("location / {}\0location /b {}"),
        // The message ends the name where C ends a string.
        on_line(r#"unknown directive """#, 1)
    );
}

#[test]
fn a_byte_order_mark_is_part_of_the_first_word() {
    on_every_nginx!(a_byte_order_mark_is_part_of_the_first_word);
    assert_eq!(
        rejected(check_verbatim(&Folder::new("\u{feff}events {}\nhttp {}"))),
        on_line("unknown directive \"\u{feff}events\"", 1)
    );
    // It keeps a comment from being one, too.
    assert_eq!(
        rejected(check_verbatim(&Folder::new("\u{feff}# A site.\nevents {}\nhttp {}"))),
        on_line("unknown directive \"\u{feff}#\"", 2)
    );
}

#[test]
fn escapes_stand_for_quotes_backslash_tab_and_line_ends() {
    on_every_nginx!(escapes_stand_for_quotes_backslash_tab_and_line_ends);
    let escaped = r#"a\"b\'c\\d\te\rf\ng"#;
    let plain = "a\"b'c\\d\te\rf\ng";
    assert_eq!(value(escaped), plain);
    assert_eq!(value(&format!("\"{escaped}\"")), plain);
    assert_eq!(value(&format!("'{escaped}'")), plain);
    assert_eq!(value(r#"\"a"#), "\"a");
}

#[test]
fn any_other_backslash_stays_and_shields_what_follows() {
    on_every_nginx!(any_other_backslash_stays_and_shields_what_follows);
    for kept in [r"a\xb", r"a\;b", r"a\ b", r"a\{b\}c", "a\\\nb", r"\ a", r"\#a"] {
        assert_eq!(value(kept), kept);
        assert_eq!(value(&format!("\"{kept}\"")), kept);
    }
    // A dollar is shielded from nothing: variables are not the tokenizer's.
    assert_eq!(body(r"set $a 1; return 200 \$a;"), r"\1");
    assert_eq!(
        rejected(check_verbatim(&Folder::new("user a\\;\n"))),
        on_line(r#"unexpected end of file, expecting ";" or "}""#, 2)
    );
}

#[test]
fn a_word_and_its_end_fit_into_4096_bytes() {
    on_every_nginx!(a_word_and_its_end_fit_into_4096_bytes);
    let word = |length: usize| "a".repeat(length);
    assert_eq!(value(&word(4095)).len(), 4095);
    for length in [4096, 5000] {
        assert_eq!(
            rejection(format!("return 200\n{};", word(length))),
            on_line("too long parameter \"aaaaaaaaaa...\" started", 2)
        );
    }
}

#[test]
fn a_quoted_word_and_its_end_fit_into_4096_bytes() {
    on_every_nginx!(a_quoted_word_and_its_end_fit_into_4096_bytes);
    let quoted = |length: usize| format!("\"{}\"", "a".repeat(length));
    assert_eq!(value(&quoted(4094)).len(), 4094);
    assert_eq!(
        rejection(format!("return 200\n{};", quoted(4095))),
        on_line("too long parameter \"aaaaaaaaaa...\" started", 2)
    );
    for length in [4096, 5000] {
        assert_eq!(
            rejection(format!("return 200\n{};", quoted(length))),
            on_line("too long parameter, probably missing terminating \"\"\" character", 2)
        );
    }
}

#[test]
fn a_comment_and_its_line_feed_fit_into_4096_bytes() {
    on_every_nginx!(a_comment_and_its_line_feed_fit_into_4096_bytes);
    let comment = |length: usize| format!("\n#{}", "-".repeat(length - 1));
    assert_eq!(body(format!("{}\nreturn 200 a;", comment(4095))), "a");
    for length in [4096, 5000] {
        assert_eq!(
            rejection(format!("{}\nreturn 200 a;", comment(length))),
            on_line("too long parameter \"#---------...\" started", 2)
        );
    }
    // At the end of the file nothing more is read, so one byte more fits.
    let last = |length: usize| Folder::new(&format!("events {{}}{}", comment(length)));
    assert!(check(&last(4096)).ok);
    assert!(!check(&last(4097)).ok);
}

#[test]
fn a_semicolon_needs_a_directive() {
    on_every_nginx!(a_semicolon_needs_a_directive);
    for config in ["location / {};", "return 200 a;;", ";location / {}"] {
        assert_eq!(rejection(config), on_line(r#"unexpected ";""#, 1), "{config}");
    }
}

#[test]
fn a_brace_needs_a_directive_or_a_block() {
    on_every_nginx!(a_brace_needs_a_directive_or_a_block);
    assert_eq!(rejection("events {}\n{}"), on_line(r#"unexpected "{""#, 2));
    assert_eq!(rejection("events {}\n}"), on_line(r#"unexpected "}""#, 2));
}

#[test]
fn a_missing_semicolon_is_noticed_at_the_next_brace() {
    on_every_nginx!(a_missing_semicolon_is_noticed_at_the_next_brace);
    assert_eq!(rejection("location / {\nreturn 200 a\n}"), on_line(r#"unexpected "}""#, 3));
    assert_eq!(
        rejection("location / {\nroot a\n}\nlocation /b {\n}"),
        on_line(r#"unexpected "}""#, 3)
    );
    assert_eq!(
        rejection("events {}\nworker_processes 1"),
        on_line(r#"unexpected end of file, expecting ";" or "}""#, 2)
    );
}

#[test]
fn a_missing_closing_brace_is_noticed_at_the_end() {
    on_every_nginx!(a_missing_closing_brace_is_noticed_at_the_end);
    assert_eq!(
        rejection("events {}\nhttp {\nserver { return 200; }\n"),
        on_line(r#"unexpected end of file, expecting "}""#, 4)
    );
}

#[test]
fn a_missing_closing_quote_is_noticed_at_the_end() {
    on_every_nginx!(a_missing_closing_quote_is_noticed_at_the_end);
    assert_eq!(
        rejection("events {}\nerror_log \"a;\npid b;\n"),
        on_line(r#"unexpected end of file, expecting ";" or "}""#, 4)
    );
}

#[test]
fn blocks_and_simple_directives_end_each_in_their_own_way() {
    on_every_nginx!(blocks_and_simple_directives_end_each_in_their_own_way);
    assert_eq!(
        rejection("return 200 {}"),
        on_line(r#"directive "return" is not terminated by ";""#, 1)
    );
    assert_eq!(rejection("location /;"), on_line(r#"directive "location" has no opening "{""#, 1));
}
