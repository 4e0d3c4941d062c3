//! Texts of others that speak of whoever is erased, drafts to many and names of organisations among them: they stay, since they
//! are about somebody else, and the name, addresses and numbers in them are taken out where whoever grants the erasure says so.
//! What is left alone is said.

use std::time::{Duration, Instant};

use custody::Life;
use custody::id::{MailingId, MessageId, OrganisationId, PersonId, RequestId, TaskId};
use policy::role::Deed;
use store::mention::later::{self, Erasure};
use store::mention::own::Own;
use store::mention::prose;
use store::mention::texts::{self, Texts};
use store::request::{self, Stayed};
use store::task::{self, Kind, NewTask};
use store::{Error, Tx, mailing, message, organisation, person};

use crate::acts::Acting;
use crate::acts::mailing::leaving;
use crate::acts::request::answering;
use crate::fault::Fault;
use crate::jobs::outbox;

/// How long it looks before it says that it did not come to the end.
const PATIENCE: Duration = Duration::from_secs(10);

/// What stands in a text instead.
pub const INSTEAD: &str = "[somebody who asked to be erased]";

/// Which texts of others are masked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Masking<'a> {
    /// The texts, by table and row.
    pub these: &'a [(&'a str, i64)],
    /// Those that surely speak of them and are left alone.
    pub alone: &'a [(&'a str, i64)],
}

/// Looks for texts of others that speak of somebody, and changes nothing.
///
/// # Errors
/// [`Fault::Refused`] unless the role answers requests.
pub fn spoken(acting: &Acting<'_>, tx: &Tx<'_>, person: PersonId) -> Result<Texts, Fault> {
    answering(acting, &[&acting.life(tx, person)?])?;
    let began = Instant::now();
    Ok(texts::texts(tx, person, &|| began.elapsed() < PATIENCE)?)
}

/// What became of the texts that were to be masked.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Masked {
    /// How many were masked.
    pub(super) now: usize,
    /// Those that have to stay as they are for now, as it is written down with the request: each is masked the night that ends.
    pub(super) later: Vec<Stayed>,
    /// How many that were left alone still speak of them.
    left: usize,
}

/// Masks the texts that were chosen, but those about anybody on hold or restricted: what is held is held as it is. Where they
/// are to be masked once nothing keeps them so any more is noted in a task of the request. Mailings that have left are masked too, and
/// the organisation that the request keeps.
pub(super) fn mask(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    own: &Own,
    request: RequestId,
    masking: Masking<'_>,
) -> Result<Masked, Fault> {
    let erasure =
        Erasure { request, by: acting.staff_id(), instead: INSTEAD, today: acting.today, now: acting.now };
    let about = masking.these.iter().map(|(table, id)| prose::whom(tx, table, *id));
    let about = about.collect::<store::Result<Vec<_>>>()?;
    let held = later::held(tx, &acting.policy, about.iter().flatten().copied(), acting.today)?;
    let keys = acting.instance.store.keys();
    let mut masked = Masked::default();
    for ((table, id), about) in masking.these.iter().zip(about) {
        if let Some(held) = about.iter().find_map(|who| held.get(who)) {
            let noted = later::put_off(tx, &acting.policy, keys, own, (table, *id), held, &erasure)?;
            if noted.is_some() && *table == "message" {
                waited(acting, tx, (MessageId(*id), own))?;
            }
            masked.later.extend(noted.map(|task| put_off(table, task, held)));
            continue;
        }
        if !take_out(acting, tx, own, (table, *id))? {
            continue;
        }
        masked.now += 1;
        if *table == "message" {
            waited(acting, tx, (MessageId(*id), own))?;
        }
        if let Some(whose) = about.first().filter(|_| *table == "item") {
            person::refind(tx, &acting.policy, *whose)?;
        }
    }
    // What has left to many is nobody's to change, so that it would name them for ever.
    for mailing in texts::left(tx, own)? {
        let named = store::mailing::mask(tx, own, mailing, INSTEAD)?;
        // One that is to leave later does not leave like this.
        if named && store::mailing::one(tx, mailing)?.state == "scheduled" {
            leaving::stay(acting, tx, mailing, "it named somebody who was erased since")?;
        }
    }
    // Of the request stays which organisation they were of, also where that is called after them.
    request::mask_organisation(tx, own, request, INSTEAD)?;
    // What a line said before goes when the line is masked: what is there no more does not stay.
    for (table, id) in masking.alone {
        masked.left += usize::from(texts::speaks(tx, own, (table, *id))?);
    }
    Ok(masked)
}

