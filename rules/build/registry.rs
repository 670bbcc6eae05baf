//! The rules that the directories hold, and the code that lists them.
//!
//! A rule is two files in the directory of its category: `NAME.rs` has the check, `NAME.md` is its
//! page. A page begins with the rule's facts, which are written nowhere else:
//!
//! ```text
//! # map-missing-default
//!
//! No line of a map gives `Connection` a value for a handshake.
//!
//! Category: map | Severity: error | Effect: handshake-fails
//! ```
//!
//! The sentence, without its full stop, is the rule's summary. A rule that only advises in most cases,
//! and finds something worse in others, says so: `Severity: info to error`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use crate::facts::{Category, Effect, Severity, is_advice};

/// What a page says about its rule.
#[derive(Debug)]
pub(crate) struct Facts {
    name: String,
    category: Category,
    severity: Severity,
    effect: Effect,
    only_advises: bool,
    refuses: bool,
    summary: String,
}

/// The facts of all rules, by category and name, or what is wrong with their files.
pub(crate) fn read(directory: &Path) -> Result<Vec<Facts>, Vec<String>> {
    let mut mistakes = Vec::new();
    let mut rules = Vec::new();
    let mut names = BTreeSet::new();
    for (rule, files) in files(directory, &mut mistakes) {
        match facts(&rule, &files) {
            Ok(facts) if !names.insert(facts.name.clone()) => {
                mistakes
                    .push(format!("{}: another category has a rule of this name", rule.display()));
            }
            Ok(facts) => rules.push(facts),
            Err(mistake) => mistakes.push(mistake),
        }
    }
    rules.sort_by(|one, other| (one.category, &one.name).cmp(&(other.category, &other.name)));
    if mistakes.is_empty() { Ok(rules) } else { Err(mistakes) }
}

/// Which of a rule's two files there are.
#[derive(Debug, Default)]
struct Files {
    has_check: bool,
    has_page: bool,
}

/// The files in the directories of the categories, by their path without the extension.
fn files(directory: &Path, mistakes: &mut Vec<String>) -> BTreeMap<PathBuf, Files> {
    let mut rules = BTreeMap::new();
    let mut entries =
        WalkDir::new(directory).min_depth(1).max_depth(2).sort_by_file_name().into_iter();
    while let Some(entry) = entries.next() {
        match entry {
            Ok(entry) => {
                if let Err(mistake) = add(&entry, &mut rules) {
                    mistakes.push(format!("{}: {mistake}", entry.path().display()));
                    if entry.file_type().is_dir() && entry.depth() == 1 {
                        entries.skip_current_dir();
                    }
                }
            }
            Err(error) => mistakes.push(error.to_string()),
        }
    }
    rules
}

fn add(entry: &DirEntry, rules: &mut BTreeMap<PathBuf, Files>) -> Result<(), String> {
    let path = entry.path();
    let is_directory = entry.file_type().is_dir();
    if entry.depth() == 1 {
        return match (is_directory, path.file_name().and_then(|name| name.to_str())) {
            (true, Some(name)) => category(name).map(|_| ()),
            _ => Err("a rule belongs in the directory of its category".to_owned()),
        };
    }
    if is_directory {
        // Modules of a rule that is too long for one file.
        let check = path.with_extension("rs");
        return if check.is_file() {
            Ok(())
        } else {
            Err(format!("there is no {} for these modules", file_name(&check)))
        };
    }
    let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let is_identifier =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if !stem.bytes().all(is_identifier) {
        return Err("a rule's files are named with lower-case letters, digits and `_`".to_owned());
    }
    let (is_check, is_page) = match path.extension().and_then(|extension| extension.to_str()) {
        Some("rs") => (true, false),
        Some("md") => (false, true),
        _ => return Err("neither the check of a rule (`.rs`) nor its page (`.md`)".to_owned()),
    };
    let files = rules.entry(path.with_extension("")).or_default();
    files.has_check |= is_check;
    files.has_page |= is_page;
    Ok(())
}

fn facts(rule: &Path, files: &Files) -> Result<Facts, String> {
    let (check, page) = (rule.with_extension("rs"), rule.with_extension("md"));
    if !files.has_page {
        return Err(format!(
            "{}: there is no page {} beside it",
            check.display(),
            file_name(&page)
        ));
    }
    if !files.has_check {
        return Err(format!(
            "{}: there is no check {} beside it",
            page.display(),
            file_name(&check)
        ));
    }
    let facts = fs::read_to_string(&page).map_err(|error| error.to_string());
    let facts = facts.and_then(|text| head(&text)).and_then(|facts| {
        let name = file_name(rule).replace('_', "-");
        let directory = rule.parent().map(file_name).unwrap_or_default();
        if facts.name != name {
            return Err(format!("the title is `# {}`, expected `# {name}`", facts.name));
        }
        if facts.category.name() != directory {
            return Err(format!(
                "the category is `{}`, but the directory is `{directory}`",
                facts.category
            ));
        }
        Ok(facts)
    });
    facts.map_err(|mistake| format!("{}: {mistake}", page.display()))
}

