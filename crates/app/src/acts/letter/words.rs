//! What the desk's letters say: plain English from the policy and the facts, for somebody to read over before it leaves. They
//! name the day, the reason and where else to go, and hold no value but the name they are addressed to, and to a recipient the name of
//! whom it is about and what was put right.

use jiff::civil::Date;
use policy::Policy;
use policy::law::uk::REGULATOR;
use store::disclosure::Telling;
use store::request::Kind;

use super::Sort;
use crate::acts::Acting;
use crate::acts::request::correcting::Corrections;
use crate::acts::request::weighing::Came;
use crate::print::copy::since_they_asked;
use crate::web::frame::words as day;

/// Stands for the link that shows who they are, until the letter leaves to an address we hold.
pub const LINK: &str = "{link}";

/// Stands for the code that can be read out instead.
pub const CODE: &str = "{code}";

/// What a letter is made from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Facts {
    /// Whom it goes to, if we know a name.
    pub name: Option<String>,
    /// Our reference.
    pub reference: String,
    /// What is asked; nothing for a complaint.
    pub kind: Option<Kind>,
    /// The day it reached us.
    pub received: Date,
    /// The day it is to be answered by.
    pub due: Option<Date>,
    /// Where the notice stands.
    pub notice: String,
    /// How much of what was held when they asked for a copy was changed or removed since.
    pub held_then: i64,
    /// What came of each use that they may object to, and of what they took back: what it is called, and what came of it.
    pub uses: Vec<(String, Came)>,
    /// What was corrected, where that is what they ask.
    pub corrected: Corrections,
    /// What a recipient is told, where the letter goes to one.
    pub told: Option<Told>,
    /// Whether nobody knows whose the request is: nothing else is held of whoever asks.
    pub unknown: bool,
    /// What happened to their data, where the letter says so.
    pub happened: Option<Happened>,
}

impl Facts {
    /// What every letter is made from; what only some are is added.
    pub(super) fn new(acting: &Acting<'_>, name: Option<String>, number: i64, received: Date) -> Self {
        Self {
            name,
            reference: store::id::reference(number),
            kind: None,
            received,
            due: None,
            notice: format!("{}/privacy", acting.instance.public_address()),
            held_then: 0,
            uses: Vec::new(),
            corrected: Corrections::default(),
            told: None,
            unknown: false,
            happened: None,
        }
    }
}

/// What whoever's data was part of an incident is told of it (Art 34).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Happened {
    /// What went wrong.
    pub sort: store::incident::Sort,
    /// The day it happened, if anybody knows.
    pub on: Option<Date>,
    /// What is done about it.
    pub measures: Option<String>,
}

/// What whoever had somebody's details from us is told (Art 19).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Told {
    /// Who, as the policy names them.
    pub recipient: String,
    /// What became of the details.
    pub telling: Telling,
    /// The same, as the task says it.
    pub what: String,
    /// What is right now of what was corrected, where they may have it.
    pub right: Vec<String>,
}

