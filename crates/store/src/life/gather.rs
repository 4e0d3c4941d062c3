//! Lives put together from the rows of their parts, which come in any order.

use std::collections::BTreeSet;

use custody::coverage::{Datum, Role};
use custody::id::{ConsentId, DocumentId, EngagementId, GroundId, ObjectionId, PersonId, StaffId};
use custody::life::{
    Agreed, Birth, Consent, Ground, HeldCategory, Hold, Kept, Life, Objection, OnWork, OpenRequest,
    Restriction, Scope, State, StopCause, Told,
};
use custody::moment::{Last, Moment};
use custody::parting::Said;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span as Period, Timestamp};
use policy::{ActivityId, KindId, KindSet, Policy, RuleId, Sort};

use super::parts::{Wanted, part};
use crate::request::Kind;
use crate::{Error, Result, Row, consent, objection};

/// An active ground of a clause the policy no longer has: whose, which, and the key of its clause.
pub(crate) type Gone = (PersonId, GroundId, String);

/// Lives on their way, in the order of their numbers.
pub(super) struct Gathering<'p> {
    policy: &'p Policy,
    zone: TimeZone,
    wanted: Wanted,
    /// Kinds of entries whose rows come one by one beside this.
    by_row: KindSet,
    today: Date,
    lives: Vec<Begun>,
    /// Where the row before belonged: most rows of one person come together.
    at: usize,
    /// Active grounds of clauses the policy no longer has, with their keys: no life can carry them.
    gone: Vec<Gone>,
}

/// A life, and beside it what must be put in order before it belongs there.
struct Begun {
    life: Life,
    /// Whether the instance holds them.
    held: bool,
    categories: Vec<(i64, HeldCategory)>,
    milestones: BTreeSet<(Date, i64, EngagementId, String)>,
    agreements: Vec<(Date, i64, EngagementId, Agreed)>,
    not_entered: Vec<(i64, ActivityId)>,
    contacts: Vec<(&'static str, Date, Date)>,
    lines: Vec<Lines>,
    facts: Vec<(i64, Told)>,
    births: Vec<(i64, Birth)>,
    born: Option<(i64, Option<Date>)>,
    /// What the program keeps of its own.
    records: Vec<Kept>,
    /// When the first row of a ground goes by itself.
    ends: Vec<(GroundId, Last)>,
    restriction: Option<(Date, i64)>,
    /// The hold that counts: the person's own before one of their work, then the oldest.
    hold: Option<(bool, Date, i64)>,
    /// Whoever works on what any hold stands for.
    serving: BTreeSet<StaffId>,
}

/// The entries of one kind: the newest of them stands for all.
struct Lines {
    kind: KindId,
    newest: i64,
    dated: Date,
    recorded: Timestamp,
}

impl Begun {
    fn of(person: PersonId) -> Self {
        Self {
            life: Life::new(person),
            held: false,
            categories: Vec::new(),
            milestones: BTreeSet::new(),
            agreements: Vec::new(),
            not_entered: Vec::new(),
            contacts: Vec::new(),
            lines: Vec::new(),
            facts: Vec::new(),
            births: Vec::new(),
            born: None,
            records: Vec::new(),
            ends: Vec::new(),
            restriction: None,
            hold: None,
            serving: BTreeSet::new(),
        }
    }
}

/// Where the numbers of a row begin, and where its texts.
const A: usize = 2;
const B: usize = 3;
const C: usize = 4;
const TEXT: usize = 6;

impl<'p> Gathering<'p> {
    /// Begins the lives of people, whose numbers must ascend.
    pub(super) fn new(
        policy: &'p Policy,
        zone: TimeZone,
        wanted: Wanted,
        today: Date,
        people: &[PersonId],
    ) -> Self {
        let lives = people.iter().map(|person| Begun::of(*person)).collect();
        let by_row = super::rows::kinds_by_row(policy, Sort::Entry);
        Self { policy, zone, wanted, by_row, today, lives, at: 0, gone: Vec::new() }
    }

