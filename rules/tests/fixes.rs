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
use wslint_test_support::files::files_below;
use wslint_test_support::random::Random;

/// The configurations with mistakes that tests of the rules use.
fn fixtures() -> &'static [PathBuf] {
    static FIXTURES: OnceLock<Vec<PathBuf>> = OnceLock::new();
    FIXTURES.get_or_init(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures");
        let mut files = files_below(&root).expect("fixtures");
        files.retain(|path| {
            path.extension().is_some_and(|it| it == "conf")
                && path.to_string_lossy().contains("/bad")
        });
        files
    })
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
                    Random::of_case(all, u64::from(byte)).number()
                });
                let source = configuration.loaded.sources.get(finding.place.file);
                let line = source.position(finding.place.span.start).line;
                Random::of_case(name, u64::from(line)).number()
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
