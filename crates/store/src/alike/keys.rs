//! Who is compared with whom: those who share a key, made of a detail or of how a name sounds, so that nobody is compared
//! with everybody and whoever is one is compared by one key at least. Pure; several threads compare at once.

use super::facts::{Born, Crowd, Fact, NONE, Word};
use super::score::{self, Pair};

/// A block of so many is compared whole; of a larger one each with so many who come next in it.
const WHOLE: usize = 64;
const NEXT: usize = 24;

/// What came of comparing.
#[derive(Default, Debug)]
pub struct Compared {
    /// The pairs, in the order of their numbers.
    pub pairs: Vec<Pair>,
    /// How many comparisons were made.
    pub compared: u64,
    /// How many blocks were so large that not all in them were compared with each other.
    pub in_part: u64,
}

/// A key of its own for each sort: where two people share one of either, they are compared.
type Family = fn(&Crowd, usize, &mut dyn FnMut(u64));

const FAMILIES: &[Family] = &[
    by_email,
    by_mailbox,
    by_phone,
    by_phone_part,
    by_sounds,
    by_first_and_sound,
    by_initial,
    by_birth,
    by_part_of_birth,
    by_place,
];

/// Compares whoever shares a key.
#[must_use]
pub fn compare(crowd: &Crowd) -> Compared {
    let mut found = Compared::default();
    let order = order(crowd);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    for family in FAMILIES {
        let shares: Vec<usize> = (0..threads).collect();
        let mut keyed = at_once(shares, |nth| keyed(crowd, *family, nth, threads));
        // From what each thread found, each takes its own share of the keys.
        let own = |nth| keyed.iter_mut().filter_map(|some| some.get_mut(nth)).map(std::mem::take).collect();
        let shares: Vec<Vec<Vec<Keyed>>> = (0..threads).map(own).collect();
        let shares = at_once(shares, |parts| {
            let mut all = Vec::with_capacity(parts.iter().map(Vec::len).sum());
            parts.into_iter().for_each(|part| all.extend(part));
            all.sort_unstable();
            all.dedup();
            let mut found = Compared::default();
            for block in all.chunk_by(|one, other| one.0 == other.0).filter(|block| block.len() > 1) {
                found.within(crowd, block, &order);
            }
            found
        });
        for share in shares {
            found.add(share);
        }
        // Whoever shares several keys was compared by each, and came to the same each time.
        found.pairs.sort_by_key(|pair| (pair.one, pair.other));
        found.pairs.dedup_by_key(|pair| (pair.one, pair.other));
    }
    found
}

/// What each of some shares comes to, each in a thread of its own.
fn at_once<S: Send, T: Send>(shares: Vec<S>, work: impl Fn(S) -> T + Sync) -> Vec<T> {
    let work = &work;
    std::thread::scope(|scope| {
        let threads: Vec<_> = shares.into_iter().map(|share| scope.spawn(move || work(share))).collect();
        let came = |thread: std::thread::ScopedJoinHandle<'_, T>| {
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        threads.into_iter().map(came).collect()
    })
}

/// A key, and the place of whoever has it.
type Keyed = (u64, u32);

/// The keys of one of so many shares of the people, apart by whose share of the keys each is.
fn keyed(crowd: &Crowd, family: Family, nth: usize, shares: usize) -> Vec<Vec<Keyed>> {
    let mut keyed = vec![Vec::new(); shares];
    let share = crowd.len().div_ceil(shares);
    for place in (nth * share..crowd.len()).take(share) {
        let Ok(short) = u32::try_from(place) else { break };
        family(crowd, place, &mut |key| {
            let whose = usize::try_from(key >> 32).unwrap_or_default() % shares;
            if let Some(some) = keyed.get_mut(whose) {
                some.push((key, short));
            }
        });
    }
    keyed
}

impl Compared {
    fn add(&mut self, other: Self) {
        self.pairs.extend(other.pairs);
        self.compared += other.compared;
        self.in_part += other.in_part;
    }

    /// Compares those of one block with each other.
    fn within(&mut self, crowd: &Crowd, block: &[Keyed], order: &[(Born, u32, u32)]) {
        let place = |short: u32| usize::try_from(short).ok();
        let mut places: Vec<usize> = block.iter().filter_map(|(_, short)| place(*short)).collect();
        let next = if places.len() > WHOLE {
            self.in_part += 1;
            places.sort_by_key(|place| order.get(*place).copied());
            NEXT
        } else {
            WHOLE
        };
        for (at, one) in places.iter().enumerate() {
            for other in places.iter().skip(at + 1).take(next) {
                self.compared += 1;
                self.pairs.extend(score::compare(crowd, *one.min(other), *one.max(other)));
            }
        }
    }
}

/// Where somebody stands in a large block: beside those of nearly the same birthday and postcode.
fn order(crowd: &Crowd) -> Vec<(Born, u32, u32)> {
    (0..crowd.len())
        .map(|place| {
            let mut order = (Born::MAX, u32::MAX, u32::MAX);
            for fact in crowd.facts(place) {
                match fact {
                    Fact::Birth(born) => order.0 = born,
                    Fact::Place { postcode, number, .. } => (order.1, order.2) = (postcode, number),
                    _ => {}
                }
            }
            order
        })
        .collect()
}

/// A key of some parts, which is the same on every machine.
fn key(tag: u8, parts: &[u64]) -> u64 {
    parts.iter().fold(u64::from(tag), |key, part| {
        let mixed = (key ^ part).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed ^ mixed >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9)
    })
}

fn sound(crowd: &Crowd, word: Word) -> u64 {
    crowd.about(word).map_or(u64::MAX, |about| about.sound.into())
}

fn initial(crowd: &Crowd, word: Word) -> u64 {
    crowd.called.get(word).chars().next().map_or(u64::MAX, |c| u32::from(c).into())
}

