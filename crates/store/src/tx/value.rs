//! A value on its way into a statement.

use std::borrow::Cow;

use custody::id::{
    CertificateId, ComplaintId, ConsentId, DocumentId, EngagementId, EntryId, GroundId, ImportId, IncidentId,
    ItemId, LetterId, MailingId, MessageId, ObjectionId, OrganisationId, PersonId, RequestId, StaffId,
    TaskId, TemplateId,
};
use jiff::Timestamp;
use jiff::civil::Date;

/// A value of a statement, borrowed where it can be.
#[derive(Clone, PartialEq)]
pub enum Value<'a> {
    /// Nothing.
    Null,
    /// A number, an id, a truth (0 or 1), an instant in milliseconds.
    Int(i64),
    /// Text, or a civil date as `YYYY-MM-DD`.
    Text(Cow<'a, str>),
    /// Bytes.
    Bytes(Cow<'a, [u8]>),
    /// A real number.
    Real(f64),
}

impl std::fmt::Debug for Value<'_> {
    /// Only the shape: values may be personal, and must not reach a program's log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Null => "null",
            Self::Int(_) => "int",
            Self::Text(_) => "text",
            Self::Bytes(_) => "bytes",
            Self::Real(_) => "real",
        })
    }
}

impl Value<'_> {
    /// The same, borrowed from nobody.
    pub(crate) fn into_owned(self) -> Value<'static> {
        match self {
            Self::Null => Value::Null,
            Self::Int(value) => Value::Int(value),
            Self::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
            Self::Bytes(bytes) => Value::Bytes(Cow::Owned(bytes.into_owned())),
            Self::Real(value) => Value::Real(value),
        }
    }
}

macro_rules! ints {
    ($($t:ty),*) => {$(
        impl From<$t> for Value<'_> {
            fn from(value: $t) -> Self { Self::Int(i64::from(value)) }
        }
        impl From<&$t> for Value<'_> {
            fn from(value: &$t) -> Self { Self::Int(i64::from(*value)) }
        }
    )*};
}
ints!(i64, i32, u32, u16, u8, bool);

macro_rules! ids {
    ($($id:ident),*) => {$(
        impl From<$id> for Value<'_> {
            fn from(id: $id) -> Self { Self::Int(id.0) }
        }
        impl From<&$id> for Value<'_> {
            fn from(id: &$id) -> Self { Self::Int(id.0) }
        }
    )*};
}
ids!(
    PersonId,
    OrganisationId,
    EngagementId,
    ItemId,
    EntryId,
    DocumentId,
    GroundId,
    ConsentId,
    ObjectionId,
    ComplaintId,
    LetterId,
    RequestId,
    StaffId,
    MailingId,
    MessageId,
    ImportId,
    IncidentId,
    TaskId,
    TemplateId,
    CertificateId
);

impl From<f64> for Value<'_> {
    fn from(value: f64) -> Self {
        Self::Real(value)
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(Cow::Borrowed(value))
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(value: &'a String) -> Self {
        Self::Text(Cow::Borrowed(value))
    }
}

impl From<String> for Value<'_> {
    fn from(value: String) -> Self {
        Self::Text(Cow::Owned(value))
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(value: &'a [u8]) -> Self {
        Self::Bytes(Cow::Borrowed(value))
    }
}

impl<'a> From<&'a Vec<u8>> for Value<'a> {
    fn from(value: &'a Vec<u8>) -> Self {
        Self::Bytes(Cow::Borrowed(value))
    }
}

impl From<Vec<u8>> for Value<'_> {
    fn from(value: Vec<u8>) -> Self {
        Self::Bytes(Cow::Owned(value))
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for Value<'a> {
    fn from(value: &'a [u8; N]) -> Self {
        Self::Bytes(Cow::Borrowed(value))
    }
}

impl<const N: usize> From<[u8; N]> for Value<'_> {
    fn from(value: [u8; N]) -> Self {
        Self::Bytes(Cow::Owned(value.to_vec()))
    }
}

impl From<&Date> for Value<'_> {
    fn from(value: &Date) -> Self {
        Self::Text(Cow::Owned(super::date_text(*value)))
    }
}

impl From<Date> for Value<'_> {
    fn from(value: Date) -> Self {
        Self::Text(Cow::Owned(super::date_text(value)))
    }
}

impl From<Timestamp> for Value<'_> {
    fn from(value: Timestamp) -> Self {
        Self::Int(super::instant(value))
    }
}

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
