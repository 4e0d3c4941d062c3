//! What is found of periods that cannot end, never count, or last for ever, and what is proposed instead.

use jiff::civil::date;
use policy::diff::diff;
use policy::notice::{self, to_markdown};
use policy::periods::Own;
use policy::source::File;
use policy::{Diagnostic, Policy};

const STARTER: &str = include_str!("../../../policies/starter.policy");
const SUPPLIERS: &str = "2 years after no longer supplier, at most 6 years after last contact";
const PROJECTS: &str = "6 years after finished, at most 8 years after last contact";

/// The starter policy with one period in another's place, and more declared.
fn found(from: &str, to: &str, more: &str) -> Vec<(Diagnostic, String)> {
    assert!(STARTER.contains(from), "{from}");
    let text = STARTER.replacen(from, to, 1) + more;
    let files = vec![File { name: "a.policy".to_owned(), text: text.clone() }];
    let (policy, mut found) = Policy::read(files);
    found.extend(policy.iter().flat_map(|policy| policy::check::check(policy, date(2026, 11, 22))));
    let under =
        |finding: &Diagnostic| finding.span.of(&text).split_whitespace().collect::<Vec<_>>().join(" ");
    found
        .into_iter()
        .map(|finding| {
            let words = under(&finding);
            (finding, words)
        })
        .collect()
}

fn codes(found: &[(Diagnostic, String)], words: &str) -> Vec<&'static str> {
    found.iter().filter(|(_, under)| under.contains(words)).map(|(finding, _)| finding.code).collect()
}

#[test]
fn a_period_that_cannot_be_read_is_the_only_thing_found() {
    for to in [
        "name 6 moonths after last contact",
        "name 6 years after last contact\n  keep 2 yeers after collected",
    ] {
        let found = found(SUPPLIERS, to, "");
        let all: Vec<_> = found.iter().map(|(finding, _)| (finding.code, finding.message.as_str())).collect();
        assert_eq!(all, [("E-PHRASE", "this is no unit of time")], "{to}");
    }
}

#[test]
fn an_event_of_the_policys_own_may_never_happen_and_needs_somebody_who_may_write_it_down() {
    let more = "\nevent lottery \"you won the lottery\"\n";
    for (to, code) in [
        ("until lottery", "W-OPEN-END"),
        ("2 years after lottery", "A-STALLED"),
        ("the later of 2 years after lottery and 1 year after collected", "A-STALLED"),
    ] {
        assert_eq!(codes(&found(SUPPLIERS, to, more), to), [code], "{to}");
    }
    let capped = "until lottery, at most 6 years after last contact";
    assert!(codes(&found(SUPPLIERS, capped, more), capped).is_empty());
    // Nobody may add people, so nobody may write down what happens to them.
    let text = STARTER
        .replace("may do    everything", "may do    manage staff, manage policy")
        .replace("add people, ", "");
    let text = text.replacen(SUPPLIERS, "until lottery, review every year", 1) + more;
    let (policy, read) = Policy::read(vec![File { name: "a.policy".to_owned(), text }]);
    let found = policy::check::check(&policy.unwrap_or_else(|| panic!("{read:#?}")), date(2026, 11, 22));
    let ends = found.iter().find(|finding| finding.code == "E-NO-END").unwrap();
    assert_eq!(ends.message, "`lottery` cannot happen under this activity");
}

#[test]
fn an_age_needs_a_birthday_that_is_held_and_somebody_on_the_work() {
    let item = "\nitem date of birth \"your date of birth\"\n";
    let held = |data: &str, to: &str| {
        let text = STARTER.replacen("data      name, email, phone, address, organisation\n", data, 1);
        let text = text.replacen(SUPPLIERS, to, 1) + item;
        let (policy, read) = Policy::read(vec![File { name: "a.policy".to_owned(), text }]);
        let found = policy::check::check(&policy.unwrap_or_else(|| panic!("{read:#?}")), date(2026, 11, 22));
        found.into_iter().map(|finding| finding.code).filter(|code| *code == "E-NO-END").count()
    };
    let with = "data      name, email, phone, address, organisation, date of birth\n";
    let without = "data      name, email, phone, address, organisation\n";
    assert_eq!(held(with, "until the person is 25"), 0);
    assert_eq!(held(without, "until the person is 25"), 1);
    assert_eq!(held(with, "until the client is 25"), 1, "no supplier is on a project");
}

#[test]
fn work_that_never_gets_so_far_is_looked_at_and_no_cap_cuts_short_what_did() {
    let found = found(PROJECTS, "6 years after finished", "");
    let (stalled, _) = found.iter().find(|(finding, _)| finding.code == "A-STALLED").unwrap();
    assert_eq!(
        stalled.help.as_deref().unwrap(),
        "add `review every 2 years`; or, if no project ever lasts longer than 15 years, `at most 21 years after last contact`"
    );
}

