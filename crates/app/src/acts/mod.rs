//! Acts: what staff, the program and the people concerned do. Pages, API, command line and jobs all enter
//! here, so that nobody walks around the policy.
//!
//! Every act goes the same way, in one transaction: load the lives it is about, decide, write, settle the
//! grounds, log, enqueue. An act takes an [`Acting`] and a [`Tx`]; it never asks the time itself.

use std::cell::RefCell;
use std::sync::Arc;

use custody::id::{NOBODY, PersonId, StaffId};
use custody::refusal::Question;
use custody::{Act, Actor, Gate, Grant, Life, Refusal};
use jiff::Timestamp;
use jiff::civil::Date;
use policy::Policy;
use policy::phrase::BIRTH;
use policy::role::{Deed, Role};
use store::Tx;
use store::life::{For, load_readable};
use store::log::{self, View};
use store::reach::Reach;
use store::staff::Account;

use crate::fault::Fault;
use crate::instance::Instance;

pub mod adoption;
pub mod asking;
pub mod audience;
pub mod backup;
pub mod call;
pub mod came_back;
pub mod category;
pub mod checking;
pub mod complaint;
pub mod confirmation;
pub mod consent;
pub mod delivery;
pub mod disclosure;
pub mod document;
pub mod drill;
pub mod duplicates;
pub mod elsewhere;
pub mod ending;
pub mod engagement;
pub mod entry;
pub mod erasure;
pub mod event;
pub mod export;
pub mod fact;
pub mod familiar;
pub mod forecast;
pub mod form;
pub mod gone;
pub mod handing;
pub mod hashed;
pub mod health;
pub mod hold;
pub mod identity;
pub mod import;
pub mod incident;
pub mod key;
pub mod letter;
pub mod mailbox;
pub mod mailing;
pub mod merging;
pub mod objection;
pub mod onward;
pub mod organisation;
pub mod parting;
pub mod person;
pub mod personal;
pub mod phone;
pub mod picture;
pub mod preference;
pub mod proof;
pub mod proof_report;
pub mod question;
pub mod recovery;
pub mod redaction;
pub mod request;
pub mod residue;
pub mod restore;
pub mod restriction;
pub mod review;
pub mod ringing;
pub mod room;
pub mod saved_audience;
pub mod sign_in;
pub mod soft_opt_in;
pub mod staff;
pub mod statistics;
pub mod subscribers;
pub mod task;
pub mod template;
pub mod told;
pub mod uncertain;
pub mod undone;
pub mod visit;
pub mod waiting;
pub mod webhook;

/// How many people are settled at once: their lives are in memory together.
const SETTLED_AT_ONCE: usize = 256;

/// Why nothing is done that concerns somebody of whom what is stored cannot be read.
pub(crate) const UNREADABLE: &str = "what is stored of them cannot be read";

/// The refusal of what concerns somebody of whom what is stored cannot be read: nobody knows what they said, or what may still be
/// done.
pub(crate) fn unreadable(policy: &Policy) -> Refusal {
    let next = "Have whoever looks after the database put it right, or restore it from a backup: the log of the program names \
        them by number.";
    Refusal::by(policy, Question::Ground, None, UNREADABLE.to_owned(), next.to_owned())
}

/// Who acts, when, under which policy.
pub struct Acting<'i> {
    /// Where.
    pub instance: &'i Instance,
    /// The policy in force.
    pub policy: Arc<Policy>,
    /// Who.
    pub actor: Actor,
    /// Their account, where a member of staff acts.
    pub account: Option<Account>,
    /// When.
    pub now: Timestamp,
    /// The date where the organisation is.
    pub today: Date,
    views: RefCell<Vec<View>>,
}

/// Who acted, as the log writes it.
#[must_use]
pub fn actor_words(actor: &Actor) -> String {
    match actor {
        Actor::Staff { id, .. } => format!("staff {id}"),
        Actor::System(name) => format!("system {name}"),
        Actor::Subject => "subject".to_owned(),
    }
}

impl<'i> Acting<'i> {
    /// The program itself acts, under a name that goes into the log.
    #[must_use]
    pub fn system(instance: &'i Instance, name: &'static str) -> Self {
        Self::by(instance, Actor::System(name), None)
    }

    /// The person concerned acts, by a link only they have.
    #[must_use]
    pub fn subject(instance: &'i Instance) -> Self {
        Self::by(instance, Actor::Subject, None)
    }

