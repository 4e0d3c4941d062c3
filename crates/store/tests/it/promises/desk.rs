//! The rights desk, for all five organisations: what each promise about answering people comes to, and how it is broken behind the
//! program's back. A promise of the list that stands on none of these obligations, or that nothing here breaks, fails.

use custody::id::{PersonId, RequestId, StaffId};
use custody::proof::{Verdict, obligations};
use jiff::civil::{Date, date};
use policy::Policy;
use policy::policy::Clause;
use store::complaint::{self, NewComplaint};
use store::request::{self, Kind, NewRequest};
use store::task::{self, NewTask};
use store::{Error, Store, Tx};

use super::look;
use super::town::{CAME, TODAY, Town, town};
use crate::harness::pack;
use crate::prove::{Sabotage, run_sql, sabotage};
use crate::story::{noon, settle};

/// The day on which everybody was answered.
const ANSWERED: Date = date(2026, 11, 10);

/// Each promise, the obligations it is broken through here, and the register they look at, if it is one of several.
const TABLE: &[(&str, &[(&str, &str)])] = &[
    (
        "CTI-19",
        &[
            ("answered-in-time", ""),
            ("clock-recorded", ""),
            ("identity-known", ""),
            ("register-shape", "access"),
        ],
    ),
    (
        "CTI-20",
        &[("initials-only", "erasure"), ("erasure-waits-for-paper", ""), ("recipients-told", "erasure")],
    ),
    ("CTI-21", &[("register-shape", "no contact"), ("suppressed-stay-suppressed", "")]),
    ("CMP-06", &[("register-shape", "access")]),
    ("CMP-07", &[("register-shape", "correction"), ("recipients-told", "correction")]),
    (
        "CMP-08",
        &[("register-shape", "erasure"), ("erasure-waits-for-paper", ""), ("recipients-told", "erasure")],
    ),
    ("CMP-09", &[("register-shape", "objection")]),
    ("CMP-10", &[("register-shape", "restriction"), ("recipients-told", "restriction")]),
    ("CMP-11", &[("register-shape", "portability")]),
    ("CMP-12", &[("people-decide", "")]),
    ("CMP-26", &[("complaints-acknowledged", "")]),
    ("CMP-27", &[("answered-in-time", ""), ("clock-recorded", ""), ("identity-known", "")]),
    (
        "CLI-27",
        &[
            ("answered-in-time", ""),
            ("clock-recorded", ""),
            ("identity-known", ""),
            ("register-shape", "access"),
        ],
    ),
    ("CLI-28", &[("ends-at-once", "")]),
    ("CLI-29", &[("register-shape", "objection")]),
    ("CLI-30", &[("register-shape", "restriction"), ("recipients-told", "restriction")]),
    (
        "CLI-31",
        &[
            ("register-shape", "erasure"),
            ("register-shape", "no contact"),
            ("suppressed-stay-suppressed", ""),
        ],
    ),
    ("CLI-32", &[("register-shape", "correction"), ("recipients-told", "correction")]),
    ("CLI-33", &[("register-shape", "portability")]),
    ("CLI-34", &[("complaints-acknowledged", ""), ("register-shape", "complaints")]),
    ("CLI-38", &[("answered-in-time", ""), ("clock-recorded", ""), ("identity-known", "")]),
    ("BT-16", &[("cache-agrees", "")]),
    (
        "BT-22",
        &[("answered-in-time", ""), ("clock-recorded", ""), ("identity-known", ""), ("fees-as-stated", "")],
    ),
    ("BT-23", &[("register-shape", "correction"), ("recipients-told", "correction")]),
    ("BT-27", &[("complaints-acknowledged", "")]),
    (
        "BT-29",
        &[
            ("answered-in-time", ""),
            ("clock-recorded", ""),
            ("identity-known", ""),
            ("register-shape", "access"),
        ],
    ),
    (
        "BT-30",
        &[("register-shape", "erasure"), ("erasure-waits-for-paper", ""), ("recipients-told", "erasure")],
    ),
    ("BT-31", &[("register-shape", "restriction"), ("recipients-told", "restriction")]),
    ("BT-32", &[("register-shape", "objection")]),
    ("BT-33", &[("register-shape", "portability")]),
    ("BT-34", &[("people-decide", "")]),
    ("CHO-09", &[("complaints-acknowledged", ""), ("register-shape", "complaints")]),
    (
        "CHO-13",
        &[
            ("fees-as-stated", ""),
            ("answered-in-time", ""),
            ("clock-recorded", ""),
            ("identity-known", ""),
            ("register-shape", "access"),
        ],
    ),
    ("CHO-14", &[("register-shape", "access"), ("copies-in-format", "")]),
    (
        "CHO-20",
        &[
            ("answered-in-time", ""),
            ("clock-recorded", ""),
            ("identity-known", ""),
            ("register-shape", "access"),
        ],
    ),
    ("CHO-21", &[("register-shape", "erasure"), ("recipients-told", "erasure")]),
];

