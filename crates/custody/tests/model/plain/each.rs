//! Clauses that count from each row (`30 days, rolling`, `2 years after sent`, `the latest`): when one row by itself is over, and
//! what its ground does meanwhile.

use jiff::civil::Date;
use policy::phrase::{Phrase, Which};
use policy::{Policy, Rule, Sort};

use super::clock::{self, End, Last};
use super::facts::{self, Facts, counted};
use super::ground::Ground;
use super::held::{self, Row};
use super::person::{Kept, Person};

/// What happens to a row and not to the person.
const OF_ROWS: &[&str] = &["recorded", "sent", "closed", "newer version"];

/// Those of them that are no milestone of the work a clause speaks of.
fn of_rows(policy: &Policy, rule: &Rule) -> Vec<&'static str> {
    let work = rule.work.map(|id| &policy.works[id.index()]);
    let own = |name: &&str| work.is_none_or(|work| !work.milestones.iter().any(|known| known == name));
    OF_ROWS.iter().copied().filter(own).collect()
}

/// Whether each row goes by itself. Where somebody is to hear of the end before, there is one end for all.
pub fn each(policy: &Policy, rule: &Rule) -> bool {
    let names = of_rows(policy, rule);
    let of_row =
        |event: &policy::phrase::Event| event.which == Which::Only && names.contains(&event.name.as_str());
    rule.tell_before.is_none() && rule.ask_before.is_none() && rule.phrase.events().iter().any(of_row)
}

fn says_so(phrase: &Phrase) -> bool {
    matches!(phrase, Phrase::Rolling { .. } | Phrase::Latest { .. })
        || phrase.parts().into_iter().any(says_so)
}

/// Whether rows of a kind go by themselves under a clause: details only where it says so.
fn kind_by_itself(policy: &Policy, rule: &Rule, name: &str) -> bool {
    let item = policy.kinds.iter().any(|kind| kind.name == name && kind.sort == Sort::Item);
    each(policy, rule) && (!item || says_so(&rule.phrase))
}

/// The details that go by themselves under a clause.
pub fn details<'a>(policy: &Policy, person: &'a Person, rule: &Rule) -> Vec<&'a Kept> {
    let theirs = |kept: &&Kept| {
        let kind = policy.kinds.iter().find(|kind| kind.name == kept.row.kind);
        kind.is_some_and(|kind| kind.sort == Sort::Item && rule.kinds.contains(kind.id))
            && kind_by_itself(policy, rule, &kept.row.kind)
    };
    person.kept.iter().filter(theirs).collect()
}

/// The day on which a later row of the same kind on the same work, or on none, took the place of one.
fn replaced(person: &Person, kept: &Kept) -> Option<Date> {
    let order = |kept: &Kept| (kept.dated.unwrap_or(kept.recorded), kept.recorded, kept.row.number);
    let beside = |other: &&Kept| {
        let shares = kept.row.works.iter().any(|(on, _)| other.row.works.iter().any(|(work, _)| work == on));
        other.row.kind == kept.row.kind
            && other.row.table == kept.row.table
            && (shares || (kept.row.works.is_empty() && other.row.works.is_empty()))
    };
    let later = person.kept.iter().filter(beside).filter(|other| order(other) > order(kept));
    // What was written first of what is later, and not before the row itself was there.
    let first = later.min_by_key(|other| (other.recorded, other.row.number))?;
    Some(first.recorded.max(kept.recorded))
}

/// The end of one row under a ground of the clause.
fn end_of(policy: &Policy, person: &Person, rule: &Rule, ground: &Ground, kept: &Kept, today: Date) -> End {
    let begun = (ground.opened, ground.reviewed);
    let mut facts = facts::of(policy, person, rule, ground.work, begun, today);
    let own = [
        ("recorded", Some(kept.recorded)),
        ("sent", kept.sent),
        ("closed", kept.closed),
        ("newer version", replaced(person, kept)),
    ];
    let names = of_rows(policy, rule);
    for (name, day) in own.into_iter().filter(|(name, _)| names.contains(name)) {
        facts.days.remove(name);
        facts.days.extend(day.map(|day| (name.to_owned(), vec![day])));
    }
    clock::of_phrase(&rule.phrase, &facts).end
}

/// The first day on which a row has ended by itself under a ground, once known.
pub fn over(policy: &Policy, person: &Person, ground: &Ground, row: &Row, today: Date) -> Option<Date> {
    let rule = policy.rule_keyed(&ground.key).filter(|rule| kind_by_itself(policy, rule, &row.kind))?;
    let kept =
        person.kept.iter().find(|kept| (&kept.row.table, kept.row.number) == (&row.table, row.number))?;
    match end_of(policy, person, rule, ground, kept, today) {
        End::Known(last) => last.after(),
        End::Waits | End::Never | End::Impossible => None,
    }
}

/// How the ground of such a clause ends: `in_it` is whether the person is one of those the activity is for today.
pub fn of_ground(
    policy: &Policy,
    person: &Person,
    rule: &Rule,
    (ground, facts): (&Ground, &Facts),
    in_it: bool,
    today: Date,
) -> End {
    let activity = policy.activity(rule.activity).unwrap();
    let own = person.kept.iter().filter(|kept| kind_by_itself(policy, rule, &kept.row.kind));
    let mut own = own.filter(|kept| held::covers(policy, ground, &kept.row));
    // A row that waits keeps the ground waiting; else the last one ends it.
    let rows = if own.any(|kept| end_of(policy, person, rule, ground, kept, today) == End::Waits) {
        End::Waits
    } else {
        clock::of_rule(rule, facts).end
    };
    if activity.for_everyone {
        return rows;
    }
    // What else the clause counts from, as if no row could come.
    let mut without = facts.clone();
    for name in of_rows(policy, rule) {
        without.days.remove(name);
        without.never.insert(name.to_owned());
    }
    match clock::of_rule(rule, &without).end {
        End::Waits => End::Waits,
        End::Known(ends) => match rows {
            End::Known(last) if last.day <= ends.day => End::Known(ends),
            later => later,
        },
        // Nothing but rows: another may come any day while they are among those it is for.
        End::Never | End::Impossible if in_it => End::Never,
        End::Never | End::Impossible => {
            let none = counted(policy, person, activity, rule).is_empty()
                && details(policy, person, rule).is_empty();
            if none { End::Known(Last { day: today.yesterday().unwrap(), whole: true }) } else { rows }
        }
    }
}
