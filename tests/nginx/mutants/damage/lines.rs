//! Lines and blocks: lost, doubled, in another place.

use std::ops::Range;

use wslint_test_support::directive::directives;
use wslint_test_support::random::Random;

use super::{Kind, replace};

pub(super) const KINDS: &[Kind] = &[
    ("lose a line", lose_line),
    ("double a line", double_line),
    ("swap lines", swap_lines),
    ("move a line", move_line),
    ("copy a line elsewhere", copy_line),
    ("comment a line out", comment_out),
    ("lose lines", lose_lines),
    ("copy a block elsewhere", copy_block),
    ("double a block", double_block),
    ("lose a block", lose_block),
    ("empty a block", empty_block),
    ("wrap in a block", wrap_in_block),
];

fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

fn lose_line(random: &mut Random, text: &str) -> Option<String> {
    let mut lines = lines(text);
    lines.remove(random.below(lines.len()));
    Some(lines.concat())
}

fn double_line(random: &mut Random, text: &str) -> Option<String> {
    let mut lines = lines(text);
    let at = random.below(lines.len());
    lines.insert(at, lines[at]);
    Some(lines.concat())
}

fn swap_lines(random: &mut Random, text: &str) -> Option<String> {
    let mut lines = lines(text);
    let at = random.below(lines.len().checked_sub(1).filter(|&last| last > 0)?);
    lines.swap(at, at + 1);
    Some(lines.concat())
}

fn move_line(random: &mut Random, text: &str) -> Option<String> {
    let mut lines = lines(text);
    let line = lines.remove(random.below(lines.len()));
    lines.insert(random.below(lines.len() + 1), line);
    Some(lines.concat())
}

fn copy_line(random: &mut Random, text: &str) -> Option<String> {
    let mut lines = lines(text);
    let line = lines[random.below(lines.len())];
    lines.insert(random.below(lines.len() + 1), line);
    Some(lines.concat())
}

fn comment_out(random: &mut Random, text: &str) -> Option<String> {
    let mut lines = lines(text);
    let at = random.below(lines.len());
    lines.insert(at, "# ");
    Some(lines.concat())
}

fn lose_lines(random: &mut Random, text: &str) -> Option<String> {
    let mut lines = lines(text);
    let first = random.below(lines.len());
    let count = (1 + random.below(6)).min(lines.len() - first);
    lines.drain(first..first + count);
    Some(lines.concat())
}

/// A directive that is a block, with everything in it.
fn block(random: &mut Random, text: &str) -> Option<Range<usize>> {
    let list = directives(text);
    let blocks: Vec<usize> = (0..list.len()).filter(|&index| list[index].is_block).collect();
    let range = list[*random.choose(&blocks)?].range.clone();
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate().skip(range.end - 1) {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(range.start..at + 1);
        }
    }
    None
}

/// Where a directive begins.
fn start(random: &mut Random, text: &str) -> Option<usize> {
    Some(random.choose(&directives(text))?.range.start)
}

fn copy_block(random: &mut Random, text: &str) -> Option<String> {
    let range = block(random, text)?;
    let at = start(random, text)?;
    Some(replace(text, at..at, &format!("{}\n", &text[range])))
}

fn double_block(random: &mut Random, text: &str) -> Option<String> {
    let range = block(random, text)?;
    Some(replace(text, range.start..range.start, &format!("{}\n", &text[range.clone()])))
}

fn lose_block(random: &mut Random, text: &str) -> Option<String> {
    let range = block(random, text)?;
    Some(replace(text, range, ""))
}

fn empty_block(random: &mut Random, text: &str) -> Option<String> {
    let range = block(random, text)?;
    let open = range.start + text[range.clone()].find('{')?;
    Some(replace(text, open + 1..range.end - 1, random.pick(&["", " ", "\n", " # nothing\n"])))
}

fn wrap_in_block(random: &mut Random, text: &str) -> Option<String> {
    let list = directives(text);
    let range = random.choose(&list).filter(|directive| !directive.is_block)?.range.clone();
    let head = random.pick(&[
        "location /wrapped",
        "if ($host)",
        "server",
        "http",
        "upstream wrapped",
        "types",
        "limit_except GET",
        "events",
        "map $host $wrapped",
        "location ~ x",
    ]);
    let wrapped = format!("{head} {{ {} }}", &text[range.clone()]);
    Some(replace(text, range, &wrapped))
}
