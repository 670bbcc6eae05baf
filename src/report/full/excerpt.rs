//! What is shown of one line: all of it, or the parts around what is marked.
//!
//! A line can have millions of bytes. Nothing here looks at more of it than what can be shown.

use std::ops::Range;
use std::slice;

use crate::report::text::{printable_character, width, width_of};

/// Each tab reaches to the next multiple of this column.
const TAB: usize = 4;

/// No character needs more bytes in UTF-8.
const MAX_BYTES: usize = 4;

/// How a line may be shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    /// How many columns there are.
    pub(super) columns: usize,
    /// The last column in which the middle of a mark leaves enough room for its label.
    pub(super) reach: usize,
    /// How many columns of indentation are left out.
    pub(super) dedent: usize,
    /// Whether other characters than ASCII may be added.
    pub(super) unicode: bool,
}

/// Text that miette can show as it is: UTF-8, with neither tabs nor control characters.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Excerpt {
    /// The text, without a line end.
    pub(super) text: String,
    /// Where in it the marks are.
    pub(super) marks: Vec<Range<usize>>,
}

impl Excerpt {
    /// What is shown of `line`, of which the byte ranges `marks` matter; they do not overlap and
    /// are sorted.
    pub(super) fn new(line: &[u8], marks: &[Range<usize>], room: Room) -> Self {
        if line.len() <= room.dedent + room.columns * MAX_BYTES {
            let whole = Self::of(line, slice::from_ref(&(0..line.len())), marks, room);
            let reached = (0..marks.len()).all(|mark| whole.middle(mark) <= room.reach);
            if width(&whole.text) <= room.columns && reached {
                return whole;
            }
        }
        if marks.is_empty() {
            let end = forward(line, 0, line.len(), room.columns - width(ellipsis(room)));
            return Self::of(line, slice::from_ref(&(0..end)), marks, room);
        }
        Self::of(line, &parts_around(line, marks, room), marks, room)
    }

    /// The column in which the label of a mark is attached, as miette does it.
    pub(super) fn middle(&self, mark: usize) -> usize {
        let Range { start, end } = self.marks[mark].clone();
        let start = width(&self.text[..start]);
        let end = width(&self.text[..end]).max(start + 1);
        usize::midpoint(start, end)
    }

    /// Puts `parts` of `line` together, with an ellipsis for what lies between.
    fn of(line: &[u8], parts: &[Range<usize>], marks: &[Range<usize>], room: Room) -> Self {
        let mut text = String::new();
        let mut shown: Vec<Option<Range<usize>>> = vec![None; marks.len()];
        let mut copied = 0;
        for part in parts {
            if copied < part.start {
                text.push_str(ellipsis(room));
            }
            // Where there is no line start, there is no indentation to leave out.
            let mut column = if part.start == 0 { 0 } else { room.dedent };
            for (at, character) in characters(line, part.clone()) {
                let start = text.len();
                match character {
                    ' ' | '\t' => {
                        let reached = if character == ' ' { column + 1 } else { next_tab(column) };
                        let kept = reached - column.max(room.dedent).min(reached);
                        text.extend(std::iter::repeat_n(' ', kept));
                        column = reached;
                    }
                    _ => {
                        let printable = printable_character(character, room.unicode);
                        text.push(printable);
                        column += width_of(printable);
                    }
                }
                for (mark, shown) in marks.iter().zip(&mut shown) {
                    if at.start < mark.end && mark.start < at.end {
                        shown.get_or_insert(start..start).end = text.len();
                    } else if mark.is_empty() && mark.start < at.end {
                        shown.get_or_insert(start..start);
                    }
                }
            }
            // A place behind the last character.
            for (mark, shown) in marks.iter().zip(&mut shown) {
                if mark.start <= part.end {
                    shown.get_or_insert(text.len()..text.len());
                }
            }
            copied = part.end;
        }
        if copied < line.len() {
            text.push_str(ellipsis(room));
        }
        let end = text.len();
        let marks = shown.into_iter().map(|shown| shown.unwrap_or(end..end)).collect();
        Self { text, marks }
    }
}

