//! The text of one message to one person: the draft with what they are called in it, and the channel's footer below,
//! character for character, its links filled in. Values are opened here, with the grant of the sending act.

use custody::id::PersonId;
use custody::sealed::NotGranted;
use custody::{Grant, Sealed, Shown};
use store::mailing::Draft;
use store::suppression;

use super::link;
use crate::fault::Fault;
use crate::instance::Instance;

/// Bytes of a link's token: nobody guesses 128 bits.
const TOKEN_BYTES: usize = 16;

/// What stands in a preview where a message has its token.
pub const PREVIEW: &str = "preview";

/// The links of one message.
#[derive(Clone, Debug)]
pub struct Links {
    /// The privacy notice.
    pub notice: String,
    /// Where the person stops what they no longer want, without signing in.
    pub unsubscribe: String,
}

impl Links {
    /// Where a question is answered: the message's own link.
    #[must_use]
    pub fn answer(&self) -> String {
        self.unsubscribe.replace("/unsubscribe/", "/answer/")
    }

    /// The links of a message that is only looked at: the one to stop leads to a page that says so.
    #[must_use]
    pub fn preview(instance: &Instance) -> Self {
        let address = instance.public_address();
        Self { notice: format!("{address}/privacy"), unsubscribe: format!("{address}/unsubscribe/{PREVIEW}") }
    }

    /// The links of the message with this token.
    #[must_use]
    pub fn of(instance: &Instance, token: &[u8]) -> Self {
        let address = instance.public_address();
        let token = store::keys::hex(token);
        Self { notice: format!("{address}/privacy"), unsubscribe: format!("{address}/unsubscribe/{token}") }
    }
}

/// A fresh token.
///
/// # Errors
/// If the system gives no random bytes.
pub fn token() -> Result<[u8; TOKEN_BYTES], Fault> {
    let mut token = [0; TOKEN_BYTES];
    getrandom::fill(&mut token).map_err(|error| Fault::Other(error.to_string()))?;
    Ok(token)
}

/// What the link of a message to somebody under an activity is known by: it says by itself what it stops.
///
/// # Errors
/// If the grant does not cover the address.
pub fn linked(
    instance: &Instance,
    grant: &Grant,
    (person, activity): (PersonId, &str),
    address: &Sealed,
) -> Result<Vec<u8>, Fault> {
    let keys = instance.store.keys();
    match suppression::hash(keys, "email", address.open(grant).map(Shown::reveal)?) {
        Some((_, address)) => link::made(keys, person, activity, address),
        None => Ok(token()?.to_vec()),
    }
}

/// A message ready for the outbox.
pub struct Letter {
    /// Where it goes.
    pub address: String,
    /// Its subject.
    pub subject: String,
    /// Its text, the footer in it.
    pub body: String,
}

/// What a text to many can say of whoever reads it: `{name}`, `{given name}`, `{organisation}`.
pub const FIELDS: &[&str] = &["name", "given name", "organisation"];

/// What one of many readers is called, as far as it is known and may be said.
#[derive(Clone, Debug, Default)]
pub struct Reader {
    /// Their name.
    pub name: Option<Sealed>,
    /// What their organisation is called.
    pub organisation: Option<Sealed>,
}

/// Puts a text to many as one of them reads it: what is known of them in the places of its [`FIELDS`], as words that no mail
/// program takes for marks or links.
///
/// # Errors
/// [`NotGranted`] if the grant does not cover what the reader is called.
pub fn addressed(grant: &Grant, reader: &Reader, draft: &Draft) -> Result<Draft, NotGranted> {
    let opened = |sealed: &Option<Sealed>| -> Result<Option<String>, NotGranted> {
        let opened = sealed.as_ref().map(|sealed| sealed.open(grant).map(Shown::reveal)).transpose()?;
        Ok(opened.map(one_line).filter(|line| !line.is_empty()))
    };
    let (name, organisation) = (opened(&reader.name)?, opened(&reader.organisation)?);
    let value = |field: &str| match field {
        "name" => Some(name.as_deref().unwrap_or("there")),
        "given name" => Some(name.as_deref().map_or("there", given)),
        "organisation" => Some(organisation.as_deref().unwrap_or("your organisation")),
        _ => None,
    };
    Ok(Draft {
        subject: filled_in(&draft.subject, |field| value(field).map(str::to_owned)),
        body: filled_in(&draft.body, |field| value(field).map(escaped)),
        ..draft.clone()
    })
}

