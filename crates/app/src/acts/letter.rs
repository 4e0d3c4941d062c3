//! Letters of the rights desk: each is drafted from the policy and the facts, changed by whoever signs it, and leaves because
//! somebody said so. Where the policy says so an acknowledgement leaves by itself, and nothing else does. What a letter says
//! happens with it: one that asks who they are stops the clock on the day it leaves, one that refuses closes the request.

use custody::id::{IncidentId, LetterId, PersonId, TaskId};
use custody::{Grant, Life, Sealed};
use jiff::civil::Date;
use policy::channel::{Channel, Means};
use policy::law::uk::REGULATOR;
use policy::role::Deed;
use serde_json::json;
use store::letter::{self, Change, Letter, NewLetter};
use store::message::Sort as MessageSort;
use store::normal;
use store::request::{self, Move};
use store::{Tx, complaint, item, line};

use super::complaint as complaints;
use super::incident as incidents;
use super::question::Leaving;
use super::request::{self as desk, ACTIVITY, Done};
use super::request::{correcting, weighing};
use super::{Acting, delivery, identity};
use crate::fault::Fault;
use crate::print::copy;

mod fits;
mod incident;
mod recipient;
mod sort;
mod stopped;
mod words;

pub use fits::restricted;
pub use recipient::{addressed, called, forget_names, of_task};
pub use sort::{Sort, fitting};
pub use stopped::stopped;
pub use store::letter::About;
pub use words::{CODE, Facts, Happened, LINK, Told};

/// The longest subject, in bytes.
const SUBJECT_BYTES_MAX: usize = 300;

/// What a letter is about, with whom.
struct Matter {
    about: About,
    person: PersonId,
    life: Life,
    grant: Grant,
    facts: Facts,
    held_name: Option<String>,
    reach: Option<Sealed>,
    closed: bool,
}

fn matter(acting: &Acting<'_>, tx: &Tx<'_>, about: About) -> Result<Matter, Fault> {
    let policy = &acting.policy;
    let (person, name, received, due, reach, closed, number, asked) = match about {
        About::Request(id) => {
            let asked = request::one(tx, policy, id)?;
            let (name, reach) = (asked.name.clone(), asked.reach.clone());
            (asked.person, name, asked.received_on, asked.due_on, reach, asked.closed_on, id.0, Some(asked))
        }
        About::Incident(id, person) => return incident::matter(acting, tx, id, person),
        About::Complaint(id) => {
            let found = complaint::one(tx, policy, id)?;
            (
                found.person,
                found.name,
                found.received_on,
                found.due_on,
                found.reach,
                found.closed_on,
                id.0,
                None,
            )
        }
    };
    let person = person.ok_or(Fault::NotFound)?;
    let life = acting.life(tx, person)?;
    let grant = desk::answering(acting, &[&life])?;
    let held_name = desk::name_of(acting, tx, person, &grant)?;
    let name = held_name.clone().or_else(|| copy::text(name.as_ref()?, &grant).ok());
    let mut facts = Facts { due, ..Facts::new(acting, name, number, received) };
    if let Some(asked) = &asked {
        facts.kind = Some(asked.kind);
        facts.held_then = request::kept_then(tx, asked.id)?;
        facts.uses = weighing::decided(acting, tx, asked, &grant)?;
        facts.corrected = correcting::corrections(acting, tx, asked, &request::steps(tx, policy, asked)?)?;
        facts.unknown = asked.unknown_since.is_some();
    }
    Ok(Matter { about, person, life, grant, facts, held_name, reach, closed: closed.is_some() })
}

/// An address a letter can go to.
#[derive(Clone, Debug)]
pub struct Address {
    /// `held`, or `given` with the request.
    pub word: &'static str,
    /// The address.
    pub address: Sealed,
    /// Whether we held it, as it is, before the day the request came: who reads what goes there is whom we knew.
    pub before: bool,
}

