//! The engine on findings that the tests make up.

use std::fs;
use std::path::Path;

use wslint_grammar::{Applicability, Edit, Fix, Span};
use wslint_model::assumptions::Assumptions;
use wslint_model::load::{LoadOptions, Loaded, load, load_text};
use wslint_model::resolve::Configuration;
use wslint_model::source::{FileId, Place};

use super::{FileKey, Fixed, Frozen, Subject, Worse, Writable, fix, fix_all};
use crate::context::Context;
use crate::finding::{Category, Effect, FileEdit, Finding, FindingFix, Severity};
use crate::rule::Rule;

static RULE: Rule = Rule {
    name: "made-up",
    category: Category::Handshake,
    severity: Severity::Error,
    effect: Effect::HandshakeFails,
    only_advises: false,
    refuses: false,
    summary: "",
    page: "",
    check: finds_nothing,
};

fn finds_nothing(_: &Context<'_>, _: &mut Vec<Finding>) {}

const SOUND: &str = "events {}
http {
    server {
        listen 80;
        location /ws {
            proxy_pass http://127.0.0.1:3000;
            proxy_http_version 1.1;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection upgrade;
        }
    }
}
";

/// Where a text occurs in the files of a configuration.
fn occurrences(configuration: &Configuration, text: &str) -> Vec<Place> {
    let mut places = Vec::new();
    for (file, source) in configuration.loaded.sources.iter() {
        let bytes = source.tree.text();
        let mut from = 0;
        while let Some(at) = memchr::memmem::find(&bytes[from..], text.as_bytes()) {
            let start = (from + at) as u32;
            places.push(Place { file, span: Span::new(start, start + text.len() as u32) });
            from += at + text.len();
        }
    }
    places
}

/// Findings that replace one text by another one.
fn replacing(configuration: &Configuration, from: &str, to: &str) -> Vec<Finding> {
    let places = occurrences(configuration, from).into_iter();
    let finding = |place: Place| {
        let fix = Fix::safe("replace it", vec![Edit::replace(place.span, to)]);
        Finding::new(&RULE, place, from.to_owned()).fix(fix)
    };
    places.map(finding).collect()
}

fn configuration(text: &str) -> Configuration {
    let options = LoadOptions::default();
    let text = text.as_bytes().to_vec();
    Configuration::resolve(load_text("nginx.conf".to_owned(), None, text, &options))
}

/// Mends a text, and gives it back.
fn mend(text: &str, find: &(dyn Fn(&Configuration) -> Vec<Finding> + Sync)) -> (Fixed, String) {
    let configuration = configuration(text);
    let fixed = mend_configuration(&configuration, find, &Frozen::new());
    let text = fixed
        .files
        .first()
        .map_or(text.to_owned(), |file| String::from_utf8(file.after.to_vec()).expect("a text"));
    (fixed, text)
}

fn mend_configuration(
    configuration: &Configuration,
    find: &(dyn Fn(&Configuration) -> Vec<Finding> + Sync),
    frozen: &Frozen,
) -> Fixed {
    fix(subject(configuration, find), frozen)
}

fn subject<'s>(
    configuration: &'s Configuration,
    find: &'s (dyn Fn(&Configuration) -> Vec<Finding> + Sync),
) -> Subject<'s> {
    static NOTHING: std::sync::OnceLock<(LoadOptions, Assumptions)> = std::sync::OnceLock::new();
    let (load, assumptions) = NOTHING.get_or_init(Default::default);
    Subject {
        configuration,
        load,
        assumptions,
        found: None,
        find,
        writable: Writable::All,
        up_to: Applicability::Safe,
    }
}

