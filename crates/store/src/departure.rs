//! Departure: what a person's grounds no longer cover leaves, in one transaction, with a certificate. The sweep
//! comes here for whatever is due, a granted erasure for what was granted. What is covered stays untouched.

use std::collections::{BTreeMap, BTreeSet};

use custody::coverage::{self, Datum, Outcome, Role, Suspended, Uncovered};
use custody::id::{DocumentId, EngagementId, EntryId, ItemId, PersonId, RequestId, StaffId};
use custody::life::{Ground, Life, Needs, State, StopCause};
use custody::moment::Now;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use policy::periods::Own;
use policy::{Disposal, Policy, Rule};
use serde_json::json;

use crate::disclosure::{Standing, Telling};
use crate::dispose::{self, Bytes};
use crate::owing::Owing;
use crate::suppression::{self, Forbids};
use crate::task::{self, Kind, NewTask};
use crate::{
    Keys, Result, Tx, anonymous, disclosure, forgotten, ground, hold, life, log, owing, params, remembered,
    ring_duty,
};

mod going;

use going::{Going, Remains, after};

/// On whose behalf something leaves.
#[derive(Clone, Copy, Debug)]
pub struct Cause<'a> {
    /// `sweep` or `erasure`, for the certificate.
    pub name: &'a str,
    /// Who caused it, as the log names them.
    pub actor: &'a str,
    /// Who granted it.
    pub by: Option<StaffId>,
    /// The request it answers: its tasks keep the request open.
    pub request: Option<RequestId>,
}

/// What a departure came to.
#[derive(Clone, Debug, Default)]
pub struct Departed {
    /// Rows that went, by kind.
    pub counts: BTreeMap<String, u32>,
    /// Rows that stayed for somebody else, the link cut.
    pub cut: u32,
    /// Tasks that were made.
    pub tasks: u32,
    /// Rows that go once what is owed beside them was handed over, by kind.
    pub waits: BTreeMap<String, u32>,
    /// Rows that would go, and what keeps them.
    pub kept: Vec<(Suspended, u32)>,
    /// Rows of kinds no policy declares, by kind: nobody can say what becomes of them.
    pub undeclared: BTreeMap<String, u32>,
    /// Whether the person is gone altogether.
    pub gone: bool,
    /// Files whose bytes can go once this is committed.
    pub bytes: Bytes,
}

impl Departed {
    /// How many rows went.
    #[must_use]
    pub fn rows(&self) -> u32 {
        self.counts.values().sum()
    }

    fn wait(&mut self, policy: &Policy, one: &Uncovered) {
        let kind = policy.kind(one.kind).map_or("", |kind| kind.name.as_str());
        *self.waits.entry(kind.to_owned()).or_insert(0) += 1;
    }
}

