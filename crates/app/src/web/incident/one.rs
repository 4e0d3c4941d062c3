//! One incident: what happened, how bad it may be, who must be told and was, whose data it was, and what keeps it from happening again;
//! each step with its time, its reason and who wrote it down.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Html;
use custody::id::{IncidentId, NOBODY, PersonId};
use custody::{Grant, Sealed};
use jiff::Timestamp;
use policy::count::{counted_len, grouped};
use policy::law::uk::BREACH_HOURS;
use policy::role::Deed;
use serde::Deserialize;
use store::Tx;
use store::incident::{self, Considered, Incident, Risk, Step as Done, Whom};

use super::forms::{MANY, WHOM};
use super::{fields, left, sorts};
use crate::acts::Acting;
use crate::acts::incident::{self as acts, many};
use crate::fault::Fault;
use crate::web::error::sentence;
use crate::web::letter::{self, Line};
use crate::web::page::{Choice, Form, Page, Step};
use crate::web::people::capital;
use crate::web::pick::{self, Picker};
use crate::web::show::filters;
use crate::web::{Answer, House, Visitor, frame, html, people, read};

#[derive(Template)]
#[template(path = "incident/incident.html")]
struct IncidentPage {
    page: Page,
    /// What opens what is written of it.
    grant: Grant,
    /// What opens the names of whose data it is.
    names: Grant,
    base: String,
    reference: String,
    sort: String,
    what: Sealed,
    found: String,
    found_by: Option<Sealed>,
    happened: String,
    hours: Hours,
    left: String,
    tone: &'static str,
    clock: String,
    clock_why: String,
    steps: Vec<Step>,
    risk: String,
    risk_tone: &'static str,
    unassessed: bool,
    risks: Vec<Choice>,
    asked: Vec<Asked>,
    regulator_reference: Option<Sealed>,
    measures: Option<Sealed>,
    extent: Option<Sealed>,
    still: Vec<&'static str>,
    history: Vec<Past>,
    people: Vec<Theirs>,
    hidden: String,
    /// How many there are, where the page does not have all of them, and where the next are.
    of_many: String,
    next: String,
    picker: Option<Picker>,
    behind: Option<Behind>,
    owner: String,
    owners: Vec<Choice>,
    open: bool,
    done: String,
    sorts: Vec<Choice>,
    version: i64,
    form: Form,
    changed: bool,
}

/// When it was found and happened, as the fields have it that put it right.
struct Hours {
    found_on: String,
    found_at: String,
    happened_on: String,
    happened_at: String,
    /// Whether something is wrong with them.
    wrong: bool,
}

/// Somebody who may have to be told, with the names of the fields that say so.
struct Asked {
    name: &'static str,
    title: &'static str,
    law: &'static str,
    state: &'static str,
    tone: &'static str,
    undecided: bool,
    to_tell: bool,
    told: bool,
    /// Whether it is the first thing to decide.
    first: bool,
    wrong_considered: bool,
    wrong_told: bool,
    is_regulator: bool,
    /// Whether a first word would come too late.
    overdue: bool,
    on: String,
    at: String,
    tell: Vec<Choice>,
    how_hint: &'static str,
    tell_name: String,
    why_name: String,
    on_name: String,
    at_name: String,
    how_name: String,
    late_name: String,
    reference_name: String,
}

struct Past {
    at: String,
    words: String,
    note: Option<Sealed>,
    by: String,
}

struct Theirs {
    href: String,
    number: i64,
    who: Sealed,
    told: String,
    /// Letters to them about it.
    letters: Vec<Line>,
    /// Whether one can be written now, by whoever looks.
    write: bool,
    why: String,
    why_error: String,
}

/// How many of those whose data it was are on the page.
const SHOWN: u32 = 100;

/// How many lines of a list are said by which nobody was found.
const UNKNOWN_SHOWN: usize = 50;

