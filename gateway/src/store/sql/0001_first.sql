-- The first shape of the store. Times are microseconds since the epoch, UTC; ids are
-- sixteen-byte UUIDv7; "sealed" columns hold epoch id, nonce and AES-256-GCM ciphertext;
-- "..._index" columns hold keyed blind indexes. Only types that PostgreSQL has too
-- (INTEGER is BIGINT there, BLOB is BYTEA).

CREATE TABLE schools (
    id            BLOB    NOT NULL PRIMARY KEY,
    slug          TEXT    NOT NULL UNIQUE,
    controller    TEXT    NOT NULL,
    created_at    INTEGER NOT NULL
);

-- People hold roles in a school, or in its controller (controller_wide = 1).
CREATE TABLE roles (
    school_id       BLOB    NOT NULL REFERENCES schools (id),
    role            TEXT    NOT NULL,
    person_index    BLOB    NOT NULL,
    person          BLOB    NOT NULL, -- sealed address
    controller_wide INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (school_id, role, person_index)
);

-- Keys that live as long as the school, wrapped by its master key.
CREATE TABLE school_keys (
    school_id   BLOB NOT NULL REFERENCES schools (id),
    purpose     TEXT NOT NULL, -- 'index', 'marker'
    master_id   TEXT NOT NULL,
    wrapped     BLOB NOT NULL,
    PRIMARY KEY (school_id, purpose)
);

-- Short-lived keys, wrapped by the master key. Destroying one (wrapped set to an empty
-- blob) erases all that it sealed.
CREATE TABLE epochs (
    id           BLOB    NOT NULL PRIMARY KEY,
    school_id    BLOB    NOT NULL REFERENCES schools (id),
    purpose      TEXT    NOT NULL, -- 'content', 'record', 'long'
    master_id    TEXT    NOT NULL,
    wrapped      BLOB    NOT NULL,
    starts_at    INTEGER NOT NULL,
    ends_at      INTEGER NOT NULL,
    destroyed_at INTEGER
);
CREATE INDEX epochs_school ON epochs (school_id, purpose, ends_at);

CREATE TABLE messages (
    id               BLOB    NOT NULL PRIMARY KEY,
    school_id        BLOB    NOT NULL REFERENCES schools (id),
    origin           INTEGER NOT NULL, -- 0 relayed, 1 notice, 2 DSN
    state            INTEGER NOT NULL, -- 0 accepted, 1 decided, 2 finished
    received_at      INTEGER NOT NULL,
    size             INTEGER NOT NULL,
    arrival          BLOB    NOT NULL, -- sealed JSON: envelope and client
    digest           BLOB    NOT NULL, -- keyed digest of the content
    body_digest      BLOB    NOT NULL, -- keyed digest of the body, for the marker
    message_id_index BLOB,
    sender_index     BLOB,
    attempts         INTEGER NOT NULL DEFAULT 0, -- of inspection
    lease_owner      BLOB,
    lease_until      INTEGER NOT NULL DEFAULT 0,
    marker_seen_at   INTEGER,
    decided_at       INTEGER,
    finished_at      INTEGER
);
CREATE INDEX messages_waiting ON messages (received_at) WHERE state = 0;
CREATE INDEX messages_finished ON messages (finished_at) WHERE state = 2;

-- The content: small in the row, large in a file of chunks named by the id.
CREATE TABLE contents (
    message_id BLOB    NOT NULL PRIMARY KEY REFERENCES messages (id),
    data_key   BLOB    NOT NULL, -- sealed under a content epoch
    length     INTEGER NOT NULL,
    body       BLOB              -- NULL: in a file
);

CREATE TABLE recipients (
    id              BLOB    NOT NULL PRIMARY KEY,
    message_id      BLOB    NOT NULL REFERENCES messages (id),
    school_id       BLOB    NOT NULL,
    position        INTEGER NOT NULL,
    path            BLOB    NOT NULL, -- sealed JSON: forward-path and DSN parameters
    path_index      BLOB    NOT NULL,
    verdict         INTEGER,          -- 0 deliver, 1 hold, 2 quarantine, 3 reject
    state           INTEGER NOT NULL, -- see store/recipients.rs
    next_attempt_at INTEGER NOT NULL DEFAULT 0,
    attempts        INTEGER NOT NULL DEFAULT 0,
    doubts          INTEGER NOT NULL DEFAULT 0, -- transmissions whose answer was never seen
    reply           BLOB,             -- sealed: the last answer of a next hop
    delay_told_at   INTEGER,
    changed_at      INTEGER NOT NULL
);
CREATE INDEX recipients_message ON recipients (message_id, position);
CREATE INDEX recipients_due ON recipients (next_attempt_at) WHERE state IN (1, 2);

