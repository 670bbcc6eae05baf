//! wslint against the installed nginx on configurations that nobody has seen before: varied sound
//! ones, and each of them with a mistake or two.
//!
//! The same seed gives the same configurations. More or others are tried by hand:
//!
//! ```sh
//! WSLINT_MUTANTS=20000 WSLINT_SEED=7 cargo nextest run --test nginx mutants --no-capture
//! WSLINT_SEED=7 WSLINT_MUTANT=123 cargo nextest run --test nginx mutants --no-capture
//! ```
//!
//! print every difference, and one configuration with what both say about it. `WSLINT_DAMAGE=variable`
//! does only what has that in its name.

mod damage;
mod judge;
mod sound;
mod soup;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use std::{env, thread};

use judge::{Judgement, Outcome};
use wslint_test_support::random::Random;
use wslint_test_support::{Folder, require_nginx};

/// From what the configurations are made, unless `WSLINT_SEED` says otherwise.
const SEED: u64 = 1;

/// How many are tried, unless `WSLINT_MUTANTS` says otherwise.
const MUTANTS: u64 = 1500;

/// Of a hundred configurations that nginx refuses for their own mistakes, how many wslint refuses
/// for a mistake in the same place or before it. To be raised, never lowered.
const AGREEMENT: usize = 99;

/// How often a place for some damage is looked for in a file.
const ATTEMPTS: usize = 100;

/// How long a text of a few kilobytes may take, in a debug build on a busy machine.
const PATIENCE: Duration = Duration::from_secs(5);

/// A difference that is meant.
struct Known {
    /// A part of nginx's message.
    words: &'static str,
    /// A part of the line that nginx names.
    line: &'static str,
    /// Why wslint does not say the same.
    #[expect(dead_code, reason = "it is for readers")]
    reason: &'static str,
}

const KNOWN_DIFFERENCES: [Known; 4] = [
    Known {
        words: "invalid value",
        line: "${",
        reason: "`${NAME}` may be a placeholder that is replaced before nginx reads the file",
    },
    Known { words: "invalid parameter", line: "${", reason: "the same" },
    Known {
        words: "invalid location modifier",
        line: "@",
        reason: "`@NAME@` may be a placeholder",
    },
    Known {
        words: "unknown property after",
        line: "\\p",
        reason: "it takes Unicode's tables to know which properties there are",
    },
];

/// A sound configuration and what became of it.
struct Mutant {
    number: u64,
    /// What was done to it.
    damage: Vec<&'static str>,
    sound: Folder,
    /// The file that was damaged.
    file: String,
    damaged: Folder,
}

impl Mutant {
    fn new(seed: u64, number: u64) -> Self {
        let mut random = Random::of_case(seed, number);
        let sound = sound::configuration(&mut random);
        let kinds = damage_kinds();
        let files: Vec<&String> = sound.files.keys().collect();
        // Most mistakes are made in the main file.
        let file = match random.chance(95) {
            true => sound.main.clone(),
            false => (*random.choose(&files).expect("there is a file")).clone(),
        };
        let wanted = if random.chance(12) { 2 } else { 1 };
        let mut text = sound.files[&file].clone();
        let mut damage = Vec::new();
        // Not every file has a place for every kind.
        for _ in 0..ATTEMPTS {
            let (name, kind) = *random.choose(&kinds).expect("there is a kind");
            let damaged = kind(&mut random, &text).filter(|it| {
                // Of an empty text there is nothing left to damage.
                *it != text && !it.is_empty() && is_harmless(it)
            });
            if let Some(damaged) = damaged {
                text = damaged;
                damage.push(name);
            }
            if damage.len() == wanted {
                break;
            }
        }
        let damaged = sound.clone().with(&file, &text);
        Self { number, damage, sound, file, damaged }
    }

    /// A line of one of the files.
    fn line(&self, file: &str, line: u32) -> Option<&str> {
        self.damaged.files.get(file)?.split('\n').nth(line.checked_sub(1)? as usize)
    }

