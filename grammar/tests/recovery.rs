//! One mistake gives one error, at the mistake, and what stands after it is still parsed.

use wslint_grammar::{Tree, parse};

fn tree(text: &str) -> Tree {
    let tree = parse(text.as_bytes().to_vec());
    assert_eq!(tree.print(), text.as_bytes());
    assert!(tree.blanks_are_blank());
    tree
}

/// The errors as `line:column message`.
fn errors(text: &str) -> Vec<String> {
    let tree = tree(text);
    let lines = tree.line_index();
    let show = |error: &wslint_grammar::SyntaxError| {
        let position = lines.position(tree.text(), error.span.start);
        format!("{}:{} {}", position.line, position.column, error.kind)
    };
    tree.errors().iter().map(show).collect()
}

/// The directives as an outline: names with their arguments, bodies in braces.
fn outline(text: &str) -> String {
    fn write(directives: wslint_grammar::Directives<'_>, out: &mut String) {
        for directive in directives {
            if !out.is_empty() && !out.ends_with('{') {
                out.push(' ');
            }
            let words = std::iter::once(directive.name_word()).chain(directive.arguments());
            let words: Vec<_> =
                words.map(|word| String::from_utf8_lossy(&word.value()).into_owned()).collect();
            out.push_str(&words.join(" "));
            if directive.is_block() {
                out.push('{');
                write(directive.children(), out);
                out.push('}');
            } else {
                out.push(';');
            }
        }
    }
    let tree = tree(text);
    let mut out = String::new();
    write(tree.top_level(), &mut out);
    out
}

const SITE: &str = "\
http {
    server {
        listen 80;
        location /ws {
            proxy_pass http://chat;
            proxy_http_version 1.1;
        }
        location / {
            root /srv;
        }
    }
    server {
        listen 81;
    }
}
";

/// `SITE` with one line replaced.
fn site_with(line: usize, text: &str) -> String {
    let mut lines: Vec<&str> = SITE.lines().collect();
    lines[line - 1] = text;
    lines.join("\n") + "\n"
}

fn site_without(line: usize) -> String {
    let mut lines: Vec<&str> = SITE.lines().collect();
    lines.remove(line - 1);
    lines.join("\n") + "\n"
}

#[test]
fn a_sound_text_has_no_errors() {
    assert_eq!(errors(SITE), [""; 0]);
    assert_eq!(errors(""), [""; 0]);
    assert_eq!(errors("# only a comment"), [""; 0]);
}

#[test]
fn a_missing_semicolon_before_a_line_break() {
    let text = site_with(5, "            proxy_pass http://chat");
    assert_eq!(errors(&text), ["5:35 directive \"proxy_pass\" is not terminated by \";\""]);
    assert_eq!(outline(&text), outline(SITE));
}

#[test]
fn a_missing_semicolon_before_a_block() {
    let text = site_with(3, "        listen 80");
    assert_eq!(errors(&text), ["3:18 directive \"listen\" is not terminated by \";\""]);
    assert_eq!(outline(&text), outline(SITE));
}

#[test]
fn a_missing_semicolon_before_a_closing_brace() {
    let text = site_with(9, "            root /srv");
    assert_eq!(errors(&text), ["9:22 directive \"root\" is not terminated by \";\""]);
    assert_eq!(outline(&text), outline(SITE));
}

#[test]
fn a_brace_glued_to_the_last_word() {
    let text = "server {\n  listen 80}\nserver {\n  listen 81;\n}\n";
    assert_eq!(errors(text), ["2:12 directive \"listen\" is not terminated by \";\""]);
    assert_eq!(outline(text), "server{listen 80;} server{listen 81;}");
    let text = "http {\n  server { listen 80}\n}\n";
    assert_eq!(errors(text), ["2:21 directive \"listen\" is not terminated by \";\""]);
}

#[test]
fn a_missing_semicolon_at_the_end_of_the_text() {
    assert_eq!(errors("user www"), ["1:9 directive \"user\" is not terminated by \";\""]);
}

