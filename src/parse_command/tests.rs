use std::path::Path;

use insta::assert_snapshot;
use serde_json::Value;
use wslint_model::load::{LoadOptions, load, load_text};

use super::*;

const PLAIN: ParseOptions =
    ParseOptions { comments: false, combine: false, no_includes: false, indent: None };
const COMMENTS: ParseOptions = ParseOptions { comments: true, ..PLAIN };
const COMBINE: ParseOptions = ParseOptions { combine: true, ..PLAIN };

fn payload(loaded: &[Loaded], options: ParseOptions) -> (String, bool) {
    let mut out = Vec::new();
    let is_ok = write_payload(loaded, true, &options, &mut out).unwrap();
    (String::from_utf8(out).unwrap(), is_ok)
}

/// The payload of one text, with each statement on its own line.
fn of_text(text: impl AsRef<[u8]>, options: ParseOptions) -> String {
    let name = "nginx.conf".to_owned();
    let loaded = load_text(name, None, text.as_ref().to_owned(), &LoadOptions::default());
    by_line(&payload(&[loaded], options).0)
}

/// The payload of the first of some files, with each statement on its own line.
fn of_files(files: &[(&str, &str)], options: ParseOptions) -> String {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let loaded = load(&folder.path().join(files[0].0), &LoadOptions::default()).unwrap();
    let prefix = folder.path().join("").display().to_string();
    let (payload, _) = payload(&[loaded], options);
    by_line(&payload.replace(&prefix, ""))
}

fn by_line(payload: &str) -> String {
    ["{\"file\"", "{\"directive\"", "{\"error\""]
        .iter()
        .fold(payload.to_owned(), |text, start| text.replace(start, &format!("\n{start}")))
}

