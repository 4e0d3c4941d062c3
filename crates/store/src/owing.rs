//! What somebody must do by hand before something can go: give an original back, deliver a copy, destroy paper. Each
//! is a task with an owner and a day, which says of what and where without the person it was about: they may be gone
//! by then. What says it goes with the deed.

use std::collections::BTreeSet;

use custody::coverage::{self, Datum, Outcome, Uncovered};
use custody::explain::day;
use custody::handing::{self, Before};
use custody::id::{DocumentId, EngagementId, EntryId, PersonId, StaffId};
use custody::life::{Ground, Life, State, StopCause};
use custody::moment::Now;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use policy::periods::Own;
use policy::role::Deed;
use policy::{Disposal, Policy, Rule};

use crate::asked::{AT_ONCE, listed};
use crate::departure::Cause;
use crate::task::{self, Kind, NewTask};
use crate::{Result, Tx, Value, normal, paper, params};

/// Whose departure owes something, and why.
pub(crate) struct Owing<'a, 't> {
    pub(crate) tx: &'a Tx<'t>,
    pub(crate) policy: &'a Policy,
    /// Nobody, where a piece of work held it for itself.
    pub(crate) person: Option<PersonId>,
    pub(crate) cause: &'a Cause<'a>,
    pub(crate) today: Date,
    pub(crate) now: Timestamp,
}

/// Whether any clause that is not for everyone still needs the paper of a piece of work, or of a person.
#[must_use]
pub fn paper_needed(policy: &Policy, life: &Life, engagement: Option<EngagementId>, today: Date) -> bool {
    life.grounds.iter().filter(|ground| ground.active(today)).any(|ground| {
        let rule = policy.rules.get(ground.rule.index());
        let everyone = rule
            .and_then(|rule| policy.activity(rule.activity))
            .is_some_and(|activity| activity.for_everyone);
        !everyone && (engagement.is_none() || ground.engagement.is_none() || ground.engagement == engagement)
    })
}

/// Whether something of somebody is still to be handed over.
pub(crate) fn hands_over(tx: &Tx<'_>, person: PersonId) -> Result<bool> {
    let sql = "SELECT 1 FROM task WHERE person_id = ?1 AND done_on IS NULL AND kind IN ('return', 'deliver')";
    tx.any(sql, params![person])
}

/// What somebody was asked before to hand over of a person's; nothing where no clause hands anything over.
///
/// # Errors
/// Whatever the database says.
pub fn asked_before(tx: &Tx<'_>, policy: &Policy, person: PersonId) -> Result<Before> {
    let mut before = Before::default();
    if !policy.rules.iter().any(|rule| rule.then.hands_over()) {
        return Ok(before);
    }
    let sql = "SELECT rule, document_id, entry_id, done_on, kind FROM task WHERE person_id = ?1 AND kind IN ('return', 'deliver')";
    let asked = tx.all(sql, params![person], |row| {
        Ok((row.opt_text(0)?, row.opt_int(1)?, row.opt_int(2)?, row.opt_date(3)?, row.text(4)?))
    })?;
    for (rule, document, entry, done, kind) in asked {
        match done {
            None => {
                before.open.push(rule.unwrap_or_default());
                before.asked.extend(document.map(|id| (id, way_of(&kind))));
            }
            Some(_) => {
                before.done.extend(document.map(|id| ("document", id)));
                before.theirs.extend(document.map(|id| ("document", id)));
                before.theirs.extend(entry.map(|id| ("entry", id)));
            }
        }
    }
    // An entry goes once everybody has had it who gets it.
    let sql = "SELECT k.entry_id FROM task k JOIN entry_person p ON p.entry_id = k.entry_id
        WHERE p.person_id = ?1 AND k.kind IN ('return', 'deliver') GROUP BY k.entry_id HAVING COUNT(*) = COUNT(k.done_on)";
    before.done.extend(tx.all(sql, params![person], |row| Ok(("entry", row.int(0)?)))?);
    Ok(before)
}

/// Documents that are owed though something else keeps a copy ([`coverage::owed`]), but for those that were handed over for the same work
/// since it let go of them: where somebody else on it needs them, they still lie on it.
///
/// # Errors
/// Whatever the database says.
pub fn owed(tx: &Tx<'_>, policy: &Policy, life: &Life, data: &[Datum], now: Now) -> Result<Vec<Uncovered>> {
    let mut owed = Vec::new();
    for one in coverage::owed(policy, life, data, now) {
        if !was_had(tx, life, &one)? {
            owed.push(one);
        }
    }
    Ok(owed)
}

