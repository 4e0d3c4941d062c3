//! The one file that lies in an archive, handed on as it is unpacked. Unlike the rest of this crate it runs where it is called: it
//! takes a piece at a time and no more than it is told, and what it hands on is for the reader to make out.

use std::io::{BufRead, BufReader, Cursor, Read};

/// Why nothing was handed on, or what was is not the whole file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NotAlone {
    /// It is no archive, or a broken one.
    Damaged,
    /// It holds so many files, and which is meant is not for the program to say.
    Several(usize),
    /// It unpacks to more than may be taken.
    TooMuch,
}

/// Whether a file that begins so is an archive.
#[must_use]
pub fn is_archive(first: &[u8]) -> bool {
    first.starts_with(b"PK\x03\x04")
}

/// Hands the only file of an archive on as it is unpacked, up to so many bytes.
///
/// # Errors
/// [`NotAlone`]: then whatever was read of it is not to be used.
pub fn alone<T>(archive: &[u8], most: u64, read: impl FnOnce(&mut dyn BufRead) -> T) -> Result<T, NotAlone> {
    let mut zip = zip::ZipArchive::new(Cursor::new(archive)).map_err(|_| NotAlone::Damaged)?;
    let mut files = Vec::new();
    for place in 0..zip.len() {
        if !zip.by_index_raw(place).map_err(|_| NotAlone::Damaged)?.is_dir() {
            files.push(place);
        }
    }
    let [only] = files.as_slice() else { return Err(NotAlone::Several(files.len())) };
    let member = zip.by_index(*only).map_err(|_| NotAlone::Damaged)?;
    let mut bounded = BufReader::new(member.take(most.saturating_add(1)));
    let done = read(&mut bounded);
    if bounded.get_ref().limit() == 0 { Err(NotAlone::TooMuch) } else { Ok(done) }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::write::SimpleFileOptions;

    use super::*;

    fn packed(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        zip.add_directory("tps", SimpleFileOptions::default()).unwrap();
        for (name, bytes) in files {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    fn text(archive: &[u8], most: u64) -> Result<String, NotAlone> {
        alone(archive, most, |file| {
            let mut text = String::new();
            file.read_to_string(&mut text).unwrap();
            text
        })
    }

    #[test]
    fn the_only_file_is_handed_on_and_no_more_than_may_be_taken() {
        let one = packed(&[("tps/tps_ns.txt", b"01632960001\r\n")]);
        assert!(is_archive(&one) && !is_archive(b"01632960001"));
        assert_eq!(text(&one, 13).unwrap(), "01632960001\r\n");
        assert_eq!(text(&one, 12), Err(NotAlone::TooMuch));
        let two = packed(&[("tps.txt", b"1"), ("ctps.txt", b"2")]);
        assert_eq!(text(&two, 100), Err(NotAlone::Several(2)));
        assert_eq!(text(&packed(&[]), 100), Err(NotAlone::Several(0)));
        assert_eq!(text(&one[..30], 100), Err(NotAlone::Damaged));
    }
}
