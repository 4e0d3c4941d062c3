//! A picture that goes into mail, made bare: told by its bytes, whatever its name says, and without all that does not draw it. A
//! camera writes into a photograph where it was taken and with what; a program, who edited it. None of that leaves, and nothing is
//! decoded: the parts that draw are kept as they came, the others are not.

/// The widest and highest one may be, in points.
const SIDE_MAX: u32 = 5_000;

/// A picture without anything but what draws it.
#[derive(Clone, PartialEq, Eq)]
pub struct Bare {
    /// Its sort: `image/png`.
    pub media: &'static str,
    /// How wide it is shown, in points.
    pub width: u32,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Makes a picture bare.
///
/// # Errors
/// What is wrong with it, for whoever chose it.
pub fn bare(bytes: &[u8]) -> Result<Bare, &'static str> {
    let (media, drawn) = if bytes.starts_with(PNG) {
        ("image/png", png(bytes))
    } else if bytes.starts_with(&JPEG) {
        ("image/jpeg", jpeg(bytes))
    } else {
        return Err(
            "Choose a photograph or a drawing as JPEG or PNG. Save another sort of picture as one of these first.",
        );
    };
    let Some(Drawn { width, height, bytes }) = drawn else {
        return Err("The picture is damaged, or not whole. Open it, save it anew and try that.");
    };
    if width == 0 || height == 0 || width > SIDE_MAX || height > SIDE_MAX {
        return Err("The picture is larger than 5,000 points a side. Make it smaller first.");
    }
    Ok(Bare { media, width, bytes })
}

