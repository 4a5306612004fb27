//! Where content goes: what a session asks of the spool.

use std::future::Future;

use super::error::IntakeError;
use crate::ids::SpoolId;
use crate::spool::Arrival;

/// Keeps messages. Dropping an [`Intake::Incoming`] that was not accepted discards it.
pub trait Intake: Send + Sync + 'static {
    /// One message that is being received.
    type Incoming: Send + Sync + 'static;

    /// Whether there is room for more mail.
    ///
    /// # Errors
    /// [`IntakeError::NoSpace`] when there is not.
    fn check_room(&self) -> Result<(), IntakeError>;

    /// Begins a message; cheap.
    fn begin(&self) -> Self::Incoming;

    /// The id under which it will lie.
    fn id(incoming: &Self::Incoming) -> SpoolId;

    /// Appends content.
    fn write(
        &self,
        incoming: &mut Self::Incoming,
        bytes: &[u8],
    ) -> impl Future<Output = Result<(), IntakeError>> + Send;

    /// Keeps it. `Ok` is given only after the commit is durable: the session answers 250 to it.
    fn accept(
        &self,
        incoming: Self::Incoming,
        arrival: Arrival,
    ) -> impl Future<Output = Result<SpoolId, IntakeError>> + Send;
}
