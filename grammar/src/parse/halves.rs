//! Reading a large text in two halves, side by side.
//!
//! Where the second half begins, it is taken for granted that blocks of `http` are read, as in almost
//! every large text. When the first half has been read it is known whether that is so. If it is not,
//! or if anything is wrong in either half, the first one is read on to the end of the text, as if
//! there were no halves.
#![allow(clippy::disallowed_methods)] // A large text is read by two threads, here alone.

use std::thread;

use super::reader::{Frame, Reader, Reading};
use crate::catalogue::Context;
use crate::tree::{DirectiveData, NONE, WordData};
use crate::{BodyKind, Quote, Span};

/// How many bytes are many: below, a thread costs more than it saves.
const MANY: usize = 1 << 20;

/// Reads a text for the first time.
pub(super) fn read(text: &[u8]) -> Reader<'_> {
    let middle = if text.len() < MANY { None } else { middle(text) };
    match middle {
        Some(middle) => read_halves(text, middle),
        None => Reader::new(text, Reading::Plain).read(),
    }
}

/// Where, not far behind the middle of a text, a line begins like a block of `http`.
fn middle(text: &[u8]) -> Option<usize> {
    const FAR: usize = 1 << 16;
    const STARTS: [&[u8]; 3] = [b"server {", b"server{", b"upstream "];
    let from = text.len() / 2;
    let near = &text[from..text.len().min(from + FAR)];
    memchr::memchr_iter(b'\n', near).find_map(|newline| {
        let line = &near[newline + 1..];
        let blanks = line.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let is_start = STARTS.iter().any(|start| line[blanks..].starts_with(start));
        is_start.then_some(from + newline + 1 + blanks)
    })
}

/// Reads a text whose second half begins at `middle`, with the first word of a line.
fn read_halves(text: &[u8], middle: usize) -> Reader<'_> {
    let (mut first, second) = thread::scope(|scope| {
        let read_second = || Reader::inside_http(text, middle);
        let second = thread::Builder::new().spawn_scoped(scope, read_second).ok();
        let mut first = Reader::new(text, Reading::Plain);
        first.read_up_to(middle);
        (first, second.and_then(|second| second.join().ok()))
    });
    if let Some(second) = second
        && first.has_reached(middle)
        && second.is_sound()
        && second.frames.is_empty()
        && second.is_between_directives()
    {
        first.append(&second);
    }
    first.read_up_to(text.len());
    first.end()
}

impl<'s> Reader<'s> {
    /// Reads a text from `start` on, as if directly inside `http`. The first directive and the first
    /// word stand for those of that block.
    fn inside_http(text: &'s [u8], start: usize) -> Self {
        let mut reader = Self::with_room_for(text, Reading::Plain, text.len() - start);
        reader.at = start;
        let span = Span::at(start as u32);
        let starts_line = true;
        reader.words.push(WordData {
            span,
            quote: Quote::None,
            escaped: false,
            unclosed: false,
            starts_line,
        });
        reader.statement = 1;
        reader.directives.push(DirectiveData {
            id: None,
            body: BodyKind::Block,
            words: 0,
            word_count: 1,
            parent: NONE,
            end: 1,
            terminator: NONE,
            close: NONE,
        });
        reader.frames.push(Frame {
            directive: 0,
            holder: 0,
            context: Some(Context::Http),
            data: false,
            implied: false,
            indent: None,
            lost: None,
            taken_for_lost: 0,
        });
        reader.read_up_to(text.len());
        reader
    }

    /// Whether nothing is wrong so far.
    fn is_sound(&self) -> bool {
        self.error_count == 0
            && self.brace_trouble == 0
            && self.misplaced == 0
            && self.skipped.is_empty()
    }

    fn is_between_directives(&self) -> bool {
        self.words.len() == self.statement && !self.several_lines && !self.damaged
    }

    /// Whether `middle` has been reached as [`Reader::inside_http`] takes for granted.
    fn has_reached(&self, middle: usize) -> bool {
        let is_http = |frame: &Frame| {
            frame.directive != NONE && frame.context == Some(Context::Http) && !frame.data
        };
        self.at == middle
            && self.is_sound()
            && self.is_between_directives()
            && matches!(&self.frames[..], [frame] if is_http(frame))
    }