/// The channel by which e-mail about requests leaves, where any can.
pub(super) fn channel<'p>(acting: &'p Acting<'_>) -> Option<&'p Channel> {
    channel_of(acting, ACTIVITY)
}

/// The same under an activity.
fn channel_of<'p>(acting: &'p Acting<'_>, activity: &str) -> Option<&'p Channel> {
    let policy = &acting.policy;
    if acting.instance.config.smtp.is_none() && !acting.instance.is_practice() {
        return None;
    }
    let own = policy.activity_named(activity).into_iter().flat_map(|activity| &activity.channels);
    let own = own.filter_map(|id| policy.channels.get(id.index()));
    let others = policy.channels.iter().filter(|channel| !channel.to_many);
    own.chain(others).find(|channel| channel.means == Means::Email)
}

/// The activity under which a letter about this leaves.
fn activity_of<'p>(acting: &'p Acting<'_>, about: About) -> &'p str {
    match about {
        About::Incident(..) => incident::activity(acting),
        About::Request(_) | About::Complaint(_) => ACTIVITY,
    }
}

fn addresses_of(acting: &Acting<'_>, tx: &Tx<'_>, matter: &Matter) -> Result<Vec<Address>, Fault> {
    if channel_of(acting, activity_of(acting, matter.about)).is_none() {
        return Ok(Vec::new());
    }
    let policy = &acting.policy;
    let items = item::of_person(tx, policy, matter.person)?;
    let kinds = line::email_kinds(policy, None);
    let email = |item: &&item::Item| kinds.contains(item.kind) && item.value.open(&matter.grant).is_ok();
    let before = |item: &item::Item| acting.instance.clock.on(item.updated_at) < matter.facts.received;
    // Of several the one that we had before they asked.
    let emails: Vec<_> = items.iter().filter(email).collect();
    let held = emails.iter().find(|item| before(item)).or(emails.first());
    let held = held.map(|item| Address { word: "held", address: item.value.clone(), before: before(item) });
    let mut found: Vec<Address> = held.into_iter().collect();
    if let Some(reach) = &matter.reach {
        let text = copy::text(reach, &matter.grant)?;
        let known = found.iter().any(|held| {
            copy::text(&held.address, &matter.grant)
                .is_ok_and(|held| normal::email(&held) == normal::email(&text))
        });
        if normal::email(&text).is_some() && !known {
            found.push(Address { word: "given", address: reach.clone(), before: false });
        }
    }
    Ok(found)
}

/// The addresses a letter about this can go to by e-mail, and what opens them.
///
/// # Errors
/// [`Fault::Refused`] unless the role answers requests.
pub fn addresses(acting: &Acting<'_>, tx: &Tx<'_>, about: About) -> Result<(Vec<Address>, Grant), Fault> {
    acting.must(Deed::AnswerRequests)?;
    let matter = matter(acting, tx, about)?;
    let found = addresses_of(acting, tx, &matter)?;
    Ok((found, matter.grant))
}

/// Drafts a letter; one to whoever had the details from us by the task of telling them. Nothing leaves.
///
/// # Errors
/// [`Fault::Refused`] unless the role answers requests; [`Fault::Invalid`] without the reason it needs; [`Fault::Changed`] without that task.
pub fn draft(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    about: About,
    sort: Sort,
    (why, task): (&str, Option<TaskId>),
) -> Result<LetterId, Fault> {
    acting.must(Deed::AnswerRequests)?;
    // What happened to somebody's data is told of an incident, and of nothing else.
    if (sort == Sort::Incident) != matches!(about, About::Incident(..)) {
        return Err(Fault::field("sort", "Choose what it says."));
    }
    let mut matter = matter(acting, tx, about)?;
    if matter.closed && sort != Sort::Recipient && sort != Sort::Lifting {
        return Err(Fault::Changed);
    }
    if sort == Sort::Recipient {
        let About::Request(id) = about else { return Err(Fault::NotFound) };
        matter.facts.told = Some(recipient::told(acting, tx, &matter, id, task)?);
    }
    let why = desk::text("letter-why", why)?;
    fits::lifts(&matter, sort, "letter-why")?;
    if let (About::Request(id), Some(outcome)) = (about, sort.outcome()) {
        let asked = request::one(tx, &acting.policy, id)?;
        fits::fits(acting, tx, (&asked, &matter), outcome, "letter-why")?;
    }
    // What was decided use by use is the reason of an answer, and of nothing else.
    let given = why.is_some() || (sort.outcome().is_some() && !matter.facts.uses.is_empty());
    if let (Some(needs), false) = (sort.needs(), given) {
        return Err(Fault::field("letter-why", format!("{needs}: write it in a sentence.")));
    }
    drafted(acting, tx, &matter, sort, why.as_deref())
}

