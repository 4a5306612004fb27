//! What all targets share: which target is asked for, and which panics count.

use std::sync::OnceLock;

/// The name of the target that this process runs.
pub fn target() -> &'static str {
    static TARGET: OnceLock<String> = OnceLock::new();
    TARGET.get_or_init(|| std::env::var("FUZZ_TARGET").unwrap_or_default())
}

/// Lets the parsers of third parties panic, which the readers catch, and ends the process
/// at a panic of our own, which they would catch too.
pub fn count_own_panics() {
    drop(std::panic::take_hook());
    std::panic::set_hook(Box::new(|panic| {
        let own = panic
            .location()
            .is_none_or(|place| !place.file().contains("/registry/"));
        if own {
            eprintln!("{panic}\n{}", std::backtrace::Backtrace::force_capture());
            std::process::abort();
        }
    }));
}
