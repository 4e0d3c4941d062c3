//! What people want from us: stopping what is sent to them, by their own hand or told to staff, and changing
//! their mind. It counts at once, also for what already waits to leave; and whatever became of them or of the message whose
//! link they follow, what the link says is stopped, or they are told that it is not.

use custody::id::{MessageId, PersonId};
use custody::life::{Objection, Scope};
use jiff::ToSpan;
use jiff::civil::Date;
use policy::activity::Purpose;
use policy::{Activity, ActivityId, Basis};
use serde_json::json;
use store::objection::{self, NewObjection};
use store::suppression::{self, Forbids, Lifted};
use store::task::{self, Kind, NewTask};
use store::{Tx, life, message, person};

use super::Acting;
use super::audience::{self, Way};
use crate::fault::Fault;
use crate::mail::link;

pub mod agreed;
pub mod topics;

/// How an objection by a message's link is recorded.
pub const BY_LINK: &str = "by the link in our message";

/// Why an address is suppressed where only a link says so.
pub(super) const LINK: &str = "link";

/// For how many days whoever pressed a link may say that it was a mistake.
const UNDO_DAYS: i64 = 30;

/// What a link leads to, as far as it is still known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Behind {
    /// Who was written to, if anything of them is held.
    pub person: Option<PersonId>,
    /// Which message, where its record is still there.
    message: Option<MessageId>,
    /// The keyed hash of the address that was written to.
    address: Option<[u8; 32]>,
    /// Under what, if the policy still has it.
    activity: Option<ActivityId>,
}

/// What stands now of what a link stops.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Now {
    /// Nothing is stopped.
    Open,
    /// It is stopped; whether it was by a link, and so lately that it may be called a mistake.
    Stopped {
        /// Whether it can be taken back here.
        undo: bool,
    },
}

impl Behind {
    /// Finds out what a link leads to; nothing if it is none of ours, or says nothing that could still be stopped.
    ///
    /// # Errors
    /// Whatever the store says.
    pub fn find(acting: &Acting<'_>, tx: &Tx<'_>, link: &str) -> Result<Option<Self>, Fault> {
        let (policy, keys) = (&acting.policy, acting.instance.store.keys());
        let Some(link) = link::read(keys, link) else { return Ok(None) };
        let row = message::by_token(tx, policy, &link.token)?;
        let whom = row.as_ref().and_then(|row| row.person).or(link.says.map(|says| says.person));
        let person = match whom {
            Some(whom) if person::exists(tx, whom)? => Some(whom),
            _ => None,
        };
        let address = match (link.says, &row) {
            (Some(says), _) => Some(says.address),
            (None, Some(row)) => message::address_hash(tx, keys, row.id)?,
            (None, None) => None,
        };
        let message = row.as_ref().map(|row| row.id);
        let named = row.and_then(|row| row.activity);
        let activity = named.as_deref().and_then(|name| policy.activity_named(name));
        let activity = activity.or_else(|| link.says.and_then(|says| says.activity(keys, policy)));
        let activity = activity.map(|activity| activity.id);
        Ok((person.is_some() || address.is_some()).then_some(Self { person, message, address, activity }))
    }

    /// What it stops beside what promotes us: the activity it was sent under, where that does not.
    #[must_use]
    pub fn other<'p>(&self, acting: &'p Acting<'_>) -> Option<&'p Activity> {
        let activity = self.activity.and_then(|id| acting.policy.activity(id));
        activity.filter(|activity| activity.purpose != Purpose::DirectMarketing)
    }