/// Whether a document was handed over on somebody's account, or for the work itself, since their ground of that work ended.
fn was_had(tx: &Tx<'_>, life: &Life, one: &Uncovered) -> Result<bool> {
    let Some(work) = one.engagement else { return Ok(false) };
    let same = |ground: &&Ground| Some(ground.rule) == one.rule && ground.engagement == one.engagement;
    let ended =
        life.grounds.iter().chain(&life.of_work).filter(same).filter_map(|ground| match &ground.state {
            State::Stopped { on, .. } => Some(*on),
            State::Active => None,
        });
    let whose = if life.alone { "person_id IS NULL AND engagement_id = ?2" } else { "person_id = ?2" };
    let sql = format!(
        "SELECT 1 FROM task WHERE document_id = ?1 AND {whose} AND engagement_id = ?3 AND kind IN ('return', 'deliver')
            AND done_on IS NOT NULL AND (CAST(?4 AS TEXT) IS NULL OR done_on >= ?4)"
    );
    tx.any(&sql, params![one.id, life.person, work, ended.max()])
}

/// How a task of this kind hands over.
fn way_of(kind: &str) -> Disposal {
    if kind == Kind::Return.name() { Disposal::ReturnThenErase } else { Disposal::DeliverThenErase }
}

/// Whether a task to hand over an entry, or a document, stands open, or one is done: to somebody, where that is asked, and for a piece
/// of work.
fn handing_over(
    tx: &Tx<'_>,
    (table, row): (&str, i64),
    to: Option<PersonId>,
    work: Option<EngagementId>,
    done: bool,
) -> Result<bool> {
    let column = if table == "entry" { "entry_id" } else { "document_id" };
    let which = if done { "IS NOT NULL" } else { "IS NULL" };
    let sql = format!(
        "SELECT 1 FROM task WHERE {column} = ?1 AND kind IN ('return', 'deliver') AND done_on {which}
            AND (CAST(?2 AS BIGINT) IS NULL OR person_id = ?2) AND (CAST(?3 AS BIGINT) IS NULL OR engagement_id = ?3)"
    );
    tx.any(&sql, params![row, to, work])
}

/// Whether a document of which a copy was delivered under a clause lies on paper, or elsewhere: it is to be destroyed there. What is
/// transferred goes itself.
pub(crate) fn stays_where_it_lies(tx: &Tx<'_>, rule: Option<&Rule>, document: DocumentId) -> Result<bool> {
    let transferred = rule.is_some_and(|rule| rule.transfer);
    let outside = "SELECT 1 FROM document WHERE id = ?1 AND paper_place IS NOT NULL";
    Ok(!transferred && tx.any(outside, params![document])?)
}

/// What was delivered, and is to be destroyed where it lies by now, is not delivered again: so it is said of what leaves.
///
/// # Errors
/// Whatever the database says.
pub fn delivered(tx: &Tx<'_>, leaving: &mut [Uncovered]) -> Result<()> {
    let copied =
        |one: &Uncovered| one.table == "document" && one.outcome == Outcome::Task(Disposal::DeliverThenErase);
    let documents: Vec<i64> = leaving.iter().filter(|one| copied(one)).map(|one| one.id).collect();
    let asked = asked_of(tx, "document_id", &documents, "'destroy paper'")?;
    for one in leaving.iter_mut().filter(|one| copied(one) && asked.contains(&one.id)) {
        one.outcome = Outcome::Task(Disposal::Erase);
    }
    Ok(())
}

/// Of entries or documents, in the column of a task that names them, those of which a task of these kinds is still to be done.
fn asked_of(tx: &Tx<'_>, column: &str, ids: &[i64], kinds: &str) -> Result<BTreeSet<i64>> {
    let mut asked = BTreeSet::new();
    for some in ids.chunks(AT_ONCE) {
        let (values, list) = listed(some.iter().map(|id| Value::from(*id)));
        let sql = format!(
            "SELECT DISTINCT {column} FROM task WHERE {column} IN ({list}) AND kind IN ({kinds}) AND done_on IS NULL"
        );
        asked.extend(tx.all(&sql, &values, |row| row.int(0))?);
    }
    Ok(asked)
}

