//! Where a text speaks of others: people we know, by any of the ways they are written, and what identifies somebody
//! by its form. Pure: it is given the people who may be meant.

mod asked;
mod stands;

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use custody::id::PersonId;

use super::ordinary::{self, also_called};
use super::pattern::{self, overlap};
use super::words::{Together, Word, parts, together, unhyphened, words};
use super::{Mention, What};

pub use asked::{Asked, candidates};
use stands::{MIDDLE_MAX, fits};

/// Somebody who may be meant, by what we hold of them, in the form it is compared in.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Known {
    /// Names, and other names.
    pub names: Vec<String>,
    /// E-mail addresses and telephone numbers.
    pub reached: Vec<String>,
    /// Postal addresses.
    pub addresses: Vec<String>,
    /// Nothing but an initial and a surname speaks for them being meant: a part of their name alone does not.
    pub distant: bool,
}

/// How somebody is written, which decides what speaks against it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Way {
    /// Two parts of a name or more.
    Name,
    /// The same with the surname first.
    Turned,
    /// A first name of which only the first letter is known, and the surname.
    Begun,
    /// One part of it.
    Single,
    /// Initials.
    Initials,
    /// An address.
    Address,
}

/// Ways to write people, by the first word.
#[derive(Clone, Debug, Default)]
pub struct Index {
    ways: HashMap<String, Vec<(Vec<String>, Way, Whom)>>,
    reached: HashMap<String, Whom>,
    /// Whether whoever is added now is meant by no part of their name alone.
    distant: bool,
}

/// Whose it is: of whoever asks, or of somebody else.
type Whom = Option<PersonId>;

impl Index {
    /// Of whoever asks, and of everybody else who may be meant.
    #[must_use]
    pub fn new(own: &Known, others: &BTreeMap<PersonId, Known>) -> Self {
        let mut index = Self::default();
        index.add(None, own);
        for (person, known) in others {
            index.distant = known.distant;
            index.add(Some(*person), known);
        }
        index
    }

    fn add(&mut self, whom: Whom, known: &Known) {
        for name in &known.names {
            let without = parts(name);
            let parts: Vec<String> = without.into_iter().filter(|part| !ordinary::is_title(part)).collect();
            self.name(whom, &parts);
            // "Smith-Jones" is also written "Smith Jones".
            if name.contains('-') {
                let apart =
                    words(&name.replace('-', " ")).into_iter().map(|word| word.plain).collect::<Vec<_>>();
                self.name(whom, &apart);
            }
        }
        for value in &known.reached {
            self.reached.entry(value.clone()).or_insert(whom);
        }
        for address in &known.addresses {
            let line = address
                .split([',', '\n'])
                .find(|line| line.split_whitespace().count() > 1)
                .unwrap_or(address);
            let line: Vec<String> = parts(line).iter().map(|part| street(part).to_owned()).collect();
            if line.len() > 1 {
                let whole: Vec<String> = parts(address).iter().map(|part| street(part).to_owned()).collect();
                if let Some(at) = whole.windows(line.len()).position(|some| some == line) {
                    for end in at + line.len()..=whole.len() {
                        self.way(whom, whole.get(at..end).unwrap_or_default().to_vec(), Way::Address);
                    }
                }
            }
        }
    }