#[test]
fn a_missing_semicolon_in_a_map() {
    let text = "map $http_upgrade $c {\n  default upgrade\n  '' close;\n}\n";
    assert_eq!(errors(text), ["2:18 directive \"default\" is not terminated by \";\""]);
    assert_eq!(outline(text), "map $http_upgrade $c{default upgrade;  close;}");
}

#[test]
fn a_line_swallowed_by_a_directive_that_takes_it_is_what_nginx_reads() {
    let text = "location / {\n  proxy_cache_bypass $http_upgrade\n  proxy_set_header Connection upgrade;\n}";
    assert_eq!(errors(text), [""; 0]);
    assert_eq!(
        outline(text),
        "location /{proxy_cache_bypass $http_upgrade proxy_set_header Connection upgrade;}"
    );
}

#[test]
fn a_server_swallowed_in_an_upstream_is_refused_by_nginx() {
    let text = "upstream b {\n  server a:1\n  server b:2;\n}";
    assert_eq!(errors(text), ["2:13 directive \"server\" is not terminated by \";\""]);
    assert_eq!(outline(text), "upstream b{server a:1; server b:2;}");
}

#[test]
fn a_directive_over_several_lines_is_fine() {
    let text = "access_log /var/log/x\n  main\n  buffer=32k;\nadd_header\n  X\n  'a b';\n";
    assert_eq!(errors(text), [""; 0]);
    assert_eq!(errors("map $a $b {\n  default\n    upgrade;\n}"), [""; 0]);
}

#[test]
fn a_missing_opening_brace() {
    let text = site_with(12, "    server");
    assert_eq!(errors(&text), ["12:5 directive \"server\" has no opening \"{\""]);
    assert_eq!(outline(&text), outline(SITE));
    assert_eq!(errors("location /x;"), ["1:1 directive \"location\" has no opening \"{\""]);
}

#[test]
fn a_missing_closing_brace_is_found_by_indentation() {
    for (line, expected) in [
        (7, "4:9 unexpected end of file, expecting \"}\": block \"location\" is never closed"),
        (11, "2:5 unexpected end of file, expecting \"}\": block \"server\" is never closed"),
        (14, "12:5 unexpected end of file, expecting \"}\": block \"server\" is never closed"),
        (15, "1:1 unexpected end of file, expecting \"}\": block \"http\" is never closed"),
    ] {
        let text = site_without(line);
        assert_eq!(errors(&text), [expected], "without line {line}");
        assert_eq!(outline(&text), outline(SITE), "without line {line}");
    }
}

#[test]
fn a_missing_closing_brace_without_indentation_is_found_by_what_may_stand_where() {
    let text: Vec<&str> = SITE.lines().map(str::trim_start).collect();
    let mut without = text.clone();
    without.remove(10);
    let expected = "2:1 unexpected end of file, expecting \"}\": block \"server\" is never closed";
    assert_eq!(errors(&without.join("\n")), [expected]);
    assert_eq!(outline(&without.join("\n")), outline(SITE));
}

#[test]
fn a_closing_brace_too_many_is_found_by_indentation() {
    for line in [4, 6, 8, 11, 13] {
        let mut lines: Vec<String> = SITE.lines().map(str::to_owned).collect();
        lines.insert(line, "              }".into());
        let text = lines.join("\n");
        assert_eq!(errors(&text), [format!("{}:15 unexpected \"}}\"", line + 1)]);
        assert_eq!(outline(&text), outline(SITE));
    }
}

#[test]
fn a_closing_brace_too_many_at_the_end() {
    let text = format!("{SITE}}}\n");
    assert_eq!(errors(&text), ["16:1 unexpected \"}\""]);
}

#[test]
fn an_opening_brace_too_many() {
    for text in [site_with(12, "    server {{"), site_with(12, "    server { {")] {
        assert_eq!(errors(&text).len(), 1, "{:?}", errors(&text));
        assert!(errors(&text)[0].ends_with("unexpected \"{\""));
        assert_eq!(outline(&text), outline(SITE));
    }
    assert_eq!(errors("server {\n  {\n    listen 80;\n  }\n}\n"), ["2:3 unexpected \"{\""]);
}

