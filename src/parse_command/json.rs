//! JSON piece by piece: what a serde `Serialize` would need recursion or a whole value for.

use std::io;

use serde_json::ser::Formatter;

/// Writes one JSON value whose objects and arrays are begun and ended by hand.
///
/// Escapes and layout are serde_json's: strings go through its serializer, everything between
/// them through its [`Formatter`]. What is put together has to be a JSON value: each `begin` with
/// its `end`, in an object each value behind a [`Json::key`].
pub(super) struct Json<W, F> {
    out: W,
    formatter: F,
    /// The objects and arrays that are begun and not ended.
    open: Vec<Open>,
}

struct Open {
    is_array: bool,
    is_empty: bool,
}

impl<W: io::Write, F: Formatter> Json<W, F> {
    pub(super) fn new(out: W, formatter: F) -> Self {
        Self { out, formatter, open: Vec::new() }
    }

    pub(super) fn begin_object(&mut self) -> io::Result<()> {
        self.before_value()?;
        self.open.push(Open { is_array: false, is_empty: true });
        self.formatter.begin_object(&mut self.out)
    }

    pub(super) fn end_object(&mut self) -> io::Result<()> {
        self.open.pop();
        self.formatter.end_object(&mut self.out)?;
        self.after_value()
    }

    pub(super) fn begin_array(&mut self) -> io::Result<()> {
        self.before_value()?;
        self.open.push(Open { is_array: true, is_empty: true });
        self.formatter.begin_array(&mut self.out)
    }

    pub(super) fn end_array(&mut self) -> io::Result<()> {
        self.open.pop();
        self.formatter.end_array(&mut self.out)?;
        self.after_value()
    }

    /// The name of the value that comes next in an object.
    pub(super) fn key(&mut self, key: &str) -> io::Result<()> {
        let is_first = self.take_first();
        self.formatter.begin_object_key(&mut self.out, is_first)?;
        serde_json::to_writer(&mut self.out, key)?;
        self.formatter.end_object_key(&mut self.out)?;
        self.formatter.begin_object_value(&mut self.out)
    }

    pub(super) fn text(&mut self, text: &str) -> io::Result<()> {
        self.before_value()?;
        serde_json::to_writer(&mut self.out, text)?;
        self.after_value()
    }

    pub(super) fn number(&mut self, number: u64) -> io::Result<()> {
        self.before_value()?;
        self.formatter.write_u64(&mut self.out, number)?;
        self.after_value()
    }

    pub(super) fn text_field(&mut self, key: &str, text: &str) -> io::Result<()> {
        self.key(key)?;
        self.text(text)
    }

    pub(super) fn number_field(&mut self, key: &str, number: impl Into<u64>) -> io::Result<()> {
        self.key(key)?;
        self.number(number.into())
    }

    fn before_value(&mut self) -> io::Result<()> {
        if self.open.last().is_some_and(|open| open.is_array) {
            let is_first = self.take_first();
            self.formatter.begin_array_value(&mut self.out, is_first)?;
        }
        Ok(())
    }

    fn after_value(&mut self) -> io::Result<()> {
        match self.open.last() {
            Some(Open { is_array: true, .. }) => self.formatter.end_array_value(&mut self.out),
            Some(_) => self.formatter.end_object_value(&mut self.out),
            None => Ok(()),
        }
    }

    fn take_first(&mut self) -> bool {
        self.open.last_mut().is_some_and(|open| std::mem::take(&mut open.is_empty))
    }
}
