//! What stands in a register's file: a number a line, as the registers publish it, or columns under a head, or changes to the list
//! before. It is read as it comes, and nothing of it is held but the numbers.

use std::io::{BufRead, Read};

use jiff::civil::Date;

use super::day;
use super::numbers::{Gathering, Numbers};
use crate::{Error, Result, normal};

/// A longer line is no number; the rest of it is skipped unread, so that no file can fill the memory.
const LINE_BYTES_MAX: u64 = 256;
/// How far down a head may stand.
const HEAD_LINES: usize = 5;

/// One line of a register file that is no number, for the person who loads it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Junk {
    /// Its line, counting from 1.
    pub line: usize,
}

/// What a file was found to hold.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Found {
    /// Its numbers, E.164 without the plus; those that come, in a file of changes.
    pub numbers: Numbers,
    /// The numbers that go, in a file of changes.
    pub removed: Numbers,
    /// Whether it is a file of changes to the list before, and no list.
    pub changes: bool,
    /// The day that its head says it is of.
    pub says: Option<Date>,
    /// The newest day beside a number: the file is no older than that.
    pub newest: Option<Date>,
    /// Lines that repeated a number.
    pub repeated: usize,
    /// Lines that were no number; empty lines are not counted.
    pub junk: usize,
    /// The first few of them.
    pub examples: Vec<Junk>,
}

/// Reads a file of numbers, E.164 or national, one a line: alone, with or without blanks in it; in a column, which a head names or
/// what looks like a number is; or with a letter or word beside it that says whether it comes or goes. Whatever else stands there is
/// left aside. Needs no database, so that the writer is not held while two million lines are read.
///
/// # Errors
/// [`Error::Malformed`] if the file cannot be read to its end, or holds no number at all.
pub fn read(mut file: impl BufRead) -> Result<Found> {
    let mut reader = Reader::default();
    let mut line = Vec::with_capacity(64);
    loop {
        line.clear();
        let read =
            file.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut line).map_err(|_| unreadable())?;
        if read == 0 {
            break;
        }
        let whole = line.last() == Some(&b'\n') || (read as u64) < LINE_BYTES_MAX;
        if !whole {
            skip_line(&mut file)?;
        }
        reader.line(&line, whole);
    }
    reader.done()
}

/// What becomes of a number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Change {
    Comes,
    Goes,
}

impl Change {
    /// What a word beside a number says of it.
    fn said(word: &str) -> Option<Self> {
        let word = word.to_ascii_lowercase();
        match word.as_str() {
            "a" | "add" | "added" | "addition" | "new" => Some(Self::Comes),
            "d" | "del" | "delete" | "deleted" | "deletion" | "remove" | "removed" => Some(Self::Goes),
            _ => None,
        }
    }
}

/// Where a file of changes says which.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Mark {
    /// In a column of its own.
    Column(usize),
    /// As the letter before the number: `D01632960001`.
    Letter,
}

/// How the lines of a file are laid out.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Layout {
    number: usize,
    date: Option<usize>,
    mark: Option<Mark>,
}

#[derive(Default)]
struct Reader {
    comes: Gathering,
    goes: Gathering,
    found: Found,
    layout: Layout,
    /// Whether the first number has come: from then on the layout is what it is.
    begun: bool,
    at: usize,
}

impl Reader {
    fn line(&mut self, line: &[u8], whole: bool) {
        self.at += 1;
        if whole
            && self.layout == Layout::default()
            && let Some(number) = plain(line)
        {
            self.begun = true;
            self.comes.add(number);
            return;
        }
        let text = std::str::from_utf8(line).unwrap_or("?");
        let trimmed = |c: char| c.is_whitespace() || c == '"' || c == '\u{feff}';
        let cells: Vec<String> =
            text.split([',', '\t', ';']).map(|cell| cell.trim_matches(trimmed).to_owned()).collect();
        if cells.iter().all(String::is_empty) {
            return;
        }
        if !whole {
            return self.junk();
        }
        if !self.begun {
            let number =
                cells.get(self.layout.number).filter(|cell| looks_like_one(cell)).map(|_| self.layout.number);
            let Some(number) = number.or_else(|| cells.iter().position(|cell| looks_like_one(cell))) else {
                return self.head(text, &cells);
            };
            self.begun = true;
            self.layout.number = number;
            self.layout.mark = mark(&cells, self.layout);
            self.found.changes = self.layout.mark.is_some();
        }
        self.numbered(&cells);
    }