    fn name(&mut self, whom: Whom, parts: &[String]) {
        let ([first, .., last] | [first @ last]) = parts else { return };
        let mut firsts: Vec<String> = vec![first.clone()];
        firsts.extend(also_called(first).into_iter().map(str::to_owned));
        if parts.len() == 1 {
            for one in firsts {
                self.way(whom, vec![one], Way::Single);
            }
            return;
        }
        let initial = |part: &String| part.chars().next().map(String::from).unwrap_or_default();
        if first.chars().count() == 1 && last.chars().count() > 2 {
            self.way(whom, vec![any(first), last.clone()], Way::Begun);
            self.way(whom, [&[any(first)], parts.get(1..).unwrap_or_default()].concat(), Way::Begun);
        }
        let rest = parts.get(1..).unwrap_or_default();
        for one in &firsts {
            // All of it, without the middle, the surname first.
            self.way(whom, [std::slice::from_ref(one), rest].concat(), Way::Name);
            self.way(whom, vec![one.clone(), last.clone()], Way::Name);
            self.way(whom, vec![last.clone(), one.clone()], Way::Turned);
            self.way(whom, [rest, std::slice::from_ref(one)].concat(), Way::Turned);
            let middle = parts.get(1..parts.len() - 1).unwrap_or_default();
            self.way(whom, [&[last.clone(), one.clone()], middle].concat(), Way::Turned);
            self.way(whom, vec![one.clone(), initial(last)], Way::Name);
            self.way(whom, vec![one.clone()], Way::Single);
            self.way(whom, vec![initial(one), last.clone()], Way::Name);
            self.way(whom, vec![last.clone(), initial(one)], Way::Turned);
        }
        for part in rest.iter().filter(|part| part.chars().count() > 1) {
            self.way(whom, vec![part.clone()], Way::Single);
        }
        // "Maria de Souza" is also "de Souza" and "M. de Souza".
        if rest.len() > 1 {
            self.way(whom, rest.to_vec(), Way::Name);
            self.way(whom, [&[initial(first)], rest].concat(), Way::Name);
            let initials: Vec<String> =
                parts.get(..parts.len() - 1).unwrap_or_default().iter().map(initial).collect();
            self.way(whom, [initials.as_slice(), std::slice::from_ref(last)].concat(), Way::Name);
        }
        let all: Vec<String> = parts.iter().map(initial).collect();
        let ends = vec![initial(first), initial(last)];
        for some in [all, ends] {
            self.way(whom, vec![some.concat()], Way::Initials);
            self.way(whom, some, Way::Initials);
        }
    }

    fn way(&mut self, whom: Whom, mut parts: Vec<String>, way: Way) {
        let part = self.distant && matches!(way, Way::Single | Way::Initials);
        if part || parts.is_empty() || parts.iter().any(String::is_empty) {
            return;
        }
        let first = parts.remove(0);
        let ways = self.ways.entry(first).or_default();
        if !ways.iter().any(|(rest, _, who)| *rest == parts && *who == whom) {
            ways.push((parts, way, whom));
        }
    }
}

/// The key of every word that begins with a letter: `P. Nair` may be anybody's Priya.
fn any(initial: &str) -> String {
    format!("{initial}*")
}

/// What streets are shortened to.
fn street(part: &str) -> &str {
    match part {
        "st" => "street",
        "rd" => "road",
        "ave" | "av" => "avenue",
        "ln" => "lane",
        "dr" => "drive",
        "cl" => "close",
        "sq" => "square",
        "gdns" => "gardens",
        "ct" => "court",
        part => part,
    }
}

/// Every place where a text speaks of somebody else, in order, none inside another.
#[must_use]
pub fn find(text: &str, index: &Index) -> Vec<Mention> {
    let mut found = straight(text, index);
    if let Some(made) = together(text) {
        apart(&made, index, &mut found);
    }
    if let Some(made) = unhyphened(text) {
        hyphened(text, &made, index, &mut found);
    }
    found
}

/// Adds the names whose parts a hyphen ties together: `Priya-Nair`.
fn hyphened(text: &str, made: &str, index: &Index, found: &mut Vec<Mention>) {
    for one in straight(made, index).into_iter().filter(|one| matches!(one.what, What::People(_))) {
        let tied = text.get(one.span.clone()) != made.get(one.span.clone());
        let known = |other: &Mention| {
            matches!(other.what, What::People(_) | What::Email | What::Phone)
                && overlap(&other.span, &one.span)
                && !(one.span.start <= other.span.start
                    && other.span.end <= one.span.end
                    && other.span.len() < one.span.len())
        };
        if tied && !found.iter().any(known) {
            found.retain(|other| !overlap(&other.span, &one.span));
            found.push(one);
        }
    }
    found.sort_by_key(|one| one.span.start);
}