#[test]
fn a_block_where_none_is_taken() {
    let text = site_with(5, "            proxy_pass http://chat {");
    assert_eq!(
        errors(&text),
        ["5:36 directive \"proxy_pass\" is not terminated by \";\": it takes no block"]
    );
}

#[test]
fn semicolons_too_many() {
    assert_eq!(errors("user www;;\nuser b;"), ["1:10 unexpected \";\""]);
    assert_eq!(errors("http {\n};\nevents {}"), ["2:2 unexpected \";\""]);
    assert_eq!(errors("; ;;\nuser b;"), ["1:1 unexpected \";\""]);
}

#[test]
fn an_unclosed_quote() {
    let text = "proxy_set_header Connection \"upgrade;\nproxy_set_header Host $host;\n";
    assert_eq!(
        errors(text),
        ["1:29 too long parameter, probably missing terminating \"\"\" character"]
    );
    assert_eq!(outline(text), "proxy_set_header Connection upgrade; proxy_set_header Host $host;");
    let text = "proxy_set_header Connection \"upgrade;\nproxy_set_header Host \"$host\";\n";
    assert_eq!(errors(text).len(), 1);
    assert_eq!(outline(text), "proxy_set_header Connection upgrade; proxy_set_header Host $host;");
}

#[test]
fn text_glued_to_a_closing_quote() {
    let text = "proxy_set_header Connection \"upgrade\"x;\nuser b;";
    assert_eq!(errors(text), ["1:38 unexpected \"x\" after the closing quote"]);
    assert_eq!(outline(text), "proxy_set_header Connection upgrade; user b;");
    assert_eq!(errors("if (\"$a\") { }"), [""; 0]);
}

#[test]
fn a_quote_over_several_lines_is_fine() {
    assert_eq!(errors("add_header X \"a;\n  b\";\nuser b;"), [""; 0]);
}

#[test]
fn words_and_comments_that_do_not_fit_the_buffer() {
    let rest = "\nuser b;".repeat(10);
    for (text, expected) in [
        (format!("add_header X {};{rest}", "c".repeat(4095)), 0),
        (format!("add_header X {} ;{rest}", "c".repeat(4095)), 1),
        (format!("add_header X {};{rest}", "c".repeat(4096)), 1),
        (format!("add_header X \"{}\";{rest}", "c".repeat(4094)), 0),
        (format!("add_header X \"{}\" ;{rest}", "c".repeat(4094)), 1),
        (format!("add_header X \"{}\";{rest}", "c".repeat(4095)), 1),
        (format!("#{}{rest}", "c".repeat(4094)), 0),
        (format!("#{}{rest}", "c".repeat(4095)), 1),
    ] {
        assert_eq!(errors(&text).len(), expected, "{}", &text[..20]);
    }
}

#[test]
fn two_mistakes_are_two_errors() {
    let text = site_with(3, "        listen 80").replace("root /srv;", "root /srv");
    assert_eq!(errors(&text).len(), 2, "{:?}", errors(&text));
    let text = "a \"b;\nc \"d;\ne f;\n";
    assert_eq!(errors(text).len(), 2, "{:?}", errors(text));
    let text =
        site_with(5, "            proxy_pass \"http://chat;").replace("    }\n}", "    }\n}}");
    assert_eq!(errors(&text).len(), 2, "{:?}", errors(&text));
}

#[test]
fn lua_is_not_read_as_nginx() {
    let text =
        "location / {\n  content_by_lua_block {\n    local t = {\"}\"} -- }\n  }\n  root x;\n}";
    assert_eq!(errors(text), [""; 0]);
    assert_eq!(outline(text), "location /{content_by_lua_block{} root x;}");
    assert_eq!(errors("location / {\n  content_by_lua_block {\n root x;\n").len(), 2);
}

