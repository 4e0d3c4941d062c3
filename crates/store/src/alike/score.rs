//! How much speaks for two people being one: what agrees, the rarer the more, what nearly agrees, what differs; and what
//! rules it out. Pure. It proposes; somebody decides.

use custody::id::PersonId;
use strsim::osa_distance;

use super::facts::{Born, Counted, Crowd, Fact, NONE, Name, Word, counted};
use super::name::near;

/// Everybody is compared as if among so many at least: two of one name in a small house are more than chance.
const AMONG_MIN: usize = 4096;
/// What must speak for a pair beyond one chance among everybody, in bits; more where only the name does.
const OVER: f64 = 2.5;
const OVER_NAME_ALONE: f64 = 6.0;
/// Of what agrees beside the name so much at least, or the name is alone.
const BESIDES_LEAST: f64 = 3.0;
/// In how many years a child may follow.
const GENERATION: u32 = 14;
/// The most that one agreement says.
const SURNAME_MOST: f64 = 12.0;
const GIVEN_MOST: f64 = 8.0;
const BIRTH_MOST: f64 = 13.0;
const EMAIL_MOST: f64 = 15.0;
const PHONE_MOST: f64 = 11.0;
const PLACE_MOST: f64 = 10.0;
const ORGANISATION_MOST: f64 = 5.0;

/// What agrees or nearly agrees, in the words a page has for it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Sign {
    /// First name and surname are the same.
    Name,
    /// First name and surname are turned round.
    Turned,
    /// One first name is short for the other, or another spelling of it.
    Short,
    /// One has only the initial of the other's first name.
    Initial,
    /// One is called by the other's middle name.
    Middle,
    /// The first names differ in a letter or two.
    GivenNear,
    /// One is no first name, and half of the other's.
    GivenHalf,
    /// The surnames differ in a letter or two.
    SurnameNear,
    /// One surname is part of the other's.
    SurnamePart,
    /// The surnames are different.
    SurnameOther,
    /// One has a single word of the other's name.
    OneWord,
    /// The dates of birth are the same.
    Birth,
    /// The dates of birth are nearly the same.
    BirthNear,
    /// They share an e-mail address.
    Email,
    /// Two e-mail addresses are nearly the same.
    EmailNear,
    /// They share a telephone number.
    Phone,
    /// Two telephone numbers differ in a digit.
    PhoneNear,
    /// They share a postal address.
    Address,
    /// Two postal addresses are nearly the same.
    AddressNear,
    /// They belong to the same organisation.
    Organisation,
}

impl Sign {
    const ALL: [(Self, &'static str, &'static str); 20] = [
        (Self::Name, "name", "the same name"),
        (Self::Turned, "turned", "first name and surname turned round"),
        (Self::Short, "short", "a short form or another spelling of the first name"),
        (Self::Initial, "initial", "the initial of the first name"),
        (Self::Middle, "middle", "called by a middle name"),
        (Self::GivenNear, "given near", "first names that differ in a letter or two"),
        (Self::GivenHalf, "given half", "a first name that is half the other's"),
        (Self::SurnameNear, "surname near", "surnames that differ in a letter or two"),
        (Self::SurnamePart, "surname part", "one surname is part of the other"),
        (Self::SurnameOther, "surname other", "another surname"),
        (Self::OneWord, "one word", "one word of the name"),
        (Self::Birth, "birth", "the same date of birth"),
        (Self::BirthNear, "birth near", "dates of birth that are nearly the same"),
        (Self::Email, "email", "the same e-mail address"),
        (Self::EmailNear, "email near", "e-mail addresses that are nearly the same"),
        (Self::Phone, "phone", "the same telephone number"),
        (Self::PhoneNear, "phone near", "telephone numbers that differ in a digit"),
        (Self::Address, "address", "the same address"),
        (Self::AddressNear, "address near", "addresses that are nearly the same"),
        (Self::Organisation, "organisation", "the same organisation"),
    ];

