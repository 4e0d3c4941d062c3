//! Whether a text says who somebody is: what is written about an erasure must not keep the name of whom it erased, and
//! what is written about others is masked where it names them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use custody::id::PersonId;

use super::find::{Index, Known, find};
use super::ordinary::also_called;
use super::pattern::overlap;
use super::words::{Word, parts, plain, together, unhyphened, words};
use super::{What, ever};
use crate::{Result, Tx, normal};

/// A part of a name with fewer letters is too many other words.
const LETTERS: usize = 4;

/// What somebody is known by.
#[derive(Clone, Debug)]
pub struct Own {
    person: PersonId,
    known: Known,
    index: Index,
    /// Of which a text has one at least if it speaks of them: letters and digits alone.
    stems: BTreeSet<String>,
    /// Their initials, of which the same is true of its capitals.
    initials: BTreeSet<String>,
}

/// What somebody is known by: their names, addresses and numbers, and those they had before.
///
/// # Errors
/// Whatever the database says.
pub fn own(tx: &Tx<'_>, person: PersonId) -> Result<Own> {
    Ok(Own::of(person, ever(tx, person)?))
}

/// What somebody is known by of whom nothing but a name is left.
#[must_use]
pub fn called(name: &str) -> Own {
    Own::of(PersonId(0), Known { names: vec![normal::name(name)], ..Known::default() })
}

/// Other forms of a name that somebody may be kept under: a short form, an initial, turned. Of one word none.
pub(crate) fn forms(name: &str) -> Vec<String> {
    let mut forms = BTreeSet::new();
    let Some((first, rest)) = name.split_once(' ') else { return Vec::new() };
    let initial: String = first.chars().take(1).collect();
    let mut firsts = vec![first.to_owned(), initial.clone(), format!("{initial}.")];
    firsts.extend(also_called(first).into_iter().map(str::to_owned));
    let last = rest.rsplit(' ').next().unwrap_or(rest);
    for one in firsts {
        for surname in [rest, last] {
            forms.extend([
                format!("{one} {surname}"),
                format!("{surname} {one}"),
                format!("{surname}, {one}"),
            ]);
        }
    }
    forms.into_iter().collect()
}

impl Own {
    fn of(person: PersonId, known: Known) -> Self {
        let index = Index::new(&Known::default(), &BTreeMap::from([(person, known.clone())]));
        let (mut stems, mut initials) = (BTreeSet::new(), BTreeSet::new());
        for name in &known.names {
            let parts = parts(name);
            stems.extend(parts.iter().flat_map(|part| also_called(part)).map(str::to_owned));
            let letters = || parts.iter().filter_map(|part| part.chars().next());
            initials.insert(letters().collect());
            initials.insert(letters().next().into_iter().chain(letters().next_back()).collect());
            stems.extend(parts);
        }
        for value in &known.reached {
            let digits: String = value.chars().filter(char::is_ascii_digit).collect();
            match value.split_once('@') {
                Some((name, _)) => drop(stems.insert(plain(name))),
                None => drop(
                    stems.insert(digits.get(digits.len().saturating_sub(6)..).unwrap_or(&digits).to_owned()),
                ),
            }
        }
        stems.extend(
            known.addresses.iter().flat_map(|address| parts(address)).filter(|part| part.len() >= LETTERS),
        );
        stems.retain(|stem| stem.chars().count() > 1);
        Self { person, known, index, stems, initials }
    }

    /// Whether a text may speak of them: told quickly, and never no where it does.
    fn may(&self, text: &str) -> bool {
        let there = plain(text);
        if self.stems.iter().any(|stem| there.contains(stem.as_str())) {
            return true;
        }
        let capitals: String = text.chars().filter(|c| c.is_uppercase()).collect();
        let capitals = normal::name(&capitals);
        self.initials.iter().any(|letters| letters.chars().count() > 1 && capitals.contains(letters.as_str()))
    }

    /// How a text speaks of them: surely, by their whole name however it is written, an address or a number of theirs; or
    /// perhaps, by their initials or a part of their name alone.
    #[must_use]
    pub fn spoken_of(&self, text: &str) -> Option<Surely> {
        let spans = self.spans(text);
        (!spans.is_empty()).then(|| Surely(self.is_sure(text, &spans)))
    }

