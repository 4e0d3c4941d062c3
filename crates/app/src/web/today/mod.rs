//! Today, the first screen: whom we must answer, what is running out, what leaves us. What ends first stands first.

use std::collections::BTreeSet;

use askama::Template;
use custody::id::PersonId;
use custody::{Grant, Sealed};
use jiff::civil::Date;
use policy::count::counted;
use policy::role::Deed;
use store::staff::Account;
use store::{Tx, ground, person, request, sweep, told};

use super::page::{Day, Link, Page};
use super::show::filters;
use super::{Answer, House, Visitor, frame, html, read};
use crate::acts::{Acting, waiting};
use crate::fault::Fault;

/// How many rows a group shows.
const ROWS: u32 = 50;

/// How many days ahead reviews and requests are seen.
const AHEAD: i64 = 31;

/// For how many days past its natural end a clock may wait before somebody is told.
const WAITED: i64 = 90;

mod incidents;
mod tasks;

#[derive(Template)]
#[template(path = "today/today.html")]
struct Today {
    page: Page,
    grant: Grant,
    date: Day,
    night: String,
    night_wrong: bool,
    /// What the latest sweeps could not decide, and whom it is about.
    undecided: Vec<Undecided>,
    /// What the latest look at the promises found; empty if every one is kept, or this role does not see to them.
    broken: String,
    /// What only an administrator can see to.
    needs: Vec<Link>,
    answer: Vec<Row>,
    running_out: Vec<Row>,
    leaving: Vec<Row>,
    leaving_sums: Vec<Sum>,
    next: String,
}

struct Undecided {
    who: Option<Sealed>,
    words: String,
    next: String,
    href: String,
}

struct Row {
    href: String,
    who: Option<Sealed>,
    words: String,
    due: Day,
    late: bool,
    owner: String,
    action: String,
    action_href: String,
}

struct Sum {
    words: String,
    count: u64,
    href: String,
}

/// A row before anybody's name is put to it.
struct Line {
    person: Option<PersonId>,
    row: Row,
}

/// A row whose person has no name here any more, or none that may be seen, says what it is about all the same.
fn nameless(words: &str) -> String {
    match words.strip_prefix(": ") {
        Some(words) => super::people::capital(words),
        None => format!("Somebody {words}"),
    }
}

/// `GET /`.
pub async fn get(house: House, visitor: Visitor) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        let staff = store::staff::all(tx)?;
        let mut answer = requests(acting, tx, &staff)?;
        answer.extend(complaints(acting, tx, &staff)?);
        answer.extend(mail(acting, tx)?);
        answer.extend(tasks::written(acting, tx, &staff)?);
        let mut running_out = incidents::lines(acting, tx, &staff)?;
        running_out.extend(reviews(acting, tx, &staff)?);
        running_out.extend(restrictions(acting, tx, &staff)?);
        running_out.extend(holds(acting, tx, &staff)?);
        running_out.extend(not_started(acting, tx, &staff)?);
        running_out.extend(untold(acting, tx, &staff)?);
        let leaving = tasks::by_hand(acting, tx, &staff)?;
        let lines = || answer.iter().chain(&running_out).chain(&leaving);
        let stuck = undecided(acting, tx)?;
        let mut people: BTreeSet<PersonId> = lines().filter_map(|line| line.person).collect();
        people.extend(stuck.iter().filter_map(|one| one.person));
        let people: Vec<PersonId> = people.into_iter().collect();
        let grant = names(acting, tx, &people)?;
        let names = person::names(tx, &acting.policy, &people)?;
        let named_as =
            |person| names.iter().find(|name| name.person() == person && name.open(&grant).is_ok()).cloned();
        let named = |lines: Vec<Line>| -> Vec<Row> {
            lines
                .into_iter()
                .map(|line| {
                    let who = line.person.and_then(named_as);
                    let about = line.person.is_some() && who.is_none();
                    let words = if about { nameless(&line.row.words) } else { line.row.words };
                    Row { who, words, ..line.row }
                })
                .collect()
        };
        let (answer, running_out, leaving) = (named(answer), named(running_out), named(leaving));
        let (night, night_wrong) = night(acting, tx)?;
        let undecided: Vec<Undecided> = stuck
            .into_iter()
            .map(|one| Undecided {
                who: one.person.and_then(named_as),
                words: one.words,
                next: one.next,
                href: one.person.map_or_else(String::new, |person| format!("/people/{person}")),
            })
            .collect();
        html(&Today {
            page: frame::page(acting, "Today", "today", &path),
            date: frame::day(acting.today, acting.today),
            night,
            night_wrong: night_wrong || !undecided.is_empty(),
            undecided,
            broken: broken(acting, tx)?,
            needs: needs(acting, tx)?,
            answer,
            running_out,
            leaving,
            leaving_sums: sums(acting, tx)?,
            next: next(acting, tx)?,
            grant,
        })
    })
    .await
}