#[test]
fn errors_are_cut_off_at_a_thousand() {
    let text = "a;;".repeat(5000);
    let count = errors(&text).len();
    assert_eq!(count, wslint_grammar::SyntaxError::LIMIT + 1);
}

#[test]
fn a_missing_opening_brace_on_one_line() {
    let text = "http {\n  map $a $b default upgrade; '' close; }\n  upstream b server c:1; }\n}\n";
    assert_eq!(errors(text).len(), 2, "{:?}", errors(text));
    assert_eq!(outline(text), "http{map $a $b{default upgrade;  close;} upstream b{server c:1;}}");
}

#[test]
fn a_semicolon_for_an_opening_brace() {
    let text = "events; {\n  worker_connections 1;\n}\nhttp {}\n";
    assert_eq!(errors(text), ["1:1 directive \"events\" has no opening \"{\""]);
    assert_eq!(outline(text), "events{worker_connections 1;} http{}");
    let text = "http {\n  server;\n    listen 80;\n  }\n}\n";
    assert_eq!(errors(text), ["2:3 directive \"server\" has no opening \"{\""]);
    assert_eq!(outline(text), "http{server{listen 80;}}");
}

#[test]
fn one_wrong_quote_is_one_mistake() {
    let text = "log_format main '$a\" - \"$b\" '\n  '\"$c\" $d';\nuser b;\n";
    assert_eq!(errors(text).len(), 0, "{:?}", errors(text));
    let text = "log_format main \"$a - \"$b\" '\n  '\"$c\" $d';\nuser b;\n";
    assert_eq!(errors(text).len(), 1, "{:?}", errors(text));
    assert!(outline(text).ends_with(" user b;"));
}

#[test]
fn an_unclosed_quote_among_directives_on_one_line() {
    let text = "location / { auth_basic \"x; root /srv; }\nlocation /b { root \"/b\"; }\n";
    assert_eq!(errors(text).len(), 1, "{:?}", errors(text));
    assert_eq!(outline(text), "location /{auth_basic x; root /srv;} location /b{root /b;}");
}

#[test]
fn values_that_are_names_of_directives_may_start_a_line() {
    for text in [
        "http { server { listen 8443\n   ssl\n   http2; } }",
        "http { server { listen 80 default_server\n   proxy_protocol; } }",
        "http { proxy_cache_use_stale error\n  timeout; }",
        "http { fastcgi_next_upstream error\n  timeout\n  http_500; }",
    ] {
        assert_eq!(errors(text), [] as [&str; 0], "{text}");
    }
    assert_eq!(errors("http { server { listen 443\n   ssl on; } }").len(), 1);
    assert_eq!(errors("http { server { listen 443\n   ssl\n   server_name a; } }").len(), 1);
}

#[test]
fn entries_may_take_several_lines() {
    for text in [
        "http { types { text/html html\n htm; } }",
        "http { types { text/html\n html\n htm shtml;\n text/css css; } }",
        "http { geoip2 a.mmdb { $code default=US\n country iso_code; } }",
    ] {
        assert_eq!(errors(text), [] as [&str; 0], "{text}");
    }
    assert_eq!(errors("http { types { text/html html\n text/css css; } }").len(), 1);
    assert_eq!(errors("http { map $a $b { a b\n c d; } }").len(), 1);
}

#[test]
fn what_cannot_stand_there_tells_which_closing_brace_is_too_many() {
    for (line, text) in [(7, "        }}"), (4, "        location /ws {}")] {
        let text = site_with(line, text);
        let found = errors(&text);
        assert!(found.len() == 1 && found[0].starts_with(&format!("{line}:")), "{line}: {found:?}");
        assert_eq!(outline(&text), outline(SITE));
    }
    // Where nothing is indented, what follows has to tell.
    let text: Vec<&str> = SITE.lines().map(str::trim_start).collect();
    let mut text = text.join("\n");
    text = text.replacen("listen 80;\n", "listen 80;\n}\n", 1);
    assert_eq!(errors(&text), ["4:1 unexpected \"}\""]);
}