    /// Whether nothing is known that they could be found by.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.stems.is_empty()
    }

    /// Whether one of the places at least is more than initials or one part of a name.
    fn is_sure(&self, text: &str, spans: &[Range<usize>]) -> bool {
        spans.iter().any(|span| self.is_whole(text.get(span.clone()).unwrap_or_default()))
    }

    fn is_whole(&self, said: &str) -> bool {
        let made = together(said);
        let said = made.as_ref().map_or(said, |made| made.text.as_str());
        // "Smith-Jones" is one part of a name, "Olive-Hartnell" the whole of it.
        let one_part =
            |word: &str| self.known.names.iter().any(|name| parts(name).iter().any(|part| part == word));
        let (tied, there) = (unhyphened(said), words(said));
        let there = match (&tied, there.as_slice()) {
            (Some(tied), [word]) if !one_part(&word.plain) => words(tied),
            _ => there,
        };
        (there.len() > 1 && there.iter().any(|word| word.plain.chars().count() > 1))
            || said.contains('@')
            || said.chars().filter(char::is_ascii_digit).count() > 6
    }

    /// Where a text speaks of them first: surely, if it does anywhere.
    pub(super) fn first(&self, text: &str) -> Option<Range<usize>> {
        let spans = self.spans(text);
        let sure = |span: &&Range<usize>| self.is_whole(text.get((*span).clone()).unwrap_or_default());
        spans.iter().find(sure).or(spans.first()).cloned()
    }

    fn spans(&self, text: &str) -> Vec<Range<usize>> {
        if !self.may(text) {
            return Vec::new();
        }
        let found =
            find(text, &self.index).into_iter().filter(|one| one.what == What::People(vec![self.person]));
        found.map(|one| one.span).collect()
    }

    /// What else they are looked for by where they may be meant: their initials, and what their first name is shortened to.
    #[must_use]
    pub fn also(&self) -> Vec<String> {
        let letters = self
            .initials
            .iter()
            .filter(|letters| letters.chars().count() > 1)
            .map(|letters| letters.to_uppercase());
        let firsts = self
            .known
            .names
            .iter()
            .filter_map(|name| parts(name).into_iter().next())
            .collect::<BTreeSet<_>>();
        let short = firsts.iter().flat_map(|first| also_called(first)).map(str::to_owned);
        letters.chain(firsts.iter().cloned()).chain(short).collect()
    }

    /// Other forms of their names that somebody else may be kept under who is the same.
    pub(super) fn forms(&self) -> Vec<String> {
        self.known.names.iter().flat_map(|name| forms(name)).collect::<BTreeSet<_>>().into_iter().collect()
    }

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

    /// What of a text could say who they are where nothing but their name is left to look for: their initials, or anybody's address or
    /// number, which may be theirs.
    #[must_use]
    pub fn could_be_said_in<'t>(&self, text: &'t str) -> Option<&'t str> {
        let of_somebody = |what: &What| match what {
            What::People(people) => people.contains(&self.person),
            What::Name => false,
            What::Email
            | What::Phone
            | What::Iban
            | What::Card
            | What::NationalInsurance
            | What::Nhs
            | What::Postcode => true,
        };
        let found = find(text, &self.index).into_iter().find(|one| of_somebody(&one.what));
        found.and_then(|one| text.get(one.span))
    }

    /// Where a text speaks of them: their whole name however it is written, their addresses and numbers. A first name alone
    /// may be somebody else's, unless a whole name of theirs stands there too.
    #[must_use]
    pub fn places(&self, text: &str) -> Vec<Range<usize>> {
        let spans = self.spans(text);
        if self.is_sure(text, &spans) { spans } else { Vec::new() }
    }

    /// Where a text surely or perhaps speaks of them: for somebody who has read it, and says that they are meant.
    #[must_use]
    pub fn places_perhaps(&self, text: &str) -> Vec<Range<usize>> {
        self.spans(text)
    }

    /// Where the name of something they belong to may be theirs: wherever it speaks of them, surely or perhaps, and their surname
    /// also where it is no person's as it stands there: `Quill Ltd`.
    #[must_use]
    pub fn places_in_name(&self, name: &str) -> Vec<Range<usize>> {
        let mut places = self.places_perhaps(name);
        let there = words(name);
        for surname in self.known.names.iter().flat_map(|name| surnames(name)) {
            let same = |some: &&[Word<'_>]| some.iter().map(|word| &word.plain).eq(&surname);
            for some in there.windows(surname.len()).filter(same) {
                let (Some(first), Some(last)) = (some.first(), some.last()) else { continue };
                let place = first.start..last.end;
                if !places.iter().any(|other| overlap(other, &place)) {
                    places.push(place);
                }
            }
        }
        places.sort_by_key(|place| place.start);
        places
    }

    /// A text with other words where it surely speaks of them; nothing if it does not.
    #[must_use]
    pub fn masked(&self, text: &str, instead: &str) -> Option<String> {
        masked(text, &self.places(text), instead)
    }
}