/// What opens the names on this page: as in a list.
pub(super) fn names(acting: &Acting<'_>, tx: &Tx<'_>, people: &[PersonId]) -> Result<Grant, Fault> {
    let lives = acting.lives(tx, people)?;
    let grant = super::people::grant(acting, &lives)?;
    if !grant.people().is_empty() {
        acting.opens("today.read", &grant);
    }
    Ok(grant)
}

/// Who complained and waits for us.
fn complaints(acting: &Acting<'_>, tx: &Tx<'_>, staff: &[Account]) -> Result<Vec<Line>, Fault> {
    if !acting.may(Deed::AnswerRequests) {
        return Ok(Vec::new());
    }
    let open = store::complaint::open_ones(tx, &acting.policy, ROWS)?;
    let lines = open.into_iter().map(|found| {
        let waits = found.acknowledged_on.is_none();
        let due = found.due_on.filter(|_| waits).unwrap_or(found.received_on);
        let what = match waits {
            true => "complained about how we handle their data, and waits to hear that we have it",
            false => "complained about how we handle their data, and waits for what came of it",
        };
        let href = format!("/complaints/{}", found.id);
        Line {
            person: found.person,
            row: Row {
                words: format!("{what}; by {}", found.channel),
                due: frame::day(due, acting.today),
                late: waits && found.due_on.is_some_and(|due| due < acting.today),
                owner: frame::owner(staff, found.owner),
                action: "Look into it".to_owned(),
                action_href: href.clone(),
                href,
                who: None,
            },
        }
    });
    Ok(lines.collect())
}

/// Mail of which nobody has said whose it is, in one line.
fn mail(acting: &Acting<'_>, tx: &Tx<'_>) -> Result<Option<Line>, Fault> {
    if !crate::acts::mailbox::waiting::may(acting) {
        return Ok(None);
    }
    let Some((count, since)) = store::mailbox::how_many_wait(tx)? else { return Ok(None) };
    let words = match count {
        1 => "A message waits for somebody to say whose it is".to_owned(),
        many => format!("{many} messages wait for somebody to say whose they are"),
    };
    Ok(Some(Line {
        person: None,
        row: Row {
            words,
            due: frame::day(since, acting.today),
            late: false,
            owner: frame::owner(&[], None),
            action: "Look".to_owned(),
            action_href: "/mail".to_owned(),
            href: "/mail".to_owned(),
            who: None,
        },
    }))
}