/// Who is behind a list that somebody pasted.
struct Behind {
    /// How many would join, and the mark of who they are.
    join: usize,
    mark: String,
    /// The same on the button.
    button: String,
    words: String,
    /// By what nobody was found, and how many lines more.
    unknown: Vec<String>,
    more: String,
}

/// After whom the page of a long list begins.
#[derive(Deserialize)]
pub struct Asks {
    #[serde(default)]
    after: i64,
}

/// `GET /incidents/{id}?after=`.
pub async fn get(house: House, visitor: Visitor, Path(id): Path<i64>, Query(asks): Query<Asks>) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        page(acting, tx, IncidentId(id), (Form::default(), PersonId(asks.after)), &path)
    })
    .await
}

/// Who is behind the list of a form, where one was pasted; what is wrong with it goes into the form.
fn behind(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    id: IncidentId,
    form: &mut Form,
) -> Result<Option<Behind>, Fault> {
    if form.value(MANY).is_empty() {
        return Ok(None);
    }
    let found = match many::look(acting, tx, id, form.value("list")) {
        Ok(found) => found,
        Err(Fault::Invalid(errors)) => {
            if form.error("list").is_empty() {
                form.errors.extend(errors);
            }
            return Ok(None);
        }
        Err(fault) => return Err(fault),
    };
    let joining = counted_len(found.join.len(), "person");
    let before = match found.before {
        0 => String::new(),
        1 => " One more is in it already.".to_owned(),
        many => format!(" {} more are in it already.", grouped(many as u64)),
    };
    let unknown = match found.unknown.len() {
        0 => " Somebody was found by each line.".to_owned(),
        1 => " By one line nobody was found whom you may see:".to_owned(),
        many => format!(" By {} lines nobody was found whom you may see:", grouped(many as u64)),
    };
    Ok(Some(Behind {
        join: found.join.len(),
        mark: found.mark(),
        button: format!("Add {joining}"),
        words: format!("{joining} would join.{before}{unknown}"),
        more: match found.unknown.len().saturating_sub(UNKNOWN_SHOWN) {
            0 => String::new(),
            many => format!("and {}", counted_len(many, "more line")),
        },
        unknown: found.unknown.into_iter().take(UNKNOWN_SHOWN).collect(),
    }))
}

/// The page with a form that came back, and with those of whose data it was who come after somebody.
pub(super) fn page(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    id: IncidentId,
    (mut form, after): (Form, PersonId),
    path: &str,
) -> Result<Html<String>, Fault> {
    let (found, grant) = acts::on_desk(acting, tx, id)?;
    let steps = incident::steps(tx, &acting.policy, &found)?;
    let staff = store::staff::all(tx)?;
    let open = found.closed_on.is_none();
    let (left, tone) = left(acting, &found);
    let behind = if open { behind(acting, tx, id, &mut form)? } else { None };
    let Whose { names, people, hidden, of_many, next } = whose(acting, tx, (id, open, after), &form)?;
    let picker = match open {
        true => Some(pick::of_people(acting, tx, (WHOM, "Add whose data it is, too"), "", &form)?),
        false => None,
    };
    let mut owners = Vec::new();
    for account in acts::investigators(acting, tx)? {
        owners.push(Choice {
            value: account.id.to_string(),
            words: account.name,
            hint: String::new(),
            chosen: Some(account.id) == found.owner,
        });
    }
    let like = match form.value("sort") {
        "" => found.sort.name(),
        typed => typed,
    };
    let (risk, risk_tone) = risk(found.risk);
    html(&IncidentPage {
        page: frame::page(acting, "An incident", "requests", path),
        base: format!("/incidents/{id}"),
        reference: store::id::reference(id.0),
        sort: found.sort.words().to_lowercase(),
        found: frame::moment(acting.instance, found.found_at),
        happened: found.happened_at.map_or_else(String::new, |at| frame::moment(acting.instance, at)),
        hours: hours(acting, &found, &form),
        clock: clock(acting, &found, &left),
        clock_why: clock_why(acting),
        left,
        tone,
        steps: bar(&acting.policy, &found, &steps),
        risk,
        risk_tone,
        unassessed: found.risk.is_none(),
        risks: risks(form.value("risk-risk"), found.risk),
        asked: asked(acting, &found, &steps, &form),
        still: if open { acts::still_to_do(&acting.policy, &found, &steps) } else { Vec::new() },
        history: steps.iter().map(|step| past(acting, step, &staff)).collect(),
        people,
        hidden,
        of_many,
        next,
        picker,
        behind,
        owner: frame::owner(&staff, found.owner),
        owners,
        open,
        done: found.closed_on.map_or_else(String::new, |on| format!("Closed on {}.", frame::words(on))),
        sorts: sorts(like),
        version: found.version,
        changed: form.errors.iter().any(|error| error.field == "changed"),
        what: found.what,
        found_by: found.found_by,
        regulator_reference: found.regulator_reference,
        measures: found.measures,
        extent: found.extent,
        form,
        names,
        grant,
    })
}

