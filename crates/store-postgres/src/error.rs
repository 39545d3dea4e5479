//! Errors, and what an error of PostgreSQL means for the engine.

use std::time::Duration;

use linkspan_engine::store::{CommitError, StoreError};
use tokio_postgres::error::SqlState;

use crate::location::LocationError;

/// Why a database was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Its URL or what the URL names can't be used.
    #[error(transparent)]
    Location(#[from] LocationError),
    /// No server that takes writes answers.
    #[error("{database} can't be reached: {why}")]
    Unreachable {
        /// The database, without its password.
        database: String,
        /// What each host said.
        why: String,
    },
    /// A newer release wrote it. Nothing was changed.
    #[error("{database} has {what} {found}, this release knows {known}; use the release that wrote it")]
    Newer {
        /// The database.
        database: String,
        /// What is newer: the schema, or the records' format.
        what: &'static str,
        /// Its number.
        found: u32,
        /// The newest that this release knows.
        known: u32,
    },
    /// Its schema holds tables of something else. Nothing was changed.
    #[error("the schema of {database} holds tables that are not Linkspan's")]
    Foreign {
        /// The database.
        database: String,
    },
    /// Its schema holds a copy that broke off. Nothing was changed.
    #[error("the schema of {database} holds a copy that was not finished; run it again, or drop the schema")]
    Unfinished {
        /// The database.
        database: String,
    },
    /// Its schema holds something where a copy should go. Nothing was changed.
    #[error("the schema of {database} holds {what} already; nothing is overwritten")]
    Exists {
        /// The database.
        database: String,
        /// What is there.
        what: &'static str,
    },
    /// Its schema holds no store.
    #[error("the schema of {database} holds no store of Linkspan")]
    Empty {
        /// The database.
        database: String,
    },
    /// An older release wrote it.
    #[error("{database} has schema {schema}, of an older release: start a node on it once, which migrates it")]
    Older {
        /// The database.
        database: String,
        /// The number of its schema.
        schema: u32,
    },
    /// The role may not do what is needed.
    #[error("{database} does not allow it: {why}")]
    Forbidden {
        /// The database.
        database: String,
        /// What was asked for, and how an administrator can do it.
        why: String,
    },
    /// A server that is set up so can't keep what it acknowledges, or not what it is given.
    #[error("{database} is not fit to keep records: {why}")]
    Unfit {
        /// The database.
        database: String,
        /// The setting, and what it must be.
        why: String,
    },
    /// Its invariants are broken.
    #[error("{database} is damaged: {why}")]
    Damaged {
        /// The database.
        database: String,
        /// What is wrong.
        why: String,
    },
    /// The server refuses, or the connection was lost.
    #[error("{database} can't be used: {why}")]
    Failed {
        /// The database.
        database: String,
        /// What the server said.
        why: String,
    },
    /// The runtime of the connections can't be started.
    #[error("the connections' thread can't be started: {0}")]
    Thread(std::io::Error),
    /// The operating system has no randomness.
    #[error("the operating system gave no randomness")]
    NoRandomness,
}

/// Why a question was not answered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    /// No connection could be had: nothing was sent.
    #[error("no server that takes writes answers: {0}")]
    Unreachable(String),
    /// No answer came in time.
    #[error("no answer came within {} ms", .0.as_millis())]
    Slow(Duration),
    /// The server said so, or the connection broke.
    #[error("{}", describe(.0))]
    Postgres(#[from] tokio_postgres::Error),
    /// What is stored is nothing that a commit can have left.
    #[error("{0}")]
    Damaged(String),
    /// It was written by a newer release.
    #[error("the records have format {0}")]
    Newer(u32),
}

