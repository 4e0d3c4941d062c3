//! A row as bytes, and the path of its key. Which tables a backup holds, and which it leaves out.

use zeroize::Zeroizing;

use crate::ring::Path;
use crate::schema::{self, Table};
use crate::{Error, Result, Row, Value};

/// Tables that no backup holds: what is made again from the rest, and what ends with the machine.
const LEFT_OUT: &[&str] = &["search_text", "session", "sign_in_attempt", "ring_duty", "ring_alias", "job"];

/// The tables a backup holds, in the order in which they can be filled: those that others refer to first.
pub(crate) fn tables() -> impl Iterator<Item = &'static Table> {
    schema::tables().filter(|table| !LEFT_OUT.contains(&table.name))
}

/// Columns between commas, as a statement lists them.
pub(crate) fn names(table: &Table) -> String {
    table.columns.iter().map(|column| column.name).collect::<Vec<_>>().join(", ")
}

/// The key of a row: the path along which it is derived, from all its columns.
pub(crate) fn path(table: &Table, values: &[Value<'_>]) -> Result<Path> {
    let of = |name: &str| {
        let place = table.columns.iter().position(|column| column.name == name);
        place.and_then(|place| values.get(place)).ok_or(Error::Missing)
    };
    let key: Vec<&Value<'_>> = table.key.iter().map(|name| of(name)).collect::<Result<_>>()?;
    path_of(table, &key)
}

/// The path of a row's key, from the columns of its primary key.
pub(crate) fn path_of(table: &Table, key: &[&Value<'_>]) -> Result<Path> {
    let first = match key.first() {
        Some(Value::Int(id)) => u64::try_from(*id).map_err(|_| Error::Malformed("an identity".into()))?,
        Some(Value::Bytes(bytes)) => leading(bytes),
        Some(Value::Text(text)) => leading(text.as_bytes()),
        _ => return Err(Error::Malformed(format!("the key of a row of {}", table.name))),
    };
    Ok(if table.key == ["id"] { Path::own(first) } else { Path::part(first, hash(table, key)) })
}

/// The hash that tells rows apart which hang on one identity, never nought.
fn hash(table: &Table, key: &[&Value<'_>]) -> u64 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(table.name.as_bytes());
    for value in key {
        hasher.update(&written_one(value));
    }
    let mut eight = [0; 8];
    hasher.finalize_xof().fill(&mut eight);
    u64::from_be_bytes(eight) >> 1 | 1
}

/// Seven bytes in order, as a number below 2^56.
fn leading(bytes: &[u8]) -> u64 {
    (0..7).fold(0, |number, place| number << 8 | u64::from(bytes.get(place).copied().unwrap_or(0)))
}

/// Everything that stands in a row.
pub(crate) fn values(row: &Row<'_>, table: &Table) -> Result<Vec<Value<'static>>> {
    (0..table.columns.len()).map(|column| row.value(column)).collect()
}

/// A row as bytes: each value with its form.
pub(crate) fn written(values: &[Value<'_>]) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(values.iter().flat_map(written_one).collect())
}

fn written_one(value: &Value<'_>) -> Vec<u8> {
    let long = |form: u8, bytes: &[u8]| {
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        [&[form], length.to_le_bytes().as_slice(), bytes].concat()
    };
    match value {
        Value::Null => vec![0],
        Value::Int(number) => [&[1], number.to_le_bytes().as_slice()].concat(),
        Value::Real(number) => [&[2], number.to_le_bytes().as_slice()].concat(),
        Value::Text(text) => long(3, text.as_bytes()),
        Value::Bytes(bytes) => long(4, bytes),
    }
}

/// The values of a row's bytes.
///
/// # Errors
/// [`Error::Damaged`] if they are none.
pub(crate) fn read(bytes: &[u8]) -> Result<Vec<Value<'static>>> {
    let mut rest = bytes;
    let mut found = Vec::new();
    while let Some((form, after)) = rest.split_first() {
        let length = match form {
            0 => 0,
            1 | 2 => 8,
            _ => {
                let (length, _) = after.split_at_checked(4).ok_or_else(damaged)?;
                u32::from_le_bytes(length.try_into().map_err(|_| damaged())?) as usize
            }
        };
        let after = if *form > 2 { after.get(4..).ok_or_else(damaged)? } else { after };
        let (value, after) = after.split_at_checked(length).ok_or_else(damaged)?;
        let eight = || <[u8; 8]>::try_from(value).map_err(|_| damaged());
        found.push(match form {
            0 => Value::Null,
            1 => Value::Int(i64::from_le_bytes(eight()?)),
            2 => Value::Real(f64::from_le_bytes(eight()?)),
            3 => String::from_utf8(value.to_vec()).map_err(|_| damaged())?.into(),
            4 => value.to_vec().into(),
            _ => return Err(damaged()),
        });
        rest = after;
    }
    Ok(found)
}

fn damaged() -> Error {
    Error::Damaged("a row of a backup".into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_value() -> impl Strategy<Value = Value<'static>> {
        prop_oneof![
            Just(Value::Null),
            any::<i64>().prop_map(Value::Int),
            ".*".prop_map(|text| Value::Text(text.into())),
            prop::collection::vec(any::<u8>(), 0..40).prop_map(|bytes| Value::Bytes(bytes.into())),
        ]
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(row in prop::collection::vec(any_value(), 0..12)) {
            prop_assert!(read(&written(&row)).unwrap() == row);
        }

        #[test]
        fn rubbish_is_refused_and_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            let _ = read(&bytes);
        }
    }

    #[test]
    fn every_row_of_every_table_has_a_path() {
        for table in tables() {
            assert!(!table.key.is_empty(), "{}", table.name);
        }
        assert!(LEFT_OUT.iter().all(|name| schema::table(name).is_some()));
    }
}
