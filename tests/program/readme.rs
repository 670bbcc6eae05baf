//! What the README shows is what the program prints.

use std::process::Command;

const README: &str = include_str!("../../README.md");

#[test]
fn the_report_in_the_readme_is_the_programs_own() {
    let command = README
        .lines()
        .find_map(|line| line.strip_prefix("$ wslint "))
        .expect("the README shows a command");
    let output = Command::new(env!("CARGO_BIN_EXE_wslint"))
        .args(["--color", "never"])
        .args(command.split_whitespace())
        .env("COLUMNS", "80")
        .env("LC_ALL", "C.UTF-8")
        .env_remove("TERM")
        .output()
        .expect("wslint runs");
    let report = String::from_utf8(output.stdout).expect("the report is text");
    assert_eq!(output.status.code(), Some(1));
    assert!(README.contains(&report), "the README shows another report than\n{report}");
}

#[test]
fn the_command_to_try_checks_the_same_file() {
    let command =
        README.lines().find_map(|line| line.strip_prefix("$ wslint ")).unwrap_or_default();
    assert!(README.contains(&format!("cargo run --release -- {command}")));
}

#[test]
fn the_exit_statuses_are_those_of_the_help() {
    let output = Command::new(env!("CARGO_BIN_EXE_wslint")).arg("--help").output();
    let help = String::from_utf8(output.expect("wslint runs").stdout).expect("the help is text");
    for status in
        ["0 nothing at or above --fail-on", "1 findings", "2 wslint could not do its work"]
    {
        let words = help.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(status), "{status}");
    }
}