#[test]
fn what_can_never_count_is_found_however_it_is_said() {
    for (to, code) in [
        ("6 years after collected, at most 3 years after collected", "W-NEVER-COUNTS"),
        ("3 years after collected, at least 6 years after collected", "W-NEVER-COUNTS"),
        ("the later of 3 years after collected and 6 years after collected", "W-NEVER-COUNTS"),
        (
            "6 months after collected, or as agreed with the person, at most 3 months after collected",
            "W-NEVER-COUNTS",
        ),
        (
            "the later of 3 years after the end of the tax year of collected and 4 years after collected",
            "W-NEVER-COUNTS",
        ),
        ("120 years after collected", "W-LIFETIME"),
        ("6 years after collected, at most 1000 years after last contact", "W-LIFETIME"),
        ("stop using 3 years after collected, erase 3 years after collected", "W-STAGE"),
    ] {
        // A stage says itself how it ends.
        let with_then = format!(
            "{SUPPLIERS}\n  because   \"questions about a purchase come up for two years\"\n  then      erase"
        );
        let found = found(if to.starts_with("stop") { &with_then } else { SUPPLIERS }, to, "");
        assert!(codes(&found, "collected").contains(&code), "{to}: {found:#?}");
    }
    for to in [
        "119 years after collected",
        "3 years after collected, at most 6 years after last contact",
        "6 months after collected, or as agreed with the person, at most 3 years after collected",
        "the later of 3 years after the end of the tax year of collected and 40 months after collected",
    ] {
        let found = found(SUPPLIERS, to, "");
        let none = |code: &&str| ["W-NEVER-COUNTS", "W-LIFETIME", "W-STAGE"].contains(code);
        assert!(!codes(&found, "collected").iter().any(none), "{to}: {found:#?}");
    }
}

#[test]
fn what_may_be_agreed_needs_work_to_be_agreed_on_and_one_clause_that_says_how() {
    let refused = |from: &str, to: &str| {
        let found = found(from, to, "");
        let here = found.into_iter().filter(|(finding, _)| finding.code == "E-AGREED");
        here.map(|(finding, under)| (finding.help.unwrap_or_default(), under)).collect::<Vec<_>>()
    };
    let by_parent =
        "6 months after collected, or as agreed by a parent and us, normally at most 5 years after collected";
    let nowhere = refused(SUPPLIERS, by_parent);
    let [(help, under)] = nowhere.as_slice() else { panic!("{nowhere:?}") };
    assert!(help.contains("on a project: `6 months after finished, or as agreed by ...`"), "{help}");
    assert_eq!(*under, format!("keep {by_parent}"));
    let on_work = |most: &str| {
        format!("6 months after finished, or as agreed by client, at most {most} after finished")
    };
    assert!(refused(PROJECTS, &on_work("8 years")).is_empty());
    let both = |one: &str, other: &str| format!("name {}\n  keep      {}", on_work(one), on_work(other));
    assert!(refused(PROJECTS, &both("8 years", "8 years")).is_empty(), "agreed on in one go");
    let second = refused(PROJECTS, &both("2 years", "8 years"));
    let [(_, under)] = second.as_slice() else { panic!("{second:?}") };
    assert_eq!(*under, format!("keep {}", on_work("8 years")), "of the first it can be agreed");
}

/// The starter policy with more said.
fn saying(more: &str) -> Policy {
    let text = format!("{STARTER}\n{more}");
    let (policy, found) = Policy::read(vec![File { name: "a.policy".to_owned(), text }]);
    let Some(policy) = policy else { unreachable!("{found:?}") };
    policy
}

#[test]
fn a_period_of_our_own_is_what_the_policy_says_and_is_told() {
    let unsaid = saying("");
    for own in Own::ALL {
        assert_eq!(unsaid.days(own), own.unsaid());
        let said = saying(&format!("periods\n  {} {} 3 days\n", own.keyword(), own.phrase()));
        assert_eq!(said.days(own), 3);
        assert!(Own::ALL.into_iter().all(|other| other == own || said.days(other) == other.unsaid()));
        let notice = to_markdown(&notice::of(&said));
        assert!(notice.contains(" 3 days"), "{notice}");
        let changes: Vec<String> = diff(&unsaid, &said).iter().map(policy::diff::Change::sentence).collect();
        let [change] = changes.as_slice() else { unreachable!("{changes:?}") };
        assert!(
            change.starts_with("A period of our own work: new: ") && change.contains("3 days"),
            "{change}"
        );
        let same = format!("periods\n  {} {}\n", own.keyword(), own.example());
        assert_eq!(saying(&same).days(own), own.unsaid(), "as it stands where it is left out");
    }
}

#[test]
fn what_concerns_nobody_here_is_not_told() {
    let told = to_markdown(&notice::of(&saying("")));
    let imports = "we keep what stood in the list for 30 days";
    assert!(told.contains("within 14 days") && told.contains(imports));
    let said = told.contains("must be done by hand") || told.contains("takes you out");
    assert!(!said, "only where the policy says it");
}

#[test]
fn how_far_statistics_go_back_is_said_and_told() {
    let counts = |over: &str| {
        let policy = saying(&format!("statistics \"What we report\"{over}; hide counts under 5\n"));
        let years: Vec<i16> = policy.statistics.iter().map(|statistics| statistics.years).collect();
        (years, to_markdown(&notice::of(&policy)))
    };
    let (years, told) = counts("");
    assert!(years == [5] && told.contains("began this year and the four years before."));
    let (years, told) = counts("; over 2 years");
    assert!(years == [2] && told.contains("began this year and the year before."));
    let (years, told) = counts("; over 1 year");
    assert!(years == [1] && told.contains("began this year. No number"));
}