    /// Its name in the database.
    #[must_use]
    pub fn code(self) -> &'static str {
        Self::ALL.iter().find(|(sign, ..)| *sign == self).map_or("", |(_, code, _)| code)
    }

    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        Self::ALL.iter().find(|(sign, ..)| *sign == self).map_or("", |(.., words)| words)
    }

    /// The sign of a code.
    #[must_use]
    pub fn named(code: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known, _)| *known == code).map(|(sign, ..)| *sign)
    }

    fn is_name(self) -> bool {
        matches!(
            self,
            Self::Name
                | Self::Turned
                | Self::Short
                | Self::Initial
                | Self::Middle
                | Self::GivenNear
                | Self::GivenHalf
                | Self::SurnameNear
                | Self::SurnamePart
                | Self::SurnameOther
                | Self::OneWord
        )
    }
}

/// Two who may be one, the lower number first, and what speaks for it.
#[derive(Clone, PartialEq, Debug)]
pub struct Pair {
    /// One of the two.
    pub one: PersonId,
    /// The other.
    pub other: PersonId,
    /// What agrees.
    pub why: Vec<Sign>,
}

/// What one sort of detail says: so many bits for or against, and why.
struct Says {
    bits: f64,
    signs: Vec<Sign>,
}

impl Says {
    fn of(bits: f64, sign: Sign) -> Self {
        Self { bits, signs: vec![sign] }
    }

    fn nothing() -> Self {
        Self { bits: 0.0, signs: Vec::new() }
    }
}

/// Compares the people at two places. `None` where they are two.
#[must_use]
pub fn compare(crowd: &Crowd, one: usize, other: usize) -> Option<Pair> {
    let names = names(crowd, one, other)?;
    let mails = emails(crowd, one, other);
    let births = births(crowd, one, other, &names, &mails)?;
    // What cannot be reached by the best of everything else is not looked at further.
    let bar = (crowd.len().max(AMONG_MIN) as f64).log2();
    let most = EMAIL_MOST + PHONE_MOST + PLACE_MOST + ORGANISATION_MOST;
    if names.bits + births.bits + most < bar + OVER {
        return None;
    }
    let all = [names, births, mails, phones(crowd, one, other)];
    let rest = [places(crowd, one, other), organisations(crowd, one, other)];
    let nameless = crowd.names_of(one).next().is_none() || crowd.names_of(other).next().is_none();
    let (mut bits, mut besides, mut why) = (0.0, 0.0, Vec::new());
    for says in all.into_iter().chain(rest) {
        bits += says.bits;
        if says.signs.iter().any(|sign| !sign.is_name()) {
            besides += says.bits;
        }
        why.extend(says.signs);
    }
    let over = if besides >= BESIDES_LEAST { OVER } else { OVER_NAME_ALONE };
    // Of whom no name is held, the address is all there is.
    let proposed = bits >= bar + over || (nameless && why.contains(&Sign::Email));
    let (one, other) = (crowd.people.get(one)?.0, crowd.people.get(other)?.0);
    proposed.then(|| Pair { one: one.min(other), other: one.max(other), why })
}

/// How rare it is among everybody that somebody has what so many have.
fn rare(crowd: &Crowd, held: u32, most: f64) -> f64 {
    let among = crowd.len().max(AMONG_MIN) as f64;
    (among / f64::from(held.max(1))).log2().clamp(0.5, most)
}

fn rare_fact(crowd: &Crowd, counted: Counted, most: f64) -> f64 {
    rare(crowd, crowd.held.get(&counted).copied().unwrap_or(1), most)
}

