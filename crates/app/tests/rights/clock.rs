//! The law's calendar through the work itself: requests arrive, wait, go on and are extended by the acts of the desk, and
//! stand with the day that worked examples give, nation by nation. A date that nothing on record explains is found.

use app::acts::request::{self as desk, Arrived, Outcome, Who};
use app::fault::Fault;
use custody::id::RequestId;
use jiff::ToSpan;
use jiff::civil::{Date, date};
use store::request::{self, Kind, Move, clock};

use super::house::{House, invalid, on_both, on_both_keeping};

/// number | kind | received | nations | due | what else happens, in its order: `A` and `D` identity asked and shown,
/// `P` and `R` what they want to see asked and answered, `X` extended, `F` and `G` fee asked and paid, each with its day;
/// `!` before one that must be refused. Each is written down on its day.
const VECTORS: &str = "
 1 | access     | 2026-09-03 | EW SC NI | 2026-10-05 |
 2 | access     | 2024-01-31 | EW SC NI | 2024-02-29 |
 3 | access     | 2027-01-31 | EW SC NI | 2027-03-01 |
 4 | access     | 2027-01-29 | EW SC NI | 2027-03-01 |
 5 | access     | 2028-01-30 | EW SC NI | 2028-02-29 |
 6 | access     | 2028-02-29 | EW SC NI | 2028-03-29 |
 7 | access     | 2026-08-31 | EW SC NI | 2026-09-30 |
 8 | access     | 2026-11-21 | EW SC NI | 2026-12-21 |
 9 | access     | 2026-11-25 | EW SC NI | 2026-12-29 |
10 | access     | 2026-12-01 | EW NI    | 2027-01-04 |
11 | access     | 2026-12-01 | SC       | 2027-01-05 |
12 | access     | 2027-11-25 | EW SC NI | 2027-12-29 |
13 | access     | 2027-12-01 | EW NI    | 2028-01-04 |
14 | access     | 2027-12-01 | SC       | 2028-01-05 |
15 | access     | 2027-02-26 | EW NI    | 2027-03-30 |
16 | access     | 2027-02-26 | SC       | 2027-03-29 |
17 | access     | 2027-02-17 | NI       | 2027-03-18 |
17 | access     | 2027-02-17 | EW SC    | 2027-03-17 |
18 | access     | 2026-06-12 | NI       | 2026-07-14 |
18 | access     | 2026-06-12 | EW SC    | 2026-07-13 |
19 | access     | 2026-05-15 | SC       | 2026-06-16 |
19 | access     | 2026-05-15 | EW NI    | 2026-06-15 |
20 | access     | 2026-10-30 | SC       | 2026-12-01 |
20 | access     | 2026-10-30 | EW NI    | 2026-11-30 |
21 | access     | 2026-07-03 | SC       | 2026-08-04 |
21 | access     | 2026-07-03 | EW NI    | 2026-08-03 |
22 | access     | 2026-07-31 | EW NI    | 2026-09-01 |
22 | access     | 2026-07-31 | SC       | 2026-08-31 |
23 | access     | 2026-11-02 | EW SC NI | 2026-12-09 | A 2026-11-03 D 2026-11-09
24 | access     | 2026-03-02 | EW       | 2026-04-13 | P 2026-03-04 R 2026-03-13
25 | access     | 2026-03-02 | EW       | 2026-06-12 | P 2026-03-04 R 2026-03-13 X 2026-04-13
26 | access     | 2026-02-15 | EW SC NI | 2026-03-23 | P 2026-02-20 R 2026-02-27
27 | access     | 2026-03-02 | EW       | 2026-04-07 | P 2026-03-10 R 2026-03-10
28 | access     | 2026-03-02 | EW       | 2026-04-16 | P 2026-03-04 P 2026-03-10 R 2026-03-13 R 2026-03-17
29 | access     | 2026-03-02 | EW       | 2026-04-13 | A 2026-03-02 P 2026-03-02 D 2026-03-09 R 2026-03-12
30 | access     | 2026-11-20 | EW       | 2026-12-29 | P 2026-11-26 R 2026-11-30
31 | access     | 2026-11-30 | EW       | 2027-03-01 | X 2026-12-30
32 | access     | 2027-11-30 | EW       | 2028-02-29 | X 2027-12-30
33 | access     | 2026-12-31 | EW       | 2027-03-31 | X 2027-02-01
34 | access     | 2026-02-04 | EW       | 2026-03-04 | !P 2026-02-10
35 | erasure    | 2026-03-02 | EW       | 2026-04-02 | !P 2026-03-04
";

