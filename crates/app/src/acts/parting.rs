//! What is said to people before something of theirs ends, as the policy's clauses promise: that it ends, or the question
//! whether it shall go on. By e-mail where we hold an address, else by hand: what nobody could be told is somebody's task.
//! Nothing here ends anything, and no answer is never a yes.

use std::collections::BTreeMap;

use custody::act::Asked;
use custody::gate::Reachable;
use custody::id::{MessageId, PersonId, StaffId};
use custody::life::{State, StopCause};
use custody::parting::{self, A_YES, Owed, Says};
use custody::refusal::kind_names;
use custody::{Act, Gate, Grant, Life, Sealed, Verb};
use jiff::civil::Date;
use policy::channel::{Channel, Means};
use policy::notice::handed_over;
use policy::phrase::{Voice, rule_words};
use policy::role::Deed;
use policy::{Activity, ActivityId, Basis, Disposal, KindSet, Policy, Rule};
use serde_json::json;
use store::message::{self, Message};
use store::parting::{CONFIRMED, DECLINED, NewParting, Parting};
use store::question::{self, Asks, Question};
use store::task::{self, Kind, NewTask};
use store::{Tx, item, life_event, line};

use super::audience::{self, Way};
use super::question::{LINK, Leaving};
use super::undone::Undone;
use super::{Acting, consent, person};
use crate::fault::Fault;
use crate::instance::Instance;
use crate::print::copy;
use crate::web::frame::words;

/// How many people one transaction takes.
const AT_ONCE: usize = 16;

/// Says whatever is to be said tonight: each person by themselves, so that one who cannot be dealt with stops nobody else.
/// Run again it says nothing twice. The messages that wait to leave.
///
/// # Errors
/// If the database goes away.
pub fn night(instance: &Instance, undone: &mut Undone) -> Result<Vec<MessageId>, Fault> {
    let policy = instance.policy();
    if !parting::any(&policy) {
        return Ok(Vec::new());
    }
    let today = instance.clock.today();
    let due = instance.store.read(|tx| store::parting::due(tx, &policy, today))?;
    let mut queued = Vec::new();
    for some in due.chunks(AT_ONCE) {
        queued.extend(instance.store.write(|tx| {
            let acting = Acting::system(instance, "parting");
            let mut queued = Vec::new();
            for person in some {
                match tx.attempt(|tx| say(&acting, tx, *person)) {
                    Ok(messages) => queued.extend(messages),
                    Err(Fault::Store(error @ (store::Error::Contended | store::Error::Away(_)))) => {
                        return Err(Fault::Store(error));
                    }
                    // The proof names whoever was to hear something and did not.
                    Err(fault) => {
                        undone.of(*person, "could not be told or asked before something ends", &fault)
                    }
                }
            }
            acting.into_views().iter().try_for_each(|view| view.write(tx))?;
            Ok::<_, Fault>(queued)
        })?);
    }
    Ok(queued)
}

/// What is said together: one message, one task.
struct Saying<'p> {
    says: Says,
    activity: &'p Activity,
    owed: Vec<(&'p Rule, Owed)>,
}

impl Saying<'_> {
    /// The first of the ends it speaks of.
    fn ends(&self) -> Option<Date> {
        self.owed.iter().map(|(_, owed)| owed.ends).min()
    }
}

