//! What of work itself a new version would let go of: documents and entries that nobody is in, and then the record of the work.

use std::collections::BTreeSet;

use custody::coverage::{self, Datum, Outcome};
use custody::id::EngagementId;
use custody::life::Life;
use serde::Serialize;

use super::{Preview, Weighing, settled};
use crate::{Error, Result, Store, Tx, dispose, ground, life};

/// How many pieces of work are looked at in one read.
const AT_ONCE: u32 = 64;

/// A row that a piece of work holds for itself and that no ground would cover.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct OfWork {
    /// Of which work.
    pub work: EngagementId,
    /// The table.
    pub table: &'static str,
    /// The row.
    pub row: i64,
    /// Its kind, by name.
    pub kind: String,
}

/// Looks at all work that holds something for itself, or may.
pub(super) fn look(store: &Store, weighing: &Weighing<'_>, preview: &mut Preview) -> Result<()> {
    let mut after = EngagementId(i64::MIN);
    loop {
        let some = store.read(|tx| {
            let some = ground::works_after(tx, weighing.new, after, AT_ONCE)?;
            for work in &some {
                match weighing.work(tx, *work, &mut preview.of_works) {
                    Err(error) if error.is_unreadable() => preview.unread_works.push(*work),
                    weighed => weighed?,
                }
            }
            Ok::<_, Error>(some)
        })?;
        let Some(last) = some.last() else { return Ok(()) };
        after = *last;
    }
}

impl Weighing<'_> {
    fn work(&self, tx: &Tx<'_>, work: EngagementId, found: &mut Vec<OfWork>) -> Result<()> {
        let held = dispose::of_work(tx, self.old, work)?;
        let next = dispose::of_work(tx, self.new, work)?;
        if next.data.is_empty() && next.undeclared.is_empty() {
            return Ok(());
        }
        let Some(before) = life::works(tx, self.old, &[work], self.on)?.pop() else { return Ok(()) };
        let before = settled(self.old, &before, self.on);
        let Some(after) = self.works(tx, &[work])?.pop() else { return Ok(()) };
        let others = self.beside(tx, work, &next.data)?;
        let others: Vec<&Life> = others.iter().collect();
        let was: BTreeSet<(&str, i64)> = coverage::uncovered(self.old, &before, &[], &held.data, self.on)
            .iter()
            .map(|one| (one.table, one.id))
            .chain(held.undeclared.iter().map(|(table, id, _)| (*table, *id)))
            .collect();
        let name = |kind| self.new.kind(kind).map_or_else(String::new, |kind| kind.name.clone());
        let goes = coverage::uncovered(self.new, &after, &others, &next.data, self.on).into_iter();
        let goes = goes.filter(|one| one.outcome != Outcome::CutLink);
        let goes = goes.map(|one| (one.table, one.id, name(one.kind))).chain(next.undeclared);
        let goes = goes.filter(|(table, row, _)| !was.contains(&(*table, *row)));
        found.extend(goes.map(|(table, row, kind)| OfWork { work, table, row, kind }));
        Ok(())
    }

    /// The lives of other work on which these lie, under the new version.
    fn beside(&self, tx: &Tx<'_>, work: EngagementId, data: &[Datum]) -> Result<Vec<Life>> {
        let on: BTreeSet<EngagementId> =
            data.iter().flat_map(|datum| &datum.engagements).map(|(on, _)| *on).collect();
        let on: Vec<EngagementId> = on.into_iter().filter(|on| *on != work).collect();
        self.works(tx, &on)
    }

    fn works(&self, tx: &Tx<'_>, works: &[EngagementId]) -> Result<Vec<Life>> {
        let old = life::works(tx, self.old, works, self.on)?;
        let new = life::works(tx, self.new, works, self.on)?;
        let lives = old.iter().zip(new).map(|(before, mut after)| {
            after.grounds = self.carried(before);
            settled(self.new, &after, self.on)
        });
        Ok(lives.collect())
    }
}