/// The surname of a name, by its words: where a hyphen ties two of them also as two. Of one word none.
fn surnames(name: &str) -> Vec<Vec<String>> {
    let Some((_, last)) = name.trim().rsplit_once(' ') else { return Vec::new() };
    let mut ways = vec![parts(last), parts(&last.replace('-', " "))];
    ways.dedup();
    ways.retain(|way| way.iter().any(|word| word.chars().count() > 1));
    ways
}

/// A text with other words in some places of it, which are in order; nothing where there are none.
#[must_use]
pub fn masked(text: &str, places: &[Range<usize>], instead: &str) -> Option<String> {
    let mut masked = String::with_capacity(text.len());
    let mut at = 0;
    for place in places {
        masked.push_str(text.get(at..place.start).unwrap_or_default());
        masked.push_str(instead);
        at = end(text, place);
    }
    masked.push_str(text.get(at..).unwrap_or_default());
    (!places.is_empty()).then_some(masked)
}

/// Where what is masked ends: the last stop of initials goes with them, unless it may end the sentence.
fn end(text: &str, place: &Range<usize>) -> usize {
    let mut back = text.get(place.clone()).unwrap_or_default().chars().rev();
    let initials = back.next().is_some_and(char::is_alphabetic) && back.next() == Some('.');
    let after = text.get(place.end..).and_then(|rest| rest.strip_prefix('.'));
    let Some(after) = after.filter(|_| initials) else { return place.end };
    let word = after.trim_start();
    let may_end = word.is_empty() || (word.len() < after.len() && word.starts_with(char::is_uppercase));
    if may_end { place.end } else { place.end + 1 }
}

/// Whether it is sure that a text speaks of somebody, and not only that it may.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Surely(pub bool);

#[cfg(test)]
mod tests {
    use super::*;

    fn otto() -> Own {
        let known = Known {
            names: vec!["ottoline fennimore".into()],
            reached: vec!["otto@fennimore.example".into(), "+441632960555".into()],
            ..Known::default()
        };
        Own::of(PersonId(7), known)
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
        let by_name = called("Ottoline Fennimore");
        assert_eq!(by_name.said_in("they keep Fennimore's number"), Some("Fennimore"));
        assert_eq!(by_name.said_in("they keep the number"), None);
    }

    #[test]
    fn texts_of_others_are_masked_where_they_speak_of_them() {
        let text = "Ottoline Fennimore (otto@fennimore.example, 01632 960555) is her boss.";
        let masked = otto().masked(text, "[gone]").unwrap();
        assert_eq!(masked, "[gone] ([gone], [gone]) is her boss.");
        assert_eq!(otto().masked("Her boss rang.", "[gone]"), None);
        for (text, masked) in [
            ("O t t o l i n e  F e n n i m o r e rang", "[gone] rang"),
            ("Ask Ottoline J. Fennimore.", "Ask [gone]."),
            ("Ask Ottoline-Fennimore.", "Ask [gone]."),
            ("mailto:otto@fennimore.example?x", "mailto:[gone]?x"),
        ] {
            assert_eq!(otto().masked(text, "[gone]").as_deref(), Some(masked));
        }
    }

