//! Incidents: what the three organisations that promise something about them come to, and how each is broken behind the program's back.

use custody::id::{IncidentId, StaffId};
use custody::proof::{Verdict, obligations};
use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};
use policy::Policy;
use store::incident::{self, Done, NewIncident, Risk, Sort, Whom};
use store::{Error, Store, Tx};

use super::town::{CAME, TODAY, Town, town};
use super::{look, not_seen};
use crate::harness::pack;
use crate::prove::{Sabotage, sabotage};
use crate::story::{noon, settle};

/// The day on which they were closed.
const CLOSED: Date = date(2026, 11, 5);

/// When they were found.
fn found() -> Timestamp {
    noon(CAME)
}

fn after(hours: i64) -> Timestamp {
    found().checked_add(SignedDuration::from_hours(hours)).unwrap()
}

fn open(tx: &Tx<'_>, policy: &Policy, owner: StaffId) -> Result<IncidentId, Error> {
    let new = NewIncident {
        sort: Sort::Lost,
        what: "A laptop was left on the train.",
        found_at: found(),
        found_by: "May Reed",
        happened_at: None,
        owner: Some(owner),
        by: Some(owner),
    };
    incident::open(tx, policy, &new, after(1))
}

/// One that was told to everybody, and one that may hurt nobody; both closed.
fn incidents(tx: &Tx<'_>, policy: &Policy, town: &Town) -> Result<(IncidentId, IncidentId), Error> {
    let owner: StaffId = tx.one("SELECT MIN(id) FROM staff", &[], |row| row.int(0).map(StaffId))?;
    let done = |note, hours| Done { at: after(hours), note: Some(note), by: Some(owner), now: after(hours) };
    let (told, quiet) = (open(tx, policy, owner)?, open(tx, policy, owner)?);
    let who = *town.people.values().next().unwrap();
    incident::link(tx, told, who, done("", 2))?;
    incident::assess(tx, told, Risk::High, done("it was not encrypted", 2))?;
    incident::assess(tx, quiet, Risk::Unlikely, done("it was encrypted", 2))?;
    for (whom, ..) in Whom::ALL {
        incident::consider(tx, told, *whom, true, done("they must be", 3))?;
        incident::told(tx, told, *whom, done("by telephone", 20))?;
        incident::consider(tx, quiet, *whom, false, done("nobody can read it", 3))?;
    }
    for one in [told, quiet] {
        incident::prevented(tx, one, "laptops stay in the bag", done("laptops stay in the bag", 24))?;
        incident::close(tx, one, CLOSED, done("", 48))?;
    }
    settle(tx, policy, who, CLOSED)?;
    Ok((told, quiet))
}

/// Every way in which such a promise is broken.
fn ways(policy: &Policy, promise: &'static str, (told, quiet): (IncidentId, IncidentId)) -> Vec<Sabotage> {
    let of = |id: IncidentId, says, breaks: &str, mends: &str| {
        let sql = |set: &str| format!("UPDATE incident SET {set} WHERE id = {id}");
        sabotage(promise, says, sql(breaks), sql(mends))
    };
    let step = |says, step: &str| {
        let sql =
            |from: &str, to: &str| format!("UPDATE incident_step SET step = '{to}' WHERE step = '{from}'");
        sabotage(promise, says, sql(step, "something else"), sql("something else", step))
    };
    let at = |at: Timestamp| at.as_millisecond();
    let when = format!("regulator_told_at = {}", at(after(20)));
    let mut ways = vec![
        of(told, "has nobody who sees to it", "owner_id = NULL", "owner_id = (SELECT MIN(id) FROM staff)"),
        of(
            told,
            "was written down before it was found",
            &format!("found_at = {}", at(after(2))),
            &format!("found_at = {}", at(found())),
        ),
        of(told, "goes by no hour", "due_at = NULL", &format!("due_at = {}", at(after(72)))),
        of(
            told,
            "goes by a later hour than the law",
            &format!("due_at = {}", at(after(73))),
            &format!("due_at = {}", at(after(72))),
        ),
        of(told, "by 2026-11-06 12:00, and nothing says that it was", "regulator_told_at = NULL", &when),
        of(
            told,
            "by 2026-11-06 12:00, and was at 2026-11-06 13:00",
            &format!("regulator_told_at = {}", at(after(73))),
            &when,
        ),
        of(quiet, "may hurt somebody, and is not told", "risk = 'a risk'", "risk = 'unlikely'"),
        of(told, "closed before anybody said how bad it may be", "risk = NULL", "risk = 'a high risk'"),
        of(
            quiet,
            "before anybody said what keeps it from happening again",
            "measures = NULL",
            "measures = 'laptops stay in the bag'",
        ),
        of(
            told,
            "closed before it was told to the people",
            "people_told_at = NULL",
            &format!("people_told_at = {}", at(after(20))),
        ),
        // What prevents the next was written down last.
        sabotage(
            promise,
            "looks worse since it was decided not to tell the people",
            format!(
                "UPDATE incident_step SET step = 'risk assessed', outcome = 'a high risk'
                    WHERE step = 'prevented from happening again' AND incident_id = {quiet}"
            ),
            format!(
                "UPDATE incident_step SET step = 'prevented from happening again', outcome = NULL
                    WHERE outcome = 'a high risk' AND incident_id = {quiet}"
            ),
        ),
        step("closed before it was told to the organisations", "organisations told"),
        step("closed before it was decided whether to tell the people", "people considered"),
        step("closed before anybody said how bad it may be", "risk assessed"),
        sabotage(
            promise,
            "is not told to the regulator, and nobody said why",
            format!(
                "UPDATE incident_step SET note = NULL WHERE step = 'regulator considered' AND incident_id = {quiet}"
            ),
            format!(
                "UPDATE incident_step SET note = 'nobody can read it' WHERE step = 'regulator considered' AND incident_id = {quiet}"
            ),
        ),
    ];
    if policy.incidents.as_ref().unwrap().police {
        ways.push(step("closed before it was decided whether to tell the police", "police considered"));
    }
    ways
}

fn kept_until_broken(store: &Store, name: &str, promise: &'static str) {
    let policy = pack(name);
    let town = town(store, &policy);
    let names: Vec<&str> = obligations(&policy)[promise].iter().map(|one| one.name()).collect();
    assert_eq!(names, ["incidents-seen-to"]);
    let kept = || {
        let found = look(store, &policy, promise, TODAY);
        assert_eq!((found.verdict, found.counterexamples), (Verdict::Kept, Vec::new()));
        found.figure
    };
    assert_eq!(kept(), "0 incidents seen to");
    let both = store.write(|tx| incidents(tx, &policy, &town)).unwrap();
    assert_eq!(kept(), "2 incidents seen to");
    let wrong = not_seen(store, &policy, &ways(&policy, promise, both), &|_| Verdict::Kept);
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

both! {
    fn what_cti_promises_about_incidents(store) {
        kept_until_broken(store, "cti", "CTI-22");
    }

    fn what_blue_turtle_promises_about_incidents(store) {
        kept_until_broken(store, "blue-turtle", "BT-18");
    }

    fn what_chorus_promises_about_incidents(store) {
        kept_until_broken(store, "chorus", "CHO-22");
    }
}