/// One request of every kind and a complaint, each carried out and answered, with what was left to do by hand.
fn desk(tx: &Tx<'_>, policy: &Policy, town: &Town) -> Result<(), Error> {
    let manager: StaffId = tx.one("SELECT MIN(id) FROM staff", &[], |row| row.int(0).map(StaffId))?;
    let who = *town.people.values().next().unwrap();
    for (kind, _) in Kind::ALL {
        let id = carried_out(tx, policy, (who, manager), *kind)?;
        if matches!(kind, Kind::Rectification | Kind::Erasure | Kind::Restriction) {
            let what = format!("Tell the office of the {}", kind.name());
            let tell = NewTask {
                person: Some(who),
                request: Some(id),
                owner: Some(manager),
                due_on: Some(date(2026, 12, 8)),
                ..NewTask::new(task::Kind::TellRecipient, &what)
            };
            task::add(tx, &tell, noon(date(2026, 11, 24)))?;
        }
        request::close(tx, policy, id, ANSWERED, Some(manager), noon(ANSWERED))?;
        settle(tx, policy, who, ANSWERED)?;
    }
    if policy.kind_named("complaint record").is_some() {
        complained(tx, policy, (who, manager))?;
    }
    Ok(())
}

fn carried_out(
    tx: &Tx<'_>,
    policy: &Policy,
    (who, manager): (PersonId, StaffId),
    kind: Kind,
) -> Result<RequestId, Error> {
    let new = NewRequest {
        kind,
        person: who,
        name: "Somebody Else",
        organisation: Some("The Mill"),
        received_on: CAME,
        channel: "letter",
        words: None,
        owner: Some(manager),
        by: Some(manager),
    };
    let id = request::open(tx, policy, &new, noon(CAME))?;
    let done = match kind {
        Kind::Access | Kind::Portability => "pack made",
        Kind::Erasure => "erased",
        Kind::Restriction => "restricted",
        Kind::Rectification => "corrected",
        Kind::Objection | Kind::NoContact => "stopped",
    };
    for step in ["identity known", done] {
        request::step(tx, id, CAME, step, None, Some(manager), noon(CAME))?;
    }
    if kind == Kind::Erasure {
        let paper = NewTask {
            person: Some(who),
            request: Some(id),
            owner: Some(manager),
            blocks: true,
            due_on: Some(ANSWERED),
            ..NewTask::new(task::Kind::DestroyPaper, "Destroy the paper file")
        };
        let paper = task::add(tx, &paper, noon(CAME))?;
        task::done(tx, paper, ANSWERED, Some(manager), Some("shredded"))?;
    }
    request::answer(tx, id, ANSWERED, "as they asked", Some(manager), noon(ANSWERED))?;
    request::came_to(tx, id, "done", &[])?;
    Ok(id)
}

fn complained(tx: &Tx<'_>, policy: &Policy, (who, manager): (PersonId, StaffId)) -> Result<(), Error> {
    let new = NewComplaint {
        person: who,
        name: "Somebody Else",
        received_on: CAME,
        channel: "letter",
        words: None,
        reach: None,
        behalf: None,
        owner: Some(manager),
        by: Some(manager),
    };
    let id = complaint::open(tx, policy, &new, noon(CAME))?;
    complaint::acknowledged(tx, id, CAME, Some("by letter"), Some(manager), noon(CAME))?;
    complaint::answer(tx, id, ANSWERED, "we have put it right", Some(manager), noon(ANSWERED))?;
    settle(tx, policy, who, ANSWERED)?;
    Ok(())
}

