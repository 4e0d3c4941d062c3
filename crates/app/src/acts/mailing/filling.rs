//! A mailing goes into the outbox: to a few in the transaction of whoever sends it, to more in steps, each a short transaction of its
//! own, so that nobody who writes something waits for long. Whoever sends it decides for nobody then; who may have it is read beside
//! whatever is written, and each is decided for as they are queued, and once more as their message leaves. How far it is stands in the
//! store: after a stop it goes on from there, and nobody is queued twice or skipped. Nothing of it leaves before all of it is there.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use custody::id::{MailingId, NOBODY, PersonId};
use jiff::Timestamp;
use policy::role::Deed;
use serde_json::json;
use store::mailing::{self, Filling, Mailing};
use store::message::{self, NewMessage, Sort, many};
use store::task::{self, Kind, NewTask};
use store::{Tx, erase};

use super::audience::{self, Criteria, Way};
use super::reader::Addressed;
use super::{Acting, leaving, sayable, way, without_gaps};
use crate::fault::Fault;
use crate::instance::Instance;
use crate::mail::letter::{self, Links};

/// How many people an activity may be for whose mailing is queued in the transaction of whoever sends it.
const FEW: u32 = 128;

/// Of how many people it is read at once who of them may have it.
const LOOKED_AT: usize = 256;

/// For how many people messages are decided and queued together.
const TOGETHER: usize = 8;

/// After this long a step takes nobody more: whoever writes something meanwhile waits for this, and for [`TOGETHER`] people.
const LONGEST: Duration = Duration::from_millis(20);

/// How long one turn goes on: a server that is asked to stop waits for it.
const TURN: Duration = Duration::from_secs(8);

/// Why a mailing does not leave that reaches nobody.
const REACHES_NOBODY: &str = "Nobody may have this today: its page says why.";

/// Puts a mailing into the outbox, to leave at an instant: a message for everybody who may have it. Where its activity is for more than
/// a few, nobody is decided for yet, and all of them have theirs soon ([`go_on`]).
///
/// # Errors
/// [`Fault::Invalid`] if it says nothing or reaches nobody; [`Fault::Changed`] if somebody else was quicker.
pub(super) fn begin(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    held: &Mailing,
    not_before: Timestamp,
) -> Result<(), Fault> {
    let way = way(&acting.policy, &held.draft)?;
    sayable(acting, tx, held, &way)?;
    let criteria = Criteria::of_mailing(tx, held.id)?;
    criteria.allowed(acting, way.activity)?;
    let many = audience::is_for_more_than(acting, tx, way.activity, FEW)?;
    let Some(by) = acting.staff_id().filter(|_| many) else {
        return at_once(acting, tx, held, (&way, &criteria), not_before);
    };
    leaving::quicker(mailing::moved(tx, held.id, &held.state, "queued", acting.now))?;
    mailing::fills(tx, held.id, &Filling { to: NOBODY, by, not_before, of: None })?;
    acting.log(tx, "mailing.begins to be queued", &[], &json!({ "mailing": held.id.0 }))
}

