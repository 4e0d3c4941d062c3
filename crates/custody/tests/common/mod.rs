//! CTI's policy and the people of these tests.
#![allow(dead_code, reason = "every test binary uses a part of it")]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests, which may fail loudly"
)]

use custody::coverage::{Datum, Role};
use custody::id::{ConsentId, DocumentId, EngagementId, ObjectionId, PersonId, StaffId};
use custody::life::{Consent, HeldCategory, Kept, Life, Objection, OnWork, Scope};
use custody::{GroundChange, Moment, settle, settled};
use jiff::Timestamp;
use jiff::civil::Date;
use policy::basis::ConsentForm;
use policy::source::File;
use policy::{ActivityId, CategoryId, KindId, KindSet, Policy, RoleId, RuleId};

/// The pack as it is published.
pub fn cti() -> Policy {
    let text = include_str!("../../../../policies/cti.policy").to_owned();
    let (policy, found) = Policy::read(vec![File { name: "cti.policy".to_owned(), text }]);
    policy.unwrap_or_else(|| panic!("cti.policy has errors: {found:?}"))
}

/// A date written as in a policy.
pub fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// An instant for grants; decisions do not depend on it.
pub fn now() -> Timestamp {
    Timestamp::UNIX_EPOCH
}

pub fn category(policy: &Policy, name: &str) -> CategoryId {
    policy.category_named(name).unwrap_or_else(|| panic!("no category {name}")).id
}

pub fn activity(policy: &Policy, name: &str) -> ActivityId {
    policy.activity_named(name).unwrap_or_else(|| panic!("no activity {name}")).id
}

pub fn kind(policy: &Policy, name: &str) -> KindId {
    policy.kind_named(name).unwrap_or_else(|| panic!("no kind {name}")).id
}

pub fn kinds(policy: &Policy, names: &[&str]) -> KindSet {
    names.iter().map(|name| kind(policy, name)).collect()
}

pub fn rule(policy: &Policy, key: &str) -> RuleId {
    policy.rule_keyed(key).unwrap_or_else(|| panic!("no rule {key}")).id
}

pub fn role(policy: &Policy, name: &str) -> RoleId {
    policy.role_named(name).unwrap_or_else(|| panic!("no role {name}")).id
}

/// A life one can tell in a few words.
pub struct Told<'a> {
    pub policy: &'a Policy,
    pub life: Life,
    next: i64,
}

pub fn told(policy: &Policy) -> Told<'_> {
    Told { policy, life: Life::new(PersonId(1)), next: 1 }
}

