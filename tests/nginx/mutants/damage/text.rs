//! Characters: lost, doubled, strange.

use wslint_test_support::random::Random;

use super::{Kind, replace};

pub(super) const KINDS: &[Kind] = &[
    ("lose a sign", lose_sign),
    ("double a sign", double_sign),
    ("insert a sign", insert_sign),
    ("replace a semicolon", replace_semicolon),
    ("lose a character", lose_character),
    ("insert a character", insert_character),
    ("swap characters", swap_characters),
    ("strange character", strange_character),
    ("cut off the end", cut_off),
    ("line break", line_break),
    ("other quote", other_quote),
];

/// What nginx's syntax is made of.
const SIGNS: &str = ";{}\"'";

/// A place where one of `characters` stands.
fn place_of(random: &mut Random, text: &str, characters: &str) -> Option<usize> {
    let places: Vec<usize> =
        text.char_indices().filter(|(_, it)| characters.contains(*it)).map(|(at, _)| at).collect();
    random.choose(&places).copied()
}

/// Any place between two characters; most often beside a blank or a sign.
fn place(random: &mut Random, text: &str) -> Option<usize> {
    let near = if random.chance(70) { " \n;{}" } else { return any_place(random, text) };
    Some(place_of(random, text, near)? + random.below(2))
}

fn any_place(random: &mut Random, text: &str) -> Option<usize> {
    let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    random.choose(&places).copied()
}

fn lose_sign(random: &mut Random, text: &str) -> Option<String> {
    let at = place_of(random, text, SIGNS)?;
    Some(replace(text, at..at + 1, ""))
}

fn double_sign(random: &mut Random, text: &str) -> Option<String> {
    let at = place_of(random, text, SIGNS)?;
    Some(replace(text, at..at, &text[at..=at]))
}

fn insert_sign(random: &mut Random, text: &str) -> Option<String> {
    let at = place(random, text)?;
    let sign =
        random.pick(&[";", "{", "}", "\"", "'", "#", "\\", "$", "${", "(", ")", " ;", " } "]);
    Some(replace(text, at..at, sign))
}

fn replace_semicolon(random: &mut Random, text: &str) -> Option<String> {
    let at = place_of(random, text, ";")?;
    Some(replace(text, at..at + 1, random.pick(&[":", ",", "", " ", "；", ".", "|", " {", " }"])))
}

fn lose_character(random: &mut Random, text: &str) -> Option<String> {
    let at = any_place(random, text)?;
    let length = text[at..].chars().next()?.len_utf8();
    Some(replace(text, at..at + length, ""))
}

fn insert_character(random: &mut Random, text: &str) -> Option<String> {
    let at = any_place(random, text)?;
    let character = b' ' + random.below(95) as u8;
    Some(replace(text, at..at, &char::from(character).to_string()))
}

fn swap_characters(random: &mut Random, text: &str) -> Option<String> {
    let at = any_place(random, text)?;
    let mut two = text[at..].chars();
    let (first, second) = (two.next()?, two.next()?);
    let length = first.len_utf8() + second.len_utf8();
    Some(replace(text, at..at + length, &format!("{second}{first}")))
}

fn strange_character(random: &mut Random, text: &str) -> Option<String> {
    let strange = [
        "\u{a0}",
        "\u{200b}",
        "\u{feff}",
        "\u{201c}",
        "\u{2019}",
        "\u{ff1b}",
        "\u{2013}",
        "\u{7f}",
        "\u{1b}[0m",
        "\t",
        "\r",
        "ä",
        "\u{2028}",
        "+",
        "-",
        ">",
        "...",
        "//",
        "/*",
        "*/",
        "--",
        "<<<<<<< HEAD\n",
    ];
    let at = place(random, text)?;
    let length = text[at..].chars().next().map_or(0, char::len_utf8);
    let until = if random.chance(30) { at + length } else { at };
    Some(replace(text, at..until, random.pick(&strange)))
}

fn cut_off(random: &mut Random, text: &str) -> Option<String> {
    let at = any_place(random, text)?;
    Some(text[..at].to_owned())
}

fn line_break(random: &mut Random, text: &str) -> Option<String> {
    if random.chance(50) {
        let at = place_of(random, text, " ")?;
        return Some(replace(text, at..at + 1, "\n"));
    }
    let at = place_of(random, text, "\n")?;
    Some(replace(text, at..at + 1, random.pick(&["", " ", "\r", "\\n"])))
}

fn other_quote(random: &mut Random, text: &str) -> Option<String> {
    let at = place_of(random, text, "\"'")?;
    Some(replace(text, at..at + 1, random.pick(&["\"", "'", "`", "\u{201d}", "\\\""])))
}
