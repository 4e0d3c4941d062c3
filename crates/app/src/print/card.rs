//! A person as a vCard: version 3.0 (RFC 2426), which phones ask for, and 4.0 (RFC 6350). It opens what the grant opens and decides
//! nothing; whatever stands in a value stands in the card as text and never as a line of its own.

use custody::Grant;
use custody::id::PersonId;
use custody::sealed::NotGranted;
use policy::Policy;

use super::copy;
use crate::acts::phone::Held;

/// Lines are folded at so many bytes.
const LINE_BYTES_MAX: usize = 75;

/// Which version of the format.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Version {
    /// RFC 2426.
    Three,
    /// RFC 6350.
    Four,
}

impl Version {
    /// The version of a number, as it is asked for.
    #[must_use]
    pub fn named(number: &str) -> Option<Self> {
        match number.trim() {
            "3.0" => Some(Self::Three),
            "4.0" => Some(Self::Four),
            _ => None,
        }
    }

    fn number(self) -> &'static str {
        match self {
            Self::Three => "3.0",
            Self::Four => "4.0",
        }
    }
}

/// What stands on a card, in clear: it leaves at once.
pub struct Card {
    uid: String,
    /// Each property by its name in the format, in the order of the card: `("EMAIL", "amy@x.example")`.
    said: Vec<(&'static str, String)>,
}

impl Card {
    /// Opens a card. `uid` is the same for the same person for ever, and says nothing of them.
    ///
    /// # Errors
    /// [`NotGranted`] if the grant does not cover what is held.
    pub fn of(policy: &Policy, grant: &Grant, uid: &[u8; 32], held: &Held<'_>) -> Result<Self, NotGranted> {
        let mut said = Vec::new();
        for (kind, property) in
            [("name", "FN"), ("email", "EMAIL"), ("phone", "TEL"), ("address", "ADR"), ("job title", "TITLE")]
        {
            let id = policy.kind_named(kind).map(|kind| kind.id);
            for item in held.items.iter().filter(|item| Some(item.kind) == id) {
                // A card has one name; what else they are called is a nickname to it.
                let again = property == "FN" && said.iter().any(|(known, _)| *known == "FN");
                said.push((if again { "NICKNAME" } else { property }, copy::text(&item.value, grant)?));
            }
        }
        said.extend(held.organisations.iter().map(|name| ("ORG", (*name).to_owned())));
        Ok(Self { uid: uuid(uid), said })
    }

    /// What stands on it under a property: `EMAIL`. Names in capitals.
    #[must_use]
    pub fn values(&self, property: &str) -> Vec<&str> {
        let same = |known: &str| known == property || (property == "N" && known == "FN");
        match property {
            "UID" => vec![self.uid.as_str()],
            _ => self.said.iter().filter(|(known, _)| same(known)).map(|(_, value)| value.as_str()).collect(),
        }
    }

    /// The card, with its lines folded.
    #[must_use]
    pub fn text(&self, version: Version) -> String {
        let mut text = String::new();
        let mut line = |words: &str| text.push_str(&folded(words));
        line("BEGIN:VCARD");
        line(&format!("VERSION:{}", version.number()));
        line("PRODID:-//Probity//Address book//EN");
        match version {
            Version::Three => line(&format!("UID:{}", self.uid)),
            Version::Four => line(&format!("UID:urn:uuid:{}", self.uid)),
        }
        for (property, value) in &self.said {
            let value = escaped(value);
            match *property {
                "FN" => {
                    let (family, given) = parts(&value);
                    line(&format!("FN:{value}"));
                    line(&format!("N:{family};{given};;;"));
                }
                // One text in the place of the street: nobody knows which of its lines is which.
                "ADR" => line(&format!("ADR:;;{value};;;;")),
                "TEL" if version == Version::Four => line(&format!("TEL;VALUE=text:{value}")),
                "EMAIL" if version == Version::Three => line(&format!("EMAIL;TYPE=INTERNET:{value}")),
                property => line(&format!("{property}:{value}")),
            }
        }
        line("END:VCARD");
        text
    }
}

/// A UUID of version 8 (RFC 9562) from a keyed hash.
fn uuid(hash: &[u8; 32]) -> String {
    let mut hex: Vec<char> = store::keys::hex(hash).chars().take(32).collect();
    for (place, letter) in [(12, '8'), (16, 'a')] {
        if let Some(at) = hex.get_mut(place) {
            *at = letter;
        }
    }
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default().iter().collect::<String>();
    format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
}

/// What names a person: of whom this is the card. The same number always gives the same.
#[must_use]
pub fn uid_of(keys: &store::Keys, who: PersonId) -> [u8; 32] {
    keys.hash("vcard", &who.to_string())
}

/// A name in its two parts, as an address book sorts by: what stands before a comma, or else the last word, is the family's.
fn parts(name: &str) -> (&str, &str) {
    if let Some((family, given)) = name.split_once("\\,") {
        return (family.trim(), given.trim());
    }
    match name.trim().rsplit_once(' ') {
        Some((given, family)) => (family, given),
        None => (name, ""),
    }
}

/// A value as it stands in a line: what would end it, or part it, is written out.
fn escaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for letter in value.trim().replace("\r\n", "\n").chars() {
        match letter {
            '\\' => text.push_str("\\\\"),
            ',' => text.push_str("\\,"),
            ';' => text.push_str("\\;"),
            '\n' | '\r' | '\u{2028}' | '\u{2029}' | '\u{85}' => text.push_str("\\n"),
            letter if letter.is_control() => text.push(' '),
            letter => text.push(letter),
        }
    }
    text
}

