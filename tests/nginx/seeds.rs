//! Which configurations are made, and how many at the same time.

use std::env;
use std::sync::atomic::{AtomicUsize, Ordering};

use wslint_test_support::installed::Installed;

/// How many configurations are tried side by side: nginx and the backend need room beside them.
const THREADS: usize = 3;

/// Calls `try_case` with as many seeds as `cases` says, from `seed` on, unless the environment
/// variables of these names say otherwise. Each case has its own seed, to be tried alone.
pub(crate) fn for_each_seed(
    (seed_name, seed): (&str, u64),
    (cases_name, cases): (&str, usize),
    try_case: impl Fn(u64) + Sync,
) {
    let seed = number(seed_name, seed);
    let cases = number(cases_name, cases);
    let next = AtomicUsize::new(0);
    let try_cases = || {
        loop {
            let case = next.fetch_add(1, Ordering::Relaxed);
            if case >= cases {
                return;
            }
            try_case(seed + case as u64);
        }
    };
    let nginx = Installed::expect();
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| nginx.during(try_cases));
        }
    });
}

fn number<T: std::str::FromStr>(name: &str, default: T) -> T {
    let Ok(text) = env::var(name) else { return default };
    text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}"))
}
