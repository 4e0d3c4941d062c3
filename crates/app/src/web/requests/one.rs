//! One request on the desk: by when and why, who they are, what we hold, the pack, the answer.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::Path;
use axum::response::Html;
use custody::id::RequestId;
use custody::{Grant, Sealed};
use jiff::ToSpan;
use jiff::civil::Date;
use policy::phrase::period_words;
use store::request::{self, Clock, Kind, SubjectRequest};
use store::{Tx, dispose, task};

use super::super::letter::{self, Line};
use super::super::page::{Choice, Day, Form, Page, Refused, Step};
use super::super::show::filters;
use super::super::task::owners;
use super::super::{Answer, House, Visitor, frame, html, people, read};
use crate::acts::elsewhere::{self, INSIDE};
use crate::acts::letter::{self as letters, About};
use crate::acts::request as acts;
use crate::acts::request::weighing::Stage;
use crate::acts::{Acting, confirmation, identity as identity_of, waiting};
use crate::fault::Fault;

mod answers;
mod clock;
mod correcting;
pub mod forms;
pub mod pack;
pub mod uses;
pub mod whose;

use answers::{answers, closed_as, of_nobody};
use clock::{extension, paused, pauses};
use pack::{kept_words, read_words, waits_words};

#[derive(Template)]
#[template(path = "requests/request.html")]
struct RequestPage {
    page: Page,
    grant: Grant,
    base: String,
    who: Option<Sealed>,
    initials: String,
    person_href: String,
    kind: String,
    words: Option<Sealed>,
    received: Day,
    how: String,
    due: Option<Day>,
    due_why: String,
    days: Vec<String>,
    changed: String,
    version: i64,
    left: String,
    tone: String,
    steps: Vec<Step>,
    owner: String,
    owners: Vec<Choice>,
    today: String,
    form: Form,
    refused: Option<Refused>,
    identity: Part,
    identity_ways: Vec<Choice>,
    pauses: Vec<Effect>,
    paused: String,
    extension: Option<Effect>,
    fee: Option<Effect>,
    search: Part,
    found: Vec<Found>,
    looked: Vec<Sealed>,
    reading: String,
    pack: Option<Pack>,
    onward: Option<Onward>,
    waits: String,
    kept: Option<Kept>,
    went: Vec<String>,
    preview_href: String,
    /// Where the restriction that stands by it is looked at again, or lifted.
    restriction_href: String,
    uses: Option<uses::Uses>,
    correcting: Option<correcting::Correcting>,
    tasks: Vec<Task>,
    answer: Part,
    answers: Vec<Choice>,
    done: String,
    /// What stays of an erasure, why and until when.
    stays: Vec<String>,
    told: Told,
    reference: String,
    reach: Option<Sealed>,
    behalf: Option<Sealed>,
    authority: Option<Sealed>,
    authority_seen: String,
    desk_grant: Option<Grant>,
    letters: Vec<Line>,
    sorts: Vec<Choice>,
    can_code: bool,
    /// Whose it is, where that was not known from the beginning.
    whose: whose::Whose,
    /// What was changed or removed while they wait for a copy, each with its reason.
    touched: Vec<Touched>,
    whose_ways: Vec<Choice>,
}

/// What is kept only because of a request that waits.
struct Kept {
    words: String,
    asks: bool,
    limits: String,
}

/// What became of the message that an erasure was done.
#[derive(Default)]
struct Told {
    words: String,
    address: Option<Sealed>,
    grant: Option<Grant>,
}

struct Part {
    done: bool,
    open: bool,
    words: String,
}

struct Effect {
    words: String,
    effect: String,
    action: String,
    name: String,
}

struct Found {
    words: String,
    count: u64,
    included: bool,
}

struct Pack {
    /// That nobody searched what is held about others, or something came since; nothing where that is done.
    unsearched: String,
    ready: bool,
    making: bool,
    words: String,
    zip: String,
    pdf: String,
    json: String,
    size: String,
}

/// Where somebody wants their data to go.
struct Onward {
    to: Option<Sealed>,
    confirmed: String,
    taken: String,
    ready: bool,
}

