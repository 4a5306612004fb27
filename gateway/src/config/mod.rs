//! The configuration: one TOML file, as written ([`file`]) and as checked ([`settings`]).

mod check;
mod error;
pub mod file;
pub mod settings;

pub use check::{load, parse};
pub use error::{ConfigError, Problem};
pub use settings::{
    AuthUser, Client, Delivery, InspectionSettings, Limits, Login, Network, NextHop, OcrSettings,
    School, Settings, TlsLevel,
};
