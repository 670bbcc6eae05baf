//! Text that is safe to print and no wider than it may be.

use std::borrow::Cow;

use textwrap::{Options, WordSeparator, WordSplitter};
// The version that miette uses: it places the marks, so both must count alike.
use unicode_width::UnicodeWidthChar;

/// How many columns a character takes.
pub(super) fn width_of(character: char) -> usize {
    character.width().unwrap_or(0)
}

/// How many columns a line of text takes.
pub(super) fn width(text: &str) -> usize {
    text.chars().map(width_of).sum()
}

/// What is shown for a character of a file.
///
/// Configurations come from anywhere: they must not send commands to the terminal, reorder what is
/// read, or hide something that nginx sees.
pub(super) fn printable_character(character: char, unicode: bool) -> char {
    match character {
        '\0'..='\x1f' | '\x7f' if unicode => control_picture(character),
        '\u{fffd}' if unicode => character,
        // The zero-width joiner (200D) stays: it holds emoji together.
        '\u{61c}'
        | '\u{200b}'
        | '\u{200c}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fffd}' => replacement(unicode),
        _ if character.is_control() => replacement(unicode),
        _ => character,
    }
}

fn control_picture(character: char) -> char {
    match character {
        '\x7f' => '\u{2421}',
        _ => char::from_u32(0x2400 + u32::from(character)).unwrap_or('\u{fffd}'),
    }
}

fn replacement(unicode: bool) -> char {
    if unicode { '\u{fffd}' } else { '?' }
}

/// `text` on one line, without anything that a terminal would obey.
pub(crate) fn one_line(text: &str, unicode: bool) -> Cow<'_, str> {
    if text.chars().all(|it| printable_character(it, unicode) == it) {
        return Cow::Borrowed(text);
    }
    let printable =
        |it: char| if it.is_ascii_whitespace() { ' ' } else { printable_character(it, unicode) };
    Cow::Owned(text.replace("\r\n", "\n").chars().map(printable).collect())
}

/// How paragraphs are wrapped: at spaces only, since a hyphen or slash belongs to a name.
pub(super) fn wrapping(width: usize) -> Options<'static> {
    Options::new(width)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
}

/// `1 error`, `2 errors`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_to_the_terminal_are_made_visible() {
        assert_eq!(one_line("a\x1b[31mb\x07", true), "a␛[31mb␇");
        assert_eq!(one_line("a\x1b[31mb\x07", false), "a?[31mb?");
        assert_eq!(one_line("\u{9b}31m\x7f", true), "\u{fffd}31m␡");
    }

    #[test]
    fn text_cannot_be_reordered_or_hidden() {
        assert_eq!(one_line("a\u{202e}b\u{feff}c", true), "a\u{fffd}b\u{fffd}c");
    }

    #[test]
    fn line_ends_become_spaces() {
        assert_eq!(one_line("a\r\nb\nc\td", true), "a b c d");
    }

    #[test]
    fn other_text_is_kept() {
        assert!(matches!(one_line("Größe 設定 👩‍💻", false), Cow::Borrowed(_)));
    }
}
