//! Retention phrases: what is understood, what is said back, what they come to, and what is refused.

#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

use policy::clock::{Agreed, Facts, clock, over_cap, say};
use policy::phrase::{self, Scope, ScopeWork, Voice, keep_words};
use policy::{Span, WorkId};

use jiff::civil::date;

fn scope() -> Scope {
    let milestones = ["agreed", "first session", "completed"].map(str::to_owned).to_vec();
    let work =
        ScopeWork { id: WorkId(0), name: "programme".into(), milestones, parts: vec!["client".into()] };
    Scope {
        works: vec![work],
        categories: vec!["associate".into(), "supplier".into()],
        financial_year: Some((3, 31)),
        ..Scope::default()
    }
}

/// phrase | facts (`EVENT=DATE`) | what `say` prints
const STORIES: &str = "
6 months after completed | completed=2026-08-31 | 2027-02-28
6 months after completed | completed=2027-08-31 | 2028-02-29
1 year after completed | completed=2028-02-29 | 2029-02-28
six months after completed | completed=2026-08-30 | 2027-02-28
2 weeks after sent | sent=2026-12-25 | 2027-01-08
90 days after sent | sent=2026-12-01 | 2027-03-01
1 year and 6 months after closed | closed=2026-08-31 | 2028-02-29
6 months after completed | | awaiting completed
6 months after programme completed | completed=2026-08-31 | 2027-02-28
until first session, at most 3 months after last contact | contact=2026-05-01, contact=2026-05-31 | 2026-08-31
until first session, at most 3 months after last contact | first session=2026-06-02, contact=2026-05-31 | 2026-06-02
until first session, at most 3 months after last contact | | awaiting first session, last contact
until phone changes or asked not to call | asked not to call=2026-03-04 | 2026-03-04
until phone changes or asked not to call | | awaiting phone changes, asked not to call
while associate | no longer associate=2026-05-06 | 2026-05-06
while associate | | awaiting no longer associate
while associate, review every 2 years | collected=2026-01-01 | review 2028-01-01
2 years after no longer supplier | no longer supplier=2026-05-06 | 2028-05-06
the earlier of 18 months after collected and consent withdrawn | collected=2025-08-31 | 2027-02-28
the earlier of 18 months after collected and consent withdrawn | collected=2025-08-31, consent withdrawn=2026-01-02 | 2026-01-02
the later of 1 year after completed and 2 years after last contact | completed=2026-01-31 | awaiting last contact
the later of 1 year after completed and 2 years after last contact | completed=2026-01-31, contact=2026-02-01 | 2028-02-01
the later of 1 year after completed, 2 years after last contact and 3 months after sent | completed=2026-01-31, contact=2026-02-01, sent=2026-02-01 | 2028-02-01
6 months after completed, at least 1 year after last contact | completed=2026-01-31, contact=2026-02-01 | 2027-02-01
12 months after completed, or sooner if asked us to stop | completed=2026-01-31, asked us to stop=2026-02-03 | 2026-02-03
3 years after completed, at most 5 years | completed=2026-01-31 | 2029-01-31
5 years after the end of the calendar year of completed | completed=2026-01-31 | 2031-12-31
4 years after the end of the tax year of completed | completed=2026-04-05 | 2030-04-05
4 years after the end of the tax year of completed | completed=2026-04-06 | 2031-04-05
until the end of the financial year of completed | completed=2026-04-01 | 2027-03-31
until the end of the academic year of completed | completed=2026-08-31 | 2026-08-31
review 6 years after completed | completed=2026-08-31 | review 2032-08-31
review 6 years after completed | | awaiting completed
indefinitely | | never
indefinitely, review every year | collected=2024-02-29 | review 2025-02-28
until consent withdrawn; ask again every 2 years, no answer ends it | consent given=2026-02-28 | 2028-02-28
until consent withdrawn; ask again every 2 years, no answer ends it | consent given=2024-02-28, consent given=2026-02-28 | 2028-02-28
6 months after completed, or as agreed by client and coach, normally at most 5 years after completed | completed=2026-08-31 | 2027-02-28
";

fn facts(text: &str) -> Facts {
    text.split(',').filter(|fact| !fact.trim().is_empty()).fold(Facts::default(), |facts, fact| {
        let (event, day) = fact.trim().split_once('=').unwrap();
        facts.with(event, day.parse().unwrap())
    })
}

