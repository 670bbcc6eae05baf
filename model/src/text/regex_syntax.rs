//! Regular expressions that surely do not compile.
//!
//! nginx compiles them with PCRE2 (`ngx_regex_compile` in nginx, src/core/ngx_regex.c), before 1.21.5
//! with PCRE. This reads the syntax as pcre2pattern(3) describes it, as far as it is plain: where
//! a pattern uses what differs between releases of the library, there is no verdict.

mod class;
mod escape;
mod group;

/// Why a pattern does not compile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Where the library stops.
    pub at: usize,
    /// The library's own words.
    pub reason: &'static str,
    /// Whether the older PCRE refuses it too.
    pub(crate) in_pcre1: bool,
}

/// Why there is no more to be said of a pattern.
enum Stop {
    /// It does not compile.
    Invalid(Fault),
    /// It uses something of which nothing is known here.
    Unknown,
}

type Step<T> = Result<T, Stop>;

fn invalid<T>(at: usize, reason: &'static str) -> Step<T> {
    Err(Stop::Invalid(Fault { at, reason, in_pcre1: true }))
}

/// What only PCRE2 refuses.
fn invalid_in_pcre2<T>(at: usize, reason: &'static str) -> Step<T> {
    Err(Stop::Invalid(Fault { at, reason, in_pcre1: false }))
}

/// What is surely wrong with a pattern, if anything is.
pub(crate) fn fault(pattern: &[u8]) -> Option<Fault> {
    let mut reader = Reader { text: pattern, ..Reader::default() };
    match reader.read() {
        Err(Stop::Invalid(fault)) => Some(fault),
        Ok(()) | Err(Stop::Unknown) => None,
    }
}

/// How many groups of a pattern capture; `None` where that is not certain.
pub(crate) fn captures(pattern: &[u8]) -> Option<usize> {
    let mut reader = Reader { text: pattern, ..Reader::default() };
    reader.read().ok()?;
    Some(reader.captures)
}

/// What to do about a fault.
pub(crate) fn help(fault: &Fault) -> &'static str {
    if fault.reason == NOT_REPEATABLE {
        "any text is `.*` in a regular expression; `*`, `+` and `?` as themselves need a backslash"
    } else {
        "correct the regular expression; a character that is meant as itself needs a backslash, and \
         one with `{`, `}` or `;` in it needs quotes"
    }
}

const NOT_REPEATABLE: &str = "quantifier does not follow a repeatable item";

enum Reference<'t> {
    /// `\1` to `\9`; what is longer may be an octal number.
    Number(usize),
    Name(&'t [u8]),
}

#[derive(Default)]
struct Reader<'t> {
    text: &'t [u8],
    at: usize,
    /// How many groups are open.
    open: usize,
    captures: usize,
    names: Vec<&'t [u8]>,
    /// What refers to groups, and where.
    references: Vec<(Reference<'t>, usize)>,
}

