//! Names and arguments: lost, doubled, misspelt.

use wslint_test_support::directive::{Directive, Word, directives};
use wslint_test_support::random::Random;

use super::{Kind, replace};

pub(super) const KINDS: &[Kind] = &[
    ("misspell a name", misspell_name),
    ("another name", another_name),
    ("case of a name", case_of_name),
    ("lose a name", lose_name),
    ("lose an argument", lose_argument),
    ("lose all arguments", lose_arguments),
    ("add an argument", add_argument),
    ("double an argument", double_argument),
    ("swap arguments", swap_arguments),
    ("misspell an argument", misspell_argument),
    ("another argument", another_argument),
    ("quote an argument", quote_argument),
    ("empty an argument", empty_argument),
    ("block instead of a semicolon", block_instead),
    ("join words", join_words),
];

fn directive(random: &mut Random, text: &str) -> Option<Directive> {
    random.choose(&directives(text)).cloned()
}

fn directive_with(random: &mut Random, text: &str, arguments: usize) -> Option<Directive> {
    let list = directives(text);
    let list: Vec<&Directive> =
        list.iter().filter(|directive| directive.arguments().len() >= arguments).collect();
    random.choose(&list).map(|&directive| directive.clone())
}

/// An argument of any directive.
pub(super) fn argument(random: &mut Random, text: &str) -> Option<Word> {
    let directive = directive_with(random, text, 1)?;
    random.choose(directive.arguments()).cloned()
}

/// One letter lost, doubled, swapped or replaced.
fn misspell(random: &mut Random, word: &str) -> Option<String> {
    let mut letters: Vec<char> = word.chars().collect();
    if letters.is_empty() {
        return None;
    }
    let at = random.below(letters.len());
    match random.below(4) {
        0 => {
            letters.remove(at);
        }
        1 => letters.insert(at, letters[at]),
        2 => letters[at] = char::from(b'a' + random.below(26) as u8),
        _ => {
            let other = (at + 1).min(letters.len() - 1);
            letters.swap(at, other);
        }
    }
    Some(letters.into_iter().collect()).filter(|misspelt| misspelt != word)
}

fn misspell_name(random: &mut Random, text: &str) -> Option<String> {
    let word = directive(random, text)?.words.remove(0);
    Some(replace(text, word.range, &misspell(random, &word.text)?))
}

fn another_name(random: &mut Random, text: &str) -> Option<String> {
    let word = directive(random, text)?.words.remove(0);
    let other = directive(random, text)?.words.remove(0);
    Some(replace(text, word.range, &other.text))
}

fn case_of_name(random: &mut Random, text: &str) -> Option<String> {
    let word = directive(random, text)?.words.remove(0);
    let changed = match random.below(3) {
        0 => word.text.to_uppercase(),
        1 => word.text.replace('_', "-"),
        _ => word.text.replacen('_', " ", 1),
    };
    Some(replace(text, word.range, &changed))
}

fn lose_name(random: &mut Random, text: &str) -> Option<String> {
    let word = directive(random, text)?.words.remove(0);
    Some(replace(text, word.range, ""))
}

fn lose_argument(random: &mut Random, text: &str) -> Option<String> {
    Some(replace(text, argument(random, text)?.range, ""))
}

fn lose_arguments(random: &mut Random, text: &str) -> Option<String> {
    let directive = directive_with(random, text, 1)?;
    let last = directive.arguments().last()?.range.end;
    Some(replace(text, directive.words[0].range.end..last, ""))
}

fn add_argument(random: &mut Random, text: &str) -> Option<String> {
    let at = directive(random, text)?.range.end - 1;
    let added = random.pick(&[
        " on",
        " off",
        " extra",
        " 10",
        " 5s",
        " 1k",
        " $host",
        " name=value",
        " \"\"",
        " default",
        " always",
        " all",
        " none",
        " /x",
        " =",
        " -1",
        " $undefined_one",
        " 127.0.0.1:80",
    ]);
    Some(replace(text, at..at, added))
}

fn double_argument(random: &mut Random, text: &str) -> Option<String> {
    let word = argument(random, text)?;
    Some(replace(text, word.range.start..word.range.start, &format!("{} ", word.text)))
}

fn swap_arguments(random: &mut Random, text: &str) -> Option<String> {
    let directive = directive_with(random, text, 2)?;
    let first = random.below(directive.arguments().len() - 1);
    let (first, second) = (&directive.arguments()[first], &directive.arguments()[first + 1]);
    let swapped = [&second.text, &text[first.range.end..second.range.start], &first.text].concat();
    Some(replace(text, first.range.start..second.range.end, &swapped))
}

fn misspell_argument(random: &mut Random, text: &str) -> Option<String> {
    let word = argument(random, text)?;
    Some(replace(text, word.range, &misspell(random, &word.text)?))
}

fn another_argument(random: &mut Random, text: &str) -> Option<String> {
    let word = argument(random, text)?;
    let other = argument(random, text)?;
    Some(replace(text, word.range, &other.text))
}

fn quote_argument(random: &mut Random, text: &str) -> Option<String> {
    let word = argument(random, text)?;
    let quote = random.pick(&["\"", "'"]);
    Some(replace(text, word.range, &format!("{quote}{}{quote}", word.text)))
}

fn empty_argument(random: &mut Random, text: &str) -> Option<String> {
    Some(replace(text, argument(random, text)?.range, "\"\""))
}

fn block_instead(random: &mut Random, text: &str) -> Option<String> {
    let directive = directive(random, text)?;
    let end = directive.range.end;
    let by =
        if directive.is_block { ";" } else { random.pick(&[" { }", " {}", " { default 1; }"]) };
    Some(replace(text, end - 1..end, by))
}

fn join_words(random: &mut Random, text: &str) -> Option<String> {
    let directive = directive_with(random, text, 1)?;
    let at = random.below(directive.arguments().len());
    let (first, second) = (&directive.words[at], &directive.words[at + 1]);
    Some(replace(
        text,
        first.range.end..second.range.start,
        random.pick(&["", "=", ":", "\t", "_"]),
    ))
}