/// Says to one person what is to be said today.
fn say(acting: &Acting<'_>, tx: &Tx<'_>, whom: PersonId) -> Result<Vec<MessageId>, Fault> {
    let life = acting.life(tx, whom)?;
    let policy = &acting.policy;
    let mut sayings: BTreeMap<(Says, Option<ActivityId>), Saying<'_>> = BTreeMap::new();
    for owed in parting::owed(policy, &life, acting.today) {
        let Some(rule) = policy.rules.get(owed.rule.index()) else { continue };
        let Some(activity) = policy.activity(rule.activity) else { continue };
        // A yes to a consent is for its activity; a yes that is no consent renews whatever counts from it.
        let apart = owed.says == Says::Told || matches!(activity.basis, Basis::Consent { .. });
        let key = (owed.says, apart.then_some(activity.id));
        let saying =
            sayings.entry(key).or_insert_with(|| Saying { says: owed.says, activity, owed: Vec::new() });
        saying.owed.push((rule, owed));
    }
    let mut queued = Vec::new();
    for saying in sayings.values() {
        let message = match route(acting, tx, &life, saying.activity)? {
            Some(route) => Some(send(acting, tx, &life, saying, &route)?),
            None => None,
        };
        let task = match message {
            Some(_) => None,
            None => Some(owe(acting, tx, &life, saying)?),
        };
        for (rule, owed) in &saying.owed {
            let new = NewParting {
                person: whom,
                ground: owed.ground,
                rule: &rule.key,
                activity: policy.activity(rule.activity).map_or("", |activity| activity.name.as_str()),
                says: saying.says,
                ends_on: owed.ends,
                message,
                task,
            };
            store::parting::begin(tx, &new, acting.today, acting.now)?;
        }
        let grounds: Vec<i64> = saying.owed.iter().map(|(_, owed)| owed.ground.0).collect();
        let body = json!({ "says": saying.says.name(), "activity": saying.activity.name, "grounds": grounds,
            "message": message.map(|id| id.0), "task": task.map(|id| id.0) });
        acting.log(tx, "parting.begun", &[whom], &body)?;
        queued.extend(message);
    }
    if !queued.is_empty() {
        acting.settle(tx, whom)?;
    }
    Ok(queued)
}

/// How a message reaches somebody.
struct Route<'p> {
    channel: &'p Channel,
    grant: Grant,
    name: Option<String>,
    address: Sealed,
}

/// By e-mail, if we can send any and hold an address: on a channel of the activity's own, else on one that writes to
/// one at a time.
fn route<'p>(
    acting: &'p Acting<'_>,
    tx: &Tx<'_>,
    life: &Life,
    activity: &'p Activity,
) -> Result<Option<Route<'p>>, Fault> {
    let policy = &acting.policy;
    if acting.instance.config.smtp.is_none() && !acting.instance.is_practice() {
        return Ok(None);
    }
    let items = item::of_person(tx, policy, life.person)?;
    // What holds no address is said to the one that is held for something else.
    let theirs = line::address(policy, Some(activity), &items);
    let Some(address) = theirs.or_else(|| line::address(policy, None, &items)) else { return Ok(None) };
    let named = policy.kind_named("name").map(|kind| kind.id);
    let name = items.iter().find(|item| Some(item.kind) == named);
    let own = activity.channels.iter().filter_map(|id| policy.channels.get(id.index()));
    let others = policy.channels.iter().filter(|channel| !channel.to_many);
    for channel in own.chain(others).filter(|channel| channel.means == Means::Email) {
        let way = Way { activity, channel, footer_complete: true };
        let kinds = name.into_iter().chain([address]).map(|item| item.kind).collect();
        let people = audience::reachable(acting, tx, &way, &[life.person])?;
        let grant = match granted(acting, &way, life, kinds, people) {
            Ok(grant) => grant,
            Err(Fault::Refused(_)) => continue,
            Err(fault) => return Err(fault),
        };
        let name = name.map(|name| copy::text(&name.value, &grant)).transpose()?;
        return Ok(Some(Route { channel, grant, name, address: address.value.clone() }));
    }
    Ok(None)
}

fn granted(
    acting: &Acting<'_>,
    way: &Way<'_>,
    life: &Life,
    kinds: KindSet,
    people: BTreeMap<PersonId, Reachable>,
) -> Result<Grant, Fault> {
    let gate = Gate { footer_complete: way.footer_complete, people, ..Gate::default() };
    let act = Act {
        activity: Some(way.activity.id),
        purpose: Some(way.activity.purpose),
        channel: Some(way.channel.id),
        ..person::act(Verb::Part, None, Asked::Exactly(kinds))
    };
    acting.decide(&act, &[life], &gate)
}

