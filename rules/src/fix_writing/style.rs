//! How a file is written.

use wslint_grammar::{Directive, Quote, Tree, Word};

/// What all of a file has in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileStyle {
    /// What ends its lines.
    pub(crate) line_end: &'static str,
    /// By what a block's content is indented more than the block.
    pub(crate) step: String,
    /// The quotes that it prefers.
    pub(crate) quote: char,
    /// The empty string, as it is written.
    pub(crate) empty: &'static str,
}

impl FileStyle {
    /// How many directives are looked at to find out.
    const ENOUGH: usize = 1000;

    /// Looks at a file.
    pub(crate) fn of(tree: &Tree) -> Self {
        let text = tree.text();
        let line_end = match memchr::memchr(b'\n', text) {
            Some(at) if at > 0 && text[at - 1] == b'\r' => "\r\n",
            _ => "\n",
        };
        let step = tree.directives().take(Self::ENOUGH).find_map(step).unwrap_or("    ".to_owned());
        let words = tree.directives().take(Self::ENOUGH).flat_map(|directive| {
            std::iter::once(directive.name_word()).chain(directive.arguments())
        });
        let [mut single, mut double] = [0, 0];
        for word in words {
            match word.quote() {
                Quote::Single => single += 1,
                Quote::Double => double += 1,
                Quote::None => {}
            }
        }
        let quote = if single > double { '\'' } else { '"' };
        let empty = if double > single { "\"\"" } else { "''" };
        Self { line_end, step, quote, empty }
    }

    /// `text` in the quotes that the file prefers.
    pub(crate) fn quoted(&self, text: &str) -> String {
        format!("{0}{text}{0}", self.quote)
    }
}

/// By what a directive is indented more than the block around it.
fn step(directive: Directive<'_>) -> Option<String> {
    let outer = own_indentation(directive.parent()?)?;
    let own = own_indentation(directive)?;
    own.strip_prefix(outer.as_str()).filter(|step| !step.is_empty()).map(str::to_owned)
}

/// The blanks before a directive that is the first on its line.
pub(crate) fn own_indentation(directive: Directive<'_>) -> Option<String> {
    let word = directive.name_word();
    if !word.starts_line() {
        return None;
    }
    let text = &directive.tree().text()[..word.span().start as usize];
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    let count = text.iter().rev().take_while(|byte| is_blank(byte)).count();
    Some(String::from_utf8_lossy(&text[text.len() - count..]).into_owned())
}

/// `text`, quoted as `word` is, which it stands in the place of.
pub(crate) fn like_word(word: Word<'_>, text: &str) -> String {
    match word.quote().character() {
        Some(quote) => format!("{quote}{text}{quote}"),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn style(text: &str) -> FileStyle {
        FileStyle::of(&wslint_grammar::parse(text.as_bytes().to_vec()))
    }

    #[test]
    fn a_file_is_looked_at() {
        let found = style("http {\r\n\tserver {\r\n\t\tset $a 'b';\r\n\t}\r\n}\r\n");
        let expected =
            FileStyle { line_end: "\r\n", step: "\t".to_owned(), quote: '\'', empty: "''" };
        assert_eq!(found, expected);
        let found = style("a {\n  b {\n  }\n}\n");
        assert_eq!(
            found,
            FileStyle { line_end: "\n", step: "  ".to_owned(), quote: '"', empty: "''" }
        );
        assert_eq!(style("a { b; }").step, "    ");
    }
}