    /// A member of staff acts, in the role they have today.
    ///
    /// # Errors
    /// [`Fault::Other`] if the policy in force has no such role: somebody must give them another.
    pub fn staff(instance: &'i Instance, account: Account) -> Result<Self, Fault> {
        let policy = instance.policy();
        let role = policy.role_named(&account.role).map(|role| role.id).ok_or_else(|| {
            Fault::Other(format!(
                "the policy in force has no role `{}`; an administrator must give another",
                account.role
            ))
        })?;
        Ok(Self::by(instance, Actor::Staff { id: account.id, role }, Some(account)))
    }

    fn by(instance: &'i Instance, actor: Actor, account: Option<Account>) -> Self {
        let now = instance.clock.now();
        Self {
            instance,
            policy: instance.policy(),
            actor,
            account,
            now,
            today: instance.clock.on(now),
            views: RefCell::default(),
        }
    }

    /// The member of staff who acts, if one does.
    #[must_use]
    pub fn staff_id(&self) -> Option<StaffId> {
        match self.actor {
            Actor::Staff { id, .. } => Some(id),
            Actor::System(_) | Actor::Subject => None,
        }
    }

    /// Whether whoever acts answers for a hold on this person or is named with it, and may read what it keeps.
    #[must_use]
    pub fn answers_for(&self, life: &Life) -> bool {
        let hold = life.hold.as_ref().filter(|hold| hold.since <= self.today);
        hold.zip(self.staff_id()).is_some_and(|(hold, staff)| hold.serves(staff))
    }

    /// The role of the member of staff who acts.
    #[must_use]
    pub fn role(&self) -> Option<&Role> {
        match self.actor {
            Actor::Staff { role, .. } => self.policy.roles.get(role.index()),
            Actor::System(_) | Actor::Subject => None,
        }
    }

    /// Whether the role may do something beside seeing. The program itself may.
    #[must_use]
    pub fn may(&self, deed: Deed) -> bool {
        match self.actor {
            Actor::System(_) => true,
            Actor::Subject => false,
            Actor::Staff { .. } => self.role().is_some_and(|role| role.deeds.contains(&deed)),
        }
    }

    /// Refuses unless the role may do it.
    ///
    /// # Errors
    /// [`Fault::Refused`] naming the role's clause.
    pub fn must(&self, deed: Deed) -> Result<(), Fault> {
        if self.may(deed) {
            return Ok(());
        }
        let words = Deed::ALL.iter().find(|(known, _)| *known == deed).map_or("do this", |(_, words)| *words);
        let role = self.role();
        let name = role.map_or("", |role| role.name.as_str());
        Err(Fault::Refused(Box::new(custody::Refusal::by(
            &self.policy,
            custody::refusal::Question::Role,
            role.map(|role| policy::policy::Clause::Role(role.id)),
            format!("the role {name} may not {words}"),
            "Ask somebody whose role may.".to_owned(),
        ))))
    }

    /// Whom this actor's lists and searches may find.
    #[must_use]
    pub fn reach(&self) -> Reach {
        match self.actor {
            Actor::Staff { id, role } => Reach::of(&self.policy, role, id, self.today),
            Actor::System(_) => Reach::Everyone,
            Actor::Subject => Reach::Some(Vec::new()),
        }
    }

    /// Loads a life.
    ///
    /// # Errors
    /// [`Fault::NotFound`] if the instance holds nobody of this number.
    pub fn life(&self, tx: &Tx<'_>, person: PersonId) -> Result<Life, Fault> {
        Ok(store::life::load(tx, &self.policy, person, self.today)?)
    }

    /// What a decision asks about several people, in the order of their numbers: of those of whom it can be read. What is damaged of
    /// one keeps no other from being shown or acted on, and of whom it is nothing is shown or done.
    ///
    /// # Errors
    /// Whatever the store says but that something stored has the wrong form.
    pub fn lives(&self, tx: &Tx<'_>, people: &[PersonId]) -> Result<Vec<Life>, Fault> {
        Ok(load_readable(tx, &self.policy, people, self.today, For::Decisions)?.lives)
    }

    /// Decides an act on these lives.
    ///
    /// # Errors
    /// [`Fault::Refused`] naming the clause and the next step.
    pub fn decide(&self, act: &Act, lives: &[&Life], gate: &Gate) -> Result<Grant, Fault> {
        Ok(custody::decide(&self.policy, &self.actor, act, lives, gate, self.now, self.today)?)
    }

