//! Preference registers (PECR reg 21): files of numbers that must not be rung for marketing, loaded in
//! sorted blocks and looked up one number at a time. It knows numbers only, never whose they are.

mod numbers;

use std::io::{BufRead, Read};

use custody::id::StaffId;
use jiff::Timestamp;
use jiff::civil::Date;

pub use self::numbers::Numbers;
use crate::{Error, Result, Tx, id, normal, params, ring_duty};

/// How many numbers one row holds.
const BLOCK: usize = 4096;
/// A longer line is no number; the rest of it is skipped unread, so that no file can fill the memory.
const LINE_BYTES_MAX: u64 = 256;

/// One line of a register file that is no number, for the person who loads it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Junk {
    /// Its line, counting from 1.
    pub line: usize,
}

/// What a file was found to hold.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Found {
    /// Its numbers, E.164 without the plus.
    pub numbers: Numbers,
    /// Lines that repeated a number.
    pub repeated: usize,
    /// Lines that were no number; empty lines are not counted.
    pub junk: usize,
    /// The first few of them.
    pub examples: Vec<Junk>,
}

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

/// Reads a file of one number a line, E.164 or national, whatever else stands after a comma or tab being
/// left aside. Needs no database, so that the writer is not held while two million lines are read.
///
/// # Errors
/// [`Error::Malformed`] if the file cannot be read to its end, or holds no number at all.
pub fn read(mut file: impl BufRead) -> Result<Found> {
    let mut found = Found::default();
    let mut numbers = numbers::Gathering::default();
    let mut line = Vec::with_capacity(64);
    let mut at = 0_usize;
    loop {
        line.clear();
        let read =
            file.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut line).map_err(|_| unreadable())?;
        if read == 0 {
            break;
        }
        at += 1;
        let whole = line.last() == Some(&b'\n') || (read as u64) < LINE_BYTES_MAX;
        if !whole {
            skip_line(&mut file)?;
        }
        if let Some(number) = plain(&line).filter(|_| whole) {
            numbers.add(number);
            continue;
        }
        let text = std::str::from_utf8(&line).unwrap_or("?");
        let text = text.split([',', '\t', ';']).next().unwrap_or_default();
        let text = text.trim_matches(|c: char| c.is_whitespace() || c == '"' || c == '\u{feff}');
        if text.is_empty() {
            continue;
        }
        match normal::phone(text).filter(|_| whole).and_then(|e164| normal::phone_digits(&e164)) {
            Some(number) => numbers.add(number),
            None => {
                found.junk += 1;
                if found.examples.len() < 10 {
                    found.examples.push(Junk { line: at });
                }
            }
        }
    }
    (found.numbers, found.repeated) = numbers.done();
    if found.numbers.is_empty() {
        return Err(Error::Malformed("the file has no telephone number in it".into()));
    }
    Ok(found)
}

/// The number of a line that is nothing but digits as such files have them, read without a copy: there are
/// millions. It says what [`normal::phone`] says, or nothing.
fn plain(line: &[u8]) -> Option<i64> {
    let digits = line.trim_ascii_end();
    let national = match digits.strip_prefix(b"+44").or_else(|| digits.strip_prefix(b"0044")) {
        Some(rest) => rest.strip_prefix(b"0").unwrap_or(rest),
        None => digits.strip_prefix(b"0")?,
    };
    let possible = (9..=10).contains(&national.len())
        && national.first().is_some_and(|first| b"1235789".contains(first));
    if !possible || !national.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(national.iter().fold(44, |number, digit| number * 10 + i64::from(digit - b'0')))
}

fn unreadable() -> Error {
    Error::Malformed("the register file cannot be read to its end".into())
}

fn skip_line(file: &mut impl BufRead) -> Result<()> {
    loop {
        let chunk = file.fill_buf().map_err(|_| unreadable())?;
        if chunk.is_empty() {
            return Ok(());
        }
        let end = chunk.iter().position(|byte| *byte == b'\n');
        let used = end.map_or(chunk.len(), |end| end + 1);
        file.consume(used);
        if end.is_some() {
            return Ok(());
        }
    }
}

/// Puts a file in the place of the register's last one. The numbers of the old file go; its row stays, so
/// that a call can still name the file it was screened against.
///
/// # Errors
/// [`Error::Malformed`] if a newer file of this register is loaded already; whatever the database says.
pub fn load(
    tx: &Tx<'_>,
    register: &str,
    dated_on: Date,
    found: &Found,
    by: Option<StaffId>,
    now: Timestamp,
) -> Result<Loaded> {
    if let Some(newer) = newest(tx, register)?.filter(|last| last.dated_on > dated_on) {
        return Err(Error::Malformed(format!(
            "a newer file of this register is loaded already, dated {}",
            newer.dated_on
        )));
    }
    let earlier = "register_id IN (SELECT id FROM register_file WHERE register = ?1)";
    ring_duty::delete(tx, "register_block", earlier, params![register])?;
    let loaded = Loaded {
        id: id::next(),
        register: register.to_owned(),
        dated_on,
        loaded_at: now,
        numbers: count(found.numbers.len()),
        junk: count(found.junk),
    };
    tx.exec(
        "INSERT INTO register_file (id, register, file_on, numbers, junk, loaded_at, loaded_by, complete) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 1)",
        params![loaded.id, register, dated_on, loaded.numbers, loaded.junk, now, by],
    )?;
    let mut numbers = found.numbers.iter();
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
        return Err(Error::Malformed("a block of a register is damaged; load the file again".into()));
    }
    Ok(numbers.binary_search_by_key(&number, |bytes| i64::from_le_bytes(*bytes)).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_spelling_and_counts_the_rest() {
        let file = "\u{feff}+441632960002\r\n01632 960001\n\n\"01632960001\",x\nnot a number\n07700 900123\n";
        let found = read(file.as_bytes()).unwrap();
        assert_eq!(
            found.numbers.iter().collect::<Vec<_>>(),
            [441_632_960_001, 441_632_960_002, 447_700_900_123]
        );
        assert_eq!((found.repeated, found.junk), (1, 1));
        assert_eq!(found.examples, [Junk { line: 5 }]);
    }

    #[test]
    fn the_short_way_says_what_the_long_way_says() {
        for text in [
            "01632960001",
            "+441632960001",
            "00441632960001",
            "+4401632960001",
            "07700900123",
            "016329600",
            "0163296000",
            "01632960001234",
            "0123456789x",
            "0632960001",
            "+12025550143",
            "44",
            "0",
            "",
            "999",
            "0044",
        ] {
            let long = normal::phone(text).and_then(|e164| normal::phone_digits(&e164));
            let short = plain(text.as_bytes());
            assert!(short.is_none() || short == long, "{text}: {short:?} {long:?}");
        }
        assert_eq!(plain(b"01632960001\r\n"), Some(441_632_960_001));
    }

    #[test]
    fn a_line_without_end_is_one_line_of_junk() {
        let mut file = b"01632960001\n".to_vec();
        file.extend(std::iter::repeat_n(b'7', 3_000_000));
        file.extend(b"\n01632960002\n");
        let found = read(std::io::BufReader::new(&file[..])).unwrap();
        assert_eq!((found.numbers.len(), found.junk), (2, 1));
    }

    #[test]
    fn a_file_of_bytes_is_refused() {
        assert!(read(&[0xff_u8, 0xfe, 0, 1, b'\n', 0x80][..]).is_err());
        assert!(read(&b""[..]).is_err());
    }
}
