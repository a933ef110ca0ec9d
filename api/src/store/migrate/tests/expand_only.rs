//! Reads PostgreSQL's migrations from 0011 on: each may only add, in ways that neither rewrite a table nor keep it locked,
//! so that the build before goes on working. SQLite has one process, which is of one build.

use super::*;

/// The first that was run on installations of several processes.
const FIRST: i64 = 11;

/// What looks like more than adding and was thought through: `(version, how the statement begins, why it is harmless)`.
const HARMLESS: &[(i64, &str, &str)] = &[(
    14,
    "ALTER TABLE outbox DROP CONSTRAINT outbox_lane_check",
    "allows one value more and reads no row; should the build before take such a message out of the outbox without sending \
     it, the watch over lost jobs sends another",
)];

fn statements(sql: &str) -> Vec<String> {
    let code: String =
        sql.lines().map(|line| line.split("--").next().unwrap_or_default()).collect::<Vec<_>>().join(" ");
    let plain = code.split(';').map(|s| s.split_whitespace().collect::<Vec<_>>().join(" "));
    plain.filter(|statement| !statement.is_empty()).collect()
}

fn word(text: &str, n: usize) -> &str {
    text.split([' ', '(']).filter(|word| !word.is_empty()).nth(n).unwrap_or_default()
}

/// What of `statement` is more than adding.
fn objection(statement: &str, made_here: &[String], no_tx: bool) -> Option<&'static str> {
    let upper = statement.to_uppercase();
    let is_new = |table: &str| made_here.iter().any(|made| made == table);
    if upper.starts_with("CREATE TABLE ") || upper.starts_with("CREATE VIEW ") {
        return None;
    }
    if upper.starts_with("CREATE INDEX ") || upper.starts_with("CREATE UNIQUE INDEX ") {
        let (_, on) = statement.split_once(" ON ")?;
        let beside_writers = no_tx && upper.contains(" CONCURRENTLY ");
        return (!is_new(word(on, 0)) && !beside_writers).then_some(
            "an index of a table in use is made CONCURRENTLY, in a file of its own without a transaction",
        );
    }
    if upper.starts_with("INSERT INTO ") || upper.starts_with("UPDATE ") {
        let table = word(statement, if upper.starts_with("INSERT") { 2 } else { 1 });
        return (!is_new(table)).then_some("rows of a table in use are changed by code, a few at a time");
    }
    if upper.starts_with("ALTER TABLE ") {
        return alteration(&upper);
    }
    Some("this is no kind of statement that is known only to add")
}

fn alteration(upper: &str) -> Option<&'static str> {
    if upper.contains(" ADD COLUMN ") {
        if upper.matches(" ADD ").count() > 1 {
            return Some("one column per statement");
        }
        let default = upper.split_once(" DEFAULT ").map(|(_, value)| value);
        if upper.contains(" NOT NULL") && default.is_none() {
            return Some("the build before does not fill a new column: it needs a default, or may be NULL");
        }
        if default.is_some_and(|value| value.contains('(')) {
            return Some("a default that is computed may be computed for every row there is");
        }
        return [" UNIQUE", " REFERENCES ", " CHECK ", " PRIMARY "]
            .iter()
            .any(|word| upper.contains(word))
            .then_some("a constraint on a table in use reads all of it while nobody may write");
    }
    let default_only = upper.contains(" ALTER COLUMN ") && upper.contains(" SET DEFAULT ");
    (!default_only).then_some("this takes something away, or changes what is there")
}

#[test]
fn migrations_only_add() {
    for migration in POSTGRES.iter().filter(|migration| migration.version >= FIRST) {
        let sql = migration.sql.as_str();
        let all = statements(sql);
        assert!(
            !migration.no_tx || all.len() == 1,
            "{}: without a transaction, one statement",
            migration.version
        );
        let made: Vec<_> = all
            .iter()
            .filter(|statement| statement.to_uppercase().starts_with("CREATE TABLE "))
            .map(|statement| word(statement, 2).to_owned())
            .collect();
        for statement in all {
            let harmless = HARMLESS
                .iter()
                .any(|(version, begins, _)| *version == migration.version && statement.starts_with(begins));
            let objection = objection(&statement, &made, migration.no_tx);
            assert!(
                harmless || objection.is_none(),
                "{}: {}\n{statement}",
                migration.version,
                objection.unwrap()
            );
        }
    }
}

#[test]
fn what_does_not_only_add_is_noticed() {
    for (statement, fine) in [
        ("CREATE TABLE new (id BIGINT)", true),
        ("CREATE INDEX i ON made (id)", true),
        ("INSERT INTO made (id) VALUES (1)", true),
        ("ALTER TABLE events ADD COLUMN a BIGINT", true),
        ("ALTER TABLE events ADD COLUMN a TEXT NOT NULL DEFAULT 'x'", true),
        ("ALTER TABLE events ALTER COLUMN a SET DEFAULT now()", true),
        ("CREATE INDEX i ON events (id)", false),
        ("CREATE INDEX CONCURRENTLY i ON events (id)", false),
        ("ALTER TABLE events ADD COLUMN a BIGINT NOT NULL", false),
        ("ALTER TABLE events ADD COLUMN a BIGINT NOT NULL DEFAULT random()", false),
        ("ALTER TABLE events ADD COLUMN a BIGINT, ADD COLUMN b BIGINT NOT NULL", false),
        ("ALTER TABLE events ADD COLUMN a TEXT REFERENCES made (id)", false),
        ("ALTER TABLE events DROP COLUMN data", false),
        ("ALTER TABLE events RENAME COLUMN data TO body", false),
        ("ALTER TABLE events ALTER COLUMN seq TYPE TEXT", false),
        ("ALTER TABLE events ALTER COLUMN data SET NOT NULL", false),
        ("UPDATE events SET data = ''", false),
        ("DELETE FROM events", false),
        ("DROP TABLE events", false),
    ] {
        assert_eq!(objection(statement, &["made".to_owned()], false).is_none(), fine, "{statement}");
    }
    assert!(objection("CREATE INDEX CONCURRENTLY i ON events (id)", &[], true).is_none());
    assert_eq!(statements("-- no; words\nSELECT 1; -- and\n\nSELECT\n 2;"), ["SELECT 1", "SELECT 2"]);
}
