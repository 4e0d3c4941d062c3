//! What people are compared by, small enough to hold a million of them: every word once, every detail in a few bytes.
//! Pure; it reads no database and decides nothing.

use std::collections::HashMap;
use std::sync::Arc;

use custody::id::PersonId;
use jiff::civil::Date;
use policy::phrase::BIRTH;

use super::name::{self, Letters};
use crate::mention::{What, pattern};
use crate::normal::{self, Shape};

/// What a kind of detail is to the comparison.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sort {
    /// A name, or what somebody was called before.
    Name,
    /// A date of birth.
    Birth,
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// A postal address, or its postcode alone.
    Address,
    /// The organisation somebody belongs to.
    Organisation,
}

impl Sort {
    /// What details of a kind are, judged by the kind's own name; `None` for those that tell nobody from anybody.
    #[must_use]
    pub fn of(kind: &str) -> Option<Self> {
        match Shape::of(kind) {
            Shape::Email => return Some(Self::Email),
            Shape::Phone => return Some(Self::Phone),
            Shape::Words => {}
        }
        let said = |word: &str| kind.split(|c: char| !c.is_alphanumeric()).any(|part| part == word);
        if kind == BIRTH {
            Some(Self::Birth)
        } else if said("ip") || said("internet") {
            None
        } else if said("address") || said("postcode") {
            Some(Self::Address)
        } else if kind == "organisation" {
            Some(Self::Organisation)
        } else {
            (said("name") || said("names") || kind.contains("known as")).then_some(Self::Name)
        }
    }
}

/// The place of a word.
pub(super) type Word = u32;
/// No word.
pub(super) const NONE: Word = u32::MAX;

/// Every word once.
#[derive(Default)]
pub(super) struct Words {
    places: HashMap<Arc<str>, Word>,
    texts: Vec<Arc<str>>,
}

impl Words {
    pub(super) fn put(&mut self, text: &str) -> Word {
        if text.is_empty() {
            return NONE;
        }
        if let Some(place) = self.places.get(text) {
            return *place;
        }
        let Ok(place) = Word::try_from(self.texts.len()) else { return NONE };
        let text: Arc<str> = text.into();
        self.places.insert(Arc::clone(&text), place);
        self.texts.push(text);
        place
    }

    /// No more words come: the index that finds a word again is let go of.
    fn close(&mut self) {
        self.places = HashMap::new();
    }

    pub(super) fn get(&self, word: Word) -> &str {
        at(word).and_then(|place| self.texts.get(place)).map_or("", |text| text)
    }
}

/// A word's place in a list; none for no word.
pub(super) fn at(word: Word) -> Option<usize> {
    (word != NONE).then(|| usize::try_from(word).ok()).flatten()
}

/// A name: its first word, what may stand in the middle, its last. Of a single word only the last is there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Name {
    pub(super) given: Word,
    pub(super) middle: [Word; 2],
    pub(super) surname: Word,
}

/// What is known of a word of a name.
#[derive(Clone, Default)]
pub(super) struct About {
    /// How many names begin and end with it.
    pub(super) given: u32,
    pub(super) surname: u32,
    /// How it sounds.
    pub(super) sound: Word,
    /// Its letters.
    pub(super) letters: Letters,
    /// In which rows of short forms it stands.
    pub(super) called: Vec<u16>,
    /// Whether it is a first name, so that what is close to it is another.
    pub(super) is_first: bool,
    /// Whether it is one in full, and not only short for one.
    pub(super) in_full: bool,
    /// Whether it is a letter alone.
    pub(super) initial: bool,
}

/// A date of birth in eight digits.
pub(super) type Born = u32;

/// A detail.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fact {
    Name(u32),
    Birth(Born),
    Email { local: Word, domain: Word },
    Phone(u64),
    Place { postcode: Word, number: Word, street: Word },
    Organisation(Word),
}

/// People, ready to be compared.
#[derive(Default)]
pub struct Crowd {
    /// Who, each with the place of their first detail.
    pub(super) people: Vec<(PersonId, usize)>,
    facts: Vec<(PersonId, Fact)>,
    pub(super) names: Vec<Name>,
    /// Words of names, and what is known of each.
    pub(super) called: Words,
    pub(super) about: Vec<About>,
    /// Every other word, and how many have exactly the same, where that is more than one.
    pub(super) words: Words,
    pub(super) held: HashMap<Counted, u32>,
    /// How each street sounds, as a number.
    pub(super) streets: HashMap<Word, u64>,
}