/// Whether what waits may still leave, decided at that moment.
///
/// # Errors
/// [`Fault::Refused`] if nothing is left to be said, or it may not be said so.
pub fn decide(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    way: &Way<'_>,
    life: &Life,
    message: MessageId,
) -> Result<(), Fault> {
    let people = audience::leaving(acting, tx, way, life.person, message)?;
    granted(acting, way, life, KindSet::none(), people).map(drop)
}

fn send(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    life: &Life,
    saying: &Saying<'_>,
    route: &Route<'_>,
) -> Result<MessageId, Fault> {
    let (subject, body) = text(acting, life, saying, route.name.as_deref().unwrap_or("there"));
    let leaving = Leaving {
        grant: &route.grant,
        person: life.person,
        address: &route.address,
        activity: &saying.activity.name,
        channel: route.channel,
        sort: message::Sort::Parting,
        request: None,
        by: None,
    };
    let queued = leaving.queue(acting, tx, &subject, &body)?;
    if saying.says == Says::Asked {
        question::mark(tx, queued, None, &Asks::Stay)?;
    }
    acting.opens("parting.queued", &route.grant);
    Ok(queued)
}

/// The message, in the words of the policy.
fn text(acting: &Acting<'_>, life: &Life, saying: &Saying<'_>, name: &str) -> (String, String) {
    let policy = &acting.policy;
    let ends = saying.ends().map(words).unwrap_or_default();
    let past = saying.ends().is_some_and(|ends| ends < acting.today);
    let title = &saying.activity.title;
    match saying.says {
        Says::Asked => {
            let what = stays(policy, life, saying.activity);
            let body = format!(
                "Dear {name},\n\n{what}\n\nThis ends on {ends}, unless you say before then that it shall go on. Open this link and say yes or no. Opening it alone changes nothing.\n{LINK}\n\nIf you do nothing, it ends on that day."
            );
            ("Shall it go on?".to_owned(), body)
        }
        Says::Told => {
            let each: Vec<String> = saying
                .owed
                .iter()
                .map(|(rule, _)| {
                    format!(
                        "We keep {}: {}.",
                        kind_names(policy, rule.kinds),
                        rule_words(policy, rule, Voice::You)
                    )
                })
                .collect();
            let first = saying.owed.first().map(|(rule, _)| rule);
            let goes = match first {
                Some(rule) if rule.then == Disposal::Anonymise => "we make it anonymous".to_owned(),
                Some(rule) if rule.then.hands_over() => handed_over(policy, rule),
                _ => "we erase it".to_owned(),
            };
            let when = match past {
                true => format!("That time is over since {ends}. Now {goes}."),
                false => format!("That time ends on {ends}. In the night after that day {goes}."),
            };
            let body = format!(
                "Dear {name},\n\nthis is about: {title}. {}\n\n{when} You need not do anything. If you want a copy of it, or think that this is wrong, tell us before then: {}.",
                each.join(" "),
                policy.contact.email
            );
            ("What we are about to let go of".to_owned(), body)
        }
    }
}

/// What goes on by a yes, in sentences: a consent's own wording, or whatever counts from the day they last confirmed it.
fn stays(policy: &Policy, life: &Life, activity: &Activity) -> String {
    if matches!(activity.basis, Basis::Consent { .. }) {
        return consent::wording(policy, activity);
    }
    let counts = |rule: &Rule| rule.phrase.events().iter().any(|event| event.name == "confirmed");
    let mut about = vec![activity];
    for ground in &life.grounds {
        let rule = policy.rules.get(ground.rule.index()).filter(|rule| counts(rule));
        let other = rule.and_then(|rule| policy.activity(rule.activity));
        about.extend(other.filter(|other| !matches!(other.basis, Basis::Consent { .. })));
    }
    about.sort_by_key(|activity| activity.id);
    about.dedup_by_key(|activity| activity.id);
    about.into_iter().map(|activity| consent::wording(policy, activity)).collect::<Vec<_>>().join(" ")
}

