//! Where content goes: what a session asks of the spool.

use std::future::Future;

use tracing::{error, warn};

use super::error::IntakeError;
use crate::ids::SpoolId;
use crate::spool::{Arrival, Incoming, Spool, SpoolError};

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

impl Intake for Spool {
    type Incoming = Incoming;

    fn check_room(&self) -> Result<(), IntakeError> {
        Spool::check_room(self).map_err(logged)
    }

    fn begin(&self) -> Incoming {
        Spool::begin(self)
    }

    fn id(incoming: &Incoming) -> SpoolId {
        incoming.id()
    }

    async fn write(&self, incoming: &mut Incoming, bytes: &[u8]) -> Result<(), IntakeError> {
        incoming.write(bytes).await.map_err(logged)
    }

    async fn accept(&self, incoming: Incoming, arrival: Arrival) -> Result<SpoolId, IntakeError> {
        Spool::accept(self, incoming, arrival).await.map_err(logged)
    }
}

/// The operator reads the cause, the session learns the kind.
fn logged(error: SpoolError) -> IntakeError {
    if error.is_space() {
        warn!(%error, "the spool has no room");
        IntakeError::NoSpace
    } else {
        error!(%error, "the spool failed");
        IntakeError::Failed
    }
}