#[test]
fn a_location_that_is_moved_or_copied_is_the_same_one() {
    let refused =
        "        location /pages {\n            proxy_pass http://127.0.0.1:3000;\n        }\n";
    let text = SOUND.replace("        location /ws", &format!("{refused}        location /ws"));
    let moved = |configuration: &Configuration| {
        let mut findings = replacing(configuration, refused, "");
        let last = "        }\n    }\n";
        let mut again = replacing(configuration, last, &format!("        }}\n{refused}    }}\n"));
        if findings.is_empty() {
            again.clear();
        }
        findings.append(&mut again);
        findings
    };
    assert!(mend(&text, &moved).0.taken_back.is_empty());
    let copied = |configuration: &Configuration| {
        let mut findings = replacing(configuration, "location /ws {", "location ^~ /ws {");
        if !findings.is_empty() {
            findings.extend(replacing(
                configuration,
                "listen 80;\n",
                &format!("listen 80;\n{refused}"),
            ));
        }
        findings
    };
    let (fixed, text) = mend(SOUND, &copied);
    assert!(fixed.taken_back.is_empty(), "{text}");
    assert!(text.contains("location ^~ /ws") && text.contains("/pages"), "{text}");
}

#[test]
fn what_does_not_touch_is_mended_at_the_same_time() {
    let (fixed, text) = mend("gzip a;\ngzip a;\n", &|it| replacing(it, "a", "on"));
    assert_eq!(text, "gzip on;\ngzip on;\n");
    assert_eq!(fixed.rounds.len(), 1);
    assert_eq!(fixed.rounds[0].applied.len(), 2);
}

#[test]
fn what_touches_waits_for_the_next_round() {
    let find = |configuration: &Configuration| {
        let mut findings = replacing(configuration, "ab", "b");
        findings.extend(replacing(configuration, "bc", "c"));
        findings
    };
    let (fixed, text) = mend("gzip abc;\n", &find);
    assert_eq!(text, "gzip c;\n");
    assert_eq!(fixed.rounds.len(), 2);
}

#[test]
fn different_insertions_at_one_place_are_made_one_after_the_other() {
    let find = |configuration: &Configuration| {
        let tree = &configuration.loaded.main().tree;
        let inserting = |text: &'static str| {
            let is_there = memchr::memmem::find(tree.text(), text.as_bytes()).is_some();
            let place = Place { file: Loaded::MAIN, span: Span::at(0) };
            let fix = Fix::safe("insert it", vec![Edit::insert(0, text)]);
            (!is_there).then(|| Finding::new(&RULE, place, text).fix(fix))
        };
        [inserting("a 1;\n"), inserting("b 1;\n")].into_iter().flatten().collect()
    };
    let (fixed, text) = mend("c 1;\n", &find);
    assert_eq!(text, "b 1;\na 1;\nc 1;\n");
    assert_eq!(fixed.rounds.len(), 2);
}

#[test]
fn an_edit_that_several_fixes_have_in_common_is_made_once() {
    let find = |configuration: &Configuration| {
        let both = |place: Place| {
            let edits = [Edit::insert(0, "top 1;\n"), Edit::replace(place.span, "$map")];
            Finding::new(&RULE, place, "needs a map").fix(Fix::safe("", edits.to_vec()))
        };
        occurrences(configuration, "none").into_iter().map(both).collect()
    };
    let (fixed, text) = mend("a none;\nb none;\n", &find);
    assert_eq!(text, "top 1;\na $map;\nb $map;\n");
    assert_eq!((fixed.rounds.len(), fixed.rounds[0].applied.len()), (1, 2));
}

#[test]
fn safe_fixes_come_first_and_unsafe_ones_are_asked_for() {
    let find = |configuration: &Configuration| {
        let mut findings = replacing(configuration, "a", "risky");
        for finding in &mut findings {
            finding.fix.as_mut().expect("a fix").applicability = Applicability::Unsafe;
        }
        findings.extend(replacing(configuration, "a b", "sure"));
        findings
    };
    let configuration = configuration("gzip a b;\ngzip a;\n");
    let text = |up_to| {
        let fixed = fix(Subject { up_to, ..subject(&configuration, &find) }, &Frozen::new());
        fixed.rounds.first().map(|round| round.after.loaded.main().tree.text().to_vec())
    };
    assert_eq!(text(Applicability::Safe).expect("a round"), b"gzip sure;\ngzip a;\n");
    assert_eq!(text(Applicability::Unsafe).expect("a round"), b"gzip sure;\ngzip risky;\n");
}

