//! Entries: lines of the timeline. Only kinds that the policy declares and an active ground covers have a place.

use custody::act::Asked;
use custody::coverage::{Datum, Role, covered};
use custody::id::{EngagementId, EntryId, PersonId};
use custody::{Act, Gate, Life, Now, Verb};
use jiff::Timestamp;
use jiff::civil::Date;
use policy::{Kind, KindId, Policy, Sort};
use serde_json::json;
use store::Tx;
use store::entry::{self, Changed, Direction, Entry, NewEntry};
use store::life::{For, load_readable};

use super::person::undeclared;
use super::{Acting, disclosure, form, request};
use crate::fault::Fault;
use crate::print::copy;

/// The longest entry, in bytes.
pub const BODY_BYTES_MAX: usize = 100_000;

/// A line about to be written.
#[derive(Clone, Debug)]
pub struct NewNote {
    /// Its kind, as the policy names it.
    pub kind: String,
    /// What happened.
    pub body: String,
    /// On which day.
    pub on: Date,
    /// Who reached whom; `None` for a note that is no contact.
    pub direction: Option<Direction>,
    /// On which work, where it belongs to one.
    pub engagement: Option<EngagementId>,
}

/// Writes a line about a person. One that says that we reached them answers what they wrote by a form.
///
/// # Errors
/// [`Fault::Refused`] naming the clause, if its kind has no place about this person or on this work.
pub fn add(acting: &Acting<'_>, tx: &Tx<'_>, person: PersonId, note: &NewNote) -> Result<EntryId, Fault> {
    let entry = add_from(acting, tx, person, note, "staff")?;
    if matches!(note.direction, Some(Direction::Out | Direction::Both)) {
        form::answered(acting, tx, person, note.on)?;
    }
    Ok(entry)
}

/// Writes a line about a person that comes from somewhere: the same act, whoever types or brings it.
///
/// # Errors
/// As [`add`].
pub(super) fn add_from(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    person: PersonId,
    note: &NewNote,
    source: &str,
) -> Result<EntryId, Fault> {
    let life = acting.life(tx, person)?;
    let kind = kind(&acting.policy, &note.kind, &life)?;
    if let Some(engagement) = note.engagement
        && !life.works.iter().any(|work| work.engagement == engagement)
    {
        return Err(Fault::NotFound);
    }
    acting.decide(&storing(kind.id, note.engagement), &[&life], &Gate::default())?;
    let body = body(&note.body)?;
    if note.on > acting.today {
        return Err(Fault::field("on", "This day has not come yet."));
    }
    let on_work: Vec<_> = note.engagement.map(|engagement| (engagement, None)).into_iter().collect();
    let new = NewEntry {
        kind: kind.id,
        on: note.on,
        direction: note.direction,
        body: &body,
        source,
        import: None,
        people: &[(person, Role::Subject)],
        engagements: &on_work,
        author: acting.staff_id(),
    };
    let entry = entry::add(tx, &acting.policy, &new, acting.now)?;
    let life = acting.settle(tx, person)?;
    acting.must_be_kept(&life, &written(entry.0, "entry", kind.id, person, note.engagement))?;
    acting.log(tx, "entry.added", &[person], &json!({ "kind": kind.name, "entry": entry.0 }))?;
    Ok(entry)
}

/// Changes a line, if it still is at the version the form saw.
///
/// # Errors
/// [`Fault::Refused`] if this role may not change it.
pub fn change(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    entry: EntryId,
    seen: i64,
    (text, why): (&str, &str),
) -> Result<Changed, Fault> {
    let held = entry::one(tx, &acting.policy, entry)?;
    let (lives, grant) = by_hand(acting, tx, &held, Verb::Change)?;
    let body = body(text)?;
    // Saved as it was, nothing is put right.
    let same = copy::text(&held.body, &grant).is_ok_and(|was| was == body);
    if held.version == seen {
        awaited(acting, tx, &held, (false, None), why)?;
    }
    let changed = entry::set(tx, &acting.policy, entry, seen, &body, acting.staff_id(), acting.now)?;
    if let Changed::Stored(version) = &changed {
        let people: Vec<_> = lives.iter().map(|life| life.person).collect();
        if !same {
            corrected(acting, tx, (held.kind, &people), false)?;
        }
        acting.log(tx, "entry.changed", &people, &json!({ "entry": entry.0, "version": version }))?;
    }
    Ok(changed)
}

/// Where somebody whom a line is about asked to be corrected, that it changed, or that this was taken `back`, stands on their request.
fn corrected(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (kind, people): (KindId, &[PersonId]),
    back: bool,
) -> Result<(), Fault> {
    let kind = acting.policy.kind(kind).map_or("", |kind| kind.name.as_str());
    people.iter().try_for_each(|who| disclosure::corrected_as_asked(acting, tx, *who, (kind, back)))
}