/// The key of the clause that needed paper last.
fn last_kept_under<'p>(policy: &'p Policy, life: &Life, engagement: Option<EngagementId>) -> Option<&'p str> {
    let ended = life.grounds.iter().filter_map(|ground| {
        let State::Stopped { on, cause } = &ground.state else { return None };
        let rule = policy.rules.get(ground.rule.index())?;
        let everyone = policy.activity(rule.activity).is_some_and(|activity| activity.for_everyone);
        let on_it = engagement.is_none() || ground.engagement.is_none() || ground.engagement == engagement;
        (on_it && !everyone && *cause != StopCause::Annulled).then_some((*on, rule))
    });
    ended.max_by_key(|(on, rule)| (*on, std::cmp::Reverse(rule.id))).map(|(_, rule)| rule.key.as_str())
}

impl Owing<'_, '_> {
    /// Whether a document or an entry that would go must be handed over first, since other work it lay on owes that, or the record of
    /// the work went before it: nothing may use it any more.
    pub(crate) fn first(&self, one: &Uncovered) -> Result<bool> {
        let (document, entry) = match one.table {
            "document" => (Some(one.id), None),
            "entry" => (None, Some(one.id)),
            _ => return Ok(false),
        };
        let waits = match document {
            Some(_) => task::stands_for(self.tx, document, None, None)?,
            None => handing_over(self.tx, (one.table, one.id), None, None, false)?,
        };
        if waits {
            if let Some(document) = document {
                self.tx.exec("UPDATE document SET usable = 0 WHERE id = ?1", params![document])?;
            }
            self.waits_for((document, None, entry))?;
        }
        Ok(waits)
    }

    /// Of entries that would go, those that somebody is asked to hand over.
    pub(crate) fn entries_asked_for(&self, leaving: &[Uncovered]) -> Result<BTreeSet<i64>> {
        let entries: Vec<i64> = leaving.iter().filter(|one| one.table == "entry").map(|one| one.id).collect();
        asked_of(self.tx, "entry_id", &entries, "'return', 'deliver'")
    }

    /// Whether somebody who is cut out of a document is still to get a copy of it, for which they must be in it.
    pub(crate) fn gets_first(&self, one: &Uncovered) -> Result<bool> {
        let Some(person) = self.person.filter(|_| one.table == "document") else { return Ok(false) };
        let gets = handing_over(self.tx, (one.table, one.id), Some(person), None, false)?;
        if gets {
            self.waits_for((Some(one.id), None, None))?;
        }
        Ok(gets)
    }

    /// The request that this answers waits also for what somebody was asked to hand over or destroy before it came: a document, a paper
    /// file or an entry. What keeps somebody else's request open goes on doing that.
    fn waits_for(&self, (document, paper, entry): (Option<i64>, Option<i64>, Option<i64>)) -> Result<()> {
        let Some(request) = self.cause.request else { return Ok(()) };
        let those = "done_on IS NULL AND kind IN ('destroy paper', 'return', 'deliver')
            AND (document_id = ?2 OR paper_id = ?3 OR entry_id = ?4)
            AND NOT (blocks = 1 AND EXISTS (SELECT 1 FROM request q JOIN request o ON o.id = ?1
                WHERE q.id = task.request_id AND q.closed_on IS NULL AND q.person_id <> o.person_id))";
        let what = params![request, document.unwrap_or(0), paper.unwrap_or(0), entry.unwrap_or(0)];
        task::kept_where(self.tx, those, what)?;
        self.tx.exec(&format!("UPDATE task SET request_id = ?1, blocks = 1 WHERE {those}"), what)?;
        Ok(())
    }