    /// Takes a row. Those of somebody nobody asked for are passed over.
    pub(super) fn take(&mut self, row: &Row<'_>) -> Result<()> {
        let person = PersonId(row.int(1)?);
        if self.lives.get(self.at).is_none_or(|begun| begun.life.person != person) {
            match self.lives.binary_search_by_key(&person, |begun| begun.life.person) {
                Ok(at) => self.at = at,
                Err(_) => return Ok(()),
            }
        }
        let Some(begun) = self.lives.get_mut(self.at) else { return Ok(()) };
        let (policy, today) = (self.policy, self.today);
        match row.int(0)? {
            part::PERSON => begun.held = true,
            part::CATEGORY => begun.category(policy, row)?,
            part::WORK => begun.work(policy, row)?,
            part::MILESTONE => {
                let at = (row.date(TEXT + 1)?, row.int(A)?, EngagementId(row.int(B)?), row.text(TEXT)?);
                begun.milestones.insert(at);
            }
            part::AGREEMENT => begun.agreement(row)?,
            part::HOLD_ON_WORK => begun.hold(false, today, row)?,
            part::HOLD => begun.hold(true, today, row)?,
            part::ASSIGNED => begun.assigned(today, row)?,
            part::CONSENT => begun.consent(policy, row)?,
            part::OBJECTION => begun.objection(policy, row)?,
            part::NOT_ENTERED => {
                if let Some(activity) = policy.activity_named(row.str(TEXT)?) {
                    begun.not_entered.push((row.int(A)?, activity.id));
                }
            }
            part::COLLECTED => begun.contact("collected", row.date(TEXT)?, row.date(TEXT)?),
            part::ENTRIES => {
                let kind = policy.kind_named(row.str(TEXT)?).map(|kind| kind.id);
                if let Some(kind) = kind.filter(|kind| !self.by_row.contains(*kind)) {
                    begun.lines(kind, row)?;
                }
                begun.entries(row)?;
            }
            part::MESSAGES => begun.messages(&self.zone, row)?,
            part::EVENT => begun.life.events.push((row.text(TEXT)?, row.date(TEXT + 1)?)),
            part::OF_WORK => {
                if let Some(rule) = policy.rule_keyed(row.str(TEXT)?).filter(|rule| rule.for_work) {
                    begun.life.of_work.push(ground(rule.id, row)?);
                }
            }
            part::GROUND => match policy.rule_keyed(row.str(TEXT)?) {
                Some(rule) => begun.life.grounds.push(ground(rule.id, row)?),
                None if row.str(TEXT + 6)? == "active" => {
                    self.gone.push((person, GroundId(row.int(A)?), row.text(TEXT)?))
                }
                None => {}
            },
            part::RESTRICTION => begun.restriction(row)?,
            part::ASKED => {
                if let Some(needs) = Kind::named(row.str(TEXT)?).and_then(Kind::needs) {
                    let due_on = row.opt_date(TEXT + 1)?.unwrap_or(Date::MAX);
                    begun.life.requests.push(OpenRequest { needs, due_on });
                }
            }
            part::FACT => {
                let told = Told {
                    engagement: row.opt_int(B)?.map(EngagementId),
                    name: row.text(TEXT)?,
                    value: row.text(TEXT + 1)?,
                    on: row.date(TEXT + 2)?,
                };
                begun.facts.push((row.int(A)?, told));
            }
            // A birthday that cannot be read is not known.
            part::BORN => {
                let (item, born) = (row.int(A)?, row.str(TEXT)?.trim().parse().ok());
                if begun.born.is_none_or(|(known, _)| known < item) {
                    begun.born = Some((item, born));
                }
            }
            part::BIRTHS => {
                let born = row.opt_str(TEXT)?.and_then(|value| value.trim().parse().ok());
                let birth = Birth { engagement: EngagementId(row.int(A)?), part: row.text(TEXT + 1)?, born };
                begun.births.push((row.int(B)?, birth));
            }
            part::SAID => begun.life.said.push(Said {
                ground: GroundId(row.int(A)?),
                says: crate::parting::says(row.str(TEXT)?)?,
                ends: row.date(TEXT + 1)?,
                said_on: row.opt_date(TEXT + 2)?,
            }),
            part::ENDS => {
                let last = Last { on: row.date(TEXT)?, at: row.opt_at(B)? };
                begun.ends.push((GroundId(row.int(A)?), last));
            }
            part::RECORD => {
                let row_of = (row.str(TEXT)?, row.int(A)?, row.str(TEXT + 1)?);
                let days = (row.opt_date(TEXT + 2)?, row.opt_at(B)?, row.opt_date(TEXT + 3)?, row.opt_at(C)?);
                begun.records.extend(super::rows::kept(policy, &self.zone, person, row_of, days)?);
            }
            _ => return Err(Error::Malformed("a part of a life".into())),
        }
        Ok(())
    }