/// Whom we must answer.
fn requests(acting: &Acting<'_>, tx: &Tx<'_>, staff: &[Account]) -> Result<Vec<Line>, Fault> {
    if !acting.may(Deed::AnswerRequests) {
        return Ok(Vec::new());
    }
    let open = request::open_ones(tx, &acting.policy, ROWS)?;
    let whose: Vec<PersonId> = open.iter().filter_map(|asked| asked.person).collect();
    let lives = acting.lives(tx, &whose)?;
    let soon = ahead(acting.today, AHEAD)?;
    let waits = request::waiting(tx, None, acting.today)?;
    // Who decides has a name, whether or not the request has been given to somebody.
    let answers = crate::acts::task::whoever(acting, tx, Deed::AnswerRequests, &[])?;
    let lines = open.into_iter().map(|asked| {
        let kept = waits.iter().find(|one| one.request == asked.id && one.asks_from <= acting.today);
        let life = lives.iter().find(|life| Some(life.person) == asked.person);
        let until = life.and_then(|life| waiting::named_until(acting, life, &asked));
        let goes = until.filter(|until| *until <= soon).map_or_else(String::new, |until| {
            let day = frame::words(until);
            format!("; their data goes after {day}, and they still wait for an answer")
        });
        let initials = asked.initials.as_deref().filter(|initials| !initials.is_empty());
        let initials =
            initials.map_or_else(String::new, |initials| format!(" (in the register: {initials})"));
        let since = asked.paused_on.or(asked.identity_asked_on).or(asked.fee_asked_on).unwrap_or(asked.received_on);
        // Nothing is due while we wait for them; what is kept only for it is decided about all the same.
        let due = kept.map(|one| one.decide_by).or(asked.due_on);
        let href = format!("/requests/{}", asked.id);
        let words = match asked.kind {
            request::Kind::Access => "asked what we hold about them",
            request::Kind::Erasure => "asked us to erase what we hold",
            request::Kind::Rectification => "asked us to correct something",
            request::Kind::Restriction => "asked us to keep their data without using it",
            request::Kind::Objection => "objected",
            request::Kind::Portability => "asked for their data to take elsewhere",
            request::Kind::NoContact => "asked not to be contacted any more",
        };
        let unknown = if asked.unknown_since.is_some() { "; nobody knows yet whose request it is" } else { "" };
        let paused = match (asked.due_on, kept) {
            (Some(_), _) => String::new(),
            (None, None) => format!(", and has waited for them since {}", frame::words(since)),
            (None, Some(one)) => format!(
                ", and has waited for them since {}: what is kept only for it goes once they are answered, or is kept on with a reason",
                frame::words(one.since)
            ),
        };
        Line {
            person: asked.person,
            row: Row {
                words: format!("{words}, by {}{paused}{initials}{goes}{unknown}", asked.channel),
                due: frame::day(due.unwrap_or(since), acting.today),
                late: due.is_some_and(|due| due < acting.today),
                owner: frame::owner(staff, asked.owner.or_else(|| kept.and(answers))),
                action: if kept.is_some() { "Decide" } else { "Answer" }.to_owned(),
                action_href: if kept.is_some() { format!("{href}#kept") } else { href.clone() },
                href,
                who: None,
            },
        }
    });
    Ok(lines.collect())
}

/// Reviews that fall due, one line for each activity and person.
fn reviews(acting: &Acting<'_>, tx: &Tx<'_>, staff: &[Account]) -> Result<Vec<Line>, Fault> {
    if !acting.may(Deed::ManagePolicy) {
        return Ok(Vec::new());
    }
    let until = ahead(acting.today, AHEAD)?;
    let coming = ground::reviews_until(tx, until, ROWS)?;
    let lines = coming.into_iter().map(|review| {
        let title = acting
            .policy
            .activity_named(&review.activity)
            .map_or(review.activity.as_str(), |activity| activity.title.as_str());
        let href = format!("/people/{}", review.person);
        Line {
            person: Some(review.person),
            row: Row {
                words: format!(": do we still need what we hold under \u{201c}{title}\u{201d}?"),
                due: frame::day(review.on, acting.today),
                late: review.on < acting.today,
                owner: frame::owner(staff, None),
                action: "Review".to_owned(),
                action_href: format!("{href}/reviews/{}", review.ground),
                href,
                who: None,
            },
        }
    });
    Ok(lines.collect())
}

/// Restrictions that somebody must look at again.
fn restrictions(acting: &Acting<'_>, tx: &Tx<'_>, staff: &[Account]) -> Result<Vec<Line>, Fault> {
    let Some(kind) = acting.policy.kind_named("request record").filter(|_| acting.may(Deed::AnswerRequests))
    else {
        return Ok(Vec::new());
    };
    let until = ahead(acting.today, AHEAD)?;
    let standing = store::restriction::standing(tx, kind.id, ROWS)?.into_iter();
    let lines = standing.filter(|standing| standing.review_on <= until).map(|standing| {
        let href = format!("/people/{}", standing.person);
        Line {
            person: Some(standing.person),
            row: Row {
                words: "is kept and not used: does that still have to be so?".to_owned(),
                due: frame::day(standing.review_on, acting.today),
                late: standing.review_on < acting.today,
                owner: frame::owner(staff, Some(standing.owner)),
                action: "Look at it".to_owned(),
                action_href: format!("{href}/restriction"),
                href,
                who: None,
            },
        }
    });
    Ok(lines.collect())
}

