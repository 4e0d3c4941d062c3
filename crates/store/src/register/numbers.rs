//! Millions of numbers in little memory: in order, each once, as the distances between them. It never holds a list of
//! them whole.

/// How many wait, as they came, to be put in their places.
const WAITING: usize = 256 * 1024;
/// Seven bits of a distance lie in a byte; this one says that another follows.
const MORE: u8 = 0x80;

/// Numbers as they come, put in order a batch at a time.
#[derive(Debug, Default)]
pub(super) struct Gathering {
    placed: Numbers,
    waiting: Vec<i64>,
    all: usize,
}

impl Gathering {
    pub(super) fn add(&mut self, number: i64) {
        if self.waiting.len() == WAITING {
            self.place();
        }
        self.waiting.push(number);
        self.all += 1;
    }

    fn place(&mut self) {
        self.waiting.sort_unstable();
        let mut into = Numbers::with_room(self.placed.distances.len() + self.waiting.len() * 3);
        let mut waiting = self.waiting.iter().copied().peekable();
        for placed in self.placed.iter() {
            while let Some(number) = waiting.next_if(|number| *number <= placed) {
                into.push(number);
            }
            into.push(placed);
        }
        waiting.for_each(|number| into.push(number));
        self.placed = into;
        self.waiting.clear();
    }

    /// The numbers, and how many came that had come before.
    pub(super) fn done(mut self) -> (Numbers, usize) {
        self.place();
        let repeated = self.all - self.placed.count;
        (self.placed, repeated)
    }
}

/// Numbers in order, each once.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Numbers {
    distances: Vec<u8>,
    last: i64,
    count: usize,
}

impl std::fmt::Debug for Numbers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} numbers", self.count)
    }
}

impl Numbers {
    fn with_room(bytes: usize) -> Self {
        Self { distances: Vec::with_capacity(bytes), ..Self::default() }
    }

    /// The next one; the last one again is not taken twice. None is below nothing.
    pub(super) fn push(&mut self, number: i64) {
        let mut distance = number.abs_diff(self.last);
        if distance == 0 && self.count > 0 {
            return;
        }
        while distance >= u64::from(MORE) {
            self.distances.push(distance.to_le_bytes()[0] | MORE);
            distance >>= 7;
        }
        self.distances.push(distance.to_le_bytes()[0]);
        self.last = number;
        self.count += 1;
    }

    /// These with others that come and without those that go; what both comes and goes stays.
    pub(super) fn changed(&self, comes: &Self, goes: &Self) -> Self {
        let mut into = Self::with_room(self.distances.len() + comes.distances.len());
        let (mut comes, mut goes) = (comes.iter().peekable(), goes.iter().peekable());
        for number in self.iter() {
            while let Some(come) = comes.next_if(|come| *come <= number) {
                into.push(come);
            }
            while goes.next_if(|gone| *gone < number).is_some() {}
            if goes.peek() != Some(&number) {
                into.push(number);
            }
        }
        comes.for_each(|come| into.push(come));
        into
    }

    /// How many of these are among others.
    pub(super) fn shared(&self, others: &Self) -> usize {
        let mut others = others.iter().peekable();
        let there = |number: &i64| {
            while others.next_if(|other| other < number).is_some() {}
            others.peek() == Some(number)
        };
        self.iter().filter(there).count()
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.count
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// All of them, the lowest first.
    pub fn iter(&self) -> impl Iterator<Item = i64> + '_ {
        let mut bytes = self.distances.iter();
        let mut number = 0_i64;
        std::iter::from_fn(move || {
            let mut distance = 0_i64;
            for seven in 0_u32.. {
                let byte = *bytes.next()?;
                distance |= i64::from(byte & !MORE) << (7 * seven);
                if byte & MORE == 0 {
                    break;
                }
            }
            number += distance;
            Some(number)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gathered(numbers: impl IntoIterator<Item = i64>) -> (Numbers, usize) {
        let mut gathering = Gathering::default();
        numbers.into_iter().for_each(|number| gathering.add(number));
        gathering.done()
    }

    #[test]
    fn they_come_out_in_order_and_once() {
        let (numbers, repeated) = gathered([447_700_900_123, 0, 5, 447_700_900_123, 127, 128, 5, i64::MAX]);
        assert_eq!(numbers.iter().collect::<Vec<_>>(), [0, 5, 127, 128, 447_700_900_123, i64::MAX]);
        assert_eq!((numbers.len(), repeated), (6, 2));
        assert!(gathered([]).0.is_empty());
    }

    #[test]
    fn changes_come_and_go() {
        let of = |numbers: &[i64]| gathered(numbers.iter().copied()).0;
        let changed = |comes: &[i64], goes: &[i64]| {
            of(&[10, 20, 30, 40]).changed(&of(comes), &of(goes)).iter().collect::<Vec<_>>()
        };
        assert_eq!(changed(&[], &[]), [10, 20, 30, 40]);
        assert_eq!(changed(&[5, 20, 25, 50], &[10, 40, 60]), [5, 20, 25, 30, 50]);
        assert_eq!(changed(&[20], &[20]), [10, 20, 30, 40], "whoever comes and goes stays");
        assert_eq!(of(&[]).changed(&of(&[1]), &of(&[2])).iter().collect::<Vec<_>>(), [1]);
        assert_eq!(of(&[5, 20, 40, 60]).shared(&of(&[10, 20, 30, 40])), 2);
    }

    #[test]
    fn many_batches_are_one_list_in_a_few_bytes_each() {
        let all = 3 * i64::try_from(WAITING).unwrap() + 1;
        // Each once, not in order, and the first hundred again.
        let (numbers, repeated) = gathered(
            (0..all)
                .map(|n| 440_000_000_000 + n * 7919 % all * 500)
                .chain((0..100).map(|n| 440_000_000_000 + n * 500)),
        );
        assert!(numbers.iter().eq((0..all).map(|n| 440_000_000_000 + n * 500)));
        assert_eq!(repeated, 100);
        assert!(numbers.distances.len() < 2 * numbers.len() + 10);
    }
}