fn drafted(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    matter: &Matter,
    sort: Sort,
    why: Option<&str>,
) -> Result<LetterId, Fault> {
    // A link that shows who they are goes only to an address we held before they asked.
    let held = addresses_of(acting, tx, matter)?.iter().any(|one| one.before);
    let (subject, body) = words::write(&acting.policy, sort, &matter.facts, why, held);
    // What was decided use by use is the reason that the register keeps.
    let decided = weighing::said(&matter.facts.uses).filter(|_| sort.outcome().is_some());
    let kept = [decided.as_deref(), why].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let new = NewLetter {
        person: matter.person,
        about: matter.about,
        sort: sort.name(),
        why: Some(kept.as_str()).filter(|kept| !kept.is_empty()),
        recipient: matter.facts.told.as_ref().map(|told| told.recipient.as_str()),
        subject: &subject,
        body: &body,
        on: acting.today,
        by: acting.staff_id(),
    };
    let letter = letter::draft(tx, &new, acting.now)?;
    acting.log(
        tx,
        "letter.drafted",
        &[matter.person],
        &json!({ "letter": letter.0, "sort": sort.name() }),
    )?;
    Ok(letter)
}

/// Says that we have it: by itself where the policy says so and an e-mail reaches them, else as a draft that waits for somebody. It
/// carries nothing that whoever asked wrote, and only so many leave for one address: anybody can name any.
///
/// # Errors
/// Whatever the store says.
pub fn acknowledge(acting: &Acting<'_>, tx: &Tx<'_>, about: About) -> Result<(), Fault> {
    if !acting.policy.requests.acknowledge {
        return Ok(());
    }
    if acting.staff_id().is_some() && !acting.may(Deed::AnswerRequests) {
        // Whoever took it reads nothing of it: it leaves by itself, as what comes by the form does.
        return acknowledge(&Acting::subject(acting.instance), tx, about);
    }
    let mut matter = match matter(acting, tx, about) {
        Ok(matter) => matter,
        // What the program may not read by itself waits for a person, like every other letter.
        Err(Fault::Refused(_)) => return Ok(()),
        Err(fault) => return Err(fault),
    };
    matter.facts.name.clone_from(&matter.held_name);
    let letter = drafted(acting, tx, &matter, Sort::Acknowledgement, None)?;
    let Some(to) = addresses_of(acting, tx, &matter)?.into_iter().next_back() else { return Ok(()) };
    let address = normal::email(&copy::text(&to.address, &matter.grant)?).unwrap_or_default();
    if acting.instance.acknowledged.count(&address, crate::clock::machine()).is_err() {
        return Ok(());
    }
    let letter = letter::one(tx, &acting.policy, letter)?;
    mailed(acting, tx, &matter, &letter, &to)?;
    said(acting, tx, about, (acting.today, "by e-mail"))
}

