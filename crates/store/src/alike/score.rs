//! How much speaks for two people being one: what agrees, the rarer the more, what nearly agrees, what differs; and what
//! rules it out. Pure. It proposes; somebody decides.

use custody::id::PersonId;
use strsim::osa_distance;

use super::facts::{Born, Counted, Crowd, Fact, NONE, Name, Word, counted};
use super::name::{near, near_of, one_digit_off, within};
use super::sign::{OF_NAMES, OF_OTHER_NAMES, Sign, Signs};

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
#[derive(Clone, Copy)]
struct Says {
    bits: f64,
    signs: Signs,
}

impl Says {
    fn of(bits: f64, sign: Sign) -> Self {
        Self { bits, signs: Signs::of(sign) }
    }

    /// Of which nobody hears.
    fn bits(bits: f64) -> Self {
        Self { bits, signs: Signs::default() }
    }
}

/// Compares the people at two places. `None` where they are two.
#[must_use]
pub fn compare(crowd: &Crowd, one: usize, other: usize) -> Option<Pair> {
    let mails = emails(crowd, one, other);
    let births = births(crowd, one, other, &mails);
    let one_mailbox = mails.signs == Signs::of(Sign::Email);
    // Most who share a key were born so far apart that no name makes up for it.
    if matches!(births, Births::Apart { same_years: false }) && !one_mailbox {
        return None;
    }
    let names = names(crowd, one, other)?;
    let births = births.beside(&names, one_mailbox)?;
    let nameless = crowd.names_of(one).next().is_none() || crowd.names_of(other).next().is_none();
    let bar = (crowd.len().max(AMONG_MIN) as f64).log2();
    // What cannot be reached by the best of everything else is not looked at further. Of whom no name is held, the address is all
    // there is.
    let known = names.bits + births.bits + mails.bits;
    let short = |most: f64| !nameless && most + 1e-6 < bar + OVER;
    if short(known + PHONE_MOST + PLACE_MOST + ORGANISATION_MOST) {
        return None;
    }
    let phones = phones(crowd, one, other);
    if short(known + phones.bits + PLACE_MOST + ORGANISATION_MOST) {
        return None;
    }
    let all = [names, births, mails, phones, places(crowd, one, other), organisations(crowd, one, other)];
    let (mut bits, mut besides, mut why) = (0.0, 0.0, Signs::default());
    for says in all {
        bits += says.bits;
        if !says.signs.without(OF_NAMES).is_none() {
            besides += says.bits;
        }
        why = why.and(says.signs);
    }
    let over = if besides >= BESIDES_LEAST { OVER } else { OVER_NAME_ALONE };
    let proposed = bits >= bar + over || (nameless && why.any(Signs::of(Sign::Email)));
    let (one, other) = (crowd.people.get(one)?.0, crowd.people.get(other)?.0);
    proposed.then(|| Pair { one: one.min(other), other: one.max(other), why: why.all() })
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
                // Only surnames that go together make one name of it: here nearly all end.
                let may = b.given != NONE
                    && (surnames_near(crowd, a.surname, turned.surname)
                        || written(crowd, &a).eq(written(crowd, &turned)));
                let says = may.then(|| name(crowd, &a, &turned, true)).flatten().filter(one_name)?;
                let signs = says.signs.without(Signs::of(Sign::Name)).and(Signs::of(Sign::Turned));
                Some(Says { bits: says.bits - 1.0, signs })
            };
            for says in [straight, turned()].into_iter().flatten() {
                if best.as_ref().is_none_or(|best| says.bits > best.bits) {
                    best = Some(says);
                }
            }
        }
    }
    if any { best } else { Some(Says::bits(0.0)) }
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
    let signs = [sign, surname.1].into_iter().flatten().map(Signs::of).fold(Signs::default(), Signs::and);
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
    if words_near(crowd, single.surname, whole.surname) {
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
        short || (!(about.is_first && other.is_first) && words_near(crowd, single.surname, whole.given));
    match (same, alike) {
        (true, _) => Some(Says::of(rare(crowd, held, GIVEN_MOST), Sign::OneWord)),
        (false, true) => Some(Says::of(3.0, Sign::OneWord)),
        (false, false) => None,
    }
}

/// Whether two words of names may be one, written badly.
fn words_near(crowd: &Crowd, one: Word, other: Word) -> bool {
    let known = |word: Word| crowd.about(word).map(|about| (crowd.called.get(word), about.letters));
    matches!((known(one), known(other)), (Some(one), Some(other)) if near_of(one, other))
}

