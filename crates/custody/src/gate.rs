//! The fourth question: may this channel be used to reach these people now?

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Unit, civil::Date};
use policy::activity::Purpose;
use policy::basis::Basis;
use policy::channel::{Channel, Means, Screening};
use policy::policy::Clause;
use policy::{Activity, ActivityId, KindSet, Policy};

use crate::act::{Act, Verb};
use crate::decide::exempt;
use crate::explain::day;
use crate::id::{PersonId, StaffId, TaskId};
use crate::life::{Life, Objection, Scope};
use crate::refusal::{Question, Refusal};

/// What a number was checked against, on the day of the act.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Screened {
    /// Each register looked at with its file's own date: `("tps", 2026-11-02)`.
    pub registers: Vec<(String, Date)>,
    /// Whether the number is on one of them.
    pub listed: bool,
    /// Whether our own list of those not to call was looked at.
    pub own_list: bool,
    /// Whether the number is on our own list.
    pub on_own_list: bool,
    /// The day the subscriber said that they do not object, where it stands recorded.
    pub not_objecting: Option<Date>,
}

/// Whose an address or number is to the law on e-mails and texts (PECR 2003 reg 22).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Line {
    /// A person's, a sole trader's or an ordinary partnership's; or nobody knows.
    #[default]
    Individual,
    /// A company's or a public body's.
    Corporate,
}

/// Channel facts of one person.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Reachable {
    /// Whether the address or number is suppressed for this kind of message.
    pub suppressed: bool,
    /// Whether what is about to leave was written to an address that is no longer theirs.
    pub moved: bool,
    /// Since when mail to the address comes back, where nobody has said since that it is right.
    pub came_back: Option<Date>,
    /// Whose the address or number is that a message goes to.
    pub line: Line,
    /// The activities for which it is on record how we got that address: from them, as the soft opt-in asks.
    pub soft: BTreeSet<ActivityId>,
    /// The check of the number, for calls.
    pub screened: Option<Screened>,
}

/// What an open task has somebody hand over by hand: a document that is given back or delivered before ours goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Owed {
    /// The task.
    pub task: TaskId,
    /// Whose it is.
    pub owner: Option<StaffId>,
    /// The kind of what is handed over, and of what says where it goes.
    pub kinds: KindSet,
}

/// Channel facts that a decision needs, gathered by the caller.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Gate {
    /// Whether the text ends with the channel's footer, its links filled in.
    pub footer_complete: bool,
    /// Each person's facts; a person not here has none.
    pub people: BTreeMap<PersonId, Reachable>,
    /// The open task that what is asked for is handed over by, if any.
    pub owed: Option<Owed>,
}

/// Refuses what may not leave by the act's channel to this person.
pub(crate) fn passes(
    policy: &Policy,
    act: &Act,
    life: &Life,
    gate: &Gate,
    today: Date,
) -> Result<(), Refusal> {
    if !act.verb.reaches_out() {
        return unsuppressed(policy, act, life, gate);
    }
    let Some(channel) = act.channel.and_then(|id| policy.channels.get(id.index())) else {
        return Err(by(
            policy,
            None,
            "a message or call needs a channel of the policy".to_owned(),
            "Choose a channel.",
        ));
    };
    let none = Reachable::default();
    let facts = gate.people.get(&life.person).unwrap_or(&none);
    if act.verb != Verb::Part {
        declared(policy, act, life, channel, today)?;
    }
    wanted(policy, act, life, channel, facts, today)?;
    if act.verb == Verb::Send {
        asked_first(policy, act, life, channel, facts, today)?;
    }
    if act.verb != Verb::Call && channel.footer.is_some() && !gate.footer_complete {
        let because =
            format!("every message by {} ends with its footer, and this one does not", channel.name);
        return Err(by(
            policy,
            Some(Clause::Footer(channel.id)),
            because,
            "Send it with the channel's footer and links.",
        ));
    }
    match &channel.screening {
        Some(screening) if act.verb == Verb::Call && marketing(policy, act) => {
            screened(policy, channel, screening, facts, today)
        }
        _ => Ok(()),
    }
}

/// An address or number at which somebody said no to what promotes us is passed to nobody for it either.
fn unsuppressed(policy: &Policy, act: &Act, life: &Life, gate: &Gate) -> Result<(), Refusal> {
    let suppressed = gate.people.get(&life.person).is_some_and(|facts| facts.suppressed);
    if act.verb != Verb::Disclose || !suppressed || !marketing(policy, act) {
        return Ok(());
    }
    let because =
        "this address or number is on our list of those not to be reached by what promotes us".to_owned();
    Err(by(policy, no_contact(policy), because, "Leave this person out; only they can change that."))
}