/// What is counted: how many have exactly this.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) enum Counted {
    Birth(Born),
    Email(Word, Word),
    Phone(u64),
    Place(Word, Word),
    Organisation(Word),
}

impl Crowd {
    /// Adds a detail of somebody, in whatever order. What says nothing is passed over.
    pub fn add(&mut self, person: PersonId, sort: Sort, value: &str) {
        let fact = match sort {
            Sort::Name => self.name(value),
            Sort::Birth => born(value).map(Fact::Birth),
            Sort::Email => normal::email(value).and_then(|whole| {
                let (local, domain) = whole.rsplit_once('@')?;
                Some(Fact::Email { local: self.words.put(local), domain: self.words.put(domain) })
            }),
            Sort::Phone => phone(value).map(Fact::Phone),
            Sort::Address => self.place(value),
            Sort::Organisation => {
                let word = self.words.put(&normal::name(value));
                (word != NONE).then_some(Fact::Organisation(word))
            }
        };
        if let Some(fact) = fact {
            self.facts.push((person, fact));
        }
    }

    fn name(&mut self, value: &str) -> Option<Fact> {
        let words: Vec<Word> = name::words(value).iter().map(|word| self.called.put(word)).collect();
        let (surname, before) = words.split_last()?;
        let nth = |place: usize| before.get(place).copied().unwrap_or(NONE);
        let place = u32::try_from(self.names.len()).ok()?;
        self.names.push(Name { given: nth(0), middle: [nth(1), nth(2)], surname: *surname });
        Some(Fact::Name(place))
    }

    fn place(&mut self, value: &str) -> Option<Fact> {
        let code = pattern::formed(value).into_iter().find(|one| one.what == What::Postcode);
        let before = code.as_ref().and_then(|code| value.get(..code.span.start)).unwrap_or(value);
        let plain = normal::name(before);
        let words: Vec<&str> =
            plain.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        let numbered = words.windows(2).find_map(|pair| match pair {
            [number, street]
                if number.starts_with(|c: char| c.is_ascii_digit())
                    && street.starts_with(|c: char| c.is_alphabetic()) =>
            {
                Some((*number, *street))
            }
            _ => None,
        });
        let (number, street) = numbered.unwrap_or_default();
        let postcode = code.map_or(NONE, |code| self.words.put(&code.normal));
        let (number, street) = (self.words.put(number), self.words.put(street));
        (postcode != NONE || number != NONE).then_some(Fact::Place { postcode, number, street })
    }

    /// Puts everything in order and counts it. Nothing is added after.
    pub fn ready(&mut self) {
        self.facts.sort_by_key(|(person, _)| *person);
        self.people.clear();
        for (place, (person, _)) in self.facts.iter().enumerate() {
            if self.people.last().is_none_or(|(last, _)| last != person) {
                self.people.push((*person, place));
            }
        }
        self.about_names();
        self.streets.clear();
        let mut counts: Vec<Counted> = self.facts.iter().filter_map(|(_, fact)| counted(fact)).collect();
        counts.sort_unstable();
        let alike = counts.chunk_by(|one, next| one == next).filter(|same| same.len() > 1);
        let many = |same: &[Counted]| Some((*same.first()?, u32::try_from(same.len()).unwrap_or(u32::MAX)));
        self.held = alike.filter_map(many).collect();
        for (_, fact) in &self.facts {
            if let Fact::Place { street, .. } = *fact {
                self.streets.entry(street).or_insert_with(|| {
                    let sound = name::sound(self.words.get(street));
                    sound.bytes().fold(0, |all, byte| all << 8 | u64::from(byte))
                });
            }
        }
        self.words.close();
        self.called.close();
    }