/// A letter: its subject and its text.
#[must_use]
pub fn write(policy: &Policy, sort: Sort, facts: &Facts, why: Option<&str>, link: bool) -> (String, String) {
    let why = why.map(sentence).unwrap_or_default();
    let asked = asked(facts);
    let mut parts = match sort {
        Sort::Acknowledgement => vec![we_have_it(policy, facts)],
        Sort::Identity => identity(&asked, link),
        Sort::Clarification => vec![
            format!("{asked} So that we can find what you want to see, please tell us more: {why}"),
            "The days until your answer do not count towards our time. If you would rather have everything, say so, and we \
             send you everything."
                .to_owned(),
        ],
        Sort::Fee => vec![
            format!("{asked} We ask for a fee before we go on, for this reason: {why}"),
            "Our time begins when it is paid. You need not pay: tell us if you see it otherwise.".to_owned(),
            complain(policy),
        ],
        Sort::Extension => vec![
            format!("{asked} We need longer than a month to answer, for this reason: {why}"),
            longer(policy, facts),
            complain(policy),
        ],
        Sort::Answer | Sort::Part | Sort::Refusal if !facts.uses.is_empty() => {
            let mut parts = vec![format!("{asked} {}", use_by_use(&facts.uses))];
            parts.extend(Some(why).filter(|why| !why.is_empty()));
            parts.push(
                "You get no advertising from us, whatever we decided of the rest: that stops whenever somebody asks."
                    .to_owned(),
            );
            parts.push(complain(policy));
            parts
        }
        Sort::Answer => [Some(format!("{asked} {}", done(facts))), since_they_asked(facts.held_then), Some(complain(policy))]
            .into_iter()
            .flatten()
            .collect(),
        Sort::Part => vec![
            format!("{asked} {} What we have not done, and why: {why}", part(facts)),
            complain(policy),
        ],
        Sort::Refusal => vec![
            format!("{asked} We have not done it, for this reason: {why}"),
            complain(policy),
        ],
        Sort::Lifting => vec![
            format!(
                "We only store your data at present and do not use it, as you asked. That is going to end. {why} We tell you before \
                 it happens, as the law says."
            ),
            "If you think that it should go on, tell us at once.".to_owned(),
            complain(policy),
        ],
        Sort::Recipient => recipient(facts),
        Sort::Progress => vec![
            format!("{asked} We are looking into it. {why}"),
            "We tell you what came of it as soon as we know.".to_owned(),
        ],
        Sort::Outcome => vec![
            format!("{asked} We have looked into it. {why}"),
            complain(policy),
        ],
        Sort::Incident => happened(policy, facts, &why),
    };
    let greeting = match (sort, &facts.name) {
        (Sort::Recipient, _) => "To whom it concerns,".to_owned(),
        (_, Some(name)) => format!("Dear {name},"),
        (_, None) => "Hello,".to_owned(),
    };
    parts.insert(0, greeting);
    parts.push(signed(policy, facts));
    (subject(sort, facts), parts.join("\n\n"))
}

fn subject(sort: Sort, facts: &Facts) -> String {
    let what = match (sort, facts.kind) {
        (Sort::Acknowledgement, Some(_)) => "We have your request",
        (Sort::Acknowledgement, None) => "We have your complaint",
        (Sort::Identity, _) => "Your request: who you are",
        (Sort::Clarification, _) => "Your request: what you would like to see",
        (Sort::Fee, _) => "Your request: a fee",
        (Sort::Extension, _) => "Your request takes longer",
        (Sort::Answer | Sort::Part | Sort::Refusal, _) => "Our answer to your request",
        (Sort::Lifting, _) => "We are going to use your data again",
        (Sort::Recipient, _) => "Data that you had from us",
        (Sort::Progress, _) => "Your complaint: how it stands",
        (Sort::Outcome, _) => "Your complaint: what came of it",
        (Sort::Incident, _) => "Something has happened to data about you",
    };
    format!("{what} ({})", facts.reference)
}

/// What they asked and when.
fn asked(facts: &Facts) -> String {
    let on = day(facts.received);
    match facts.kind {
        Some(Kind::Access) => format!("On {on} you asked us what we hold about you."),
        Some(Kind::Erasure) => format!("On {on} you asked us to erase what we hold about you."),
        Some(Kind::Rectification) => format!("On {on} you asked us to correct what we hold about you."),
        Some(Kind::Restriction) => format!("On {on} you asked us to keep your data and not to use it."),
        Some(Kind::Objection) => format!("On {on} you asked us to stop something that we do with your data."),
        Some(Kind::Portability) => format!("On {on} you asked us for your data, to take it elsewhere."),
        Some(Kind::NoContact) => format!("On {on} you asked us never to contact you again."),
        None => format!("On {on} you complained to us about how we handle your data."),
    }
}

/// What was decided, a line for each use.
fn use_by_use(uses: &[(String, Came)]) -> String {
    let line = |(title, came): &(String, Came)| match came {
        Came::Stopped => format!("- {title}: we have stopped."),
        Came::GoesOn(why) => format!("- {title}: we go on. Why: {}", sentence(why)),
        Came::NotMeant => {
            format!(
                "- {title}: this goes on, since we understand that you do not object to it. Tell us if you do."
            )
        }
    };
    let lines: Vec<String> = uses.iter().map(line).collect();
    format!("This is what came of each thing that you can object to or took back:\n\n{}", lines.join("\n"))
}

