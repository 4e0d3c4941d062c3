//! One form for each address, number and name, so that the same thing written in two ways is found,
//! screened and suppressed as the same thing. It never decides whether an address or number works.

use std::borrow::Cow;

pub use policy::kind::Shape;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// An e-mail address in the form it is compared in: trimmed, composed, lower case, its domain in ASCII; `None` where the text
/// is no address (nothing before or after a single `@`, or a space inside).
#[must_use]
pub fn email(text: &str) -> Option<String> {
    let text = text.trim().trim_start_matches('<').trim_end_matches('>').trim();
    let text = text.strip_prefix("mailto:").unwrap_or(text);
    let (local, domain) = text.rsplit_once('@')?;
    let broken = |part: &str| {
        part.is_empty()
            || part.chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | ','))
    };
    if broken(local)
        || broken(domain)
        || local.contains('@')
        || domain.starts_with('.')
        || domain.ends_with('.')
    {
        return None;
    }
    let whole = format!("{local}@{domain}").nfc().collect::<String>().to_lowercase();
    let (local, domain) = whole.rsplit_once('@')?;
    // One domain is spelt in two ways, in its letters and in ASCII: mail programs write the one, people the other.
    if !domain.is_ascii()
        && let Ok(ascii) = idna::domain_to_ascii(domain)
        && !broken(&ascii)
        && !ascii.starts_with('.')
        && !ascii.ends_with('.')
    {
        return Some(format!("{local}@{ascii}"));
    }
    Some(whole)
}

/// The forms in which the same address, number or name may be on record: the one of today first, and of an address whose domain has
/// letters beyond ASCII the one that an earlier release gave it.
#[must_use]
pub fn forms(kind: &str, text: &str) -> Vec<String> {
    std::iter::once(value(kind, text)).chain(before(kind, text)).collect()
}

/// The form that an earlier release gave an address of a kind, with its domain in letters; nothing where it is the one of today.
#[must_use]
pub fn before(kind: &str, text: &str) -> Option<String> {
    // Nearly every address is plain, and is not read twice.
    let plain = text.is_ascii() && !text.to_ascii_lowercase().contains("xn--");
    if plain || Shape::of(kind) != Shape::Email {
        return None;
    }
    let normal = email(text)?;
    let (local, domain) = normal.rsplit_once('@').filter(|(_, domain)| domain.contains("xn--"))?;
    let (letters, read) = idna::domain_to_unicode(domain);
    let letters = letters.nfc().collect::<String>().to_lowercase();
    (read.is_ok() && letters != domain).then(|| format!("{local}@{letters}"))
}

/// An address as mail is sent to it: as it is written, its domain in ASCII, since not every mail server takes other letters.
#[must_use]
pub fn sent_to(address: &str) -> Cow<'_, str> {
    let ascii = match address.rsplit_once('@') {
        Some((local, domain)) if !domain.is_ascii() => {
            idna::domain_to_ascii(domain).ok().map(|ascii| format!("{local}@{ascii}"))
        }
        _ => None,
    };
    ascii.map_or(Cow::Borrowed(address), Cow::Owned)
}

/// [`email`] of a text that most often is in that form already.
pub(crate) fn email_again(text: &str) -> Option<Cow<'_, str>> {
    let plain = |part: &str| {
        let letter = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'_' | b'+');
        !part.is_empty() && part.bytes().all(letter)
    };
    match text.split_once('@') {
        Some((local, domain))
            if plain(local) && plain(domain) && !domain.starts_with('.') && !domain.ends_with('.') =>
        {
            Some(Cow::Borrowed(text))
        }
        _ => email(text).map(Cow::Owned),
    }
}

/// A telephone number as E.164 (`+441632960001`), numbers without a country being of the UK; `None` where
/// the text is no telephone number. An extension is left off: registers and suppressions know lines, not desks.
#[must_use]
pub fn phone(text: &str) -> Option<String> {
    if let Some(found) = uk_phone(text) {
        return Some(found);
    }
    let whole = read_phone(text)?;
    // What does not read as itself again is no number: one line would have two normal forms.
    (read_phone(&whole).as_deref() == Some(&whole)).then_some(whole)
}

