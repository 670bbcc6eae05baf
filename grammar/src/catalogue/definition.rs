//! What nginx demands of a directive.

use std::fmt;

use super::{Context, ContextSet, Version};

/// One row of the catalogue: a directive as one module defines it for some contexts and versions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Definition {
    /// Where it may stand.
    pub contexts: ContextSet,
    /// How many arguments it takes.
    pub arguments: ArgumentCount,
    /// What follows the arguments.
    pub body: Body,
    /// Whether it may stand twice at one level.
    pub repeat: Repeat,
    /// How nginx checks the arguments.
    pub value: Value,
    /// The module, as nginx.org names it, without `ngx_` and `_module`: `http_proxy`.
    pub module: &'static str,
    /// Which builds of nginx have it.
    pub availability: Availability,
    /// The first version with this definition; `None` if 1.0.0 had it already.
    pub since: Option<Version>,
    /// The first version without it.
    pub until: Option<Version>,
    /// Whether nginx replaces `$name` in the arguments, or takes it for the name of a variable to define.
    /// Where this is false, a dollar sign is plain text.
    pub variables: bool,
}

impl Definition {
    /// Whether this version of nginx has the definition.
    #[must_use]
    pub fn exists_in(&self, version: Version) -> bool {
        self.since.is_none_or(|since| version >= since)
            && self.until.is_none_or(|until| version < until)
    }
}

/// How many arguments a directive takes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ArgumentCount {
    /// One, `on` or `off`.
    Flag,
    /// Any number from this one on.
    AtLeast(u8),
    /// One of a few numbers: bit `n` is set when `n` arguments will do.
    OneOf(u8),
}

impl ArgumentCount {
    /// Whether nginx takes so many arguments.
    #[must_use]
    pub const fn accepts(self, count: usize) -> bool {
        match self {
            ArgumentCount::Flag => count == 1,
            ArgumentCount::AtLeast(least) => count >= least as usize,
            ArgumentCount::OneOf(mask) => count < 8 && mask >> count & 1 == 1,
        }
    }
}

impl ArgumentCount {
    /// Whether nginx would take a larger number of arguments than this one.
    #[must_use]
    pub const fn wants_more_than(self, count: usize) -> bool {
        match self {
            ArgumentCount::Flag => count < 1,
            ArgumentCount::AtLeast(least) => count < least as usize,
            ArgumentCount::OneOf(mask) => count < 7 && mask >> (count + 1) != 0,
        }
    }
}

impl fmt::Display for ArgumentCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            ArgumentCount::Flag => f.write_str("on or off"),
            ArgumentCount::AtLeast(0) => f.write_str("any number"),
            ArgumentCount::AtLeast(least) => write!(f, "at least {least}"),
            ArgumentCount::OneOf(mask) => {
                let mut left = mask.count_ones();
                for count in (0..8).filter(|count| mask >> count & 1 == 1) {
                    left -= 1;
                    let separator = match left {
                        0 => "",
                        1 => " or ",
                        _ => ", ",
                    };
                    write!(f, "{count}{separator}")?;
                }
                Ok(())
            }
        }
    }
}

/// What follows a directive's arguments.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Body {
    /// A semicolon.
    None,
    /// A block of directives, read in this context.
    Directives(Context),
    /// A block whose lines are data in the shape of directives, as in `map`.
    Data,
    /// A block of another language, as in `content_by_lua_block`.
    Raw,
}

/// Whether a directive may stand twice at one level.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Repeat {
    /// The second one stops nginx: `"…" directive is duplicate`.
    Once,
    /// Each adds to the others or replaces them.
    Many,
}

/// How nginx checks the arguments of a directive.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Value {
    /// `on` or `off`.
    Flag,
    /// A number, within these bounds if there are any.
    Number(Option<(i32, i32)>),
    /// A size: digits, then perhaps `k` or `m`.
    Size,
    /// A size that may also end with `g`.
    Offset,
    /// A time, counted in milliseconds.
    Milliseconds,
    /// A time, counted in seconds.
    Seconds,
    /// Any text.
    Text,
    /// A number of buffers and their size.
    Buffers,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// Any of these words, in any number.
    AnyOf(&'static [&'static str]),
    /// Permissions such as `group:rw`.
    Access,
    /// The module has its own way.
    Custom,
}

/// Which builds of nginx know a directive.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Availability {
    /// Every build that did not leave it out.
    Stock,
    /// Builds that were configured `--with-…`; most packages are.
    With,
    /// As [`With`](Availability::With), but packages ship it as a module to load, or not at all.
    Dynamic,
    /// Builds for systems other than Linux.
    Platform,
    /// NGINX Plus.
    Commercial,
    /// Modules that are not part of nginx.
    ThirdParty,
}