    /// The lives of those the instance holds, each in order, and the active grounds no life can carry.
    pub(super) fn done(self) -> (Vec<Life>, Vec<Gone>) {
        let held = self.lives.into_iter().filter(|begun| begun.held);
        (held.map(|begun| begun.life(self.wanted.for_clocks, &self.zone)).collect(), self.gone)
    }
}

fn day(zone: &TimeZone, at: Timestamp) -> Date {
    zone.to_datetime(at).date()
}

impl Begun {
    fn category(&mut self, policy: &Policy, row: &Row<'_>) -> Result<()> {
        if let Some(category) = policy.category_named(row.str(TEXT)?) {
            let held = HeldCategory {
                category: category.id,
                since: row.date(TEXT + 1)?,
                until: row.opt_date(TEXT + 2)?,
            };
            self.categories.push((row.int(A)?, held));
        }
        Ok(())
    }

    fn work(&mut self, policy: &Policy, row: &Row<'_>) -> Result<()> {
        if let Some(work) = policy.work_named(row.str(TEXT)?) {
            self.life.works.push(OnWork {
                engagement: EngagementId(row.int(A)?),
                work: work.id,
                part: row.text(TEXT + 1)?,
                since: row.date(TEXT + 2)?,
                until: row.opt_date(TEXT + 3)?,
                opened_on: row.date(TEXT + 4)?,
                milestones: Vec::new(),
                agreed: None,
            });
        }
        Ok(())
    }

    fn agreement(&mut self, row: &Row<'_>) -> Result<()> {
        let period: Period =
            row.str(TEXT)?.parse().map_err(|_| Error::Malformed("an agreed period".into()))?;
        let agreed = Agreed { period, reason: row.opt_text(TEXT + 1)? };
        self.agreements.push((row.date(TEXT + 2)?, row.int(A)?, EngagementId(row.int(B)?), agreed));
        Ok(())
    }

    /// A hold that stands today.
    fn hold(&mut self, own: bool, today: Date, row: &Row<'_>) -> Result<()> {
        if row.opt_date(TEXT + 2)?.is_some_and(|ended| ended <= today) {
            return Ok(());
        }
        let (since, owner, review_on) = (row.date(TEXT)?, StaffId(row.int(B)?), row.date(TEXT + 1)?);
        if since <= today {
            self.serving.insert(owner);
            self.serving.extend(row.opt_int(C)?.map(StaffId));
        }
        let this = (!own, since, -row.int(A)?);
        if self.hold.is_none_or(|known| this < known) {
            self.hold = Some(this);
            self.life.hold = Some(Hold { since, owner, helpers: Vec::new(), review_on });
        }
        Ok(())
    }

    fn restriction(&mut self, row: &Row<'_>) -> Result<()> {
        let restriction = Restriction {
            since: row.date(TEXT)?,
            owner: StaffId(row.int(B)?),
            review_on: row.date(TEXT + 1)?,
        };
        let this = (restriction.since, -row.int(A)?);
        if self.restriction.is_none_or(|known| this < known) {
            self.restriction = Some(this);
            self.life.restriction = Some(restriction);
        }
        Ok(())
    }