/// Whose data it is, of whom their name may be shown, and how many more.
struct Whose {
    names: Grant,
    people: Vec<Theirs>,
    hidden: String,
    of_many: String,
    next: String,
}

fn whose(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (id, open, after): (IncidentId, bool, PersonId),
    form: &Form,
) -> Result<Whose, Fault> {
    let answers = acting.may(Deed::AnswerRequests);
    let mut some = incident::some_people(tx, id, after, SHOWN)?;
    // After whom there is nobody the list begins anew.
    if some.is_empty() && after != NOBODY {
        some = incident::some_people(tx, id, NOBODY, SHOWN)?;
    }
    let linked: BTreeMap<PersonId, Option<Timestamp>> = some.into_iter().collect();
    let numbers: Vec<PersonId> = linked.keys().copied().collect();
    let lives = acting.lives(tx, &numbers)?;
    let grant = people::grant(acting, &lives)?;
    if !grant.people().is_empty() {
        acting.opens("incident.people", &grant);
    }
    let mut letters: BTreeMap<PersonId, Vec<Line>> = BTreeMap::new();
    if answers {
        for written in crate::acts::letter::of_incident(acting, tx, id, &numbers)? {
            letters.entry(written.person).or_default().push(letter::line(&written));
        }
    }
    let (mut shown, mut named) = (Vec::new(), BTreeSet::new());
    for name in crate::web::work::names(acting, tx, &numbers, &grant)? {
        let who = name.person();
        // Of several names of somebody the first.
        if !named.insert(who) {
            continue;
        }
        let told = linked.get(&who).copied().flatten();
        let field = format!("why-{who}");
        shown.push(Theirs {
            letters: letters.remove(&who).unwrap_or_default(),
            write: open && answers,
            why: form.value(&field).to_owned(),
            why_error: form.error(&field).to_owned(),
            href: format!("/people/{who}"),
            number: who.0,
            who: name,
            told: told.map_or_else(
                || "not told yet".to_owned(),
                |at| format!("told {}", frame::moment(acting.instance, at)),
            ),
        });
    }
    let hidden = match numbers.len().saturating_sub(shown.len()) {
        0 => String::new(),
        1 => "One more whose name may not be shown here.".to_owned(),
        many => format!("{many} more whose names may not be shown here."),
    };
    let of_many = match incident::how_many(tx, id)? {
        few if few <= u64::from(SHOWN) => String::new(),
        many => format!("{} people in all, {SHOWN} on a page.", grouped(many)),
    };
    let next = numbers.last().filter(|_| !of_many.is_empty());
    let next = next.map_or_else(String::new, |last| format!("/incidents/{id}?after={last}#whose"));
    Ok(Whose { names: grant, people: shown, hidden, of_many, next })
}