    /// A line before the first number: it says the day of the file, or what the columns are.
    fn head(&mut self, text: &str, cells: &[String]) {
        let column = |words: &[&str]| {
            cells.iter().position(|cell| {
                let cell = cell.to_ascii_lowercase();
                words.iter().any(|word| cell.contains(word))
            })
        };
        if self.at > HEAD_LINES {
            self.junk();
        } else if let Some(says) = day::within(text) {
            self.found.says = Some(says);
        } else if let Some(number) = column(&["phone", "number", "tel", "cli"]) {
            self.layout = Layout { number, date: column(&["date", "registered"]), mark: None };
        } else {
            self.junk();
        }
    }

    fn numbered(&mut self, cells: &[String]) {
        let cell = cells.get(self.layout.number).map_or("", String::as_str);
        let (change, digits) = match self.layout.mark {
            None => (Some(Change::Comes), cell),
            Some(Mark::Column(at)) => (cells.get(at).and_then(|cell| Change::said(cell)), cell),
            Some(Mark::Letter) => match lettered(cell) {
                Some((change, digits)) => (Some(change), digits),
                None => (None, cell),
            },
        };
        let number = normal::phone(digits).and_then(|e164| normal::phone_digits(&e164));
        match (change, number) {
            (Some(Change::Comes), Some(number)) => self.comes.add(number),
            (Some(Change::Goes), Some(number)) => self.goes.add(number),
            _ => return self.junk(),
        }
        let day = self.layout.date.and_then(|at| cells.get(at)).and_then(|cell| day::within(cell));
        self.found.newest = self.found.newest.max(day);
    }

    fn junk(&mut self) {
        self.found.junk += 1;
        if self.found.examples.len() < 10 {
            self.found.examples.push(Junk { line: self.at });
        }
    }

    fn done(self) -> Result<Found> {
        let mut found = self.found;
        let (goes, again) = self.goes.done();
        (found.numbers, found.repeated) = self.comes.done();
        found.removed = goes;
        found.repeated += again;
        if found.numbers.is_empty() && found.removed.is_empty() {
            return Err(Error::Malformed("the file has no telephone number in it".into()));
        }
        Ok(found)
    }
}

/// Whether a cell before the first number is one: it begins like one, and is no day.
fn looks_like_one(cell: &str) -> bool {
    let digits = lettered(cell).map_or(cell, |(_, digits)| digits);
    digits.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '('))
        && day::whole(digits).is_none()
        && normal::phone(digits).is_some()
}

/// Where the first line with a number says whether it comes or goes, if it does.
fn mark(cells: &[String], layout: Layout) -> Option<Mark> {
    if cells.get(layout.number).is_some_and(|cell| lettered(cell).is_some()) {
        return Some(Mark::Letter);
    }
    cells.iter().position(|cell| Change::said(cell).is_some()).map(Mark::Column)
}

/// A number with the letter of its change before it.
fn lettered(cell: &str) -> Option<(Change, &str)> {
    let (letter, digits) = cell.split_at_checked(1)?;
    let change = Change::said(letter)?;
    digits.starts_with(|c: char| c.is_ascii_digit() || c == '+').then_some((change, digits))
}