/// Holds that somebody must look at again: all for a role that looks after the policy, else those one answers for.
fn holds(acting: &Acting<'_>, tx: &Tx<'_>, staff: &[Account]) -> Result<Vec<Line>, Fault> {
    let until = ahead(acting.today, AHEAD)?;
    let of = if acting.may(Deed::ManagePolicy) { None } else { acting.staff_id() };
    let standing = store::hold::standing(tx, crate::acts::hold::kind(acting)?, of, ROWS)?.into_iter();
    let lines = standing.filter(|hold| hold.review_on <= until).map(|hold| {
        let action_href = format!("/holds/{}", hold.id);
        let (href, words) = match (hold.person, hold.engagement) {
            (Some(person), _) => (format!("/people/{person}"), "on hold: does that still have to be so?"),
            (None, Some(work)) => {
                (format!("/work/{work}"), "Everybody on this work is on hold: does that still have to be so?")
            }
            (None, None) => (action_href.clone(), "On hold: does that still have to be so?"),
        };
        Line {
            person: hold.person,
            row: Row {
                words: words.to_owned(),
                due: frame::day(hold.review_on, acting.today),
                late: hold.review_on < acting.today,
                owner: frame::owner(staff, Some(hold.owner)),
                action: "Look at it".to_owned(),
                action_href,
                href,
                who: None,
            },
        }
    });
    Ok(lines.collect())
}

/// Clocks that should have started and have not: one line for each activity and what it waits for.
fn not_started(acting: &Acting<'_>, tx: &Tx<'_>, staff: &[Account]) -> Result<Vec<Line>, Fault> {
    if !acting.may(Deed::ManagePolicy) {
        return Ok(Vec::new());
    }
    let before = ahead(acting.today, -WAITED)?;
    let late = ground::not_started(tx, before, ROWS)?.into_iter().map(|late| {
        let title = acting
            .policy
            .activity_named(&late.activity)
            .map_or(late.activity.as_str(), |activity| activity.title.as_str());
        let (href, who) = match late.people {
            1 => (format!("/people/{}", late.person), Some(late.person)),
            _ => (format!("/people?activity={}", super::people::escape(&late.activity)), None),
        };
        let people = match late.people {
            1 => String::new(),
            people if people > ground::MANY.into() => {
                format!("more than {}", counted(ground::MANY.into(), "person"))
            }
            people => counted(people, "person"),
        };
        let due = ahead(late.since, WAITED).unwrap_or(late.since);
        Line {
            person: who,
            row: Row {
                words: format!(
                    "{people}: no last day yet under \u{201c}{title}\u{201d}, because nothing is recorded as \u{201c}{}\u{201d}",
                    late.awaiting
                ),
                due: frame::day(due, acting.today),
                late: false,
                owner: frame::owner(staff, None),
                action: "Look".to_owned(),
                action_href: href.clone(),
                href,
                who: None,
            },
        }
    });
    Ok(late.collect())
}

/// People who were not told yet that we hold their details, by the day until which somebody must.
fn untold(acting: &Acting<'_>, tx: &Tx<'_>, staff: &[Account]) -> Result<Vec<Line>, Fault> {
    let Some(within) = acting.policy.notice.within.filter(|_| acting.may(Deed::AddPeople)) else {
        return Ok(Vec::new());
    };
    let lines = told::untold(tx, &acting.reach(), ROWS)?.into_iter().map(|(person, since)| {
        let due = since.checked_add(within).unwrap_or(since);
        let href = format!("/people/{person}");
        Line {
            person: Some(person),
            row: Row {
                words: "not told yet that we hold their details".to_owned(),
                due: frame::day(due, acting.today),
                late: due < acting.today,
                owner: frame::owner(staff, None),
                action: "Tell them".to_owned(),
                action_href: href.clone(),
                href,
                who: None,
            },
        }
    });
    Ok(lines.collect())
}