    /// The line that nginx names.
    fn refused_line(&self, judgement: &Judgement) -> Option<&str> {
        self.line(judgement.nginx.file.as_ref()?, judgement.nginx.line?)
    }

    /// The lines that are not the same, as in `diff`.
    fn difference(&self) -> String {
        let (before, after) = (&self.sound.files[&self.file], &self.damaged.files[&self.file]);
        let before: Vec<&str> = before.split('\n').collect();
        let after: Vec<&str> = after.split('\n').collect();
        let most = before.len().min(after.len());
        let same = |at: &usize| before[*at] == after[*at];
        let first = (0..most).take_while(same).count();
        let last = (0..most - first)
            .take_while(|at| before[before.len() - 1 - at] == after[after.len() - 1 - at])
            .count();
        let mut shown = String::new();
        for (sign, lines) in [('-', &before), ('+', &after)] {
            let changed = &lines[first..lines.len() - last];
            for (number, line) in (first + 1..).zip(changed) {
                if number > first + 12 {
                    let _ = writeln!(shown, "  {sign} ... {} lines", changed.len());
                    break;
                }
                let _ = writeln!(shown, "  {sign}{number:>4}  {}", line.escape_debug());
            }
        }
        shown
    }
}

/// Whether nginx, asked by root, would write nowhere but into the folder made for it.
fn is_harmless(text: &str) -> bool {
    ["_log", "_path", "listen", "pid", "_file"].iter().all(|name| {
        text.match_indices(name).all(|(at, _)| {
            let rest =
                text[at + name.len()..].trim_start_matches([' ', '\t', '\r', '\n', '"', '\'']);
            !rest.starts_with('/') && !rest.starts_with("unix:/")
        })
    })
}

fn setting(name: &str) -> Option<u64> {
    env::var(name).ok().map(|value| value.parse().unwrap_or_else(|_| panic!("{name}: a number")))
}

/// All kinds of damage, or those whose name contains `WSLINT_DAMAGE`.
fn damage_kinds() -> Vec<damage::Kind> {
    let wanted = env::var("WSLINT_DAMAGE").unwrap_or_default();
    damage::kinds().into_iter().filter(|(name, _)| name.contains(&wanted)).collect()
}

fn seed() -> u64 {
    setting("WSLINT_SEED").unwrap_or(SEED)
}

/// Calls `ask` for each number below `count`, on all cores.
fn for_each<T: Send>(count: u64, ask: impl Fn(u64) -> T + Sync) -> Vec<T> {
    let next = AtomicU64::new(0);
    let threads = thread::available_parallelism().map_or(2, usize::from) + 1;
    let run = || {
        let mut answers = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= count {
                return answers;
            }
            answers.push((number, ask(number)));
        }
    };
    let mut answers: Vec<(u64, T)> = thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(run)).collect();
        running.into_iter().flat_map(|thread| thread.join().expect("a test thread")).collect()
    });
    answers.sort_by_key(|(number, _)| *number);
    answers.into_iter().map(|(_, answer)| answer).collect()
}

/// All that somebody needs to look into a difference.
fn shown(mutant: &Mutant, judgement: &Judgement) -> String {
    let mut shown = format!(
        "seed {} mutant {}: {}, in {}\n{}",
        seed(),
        mutant.number,
        mutant.damage.join(", "),
        mutant.file,
        mutant.difference()
    );
    let nginx = &judgement.nginx;
    let words = if nginx.ok { "it is sound" } else { &nginx.message };
    let file = nginx.file.as_deref().unwrap_or_default();
    let _ = writeln!(shown, "  nginx:  {file}:{} {words}", nginx.line.unwrap_or_default());
    if let Some(text) = mutant.refused_line(judgement) {
        let _ = writeln!(shown, "          {}", text.trim());
    }
    for found in &judgement.wslint {
        let (file, line, rule) = (&found.file, found.line, found.rule);
        let _ = writeln!(shown, "  wslint: {file}:{line} {} [{rule}]", found.message);
        let _ = writeln!(shown, "          {}", mutant.line(file, line).unwrap_or_default().trim());
    }
    if judgement.wslint.is_empty() {
        shown.push_str("  wslint: it is sound\n");
    }
    shown
}

