//! A loopback address of one's own for each server of a test.
//!
//! All of 127.0.0.0/8 is this machine. An address that nobody else uses spares tests the
//! race for free ports, and a killed server finds its port still free when it comes back.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicU8, Ordering};

/// An address that no other test of this or a concurrent run uses.
///
/// # Panics
/// After some 240 calls in one process.
pub fn own() -> IpAddr {
    static NEXT: AtomicU8 = AtomicU8::new(1);
    let last = NEXT.fetch_add(1, Ordering::Relaxed);
    assert!(last < 250, "too many servers in one test program");
    let process = std::process::id();
    // Process ids below 2^22 give distinct middles up to 2^14; then they repeat.
    let second = 64 + u8::try_from((process >> 8) % 64).unwrap_or(0);
    let third = u8::try_from(process % 256).unwrap_or(0);
    IpAddr::V4(Ipv4Addr::new(127, second, third, last))
}