/// The best of all the names of both; `None` where none of the one goes with any of the other.
fn names(crowd: &Crowd, one: usize, other: usize) -> Option<Says> {
    let mut best: Option<Says> = None;
    let mut any = false;
    for a in crowd.names_of(one) {
        for b in crowd.names_of(other) {
            any = true;
            let straight = name(crowd, &a, &b, false);
            let turned = || {
                let turned = Name { given: b.surname, surname: b.given, ..b };
                let says = (b.given != NONE).then(|| name(crowd, &a, &turned, true)).flatten()?;
                if !one_name(&says) {
                    return None;
                }
                let mut signs = vec![Sign::Turned];
                signs.extend(says.signs.into_iter().filter(|sign| *sign != Sign::Name));
                Some(Says { bits: says.bits - 1.0, signs })
            };
            for says in [straight, turned()].into_iter().flatten() {
                if best.as_ref().is_none_or(|best| says.bits > best.bits) {
                    best = Some(says);
                }
            }
        }
    }
    if any { best } else { Some(Says::nothing()) }
}

fn name(crowd: &Crowd, a: &Name, b: &Name, turned: bool) -> Option<Says> {
    if a.given == b.given && a.surname == b.surname && a.given != NONE {
        let (given, surname) = (crowd.about(a.given)?, crowd.about(a.surname)?);
        let surname = rare(crowd, surname.surname, SURNAME_MOST);
        return Some(if given.initial {
            Says::of(surname + 2.0, Sign::Initial)
        } else {
            Says::of(surname + rare(crowd, given.given, GIVEN_MOST), Sign::Name)
        });
    }
    if a.given == NONE || b.given == NONE {
        return one_word(crowd, a, b);
    }
    if written(crowd, a).eq(written(crowd, b)) {
        let surname = crowd.about(a.surname)?.surname.max(crowd.about(b.surname)?.surname);
        return Some(Says::of(rare(crowd, surname, SURNAME_MOST) + 4.0, Sign::GivenNear));
    }
    let (given, sign) = given(crowd, a, b, turned)?;
    let surname = surname(crowd, a, b, given)?;
    let signs = [sign, surname.1].into_iter().flatten().collect();
    Some(Says { bits: given + surname.0, signs })
}

/// A name of one word goes with whatever word of the other's it is.
fn one_word(crowd: &Crowd, a: &Name, b: &Name) -> Option<Says> {
    let (single, whole) = if a.given == NONE { (a, b) } else { (b, a) };
    let about = crowd.about(single.surname)?;
    let text = |word: Word| crowd.called.get(word);
    if single.surname == whole.surname {
        return Some(Says::of(rare(crowd, about.surname, SURNAME_MOST), Sign::OneWord));
    }
    if near(text(single.surname), text(whole.surname)) {
        return Some(Says::of(4.0, Sign::OneWord));
    }
    if about.initial {
        let begins = text(whole.given).starts_with(text(single.surname));
        return begins.then(|| Says::of(1.0, Sign::OneWord));
    }
    let other = crowd.about(whole.given)?;
    let same = single.surname == whole.given;
    let held = about.given.max(other.given);
    let short = about.called.iter().any(|row| other.called.contains(row));
    let alike =
        short || (!(about.is_first && other.is_first) && near(text(single.surname), text(whole.given)));
    match (same, alike) {
        (true, _) => Some(Says::of(rare(crowd, held, GIVEN_MOST), Sign::OneWord)),
        (false, true) => Some(Says::of(3.0, Sign::OneWord)),
        (false, false) => None,
    }
}

/// All letters of a name, so that "Mary Ann" and "Maryann" are one.
fn written<'a>(crowd: &'a Crowd, name: &Name) -> impl Iterator<Item = u8> + use<'a> {
    let words = [name.given, name.middle[0], name.middle[1], name.surname];
    words.into_iter().flat_map(move |word| crowd.called.get(word).bytes())
}

