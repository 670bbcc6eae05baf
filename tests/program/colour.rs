use super::{FAULTY, Folder, finish};

/// Whether the report is coloured; it does not go to a terminal.
fn is_coloured(options: &[&str], environment: &[(&str, &str)]) -> bool {
    let folder = Folder::with("site.conf", FAULTY);
    let mut command = folder.command(["site.conf"]);
    command.args(options).envs(environment.iter().copied());
    let outcome = finish(command, b"").expect(1);
    outcome.stdout.contains('\x1b')
}

#[test]
fn only_terminals_get_it_unasked() {
    assert!(!is_coloured(&[], &[]));
    assert!(!is_coloured(&["--color", "auto"], &[]));
}

#[test]
fn option_comes_first() {
    assert!(is_coloured(&["--color", "always"], &[]));
    assert!(is_coloured(&["--color", "always"], &[("NO_COLOR", "1")]));
    assert!(is_coloured(&["--color=always"], &[("TERM", "dumb")]));
    assert!(!is_coloured(&["--color", "never"], &[("CLICOLOR_FORCE", "1")]));
    assert!(!is_coloured(&["--color", "never"], &[("FORCE_COLOR", "1")]));
}

#[test]
fn then_no_color() {
    for force in ["CLICOLOR_FORCE", "FORCE_COLOR"] {
        assert!(!is_coloured(&[], &[("NO_COLOR", "1"), (force, "1")]));
        assert!(!is_coloured(&[], &[("NO_COLOR", "0"), (force, "1")]));
        assert!(is_coloured(&[], &[("NO_COLOR", ""), (force, "1")]));
    }
}

#[test]
fn then_force() {
    for force in ["CLICOLOR_FORCE", "FORCE_COLOR"] {
        assert!(is_coloured(&[], &[(force, "1")]));
        assert!(is_coloured(&["--color", "auto"], &[(force, "1")]));
        assert!(!is_coloured(&[], &[(force, "0")]));
        assert!(!is_coloured(&[], &[(force, "")]));
    }
}

#[test]
fn programs_get_none() {
    for format in ["json", "json-lines"] {
        assert!(!is_coloured(&["--color", "always", "--format", format], &[]));
    }
}
