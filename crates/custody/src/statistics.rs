//! Statistics that leave the house: which numbers of a table may be shown, so that no number, nothing that can be computed from several,
//! and no difference to what was shown before is of fewer people than the policy says. It counts nobody itself.
//!
//! INVARIANT: what [`shown`] gives has no [`leaks`].

use std::collections::BTreeSet;

/// Everybody of one year on one kind of work, each in one cell.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Line {
    /// The cells by name, in their order; nothing where the number is hidden.
    pub cells: Vec<(String, Option<u64>)>,
    /// How many they are in all; nothing where that is hidden.
    pub all: Option<u64>,
}

/// What was shown before of the same work and year.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Before<'a> {
    /// Of the same people, the newest first.
    pub same: Vec<&'a Line>,
    /// Of people some of whom are the same.
    pub others: Vec<&'a Line>,
}

/// Which number it is about.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Number {
    /// A cell.
    Cell(String),
    /// All cells together.
    All,
    /// What several cells come to that are hidden, now or before.
    Hidden,
}

/// What a line would give away.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Leak {
    /// It is of fewer people than may be shown.
    Few(Number),
    /// It differs by fewer people from what was shown before.
    Apart(Number),
    /// It is hidden, and can be computed from what is shown, now or before.
    Computed(String),
}

type Names<'a> = BTreeSet<&'a str>;

impl Line {
    /// A line with nothing hidden.
    #[must_use]
    pub fn of(counts: Vec<(String, u64)>) -> Self {
        let all = Some(counts.iter().map(|(_, count)| count).sum());
        Self { cells: counts.into_iter().map(|(name, count)| (name, Some(count))).collect(), all }
    }

    /// How many a cell shows.
    #[must_use]
    pub fn cell(&self, name: &str) -> Option<u64> {
        self.cells.iter().find(|(known, _)| known == name).and_then(|(_, count)| *count)
    }

    /// How many of its numbers are hidden.
    #[must_use]
    pub fn hides(&self) -> usize {
        self.hidden().len() + usize::from(self.all.is_none())
    }

    fn names(&self) -> Names<'_> {
        self.cells.iter().map(|(name, _)| name.as_str()).collect()
    }

    fn hidden(&self) -> Names<'_> {
        self.cells.iter().filter(|(_, count)| count.is_none()).map(|(name, _)| name.as_str()).collect()
    }

    fn shows_nothing(&self) -> bool {
        self.all.is_none() && self.cells.iter().all(|(_, count)| count.is_none())
    }

    /// How many some cells come to, where it can be read off or computed.
    fn sum(&self, of: &Names<'_>) -> Option<u64> {
        let (within, beside): (Vec<_>, Vec<_>) =
            self.cells.iter().partition(|(name, _)| of.contains(name.as_str()));
        if of.is_empty() || within.len() != of.len() {
            return None;
        }
        let total = |cells: &[&(String, Option<u64>)]| cells.iter().map(|cell| cell.1).sum::<Option<u64>>();
        total(&within).or_else(|| Some(self.all?.saturating_sub(total(&beside)?)))
    }

    /// How many they are in all, where it can be read off or computed.
    fn total(&self) -> Option<u64> {
        self.all.or_else(|| self.sum(&self.names()))
    }

    /// What is known by it and by what was shown before, if nothing has changed since.
    fn with(&self, before: &Before<'_>) -> Self {
        let alike: Vec<&Line> =
            before.same.iter().copied().filter(|line| line.names() == self.names()).collect();
        let cell = |name: &str| alike.iter().find_map(|line| line.cell(name));
        let known = |(name, count): &(String, Option<u64>)| (name.clone(), count.or_else(|| cell(name)));
        Self {
            cells: self.cells.iter().map(known).collect(),
            all: self.all.or_else(|| alike.iter().find_map(|line| line.all)),
        }
    }

    fn hide(&mut self, name: &str) {
        self.cells.iter_mut().filter(|(known, _)| known == name).for_each(|(_, count)| *count = None);
    }
}

/// What a line gives away, by itself and beside what was shown before.
#[must_use]
pub fn leaks(line: &Line, before: &Before<'_>, least: u64) -> Vec<Leak> {
    if line.shows_nothing() {
        return Vec::new();
    }
    let mut found: Vec<Leak> = Vec::new();
    let cells = || line.cells.iter().filter_map(|(name, count)| Some((name, (*count)?)));
    let earlier = || before.same.iter().chain(&before.others);
    let apart = |one: u64, other: u64| one != other && one.abs_diff(other) < least;
    let few = cells().filter(|(_, count)| *count < least);
    found.extend(few.map(|(name, _)| Leak::Few(Number::Cell(name.clone()))));
    let moved = |name: &str, count: u64| {
        earlier().filter_map(|line| line.cell(name)).any(|before| apart(count, before))
    };
    let apart_cells = cells().filter(|(name, count)| moved(name, *count));
    found.extend(apart_cells.map(|(name, _)| Leak::Apart(Number::Cell(name.clone()))));
    if let Some(all) = line.total() {
        if all < least {
            found.push(Leak::Few(Number::All));
        }
        if earlier().filter_map(|line| line.total()).any(|before| apart(all, before)) {
            found.push(Leak::Apart(Number::All));
        }
    }
    for known in [line, &line.with(before)] {
        let hidden = known.hidden();
        match (known.sum(&hidden), hidden.first()) {
            (Some(_), Some(name)) if hidden.len() == 1 => found.push(Leak::Computed((*name).to_owned())),
            (Some(sum), _) if sum < least => found.push(Leak::Few(Number::Hidden)),
            _ => {}
        }
    }
    for other in earlier() {
        let (now, then) = (line.hidden(), other.hidden());
        let both: Names<'_> = now.union(&then).copied().collect();
        let mut sums = [now, then, both].into_iter().filter_map(|of| Some((line.sum(&of)?, other.sum(&of)?)));
        if sums.any(|(now, then)| apart(now, then)) {
            found.push(Leak::Apart(Number::Hidden));
        }
    }
    let mut seen = BTreeSet::new();
    found.retain(|leak| seen.insert(leak.clone()));
    found
}

/// A line with as much hidden as must be so that it gives nothing away. What was hidden the last time is hidden before
/// anything else, so that one table does not show what another hides.
#[must_use]
pub fn shown(mut line: Line, before: &Before<'_>, least: u64) -> Line {
    // Each leak hides one number more; a line of which all are hidden has none.
    while let Some(leak) = leaks(&line, before, least).into_iter().next() {
        match leak {
            Leak::Few(Number::Cell(name)) | Leak::Apart(Number::Cell(name)) => line.hide(&name),
            Leak::Few(Number::All) | Leak::Apart(Number::All) if line.all.is_some() => line.all = None,
            Leak::Few(_) | Leak::Apart(_) | Leak::Computed(_) => match next(&line, before) {
                Some(name) => line.hide(&name),
                None => line.all = None,
            },
        }
    }
    line
}

/// The cell to hide next: one that was hidden the last time, and of these the smallest.
fn next(line: &Line, before: &Before<'_>) -> Option<String> {
    let was_shown = |name: &str| before.same.first().is_some_and(|last| last.cell(name).is_some());
    let cells = line.cells.iter().filter_map(|(name, count)| Some((name, (*count)?)));
    cells.min_by_key(|(name, count)| (was_shown(name), *count)).map(|(name, _)| name.clone())
}
