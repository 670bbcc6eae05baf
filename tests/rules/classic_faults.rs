//! The twelve mistakes that people make most: each is one change of a configuration that works, is
//! found at its place, once, under the name of its cause, and breaks the handshake in a real nginx.

use std::process::Command;

use serde_json::Value;
use wslint_test_support::{
    Browser, Folder, Handshake, Nginx, Site, Version, check_verbatim, on_every_nginx,
};

/// A configuration that works: pages and WebSockets, the map in a file of its own.
const MAIN: &str = "\
events {}

http {
    include conf.d/upgrade.conf;
    proxy_cache_path @PREFIX@/cache keys_zone=pages:1m;

    upstream chat {
        server 127.0.0.1:3000;
    }

    server {
        listen 80;
        server_name chat.example.com;
        proxy_http_version 1.1;
        proxy_set_header Host $http_host;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $connection_upgrade;
        proxy_read_timeout 1h;

        location /ws {
            proxy_pass http://chat;
        }

        location / {
            proxy_pass http://chat;
            proxy_cache pages;
            proxy_cache_valid 200 1m;
            proxy_cache_bypass $http_upgrade;
            proxy_no_cache $http_upgrade;
        }
    }
}
";

/// The map's own file.
const MAP: &str = "\
map $http_upgrade $connection_upgrade {
    default upgrade;
    '' '';
}
";

/// A mistake: what is written in the place of what, and what wslint says.
struct Fault {
    name: &'static str,
    /// What is right.
    right: &'static str,
    /// What people write.
    wrong: &'static str,
    /// File, line and rule.
    found: (&'static str, u64, &'static str),
}

/// Faults that break nothing from a version on: 1.29.7 made HTTP/1.1 the default.
const HARMLESS_FROM: [(&str, Version); 1] = [("no HTTP version", Version(1, 29, 7))];

const FAULTS: [Fault; 12] = [
    Fault {
        name: "no HTTP version",
        right: "        proxy_http_version 1.1;\n",
        wrong: "",
        found: ("nginx.conf", 15, "proxy-http-version-1-0"),
    },
    Fault {
        name: "no Connection",
        right: "        proxy_set_header Connection $connection_upgrade;\n",
        wrong: "",
        found: ("nginx.conf", 16, "connection-not-forwarded"),
    },
    Fault {
        name: "no Upgrade",
        right: "        proxy_set_header Upgrade $http_upgrade;\n",
        wrong: "",
        found: ("nginx.conf", 16, "upgrade-not-forwarded"),
    },
    Fault {
        name: "headers wiped by a location's own Host",
        right: "        location /ws {\n",
        wrong: "        location /ws {\n            proxy_set_header Host $host;\n",
        found: ("nginx.conf", 21, "upgrade-headers-not-inherited"),
    },
    Fault {
        name: "$connection_upgrade without a map",
        right: "    include conf.d/upgrade.conf;\n",
        wrong: "",
        found: ("nginx.conf", 16, "map-undefined-variable"),
    },
    Fault {
        name: "a map without default",
        right: "    default upgrade;\n",
        wrong: "",
        found: ("conf.d/upgrade.conf", 1, "map-missing-default"),
    },
    Fault {
        name: "swapped values",
        right: "    default upgrade;\n    '' '';\n",
        wrong: "    default close;\n    '' upgrade;\n",
        found: ("conf.d/upgrade.conf", 2, "map-default-not-upgrade"),
    },
    Fault {
        name: "a bare address in an upstream",
        right: "        server 127.0.0.1:3000;\n",
        wrong: "        127.0.0.1:3000;\n",
        found: ("nginx.conf", 8, "upstream-missing-server-keyword"),
    },
    Fault {
        name: "proxy_pass to an undeclared upstream",
        right: "        location /ws {\n            proxy_pass http://chat;\n",
        wrong: "        location /ws {\n            proxy_pass http://chta;\n",
        found: ("nginx.conf", 21, "upstream-undeclared"),
    },
    Fault {
        name: "a cache without bypass",
        right: "            proxy_cache_bypass $http_upgrade;\n            proxy_no_cache $http_upgrade;\n",
        wrong: "",
        found: ("nginx.conf", 26, "cache-without-upgrade-bypass"),
    },
    Fault {
        name: "a brace too many",
        right: "            proxy_no_cache $http_upgrade;\n        }\n",
        wrong: "            proxy_no_cache $http_upgrade;\n        }\n        }\n",
        found: ("nginx.conf", 31, "unbalanced-braces"),
    },
    Fault {
        name: "the map in an included file",
        right: "    default upgrade;\n",
        wrong: "    default: upgrade;\n",
        found: ("conf.d/upgrade.conf", 2, "map-default-misspelt"),
    },
];

impl Fault {
    /// The configuration with the mistake.
    fn folder(&self) -> Folder {
        let folder = right();
        let texts: Vec<&String> = folder.files.values().collect();
        let times: usize = texts.iter().map(|text| text.matches(self.right).count()).sum();
        assert_eq!(times, 1, "{}: what is right stands in one place", self.name);
        folder.map(|text| text.replace(self.right, self.wrong))
    }
}

fn right() -> Folder {
    Folder::new(MAIN).with("conf.d/upgrade.conf", MAP)
}

/// What wslint finds, as file, line and rule.
fn found(folder: &Folder) -> Vec<(String, u64, String)> {
    let here = tempfile::tempdir().expect("a folder");
    let text = |text: &str| text.replace("@PREFIX@", "/var/lib/nginx");
    folder.map(text).write(here.path()).expect("a writable folder");
    let output = Command::new(env!("CARGO_BIN_EXE_wslint"))
        .args(["--format", "json", "nginx.conf"])
        .current_dir(here.path())
        .output()
        .expect("wslint runs");
    let report: Value = serde_json::from_slice(&output.stdout).expect("a report");
    let diagnostics = report["diagnostics"].as_array().expect("a list");
    diagnostics
        .iter()
        .map(|found| {
            let text = |name: &str| found[name].as_str().expect("a text").to_owned();
            let line = found["span"]["start"]["line"].as_u64().expect("a line");
            (text("file"), line, text("rule"))
        })
        .collect()
}

/// Whether handshakes of all browsers become WebSockets, at both locations, after a plain request.
fn switches(folder: &Folder) -> bool {
    let Ok(site) = Site::start(folder) else { return false };
    ["/ws/room", "/room"].into_iter().all(|uri| {
        site.get("chat.example.com", uri).ok();
        let handshake = |browser| Handshake::new("chat.example.com", uri, browser);
        Browser::ALL.into_iter().all(|browser| site.handshake(handshake(browser)).switched)
    })
}

#[test]
fn each_fault_is_found_at_its_place_once() {
    assert_eq!(found(&right()), [], "the configuration that works");
    for fault in FAULTS {
        let (file, line, rule) = fault.found;
        let expected = [(file.to_owned(), line, rule.to_owned())];
        assert_eq!(found(&fault.folder()), expected, "{}", fault.name);
    }
}

#[test]
fn each_fault_breaks_the_handshake_in_nginx() {
    on_every_nginx!(each_fault_breaks_the_handshake_in_nginx);
    assert!(switches(&right()), "the configuration that works");
    for fault in FAULTS {
        let folder = fault.folder();
        // The harness resolves every name; the network does not.
        let is_broken = !switches(&folder) || !check_verbatim(&folder).ok;
        let mut harmless = HARMLESS_FROM.iter().filter(|(name, _)| *name == fault.name);
        let is_fault = harmless.all(|(_, version)| Nginx::version() < *version);
        assert_eq!(is_broken, is_fault, "{}", fault.name);
    }
}