    fn assigned(&mut self, today: Date, row: &Row<'_>) -> Result<()> {
        let staff = (StaffId(row.int(A)?), EngagementId(row.int(B)?));
        let stands = row.date(TEXT)? <= today && row.opt_date(TEXT + 1)?.is_none_or(|until| today < until);
        if stands && !self.life.assigned.contains(&staff) {
            self.life.assigned.push(staff);
        }
        Ok(())
    }

    fn consent(&mut self, policy: &Policy, row: &Row<'_>) -> Result<()> {
        let form = consent::form_named(policy, row.str(TEXT + 1)?);
        if let (Some(activity), Some(form)) = (policy.activity_named(row.str(TEXT)?), form) {
            self.life.consents.push(Consent {
                id: ConsentId(row.int(A)?),
                activity: activity.id,
                engagement: row.opt_int(B)?.map(EngagementId),
                form,
                document: row.opt_int(C)?.map(DocumentId),
                given_on: row.date(TEXT + 2)?,
                lapses_on: row.opt_date(TEXT + 3)?,
                withdrawn_on: row.opt_date(TEXT + 4)?,
                confirm_by: row.opt_date(TEXT + 5)?,
                confirmed_on: row.opt_date(TEXT + 6)?,
            });
        }
        Ok(())
    }

    fn objection(&mut self, policy: &Policy, row: &Row<'_>) -> Result<()> {
        // What the policy no longer names still stands against every contact: the safer reading.
        let scope = objection::scope_named(policy, row.str(TEXT)?, row.opt_str(TEXT + 1)?)
            .unwrap_or(Scope::AllContact);
        self.life.objections.push(Objection {
            id: ObjectionId(row.int(A)?),
            scope,
            made_on: row.date(TEXT + 2)?,
            upheld_on: row.opt_date(TEXT + 3)?,
            lifted_on: row.opt_date(TEXT + 4)?,
        });
        Ok(())
    }

    /// Entries of one kind and direction.
    fn lines(&mut self, kind: KindId, row: &Row<'_>) -> Result<()> {
        let (newest, dated, recorded) = (row.int(B)?, row.date(TEXT + 3)?, row.at(A)?);
        match self.lines.iter_mut().find(|known| known.kind == kind) {
            Some(known) => {
                known.newest = known.newest.max(newest);
                known.dated = known.dated.max(dated);
                known.recorded = known.recorded.max(recorded);
            }
            None => self.lines.push(Lines { kind, newest, dated, recorded }),
        }
        Ok(())
    }

    fn entries(&mut self, row: &Row<'_>) -> Result<()> {
        let name = match row.opt_str(TEXT + 1)? {
            None => return Ok(()),
            Some("in") => "incoming contact",
            Some("both") => "contact",
            Some(_) => "communication",
        };
        self.contact(name, row.date(TEXT + 2)?, row.date(TEXT + 3)?);
        Ok(())
    }

    fn messages(&mut self, zone: &TimeZone, row: &Row<'_>) -> Result<()> {
        let sent = row.opt_at(A)?.zip(row.opt_at(B)?);
        let sent = sent.map(|(first, last)| (day(zone, first), day(zone, last)));
        if let Some((first, last)) = sent {
            self.contact("communication", first, last);
        }
        Ok(())
    }

    /// Something that came in, went out or was collected, with its first and its last day.
    fn contact(&mut self, name: &'static str, first: Date, last: Date) {
        match self.contacts.iter_mut().find(|(known, ..)| *known == name) {
            Some(known) => *known = (name, known.1.min(first), known.2.max(last)),
            None => self.contacts.push((name, first, last)),
        }
    }

