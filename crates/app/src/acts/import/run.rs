//! Taking the rows: a hundred at a time, each batch in a transaction of its own, so that others can work
//! meanwhile and a stop in between loses nothing. Every row is judged again, since facts may have changed.

use custody::Gate;
use custody::id::{ImportId, NOBODY, PersonId, StaffId};
use custody::life::{HeldCategory, Life};
use policy::KindSet;
use policy::role::Deed;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::import::matching::Addition;
use store::import::{self, ImportRow, Outcome, State};
use store::item::{self, NewItem};
use store::{Tx, files, ground, not_entered, organisation, person, staff};

use super::plan::{Strangers, Verdict, judge};
use super::{Importing, must_stand, starter, storing};
use crate::acts::{Acting, actor_words, objection, told};
use crate::clock::machine;
use crate::fault::Fault;
use crate::instance::Instance;
use crate::intake::{Draft, column};

/// Rows taken in one transaction.
const AT_ONCE: u32 = 100;

/// How far an import has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// Rows settled.
    pub done: u64,
    /// Rows of the file.
    pub total: u64,
}

/// What one row brought, kept with the row so that it can be taken out again: numbers and names of the policy.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Effect {
    #[serde(default)]
    pub category: Option<String>,
    #[serde(default)]
    pub organisation: Option<i64>,
}

/// Starts taking the rows; [`run`] then takes them.
///
/// # Errors
/// [`Fault::Refused`] unless the role may import; [`Fault::Changed`] if it is not ready, or runs already.
pub fn start(acting: &Acting<'_>, tx: &Tx<'_>, id: ImportId) -> Result<(), Fault> {
    acting.must(Deed::Import)?;
    let mut importing = Importing::load(&acting.policy, tx, id)?;
    must_stand(&importing.batch, &[State::Planned])?;
    importing.said.by = acting.staff_id().map(|staff| staff.0);
    import::say(tx, id, &importing.said.write()?)?;
    if !import::move_on(tx, id, State::Planned, State::Running, acting.now)? {
        return Err(Fault::Changed);
    }
    acting.log(tx, "import.started", &[], &json!({ "import": id.0, "rows": importing.batch.rows }))
}

/// Takes the rows of a started import to the end. `progress` is called after each transaction.
///
/// # Errors
/// Whatever the store says; what was taken stays, and running again goes on from there.
pub fn run(instance: &Instance, id: ImportId, mut progress: impl FnMut(Tally)) -> Result<(), Fault> {
    let began = machine();
    let mut after = 0;
    let mut tally = instance.store.read(|tx| {
        let settled = import::counts(tx, id)?.into_iter().filter(|(outcome, _)| !outcome.is_plan());
        let total = u64::try_from(import::one(tx, id)?.rows).unwrap_or(0);
        Ok::<_, Fault>(Tally { done: settled.map(|(_, n)| n).sum(), total })
    })?;
    loop {
        let (last, taken) = instance.store.write(|tx| {
            let batch = import::one(tx, id)?;
            must_stand(&batch, &[State::Running])?;
            let acting = actor(instance, tx, id)?;
            let importing = Importing::load(&acting.policy, tx, id)?;
            let rows = import::planned(tx, id, after, AT_ONCE)?;
            take_all(&acting, tx, &importing, &rows)?;
            Ok::<_, Fault>((rows.last().map(|row| row.line), rows.len()))
        })?;
        tally.done += taken as u64;
        progress(tally);
        match last {
            Some(line) => after = line,
            None => break,
        }
    }
    let file = instance.store.write(|tx| {
        let acting = actor(instance, tx, id)?;
        let mut importing = Importing::load(&acting.policy, tx, id)?;
        importing.said.took += machine().duration_since(began).as_millis().try_into().unwrap_or(0);
        import::say(tx, id, &importing.said.write()?)?;
        let file = import::let_file_go(tx, id, acting.now)?;
        import::move_on(tx, id, State::Running, State::Finished, acting.now)?;
        let counts = import::counts(tx, id)?;
        let sums: serde_json::Map<String, serde_json::Value> =
            counts.into_iter().map(|(outcome, n)| (outcome.name().to_owned(), n.into())).collect();
        acting.log(tx, "import.finished", &[], &json!({ "import": id.0, "rows": sums }))?;
        Ok::<_, Fault>(file)
    })?;
    if let Some(file) = file {
        files::remove(&instance.store, &file)?;
    }
    Ok(())
}

/// Goes on with imports that a stopped program left running or being undone. How many there were.
///
/// # Errors
/// Whatever the store says.
pub fn resume(instance: &Instance) -> Result<usize, Fault> {
    let running = instance.store.read(|tx| import::in_state(tx, State::Running))?;
    for batch in &running {
        run(instance, batch.id, |_| {})?;
    }
    let undoing = instance.store.read(|tx| import::in_state(tx, State::Undoing))?;
    for batch in &undoing {
        super::undo::run_undo(instance, batch.id)?;
    }
    Ok(running.len() + undoing.len())
}