/// How many columns of a line are indentation; it is not looked at further than `limit`.
pub(super) fn indentation(line: &[u8], limit: usize) -> usize {
    let mut column = 0;
    for byte in line {
        match byte {
            b' ' => column += 1,
            b'\t' => column = next_tab(column),
            _ => break,
        }
        if column >= limit {
            return limit;
        }
    }
    column
}

fn next_tab(column: usize) -> usize {
    (column / TAB + 1) * TAB
}

fn ellipsis(room: Room) -> &'static str {
    if room.unicode { "…" } else { "..." }
}

/// The bytes around each mark; what would overlap is one part.
fn parts_around(line: &[u8], marks: &[Range<usize>], room: Room) -> Vec<Range<usize>> {
    let share = (room.columns / marks.len()).saturating_sub(2 * width(ellipsis(room)));
    let mut parts: Vec<Range<usize>> = Vec::new();
    for mark in marks {
        let part = part_around(line, mark, share, room.reach);
        match parts.last_mut() {
            Some(last) if part.start <= last.end => last.end = last.end.max(part.end),
            _ => parts.push(part),
        }
    }
    parts
}

/// The bytes around `mark` that take `share` columns.
fn part_around(line: &[u8], mark: &Range<usize>, share: usize, reach: usize) -> Range<usize> {
    let marked = forward(line, mark.start, mark.end, share * 2 / 3);
    let left = share - width_between(line, mark.start, marked);
    let most_before = reach.min(left);
    let mut start = backward(line, mark.start, most_before.min(left / 2));
    let end = forward(line, marked, line.len(), left - width_between(line, start, mark.start));
    if end == line.len() {
        let before = left - width_between(line, marked, end);
        start = backward(line, mark.start, most_before.min(before));
    }
    start..end
}

/// The largest offset, up to `limit`, to which the text behind `from` takes at most `columns`.
fn forward(line: &[u8], from: usize, limit: usize, columns: usize) -> usize {
    let window = limit.min(from.saturating_add(columns * MAX_BYTES));
    let mut taken = 0;
    for (at, character) in characters(line, from..window) {
        taken += columns_of(character);
        if taken > columns {
            return at.start;
        }
    }
    window
}

/// The smallest offset from which the text before `to` takes at most `columns`.
fn backward(line: &[u8], to: usize, columns: usize) -> usize {
    let window = character_start(line, to.saturating_sub(columns * MAX_BYTES));
    let before: Vec<_> = characters(line, window..to).collect();
    let mut taken = 0;
    for (at, character) in before.iter().rev() {
        taken += columns_of(*character);
        if taken > columns {
            return at.end;
        }
    }
    window
}

fn width_between(line: &[u8], start: usize, end: usize) -> usize {
    characters(line, start..end).map(|(_, character)| columns_of(character)).sum()
}

/// How many columns a character of a file takes at most.
fn columns_of(character: char) -> usize {
    match character {
        '\t' => TAB,
        _ => width_of(printable_character(character, true)),
    }
}

/// The characters of a part of `line`, each with where it is; what is not UTF-8 is U+FFFD.
fn characters(line: &[u8], part: Range<usize>) -> impl Iterator<Item = (Range<usize>, char)> {
    let mut start = part.start;
    line[part].utf8_chunks().flat_map(move |chunk| {
        let valid = chunk.valid().chars();
        // Most text without UTF-8 is Latin-1, where each byte is a character.
        let invalid = chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER);
        let valid = valid.map(|character| (character.len_utf8(), character));
        let mut at = start;
        start += chunk.valid().len() + chunk.invalid().len();
        valid.chain(invalid.map(|character| (1, character))).map(move |(length, character)| {
            at += length;
            (at - length..at, character)
        })
    })
}

