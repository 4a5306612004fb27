//! Conventions that a reader may rely on.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

use schoolgate_tests::program::repository;

/// Lines of a file that has one purpose.
const LONGEST: usize = 600;

/// Every file of ours, relative to the repository.
fn files() -> Vec<PathBuf> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                if !["target", ".git", "demo-data", "__pycache__"].contains(&name.as_str()) {
                    walk(&path, found);
                }
            } else if path.is_file() && name != ".git" && !name.ends_with(".actual.toml") {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(repository(), &mut found);
    let mut files: Vec<PathBuf> = found
        .into_iter()
        .map(|path| path.strip_prefix(repository()).unwrap().to_owned())
        .collect();
    files.sort();
    assert!(files.len() > 50, "the repository was not found");
    files
}

fn text(path: &Path) -> Option<String> {
    fs::read_to_string(repository().join(path)).ok()
}

fn rust_files() -> Vec<(String, String)> {
    files()
        .into_iter()
        .filter(|path| path.extension().is_some_and(|e| e == "rs"))
        .map(|path| (path.to_string_lossy().into_owned(), text(&path).unwrap()))
        .collect()
}

fn report(what: &str, wrong: &[String]) {
    assert!(wrong.is_empty(), "{what}:\n  {}", wrong.join("\n  "));
}

#[test]
fn no_crate_depends_upwards() {
    let below = [
        (
            "detectors",
            ["schoolgate-policies", "schoolgate.", "schoolgate-tests"].as_slice(),
        ),
        ("policies", &["schoolgate.", "schoolgate-tests"]),
        ("gateway", &["schoolgate-tests"]),
    ];
    for (folder, above) in below {
        let manifest = text(&Path::new(folder).join("Cargo.toml")).unwrap();
        for name in above {
            let named = manifest.lines().any(|line| line.starts_with(name));
            assert!(!named, "{folder} depends on {name}");
        }
    }
}

/// The two lower crates neither wait nor keep nor connect nor log.
#[test]
fn the_pure_crates_stay_pure() {
    for folder in ["detectors", "policies"] {
        let manifest = text(&Path::new(folder).join("Cargo.toml")).unwrap();
        for name in [
            "tokio", "rusqlite", "lettre", "axum", "rustls", "tracing", "rustix", "metrics",
        ] {
            let named = manifest.lines().any(|line| {
                line.starts_with(&format!("{name}.")) || line.starts_with(&format!("{name} "))
            });
            assert!(!named, "{folder} depends on {name}");
        }
        let clippy = text(&Path::new(folder).join("clippy.toml")).unwrap();
        assert!(
            clippy.contains("disallowed-methods"),
            "{folder}/clippy.toml"
        );
    }
    let wrong: Vec<String> = rust_files()
        .into_iter()
        .filter(|(path, _)| path.starts_with("detectors/src") || path.starts_with("policies/src"))
        .filter(|(_, text)| {
            [
                "std::fs",
                "std::net",
                "std::process",
                "SystemTime",
                "std::thread",
            ]
            .iter()
            .any(|word| {
                text.lines()
                    .any(|line| line.trim_start().starts_with("use ") && line.contains(word))
            })
        })
        .map(|(path, _)| path)
        .collect();
    report("disk, network, clock or threads in a pure crate", &wrong);
}

#[test]
fn files_are_small_rooms() {
    let wrong: Vec<String> = rust_files()
        .into_iter()
        .filter_map(|(path, text)| {
            let lines = text.lines().count();
            (lines > LONGEST).then(|| format!("{path} has {lines} lines"))
        })
        .collect();
    report("too long for one purpose", &wrong);
}

#[test]
fn nothing_is_left_to_do_and_nothing_is_skipped() {
    // Put together here, so that this file does not contain them.
    let words = [
        concat!("todo", "!("),
        concat!("unimplemented", "!("),
        concat!("dbg", "!("),
        concat!("FIX", "ME"),
        concat!("TO", "DO:"),
        concat!("XX", "X:"),
        concat!("#[ig", "nore"),
    ];
    let mut wrong = Vec::new();
    for (path, text) in rust_files() {
        for (number, line) in text.lines().enumerate() {
            if words.iter().any(|word| line.contains(word)) {
                wrong.push(format!("{path}:{}: {}", number + 1, line.trim()));
            }
        }
    }
    report("left over", &wrong);
}