/// How a promise is broken through an obligation.
fn way(store: &Store, policy: &Policy, promise: &'static str, obligation: &str, register: &str) -> Sabotage {
    let kind = if register == "correction" { "rectification" } else { register };
    match (obligation, register) {
        ("answered-in-time", _) => sabotage(
            promise,
            "was due on 2026-12-03 and not answered by then",
            "UPDATE request SET answered_on = '2026-12-04' WHERE kind = 'access'",
            format!("UPDATE request SET answered_on = '{ANSWERED}' WHERE kind = 'access'"),
        ),
        ("clock-recorded", _) => sabotage(
            promise,
            "goes by 2027-06-01, and what is written down of it gives 2026-12-03",
            "UPDATE request SET due_on = '2027-06-01' WHERE kind = 'access'",
            "UPDATE request SET due_on = '2026-12-03' WHERE kind = 'access'",
        ),
        ("fees-as-stated", _) => sabotage(
            promise,
            "a fee was asked on 2026-11-05 without a reason and who decided it",
            "UPDATE request SET fee_asked_on = '2026-11-05' WHERE kind = 'access'",
            "UPDATE request SET fee_asked_on = NULL WHERE kind = 'access'",
        ),
        ("copies-in-format", _) => sabotage(
            promise,
            "was not made as PDF",
            "UPDATE request_step SET note = 'JSON, CSV' WHERE step = 'pack made'",
            "UPDATE request_step SET note = 'PDF, JSON, CSV' WHERE step = 'pack made'",
        ),
        ("identity-known", _) => sabotage(
            promise,
            "was carried out, and nothing says how we knew who asked",
            "UPDATE request_step SET step = 'we asked around' WHERE step = 'identity known'",
            "UPDATE request_step SET step = 'identity known' WHERE step = 'we asked around'",
        ),
        ("initials-only", _) => sabotage(
            promise,
            "says more than initials",
            "UPDATE request SET initials = 'Somebody Else' WHERE kind = 'erasure'",
            "UPDATE request SET initials = 'S.E.' WHERE kind = 'erasure'",
        ),
        ("erasure-waits-for-paper", _) => sabotage(
            promise,
            "was closed while task",
            "UPDATE task SET done_on = '2026-11-30' WHERE blocks = 1",
            format!("UPDATE task SET done_on = '{ANSWERED}' WHERE blocks = 1"),
        ),
        ("recipients-told", _) => sabotage(
            promise,
            "whoever had the details from us was to be told by 2026-11-20",
            format!("UPDATE task SET due_on = '2026-11-20' WHERE kind = 'tell recipient' AND request_id IN (SELECT id FROM request WHERE kind = '{kind}')"),
            "UPDATE task SET due_on = '2026-12-08' WHERE kind = 'tell recipient'",
        ),
        ("people-decide", _) => sabotage(
            promise,
            "was answered, and nobody's name stands behind the answer",
            "UPDATE request_step SET recorded_by = NULL WHERE step = 'answered'",
            "UPDATE request_step SET recorded_by = (SELECT MIN(id) FROM staff) WHERE step = 'answered'",
        ),
        ("complaints-acknowledged", _) => sabotage(
            promise,
            "was not acknowledged by 2026-12-03",
            "UPDATE complaint SET acknowledged_on = NULL, answered_on = '2026-12-04'",
            format!("UPDATE complaint SET acknowledged_on = '{CAME}', answered_on = '{ANSWERED}'"),
        ),
        ("suppressed-stay-suppressed", _) => sabotage(
            promise,
            "after they asked for no more contact",
            "INSERT INTO objection (id, person_id, scope, made_on, how, recorded_at)
                SELECT 5, person_id, 'all contact', '2026-11-01', 'x', 0 FROM message WHERE person_id IS NOT NULL LIMIT 1",
            "DELETE FROM objection WHERE id = 5",
        ),
        ("ends-at-once", _) => sabotage(
            promise,
            "outlived `consent withdrawn` of 2026-11-10",
            "UPDATE consent SET withdrawn_on = '2026-11-10' WHERE activity = 'updates'",
            "UPDATE consent SET withdrawn_on = NULL WHERE activity = 'updates'",
        ),
        ("cache-agrees", _) => {
            let keep = policy.promises[promise].iter().find_map(|clause| match clause {
                Clause::Keep(rule) => policy.rules.get(rule.index()),
                _ => None,
            });
            let rule = &keep.unwrap().key;
            let one = "SELECT id, due_on, row_on FROM ground WHERE rule = ?1 AND state = 'active' ORDER BY id LIMIT 1";
            let (id, due, row) = store
                .read(|tx| tx.one(one, store::params![rule], |row| Ok((row.int(0)?, row.opt_date(1)?, row.opt_date(2)?))))
                .unwrap();
            let (column, was) = if let Some(due) = due { ("due_on", due) } else { ("row_on", row.unwrap()) };
            sabotage(
                promise,
                "the facts say",
                format!("UPDATE ground SET {column} = '2040-01-01' WHERE id = {id}"),
                format!("UPDATE ground SET {column} = '{was}' WHERE id = {id}"),
            )
        }
        ("register-shape", "complaints") => sabotage(
            promise,
            "has no answer in the register complaints",
            "UPDATE complaint SET answer = NULL",
            "UPDATE complaint SET answer = 'we have put it right'",
        ),
        ("register-shape", "erasure") => sabotage(
            promise,
            "has no answered in the register erasure",
            "UPDATE request SET answered_on = NULL WHERE kind = 'erasure'",
            format!("UPDATE request SET answered_on = '{ANSWERED}' WHERE kind = 'erasure'"),
        ),
        ("register-shape", "no contact") => sabotage(
            promise,
            "has no name in the register no contact",
            "UPDATE request SET asked_by = NULL WHERE kind = 'no contact'",
            "UPDATE request SET asked_by = 'Somebody Else' WHERE kind = 'no contact'",
        ),
        ("register-shape", _) => {
            let says: &'static str = match register {
                "access" => "has no answer in the register access",
                "correction" => "has no answer in the register correction",
                "objection" => "has no answer in the register objection",
                "restriction" => "has no answer in the register restriction",
                _ => "has no answer in the register portability",
            };
            sabotage(
                promise,
                says,
                format!("UPDATE request SET answer = NULL WHERE kind = '{kind}'"),
                format!("UPDATE request SET answer = 'as they asked' WHERE kind = '{kind}'"),
            )
        }
        _ => panic!("{obligation}"),
    }
}

