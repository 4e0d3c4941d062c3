//! What each column of a sheet becomes: a guess with its reason, for someone to confirm.
//!
//! INVARIANT (no place for the undeclared): a column can only become a kind that the activity's `data`
//! names. What the policy does not declare is named and left out.

use std::collections::BTreeSet;

use policy::kind::Sort;
use policy::{Activity, Kind, KindId, Policy};
use store::organisation;

use super::heading::{Meaning, meaning, plain};
use super::sheet::Sheet;

/// Which part of a name a column holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NamePart {
    /// All of it.
    Full,
    /// Dr, Ms.
    Title,
    /// First.
    First,
    /// Middle.
    Middle,
    /// Last.
    Last,
}

/// What a column becomes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Target {
    /// Part of the person's name, an item of this kind.
    Name(KindId, NamePart),
    /// An item of this kind.
    Item(KindId),
    /// Part of an item of this kind that stands in several columns, as addresses do; the number tells a home
    /// address from a business address.
    Line(KindId, u8),
    /// The organisation the person belongs to.
    Organisation,
    /// Left out.
    Ignore,
}

impl NamePart {
    /// Every part with the word it is posted and kept as, and what people read.
    pub const ALL: &[(Self, &'static str, &'static str)] = &[
        (Self::Full, "full", "the whole name"),
        (Self::Title, "title", "the title"),
        (Self::First, "first", "the first name"),
        (Self::Middle, "middle", "the middle name"),
        (Self::Last, "last", "the last name"),
    ];
}

impl Target {
    /// The word it is posted and kept as: `name:first`, `item:email`, `organisation`, nothing when left out.
    #[must_use]
    pub fn word(self, kinds: &[&Kind]) -> String {
        let named =
            |id: KindId| kinds.iter().find(|kind| kind.id == id).map_or("", |kind| kind.name.as_str());
        match self {
            Self::Name(_, part) => {
                let word =
                    NamePart::ALL.iter().find(|(its, ..)| *its == part).map_or("", |(_, word, _)| word);
                format!("name:{word}")
            }
            Self::Item(kind) => format!("item:{}", named(kind)),
            Self::Line(kind, group) => format!("line {group}:{}", named(kind)),
            Self::Organisation => "organisation".to_owned(),
            Self::Ignore => String::new(),
        }
    }

    /// The target of a word; what the activity does not declare has none.
    #[must_use]
    pub fn of_word(word: &str, kinds: &[&Kind]) -> Option<Self> {
        let named = |name: &str| kinds.iter().find(|kind| kind.name == name).map(|kind| kind.id);
        match word.split_once(':') {
            None if word.is_empty() => Some(Self::Ignore),
            None if word == "organisation" => {
                kinds.iter().any(|kind| is_organisation(kind)).then_some(Self::Organisation)
            }
            Some(("name", part)) => {
                let part = NamePart::ALL.iter().find(|(_, its, _)| *its == part)?.0;
                Some(Self::Name(named("name").or_else(|| named("full name"))?, part))
            }
            Some(("item", name)) => Some(Self::Item(named(name)?)),
            Some((line, name)) if line.starts_with("line ") => {
                Some(Self::Line(named(name)?, line.trim_start_matches("line ").parse().ok()?))
            }
            _ => None,
        }
    }

    /// Every target a column may have under these kinds, with the words people read.
    #[must_use]
    pub fn all(kinds: &[&Kind]) -> Vec<(Self, String)> {
        let mut all = vec![(Self::Ignore, "left out".to_owned())];
        for kind in kinds {
            if is_organisation(kind) {
                all.push((Self::Organisation, kind.name.clone()));
            } else if matches!(kind.name.as_str(), "name" | "full name") {
                all.extend(
                    NamePart::ALL
                        .iter()
                        .map(|(part, _, words)| (Self::Name(kind.id, *part), (*words).to_owned())),
                );
            } else {
                all.push((Self::Item(kind.id), kind.name.clone()));
            }
        }
        all
    }
}

/// A guess about one column.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ColumnGuess {
    /// Its place, from 0.
    pub column: usize,
    /// Its heading.
    pub header: String,
    /// A few different values of it.
    pub samples: Vec<String>,
    /// What it becomes.
    pub target: Target,
    /// Why, in a sentence.
    pub why: String,
    /// Whether it is only the other program's own housekeeping: labels, record numbers, titles of names.
    pub housekeeping: bool,
    /// The name of what it holds, where that is personal data which the policy does not declare for this activity.
    pub undeclared: Option<String>,
}