struct Task {
    words: String,
    done: bool,
    href: String,
    action: String,
    /// The task's number, where a letter can tell a recipient of it.
    tells: String,
}

/// Something that was changed or removed while they wait for a copy.
struct Touched {
    words: String,
    why: Option<Sealed>,
}

fn touched(steps: &[request::Step]) -> Vec<Touched> {
    let touched = acts::touched(steps).into_iter().map(|(on, goes, why)| Touched {
        words: format!("{} on {}", if goes { "Removed" } else { "Changed" }, frame::words(on)),
        why,
    });
    touched.collect()
}

/// `GET /requests/{id}`.
pub async fn get(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| page(acting, tx, RequestId(id), Form::default(), &path)).await
}

pub(super) fn page(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    id: RequestId,
    form: Form,
    path: &str,
) -> Result<Html<String>, Fault> {
    let asked = acts::on_desk(acting, tx, id)?;
    let steps = request::steps(tx, &acting.policy, &asked)?;
    let grant = acts::listing(acting, tx, asked.person.as_slice())?;
    let who = super::name(tx, acting, &asked, &grant)?;
    let open = asked.closed_on.is_none();
    let has = |names: &[&str]| steps.iter().any(|step| names.contains(&step.step.as_str()));
    let base = format!("/requests/{id}");
    let staff = store::staff::all(tx)?;
    let (left, tone) = super::left(&asked, acting.today);
    let clock = request::clock(tx, &acting.policy, id)?;
    let deadline = &clock.law;
    let known = identity_of::on_record(&steps);
    let unknown = asked.unknown_since.is_some();
    let tasks = task::of_request(tx, id)?;
    let waits = tasks.iter().any(|task| task.blocks && task.done_on.is_none());
    let restricted = has(&["restricted"]) && letters::restricted(acting, tx, &asked)?;
    let (uses, weighing) = uses::of(acting, tx, &asked, (known, &form))?;
    let weighs = weighing == Stage::Open;
    let copies = matches!(asked.kind, Kind::Access | Kind::Portability);
    let reading = if copies && open && asked.person.is_some() {
        read_words(acting, tx, &asked)?
    } else {
        String::new()
    };
    html(&RequestPage {
        page: frame::page(acting, "A request", "requests", path),
        initials: asked.initials.clone().unwrap_or_else(|| "somebody".to_owned()),
        person_href: match (&who, asked.person) {
            (Some(_), Some(person)) => format!("/people/{person}"),
            _ => String::new(),
        },
        kind: acts::words(asked.kind).to_owned(),
        words: asked.words.clone(),
        received: frame::day(asked.received_on, acting.today),
        how: asked.channel.clone(),
        due: asked.due_on.map(|due| frame::day(due, acting.today)),
        due_why: reasons(acting, &clock),
        days: days(&clock),
        left,
        tone: tone.to_owned(),
        steps: super::bar(&asked, &steps),
        owner: frame::owner(&staff, asked.owner),
        owners: owners(&staff, asked.owner),
        today: acting.today.to_string(),
        refused: None,
        identity: Part {
            done: known && open,
            open: open && !known && !unknown,
            words: if unknown { String::new() } else { whose::known(&asked, &steps, open) },
        },
        identity_ways: ways(form.value("identity"), true),
        whose: whose::of(acting, tx, &asked, &form)?,
        touched: touched(&steps),
        whose_ways: ways(form.value("identity"), false),
        pauses: if open { pauses(acting, (&asked, known), deadline) } else { Vec::new() },
        paused: paused(&asked, open),
        extension: extension(acting, &asked, open),
        fee: fee(acting, tx, &asked, open)?,
        changed: form.error("changed").to_owned(),
        version: asked.version,
        search: Part { done: has(&["searched"]), open: open && copies, words: searched(&asked) },
        found: found(acting, tx, &asked)?,
        looked: looked(&steps),
        reading,
        waits: waits_words(acting, tx, &asked)?,
        kept: kept_words(acting, tx, &asked)?,
        went: waiting::went(acting, tx, &asked)?
            .iter()
            .map(|gone| format!("{}: {}", frame::words(gone.on), waiting::counted(&gone.counts)))
            .collect(),
        uses,
        correcting: correcting::of(acting, tx, (&asked, &steps), (known, &form))?,
        onward: (asked.kind == Kind::Portability && known && asked.person.is_some())
            .then(|| onward(&steps, &grant, has(&["pack made"]))),
        pack: match copies {
            true => Some(Pack {
                unsearched: match asked.kind == Kind::Access && open && asked.person.is_some() {
                    true => elsewhere::unsearched(acting, tx, &asked)?.unwrap_or_default(),
                    false => String::new(),
                },
                ..pack(&base, has(&["pack made"]), known, open)
            }),
            false => None,
        },
        preview_href: preview(&asked, open, has(&["erased", "restricted"])),
        restriction_href: match (restricted, asked.person) {
            (true, Some(person)) => format!("/people/{person}/restriction?request={id}"),
            _ => String::new(),
        },
        tasks: tasks
            .iter()
            .map(|task| hand(task, asked.person.is_some() && asked.kind != Kind::Erasure))
            .collect(),
        answer: Part {
            done: !open,
            open: open && !waits && !weighs,
            words: answer_words((waits, weighs), open).to_owned(),
        },
        answers: of_nobody(&asked, answers(&asked, &form, has(&["erased"]), weighing)),
        done: asked.closed_on.map_or_else(String::new, |on| {
            format!("{} and closed on {}.", closed_as(&asked), frame::words(on))
        }),
        stays: asked.stays.iter().map(crate::acts::erasure::sentence).collect(),
        told: told(acting, tx, &asked)?,
        reference: store::id::reference(id.0),
        authority_seen: asked.authority_seen_on.map_or_else(String::new, frame::words),
        desk_grant: desk_grant(acting, tx, &asked)?,
        letters: letter::lines(acting, tx, About::Request(id), asked.person)?,
        sorts: of_nobody(
            &asked,
            letter::sorts(
                &letters::fitting(&asked, known, has(&["acknowledged"]), restricted, weighing),
                form.value("sort"),
            ),
        ),
        can_code: open && !known && !unknown,
        reach: asked.reach.clone(),
        behalf: asked.behalf.clone(),
        authority: asked.authority.clone(),
        base,
        who,
        form,
        grant,
    })
}