/// A line that may be changed, with what opens it.
///
/// # Errors
/// [`Fault::Refused`] if this role may not change it.
pub fn opened(acting: &Acting<'_>, tx: &Tx<'_>, entry: EntryId) -> Result<(Entry, custody::Grant), Fault> {
    let held = entry::one(tx, &acting.policy, entry)?;
    let (_, grant) = by_hand(acting, tx, &held, Verb::Change)?;
    Ok((held, grant))
}

/// Takes a line away by hand.
///
/// # Errors
/// [`Fault::Refused`] if this role may not, or a hold on anybody it is about stands; [`Fault::Changed`] if somebody changed it since.
pub fn remove(acting: &Acting<'_>, tx: &Tx<'_>, entry: EntryId, seen: i64, why: &str) -> Result<(), Fault> {
    let held = entry::one(tx, &acting.policy, entry)?;
    let (lives, _) = by_hand(acting, tx, &held, Verb::Remove)?;
    if held.version != seen {
        return Err(Fault::Changed);
    }
    awaited(acting, tx, &held, (true, None), why)?;
    taken_away(acting, tx, &held, &lives)?;
    let people: Vec<_> = lives.iter().map(|life| life.person).collect();
    corrected(acting, tx, (held.kind, &people), false)
}

fn taken_away(acting: &Acting<'_>, tx: &Tx<'_>, held: &Entry, lives: &[Life]) -> Result<(), Fault> {
    let shows = store::consent::shown_by(tx, held.id.0)?;
    let stands =
        |life: &Life| super::consent::standing(acting, life).iter().any(|given| shows.contains(&given.id));
    if lives.iter().any(stands) {
        let words = "This line shows that somebody agreed. Write down first that they took it back.";
        return Err(Fault::field("text", words));
    }
    entry::remove(tx, held.id)?;
    let people: Vec<_> = lives.iter().map(|life| life.person).collect();
    people.iter().try_for_each(|person| acting.settle(tx, *person).map(drop))?;
    acting.log(tx, "entry.removed", &people, &json!({ "entry": held.id.0 }))
}

/// Takes back what was last done to a line: its change, or, if it has never been changed, the line itself.
///
/// # Errors
/// [`Fault::Refused`] if this role may not, or a hold keeps a line of an earlier day; [`Fault::Changed`] if somebody changed it since.
pub fn undo(acting: &Acting<'_>, tx: &Tx<'_>, entry: EntryId, seen: i64) -> Result<(), Fault> {
    let held = entry::one(tx, &acting.policy, entry)?;
    // What was written by a slip today is taken back; what was there before is let go.
    let slip = acting.instance.clock.on(held.recorded_at) == acting.today;
    let verb = if held.version == 1 && !slip { Verb::Remove } else { Verb::Change };
    let (lives, _) = by_hand(acting, tx, &held, verb)?;
    if held.version == 1 {
        if seen != 1 {
            return Err(Fault::Changed);
        }
        awaited(acting, tx, &held, (true, Some(held.recorded_at)), "")?;
        return taken_away(acting, tx, &held, &lives);
    }
    awaited(acting, tx, &held, (false, entry::changed_at(tx, entry)?), "")?;
    match entry::undo(tx, &acting.policy, entry, seen, acting.staff_id(), acting.now)? {
        Changed::Conflict(_) => Err(Fault::Changed),
        Changed::Stored(version) => {
            let people: Vec<_> = lives.iter().map(|life| life.person).collect();
            corrected(acting, tx, (held.kind, &people), true)?;
            acting.log(tx, "entry.changed", &people, &json!({ "entry": entry.0, "version": version }))
        }
    }
}

/// Keeps a line as it is for whoever it is about and waits for a copy, with why it changes or goes now.
/// What was done to it at some moment may be taken back instead.
fn awaited(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    held: &Entry,
    (goes, back): (bool, Option<Timestamp>),
    why: &str,
) -> Result<(), Fault> {
    let people: Vec<_> = held.people.iter().map(|(person, _)| *person).collect();
    let kind = acting.policy.kind(held.kind).map_or("", |kind| kind.name.as_str());
    let new = Some(back.unwrap_or(held.recorded_at));
    let held = request::Held { origin: "entry", row: held.id.0, kind, new, goes, back: back.is_some() };
    request::changing(acting, tx, (&people, held), why)
}

