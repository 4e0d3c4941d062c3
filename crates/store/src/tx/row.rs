//! A row on its way out of a query: columns by place, each asked for by its type.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::dialect::postgres::Column as PgColumn;
use crate::{Error, Result, Value};

/// One row of either database.
pub enum Row<'r> {
    /// Of SQLite.
    Sqlite(&'r rusqlite::Row<'r>),
    /// Of PostgreSQL.
    Postgres(&'r tokio_postgres::Row),
}

impl Row<'_> {
    /// Whatever stands in a column, to be written as it is elsewhere.
    pub(crate) fn value(&self, column: usize) -> Result<Value<'static>> {
        use rusqlite::types::ValueRef as V;
        Ok(match self {
            Self::Sqlite(row) => match row.get_ref(column)? {
                V::Null => Value::Null,
                V::Integer(value) => Value::Int(value),
                V::Real(value) => Value::Real(value),
                V::Text(_) => self.text(column)?.into(),
                V::Blob(bytes) => bytes.to_vec().into(),
            },
            Self::Postgres(row) => match row.try_get(column)? {
                PgColumn::Null => Value::Null,
                PgColumn::Int(value) => Value::Int(value),
                PgColumn::Real(value) => Value::Real(value),
                PgColumn::Text(text) => text.to_owned().into(),
                PgColumn::Bytes(bytes) => bytes.to_vec().into(),
            },
        })
    }

    /// A number, or nothing.
    ///
    /// # Errors
    /// [`Error::Malformed`] if the column is something else.
    pub fn opt_int(&self, column: usize) -> Result<Option<i64>> {
        use rusqlite::types::ValueRef as V;
        match self {
            Self::Sqlite(row) => match row.get_ref(column)? {
                V::Null => Ok(None),
                V::Integer(value) => Ok(Some(value)),
                _ => Err(wrong(column, "a number")),
            },
            Self::Postgres(row) => match row.try_get(column)? {
                PgColumn::Null => Ok(None),
                PgColumn::Int(value) => Ok(Some(value)),
                _ => Err(wrong(column, "a number")),
            },
        }
    }

    /// Text where it stands, or nothing.
    ///
    /// # Errors
    /// [`Error::Malformed`] if the column is something else.
    pub fn opt_str(&self, column: usize) -> Result<Option<&str>> {
        use rusqlite::types::ValueRef as V;
        match self {
            Self::Sqlite(row) => match row.get_ref(column)? {
                V::Null => Ok(None),
                V::Text(text) => {
                    std::str::from_utf8(text).map(Some).map_err(|_| wrong(column, "text in UTF-8"))
                }
                _ => Err(wrong(column, "text")),
            },
            Self::Postgres(row) => match row.try_get(column)? {
                PgColumn::Null => Ok(None),
                PgColumn::Text(text) => Ok(Some(text)),
                _ => Err(wrong(column, "text")),
            },
        }
    }

    /// Bytes, or nothing.
    ///
    /// # Errors
    /// [`Error::Malformed`] if the column is something else.
    pub fn opt_bytes(&self, column: usize) -> Result<Option<Vec<u8>>> {
        use rusqlite::types::ValueRef as V;
        match self {
            Self::Sqlite(row) => match row.get_ref(column)? {
                V::Null => Ok(None),
                V::Blob(bytes) => Ok(Some(bytes.to_vec())),
                _ => Err(wrong(column, "bytes")),
            },
            Self::Postgres(row) => match row.try_get(column)? {
                PgColumn::Null => Ok(None),
                PgColumn::Bytes(bytes) => Ok(Some(bytes.to_vec())),
                _ => Err(wrong(column, "bytes")),
            },
        }
    }

    /// A real number.
    ///
    /// # Errors
    /// [`Error::Malformed`] if the column is something else.
    pub fn real(&self, column: usize) -> Result<f64> {
        use rusqlite::types::ValueRef as V;
        match self {
            Self::Sqlite(row) => match row.get_ref(column)? {
                V::Real(value) => Ok(value),
                _ => Err(wrong(column, "a real number")),
            },
            Self::Postgres(row) => match row.try_get(column)? {
                PgColumn::Real(value) => Ok(value),
                _ => Err(wrong(column, "a real number")),
            },
        }
    }

    /// A number.
    ///
    /// # Errors
    /// [`Error::Malformed`] if the column is empty or something else.
    pub fn int(&self, column: usize) -> Result<i64> {
        self.opt_int(column)?.ok_or_else(|| wrong(column, "a number"))
    }

    /// A truth: not zero.
    ///
    /// # Errors
    /// [`Error::Malformed`] if the column is empty or something else.
    pub fn bool(&self, column: usize) -> Result<bool> {
        Ok(self.int(column)? != 0)
    }

    /// Text where it stands.
    ///
    /// # Errors
    /// [`Error::Malformed`] if the column is empty or something else.
    pub fn str(&self, column: usize) -> Result<&str> {
        self.opt_str(column)?.ok_or_else(|| wrong(column, "text"))
    }

    /// Text of one's own.
    ///
    /// # Errors
    /// [`Error::Malformed`] if the column is empty or something else.
    pub fn text(&self, column: usize) -> Result<String> {
        Ok(self.str(column)?.to_owned())
    }

    /// Text of one's own, or nothing.
    ///
    /// # Errors
    /// [`Error::Malformed`] if the column is something else.
    pub fn opt_text(&self, column: usize) -> Result<Option<String>> {
        Ok(self.opt_str(column)?.map(str::to_owned))
    }

    /// Bytes.
    ///
    /// # Errors
    /// [`Error::Malformed`] if the column is empty or something else.
    pub fn bytes(&self, column: usize) -> Result<Vec<u8>> {
        self.opt_bytes(column)?.ok_or_else(|| wrong(column, "bytes"))
    }

    /// Thirty-two bytes: a hash.
    ///
    /// # Errors
    /// [`Error::Malformed`] if the column has another length.
    pub fn hash(&self, column: usize) -> Result<[u8; 32]> {
        self.bytes(column)?.try_into().map_err(|_| wrong(column, "32 bytes"))
    }

    /// A civil date.
    ///
    /// # Errors
    /// [`Error::Malformed`] if the column is empty or no date.
    pub fn date(&self, column: usize) -> Result<Date> {
        self.opt_date(column)?.ok_or_else(|| wrong(column, "a date"))
    }

    /// A civil date, or nothing.
    ///
    /// # Errors
    /// [`Error::Malformed`] if the column is no date.
    pub fn opt_date(&self, column: usize) -> Result<Option<Date>> {
        self.opt_str(column)?.map(|text| civil(text).ok_or_else(|| wrong(column, "a date"))).transpose()
    }

    /// An instant.
    ///
    /// # Errors
    /// [`Error::Malformed`] if the column is empty or no instant.
    pub fn at(&self, column: usize) -> Result<Timestamp> {
        self.opt_at(column)?.ok_or_else(|| wrong(column, "an instant"))
    }

    /// An instant, or nothing.
    ///
    /// # Errors
    /// [`Error::Malformed`] if the column is no instant.
    pub fn opt_at(&self, column: usize) -> Result<Option<Timestamp>> {
        self.opt_int(column)?
            .map(|ms| Timestamp::from_millisecond(ms).map_err(|_| wrong(column, "an instant")))
            .transpose()
    }
}

/// A date as it is stored: read some twenty times for a person, so without the detours of a format that allows more.
fn civil(text: &str) -> Option<Date> {
    let number = |from: usize, to: usize| {
        text.get(from..to)?.bytes().try_fold(0_i16, |number, digit| match digit {
            b'0'..=b'9' => Some(number * 10 + i16::from(digit - b'0')),
            _ => None,
        })
    };
    let dashed = text.len() == 10 && text.get(4..5) == Some("-") && text.get(7..8) == Some("-");
    let of = |number: i16| i8::try_from(number).ok();
    let (year, month, day) = (number(0, 4)?, of(number(5, 7)?)?, of(number(8, 10)?)?);
    Date::new(year, month, day).ok().filter(|_| dashed)
}

fn wrong(column: usize, wanted: &str) -> Error {
    Error::Malformed(format!("column {column} is not {wanted}"))
}