/// They know that we have it.
fn said(acting: &Acting<'_>, tx: &Tx<'_>, about: About, (on, how): (Date, &str)) -> Result<(), Fault> {
    match about {
        About::Request(id) => {
            Ok(request::step(tx, id, on, "acknowledged", Some(how), acting.staff_id(), acting.now)?)
        }
        About::Complaint(id) => complaints::acknowledged(acting, tx, id, (on, how)),
        About::Incident(..) => Ok(()),
    }
}

/// A letter, opened for whoever answers requests.
///
/// # Errors
/// [`Fault::Refused`] unless the role answers requests; [`Fault::NotFound`] if there is none.
pub fn on_desk(acting: &Acting<'_>, tx: &Tx<'_>, letter: LetterId) -> Result<(Letter, Grant), Fault> {
    acting.must(Deed::AnswerRequests)?;
    let found = letter::one(tx, &acting.policy, letter)?;
    let life = acting.life(tx, found.person)?;
    let grant = desk::answering(acting, &[&life])?;
    acting.opens("letter.read", &grant);
    Ok((found, grant))
}

/// Changes a draft, if it is still as it was seen.
///
/// # Errors
/// [`Fault::Invalid`] for an empty letter or one that is too long.
pub fn change(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    letter: LetterId,
    version: i64,
    (subject, body): (&str, &str),
) -> Result<Change, Fault> {
    acting.must(Deed::AnswerRequests)?;
    let subject = subject.split_whitespace().collect::<Vec<_>>().join(" ");
    if subject.is_empty() || subject.len() > SUBJECT_BYTES_MAX {
        return Err(Fault::field("subject", "Write what it is about, in a line."));
    }
    let body = desk::text("body", body)?.ok_or_else(|| Fault::field("body", "Write the letter."))?;
    let found = letter::one(tx, &acting.policy, letter)?;
    let changed = letter::change(tx, letter, version, &subject, &body)?;
    if changed == Change::Stored {
        acting.log(tx, "letter.changed", &[found.person], &json!({ "letter": letter.0 }))?;
    }
    Ok(changed)
}

/// Changes the reason that the register keeps with a draft, where its letter now gives another.
///
/// # Errors
/// [`Fault::Invalid`] without one; [`Fault::Changed`] if it is not as it was seen.
pub fn because(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (letter, version): (LetterId, i64),
    why: &str,
) -> Result<(), Fault> {
    let (found, _) = on_desk(acting, tx, letter)?;
    let needs = Sort::named(&found.sort).and_then(Sort::needs);
    let Some(needs) = needs else { return Ok(()) };
    let why = desk::text("letter-why", why)?
        .ok_or_else(|| Fault::field("letter-why", format!("{needs}: write it in a sentence.")))?;
    match letter::because(tx, letter, version, &why) {
        Ok(()) => Ok(()),
        Err(store::Error::Missing) => Err(Fault::Changed),
        Err(error) => Err(error.into()),
    }
}

/// Throws a draft away.
///
/// # Errors
/// [`Fault::Changed`] if it is not as it was seen.
pub fn discard(acting: &Acting<'_>, tx: &Tx<'_>, letter: LetterId, version: i64) -> Result<(), Fault> {
    acting.must(Deed::AnswerRequests)?;
    let found = letter::one(tx, &acting.policy, letter)?;
    match letter::discard(tx, letter, version) {
        Ok(()) => acting.log(tx, "letter.discarded", &[found.person], &json!({ "letter": letter.0 })),
        Err(store::Error::Missing) => Err(Fault::Changed),
        Err(error) => Err(error.into()),
    }
}