impl Trouble {
    /// What it means for a read.
    pub(crate) fn of_read(self) -> StoreError {
        match self {
            Self::Damaged(why) => StoreError::Damaged(why),
            Self::Postgres(error) if error.code().is_some_and(means_damage) => StoreError::Damaged(describe(&error)),
            Self::Newer(found) => StoreError::Format { found, known: linkspan_engine::store::RECORD_FORMAT },
            other => StoreError::Unavailable(other.to_string()),
        }
    }

    /// What it means for a commit before anything of it was sent.
    pub(crate) fn of_write(self) -> CommitError {
        match self {
            Self::Damaged(why) => CommitError::Damaged(why),
            other => CommitError::Refused(other.to_string()),
        }
    }
}

/// What became of a transaction whose error is known to have come before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rollback {
    /// Other transactions were in the way; the same again may succeed.
    Conflict,
    Full,
    Damaged,
    Refused,
}

/// What the code of an error says about the transaction that it ended.
pub(crate) fn rollback(code: &SqlState) -> Rollback {
    if *code == SqlState::T_R_SERIALIZATION_FAILURE || *code == SqlState::T_R_DEADLOCK_DETECTED {
        Rollback::Conflict
    } else if *code == SqlState::DISK_FULL {
        Rollback::Full
    } else if means_damage(code) || *code == SqlState::DIVISION_BY_ZERO || code.code().starts_with("23") {
        // A constraint fails only on rows that no commit can have left.
        Rollback::Damaged
    } else {
        Rollback::Refused
    }
}

/// Whether an error of COMMIT itself means that nothing was committed.
///
/// The server reports what makes it roll back as class 40, except for the code that says that it does not know. After
/// anything else the record of the commit may be in the log.
pub(crate) fn is_rolled_back(code: &SqlState) -> bool {
    code.code().starts_with("40") && *code != SqlState::T_R_STATEMENT_COMPLETION_UNKNOWN
}

fn means_damage(code: &SqlState) -> bool {
    *code == SqlState::DATA_CORRUPTED || *code == SqlState::INDEX_CORRUPTED
}

/// An error with everything that the log should know of it.
pub(crate) fn describe(error: &tokio_postgres::Error) -> String {
    let Some(db) = error.as_db_error() else { return chain(error) };
    let detail = db.detail().map(|detail| format!(" ({detail})")).unwrap_or_default();
    format!("{}: {}{detail} [{}]", db.severity(), db.message(), db.code().code())
}

/// An error and its causes, each once.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(deeper) = cause {
        let more = deeper.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = deeper.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_say_what_became_of_the_transaction() {
        let expected = [
            ("40001", Rollback::Conflict),
            ("40P01", Rollback::Conflict),
            ("53100", Rollback::Full),
            ("XX001", Rollback::Damaged),
            ("XX002", Rollback::Damaged),
            ("22012", Rollback::Damaged),
            ("23505", Rollback::Damaged),
            ("25006", Rollback::Refused),
            ("57014", Rollback::Refused),
            ("57P01", Rollback::Refused),
            ("53300", Rollback::Refused),
        ];
        for (code, meaning) in expected {
            assert_eq!(rollback(&SqlState::from_code(code)), meaning, "{code}");
        }
    }

    #[test]
    fn only_what_surely_rolled_back_is_no_doubt() {
        let commit = |code: &str| is_rolled_back(&SqlState::from_code(code));
        assert!(commit("40001") && commit("40P01") && commit("40000"));
        assert!(!commit("40003") && !commit("57P01") && !commit("08006") && !commit("53100"));
    }

    #[test]
    fn a_read_is_damaged_only_by_what_is_stored() {
        assert!(matches!(Trouble::Damaged("x".into()).of_read(), StoreError::Damaged(_)));
        assert!(matches!(Trouble::Newer(9).of_read(), StoreError::Format { found: 9, .. }));
        for trouble in [Trouble::Unreachable("x".into()), Trouble::Slow(Duration::from_secs(1))] {
            assert!(matches!(trouble.of_read(), StoreError::Unavailable(_)));
        }
    }
}