    /// What stands now.
    ///
    /// # Errors
    /// Whatever the store says.
    pub fn now(&self, acting: &Acting<'_>, tx: &Tx<'_>) -> Result<Now, Fault> {
        let they = match self.person {
            Some(person) => stopped(acting, tx, person)?,
            None => true,
        };
        let there = match &self.address {
            Some(address) => suppression::standing_hash(tx, ("email", address))?
                .into_iter()
                .any(|forbids| matches!(forbids, Forbids::Marketing | Forbids::AllContact)),
            None => true,
        };
        let other = match (self.person, self.other(acting)) {
            (Some(person), Some(activity)) => other_stopped(acting, tx, person, activity)?,
            _ => true,
        };
        if !they || !there || !other {
            return Ok(Now::Open);
        }
        let since = mistakes_since(acting)?;
        let undo = match (self.person, &self.address) {
            (Some(person), _) => {
                let life = life::load(tx, &acting.policy, person, acting.today)?;
                let made = made_by_link(acting, tx, &life, since)?;
                !made.is_empty() && standing(&life, acting).all(|objection| made.contains(objection))
            }
            (None, Some(address)) => {
                let stands = ("email", address);
                suppression::stands_since(tx, stands, Forbids::Marketing, LINK, since)?
                    && !suppression::stands_otherwise(tx, stands, LINK)?
            }
            (None, None) => false,
        };
        Ok(Now::Stopped { undo })
    }

    /// Stops what the link says: everything that promotes us, for the person and for whoever has the address or gets it.
    ///
    /// # Errors
    /// Whatever the store says.
    pub fn stop(&self, acting: &Acting<'_>, tx: &Tx<'_>) -> Result<(), Fault> {
        self.noted(tx, Some(acting.today))?;
        if let Some(person) = self.person {
            stop_marketing(acting, tx, person, BY_LINK)?;
            if let Some(activity) = self.other(acting) {
                stop_other(acting, tx, person, activity)?;
            }
        }
        let Some(address) = &self.address else { return Ok(()) };
        let marketing = Forbids::Marketing;
        let new = suppression::add_hash(tx, ("email", address), marketing, acting.today, LINK, acting.now)?;
        if new && self.person.is_none() {
            let body = json!({ "scope": "purpose", "named": marketing.name(), "held": false });
            acting.log(tx, "objection.recorded", &[], &body)?;
        }
        Ok(())
    }

    /// Writes down with the message whether its link was pressed to have no more of what it is part of.
    fn noted(&self, tx: &Tx<'_>, on: Option<Date>) -> Result<(), Fault> {
        if let Some(which) = self.message {
            message::stopped(tx, which, on)?;
        }
        Ok(())
    }

    /// Takes what whoever has the link chooses to get, and writes down with its message whether that is more of it.
    ///
    /// # Errors
    /// As [`topics::choose`].
    pub fn choose(&self, acting: &Acting<'_>, tx: &Tx<'_>, wanted: &[String]) -> Result<(), Fault> {
        let Some(person) = self.person else { return Ok(()) };
        topics::choose(acting, tx, person, wanted)?;
        let sent_under = self.activity.and_then(|id| acting.policy.activity(id));
        let more = sent_under.is_none_or(|activity| wanted.contains(&activity.name));
        self.noted(tx, (!more).then_some(acting.today))
    }

    /// Takes back what a link stopped lately. Whatever they told us otherwise stands, and both records stay.
    ///
    /// # Errors
    /// Whatever the store says.
    pub fn undo(&self, acting: &Acting<'_>, tx: &Tx<'_>) -> Result<(), Fault> {
        // What the page no longer offers nobody does by a form kept from before.
        if self.now(acting, tx)? != (Now::Stopped { undo: true }) {
            return Ok(());
        }
        self.noted(tx, None)?;
        let keys = acting.instance.store.keys();
        let (marketing, today) = (Forbids::Marketing, acting.today);
        let Some(person) = self.person else {
            let Some(address) = &self.address else { return Ok(()) };
            if suppression::lift(tx, ("email", address), marketing, Lifted::Cause(LINK), today)? > 0 {
                acting.log(tx, "objection.lifted", &[], &json!({ "held": false }))?;
            }
            return Ok(());
        };
        let life = life::load(tx, &acting.policy, person, today)?;
        for made in made_by_link(acting, tx, &life, mistakes_since(acting)?)? {
            let theirs = Lifted::Made(LINK, (made.made_on, objection::recorded_at(tx, made.id)?));
            objection::lift(tx, made.id, today)?;
            suppression::lift_person(tx, keys, person, marketing, theirs, today)?;
            if let Some(address) = &self.address {
                suppression::lift(tx, ("email", address), marketing, theirs, today)?;
            }
        }
        if let Some(activity) = self.other(acting) {
            undo_other(acting, tx, &life, activity)?;
        }
        acting.settle(tx, person)?;
        acting.log(tx, "objection.lifted", &[person], &json!({}))
    }