fn hours(acting: &Acting<'_>, found: &Incident, form: &Form) -> Hours {
    let typed = |name: &str, otherwise: String| match form.value(name) {
        "" => otherwise,
        typed => typed.to_owned(),
    };
    let (found_on, found_at) = fields(acting, found.found_at);
    let (happened_on, happened_at) = found.happened_at.map(|at| fields(acting, at)).unwrap_or_default();
    let wrong = |name: &&str| !form.error(name).is_empty();
    Hours {
        found_on: typed("found-on", found_on),
        found_at: typed("found-at", found_at),
        happened_on: typed("happened", happened_on),
        happened_at: typed("happened-at", happened_at),
        wrong: ["found-on", "happened", "hours-why"].iter().any(wrong),
    }
}

fn risk(risk: Option<Risk>) -> (String, &'static str) {
    match risk {
        None => ("Nobody has said yet".to_owned(), "wait"),
        Some(risk) => {
            let words = Risk::ALL.iter().find(|(known, ..)| *known == risk).map_or("", |(.., words)| *words);
            (words.to_owned(), if risk == Risk::Unlikely { "good" } else { "late" })
        }
    }
}

fn risks(typed: &str, now: Option<Risk>) -> Vec<Choice> {
    let choice = |(risk, name, words): &(Risk, &str, &str)| Choice {
        value: (*name).to_owned(),
        words: (*words).to_owned(),
        hint: match risk {
            Risk::Unlikely => "The regulator need not be told.",
            Risk::Possible => "The regulator must be told.",
            Risk::High => "The regulator must be told, and the people as well.",
        }
        .to_owned(),
        chosen: if typed.is_empty() { Some(*risk) == now } else { *name == typed },
    };
    Risk::ALL.iter().map(choice).collect()
}

fn asked(acting: &Acting<'_>, found: &Incident, steps: &[Done], form: &Form) -> Vec<Asked> {
    let mut before = found.risk.is_some();
    let (today, hour) = fields(acting, acting.now);
    let late = found.regulator_told_at.is_none() && found.due_at.is_some_and(|due| acting.now > due);
    let each = Whom::ALL.iter().map(|&(whom, name, ..)| {
        let considered = incident::considered(steps, whom);
        let undecided = considered == Considered::NotYet;
        let first = before && undecided;
        before &= !undecided;
        let (title, law, how_hint) = words(whom);
        let (state, tone) = match considered {
            Considered::NotYet if incident::decided_again(steps, whom) => {
                ("It looks worse now: decide again", "late")
            }
            Considered::NotYet => ("Nobody has decided yet", "wait"),
            Considered::NoNeed => ("They need not be told", "good"),
            Considered::ToTell => ("To be told", "late"),
            Considered::Told => ("Told", "good"),
        };
        let field = |part: &str| format!("{name}-{part}");
        let typed = |part: &str, otherwise: &str| match form.value(&field(part)) {
            "" => otherwise.to_owned(),
            typed => typed.to_owned(),
        };
        let wrong = |parts: &[&str]| parts.iter().any(|part| !form.error(&field(part)).is_empty());
        let chosen = |value: &str, by_now: bool| match form.value(&field("tell")) {
            "" => by_now,
            said => said == value,
        };
        let tell = [
            ("yes", "Yes", considered == Considered::ToTell),
            ("no", "No", considered == Considered::NoNeed),
        ];
        Asked {
            name,
            title,
            law,
            state,
            tone,
            undecided,
            to_tell: considered == Considered::ToTell,
            told: considered == Considered::Told,
            first,
            wrong_considered: wrong(&["tell", "why"]),
            wrong_told: wrong(&["on", "how", "late", "reference"]),
            is_regulator: whom == Whom::Regulator,
            overdue: late,
            on: typed("on", &today),
            at: typed("at", &hour),
            tell: tell
                .iter()
                .map(|(value, words, by_now)| Choice {
                    value: (*value).to_owned(),
                    words: (*words).to_owned(),
                    hint: String::new(),
                    chosen: chosen(value, *by_now),
                })
                .collect(),
            how_hint,
            tell_name: field("tell"),
            why_name: field("why"),
            on_name: field("on"),
            at_name: field("at"),
            how_name: field("how"),
            late_name: field("late"),
            reference_name: field("reference"),
        }
    });
    each.collect()
}