    /// The life with everything in its order.
    fn life(mut self, for_clocks: bool, zone: &TimeZone) -> Life {
        // Something was first collected when they were first known, whether or not that detail is still there.
        let known = self.categories.iter().map(|(_, held)| held.since).min().filter(|_| for_clocks);
        if let Some(since) = known {
            self.contact("collected", since, since);
            let mut collected = self.contacts.iter_mut().filter(|(name, ..)| *name == "collected");
            collected.by_ref().for_each(|(_, first, last)| *last = *first);
        }
        let mut life = self.life;
        self.categories.sort_by_key(|(id, held)| (held.since, *id));
        life.categories = self.categories.into_iter().map(|(_, held)| held).collect();
        life.works.sort_by_key(|work| (work.since, work.engagement));
        for (on, _, engagement, name) in self.milestones {
            for work in life.works.iter_mut().filter(|work| work.engagement == engagement) {
                work.milestones.push((name.clone(), on));
            }
        }
        // The latest agreement counts: a later row overwrites.
        self.agreements.sort_by_key(|(on, id, ..)| (*on, *id));
        for (_, _, engagement, agreed) in self.agreements {
            for work in life.works.iter_mut().filter(|work| work.engagement == engagement) {
                work.agreed = Some(agreed.clone());
            }
        }
        life.assigned.sort_unstable();
        life.consents.sort_by_key(|consent| (consent.given_on, consent.id));
        life.objections.sort_by_key(|objection| (objection.made_on, objection.id));
        self.not_entered.sort_unstable();
        life.not_entered = self.not_entered.into_iter().map(|(_, activity)| activity).collect();
        for (name, first, last) in self.contacts {
            life.events.push((name.to_owned(), first));
            if first != last {
                life.events.push((name.to_owned(), last));
            }
        }
        life.events.sort_by_key(|(_, on)| *on);
        // Something was first collected once, whether or not that detail is still there.
        let mut first = true;
        life.events.retain(|(name, _)| name != "collected" || std::mem::take(&mut first));
        self.facts.sort_by_key(|(id, told)| (told.on, *id));
        if let Some(hold) = &mut life.hold {
            hold.helpers = self.serving.into_iter().filter(|staff| *staff != hold.owner).collect();
        }
        life.facts = self.facts.into_iter().map(|(_, told)| told).collect();
        life.born = self.born.and_then(|(_, born)| born);
        self.births.sort_unstable();
        life.births = self.births.into_iter().map(|(_, birth)| birth).collect();
        for (ground, last) in self.ends {
            life.grounds.iter_mut().filter(|held| held.id == ground).for_each(|held| held.row = Some(last));
        }
        life.grounds.sort_by_key(|ground| (ground.opened_on, ground.id));
        life.of_work.sort_by_key(|ground| (ground.opened_on, ground.id));
        life.said.sort_by_key(|said| (said.ends, said.ground, said.says));
        let person = life.person;
        life.records.extend(self.lines.into_iter().map(|lines| Kept {
            datum: Datum {
                table: "entry",
                id: lines.newest,
                kind: lines.kind,
                people: vec![(person, Role::Subject)],
                engagements: Vec::new(),
                paper: false,
            },
            dated: Some(lines.dated),
            recorded: Moment::at(lines.recorded.to_zoned(zone.clone())),
            closed_on: None,
            sent: None,
        }));
        life.records.extend(self.records);
        life
    }
}

fn ground(rule: RuleId, row: &Row<'_>) -> Result<Ground> {
    Ok(Ground {
        id: GroundId(row.int(A)?),
        rule,
        engagement: row.opt_int(B)?.map(EngagementId),
        opened_on: row.date(TEXT + 1)?,
        due_on: row.opt_date(TEXT + 2)?,
        review_on: row.opt_date(TEXT + 3)?,
        awaiting: row.opt_text(TEXT + 4)?,
        reviewed_on: row.opt_date(TEXT + 5)?,
        row: None,
        state: state(row)?,
        swept: row.opt_int(C)?.is_some(),
    })
}

fn state(row: &Row<'_>) -> Result<State> {
    match row.str(TEXT + 6)? {
        "active" => Ok(State::Active),
        "stopped" => {
            let cause = StopCause::named(row.str(TEXT + 8)?)
                .ok_or_else(|| Error::Malformed("why a ground stopped".into()))?;
            Ok(State::Stopped { on: row.date(TEXT + 7)?, cause })
        }
        _ => Err(Error::Malformed("the state of a ground".into())),
    }
}
