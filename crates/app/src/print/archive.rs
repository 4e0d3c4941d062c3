//! A ZIP archive of a few files, stored as they are: what a pack is sent as, with the documents it names enclosed.
//! It compresses nothing and reads nothing.

/// A date every archive carries: 1 January 1980, the first there is. When it was made stands in the pack.
const DATE: u16 = 0x21;
/// Names are UTF-8.
const UTF8: u16 = 0x0800;

/// That the files are more than an archive of this form holds: 4 GB, or 65,535 files.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TooLarge;

impl std::fmt::Display for TooLarge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the files are larger than one archive may be")
    }
}

impl std::error::Error for TooLarge {}

/// The archive of these files, each with its name.
///
/// # Errors
/// [`TooLarge`].
pub fn zip(files: &[(String, Vec<u8>)]) -> Result<Vec<u8>, TooLarge> {
    let mut out = Vec::with_capacity(files.iter().map(|(_, bytes)| bytes.len() + 256).sum());
    let mut directory = Vec::new();
    for (name, bytes) in files {
        let (at, size) = (narrow(out.len())?, narrow(bytes.len())?);
        let length = u16::try_from(name.len()).map_err(|_| TooLarge)?;
        let mut entry = Vec::new();
        for half in [20, UTF8, 0, 0, DATE] {
            entry.extend(half.to_le_bytes());
        }
        for whole in [crc32(bytes), size, size] {
            entry.extend(whole.to_le_bytes());
        }
        entry.extend(length.to_le_bytes());
        entry.extend(0_u16.to_le_bytes());
        out.extend(0x0403_4b50_u32.to_le_bytes());
        out.extend(&entry);
        out.extend(name.as_bytes());
        out.extend(bytes);
        directory.extend(0x0201_4b50_u32.to_le_bytes());
        directory.extend(20_u16.to_le_bytes());
        directory.extend(&entry);
        // No comment, the first disk, no attributes.
        directory.extend([0; 10]);
        directory.extend(at.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let count = u16::try_from(files.len()).map_err(|_| TooLarge)?;
    let (at, size) = (narrow(out.len())?, narrow(directory.len())?);
    out.extend(directory);
    out.extend(0x0605_4b50_u32.to_le_bytes());
    out.extend([0; 4]);
    out.extend(count.to_le_bytes());
    out.extend(count.to_le_bytes());
    out.extend(size.to_le_bytes());
    out.extend(at.to_le_bytes());
    out.extend(0_u16.to_le_bytes());
    Ok(out)
}

/// One file of an archive that this module made: what stands in it as it is; nothing where there is none of this name.
#[must_use]
pub fn stored<'a>(archive: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let mut rest = archive;
    loop {
        let head = rest.get(..30)?;
        if head.get(..4)? != 0x0403_4b50_u32.to_le_bytes() {
            return None;
        }
        let number =
            |at: usize| Some(usize::from(u16::from_le_bytes(head.get(at..at + 2)?.try_into().ok()?)));
        let whole =
            |at: usize| usize::try_from(u32::from_le_bytes(head.get(at..at + 4)?.try_into().ok()?)).ok();
        let (method, size) = (number(8)?, whole(18)?);
        let (length, more) = (number(26)?, number(28)?);
        let begins = 30_usize.checked_add(length)?.checked_add(more)?;
        let ends = begins.checked_add(size)?;
        if rest.get(30..30 + length)? == name.as_bytes() && method == 0 {
            return rest.get(begins..ends);
        }
        rest = rest.get(ends..)?;
    }
}

fn narrow(length: usize) -> Result<u32, TooLarge> {
    u32::try_from(length).map_err(|_| TooLarge)
}

/// The check sum of the format (ISO 3309).
fn crc32(bytes: &[u8]) -> u32 {
    let table: Vec<u32> = (0..256_u32)
        .map(|byte| {
            (0..8).fold(byte, |sum, _| if sum & 1 == 1 { 0xEDB8_8320 ^ (sum >> 1) } else { sum >> 1 })
        })
        .collect();
    let step = |sum: u32, byte: &u8| {
        let place = usize::try_from((sum ^ u32::from(*byte)) & 0xFF).unwrap_or(0);
        table.get(place).copied().unwrap_or(0) ^ (sum >> 8)
    };
    !bytes.iter().fold(!0, step)
}

#[cfg(test)]
mod tests {
    use super::{crc32, stored, zip};

    #[test]
    fn what_was_put_in_is_found_again_and_nothing_else() {
        let files = [("a.txt".to_owned(), b"one".to_vec()), ("pack.json".to_owned(), b"{}".to_vec())];
        let archive = zip(&files).unwrap();
        assert_eq!(stored(&archive, "pack.json"), Some(&b"{}"[..]));
        assert_eq!(stored(&archive, "b.txt"), None);
        for end in 0..archive.len() {
            let _ = stored(&archive[..end], "pack.json");
        }
        assert_eq!(stored(b"PK\x03\x04 and no more", "pack.json"), None);
    }

    #[test]
    fn the_check_sum_is_the_known_one() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }
}