/// A task of saying it by other means, with an owner and the day by which it must be said.
fn owe(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    life: &Life,
    saying: &Saying<'_>,
) -> Result<custody::id::TaskId, Fault> {
    let ends = saying.ends().unwrap_or(acting.today);
    let day = words(ends);
    let title = &saying.activity.title;
    let what = match saying.says {
        // Nobody is sent to write to or ring whoever asked that what we hold is stored and nothing else.
        says if life.restriction.as_ref().is_some_and(|asked| asked.since <= acting.today) => format!(
            "They were to be {} before \u{201c}{title}\u{201d} ends on {day}. What we hold may only be stored: decide about the restriction first, and neither write nor ring while it stands.",
            says.name()
        ),
        Says::Told if ends < acting.today => format!(
            "Tell them, by letter or telephone, that \u{201c}{title}\u{201d} ended on {day} and what it held is about to go. No e-mail reaches them."
        ),
        Says::Told => format!(
            "Tell them, by letter or telephone, that \u{201c}{title}\u{201d} ends on {day}. No e-mail reaches them."
        ),
        Says::Asked => format!(
            "Ask them, by letter or telephone, whether \u{201c}{title}\u{201d} shall go on: it ends on {day}. No answer ends it."
        ),
    };
    let late = ends.checked_add(jiff::Span::new().days(parting::DAYS))?;
    let new = NewTask {
        person: Some(life.person),
        owner: owner(acting, tx, life)?,
        due_on: Some(if ends < acting.today { late } else { ends }),
        ..NewTask::new(Kind::Other, &what)
    };
    Ok(task::add(tx, &new, acting.now)?)
}

/// Whoever works with them, or else the first who answers requests.
fn owner(acting: &Acting<'_>, tx: &Tx<'_>, life: &Life) -> Result<Option<StaffId>, Fault> {
    if let Some((staff, _)) = life.assigned.first() {
        return Ok(Some(*staff));
    }
    super::task::whoever(acting, tx, Deed::AnswerRequests, &[])
}

/// What becomes of a message that may no longer leave, or could not: somebody has to say it by other means, if there is
/// still something to be said. Whether somebody has.
///
/// # Errors
/// Whatever the store says.
pub fn stopped(acting: &Acting<'_>, tx: &Tx<'_>, held: &Message) -> Result<bool, Fault> {
    let (Some(whom), message::Sort::Parting) = (held.person, held.sort) else { return Ok(false) };
    if !store::person::exists(tx, whom)? {
        return Ok(false);
    }
    let rows = store::parting::of_message(tx, held.id)?;
    let life = acting.life(tx, whom)?;
    let policy = &acting.policy;
    let mut owed = Vec::new();
    for row in rows.iter().filter(|row| row.said_on.is_none() && row.task.is_none()) {
        let ground = life.grounds.iter().find(|ground| ground.id == row.ground);
        let stands = ground.is_some_and(|ground| {
            parting::end(ground) == Some(row.ends_on)
                && (row.says == Says::Told || ground.active(acting.today))
        });
        if let (true, Some(rule)) = (stands, policy.rule_keyed(&row.rule)) {
            let of = Owed {
                ground: row.ground,
                rule: rule.id,
                says: row.says,
                from: row.recorded_on,
                ends: row.ends_on,
            };
            owed.push((rule, of));
        }
    }
    let Some((rule, says)) = owed.first().map(|(rule, owed)| (*rule, owed.says)) else { return Ok(false) };
    let Some(activity) = policy.activity(rule.activity) else { return Ok(false) };
    let task = owe(acting, tx, &life, &Saying { says, activity, owed })?;
    store::parting::by_hand(tx, held.id, task)?;
    acting.log(tx, "parting.by hand", &[whom], &json!({ "message": held.id.0, "task": task.0 }))?;
    Ok(true)
}