#[test]
fn unsafe_code_is_forbidden_everywhere() {
    let root = text(Path::new("Cargo.toml")).unwrap();
    assert!(root.contains("unsafe_code = \"forbid\""));
    for folder in ["detectors", "policies", "gateway", "tests"] {
        let manifest = text(&Path::new(folder).join("Cargo.toml")).unwrap();
        assert!(manifest.contains("[lints]\nworkspace = true"), "{folder}");
    }
}

/// lettre's `tracing` feature writes whole messages and passwords to the log.
#[test]
fn lettre_does_not_log_mail() {
    let lock: toml::Table = toml::from_str(&text(Path::new("Cargo.lock")).unwrap()).unwrap();
    let lettre = lock["package"]
        .as_array()
        .unwrap()
        .iter()
        .find(|package| package["name"].as_str() == Some("lettre"))
        .expect("lettre");
    let needs: Vec<&str> = lettre["dependencies"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|name| name.as_str())
        .collect();
    assert!(
        needs.contains(&"rustls"),
        "what is looked at is the right list: {needs:?}"
    );
    assert!(
        !needs
            .iter()
            .any(|name| name.split(' ').next() == Some("tracing")),
        "lettre's tracing feature is on"
    );
}

/// The product names no place of the machine it was made on, and no registry's host.
#[test]
fn nothing_names_the_workplace() {
    let words = [
        concat!("/wo", "rk/"),
        concat!("/t", "mp/"),
        concat!("crates", ".io"),
        concat!("pypi", ".org"),
        concat!("python", "hosted.org"),
        concat!("npm", "js.org"),
        concat!("npm", "js.com"),
        concat!("deb.debian", ".org"),
    ];
    let mut wrong = Vec::new();
    for path in files() {
        // Cargo itself writes where it looks for crates into its lock file.
        if path.ends_with("Cargo.lock") {
            continue;
        }
        let Some(text) = text(&path) else { continue };
        for word in words {
            if let Some(number) = text.lines().position(|line| line.contains(word)) {
                wrong.push(format!("{}:{}: {word}", path.display(), number + 1));
            }
        }
    }
    report("named in the repository", &wrong);
}

/// Real people appear nowhere: addresses in fixtures and documents are reserved or plainly invented.
#[test]
fn addresses_are_made_up() {
    let reserved = [
        ".example",
        ".test",
        ".invalid",
        ".localhost",
        "example.com",
        "example.org",
        "example.net",
    ];
    let mut wrong = Vec::new();
    for path in files() {
        let of_interest = path.starts_with("fixtures/school")
            || path.starts_with("deploy")
            || path.ends_with("README.md");
        if !of_interest || path.starts_with("fixtures/maker") {
            continue;
        }
        let Some(text) = text(&path) else { continue };
        for word in text.split(|c: char| c.is_whitespace() || "<>\",;()[]`'".contains(c)) {
            let Some((local, domain)) = word.split_once('@') else {
                continue;
            };
            let domain = domain.trim_end_matches('.');
            // `module@version` and the like are no addresses.
            if local.is_empty() || !domain.contains('.') {
                continue;
            }
            let made_up =
                reserved.iter().any(|end| domain.ends_with(end)) || local.starts_with("invented-");
            if !made_up {
                wrong.push(format!("{}: {word}", path.display()));
            }
        }
    }
    report("addresses that could be somebody's", &wrong);
}

/// The sample configuration shows every key that there is.
#[test]
fn the_sample_configuration_mentions_every_key() {
    let source = text(Path::new("gateway/src/config/file.rs")).unwrap();
    let sample = text(Path::new("deploy/schoolgate.toml")).unwrap();
    let mut keys = 0;
    for line in source.lines() {
        let Some(field) = line.trim().strip_prefix("pub ") else {
            continue;
        };
        let Some((name, _)) = field.split_once(':') else {
            continue;
        };
        // Lists of tables are written in the singular.
        let key = match name {
            "schools" if field.contains("SchoolFile") => "[[school]]",
            "clients" => "[[client]]",
            "next_hops" if field.contains("NextHopFile") => "[[next_hop]]",
            "logins" => "[[client.login]]",
            name => name,
        };
        keys += 1;
        let mentioned = sample.lines().any(|line| {
            let line = line.trim_start_matches(['#', ' ']);
            line.starts_with(key)
                && (key.starts_with('[') || line[key.len()..].trim_start().starts_with('='))
                || line.starts_with(&format!("[{key}]"))
        });
        assert!(mentioned, "deploy/schoolgate.toml does not show `{key}`");
    }
    assert!(keys > 60, "only {keys} keys found in the source");
}
