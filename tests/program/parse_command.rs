use serde_json::{Value, json};

use super::{Folder, whole};

fn folder() -> Folder {
    Folder::with("nginx.conf", whole("include a.conf; # all"))
        .file("a.conf", "server { listen 80; }\n")
}

fn payload(folder: &Folder, options: &str, status: i32) -> Value {
    let outcome = folder.run(["parse"].into_iter().chain(options.split(' ')));
    assert_eq!(outcome.status, status, "{outcome:#?}");
    serde_json::from_str(&outcome.stdout).unwrap()
}

#[test]
fn payload_is_that_of_crossplane() {
    let server = json!({"directive": "server", "line": 1, "args": [], "block": [
        {"directive": "listen", "line": 1, "args": ["80"]}]});
    let http = json!({"directive": "http", "line": 2, "args": [], "block": [
        {"directive": "include", "line": 3, "args": ["a.conf"], "includes": [1]}]});
    let events = json!({"directive": "events", "line": 1, "args": [], "block": []});
    assert_eq!(
        payload(&folder(), "nginx.conf", 0),
        json!({"status": "ok", "errors": [], "config": [
            {"file": "nginx.conf", "status": "ok", "errors": [], "parsed": [events, http]},
            {"file": "a.conf", "status": "ok", "errors": [], "parsed": [server]}]})
    );
}

#[test]
fn syntax_error_fails_with_its_line() {
    let folder = Folder::with("a.conf", "events {}\nhttp {\n");
    let payload = payload(&folder, "a.conf", 1);
    assert_eq!(payload["status"], "failed");
    assert_eq!(payload["config"][0]["status"], "failed");
    assert_eq!(payload["errors"][0]["file"], "a.conf");
    assert!(payload["errors"][0]["line"].is_u64());
}

#[test]
fn file_that_cannot_be_read_is_not_ok() {
    let folder = folder();
    assert_eq!(payload(&folder, "gone.conf", 2)["status"], "failed");
    let payload = payload(&folder, "gone.conf a.conf", 2);
    assert_eq!(payload["status"], "failed");
    assert!(payload.to_string().contains("\"listen\""), "the other file is there");
}

#[test]
fn missing_include_fails() {
    let folder = Folder::with("nginx.conf", whole("include gone.conf;"));
    let payload = payload(&folder, "nginx.conf", 1);
    assert_eq!(payload["status"], "failed");
    assert_eq!(payload["errors"][0]["line"], 3);
}

#[test]
fn comments_are_kept_on_demand() {
    let folder = folder();
    assert!(!payload(&folder, "nginx.conf", 0).to_string().contains(" all"));
    for option in ["--comments", "--include-comments"] {
        let payload = payload(&folder, &format!("nginx.conf {option}"), 0);
        let comment = &payload["config"][0]["parsed"][1]["block"][1];
        assert_eq!(comment["directive"], "#");
        assert_eq!(comment["comment"], " all");
    }
}

#[test]
fn combine_puts_all_into_one_file() {
    let payload = payload(&folder(), "nginx.conf --combine", 0);
    assert_eq!(payload["config"].as_array().unwrap().len(), 1);
    let server = &payload["config"][0]["parsed"][1]["block"][0];
    assert_eq!((&server["directive"], &server["file"]), (&json!("server"), &json!("a.conf")));
}

#[test]
fn includes_can_be_left_alone() {
    for option in ["--no-includes", "--single-file"] {
        let payload = payload(&folder(), &format!("nginx.conf {option}"), 0);
        assert_eq!(payload["config"].as_array().unwrap().len(), 1);
        assert_eq!(payload["config"][0]["parsed"][1]["block"][0]["directive"], "include");
    }
    let folder = Folder::with("nginx.conf", whole("include gone.conf;"));
    payload(&folder, "nginx.conf --no-includes", 0);
}

#[test]
fn indent_changes_the_layout_only() {
    let folder = folder();
    let flat = folder.run(["parse", "nginx.conf"]).expect(0).stdout;
    assert_eq!(flat.lines().count(), 1);
    let indented = folder.run(["parse", "nginx.conf", "--indent", "3"]).expect(0).stdout;
    assert!(indented.starts_with("{\n   \"status\": \"ok\",\n"), "{indented}");
    let value = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    assert_eq!(value(&flat), value(&indented));
    folder.run(["parse", "nginx.conf", "--indent", "x"]).expect(2);
}

#[test]
fn several_files_are_numbered_through() {
    let payload = payload(&folder(), "a.conf nginx.conf", 0);
    let files: Vec<_> =
        payload["config"].as_array().unwrap().iter().map(|it| &it["file"]).collect();
    assert_eq!(files, ["a.conf", "nginx.conf", "a.conf"]);
    assert_eq!(payload["config"][1]["parsed"][1]["block"][0]["includes"], json!([2]));
}

#[test]
fn path_is_required() {
    folder().run(["parse"]).expect(2).complains_about(&["PATH"]);
}