/// Whoever started the import acts, in the role they have now; the program's intake where a command did.
pub(super) fn actor<'i>(instance: &'i Instance, tx: &Tx<'_>, id: ImportId) -> Result<Acting<'i>, Fault> {
    let batch = import::one(tx, id)?;
    on_behalf_of(instance, tx, starter(&super::Said::read(&batch), &batch))
}

/// Somebody acts, in the role they have now; the program's intake where a command did.
pub(super) fn on_behalf_of<'i>(
    instance: &'i Instance,
    tx: &Tx<'_>,
    by: Option<StaffId>,
) -> Result<Acting<'i>, Fault> {
    match by {
        Some(who) => Acting::staff(instance, staff::get(tx, who)?),
        None => Ok(Acting::system(instance, "intake")),
    }
}

fn take_all(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    importing: &Importing<'_>,
    rows: &[ImportRow],
) -> Result<(), Fault> {
    let mut people = Vec::new();
    let (mut created, mut updated) = (0_u64, 0_u64);
    let mut strangers = Strangers::among(acting, tx, importing, rows)?;
    for row in rows {
        let settled = match take(acting, tx, importing, row, &mut strangers) {
            Ok(settled) => settled,
            Err(Fault::Refused(refusal)) => left(row, Outcome::Skipped, Some(refusal.because.clone())),
            Err(fault) => return Err(fault),
        };
        import::set_row(tx, importing.batch.id, &settled, None, None)?;
        created += u64::from(settled.outcome == Outcome::Created);
        updated += u64::from(settled.outcome == Outcome::Updated);
        if matches!(settled.outcome, Outcome::Created | Outcome::Updated) {
            people.extend(settled.person);
        }
    }
    if people.is_empty() {
        return Ok(());
    }
    let body = json!({ "import": importing.batch.id.0, "created": created, "updated": updated });
    acting.log(tx, "import.taken", &people, &body)
}

/// A row nothing was taken of. Its cells go.
fn left(row: &ImportRow, outcome: Outcome, reason: Option<String>) -> ImportRow {
    ImportRow { line: row.line, person: None, outcome, reason, raw: None }
}

fn take(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    importing: &Importing<'_>,
    row: &ImportRow,
    strangers: &mut Strangers,
) -> Result<ImportRow, Fault> {
    let Ok(draft) = importing.draft(row) else { return Ok(left(row, Outcome::Skipped, row.reason.clone())) };
    let is_back = row.outcome == Outcome::Back;
    let (who, effect, outcome) = match judge(acting, tx, importing, row.line, &draft, is_back, strangers)? {
        Verdict::Held(why) => return Ok(left(row, Outcome::LeftOut, Some(why))),
        Verdict::Known(who, addition) if addition.is_nothing() => {
            return Ok(ImportRow { person: Some(who), ..left(row, Outcome::Unchanged, None) });
        }
        // What is refused after the category was given is taken back with it.
        Verdict::Known(who, addition) => {
            let effect = tx.attempt(|tx| add_to(acting, tx, importing, who, &draft, &addition))?;
            strangers.took(importing, &draft);
            (who, effect, Outcome::Updated)
        }
        Verdict::New => {
            let (who, effect) = add_new(acting, tx, importing, &draft)?;
            strangers.took(importing, &draft);
            (who, effect, Outcome::Created)
        }
    };
    let raw = serde_json::to_string(&effect).map_err(|error| Fault::Other(error.to_string()))?;
    Ok(ImportRow { line: row.line, person: Some(who), outcome, reason: row.reason.clone(), raw: Some(raw) })
}

