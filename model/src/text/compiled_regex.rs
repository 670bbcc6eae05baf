//! Compiled regular expressions of this process, by their text.
//!
//! Compiling is by far the dearest thing done with a pattern, and the same ones come again: in each
//! server made from a template, and in each round of fixes, whose configurations share most of
//! their text.

use std::sync::{Mutex, PoisonError};

use rustc_hash::FxHashMap;

/// How many are kept. When there are more, all are forgotten: a configuration with so many different
/// ones asks for few of them twice.
const MOST_KEPT: usize = 256;

/// Longer ones are not kept.
const LONGEST_KEPT: usize = 1024;

static KEPT: Mutex<Option<FxHashMap<String, Option<fancy_regex::Regex>>>> = Mutex::new(None);

/// A compiled pattern, as fancy-regex writes it; `None` when that engine doesn't take it.
pub(super) fn compiled(pattern: &str) -> Option<fancy_regex::Regex> {
    let compile = || fancy_regex::Regex::new(pattern).ok();
    if pattern.len() > LONGEST_KEPT {
        return compile();
    }
    // A panic elsewhere left no entry half written.
    let lock = || KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = lock().as_ref().and_then(|kept| kept.get(pattern)) {
        return known.clone();
    }
    let compiled = compile();
    let mut kept = lock();
    let kept = kept.get_or_insert_default();
    if kept.len() >= MOST_KEPT {
        kept.clear();
    }
    kept.insert(pattern.to_owned(), compiled.clone());
    compiled
}
