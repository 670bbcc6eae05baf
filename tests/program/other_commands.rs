use std::path::Path;

use super::{Folder, fs};

fn rule_names() -> Vec<String> {
    let listed = Folder::new().run(["rules"]).expect(0).stdout;
    listed.lines().map(|line| line.split(' ').next().unwrap().to_owned()).collect()
}

#[test]
fn rules_are_listed() {
    let outcome = Folder::new().run(["rules", "--format", "json"]).expect(0);
    let rules: Vec<serde_json::Value> = serde_json::from_str(&outcome.stdout).unwrap();
    let names: Vec<_> = rules.iter().map(|rule| rule["rule"].as_str().unwrap()).collect();
    assert_eq!(names, rule_names());
    for rule in &rules {
        for field in ["rule", "category", "severity", "effect", "summary", "url"] {
            assert!(rule[field].as_str().is_some_and(|it| !it.is_empty()), "{field} of {rule}");
        }
    }
    Folder::new().run(["rules", "--format", "xml"]).expect(2);
}

#[test]
fn every_rule_and_category_can_be_selected() {
    let folder = Folder::with("empty.conf", "");
    let listed = folder.run(["rules", "--format", "json"]).expect(0).stdout;
    let rules: Vec<serde_json::Value> = serde_json::from_str(&listed).unwrap();
    for field in ["rule", "category"] {
        let names: Vec<_> = rules.iter().map(|rule| rule[field].as_str().unwrap()).collect();
        folder.run(["empty.conf", "--select", &names.join(",")]).expect(0);
    }
}

#[test]
fn explain_prints_the_page_of_the_documentation() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    let listed = Folder::new().run(["rules", "--format", "json"]).expect(0).stdout;
    let rules: Vec<serde_json::Value> = serde_json::from_str(&listed).unwrap();
    for rule in &rules {
        let [name, url] = ["rule", "url"].map(|field| rule[field].as_str().unwrap());
        let page = url.strip_prefix("https://github.com/wslint/wslint/blob/main/").unwrap();
        let printed = Folder::new().run(["explain", name]).expect(0).stdout;
        let page = fs::read_to_string(repository.join(page)).unwrap();
        assert_eq!(printed, page);
    }
    Folder::new().run(["explain"]).expect(2);
}

#[test]
fn completions_know_options_and_commands() {
    for shell in ["bash", "zsh", "fish"] {
        let outcome = Folder::new().run(["completions", shell]).expect(0);
        for word in ["wslint", "fail-on", "explain"] {
            assert!(outcome.stdout.contains(word), "{shell}: {word}");
        }
    }
    Folder::new().run(["completions", "dos"]).expect(2).complains_about(&["dos"]);
}