/// How a letter leaves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Leaves<'a> {
    /// By e-mail: to the address we hold, or the one that was given.
    Mail(&'a str),
    /// Otherwise: on which day and how, by post or read out.
    ByHand(Date, &'a str),
}

/// Lets a letter leave, and does what it says.
///
/// # Errors
/// [`Fault::Changed`] if it is not as it was seen; [`Fault::Invalid`] if what it says cannot be done now, or no e-mail reaches them.
pub fn send(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (letter, version): (LetterId, i64),
    leaves: Leaves<'_>,
) -> Result<Done, Fault> {
    let (found, grant) = on_desk(acting, tx, letter)?;
    if found.sent_on.is_some() || found.version != version {
        return Err(Fault::Changed);
    }
    let sort = Sort::named(&found.sort).ok_or(Fault::NotFound)?;
    let matter = matter(acting, tx, found.about)?;
    complete(acting, tx, (&found, sort), &matter, leaves)?;
    let (on, how) = match leaves {
        Leaves::Mail(word) => {
            let found_addresses = addresses_of(acting, tx, &matter)?;
            let to = found_addresses.iter().find(|one| one.word == word);
            let to = to.filter(|_| sort != Sort::Recipient).ok_or_else(|| {
                Fault::field("to", "No e-mail of ours reaches them: print it, or tell them, and say how.")
            })?;
            mailed(acting, tx, &matter, &found, to)?;
            (acting.today, "by e-mail")
        }
        Leaves::ByHand(on, how) => {
            if on > acting.today || on < found.written_on.max(matter.facts.received) {
                return Err(Fault::field("on", "Choose a day from the one it was written to today."));
            }
            let how = how.trim();
            if how.is_empty() || how.len() > 200 {
                return Err(Fault::field(
                    "how",
                    "Write how it reached them: by post, by hand, read out on the telephone.",
                ));
            }
            letter::left(tx, letter, version, on, (None, Some(how)))?;
            (on, how)
        }
    };
    let why = found.why.as_ref().map(|why| copy::text(why, &grant)).transpose()?.unwrap_or_default();
    acting.log(tx, "letter.sent", &[found.person], &json!({ "letter": letter.0, "sort": sort.name() }))?;
    let done = follow(acting, tx, &found, sort, (on, how, &why))?;
    if !done.closed {
        acting.settle_if_held(tx, Some(found.person))?;
    }
    Ok(done)
}

/// Refuses a letter that would leave without what belongs to it: the ways to complain (Art 12(4)), or the copy that it speaks of.
fn complete(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (found, sort): (&Letter, Sort),
    matter: &Matter,
    leaves: Leaves<'_>,
) -> Result<(), Fault> {
    let body = copy::text(&found.body, &matter.grant)?;
    let site = REGULATOR.site.split('/').next().unwrap_or(REGULATOR.site);
    let elsewhere = body.contains(site) && body.contains("court");
    if matches!(sort, Sort::Part | Sort::Refusal | Sort::Outcome) && !elsewhere {
        let words = format!(
            "It must say where else they can go (Art 12(4)). Put this back into it: {}",
            words::complain(&acting.policy)
        );
        return Err(Fault::field("body", words));
    }
    fits::lifts(matter, sort, "body")?;
    if let (About::Request(id), Some(outcome)) = (found.about, sort.outcome()) {
        let asked = request::one(tx, &acting.policy, id)?;
        fits::still_so(tx, &asked, found.id)?;
        fits::fits(acting, tx, (&asked, matter), outcome, "body")?;
    }
    let copies = matches!(matter.facts.kind, Some(request::Kind::Access | request::Kind::Portability));
    if let (Leaves::Mail(_), About::Request(request), Sort::Answer | Sort::Part) = (leaves, found.about, sort)
        && copies
        && !matter.facts.unknown
        && !delivery::stands(acting, tx, request)?
    {
        return Err(Fault::field(
            "to",
            "No copy goes with an e-mail: make the pack and hand it over by a link with a code first. Or print this letter, enclose \
                 the copy, and say how it reached them.",
        ));
    }
    Ok(())
}

/// What a letter says happens with it.
fn follow(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    found: &Letter,
    sort: Sort,
    (on, how, why): (Date, &str, &str),
) -> Result<Done, Fault> {
    let by = acting.staff_id();
    match found.about {
        About::Incident(id, person) => incidents::wrote_to(acting, tx, (id, person), on)?,
        About::Complaint(id) => match sort {
            Sort::Acknowledgement => complaints::acknowledged(acting, tx, id, (on, how))?,
            Sort::Outcome => complaints::answer(acting, tx, id, (why, on))?,
            _ => {
                let note = if why.is_empty() { how } else { why };
                complaint::step(tx, id, on, complaint::PROGRESS, Some(note), by, acting.now)?;
            }
        },
        About::Request(id) => {
            let moved = match sort {
                Sort::Identity => Some(Move::IdentityAsked),
                Sort::Clarification => Some(Move::Paused),
                Sort::Fee => Some(Move::FeeAsked(why)),
                Sort::Extension => Some(Move::Extended(why)),
                _ => None,
            };
            if let Some(how) = moved {
                desk::moved(acting, tx, id, how, on)?;
            }
            if let Some(outcome) = sort.outcome() {
                return desk::answer(acting, tx, id, outcome, (why, on));
            }
            match sort {
                Sort::Acknowledgement => said(acting, tx, found.about, (on, how))?,
                Sort::Lifting => request::step(tx, id, on, LIFTING_TOLD, Some(how), by, acting.now)?,
                Sort::Recipient => request::step(tx, id, on, "recipient written to", None, by, acting.now)?,
                _ => {}
            }
        }
    }
    Ok(Done::default())
}

/// The step that says that they were told before what restricts them is lifted.
pub const LIFTING_TOLD: &str = "told before lifting";

/// Hands a letter to the outbox; a link that shows who they are is made now, and only for an address we held before they asked.
fn mailed(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    matter: &Matter,
    found: &Letter,
    to: &Address,
) -> Result<(), Fault> {
    let activity = activity_of(acting, found.about);
    let channel =
        channel_of(acting, activity).ok_or_else(|| Fault::field("to", "No e-mail can be sent from here."))?;
    let mut body = copy::text(&found.body, &matter.grant)?;
    if body.contains(LINK) {
        body = match (found.about, to.before) {
            (About::Request(request), true) => {
                let (link, code) = identity::made(acting, tx, request, matter.person)?;
                body.replace(LINK, &link).replace(CODE, &code)
            }
            _ => body
                .lines()
                .filter(|line| !line.contains(LINK) && !line.contains(CODE))
                .collect::<Vec<_>>()
                .join("\n"),
        };
    }
    let request = match found.about {
        About::Request(request) => Some(request),
        About::Complaint(_) | About::Incident(..) => None,
    };
    let leaving = Leaving {
        grant: &matter.grant,
        person: matter.life.person,
        address: &to.address,
        activity,
        channel,
        sort: MessageSort::Rights,
        request,
        by: acting.staff_id(),
    };
    let subject = copy::text(&found.subject, &matter.grant)?;
    let message = leaving.queue(acting, tx, &subject, &body)?;
    acting.opens("letter.queued", &matter.grant);
    letter::left(tx, found.id, found.version, acting.today, (Some(message), None))?;
    Ok(())
}

/// The letters about a request or a complaint to whoever it is of by now.
///
/// # Errors
/// [`Fault::Refused`] unless the role answers requests.
pub fn about(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    about: About,
    person: Option<PersonId>,
) -> Result<Vec<Letter>, Fault> {
    acting.must(Deed::AnswerRequests)?;
    let mut letters = letter::about(tx, &acting.policy, about)?;
    letters.retain(|letter| Some(letter.person) == person);
    Ok(letters)
}

/// The letters about an incident to some of those whose data it was.
///
/// # Errors
/// [`Fault::Refused`] unless the role answers requests.
pub fn of_incident(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    incident: IncidentId,
    people: &[PersonId],
) -> Result<Vec<Letter>, Fault> {
    acting.must(Deed::AnswerRequests)?;
    Ok(letter::of_incident(tx, &acting.policy, incident, people)?)
}
