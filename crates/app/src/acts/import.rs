//! Imports: bringing in people from a file. First what the file is, then what its columns hold, then a look
//! at every row; nothing is stored about anybody before all three were said. Then the rows are taken,
//! each as if somebody had typed it: with a decision, grounds and a line in the log.

use std::collections::BTreeMap;

use custody::act::Asked;
use custody::id::{ImportId, NOBODY, StaffId};
use custody::{Act, Gate, Grant, Life, Verb, ground};
use jiff::Timestamp;
use jiff::civil::Date;
use policy::role::Deed;
use policy::{Activity, CategoryId, Kind, KindSet, Policy};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::import::{self, Batch, ImportRow, NewBatch, State};
use store::{Tx, files};

use super::undone::Undone;
use super::{Acting, person};
use crate::fault::Fault;
use crate::instance::Instance;
use crate::intake::{self, Row, Sheet, Target, column};

mod plan;
mod planning;
mod run;
pub mod undo;

pub use plan::{put_right, welcome_back};
pub use planning::{Planning, plan, plan_whole};
pub use run::{Tally, resume, run, start};
pub use undo::{run_undo, start_undo, undoable_until};

/// Of how many rows the cells go in one transaction.
const CELLS_AT_ONCE: usize = 256;

/// What was said of a file beside its activity, its source and its day.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Said {
    /// The category its people have.
    pub category: String,
    /// Who told the people that we hold it: `source`, `we`, `nobody`.
    pub told: String,
    /// What each column becomes, in the words of [`Target::word`].
    #[serde(default)]
    pub columns: Vec<String>,
    /// The headings.
    #[serde(default)]
    pub headings: Vec<String>,
    /// Who started the import.
    #[serde(default)]
    pub by: Option<i64>,
    /// Whether they may also be told what we offer.
    #[serde(default)]
    pub offers: bool,
    /// How many of the new people bring a phone number.
    #[serde(default)]
    pub phones: u64,
    /// How many of the new people bring an e-mail address.
    #[serde(default)]
    pub emails: u64,
    /// Which looking at its rows is under way, where one is: another one ends it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub planning: Option<i64>,
    /// Milliseconds the rows took.
    #[serde(default)]
    pub took: i64,
}

impl Said {
    fn read(batch: &Batch) -> Self {
        serde_json::from_str(&batch.map).unwrap_or_default()
    }

    fn write(&self) -> Result<String, Fault> {
        serde_json::to_string(self).map_err(|error| Fault::Other(error.to_string()))
    }
}

/// An import with what the policy says of it.
pub struct Importing<'p> {
    /// The policy in force.
    pub policy: &'p Policy,
    /// The batch.
    pub batch: Batch,
    /// What was said of it.
    pub said: Said,
    /// Its activity.
    pub activity: &'p Activity,
    /// The category its people have.
    pub category: CategoryId,
    /// The items its activity declares.
    pub kinds: Vec<&'p Kind>,
    /// What each column becomes.
    pub targets: Vec<Target>,
}

impl<'p> Importing<'p> {
    /// Loads an import that has been named.
    ///
    /// # Errors
    /// [`Fault::NotFound`] if there is none; [`Fault::Other`] if the policy in force no longer has its activity.
    pub fn load(policy: &'p Policy, tx: &Tx<'_>, id: ImportId) -> Result<Self, Fault> {
        let batch = import::one(tx, id)?;
        let said = Said::read(&batch);
        let gone =
            || Fault::field("activity", "The policy in force no longer has this activity. Choose another.");
        let activity = policy.activity_named(&batch.activity).ok_or_else(gone)?;
        let category = policy.category_named(&said.category).ok_or_else(gone)?.id;
        let kinds = column::choices(policy, activity);
        let targets =
            said.columns.iter().map(|word| Target::of_word(word, &kinds).unwrap_or(Target::Ignore)).collect();
        Ok(Self { policy, batch, said, activity, category, kinds, targets })
    }

    /// The name of its category.
    #[must_use]
    pub fn category_name(&self) -> &str {
        &self.said.category
    }