/// What a question behind a link asks, and how it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Standing {
    /// What goes on by a yes, in sentences.
    pub wording: String,
    /// The last day of what it asks about, as it was when it was asked.
    pub ends: Date,
    /// The last day of it now, where it has another: something renewed it.
    pub goes_on: Option<Date>,
    /// Whether it has ended.
    pub over: bool,
    /// Whether an answer may still be given.
    pub open: bool,
    /// Whether it rests on their consent, which they may take back at any time.
    pub by_consent: bool,
}

/// How a question behind a link stands.
///
/// # Errors
/// Whatever the store says.
pub fn standing(acting: &Acting<'_>, tx: &Tx<'_>, message: MessageId) -> Result<Option<Standing>, Fault> {
    let rows = store::parting::of_message(tx, message)?;
    let Some(first) = rows.first() else { return Ok(None) };
    let life = acting.life(tx, first.person)?;
    let activity = acting.policy.activity_named(&first.activity);
    let wording = activity.map(|activity| stays(&acting.policy, &life, activity)).unwrap_or_default();
    let by_consent = activity.is_some_and(|activity| matches!(activity.basis, Basis::Consent { .. }));
    let ends = rows.iter().map(|row| row.ends_on).min().unwrap_or(acting.today);
    let going = |row: &Parting| {
        life.grounds.iter().find(|ground| ground.id == row.ground && ground.active(acting.today))
    };
    let over = !rows.iter().any(|row| going(row).is_some());
    let now = rows.iter().filter_map(|row| going(row).and_then(parting::end)).min();
    let in_time = acting.today <= ends;
    Ok(Some(Standing {
        wording,
        ends,
        goes_on: now.filter(|now| *now > ends),
        over,
        // Once the day it asked about has passed the question is over; a consent can be changed as long as it stands.
        open: !over && (in_time || by_consent),
        by_consent,
    }))
}

/// What somebody answers by their link. A yes renews the consent, or is itself what the period counts from; a no takes a
/// consent back at once, and leaves every other period to its end. Until the day it asked about; a consent as long as it stands.
///
/// # Errors
/// [`Fault::Invalid`] once it has ended; [`Fault::Refused`] if what they say may not be kept.
pub(super) fn answer(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    asked: &Question,
    life: &Life,
    yes: Option<bool>,
) -> Result<(), Fault> {
    let Some(yes) = yes else { return Ok(()) };
    let policy = &acting.policy;
    let rows = store::parting::of_message(tx, asked.message)?;
    let stands = |row: &&Parting| {
        life.grounds.iter().any(|ground| ground.id == row.ground && ground.active(acting.today))
    };
    let Some(row) = rows.iter().find(stands) else {
        let ended = rows.iter().map(|row| ended(life, row)).filter(|on| *on <= acting.today).max();
        let ended = ended.map_or_else(|| "has ended".to_owned(), |on| format!("ended on {}", words(on)));
        return Err(Fault::field(
            "answer",
            format!("This {ended}. Nothing is changed by an answer any more."),
        ));
    };
    let activity = policy.activity_named(&row.activity).ok_or(Fault::NotFound)?;
    let by_consent = matches!(activity.basis, Basis::Consent { .. });
    // What a yes renewed goes to its new end: a no behind the old one would have it end in the past.
    if row.ends_on < acting.today && !by_consent {
        let until = life.grounds.iter().find(|ground| ground.id == row.ground).and_then(parting::end);
        let until = until.map_or_else(String::new, |until| format!(" It goes on until {}.", words(until)));
        return Err(Fault::field(
            "answer",
            format!(
                "This could be answered until {}.{until} If you want something else now, write to us: {}.",
                words(row.ends_on),
                policy.contact.email
            ),
        ));
    }
    let engagement =
        life.grounds.iter().find(|ground| ground.id == row.ground).and_then(|ground| ground.engagement);
    let before = asked.answer.filter(|(said, _)| *said).map(|(_, on)| on);
    may_keep(acting, life)?;
    match (yes, by_consent) {
        // Said already: once is enough.
        (true, _) if before == Some(acting.today) => {}
        (true, true) => {
            let given = consent::Given::themselves(acting.today, CONFIRMED);
            consent::renew(acting, tx, life, (activity, engagement), given)?;
        }
        (true, false) => {
            for event in A_YES {
                life_event::record(tx, policy, life.person, event, acting.today, None, acting.now)?;
            }
        }
        (false, true) => {
            store::consent::withdraw(tx, life.person, &activity.name, engagement, acting.today, DECLINED)?;
        }
        (false, false) => {
            if let Some(on) = before {
                life_event::undo_answer(tx, life.person, A_YES, on, acting.now)?;
            }
        }
    }
    question::answer(tx, asked.message, yes, acting.today)?;
    store::parting::answered(tx, asked.message, yes, acting.today)?;
    acting.settle(tx, life.person)?;
    let body = json!({ "message": asked.message.0, "asks": asked.asks.name(), "yes": yes });
    acting.log(tx, "question.answered", &[life.person], &body)
}