    /// A row as it goes and how: an entry that was handed over goes as that, under the clause that had it handed over, whatever else lets
    /// go of it in the end.
    pub(crate) fn as_handed_over(&self, mut one: Uncovered, way: Disposal) -> Result<(Uncovered, Disposal)> {
        if one.table != "entry" || !self.policy.rules.iter().any(|rule| rule.then.hands_over()) {
            return Ok((one, way));
        }
        let sql = "SELECT kind, rule FROM task WHERE entry_id = ?1 AND kind IN ('return', 'deliver') AND done_on IS NOT NULL
            ORDER BY id DESC LIMIT 1";
        let done = self.tx.maybe(sql, params![one.id], |row| Ok((row.text(0)?, row.opt_text(1)?)))?;
        let Some((kind, key)) = done else { return Ok((one, way)) };
        let rule = key.as_deref().and_then(|key| self.policy.rule_keyed(key));
        one.rule = rule.map(|rule| rule.id).or(one.rule);
        Ok((one, way_of(&kind)))
    }

    /// Whether a row whose clause hands over may go now: an entry that was handed over, or what nobody can hand over once nothing
    /// else is owed. Until then their address is needed.
    pub(crate) fn is_over(&self, one: &Uncovered) -> Result<bool> {
        match (one.outcome, self.person) {
            (Outcome::Task(_), _) if one.table == "entry" => self.everybody_had(one),
            // The last of them takes it away, unless they left it meanwhile.
            (Outcome::Task(_), _) => Ok(one.table == "document"
                && !one.copy
                && !self.to_each(one).is_empty()
                && self.everybody_had(one)?
                && !self.stays_where_it_lies(one)?
                && !task::stands_for(self.tx, Some(one.id), None, None)?),
            (Outcome::Dispose(way), Some(person)) if way.hands_over() => Ok(!hands_over(self.tx, person)?),
            (Outcome::Dispose(way), None) => Ok(way.hands_over()),
            (Outcome::Dispose(_) | Outcome::CutLink, _) => Ok(false),
        }
    }

    /// Each to whom an entry is handed over, or a copy of a document delivered, that goes to whoever it is about; nobody where it goes to
    /// somebody else, once, and for an original, which goes back once.
    pub(crate) fn to_each(&self, one: &Uncovered) -> Vec<PersonId> {
        let rule = one.rule.and_then(|rule| self.policy.rules.get(rule.index()));
        let each = match one.table {
            "entry" => true,
            "document" => one.outcome == Outcome::Task(Disposal::DeliverThenErase),
            _ => false,
        };
        if !each || !rule.is_some_and(|rule| handing::goes_to_them(self.policy, rule)) {
            return Vec::new();
        }
        let own = self.person.filter(|_| one.theirs);
        own.into_iter().chain(one.beside.iter().copied()).collect()
    }