fn given(crowd: &Crowd, a: &Name, b: &Name, turned: bool) -> Option<(f64, Option<Sign>)> {
    let (Some(one), Some(other)) = (crowd.about(a.given), crowd.about(b.given)) else {
        return Some((0.0, None));
    };
    let text = |word: Word| crowd.called.get(word);
    if one.initial || other.initial {
        let same = text(a.given).chars().next() == text(b.given).chars().next();
        return same.then_some((2.0, Some(Sign::Initial)));
    }
    if a.given == b.given {
        return Some((rare(crowd, one.given, GIVEN_MOST), None));
    }
    if one.called.iter().any(|row| other.called.contains(row)) {
        return Some((rare(crowd, one.given.max(other.given), GIVEN_MOST).min(5.0), Some(Sign::Short)));
    }
    let written = !(one.is_first && other.is_first);
    let alike = || near(text(a.given), text(b.given)) || (one.sound == other.sound && one.sound != NONE);
    if written && alike() {
        return Some((3.5, Some(Sign::GivenNear)));
    }
    // A short name written badly, and a word that is no name and half of one.
    if one.is_first != other.is_first {
        let (typed, known, whole) = if one.is_first {
            (text(b.given), one, text(a.given))
        } else {
            (text(a.given), other, text(b.given))
        };
        if super::name::members(&known.called).any(|member| near(typed, member)) {
            return Some((3.0, Some(Sign::GivenNear)));
        }
        let half = typed.chars().count().max(whole.chars().count()) / 2;
        let begins = typed.chars().next() == whole.chars().next();
        if !turned && begins && osa_distance(typed, whole) <= half {
            return Some((1.0, Some(Sign::GivenHalf)));
        }
    }
    let (short, long, in_full) = if text(a.given).len() < text(b.given).len() {
        (text(a.given), text(b.given), one.in_full)
    } else {
        (text(b.given), text(a.given), other.in_full)
    };
    if !in_full && short.chars().count() >= 2 && long.starts_with(short) {
        return Some((3.0, Some(Sign::Short)));
    }
    let middle = |first: Word, of: &Name| of.middle.contains(&first);
    (middle(a.given, b) || middle(b.given, a)).then_some((3.0, Some(Sign::Middle)))
}

fn surname(crowd: &Crowd, a: &Name, b: &Name, given: f64) -> Option<(f64, Option<Sign>)> {
    let (one, other) = (crowd.about(a.surname)?, crowd.about(b.surname)?);
    if a.surname == b.surname {
        return Some((rare(crowd, one.surname, SURNAME_MOST), None));
    }
    let text = |word: Word| crowd.called.get(word);
    let common = rare(crowd, one.surname.max(other.surname), SURNAME_MOST);
    if near(text(a.surname), text(b.surname)) || (one.sound == other.sound && one.sound != NONE) {
        return Some((common.min(5.0), Some(Sign::SurnameNear)));
    }
    if a.middle.contains(&b.surname) || b.middle.contains(&a.surname) {
        return Some((common.min(6.0), Some(Sign::SurnamePart)));
    }
    // People marry: of somebody of the same first name another surname is no end of it.
    (given >= 2.5).then_some((-3.0, Some(Sign::SurnameOther)))
}

/// Whether two names are one, however it is written.
fn one_name(names: &Says) -> bool {
    let weak = |sign: &Sign| {
        matches!(
            sign,
            Sign::SurnameOther
                | Sign::SurnamePart
                | Sign::Middle
                | Sign::Initial
                | Sign::OneWord
                | Sign::GivenHalf
        )
    };
    !names.signs.is_empty() && !names.signs.iter().any(weak)
}

