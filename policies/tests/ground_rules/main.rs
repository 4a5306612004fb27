//! Each of the baseline's ground rules: what it stops, and the near miss that passes.

mod content;
mod people;
mod recipients;
#[path = "../school/mod.rs"]
mod school;

use schoolgate_detectors::Encryption;

fn aes() -> Encryption {
    Encryption::Strong("AES-256".into())
}