/// What a page asks about somebody, what the law says of it, and what is said of how they were told.
fn words(whom: Whom) -> (&'static str, &'static str, &'static str) {
    match whom {
        Whom::Regulator => (
            "The regulator",
            "They are told unless it is unlikely to hurt anybody (UK GDPR Art 33). What is not known yet can follow.",
            "By their form or their telephone; what was said and by whom.",
        ),
        Whom::People => (
            "The people whose data it is",
            "They are told without delay if it may hurt them badly, unless nobody can read the data, or what was done since keeps them \
             from harm; if there is no way to reach each of them, in public (UK GDPR Art 34).",
            "By letter, by telephone, in public.",
        ),
        Whom::Organisations => (
            "Organisations",
            "Whoever we work for, whose data it is too, is told at once; so is whoever can help to limit the harm.",
            "Which, by whom, and how.",
        ),
        Whom::Police => (
            "The police",
            "Where a crime is suspected: theft, a break-in, blackmail.",
            "Where, by whom, and their crime number.",
        ),
    }
}

fn past(acting: &Acting<'_>, step: &Done, staff: &[store::staff::Account]) -> Past {
    let words = match step.outcome.as_deref() {
        Some(incident::TELL) => format!("{}: to be told", capital(&step.step)),
        Some(incident::NO_NEED) => format!("{}: need not be told", capital(&step.step)),
        Some(outcome) => format!("{}: {outcome}", capital(&step.step)),
        None => capital(&step.step),
    };
    Past {
        at: frame::moment(acting.instance, step.at),
        words,
        note: step.note.clone(),
        by: step.by.map_or_else(String::new, |by| frame::owner(staff, Some(by))),
    }
}

fn bar(policy: &policy::Policy, found: &Incident, steps: &[Done]) -> Vec<Step> {
    let police = policy.incidents.as_ref().is_some_and(|incidents| incidents.police);
    let all = |is: &[Considered]| {
        Whom::ALL.iter().all(|(whom, ..)| {
            let how = incident::considered(steps, *whom);
            let asked = police || *whom != Whom::Police || how != Considered::NotYet;
            !asked || is.contains(&how)
        })
    };
    let bar = [
        ("Found", true),
        ("Risk assessed", found.risk.is_some()),
        ("Decided whom to tell", all(&[Considered::NoNeed, Considered::ToTell, Considered::Told])),
        ("Told", all(&[Considered::NoNeed, Considered::Told])),
        ("Prevented", found.measures.is_some()),
        ("Closed", found.closed_on.is_some()),
    ];
    let here = bar.iter().position(|(_, done)| !done);
    let step = |(place, (words, done)): (usize, &(&str, bool))| Step {
        words: (*words).to_owned(),
        done: *done,
        here: Some(place) == here,
    };
    bar.iter().enumerate().map(step).collect()
}

fn clock(acting: &Acting<'_>, found: &Incident, left: &str) -> String {
    match found.still_due() {
        Some(due) => format!("Tell the regulator by {}: {left}.", frame::moment(acting.instance, due)),
        None => sentence(left),
    }
}

fn clock_why(acting: &Acting<'_>) -> String {
    let promised =
        acting.policy.incidents.as_ref().map(|incidents| i64::from(incidents.regulator_within_hours));
    let sooner = promised.filter(|hours| *hours < BREACH_HOURS);
    let sooner = sooner.map_or_else(String::new, |hours| format!(" The policy promises {hours}."));
    format!(
        "The law gives {BREACH_HOURS} hours from when somebody here became aware of it, over nights and weekends (UK GDPR Art 33(1)).{sooner}"
    )
}