    fn about_names(&mut self) {
        self.about = Vec::with_capacity(self.called.texts.len());
        for text in &self.called.texts {
            let sound = self.words.put(&name::sound(text));
            let called = name::called(text);
            let initial = text.chars().nth(1).is_none();
            let in_full = name::is_first(text);
            let is_first = in_full || !called.is_empty();
            let letters = Letters::of(text);
            self.about.push(About {
                given: 0,
                surname: 0,
                sound,
                letters,
                called,
                is_first,
                in_full,
                initial,
            });
        }
        for name in &self.names {
            if let Some(about) = at(name.given).and_then(|place| self.about.get_mut(place)) {
                about.given += 1;
            }
            if let Some(about) = at(name.surname).and_then(|place| self.about.get_mut(place)) {
                about.surname += 1;
            }
        }
        // What many are called is a name, whether it is known to be one or not.
        let many = u32::try_from(self.people.len() / 500).unwrap_or(u32::MAX).max(25);
        for about in &mut self.about {
            about.in_full |= about.given >= many;
            about.is_first |= about.in_full;
        }
    }

    /// What is known of a word of a name.
    pub(super) fn about(&self, word: Word) -> Option<&About> {
        at(word).and_then(|place| self.about.get(place))
    }

    /// Everything of the person at a place.
    pub(super) fn facts(&self, place: usize) -> impl Iterator<Item = Fact> + Clone + '_ {
        let start = self.people.get(place).map_or(self.facts.len(), |(_, start)| *start);
        let end = self.people.get(place + 1).map_or(self.facts.len(), |(_, start)| *start);
        self.facts.get(start..end).unwrap_or_default().iter().map(|(_, fact)| *fact)
    }

    /// The names of the person at a place.
    pub(super) fn names_of(&self, place: usize) -> impl Iterator<Item = Name> + Clone + '_ {
        self.facts(place).filter_map(|fact| match fact {
            Fact::Name(name) => usize::try_from(name).ok().and_then(|name| self.names.get(name)).copied(),
            _ => None,
        })
    }

    /// How many people there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.people.len()
    }

    /// Whether there is nobody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.people.is_empty()
    }
}

/// What is counted of a detail.
pub(super) fn counted(fact: &Fact) -> Option<Counted> {
    match *fact {
        Fact::Name(_) => None,
        Fact::Birth(born) => Some(Counted::Birth(born)),
        Fact::Email { local, domain } => Some(Counted::Email(local, domain)),
        Fact::Phone(number) => Some(Counted::Phone(number)),
        Fact::Place { postcode, number, .. } => Some(Counted::Place(postcode, number)),
        Fact::Organisation(word) => Some(Counted::Organisation(word)),
    }
}

/// A date of birth, as it is kept or as people write it here.
fn born(value: &str) -> Option<Born> {
    let value = value.trim();
    let date = value.parse::<Date>().ok().or_else(|| {
        let parts: Vec<i16> = value.split(['/', '.', '-']).map(str::parse).collect::<Result<_, _>>().ok()?;
        let [day, month, year] = parts.as_slice() else { return None };
        Date::new(*year, i8::try_from(*month).ok()?, i8::try_from(*day).ok()?).ok()
    })?;
    let parts = [i32::from(date.year()) * 10_000, i32::from(date.month()) * 100, i32::from(date.day())];
    u32::try_from(parts.iter().sum::<i32>()).ok()
}

/// A number as its digits; what does not work as one may still be one with a digit too few or too many.
fn phone(value: &str) -> Option<u64> {
    if let Some(digits) = normal::phone(value).as_deref().and_then(normal::phone_digits) {
        return u64::try_from(digits).ok();
    }
    let digits: String = value.chars().filter(char::is_ascii_digit).collect();
    let national = digits.strip_prefix("44").or_else(|| digits.strip_prefix('0')).unwrap_or(&digits);
    (7..=13).contains(&national.len()).then(|| format!("44{national}").parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn details_are_taken_apart() {
        assert_eq!(born("1980-05-02"), born("02/05/1980"));
        assert_eq!(born("unknown"), None);
        assert_eq!(phone("01632 960001"), phone("+44 1632 960001"));
        assert_eq!(Sort::of("ip address"), None);
        assert_eq!(Sort::of("work e-mail"), Some(Sort::Email));
        let mut crowd = Crowd::default();
        crowd.add(PersonId(1), Sort::Address, "Flat 3, 12 Mill Lane, Ashby, LE65 1AB");
        crowd.add(PersonId(1), Sort::Address, "no fixed abode");
        crowd.ready();
        let places: Vec<Fact> = crowd.facts(0).collect();
        let [Fact::Place { postcode, number, street }] = places[..] else { panic!("{places:?}") };
        assert_eq!([postcode, number, street].map(|word| crowd.words.get(word)), ["LE651AB", "12", "mill"]);
    }
}