/// Whether two surnames are the same, sound so, or may be one written badly.
fn surnames_near(crowd: &Crowd, one: Word, other: Word) -> bool {
    let sound = |word: Word| crowd.about(word).map(|about| about.sound).filter(|sound| *sound != NONE);
    one == other || words_near(crowd, one, other) || sound(one).is_some_and(|one| sound(other) == Some(one))
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
    let alike = || words_near(crowd, a.given, b.given) || (one.sound == other.sound && one.sound != NONE);
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
    let common = rare(crowd, one.surname.max(other.surname), SURNAME_MOST);
    if surnames_near(crowd, a.surname, b.surname) {
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
    !names.signs.is_none() && !names.signs.any(OF_OTHER_NAMES)
}

/// What the dates of birth of two say before their names are known.
enum Births {
    /// One of them has none.
    Unknown,
    /// The same, or nearly.
    Agree(Says),
    /// They have nothing to do with each other; perhaps they are of the same years all the same.
    Apart { same_years: bool },
}

impl Births {
    /// `None` where both have one and these have nothing to do with each other. Of one name somebody with another birthday is a
    /// slip of the pen if he is of the same years, or of the same mailbox; else he is perhaps the father, who may even have been
    /// born on the same day of the year.
    fn beside(self, names: &Says, one_mailbox: bool) -> Option<Says> {
        match self {
            Self::Unknown => Some(Says::bits(0.0)),
            Self::Agree(says) => Some(says),
            Self::Apart { same_years } => {
                let one_mailbox = one_mailbox && !names.signs.any(Signs::of(Sign::Short));
                (one_name(names) && (same_years || one_mailbox)).then_some(Says::bits(-7.0))
            }
        }
    }
}

fn births(crowd: &Crowd, one: usize, other: usize, mails: &Says) -> Births {
    let others = mails.bits < 0.0 || (mails.signs == Signs::of(Sign::EmailNear) && mails.bits < 5.0);
    let of = |place: usize| {
        crowd.facts(place).filter_map(|fact| match fact {
            Fact::Birth(born) => Some(born),
            _ => None,
        })
    };
    let mut best = Births::Unknown;
    for a in of(one) {
        for b in of(other) {
            let same_years = years(a, b) < GENERATION;
            let says = if a == b {
                Some(Says::of(rare_fact(crowd, Counted::Birth(a), BIRTH_MOST), Sign::Birth))
            } else {
                let near = born_near(a, b).filter(|_| !others || same_years);
                near.map(|bits| Says::of(bits, Sign::BirthNear))
            };
            best = match (best, says) {
                (Births::Agree(best), Some(says)) if says.bits > best.bits => Births::Agree(says),
                (Births::Agree(best), _) => Births::Agree(best),
                (_, Some(says)) => Births::Agree(says),
                (Births::Apart { same_years: before }, None) => {
                    Births::Apart { same_years: before || same_years }
                }
                (Births::Unknown, None) => Births::Apart { same_years },
            };
        }
    }
    best
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
        (true, false, false) if twice_wrong(a, b) => Some(1.0),
        _ => None,
    }
}

/// Whether two dates of one year are one typed twice wrongly.
fn twice_wrong(a: Born, b: Born) -> bool {
    let digits = |born: Born| [born / 1000 % 10, born / 100 % 10, born / 10 % 10, born % 10];
    let wrong = digits(a).iter().zip(digits(b)).filter(|(one, other)| **one != *other).count();
    let written = |born: Born| format!("{:04}", born % 10_000);
    wrong <= 2 || osa_distance(&written(a), &written(b)) <= 2
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
            let digits = |word: Word| text(word).bytes().filter(u8::is_ascii_digit);
            if local && long && !is_role(text(a.0)) {
                // "john.smith" is somebody at every provider.
                return Some(Says::of(if digits(a.0).count() >= 2 { 5.0 } else { 1.0 }, Sign::EmailNear));
            }
            // Of "j.smith1" and "j.smith2" each is somebody's.
            let written = domain && long && digits(a.0).eq(digits(b.0)) && within(text(a.0), text(b.0), 2);
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
            one_digit_off(a, b).then(|| Says::of(4.0, Sign::PhoneNear))
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
            if !code && !number {
                return None;
            }
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
    best.unwrap_or(Says::bits(if any { apart } else { 0.0 }))
}
