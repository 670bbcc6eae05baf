//! Which files nginx reads.

use super::{Folder, body, check, on_every_nginx, rejection};

const MAIN: &str = "events {}\nhttp { server {\ninclude parts/one.conf; } }\n";

#[test]
fn paths_are_relative_to_the_folder_of_the_main_file() {
    on_every_nginx!(paths_are_relative_to_the_folder_of_the_main_file);
    let folder = Folder::new(MAIN)
        .with("parts/one.conf", "include parts/two.conf;")
        .with("parts/two.conf", "return 200 two;");
    assert_eq!(body(folder), "two");

    let sibling = Folder::new(MAIN)
        .with("parts/one.conf", "include two.conf;")
        .with("parts/two.conf", "return 200 two;");
    let check = check(&sibling);
    assert_eq!(
        (check.message.as_str(), check.file.as_deref(), check.line),
        (
            r#"open() "two.conf" failed (2: No such file or directory)"#,
            Some("parts/one.conf"),
            Some(1)
        )
    );
}

#[test]
fn the_folder_of_the_main_file_may_be_below_another() {
    on_every_nginx!(the_folder_of_the_main_file_may_be_below_another);
    let mut folder = Folder::new("")
        .with("site/main.conf", MAIN)
        .with("site/parts/one.conf", "return 200 below;");
    folder.main = "site/main.conf".to_owned();
    assert_eq!(body(folder), "below");
}

#[test]
fn only_a_path_without_wildcards_has_to_exist() {
    on_every_nginx!(only_a_path_without_wildcards_has_to_exist);
    let (message, line) = rejection(MAIN);
    assert_eq!(
        (message.as_str(), line),
        (r#"open() "parts/one.conf" failed (2: No such file or directory)"#, Some(3))
    );
    for pattern in ["parts/*.conf", "parts/?.conf", "parts/[ab].conf"] {
        assert!(check(&Folder::new(&MAIN.replace("parts/one.conf", pattern))).ok);
    }
}

#[test]
fn wildcards_read_files_in_byte_order() {
    on_every_nginx!(wildcards_read_files_in_byte_order);
    let server = |name: &str| format!("server {{ return 200 {name}; }}");
    let folder = Folder::new("events {} http { include servers/*.conf; }")
        .with("servers/9.conf", &server("nine"))
        .with("servers/a.conf", &server("a"))
        .with("servers/10.conf", &server("ten"))
        .with("servers/Z.conf", &server("Z"));
    // The first server of an address is its default.
    assert_eq!(body(folder.clone()), "ten");
    let mut folder = folder;
    folder.files.remove("servers/10.conf");
    assert_eq!(body(folder.clone()), "nine");
    folder.files.remove("servers/9.conf");
    assert_eq!(body(folder), "Z");
}

#[test]
fn a_hidden_file_is_not_matched_by_a_star() {
    on_every_nginx!(a_hidden_file_is_not_matched_by_a_star);
    let folder = Folder::new("events {} http { include servers/*; }")
        .with("servers/.hidden", "no such directive;");
    assert!(check(&folder).ok);
}