/// `None` where both have one and these have nothing to do with each other. Of one name somebody with another birthday is a
/// slip of the pen if he is of the same years, or of the same mailbox; else he is perhaps the father, who may even have been
/// born on the same day of the year.
fn births(crowd: &Crowd, one: usize, other: usize, names: &Says, mails: &Says) -> Option<Says> {
    let one_name = one_name(names);
    let one_mailbox = mails.signs == [Sign::Email] && !names.signs.contains(&Sign::Short);
    let others = mails.bits < 0.0 || (mails.signs == [Sign::EmailNear] && mails.bits < 5.0);
    let of = |place: usize| {
        crowd.facts(place).filter_map(|fact| match fact {
            Fact::Birth(born) => Some(born),
            _ => None,
        })
    };
    let mut best: Option<Says> = None;
    let mut any = false;
    for a in of(one) {
        for b in of(other) {
            any = true;
            let says = if a == b {
                Some(Says::of(rare_fact(crowd, Counted::Birth(a), BIRTH_MOST), Sign::Birth))
            } else if let Some(bits) = born_near(a, b).filter(|_| !others || years(a, b) < GENERATION) {
                Some(Says::of(bits, Sign::BirthNear))
            } else {
                (one_name && (one_mailbox || years(a, b) < GENERATION))
                    .then_some(Says { bits: -7.0, signs: Vec::new() })
            };
            if let Some(says) = says
                && best.as_ref().is_none_or(|best| says.bits > best.bits)
            {
                best = Some(says);
            }
        }
    }
    if any { best } else { Some(Says::nothing()) }
}

fn years(a: Born, b: Born) -> u32 {
    (a / 10_000).abs_diff(b / 10_000)
}

/// How much it says that two dates are nearly the same: a digit off, two turned, day and month turned; less where one of
/// year, month and day is wholly another. A father's year is not his son's.
fn born_near(a: Born, b: Born) -> Option<f64> {
    let parts = |born: Born| (born / 10_000, born / 100 % 100, born % 100);
    let ((year, month, day), (year_b, month_b, day_b)) = (parts(a), parts(b));
    let turned = |one: u32, other: u32| one / 10 == other % 10 && one % 10 == other / 10;
    let off = |one: u32, other: u32| one / 10 == other / 10 || one % 10 == other % 10 || turned(one, other);
    let digits = |year: u32| [year / 1000, year / 100 % 10, year / 10 % 10, year % 10];
    let apart = digits(year).iter().zip(digits(year_b)).filter(|(one, other)| **one != *other).count();
    let years = apart <= 1 || year.abs_diff(year_b) <= 2 || turned(year % 100, year_b % 100) && apart <= 2;
    match (year == year_b, month == month_b, day == day_b) {
        (true, true, _) => Some(if off(day, day_b) { 5.0 } else { 2.0 }),
        (true, _, true) => Some(if off(month, month_b) { 5.0 } else { 2.0 }),
        (false, true, true) => years.then_some(4.0),
        (true, false, false) if month == day_b && day == month_b => Some(6.0),
        // Typed twice wrongly.
        (true, false, false) if osa_distance(&a.to_string(), &b.to_string()) <= 2 => Some(1.0),
        _ => None,
    }
}

fn emails(crowd: &Crowd, one: usize, other: usize) -> Says {
    let of = |place: usize| {
        crowd.facts(place).filter_map(|fact| match fact {
            Fact::Email { local, domain } => Some((local, domain)),
            _ => None,
        })
    };
    best(
        of(one),
        || of(other),
        -1.5,
        |a, b| {
            if a == b {
                let bits = rare_fact(crowd, Counted::Email(a.0, a.1), EMAIL_MOST);
                // An office's address is several people's.
                let shared = crowd.held.get(&Counted::Email(a.0, a.1)).is_some_and(|held| *held > 3);
                return Some(Says::of(if shared { 3.0 } else { bits }, Sign::Email));
            }
            let text = |word: Word| crowd.words.get(word);
            let (local, domain) = (a.0 == b.0, a.1 == b.1);
            let long = text(a.0).len() >= 5;
            if local && osa_distance(text(a.1), text(b.1)) <= 2 {
                return Some(Says::of(8.0, Sign::EmailNear));
            }
            let digits = |word: Word| text(word).chars().filter(char::is_ascii_digit).collect::<String>();
            if local && long && !is_role(text(a.0)) {
                // "john.smith" is somebody at every provider.
                return Some(Says::of(if digits(a.0).len() >= 2 { 5.0 } else { 1.0 }, Sign::EmailNear));
            }
            // Of "j.smith1" and "j.smith2" each is somebody's.
            let written =
                domain && long && digits(a.0) == digits(b.0) && osa_distance(text(a.0), text(b.0)) <= 2;
            written.then(|| Says::of(6.0, Sign::EmailNear))
        },
    )
}