fn kept_until_broken(store: &Store, name: &str, prefix: &str) {
    let policy = pack(name);
    let town = town(store, &policy);
    store.write(|tx| desk(tx, &policy, &town)).unwrap();
    let all = obligations(&policy);
    let mut wrong = Vec::new();
    let mut seen = 0;
    for (promise, through) in TABLE.iter().filter(|(promise, _)| promise.starts_with(prefix)) {
        seen += 1;
        let before = look(store, &policy, promise, TODAY);
        if before.verdict != Verdict::Kept {
            wrong.push(format!("{promise} is not kept: {before:?}"));
        }
        for (obligation, register) in *through {
            if !all[*promise].iter().any(|one| one.name() == *obligation) {
                wrong.push(format!("{promise} does not stand on {obligation}: {:?}", all[*promise]));
                continue;
            }
            let way = way(store, &policy, promise, obligation, register);
            run_sql(store, &way.breaks);
            let found = look(store, &policy, promise, TODAY);
            run_sql(store, &way.mends);
            if found.verdict != Verdict::Broken
                || !found.counterexamples.iter().any(|one| one.contains(way.says))
            {
                wrong.push(format!("{promise} by `{}`, expected `{}`: {found:?}", way.breaks, way.says));
            }
            let mended = look(store, &policy, promise, TODAY);
            if mended.verdict != Verdict::Kept {
                wrong.push(format!(
                    "{promise} was not mended by `{}`: {:?}",
                    way.mends, mended.counterexamples
                ));
            }
        }
    }
    assert!(seen > 2, "{seen}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

both! {
    fn what_cti_promises_about_answering(store) {
        kept_until_broken(store, "cti", "CTI-");
    }

    fn what_cmp_promises_about_answering(store) {
        kept_until_broken(store, "cmp", "CMP-");
    }

    fn what_cli_promises_about_answering(store) {
        kept_until_broken(store, "cli", "CLI-");
    }

    fn what_blue_turtle_promises_about_answering(store) {
        kept_until_broken(store, "blue-turtle", "BT-");
    }

    fn what_chorus_promises_about_answering(store) {
        kept_until_broken(store, "chorus", "CHO-");
    }
}