/// What opens where they want to be answered and who asks for them: more than a list shows.
fn desk_grant(acting: &Acting<'_>, tx: &Tx<'_>, asked: &SubjectRequest) -> Result<Option<Grant>, Fault> {
    let Some(person) = asked.person.filter(|_| asked.reach.is_some() || asked.behalf.is_some()) else {
        return Ok(None);
    };
    let life = acting.life(tx, person)?;
    let grant = acts::answering(acting, &[&life])?;
    acting.opens("request.read", &grant);
    Ok(Some(grant))
}

/// How whoever was erased hears of it.
fn told(acting: &Acting<'_>, tx: &Tx<'_>, asked: &SubjectRequest) -> Result<Told, Fault> {
    if asked.kind != Kind::Erasure {
        return Ok(Told::default());
    }
    let Some((message, grant)) = confirmation::last(acting, tx, asked.id)? else {
        return Ok(Told::default());
    };
    let by = frame::words(message.queued_on.saturating_add(acting.policy.requests.confirming_days.days()));
    let words = match (message.state.as_str(), message.sent_at) {
        ("sent", Some(at)) => {
            format!(
                "They were told by e-mail on {}. The message holds their address no more.",
                frame::words(acting.instance.clock.on(at))
            )
        }
        ("failed", _) if grant.is_some() => format!(
            "The mail server did not take the message to them. Tell them otherwise by {by}; then this address goes from it:"
        ),
        ("failed", _) => {
            "They could not be told by e-mail, and the message holds their address no more.".to_owned()
        }
        _ => format!(
            "A message to them waits to leave. It holds their address until it has, {by} at the latest."
        ),
    };
    let address = match message.address {
        store::message::Text::Sealed(sealed) => Some(sealed).filter(|_| grant.is_some()),
        store::message::Text::Plain(_) => None,
    };
    Ok(Told { words, address, grant })
}