/// All of a mailing to a few.
fn at_once(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    held: &Mailing,
    (way, criteria): (&Way<'_>, &Criteria),
    not_before: Timestamp,
) -> Result<(), Fault> {
    let found = audience::mailed(acting, tx, way, criteria)?;
    let mut will = 0;
    for some in found.will.chunks(LOOKED_AT) {
        will += queue(acting, tx, held, way, some, not_before)?.len();
    }
    if will == 0 {
        return Err(Fault::field("category", REACHES_NOBODY));
    }
    leaving::quicker(mailing::moved(tx, held.id, &held.state, "queued", acting.now))?;
    let body = json!({ "mailing": held.id.0, "will": will, "not": found.not() });
    acting.log(tx, "mailing.queued", &[], &body)
}

/// Goes on with every mailing that is not whole in the outbox. One that cannot go on stays as far as it is, and a task says why.
///
/// # Errors
/// Whatever the store says as it is asked which they are.
pub fn go_on(instance: &Instance) -> Result<(), Fault> {
    go_on_for(instance, TURN)
}

/// The same, each for a turn that is so long, and for one step at least.
///
/// # Errors
/// As [`go_on`].
pub fn go_on_for(instance: &Instance, turn: Duration) -> Result<(), Fault> {
    for mailing in instance.store.read(mailing::fillings)? {
        match fill(instance, mailing, turn) {
            // Another server goes on with it, or it was called back meanwhile.
            Ok(()) | Err(Fault::Changed | Fault::NotFound) => {}
            // What the store cannot do now is done at the next turn; what cannot be read is not read better then.
            Err(Fault::Store(error)) if !error.is_unreadable() => {
                tracing::error!(mailing = mailing.0, %error, "a mailing could not go on into the outbox");
            }
            Err(fault) => {
                let why = match &fault {
                    Fault::Store(error) => format!("what it needs cannot be read: {error}"),
                    fault => leaving::in_words(fault),
                };
                let told = |tx: &Tx<'_>| stays(&Acting::system(instance, "sender"), tx, mailing, &why);
                if let Err(fault) = instance.store.write(told) {
                    tracing::error!(mailing = mailing.0, %fault, "nobody could be told yet that a mailing stays");
                }
            }
        }
    }
    Ok(())
}

/// A mailing, and up to whom those who may have it have their message.
type At = (MailingId, PersonId);

/// Goes on with one for a turn.
fn fill(instance: &Instance, mailing: MailingId, turn: Duration) -> Result<(), Fault> {
    let mut to = counted(instance, mailing)?;
    let (people, mut had) = instance.store.read(|tx| coming(instance, tx, (mailing, to)))?;
    // What was read until here takes long of very many, and whatever it takes a turn gets on.
    let until = Instant::now() + turn;
    for some in people.chunks(LOOKED_AT) {
        let Some(last) = some.last().copied() else { continue };
        let found = instance.store.read(|tx| who_may(instance, tx, (mailing, to), some, &had))?;
        let mut rest = found.as_slice();
        while to < last {
            let done = instance.store.write(|tx| step(instance, tx, (mailing, to), (rest, last)))?;
            to = done.to;
            had.extend(done.queued);
            rest = rest.get(rest.partition_point(|person| *person <= to)..).unwrap_or_default();
            if Instant::now() >= until {
                return Ok(());
            }
        }
    }
    let (will, not) = instance.store.read(|tx| became(instance, tx, (mailing, to)))?;
    if will == 0 {
        return Err(Fault::field("category", REACHES_NOBODY));
    }
    instance.store.write(|tx| {
        let (_, acting) = seen(instance, tx, (mailing, to))?;
        mailing::filled(tx, mailing)?;
        let body = json!({ "mailing": mailing.0, "will": will, "not": not });
        acting.log(tx, "mailing.queued", &[], &body)
    })
}

/// How far a mailing is, if it still is where it was seen, with who sends it.
fn seen<'i>(instance: &'i Instance, tx: &Tx<'_>, (mailing, to): At) -> Result<(Filling, Acting<'i>), Fault> {
    let filling = mailing::filling(tx, mailing)?.filter(|filling| filling.to == to).ok_or(Fault::Changed)?;
    Ok((filling, leaving::as_who_sends(instance, tx, filling.by)?))
}

/// Counts whom a mailing is for before its first step, so that its page says how far it is. Up to whom it is in the outbox.
fn counted(instance: &Instance, mailing: MailingId) -> Result<PersonId, Fault> {
    let filling = instance.store.read(|tx| mailing::filling(tx, mailing))?.ok_or(Fault::Changed)?;
    let at = (mailing, filling.to);
    if filling.of.is_none() {
        let of = instance.store.read(|tx| {
            let (_, acting) = seen(instance, tx, at)?;
            let held = mailing::one(tx, mailing)?;
            let way = way(&acting.policy, &held.draft)?;
            Ok::<_, Fault>(audience::of_mailing(&acting, tx, &way, mailing)?.will.len())
        })?;
        if of == 0 {
            return Err(Fault::field("category", REACHES_NOBODY));
        }
        let of = i64::try_from(of).ok();
        instance.store.write(|tx| {
            let (filling, _) = seen(instance, tx, at)?;
            Ok::<_, Fault>(mailing::fills(tx, mailing, &Filling { of, ..filling })?)
        })?;
    }
    Ok(filling.to)
}