/// When what was asked about ended: the last day it was good, or the day on which somebody ended it before that.
fn ended(life: &Life, row: &Parting) -> Date {
    match life.grounds.iter().find(|ground| ground.id == row.ground).map(|ground| &ground.state) {
        Some(State::Stopped { on, cause: StopCause::Due | StopCause::Lapsed }) => {
            on.yesterday().unwrap_or(*on)
        }
        Some(State::Stopped { on, .. }) => *on,
        Some(State::Active) | None => row.ends_on,
    }
}

/// An answer is kept with the message it answers.
fn may_keep(acting: &Acting<'_>, life: &Life) -> Result<(), Fault> {
    let Some(kind) = acting.policy.kind_named("message record") else { return Ok(()) };
    let kinds = Asked::Exactly([kind.id].into_iter().collect());
    acting.decide(&person::act(Verb::Store, None, kinds), &[life], &Gate::default())?;
    Ok(())
}

/// What was said to a person before something of theirs ended, in sentences.
///
/// # Errors
/// Whatever the store says.
pub fn told(acting: &Acting<'_>, tx: &Tx<'_>, whom: PersonId) -> Result<Vec<String>, Fault> {
    let mut sentences: Vec<String> = Vec::new();
    for row in store::parting::of_person(tx, whom)? {
        let title = acting
            .policy
            .activity_named(&row.activity)
            .map_or(row.activity.as_str(), |activity| activity.title.as_str());
        let what = match row.says {
            Says::Told => format!("that \u{201c}{title}\u{201d} ends on {}", words(row.ends_on)),
            Says::Asked => {
                format!("whether \u{201c}{title}\u{201d} shall go on after {}", words(row.ends_on))
            }
        };
        let by = if row.task.is_some() { "by hand" } else { "by e-mail" };
        let said = match (row.says, row.said_on) {
            (Says::Told, Some(on)) => format!("Told {by} on {} {what}", words(on)),
            (Says::Asked, Some(on)) => format!("Asked {by} on {} {what}", words(on)),
            (Says::Told, None) => format!("To be told {by} {what}"),
            (Says::Asked, None) => format!("To be asked {by} {what}"),
        };
        let back = match (row.says, row.answer) {
            (Says::Told, _) => String::new(),
            (Says::Asked, Some((true, on))) => format!("; they said yes on {}", words(on)),
            (Says::Asked, Some((false, on))) => format!("; they said no on {}", words(on)),
            (Says::Asked, None) => "; no answer, which is no yes".to_owned(),
        };
        let sentence = format!("{said}{back}.");
        if !sentences.contains(&sentence) {
            sentences.push(sentence);
        }
    }
    Ok(sentences)
}