/// Mailboxes of offices, not of people.
fn is_role(local: &str) -> bool {
    matches!(
        local,
        "info"
            | "office"
            | "admin"
            | "contact"
            | "sales"
            | "enquiries"
            | "enquiry"
            | "hello"
            | "accounts"
            | "support"
            | "reception"
            | "bookings"
            | "manager"
            | "secretary"
            | "treasurer"
            | "clerk"
            | "director"
    )
}

fn phones(crowd: &Crowd, one: usize, other: usize) -> Says {
    let of = |place: usize| {
        crowd.facts(place).filter_map(|fact| match fact {
            Fact::Phone(number) => Some(number),
            _ => None,
        })
    };
    best(
        of(one),
        || of(other),
        -1.5,
        |a, b| {
            if a == b {
                let shared = crowd.held.get(&Counted::Phone(a)).is_some_and(|held| *held > 3);
                let bits = rare_fact(crowd, Counted::Phone(a), PHONE_MOST);
                return Some(Says::of(if shared { 2.0 } else { bits }, Sign::Phone));
            }
            (osa_distance(&a.to_string(), &b.to_string()) <= 1).then(|| Says::of(4.0, Sign::PhoneNear))
        },
    )
}

fn places(crowd: &Crowd, one: usize, other: usize) -> Says {
    let of = |place: usize| {
        crowd.facts(place).filter_map(|fact| match fact {
            Fact::Place { postcode, number, street } => Some((postcode, number, street)),
            _ => None,
        })
    };
    best(
        of(one),
        || of(other),
        -1.5,
        |a, b| {
            let text = |word: Word| crowd.words.get(word);
            let same = |one: Word, other: Word| one == other && one != NONE;
            let (code, number) = (same(a.0, b.0), same(a.1, b.1));
            let street = same(a.2, b.2) || (a.2 != NONE && b.2 != NONE && near(text(a.2), text(b.2)));
            if code && number {
                let bits = rare_fact(crowd, Counted::Place(a.0, a.1), PLACE_MOST);
                return Some(Says::of(bits, Sign::Address));
            }
            let whole = a.0 != NONE && b.0 != NONE;
            if number && street && !whole {
                return Some(Says::of(5.0, Sign::Address));
            }
            let code_near = whole && osa_distance(text(a.0), text(b.0)) <= 1;
            if (code_near && number && street) || (code && street) {
                return Some(Says::of(5.0, Sign::AddressNear));
            }
            code.then(|| Says::of(3.0, Sign::AddressNear))
        },
    )
}

fn organisations(crowd: &Crowd, one: usize, other: usize) -> Says {
    let of = |place: usize| {
        crowd.facts(place).filter_map(|fact| match fact {
            Fact::Organisation(word) => Some(word),
            _ => None,
        })
    };
    best(
        of(one),
        || of(other),
        0.0,
        |a, b| {
            let counted = counted(&Fact::Organisation(a))?;
            (a == b).then(|| Says::of(rare_fact(crowd, counted, ORGANISATION_MOST), Sign::Organisation))
        },
    )
}

/// The most that any two say; `apart` where both have some and none agree; nothing where one has none.
fn best<T: Copy, I: Iterator<Item = T>>(
    one: impl Iterator<Item = T>,
    other: impl Fn() -> I,
    apart: f64,
    says: impl Fn(T, T) -> Option<Says>,
) -> Says {
    let mut best: Option<Says> = None;
    let mut any = false;
    for a in one {
        for b in other() {
            any = true;
            if let Some(says) = says(a, b)
                && best.as_ref().is_none_or(|best| says.bits > best.bits)
            {
                best = Some(says);
            }
        }
    }
    best.unwrap_or(Says { bits: if any { apart } else { 0.0 }, signs: Vec::new() })
}
