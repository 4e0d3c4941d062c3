//! What two versions say differently, in words.

#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

use policy::Policy;
use policy::diff::{Aspect, Change, diff, promises, vanished};
use policy::notice;
use policy::source::File;

fn text() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies/cti.policy")).unwrap()
}

fn read(text: &str) -> Policy {
    Policy::read(vec![File { name: "a.policy".into(), text: text.to_owned() }]).0.unwrap()
}

fn changed(from: &str, to: &str) -> Vec<Change> {
    let text = text();
    assert!(text.contains(from), "{from}");
    diff(&read(&text), &read(&text.replacen(from, to, 1)))
}

#[test]
fn a_policy_does_not_differ_from_itself_or_from_its_own_layout() {
    let text = text();
    assert!(diff(&read(&text), &read(&text)).is_empty());
    let spaced = text
        .replace("keep      ", "keep   ")
        .replace("activity coaching ", "# a comment\nactivity coaching ");
    assert!(diff(&read(&text), &read(&spaced)).is_empty());
}

#[test]
fn a_period_is_said_before_and_after() {
    let changes = changed("keep      3 months after last contact", "keep      1 month after last contact");
    let [change] = changes.as_slice() else { panic!("{changes:?}") };
    assert_eq!((change.aspect, change.activity.as_deref()), (Aspect::Period, Some("coach search")));
    assert_eq!(
        change.sentence(),
        "Finding you a coach, how long: before: 3 months after you were last in touch with us. Then we erase it. \
         Now: 1 month after you were last in touch with us. Then we erase it."
    );
    assert!(change.is_told());
}

#[test]
fn data_that_comes_and_goes_is_named_by_itself() {
    let changes = changed(
        "data      name, email\n  from      the person\n  send      by mailing\n  keep      until consent withdrawn; ask again every 2 years, no answer ends it             promise CTI-02",
        "data      name, phone\n  from      the person\n  send      by mailing\n  keep      until consent withdrawn; ask again every 2 years, no answer ends it             promise CTI-02",
    );
    let said: Vec<String> = changes.iter().map(Change::sentence).collect();
    assert_eq!(
        said,
        [
            "Keeping in touch with former clients, what we hold: no longer: your e-mail address.",
            "Keeping in touch with former clients, what we hold: new: your phone number."
        ]
    );
}

#[test]
fn an_activity_that_goes_is_said_once_and_its_rule_is_missed() {
    let text = text();
    let from = text.find("activity supporters ").unwrap();
    let to = text.find("# ---- Housekeeping").unwrap();
    let without = format!("{}{}", &text[..from], &text[to..]);
    let (old, new) = (read(&text), read(&without));
    let changes = diff(&old, &new);
    let gone: Vec<&Change> =
        changes.iter().filter(|change| change.activity.as_deref() == Some("supporters")).collect();
    assert_eq!(gone.len(), 1, "{gone:?}");
    assert!(gone.iter().all(|change| change.new.is_none() && change.what == "News for our supporters"));
    assert_eq!(vanished(&old, &new), ["supporters"]);
    assert_eq!(promises(&old, &new), (vec![], vec!["CTI-18".to_owned()]));
    assert_eq!(promises(&new, &old).0, ["CTI-18"]);
}

#[test]
fn what_concerns_staff_alone_is_not_news_for_everybody() {
    let changes = changed("may do    add people, send, call\n", "may do    send, call\n");
    assert!(changes.iter().all(|change| change.aspect == Aspect::Role && !change.is_told()), "{changes:?}");
    assert_eq!(changes.len(), 1);
}

#[test]
fn the_notice_says_what_is_new() {
    let old = text();
    let new = old.replacen("version     3", "version     4", 1).replacen(
        "3 months after last contact",
        "1 month after last contact",
        1,
    );
    let told = notice::to_markdown(&notice::since(&read(&new), &read(&old)));
    let part = told.split("## What is new since version 3").nth(1).unwrap();
    assert!(part.contains("Version 3 held from 2 November 2026."), "{part}");
    assert!(part.contains("Finding you a coach, how long: before: 3 months"), "{part}");
}

#[test]
fn a_rule_that_is_called_otherwise_now_is_the_same_rule() {
    let text = text();
    let renamed = text.replacen("activity supporters \"News", "activity friends \"News", 1);
    let silent = read(&renamed);
    let old = read(&text);
    assert_eq!(vanished(&old, &silent), ["supporters"]);
    let said = renamed.replacen(
        "activity friends \"News for our supporters\"\n",
        "activity friends \"News for our supporters\"\n  was supporters\n",
        1,
    );
    let said = read(&said);
    assert!(vanished(&old, &said).is_empty());
    assert_eq!(policy::diff::renamed(&old, &said).into_values().collect::<Vec<_>>(), ["supporters"]);
    let rule = said.rule_keyed("supporters").unwrap();
    assert_eq!(rule.keys().collect::<Vec<_>>(), ["friends", "supporters"]);
    assert_eq!(said.rule_keyed("friends").map(|known| known.id), Some(rule.id));
    assert!(silent.rule_keyed("supporters").is_none());
    let ended = read(&format!("{renamed}\nends supporters\n"));
    assert!(vanished(&old, &ended).is_empty());
}

#[test]
fn an_activity_that_goes_on_under_another_name_is_no_change() {
    let was = "activity offers by phone \"Telling organisations what we offer, by phone\"\n";
    let now = "activity calls \"Telling organisations what we offer, by phone\"\n  was offers by phone\n";
    let rename = |text: &str| {
        assert!(text.contains(was));
        text.replacen(was, now, 1).replace("in offers by phone because", "in calls because")
    };
    assert_eq!(diff(&read(&text()), &read(&rename(&text()))), []);
    let changed = {
        let text = text();
        let renamed = rename(&text).replacen(
            "so that   \"organisations that may need us",
            "so that   \"companies that may need us",
            1,
        );
        diff(&read(&text), &read(&renamed))
    };
    assert!(changed.iter().all(|change| change.old.is_some() && change.new.is_some()), "{changed:?}");
    assert!(changed.iter().any(|change| change.activity.as_deref() == Some("calls")), "{changed:?}");
}