fn read_phone(text: &str) -> Option<String> {
    let number = phonenumber::parse(Some(phonenumber::country::Id::GB), text).ok()?;
    let national = number.national().to_string();
    let whole = format!("+{}{national}", number.country().code());
    // Shorter is a service code, longer than E.164 allows (15 digits with the country's) is no number at all.
    (national.len() >= 6 && phone_digits(&whole).is_some()).then_some(whole)
}

/// The everyday spellings of a UK number, read without the library: a register file has millions of lines.
fn uk_phone(text: &str) -> Option<String> {
    let mut digits = String::with_capacity(16);
    let mut plus = false;
    for c in text.trim().chars() {
        match c {
            '0'..='9' => digits.push(c),
            '+' if digits.is_empty() && !plus => plus = true,
            ' ' | '-' | '(' | ')' | '.' | '\u{a0}' | '/' => {}
            _ => return None,
        }
    }
    let international = if plus { digits.strip_prefix("44") } else { digits.strip_prefix("0044") };
    let national = match international {
        // "+44 (0)1632" is how many people write it.
        Some(rest) => rest.strip_prefix('0').unwrap_or(rest),
        None if plus => return None,
        None => digits.strip_prefix('0')?,
    };
    let possible = (9..=10).contains(&national.len())
        && matches!(national.chars().next(), Some('1' | '2' | '3' | '5' | '7' | '8' | '9'));
    possible.then(|| format!("+44{national}"))
}

/// The digits of an E.164 number as an integer, which is how registers keep it; 15 digits fit.
#[must_use]
pub fn phone_digits(e164: &str) -> Option<i64> {
    let digits = e164.strip_prefix('+')?;
    if digits.is_empty() || digits.len() > 15 {
        return None;
    }
    digits.parse().ok()
}

