-- What senders may do about a hold by answering the notice. The token itself is in the
-- notice alone; here is its keyed index.
CREATE TABLE remedies (
    token_index BLOB    NOT NULL PRIMARY KEY,
    school_id   BLOB    NOT NULL REFERENCES schools (id),
    case_id     BLOB    NOT NULL REFERENCES cases (id),
    expires_at  INTEGER NOT NULL,
    used_at     INTEGER
);
CREATE INDEX remedies_expiry ON remedies (expires_at);

-- How often each sender asked something of the gateway, for the limits on it.
CREATE TABLE asked (
    school_id    BLOB    NOT NULL REFERENCES schools (id),
    sender_index BLOB    NOT NULL,
    what         INTEGER NOT NULL, -- 0 override, 1 check of a draft, 2 answer in words
    about        BLOB,             -- keyed index of the message's id, where it has one
    at           INTEGER NOT NULL
);
CREATE INDEX asked_sender ON asked (school_id, sender_index, what, at);
CREATE INDEX asked_time ON asked (at);