/// How many values of a column are shown.
pub const SAMPLES: usize = 3;
/// How many rows are looked at for samples.
const SAMPLED_ROWS: usize = 500;

/// The names a policy may give the kind that a meaning stands for.
fn kind_names(meaning: Meaning) -> &'static [&'static str] {
    match meaning {
        Meaning::FullName | Meaning::FirstName | Meaning::MiddleName | Meaning::LastName | Meaning::Title => {
            &["name", "full name"]
        }
        Meaning::Email => &["email", "e-mail", "email address", "e-mail address"],
        Meaning::Phone => &["phone", "telephone", "phone number", "telephone number"],
        Meaning::JobTitle => &["job title", "position", "role"],
        Meaning::Organisation => &organisation::KIND_NAMES,
        Meaning::Personal("date of birth") => &["date of birth", "birthday"],
        Meaning::Personal("address") => &["address", "postal address", "home address"],
        _ => &[],
    }
}

/// Guesses what each column becomes under one activity, whose items are `kinds` (see [`choices`]).
#[must_use]
pub fn guess(sheet: &Sheet, activity: &str, kinds: &[&Kind]) -> Vec<ColumnGuess> {
    let mut guesses: Vec<ColumnGuess> =
        (0..sheet.headers.len()).map(|column| guess_one(sheet, activity, kinds, column)).collect();
    prefer_parts(&mut guesses);
    join_addresses(&mut guesses);
    guesses
}

/// Whether text has the shape of an e-mail address.
#[must_use]
pub fn looks_like_email(text: &str) -> bool {
    email_address::EmailAddress::is_valid(text)
        && text.rsplit('@').next().is_some_and(|domain| domain.contains('.') && !domain.starts_with('['))
}

/// Whether a kind is the organisation somebody belongs to, which is a link and no item.
#[must_use]
pub fn is_organisation(kind: &Kind) -> bool {
    organisation::KIND_NAMES.contains(&kind.name.as_str())
}

/// The kinds a column may become under an activity: its items, never records, entries or documents.
#[must_use]
pub fn choices<'a>(policy: &'a Policy, activity: &Activity) -> Vec<&'a Kind> {
    activity
        .kinds
        .iter()
        .filter_map(|kind| policy.kind(kind))
        .filter(|kind| kind.sort == Sort::Item)
        .collect()
}

/// Samples, the target, why, and what is undeclared.
fn guess_one(sheet: &Sheet, activity: &str, kinds: &[&Kind], column: usize) -> ColumnGuess {
    let header = sheet.headers.get(column).cloned().unwrap_or_default();
    let samples = samples(sheet, column);
    let (target, why, undeclared) = if samples.is_empty() {
        (Target::Ignore, "empty in every row".to_owned(), None)
    } else {
        by_words(activity, kinds, &header, &samples)
    };
    let housekeeping = matches!(meaning(&header), Some(Meaning::Theirs)) && target == Target::Ignore;
    ColumnGuess { column, header, samples, target, why, housekeeping, undeclared }
}

fn by_words(
    activity: &str,
    kinds: &[&Kind],
    header: &str,
    samples: &[String],
) -> (Target, String, Option<String>) {
    let named = |names: &[&str]| kinds.iter().copied().find(|kind| names.contains(&kind.name.as_str()));
    // The policy's own word for it beats every table.
    let words = plain(header);
    let says = |kind: &&&Kind| plain(&kind.name) == words && kind.name != "name" && !is_organisation(kind);
    if let Some(kind) = kinds.iter().find(says) {
        return (Target::Item(kind.id), format!("the policy declares {}", kind.name), None);
    }
    let Some(meaning) = meaning(header) else {
        if samples.iter().all(|sample| looks_like_email(sample)) {
            return by_meaning(
                Meaning::Email,
                named(kind_names(Meaning::Email)),
                activity,
                "its values are e-mail addresses",
            );
        }
        let why = format!("no kind the policy declares for {activity} is called \"{header}\"");
        return (Target::Ignore, why, Some(header.to_owned()));
    };
    by_meaning(meaning, named(kind_names(meaning)), activity, "its heading says so")
}