#[test]
fn sound_configurations_are_left_alone() {
    require_nginx!();
    let count = setting("WSLINT_MUTANTS").unwrap_or(MUTANTS) / 10;
    let complaints = for_each(count, |number| {
        let sound = sound::configuration(&mut Random::of_case(seed(), number));
        let judgement = Judgement::of(&sound);
        let is_fine = judgement.nginx.ok && judgement.wslint.is_empty();
        let file = sound.main.clone();
        let mutant = Mutant { number, damage: Vec::new(), damaged: sound.clone(), sound, file };
        (!is_fine).then(|| shown(&mutant, &judgement))
    });
    let complaints: Vec<String> = complaints.into_iter().flatten().collect();
    assert!(complaints.is_empty(), "{} of {count}:\n{}", complaints.len(), complaints.join("\n"));
}

#[test]
fn mutants_are_judged_as_nginx_judges_them() {
    require_nginx!();
    if let Some(number) = setting("WSLINT_MUTANT") {
        let mutant = Mutant::new(seed(), number);
        println!("{}", mutant.damaged.files[&mutant.file]);
        println!("{}", shown(&mutant, &Judgement::of(&mutant.damaged)));
        return;
    }
    let count = setting("WSLINT_MUTANTS").unwrap_or(MUTANTS);
    let judged = for_each(count, |number| {
        let mutant = Mutant::new(seed(), number);
        let judgement = Judgement::of(&mutant.damaged);
        let outcome = judgement.outcome(mutant.refused_line(&judgement).unwrap_or_default());
        let is_worth_showing = !matches!(outcome, Outcome::Same | Outcome::Surroundings);
        (outcome, judgement.nginx.ok, is_worth_showing.then(|| shown(&mutant, &judgement)))
    });
    let mut counts: BTreeMap<Outcome, usize> = BTreeMap::new();
    let mut differences = String::new();
    let mut false_alarms = String::new();
    let mut taken = 0;
    for (outcome, is_taken, text) in judged {
        *counts.entry(outcome).or_default() += 1;
        taken += usize::from(is_taken);
        let list = match outcome {
            Outcome::FalseAlarm => &mut false_alarms,
            _ => &mut differences,
        };
        if let Some(text) = text {
            let _ = writeln!(list, "{outcome:?}: {text}");
        }
    }
    let of = |outcome| counts.get(&outcome).copied().unwrap_or_default();
    let differing = of(Outcome::Missed) + of(Outcome::Late);
    let refused = count as usize - taken - of(Outcome::Surroundings);
    let agreement = (refused - differing) * 1000 / refused;
    let shown_agreement = format!("{}.{} %", agreement / 10, agreement % 10);
    println!("{differences}\n{false_alarms}");
    println!(
        "{taken} of {count} load; {counts:?}; agreement on {refused} refused ones: {shown_agreement}"
    );
    assert!(false_alarms.is_empty(), "false alarms:\n{false_alarms}");
    assert!(
        agreement >= AGREEMENT * 10,
        "agreement of {shown_agreement} is less than {AGREEMENT} %:\n{differences}"
    );
}

/// Whatever the text, there is an answer: no panic, and no rule that takes its time.
#[test]
fn anything_at_all_is_survived() {
    let count = setting("WSLINT_MUTANTS").unwrap_or(MUTANTS);
    for_each(count, |number| {
        let text = soup::soup(&mut Random::of_case(seed(), number));
        let start = Instant::now();
        let survived = std::panic::catch_unwind(|| judge::survives(text.clone())).is_ok();
        let is_quick = start.elapsed() < PATIENCE;
        assert!(survived && is_quick, "seed {} soup {number}: {}", seed(), text.escape_ascii());
    });
}
