//! What was meant by a text that nginx does not take for a time.

use super::value::is_time;

/// What a text was probably meant for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mistaken {
    /// This time, as nginx reads it: there is no other plausible reading.
    For(String),
    /// No end at all.
    Never,
    /// The value of a variable.
    Variable,
    /// Months, or minutes.
    Months,
    /// It cannot be told.
    Unreadable,
}

/// Reads a text that is no time for nginx.
pub fn read(text: &[u8], in_seconds: bool) -> Mistaken {
    let Ok(text) = std::str::from_utf8(text) else { return Mistaken::Unreadable };
    let text = text.trim();
    if text.contains('$') {
        return Mistaken::Variable;
    }
    let is_negative = text.strip_prefix('-').is_some_and(|rest| rest.starts_with(is_digit));
    if is_negative || NEVER.iter().any(|word| text.eq_ignore_ascii_case(word)) {
        return Mistaken::Never;
    }
    let Some(parts) = parts(text) else { return Mistaken::Unreadable };
    if parts.iter().any(|&(_, unit)| unit == "M") && !in_seconds {
        return Mistaken::Months;
    }
    match written(&parts, in_seconds) {
        Some(time) if is_time(time.as_bytes(), in_seconds) => Mistaken::For(time),
        _ => Mistaken::Unreadable,
    }
}

/// Words for a time without end.
const NEVER: [&str; 9] =
    ["off", "no", "none", "never", "infinity", "infinite", "unlimited", "forever", "disabled"];

fn is_digit(character: char) -> bool {
    character.is_ascii_digit()
}

/// Splits `1hr 30min` into numbers and what stands behind each.
fn parts(text: &str) -> Option<Vec<(&str, &str)>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|it: char| !it.is_ascii_digit() && it != '.').unwrap_or(rest.len());
        let (number, behind) = rest.split_at(end);
        let behind = behind.trim_start();
        let end = behind.find(|it: char| !it.is_ascii_alphabetic()).unwrap_or(behind.len());
        let (unit, behind) = behind.split_at(end);
        // Whoever reads it should see at once what became of it.
        if !number.starts_with(is_digit) || number.len() > 9 || parts.len() == 4 {
            return None;
        }
        parts.push((number, unit));
        rest = behind.trim_start();
    }
    (!parts.is_empty()).then_some(parts)
}

/// A unit by its name: nginx's own, and its length in milliseconds.
fn unit(name: &str) -> Option<(&'static str, u64)> {
    const SECOND: u64 = 1000;
    const DAY: u64 = 24 * 60 * 60 * SECOND;
    // `M` is nobody's minute and everybody's.
    let name = if name == "M" { "month" } else { &name.to_ascii_lowercase() };
    Some(match name {
        "ms" | "msec" | "msecs" | "millis" | "millisecond" | "milliseconds" => ("ms", 1),
        "" | "s" | "sec" | "secs" | "second" | "seconds" => ("s", SECOND),
        "m" | "min" | "mins" | "minute" | "minutes" => ("m", 60 * SECOND),
        "h" | "hr" | "hrs" | "hour" | "hours" => ("h", 60 * 60 * SECOND),
        "d" | "day" | "days" => ("d", DAY),
        "w" | "wk" | "wks" | "week" | "weeks" => ("w", 7 * DAY),
        "mo" | "mon" | "month" | "months" => ("M", 30 * DAY),
        "y" | "yr" | "yrs" | "year" | "years" => ("y", 365 * DAY),
        _ => return None,
    })
}

/// The parts in nginx's own units; fractions and units that are not read here in smaller ones.
fn written(parts: &[(&str, &str)], in_seconds: bool) -> Option<String> {
    let mut time = String::new();
    for &(number, name) in parts {
        let (unit, length) = unit(name)?;
        let is_read = match unit {
            "ms" => !in_seconds,
            "M" | "y" => in_seconds,
            _ => true,
        };
        if is_read && !number.contains('.') {
            time.push_str(number);
            time.push_str(unit);
        } else {
            time.push_str(&in_whole_units(milliseconds(number, length)?, in_seconds)?);
        }
    }
    Some(time)
}

/// A number, perhaps with a fraction, of units of that length; `None` when it does not come out
/// even.
fn milliseconds(number: &str, length: u64) -> Option<u64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let scale = 10_u64.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let fraction = if fraction.is_empty() { 0 } else { fraction.parse::<u64>().ok()? };
    let parts = whole.parse::<u64>().ok()?.checked_mul(scale)?.checked_add(fraction)?;
    let product = parts.checked_mul(length)?;
    (product % scale == 0).then_some(product / scale)
}

/// A time in the largest of the units that all directives read and that it is a multiple of.
fn in_whole_units(milliseconds: u64, in_seconds: bool) -> Option<String> {
    let units = [(24 * 60 * 60 * 1000, "d"), (60 * 60 * 1000, "h"), (60 * 1000, "m"), (1000, "s")];
    let fits = |&&(length, _): &&(u64, &str)| milliseconds.is_multiple_of(length);
    match units.iter().find(fits) {
        Some((length, unit)) => Some(format!("{}{unit}", milliseconds / length)),
        None => (!in_seconds).then(|| format!("{milliseconds}ms")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_meant() {
        for (text, time) in [
            ("1hr", "1h"),
            ("60sec", "60s"),
            ("60S", "60s"),
            ("1 hour", "1h"),
            ("1hr 30min", "1h30m"),
            ("5 minutes", "5m"),
            ("1.5h", "90m"),
            ("0.5", "500ms"),
            ("1y", "365d"),
            ("2months", "60d"),
            ("1day", "1d"),
            ("300msec", "300ms"),
        ] {
            assert!(!is_time(text.as_bytes(), false), "{text}");
            assert_eq!(read(text.as_bytes(), false), Mistaken::For(time.to_owned()), "{text}");
        }
        assert_eq!(read(b"1yr", true), Mistaken::For("1y".to_owned()));
        assert_eq!(read(b"60000ms", true), Mistaken::For("1m".to_owned()));
    }

    #[test]
    fn what_cannot_be_told() {
        for text in ["off", "-1", "Never", "unlimited"] {
            assert_eq!(read(text.as_bytes(), false), Mistaken::Never, "{text}");
        }
        assert_eq!(read(b"$timeout", false), Mistaken::Variable);
        assert_eq!(read(b"5M", false), Mistaken::Months);
        for text in
            ["", "h", "30m 1h", "1x", "1.2345678s", "1,5h", "s60", "-", "\u{201c}60s\u{201d}"]
        {
            assert_eq!(read(text.as_bytes(), false), Mistaken::Unreadable, "{text}");
        }
        assert_eq!(read(b"500ms", true), Mistaken::Unreadable);
    }

    proptest::proptest! {
        #[test]
        fn what_is_proposed_is_a_time(text in "[0-9. a-zA-Z$-]{0,12}", in_seconds: bool) {
            if let Mistaken::For(time) = read(text.as_bytes(), in_seconds) {
                proptest::prop_assert!(is_time(time.as_bytes(), in_seconds), "{}", time);
            }
        }
    }
}