struct Drawn {
    width: u32,
    height: u32,
    bytes: Vec<u8>,
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// What of a PNG draws it: not its texts, times, positions, profiles, nor what follows its end.
const PNG_DRAWS: &[&[u8]] =
    &[b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"bKGD"];

fn png(whole: &[u8]) -> Option<Drawn> {
    let mut rest = whole.strip_prefix(PNG)?;
    let mut bytes = PNG.to_vec();
    let mut size = None;
    let mut draws = false;
    loop {
        let length = usize::try_from(u32::from_be_bytes(*rest.first_chunk()?)).ok()?;
        // Its length, its sort, what it holds, and a sum over it.
        let end = length.checked_add(12)?;
        let (chunk, after) = rest.split_at_checked(end)?;
        let sort = chunk.get(4..8)?;
        if size.is_none() {
            if sort != b"IHDR" || length != 13 {
                return None;
            }
            let side = |at: usize| Some(u32::from_be_bytes(*chunk.get(at..)?.first_chunk()?));
            size = Some((side(8)?, side(12)?));
        }
        draws |= sort == b"IDAT";
        if PNG_DRAWS.contains(&sort) {
            bytes.extend_from_slice(chunk);
        }
        if sort == b"IEND" {
            break;
        }
        rest = after;
    }
    let (width, height) = size?;
    draws.then_some(Drawn { width, height, bytes })
}

const JPEG: [u8; 2] = [0xFF, 0xD8];

/// The most that is said in a segment of JFIF without a small picture of the picture in it.
const JFIF: usize = 16;

fn jpeg(whole: &[u8]) -> Option<Drawn> {
    let mut rest = whole.strip_prefix(&JPEG)?;
    let mut bytes = JPEG.to_vec();
    let (mut size, mut turned, mut draws) = (None, false, false);
    loop {
        // Before a mark may stand any number of these.
        let filled = rest.iter().take_while(|byte| **byte == 0xFF).count();
        let mark = *rest.get(filled)?;
        if filled == 0 {
            return None;
        }
        rest = rest.get(filled + 1..)?;
        if mark == 0xD9 {
            bytes.extend([0xFF, mark]);
            break;
        }
        let length = usize::from(u16::from_be_bytes(*rest.first_chunk()?));
        let (segment, after) = rest.split_at_checked(length)?;
        let said = segment.get(2..)?;
        rest = after;
        let mut keep = |segment: &[u8]| {
            bytes.extend([0xFF, mark]);
            bytes.extend_from_slice(segment);
        };
        match mark {
            0xE0 if said.starts_with(b"JFIF\0") && length >= JFIF => {
                keep(&[&[0, 16], segment.get(2..JFIF - 2)?, &[0, 0]].concat());
            }
            0xE1 => {
                if let Some(way) = turned_by(said) {
                    turned = way >= 5;
                    keep(&turned_only(way));
                }
            }
            0xEE if said.starts_with(b"Adobe") && length == 14 => keep(segment),
            // How it is coded, and the tables for it.
            0xC4 | 0xCC | 0xDB | 0xDD => keep(segment),
            0xC0..=0xCF if mark != 0xC8 => {
                let side = |at: usize| Some(u32::from(u16::from_be_bytes(*said.get(at..)?.first_chunk()?)));
                size = Some((side(3)?, side(1)?));
                keep(segment);
            }
            0xDA => {
                keep(segment);
                let scan = scan(rest)?;
                bytes.extend_from_slice(rest.get(..scan)?);
                rest = rest.get(scan..)?;
                draws = true;
            }
            _ => {}
        }
    }
    let (width, height) = size.filter(|_| draws)?;
    let (width, height) = if turned { (height, width) } else { (width, height) };
    Some(Drawn { width, height, bytes })
}

/// How many bytes of a scan come before the next mark.
fn scan(rest: &[u8]) -> Option<usize> {
    let pairs = rest.iter().zip(rest.iter().skip(1));
    let is_mark = |(one, next): (&u8, &u8)| *one == 0xFF && !matches!(*next, 0x00 | 0xD0..=0xD7 | 0xFF);
    pairs.map(is_mark).position(|mark| mark)
}

/// Which way a camera says it was held, by the number that Exif has for it; nothing where it says none, or that it was upright.
fn turned_by(said: &[u8]) -> Option<u8> {
    let tiff = said.strip_prefix(b"Exif\0\0")?;
    let little = match tiff.get(..2)? {
        b"II" => true,
        b"MM" => false,
        _ => return None,
    };
    let short = |at: usize| {
        let two: [u8; 2] = *tiff.get(at..)?.first_chunk()?;
        Some(if little { u16::from_le_bytes(two) } else { u16::from_be_bytes(two) })
    };
    let four: [u8; 4] = *tiff.get(4..)?.first_chunk()?;
    let first = if little { u32::from_le_bytes(four) } else { u32::from_be_bytes(four) };
    let first = usize::try_from(first).ok()?;
    let entries = usize::from(short(first)?);
    let at = |entry: usize| first.checked_add(2)?.checked_add(entry.checked_mul(12)?);
    let entry = (0..entries).filter_map(at).find(|at| short(*at) == Some(0x0112))?;
    u8::try_from(short(entry.checked_add(8)?)?).ok().filter(|way| (2..=8).contains(way))
}

/// The segment that says which way it was held and nothing else.
fn turned_only(way: u8) -> Vec<u8> {
    let mut segment = vec![0, 34];
    segment.extend_from_slice(b"Exif\0\0MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0");
    segment.extend([way, 0, 0, 0, 0, 0, 0]);
    segment
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(sort: &[u8; 4], said: &[u8]) -> Vec<u8> {
        let length = u32::try_from(said.len()).unwrap().to_be_bytes();
        [&length[..], sort, said, &[1, 2, 3, 4]].concat()
    }

    fn drawing(width: u32, height: u32) -> Vec<u8> {
        let size = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
        [
            PNG.to_vec(),
            chunk(b"IHDR", &size),
            chunk(b"tEXt", b"Author\0Zoe Muller"),
            chunk(b"eXIf", b"MM\0*GPS"),
            chunk(b"IDAT", b"drawn"),
            chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0where"),
            chunk(b"IEND", b""),
            b"after the end".to_vec(),
        ]
        .concat()
    }

    fn segment(mark: u8, said: &[u8]) -> Vec<u8> {
        let length = u16::try_from(said.len() + 2).unwrap().to_be_bytes();
        [&[0xFF, mark][..], &length, said].concat()
    }

    fn photograph(exif: &[u8]) -> Vec<u8> {
        [
            JPEG.to_vec(),
            segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\x01\x01abc"),
            segment(0xE1, exif),
            segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<where>"),
            segment(0xE2, b"ICC_PROFILE\0of Zoe's screen"),
            segment(0xED, b"Photoshop 3.0\0by Zoe"),
            segment(0xFE, b"taken at home"),
            segment(0xDB, b"table"),
            segment(0xC2, &[8, 0, 30, 0, 40, 3, 1, 2, 3]),
            segment(0xC4, b"codes"),
            segment(0xDA, b"scan"),
            vec![1, 0xFF, 0x00, 2, 0xFF, 0xD0, 3],
            segment(0xC4, b"more"),
            segment(0xDA, b"next"),
            vec![4, 5, 0xFF, 0xD9],
            b"a film of the moment".to_vec(),
        ]
        .concat()
    }

    /// Exif of a camera that was held so, and that knows where it was.
    fn held(way: u8) -> Vec<u8> {
        let mut exif = b"Exif\0\0II\x2A\0\x08\0\0\0\x02\0".to_vec();
        exif.extend([0x0F, 0x01, 2, 0, 4, 0, 0, 0, b'Z', b'o', b'e', 0]);
        exif.extend([0x12, 0x01, 3, 0, 1, 0, 0, 0, way, 0, 0, 0]);
        exif.extend(b"\0\0\0\0GPS 51.5 N");
        exif
    }

    fn says(bytes: &[u8], words: &str) -> bool {
        bytes.windows(words.len()).any(|some| some == words.as_bytes())
    }

    #[test]
    fn a_drawing_keeps_what_draws_it_and_nothing_else() {
        let made = bare(&drawing(40, 30)).unwrap_or_else(|why| panic!("{why}"));
        assert_eq!((made.media, made.width), ("image/png", 40));
        assert!(says(&made.bytes, "drawn") && made.bytes.ends_with(&chunk(b"IEND", b"")));
        for gone in ["Zoe", "GPS", "where", "after"] {
            assert!(!says(&made.bytes, gone), "{gone}");
        }
        assert!(bare(&made.bytes).is_ok_and(|again| again == made), "bare it stays as it is");
    }

    #[test]
    fn a_photograph_says_no_more_where_and_by_whom_it_was_taken() {
        for (way, width) in [(1, 40), (3, 40), (6, 30)] {
            let made = bare(&photograph(&held(way))).unwrap_or_else(|why| panic!("{why}"));
            assert_eq!((made.media, made.width), ("image/jpeg", width), "held as {way}");
            for gone in ["Zoe", "GPS", "where", "home", "Photoshop", "abc", "film"] {
                assert!(!says(&made.bytes, gone), "{gone}");
            }
            for kept in ["table", "codes", "scan", "more", "next"] {
                assert!(says(&made.bytes, kept), "{kept}");
            }
            assert!(made.bytes.ends_with(&[4, 5, 0xFF, 0xD9]));
            let upright = turned_by(&held(way)).is_none();
            assert_eq!(upright, way == 1);
            assert_eq!(says(&made.bytes, "Exif"), !upright);
            let again = bare(&made.bytes).unwrap_or_else(|why| panic!("{why}"));
            assert!(again == made, "bare it stays as it is, and is turned as it was");
        }
    }

    #[test]
    fn what_is_no_picture_is_none_and_nothing_that_is_broken_gets_through() {
        for odd in ["", "GIF89a", "<svg xmlns='http://www.w3.org/2000/svg'/>", "%PDF-1.7", "\u{89}PNG"] {
            assert!(bare(odd.as_bytes()).is_err_and(|why| why.starts_with("Choose")), "{odd}");
        }
        for whole in [drawing(40, 30), photograph(&held(6))] {
            let made = bare(&whole).unwrap_or_else(|why| panic!("{why}"));
            for end in PNG.len()..made.bytes.len() {
                assert!(bare(&made.bytes[..end]).is_err(), "cut off at {end}");
            }
            // Whatever is turned round in it, there is an answer.
            for at in 0..whole.len() {
                for to in [0, 1, 0x7F, 0xDA, 0xFF] {
                    let mut spoilt = whole.clone();
                    spoilt[at] = to;
                    let _ = bare(&spoilt);
                }
            }
        }
        for (width, height) in [(0, 1), (1, 0), (5_001, 1), (1, u32::MAX)] {
            assert!(bare(&drawing(width, height)).is_err_and(|why| why.contains("5,000")));
        }
    }
}