/// Takes them out of one text, a mailing or the name of an organisation. Whether they stood in it.
fn take_out(acting: &Acting<'_>, tx: &Tx<'_>, own: &Own, (table, id): (&str, i64)) -> Result<bool, Fault> {
    Ok(match table {
        "mailing" => match mailing::mask(tx, own, MailingId(id), INSTEAD) {
            // Somebody threw it away meanwhile.
            Err(Error::Missing) => false,
            masked => masked?,
        },
        texts::NAME => organisation::mask(tx, &acting.policy, own, OrganisationId(id), INSTEAD)?,
        _ => texts::mask(tx, own, (table, id), INSTEAD)?,
    })
}

/// A message that waits to leave and names them no more does not leave like this: somebody looks at what it says now.
fn waited(acting: &Acting<'_>, tx: &Tx<'_>, (message, own): (MessageId, &Own)) -> Result<(), Fault> {
    let held = message::one(tx, &acting.policy, message)?;
    // One that may have arrived would leave again if somebody says so.
    if !matches!(held.state.as_str(), "queued" | "uncertain") {
        return Ok(());
    }
    // Where that alone gives somebody something to write, they are not told twice.
    if outbox::withdraw(acting, tx, message, "it named somebody who was erased since")? {
        return Ok(());
    }
    let mailing = held.mailing.map(|mailing| mailing::one(tx, mailing)).transpose()?;
    let what = match &mailing {
        Some(mailing) => format!(
            "Write messages of the mailing \u{201c}{}\u{201d} again: they waited to leave, named somebody who was erased, and were not sent like this",
            own.masked(&mailing.draft.title, INSTEAD).unwrap_or_else(|| mailing.draft.title.clone())
        ),
        None => "Write them again what we had written: it waited to leave, named somebody who was erased, and was not sent like this".to_owned(),
    };
    if mailing.is_some() && task::open_of_words(tx, &what)?.is_some() {
        return Ok(());
    }
    let owner = crate::acts::task::whoever(acting, tx, Deed::Send, &[])?;
    let person = held.person.filter(|_| mailing.is_none());
    let new = NewTask { person, owner, due_on: Some(acting.today), ..NewTask::new(Kind::Other, &what) };
    task::add(tx, &new, acting.now)?;
    Ok(())
}

/// That a text is masked only once nothing keeps it as it is, as it is written down with the request.
fn put_off(table: &str, task: TaskId, held: &Life) -> Stayed {
    let (stands, until) = later::because(held);
    let again = until.map_or_else(String::new, |until| {
        format!(", which is looked at again by {}", crate::web::frame::words(until))
    });
    Stayed {
        activity: format!("Texts about others that speak of them, as task {task} says"),
        kinds: prose::called(table).to_owned(),
        count: 1,
        why: format!(
            "It is about somebody who is {stands}{again}. It is masked by itself the night after that has ended"
        ),
        clause: None,
        until: None,
        awaiting: None,
    }
}

/// That texts were left as they are, as it is written down with the request.
pub(super) fn left(masked: &Masked) -> Option<Stayed> {
    (masked.left > 0).then(|| Stayed {
        activity: "Texts about others that speak of them".to_owned(),
        kinds: String::new(),
        count: masked.left as u64,
        why: "They are about somebody else, and were left as they are by whoever granted this".to_owned(),
        clause: None,
        until: None,
        awaiting: None,
    })
}
