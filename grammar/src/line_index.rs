//! From byte offsets to lines and columns.

/// A place as people count it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line, from 1. Only LF ends a line, as in nginx (`ngx_conf_read_token`).
    pub line: u32,
    /// The column, from 1, in Unicode scalar values.
    ///
    /// In text that is not UTF-8, a continuation byte (`0x80..=0xBF`) that stands alone counts
    /// with the byte before it.
    pub column: u32,
}

/// The line table of one text, made once and asked for any number of offsets.
///
/// A question costs a binary search and a look at no more than 512 bytes, however long the line
/// is.
#[derive(Debug)]
pub struct LineIndex {
    /// Offset of the first byte of each line.
    line_starts: Vec<u32>,
    /// How many scalar values start before each multiple of `STRIDE`; empty for pure ASCII.
    scalars_before: Vec<u32>,
}

impl LineIndex {
    const STRIDE: usize = 512;

    /// Reads `text` once.
    pub fn new(text: &[u8]) -> Self {
        let mut line_starts = vec![0];
        line_starts.extend(memchr::memchr_iter(b'\n', text).map(|newline| newline as u32 + 1));
        let mut scalars_before = Vec::new();
        if !text.is_ascii() {
            let mut count = 0;
            for chunk in text.chunks(Self::STRIDE) {
                scalars_before.push(count);
                count += count_scalars(chunk);
            }
            scalars_before.push(count);
        }
        Self { line_starts, scalars_before }
    }

    /// How many lines there are; a text without LF has one.
    pub fn line_count(&self) -> usize {
        self.line_starts.len()
    }

    /// The offset of the first byte of the line that holds `offset`.
    pub fn line_start(&self, offset: u32) -> u32 {
        self.line_starts[self.line_starts.partition_point(|&start| start <= offset) - 1]
    }

    /// Line and column of `offset` in `text`, which is the text that the index was made from.
    pub fn position(&self, text: &[u8], offset: u32) -> Position {
        let line = self.line_starts.partition_point(|&start| start <= offset);
        let start = self.line_starts[line - 1];
        let scalars = if self.scalars_before.is_empty() {
            offset - start
        } else {
            self.scalars_until(text, offset) - self.scalars_until(text, start)
        };
        Position { line: line as u32, column: scalars + 1 }
    }

    fn scalars_until(&self, text: &[u8], offset: u32) -> u32 {
        let stride = offset as usize / Self::STRIDE;
        let counted = self.scalars_before[stride];
        counted + count_scalars(&text[stride * Self::STRIDE..offset as usize])
    }
}

fn count_scalars(bytes: &[u8]) -> u32 {
    bytes.iter().filter(|&&byte| byte & 0xC0 != 0x80).count() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn position(text: &[u8], offset: u32) -> (u32, u32) {
        let position = LineIndex::new(text).position(text, offset);
        (position.line, position.column)
    }

    #[test]
    fn lines_and_columns_count_from_one() {
        assert_eq!(position(b"", 0), (1, 1));
        assert_eq!(position(b"ab\ncd", 1), (1, 2));
        assert_eq!(position(b"ab\ncd", 2), (1, 3));
        assert_eq!(position(b"ab\ncd", 3), (2, 1));
        assert_eq!(position(b"ab\n", 3), (2, 1));
    }

    #[test]
    fn carriage_returns_end_no_line() {
        assert_eq!(position(b"a\r\nb\rc", 5), (2, 3));
    }

    #[test]
    fn columns_count_scalar_values() {
        let text = "# Größe 😀 x\n".as_bytes();
        let offset = text.iter().position(|&byte| byte == b'x').unwrap();
        assert_eq!(position(text, offset as u32), (1, 11));
    }

    #[test]
    fn columns_are_right_far_into_a_long_line() {
        let text = "ä".repeat(10_000);
        assert_eq!(position(text.as_bytes(), 20_000), (1, 10_001));
        assert_eq!(position(text.as_bytes(), 19_998), (1, 10_000));
    }
}