    /// Whether messages of the activity it was sent under may leave to the person all the same, because it does not rest on
    /// what they want.
    ///
    /// # Errors
    /// Whatever the store says.
    pub fn goes_on(&self, acting: &Acting<'_>, tx: &Tx<'_>) -> Result<bool, Fault> {
        let (Some(person), Some(activity)) = (self.person, self.other(acting)) else { return Ok(false) };
        let life = life::load(tx, &acting.policy, person, acting.today)?;
        let sender = Acting::system(acting.instance, "sender");
        for channel in activity.channels.iter().filter_map(|id| acting.policy.channels.get(id.index())) {
            let way = Way { activity, channel, footer_complete: true };
            match audience::decide(&sender, tx, &way, &life) {
                Ok(_) => return Ok(true),
                Err(Fault::Refused(_)) => {}
                Err(fault) => return Err(fault),
            }
        }
        Ok(false)
    }
}

/// The first day that may still be called a mistake.
fn mistakes_since(acting: &Acting<'_>) -> Result<Date, Fault> {
    Ok(acting.today.checked_sub(UNDO_DAYS.days())?)
}

/// The objections of a person to our marketing that a link made since a day and that stand.
fn made_by_link(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    life: &custody::Life,
    since: Date,
) -> Result<Vec<Objection>, Fault> {
    let made = objection::reached(tx, life.person, BY_LINK, since)?;
    Ok(standing(life, acting).filter(|objection| made.contains(&objection.id)).cloned().collect())
}

/// Whom the token of a message belongs to; nobody once their data is gone.
///
/// # Errors
/// Whatever the store says.
pub fn holder(acting: &Acting<'_>, tx: &Tx<'_>, token: &[u8]) -> Result<Option<PersonId>, Fault> {
    Ok(message::by_token(tx, &acting.policy, token)?.and_then(|message| message.person))
}

/// Whether the person has stopped our marketing, all of it: nothing that promotes us rests on a yes they gave later.
///
/// # Errors
/// Whatever the store says.
pub fn stopped(acting: &Acting<'_>, tx: &Tx<'_>, person: PersonId) -> Result<bool, Fault> {
    let life = life::load(tx, &acting.policy, person, acting.today)?;
    Ok(standing(&life, acting).any(|made| super::objection::stands(acting, &life, made)))
}

fn standing<'l>(life: &'l custody::Life, acting: &Acting<'_>) -> impl Iterator<Item = &'l Objection> {
    let today = acting.today;
    let marketing = Scope::Purpose(Purpose::DirectMarketing);
    life.objections.iter().filter(move |objection| {
        objection.scope == marketing && objection.lifted_on.is_none_or(|lifted| lifted > today)
    })
}

/// Stops every message and call that promotes us (UK GDPR Art 21(2)). Stopping twice is stopping once.
///
/// # Errors
/// [`Fault::NotFound`] if nobody is behind the number any more.
pub fn stop_marketing(acting: &Acting<'_>, tx: &Tx<'_>, person: PersonId, how: &str) -> Result<(), Fault> {
    if stopped(acting, tx, person)? {
        // Where somebody else who has the address agreed since, this is the later word of the two.
        super::objection::suppress(
            acting,
            tx,
            person,
            &Scope::Purpose(Purpose::DirectMarketing),
            (acting.today, how),
        )?;
        return Ok(());
    }
    object(acting, tx, person, &Scope::Purpose(Purpose::DirectMarketing), how)
}