struct Line<'a> {
    number: &'a str,
    kind: &'a str,
    received: Date,
    nations: &'a str,
    due: Date,
    moves: &'a str,
}

fn lines() -> Vec<Line<'static>> {
    let lines = VECTORS.lines().filter(|line| !line.is_empty());
    lines
        .map(|line| {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            let [number, kind, received, nations, due, moves] = cells[..] else { panic!("{line}") };
            let (received, due) = (received.parse().unwrap(), due.parse().unwrap());
            Line { number, kind, received, nations, due, moves }
        })
        .collect()
}

fn arrived(house: &House, kind: &str, who: &str, received: Date) -> RequestId {
    let new = Arrived {
        ask: kind.into(),
        who: Who::Said(who.into()),
        received_on: received,
        channel: "telephone".into(),
        words: String::new(),
    };
    house.act(|acting, tx| desk::open(acting, tx, &new)).unwrap()
}

fn make(house: &House, request: RequestId, how: Move<'_>, on: Date) -> Result<(), Fault> {
    house.act(|acting, tx| desk::moved(acting, tx, request, how, on))
}

/// A move of the list.
fn how(letter: &str) -> Move<'static> {
    match letter {
        "A" => Move::IdentityAsked,
        "D" => Move::IdentityProved,
        "P" => Move::Paused,
        "R" => Move::Resumed,
        "F" => Move::FeeAsked("a third copy of the same"),
        "G" => Move::FeePaid,
        _ => Move::Extended("nine years of letters, in three places"),
    }
}

/// The moves of a line, each with its day.
fn moves(text: &str) -> Vec<(&str, Date)> {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.chunks(2).map(|pair| (pair[0], pair[1].parse().unwrap())).collect()
}

/// Makes a move on the day it is written down.
fn step(house: &House, request: RequestId, letter: &str, on: Date) {
    let made = make(house, request, how(letter.trim_start_matches('!')), on);
    assert_eq!(made.is_err(), letter.starts_with('!'), "{letter} on {on}: {made:?}");
    if ["A", "P", "F"].contains(&letter) {
        assert_eq!(house.request(request).due_on, None, "{letter} on {on}: no day counts while we wait");
    }
}

/// The days go by, and each move is written down on its own.
fn walk(house: &House, request: RequestId, text: &str) {
    for (letter, on) in moves(text) {
        house.go_to(on);
        step(house, request, letter, on);
    }
}

/// Answered or refused on its last day, with the reason and the ways to complain; nothing moves it any more.
fn finish(house: &House, request: RequestId, line: &Line<'_>) {
    let (outcome, told) = match line.kind {
        "access" => (Outcome::Done, "Here it is."),
        _ => (Outcome::Refused, "A court asked us to keep it. You can complain to us and to the regulator."),
    };
    if outcome == Outcome::Done {
        house.known(request);
        house.act(|acting, tx| desk::noted(acting, tx, request, "pack made", "")).unwrap();
    }
    house.act(|acting, tx| desk::answer(acting, tx, request, outcome, (told, line.due))).unwrap();
    assert!(make(house, request, Move::Extended("too late"), line.due).is_err());
}

fn in_nation(nation: &'static str, code: &'static str) {
    let edit = move |text: String| text.replace("uk, england-wales", &format!("uk, {nation}"));
    on_both_keeping(edit, |house| {
        let lines = lines();
        let lines: Vec<_> =
            lines.iter().filter(|line| line.nations.split(' ').any(|known| known == code)).collect();
        assert!(lines.len() >= 20, "{}", lines.len());
        // Everything of every line, day after day, as it would be in one office.
        let mut days: Vec<(Date, usize, usize, &str)> = Vec::new();
        for (at, line) in lines.iter().enumerate() {
            days.push((line.received, 0, at, "received"));
            let moves = moves(line.moves);
            days.extend(moves.iter().enumerate().map(|(order, (letter, on))| (*on, order + 1, at, *letter)));
            days.push((line.due, moves.len() + 1, at, "answered"));
        }
        days.sort_by_key(|(on, order, at, _)| (*on, *order, *at));
        let mut opened = vec![None; lines.len()];
        for (on, _, at, what) in days {
            house.go_to(on);
            let line = lines[at];
            match (what, opened[at]) {
                ("received", _) => {
                    opened[at] = Some(arrived(house, line.kind, &format!("Whoever {}", line.number), on));
                }
                ("answered", Some(request)) => {
                    let due = house.request(request).due_on;
                    assert_eq!(due, Some(line.due), "example {} in {nation}", line.number);
                    finish(house, request, line);
                }
                (letter, request) => step(house, request.unwrap(), letter, on),
            }
        }
        assert_eq!(house.look("clock-recorded").broken, Vec::<String>::new());
        assert_eq!(house.look("answered-in-time").broken, Vec::<String>::new());
    });
}