/// Where the character starts that the byte at `offset` belongs to.
fn character_start(line: &[u8], offset: usize) -> usize {
    let is_continuation = |at: &usize| line.get(*at).is_some_and(|byte| byte & 0xC0 == 0x80);
    let first = offset.saturating_sub(MAX_BYTES - 1);
    (first..=offset).rev().find(|at| !is_continuation(at)).unwrap_or(offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: Room = Room { columns: 40, reach: 40, dedent: 0, unicode: true };

    /// The excerpt with `[` and `]` around what is marked.
    fn marked(line: &[u8], mark: Range<usize>, room: Room) -> String {
        all_marked(line, &[mark], room)
    }

    fn all_marked(line: &[u8], marks: &[Range<usize>], room: Room) -> String {
        let excerpt = Excerpt::new(line, marks, room);
        let mut text = excerpt.text;
        for mark in excerpt.marks.iter().rev() {
            text.insert(mark.end, ']');
            text.insert(mark.start, '[');
        }
        text
    }

    #[test]
    fn a_short_line_is_shown_whole() {
        assert_eq!(all_marked(b"listen 80;", &[7..9, 10..10], ROOM), "listen [80];[]");
        assert_eq!(marked(b"", 0..0, ROOM), "[]");
    }

    #[test]
    fn tabs_become_spaces() {
        assert_eq!(all_marked(b"\ta\tb;", &[1..2, 3..4], ROOM), "    [a]   [b];");
    }

    #[test]
    fn indentation_can_be_left_out() {
        let room = Room { dedent: 4, ..ROOM };
        assert_eq!(marked(b"\t\ta;", 2..3, room), "    [a];");
        assert_eq!(marked(b"      a;", 6..7, room), "  [a];");
        let room = Room { dedent: 2, ..ROOM };
        assert_eq!(marked(b"\ta\tb;", 1..2, room), "  [a]   b;");
    }

    #[test]
    fn bytes_that_are_no_utf8_are_replaced_one_by_one() {
        assert_eq!(marked(b"a \xfc\xdf b", 5..6, ROOM), "a �� [b]");
        // A mark that starts or ends inside a character takes all of it.
        assert_eq!(marked("äöü".as_bytes(), 3..4, ROOM), "ä[ö]ü");
    }

    #[test]
    fn a_long_line_is_cropped_around_the_mark() {
        let line = format!("{}NEEDLE{}", "a ".repeat(1000), "b ".repeat(1000));
        let shown = marked(line.as_bytes(), 2000..2006, ROOM);
        assert_eq!(shown, "…a a a a a a a a [NEEDLE]b b b b b b b b …");
        let shown = marked(line.as_bytes(), 0..1, ROOM);
        assert_eq!(shown, format!("[a] {}…", "a ".repeat(18)));
        let end = line.len();
        let shown = marked(line.as_bytes(), end..end, ROOM);
        assert_eq!(shown, format!("…{}[]", "b ".repeat(19)));
    }

    #[test]
    fn a_long_mark_is_cropped_too() {
        let line = "x".repeat(100_000);
        let shown = marked(line.as_bytes(), 10..99_000, ROOM);
        assert_eq!(shown, format!("…{}[{}]…", "x".repeat(6), "x".repeat(32)));
    }

    #[test]
    fn far_marks_of_one_line_are_shown_together() {
        let line = format!("ONE{}TWO{}", " ".repeat(5000), " ".repeat(5000));
        let shown = all_marked(line.as_bytes(), &[0..3, 5003..5006], ROOM);
        assert_eq!(shown, "[ONE]               …       [TWO]        …");
    }

    #[test]
    fn wide_characters_count_twice() {
        let line = "設定".repeat(1000);
        let excerpt = Excerpt::new(line.as_bytes(), slice::from_ref(&(3000..3006)), ROOM);
        assert!(width(&excerpt.text) <= 40);
        assert_eq!(&excerpt.text[excerpt.marks[0].clone()], "設定");
    }

    #[test]
    fn a_mark_far_to_the_right_leaves_room_for_its_label() {
        let room = Room { reach: 10, ..ROOM };
        let line = b"proxy_set_header Connection upgrade;";
        let excerpt = Excerpt::new(line, slice::from_ref(&(28..35)), room);
        assert_eq!(&excerpt.text[excerpt.marks[0].clone()], "upgrade");
        assert!(excerpt.text.starts_with('…') && excerpt.middle(0) <= 15);
    }
}