/// Reads the first three paragraphs of a page.
fn head(page: &str) -> Result<Facts, String> {
    let mut paragraphs = page.split("\n\n");
    let name = paragraphs.next().and_then(|title| title.strip_prefix("# "));
    let name = name.ok_or("the first line is not `# NAME`")?;
    let summary = paragraphs.next().and_then(|sentence| sentence.strip_suffix('.'));
    let summary = summary
        .filter(|sentence| !sentence.contains('\n') && !sentence.is_empty())
        .ok_or("the title is not followed by a sentence on a line of its own")?;
    let facts = paragraphs.next().unwrap_or_default();
    let mut values = facts.split(" | ").map(|fact| fact.split_once(": ").unwrap_or((fact, "")));
    let mut value = |wanted: &str| match values.next() {
        Some((key, value)) if key == wanted => Ok(value),
        _ => Err(format!(
            "no `{wanted}` where it is expected: the third paragraph of a page is \
             `Category: … | Severity: … | Effect: …`"
        )),
    };
    let severity = |name| one_of(Severity::ALL, Severity::name, name, "severity");
    let category = category(value("Category")?)?;
    let severities = value("Severity")?;
    let (usual, worst) = severities.split_once(" to ").unwrap_or((severities, severities));
    let (usual, worst) = (severity(usual)?, severity(worst)?);
    let effects = value("Effect")?;
    let (usual_effect, other) = effects.split_once(" or ").unwrap_or((effects, effects));
    let named = |name| one_of(Effect::ALL, Effect::name, name, "effect");
    let (effect, other) = (named(usual_effect)?, named(other)?);
    let facts = Facts {
        category,
        severity: usual,
        effect,
        only_advises: is_advice(category, worst, effect) && is_advice(category, worst, other),
        refuses: [effect, other].contains(&Effect::NotLoaded),
        name: name.to_owned(),
        summary: summary.to_owned(),
    };
    match values.next() {
        Some((more, _)) => Err(format!("`{more}` is no fact of a rule")),
        None => Ok(facts),
    }
}

fn category(name: &str) -> Result<Category, String> {
    one_of(Category::ALL, Category::name, name, "category")
}

fn one_of<T: Copy>(
    all: &[T],
    name: fn(T) -> &'static str,
    wanted: &str,
    what: &str,
) -> Result<T, String> {
    all.iter().copied().find(|&value| name(value) == wanted).ok_or_else(|| {
        let names: Vec<&str> = all.iter().map(|&value| name(value)).collect();
        format!("there is no {what} `{wanted}`, only {}", names.join(", "))
    })
}

fn file_name(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).unwrap_or_default()
}

/// A module for each category with the modules and the statics of its rules, and the list of all.
pub(crate) fn code(directory: &Path, rules: &[Facts]) -> String {
    let mut code = String::new();
    let mut all = String::new();
    for of_category in rules.chunk_by(|one, other| one.category == other.category) {
        let category = of_category[0].category.name();
        let files = directory.join(category).display().to_string();
        let mut statics = String::new();
        // Of an inline module, the attribute gives the directory of the modules in it.
        writeln!(code, "#[path = {files:?}]\nmod {category} {{").expect("memory");
        writeln!(code, "    use crate::finding::{{Category, Effect, Severity}};").expect("memory");
        writeln!(code, "    use crate::rule::Rule;\n").expect("memory");
        for Facts { name, category, severity, effect, only_advises, refuses, summary } in
            of_category
        {
            let module = name.replace('-', "_");
            let constant = module.to_uppercase();
            let page = format!("{files}/{module}.md");
            writeln!(code, "    mod {module};").expect("memory");
            writeln!(
                statics,
                "
    /// {summary}.
    pub(crate) static {constant}: Rule = Rule {{
        name: {name:?},
        category: Category::{category:?},
        severity: Severity::{severity:?},
        effect: Effect::{effect:?},
        only_advises: {only_advises},
        refuses: {refuses},
        summary: {summary:?},
        page: include_str!({page:?}),
        check: {module}::check,
    }};"
            )
            .expect("memory");
            writeln!(all, "    &{constant},").expect("memory");
        }
        writeln!(code, "{statics}}}\n\npub(crate) use {category}::*;\n").expect("memory");
    }
    writeln!(code, "/// Every rule, by category and name.").expect("memory");
    writeln!(code, "pub static ALL: &[&Rule] = &[\n{all}];").expect("memory");
    code
}