#[test]
fn england_and_wales() {
    in_nation("england-wales", "EW");
}

#[test]
fn scotland() {
    in_nation("scotland", "SC");
}

#[test]
fn northern_ireland() {
    in_nation("northern-ireland", "NI");
}

#[test]
fn a_fee_is_asked_for_with_its_reason_and_the_month_begins_when_it_is_paid() {
    on_both(|house| {
        house.go_to(date(2026, 11, 3));
        let asked = arrived(house, "access", "Somebody", date(2026, 11, 2));
        let without = make(house, asked, Move::FeeAsked(" "), date(2026, 11, 3));
        assert!(invalid(&without.unwrap_err(), "why"));
        assert!(make(house, asked, Move::FeePaid, date(2026, 11, 3)).is_err(), "none was asked for");
        walk(house, asked, "F 2026-11-03 G 2026-11-09");
        assert_eq!(house.request(asked).due_on, Some(date(2026, 12, 9)));
        assert!(make(house, asked, Move::FeeAsked("again"), date(2026, 11, 10)).is_err());
    });
}

#[test]
fn our_own_promise_and_the_law_stand_side_by_side_and_the_earlier_counts() {
    let edit = |text: String| {
        text.replace("at most the law's month", "at most 30 days")
            .replace("  register  access:", "  extend    to 3 months from receipt where complex, the person told in time\n  register  access:")
    };
    on_both_keeping(edit, |house| {
        house.go_to(date(2026, 12, 1));
        // 30 days from 1 December are a day less than the month; it ends on a holiday weekend and is not moved on.
        let asked = arrived(house, "access", "Somebody", date(2026, 12, 1));
        let both = house.read(|tx| clock(tx, &house.instance.policy(), asked));
        assert_eq!((both.law.due, both.own), (Some(date(2027, 1, 4)), Some(date(2026, 12, 31))));
        assert_eq!(both.due, both.own);
        // Longer by the law is to 1 March; the policy says three months from receipt.
        let late = arrived(house, "access", "Somebody else", date(2026, 12, 1));
        walk(house, asked, "X 2026-12-30");
        assert_eq!(house.request(asked).due_on, Some(date(2027, 3, 1)));
        house.go_to(date(2027, 1, 2));
        for said in [date(2027, 1, 2), date(2026, 12, 30)] {
            assert!(make(house, late, Move::Extended("complex"), said).is_err(), "after our own day");
        }
        // In February the law's month is the shorter.
        house.go_to(date(2027, 2, 1));
        let asked = arrived(house, "access", "Another", date(2027, 2, 1));
        let both = house.read(|tx| clock(tx, &house.instance.policy(), asked));
        assert_eq!((both.law.due, both.own), (Some(date(2027, 3, 1)), Some(date(2027, 3, 3))));
        assert_eq!(both.due, both.law.due);
        // While we wait for them neither counts; afterwards ours begins where the law's does.
        walk(house, asked, "A 2027-02-02 D 2027-02-20");
        let both = house.read(|tx| clock(tx, &house.instance.policy(), asked));
        assert_eq!((both.law.due, both.own), (Some(date(2027, 3, 22)), Some(date(2027, 3, 22))));
    });
}

#[test]
fn a_promise_that_allows_no_more_time_is_not_extended() {
    let edit = |text: String| text.replace("at most the law's month", "at most 20 days");
    on_both_keeping(edit, |house| {
        let asked = arrived(house, "access", "Somebody", house.instance.clock.today());
        let more = make(house, asked, Move::Extended("complex"), house.instance.clock.today());
        let Err(Fault::Invalid(said)) = more else { panic!("{more:?}") };
        assert!(said[0].words.contains("promises an answer within 20 days"), "{said:?}");
    });
}