fn by_meaning(
    meaning: Meaning,
    kind: Option<&Kind>,
    activity: &str,
    because: &str,
) -> (Target, String, Option<String>) {
    let name = |part| match kind {
        Some(kind) => (Target::Name(kind.id, part), because.to_owned(), None),
        None => undeclared("the name", activity),
    };
    match meaning {
        Meaning::FullName => name(NamePart::Full),
        Meaning::FirstName => name(NamePart::First),
        Meaning::MiddleName => name(NamePart::Middle),
        Meaning::LastName => name(NamePart::Last),
        Meaning::Title => (Target::Ignore, "titles are left out of names".to_owned(), None),
        Meaning::Organisation if kind.is_some() => (Target::Organisation, because.to_owned(), None),
        Meaning::Organisation => undeclared("organisation", activity),
        Meaning::Theirs => (Target::Ignore, "the other program's own housekeeping".to_owned(), None),
        Meaning::Email | Meaning::Phone | Meaning::JobTitle | Meaning::Personal(_) => match kind {
            Some(kind) => (Target::Item(kind.id), because.to_owned(), None),
            None => undeclared(
                match meaning {
                    Meaning::Email => "e-mail address",
                    Meaning::Phone => "phone number",
                    Meaning::JobTitle => "job title",
                    Meaning::Personal(name) => name,
                    _ => "this",
                },
                activity,
            ),
        },
    }
}

fn undeclared(what: &str, activity: &str) -> (Target, String, Option<String>) {
    (Target::Ignore, format!("the policy does not declare {what} for {activity}"), Some(what.to_owned()))
}

/// Where a first or last name has a column, a column with the whole name would say it twice.
fn prefer_parts(guesses: &mut [ColumnGuess]) {
    let has = |guesses: &[ColumnGuess], wanted| {
        guesses.iter().any(|guess| matches!(guess.target, Target::Name(_, part) if part == wanted))
    };
    if !(has(guesses, NamePart::First) || has(guesses, NamePart::Last)) {
        return;
    }
    for guess in guesses.iter_mut() {
        if matches!(guess.target, Target::Name(_, NamePart::Full)) {
            guess.target = Target::Ignore;
            guess.why = "the first and last name have columns of their own".to_owned();
        }
    }
}

/// The columns of one address become one value; a column that has it whole makes the others needless.
fn join_addresses(guesses: &mut [ColumnGuess]) {
    let is_address = |guess: &ColumnGuess| meaning(&guess.header) == Some(Meaning::Personal("address"));
    let group = |heading: &str| {
        let words = plain(heading);
        let number = words.split(' ').find_map(|word| word.parse::<u8>().ok());
        match words.split(' ').next() {
            Some("home") => 101,
            Some("business" | "work") => 102,
            Some("other") => 103,
            // A number tells addresses apart where it follows the word, and lines where it ends the heading.
            _ if words.starts_with("address ") && words.split(' ').count() > 2 => number.unwrap_or(0),
            _ => 0,
        }
    };
    let whole: Vec<u8> = guesses
        .iter()
        .filter(|guess| is_address(guess) && matches!(guess.target, Target::Item(_)))
        .filter(|guess| {
            let words = plain(&guess.header);
            words.ends_with(" formatted")
                || matches!(words.as_str(), "home address" | "business address" | "other address")
        })
        .map(|guess| group(&guess.header))
        .collect();
    for guess in guesses.iter_mut() {
        let Target::Item(kind) = guess.target else { continue };
        if !is_address(guess) {
            continue;
        }
        let group = group(&guess.header);
        let words = plain(&guess.header);
        let has_it_whole = words.ends_with(" formatted") || words.ends_with(" address");
        if whole.contains(&group) && !has_it_whole {
            guess.target = Target::Ignore;
            guess.why = "another column has the whole address".to_owned();
        } else {
            guess.target = Target::Line(kind, group);
            guess.why = "part of an address".to_owned();
        }
    }
}

fn samples(sheet: &Sheet, column: usize) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let mut samples = Vec::new();
    for row in sheet.rows.iter().filter(|row| row.problem.is_none()) {
        // A column filled only far down is still not empty.
        if samples.len() >= SAMPLES || (row.number > SAMPLED_ROWS && !samples.is_empty()) {
            break;
        }
        let cell = row.cell(column);
        if !cell.is_empty() && seen.insert(cell) {
            samples.push(cell.to_owned());
        }
    }
    samples
}