/// A line, folded where it is too long and never within a letter, with its end.
fn folded(line: &str) -> String {
    let (mut text, mut used) = (String::with_capacity(line.len() + 2), 0);
    for letter in line.chars() {
        if used + letter.len_utf8() > LINE_BYTES_MAX {
            text.push_str("\r\n ");
            used = 1;
        }
        text.push(letter);
        used += letter.len_utf8();
    }
    text.push_str("\r\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(said: &[(&'static str, &str)]) -> Card {
        let said = said.iter().map(|(property, value)| (*property, (*value).to_owned())).collect();
        Card { uid: uuid(&[0xff; 32]), said }
    }

    #[test]
    fn a_card_is_one_in_either_version() {
        let card = card(&[
            ("FN", "Zoë Müller"),
            ("EMAIL", "zoe@muller.example"),
            ("TEL", "01632 960123"),
            ("ADR", "1 High Street\r\nYork"),
            ("ORG", "Müller, Sons; Co"),
        ]);
        assert_eq!(
            card.text(Version::Three),
            "BEGIN:VCARD\r\nVERSION:3.0\r\nPRODID:-//Probity//Address book//EN\r\nUID:ffffffff-ffff-8fff-afff-ffffffffffff\r\n\
             FN:Zoë Müller\r\nN:Müller;Zoë;;;\r\nEMAIL;TYPE=INTERNET:zoe@muller.example\r\nTEL:01632 960123\r\n\
             ADR:;;1 High Street\\nYork;;;;\r\nORG:Müller\\, Sons\\; Co\r\nEND:VCARD\r\n"
        );
        let four = card.text(Version::Four);
        assert!(four.contains("UID:urn:uuid:ffffffff-ffff-8fff-afff-ffffffffffff\r\n"), "{four}");
        assert!(four.contains("TEL;VALUE=text:01632 960123\r\n"), "{four}");
        assert_eq!(card.values("N"), ["Zoë Müller"]);
        assert_eq!(card.values("NOTE"), [] as [&str; 0]);
    }

    #[test]
    fn no_value_becomes_a_line_of_its_own() {
        let text = card(&[("FN", "Sam\nTEL:999\rEND:VCARD\u{2028}X:y\u{0}")]).text(Version::Three);
        let lines: Vec<&str> = text.lines().map(|line| line.split(':').next().unwrap()).collect();
        assert_eq!(lines, ["BEGIN", "VERSION", "PRODID", "UID", "FN", "N", "END"], "{text}");
    }

    #[test]
    fn long_lines_are_folded_between_letters() {
        let name = "ü".repeat(200);
        let text = card(&[("FN", &name)]).text(Version::Four);
        assert!(text.split("\r\n").all(|line| line.len() <= LINE_BYTES_MAX), "{text}");
        assert!(text.replace("\r\n ", "").contains(&format!("FN:{name}\r\n")));
    }

    #[test]
    fn a_name_is_taken_apart_as_an_address_book_sorts_it() {
        for (name, family, given) in [
            ("Sam Hill", "Hill", "Sam"),
            ("Hill\\, Sam", "Hill", "Sam"),
            ("Cher", "Cher", ""),
            ("Ana Maria de Souza", "Souza", "Ana Maria de"),
        ] {
            assert_eq!(parts(name), (family, given), "{name}");
        }
    }
}
