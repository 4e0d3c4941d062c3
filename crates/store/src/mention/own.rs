//! Whether a text says who somebody is: what is written about an erasure must not keep the name of whom it erased, and
//! what is written about others is masked where it names them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use custody::id::PersonId;

use super::find::{Index, Known, find};
use super::words::{parts, words};
use super::{What, known};
use crate::{Result, Tx};

/// A part of a name with fewer letters is too many other words.
const LETTERS: usize = 4;

/// What somebody is known by.
#[derive(Clone, Debug, Default)]
pub struct Own {
    person: Option<PersonId>,
    known: Known,
}

/// What somebody is known by: their names, addresses and numbers.
///
/// # Errors
/// Whatever the database says.
pub fn own(tx: &Tx<'_>, person: PersonId) -> Result<Own> {
    let known = known(tx, &BTreeSet::from([person]))?.remove(&person).unwrap_or_default();
    Ok(Own { person: Some(person), known })
}

impl Own {
    /// What of a text says who they are: also a part of their name by itself.
    #[must_use]
    pub fn said_in<'t>(&self, text: &'t str) -> Option<&'t str> {
        let names: BTreeSet<String> = self.known.names.iter().flat_map(|name| parts(name)).collect();
        let long = |part: &str| part.chars().count() >= LETTERS && names.contains(part);
        let part = words(text).into_iter().find(|word| long(&word.plain)).map(|word| word.raw);
        let place = || self.places(text).into_iter().next().and_then(|place| text.get(place));
        // A name with no long part is still a name when it stands there whole.
        let whole = || {
            let there: Vec<String> = parts(text);
            let has = |name: &String| {
                let name = parts(name);
                !name.is_empty() && there.windows(name.len()).any(|some| some == name)
            };
            self.known.names.iter().any(has).then_some(text)
        };
        part.or_else(place).or_else(whole)
    }

    /// Where a text speaks of them: their whole name however it is written, their addresses and numbers. A first name alone
    /// may be somebody else's, unless a whole name of theirs stands there too.
    #[must_use]
    pub fn places(&self, text: &str) -> Vec<Range<usize>> {
        let Some(person) = self.person else { return Vec::new() };
        let index = Index::new(&Known::default(), &BTreeMap::from([(person, self.known.clone())]));
        let found = find(text, &index).into_iter().filter(|one| one.what == What::People(vec![person]));
        let spans: Vec<Range<usize>> = found.map(|one| one.span).collect();
        let sure = |span: &Range<usize>| {
            let said = text.get(span.clone()).unwrap_or_default();
            words(said).len() > 1
                || said.contains('@')
                || said.chars().filter(char::is_ascii_digit).count() > 6
        };
        if spans.iter().any(sure) { spans } else { Vec::new() }
    }

    /// A text with other words where it speaks of them; nothing if it does not.
    #[must_use]
    pub fn masked(&self, text: &str, instead: &str) -> Option<String> {
        let places = self.places(text);
        if places.is_empty() {
            return None;
        }
        let mut masked = String::with_capacity(text.len());
        let mut at = 0;
        for place in places {
            masked.push_str(text.get(at..place.start).unwrap_or_default());
            masked.push_str(instead);
            at = place.end;
        }
        masked.push_str(text.get(at..).unwrap_or_default());
        Some(masked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn otto() -> Own {
        let known = Known {
            names: vec!["ottoline fennimore".into()],
            reached: vec!["otto@fennimore.example".into(), "+441632960555".into()],
            addresses: Vec::new(),
        };
        Own { person: Some(PersonId(7)), known }
    }

    #[test]
    fn what_says_who_they_are_is_found_however_it_is_written() {
        for text in [
            "Ottoline Fennimore asked by e-mail",
            "asked by OTTOLINE",
            "Ms Fennimore's letter",
            "from otto@fennimore.example",
            "rang from 01632 960555",
        ] {
            assert!(otto().said_in(text).is_some(), "{text}");
        }
        for text in ["They asked by e-mail", "nothing needs it any more", "see ticket 4711"] {
            assert_eq!(otto().said_in(text), None, "{text}");
        }
    }

    #[test]
    fn texts_of_others_are_masked_where_they_speak_of_them() {
        let text = "Ottoline Fennimore (otto@fennimore.example, 01632 960555) is her boss.";
        let masked = otto().masked(text, "[gone]").unwrap();
        assert_eq!(masked, "[gone] ([gone], [gone]) is her boss.");
        assert_eq!(otto().masked("Her boss rang.", "[gone]"), None);
    }
}