#[test]
fn a_fix_that_makes_handshakes_fail_is_taken_back() {
    let find = |configuration: &Configuration| {
        let mut findings = replacing(configuration, "listen 80;", "listen 81;");
        findings.extend(replacing(configuration, " 1.1;", " 1.0;"));
        findings
    };
    let (fixed, text) = mend(SOUND, &find);
    assert_eq!(text, SOUND, "nothing of the file is changed");
    assert!(fixed.rounds.is_empty() && fixed.files.is_empty());
    let [bad] = &fixed.taken_back[..] else { panic!("{:?}", fixed.taken_back) };
    assert_eq!((bad.rule, bad.line), ("made-up", 7));
    assert!(matches!(&bad.worse, Worse::Route { location, .. } if location == "/ws"), "{bad:?}");
}

#[test]
fn a_fix_that_nginx_would_refuse_is_taken_back() {
    for (to, is_syntax) in [("bogus 1;", false), ("listen 80", true), ("", false)] {
        let find = |it: &Configuration| replacing(it, "proxy_pass http://127.0.0.1:3000;", to);
        let (fixed, text) = mend(SOUND, &find);
        assert_eq!(text, SOUND);
        let [bad] = &fixed.taken_back[..] else { panic!("{:?}", fixed.taken_back) };
        assert_eq!(matches!(bad.worse, Worse::Syntax { .. }), is_syntax, "{bad:?}");
    }
}

#[test]
fn what_nginx_refuses_anyway_may_show_more_mistakes() {
    let text = SOUND.replace("listen 80;", "listen 80");
    let (fixed, text) = mend(&text, &|it| {
        let errors = it.loaded.main().tree.errors();
        let findings = errors.iter().map(|error| {
            let place = Place { file: Loaded::MAIN, span: error.span };
            let edit = Edit::insert(error.span.start, "; bogus 1;");
            Finding::new(&RULE, place, "a mistake").fix(Fix::safe("", vec![edit]))
        });
        findings.collect()
    });
    assert!(fixed.taken_back.is_empty(), "{:?}", fixed.taken_back);
    assert!(text.contains("listen 80; bogus 1;\n"));
}

#[test]
fn edits_that_contradict_each_other_are_a_mistake_of_the_rule() {
    let find = |configuration: &Configuration| {
        let place = occurrences(configuration, "gzip")[0];
        let edits = vec![Edit::delete(Span::new(0, 3)), Edit::delete(Span::new(2, 4))];
        vec![Finding::new(&RULE, place, "odd").fix(Fix::safe("", edits))]
    };
    let (fixed, text) = mend("gzip on;\n", &find);
    assert_eq!(text, "gzip on;\n");
    assert!(matches!(fixed.taken_back[0].worse, Worse::Edits(_)));
}

#[test]
fn a_fix_that_never_ends_is_taken_back() {
    // One that adds something in each round, and one that doubles what is there.
    for (from, to) in [("gzip a", "gzip a a"), ("a", "a a")] {
        let (fixed, text) = mend("gzip a;\n", &|it| replacing(it, from, to));
        assert_eq!(text, "gzip a;\n");
        assert_eq!(fixed.taken_back[0].worse, Worse::Endless);
    }
}

#[test]
fn a_fix_that_changes_nothing_is_none() {
    let (fixed, _) = mend("gzip a;\n", &|it| replacing(it, "gzip", "gzip"));
    assert!(fixed.rounds.is_empty() && fixed.taken_back.is_empty());
}