    /// Adds what was read inside `http` to what was read before.
    fn append(&mut self, second: &Self) {
        let Some(http) = self.frames.pop().map(|frame| frame.directive) else { return };
        // What stands for `http` comes first in the second half, and is here already.
        let directives = self.directives.len() as u32 - 1;
        let words = self.words.len() as u32 - 1;
        let inside = &second.directives[0];
        let head = &mut self.directives[http as usize];
        head.end = inside.end + directives;
        head.close = inside.close;
        self.directives.extend(second.directives[1..].iter().map(|directive| DirectiveData {
            words: directive.words + words,
            parent: match directive.parent {
                NONE => NONE,
                0 => http,
                parent => parent + directives,
            },
            end: directive.end + directives,
            ..*directive
        }));
        self.words.extend_from_slice(&second.words[1..]);
        self.statement = self.words.len();
        self.includes.extend(second.includes.iter().map(|include| include + directives));
        self.comments.extend_from_slice(&second.comments);
        self.main_block_seen |= second.main_block_seen;
        self.inner_blocks_at_top += second.inner_blocks_at_top;
        self.at = second.at;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(reader: Reader<'_>) -> String {
        format!("{} {:?}", reader.is_suspicious(), reader.into_tree())
    }

    /// Reads a text in halves at every line.
    fn assert_same_in_halves(text: &[u8]) {
        let whole = shown(Reader::new(text, Reading::Plain).read());
        for newline in memchr::memchr_iter(b'\n', text) {
            let line = &text[newline + 1..];
            let blanks = line.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
            let middle = newline + 1 + blanks;
            assert_eq!(shown(read_halves(text, middle)), whole, "{middle}");
        }
    }

    #[test]
    fn halves_make_the_same_whole() {
        assert_same_in_halves(
            b"# main\nevents {}\ninclude a;\nhttp {\n  map $a $b {\n    default 1;\n    server 2;\n  }\n\
              \n  # c\n  server {\n    listen 80;\n    location / {\n      return 200 \"\n server {\n\";\n\
                 include b;\n    }\n  }\n  include c;\n  # d\n  upstream u { server a; }\n  server {\n  }\n}\n\
              \n# e\nstream {\n  server {\n    listen 1;\n  }\n}\ninclude d;\n",
        );
    }

    #[test]
    fn halves_with_mistakes_make_the_same_whole() {
        for text in [
            "http {\nserver {\n}\nserver {\nlisten 80\n}\n}\n",
            "http {\nserver {\n}\n}\nserver {\n}\n}\n",
            "http {\nserver {\nserver {\n}\n}\n",
            "http {\nserver {\nroot \"/a;\n}\nserver {\n}\n}\n",
            "server {\n}\nserver {\n}\nhttp {\n}\n",
            "http {\n}\nserver {\n}\n",
            "http {\nlisten\nserver {\n}\n",
            "http {\nlocation / {\n}\n;\nserver {\n}\n}\n",
        ] {
            assert_same_in_halves(text.as_bytes());
        }
    }

    #[test]
    fn the_middle_is_at_a_block() {
        let text = "#\n".repeat(20) + "\n  server {\n}\n";
        assert_eq!(middle(text.as_bytes()), text.find("server"));
        assert_eq!(middle(b"\n server_name a;\n"), None);
        assert_eq!(middle(b""), None);
    }

    proptest! {
        #[test]
        fn any_lines_make_the_same_whole(
            lines in proptest::collection::vec(
                prop_oneof![
                    4 => Just("server {"),
                    2 => Just("http {"),
                    1 => Just("location / {"),
                    1 => Just("map $a $b {"),
                    4 => Just("}"),
                    2 => Just("listen 80;"),
                    1 => Just("listen 80"),
                    1 => Just("# it's"),
                    1 => Just("'"),
                    1 => Just("include a;"),
                    1 => Just("a b; c { d e; }"),
                    1 => Just("content_by_lua_block {"),
                ],
                0..16,
            ),
        ) {
            let text = format!("http {{\n{}\n", lines.join("\n"));
            assert_same_in_halves(text.as_bytes());
        }
    }
}