/// A name, or any text, as people search for it: lower case, without accents, single spaces.
#[must_use]
pub fn name(text: &str) -> String {
    if text.is_ascii() {
        return ascii_name(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut space = false;
    for c in text.trim().nfkd().filter(|c| !is_combining_mark(*c)) {
        if c.is_whitespace() {
            space = true;
            continue;
        }
        // What stood before it may have been a mark alone, and gone.
        if space && !plain.is_empty() {
            plain.push(' ');
        }
        space = false;
        match c {
            'ß' => plain.push_str("ss"),
            'æ' | 'Æ' => plain.push_str("ae"),
            'œ' | 'Œ' => plain.push_str("oe"),
            'ø' | 'Ø' => plain.push('o'),
            'ł' | 'Ł' => plain.push('l'),
            'đ' | 'Đ' | 'ð' | 'Ð' => plain.push('d'),
            'þ' | 'Þ' => plain.push_str("th"),
            'ı' => plain.push('i'),
            '\u{2019}' | '\u{2018}' => plain.push('\''),
            _ => plain.extend(c.to_lowercase()),
        }
    }
    plain
}

/// The same of a text without accents, which most are: nothing has to be taken apart.
fn ascii_name(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for word in text.split(char::is_whitespace).filter(|word| !word.is_empty()) {
        if !plain.is_empty() {
            plain.push(' ');
        }
        plain.extend(word.chars().map(|c| c.to_ascii_lowercase()));
    }
    plain
}

/// Initials of a name for the register of erasure requests: `Tara Quill` gives `T.Q.`.
#[must_use]
pub fn initials(full_name: &str) -> String {
    let mut initials = String::new();
    for word in full_name.split(|c: char| c.is_whitespace() || c == '-') {
        if let Some(first) = word.chars().find(|c| c.is_alphabetic()) {
            initials.extend(first.to_uppercase());
            initials.push('.');
        }
    }
    initials
}

/// The normal form of a value of a kind. What cannot be read as its shape is found by its words.
#[must_use]
pub fn value(kind: &str, text: &str) -> String {
    match Shape::of(kind) {
        Shape::Email => email(text),
        Shape::Phone => phone(text),
        Shape::Words => None,
    }
    .unwrap_or_else(|| name(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_read_again_stays_what_it_is() {
        for written in [
            "tara.quill+x@example.example",
            "Tara@Example.example",
            "tara@.example",
            "tara@example.",
            "@example.example",
            "tara@",
            "tara quill@example.example",
            "t@r@example.example",
            "mailto:tara@example.example",
            "bj\u{f6}rn@example.example",
            "",
        ] {
            assert_eq!(email_again(written).as_deref(), email(written).as_deref(), "{written}");
        }
    }

    #[test]
    fn a_domain_is_the_same_in_its_letters_and_in_ascii() {
        let ascii = Some("info@xn--mnchen-3ya.example".to_owned());
        for spelt in [
            "info@münchen.example",
            "Info@MÜNCHEN.example",
            "info@mu\u{308}nchen.example",
            "info@xn--mnchen-3ya.example",
        ] {
            assert_eq!(email(spelt), ascii, "{spelt}");
            assert_eq!(
                forms("email", spelt),
                ["info@xn--mnchen-3ya.example", "info@münchen.example"],
                "{spelt}"
            );
        }
        assert_eq!(forms("email", "helen@cti.example"), ["helen@cti.example"]);
        assert_eq!(forms("name", "Zoë Müller"), [name("Zoë Müller")]);
        // The full stop of another script is one, and a domain of nothing else is none.
        assert_eq!(email("a@b。example").as_deref(), Some("a@b.example"));
        for odd in ["a@。example", "a@xn--.example", "a@ü.", "ü@b.example"] {
            if let Some(normal) = email(odd) {
                assert_eq!(email(&normal), Some(normal.clone()), "{odd}");
            }
        }
    }

    #[test]
    fn mail_is_sent_to_a_domain_in_ascii_and_to_whom_it_was_written() {
        assert_eq!(sent_to("Sam.Hill@M\u{fc}nchen.example"), "Sam.Hill@xn--mnchen-3ya.example");
        for plain in ["Sam.Hill@CTI.example", "j\u{f6}rg@cti.example", "no address", ""] {
            assert_eq!(sent_to(plain), plain);
        }
    }

    #[test]
    fn an_address_is_the_same_however_it_is_written() {
        for written in [
            "Tara.Quill@Example.EXAMPLE",
            "  tara.quill@example.example ",
            "<tara.quill@example.example>",
            "mailto:tara.quill@example.example",
        ] {
            assert_eq!(email(written).as_deref(), Some("tara.quill@example.example"));
        }
        // Composed and decomposed letters are one address.
        assert_eq!(email("jose\u{301}@x.example"), email("jos\u{e9}@x.example"));
    }

    #[test]
    fn what_is_no_address_has_no_form() {
        for text in ["", "tara", "@x.example", "tara@", "a b@x.example", "a@b@x.example", "tara@.example"] {
            assert_eq!(email(text), None, "{text}");
        }
    }

    #[test]
    fn a_uk_number_is_the_same_however_it_is_written() {
        for written in [
            "01632 960001",
            "(01632) 960-001",
            "+44 1632 960001",
            "+44 (0)1632 960001",
            "0044 1632 960 001",
            "01632.960.001",
        ] {
            assert_eq!(phone(written).as_deref(), Some("+441632960001"), "{written}");
        }
        assert_eq!(phone("07700 900123").as_deref(), Some("+447700900123"));
    }

    #[test]
    fn a_foreign_number_keeps_its_country() {
        assert_eq!(phone("+1 (202) 555-0143").as_deref(), Some("+12025550143"));
        assert_eq!(phone("+353 1 555 0199").as_deref(), Some("+35315550199"));
        assert_eq!(phone("01632 960001 ext. 12").as_deref(), Some("+441632960001"));
    }

    #[test]
    fn what_is_no_number_has_no_form() {
        for text in ["", "call me", "12", "999", "n/a", "01632", "+44"] {
            assert_eq!(phone(text), None, "{text}");
        }
    }

    #[test]
    fn names_are_found_without_their_accents() {
        assert_eq!(name("  Tom \t\n O'Brien-ELLIS "), "tom o'brien-ellis");
        assert_eq!(name("  Zoë   O\u{2019}Brien-Łukasz "), "zoe o'brien-lukasz");
        assert_eq!(name("STRAßE Ærø"), "strasse aero");
    }

    #[test]
    fn initials_of_any_name() {
        assert_eq!(initials("Tara Quill"), "T.Q.");
        assert_eq!(initials("anne-marie (Annie) de Souza"), "A.M.A.D.S.");
        assert_eq!(initials(""), "");
    }

    #[test]
    fn digits_of_a_number() {
        assert_eq!(phone_digits("+441632960001"), Some(441_632_960_001));
        assert_eq!(phone_digits("01632"), None);
    }
}
