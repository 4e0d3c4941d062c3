//! What can go wrong with the database and the files. Messages never carry a personal value.

use std::fmt;
use std::path::{Path, PathBuf};

/// What went wrong.
#[derive(Debug)]
pub enum Error {
    /// A row that should be there is not.
    Missing,
    /// A value that must be unique is taken already: the constraint or index that says so.
    Taken(String),
    /// A row that others refer to cannot go, or one refers to a row that is not there.
    Referred(String),
    /// A statement was refused: a mistake in the program, or a database that is damaged as a whole.
    Database(String),
    /// There is no room left on the disk; nothing was written.
    Full,
    /// A text holds a character that no text can hold in a database (NUL); nothing was written.
    Unkeepable,
    /// The database cannot be reached, or went away in the middle; nothing was written.
    Away(String),
    /// Others kept changing the same rows; nothing was written, and trying again is safe.
    Contended,
    /// A stored value does not have the form it must have.
    Malformed(String),
    /// The key at hand does not open this file.
    WrongKey(PathBuf),
    /// Another server works on this data directory.
    Serving(PathBuf),
    /// The database was written by a newer program: what shows it.
    Newer(String),
    /// There is no instance at this place, or there is one already: what to do.
    Place(String),
    /// A bucket does not do what was asked of it: why, and what to do.
    Bucket(String),
    /// A file could not be read or written.
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// What is stored was changed behind the program's back, or is damaged.
    Damaged(String),
    /// A secret is missing, too short, or readable by others: what to do.
    Secret(String),
}

impl Error {
    /// Whether something that is stored cannot be read. That concerns whoever it is about, and stops nobody else.
    #[must_use]
    pub fn is_unreadable(&self) -> bool {
        matches!(self, Self::Malformed(_) | Self::Damaged(_))
    }

    /// An error about a file.
    pub(crate) fn file(path: &Path, error: std::io::Error) -> Self {
        // What is read from a bucket fails in its own words.
        if let Some(Self::Bucket(words)) = error.get_ref().and_then(|error| error.downcast_ref()) {
            return Self::Bucket(words.clone());
        }
        match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::File { path: path.to_owned(), error },
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("not found"),
            Self::Taken(what) => write!(f, "already taken: {what}"),
            Self::Referred(what) => write!(f, "something else refers to it, or it refers to nothing: {what}"),
            Self::Database(what) => write!(f, "the database refused: {what}"),
            Self::Full => f.write_str(
                "there is no room left on the disk, and nothing was written; make room and do it again",
            ),
            Self::Unkeepable => {
                f.write_str("a text holds a NUL character, which cannot be kept; take it out")
            }
            Self::Away(what) => write!(f, "the database cannot be reached: {what}"),
            Self::Contended => {
                f.write_str("others kept changing the same rows; nothing was written, try again")
            }
            Self::Malformed(what) => write!(f, "a stored value has the wrong form: {what}"),
            Self::WrongKey(path) => write!(f, "this key does not open {}", path.display()),
            Self::Serving(path) => {
                write!(
                    f,
                    "another server is working on {}; stop it first, or give this one its own data directory",
                    path.display()
                )
            }
            Self::Newer(what) => {
                write!(
                    f,
                    "the database was written by a newer version of Probity ({what}); install that version"
                )
            }
            Self::Place(what) | Self::Secret(what) | Self::Bucket(what) => f.write_str(what),
            Self::File { path, error } => match error.kind() {
                std::io::ErrorKind::NotFound => write!(f, "there is no file {}", path.display()),
                std::io::ErrorKind::PermissionDenied => {
                    write!(f, "{} may not be read or written by this account", path.display())
                }
                _ => write!(f, "{}: {error}", path.display()),
            },
            Self::Damaged(what) => write!(f, "damaged: {what}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::File { error, .. } => Some(error),
            _ => None,
        }
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        use rusqlite::ffi;
        match error {
            rusqlite::Error::QueryReturnedNoRows => Self::Missing,
            rusqlite::Error::SqliteFailure(code, message) => {
                let message = message.unwrap_or_else(|| code.to_string());
                match (code.code, code.extended_code) {
                    (_, ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY) => {
                        Self::Taken(message)
                    }
                    (_, ffi::SQLITE_CONSTRAINT_FOREIGNKEY) => Self::Referred(message),
                    (Code::DatabaseBusy | Code::DatabaseLocked, _) => Self::Contended,
                    (Code::CannotOpen, _) => Self::Away(message),
                    // The whole of it, and not what is stored of one: nobody is left out for it, and nothing goes on.
                    (Code::DatabaseCorrupt, _) => Self::Database(format!(
                        "it cannot be read ({message}); stop the server and put it back from a backup"
                    )),
                    (Code::DiskFull, _) => Self::Full,
                    _ => Self::Database(message),
                }
            }
            rusqlite::Error::FromSqlConversionFailure(column, ..)
            | rusqlite::Error::InvalidColumnType(column, ..) => Self::Malformed(format!("column {column}")),
            other => Self::Database(other.to_string()),
        }
    }
}

impl From<tokio_postgres::Error> for Error {
    fn from(error: tokio_postgres::Error) -> Self {
        // Only the message: PostgreSQL's detail line quotes values.
        if let Some(db) = error.as_db_error() {
            let message = format!("{} ({})", db.message(), db.code().code());
            return match db.code().code() {
                "23505" => Self::Taken(db.constraint().unwrap_or("a unique value").to_owned()),
                "23503" => Self::Referred(db.constraint().unwrap_or("a reference").to_owned()),
                "40001" | "40P01" | "55P03" => Self::Contended,
                "53100" => Self::Full,
                code if code.starts_with("08")
                    || code.starts_with("57P")
                    || code.starts_with("28")
                    || code == "3D000" =>
                {
                    Self::Away(message)
                }
                _ => Self::Database(message),
            };
        }
        match std::error::Error::source(&error) {
            Some(source) if source.is::<std::io::Error>() => Self::Away(format!("{error}: {source}")),
            _ if error.is_closed() => Self::Away(error.to_string()),
            _ => Self::Database(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Error;

    #[test]
    fn a_database_that_is_damaged_as_a_whole_is_not_what_is_stored_of_one() {
        let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
        let error = Error::from(rusqlite::Error::SqliteFailure(code, None));
        assert!(!error.is_unreadable(), "{error}");
        assert!(error.to_string().contains("put it back from a backup"), "{error}");
        assert!(Error::Malformed("column 3".into()).is_unreadable());
    }
}