#[test]
fn how_many_came_before_is_counted_and_decides_nothing() {
    let edit = |text: String| {
        text.replace(
            "  register  access:",
            "  charge    10 pounds for each after 2 within 3 months\n  register  access:",
        )
    };
    on_both_keeping(edit, |house| {
        let tara = house.tara();
        let words: Vec<String> = (0..3)
            .map(|_| {
                let asked = house.request(house.opened("access", Who::Held(tara)));
                house.act(|acting, tx| desk::charge(acting, tx, &asked)).unwrap().unwrap()
            })
            .collect();
        assert!(
            words[1].contains("number 2 of theirs within 3 months")
                && words[1].contains("nothing for this one")
        );
        assert!(words[2].contains("number 3") && words[2].contains("decide and say why"), "{words:?}");
        assert_eq!(house.request(house.opened("access", Who::Held(tara))).fee_asked_on, None);
    });
}

#[test]
fn a_day_that_nothing_on_record_explains_is_found() {
    on_both(|house| {
        let today = house.instance.clock.today();
        let asked = arrived(house, "access", "Somebody", today);
        let plain = house.request(asked).due_on.unwrap();
        let found = |words: &str| found(house, words);
        let spoil = |sql: &str| spoil(house, sql);
        assert_eq!(house.look("clock-recorded").broken, Vec::<String>::new());
        spoil("UPDATE request SET due_on = '2027-06-01'");
        found("goes by 2027-06-01, and what is written down of it gives");
        spoil("UPDATE request SET due_on = NULL");
        found("goes by no day");
        let sql = format!("UPDATE request SET due_on = '{plain}', extended_on = '{today}'");
        spoil(&sql);
        found("says that it was extended, and its steps do not");
        // A step that was slipped in beside is not in the log.
        spoil(&format!(
            "UPDATE request SET extended_on = '{today}', extended_why = 'because', due_on = '2027-02-03'"
        ));
        let step = "INSERT INTO request_step (id, request_id, on_date, step, recorded_at) SELECT 7, id, received_on, 'extended', 0 FROM request";
        spoil(step);
        found("was moved 1 times, and the log knows of 0");
        spoil("DELETE FROM request_step WHERE id = 7");
        spoil(&format!("UPDATE request SET extended_on = NULL, extended_why = NULL, due_on = '{plain}'"));
        assert_eq!(house.look("clock-recorded").broken, Vec::<String>::new());
        // An extension of which nobody was told in time, or nobody knows why.
        walk(house, asked, &format!("X {today}"));
        spoil("UPDATE request SET extended_why = NULL");
        found("nothing says why");
        let late = plain.checked_add(1.day()).unwrap();
        spoil(&format!("UPDATE request SET extended_on = '{late}', extended_why = 'because'"));
        spoil(&format!("UPDATE request_step SET on_date = '{late}' WHERE step = 'extended'"));
        found("when its first time had ended");
        assert_eq!(Kind::named("correction"), Some(Kind::Rectification));
    });
}

/// What the proof finds, told by some of its words.
fn found(house: &House, words: &str) {
    let broken = house.look("clock-recorded").broken;
    assert!(broken.iter().any(|one| one.contains(words)), "{words}: {broken:?}");
}

fn spoil(house: &House, sql: &str) {
    assert_eq!(house.instance.store.write(|tx| tx.exec(sql, &[])).unwrap(), 1, "{sql}");
}

#[test]
fn asking_when_the_day_has_passed_puts_nothing_off_and_a_move_that_did_is_found() {
    on_both(|house| {
        let asked = arrived(house, "access", "Somebody", date(2026, 11, 2));
        house.go_to(date(2026, 12, 3));
        // Nor does saying afterwards that it was done before: nobody wrote it down while there was time.
        for on in [date(2026, 12, 3), date(2026, 11, 20)] {
            for how in
                [Move::IdentityAsked, Move::Paused, Move::FeeAsked("a third copy"), Move::Extended("complex")]
            {
                assert!(invalid(&make(house, asked, how, on).unwrap_err(), "why"), "{how:?}");
            }
        }
        assert_eq!(house.request(asked).due_on, Some(date(2026, 12, 2)), "it is overdue and stays so");
        // Of the last day it counts, if it is written down that day.
        let other = arrived(house, "access", "Another", date(2026, 11, 10));
        walk(house, other, "A 2026-12-10");
        assert_eq!(house.look("clock-recorded").broken, Vec::<String>::new());
        let only = format!("request_id = {} AND step = 'identity asked'", other.0);
        spoil(house, &format!("UPDATE request SET identity_asked_on = '2026-12-20' WHERE id = {}", other.0));
        spoil(house, &format!("UPDATE request_step SET on_date = '2026-12-20' WHERE {only}"));
        found(
            house,
            "was put off on 2026-12-20 (identity asked), written down on 2026-12-10, when its time had ended",
        );
        found(house, "says identity asked on 2026-12-20, and the log does not");
        spoil(house, &format!("UPDATE request SET identity_asked_on = '2026-12-10' WHERE id = {}", other.0));
        spoil(house, &format!("UPDATE request_step SET on_date = '2026-12-10' WHERE {only}"));
        assert_eq!(house.look("clock-recorded").broken, Vec::<String>::new());
        spoil(house, &format!("UPDATE request SET received_on = '2026-11-20' WHERE id = {}", other.0));
        found(house, "says that it was received on 2026-11-20, and its steps do not");
        let received = format!("request_id = {} AND step = 'received'", other.0);
        spoil(house, &format!("UPDATE request_step SET on_date = '2026-11-20' WHERE {received}"));
        found(house, "says that it was received on 2026-11-20, and the log says 2026-11-10");
    });
}

