//! The made-up school of fixtures/school, as the configuration of a gateway.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::Path;

use crate::program::fixture;

/// The school's mail domain.
pub const DOMAIN: &str = "oaklane.example";
pub const HEADTEACHER: &str = "margaret.ellery@oaklane.example";
pub const TECHNICIAN: &str = "ken.arkwright@oaklane.example";
/// A class teacher: the sender of most tests.
pub const TEACHER: &str = "callum.birch@oaklane.example";
/// The mother of Isla and Jonah Fenwick.
pub const MOTHER: &str = "carrie.fenwick@mail.example";
/// The mother of William Young, of another family.
pub const OTHER_MOTHER: &str = "petra.young@mail.example";
/// Nobody that the school knows.
pub const OUTSIDER: &str = "sales@castlecoaches.example";

/// What a test wants otherwise than usual, as lines of TOML.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// Before the first table.
    pub top: String,
    /// In `[delivery]`.
    pub delivery: String,
    /// In `[[school]]`.
    pub school: String,
    /// Whole tables, at the end. A `[[client]]` here replaces the usual one.
    pub tables: String,
}

/// The configuration file of a gateway for the school, enforcing.
pub fn configuration(
    data: &Path,
    listen: SocketAddr,
    ops: SocketAddr,
    next_hops: &[SocketAddr],
    changes: &Changes,
) -> String {
    let mut text = format!(
        "hostname = \"gate.oaklane.example\"\n\
         data_dir = {data:?}\n\
         listen = [\"{listen}\"]\n\
         ops_listen = \"{ops}\"\n\
         stance = \"enforce\"\n\
         {}\n\
         [limits]\n\
         free_space = 0\n\
         [inspection]\n\
         workers = 2\n\
         deadline_seconds = 60\n\
         [delivery]\n\
         reply_seconds = 20\n\
         {}\n",
        changes.top, changes.delivery,
    );
    text.push_str(&school_table(&changes.school));
    for hop in next_hops {
        let _ = write!(
            text,
            "[[next_hop]]\nname = \"hop-{hop}\"\nhost = \"{}\"\nport = {}\ntls = \"none\"\n",
            hop.ip(),
            hop.port()
        );
    }
    if !changes.tables.contains("[[client]]") {
        text.push_str("[[client]]\nname = \"mail-server\"\nnetworks = [\"127.0.0.1/32\"]\n");
    }
    text.push_str(&changes.tables);
    text
}

/// The school alone, for commands that send nothing.
pub fn school_table(more: &str) -> String {
    format!(
        "[[school]]\n\
         id = \"oak-lane\"\n\
         name = \"Oak Lane Primary School\"\n\
         domains = [\"oaklane.example\", \"pupils.oaklane.example\"]\n\
         headteacher = \"{HEADTEACHER}\"\n\
         technician = \"{TECHNICIAN}\"\n\
         dsl = \"owen.treadgold@oaklane.example\"\n\
         roster = {:?}\n\
         pupil_mailboxes = [\"*@pupils.oaklane.example\"]\n\
         phones = [\"01632 960500\"]\n\
         postcodes = [\"DT97 1AA\"]\n\
         {more}\n",
        fixture("school")
    )
}

/// A message with these fields and this body, in CRLF lines. The sender's Date and Message-ID are made up.
pub fn message(from: &str, to: &str, subject: &str, body: &str) -> Vec<u8> {
    use std::sync::atomic::{AtomicU64, Ordering};
    static SERIAL: AtomicU64 = AtomicU64::new(1);
    let serial = SERIAL.fetch_add(1, Ordering::Relaxed);
    let text = format!(
        "From: {from}\nTo: {to}\nSubject: {subject}\nDate: Mon, 02 Nov 2026 09:00:00 +0000\n\
         Message-ID: <{serial}.{}@oaklane.example>\nMIME-Version: 1.0\n\
         Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{body}\n",
        std::process::id()
    );
    text.replace('\n', "\r\n").into_bytes()
}

/// Ordinary news of a mother's own child: it passes.
pub fn own_child(to: &str) -> Vec<u8> {
    message(
        TEACHER,
        to,
        "Isla's attendance this term",
        "Dear Mrs Fenwick,\n\nIsla's attendance is 94 per cent so far. Do ring the office.\n\n.\n..dots\nCallum Birch",
    )
}

/// A safeguarding concern to the child's mother without the marking: it is held.
pub fn unmarked() -> Vec<u8> {
    message(
        TEACHER,
        MOTHER,
        "Isla",
        "Dear Mrs Fenwick,\n\nIsla Fenwick's EHCP names autism, and the educational psychologist's report asks for \
         fifteen hours of support a week.\n\nCallum Birch",
    )
}

/// Names and dates of birth from the register to a coach company: it is quarantined.
pub fn class_list() -> Vec<u8> {
    message(
        TEACHER,
        OUTSIDER,
        "The class list",
        "Dear Sir or Madam,\n\nhere is the list for the trip.\n\n\
         Isla Fenwick, born 14 November 2017, UPN K838304122101\n\
         William Young, born 27 February 2017, UPN C838304121103\n\nCallum Birch",
    )
}