/// What is found once letters that stand apart stand together; it takes the place of what was found of single letters.
fn apart(made: &Together, index: &Index, found: &mut Vec<Mention>) {
    let mut there = straight(&made.text, index);
    // Where no blank says where a word ends, names are looked for letter by letter.
    for joined in &made.joined {
        let run = made.text.get(joined.clone()).unwrap_or_default();
        for (span, people) in unbroken(run, index) {
            let span = joined.start + span.start..joined.start + span.end;
            let covered = |one: &Mention| overlap(&one.span, &span) && one.what != What::Name;
            if !there.iter().any(covered) {
                there.retain(|one| !overlap(&one.span, &span));
                there.push(Mention { span, what: What::People(people) });
            }
        }
    }
    for one in there.into_iter().filter(|one| made.joined.iter().any(|joined| overlap(joined, &one.span))) {
        let span = made.place(&one.span);
        found.retain(|known| !overlap(&known.span, &span));
        found.push(Mention { span, what: one.what });
    }
    found.sort_by_key(|one| one.span.start);
}

/// The longest run of letters that is looked through letter by letter.
const UNBROKEN_MAX: usize = 80;

/// Names in a run of letters of which nothing says where a word ends: `PRIYANAIR`.
fn unbroken(run: &str, index: &Index) -> Vec<(Range<usize>, Vec<PersonId>)> {
    let mut found = Vec::new();
    for word in words(run)
        .into_iter()
        .filter(|word| word.raw.len() <= UNBROKEN_MAX && word.plain.len() == word.raw.len())
    {
        let mut start = 0;
        while start < word.plain.len() {
            let best = (start + 1..=word.plain.len())
                .filter_map(|end| Some((end, index.ways.get(word.plain.get(start..end)?)?)))
                .flat_map(|(end, ways)| ways.iter().map(move |way| (end, way)))
                .filter(|(_, (rest, way, _))| {
                    matches!(way, Way::Name | Way::Turned) && !rest.iter().any(|part| part.len() < 2)
                })
                .filter_map(|(end, (rest, _, whom))| {
                    let rest = rest.concat();
                    let fits = end - start > 1 && word.plain.get(end..)?.starts_with(&rest);
                    fits.then_some((end + rest.len(), *whom))
                })
                .max_by_key(|(end, _)| *end);
            match best {
                Some((end, whom)) => {
                    found.extend(whom.map(|whom| (word.start + start..word.start + end, vec![whom])));
                    start = end;
                }
                None => start += 1,
            }
        }
    }
    found
}

/// What is found in a text as it stands.
fn straight(text: &str, index: &Index) -> Vec<Mention> {
    let mut found: Vec<(Range<usize>, Option<What>)> = Vec::new();
    for one in pattern::formed(text) {
        let what = match index.reached.get(&one.normal) {
            Some(None) => None,
            Some(Some(person)) => Some(What::People(vec![*person])),
            None => Some(one.what),
        };
        found.push((one.span, what));
    }
    let words = words(text);
    named(text, &words, index, &mut found);
    join(text, &words, &mut found);
    suggestions(text, &words, &mut found);
    found.sort_by_key(|(span, _)| span.start);
    found.into_iter().filter_map(|(span, what)| Some(Mention { span, what: what? })).collect()
}