/// Lets go of what the person's grounds do not cover today. `life` must be settled.
///
/// # Errors
/// Whatever the database says.
pub fn carry_out(
    tx: &Tx<'_>,
    policy: &Policy,
    keys: &Keys,
    life: &Life,
    cause: &Cause<'_>,
    today: Date,
    now: Timestamp,
) -> Result<Departed> {
    let mut departed = Departed::default();
    let beside = ground::moved_by_birth(tx, policy, life.person)?;
    let held = dispose::holdings(tx, policy, life.person)?;
    for (_, _, kind) in &held.undeclared {
        *departed.undeclared.entry(kind.clone()).or_insert(0) += 1;
    }
    let others = others(tx, policy, life, &held.data, today)?;
    let others: Vec<&Life> = others.iter().collect();
    let moment = Now::at(today, now);
    let mut leaving = coverage::uncovered(policy, life, &others, &held.data, moment);
    leaving.extend(owing::owed(tx, policy, life, &held.data, moment)?);
    if cause.request.is_none() {
        leaving.extend(coverage::owed_before_cut(policy, life, &leaving, &held.data, moment));
    }
    leaving.retain(|one| !answers(tx, cause, one).unwrap_or(true));
    // What waits for somebody's hand is known before what goes after it.
    leaving.sort_by_key(|one| !matches!(one.outcome, Outcome::Task(_)));
    let mut kept: BTreeMap<Suspended, u32> = BTreeMap::new();
    let mut going = Going::default();
    let mut counting = Vec::new();
    let mut anonymous = Vec::new();
    let mut record_waits = false;
    let owing = Owing { tx, policy, person: Some(life.person), cause, today, now };
    owing.address_stays(&mut leaving)?;
    let asked = owing.entries_asked_for(&leaving)?;
    // The person may give a restriction up by asking for erasure, and not a copy that they wait for.
    let copy = life.needed(today).filter(|needs| *needs != Needs::Restriction).map(Suspended::Request);
    for one in leaving {
        let suspended = match one.suspended {
            Some(Suspended::Restriction | Suspended::Request(Needs::Restriction))
                if cause.request.is_some() =>
            {
                copy
            }
            suspended => suspended,
        };
        match (suspended, one.outcome) {
            (Some(why), _) => *kept.entry(why).or_insert(0) += 1,
            // The record of the work says whose clause hands over what lies on it to several of them, or a copy of what stays, and
            // goes after it.
            (None, Outcome::Dispose(_)) if record_waits && one.table == "engagement" => {
                departed.wait(policy, &one);
            }
            // Nobody takes the work away under what it still holds, or still has to hand over.
            (None, Outcome::Dispose(_)) if dispose::work_holds(tx, policy, &one)? => {
                cut(tx, policy, life.person, &held.data, &one, cause, today, now, &mut departed)?;
            }
            (None, Outcome::Dispose(_))
                if (one.table != "entry" || asked.contains(&one.id)) && owing.first(&one)? =>
            {
                if one.table == "entry" {
                    departed.wait(policy, &one);
                }
            }
            (None, how) if owing.is_over(&one)? => going.add(policy, one, after(how)),
            (None, Outcome::Dispose(way)) if way.hands_over() => departed.wait(policy, &one),
            // What somebody asked to have erased leaves what an erasure leaves: a certificate, and word to recipients.
            (None, Outcome::Dispose(Disposal::Count | Disposal::Anonymise)) if cause.request.is_some() => {
                going.add(policy, one, Disposal::Erase);
            }
            (None, Outcome::Dispose(Disposal::Anonymise)) => {
                anonymous.push(one.clone());
                going.add(policy, one, Disposal::Anonymise);
            }
            (None, Outcome::Dispose(Disposal::Count)) => counting.push(one),
            (None, Outcome::Dispose(disposal)) => {
                let (one, disposal) = owing.as_handed_over(one, disposal)?;
                going.add(policy, one, disposal);
            }
            (None, Outcome::CutLink) if owing.gets_first(&one)? => departed.wait(policy, &one),
            (None, Outcome::CutLink) => {
                cut(tx, policy, life.person, &held.data, &one, cause, today, now, &mut departed)?;
            }
            (None, Outcome::Task(disposal)) => {
                departed.tasks += owing.before(&one, disposal, &held.data)?;
                record_waits |= owing.to_each(&one).len() > 1;
                record_waits |= one.copy && one.theirs && owing.gets_first(&one)?;
                if one.table == "entry" {
                    departed.wait(policy, &one);
                }
            }
        }
    }
    departed.kept = kept.into_iter().collect();
    if held.any_in("paper") && (coverage::suspended(life, today).is_none() || cause.request.is_some()) {
        departed.tasks += owing.papers(life)?;
    }
    let counted = counting.iter().map(|one| (one.table, one.id));
    let leaves: BTreeSet<_> = going.rows.iter().map(|(table, id, _)| (*table, *id)).chain(counted).collect();
    let left = leaves.len() < held.data.len() || !held.undeclared.is_empty();
    let stays = left || life.grounds.iter().any(|ground| ground.active(today));
    let remain = Remains { they: stays, others: held.others_in(life.person) };
    going.remains = remain;
    for one in &leaves {
        outlives(tx, keys, life, *one, now)?;
    }
    anonymous::count(tx, policy, keys, life.person, &anonymous, today)?;
    // Where details go because they asked, whoever has any from us is told that.
    let told_so = cause.request.is_some() && going.rows.iter().any(|(table, ..)| *table == "item");
    if !told_so && held.any_in("disclosure") {
        tell_what_ended(tx, policy, life, &going, cause, today, now, &mut departed)?;
    }
    let mut tables = go(tx, policy, keys, life, going, cause, today, now, &mut departed)?;
    tables.extend(count_and_forget(tx, policy, life, (&counting, remain), cause, today, now, &mut departed)?);
    if departed.rows() > 0 || departed.cut > 0 {
        task::close_left_behind(tx, today)?;
    }
    departed.gone =
        departed.kept.is_empty() && dispose::leave_if_empty(tx, life.person, &mut departed.bytes)?;
    if !departed.gone {
        dispose::refind(tx, policy, life.person, &tables)?;
    }
    if departed.rows() > 0 || departed.cut > 0 {
        // A birthday that has gone is not known any more to those whose clocks counted from it.
        ground::settle_many(tx, policy, &beside, today, cause.actor, now)?;
    }
    Ok(departed)
}

