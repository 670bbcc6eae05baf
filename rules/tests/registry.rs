//! What the build script says about rules whose files do not fit.

#[path = "../src/facts.rs"]
#[allow(dead_code, unreachable_pub)]
mod facts;
#[path = "../build/registry.rs"]
mod registry;

use std::fs;

const PAGE: &str = "# map-syntax

A line of the map is wrong.

Category: map | Severity: error | Effect: not-loaded

## What it means
";

/// A rule as it should be, and some files that replace its own or are added to them.
fn read(files: &[(&str, &str)]) -> Result<String, Vec<String>> {
    let directory = tempfile::tempdir().unwrap();
    let complete = [("map/map_syntax.rs", ""), ("map/map_syntax.md", PAGE)];
    for (name, text) in complete.iter().chain(files) {
        let path = directory.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let shorten = |text: String| text.replace(&format!("{}/", directory.path().display()), "");
    match registry::read(directory.path()) {
        Ok(rules) => Ok(shorten(registry::code(directory.path(), &rules))),
        Err(mistakes) => Err(mistakes.into_iter().map(shorten).collect()),
    }
}

#[track_caller]
fn mistake(files: &[(&str, &str)]) -> String {
    match read(files).unwrap_err().as_slice() {
        [mistake] => mistake.clone(),
        mistakes => panic!("{mistakes:?}"),
    }
}

#[track_caller]
fn mistake_in_page(right: &str, wrong: &str) -> String {
    let page = PAGE.replacen(right, wrong, 1);
    assert_ne!(page, PAGE);
    mistake(&[("map/map_syntax.md", &page)])
}

#[test]
fn the_page_gives_the_facts() {
    let code = read(&[]).unwrap();
    for part in [
        "mod map_syntax;",
        "static MAP_SYNTAX: Rule",
        r#"name: "map-syntax""#,
        "category: Category::Map",
        "severity: Severity::Error",
        "effect: Effect::NotLoaded",
        r#"summary: "A line of the map is wrong""#,
        "check: map_syntax::check",
        "    &MAP_SYNTAX,",
    ] {
        assert!(code.contains(part), "{part}: {code}");
    }
}

#[test]
fn a_rule_only_advises_when_its_worst_finding_does() {
    let read = |severity: &str| {
        let page = PAGE.replace("error", severity).replace("not-loaded", "advice");
        read(&[("map/map_syntax.md", &page)]).unwrap()
    };
    assert!(read("info").contains("only_advises: true"));
    assert!(read("info to error").contains("only_advises: false"));
    assert!(read("warning").contains("only_advises: false"));
}

#[test]
fn a_rule_refuses_when_one_of_its_effects_is_that() {
    let read = |effect: &str| {
        let page = PAGE.replace("not-loaded", effect);
        read(&[("map/map_syntax.md", &page)]).unwrap()
    };
    assert!(read("not-loaded").contains("refuses: true"));
    assert!(read("handshake-fails or not-loaded").contains("refuses: true"));
    assert!(read("handshake-fails").contains("refuses: false"));
}

#[test]
fn rules_are_listed_by_category_and_name() {
    let page = |name: &str, category: &str| {
        PAGE.replace("map-syntax", name).replace("Category: map", &format!("Category: {category}"))
    };
    let code = read(&[
        ("cache/a.rs", ""),
        ("cache/a.md", &page("a", "cache")),
        ("map/z.rs", ""),
        ("map/z.md", &page("z", "map")),
        ("handshake/z_1.rs", ""),
        ("handshake/z_1.md", &page("z-1", "handshake")),
    ]);
    let code = code.unwrap();
    let list: Vec<&str> = code.lines().filter_map(|line| line.strip_prefix("    &")).collect();
    assert_eq!(list, ["Z_1,", "MAP_SYNTAX,", "Z,", "A,"]);
}

#[test]
fn a_rule_may_have_modules() {
    assert!(read(&[("map/map_syntax/lines.rs", "")]).is_ok());
    assert_eq!(
        mistake(&[("map/lines/lines.rs", "")]),
        "map/lines: there is no lines.rs for these modules"
    );
}

#[test]
fn each_file_needs_the_other() {
    assert_eq!(
        mistake(&[("map/alone.rs", "")]),
        "map/alone.rs: there is no page alone.md beside it"
    );
    assert_eq!(
        mistake(&[("map/alone.md", "")]),
        "map/alone.md: there is no check alone.rs beside it"
    );
}

#[test]
fn files_have_their_places() {
    assert_eq!(
        mistake(&[("helpers.rs", "")]),
        "helpers.rs: a rule belongs in the directory of its category"
    );
    assert_eq!(
        mistake(&[("maps/map_source.rs", ""), ("maps/map_source.md", PAGE)])
            .split(", inheritance")
            .next(),
        Some("maps: there is no category `maps`, only handshake")
    );
    assert_eq!(
        mistake(&[("map/notes.txt", "")]),
        "map/notes.txt: neither the check of a rule (`.rs`) nor its page (`.md`)"
    );
    assert_eq!(
        mistake(&[("map/map-source.md", "")]),
        "map/map-source.md: a rule's files are named with lower-case letters, digits and `_`"
    );
    let page = PAGE.replace("Category: map", "Category: text");
    assert_eq!(
        mistake(&[("text/map_syntax.rs", ""), ("text/map_syntax.md", &page)]),
        "text/map_syntax: another category has a rule of this name"
    );
}

#[test]
fn the_head_of_a_page_is_checked() {
    assert_eq!(
        mistake_in_page("# map-syntax", "# map-syntaxes"),
        "map/map_syntax.md: the title is `# map-syntaxes`, expected `# map-syntax`"
    );
    assert_eq!(
        mistake_in_page("Category: map", "Category: cache"),
        "map/map_syntax.md: the category is `cache`, but the directory is `map`"
    );
    assert_eq!(
        mistake_in_page("error", "fatal"),
        "map/map_syntax.md: there is no severity `fatal`, only info, warning, error"
    );
    assert_eq!(
        mistake_in_page(" | Effect: not-loaded", ""),
        "map/map_syntax.md: no `Effect` where it is expected: the third paragraph of a page is \
         `Category: … | Severity: … | Effect: …`"
    );
    assert_eq!(
        mistake_in_page("not-loaded", "not-loaded | Since: 1.0"),
        "map/map_syntax.md: `Since` is no fact of a rule"
    );
    assert_eq!(
        mistake_in_page("wrong.", "wrong"),
        "map/map_syntax.md: the title is not followed by a sentence on a line of its own"
    );
    assert_eq!(
        mistake_in_page("# map-syntax", "map-syntax"),
        "map/map_syntax.md: the first line is not `# NAME`"
    );
}