#[test]
fn phrases_come_to_the_right_day_with_a_policy_and_without() {
    for story in STORIES.lines().filter(|story| !story.is_empty()) {
        let [text, known, expected] = story.split('|').map(str::trim).collect::<Vec<_>>()[..] else {
            panic!("{story}")
        };
        for read in [phrase::read(text, Span::default(), &scope()), phrase::read_alone(text)] {
            // Nor when a financial year ends: that is refused, and never assumed.
            if text.contains("financial year")
                && read.as_ref().is_err_and(|faults| faults[0].code == "E-AMBIGUOUS")
            {
                continue;
            }
            let read = read.unwrap_or_else(|faults| panic!("{text}: {faults:?}"));
            let got = clock(
                &read.phrase,
                read.review.as_ref(),
                read.ask_again.as_ref(),
                &facts(known),
                date(2026, 1, 1),
            );
            // Without a policy nobody knows that `programme` is work.
            if text.contains("programme completed") && say(&got) == "awaiting programme completed" {
                continue;
            }
            assert_eq!(say(&got), expected, "{story}\n{:?}", got.trace);
        }
    }
}

#[test]
fn an_event_ends_at_once_and_a_span_with_its_day() {
    use policy::clock::Outcome;
    let once = |text: &str, known: &str| {
        let read = phrase::read_alone(text).unwrap();
        clock(&read.phrase, None, None, &facts(known), date(2026, 1, 1)).outcome
    };
    let on = date(2026, 8, 31);
    assert_eq!(once("until completed", "completed=2026-08-31"), Outcome::Due { on, at_once: true });
    assert_eq!(once("1 day after completed", "completed=2026-08-30"), Outcome::Due { on, at_once: false });
    let both = "the earlier of 1 day after sent and completed";
    assert_eq!(once(both, "sent=2026-08-30, completed=2026-08-31"), Outcome::Due { on, at_once: true });
}

#[test]
fn what_could_still_shorten_it_is_said() {
    let read =
        phrase::read("until first session, at most 3 months after last contact", Span::default(), &scope())
            .unwrap();
    assert_eq!(read.work, Some(WorkId(0)));
    let got = clock(&read.phrase, None, None, &facts("contact=2026-05-31"), date(2026, 6, 1));
    assert_eq!(got.may_shorten, ["first session"]);
    let ended = clock(
        &read.phrase,
        None,
        None,
        &facts("contact=2026-05-31, first session=2026-06-01"),
        date(2026, 6, 1),
    );
    assert!(ended.may_shorten.is_empty());
}

#[test]
fn an_agreed_period_replaces_the_usual_one_up_to_its_cap() {
    let text = "6 months after completed, or as agreed by client and coach, normally at most 5 years after completed";
    let read = phrase::read(text, Span::default(), &scope()).unwrap();
    let ends = |months: i64, reasoned: bool| {
        let agreed = Some(Agreed { period: jiff::Span::new().months(months), reasoned });
        let facts = Facts { agreed, ..facts("completed=2026-08-31") };
        say(&clock(&read.phrase, None, None, &facts, date(2026, 1, 1)))
    };
    assert_eq!(ends(3, false), "2026-11-30");
    assert_eq!(ends(24, false), "2028-08-31");
    assert_eq!(ends(72, false), "2031-08-31", "no more than the cap");
    assert_eq!(ends(72, true), "2032-08-31", "unless somebody gave a reason");

    let over = over_cap(&read.phrase, &jiff::Span::new().years(6), date(2026, 8, 31)).unwrap();
    assert_eq!((over.cap, over.with_reason), (date(2031, 8, 31), true));
    assert_eq!(over_cap(&read.phrase, &jiff::Span::new().years(5), date(2026, 8, 31)), None);

    let firm = phrase::read_alone(&text.replace("normally ", "")).unwrap();
    let agreed = Some(Agreed { period: jiff::Span::new().years(6), reasoned: true });
    let facts = Facts { agreed, ..facts("completed=2026-08-31") };
    assert_eq!(say(&clock(&firm.phrase, None, None, &facts, date(2026, 1, 1))), "2031-08-31");
}

