//! The key hierarchy: a master key for each school, outside the database; under it
//! short-lived epoch keys; under those, a data key for each message and the sealed
//! columns. Destroying an epoch key erases all that it sealed.

mod error;
mod master;
mod seal;
mod vault;

pub use error::KeyError;
pub use master::Master;
pub(crate) use master::{hex, unhex};
pub use seal::{Key, Sealed};
pub use vault::{Purpose, SchoolKeys, Vault};