    /// What its people would be told that we offer beside what they are brought in for.
    #[must_use]
    pub fn offers(&self, policy: &'p Policy) -> Vec<&'p Activity> {
        super::person::offers(policy, self.category, Some(self.activity.id))
    }

    /// What its people are not entered in, unless whoever brings them said that they may be told.
    #[must_use]
    pub fn kept_out(&self, policy: &'p Policy) -> Vec<&'p Activity> {
        if self.said.offers { Vec::new() } else { self.offers(policy) }
    }

    /// The kinds its columns bring.
    #[must_use]
    pub fn brought(&self) -> KindSet {
        self.targets
            .iter()
            .filter_map(|target| match target {
                Target::Name(kind, _) | Target::Item(kind) | Target::Line(kind, _) => Some(*kind),
                Target::Organisation => {
                    self.kinds.iter().find(|kind| column::is_organisation(kind)).map(|kind| kind.id)
                }
                Target::Ignore => None,
            })
            .collect()
    }

    /// Reads a row again as it was kept.
    fn row(&self, kept: &ImportRow) -> Row {
        let raw: Raw = kept.raw.as_deref().and_then(|raw| serde_json::from_str(raw).ok()).unwrap_or_default();
        let cells = (0..self.targets.len()).map(|at| raw.cells.get(&at).map_or("", String::as_str));
        let number = usize::try_from(kept.line).unwrap_or(0);
        let problem = raw.shape.map(|message| intake::Problem { message, row: Some(number) });
        Row::of(number, cells, problem)
    }

    /// The cells of a row by column, as they were kept; only columns that become something.
    #[must_use]
    pub fn cells(&self, kept: &ImportRow) -> BTreeMap<usize, String> {
        let raw: Raw = kept.raw.as_deref().and_then(|raw| serde_json::from_str(raw).ok()).unwrap_or_default();
        raw.cells
    }

    /// What a row would be as a person, or what is wrong with it.
    ///
    /// # Errors
    /// Every problem of the row.
    pub fn draft(&self, kept: &ImportRow) -> Result<intake::Draft, Vec<intake::RowProblem>> {
        intake::draft::draft(&self.row(kept), &self.targets, &self.kinds)
    }
}

/// A row as it is kept until it is settled: the cells of declared columns, and what is wrong with its shape.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Raw {
    pub(super) cells: BTreeMap<usize, String>,
    #[serde(default)]
    shape: Option<String>,
}

/// The activities that a file may be brought in for, each with the categories of its people.
#[must_use]
pub fn activities(policy: &Policy) -> Vec<(&Activity, CategoryId)> {
    let open = |activity: &&Activity| !column::choices(policy, activity).is_empty();
    policy
        .activities
        .iter()
        .filter(open)
        .flat_map(|activity| {
            let whom = activity.for_whom.iter().filter(|whom| whom.once.is_none());
            whom.map(move |whom| (activity, whom.category))
        })
        .collect()
}

/// Keeps a file that somebody wants to bring in, encrypted, and says how it reads.
///
/// # Errors
/// [`Fault::Refused`] unless the role may import; [`Fault::Invalid`] if the file is no list of people.
pub fn receive(
    instance: &Instance,
    acting: &Acting<'_>,
    name: &str,
    bytes: &[u8],
) -> Result<(ReceivedFile, Sheet), Fault> {
    acting.must(Deed::Import)?;
    let sheet = Sheet::read(bytes)
        .map_err(|problem| Fault::field("file", crate::web::error::sentence(&problem.message)))?;
    let file = files::write(&instance.store, bytes)?;
    Ok((ReceivedFile { name: short(name), file, rows: sheet.rows.len() }, sheet))
}

/// A file on the disk that no row of the database knows yet.
pub struct ReceivedFile {
    name: String,
    file: files::StoredFile,
    rows: usize,
}

/// Writes down that a file was received.
///
/// # Errors
/// Whatever the store says.
pub fn keep(acting: &Acting<'_>, tx: &Tx<'_>, received: &ReceivedFile) -> Result<ImportId, Fault> {
    acting.must(Deed::Import)?;
    let rows = i64::try_from(received.rows).unwrap_or(i64::MAX);
    let new = NewBatch {
        name: &received.name,
        file: &received.file,
        today: acting.today,
        rows,
        by: acting.staff_id(),
    };
    let id = import::add(tx, &new, acting.now)?;
    acting.log(tx, "import.received", &[], &json!({ "import": id.0, "rows": received.rows }))?;
    Ok(id)
}

fn short(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let name: String = name.chars().filter(|c| !c.is_control()).take(120).collect();
    if name.trim().is_empty() { "a file".to_owned() } else { name }
}

/// What somebody says a file is.
#[derive(Clone, Debug, Default)]
pub struct Naming {
    /// The activity, by name.
    pub activity: String,
    /// The category, by name; may be left out where the activity has one only.
    pub category: String,
    /// Where the data comes from.
    pub source: String,
    /// The day it was collected.
    pub collected_on: Option<Date>,
    /// Who told the people.
    pub told: String,
    /// Whether they may also be told what we offer.
    pub offers: bool,
}

/// Says what a file is. Asks at once whether people of this sort may be held for this at all, so that
/// nobody maps columns in vain.
///
/// # Errors
/// [`Fault::Invalid`] for what is missing; [`Fault::Refused`] if a new person could not be held.
pub fn name_it(acting: &Acting<'_>, tx: &Tx<'_>, id: ImportId, naming: &Naming) -> Result<(), Fault> {
    acting.must(Deed::Import)?;
    let mut wrong = Vec::new();
    let mut say = |field: &str, words: &str| {
        wrong.push(crate::web::page::FieldError { field: field.to_owned(), words: words.to_owned() });
    };
    let choices = activities(&acting.policy);
    let fits = |(activity, category): &&(&Activity, CategoryId)| {
        activity.name == naming.activity
            && (naming.category.is_empty() || category_name(&acting.policy, *category) == naming.category)
    };
    let chosen = choices.iter().find(fits);
    if chosen.is_none() {
        say("activity", "Choose who these people are to us.");
    }
    let source = chosen.map(|(activity, _)| {
        person::stated_source(&acting.policy, std::iter::once(*activity), &naming.source)
    });
    let source = match source.transpose() {
        Err(Fault::Refused(refusal)) => {
            say("source", &crate::web::error::sentence(&refusal.because));
            None
        }
        Err(Fault::Invalid(fields)) => {
            fields.iter().for_each(|field| say("source", &field.words));
            None
        }
        said => said?,
    };
    if chosen.is_none() && naming.source.trim().is_empty() {
        say("source", "Say where the data comes from.");
    }
    match naming.collected_on {
        None => say("collected", "Type the day the data was collected."),
        Some(day) if day > acting.today => say("collected", "This day has not come yet."),
        Some(_) => {}
    }
    if naming.told.is_empty() {
        say("told", "Say who told these people.");
    }
    let (Some((activity, category)), Some(collected_on), Some(source), true) =
        (chosen, naming.collected_on, source, wrong.is_empty())
    else {
        return Err(Fault::Invalid(wrong));
    };
    let kinds: KindSet = column::choices(&acting.policy, activity).iter().map(|kind| kind.id).collect();
    may_hold_new(acting, activity, *category, kinds, collected_on)?;
    let said = Said {
        category: category_name(&acting.policy, *category).to_owned(),
        told: naming.told.clone(),
        offers: naming.offers,
        ..Said::default()
    };
    import::name_it(tx, id, &activity.name, &source, collected_on, &said.write()?)?;
    Ok(())
}

fn category_name(policy: &Policy, category: CategoryId) -> &str {
    policy.categories.get(category.index()).map_or("", |category| category.name.as_str())
}

/// Decides the storing of these kinds about somebody new under an activity.
///
/// # Errors
/// [`Fault::Refused`] naming the clause: where consent is asked for, a file brings none.
pub fn may_hold_new(
    acting: &Acting<'_>,
    activity: &Activity,
    category: CategoryId,
    kinds: KindSet,
    since: Date,
) -> Result<Grant, Fault> {
    let mut life = Life::new(NOBODY);
    life.categories.push(custody::life::HeldCategory { category, since, until: None });
    let changes = ground::settle(&acting.policy, &life, acting.today);
    let life = ground::settled(&life, &changes, acting.today, 1);
    acting.decide(&storing(activity, kinds), &[&life], &Gate::default())
}

/// The act of storing these kinds in an import.
fn storing(activity: &Activity, kinds: KindSet) -> Act {
    Act {
        verb: Verb::Store,
        deed: Some(Deed::Import),
        kinds: Asked::Exactly(kinds),
        purpose: None,
        activity: Some(activity.id),
        engagement: None,
        channel: None,
        recipient: None,
    }
}

/// The grant under which an import's own cells are shown to whoever brings it: about nobody yet.
///
/// # Errors
/// [`Fault::Refused`] as [`may_hold_new`].
pub fn preview(acting: &Acting<'_>, importing: &Importing<'_>) -> Result<Grant, Fault> {
    let kinds = importing.kinds.iter().map(|kind| kind.id).collect();
    may_hold_new(acting, importing.activity, importing.category, kinds, importing.batch.collected_on)
}

/// The sheet of an import whose file is still kept.
///
/// # Errors
/// [`Fault::NotFound`] once the file is gone.
pub fn sheet(instance: &Instance, batch: &Batch) -> Result<Sheet, Fault> {
    let (name, key) = batch.file.as_ref().ok_or(Fault::NotFound)?;
    let bytes = files::read(&instance.store, name, key)?;
    Sheet::read(&bytes).map_err(|problem| Fault::Other(problem.message))
}

/// Forgets a preview and its file.
///
/// # Errors
/// [`Fault::NotFound`] if there is none, or rows of it were taken.
pub fn forget(acting: &Acting<'_>, tx: &Tx<'_>, id: ImportId) -> Result<Option<String>, Fault> {
    acting.must(Deed::Import)?;
    let file = import::forget(tx, id, acting.now)?;
    acting.log(tx, "import.forgotten", &[], &json!({ "import": id.0 }))?;
    Ok(file)
}

/// Forgets previews that nobody finished in time, and what rows of old imports still keep.
///
/// # Errors
/// Whatever the store says.
pub fn tidy(instance: &Instance, now: Timestamp, undone: &mut Undone) -> Result<(), Fault> {
    let policy = instance.policy();
    let (previews, rows) = import::kept_since(&policy, store::life::local_date(&policy, now))?;
    // Nobody waits while it is looked what there is.
    let (old, cells) = instance
        .store
        .read(|tx| Ok::<_, Fault>((import::old_previews(tx, previews)?, import::with_cells(tx, rows)?)))?;
    for preview in old {
        let file = match instance.store.write(|tx| import::forget(tx, preview, now)) {
            // Somebody took it up, or forgot it, meanwhile.
            Err(store::Error::Missing) => None,
            Err(error @ (store::Error::Away(_) | store::Error::Contended)) => return Err(error.into()),
            // One that cannot be read stops no other.
            Err(error) => {
                undone.one("a preview of an import could not be forgotten: import", preview.0, &error.into());
                None
            }
            Ok(file) => file,
        };
        if let Some(file) = file
            && let Err(error) = files::remove(&instance.store, &file)
        {
            undone.one(
                "the file of a preview that is over could not be removed: import",
                preview.0,
                &error.into(),
            );
        }
    }
    for of_one in cells.chunk_by(|one, next| one.0 == next.0) {
        for some in of_one.chunks(CELLS_AT_ONCE) {
            let Some((import, _)) = some.first() else { continue };
            let lines: Vec<i64> = some.iter().map(|(_, line)| *line).collect();
            instance.store.write(|tx| import::bare(tx, *import, &lines))?;
        }
    }
    Ok(())
}

/// Refuses an import that does not stand where the caller thinks it does.
fn must_stand(batch: &Batch, states: &[State]) -> Result<(), Fault> {
    if states.contains(&batch.state) { Ok(()) } else { Err(Fault::Changed) }
}

/// The member of staff who started an import.
fn starter(said: &Said, batch: &Batch) -> Option<StaffId> {
    said.by.map(StaffId).or(batch.by)
}
