//! The places to which sealed columns of the spool are bound.

use crate::ids::{RecipientId, SpoolId};

pub(super) fn arrival_place(id: SpoolId) -> String {
    format!("messages.arrival:{id}")
}

pub(super) fn path_place(id: RecipientId) -> String {
    format!("recipients.path:{id}")
}

pub(super) fn key_place(id: SpoolId) -> String {
    format!("contents.data_key:{id}")
}