/// The arguments of the first directive of a text.
fn arguments(text: impl AsRef<[u8]>) -> Vec<String> {
    let payload: Value = serde_json::from_str(&of_text(text, PLAIN)).unwrap();
    let arguments = payload["config"][0]["parsed"][0]["args"].as_array().unwrap();
    arguments.iter().map(|argument| argument.as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_payload_with_everything() {
    let main = r#"# the whole
events { }
http {
    map $http_upgrade $connection { # keys and values
        default upgrade;
        ''      close;
        "~^a\"\d" 'it\'s';
    }
    include missing.conf;
    include site?.conf;
    server {
        listen 80
            # in between
            default_server;
        if ( $a = "b" ) { return 403; }
        content_by_lua_block {
            ngx.say("}") -- "}"
        }
        set_by_lua_block $r { return 1 }
        root /srv
        index index.html;
        # last
    } # end
}
"#;
    let files = [("nginx.conf", main), ("site1.conf", "server { }"), ("site2.conf", "# empty")];
    assert_snapshot!(of_files(&files, COMMENTS), @r##"
    {"status":"failed","errors":[
    {"file":"nginx.conf","error":"open() \"missing.conf\" failed: no such file in nginx.conf:9","line":9},
    {"file":"nginx.conf","error":"directive \"root\" is not terminated by \";\" in nginx.conf:20","line":20}],"config":[
    {"file":"nginx.conf","status":"failed","errors":[
    {"error":"open() \"missing.conf\" failed: no such file in nginx.conf:9","line":9},
    {"error":"directive \"root\" is not terminated by \";\" in nginx.conf:20","line":20}],"parsed":[
    {"directive":"#","line":1,"args":[],"comment":" the whole"},
    {"directive":"events","line":2,"args":[],"block":[]},
    {"directive":"http","line":3,"args":[],"block":[
    {"directive":"map","line":4,"args":["$http_upgrade","$connection"],"block":[
    {"directive":"#","line":4,"args":[],"comment":" keys and values"},
    {"directive":"default","line":5,"args":["upgrade"]},
    {"directive":"","line":6,"args":["close"]},
    {"directive":"~^a\"\\d","line":7,"args":["it's"]}]},
    {"directive":"include","line":9,"args":["missing.conf"],"includes":[]},
    {"directive":"include","line":10,"args":["site?.conf"],"includes":[1,2]},
    {"directive":"server","line":11,"args":[],"block":[
    {"directive":"listen","line":12,"args":["80","default_server"]},
    {"directive":"#","line":12,"args":[],"comment":" in between"},
    {"directive":"if","line":15,"args":["$a","=","b"],"block":[
    {"directive":"return","line":15,"args":["403"]}]},
    {"directive":"content_by_lua_block","line":16,"args":["\n            ngx.say(\"}\") -- \"}\"\n        "]},
    {"directive":"set_by_lua_block","line":19,"args":["$r"," return 1 "]},
    {"directive":"root","line":20,"args":["/srv"]},
    {"directive":"index","line":21,"args":["index.html"]},
    {"directive":"#","line":22,"args":[],"comment":" last"}]},
    {"directive":"#","line":23,"args":[],"comment":" end"}]}]},
    {"file":"site1.conf","status":"ok","errors":[],"parsed":[
    {"directive":"server","line":1,"args":[],"block":[]}]},
    {"file":"site2.conf","status":"ok","errors":[],"parsed":[
    {"directive":"#","line":1,"args":[],"comment":" empty"}]}]}
    "##);
}

#[test]
fn comments_are_left_out_unless_asked_for() {
    let text = "# a\nevents # b\n{ # c\n} # d";
    assert_snapshot!(of_text(text, PLAIN), @r#"
    {"status":"ok","errors":[],"config":[
    {"file":"nginx.conf","status":"ok","errors":[],"parsed":[
    {"directive":"events","line":2,"args":[],"block":[]}]}]}
    "#);
    assert_snapshot!(of_text(text, COMMENTS), @r##"
    {"status":"ok","errors":[],"config":[
    {"file":"nginx.conf","status":"ok","errors":[],"parsed":[
    {"directive":"#","line":1,"args":[],"comment":" a"},
    {"directive":"events","line":2,"args":[],"block":[
    {"directive":"#","line":3,"args":[],"comment":" c"}]},
    {"directive":"#","line":2,"args":[],"comment":" b"},
    {"directive":"#","line":4,"args":[],"comment":" d"}]}]}
    "##);
}

#[test]
fn comments_after_a_block_that_is_never_closed_stand_in_it() {
    assert_snapshot!(of_text("http { # a\n server { } # b\n # c", COMMENTS), @r##"
    {"status":"failed","errors":[
    {"file":"nginx.conf","error":"unexpected end of file, expecting \"}\": block \"http\" is never closed in nginx.conf:1","line":1}],"config":[
    {"file":"nginx.conf","status":"failed","errors":[
    {"error":"unexpected end of file, expecting \"}\": block \"http\" is never closed in nginx.conf:1","line":1}],"parsed":[
    {"directive":"http","line":1,"args":[],"block":[
    {"directive":"#","line":1,"args":[],"comment":" a"},
    {"directive":"server","line":2,"args":[],"block":[]},
    {"directive":"#","line":2,"args":[],"comment":" b"},
    {"directive":"#","line":3,"args":[],"comment":" c"}]}]}]}
    "##);
}

#[test]
fn a_crlf_ends_a_comment_and_stays_in_quotes() {
    assert_snapshot!(of_text("# a\r\nset $x 'b\r\nc';\r\n", COMMENTS), @r##"
    {"status":"ok","errors":[],"config":[
    {"file":"nginx.conf","status":"ok","errors":[],"parsed":[
    {"directive":"#","line":1,"args":[],"comment":" a"},
    {"directive":"set","line":2,"args":["$x","b\r\nc"]}]}]}
    "##);
}

#[test]
fn the_parentheses_of_an_if_are_taken_off() {
    for (condition, words) in [
        ("($a)", &["$a"][..]),
        ("( $a )", &["$a"]),
        ("($a = b)", &["$a", "=", "b"]),
        ("( $a = 'b c' )", &["$a", "=", "b c"]),
        ("($a = '')", &["$a", "=", ""]),
        ("($a ~ (b))", &["$a", "~", "(b)"]),
        ("()", &[]),
        ("( )", &[]),
        ("$a", &["$a"]),
        ("($a", &["($a"]),
        ("(", &["("]),
    ] {
        assert_eq!(arguments(format!("if {condition} {{ }}")), words, "{condition}");
    }
}

#[test]
fn only_quotes_and_what_escapes_them_are_taken_off() {
    assert_eq!(arguments(r#"a "b\"\'\\\n\$" 'c\'\"';"#), [r#"b"\'\\\n\$"#, r#"c'\""#]);
    assert_eq!(arguments(r#"a b\"c\ d \;;"#), [r#"b\"c\ d"#, r"\;"]);
    assert_eq!(arguments(r#"a "\\" ${b}c"#.to_owned() + ";"), [r"\\", "${b}c"]);
}

#[test]
fn bytes_that_are_not_utf_8_are_replaced() {
    assert_eq!(arguments(b"a \xff 'b\xc3' \xe2\x82\xac;"), ["\u{fffd}", "b\u{fffd}", "€"]);
}

#[test]
fn combined_files_stand_in_the_place_of_their_includes() {
    let files = [
        ("nginx.conf", "events { }\nhttp { include a.conf; include a.conf; root /; }"),
        ("a.conf", "include b.conf;\nserver { }"),
        ("b.conf", "gzip on;"),
    ];
    assert_snapshot!(of_files(&files, COMBINE), @r#"
    {"status":"ok","errors":[],"config":[
    {"file":"nginx.conf","status":"ok","errors":[],"parsed":[
    {"file":"nginx.conf","directive":"events","line":1,"args":[],"block":[]},
    {"file":"nginx.conf","directive":"http","line":2,"args":[],"block":[
    {"file":"b.conf","directive":"gzip","line":1,"args":["on"]},
    {"file":"a.conf","directive":"server","line":2,"args":[],"block":[]},
    {"file":"b.conf","directive":"gzip","line":1,"args":["on"]},
    {"file":"a.conf","directive":"server","line":2,"args":[],"block":[]},
    {"file":"nginx.conf","directive":"root","line":2,"args":["/"]}]}]}]}
    "#);
}

#[test]
fn a_file_that_includes_itself_is_left_out_there() {
    let files = [
        ("nginx.conf", "events { } include a.conf; gzip off;"),
        ("a.conf", "gzip on;\ninclude nginx.conf;"),
    ];
    assert_snapshot!(of_files(&files, COMBINE), @r#"
    {"status":"failed","errors":[
    {"file":"a.conf","error":"\"nginx.conf\" includes itself: left out here in a.conf:2","line":2}],"config":[
    {"file":"nginx.conf","status":"failed","errors":[
    {"error":"\"nginx.conf\" includes itself: left out here in a.conf:2","line":2}],"parsed":[
    {"file":"nginx.conf","directive":"events","line":1,"args":[],"block":[]},
    {"file":"a.conf","directive":"gzip","line":1,"args":["on"]},
    {"file":"nginx.conf","directive":"gzip","line":1,"args":["off"]}]}]}
    "#);
}

#[test]
fn a_single_file_is_not_asked_for_its_includes() {
    let options = ParseOptions { no_includes: true, ..PLAIN };
    let files = [("nginx.conf", "include a.conf; include b.conf;"), ("a.conf", "}")];
    assert_snapshot!(of_files(&files, options), @r#"
    {"status":"ok","errors":[],"config":[
    {"file":"nginx.conf","status":"ok","errors":[],"parsed":[
    {"directive":"include","line":1,"args":["a.conf"]},
    {"directive":"include","line":1,"args":["b.conf"]}]}]}
    "#);
}

#[test]
fn the_files_of_several_configurations_are_numbered_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("nginx.conf");
    std::fs::write(&path, "events { } include a.conf;").unwrap();
    std::fs::write(folder.path().join("a.conf"), "user root;").unwrap();
    let load = |path: &Path| load(path, &LoadOptions::default()).unwrap();
    let (payload, is_ok) = payload(&[load(&path), load(&path)], PLAIN);
    assert!(is_ok);
    let payload: Value = serde_json::from_str(&payload).unwrap();
    assert_eq!(payload["config"].as_array().unwrap().len(), 4);
    assert_eq!(payload["config"][2]["parsed"][1]["includes"], serde_json::json!([3]));
}

#[test]
fn nothing_to_read_is_an_empty_payload() {
    let (payload, is_ok) = payload(&[], PLAIN);
    assert_eq!(payload, "{\"status\":\"ok\",\"errors\":[],\"config\":[]}\n");
    assert!(is_ok);
}

#[test]
fn indentation_changes_nothing_but_the_layout() {
    let text = "http { server { listen 80; } } }";
    let compact: Value = serde_json::from_str(&of_text(text, PLAIN)).unwrap();
    let loaded = load_text("nginx.conf".to_owned(), None, text.into(), &LoadOptions::default());
    let (indented, is_ok) = payload(&[loaded], ParseOptions { indent: Some(4), ..PLAIN });
    assert!(!is_ok);
    assert!(indented.starts_with("{\n    \"status\": \"failed\",\n"));
    assert!(indented.contains("\n            \"errors\": ["));
    assert_eq!(serde_json::from_str::<Value>(&indented).unwrap(), compact);
}

#[test]
fn blocks_may_be_nested_as_deep_as_one_likes() {
    const DEPTH: usize = 100_000;
    let text = "a{".repeat(DEPTH) + &"}".repeat(DEPTH);
    let loaded = [load_text("a".to_owned(), None, text.into_bytes(), &LoadOptions::default())];
    let (written, is_ok) = payload(&loaded, COMMENTS);
    assert!(is_ok);
    let open = r#"{"directive":"a","line":1,"args":[],"block":["#.repeat(DEPTH);
    let parsed = format!("\"parsed\":[{open}{}]}}]}}\n", "]}".repeat(DEPTH));
    assert!(written.ends_with(&parsed));
    assert_eq!(written, payload(&loaded, COMMENTS).0);
}