#[test]
fn the_beginning_of_a_block_is_missing() {
    let missing = "the beginning of its block is missing";
    for (line, expected) in [
        (4, format!("4:13 \"proxy_pass\" directive is not allowed here: {missing}")),
        (12, format!("12:9 \"listen\" directive is not allowed here: {missing}")),
        (2, format!("2:9 \"listen\" directive is not allowed here: {missing}")),
    ] {
        assert_eq!(errors(&site_without(line)), [expected], "without line {line}");
    }
    let text = "http {\n  default upgrade;\n  '' close;\n  }\n  server {\n  }\n}\n";
    assert_eq!(errors(text), [format!("2:3 unknown directive \"default\": {missing}")]);
    let text = "  worker_connections 64;\n}\nhttp {\n}\n";
    let expected = format!("1:3 \"worker_connections\" directive is not allowed here: {missing}");
    assert_eq!(errors(text), [expected]);
    // What a fragment stands in is in another file.
    assert_eq!(errors("  proxy_pass http://b;\n}\n"), ["2:1 unexpected \"}\""]);
}

#[test]
fn a_block_among_the_lines_of_a_map_is_one_mistake() {
    let text =
        "http {\n  map $a $b {\n  server { listen 80; return 301 /x; }\n    default x;\n  }\n}\n";
    assert_eq!(errors(text), ["3:10 unexpected \"{\""]);
    assert_eq!(outline(text), "http{map $a $b{server{listen 80; return 301 /x;} default x;}}");
}

#[test]
fn a_semicolon_in_the_middle_of_a_directive() {
    for (text, expected, outlined) in [
        (
            "http { server { server_name; a.test b.test; } }",
            "1:28 invalid number of arguments in \"server_name\" directive: a \";\" stands in the \
             middle of \"server_name\"",
            "http{server{server_name a.test b.test;}}",
        ),
        (
            "http { proxy_http_v;ersion 1.1; }",
            "1:20 unknown directive \"proxy_http_v\": a \";\" stands in the middle of \
             \"proxy_http_version\"",
            "http{proxy_http_v;ersion 1.1;}",
        ),
        (
            "http { sendfile on; tcp{_nopush on; }",
            "1:24 unknown directive \"tcp\": a \"{\" stands in the middle of \"tcp_nopush\"",
            "http{sendfile on; tcp{_nopush on;}",
        ),
        (
            "http { server { location; / { return 200; } } }",
            "1:25 directive \"location\" has no opening \"{\": a \";\" stands in the middle of \
             \"location\"",
            "http{server{location /{return 200;}}}",
        ),
        (
            "upstream b { server a:1 weig;ht=2; }",
            "1:29 unexpected \";\": a \";\" stands in the middle of \"weig;ht=2\"",
            "upstream b{server a:1 weig;ht=2;}",
        ),
        (
            "location / { proxy_set_header Upgrade }$http_upgrade; root /x; }",
            "1:39 unexpected \"}\"",
            "location /{proxy_set_header Upgrade $http_upgrade; root /x;}",
        ),
    ] {
        assert_eq!(errors(text), [expected]);
        assert_eq!(outline(text), outlined);
    }
    for text in [
        "gzip on;root /x;",
        "return;; root /x;",
        "server { listen 80;unknown_thing x; }",
        "proxy_pass http://x; #; y;",
    ] {
        assert!(errors(text).iter().all(|error| !error.contains("middle")), "{text}");
    }
}

#[test]
fn a_closing_brace_between_the_lines_of_a_directive() {
    let text = "http {\n  log_format main '$a'\n}\n    '$b';\n  gzip on;\n}\n";
    assert_eq!(errors(text), ["3:1 unexpected \"}\""]);
    assert_eq!(outline(text), "http{log_format main $a $b; gzip on;}");
}

