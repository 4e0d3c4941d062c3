//! Preference registers (PECR reg 21): files of numbers that must not be rung for marketing, loaded in
//! sorted blocks and looked up one number at a time. It knows numbers only, never whose they are.

mod day;
mod file;
mod numbers;

use custody::id::StaffId;
use jiff::Timestamp;
use jiff::civil::Date;

pub use self::file::{Found, Junk, read};
pub use self::numbers::Numbers;
use crate::{Error, Result, Tx, id, normal, params, ring_duty};

/// How many numbers one row holds.
const BLOCK: usize = 4096;

/// A register file that was loaded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Loaded {
    /// Its row.
    pub id: i64,
    /// Which register: `tps`, `ctps`.
    pub register: String,
    /// The date of the file itself, which screening counts from.
    pub dated_on: Date,
    /// When it was loaded.
    pub loaded_at: Timestamp,
    /// How many numbers it has.
    pub numbers: i64,
    /// How many lines were no number.
    pub junk: i64,
}

/// Puts a file in the place of the register's last one, or what a file of changes makes of that. The numbers of the old file go;
/// its row stays, so that a call can still name the file it was screened against.
///
/// # Errors
/// [`Error::Malformed`] if a newer file of this register is loaded already, or changes have no older one to change; whatever
/// the database says.
pub fn load(
    tx: &Tx<'_>,
    register: &str,
    dated_on: Date,
    found: &Found,
    by: Option<StaffId>,
    now: Timestamp,
) -> Result<Loaded> {
    let last = newest(tx, register)?;
    if let Some(newer) = last.as_ref().filter(|last| last.dated_on > dated_on) {
        return Err(Error::Malformed(format!(
            "a newer file of this register is loaded already, dated {}",
            newer.dated_on
        )));
    }
    let changed;
    let whole = if found.changes {
        let Some(before) = last.filter(|last| last.dated_on < dated_on) else {
            let words = "this file holds changes only, and no list of a day before is loaded: load the whole list first";
            return Err(Error::Malformed(words.into()));
        };
        changed = held(tx, before.id)?.changed(&found.numbers, &found.removed);
        &changed
    } else {
        &found.numbers
    };
    let earlier = "register_id IN (SELECT id FROM register_file WHERE register = ?1)";
    ring_duty::delete(tx, "register_block", earlier, params![register])?;
    let loaded = Loaded {
        id: id::next(),
        register: register.to_owned(),
        dated_on,
        loaded_at: now,
        numbers: count(whole.len()),
        junk: count(found.junk),
    };
    tx.exec(
        "INSERT INTO register_file (id, register, file_on, numbers, junk, loaded_at, loaded_by, complete) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 1)",
        params![loaded.id, register, dated_on, loaded.numbers, loaded.junk, now, by],
    )?;
    let mut numbers = whole.iter();
    loop {
        let block: Vec<i64> = numbers.by_ref().take(BLOCK).collect();
        let (Some(first), Some(last)) = (block.first(), block.last()) else { break };
        let packed: Vec<u8> = block.iter().flat_map(|number| number.to_le_bytes()).collect();
        tx.exec(
            "INSERT INTO register_block (register_id, first, last, numbers) VALUES (?1, ?2, ?3, ?4)",
            params![loaded.id, *first, *last, packed],
        )?;
    }
    Ok(loaded)
}

/// The numbers of a list that was loaded.
fn held(tx: &Tx<'_>, file: i64) -> Result<Numbers> {
    let mut held = Numbers::default();
    let blocks = "SELECT numbers FROM register_block WHERE register_id = ?1 ORDER BY first";
    tx.each(blocks, params![file], |row| {
        let packed = row.bytes(0)?;
        let (numbers, rest) = packed.as_chunks::<8>();
        if !rest.is_empty() {
            return Err(damaged());
        }
        numbers.iter().for_each(|bytes| held.push(i64::from_le_bytes(*bytes)));
        Ok::<(), Error>(())
    })?;
    Ok(held)
}

fn damaged() -> Error {
    Error::Malformed("a block of a register is damaged; load the file again".into())
}

/// How many changes of a file do not fit the list they are to change: a number to be taken off is not on it, one to be added is.
///
/// # Errors
/// Whatever the database says.
pub fn unfitting(tx: &Tx<'_>, register: &str, found: &Found) -> Result<usize> {
    let Some(last) = newest(tx, register)? else { return Ok(0) };
    let held = held(tx, last.id)?;
    Ok(found.removed.len() - found.removed.shared(&held) + found.numbers.shared(&held))
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// The file a register is screened against today, if one was ever loaded.
///
/// # Errors
/// Whatever the database says.
pub fn newest(tx: &Tx<'_>, register: &str) -> Result<Option<Loaded>> {
    tx.maybe(
        "SELECT id, register, file_on, loaded_at, numbers, junk FROM register_file
            WHERE register = ?1 AND complete = 1 ORDER BY file_on DESC, id DESC LIMIT 1",
        params![register],
        |row| {
            Ok(Loaded {
                id: row.int(0)?,
                register: row.text(1)?,
                dated_on: row.date(2)?,
                loaded_at: row.at(3)?,
                numbers: row.int(4)?,
                junk: row.int(5)?,
            })
        },
    )
}

/// Whether a number (E.164) is on the register's newest file; never, where none was loaded, which is for
/// [`newest`] to tell. One block is read, whatever the file's length.
///
/// # Errors
/// [`Error::Malformed`] if the number is not E.164; whatever the database says.
pub fn listed(tx: &Tx<'_>, register: &str, e164: &str) -> Result<bool> {
    let number = normal::phone_digits(e164)
        .ok_or_else(|| Error::Malformed("a number to screen is not E.164".into()))?;
    let Some(file) = newest(tx, register)? else { return Ok(false) };
    let block = tx.maybe(
        "SELECT last, numbers FROM register_block WHERE register_id = ?1 AND first <= ?2 ORDER BY first DESC LIMIT 1",
        params![file.id, number],
        |row| Ok((row.int(0)?, row.bytes(1)?)),
    )?;
    let Some((last, packed)) = block.filter(|(last, _)| number <= *last) else { return Ok(false) };
    if last == number {
        return Ok(true);
    }
    let (numbers, rest) = packed.as_chunks::<8>();
    if !rest.is_empty() {
        return Err(damaged());
    }
    Ok(numbers.binary_search_by_key(&number, |bytes| i64::from_le_bytes(*bytes)).is_ok())
}