    /// Whether an entry or a document was handed over to everybody who gets it.
    fn everybody_had(&self, one: &Uncovered) -> Result<bool> {
        let each = self.to_each(one);
        if each.is_empty() {
            return handing_over(self.tx, (one.table, one.id), None, None, true);
        }
        for who in each {
            if !handing_over(self.tx, (one.table, one.id), Some(who), None, true)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether what copies were delivered of lies on paper, or elsewhere, and is still to be destroyed there.
    fn stays_where_it_lies(&self, one: &Uncovered) -> Result<bool> {
        let rule = one.rule.and_then(|rule| self.policy.rules.get(rule.index()));
        stays_where_it_lies(self.tx, rule, DocumentId(one.id))
    }

    /// A document or an entry to be given back or delivered, or paper to be destroyed, before the row can go. How many tasks are
    /// new: an entry, or a copy of a document, that goes to whoever it is about has one for each of them. What all have had a copy of is
    /// then to be destroyed where it lies.
    pub(crate) fn before(&self, one: &Uncovered, disposal: Disposal, data: &[Datum]) -> Result<u32> {
        let each = self.to_each(one);
        if each.is_empty() {
            return self.ask(one, disposal, data, None).map(u32::from);
        }
        let mut made = 0;
        for who in each {
            made += u32::from(self.ask(one, disposal, data, Some(who))?);
        }
        let document = one.table == "document" && !one.copy;
        if made == 0 && document && self.everybody_had(one)? && self.stays_where_it_lies(one)? {
            made += u32::from(self.ask(one, Disposal::Erase, data, None)?);
        }
        Ok(made)
    }

    /// Asks for one thing to be handed over or destroyed, once: `to` whom, where several get the same. Whether the task is new.
    fn ask(&self, one: &Uncovered, disposal: Disposal, data: &[Datum], to: Option<PersonId>) -> Result<bool> {
        let tx = self.tx;
        let (document, entry, paper) = match one.table {
            "document" => (Some(one.id), None, None),
            "entry" => (None, Some(one.id), None),
            _ => (None, None, Some(one.id)),
        };
        if one.table == "document" && !one.copy {
            tx.exec("UPDATE document SET usable = 0 WHERE id = ?1", params![one.id])?;
        }
        // Each piece of work has somebody of its own to hand it to.
        let work = one.engagement.filter(|_| self.person.is_none());
        let stands = match document {
            Some(document) if one.copy && one.engagement.is_none() && to.is_none() => {
                task::handed_over(tx, document)?
            }
            _ => false,
        };
        let asked = match entry.is_some() || to.is_some() {
            true => handing_over(tx, (one.table, one.id), to, None, false)?,
            false => task::stands_for(tx, document, paper, work)?,
        };
        // Whoever has had it is not given it again while others still get it; of a copy that stays, for the same work.
        let had = match to {
            Some(_) => {
                let of_work = one.engagement.filter(|_| one.copy);
                handing_over(tx, (one.table, one.id), to, of_work, true)?
            }
            None => false,
        };
        if asked {
            self.waits_for((document, paper, entry))?;
        }
        if stands || asked || had {
            return Ok(false);
        }
        let name = self.policy.kind(one.kind).map_or("document", |kind| kind.name.as_str());
        let rule = one.rule.and_then(|rule| self.policy.rules.get(rule.index()));
        let named = rule.and_then(|rule| rule.handed_to(self.policy));
        let named = named.map_or_else(String::new, |named| format!(" to {named}"));
        let datum = data.iter().find(|datum| datum.table == one.table && datum.id == one.id);
        let lies_on = datum.and_then(|datum| datum.engagements.first()).map(|(engagement, _)| *engagement);
        let engagement = one.engagement.or(lies_on.filter(|_| !one.copy));
        let (of, place, elsewhere) = match document {
            Some(document) => {
                let sql = "SELECT on_date, paper_place, elsewhere FROM document WHERE id = ?1";
                let found = tx.maybe(sql, params![document], |row| {
                    Ok((Some(row.date(0)?), row.opt_text(1)?, row.bool(2)?))
                })?;
                found.unwrap_or_default()
            }
            None => (None, None, false),
        };
        let (kind, what) = match disposal {
            Disposal::ReturnThenErase => (Kind::Return, format!("Give this {name} back{named}")),
            Disposal::DeliverThenErase if rule.is_some_and(|rule| rule.transfer) => {
                (Kind::Deliver, format!("Hand this {name} over{named}"))
            }
            Disposal::DeliverThenErase => (Kind::Deliver, format!("Deliver a copy of this {name}{named}")),
            Disposal::Erase | Disposal::Anonymise | Disposal::Count => {
                (Kind::DestroyPaper, task::destroying(name, elsewhere))
            }
        };
        let thing = of.map_or_else(|| name.to_owned(), |on| format!("{name} of {}", day(on)));
        let whose = to.or(self.person);
        let about = self.about(&thing, whose, engagement)?;
        let new = NewTask {
            person: whose,
            document: document.map(DocumentId),
            entry: entry.map(EntryId),
            paper,
            about: Some(&about),
            place: place.as_deref(),
            rule: rule.map(|rule| rule.key.as_str()),
            ..NewTask::new(kind, &what)
        };
        self.add(new, engagement, engagement.or(lies_on))?;
        Ok(true)
    }

    /// What says where something goes that is still to be handed over stays until it was. Whoever asks to be erased has what they
    /// asked for, and hears of it first.
    pub(crate) fn address_stays(&self, leaving: &mut [Uncovered]) -> Result<()> {
        let Some(person) = self.person.filter(|_| self.cause.request.is_none()) else { return Ok(()) };
        // Most policies hand nothing to whoever it is about: nobody is asked for.
        if self.policy.rules.iter().any(|rule| handing::goes_to_them(self.policy, rule)) {
            handing::address_stays(self.policy, leaving, &asked_before(self.tx, self.policy, person)?);
        }
        Ok(())
    }

    /// A paper file holds what no table does. Once no ground of its work is left, somebody must go and destroy it. How
    /// many tasks are new.
    pub(crate) fn papers(&self, life: &Life) -> Result<u32> {
        let mut made = 0;
        for file in paper::standing(self.tx, life.person)? {
            if paper_needed(self.policy, life, file.engagement, self.today) {
                continue;
            }
            if task::stands_for(self.tx, None, Some(file.id), None)? {
                self.waits_for((None, Some(file.id), None))?;
                continue;
            }
            let thing = format!("paper file of {}", day(file.since));
            let about = self.about(&thing, self.person, file.engagement)?;
            let place = format!("{}: {}", file.place, file.what);
            let new = NewTask {
                person: self.person,
                paper: Some(file.id),
                about: Some(&about),
                place: Some(place.trim_end_matches([':', ' '])),
                rule: last_kept_under(self.policy, life, file.engagement),
                ..NewTask::new(Kind::DestroyPaper, "Destroy the paper file")
            };
            self.add(new, file.engagement, file.engagement)?;
            made += 1;
        }
        Ok(made)
    }

    /// Makes a task of a piece of work, for whoever runs that on which the thing lies.
    fn add(
        &self,
        new: NewTask<'_>,
        engagement: Option<EngagementId>,
        lies_on: Option<EngagementId>,
    ) -> Result<()> {
        let new = NewTask {
            engagement,
            request: self.cause.request,
            blocks: self.cause.request.is_some(),
            owner: self.owner(lies_on)?,
            due_on: self.today.checked_add(self.policy.days(Own::ByHand).days()).ok(),
            ..new
        };
        task::add(self.tx, &new, self.now)?;
        Ok(())
    }

    /// What a thing can be known by when its person is gone: itself, its work, who paid for that (no sole trader), and
    /// initials where the register of erasures keeps them.
    fn about(
        &self,
        thing: &str,
        whose: Option<PersonId>,
        engagement: Option<EngagementId>,
    ) -> Result<String> {
        let mut said = vec![thing.to_owned()];
        if let Some(engagement) = engagement {
            let work = self.tx.maybe(
                "SELECT e.work, e.opened_on, o.name FROM engagement e
                    LEFT JOIN organisation o ON o.id = e.paid_by_organisation_id AND o.subscriber <> 'individual'
                    WHERE e.id = ?1",
                params![engagement],
                |row| Ok((row.text(0)?, row.date(1)?, row.opt_text(2)?)),
            )?;
            if let Some((work, opened_on, payer)) = work {
                let title = self.policy.work_named(&work).map_or(work.as_str(), |work| work.title.as_str());
                said.push(format!("{title} opened on {}", day(opened_on)));
                said.extend(payer.map(|payer| format!("paid by {payer}")));
            }
        }
        let registers = &self.policy.requests.registers;
        let by_initials = registers.iter().any(|register| {
            register.name == "erasure" && register.columns.iter().any(|column| column == "initials")
        });
        if by_initials {
            let name = self.tx.maybe(
                "SELECT value FROM item WHERE person_id = ?1 AND kind = 'name' ORDER BY collected_on DESC, id DESC LIMIT 1",
                params![whose],
                |row| row.text(0),
            )?;
            said.extend(name.map(|name| normal::initials(&name)).filter(|initials| !initials.is_empty()));
        }
        Ok(said.join(", "))
    }

    /// Whoever runs the work, or ran it last; else whoever let it go; else the first of those whose role answers requests.
    pub(crate) fn owner(&self, engagement: Option<EngagementId>) -> Result<Option<StaffId>> {
        let of_work = self.tx.maybe(
            "SELECT s.staff_id FROM engagement_staff s JOIN staff a ON a.id = s.staff_id
                WHERE s.engagement_id = ?1 AND a.until IS NULL
                ORDER BY CASE WHEN s.until IS NULL THEN 0 ELSE 1 END, s.until DESC, s.since DESC, s.staff_id LIMIT 1",
            params![engagement],
            |row| Ok(StaffId(row.int(0)?)),
        )?;
        if let Some(owner) = of_work.or(self.cause.by) {
            return Ok(Some(owner));
        }
        let roles = self.policy.roles.iter().filter(|role| role.deeds.contains(&Deed::AnswerRequests));
        for role in roles {
            let found = self.tx.maybe(
                "SELECT id FROM staff WHERE role = ?1 AND until IS NULL ORDER BY id LIMIT 1",
                params![&role.name],
                |row| Ok(StaffId(row.int(0)?)),
            )?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }
}