/// The clause on the register of whoever is not to be contacted, where the policy keeps one.
fn no_contact(policy: &Policy) -> Option<Clause> {
    let mut registers = policy.requests.registers.iter();
    registers.position(|register| register.name == "no contact").map(Clause::Register)
}

fn marketing(policy: &Policy, act: &Act) -> bool {
    let named = act.activity.and_then(|id| policy.activity(id)).map(|activity| activity.purpose);
    act.purpose.or(named) == Some(Purpose::DirectMarketing)
}

/// The activities under which the person is held that an act may stand on.
fn serving<'a>(
    policy: &'a Policy,
    act: &'a Act,
    life: &'a Life,
    today: Date,
) -> impl Iterator<Item = &'a Activity> {
    let active = life.grounds.iter().filter(move |ground| ground.active(today));
    let activities =
        active.filter_map(move |ground| policy.activity(policy.rules.get(ground.rule.index())?.activity));
    activities.filter(move |activity| {
        act.activity.is_none_or(|named| named == activity.id)
            && act.purpose.is_none_or(|purpose| purpose == activity.purpose)
    })
}

/// An activity under which the person is held must use this channel.
fn declared(policy: &Policy, act: &Act, life: &Life, channel: &Channel, today: Date) -> Result<(), Refusal> {
    let serving = || serving(policy, act, life, today);
    if serving().any(|activity| activity.channels.contains(&channel.id)) {
        return Ok(());
    }
    let activity = serving().next();
    let because = match activity {
        Some(activity) => format!("{} does not reach people by {}", activity.name, channel.name),
        None => format!("no activity reaches this person by {}", channel.name),
    };
    Err(by(
        policy,
        activity.map(|activity| Clause::Send(activity.id)),
        because,
        "Choose another channel, or change the policy.",
    ))
}

/// What promotes us by e-mail or text leaves to a person, a sole trader or an ordinary partnership only with their consent (PECR 2003
/// reg 22(2)), or where we got the address as the soft opt-in asks and the policy says so (reg 22(3), (3A)). Another basis is enough
/// at an address of a company or public body.
fn asked_first(
    policy: &Policy,
    act: &Act,
    life: &Life,
    channel: &Channel,
    facts: &Reachable,
    today: Date,
) -> Result<(), Refusal> {
    let by_it =
        || serving(policy, act, life, today).filter(|activity| activity.channels.contains(&channel.id));
    if by_it().any(|activity| !unasked(activity, channel, facts)) {
        return Ok(());
    }
    let activity = by_it().next();
    let next = match activity {
        Some(activity) if soft(activity) => {
            "Ask for their consent to news that rests on it; or record on their page how we got their address from them; or say that \
             their organisation is a company or public body, and write to their address there."
        }
        _ => {
            "Ask for their consent to news that rests on it, or say that their organisation is a company or public body, and write to \
             their address there."
        }
    };
    let clause = activity.map(|activity| Clause::Basis(activity.id));
    Err(by(policy, clause, UNASKED.to_owned(), next))
}

/// Why something that promotes us may not be sent to somebody who was not asked.
const UNASKED: &str = "they have not agreed to it, and this is not known to be an address of a company or public body (PECR 2003 reg 22)";

/// Whether a message of this activity by this channel would promote us to somebody whom the law wants asked first, and who was not:
/// the reason, in words.
#[must_use]
pub fn must_ask(activity: &Activity, channel: &Channel, facts: &Reachable) -> Option<&'static str> {
    unasked(activity, channel, facts).then_some(UNASKED)
}

fn unasked(activity: &Activity, channel: &Channel, facts: &Reachable) -> bool {
    matches!(channel.means, Means::Email | Means::Text)
        && activity.purpose == Purpose::DirectMarketing
        && !matches!(activity.basis, Basis::Consent { .. })
        && facts.line == Line::Individual
        && !(soft(activity) && facts.soft.contains(&activity.id))
}

/// Whether an activity writes to whoever gave us their address as the soft opt-in asks.
fn soft(activity: &Activity) -> bool {
    matches!(activity.basis, Basis::LegitimateInterests { soft_opt_in: Some(_), .. })
}

/// Why nothing that promotes us leaves to an address, in words.
#[must_use]
pub fn comes_back(on: Date) -> String {
    format!("mail to their address came back on {}", day(on))
}

