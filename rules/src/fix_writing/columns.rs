//! Lines that stand in columns with their neighbours.

use wslint_grammar::{Directive, Word};

use super::block::Block;

/// A directive to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NewLine {
    /// Its name.
    pub(crate) name: String,
    /// Its arguments, with their quotes.
    pub(crate) arguments: Vec<String>,
}

impl NewLine {
    /// A directive with these arguments, as they are to be written.
    pub(crate) fn new(name: &str, arguments: &[&str]) -> Self {
        let arguments = arguments.iter().map(|&argument| argument.to_owned()).collect();
        Self { name: name.to_owned(), arguments }
    }

    /// A directive as it is written elsewhere.
    pub(crate) fn copy(directive: Directive<'_>) -> Self {
        let raw = |word: Word<'_>| String::from_utf8_lossy(word.raw()).into_owned();
        Self {
            name: raw(directive.name_word()),
            arguments: directive.arguments().map(raw).collect(),
        }
    }

    /// As one writes it where nothing stands beside it.
    pub(crate) fn plain(&self) -> String {
        let words = std::iter::once(&self.name).chain(&self.arguments);
        words.map(String::as_str).collect::<Vec<_>>().join(" ") + ";"
    }

    /// As the lines of `block` are written that it will stand beside.
    pub(crate) fn beside(&self, block: Block<'_>) -> String {
        let columns = Columns::of(block, &self.name);
        let mut text = self.name.clone();
        for (number, argument) in self.arguments.iter().enumerate() {
            let before = match number {
                0 => None,
                _ => self.arguments.get(number - 1).map(String::as_str),
            };
            let gap = match number {
                0 => columns.first.gap(&self.name),
                1 => columns.second.gap(before.unwrap_or_default()),
                _ => " ".to_owned(),
            };
            text.push_str(&gap);
            text.push_str(argument);
        }
        text.push(';');
        text
    }
}

/// How far words reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Column {
    /// One blank is between them.
    None,
    /// The next word starts so many characters behind the start of the one before.
    At(usize),
    /// This stands between them.
    Blanks(String),
}

impl Column {
    /// What stands behind `word`.
    pub(super) fn gap(&self, word: &str) -> String {
        match self {
            Column::None => " ".to_owned(),
            Column::At(column) => " ".repeat(column.saturating_sub(word.chars().count()).max(1)),
            Column::Blanks(blanks) => blanks.clone(),
        }
    }

    /// The column of words, each with what stands behind it on its line.
    pub(super) fn of(words: &[(usize, String)]) -> Column {
        let [.., (length, last)] = words else { return Column::None };
        if last.contains('\t') {
            return Column::Blanks(last.clone());
        }
        let at = length + last.len();
        let same =
            words.iter().all(|(length, gap)| !gap.contains('\t') && length + gap.len() == at);
        let differ = words.iter().any(|(other, _)| other != length);
        // One line alone stands in a column when it has more than the one blank that it needs.
        if same && (differ || last.len() > 1) { Column::At(at) } else { Column::None }
    }
}

struct Columns {
    first: Column,
    second: Column,
}

impl Columns {
    /// How many neighbours are looked at.
    const ENOUGH: usize = 50;

    fn of(block: Block<'_>, name: &str) -> Self {
        let neighbours: Vec<Directive<'_>> = block
            .children()
            .take(Self::ENOUGH)
            .filter(|child| !child.is_block() && child.name_word().starts_line())
            .collect();
        let named = |child: &&Directive<'_>| child.name_word().raw() == name.as_bytes();
        let first = |child: &Directive<'_>| gap(child.name_word(), child.argument(0)?);
        let own: Vec<_> = neighbours.iter().filter(named).filter_map(first).collect();
        let all: Vec<_> = neighbours.iter().filter_map(first).collect();
        let first = match own.last() {
            Some((_, blanks)) => Column::Blanks(blanks.clone()),
            None => match Column::of(&all) {
                // What stands between two other words says little about these.
                Column::Blanks(_) => Column::None,
                column => column,
            },
        };
        let second = neighbours.iter().filter(named);
        let second: Vec<_> =
            second.filter_map(|child| gap(child.argument(0)?, child.argument(1)?)).collect();
        Self { first, second: Column::of(&second) }
    }
}

/// How long a word is, and what stands between it and the next one, when that is blanks alone.
pub(super) fn gap(word: Word<'_>, next: Word<'_>) -> Option<(usize, String)> {
    let text = String::from_utf8_lossy(word.raw()).chars().count();
    let between = word.span().end as usize..next.span().start as usize;
    let blanks = next_blanks(word, between)?;
    Some((text, blanks))
}

fn next_blanks(word: Word<'_>, between: std::ops::Range<usize>) -> Option<String> {
    let blanks = word.tree().text().get(between)?;
    let are_blank = !blanks.is_empty() && blanks.iter().all(|byte| matches!(byte, b' ' | b'\t'));
    are_blank.then(|| String::from_utf8_lossy(blanks).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use wslint_model::source::FileId;

    fn beside(text: &str, line: &NewLine) -> String {
        let tree = wslint_grammar::parse(text.as_bytes().to_vec());
        line.beside(Block { file: FileId(0), tree: &tree, head: None })
    }

    #[test]
    fn lines_stand_in_the_columns_of_their_neighbours() {
        let line = NewLine::new("proxy_set_header", &["Upgrade", "$http_upgrade"]);
        let plain = "proxy_set_header Upgrade $http_upgrade;";
        assert_eq!(beside("", &line), plain);
        assert_eq!(beside("proxy_set_header Host $host;\nproxy_pass x;\n", &line), plain);
        let text = "proxy_set_header Host      $host;\nproxy_set_header X-Real-IP $remote_addr;\n";
        assert_eq!(beside(text, &line), "proxy_set_header Upgrade   $http_upgrade;");
        let text = "proxy_set_header\tHost\t$host;\n";
        assert_eq!(beside(text, &line), "proxy_set_header\tUpgrade\t$http_upgrade;");
        let text = "proxy_pass         http://b;\nproxy_http_version 1.1;\n";
        assert_eq!(beside(text, &line), "proxy_set_header   Upgrade $http_upgrade;");
    }
}