    #[test]
    fn the_stop_of_initials_goes_with_them_and_that_of_a_sentence_stays() {
        for (text, said, bare) in [
            ("O.F.'s book", "O.F", "[gone]'s book"),
            ("O.F. came by", "O.F", "[gone] came by"),
            ("seen with O.F.", "O.F", "seen with [gone]."),
            ("seen with O.F. They left", "O.F", "seen with [gone]. They left"),
            ("OF. came", "OF", "[gone]. came"),
        ] {
            let at = text.find(said).unwrap();
            let place = at..at + said.len();
            let masked = masked(text, std::slice::from_ref(&place), "[gone]");
            assert_eq!(masked.as_deref(), Some(bare), "{text}");
        }
    }

    #[test]
    fn what_they_belong_to_may_be_called_after_them_by_the_surname_alone() {
        let said = |own: &Own, name: &str| masked(name, &own.places_in_name(name), "[gone]");
        for (name, bare) in [
            ("Fennimore Ltd", Some("[gone] Ltd")),
            ("Fennimore & Daughters", Some("[gone] & Daughters")),
            ("O. Fennimore (Joinery)", Some("[gone] (Joinery)")),
            ("Fennimore, Ottoline Trust", Some("[gone] Trust")),
            ("Ottoline's Teas", Some("[gone]'s Teas")),
            ("Fennimores Ltd", None),
            ("Harbour Ltd", None),
        ] {
            assert_eq!(said(&otto(), name).as_deref(), bare, "{name}");
        }
        let tied = called("Anne Smith-Jones");
        for name in ["Smith-Jones Ltd", "Smith Jones Ltd"] {
            assert_eq!(said(&tied, name).as_deref(), Some("[gone] Ltd"), "{name}");
        }
        assert_eq!(said(&tied, "Jones Ltd"), None);
        assert_eq!(said(&called("Ottoline"), "Harbour Ltd"), None);
    }

    #[test]
    fn a_text_speaks_of_somebody_surely_or_perhaps() {
        for (text, sure) in [
            ("Fennimore, Ottoline: seen", Some(true)),
            ("O. Fennimore came", Some(true)),
            ("FENNIMORE Ottoline came", Some(true)),
            ("Ottoline J Fennimore, Ottoline J. Fennimore", Some(true)),
            ("Ottoline J. K. Fennimore came", Some(true)),
            ("Ottoline J Fennimore Ltd came", Some(true)),
            ("ottoline j fennimore came", Some(true)),
            ("seen with Ottoline-J-Fennimore", Some(true)),
            ("Ottoline\nJ. Fennimore", Some(false)),
            ("Ottoline, J. Fennimore", Some(false)),
            ("seen with Ottoline-Fennimore", Some(true)),
            ("see mailto:otto@fennimore.example?subject=Tea", Some(true)),
            ("Mrs Fennimore came", Some(false)),
            ("O t t o l i n e  F e n n i m o r e", Some(true)),
            ("call (01632) 960-555", Some(true)),
            ("Ottoline came", Some(false)),
            ("O.F. came", Some(false)),
            ("ask OF about it", Some(false)),
            ("of course", None),
            ("nobody came", None),
        ] {
            assert_eq!(otto().spoken_of(text).map(|Surely(sure)| sure), sure, "{text}");
        }
    }

    #[test]
    fn a_word_between_two_words_is_no_initial_within_a_name() {
        for text in ["Will I May", "when will I May", "will a may", "will j may", "Will, J. May"] {
            assert_ne!(called("Will May").spoken_of(text), Some(Surely(true)), "{text}");
        }
        for text in ["Will J May", "Will J. K. May", "WILL I. MAY"] {
            assert_eq!(called("Will May").spoken_of(text), Some(Surely(true)), "{text}");
        }
        let maria = called("Maria de Souza");
        for text in ["Maria J. de Souza", "Maria J. Souza", "maria j souza"] {
            assert_eq!(maria.masked(text, "[gone]").as_deref(), Some("[gone]"), "{text}");
        }
    }
}