impl Told<'_> {
    fn number(&mut self) -> i64 {
        self.next += 1;
        self.next
    }

    pub fn is(mut self, name: &str, since: &str) -> Self {
        self.life.categories.push(HeldCategory {
            category: category(self.policy, name),
            since: day(since),
            until: None,
        });
        self
    }

    pub fn no_longer(mut self, name: &str, on: &str) -> Self {
        let category = category(self.policy, name);
        for held in
            self.life.categories.iter_mut().filter(|held| held.category == category && held.until.is_none())
        {
            held.until = Some(day(on));
        }
        self
    }

    pub fn programme(mut self, number: i64, part: &str, opened: &str) -> Self {
        self.life.works.push(OnWork {
            engagement: EngagementId(number),
            work: self.policy.work_named("programme").unwrap().id,
            part: part.to_owned(),
            since: day(opened),
            until: None,
            opened_on: day(opened),
            milestones: Vec::new(),
            agreed: None,
        });
        self
    }

    pub fn milestone(mut self, number: i64, name: &str, on: &str) -> Self {
        let work = self.life.works.iter_mut().find(|work| work.engagement == EngagementId(number)).unwrap();
        work.milestones.push((name.to_owned(), day(on)));
        self
    }

    /// The signed form for one programme.
    pub fn signed(mut self, number: i64, on: &str) -> Self {
        let id = self.number();
        self.life.consents.push(Consent {
            id: ConsentId(id),
            activity: activity(self.policy, "coaching"),
            engagement: Some(EngagementId(number)),
            form: ConsentForm::Signed(kind(self.policy, "consent form")),
            document: Some(DocumentId(id)),
            given_on: day(on),
            lapses_on: None,
            withdrawn_on: None,
            confirm_by: None,
            confirmed_on: None,
        });
        self
    }

    pub fn opted_in(mut self, name: &str, on: &str) -> Self {
        let id = self.number();
        self.life.consents.push(Consent {
            id: ConsentId(id),
            activity: activity(self.policy, name),
            engagement: None,
            form: ConsentForm::OptIn { asked_with: None, confirmed: None },
            document: None,
            given_on: day(on),
            lapses_on: None,
            withdrawn_on: None,
            confirm_by: None,
            confirmed_on: None,
        });
        self
    }

    pub fn withdrew(mut self, name: &str, on: &str) -> Self {
        let activity = activity(self.policy, name);
        for consent in self
            .life
            .consents
            .iter_mut()
            .filter(|consent| consent.activity == activity && consent.withdrawn_on.is_none())
        {
            consent.withdrawn_on = Some(day(on));
        }
        self
    }

    pub fn objected(mut self, scope: Scope, on: &str) -> Self {
        let id = self.number();
        self.life.objections.push(Objection {
            id: ObjectionId(id),
            scope,
            made_on: day(on),
            upheld_on: None,
            lifted_on: None,
        });
        self
    }

    pub fn event(mut self, name: &str, on: &str) -> Self {
        self.life.events.push((name.to_owned(), day(on)));
        self
    }

    /// Puts a row of a kind in the place of all that were kept of it.
    pub fn keeps(mut self, name: &str, recorded: &str, closed: Option<&str>) -> Self {
        let kind = kind(self.policy, name);
        self.life.records.retain(|kept| kept.datum.kind != kind);
        let id = self.number();
        self.life.records.push(row(kind, id, day(recorded), closed.map(day), None));
        self
    }

    pub fn assigned(mut self, staff: i64) -> Self {
        self.life.assigned.push((StaffId(staff), EngagementId(1)));
        self
    }

    /// Settles on a day, as every act does, and checks that settling twice changes nothing.
    pub fn on(mut self, today: &str) -> Self {
        let today = day(today);
        let changes = settle(self.policy, &self.life, today);
        let next = self.number();
        self.next += 100;
        self.life = settled(&self.life, &changes, today, next);
        assert_eq!(settle(self.policy, &self.life, today), Vec::<GroundChange>::new(), "settled is settled");
        self
    }

    /// The keys of rules with a ground that holds, with its last day.
    pub fn held(&self, today: &str) -> Vec<(String, Option<Date>)> {
        let today = day(today);
        let active = self.life.grounds.iter().filter(|ground| ground.active(today));
        let mut held: Vec<_> = active
            .map(|ground| (self.policy.rules[ground.rule.index()].key.clone(), ground.due_on))
            .collect();
        held.sort();
        held
    }

    /// Whether any ground of the rule holds.
    pub fn has(&self, key: &str, today: &str) -> bool {
        self.held(today).iter().any(|(held, _)| held == key)
    }

    /// The last day of the rule's ground that holds.
    pub fn due(&self, key: &str, today: &str) -> Option<Date> {
        self.held(today).into_iter().find(|(held, _)| held == key).and_then(|(_, due)| due)
    }
}

/// A row of which only days are known.
pub fn row(kind: KindId, id: i64, recorded: Date, closed_on: Option<Date>, sent: Option<Date>) -> Kept {
    Kept {
        datum: Datum {
            table: "row",
            id,
            kind,
            people: vec![(PersonId(1), Role::Subject)],
            engagements: Vec::new(),
            paper: false,
        },
        dated: None,
        recorded: recorded.into(),
        closed_on,
        sent: sent.map(Moment::from),
    }
}
