//! What the technician sees: logs, metrics, health.

pub mod health;
pub mod logging;
mod server;

pub use server::serve;
