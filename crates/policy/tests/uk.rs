//! The law's calendar against worked examples, nation by nation.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop where it stands")]

use jiff::civil::{Date, DateTime, date};
use policy::law::holidays::{NATIONS, nation};
use policy::law::uk::{Asked, Deadline, Kind, Pause, breach_local, deadline, listing_bars, screening_valid};
use policy::policy::Nation;

/// number | kind | received | nations | due | notice by | what else: `ID DATE`, `P ASKED..ANSWERED`, `X`
const VECTORS: &str = "
 1 | access     | 2026-09-03 | all      | 2026-10-05 |            |
 2 | access     | 2024-01-31 | all      | 2024-02-29 |            |
 3 | access     | 2027-01-31 | all      | 2027-03-01 |            |
 4 | access     | 2027-01-29 | all      | 2027-03-01 |            |
 5 | access     | 2028-01-30 | all      | 2028-02-29 |            |
 6 | access     | 2028-02-29 | all      | 2028-03-29 |            |
 7 | access     | 2026-08-31 | all      | 2026-09-30 |            |
 8 | access     | 2026-11-21 | all      | 2026-12-21 |            |
 9 | access     | 2026-11-25 | all      | 2026-12-29 |            |
10 | access     | 2026-12-01 | EW NI    | 2027-01-04 |            |
11 | access     | 2026-12-01 | SC       | 2027-01-05 |            |
12 | access     | 2027-11-25 | all      | 2027-12-29 |            |
13 | access     | 2027-12-01 | EW NI    | 2028-01-04 |            |
14 | access     | 2027-12-01 | SC       | 2028-01-05 |            |
15 | access     | 2027-02-26 | EW NI    | 2027-03-30 |            |
16 | access     | 2027-02-26 | SC       | 2027-03-29 |            |
17 | access     | 2027-02-17 | NI       | 2027-03-18 |            |
17 | access     | 2027-02-17 | EW SC    | 2027-03-17 |            |
18 | access     | 2026-06-12 | NI       | 2026-07-14 |            |
18 | access     | 2026-06-12 | EW SC    | 2026-07-13 |            |
19 | access     | 2026-05-15 | SC       | 2026-06-16 |            |
19 | access     | 2026-05-15 | EW NI    | 2026-06-15 |            |
20 | access     | 2026-10-30 | SC       | 2026-12-01 |            |
20 | access     | 2026-10-30 | EW NI    | 2026-11-30 |            |
21 | access     | 2026-07-03 | SC       | 2026-08-04 |            |
21 | access     | 2026-07-03 | EW NI    | 2026-08-03 |            |
22 | access     | 2026-07-31 | EW NI    | 2026-09-01 |            |
22 | access     | 2026-07-31 | SC       | 2026-08-31 |            |
23 | access     | 2026-11-02 | all      | 2026-12-09 |            | ID 2026-11-09
24 | access     | 2026-03-02 | EW       | 2026-04-13 |            | P 2026-03-04..2026-03-13
25 | access     | 2026-03-02 | EW       | 2026-06-12 | 2026-04-13 | P 2026-03-04..2026-03-13 X
26 | access     | 2026-02-15 | all      | 2026-03-23 |            | P 2026-02-20..2026-02-27
27 | access     | 2026-03-02 | EW       | 2026-04-07 |            | P 2026-03-10..2026-03-10
28 | access     | 2026-03-02 | EW       | 2026-04-16 |            | P 2026-03-04..2026-03-13 P 2026-03-10..2026-03-17
29 | access     | 2026-03-02 | EW       | 2026-04-13 |            | ID 2026-03-09 P 2026-03-02..2026-03-12
30 | access     | 2026-11-20 | EW       | 2026-12-29 |            | P 2026-11-26..2026-11-30
31 | access     | 2026-11-30 | EW       | 2027-03-01 | 2026-12-30 | X
32 | access     | 2027-11-30 | EW       | 2028-02-29 | 2027-12-30 | X
33 | access     | 2026-12-31 | EW       | 2027-03-31 | 2027-02-01 | X
34 | access     | 2026-02-04 | EW       | 2026-03-04 |            | P 2026-02-10..2026-02-20
35 | erasure    | 2026-03-02 | EW       | 2026-04-02 |            | P 2026-03-04..2026-03-13
36 | complaint  | 2026-06-19 | all      | 2026-07-20 |            |
37 | complaint  | 2026-12-02 | SC       | 2027-01-05 |            |
37 | complaint  | 2026-12-02 | EW NI    | 2027-01-04 |            |
38 | complaint  | 2026-06-18 | all      | none       |            |
";

