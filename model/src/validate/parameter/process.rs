//! Processes and events.

use wslint_grammar::catalogue::directive as d;

use super::{Line, Row, refuse, shown};
use crate::text::value::{Refused, number};

pub(super) const PLAIN: &[Row] = &[
    (d::WORKER_PROCESSES, worker_processes),
    (d::WORKER_PRIORITY, worker_priority),
    (d::WORKER_CPU_AFFINITY, worker_cpu_affinity),
    (d::WORKER_CONNECTIONS, worker_connections),
    (d::THREAD_POOL, thread_pool),
    (d::USE, event_method),
];

/// `ngx_set_worker_processes`
fn worker_processes(line: &Line<'_>) -> Option<Refused> {
    if line.word(1) == b"auto" || number(line.word(1)).is_some() {
        return None;
    }
    line.invalid_value(1, "a number or `auto`")
}

/// `ngx_set_priority`
fn worker_priority(line: &Line<'_>) -> Option<Refused> {
    let word = line.word(1);
    if number(word.strip_prefix(b"-").or(word.strip_prefix(b"+")).unwrap_or(word)).is_some() {
        return None;
    }
    line.refuse_directive(1, "invalid number", "a number, with a sign perhaps")
}

/// `ngx_set_cpu_affinity`
fn worker_cpu_affinity(line: &Line<'_>) -> Option<Refused> {
    // Only Linux and FreeBSD look at it, and packages are for these.
    let first = if line.word(1) == b"auto" { 2 } else { 1 };
    if first == 2 && line.count() > 3 {
        let message = "invalid number of arguments in \"worker_cpu_affinity\" directive".to_owned();
        return refuse(3, message, "one mask behind `auto`");
    }
    line.words_from(first).find_map(|(at, mask)| {
        // From the last byte on, as nginx does.
        let odd = mask.iter().rev().find(|byte| !b"01 ".contains(byte))?;
        let message =
            format!("invalid character \"{}\" in \"worker_cpu_affinity\"", shown(&[*odd]));
        refuse(at, message, "`auto`, or masks of `0` and `1`")
    })
}

/// `ngx_event_connections`
fn worker_connections(line: &Line<'_>) -> Option<Refused> {
    if number(line.word(1)).is_some() {
        return None;
    }
    refuse(1, format!("invalid number \"{}\"", line.shown(1)), "a number")
}

/// `ngx_thread_pool`
fn thread_pool(line: &Line<'_>) -> Option<Refused> {
    let mut threads = false;
    for (at, word) in line.words_from(2) {
        if let Some(count) = word.strip_prefix(b"threads=") {
            threads = number(count).is_some_and(|count| count > 0);
            if !threads {
                let message = format!("invalid threads value \"{}\"", line.shown(at));
                return refuse(at, message, "a number from 1 on");
            }
        } else if let Some(count) = word.strip_prefix(b"max_queue=")
            && number(count).is_none()
        {
            let message = format!("invalid max_queue value \"{}\"", line.shown(at));
            return refuse(at, message, "a number");
        }
    }
    if threads { None } else { line.missing("\"threads\" parameter") }
}

/// `ngx_event_use`. Which of the methods there are depends on the system.
fn event_method(line: &Line<'_>) -> Option<Refused> {
    const METHODS: [&str; 10] = [
        "select",
        "poll",
        "epoll",
        "kqueue",
        "/dev/poll",
        "eventport",
        "rtsig",
        "iocp",
        "aio",
        "devpoll",
    ];
    if METHODS.iter().any(|method| method.as_bytes() == line.word(1)) {
        return None;
    }
    let message = format!("invalid event type \"{}\"", line.shown(1));
    refuse(1, message, "`epoll`, `kqueue`, `poll` or `select`")
}