/// Names, initials and addresses of those in the index, the longest first.
fn named(text: &str, words: &[Word<'_>], index: &Index, found: &mut Vec<(Range<usize>, Option<What>)>) {
    let formed: Vec<Range<usize>> = found
        .iter()
        .filter(|(_, what)| *what != Some(What::Postcode))
        .map(|(span, _)| span.clone())
        .collect();
    let mut place = 0;
    while let Some(word) = words.get(place) {
        if formed.iter().any(|span| overlap(span, &(word.start..word.end))) {
            place += 1;
            continue;
        }
        let best = longest(text, words, place, index);
        let Some((length, whom)) = best else {
            place += 1;
            continue;
        };
        let end = words.get(place + length - 1).map_or(word.end, |last| last.end);
        // A postcode inside an address is the address.
        found.retain(|(span, _)| !(word.start <= span.start && span.end <= end));
        if !found.iter().any(|(span, _)| overlap(span, &(word.start..end))) {
            found.push((word.start..end, (!whom.is_empty()).then_some(What::People(whom))));
        }
        place += length;
    }
}

/// The longest way of writing somebody that begins at a word: how many words, and whom; nobody where it is whoever asks.
fn longest(text: &str, words: &[Word<'_>], place: usize, index: &Index) -> Option<(usize, Vec<PersonId>)> {
    let word = words.get(place)?;
    let mut best: Option<(usize, Vec<PersonId>, bool)> = None;
    let (key, begun) = (street(&word.plain), word.plain.chars().next().map(|c| any(&c.to_string())));
    let keys = [Some(word.plain.as_str()), Some(key).filter(|key| *key != word.plain), begun.as_deref()];
    for key in keys.into_iter().flatten() {
        for (rest, way, whom) in index.ways.get(key).into_iter().flatten() {
            let shorter = |length: usize| best.as_ref().is_some_and(|(known, ..)| *known > length);
            if shorter(rest.len() + 1 + MIDDLE_MAX) {
                continue;
            }
            let Some(length) = fits(text, words, place, rest, *way).filter(|length| !shorter(*length)) else {
                continue;
            };
            let longer = best.as_ref().is_none_or(|(known, ..)| *known < length);
            let (people, own) = match (&mut best, longer) {
                (Some((_, people, own)), false) => (people, own),
                (best, _) => {
                    let (_, people, own) = best.insert((length, Vec::new(), false));
                    (people, own)
                }
            };
            match whom {
                Some(person) if !people.contains(person) => people.push(*person),
                Some(_) => {}
                None => *own = true,
            }
        }
    }
    best.map(|(length, people, own)| (length, if own { Vec::new() } else { people }))
}

/// Joins two places of one person with a middle name or an initial between: "Tom J. Ellis".
fn join(text: &str, words: &[Word<'_>], found: &mut Vec<(Range<usize>, Option<What>)>) {
    found.sort_by_key(|(span, _)| span.start);
    let mut place = 0;
    while place + 1 < found.len() {
        let joined = match found.get(place..place + 2) {
            Some([(one, Some(What::People(first))), (other, Some(What::People(second)))])
                if first == second =>
            {
                let gap = text.get(one.end..other.start).unwrap_or_default();
                let between: Vec<&Word<'_>> =
                    words.iter().filter(|word| one.end <= word.start && word.end <= other.start).collect();
                let capitals = between.len() == 1 && between.iter().all(|word| word.capital);
                let blank = gap.chars().all(|c| {
                    c.is_alphanumeric()
                        || matches!(
                            c,
                            ' ' | '.' | '"' | '(' | ')' | '\u{201c}' | '\u{201d}' | '\u{2019}' | '\'' | '-'
                        )
                });
                (capitals && blank).then(|| (one.start..other.end, Some(What::People(first.clone()))))
            }
            _ => None,
        };
        match joined {
            Some(whole) => {
                found.splice(place..place + 2, [whole]);
            }
            None => place += 1,
        }
    }
}

/// Names of people we do not know, as far as they can be told: after a title, or a common first name.
fn suggestions(text: &str, words: &[Word<'_>], found: &mut Vec<(Range<usize>, Option<What>)>) {
    let taken: Vec<Range<usize>> = found.iter().map(|(span, _)| span.clone()).collect();
    let free = |word: &Word<'_>| !taken.iter().any(|span| overlap(span, &(word.start..word.end)));
    let mut place = 0;
    while let Some(word) = words.get(place) {
        let titled = ordinary::is_title(&word.plain) && word.capital;
        let from = if titled { place + 1 } else { place };
        place += 1;
        let first = words.get(from).filter(|first| first.capital && free(first));
        let Some(first) = first else { continue };
        let close = |one: &Word<'_>, other: &Word<'_>| {
            text.get(one.end..other.start)
                .is_some_and(|gap| matches!(gap, " " | ". " | "." | "\u{a0}" | "\n"))
        };
        if titled && !close(word, first) {
            continue;
        }
        let known = ordinary::is_first_name(&first.plain);
        if !(titled || known) {
            continue;
        }
        let next = words.get(from + 1).filter(|next| {
            next.capital
                && free(next)
                && close(first, next)
                && text.get(first.end..next.start) != Some("\n")
                && !ordinary::starts_sentences(&next.plain)
        });
        let end = next.map_or(first.end, |next| next.end);
        found.push((first.start..end, Some(What::Name)));
        place = from + if next.is_some() { 2 } else { 1 };
    }
}