/// Whom a mailing may still be for, in the order of their numbers, and whoever has it or had it before, where that is asked.
fn coming(instance: &Instance, tx: &Tx<'_>, at: At) -> Result<(Vec<PersonId>, BTreeSet<PersonId>), Fault> {
    let (mailing, to) = at;
    let (_, acting) = seen(instance, tx, at)?;
    let held = mailing::one(tx, mailing)?;
    let way = way(&acting.policy, &held.draft)?;
    let criteria = Criteria::of_mailing(tx, mailing)?;
    let within = audience::candidates(&acting, tx, way.activity)?;
    let mut people = criteria.narrow(&acting, tx, way.activity, within)?;
    people.retain(|person| *person > to);
    let mut had = audience::had(tx, &way, &criteria)?;
    had.extend(many::to(tx, mailing)?);
    Ok((people, had))
}

/// Those of some who may have it, one mail to an address: whoever has theirs has it there.
fn who_may(
    instance: &Instance,
    tx: &Tx<'_>,
    at: At,
    some: &[PersonId],
    had: &BTreeSet<PersonId>,
) -> Result<Vec<PersonId>, Fault> {
    let (_, acting) = seen(instance, tx, at)?;
    let held = mailing::one(tx, at.0)?;
    let way = way(&acting.policy, &held.draft)?;
    let found = audience::one_by_one(&acting, tx, &way, some)?;
    Ok(audience::one_each(&acting, tx, &way, found, had)?.will)
}

/// What a step came to: up to whom it is now, and who of them have their message by it.
struct Done {
    to: PersonId,
    queued: Vec<PersonId>,
}

/// The next have their messages, as many as the time of a step is enough for. After the last of these who may have it nobody comes
/// up to somebody.
fn step(
    instance: &Instance,
    tx: &Tx<'_>,
    at: At,
    (rest, last): (&[PersonId], PersonId),
) -> Result<Done, Fault> {
    let (began, mailing) = (Instant::now(), at.0);
    let (filling, acting) = seen(instance, tx, at)?;
    let held = mailing::one(tx, mailing)?;
    let way = way(&acting.policy, &held.draft)?;
    // Somebody may have been taken out of its words since it was sent.
    without_gaps(&held.draft.subject, &held.draft.body)?;
    let mut done = Done { to: last, queued: Vec::new() };
    for some in rest.chunks(TOGETHER) {
        done.queued.extend(queue(&acting, tx, &held, &way, some, filling.not_before)?);
        let is_last = some.last() == rest.last();
        if let Some(to) = some.last().filter(|_| !is_last && began.elapsed() >= LONGEST) {
            done.to = *to;
            break;
        }
    }
    mailing::fills(tx, mailing, &Filling { to: done.to, ..filling })?;
    Ok(done)
}

/// How many have their message, and how many have none whom it was for.
fn became(instance: &Instance, tx: &Tx<'_>, at: At) -> Result<(i64, usize), Fault> {
    let mailing = at.0;
    let (_, acting) = seen(instance, tx, at)?;
    let held = mailing::one(tx, mailing)?;
    let way = way(&acting.policy, &held.draft)?;
    let found = audience::narrowed(&acting, tx, &way, &Criteria::of_mailing(tx, mailing)?)?;
    let has: BTreeSet<PersonId> = many::to(tx, mailing)?.into_iter().collect();
    // Whoever has the same address as one of them, or may have it only since it was past them.
    let beside = found.will.iter().filter(|person| !has.contains(*person)).count();
    // Whoever has their message counts with it, whatever they said since; whoever was erased since counts no more.
    let erased = erase::since(tx, &held.draft.activity, held.sent_at.unwrap_or(acting.now))?;
    let left_out = found.left_out.iter().flat_map(|out| &out.people).map(|(person, _)| person);
    let counts = |person: &&PersonId| !has.contains(*person) && !erased.contains(*person);
    Ok((queued(tx, mailing)?, left_out.filter(counts).count() + beside))
}

/// How many messages of a mailing there are.
fn queued(tx: &Tx<'_>, mailing: MailingId) -> Result<i64, Fault> {
    let counts = message::counts(tx, &[mailing])?;
    Ok(counts.values().flatten().map(|(_, count)| count).sum())
}