    /// Settles a person's grounds after a fact about them changed, logs what opened, moved or stopped, and
    /// gives the life as it is now.
    ///
    /// # Errors
    /// Whatever the store says.
    pub fn settle(&self, tx: &Tx<'_>, person: PersonId) -> Result<Life, Fault> {
        let actor = actor_words(&self.actor);
        let life = store::ground::settle(tx, &self.policy, person, self.today, &actor, self.now)?.life;
        objection::keep_up(self, tx, &life)?;
        disclosure::ended_by_their_own(self, tx, &life)?;
        hashed::keep_up(self, tx, Some(person))?;
        Ok(life)
    }

    /// Settles several people's grounds after a record of the program's own was written for each, which changes nothing else about
    /// them.
    ///
    /// # Errors
    /// Whatever the store says.
    pub fn settle_records(&self, tx: &Tx<'_>, people: &[PersonId]) -> Result<(), Fault> {
        let actor = actor_words(&self.actor);
        for some in people.chunks(SETTLED_AT_ONCE) {
            store::ground::settle_many(tx, &self.policy, some, self.today, &actor, self.now)?;
        }
        Ok(())
    }

    /// Settles a person's grounds after a detail of this kind changed, and where it is a birthday those of whoever is on
    /// work with them and has periods that count from it.
    ///
    /// # Errors
    /// Whatever the store says.
    pub fn settle_detail(&self, tx: &Tx<'_>, person: PersonId, kind: &str) -> Result<(), Fault> {
        self.settle(tx, person)?;
        if kind == BIRTH {
            let beside = store::ground::moved_by_birth(tx, &self.policy, person)?;
            let actor = actor_words(&self.actor);
            store::ground::settle_many(tx, &self.policy, &beside, self.today, &actor, self.now)?;
        }
        Ok(())
    }

    /// Settles somebody's grounds, if the instance still holds them.
    ///
    /// # Errors
    /// Whatever the store says.
    pub fn settle_if_held(&self, tx: &Tx<'_>, person: Option<PersonId>) -> Result<(), Fault> {
        match person {
            Some(person) if store::person::exists(tx, person)? => self.settle(tx, person).map(drop),
            _ => Ok(()),
        }
    }

    /// Refuses what a ground that only now begins would not keep: one whose last day is already past opens not at all, and
    /// nothing is stored that no ground covers at that moment.
    ///
    /// # Errors
    /// [`Fault::Refused`] naming the clause.
    pub fn must_be_kept(&self, life: &Life, datum: &custody::Datum) -> Result<(), Fault> {
        if custody::coverage::covered(&self.policy, life, datum, self.today) {
            return Ok(());
        }
        let rule = self.policy.rules.iter().find(|rule| rule.kinds.contains(datum.kind));
        let kind = self.policy.kind(datum.kind).map_or("this", |kind| kind.name.as_str());
        Err(Fault::Refused(Box::new(Refusal::by(
            &self.policy,
            Question::Ground,
            rule.map(|rule| policy::policy::Clause::Keep(rule.id)),
            format!("the last day on which {kind} of this may be kept has passed already"),
            "Leave it out, or record first what its period counts from.".to_owned(),
        ))))
    }

    /// Writes an event: ids, kinds, counts and clauses, never a value.
    ///
    /// # Errors
    /// Whatever the store says.
    pub fn log(
        &self,
        tx: &Tx<'_>,
        act: &str,
        people: &[PersonId],
        body: &serde_json::Value,
    ) -> Result<(), Fault> {
        log::append(tx, self.now, &actor_words(&self.actor), act, people, body)?;
        Ok(())
    }

    /// Notes that a page, list or message opens values with this grant; written when the act is done.
    pub fn opens(&self, act: &'static str, grant: &Grant) {
        self.views.borrow_mut().push(View {
            at: self.now,
            actor: actor_words(&self.actor),
            act,
            // What is not yet known to be anybody's is opened of nobody.
            people: grant.people().keys().copied().filter(|one| *one != NOBODY).collect(),
            role: self.role().map(|role| role.name.clone()),
            needs: grant.needs().clone(),
        });
    }

    /// What was opened.
    #[must_use]
    pub fn into_views(self) -> Vec<View> {
        self.views.into_inner()
    }
}