/// Last night in one sentence, and whether something of it went wrong.
fn night(acting: &Acting<'_>, tx: &Tx<'_>) -> Result<(String, bool), Fault> {
    let Some(run) = sweep::runs(tx, 1)?.into_iter().next() else {
        return Ok(("No night has passed yet.".to_owned(), false));
    };
    let detail: sweep::Report =
        run.detail.as_deref().and_then(|detail| serde_json::from_str(detail).ok()).unwrap_or_default();
    let missed = run.on < acting.today.yesterday().unwrap_or(run.on);
    let when = if run.on == acting.today {
        "Last night".to_owned()
    } else {
        format!("In the night of {}", frame::words(run.on))
    };
    let mut said = match (detail.gone, run.disposed) {
        (0, 0) => format!("{when} nothing was due"),
        (people, rows) => format!(
            "{when} {} and {} went",
            counted(u64::from(people), "person"),
            counted(rows.unsigned_abs(), "row")
        ),
    };
    if run.held > 0 {
        said.push_str(&format!(
            "; {} kept by a hold, a restriction or a request, or until somebody is told",
            if run.held == 1 { "1 row is".to_owned() } else { format!("{} rows are", run.held) }
        ));
    }
    let wrong = missed || !detail.problems.is_empty() || run.ended_at.is_none();
    said.push_str(match (missed, detail.problems.len()) {
        (true, _) => "; the nights since have not run.",
        (false, 0) => "; nothing failed.",
        (false, _) => "; something could not be decided.",
    });
    Ok((said, wrong))
}

/// What the latest night and the latest hour could not decide, for whoever sees to it.
fn undecided(acting: &Acting<'_>, tx: &Tx<'_>) -> Result<Vec<crate::acts::health::Undecided>, Fault> {
    match acting.may(Deed::ManagePolicy) {
        true => crate::acts::health::undecided(acting.instance, tx),
        false => Ok(Vec::new()),
    }
}

/// What of the instance itself must not wait, for whoever sees to it.
fn needs(acting: &Acting<'_>, tx: &Tx<'_>) -> Result<Vec<Link>, Fault> {
    if !acting.may(Deed::ManageStaff) {
        return Ok(Vec::new());
    }
    let urgent = crate::acts::health::urgent(acting.instance, tx)?.into_iter();
    let way = |way: Option<crate::acts::health::Way>| way.map_or("/admin", |way| way.href).to_owned();
    Ok(urgent.map(|line| Link { words: line.words, href: way(line.way) }).collect())
}

/// How many promises the latest proof found broken.
fn broken(acting: &Acting<'_>, tx: &Tx<'_>) -> Result<String, Fault> {
    if !acting.may(Deed::ManagePolicy) {
        return Ok(String::new());
    }
    let found = crate::acts::proof::latest(tx)?.map_or_else(Vec::new, |proof| proof.found);
    Ok(match found.iter().filter(|found| found.verdict == "broken").count() {
        0 => String::new(),
        1 => "One promise is broken".to_owned(),
        many => format!("{many} promises are broken"),
    })
}

/// Who leaves by itself this week, by activity.
fn sums(acting: &Acting<'_>, tx: &Tx<'_>) -> Result<Vec<Sum>, Fault> {
    let due = ground::people_due_until(tx, &acting.reach(), ahead(acting.today, 7)?)?;
    let sums = due.into_iter().map(|(name, count)| Sum {
        words: acting
            .policy
            .activity_named(&name)
            .map_or_else(|| name.clone(), |activity| activity.title.clone()),
        count,
        href: format!("/people?leaving={}", super::people::escape(&name)),
    });
    Ok(sums.collect())
}

/// The next day on which something is due at all.
fn next(acting: &Acting<'_>, tx: &Tx<'_>) -> Result<String, Fault> {
    let due = ground::due_until(tx, ahead(acting.today, 366)?, 1)?;
    Ok(due.first().map_or_else(String::new, |coming| frame::words(coming.on)))
}

fn ahead(today: Date, days: i64) -> Result<Date, Fault> {
    Ok(today.checked_add(jiff::Span::new().days(days))?)
}
