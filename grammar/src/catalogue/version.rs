//! Versions of nginx. The build script reads the data files with this same module.

use std::str::FromStr;
use std::{error, fmt};

/// A version of nginx, such as 1.29.7.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Version {
    /// The first number.
    pub major: u16,
    /// The second number; odd in mainline, even in stable releases.
    pub minor: u16,
    /// The third number.
    pub patch: u16,
}

impl Version {
    /// The version with these numbers.
    #[must_use]
    pub const fn new(major: u16, minor: u16, patch: u16) -> Version {
        Version { major, minor, patch }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl FromStr for Version {
    type Err = ParseVersionError;

    fn from_str(text: &str) -> Result<Version, ParseVersionError> {
        let mut numbers = text.split('.').map(|number| {
            // `parse` alone would take a sign: "1.+2.3".
            let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
            number.parse().ok().filter(|_| digits)
        });
        let mut next = || numbers.next().flatten().ok_or(ParseVersionError);
        let version = Version::new(next()?, next()?, next()?);
        match numbers.next() {
            None => Ok(version),
            Some(_) => Err(ParseVersionError),
        }
    }
}

/// The text is not three numbers with dots between them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ParseVersionError;

impl fmt::Display for ParseVersionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a version of nginx has three numbers, such as 1.29.7")
    }
}

impl error::Error for ParseVersionError {}