fn we_have_it(policy: &Policy, facts: &Facts) -> String {
    let asked = asked(facts);
    match (facts.kind, facts.due) {
        (Some(_), Some(due)) => format!(
            "{asked} We have your request, and answer it without delay, by {} at the latest. It costs you nothing.",
            day(due)
        ),
        (Some(_), None) => {
            format!("{asked} We have your request, and answer it without delay. It costs you nothing.")
        }
        (None, _) => format!(
            "{asked} We have your complaint and are looking into it now. We keep you informed, and tell you what came of it. {}",
            elsewhere(policy)
        ),
    }
}

fn identity(asked: &str, link: bool) -> Vec<String> {
    let mut parts = vec![format!(
        "{asked} Before we answer we must be sure that it is you: we would not give your data to anybody else."
    )];
    if link {
        parts.push(format!("The simplest way is to open this link and to press the button there: {LINK}"));
        parts.push(format!("You can also ring us and read us this code: {CODE}"));
        parts.push("Both work for seven days. Opening the link alone does nothing.".to_owned());
        parts.push(
            "If you cannot use it, ring us or come by. We look at a document and keep no copy of it."
                .to_owned(),
        );
    } else {
        parts.push("Please ring us or come by. We look at a document and keep no copy of it.".to_owned());
    }
    parts.push("Our month begins when we know who you are.".to_owned());
    parts
}

fn longer(policy: &Policy, facts: &Facts) -> String {
    let kind = facts.kind.unwrap_or(Kind::Access);
    let events =
        store::request::Events { extended: Some(facts.received), ..store::request::Events::default() };
    let most = store::request::Clock::of(policy, kind, facts.received, &events).due;
    match most {
        Some(most) => format!(
            "The law lets us take two further months for that. Counted from the day you asked, this is {} at the latest; days on \
             which we waited for you come on top. We answer sooner if we can.",
            day(most)
        ),
        None => "The law lets us take two further months for that. We answer sooner if we can.".to_owned(),
    }
}