/// The law's arithmetic in words, with our own promise where it is earlier.
fn reasons(acting: &Acting<'_>, clock: &Clock) -> String {
    let mut said: Vec<String> =
        clock.law.trace.iter().map(|line| crate::web::error::sentence(&dated(line))).collect();
    said.push(match (&acting.policy.requests.own_period, clock.own) {
        (Some(period), Some(_)) => {
            format!("The policy promises {}. The earlier day counts.", period_words(period))
        }
        (Some(period), None) => format!("The policy promises {}.", period_words(period)),
        (None, _) => {
            "The policy promises no earlier day, and \u{201c}without delay\u{201d} always counts.".to_owned()
        }
    });
    said.join(" ")
}

/// The law's day and our own, both, where there are both.
fn days(clock: &Clock) -> Vec<String> {
    let Some((law, own)) = clock.law.due.zip(clock.own) else { return Vec::new() };
    vec![format!("By the law: {}", frame::words(law)), format!("By our own promise: {}", frame::words(own))]
}

/// The same words with every date as pages say it.
pub(in crate::web) fn dated(line: &str) -> String {
    let words = line.split(' ').map(|word| {
        let bare = word.trim_end_matches([',', ':', ';', '.']);
        match bare.parse::<Date>() {
            Ok(date) => word.replacen(bare, &frame::words(date), 1),
            Err(_) => word.to_owned(),
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// How we can know who asks; the first stands chosen where `first` says so.
pub(in crate::web) fn ways(chosen: &str, first: bool) -> Vec<Choice> {
    identity_of::WAYS
        .iter()
        .enumerate()
        .map(|(place, (value, words))| Choice {
            value: (*value).to_owned(),
            words: (*words).to_owned(),
            hint: String::new(),
            chosen: *value == chosen || (chosen.is_empty() && first && place == 0),
        })
        .collect()
}

/// Asking for a fee: what the policy and the law make of it.
fn fee(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    asked: &SubjectRequest,
    open: bool,
) -> Result<Option<Effect>, Fault> {
    if !open || asked.fee_asked_on.is_some() {
        return Ok(None);
    }
    let policy = match acts::charge(acting, tx, asked)? {
        Some(words) => format!(" {words}"),
        None => String::new(),
    };
    Ok(Some(Effect {
        words: "We must ask for a fee".to_owned(),
        effect: format!(
            "Only if what they ask is unfounded or excessive, which is for us to show, or for further copies (Art 12(5), 15(3)). \
             The month begins when it is paid.{policy}"
        ),
        action: "We asked for a fee".to_owned(),
        name: "fee".to_owned(),
    }))
}

/// Where we looked last, and inside which files of others.
fn looked(steps: &[request::Step]) -> Vec<Sealed> {
    let words = steps.iter().rev().find(|step| step.step.starts_with("searched") && step.step != INSIDE);
    let all = words.into_iter().chain(steps.iter().filter(|step| step.step == INSIDE));
    all.filter_map(|step| step.note.clone()).collect()
}

fn searched(asked: &SubjectRequest) -> String {
    match asked.kind {
        Kind::Erasure if !asked.stays.is_empty() => "What stays stands above.",
        Kind::Erasure if asked.closed_on.is_some() => "Nothing but this request.",
        Kind::Erasure => "It says what goes, what must stay and why, and what is left to do by hand.",
        Kind::Restriction => "It says what will stop until somebody decides.",
        _ => "We hold nothing but this request.",
    }
    .to_owned()
}

/// What is held, by kind, and what of it is also about somebody else.
fn found(acting: &Acting<'_>, tx: &Tx<'_>, asked: &SubjectRequest) -> Result<Vec<Found>, Fault> {
    let Some(person) = asked.person else { return Ok(Vec::new()) };
    let held = dispose::holdings(tx, &acting.policy, person)?;
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    let mut shared = 0;
    for datum in &held.data {
        let name = acting.policy.kind(datum.kind).map_or("", |kind| kind.name.as_str());
        *counts.entry(people::capital(name)).or_insert(0) += 1;
        shared += u64::from(
            matches!(datum.table, "entry" | "document") && datum.people.iter().any(|(who, _)| *who != person),
        );
    }
    let mut found: Vec<Found> =
        counts.into_iter().map(|(words, count)| Found { words, count, included: true }).collect();
    if shared > 0 {
        let words = "Of these, also about somebody else: read them before the pack leaves".to_owned();
        found.push(Found { words, count: shared, included: true });
    }
    Ok(found)
}

fn pack(base: &str, ready: bool, known: bool, open: bool) -> Pack {
    let words = match (open, ready, known) {
        (false, ..) => "The pack can still be made from what is held today.",
        (true, true, _) => {
            "It leaves as it was looked through when it was made, or not at all: if what we hold or what was decided changes, make it again."
        }
        (true, false, true) => "Everything linked to them: what, why, from where, with whom, until when.",
        (true, false, false) => "Say first how we know who they are.",
    };
    Pack {
        unsearched: String::new(),
        ready,
        making: false,
        words: words.to_owned(),
        zip: format!("{base}/pack.zip"),
        pdf: format!("{base}/pack.pdf"),
        json: format!("{base}/pack.json"),
        size: String::new(),
    }
}

fn onward(steps: &[request::Step], grant: &Grant, ready: bool) -> Onward {
    let stands = crate::acts::onward::stands(steps);
    let on = stands.as_ref().and_then(|onward| onward.confirmed.as_ref()).map(|(on, _)| *on);
    let taken = stands.as_ref().and_then(|onward| onward.taken).map_or_else(String::new, frame::words);
    Onward {
        taken,
        to: stands.map(|onward| onward.to).filter(|to| to.open(grant).is_ok()),
        confirmed: on.map_or_else(String::new, frame::words),
        ready,
    }
}

fn preview(asked: &SubjectRequest, open: bool, carried_out: bool) -> String {
    match (asked.kind, asked.person) {
        (Kind::Erasure, Some(person)) if open && !carried_out => {
            format!("/people/{person}/erasure?request={}", asked.id)
        }
        (Kind::Restriction, Some(person)) if open && !carried_out => {
            format!("/people/{person}/restriction?request={}", asked.id)
        }
        _ => String::new(),
    }
}

/// What is to be done by hand. Whoever had what is erased is written to from the task: it alone still says of whom.
fn hand(task: &task::Task, drafts: bool) -> Task {
    let done = task.done_on.is_some();
    let tells = letters::addressed(task).filter(|_| drafts && !done);
    let tells = tells.map_or_else(String::new, |_| task.id.to_string());
    let words = match (task.what.is_empty(), task.done_on) {
        (true, _) => "Done by hand".to_owned(),
        (false, Some(on)) => format!("{}: done on {}{}", task.what, frame::words(on), outcome(task)),
        (false, None) => match task.due_on {
            Some(due) => format!("{}, by {}", task.what, frame::words(due)),
            None => task.what.clone(),
        },
    };
    let href = if done { String::new() } else { format!("/tasks/{}", task.id) };
    let written = task.kind == task::Kind::TellRecipient && task.about.is_some();
    let action = if written { "The letter, and confirm" } else { "Confirm" };
    Task { words, done, href, action: action.to_owned(), tells }
}

/// What was written down when a task was confirmed: of a recipient what they answered.
pub(in crate::web) fn outcome(task: &task::Task) -> String {
    let answered = task.kind == task::Kind::TellRecipient;
    let outcome = task.outcome.as_deref().filter(|outcome| !outcome.is_empty());
    let untold = |outcome: &str| outcome.starts_with(store::disclosure::UNTOLD);
    outcome.map_or_else(String::new, |outcome| match answered && !untold(outcome) {
        true => format!(". They answered: {outcome}"),
        false => format!(". {}", crate::web::people::capital(outcome)),
    })
}

fn answer_words((waits, weighs): (bool, bool), open: bool) -> &'static str {
    match (open, waits) {
        (true, false) if weighs => "Decide of each use first whether it stops or goes on (2.).",
        (true, true) => {
            "It stays open until what is left to do by hand is done. Then it is answered and closed by itself."
        }
        (true, false) => "What was answered goes into the register.",
        (false, _) => "",
    }
}