/// A mailing does not go on into the outbox: where nobody has a message of it yet it is a draft again, and somebody is told why; else
/// also whom it reaches.
fn stays(acting: &Acting<'_>, tx: &Tx<'_>, mailing: MailingId, why: &str) -> Result<(), Fault> {
    let Some(filling) = mailing::filling(tx, mailing)? else { return Ok(()) };
    let held = mailing::one(tx, mailing)?;
    let owner = crate::acts::task::whoever(acting, tx, Deed::Send, &[filling.by])?;
    let (there, title) = (queued(tx, mailing)?, &held.draft.title);
    let (became, said) = if there == 0 {
        mailing::draft_again(tx, mailing)?;
        ("was to leave and did not: it is a draft again".to_owned(), "mailing.stayed")
    } else {
        mailing::filled(tx, mailing)?;
        let part = format!("went into the outbox for {there} people, and for no more of those it was for");
        (part, "mailing.stays a part")
    };
    let why = crate::web::people::capital(why.trim_end_matches('.'));
    let what = format!("The mailing \u{201c}{title}\u{201d} {became}. {why}");
    let new = NewTask { owner, due_on: Some(acting.today), ..NewTask::new(Kind::Other, &what) };
    task::add(tx, &new, acting.now)?;
    acting.log(tx, said, &[], &json!({ "mailing": mailing.0 }))
}

/// After a restore nobody knows who had a message since: nobody more has one by itself, and somebody is told.
///
/// # Errors
/// Whatever the store says.
pub fn none_by_itself(acting: &Acting<'_>, tx: &Tx<'_>) -> Result<(), Fault> {
    let why = "this instance was restored from a backup since, and others may have had it before";
    mailing::fillings(tx)?.into_iter().try_for_each(|mailing| stays(acting, tx, mailing, why))
}

/// Queues a message for each of some who may have it. Who they are.
fn queue(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    held: &Mailing,
    way: &Way<'_>,
    some: &[PersonId],
    not_before: Timestamp,
) -> Result<Vec<PersonId>, Fault> {
    let mut queued = Vec::with_capacity(some.len());
    for (person, to) in &those_who_may(acting, tx, held, way, some)? {
        let Some(address) = &to.address else { continue };
        let token = letter::linked(acting.instance, &to.grant, (*person, &held.draft.activity), address)?;
        let links = Links::of(acting.instance, &token);
        let draft = letter::addressed(&to.grant, &to.reader, &held.draft)?;
        let letter = letter::write(&to.grant, address, &draft, way.channel.footer.as_deref(), &links)?;
        let new = NewMessage {
            person: Some(*person),
            mailing: Some(held.id),
            sort: Sort::Mailing,
            activity: Some(&held.draft.activity),
            channel: &held.draft.channel,
            address: &letter.address,
            subject: &letter.subject,
            body: &letter.body,
            html: None,
            token: Some(&token),
            not_before: Some(not_before),
            request: None,
            by: acting.staff_id(),
        };
        message::queue(tx, &new, acting.today, acting.now)?;
        queued.push(*person);
    }
    // The record of a message is a datum of its own, under the activity that proves what was done.
    acting.settle_records(tx, &queued)?;
    Ok(queued)
}

/// Those of some who may have it now: somebody may have said no, or gone, since it was seen who may.
fn those_who_may(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    held: &Mailing,
    way: &Way<'_>,
    some: &[PersonId],
) -> Result<Vec<(PersonId, Addressed)>, Fault> {
    match Addressed::of_many(acting, tx, way, &held.draft, some) {
        Err(Fault::Refused(_)) => {}
        Err(Fault::Store(error)) if error.is_unreadable() => {}
        all => return all,
    }
    let mut found = Vec::with_capacity(some.len());
    for one in some.chunks(1) {
        match Addressed::of_many(acting, tx, way, &held.draft, one) {
            Err(Fault::Refused(_)) => {}
            // One of whom something cannot be read gets nothing, and keeps it from nobody else.
            Err(Fault::Store(error)) if error.is_unreadable() => {
                let person = one.first().map(|person| person.0);
                tracing::warn!(person, %error, "somebody gets nothing of a mailing");
            }
            decided => found.extend(decided?),
        }
    }
    Ok(found)
}
