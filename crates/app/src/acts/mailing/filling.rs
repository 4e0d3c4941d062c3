//! A mailing goes into the outbox: to a few in the transaction of whoever sends it, to very many in steps, each a transaction of its
//! own, so that nobody who writes something waits for long. How far it is stands in the store: after a stop it goes on from there, and
//! nobody is queued twice or skipped. Each is decided for as they are queued, and once more as their message leaves.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use custody::id::{MailingId, PersonId};
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

/// Of how many people the first are queued in the transaction of whoever sends it; where there are no more, all are.
const FEW: usize = 128;

/// For how many people messages are decided and queued at once, and in one step, for which whoever writes something meanwhile waits.
const AT_ONCE: usize = 50;

/// How long one turn goes on: a server that is asked to stop waits for it.
const TURN: Duration = Duration::from_secs(8);

/// Puts a mailing into the outbox, to leave at an instant: a message for everybody who may have it, or for the first of very many. How
/// many are in it.
///
/// # Errors
/// [`Fault::Invalid`] if it says nothing or reaches nobody; [`Fault::Changed`] if somebody else was quicker.
pub(super) fn begin(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    held: &Mailing,
    not_before: Timestamp,
) -> Result<usize, Fault> {
    let way = way(&acting.policy, &held.draft)?;
    sayable(acting, tx, held, &way)?;
    let within = audience::candidates(acting, tx, way.activity)?;
    let criteria = Criteria::of_mailing(tx, held.id)?;
    let people = criteria.narrow(acting, tx, way.activity, within)?;
    let mut had = audience::had(tx, &way, &criteria)?;
    let many = acting.staff_id().filter(|_| people.len() > FEW);
    let (mut will, mut not, mut rest) = (0, 0, None);
    for some in people.chunks(FEW) {
        let found = audience::one_by_one(acting, tx, &way, some)?;
        let found = audience::one_each(acting, tx, &way, found, &had)?;
        had.extend(&found.will);
        for few in found.will.chunks(AT_ONCE) {
            will += queue(acting, tx, held, &way, few, not_before)?;
        }
        not += found.not();
        if let (Some(by), Some(to), true) = (many, some.last(), will > 0) {
            rest = Some(Filling { to: *to, by, not_before });
            break;
        }
    }
    if will == 0 {
        return Err(Fault::field("category", "Nobody may have this today: its page says why."));
    }
    leaving::quicker(mailing::moved(tx, held.id, &held.state, "queued", acting.now))?;
    match rest {
        None => {
            let body = json!({ "mailing": held.id.0, "will": will, "not": not });
            acting.log(tx, "mailing.queued", &[], &body)?;
        }
        Some(rest) => {
            mailing::fills(tx, held.id, &rest)?;
            let body = json!({ "mailing": held.id.0, "considered": people.len() });
            acting.log(tx, "mailing.begins to be queued", &[], &body)?;
        }
    }
    Ok(will)
}

/// Goes on with every mailing that is not whole in the outbox. One that cannot go on stays as far as it is, and a task says why.
///
/// # Errors
/// Whatever the store says as it is asked which they are.
pub fn go_on(instance: &Instance) -> Result<(), Fault> {
    for mailing in instance.store.read(mailing::fillings)? {
        match fill(instance, mailing) {
            // Another server goes on with it, or it was called back meanwhile.
            Ok(()) | Err(Fault::Changed | Fault::NotFound) => {}
            // What the store cannot do now is done at the next turn.
            Err(Fault::Store(error)) => {
                tracing::error!(mailing = mailing.0, %error, "a mailing could not go on into the outbox");
            }
            Err(fault) => {
                let why = leaving::in_words(&fault);
                instance.store.write(|tx| stays(&Acting::system(instance, "sender"), tx, mailing, &why))?;
            }
        }
    }
    Ok(())
}

/// Goes on with one for a turn.
fn fill(instance: &Instance, mailing: MailingId) -> Result<(), Fault> {
    let until = Instant::now() + TURN;
    // Nobody waits for this: it only reads.
    let (mut to, people, not) = instance.store.read(|tx| {
        let filling = mailing::filling(tx, mailing)?.ok_or(Fault::Changed)?;
        let acting = leaving::as_who_sends(instance, tx, filling.by)?;
        let held = mailing::one(tx, mailing)?;
        let way = way(&acting.policy, &held.draft)?;
        let criteria = Criteria::of_mailing(tx, mailing)?;
        let mut found = audience::narrowed(&acting, tx, &way, &criteria)?;
        // One mail to an address: whoever has their message has it there, and nobody else who may have it by now.
        let has: BTreeSet<PersonId> = many::to(tx, mailing)?.into_iter().collect();
        let passed = |person: &&PersonId| **person <= filling.to && !has.contains(*person);
        let passed = found.will.iter().filter(passed).count();
        found.will.retain(|person| *person > filling.to);
        let mut had = audience::had(tx, &way, &criteria)?;
        had.extend(has.iter().copied());
        let found = audience::one_each(&acting, tx, &way, found, &had)?;
        // Whoever has their message counts with it, whatever they said since; whoever was erased since counts no more.
        let erased = erase::since(tx, &held.draft.activity, held.sent_at.unwrap_or(acting.now))?;
        let left_out = found.left_out.iter().flat_map(|out| &out.people).map(|(person, _)| person);
        let counts = |person: &&PersonId| !has.contains(*person) && !erased.contains(*person);
        let not = left_out.filter(counts).count() + passed;
        Ok::<_, Fault>((filling.to, found.will, not))
    })?;
    for some in people.chunks(AT_ONCE) {
        if Instant::now() > until {
            return Ok(());
        }
        instance.store.write(|tx| step(instance, tx, (mailing, to), some))?;
        to = some.last().copied().unwrap_or(to);
    }
    instance.store.write(|tx| whole(instance, tx, (mailing, to), not))
}

