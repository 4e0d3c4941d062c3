//! Statistics: every table that was made hides what the policy says, alone and beside those before it. It reads what was kept of the
//! tables, and counts nobody again.

use custody::statistics::{Leak, Number, leaks};

use super::{Prover, Seen, named};
use crate::{Error, Result, statistics};

impl Prover<'_, '_> {
    pub(super) fn statistics_hide(&self, at: usize) -> Result<Seen> {
        let stated = self.policy.statistics.get(at).ok_or(Error::Missing)?;
        let whom = statistics::whom(self.policy, stated);
        let all = statistics::all(self.tx)?;
        let (mut tables, mut broken) = (0, Vec::new());
        for (place, made) in all.iter().enumerate() {
            let release = &made.release;
            if release.whom != whom {
                continue;
            }
            tables += 1;
            let on = format!("statistics {} of {}", release.id, release.made_on);
            // What was made by an earlier version was made as that one said.
            let ours = release.made_on > self.policy.from;
            let asked = u64::from(self.policy.least_count());
            if ours && release.least < asked {
                broken.push(format!(
                    "{on} show numbers from {} people on, and not from {asked}",
                    release.least
                ));
            }
            let until = i64::from(release.made_on.year());
            let first = statistics::first_year(stated, until);
            let counts = made.parts.iter().map(|part| part.year).min().unwrap_or(until);
            // Others of the same people may go back further.
            if ours && release.title == stated.title && counts < first {
                broken.push(format!("{on} count from {counts} on, and not from {first}"));
            }
            let least = if ours { asked.max(release.least) } else { release.least };
            for part in &made.parts {
                let earlier = all.get(..place).unwrap_or_default();
                let before = statistics::before(earlier, &whom, (part.work.as_str(), part.year));
                let found = leaks(&part.line, &before, least);
                broken.extend(
                    found
                        .iter()
                        .map(|leak| format!("{on}, {} of {}: {}", part.work, part.year, said(leak, least))),
                );
            }
        }
        Ok(Seen::of(tables, "tables of statistics, each beside those before it", named(broken)))
    }
}

/// What is wrong with a number, in words.
fn said(leak: &Leak, least: u64) -> String {
    let called = |number: &Number| match number {
        Number::Cell(step) => format!("the number of those at `{step}`"),
        Number::All => "the number of all".to_owned(),
        Number::Hidden => "what the hidden numbers come to".to_owned(),
    };
    match leak {
        Leak::Few(number) => format!("{} is of fewer than {least} people", called(number)),
        Leak::Apart(number) => {
            format!("{} differs by fewer than {least} people from one before", called(number))
        }
        Leak::Computed(step) => format!("the hidden number of those at `{step}` can be computed"),
    }
}
