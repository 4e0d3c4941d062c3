//! What is to be handed over by hand before ours goes: the file, and to whom it goes, for whoever does it and until it is done.
//! Nothing here hands it over, or says that it is.

use custody::act::Asked;
use custody::gate::Owed;
use custody::id::{DocumentId, EngagementId, TaskId};
use custody::{Gate, Grant, Life, Sealed, Verb, handing};
use policy::{KindId, KindSet, Policy};
use store::document::Document;
use store::task::{Kind, Task};
use store::{Of, Tx, document, entry, item, life};

use super::document::Opened;
use super::{Acting, task as tasks};
use crate::fault::Fault;

/// Who gets what a task hands over.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum To {
    /// Whoever it is about.
    Them,
    /// Whoever the clause names: `the employer`.
    Named(String),
    /// Whoever the clause names, who has it from then on: `the county archive`.
    Whole(String),
    /// The policy in force has the clause no more; the words of the task say it.
    AsWritten,
}

/// Who gets what a task hands over; nothing where it hands nothing over.
#[must_use]
pub fn to(policy: &Policy, task: &Task) -> Option<To> {
    if !matches!(task.kind, Kind::Return | Kind::Deliver) {
        return None;
    }
    // The task keeps the name that the clause had when it was made.
    Some(match task.rule.as_deref().and_then(|key| policy.rule_keyed(key)) {
        Some(rule) => {
            rule.handed_to(policy).map_or(To::Them, if rule.transfer { To::Whole } else { To::Named })
        }
        None => To::AsWritten,
    })
}

/// What is handed over: a document, or what an entry says.
enum Thing {
    Document(Box<Document>),
    Text(Sealed),
}

impl Thing {
    fn kind(&self) -> KindId {
        match self {
            Self::Document(document) => document.kind,
            Self::Text(text) => text.kind(),
        }
    }
}

/// What is handed over, and where it goes, with what opens it.
pub struct Handing {
    /// What opens it.
    pub grant: Grant,
    thing: Thing,
    /// What whoever gets it is called and where they are reached, where that is whoever it is about.
    pub whom: Vec<Sealed>,
}

impl Handing {
    /// The document, where its file is here and not on paper alone.
    #[must_use]
    pub fn file(&self) -> Option<DocumentId> {
        match &self.thing {
            Thing::Document(document) => document.file.as_ref().map(|_| document.id),
            Thing::Text(_) => None,
        }
    }

    /// What the entry says that is handed over.
    #[must_use]
    pub fn text(&self) -> Option<&Sealed> {
        match &self.thing {
            Thing::Document(_) => None,
            Thing::Text(text) => Some(text),
        }
    }
}

/// What an open task hands over; nothing if it hands nothing over, or what it did has gone.
///
/// # Errors
/// [`Fault::Refused`] for whoever was not given it and does not answer requests; while a hold stands, or what we hold of them may
/// only be stored.
pub fn handed(acting: &Acting<'_>, tx: &Tx<'_>, task: &Task) -> Result<Option<Handing>, Fault> {
    let Some(to) = to(&acting.policy, task).filter(|_| task.done_on.is_none()) else { return Ok(None) };
    let Some((life, thing)) = owed(acting, tx, task)? else { return Ok(None) };
    let reached = handing::addressed(&acting.policy);
    let whom: Vec<Sealed> = match to {
        To::Them if !life.alone => {
            let items = item::of_person(tx, &acting.policy, life.person)?.into_iter();
            items.filter(|item| reached.contains(item.kind)).map(|item| item.value).collect()
        }
        To::Them | To::Named(_) | To::Whole(_) | To::AsWritten => Vec::new(),
    };
    let kinds: KindSet = whom.iter().map(Sealed::kind).chain([thing.kind()]).collect();
    let owed = Owed { task: task.id, owner: task.owner, kinds };
    let gate = Gate { owed: Some(owed), ..Gate::default() };
    let act = super::person::act(Verb::HandOver, None, Asked::Exactly(kinds));
    let grant = acting.decide(&act, &[&life], &gate)?;
    Ok(Some(Handing { grant, thing, whom }))
}

/// Whose it is, or the work's that keeps it for itself, and the document or the entry as it is opened of them.
fn owed(acting: &Acting<'_>, tx: &Tx<'_>, task: &Task) -> Result<Option<(Life, Thing)>, Fault> {
    let policy = &acting.policy;
    let whose = match (task.person, task.engagement) {
        (Some(person), _) if store::person::exists(tx, person)? => Some(acting.life(tx, person)?),
        (None, Some(work)) => life::works(tx, policy, &[work], acting.today)?.pop(),
        _ => None,
    };
    let Some(whose) = whose else { return Ok(None) };
    let of = match whose.alone {
        true => Of::Work(EngagementId(whose.person.0)),
        false => Of::Person(whose.person),
    };
    let thing = match (task.document, task.entry) {
        (Some(which), _) => {
            document::one_of(tx, policy, which, of)?.map(|document| Thing::Document(Box::new(document)))
        }
        (None, Some(which)) => entry::one_of(tx, policy, which, of)?.map(|entry| Thing::Text(entry.body)),
        (None, None) => None,
    };
    Ok(thing.map(|thing| (whose, thing)))
}

/// Opens the file that a task hands over.
///
/// # Errors
/// [`Fault::NotFound`] if the task is somebody else's or done, or hands over no such file; else as [`handed`].
pub fn open(acting: &Acting<'_>, tx: &Tx<'_>, task: TaskId, which: DocumentId) -> Result<Opened, Fault> {
    let found = tasks::mine(acting, tx, task)?;
    let handing = handed(acting, tx, &found)?.filter(|handing| handing.file() == Some(which));
    let handing = handing.ok_or(Fault::NotFound)?;
    match handing.thing {
        Thing::Document(document) if document.title.open(&handing.grant).is_ok() => {
            super::document::read(acting, *document, &handing.grant)
        }
        Thing::Document(_) | Thing::Text(_) => Err(Fault::NotFound),
    }
}
