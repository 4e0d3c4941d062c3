//! Visits: each counted after a yes, none held longer than the policy says, and the counts still there.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use jiff::civil::Date;
use policy::periods::Own;

use super::{NAMED, Prover, Seen, named};
use crate::{Result, life, visit};

/// What is due today goes tonight, and a night is late only once its morning has come.
const A_NIGHT: SignedDuration = SignedDuration::from_hours(27);

impl Prover<'_, '_> {
    /// A visit is counted only after the visitor said yes, no single one is held longer than the policy says, and what
    /// is held is counted.
    pub(super) fn visits_as_stated(&self) -> Result<Seen> {
        let mut broken = Vec::new();
        let from = visit::held_from(self.policy, self.now)?;
        let late = from.saturating_sub(A_NIGHT).unwrap_or(from);
        let mut held: BTreeMap<(Date, String), u64> = BTreeMap::new();
        let mut all = 0;
        self.tx.each("SELECT id, at, path, agreed_on FROM visit ORDER BY id", &[], |row| {
            let (id, at, agreed) = (row.int(0)?, row.at(1)?, row.opt_date(3)?);
            let on = life::local_date(self.policy, at);
            all += 1;
            let more = broken.len() <= NAMED;
            if more && at < late {
                broken.push(format!("visit {id} of {on} is still held"));
            }
            // A yes was good for as long as the version of its day said.
            let again = match on > self.policy.from {
                true => self.policy.days(Own::Visitors),
                false => Own::Visitors.most(),
            };
            let remembered = |agreed: Date| {
                on.since(agreed).is_ok_and(|days| (0..=again).contains(&i64::from(days.get_days())))
            };
            if more && !agreed.is_some_and(remembered) {
                broken.push(format!("visit {id} of {on} was counted before anybody had said yes"));
            }
            *held.entry((on, row.text(2)?)).or_default() += 1;
            Ok::<(), crate::Error>(())
        })?;
        let first = held.keys().next().map_or(self.today, |(on, _)| *on);
        let counts = visit::counts(self.tx, first)?.into_iter();
        let counts: BTreeMap<(Date, String), u64> =
            counts.map(|count| ((count.on, count.path), count.visits)).collect();
        for (page, visits) in &held {
            let counted = counts.get(page).copied().unwrap_or_default();
            if counted < *visits {
                let (on, path) = page;
                broken.push(format!("of {path} on {on} {visits} visits are held and {counted} counted"));
            }
        }
        if self.policy.visits.is_none() && all > 0 {
            broken.push("visits are counted, and the policy says nothing of it".to_owned());
        }
        let figure = format!("{all} single visits held, each after a yes and none too long");
        Ok(Seen { figure, broken: named(broken) })
    }
}