/// What somebody said no to is remembered at the address or number that goes, also where they agreed to one thing since: that
/// yes goes as well, and speaks for nobody who gets the address.
fn outlives(tx: &Tx<'_>, keys: &Keys, life: &Life, (table, id): (&str, i64), now: Timestamp) -> Result<()> {
    if table != "item" {
        return Ok(());
    }
    for made in life.objections.iter().filter(|made| made.lifted_on.is_none()) {
        if let Some(forbids) = Forbids::by(&made.scope) {
            suppression::add_item(tx, keys, ItemId(id), forbids, made.made_on, "objection", now)?;
        }
    }
    Ok(())
}

/// The row of the request being answered stays until it is closed.
fn answers(tx: &Tx<'_>, cause: &Cause<'_>, one: &Uncovered) -> Result<bool> {
    if one.table != "request" {
        return Ok(false);
    }
    Ok(cause.request == Some(RequestId(one.id))
        || tx.any("SELECT 1 FROM request WHERE id = ?1 AND closed_on IS NULL", params![one.id])?)
}

/// The lives of whoever else is in these rows.
pub(crate) fn others(
    tx: &Tx<'_>,
    policy: &Policy,
    life: &Life,
    data: &[Datum],
    today: Date,
) -> Result<Vec<Life>> {
    let people: BTreeSet<PersonId> = data
        .iter()
        .flat_map(|datum| &datum.people)
        .map(|(person, _)| *person)
        .filter(|person| *person != life.person)
        .collect();
    let mut others = match people.is_empty() {
        true => Vec::new(),
        false => life::load_many(tx, policy, &people.into_iter().collect::<Vec<_>>(), today)?,
    };
    let works: BTreeSet<EngagementId> =
        data.iter().flat_map(|datum| &datum.engagements).map(|(on, _)| *on).collect();
    let works: Vec<EngagementId> = works.into_iter().filter(|on| speaks(policy, life, *on)).collect();
    others.extend(speaking(tx, policy, works, today)?);
    Ok(others)
}

/// Whether a piece of work speaks beside somebody for what lies on it: what they are on themselves speaks in their own life, unless
/// something is kept for the work itself.
pub(crate) fn speaks(policy: &Policy, life: &Life, work: EngagementId) -> bool {
    let own = || life.works.iter().any(|own| own.engagement == work);
    work.0 != life.person.0 && (life::kept_for(policy).next().is_some() || !own())
}