/// A folder with files in it.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        write(folder.path(), name, text);
    }
    folder
}

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(path, text).expect("a file");
}

fn read(folder: &Path, name: &str) -> Configuration {
    let loaded = load(&folder.join(name), &LoadOptions::default()).expect("a file");
    Configuration::resolve(loaded)
}

/// The last parts of the names of the files that are other than before.
fn changed(fixed: &Fixed) -> Vec<String> {
    let names = fixed.files.iter().map(|file| Path::new(&file.name).file_name());
    names.map(|name| name.unwrap_or_default().to_string_lossy().into_owned()).collect()
}

#[test]
fn a_bad_fix_leaves_other_files_to_be_mended() {
    let folder = folder(&[
        ("nginx.conf", "events {}\nhttp { include *.site; }\n"),
        ("a.site", "server { listen 1; server_name a; }\n"),
        ("b.site", "server { listen 2; server_name b; }\n"),
        ("c.site", "server { listen 3; server_name c; }\n"),
    ]);
    let configuration = read(folder.path(), "nginx.conf");
    let find = |it: &Configuration| {
        let mut findings = replacing(it, "server_name a;", "server_name x;");
        findings.extend(replacing(it, "server_name b;", "bogus b;"));
        findings.extend(replacing(it, "server_name c;", "server_name x;"));
        findings.extend(replacing(it, "listen 2;", "listen 4;"));
        findings
    };
    let fixed = mend_configuration(&configuration, &find, &Frozen::new());
    assert_eq!(changed(&fixed), ["a.site", "c.site"]);
    assert_eq!(fixed.taken_back.len(), 1);
    assert!(fixed.taken_back[0].file.ends_with("b.site"));
}

#[test]
fn all_edits_of_a_fix_are_made_or_none() {
    let folder = folder(&[("nginx.conf", "gzip a;\ninclude x;\n"), ("x", "gzip a;\n")]);
    let configuration = read(folder.path(), "nginx.conf");
    let find = |it: &Configuration| {
        let places = occurrences(it, "a;");
        let edits = places
            .iter()
            .map(|place| FileEdit { file: place.file, edit: Edit::replace(place.span, "on;") });
        let fix = FindingFix {
            applicability: Applicability::Safe,
            message: String::new(),
            edits: edits.collect(),
        };
        let finding = places.first().map(|&place| Finding::new(&RULE, place, "both"));
        finding.map(|finding| Finding { fix: Some(fix), ..finding }).into_iter().collect()
    };
    let both = mend_configuration(&configuration, &find, &Frozen::new());
    assert_eq!(changed(&both), ["nginx.conf", "x"]);
    let frozen = Frozen::from([FileKey::of_path(&folder.path().join("x"))]);
    assert!(mend_configuration(&configuration, &find, &frozen).files.is_empty());
}

#[test]
fn a_file_is_not_read_again_when_somebody_changes_it_meanwhile() {
    let folder =
        folder(&[("nginx.conf", "include x;\ninclude y;\n"), ("x", "gzip ab;\n"), ("y", "")]);
    let configuration = read(folder.path(), "nginx.conf");
    write(folder.path(), "x", "something else;\n");
    let find = |it: &Configuration| {
        let mut findings = replacing(it, "ab", "b");
        findings.extend(replacing(it, "b;", "c;"));
        findings
    };
    let fixed = mend_configuration(&configuration, &find, &Frozen::new());
    assert_eq!(fixed.rounds.len(), 2);
    assert_eq!(
        (&*fixed.files[0].before, &*fixed.files[0].after),
        (&b"gzip ab;\n"[..], &b"gzip c;\n"[..])
    );
}