#[test]
fn what_is_written_down_when_the_time_had_ended_is_found_however_it_got_there() {
    on_both(|house| {
        let asked = arrived(house, "access", "Somebody", date(2026, 11, 3));
        let due = house.request(asked).due_on;
        assert_eq!(due, Some(date(2026, 12, 3)));
        // An extension slipped in on 5 December that says it is of 1 December, with the log's event and all.
        house.go_to(date(2026, 12, 5));
        house
            .act(|acting, tx| {
                let (on, by) = (date(2026, 12, 1), acting.staff_id());
                request::step(tx, asked, on, "extended", Some("complex"), by, acting.now)?;
                let body = serde_json::json!({ "request": asked.0, "how": "extended", "on": on });
                acting.log(tx, "request.moved", &[], &body)?;
                let sql = "UPDATE request SET extended_on = '2026-12-01', extended_why = 'complex', due_on = '2027-02-03'";
                assert_eq!(tx.exec(sql, &[])?, 1);
                Ok(())
            })
            .unwrap();
        found(house, "was extended on 2026-12-01, written down on 2026-12-05, when its first time had ended");
        found(house, "goes by 2027-02-03, and what is written down of it gives 2026-12-03");
        let clock = house.read(|tx| clock(tx, &house.instance.policy(), asked));
        assert_eq!(clock.due, due, "it moves nothing");
        let said = "extended 2026-12-01 moves nothing: it was written down 2026-12-05";
        assert!(clock.law.trace.iter().any(|line| line.starts_with(said)), "{:?}", clock.law.trace);
        // Nor does it help to say that it was written down in time: the log has the day.
        let then = house.instance.clock.at(date(2026, 12, 1), 9).as_millisecond();
        spoil(house, &format!("UPDATE request_step SET recorded_at = {then} WHERE step = 'extended'"));
        found(house, "says that extended was written down on 2026-12-01, and the log says 2026-12-05");
    });
}

#[test]
fn what_is_written_down_late_but_in_time_counts_from_its_day_and_says_so() {
    on_both(|house| {
        let asked = arrived(house, "access", "Somebody", date(2026, 11, 3));
        house.go_to(date(2026, 11, 12));
        make(house, asked, Move::Paused, date(2026, 11, 10)).unwrap();
        house.go_to(date(2026, 11, 16));
        make(house, asked, Move::Resumed, date(2026, 11, 14)).unwrap();
        assert_eq!(house.request(asked).due_on, Some(date(2026, 12, 8)), "five days");
        let clock = house.read(|tx| clock(tx, &house.instance.policy(), asked));
        for said in
            ["paused 2026-11-10, written down 2026-11-12", "resumed 2026-11-14, written down 2026-11-16"]
        {
            assert!(clock.law.trace.iter().any(|line| line == said), "{:?}", clock.law.trace);
        }
        assert_eq!(house.look("clock-recorded").broken, Vec::<String>::new());
    });
}

#[test]
fn two_questions_at_once_are_one_wait_that_ends_with_the_last_answer() {
    on_both(|house| {
        let asked = arrived(house, "access", "Somebody", date(2026, 11, 3));
        walk(house, asked, "P 2026-11-05 !P 2026-11-05 P 2026-11-09 R 2026-11-12");
        let now = house.request(asked);
        assert_eq!((now.due_on, now.paused_on), (None, Some(date(2026, 11, 9))), "the second is still open");
        walk(house, asked, "R 2026-11-16 !R 2026-11-16");
        let now = house.request(asked);
        // 5 to 16 November, each day once.
        assert_eq!((now.due_on, now.paused_on), (Some(date(2026, 12, 15)), None));
        assert_eq!(house.look("clock-recorded").broken, Vec::<String>::new());
    });
}