/// In which rows a first name stands; by its sound where in none.
fn rows(crowd: &Crowd, given: Word) -> impl Iterator<Item = u64> + '_ {
    let rows = crowd.about(given).map_or(&[][..], |about| &about.called);
    rows.iter().map(|row| u64::from(*row)).chain(std::iter::once(1 << 40 | sound(crowd, given)))
}

fn by_email(crowd: &Crowd, place: usize, put: &mut dyn FnMut(u64)) {
    for fact in crowd.facts(place) {
        if let Fact::Email { local, domain } = fact {
            put(key(b'e', &[local.into(), domain.into()]));
        }
    }
}

/// The same mailbox at another provider.
fn by_mailbox(crowd: &Crowd, place: usize, put: &mut dyn FnMut(u64)) {
    for fact in crowd.facts(place) {
        if let Fact::Email { local, .. } = fact
            && crowd.words.get(local).len() >= 5
        {
            put(key(b'l', &[local.into()]));
        }
    }
}

fn by_phone(crowd: &Crowd, place: usize, put: &mut dyn FnMut(u64)) {
    for fact in crowd.facts(place) {
        if let Fact::Phone(number) = fact {
            put(key(b'p', &[number % 1_000_000_000]));
        }
    }
}

/// A number with a digit wrong has one of its halves right.
fn by_phone_part(crowd: &Crowd, place: usize, put: &mut dyn FnMut(u64)) {
    let surnames: Vec<u64> = crowd.names_of(place).map(|name| sound(crowd, name.surname)).collect();
    for fact in crowd.facts(place) {
        if let Fact::Phone(number) = fact {
            for surname in &surnames {
                put(key(b'q', &[number % 100_000, *surname]));
                put(key(b'r', &[number / 100_000, *surname]));
            }
        }
    }
}

/// Every word of the name as it sounds, in whatever order.
fn by_sounds(crowd: &Crowd, place: usize, put: &mut dyn FnMut(u64)) {
    for name in crowd.names_of(place) {
        let mut sounds: Vec<u64> = [name.given, name.middle[0], name.middle[1], name.surname]
            .into_iter()
            .filter(|word| crowd.about(*word).is_some_and(|about| !about.initial))
            .map(|word| sound(crowd, word))
            .collect();
        sounds.sort_unstable();
        if sounds.len() > 1 {
            put(key(b'n', &sounds));
        }
        let mut ends = [sound(crowd, name.given), sound(crowd, name.surname)];
        ends.sort_unstable();
        if name.middle[0] != NONE {
            put(key(b'n', &ends));
        }
    }
}

fn by_first_and_sound(crowd: &Crowd, place: usize, put: &mut dyn FnMut(u64)) {
    for name in crowd.names_of(place) {
        for surname in [name.surname, name.middle[0], name.middle[1]].into_iter().filter(|word| *word != NONE)
        {
            for row in rows(crowd, name.given) {
                put(key(b'g', &[sound(crowd, surname), row]));
            }
        }
    }
}

/// Surname and initial, near where somebody lives or in the year they were born.
fn by_initial(crowd: &Crowd, place: usize, put: &mut dyn FnMut(u64)) {
    for name in crowd.names_of(place) {
        let parts = [sound(crowd, name.surname), initial(crowd, name.given)];
        for fact in crowd.facts(place) {
            match fact {
                Fact::Birth(born) => put(key(b'i', &[parts[0], parts[1], (born / 10_000).into()])),
                Fact::Place { postcode, .. } if postcode != NONE => {
                    put(key(b'j', &[parts[0], parts[1], postcode.into()]));
                }
                Fact::Organisation(word) => put(key(b'o', &[parts[0], parts[1], word.into()])),
                _ => {}
            }
        }
    }
}

/// The birthday, however day and month stand, and a letter of the name.
fn by_birth(crowd: &Crowd, place: usize, put: &mut dyn FnMut(u64)) {
    for fact in crowd.facts(place) {
        let Fact::Birth(born) = fact else { continue };
        let (month, day) = (born / 100 % 100, born % 100);
        let when = [(born / 10_000).into(), month.min(day).into(), month.max(day).into()];
        for name in crowd.names_of(place) {
            for word in [name.given, name.surname].into_iter().filter(|word| *word != NONE) {
                put(key(b'b', &[when[0], when[1], when[2], initial(crowd, word)]));
            }
        }
    }
}

/// The first name and two of day, month and year: for a birthday with one of them wrong.
fn by_part_of_birth(crowd: &Crowd, place: usize, put: &mut dyn FnMut(u64)) {
    for fact in crowd.facts(place) {
        let Fact::Birth(born) = fact else { continue };
        let (year, month, day) = (born / 10_000, born / 100 % 100, born % 100);
        for name in crowd.names_of(place) {
            for row in rows(crowd, name.given) {
                put(key(b'x', &[row, year.into(), month.into()]));
                put(key(b'y', &[row, year.into(), day.into()]));
                put(key(b'z', &[row, month.into(), day.into()]));
            }
        }
    }
}

fn by_place(crowd: &Crowd, place: usize, put: &mut dyn FnMut(u64)) {
    for fact in crowd.facts(place) {
        let Fact::Place { postcode, number, street } = fact else { continue };
        if postcode != NONE {
            put(key(b'a', &[postcode.into(), number.into()]));
        }
        for name in crowd.names_of(place) {
            if number != NONE {
                let street = crowd.streets.get(&street).copied().unwrap_or_default();
                put(key(b'c', &[number.into(), street, sound(crowd, name.surname)]));
            }
            if postcode != NONE {
                put(key(b'd', &[postcode.into(), sound(crowd, name.surname)]));
            }
        }
    }
}