#[cfg(unix)]
#[test]
fn two_links_to_a_file_are_one() {
    let folder = folder(&[("nginx.conf", "include on/*;\n"), ("real", "gzip a;\n")]);
    fs::create_dir(folder.path().join("on")).expect("a folder");
    for link in ["1", "2"] {
        let link = folder.path().join("on").join(link);
        std::os::unix::fs::symlink("../real", link).expect("a link");
    }
    let configuration = read(folder.path(), "nginx.conf");
    let fixed =
        mend_configuration(&configuration, &|it| replacing(it, "a;", "aa;"), &Frozen::new());
    // It is changed once in each round, not once for each name.
    let first = &fixed.rounds.first().map(|round| &round.after);
    let texts = first.map(|it| {
        it.loaded.sources.iter().skip(1).map(|(_, it)| it.tree.text().to_vec()).collect::<Vec<_>>()
    });
    assert_eq!(texts, None, "it would never end");
    let fixed = mend_configuration(&configuration, &|it| replacing(it, "a;", "b;"), &Frozen::new());
    assert_eq!((fixed.files.len(), &*fixed.files[0].after), (1, &b"gzip b;\n"[..]));
}

#[test]
fn what_two_configurations_want_to_be_different_stays() {
    let folder = folder(&[
        ("one.conf", "include shared;\ninclude one;\n"),
        ("two.conf", "include shared;\ninclude two;\n"),
        ("shared", "gzip a;\n"),
        ("one", "gzip a;\n"),
        ("two", "gzip a;\n"),
    ]);
    let [one, two] = ["one.conf", "two.conf"].map(|name| read(folder.path(), name));
    let on = |it: &Configuration| replacing(it, "a;", "on;");
    let off = |it: &Configuration| replacing(it, "a;", "off;");
    let together = fix_all(&[subject(&one, &on), subject(&two, &off)], &Frozen::new());
    let names: Vec<&str> =
        together.files.iter().map(|file| file.name.rsplit('/').next().unwrap_or("")).collect();
    assert_eq!(names, ["one", "two"]);
    assert_eq!(together.conflicts.len(), 1);
    let together = fix_all(&[subject(&one, &on), subject(&two, &on)], &Frozen::new());
    assert_eq!((together.files.len(), together.conflicts.len()), (3, 0));
    // Left alone for one, left alone for all.
    let nothing = |_: &Configuration| Vec::new();
    let together = fix_all(&[subject(&one, &on), subject(&two, &nothing)], &Frozen::new());
    assert_eq!((together.files.len(), together.conflicts.len()), (1, 1));
}

#[test]
fn only_the_main_text_is_changed_when_nothing_else_is_writable() {
    let folder = folder(&[("nginx.conf", "gzip a;\ninclude x;\n"), ("x", "gzip a;\n")]);
    let configuration = read(folder.path(), "nginx.conf");
    let find = |it: &Configuration| replacing(it, "a;", "on;");
    let subject = |writable| Subject { writable, ..subject(&configuration, &find) };
    let fixed = fix(subject(Writable::MainText), &Frozen::new());
    assert_eq!((fixed.files.len(), &fixed.files[0].path), (1, &None));
    assert_eq!(&*fixed.files[0].after, b"gzip on;\ninclude x;\n");
    assert!(fix(subject(Writable::Nothing), &Frozen::new()).files.is_empty());
}

#[test]
fn findings_that_were_mended_come_with_the_files_of_their_round() {
    let configuration = configuration("gzip abc;\n");
    let find = |it: &Configuration| {
        let mut findings = replacing(it, "ab", "b");
        findings.extend(replacing(it, "bc", "c"));
        findings
    };
    let fixed = mend_configuration(&configuration, &find, &Frozen::new());
    let texts: Vec<(usize, &[u8])> = fixed
        .applied(&configuration)
        .map(|(round, sources, finding)| {
            let FileId(_) = finding.place.file;
            (round, sources.get(finding.place.file).tree.slice(finding.place.span))
        })
        .collect();
    assert_eq!(texts, [(0, &b"ab"[..]), (1, &b"bc"[..])]);
    assert!(fixed.configuration().is_some());
}
