//! The real `schoolgate` binary, built once for each test program.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The repository.
pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the crate lies in the repository")
}

/// A file or folder below fixtures/.
pub fn fixture(path: &str) -> PathBuf {
    repository().join("fixtures").join(path)
}

/// The path of the binary, built from the sources at hand.
///
/// `SCHOOLGATE_BIN` names another one, a release build for instance.
///
/// # Panics
/// It does not build.
pub fn schoolgate() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        if let Some(given) = std::env::var_os("SCHOOLGATE_BIN") {
            return PathBuf::from(given);
        }
        // A test lies in TARGET/PROFILE/deps, a program in TARGET/PROFILE.
        let own = std::env::current_exe().expect("the program's own path");
        let profile = own
            .ancestors()
            .skip(1)
            .find(|folder| !folder.ends_with("deps"))
            .expect("the target folder");
        let target = profile.parent().expect("the target folder");
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut build = Command::new(cargo);
        build
            .current_dir(repository())
            .args(["build", "--quiet", "--locked", "--package", "schoolgate"])
            .arg("--target-dir")
            .arg(target);
        if profile.ends_with("release") {
            build.arg("--release");
        }
        let status = build.status().expect("cargo starts");
        assert!(status.success(), "schoolgate does not build");
        profile.join("schoolgate")
    })
}
