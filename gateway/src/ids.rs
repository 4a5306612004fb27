//! The names of things in the store: sixteen bytes, in the order of their making.

use std::fmt;

use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// A new one (UUIDv7).
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }

            /// From the sixteen bytes of a row.
            pub fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }

            /// The sixteen bytes of a row.
            pub fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }

            /// Reads what `Display` wrote.
            pub fn parse(text: &str) -> Option<Self> {
                Uuid::try_parse(text.trim()).ok().map(Self)
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0.simple())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    )*};
}

ids! {
    /// A message in the spool.
    SpoolId
    /// One forward-path of a message.
    RecipientId
    /// A stop that waits for an answer.
    CaseId
    /// A breach ticket.
    TicketId
    /// A period under one short-lived key.
    EpochId
    /// A line of the journal.
    JournalId
    /// An imported roster.
    RosterId
    /// A school's row.
    SchoolId
    /// An entry in a register of exceptions.
    ExceptionId
}