#[test]
fn what_cannot_happen_any_more_is_not_waited_for() {
    let read =
        phrase::read_alone("the later of 1 year after completed and 2 years after appeal closed").unwrap();
    let mut known = facts("completed=2026-01-31");
    assert_eq!(say(&clock(&read.phrase, None, None, &known, date(2026, 1, 1))), "awaiting appeal closed");
    known.impossible.insert("appeal closed".to_owned());
    assert_eq!(say(&clock(&read.phrase, None, None, &known, date(2026, 1, 1))), "2027-01-31");
}

#[test]
fn phrases_are_said_in_plain_words() {
    let work = policy::Work {
        id: WorkId(0),
        name: "programme".into(),
        title: "coaching programme".into(),
        milestones: ["agreed", "first session", "completed"].map(str::to_owned).to_vec(),
        parts: Vec::new(),
        paid_by: Vec::new(),
        agreement: None,
        terms: Vec::new(),
        span: Span::default(),
    };
    for (text, you) in [
        ("6 months after completed", "6 months after the coaching programme is completed"),
        (
            "6 months after completed, or as agreed by client and coach, normally at most 5 years after completed",
            "6 months after the coaching programme is completed, or for as long as you and your coach agree, normally no \
             longer than 5 years after the coaching programme is completed",
        ),
        (
            "until first session, at most 3 months after last contact",
            "until the first session, and never longer than 3 months after you were last in touch with us",
        ),
        ("until phone changes or asked not to call", "until your number changes or you ask us not to call"),
        (
            "until consent withdrawn; ask again every 2 years, no answer ends it",
            "until you take back your consent; we ask you again every 2 years, and let it go if you do not answer",
        ),
        ("while associate, review every year", "as long as you are an associate; we look at it every year"),
        (
            "the earlier of 18 months after collected and left the organisation",
            "18 months after we first got your details or until we learn that you have left your organisation, whichever comes first",
        ),
        (
            "4 years after the end of the tax year of completed",
            "4 years after the end of the tax year (which ends on 5 April) in which the coaching programme is completed",
        ),
        (
            "1 year and 6 months after no longer supplier",
            "1 year and 6 months after you are no longer a supplier",
        ),
        ("until age 25", "until you are 25 years old"),
    ] {
        let read = match text {
            "until age 25" => phrase::read_alone(text),
            _ => phrase::read(text, Span::default(), &scope()),
        };
        let read = read.unwrap_or_else(|faults| panic!("{text}: {faults:?}"));
        let ask = read.ask_again.as_ref();
        assert_eq!(keep_words(&read.phrase, read.review.as_ref(), ask, Voice::You, Some(&work)), you);
    }
    let read = phrase::read_alone("until consent withdrawn").unwrap();
    assert_eq!(phrase::words(&read.phrase, Voice::They, None), "until they take back their consent");
}