/// Whether the person asked not to be reached so. Answers to their own requests still go out.
fn wanted(
    policy: &Policy,
    act: &Act,
    life: &Life,
    channel: &Channel,
    facts: &Reachable,
    today: Date,
) -> Result<(), Refusal> {
    let named = act.activity.and_then(|id| policy.activity(id)).map(|activity| activity.purpose);
    if exempt(act.purpose.or(named)) {
        return Ok(());
    }
    let standing = |objection: &&Objection| {
        objection.made_on <= today && objection.lifted_on.is_none_or(|on| on > today)
    };
    let stopped = life.objections.iter().filter(standing).find(|objection| match objection.scope {
        Scope::AllContact => true,
        Scope::Calls => channel.means == Means::Phone && marketing(policy, act),
        Scope::Purpose(_) | Scope::Activity(_) => false,
    });
    if facts.suppressed || stopped.is_some() {
        let because = match stopped {
            Some(objection) => {
                format!("they asked on {} not to be reached so", day(objection.made_on))
            }
            None => format!(
                "this address or number is on our list of those not to be reached by {}",
                channel.name
            ),
        };
        return Err(by(
            policy,
            no_contact(policy),
            because,
            "Leave this person out; only they can change that.",
        ));
    }
    if facts.moved {
        let because = "the address this was written to is no longer one of theirs".to_owned();
        return Err(by(policy, None, because, "Write it again, to the address they have now."));
    }
    let promotes = act.verb == Verb::Send && channel.means == Means::Email && marketing(policy, act);
    if let Some(on) = facts.came_back.filter(|_| promotes) {
        let next = "Find out whether it is right, and say so on the task that asks for it; or write down the one they have now.";
        return Err(by(policy, None, comes_back(on), next));
    }
    Ok(())
}

/// The Telephone Preference Service rules (PECR reg 21): never unscreened, never on an old file, never a listed number
/// unless its subscriber said that they do not object, never one on our own list.
fn screened(
    policy: &Policy,
    channel: &Channel,
    screening: &Screening,
    facts: &Reachable,
    today: Date,
) -> Result<(), Refusal> {
    let refuse =
        |because: String, next: &str| Err(by(policy, Some(Clause::Screening(channel.id)), because, next));
    let Some(check) = &facts.screened else {
        return refuse("this number has not been checked".to_owned(), "Check the number first.");
    };
    for register in &screening.registers {
        let file = check
            .registers
            .iter()
            .filter(|(name, date)| name == register && *date <= today)
            .map(|(_, date)| *date)
            .max();
        let Some(file) = file else {
            return refuse(
                format!("this number has not been checked against {register}"),
                "Load the register's file and check again.",
            );
        };
        let age = file.until((Unit::Day, today)).map_or(i32::MAX, |age| age.get_days());
        if age >= i32::from(screening.fewer_than_days) {
            let because = format!(
                "the {register} file is dated {}: {age} days old, and it must be fewer than {}",
                day(file),
                screening.fewer_than_days
            );
            return refuse(because, "Load a newer file and check again.");
        }
    }
    if screening.own_list && !check.own_list {
        return refuse(
            "this number has not been checked against our own list".to_owned(),
            "Check the number again.",
        );
    }
    if check.on_own_list {
        return refuse("this number is on our own list of those not to call".to_owned(), "Do not call.");
    }
    let not_objecting = screening.unless_not_objecting && check.not_objecting.is_some_and(|on| on <= today);
    if check.listed && !not_objecting {
        return refuse(
            "this number is on a preference list".to_owned(),
            "Do not call, unless its subscriber says that they do not object: record who said so and when.",
        );
    }
    Ok(())
}

/// Whether a company may be called for what promotes us at a number of its own, which is nobody's: nobody said no at it, and it was
/// checked as the channel says. The law protects companies here as it does people (PECR 2003 reg 21).
///
/// # Errors
/// A [`Refusal`] naming the clause.
pub fn company(policy: &Policy, channel: &Channel, facts: &Reachable, today: Date) -> Result<(), Refusal> {
    if facts.suppressed {
        let because = format!("this number is on our list of those not to be reached by {}", channel.name);
        return Err(by(policy, no_contact(policy), because, "Leave them out; only they can change that."));
    }
    match &channel.screening {
        Some(screening) => screened(policy, channel, screening, facts, today),
        None => Ok(()),
    }
}

fn by(policy: &Policy, clause: Option<Clause>, because: String, next: &str) -> Refusal {
    Refusal::by(policy, Question::Gate, clause, because, next.to_owned())
}