fn day(text: &str) -> Option<Date> {
    text.parse().ok()
}

fn nations(text: &str) -> Vec<Nation> {
    let short = |word: &str| match word {
        "EW" => Nation::EnglandWales,
        "SC" => Nation::Scotland,
        "NI" => Nation::NorthernIreland,
        other => panic!("{other}"),
    };
    match text {
        "all" => NATIONS.iter().map(|(nation, _)| *nation).collect(),
        some => some.split(' ').map(short).collect(),
    }
}

fn asked(kind: &str, received: &str, nation: Nation, more: &str) -> Asked {
    let mut asked = Asked::new(Kind::of(kind).unwrap(), day(received).unwrap(), nation);
    let mut words = more.split_whitespace();
    while let Some(word) = words.next() {
        match word {
            "X" => asked.extended = true,
            "ID" => asked.identity = words.next().and_then(day),
            "P" => {
                let (from, to) = words.next().and_then(|span| span.split_once("..")).unwrap();
                asked.paused.push(Pause { asked: day(from).unwrap(), answered: day(to) });
            }
            other => panic!("{other}"),
        }
    }
    asked
}

#[test]
fn requests_and_complaints_fall_due_as_worked_out_by_hand() {
    let mut seen = std::collections::BTreeSet::new();
    for row in VECTORS.lines().filter(|row| !row.is_empty()) {
        let columns: Vec<&str> = row.split('|').map(str::trim).collect();
        let [number, kind, received, who, due, notice, more] = columns[..] else { panic!("{row}") };
        seen.insert(number);
        for nation in nations(who) {
            let got = deadline(&asked(kind, received, nation, more));
            assert_eq!(got.due, day(due), "{row} {nation:?} {:?}", got.trace);
            assert_eq!(got.notice_by, day(notice), "notice: {row} {nation:?}");
        }
    }
    assert_eq!(seen.len(), 38);
}

#[test]
fn a_breach_is_reported_within_elapsed_hours() {
    for (aware, due) in [
        ("2026-12-24T16:20", "2026-12-27T16:20"),
        ("2026-10-23T10:00", "2026-10-26T09:00"),
        ("2027-03-26T12:00", "2027-03-29T13:00"),
    ] {
        let aware: DateTime = aware.parse().unwrap();
        assert_eq!(breach_local(aware), due.parse().ok(), "{aware}");
    }
}

#[test]
fn a_register_file_serves_for_27_days_after_its_own() {
    let dated = date(2026, 11, 2);
    assert!(screening_valid(dated, date(2026, 11, 29), 28));
    assert!(!screening_valid(dated, date(2026, 11, 30), 28));
    assert!(!screening_valid(dated, date(2026, 11, 1), 28), "a file from the future proves nothing");
    assert!(!listing_bars(dated, date(2026, 11, 29)));
    assert!(listing_bars(dated, date(2026, 11, 30)));
}

#[test]
fn an_unanswered_question_leaves_no_due_date() {
    let mut open = Asked::new(Kind::Access, date(2026, 3, 2), Nation::Scotland);
    open.paused.push(Pause { asked: date(2026, 3, 4), answered: None });
    let Deadline { due, paused, .. } = deadline(&open);
    assert_eq!((due, paused), (None, true));
    open.kind = Kind::Erasure;
    assert_eq!(deadline(&open).due, Some(date(2026, 4, 2)), "only access requests pause");
}

#[test]
fn years_without_a_list_say_so() {
    let far = deadline(&Asked::new(Kind::Access, date(2031, 11, 25), Nation::EnglandWales));
    assert!(far.trace.iter().any(|line| line.contains("not in the list")), "{:?}", far.trace);
    assert_eq!(nation("scotland"), Some(Nation::Scotland));
    assert_eq!(nation("wales"), None);
}