/// Whether this role may change a line about somebody today.
#[must_use]
pub fn may_change(acting: &Acting<'_>, life: &Life, held: &Entry) -> bool {
    let alone = held.people.iter().all(|(person, _)| *person == life.person);
    let act = Act { verb: Verb::Change, ..storing(held.kind, held.engagements.first().copied()) };
    alone && acting.decide(&act, &[life], &Gate::default()).is_ok()
}

/// Whether this role may take a line away today: not while a hold stands on anybody it is about.
///
/// # Errors
/// Whatever the store says.
pub fn may_remove(acting: &Acting<'_>, tx: &Tx<'_>, held: &Entry) -> Result<bool, Fault> {
    match by_hand(acting, tx, held, Verb::Remove) {
        Ok(_) => Ok(true),
        Err(Fault::Refused(_)) => Ok(false),
        Err(fault) => Err(fault),
    }
}

/// Everybody a line is about that is changed or taken away, once that is decided.
fn by_hand(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    held: &Entry,
    verb: Verb,
) -> Result<(Vec<Life>, custody::Grant), Fault> {
    let people: Vec<_> = held.people.iter().map(|(person, _)| *person).collect();
    let read = load_readable(tx, &acting.policy, &people, acting.today, For::Clocks)?;
    // Of whom something cannot be read nobody knows whether it may be touched.
    if !read.unread.is_empty() {
        return Err(super::unreadable(&acting.policy).into());
    }
    let lives = read.lives;
    let act = Act { verb, ..storing(held.kind, held.engagements.first().copied()) };
    let grant = acting.decide(&act, &lives.iter().collect::<Vec<_>>(), &Gate::default())?;
    Ok((lives, grant))
}

/// The entry kind of a name, or the refusal that says the policy declares none.
fn kind<'p>(policy: &'p Policy, name: &str, life: &Life) -> Result<&'p Kind, Fault> {
    match policy.kind_named(name) {
        Some(kind) if kind.sort == Sort::Entry => Ok(kind),
        _ => Err(undeclared(policy, "entry", name, Some(life)).into()),
    }
}

fn body(text: &str) -> Result<String, Fault> {
    let text = text.trim().replace("\r\n", "\n");
    if text.is_empty() {
        return Err(Fault::field("text", "Write what happened."));
    }
    if text.len() > BODY_BYTES_MAX {
        return Err(Fault::field("text", "This is too long: 100,000 characters at most."));
    }
    if text.contains('\0') {
        return Err(Fault::field("text", "There is a character in it that no text has."));
    }
    Ok(text)
}

fn storing(kind: KindId, engagement: Option<EngagementId>) -> Act {
    let kinds = Asked::Exactly([kind].into_iter().collect());
    Act { engagement, ..super::person::act(Verb::Store, None, kinds) }
}

/// The entry kinds that may be written about a person today, on a piece of work or on none.
#[must_use]
pub fn writable(acting: &Acting<'_>, life: &Life, engagement: Option<EngagementId>) -> Vec<KindId> {
    let entries = acting.policy.kinds.iter().filter(|kind| kind.sort == Sort::Entry);
    let may = |kind: &&Kind| acting.decide(&storing(kind.id, engagement), &[life], &Gate::default()).is_ok();
    entries.filter(may).map(|kind| kind.id).collect()
}

/// The entries of a person's timeline that may be shown: the grant covers the kind, and a ground that holds
/// today covers the line itself.
#[must_use]
pub fn shown(acting: &Acting<'_>, grant: &custody::Grant, life: &Life, entries: Vec<Entry>) -> Vec<Entry> {
    entries.into_iter().filter(|entry| in_sight(acting, grant, life, &datum(entry))).collect()
}

/// Whether something about a person may be shown: the grant covers the kind, and a ground that holds today covers the very row.
pub(super) fn in_sight(acting: &Acting<'_>, grant: &custody::Grant, life: &Life, datum: &Datum) -> bool {
    grant.covers(life.person, datum.kind)
        && (covered(&acting.policy, life, datum, Now::at(acting.today, acting.now))
            || acting.answers_for(life))
}

/// What was only just written about one person, as grounds see it.
pub(super) fn written(
    id: i64,
    table: &'static str,
    kind: KindId,
    person: PersonId,
    on: Option<EngagementId>,
) -> Datum {
    let engagements = on.map(|engagement| (engagement, None)).into_iter().collect();
    Datum { table, id, kind, people: vec![(person, Role::Subject)], engagements, paper: false }
}

/// An entry as grounds see it.
#[must_use]
pub fn datum(entry: &Entry) -> Datum {
    Datum {
        table: "entry",
        id: entry.id.0,
        kind: entry.kind,
        people: entry.people.clone(),
        engagements: entry.engagements.iter().map(|engagement| (*engagement, None)).collect(),
        paper: false,
    }
}
