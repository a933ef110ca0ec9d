-- What a person chose about their screens: a row per field, so that two devices that change different ones both win.
CREATE TABLE account_settings (
    account    TEXT NOT NULL REFERENCES accounts (id),
    field      TEXT NOT NULL,
    value      TEXT NOT NULL, -- JSON: true, false, a whole number or a string
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (account, field)
);
