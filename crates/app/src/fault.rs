//! Why an act did not happen: the policy refuses, the input is wrong, somebody else was quicker, or something broke.

use custody::Refusal;
use custody::sealed::NotGranted;

use crate::web::page::FieldError;

/// Why an act did not happen. Nothing was written.
#[derive(Debug)]
pub enum Fault {
    /// The policy says no, and why.
    Refused(Box<Refusal>),
    /// What was typed cannot be taken, field by field.
    Invalid(Vec<FieldError>),
    /// Somebody changed it since this form was opened.
    Changed,
    /// There is none, or it is out of reach: which of the two is not said.
    NotFound,
    /// Nobody is signed in.
    SignIn,
    /// Signed in, but the second factor is still to come.
    SecondFactor,
    /// The store failed.
    Store(store::Error),
    /// Anything else, for the log.
    Other(String),
}

impl Fault {
    /// One field that cannot be taken.
    #[must_use]
    pub fn field(field: &str, words: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError { field: field.to_owned(), words: words.into() }])
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused(refusal) => write!(f, "refused: {}. {}", refusal.because, refusal.next_step),
            Self::Invalid(fields) => {
                for (n, field) in fields.iter().enumerate() {
                    write!(f, "{}{}: {}", if n == 0 { "" } else { "; " }, field.field, field.words)?;
                }
                Ok(())
            }
            Self::Changed => f.write_str("somebody else changed it in the meantime"),
            Self::NotFound => f.write_str("not found"),
            Self::SignIn => f.write_str("not signed in"),
            Self::SecondFactor => f.write_str("the second factor is still to come"),
            Self::Store(error) => error.fmt(f),
            Self::Other(words) => f.write_str(words),
        }
    }
}

impl std::error::Error for Fault {}

impl From<store::Error> for Fault {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Missing => Self::NotFound,
            store::Error::Unkeepable => {
                Self::field("", "A text holds a character that no text can hold (NUL); take it out.")
            }
            error => Self::Store(error),
        }
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

impl From<NotGranted> for Fault {
    fn from(error: NotGranted) -> Self {
        Self::Other(error.to_string())
    }
}

impl From<askama::Error> for Fault {
    fn from(error: askama::Error) -> Self {
        Self::Other(format!("a page could not be written: {error}"))
    }
}

impl From<jiff::Error> for Fault {
    fn from(error: jiff::Error) -> Self {
        Self::Other(error.to_string())
    }
}
