//! Random choices of findings, mended in random order, give texts that can be read.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use proptest::prelude::*;
use wslint_grammar::{Applicability, Tree};
use wslint_model::assumptions::Assumptions;
use wslint_model::load::{LoadOptions, load};
use wslint_model::resolve::Configuration;
use wslint_rules::check::check;
use wslint_rules::finding::Finding;
use wslint_rules::fix::{Fixed, Frozen, Subject, Writable, fix};
use wslint_rules::rules;

/// The configurations with mistakes that tests of the rules use.
fn fixtures() -> &'static [PathBuf] {
    static FIXTURES: OnceLock<Vec<PathBuf>> = OnceLock::new();
    FIXTURES.get_or_init(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures");
        let mut files = Vec::new();
        let mut folders = vec![folder];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("fixtures") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|it| it == "conf") {
                    files.push(path);
                }
            }
        }
        files.retain(|path| path.to_string_lossy().contains("/bad"));
        files.sort();
        files
    })
}

/// SplitMix64's last step: numbers that have nothing to do with each other.
fn mixed(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}

fn mend(
    configuration: &Configuration,
    find: &(dyn Fn(&Configuration) -> Vec<Finding> + Sync),
) -> Fixed {
    let subject = Subject {
        configuration,
        load: &LoadOptions::default(),
        assumptions: &Assumptions::default(),
        found: None,
        find,
        writable: Writable::All,
        up_to: Applicability::Unsafe,
    };
    fix(subject, &Frozen::new())
}

fn prints_back(tree: &Tree) -> bool {
    let printed: Vec<u8> =
        tree.tokens().iter().flat_map(|token| tree.slice(token.span).to_vec()).collect();
    printed == tree.text()
}

fn count_errors(configuration: &Configuration) -> usize {
    configuration.loaded.sources.iter().map(|(_, source)| source.tree.errors().len()).sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn whatever_is_chosen_can_be_read(number in any::<prop::sample::Index>(), seed in any::<u64>()) {
        let path = number.get(fixtures());
        let loaded = load(path, &LoadOptions::default()).expect("a fixture");
        let configuration = Configuration::resolve(loaded);
        // About half of the findings, the same ones in each round, in an order that the seed decides.
        let find = |configuration: &Configuration| {
            let mut findings = check(configuration, rules::ALL, &Assumptions::default());
            let key = |finding: &Finding| {
                let name = finding.rule.name.bytes().fold(seed, |all, byte| {
                    mixed(all.wrapping_mul(31).wrapping_add(u64::from(byte)))
                });
                let line = configuration.loaded.sources.get(finding.place.file);
                mixed(name ^ u64::from(line.position(finding.place.span.start).line))
            };
            findings.retain(|finding| key(finding) % 2 == 0);
            findings.sort_by_key(key);
            findings
        };
        let fixed = mend(&configuration, &find);
        prop_assert_eq!(&fixed.taken_back, &[]);
        let after = fixed.configuration().unwrap_or(&configuration);
        for (_, source) in after.loaded.sources.iter() {
            prop_assert!(prints_back(&source.tree));
        }
        prop_assert!(count_errors(after) <= count_errors(&configuration));
        for file in &fixed.files {
            let path = file.path.as_deref().expect("a file");
            prop_assert_eq!(&fs::read(path).expect("a file"), &*file.before, "nothing is written");
            let source = after.loaded.sources.iter().find(|(_, it)| it.name == file.name);
            prop_assert_eq!(source.expect("it is there still").1.tree.text(), &*file.after);
        }
        prop_assert!(mend(after, &find).files.is_empty());
    }
}