/// What was put right, what stands beside the rest, who was told and who is to be: no more than was done.
fn put_right(corrected: &Corrections) -> String {
    let right =
        (!corrected.right.is_empty()).then(|| format!("We have corrected: {}.", corrected.right.join("; ")));
    let noted = corrected.noted.then(|| "A note of what you say stands beside what we hold.".to_owned());
    let told = (!corrected.told.is_empty())
        .then(|| format!("Whoever had it from us has been told of it: {}.", corrected.told.join(", ")));
    let to_tell = (!corrected.to_tell.is_empty())
        .then(|| format!("Whoever had it from us is to be told of it: {}.", corrected.to_tell.join(", ")));
    [right, noted, told, to_tell].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// That a part was done, and of a correction which.
fn part(facts: &Facts) -> String {
    let begins = "We have done a part of it.";
    match facts.kind {
        Some(Kind::Rectification) if facts.corrected.right.is_empty() => put_right(&facts.corrected),
        Some(Kind::Rectification) => format!("{begins} {}", put_right(&facts.corrected)),
        _ => begins.to_owned(),
    }
}

/// That nothing else is held of whoever asks, and what becomes of what they gave with it.
fn nothing_held(facts: &Facts) -> String {
    let found = "We have looked for you by what you gave us, and hold nothing about you but this request. If we may know you by another \
                 name, address or number, tell us, and we look again.";
    match facts.kind {
        Some(Kind::Objection) => format!(
            "{found} You get no advertising from us, and what you gave us is used for nothing but to answer you."
        ),
        _ => found.to_owned(),
    }
}

fn done(facts: &Facts) -> String {
    if facts.unknown {
        return nothing_held(facts);
    }
    let words = match facts.kind {
        Some(Kind::Access) => {
            "Here is our answer. A copy of what we hold is enclosed, or behind the link that you have from us."
        }
        Some(Kind::Portability) => "Here it is, as a file that people and computers can read.",
        Some(Kind::Erasure) => "It is done.",
        Some(Kind::Rectification) => return put_right(&facts.corrected),
        Some(Kind::Restriction) => {
            "We store your data and use it for nothing else until this is decided. We tell you before that ends."
        }
        // What was weighed or taken back is said use by use: here there was neither.
        Some(Kind::Objection) => {
            "You get no advertising from us. Nothing else that we do with your data rests on an interest of ours, so there was \
             nothing to weigh. If you agreed to something with us, it stands until you take it back: tell us which, at any time."
        }
        Some(Kind::NoContact) => {
            "We have stopped, and keep a mark that nobody can read, so that it stays so."
        }
        None => "It is done.",
    };
    words.to_owned()
}

/// What happened, what it may mean, what is done, and whom to ask: all that the law wants said (Art 34(2)).
fn happened(policy: &Policy, facts: &Facts, why: &str) -> Vec<String> {
    use store::incident::Sort as Wrong;
    let Some(happened) = &facts.happened else { return Vec::new() };
    let what = match happened.sort {
        Wrong::Lost => "was lost, stolen or destroyed",
        Wrong::Seen => "was seen by people who should not see it, or may have been",
        Wrong::Changed => "was changed, and should not have been",
        Wrong::Unreachable => "was out of reach when it was needed",
        Wrong::Unclear => "may have come into the wrong hands; we do not yet know all of it",
    };
    let when = happened.on.map_or_else(String::new, |on| format!(" It happened on {}.", day(on)));
    let found = day(facts.received);
    let measures =
        happened.measures.as_deref().map(|done| format!("What we do about it: {}", sentence(done)));
    [
        Some(format!("On {found} we found out that data about you that we hold {what}.{when} We are sorry.")),
        Some(why.to_owned()),
        measures,
        Some(format!("Whatever you want to know about it, ask us: {}.", policy.contact.email)),
        Some(complain(policy)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn recipient(facts: &Facts) -> Vec<String> {
    let Some(told) = &facts.told else { return Vec::new() };
    let name = facts.name.as_deref().unwrap_or("somebody");
    let right = Some(&told.right).filter(|right| !right.is_empty());
    let right = right.map_or_else(String::new, |right| format!(" What is right now: {}.", right.join(", ")));
    // The law has recipients told of what is corrected, erased or restricted; that it may be used again, it does not.
    let (see_to_it, why) = match told.telling {
        Telling::GoesOn | Telling::Lifted => (
            "",
            "You heard from us before that it may only be stored. Please answer that you have read this.",
        ),
        Telling::Stopped | Telling::Withdrawn => {
            (" Please see to it with you, too.", "Please answer that it is done, or why it cannot be.")
        }
        _ => (
            " Please see to it with you, too.",
            "The law makes us tell you (UK GDPR Article 19). Please answer that it is done, or why it cannot be.",
        ),
    };
    vec![
        format!(
            "You had data about {name} from us. We have to tell you that {}.{right}{see_to_it}",
            told.what
        ),
        why.to_owned(),
    ]
}

/// Where to complain: to us, to the regulator, and to a court (Art 12(4)).
pub(super) fn complain(policy: &Policy) -> String {
    let ways: Vec<&str> = policy.complaints.iter().map(String::as_str).collect();
    let ways = match ways.as_slice() {
        [] => "by e-mail".to_owned(),
        [first @ .., last] if !first.is_empty() => format!("by {} or {last}", first.join(", ")),
        all => format!("by {}", all.join(", ")),
    };
    format!(
        "If you are not happy with this, complain to us, {ways}: {}. We tell you within 30 days that we have it. {}",
        policy.contact.email,
        elsewhere(policy)
    )
}

fn elsewhere(policy: &Policy) -> String {
    let named = policy.recipients.iter().find(|recipient| recipient.name == "regulator");
    let regulator = named.map_or(REGULATOR.name, |recipient| recipient.words.as_str());
    format!(
        "You can also complain to {regulator}: {}, {}. And you can go to court.",
        REGULATOR.site, REGULATOR.phone
    )
}

fn signed(policy: &Policy, facts: &Facts) -> String {
    let phone = policy.contact.phone.as_ref().map_or_else(String::new, |phone| format!(", {phone}"));
    format!(
        "{}\n{}\n{}{phone}\n\nOur reference: {}. How we handle your data: {}",
        policy.contact.title, policy.controller, policy.contact.email, facts.reference, facts.notice
    )
}

fn sentence(why: &str) -> String {
    crate::web::error::sentence(why.trim())
}