/// The number of a line that is nothing but digits as such files have them, read without a copy: there are
/// millions. It says what [`normal::phone`] says, or nothing.
fn plain(line: &[u8]) -> Option<i64> {
    let mut digits = [0_u8; 16];
    let mut length = 0;
    for byte in line.trim_ascii().iter().filter(|byte| **byte != b' ') {
        *digits.get_mut(length)? = *byte;
        length += 1;
    }
    let digits = digits.get(..length)?;
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

#[cfg(test)]
mod tests {
    use jiff::civil::date;

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
            "0207  3787244",
            "01632 960 001 ",
            " 01632960001",
            "0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6",
        ] {
            let long = normal::phone(text).and_then(|e164| normal::phone_digits(&e164));
            let short = plain(text.as_bytes());
            assert!(short.is_none() || short == long, "{text}: {short:?} {long:?}");
        }
        assert_eq!(plain(b"01632960001\r\n"), Some(441_632_960_001));
    }

    fn list(found: &Found) -> Vec<i64> {
        found.numbers.iter().collect()
    }

    /// The two layouts of the register's own full downloads (<http://corporate.mpsonline.org.uk/shared/technical_desc.asp?context=CTPS>):
    /// the national code in five places and the rest in seven, or all of it padded to twelve; each line ends in CR LF.
    #[test]
    fn both_layouts_that_the_register_publishes_are_one_list() {
        let with = "0207  3787244\r\n01635 506160\r\n0191 5657153\r\n07860 338653\r\n";
        let without = "02073787244 \r\n01635506160 \r\n01915657153 \r\n07860338653 \r\n";
        let found = read(with.as_bytes()).unwrap();
        assert_eq!(list(&found), [441_635_506_160, 441_915_657_153, 442_073_787_244, 447_860_338_653]);
        assert_eq!((found.junk, found.changes, found.says), (0, false, None));
        assert_eq!(read(without.as_bytes()).unwrap(), found);
    }

    #[test]
    fn columns_stand_where_their_head_says_and_the_file_is_no_older_than_its_newest_line() {
        let file = "\u{feff}\"Date registered\";\"Telephone number\"\n2026-10-01;01632 960001\n\"02/11/2026\";\"01632 960002\"\n;07700900123\n";
        let found = read(file.as_bytes()).unwrap();
        assert_eq!(list(&found), [441_632_960_001, 441_632_960_002, 447_700_900_123]);
        assert_eq!((found.junk, found.says, found.newest), (0, None, Some(date(2026, 11, 2))));
        // Where no head says it, what looks like a number is one, and a day is none.
        let found = read(&b"20261101,01632960001\n20261102,01632960002\n"[..]).unwrap();
        assert_eq!((list(&found).len(), found.junk, found.changes), (2, 0, false));
    }

    #[test]
    fn a_file_says_its_day_before_its_first_number() {
        for (head, says) in [
            ("# TPS full list dated 2026-11-02", date(2026, 11, 2)),
            ("File date: 02/11/2026", date(2026, 11, 2)),
            ("CTPS,2 November 2026", date(2026, 11, 2)),
            ("HDR20261102,TPS", date(2026, 11, 2)),
            ("HDR,02112026", date(2026, 11, 2)),
        ] {
            let found = read(format!("{head}\nPhone\n01632960001\n01632960002\n").as_bytes()).unwrap();
            assert_eq!((found.says, list(&found).len(), found.junk), (Some(says), 2, 0), "{head}");
        }
        let found = read(&b"The list\n01632960001\n2026-11-02\n"[..]).unwrap();
        assert_eq!((found.says, found.newest), (None, None), "what comes later is no head");
    }

    #[test]
    fn a_file_of_changes_says_of_each_number_whether_it_comes_or_goes() {
        for file in [
            "A01632960001\nD01632960002\nA01632960003\n",
            "A,01632960001\nD,01632 960002\na,01632960003\n",
            "01632960001,Added\n01632960002,deleted\n01632960003,ADD\n",
            "Number\tAction\n01632960001\tAddition\n01632960002\tDeletion\n01632960003\tADDITION\n",
        ] {
            let found = read(file.as_bytes()).unwrap();
            assert!(found.changes, "{file}");
            assert_eq!(list(&found), [441_632_960_001, 441_632_960_003], "{file}");
            assert_eq!(found.removed.iter().collect::<Vec<_>>(), [441_632_960_002], "{file}");
            assert_eq!(found.junk, 0, "{file}");
        }
        let found = read(&b"A,01632960001\n01632960002\n"[..]).unwrap();
        assert_eq!((list(&found).len(), found.junk), (1, 1), "whether it comes or goes is not said");
        assert!(read(&b"D,01632960001\n"[..]).unwrap().numbers.is_empty());
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
