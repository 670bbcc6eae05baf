//! Marks of templates in arguments: what stands there is put in before nginx reads it, so that
//! nothing can be said about it.

/// Whether a text is open: a template has yet to fill something in. `${NAME}` counts, because
/// `envsubst` fills it in.
pub fn stands_in(text: &[u8]) -> bool {
    in_words(std::iter::once(text))
}

/// Whether a name may have something in it that a template, or a variable, fills in. Names hardly
/// ever have such a character of their own.
pub fn may_stand_in(name: &[u8]) -> bool {
    name.iter().any(|&byte| IN_NAMES[usize::from(byte)])
}

/// The characters of [`may_stand_in`].
static IN_NAMES: [bool; 256] = {
    let mut found = [false; 256];
    let marks = b"${}<>%@";
    let mut index = 0;
    while index < marks.len() {
        found[marks[index] as usize] = true;
        index += 1;
    }
    found
};

/// What a mark begins or ends with: 1. An underscore is 2, because it takes two of them.
static IN_MARKS: [u8; 256] = {
    let mut found = [0; 256];
    let marks = b"{}<>%@[]";
    let mut index = 0;
    while index < marks.len() {
        found[marks[index] as usize] = 1;
        index += 1;
    }
    found[b'_' as usize] = 2;
    found
};

/// Whether there may be a mark in a word, or a part of one.
fn has_mark(word: &[u8]) -> bool {
    let mut previous = 0;
    let mut found = 0;
    for &byte in word {
        let this = IN_MARKS[usize::from(byte)];
        found |= this & (previous | 1);
        previous = this;
    }
    found != 0
}

/// Whether a mark of a template stands in the words, from one to another perhaps.
pub fn in_words<'t>(words: impl Iterator<Item = &'t [u8]>) -> bool {
    let mut open = [false; 5];
    for word in words {
        // Most words have none of these.
        if !has_mark(word) {
            continue;
        }
        let mut previous = b' ';
        for &byte in word {
            let pair = match byte {
                b'{' | b'}' => 0,
                b'<' | b'>' => 1,
                b'%' => 2,
                b'@' => 3,
                b'_' if previous == b'_' => 4,
                b'[' | b']' if previous == byte => return true,
                b'(' | b's' | b'd' if previous == b'%' => return true,
                _ => {
                    previous = byte;
                    continue;
                }
            };
            let closes = open[pair] && byte != b'{' && byte != b'<';
            // Two of these are a mark by themselves.
            if closes || matches!([previous, byte], [b'<', b'%'] | [b'%', b'>'] | [b'{', b'{']) {
                return true;
            }
            open[pair] |= byte != b'}' && byte != b'>';
            // `___` is one mark, not two.
            previous = if pair == 4 { b' ' } else { byte };
        }
    }
    false
}

/// Whether a dollar sign belongs to a template and not to a variable of nginx: `${{ name }}`,
/// `$<%`. `after` is what follows the dollar sign.
pub(crate) fn takes_dollar(after: &[u8]) -> bool {
    let after = after.strip_prefix(b"{").unwrap_or(after);
    matches!(after.first(), Some(b'{' | b'<' | b'%' | b'@')) || after.starts_with(b"[[")
}

/// Whether a word has a `$NAME` in it that envsubst would replace: in capitals, as variables of the
/// environment are.
pub(crate) fn has_environment_variable(word: &[u8]) -> bool {
    memchr::memchr_iter(b'$', word).any(|at| {
        let rest = &word[at + 1..];
        let length = rest.iter().take_while(|&&byte| is_environment_byte(byte)).count();
        length > 1
            && rest[0] != b'_'
            && !rest[0].is_ascii_digit()
            && !rest.get(length).is_some_and(u8::is_ascii_lowercase)
    })
}

/// What names of the environment's variables are made of.
pub(crate) fn is_environment_byte(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> bool {
        in_words(text.split(' ').map(str::as_bytes))
    }

    #[test]
    fn marks() {
        for text in [
            "${PORT}",
            "{{ port }}",
            "a <port> b",
            "%PORT%",
            "@PORT@",
            "<%= port %>",
            "__PORT__",
            "%(port)s",
            "[[ port ]]",
            "{port}",
        ] {
            assert!(found(text), "{text}");
        }
    }

    #[test]
    fn plain_words() {
        for text in ["80", "50%", "o}n", "user@host", "a__b", "$port", ">1", "[::1]:80", "a{2"] {
            assert!(!found(text), "{text}");
        }
    }

    #[test]
    fn variables_of_the_environment_are_in_capitals() {
        for word in ["$PORT", "http://$APP_HOST:80", "a$X1-", "$PORT/x"] {
            assert!(has_environment_variable(word.as_bytes()), "{word}");
        }
        for word in ["$host", "$1", "$Host", "$a$b", "$", "x$", "$Xy", "^/a$"] {
            assert!(!has_environment_variable(word.as_bytes()), "{word}");
        }
    }
}