impl<'t> Reader<'t> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn rest(&self) -> &'t [u8] {
        &self.text[self.at.min(self.text.len())..]
    }

    fn take(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    /// Moves behind `text`, if it comes next.
    fn skip(&mut self, text: &[u8]) -> bool {
        let comes = self.rest().starts_with(text);
        self.at += if comes { text.len() } else { 0 };
        comes
    }

    fn skip_while(&mut self, accepts: impl Fn(u8) -> bool) -> &'t [u8] {
        let start = self.at;
        while self.peek().is_some_and(&accepts) {
            self.at += 1;
        }
        &self.text[start..self.at]
    }

    fn read(&mut self) -> Step<()> {
        // Whether a quantifier may come next.
        let mut repeatable = false;
        while let Some(byte) = self.take() {
            repeatable = match byte {
                b'\\' => match self.escape()? {
                    Some(repeatable) => repeatable,
                    // `\E` and `\Q…\E` without a text leave it as it was.
                    None => continue,
                },
                b'[' => {
                    self.class()?;
                    true
                }
                b'(' => self.group()?,
                b')' => {
                    if self.open == 0 {
                        return invalid(self.at - 1, "unmatched closing parenthesis");
                    }
                    self.open -= 1;
                    true
                }
                b'|' | b'^' | b'$' => false,
                b'*' | b'+' | b'?' => {
                    self.quantifier(repeatable)?;
                    false
                }
                b'{' => match self.counts()? {
                    true => {
                        self.quantifier(repeatable)?;
                        false
                    }
                    false => true,
                },
                _ => true,
            };
        }
        if self.open > 0 {
            return invalid(self.text.len(), "missing closing parenthesis");
        }
        self.references()
    }

    /// Behind a quantifier: was there something to repeat?
    fn quantifier(&mut self, repeatable: bool) -> Step<()> {
        if !repeatable {
            // PCRE lets some quantifiers follow each other.
            return invalid_in_pcre2(self.at - 1, NOT_REPEATABLE);
        }
        if matches!(self.peek(), Some(b'+' | b'?')) {
            self.at += 1;
        }
        Ok(())
    }

    /// Behind `{`: whether it begins a quantifier, which is then read.
    fn counts(&mut self) -> Step<bool> {
        let start = self.at;
        let body = self.skip_while(|byte| byte != b'}');
        let mut looks_newer = body.iter().any(|byte| b" \t".contains(byte));
        looks_newer |= body.first() == Some(&b',');
        let is_new = looks_newer
            && self.peek() == Some(b'}')
            && body.iter().all(|byte| byte.is_ascii_digit() || b", \t".contains(byte));
        self.at = start;
        if is_new {
            // `{,3}` and blanks are quantifiers from PCRE2 10.43 on, and plain text before.
            return Err(Stop::Unknown);
        }
        let least = self.skip_while(|byte| byte.is_ascii_digit()).len();
        let least_end = self.at;
        let comma = self.skip(b",");
        let most = self.skip_while(|byte| byte.is_ascii_digit()).len();
        let most_end = self.at;
        if least == 0 || !self.skip(b"}") {
            self.at = start;
            return Ok(false);
        }
        let number = |range: std::ops::Range<usize>| -> Step<u32> {
            let digits = &self.text[range.clone()];
            let mut number = 0u32;
            for (index, digit) in digits.iter().enumerate() {
                number = number * 10 + u32::from(digit - b'0');
                if number > 65535 {
                    let at = range.start + index + 1;
                    return invalid(at, "number too big in {} quantifier");
                }
            }
            Ok(number)
        };
        let low = number(start..least_end)?;
        if comma && most > 0 && number(most_end - most..most_end)? < low {
            return invalid(self.at - 1, "numbers out of order in {} quantifier");
        }
        Ok(true)
    }

    /// Whether all groups exist that are referred to.
    fn references(&self) -> Step<()> {
        let missing = self.references.iter().find(|(reference, _)| match reference {
            Reference::Number(number) => *number > self.captures,
            Reference::Name(name) => !self.names.contains(name),
        });
        match missing {
            Some(&(_, at)) => invalid(at, "reference to non-existent subpattern"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn reason(pattern: &str) -> Option<&'static str> {
        fault(pattern.as_bytes()).map(|fault| fault.reason)
    }

    #[test]
    fn patterns_that_compile() {
        for pattern in [
            "",
            r"\.php$",
            "^/(?!api)(?<rest>.*)$",
            r"^~?[\w.-]+(?:/|$)",
            "a{2,3}b{4}c{5,}d{x}e{",
            "[]a][^]b][[:alpha:]-][a-]",
            r"(a)(b)\2\1\10",
            r"(?P<a>b)(?P=a)\k<a>\k{a}",
            r"(?i)a(?-i:b)(?#note)c",
            "a*?b++c??",
            r"\Q(\E\x41\x{41}\d\bx",
            "(?=a)*(?:b)+(?>c)",
            r"[\]\[\\]",
            "()",
            "|",
        ] {
            assert_eq!(fault(pattern.as_bytes()), None, "{pattern}");
        }
    }

    #[test]
    fn patterns_without_a_verdict() {
        for pattern in ["(?|(a", "(*UTF8)(", "a{,3}{", "(?x) # (", "(?1", r"\p{Greek}("] {
            assert_eq!(fault(pattern.as_bytes()), None, "{pattern}");
        }
    }

    #[test]
    fn patterns_that_do_not_compile() {
        for (pattern, at, expected) in [
            ("*.php", 0, NOT_REPEATABLE),
            ("a|*b", 2, NOT_REPEATABLE),
            ("a**", 2, NOT_REPEATABLE),
            ("^{2}", 3, NOT_REPEATABLE),
            ("(a", 2, "missing closing parenthesis"),
            ("(?", 2, "missing closing parenthesis"),
            ("a)b", 1, "unmatched closing parenthesis"),
            ("[a-z", 4, "missing terminating ] for character class"),
            ("[]", 2, "missing terminating ] for character class"),
            ("[z-a]", 3, "range out of order in character class"),
            ("[[:foo:]]", 3, "unknown POSIX class name"),
            ("[:alpha:]+", 0, "POSIX named classes are supported only within a class"),
            ("a{3,2}", 5, "numbers out of order in {} quantifier"),
            ("a{70000}", 7, "number too big in {} quantifier"),
            ("a\\", 2, "\\ at end of pattern"),
            ("(a)\\2", 4, "reference to non-existent subpattern"),
            ("(?z)", 2, "unrecognized character after (? or (?-"),
            ("(?<1>a)", 3, "subpattern name must start with a non-digit"),
            ("(?<a", 4, "syntax error in subpattern name (missing terminator?)"),
            ("(?Pa)", 3, "unrecognized character after (?P"),
            ("(?#a", 4, "missing ) after (?# comment"),
        ] {
            let fault = fault(pattern.as_bytes()).expect(pattern);
            assert_eq!((fault.at, fault.reason), (at, expected), "{pattern}");
        }
        assert_eq!(
            reason("(?<n>a)(?<n>b)"),
            Some("two named subpatterns have the same name (PCRE2_DUPNAMES not set)")
        );
    }

    #[test]
    fn groups_that_capture() {
        assert_eq!(captures(br"^(.+\.php)(/.+)$"), Some(2));
        assert_eq!(captures(b"(?:a)(?<b>c)(?=d)"), Some(1));
        assert_eq!(captures(b"(?|(a)|(b))"), None);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(pattern: Vec<u8>) {
            fault(&pattern);
        }

        #[test]
        fn no_syntax_makes_it_panic(pattern in r"([\[\]()?:<>a1=!|*+{},\\^$#&PQEkgx-]|\[:|\(\?){0,16}") {
            if let Some(fault) = fault(pattern.as_bytes()) {
                prop_assert!(fault.at <= pattern.len());
            }
        }
    }
}
