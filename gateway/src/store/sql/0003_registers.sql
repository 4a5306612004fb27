-- What a school has registered as exceptions: permissions, trusted recipients, staff who
-- are parents, family, consent to pictures. Nothing is deleted: an entry ends, and stays.
CREATE TABLE exceptions (
    id         BLOB    NOT NULL PRIMARY KEY,
    school_id  BLOB    NOT NULL REFERENCES schools (id),
    kind       INTEGER NOT NULL, -- see store/registers.rs
    entered_at INTEGER NOT NULL,
    ended_at   INTEGER,          -- when somebody ended it; one that ran out has none
    body       BLOB    NOT NULL, -- sealed JSON: what it says, its days, its grounds, by whom
    ending     BLOB              -- sealed JSON: by whom and why
);
CREATE INDEX exceptions_school ON exceptions (school_id, entered_at);

-- The addresses, domains and UPNs in them, for look-ups.
CREATE TABLE exception_keys (
    exception_id BLOB NOT NULL REFERENCES exceptions (id),
    school_id    BLOB NOT NULL,
    key_index    BLOB NOT NULL,
    PRIMARY KEY (exception_id, key_index)
);
CREATE INDEX exception_keys_look ON exception_keys (school_id, key_index);
