//! Bytes to text, whatever program and alphabet wrote them. Never fails: what is no text at all is for
//! [`super::sheet`] to refuse.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// Text, and how it was written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decoded {
    /// The text, without a byte-order mark.
    pub text: String,
    /// The encoding's name: `UTF-8`, `windows-1252`, `UTF-16LE`.
    pub encoding: &'static str,
    /// Whether it began with a byte-order mark.
    pub had_bom: bool,
}

/// How much of a file is looked at to tell UTF-16 without a mark.
const UTF16_PROBE_BYTES: usize = 4096;

/// Decodes a file: by its byte-order mark, else as UTF-8 if it is that, else as UTF-16 if it looks like
/// it, else in the likeliest older encoding of a file written in Britain.
#[must_use]
pub fn decode(bytes: &[u8]) -> Decoded {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        let rest = bytes.get(mark..).unwrap_or_default();
        return decoded(encoding, rest, true);
    }
    if let Some(encoding) = utf16_without_mark(bytes) {
        return decoded(encoding, bytes, false);
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Decoded { text: text.to_owned(), encoding: UTF_8.name(), had_bom: false };
    }
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    decoded(detector.guess(Some(b"uk"), chardetng::Utf8Detection::Deny), bytes, false)
}

fn decoded(encoding: &'static Encoding, bytes: &[u8], had_bom: bool) -> Decoded {
    let (text, _) = encoding.decode_without_bom_handling(bytes);
    Decoded { text: text.into_owned(), encoding: encoding.name(), had_bom }
}

/// Mostly Latin text in UTF-16 has a zero in every other byte.
fn utf16_without_mark(bytes: &[u8]) -> Option<&'static Encoding> {
    let probe = bytes.get(..bytes.len().min(UTF16_PROBE_BYTES))?;
    if probe.len() < 4 || !bytes.len().is_multiple_of(2) {
        return None;
    }
    let zeros = |at: usize| probe.iter().skip(at).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd, pairs) = (zeros(0), zeros(1), probe.len() / 2);
    let most = pairs * 9 / 10;
    match (even > most, odd > most) {
        (true, false) if odd == 0 => Some(UTF_16BE),
        (false, true) if even == 0 => Some(UTF_16LE),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf8_with_and_without_a_mark() {
        let plain = decode("Zoë,Müller".as_bytes());
        assert_eq!((plain.text.as_str(), plain.encoding, plain.had_bom), ("Zoë,Müller", "UTF-8", false));
        let marked = decode("\u{feff}Zoë".as_bytes());
        assert_eq!((marked.text.as_str(), marked.had_bom), ("Zoë", true));
    }

    #[test]
    fn windows_1252_is_told_apart_even_in_a_short_file() {
        for name in ["Zo\u{eb} M\u{fc}ller", "Siobh\u{e1}n O\u{2019}Neill, \u{a3}50", "Bront\u{eb}"] {
            let (bytes, _, unmappable) = encoding_rs::WINDOWS_1252.encode(name);
            assert!(!unmappable);
            let read = decode(&bytes);
            assert_eq!((read.text.as_str(), read.encoding), (name, "windows-1252"));
        }
    }

    #[test]
    fn utf16_with_a_mark_and_without() {
        let units = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        assert_eq!(decode(&units("\u{feff}Name,Zoë")).text, "Name,Zoë");
        let bare = decode(&units("First Name,Last Name\r\nZoë,Müller\r\n"));
        assert_eq!(
            (bare.text.as_str(), bare.encoding),
            ("First Name,Last Name\r\nZoë,Müller\r\n", "UTF-16LE")
        );
        let big: Vec<u8> = "Name,Mail\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(decode(&big).encoding, "UTF-16BE");
    }
}
