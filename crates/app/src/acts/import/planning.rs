//! Every row of a file is looked at before anything is taken: of a few in one transaction, of very many some at a time, each time in a
//! transaction of its own, so that nobody who writes something waits for long. Until all were looked at there is no plan, and nothing can
//! be taken; where a stop comes in between, or somebody says otherwise meanwhile, whoever brings the file begins again.

use custody::id::{ImportId, StaffId};
use policy::role::Deed;
use serde_json::json;
use store::Tx;
use store::import::{self, ImportRow, Outcome, State};

use super::plan::{Seen, Strangers, kept, look, targets};
use super::run::on_behalf_of;
use super::{Importing, Said, may_hold_new, must_stand};
use crate::acts::Acting;
use crate::fault::Fault;
use crate::instance::Instance;
use crate::intake::{Row, Sheet};

/// Of how many rows all are looked at in one transaction; where there are more, so many in each.
const AT_ONCE: usize = 100;

/// How many rows of an earlier plan go in one transaction.
const EARLIER_AT_ONCE: u32 = 200;

/// Says what the columns become and looks at every row, in one transaction. What the columns may become was checked: a word
/// for something undeclared is refused.
///
/// # Errors
/// [`Fault::Invalid`] if a column becomes what it may not, or none becomes anything.
pub fn plan(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    id: ImportId,
    sheet: &Sheet,
    words: &[String],
) -> Result<(), Fault> {
    let mut planning = Planning::begin(acting, tx, id, sheet, words)?;
    while planning.earlier_go(acting, tx)? {}
    for some in sheet.rows.chunks(AT_ONCE) {
        planning.look_at(acting, tx, some)?;
        planning.keep();
    }
    planning.end(acting, tx)
}

/// The same of however many rows there are, on behalf of whoever brings the file; of the program's intake where a command does.
///
/// # Errors
/// As [`plan`]; [`Fault::Changed`] if somebody said otherwise meanwhile, [`Fault::NotFound`] if the file was forgotten.
pub fn plan_whole(
    instance: &Instance,
    by: Option<StaffId>,
    id: ImportId,
    sheet: &Sheet,
    words: &[String],
) -> Result<(), Fault> {
    let store = &instance.store;
    if sheet.rows.len() <= AT_ONCE {
        return store.write(|tx| plan(&on_behalf_of(instance, tx, by)?, tx, id, sheet, words));
    }
    let mut planning =
        store.write(|tx| Planning::begin(&on_behalf_of(instance, tx, by)?, tx, id, sheet, words))?;
    while store.write(|tx| planning.earlier_go(&on_behalf_of(instance, tx, by)?, tx))? {}
    for some in sheet.rows.chunks(AT_ONCE) {
        store.write(|tx| planning.look_at(&on_behalf_of(instance, tx, by)?, tx, some))?;
        planning.keep();
    }
    store.write(|tx| planning.end(&on_behalf_of(instance, tx, by)?, tx))
}

/// A file whose rows are being looked at.
pub struct Planning {
    id: ImportId,
    rows: usize,
    /// What stands of it in the store meanwhile, which nobody else has said.
    map: String,
    seen: Seen,
    /// How many bring a phone number and an e-mail address: of those looked at before, and of those looked at last.
    reached: (u64, u64),
    last: (u64, u64),
}

impl Planning {
    /// Says what the columns become.
    ///
    /// # Errors
    /// As [`plan`].
    pub fn begin(
        acting: &Acting<'_>,
        tx: &Tx<'_>,
        id: ImportId,
        sheet: &Sheet,
        words: &[String],
    ) -> Result<Self, Fault> {
        acting.must(Deed::Import)?;
        let mut importing = Importing::load(&acting.policy, tx, id)?;
        must_stand(&importing.batch, &[State::Named, State::Planned])?;
        importing.targets = targets(&importing, sheet, words)?;
        importing.said = Said {
            columns: words.to_vec(),
            headings: sheet.headers.clone(),
            planning: Some(store::id::next()),
            ..importing.said.clone()
        };
        may_hold_new(
            acting,
            importing.activity,
            importing.category,
            importing.brought(),
            importing.batch.collected_on,
        )?;
        let map = importing.said.write()?;
        import::map_it(tx, id, &map)?;
        let seen = Seen::default();
        Ok(Self { id, rows: sheet.rows.len(), map, seen, reached: (0, 0), last: (0, 0) })
    }

    /// What is looked at, if it still is what it was.
    fn stands<'p>(&self, acting: &'p Acting<'_>, tx: &Tx<'_>) -> Result<Importing<'p>, Fault> {
        acting.must(Deed::Import)?;
        let importing = Importing::load(&acting.policy, tx, self.id)?;
        must_stand(&importing.batch, &[State::Named])?;
        if importing.batch.map == self.map { Ok(importing) } else { Err(Fault::Changed) }
    }

    /// Lets go of rows of an earlier plan. Whether there may be more.
    ///
    /// # Errors
    /// [`Fault::Changed`] if somebody said otherwise meanwhile.
    pub fn earlier_go(&self, acting: &Acting<'_>, tx: &Tx<'_>) -> Result<bool, Fault> {
        self.stands(acting, tx)?;
        Ok(import::let_rows_go(tx, self.id, EARLIER_AT_ONCE)? == u64::from(EARLIER_AT_ONCE))
    }

    /// Looks at the next rows.
    ///
    /// # Errors
    /// [`Fault::Changed`] if somebody said otherwise meanwhile.
    pub fn look_at(&mut self, acting: &Acting<'_>, tx: &Tx<'_>, rows: &[Row]) -> Result<(), Fault> {
        self.seen.anew();
        let mut importing = self.stands(acting, tx)?;
        (importing.said.phones, importing.said.emails) = (0, 0);
        let mut planned = Vec::with_capacity(rows.len());
        for row in rows {
            planned.push(ImportRow {
                line: i64::try_from(row.number).unwrap_or(i64::MAX),
                person: None,
                outcome: Outcome::Wrong,
                reason: None,
                raw: Some(kept(&importing, row)?),
            });
        }
        let strangers = Strangers::among(acting, tx, &importing, &planned)?;
        for row in &mut planned {
            look(acting, tx, &importing, row, Some(&mut self.seen), &strangers)?;
            importing.count(row);
            import::set_row(tx, self.id, row, None, None)?;
        }
        self.last = (importing.said.phones, importing.said.emails);
        Ok(())
    }

    /// The rows looked at last stand in the store.
    pub fn keep(&mut self) {
        self.seen.keep();
        let (phones, emails) = std::mem::take(&mut self.last);
        self.reached = (self.reached.0 + phones, self.reached.1 + emails);
    }

    /// Every row was looked at: it is a plan.
    ///
    /// # Errors
    /// [`Fault::Changed`] if somebody said otherwise meanwhile.
    pub fn end(&self, acting: &Acting<'_>, tx: &Tx<'_>) -> Result<(), Fault> {
        let mut importing = self.stands(acting, tx)?;
        importing.said.planning = None;
        (importing.said.phones, importing.said.emails) = self.reached;
        import::planned_whole(tx, self.id, &importing.said.write()?)?;
        acting.log(tx, "import.planned", &[], &json!({ "import": self.id.0, "rows": self.rows }))
    }
}