/// The lives of these pieces of work. Where nothing is kept for work itself, they speak by a hold alone.
pub(crate) fn speaking(
    tx: &Tx<'_>,
    policy: &Policy,
    mut works: Vec<EngagementId>,
    today: Date,
) -> Result<Vec<Life>> {
    if life::kept_for(policy).next().is_none() {
        works = hold::on_works(tx, &works)?;
    }
    life::works(tx, policy, &works, today)
}

/// Lets go of what a piece of work held for itself and nobody is in any more, and then of its record. `life` is the work's,
/// and settled. What somebody is still in leaves with them.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn of_work(
    tx: &Tx<'_>,
    policy: &Policy,
    keys: &Keys,
    life: &Life,
    cause: &Cause<'_>,
    today: Date,
    now: Timestamp,
) -> Result<Departed> {
    let mut departed = Departed::default();
    let engagement = EngagementId(life.person.0);
    let held = dispose::of_work(tx, policy, engagement)?;
    for (_, _, kind) in &held.undeclared {
        *departed.undeclared.entry(kind.clone()).or_insert(0) += 1;
    }
    let others = others(tx, policy, life, &held.data, today)?;
    let others: Vec<&Life> = others.iter().collect();
    let moment = Now::at(today, now);
    let mut leaving = coverage::uncovered(policy, life, &others, &held.data, moment);
    leaving.extend(owing::owed(tx, policy, life, &held.data, moment)?);
    leaving.extend(coverage::owed_beside(policy, life, &leaving, &held.data, moment));
    // The record of the work goes last, if nothing waits.
    leaving.sort_by_key(|one| one.table == "engagement");
    let mut kept: BTreeMap<Suspended, u32> = BTreeMap::new();
    let mut going = Going::default();
    let owing = Owing { tx, policy, person: None, cause, today, now };
    let mut stays = !held.undeclared.is_empty();
    for one in leaving {
        match (one.suspended, one.outcome) {
            (Some(why), _) => *kept.entry(why).or_insert(0) += 1,
            // The record of the work says what is still to be handed over, and goes after it.
            (None, Outcome::Dispose(_)) if one.table == "engagement" && (stays || !kept.is_empty()) => {}
            (None, Outcome::Dispose(_)) if owing.first(&one)? => stays = true,
            (None, how) if owing.is_over(&one)? => going.add(policy, one, after(how)),
            (None, Outcome::Dispose(disposal)) => {
                let (one, disposal) = owing.as_handed_over(one, disposal)?;
                going.add(policy, one, disposal);
            }
            (None, Outcome::Task(disposal)) => {
                departed.tasks += owing.before(&one, disposal, &held.data)?;
                stays = true;
            }
            (None, Outcome::CutLink) => {}
        }
    }
    departed.kept = kept.into_iter().collect();
    go(tx, policy, keys, life, going, cause, today, now, &mut departed)?;
    if departed.rows() > 0 {
        task::close_left_behind(tx, today)?;
    }
    departed.gone = !tx.any("SELECT 1 FROM engagement WHERE id = ?1", params![engagement])?;
    Ok(departed)
}

/// Takes what goes, with its certificates. The tables it was taken from.
#[expect(clippy::too_many_arguments, reason = "what happens, to whom, why and when are all different things")]
fn go(
    tx: &Tx<'_>,
    policy: &Policy,
    keys: &Keys,
    life: &Life,
    going: Going,
    cause: &Cause<'_>,
    today: Date,
    now: Timestamp,
    departed: &mut Departed,
) -> Result<BTreeSet<&'static str>> {
    if going.rows.is_empty() {
        return Ok(BTreeSet::new());
    }
    let items: Vec<i64> =
        going.rows.iter().filter(|(table, ..)| *table == "item").map(|(_, id, _)| *id).collect();
    let (identities, earliest) = dispose::identities(tx, &items)?;
    if cause.request.is_some() && !items.is_empty() {
        let rule = going.rules.first().and_then(|rule| policy.rules.get(rule.index()));
        tell_recipients(tx, policy, (life, rule), cause, today, now, departed)?;
    }
    let rows = going.rows.iter().map(|(table, id, _)| (*table, *id)).collect::<Vec<_>>();
    let tables = remove(tx, policy, life, (&rows, going.remains), now, &mut departed.bytes)?;
    going.certify((tx, keys), policy, life, cause, (&identities, earliest), (today, now))?;
    departed.counts = dispose::counted(policy, going.rows.iter().map(|(_, _, kind)| kind));
    Ok(tables)
}