/// Whether a draft says this field.
#[must_use]
pub fn says(draft: &Draft, field: &str) -> bool {
    let field = format!("{{{field}}}");
    draft.subject.contains(&field) || draft.body.contains(&field)
}

/// A field of a text that nothing is filled in for.
#[must_use]
pub fn unknown_field(text: &str) -> Option<String> {
    text.split('{').skip(1).find_map(|rest| {
        let (word, _) = rest.split_once('}')?;
        let is_word =
            !word.is_empty() && word.chars().all(|letter| letter.is_alphanumeric() || letter == ' ');
        (is_word && !FIELDS.contains(&word)).then(|| format!("{{{word}}}"))
    })
}

/// A text with its fields filled in, once: a value that looks like a field stays as it is.
fn filled_in(text: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        match after.split_once('}').and_then(|(field, tail)| Some((value(field)?, tail))) {
            Some((value, tail)) => {
                out.push_str(&value);
                rest = tail;
            }
            None => {
                out.push('{');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

/// Words of a record as Markdown that says just these words, wherever in a text they stand.
fn escaped(words: &str) -> String {
    let mut out = String::with_capacity(words.len());
    // A line across or a list begins only at the start of a line, which is where a field may stand.
    let mut at_start = true;
    let mut rest = words.chars().peekable();
    while let Some(c) = rest.next() {
        let mark = match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '(' | ')' | '<' | '>' | '#' | '~' | '|' | ':' | '@' => true,
            '&' => rest.peek().is_some_and(|next| next.is_alphanumeric() || *next == '#'),
            '-' | '+' | '=' | '.' => at_start,
            _ => false,
        };
        if mark {
            out.push('\\');
        }
        out.push(c);
        at_start &= c.is_ascii_digit();
    }
    out
}

/// What stands before a name and is no part of it.
const TITLES: &[&str] = &[
    "mr",
    "mrs",
    "ms",
    "miss",
    "mx",
    "dr",
    "prof",
    "professor",
    "rev",
    "revd",
    "sir",
    "dame",
    "lord",
    "lady",
];

/// What somebody of this name is called by those who know them: the first word of it that is no title, and the whole name where
/// nothing else would be left.
fn given(name: &str) -> &str {
    let (before, after) = match name.split_once(',') {
        Some((before, after)) if !after.trim().is_empty() => (before.trim(), Some(after.trim())),
        _ => (name, None),
    };
    let after = after.filter(|after| !is_addition(before, after));
    let words = after.unwrap_or(before);
    let is_title = |word: &str| TITLES.contains(&word.trim_end_matches('.').to_lowercase().as_str());
    let mut rest = words.split(' ').skip_while(|word| is_title(word));
    match (rest.next(), rest.next()) {
        (Some(first), None) if after.is_none() && first.len() < words.len() => words,
        (Some(first), _) => first,
        (None, _) => name,
    }
}

/// Whether what follows the comma of a name is no given name, but what somebody has been given beside a whole one: "MBE", "PhD", "Jr".
fn is_addition(before: &str, after: &str) -> bool {
    let first = after.split(' ').next().unwrap_or_default();
    let junior = ["jr", "sr"].contains(&first.trim_end_matches(['.', ',']).to_lowercase().as_str());
    // A name that is in capitals throughout says nothing by them.
    let capitals = first.chars().filter(|letter| letter.is_uppercase()).count();
    let lettered = capitals > 1 && before.chars().any(char::is_lowercase);
    before.contains(' ') && (junior || lettered)
}

/// Words on one line, without what no header may hold.
pub(super) fn one_line(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Writes the letter: what it says is said already, its address is opened and the footer put below.
///
/// # Errors
/// [`NotGranted`] if the grant does not cover the address.
pub fn write(
    grant: &Grant,
    address: &Sealed,
    draft: &Draft,
    footer: Option<&str>,
    links: &Links,
) -> Result<Letter, NotGranted> {
    let address = address.open(grant).map(Shown::reveal)?.to_owned();
    let body = match footer {
        Some(footer) => format!("{}\n\n{}", draft.body, filled(footer, links)),
        None => draft.body.clone(),
    };
    Ok(Letter { address, subject: one_line(&draft.subject), body })
}

/// A footer with its links filled in.
#[must_use]
pub fn filled(footer: &str, links: &Links) -> String {
    footer.replace("{notice}", &links.notice).replace("{unsubscribe}", &links.unsubscribe)
}

#[cfg(test)]
mod tests {
    use super::{escaped, filled_in, given, unknown_field};
    use crate::mail::compose;

    #[test]
    fn what_a_record_says_is_said_and_marks_nothing() {
        let names = [
            "[Win](https://evil.example)",
            "![p](https://evil.example/p.gif)",
            "<https://evil.example>",
            "https://evil.example",
            "x@evil.example",
            "<b>Bold</b>",
            "**Bold** _and_ `code` ~~gone~~",
            "# Head",
            "- one",
            "+ one",
            "1. one",
            "1) one",
            ". one",
            "---",
            "===",
            "> said",
            "a\\b",
            "AT&amp;T &#60;",
            "Smith & Sons",
            "Anne-Marie O'Neil (Annie)",
            "{organisation}",
            "|a|b|",
        ];
        let around = [
            "{name}",
            "Dear {name},\n\nwelcome",
            "Hello\n{name}\nwelcome",
            "- {name}",
            "1{name}",
            "[see {name}](https://cti.example/)",
            "*{name}*",
            "Hi <{name}>",
            "> {name}",
        ];
        for text in around {
            let usual = compose::inner(&filled_in(text, |_| Some("Zoe".to_owned())), None);
            for name in names {
                let body = filled_in(text, |field| (field == "name").then(|| escaped(name)));
                let shown = name.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
                let html = compose::inner(&body, None).replace("&quot;", "\"");
                let wanted = usual.replace("Zoe", &shown);
                assert_eq!(html, wanted, "{name:?} in {text:?}: {body}");
                let plain = compose::text(&body);
                let usual = compose::text(&filled_in(text, |_| Some("Zoe".to_owned())));
                assert_eq!(plain, usual.replace("Zoe", name), "{name:?} in {text:?}: {body}");
            }
        }
    }

    #[test]
    fn somebody_is_called_by_their_given_name() {
        for (name, called) in [
            ("Zoe Muller", "Zoe"),
            ("Cher", "Cher"),
            ("Dr. Zoe Muller", "Zoe"),
            ("Mr Smith", "Mr Smith"),
            ("Muller, Zoe", "Zoe"),
            ("Muller, Dr Zoe", "Zoe"),
            ("Dr", "Dr"),
            ("Jane Smith, MBE", "Jane"),
            ("Dr John Poe, PhD", "John"),
            ("Li Wei, Jr", "Li"),
            ("Mr Poe Smith, Ph.D., MBE", "Poe"),
            ("Muller Garcia, Zoe", "Zoe"),
            ("MULLER GARCIA, ZOE", "ZOE"),
        ] {
            assert_eq!(given(name), called, "{name}");
        }
    }

    #[test]
    fn a_field_that_nothing_fills_in_is_found() {
        assert_eq!(unknown_field("Dear {name} of {organisation}, {given name} {} {a-b}"), None);
        assert_eq!(unknown_field("Dear {surname}").as_deref(), Some("{surname}"));
    }
}