/// Adds somebody, if the policy lets what the row says be stored about them: decided before anything is written.
fn add_new(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    importing: &Importing<'_>,
    draft: &Draft,
) -> Result<(PersonId, Effect), Fault> {
    let (policy, batch) = (&acting.policy, &importing.batch);
    let all = Addition {
        items: (0..draft.items.len()).collect(),
        category: true,
        organisation: draft.organisation.is_some(),
    };
    let since = batch.collected_on;
    let mut life = Life::new(NOBODY);
    life.categories.push(HeldCategory { category: importing.category, since, until: None });
    if !draft.items.is_empty() {
        life.events.push(("collected".to_owned(), since));
    }
    let named = draft
        .items
        .iter()
        .filter_map(|(kind, value)| Some((policy.kind(*kind)?.name.as_str(), value.as_str())));
    life.born = super::super::person::born(named);
    let out = importing.kept_out(policy);
    life.not_entered.extend(out.iter().map(|activity| activity.id));
    let changes = custody::ground::settle(policy, &life, acting.today);
    may_store(acting, importing, &custody::ground::settled(&life, &changes, acting.today, 1), draft, &all)?;
    life.person = person::add(tx, acting.now)?;
    person::begin_category(tx, policy, life.person, importing.category, since, acting.staff_id())?;
    for activity in out {
        not_entered::add(tx, life.person, &activity.name, since)?;
    }
    told::as_they_came(acting, tx, life.person, told::said(&importing.said.told), since)?;
    let life = ground::settle_new(tx, policy, &life, acting.today, &actor_words(&acting.actor), acting.now)?;
    store_items(acting, tx, importing, life.person, draft, &all)?;
    let mut joined = None;
    if let Some(name) = &draft.organisation {
        let organisation = organisation::named(tx, name, acting.now)?;
        organisation::begin(tx, life.person, organisation, None, acting.staff_id())?;
        joined = Some(organisation.0);
    }
    let items = draft
        .items
        .iter()
        .filter_map(|(kind, value)| Some((policy.kind(*kind)?.name.as_str(), value.as_str())));
    person::find_by(tx, policy, life.person, items, draft.organisation.as_deref().into_iter())?;
    ground::settle_rows(tx, policy, life.person, acting.today, &actor_words(&acting.actor), acting.now)?;
    if !draft.items.is_empty() {
        told::sender::owe(acting, tx, life.person, &batch.source)?;
    }
    Ok((life.person, Effect { category: Some(importing.category_name().to_owned()), organisation: joined }))
}

/// Stores what a row adds to somebody who is here, if the policy lets it be stored about them.
fn add_to(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    importing: &Importing<'_>,
    who: PersonId,
    draft: &Draft,
    addition: &Addition,
) -> Result<Effect, Fault> {
    let (policy, batch) = (&acting.policy, &importing.batch);
    let since = batch.collected_on;
    let mut effect = Effect::default();
    if addition.category
        && person::give_category(tx, policy, who, importing.category, since, acting.staff_id())?
    {
        effect.category = Some(importing.category_name().to_owned());
        for activity in importing.kept_out(policy) {
            not_entered::keep_out(tx, who, &activity.name, since)?;
        }
    }
    let life = acting.settle(tx, who)?;
    may_store(acting, importing, &life, draft, addition)?;
    effect.organisation = store_draft(acting, tx, importing, who, draft, addition)?;
    objection::keep_up(acting, tx, &life)?;
    ground::settle_rows(tx, policy, who, acting.today, &actor_words(&acting.actor), acting.now)?;
    if !addition.items.is_empty() {
        told::sender::owe(acting, tx, who, &batch.source)?;
    }
    Ok(effect)
}

/// Decides whether what a row adds may be stored about somebody.
fn may_store(
    acting: &Acting<'_>,
    importing: &Importing<'_>,
    life: &Life,
    draft: &Draft,
    addition: &Addition,
) -> Result<(), Fault> {
    let items = addition.items.iter().filter_map(|at| draft.items.get(*at));
    let mut kinds: KindSet = items.map(|(kind, _)| *kind).collect();
    if addition.organisation {
        importing
            .kinds
            .iter()
            .filter(|kind| column::is_organisation(kind))
            .for_each(|kind| kinds.insert(kind.id));
    }
    acting.decide(&storing(importing.activity, kinds), &[life], &Gate::default()).map(drop)
}

/// Writes what a row adds, and makes the person findable by it. The organisation, if they joined it by this.
fn store_draft(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    importing: &Importing<'_>,
    who: PersonId,
    draft: &Draft,
    addition: &Addition,
) -> Result<Option<i64>, Fault> {
    store_items(acting, tx, importing, who, draft, addition)?;
    if let Some(name) = draft.organisation.as_deref().filter(|_| addition.organisation) {
        let (organisation, new) = crate::acts::organisation::joins(acting, tx, who, name)?;
        if new {
            return Ok(Some(organisation.0));
        }
    }
    person::refind(tx, &acting.policy, who)?;
    Ok(None)
}

fn store_items(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    importing: &Importing<'_>,
    who: PersonId,
    draft: &Draft,
    addition: &Addition,
) -> Result<(), Fault> {
    let batch = &importing.batch;
    for (kind, value) in addition.items.iter().filter_map(|at| draft.items.get(*at)) {
        let new = NewItem {
            person: who,
            kind: *kind,
            value,
            source: &batch.source,
            collected_on: batch.collected_on,
            import: Some(batch.id),
            by: acting.staff_id(),
        };
        item::add_unfound(tx, &acting.policy, &new, acting.now)?;
    }
    Ok(())
}

impl Tally {
    /// How far, in words: `4,200 of 10,000 rows`.
    #[must_use]
    pub fn words(self) -> String {
        format!("{} of {} rows", thousands(self.done), thousands(self.total))
    }
}

pub use policy::count::grouped as thousands;