/// phrase | words underlined | message | help begins with
const FAULTS: &str = "
6 months after complted | complted | nothing here is called `complted` | did you mean `completed`?
6 moths after completed | moths | this is no unit of time | did you mean `months`?
6 months from completed | from | `from` is not a word for this | say `after`
6 months | 6 months | after what | name the event
until completed and consent withdrawn | and | it is not clear whether one is enough | say `the later of
while asociate | asociate | no category is called `asociate` | did you mean `associate`?
6 months after completed or 2 years after last contact | or | it is not clear which of the two counts | say `the earlier of
26 minutes after recorded | 26 minutes | periods are counted in hours | say hours
6 months after completed, if paid | paid | no fact is called `paid` | declare it
until age 25 | age 25 | nobody's birthday is known here | declare `item date of birth`
about 6 years after completed | about | this leaves the length open | write the number
3 to 7 years after completed | 3 to 7 years | this is more than one period | choose: `7 years after
3-7 years after completed | 3-7 years | this is more than one period | choose: `7 years after
6+1 years | 6+1 years | this is more than one period | write `7 years after
6 years or so after completed | or so | this leaves the length open | write `6 years after
in line with guidance | in line with guidance | nobody can tell from this | write the period the guidance gives
as long as necessary | as long as necessary | nobody can tell from this | name the event
for as long as we need it | for as long as we need it | nobody can tell from this | name the event
until no longer needed | no longer needed | nobody can tell from this | name the event
up to 6 years after completed | up to 6 years after completed | nobody can tell from this | say `at most`
normally 6 years after completed | normally | this leaves the exceptions open | leave it out
until consent withdrawn; ask again every 2 years | ; ask again every 2 years | what happens when nobody answers | say `ask again
6 months after completed, normally at most 5 years after completed | normally | `normally at most` caps | say `at most`
the earlier of completed | the earlier of completed | there is only one | say `the earlier of A and B`
0 days after completed | 0 days | this is no length of time | write a number
6 months or 2 years after completed | 6 months or 2 years | this is more than one period | choose: `2 years after ...`; or say which fact decides: `if ..., 2 years after ...; otherwise 6 months after ...`
2 years or 1 month | 2 years or 1 month | this is more than one period | choose: `2 years after ...`; or say which fact decides: `if ..., 2 years after ...; otherwise 1 month after ...`
6 months after completed or 2 years after last contact, whichever applies | or | it is not clear which of the two counts | say `the earlier of 6 months after completed and 2 years after last contact`, or
the earlier of completed and sent, whichever is later | whichever | this cannot follow a period | after a period come
a while back | while | this is no unit of time | say days
";

#[test]
fn faults_are_underlined_with_a_remedy() {
    for row in FAULTS.lines().filter(|row| !row.is_empty()) {
        let [text, words, message, help] = row.split('|').map(str::trim).collect::<Vec<_>>()[..] else {
            panic!("{row}")
        };
        let base = Span { file: 2, start: 100, end: 100 + u32::try_from(text.len()).unwrap() };
        let faults = phrase::read(text, base, &scope()).expect_err(text);
        let fault = &faults[0];
        let under = &text[(fault.span.start - 100) as usize..(fault.span.end - 100) as usize];
        assert_eq!((under, fault.span.file), (words, 2), "{row}: {faults:?}");
        assert!(fault.message.starts_with(message), "{row}: {}", fault.message);
        assert!(fault.help.as_deref().unwrap_or("").starts_with(help), "{row}: {:?}", fault.help);
    }
}

/// A school whose trips have a child and two parents on them, and whose lessons have a pupil.
fn school() -> Scope {
    let work = |id, name: &str, milestone: &str, parts: &[&str]| ScopeWork {
        id: WorkId(id),
        name: name.into(),
        milestones: vec![milestone.into()],
        parts: parts.iter().map(|part| (*part).to_owned()).collect(),
    };
    Scope {
        works: vec![
            work(0, "trip", "returned", &["child", "parent"]),
            work(1, "tuition", "ended", &["pupil", "parent"]),
        ],
        kinds: vec!["date of birth".into()],
        ..Scope::default()
    }
}

#[test]
fn an_age_is_of_the_person_or_of_somebody_on_the_work_and_of_nobody_else() {
    use policy::phrase::Whose;
    let read = |text: &str, work| {
        let scope = Scope { work, ..school() };
        phrase::read(text, Span { file: 0, start: 0, end: 0 }, &scope)
    };
    let pat = Facts::default().with("born", date(1980, 5, 6));
    let child = Whose::Part("child".to_owned()).born();
    let both = pat.clone().with(&child, date(2011, 5, 4)).with(&child, date(2014, 9, 1));
    for (text, unknown, known) in [
        ("until the child is 25", "awaiting date of birth of the child", "2039-09-01"),
        ("until the child turns 25", "awaiting date of birth of the child", "2039-09-01"),
        ("until the child's 25th birthday", "awaiting date of birth of the child", "2039-09-01"),
        ("6 years after the child turns 18", "awaiting date of birth of the child", "2038-09-01"),
        ("until the person is 25", "2005-05-06", "2005-05-06"),
        ("until 25", "2005-05-06", "2005-05-06"),
    ] {
        let read = read(text, None).unwrap_or_else(|faults| panic!("{text}: {faults:?}"));
        assert_eq!(read.work, text.contains("child").then_some(WorkId(0)), "{text}");
        assert_eq!(say(&read.clock(&pat, date(2026, 1, 1))), unknown, "{text}");
        assert_eq!(say(&read.clock(&both, date(2026, 1, 1))), known, "{text}");
    }
    let fault = |text: &str, work| {
        let faults = read(text, work).expect_err(text);
        assert_eq!(faults.len(), 1, "{faults:?}");
        let fault = &faults[0];
        let under = &text[fault.span.start as usize..fault.span.end as usize];
        format!("{under}: {}. {}", fault.message, fault.help.as_deref().unwrap_or(""))
    };
    assert_eq!(
        fault("until my hovercraft turns 30", Some(WorkId(0))),
        "my hovercraft: nobody on the work is called `my hovercraft`. say `the person`, or whose part on the work it \
         is: `the child`, `the parent`"
    );
    assert_eq!(
        fault("6 years after the chlid turns 18", Some(WorkId(0))),
        "chlid: nobody on the work is called `chlid`. did you mean `the child`?"
    );
    assert!(fault("until the pupil is 25", Some(WorkId(0))).contains("`the child`"));
    assert_eq!(read("until the parent is 60", Some(WorkId(1))).unwrap().work, Some(WorkId(1)));
    assert!(
        fault("until the parent is 60", None).contains("several kinds of work have a part called `parent`")
    );
    assert_eq!(
        read("until the last of the people on it is 21", Some(WorkId(1))).unwrap().work,
        Some(WorkId(1))
    );
    assert!(fault("until the last of the people on it is 21", None).contains("it is not clear which work"));
    let said = read("until the child is 25", None).unwrap();
    assert_eq!(phrase::words(&said.phrase, Voice::You, None), "until the child is 25 years old");
}

#[test]
fn of_the_cases_that_are_so_the_longest_counts_and_the_words_say_so() {
    let text = "6 years after closed; if under 16 then, until 20; if in care, until 75";
    let turned = "6 years after closed; if in care, until 75; if under 16 then, until 20";
    let known = facts("closed=2026-01-31, born=2015-01-01");
    for text in [text, turned] {
        let read = phrase::read_alone(text).unwrap();
        let on = |facts: &Facts| say(&read.clock(facts, date(2026, 1, 1)));
        assert_eq!(on(&known), "awaiting whether in care", "it could still lengthen");
        assert_eq!(on(&known.clone().knowing("in care", "yes")), "2090-01-01");
        assert_eq!(on(&known.clone().knowing("in care", "no")), "2035-01-01");
    }
    // What could not lengthen it is not waited for.
    let read = phrase::read_alone(
        "1 year after closed; if upheld, 6 years after closed; if appealed, 2 years after closed",
    );
    let read = read.unwrap();
    let upheld = facts("closed=2026-01-31").knowing("upheld", "yes");
    assert_eq!(say(&read.clock(&upheld, date(2026, 1, 1))), "2032-01-31");
    assert_eq!(
        read.words(Voice::You),
        "1 year after the matter is closed, but if upheld, 6 years after the matter is closed, and if appealed, 2 years \
         after the matter is closed; where more than one of these is so, whichever is longest"
    );
    // Of the values of one fact only one can be so.
    let outcome = "if outcome is upheld, 6 years after closed; if outcome is settled, 3 years after closed; otherwise 1 \
                   year after closed";
    assert!(!phrase::read_alone(outcome).unwrap().words(Voice::You).contains("whichever"));
}

#[test]
fn several_faults_are_given_at_once() {
    let faults =
        phrase::read("6 moths after completed, at most 3 yeers after complted", Span::default(), &scope());
    let messages: Vec<String> = faults.unwrap_err().into_iter().map(|fault| fault.message).collect();
    assert_eq!(
        messages,
        ["this is no unit of time", "this is no unit of time", "nothing here is called `complted`"]
    );
}

#[test]
fn any_bytes_at_all_give_faults_and_no_panic() {
    for text in [
        "",
        ",",
        ";;,",
        "or",
        "at most",
        "the earlier of",
        "until",
        "6",
        "é months after ü",
        "review",
        "ask again every",
        "# only",
        "999999999999 years after x",
        "9999 years after x",
        "or as agreed by",
    ] {
        let _ = phrase::read(text, Span { file: 0, start: u32::MAX, end: u32::MAX }, &scope());
        let _ = phrase::read_alone(text);
    }
    let read = phrase::read_alone("9999 years after completed").unwrap();
    let got = clock(&read.phrase, None, None, &facts("completed=2026-01-01"), date(2026, 1, 1));
    assert_eq!(say(&got), "never", "past the end of the calendar");
}