fn object(acting: &Acting<'_>, tx: &Tx<'_>, person: PersonId, scope: &Scope, how: &str) -> Result<(), Fault> {
    let made_on = acting.today;
    let new = NewObjection { person, scope, made_on, how, words: None, request: None, by: acting.staff_id() };
    super::objection::write(acting, tx, &new).map(drop)
}

/// Whether what an activity sends stops when somebody presses the link in it: it rests on what they want, or on an interest.
#[must_use]
pub fn stops(activity: &Activity) -> bool {
    matches!(
        activity.basis,
        Basis::Consent { .. }
            | Basis::LegitimateInterests { .. }
            | Basis::PublicTask { .. }
            | Basis::RecognisedInterest { .. }
    )
}

/// Stops what does not promote us and was sent with a way out all the same: what was agreed to is taken back, what rests on an
/// interest is objected to, and somebody weighs that. What rests on neither goes on.
fn stop_other(acting: &Acting<'_>, tx: &Tx<'_>, person: PersonId, activity: &Activity) -> Result<(), Fault> {
    match activity.basis {
        Basis::Consent { .. } => {
            if store::consent::withdraw(tx, person, &activity.name, None, acting.today, BY_LINK)? > 0 {
                acting.settle(tx, person)?;
                acting.log(tx, "consent.withdrawn", &[person], &json!({ "activity": activity.name }))?;
            }
            Ok(())
        }
        Basis::LegitimateInterests { .. } | Basis::PublicTask { .. } | Basis::RecognisedInterest { .. } => {
            let life = life::load(tx, &acting.policy, person, acting.today)?;
            let scope = Scope::Activity(activity.id);
            if life.objections.iter().any(|made| made.scope == scope && made.lifted_on.is_none()) {
                return Ok(());
            }
            object(acting, tx, person, &scope, BY_LINK)?;
            let what = weigh(activity);
            let owner = super::task::whoever(acting, tx, policy::role::Deed::AnswerRequests, &[])?;
            let new = NewTask { person: Some(person), owner, ..NewTask::new(Kind::Other, &what) };
            task::add(tx, &new, acting.now)?;
            Ok(())
        }
        _ => Ok(()),
    }
}

/// What somebody has to do whose link objected to an activity.
fn weigh(activity: &Activity) -> String {
    format!(
        "Weigh their objection to \u{201c}{}\u{201d}: they pressed the link that stops it, and nothing is sent until it is answered",
        activity.title
    )
}

/// Whether nothing is left to stop of an activity that does not promote us.
fn other_stopped(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    person: PersonId,
    activity: &Activity,
) -> Result<bool, Fault> {
    if !stops(activity) {
        return Ok(true);
    }
    let life = life::load(tx, &acting.policy, person, acting.today)?;
    let scope = Scope::Activity(activity.id);
    Ok(match activity.basis {
        Basis::Consent { .. } => {
            !life.consents.iter().any(|given| given.activity == activity.id && given.withdrawn_on.is_none())
        }
        _ => life.objections.iter().any(|made| made.scope == scope && made.lifted_on.is_none()),
    })
}

/// Takes back what a link lately objected to that does not promote us, before it is decided, and with it what somebody had to
/// weigh. A consent that was taken back is given again only by a yes.
fn undo_other(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    life: &custody::Life,
    activity: &Activity,
) -> Result<(), Fault> {
    let scope = Scope::Activity(activity.id);
    let by_link = objection::reached(tx, life.person, BY_LINK, mistakes_since(acting)?)?;
    let theirs =
        |made: &&Objection| made.scope == scope && made.upheld_on.is_none() && by_link.contains(&made.id);
    for made in life.objections.iter().filter(theirs) {
        objection::lift(tx, made.id, acting.today)?;
        for open in task::open_of_person(tx, life.person)? {
            if open.what == weigh(activity) {
                task::done(tx, open.id, acting.today, None, Some("they took it back"))?;
            }
        }
    }
    Ok(())
}