#[test]
fn html_entities_are_one_mistake_a_directive() {
    let text = "proxy_set_header Connection &quot;upgrade&quot;;\nproxy_set_header Host a;\n";
    let expected = "1:29 unknown directive \"upgrade&quot\": the \";\" of the HTML entity \
                    \"&quot;\" ends the directive before it";
    assert_eq!(errors(text), [expected]);
    let fix = tree(text).errors()[0].fix.clone().unwrap();
    let mended = wslint_grammar::apply_edits(text.as_bytes(), &fix.edits).unwrap();
    assert!(mended.starts_with(b"proxy_set_header Connection \"upgrade\";\n"));
    let text = "map $a $b {\n  default upgrade;\n  &#39;&#39; close;\n}\n";
    assert_eq!(errors(text).len(), 1, "{:?}", errors(text));
    assert!(errors(text)[0].starts_with("3:3 invalid number of the map parameters: "));
    // The word may be meant: nginx reads on with the next directive.
    assert_eq!(errors("return 301 /?a&lt; root /x;\n"), [""; 0]);
    assert_eq!(errors("return 301 /?a&quot;\n"), [""; 0]);
}

#[test]
fn invisible_characters_do_not_hide_a_name() {
    for (text, outlined) in [
        ("\u{feff}server { listen 80; }", "server{listen 80;}"),
        ("server {\n\u{a0}\u{a0} listen 80; }", "server{listen 80;}"),
        ("location / { proxy_set_header\u{a0}Host a; }", "location /{proxy_set_header Host a;}"),
        ("location / { root\u{200b} /x; }", "location /{root /x;}"),
        ("location / { \u{c}root /x; }", "location /{root /x;}"),
    ] {
        assert_eq!(errors(text).len(), 1, "{text:?}: {:?}", errors(text));
        assert!(errors(text)[0].contains("unknown directive"), "{:?}", errors(text));
        assert_eq!(outline(text), outlined);
        let fix = tree(text).errors()[0].fix.clone().unwrap();
        let mended = wslint_grammar::apply_edits(text.as_bytes(), &fix.edits).unwrap();
        let mended = String::from_utf8(mended).unwrap();
        assert_eq!((errors(&mended).len(), outline(&mended)), (0, outlined.to_owned()));
    }
    assert_eq!(errors("map $a $b { \u{a0} x; }"), [""; 0]);
    assert_eq!(errors("nothing\u{a0}known x;"), [""; 0]);
}

#[test]
fn utf_16_is_one_mistake() {
    for text in [b"\xff\xfes\0e\0r\0v\0e\0r\0".as_slice(), b"\xfe\xff\0s\0e\0r\0v\0e\0r"] {
        let tree = parse(text.to_vec());
        assert_eq!(tree.print(), text);
        assert_eq!(tree.errors().len(), 1);
        assert_eq!(tree.errors()[0].kind, wslint_grammar::SyntaxErrorKind::Utf16);
    }
}

#[test]
fn a_regular_expression_with_braces_is_quoted() {
    let text = "server { location ~ ^/[0-9]{4}/[a-z]{2,}$ { return 200; } }";
    let expected = "1:21 unknown directive \"4}/[a-z]\": a regular expression with braces must \
                    stand in quotes";
    assert_eq!(errors(text), [expected]);
    assert_eq!(outline(text), "server{location ~ ^/[0-9]{4}/[a-z]{2,}${return 200;}}");
    let fix = tree(text).errors()[0].fix.clone().unwrap();
    let mended = wslint_grammar::apply_edits(text.as_bytes(), &fix.edits).unwrap();
    assert_eq!(errors(std::str::from_utf8(&mended).unwrap()), [""; 0]);
    let text = "server { rewrite ^/a{2} /b; listen 80; }";
    assert_eq!(outline(text), "server{rewrite ^/a{2} /b; listen 80;}");
    assert_eq!(errors("geo $a{1.2.3.4 x;}"), [""; 0]);
    assert_eq!(errors("server{listen 80;}"), [""; 0]);
}
