//! What the technician sees: logs, metrics, health.

pub mod health;
pub mod logging;
mod metrics;
mod server;

pub use metrics::{metrics, sum_up_metrics};
pub use server::serve;