-- The verdict with its grounds, until the message and its cases are forgotten.
CREATE TABLE judgements (
    message_id BLOB    NOT NULL PRIMARY KEY REFERENCES messages (id),
    school_id  BLOB    NOT NULL,
    judged_at  INTEGER NOT NULL,
    verdict    INTEGER NOT NULL,
    body       BLOB    NOT NULL -- sealed JSON: facts, inspection, decision, versions
);

CREATE TABLE cases (
    id           BLOB    NOT NULL PRIMARY KEY,
    school_id    BLOB    NOT NULL,
    message_id   BLOB    NOT NULL REFERENCES messages (id),
    kind         INTEGER NOT NULL, -- 1 hold, 2 quarantine, 3 reject, 4 kept
    state        INTEGER NOT NULL, -- 0 open, 1 released, 2 refused, 3 returned, 4 expired
    group_index  BLOB    NOT NULL, -- sender and Message-ID: one case for a split message
    opened_at    INTEGER NOT NULL,
    expires_at   INTEGER,
    answered_at  INTEGER,
    body         BLOB    NOT NULL  -- sealed JSON: the stop as the notice tells it, the answer
);
CREATE INDEX cases_open ON cases (school_id, opened_at) WHERE state = 0;
CREATE INDEX cases_expiry ON cases (expires_at) WHERE state = 0;
CREATE INDEX cases_group ON cases (school_id, group_index, opened_at);

-- Several transactions of one split message lie in one case.
CREATE TABLE case_messages (
    case_id    BLOB NOT NULL REFERENCES cases (id),
    message_id BLOB NOT NULL REFERENCES messages (id),
    PRIMARY KEY (case_id, message_id)
);
CREATE INDEX case_messages_message ON case_messages (message_id);

CREATE TABLE tickets (
    id           BLOB    NOT NULL PRIMARY KEY,
    school_id    BLOB    NOT NULL,
    controller   TEXT    NOT NULL,
    case_id      BLOB    REFERENCES cases (id),
    state        INTEGER NOT NULL, -- 0 suspected, 1 near miss, 2 no incident, 3 breach
    opened_at    INTEGER NOT NULL,
    aware_at     INTEGER,
    deadline_at  INTEGER NOT NULL, -- provisional until aware_at is set
    closed_at    INTEGER,
    body         BLOB    NOT NULL  -- sealed JSON
);
CREATE INDEX tickets_school ON tickets (school_id, opened_at);
CREATE INDEX tickets_case ON tickets (case_id);

-- What went through: envelope, digest, verdict, pseudonymous inspection. No content.
CREATE TABLE journal (
    id               BLOB    NOT NULL PRIMARY KEY,
    school_id        BLOB    NOT NULL,
    message_id       BLOB    NOT NULL,
    received_at      INTEGER NOT NULL,
    verdict          INTEGER NOT NULL,
    message_id_index BLOB,
    sender_index     BLOB,
    body             BLOB    NOT NULL -- sealed JSON
);
CREATE INDEX journal_time ON journal (school_id, received_at);
CREATE INDEX journal_message_id ON journal (message_id_index);

-- Who did or saw what: one chain for each school. The hash covers ciphertext, so that
-- personal fields stay erasable.
CREATE TABLE audit (
    school_id BLOB    NOT NULL,
    seq       INTEGER NOT NULL,
    at        INTEGER NOT NULL,
    action    TEXT    NOT NULL,
    previous  BLOB    NOT NULL,
    hash      BLOB    NOT NULL,
    body      BLOB    NOT NULL, -- sealed JSON
    PRIMARY KEY (school_id, seq)
);

-- Imported rosters and packs: immutable, named by digest; one of each is active.
CREATE TABLE rosters (
    id          BLOB    NOT NULL PRIMARY KEY,
    school_id   BLOB    NOT NULL,
    digest      TEXT    NOT NULL,
    imported_at INTEGER NOT NULL,
    active      INTEGER NOT NULL,
    pupils      INTEGER NOT NULL,
    contacts    INTEGER NOT NULL,
    staff       INTEGER NOT NULL,
    body        BLOB    NOT NULL -- sealed JSON
);
CREATE INDEX rosters_school ON rosters (school_id, imported_at);

CREATE TABLE packs (
    school_id   BLOB    NOT NULL,
    digest      TEXT    NOT NULL,
    loaded_at   INTEGER NOT NULL,
    body        TEXT    NOT NULL,
    PRIMARY KEY (school_id, digest)
);

-- Until when each school's days are reported (observe stance).
CREATE TABLE reports (
    school_id      BLOB    NOT NULL PRIMARY KEY,
    reported_until INTEGER NOT NULL
);