/// How far a mailing is, if it still is where it was seen, with who sends it.
fn seen<'i>(
    instance: &'i Instance,
    tx: &Tx<'_>,
    (mailing, to): (MailingId, PersonId),
) -> Result<(Filling, Acting<'i>), Fault> {
    let filling = mailing::filling(tx, mailing)?.filter(|filling| filling.to == to).ok_or(Fault::Changed)?;
    Ok((filling, leaving::as_who_sends(instance, tx, filling.by)?))
}

/// The next have their messages.
fn step(
    instance: &Instance,
    tx: &Tx<'_>,
    (mailing, to): (MailingId, PersonId),
    some: &[PersonId],
) -> Result<(), Fault> {
    let (filling, acting) = seen(instance, tx, (mailing, to))?;
    let held = mailing::one(tx, mailing)?;
    let way = way(&acting.policy, &held.draft)?;
    // Somebody may have been taken out of its words since it was sent.
    without_gaps(&held.draft.subject, &held.draft.body)?;
    queue(&acting, tx, &held, &way, some, filling.not_before)?;
    let to = some.last().copied().unwrap_or(to);
    Ok(mailing::fills(tx, mailing, &Filling { to, ..filling })?)
}

/// Everybody who may have it has their message.
fn whole(
    instance: &Instance,
    tx: &Tx<'_>,
    (mailing, to): (MailingId, PersonId),
    not: usize,
) -> Result<(), Fault> {
    let (_, acting) = seen(instance, tx, (mailing, to))?;
    mailing::filled(tx, mailing)?;
    let body = json!({ "mailing": mailing.0, "will": queued(tx, mailing)?, "not": not });
    acting.log(tx, "mailing.queued", &[], &body)
}

/// How many messages of a mailing there are.
fn queued(tx: &Tx<'_>, mailing: MailingId) -> Result<i64, Fault> {
    let counts = message::counts(tx, &[mailing])?;
    Ok(counts.values().flatten().map(|(_, count)| count).sum())
}

/// A mailing does not go on into the outbox: somebody is told why, and whom it reaches.
fn stays(acting: &Acting<'_>, tx: &Tx<'_>, mailing: MailingId, why: &str) -> Result<(), Fault> {
    let Some(filling) = mailing::filling(tx, mailing)? else { return Ok(()) };
    mailing::filled(tx, mailing)?;
    let held = mailing::one(tx, mailing)?;
    let owner = crate::acts::task::whoever(acting, tx, Deed::Send, &[filling.by])?;
    let what = format!(
        "The mailing \u{201c}{}\u{201d} went into the outbox for {} people, and for no more of those it was for. {}",
        held.draft.title,
        queued(tx, mailing)?,
        crate::web::people::capital(why.trim_end_matches('.'))
    );
    let new = NewTask { owner, due_on: Some(acting.today), ..NewTask::new(Kind::Other, &what) };
    task::add(tx, &new, acting.now)?;
    acting.log(tx, "mailing.stays a part", &[], &json!({ "mailing": mailing.0 }))
}

/// After a restore nobody knows who had a message since: nobody more has one by itself, and somebody is told.
///
/// # Errors
/// Whatever the store says.
pub fn none_by_itself(acting: &Acting<'_>, tx: &Tx<'_>) -> Result<(), Fault> {
    let why = "this instance was restored from a backup since, and the others may have had it before";
    mailing::fillings(tx)?.into_iter().try_for_each(|mailing| stays(acting, tx, mailing, why))
}

/// Queues a message for each of some who may have it. How many.
fn queue(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    held: &Mailing,
    way: &Way<'_>,
    some: &[PersonId],
    not_before: Timestamp,
) -> Result<usize, Fault> {
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
    Ok(queued.len())
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
        all => return all,
    }
    let mut found = Vec::with_capacity(some.len());
    for one in some.chunks(1) {
        match Addressed::of_many(acting, tx, way, &held.draft, one) {
            Err(Fault::Refused(_)) => {}
            decided => found.extend(decided?),
        }
    }
    Ok(found)
}
