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