/// Takes rows out of their tables, in their order: what refers to other rows goes before them. What happened stays known of
/// whoever remains: them, or somebody else who is in any of it.
fn remove(
    tx: &Tx<'_>,
    policy: &Policy,
    life: &Life,
    (rows, remains): (&[(&'static str, i64)], Remains),
    now: Timestamp,
    bytes: &mut Bytes,
) -> Result<BTreeSet<&'static str>> {
    let stays = |who: PersonId| who != life.person || remains.they;
    let mut tables = BTreeSet::new();
    for some in rows.chunk_by(|one, next| one.0 == next.0) {
        let Some((table, _)) = some.first() else { continue };
        let ids: Vec<i64> = some.iter().map(|(_, id)| *id).collect();
        // What is nobody else's says nothing of anybody who stays where they do not.
        if remains.they || remains.others {
            remembered::before(tx, policy, table, &ids, &stays, now)?;
        }
        dispose::remove_all(tx, table, &ids, bytes)?;
        tables.insert(*table);
    }
    Ok(tables)
}

/// What is counted and forgotten leaves a number for its kind and day, and nothing that says whose it was: no
/// certificate, and an event of the log that concerns nobody. The tables it was taken from.
#[expect(clippy::too_many_arguments, reason = "what happens, to whom, why and when are all different things")]
fn count_and_forget(
    tx: &Tx<'_>,
    policy: &Policy,
    life: &Life,
    (counting, remains): (&[Uncovered], Remains),
    cause: &Cause<'_>,
    today: Date,
    now: Timestamp,
    departed: &mut Departed,
) -> Result<BTreeSet<&'static str>> {
    for one in counting {
        let kept = life.records.iter().find(|kept| kept.datum.table == one.table && kept.datum.id == one.id);
        let rule = one.rule.and_then(|rule| policy.rules.get(rule.index()));
        forgotten::count(
            tx,
            rule.map_or("", |rule| rule.key.as_str()),
            policy.kind(one.kind).map_or("", |kind| kind.name.as_str()),
            kept.map_or(today, |kept| kept.recorded.day),
        )?;
    }
    let rows = counting.iter().map(|one| (one.table, one.id)).collect::<Vec<_>>();
    let tables = remove(tx, policy, life, (&rows, remains), now, &mut departed.bytes)?;
    if tables.is_empty() {
        return Ok(tables);
    }
    let counts = dispose::counted(policy, counting.iter().map(|one| &one.kind));
    log::append(
        tx,
        now,
        cause.actor,
        "counted and forgot",
        &[],
        &json!({ "cause": cause.name, "counts": counts }),
    )?;
    for (kind, count) in counts {
        *departed.counts.entry(kind).or_insert(0) += count;
    }
    Ok(tables)
}

/// Art 19: whoever was given the details is told that they are erased, but for those who confirmed that no copy is left. What lies with
/// somebody who keeps it for us is ours: what was asked is not done before it is erased there, too.
fn tell_recipients(
    tx: &Tx<'_>,
    policy: &Policy,
    (life, rule): (&Life, Option<&Rule>),
    cause: &Cause<'_>,
    today: Date,
    now: Timestamp,
    departed: &mut Departed,
) -> Result<()> {
    let person = life.person;
    let erased = |ground: &&Ground| matches!(&ground.state, State::Stopped { cause: StopCause::Erased, .. });
    let ground = life.grounds.iter().find(erased).map(|ground| ground.id);
    for recipient in disclosure::recipients_having(tx, person)? {
        let what = Telling::Erased.task(&recipient, "");
        let mut new = Telling::Erased.new_task((&recipient, None), &what);
        new.request = cause.request;
        new.blocks = cause.request.is_some() && disclosure::keeps_for_us(tx, policy, &recipient, person)?;
        new.ground = ground;
        new.rule = rule.map(|rule| rule.key.as_str());
        new.owner = Owing { tx, policy, person: Some(person), cause, today, now }.owner(None)?;
        new.due_on = today.checked_add(policy.days(Own::Recipients).days()).ok();
        task::add(tx, &new, now)?;
        departed.tasks += 1;
    }
    Ok(())
}

/// What ends because they took back what they had agreed to, or objected, is told to whoever has it from us for that, also where we keep
/// the same for something else; and what they had asked to have erased, once details go that had to wait. What goes because its time is
/// over is told to whoever keeps it for us. By the name, which may go with it; once, and not where they were told of the same already.
#[expect(clippy::too_many_arguments, reason = "what happens, to whom, why and when are all different things")]
fn tell_what_ended(
    tx: &Tx<'_>,
    policy: &Policy,
    life: &Life,
    going: &Going,
    cause: &Cause<'_>,
    today: Date,
    now: Timestamp,
    departed: &mut Departed,
) -> Result<()> {
    let ended: Vec<(&Ground, &Rule, Option<Telling>, Date)> = life
        .grounds
        .iter()
        .filter(|ground| !ground.swept)
        .filter_map(|ground| {
            let State::Stopped { on, cause } = &ground.state else { return None };
            Some((ground, policy.rules.get(ground.rule.index())?, Telling::of_their_word(cause), *on))
        })
        .collect();
    let passed = if ended.is_empty() { Vec::new() } else { disclosure::having(tx, life.person)? };
    if passed.is_empty() {
        return Ok(());
    }
    let named = "SELECT value FROM item WHERE person_id = ?1 AND kind = 'name' ORDER BY collected_on DESC, id DESC LIMIT 1";
    let name = tx.maybe(named, params![life.person], |row| row.text(0))?;
    let details = going.rows.iter().any(|(table, ..)| *table == "item");
    let mut told: BTreeSet<String> = BTreeSet::new();
    for had in passed {
        let by_word = ended.iter().find(|(ground, rule, telling, _)| {
            policy.activity(rule.activity).is_some_and(|activity| activity.name == had.activity)
                && telling.is_some_and(|telling| details || telling != Telling::Erased)
                && (going.rules.contains(&ground.rule) || over(policy, life, ground, &had, today))
        });
        let mut went = going.rows.iter().filter_map(|(_, _, kind)| policy.kind(*kind));
        let for_us = cause.request.is_none()
            && went.any(|kind| had.kinds.contains(&kind.name))
            && disclosure::keeps_for_us(tx, policy, &had.recipient, life.person)?;
        let by_time = || ended.iter().find(|(ground, ..)| for_us && going.rules.contains(&ground.rule));
        let Some((ground, rule, telling, since)) = by_word.or_else(by_time) else { continue };
        let telling = telling.unwrap_or(Telling::Erased);
        if told.contains(&had.recipient)
            || task::told_since(tx, policy, (life.person, ground.id, &had.recipient), telling, *since)?
        {
            continue;
        }
        let what = telling.task(&had.recipient, "");
        let new = NewTask {
            about: name.as_deref(),
            ground: Some(ground.id),
            rule: Some(rule.key.as_str()),
            owner: Owing { tx, policy, person: Some(life.person), cause, today, now }.owner(None)?,
            due_on: today.checked_add(policy.days(Own::Recipients).days()).ok(),
            ..telling.new_task((&had.recipient, None), &what)
        };
        task::add(tx, &new, now)?;
        departed.tasks += 1;
        told.insert(had.recipient);
    }
    Ok(())
}

/// Whether what was passed on has no more reason to be used though all of it stays for something else: nothing of the same activity goes
/// on, and whoever has it decides about it.
fn over(policy: &Policy, life: &Life, ended: &Ground, had: &Standing, today: Date) -> bool {
    let activity = |ground: &Ground| policy.rules.get(ground.rule.index()).map(|rule| rule.activity);
    let on_it = |ground: &Ground| {
        ground.engagement.is_none() || had.engagement.is_none() || ground.engagement == had.engagement
    };
    let goes_on = life
        .grounds
        .iter()
        .any(|ground| ground.active(today) && on_it(ground) && activity(ground) == activity(ended));
    on_it(ended) && !goes_on && !disclosure::does_as_told(policy, &had.recipient)
}

#[expect(clippy::too_many_arguments, reason = "what happens, to whom, why and when are all different things")]
fn cut(
    tx: &Tx<'_>,
    policy: &Policy,
    person: PersonId,
    data: &[Datum],
    one: &Uncovered,
    cause: &Cause<'_>,
    today: Date,
    now: Timestamp,
    departed: &mut Departed,
) -> Result<()> {
    let subject = data
        .iter()
        .find(|datum| datum.table == one.table && datum.id == one.id)
        .is_some_and(|datum| datum.people.contains(&(person, Role::Subject)));
    remembered::before(tx, policy, one.table, &[one.id], &|who| who == person, now)?;
    dispose::cut(tx, one.table, one.id, person)?;
    departed.cut += 1;
    if one.table == "engagement" {
        // The title often says whose work it was; its kind says enough to whoever stays.
        let work = tx.one("SELECT work FROM engagement WHERE id = ?1", params![one.id], |row| row.text(0))?;
        let title = policy.work_named(&work).map_or(work.as_str(), |work| work.title.as_str());
        ring_duty::lost(tx, "engagement", "id = ?1", params![one.id])?;
        tx.exec(
            "UPDATE engagement SET title = ?2, version = version + 1 WHERE id = ?1",
            params![one.id, title],
        )?;
        return Ok(());
    }
    if subject && matches!(one.table, "entry" | "document") {
        let kind = policy.kind(one.kind).map_or("text", |kind| kind.name.as_str());
        let what = format!(
            "Look through this {kind} for traces of somebody who has left it: mask them, or keep them with a reason"
        );
        let mut new = NewTask::new(Kind::Mask, &what);
        new.request = cause.request;
        match one.table {
            "entry" => new.entry = Some(EntryId(one.id)),
            _ => new.document = Some(DocumentId(one.id)),
        }
        let keeps = one.rule.and_then(|rule| policy.rules.get(rule.index()));
        let keeps = keeps.or_else(|| policy.rules.iter().find(|rule| rule.kinds.contains(one.kind)));
        new.rule = keeps.map(|rule| rule.key.as_str());
        let owing = Owing { tx, policy, person: Some(person), cause, today, now };
        new.owner = owing.owner(one.engagement.or(lies_on(tx, one)?))?;
        new.due_on = today.checked_add(policy.days(Own::Traces).days()).ok();
        task::add(tx, &new, now)?;
        departed.tasks += 1;
    }
    Ok(())
}

/// A piece of work that a text lies on, if it lies on any.
fn lies_on(tx: &Tx<'_>, one: &Uncovered) -> Result<Option<EngagementId>> {
    let sql = format!("SELECT MIN(engagement_id) FROM {0}_work WHERE {0}_id = ?1", one.table);
    Ok(tx.maybe(&sql, params![one.id], |row| row.opt_int(0))?.flatten().map(EngagementId))
}
