//! Where logs go over the network (`ngx_syslog_parse_args` in nginx, src/core/ngx_syslog.c).

use super::{Line, refuse, shown};
use crate::text::url::{self, Use};
use crate::text::value::{Refused, one_of};

const FACILITIES: [&str; 24] = [
    "kern", "user", "mail", "daemon", "auth", "intern", "lpr", "news", "uucp", "clock", "authpriv",
    "ftp", "ntp", "audit", "alert", "cron", "local0", "local1", "local2", "local3", "local4",
    "local5", "local6", "local7",
];

const SEVERITIES: [&str; 8] =
    ["emerg", "alert", "crit", "error", "warn", "notice", "info", "debug"];

/// Checks the first argument, which begins with `syslog:`.
pub(super) fn check(line: &Line<'_>) -> Option<Refused> {
    let parameters = line.word(1).strip_prefix(b"syslog:")?;
    let mut seen: [&str; 4] = [""; 4];
    let mut has_server = false;
    for parameter in parameters.split(|&byte| byte == b',') {
        let value = |key: &[u8]| parameter.strip_prefix(key);
        let bad = |message: String, expected: &str| refuse(1, message, expected);
        let mut is_second =
            |slot: usize, name: &'static str| std::mem::replace(&mut seen[slot], name) == name;
        if let Some(server) = value(b"server=") {
            if is_second(0, "server") {
                return bad("duplicate syslog \"server\"".to_owned(), "one server");
            }
            has_server = true;
            if let Err(error) = url::parse(server, Use::Server) {
                let message = format!("{error} in syslog server \"{}\"", shown(server));
                return bad(message, "`server=ADDRESS`, with a port perhaps, or `unix:PATH`");
            }
        } else if let Some(facility) = value(b"facility=") {
            if is_second(1, "facility") {
                return bad("duplicate syslog \"facility\"".to_owned(), "one facility");
            }
            if !FACILITIES.iter().any(|known| known.as_bytes() == facility) {
                let message = format!("unknown syslog facility \"{}\"", shown(facility));
                return bad(message, "a facility such as `local7`");
            }
        } else if let Some(severity) = value(b"severity=") {
            if is_second(2, "severity") {
                return bad("duplicate syslog \"severity\"".to_owned(), "one severity");
            }
            if !SEVERITIES.iter().any(|known| known.as_bytes() == severity) {
                let message = format!("unknown syslog severity \"{}\"", shown(severity));
                return bad(message, &one_of(&SEVERITIES));
            }
        } else if let Some(tag) = value(b"tag=") {
            if is_second(3, "tag") {
                return bad("duplicate syslog \"tag\"".to_owned(), "one tag");
            }
            if tag.len() > 32 {
                return bad("syslog tag length exceeds 32".to_owned(), "a shorter tag");
            }
            if tag.iter().any(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_') {
                let message =
                    "syslog \"tag\" only allows alphanumeric characters and underscore".to_owned();
                return bad(message, "letters, digits and `_`");
            }
        } else if parameter != b"nohostname" {
            let message = format!("unknown syslog parameter \"{}\"", shown(parameter));
            return bad(message, "`server=`, `facility=`, `severity=`, `tag=` and `nohostname`");
        }
    }
    if has_server {
        return None;
    }
    refuse(1, "no syslog server specified".to_owned(), "`server=ADDRESS` behind `syslog:`")
}
