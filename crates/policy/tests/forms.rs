//! One table of what organisations write about how long: the phrase, what is known, what it comes to. The tests
//! evaluate every row, and `docs/phrases.md` is written from the same table (`BLESS=1` writes it).

#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

use policy::clock::{Facts, given, say};
use policy::phrase::read::ReadPhrase;
use policy::phrase::{self, Scope, Voice};

use jiff::civil::date;

/// Who writes it; then phrase | what is known (`EVENT=DATE; fact NAME=VALUE`) | what it comes to.
const FORMS: &[(&str, &str)] = &[
    (
        "A law firm",
        "
6 years after matter closed | matter closed=2026-03-31 | 2032-03-31
15 years after matter closed, if it concerned a trust | matter closed=2026-03-31; fact it concerned a trust=yes | 2041-03-31
15 years after matter closed, if it concerned a trust | matter closed=2026-03-31 | awaiting whether it concerned a trust
6 years after matter closed, otherwise | matter closed=2026-03-31 | 2032-03-31
the later of 6 years after matter closed and 3 years after last payment | matter closed=2026-03-31; payment=2030-01-15 | 2033-01-15
6 years after matter closed; if under 18 then, 6 years after they turn 18 | matter closed=2026-03-31; fact birthday=2012-06-01 | 2036-06-01
6 years after matter closed, longer while a complaint is open, and then only name, address | matter closed=2026-03-31; fact a complaint is open=yes | awaiting no longer a complaint is open
6 years after the end of the year to 31 March of invoice sent | invoice sent=2026-04-05 | 2033-03-31
until matter closed, then return originals to the client, confirm, then erase | matter closed=2026-03-31 | 2026-03-31
7 years after matter closed; tell the person 30 days before, then erase | matter closed=2026-03-31 | 2033-03-31
",
    ),
    (
        "A school",
        "
until the person is 25 | fact birthday=2011-05-04 | 2036-05-04
until the person is 25 | | awaiting date of birth
until the end of the academic year in which they turn 18 | fact birthday=2009-02-14 | 2027-08-31
4 years after last lesson; if under 16 then, until 20 | lesson=2026-03-05; fact birthday=2012-05-04 | 2032-05-04
4 years after last lesson; if under 16 then, until 20 | lesson=2026-03-05; fact birthday=2005-05-04 | 2030-03-05
7 years after left, cleared out every 31 August | left=2026-07-20 | 2033-08-31
3 years after the end of the academic year of trip returned | trip returned=2026-10-30 | 2030-08-31
the latest, and those of the last 3 years | recorded=2026-01-10; newer version=2027-02-01 | 2029-01-10
until the last of the people on it is 21 | fact birthdays=2010-05-04, 2014-09-01 | 2035-09-01
until the child is 25 | fact birthday of the child=2011-05-04 | 2036-05-04
until the child is 25 | fact birthday=1980-05-04 | awaiting date of birth of the child
6 years after the child turns 18 | fact birthday of the child=2012-02-29 | 2036-02-28
until the end of the academic year in which the child turns 18 | fact birthday of the child=2009-02-14 | 2027-08-31
",
    ),
    (
        "A clinic",
        "
8 years after last appointment | appointment=2026-02-28 | 2034-02-28
8 years after last appointment; if under 17 then, until 25 | appointment=2026-02-28; fact birthday=2010-07-09 | 2035-07-09
8 years after last appointment; if under 17 then, until 25 | appointment=2026-02-28 | awaiting date of birth
8 years after treatment ended; if under 17 then, until their 25th birthday; if 17 then, until their 26th birthday | treatment ended=2026-02-28; fact birthday=2010-07-09 | 2035-07-09
25 years after date of birth | fact birthday=2010-07-09 | 2035-07-09
25 years after date of birth, or 8 years after death if sooner | fact birthday=2010-07-09; death=2020-03-01 | 2028-03-01
25 years after date of birth, or 8 years after death if sooner | fact birthday=2010-07-09 | 2035-07-09
30 years after discharged, if given blood; otherwise 8 years after discharged | discharged=2026-02-28; fact given blood=yes | 2056-02-28
30 years after discharged, if given blood; otherwise 8 years after discharged | discharged=2026-02-28; fact given blood=no | 2034-02-28
30 years after discharged, if given blood; otherwise 8 years after discharged | discharged=2026-02-28 | awaiting whether given blood
8 years after treatment ended; if under 17 then, until their 25th birthday; if 17 then, until their 26th birthday | treatment ended=2026-02-28; fact birthday=2008-07-09 | 2034-07-09
8 years after treatment ended; if under 17 then, until their 25th birthday; if 17 then, until their 26th birthday | treatment ended=2026-02-28; fact birthday=1970-07-09 | 2034-02-28
until their 25th birthday, or until their 26th birthday if they were 17 when treatment ended | treatment ended=2026-02-28; fact birthday=2008-07-09 | 2034-07-09
until their 25th birthday, or until their 26th birthday if they were 17 when treatment ended | treatment ended=2026-02-28; fact birthday=2010-07-09 | 2035-07-09
until their 25th birthday, or until their 26th birthday if they were 17 when treatment ended | fact birthday=2010-07-09 | awaiting treatment ended
8 years after discharged; if 16 or 17 then, until 26; if 18 or over then, 10 years after discharged | discharged=2026-02-28; fact birthday=2008-02-29 | 2036-02-28
8 years after discharged; if 12 to 15 then, until 26 | discharged=2026-02-28; fact birthday=2012-05-04 | 2038-05-04
50 years after work started, if ever exposed | work started=2001-09-03; fact exposed=yes | 2051-09-03
50 years after work started, if ever exposed | work started=2001-09-03 | awaiting whether ever exposed
review 10 years after last appointment | appointment=2026-02-28 | review 2036-02-28
30 years after device implanted, at least 10 years after death recorded | device implanted=2020-06-01; death recorded=2048-01-01 | 2058-01-01
26 hours after recorded | recorded=2026-03-01T14:30 | 2026-03-02
30 days, rolling, then count and forget | recorded=2026-03-01 | 2026-03-31
never; charge it, note the result, discard | | never
",
    ),
    (
        "A church",
        "
while member | | awaiting no longer member
stop writing 1 year after no longer member, anonymise 3 years after no longer member | fact member=2026-05-10 | 2029-05-10
stop writing 1 year after no longer member, anonymise 3 years after no longer member, keep counts by year | fact member=2026-05-10 | 2029-05-10
6 years after the end of the calendar year of last gift | gift=2026-04-12 | 2032-12-31
6 years after the end of the tax year of last gift, if given with tax relief | gift=2026-04-05; fact given with tax relief=yes | 2032-04-05
indefinitely, review every 10 years | collected=2026-04-12 | review 2036-04-12
50 years after last duty, if they worked with children | duty=2026-04-12; fact they worked with children=yes | 2076-04-12
18 months after confirmed; ask 30 days before, no answer ends it | confirmed=2026-01-31 | 2027-07-31
until consent withdrawn; ask again every 2 years, no answer ends it | consent given=2026-01-31 | 2028-01-31
until consent withdrawn; ask again every year, no answer within 14 days ends it | consent given=2026-01-31 | 2027-01-31
",
    ),
    (
        "A housing charity",
        "
9 years after the last of their tenancies ended | tenancy ended=2019-01-31; tenancy ended=2026-01-31 | 2035-01-31
9 years after the last of their tenancies ended | tenancy ended=2019-01-31; fact tenancy ended=pending | awaiting last of all tenancy ended
6 years after closed; if under 16 then, until 20; if in care, until 75 | closed=2026-01-31; fact birthday=2015-01-01; fact in care=yes | 2090-01-01
6 years after closed; if under 16 then, until 20; if in care, until 75 | closed=2026-01-31; fact birthday=2015-01-01; fact in care=no | 2035-01-01
6 years after closed; if under 16 then, until 20; if in care, until 75 | closed=2026-01-31; fact birthday=2015-01-01 | awaiting whether in care
6 years after tenancy ended, longer while arrears are owed | tenancy ended=2026-01-31; fact arrears are owed=no | 2032-01-31
6 years after tenancy ended, longer while arrears are owed | tenancy ended=2026-01-31; fact arrears are owed=2033-02-01 | 2033-02-01
as \"the funder\" requires, at most 12 years after grant paid | grant paid=2026-01-31 | 2038-01-31
until 31 December 2030 | | 2030-12-31
until 2030-12-31 | | 2030-12-31
until the end of 2030 | | 2030-12-31
6 years after grant paid, at most 31 December 2030 | grant paid=2026-01-31 | 2030-12-31
6 years after grant paid, at most 31 December 2030 | grant paid=2020-01-31 | 2026-01-31
the later of 31 December 2030 and 3 years after grant paid | grant paid=2029-01-31 | 2032-01-31
the later of 31 December 2030 and 3 years after grant paid | | awaiting grant paid
until asked us to stop or 31 December 2030 | asked us to stop=2027-05-01 | 2027-05-01
until 31 December 2030, cleared out every 31 August | | 2031-08-31
as \"the funder\" requires, at most 12 years after grant paid | grant paid=2026-01-31; fact the funder=2031-12-31 | 2031-12-31
12 months after application refused, or sooner if asked | application refused=2026-01-31; asked=2026-03-01 | 2026-03-01
2 years after last contact, archived for 4 years | contact=2026-01-31 | 2032-01-31
2 years after tenancy ended, then archive for 5 years, then erase | tenancy ended=2026-01-31 | 2033-01-31
if outcome is upheld, 6 years after closed; otherwise 1 year after closed | closed=2026-01-31; fact outcome=upheld | 2032-01-31
if outcome is upheld, 6 years after closed; otherwise 1 year after closed | closed=2026-01-31; fact outcome=no | 2027-01-31
if outcome is upheld, 6 years after closed; otherwise 1 year after closed | closed=2026-01-31 | awaiting whether outcome is upheld
",
    ),
    (
        "Anybody",
        "
6 months after completed | completed=2026-08-31 | 2027-02-28
6 years after case closed, if employed by the client at the time | case closed=2026-03-31; fact employed by the client=yes | 2032-03-31
6 years after case closed, if employed by the client at the time | case closed=2026-03-31; fact employed by the client=no | never
review 6 years after case closed, otherwise | case closed=2026-03-31 | review 2032-03-31
until case closed, except those used in the report | case closed=2026-03-31 | 2026-03-31
the earlier of 18 months after collected and campaign ended | collected=2026-01-31 | 2027-07-31
6 months after completed, or as agreed by client and coach, normally at most 5 years after completed | completed=2026-08-31; fact agreed=2 years | 2028-08-31
6 months after completed or 2 years after last contact, whichever is later | completed=2026-08-31; contact=2025-01-31 | 2027-02-28
until completed or lapsed, whichever comes last | completed=2026-08-31; lapsed=2027-01-31 | 2027-01-31
3 months after last incoming contact | incoming contact=2026-01-31; incoming contact=2026-05-31 | 2026-08-31
until the end of the next month after completed | completed=2026-01-31 | 2026-02-28
6 years after the end of the year to 30 June of completed | completed=2026-07-01 | 2033-06-30
1 year after completed, cleared out every Friday | completed=2026-03-31 | 2027-04-02
1 year after completed, cleared out at the end of the month | completed=2026-03-05 | 2027-03-31
while consented, given before selection ended | consent given=2026-03-01; selection ended=2026-04-01 | awaiting consent withdrawn
while under contract, at most 10 years after collected | collected=2026-01-31 | 2036-01-31
6 years after the later of left and last payment | left=2026-01-31; payment=2026-06-30 | 2032-06-30
at most 3 years after left; tell the person before, then erase | left=2026-01-31 | 2029-01-31
stop calling 1 year after lapsed, erase 3 years after lapsed | lapsed=2026-01-31 | 2029-01-31
",
    ),
];

/// What `probity when` makes of the words of a row, by the function it uses itself.
fn facts(read: &ReadPhrase, text: &str) -> Result<Facts, String> {
    let parts = || text.split(';').map(str::trim).filter(|part| !part.is_empty());
    let on: Vec<&str> = parts().filter(|part| !part.starts_with("fact ")).collect();
    let said: Vec<&str> = parts().filter_map(|part| part.strip_prefix("fact ")).collect();
    given(read, &on, &said, &jiff::tz::TimeZone::UTC, &Scope::default())
}

/// Phrase, what is known, what it comes to.
fn rows(table: &str) -> Vec<[&str; 3]> {
    let rows = table.lines().filter(|row| !row.is_empty());
    rows.map(|row| row.split('|').map(str::trim).collect::<Vec<_>>().try_into().unwrap()).collect()
}

#[test]
fn every_form_comes_to_what_the_table_says() {
    let mut wrong = Vec::new();
    for [text, known, expected] in FORMS.iter().flat_map(|(_, table)| rows(table)) {
        match phrase::read_alone(text) {
            Ok(read) => {
                let clock = match facts(&read, known) {
                    Ok(facts) => read.clock(&facts, date(2026, 1, 1)),
                    Err(refused) => {
                        wrong.push(format!("{text} | {known}\n  {refused}"));
                        continue;
                    }
                };
                let got = say(&clock);
                if got != expected {
                    wrong.push(format!("{text} | {known}\n  {got}, not {expected}\n  {:?}", clock.trace));
                }
            }
            Err(faults) => {
                wrong.push(format!("{text}\n  {:?}", faults.iter().map(|f| &f.message).collect::<Vec<_>>()))
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_page_is_what_the_table_says() {
    let mut page = String::from(
        "# How long: what people write\n\n\
         Each phrase stands after `keep`; `policy-language.md` has the whole grammar. The second column is what `probity when` is\n\
         told: `--on EVENT=DATE` for what happened, `--fact NAME=VALUE` for what is so. The third is what it answers: the last day, or\n\
         what it waits for. What is not known is never guessed. The words are those of the notice, as it says them where the policy\n\
         gives a name no words of its own. `never` is what never ends by itself, is never kept, or is not what the clause speaks of.\n\n\
         This page is written by a test from the table it evaluates: `BLESS=1 cargo test -p policy --test forms`.\n",
    );
    for (who, table) in FORMS {
        page.push_str(&format!(
            "\n## {who}\n\n| `keep` | known | comes to | in the notice |\n|---|---|---|---|\n"
        ));
        for [text, known, outcome] in rows(table) {
            let read = phrase::read_alone(text).unwrap();
            let known = if known.is_empty() { "nothing" } else { known };
            page.push_str(&format!("| `{text}` | {known} | {outcome} | {} |\n", read.words(Voice::You)));
        }
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/phrases.md");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, &page).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap(), page, "BLESS=1 writes it");
    for (who, table) in FORMS {
        assert!(rows(table).len() >= 4, "{who}");
    }
}

#[test]
fn whatever_is_left_out_is_awaited_and_never_guessed() {
    for [text, known, expected] in FORMS.iter().flat_map(|(_, table)| rows(table)) {
        let read = phrase::read_alone(text).unwrap();
        let nothing = say(&read.clock(&Facts::default(), date(2026, 1, 1)));
        // A day that is written needs nothing to be known.
        let fixed = text.contains("2030");
        assert!(nothing.starts_with("awaiting ") || nothing == "never" || fixed, "{text}: {nothing}");
        // With less known it never ends sooner than it does with more, unless what is missing would have moved it
        // out or put another case in its place.
        let given: Vec<&str> = known.split(';').map(str::trim).filter(|given| !given.is_empty()).collect();
        for left_out in given.iter().filter(|given| given.starts_with("fact ") && !text.contains("requires"))
        {
            // What may only shorten it is not waited for.
            if left_out.contains("agreed") || left_out.contains("pending") || text.contains("if sooner") {
                continue;
            }
            let rest: Vec<&str> = given.iter().filter(|other| other != &left_out).copied().collect();
            let less = say(&read.clock(&facts(&read, &rest.join(";")).unwrap(), date(2026, 1, 1)));
            let awaits = less.starts_with("awaiting ") || less == "never";
            assert!(awaits, "{text} without {left_out}: {less}, with it {expected}");
        }
    }
}

#[test]
fn a_span_in_hours_says_the_minute() {
    let read = phrase::read_alone("26 hours after recorded").unwrap();
    let clock = read.clock(&facts(&read, "recorded=2026-03-01T23:30").unwrap(), date(2026, 3, 1));
    assert_eq!(say(&clock), "2026-03-03");
    assert_eq!(clock.trace[0], "recorded 2026-03-01 23:30, plus 26 hours: 2026-03-03 01:30");
}

#[test]
fn what_a_fact_cannot_be_is_refused_and_gives_no_date() {
    let read =
        phrase::read_alone("if outcome is upheld, 6 years after closed; otherwise 1 year after closed")
            .unwrap();
    let refused = facts(&read, "closed=2026-01-31; fact outcome=banana").unwrap_err();
    assert_eq!(refused, "`outcome` cannot be `banana` here; write `outcome=upheld`, `outcome=no`");
    let read = phrase::read_alone("6 years after finished, if under investigation").unwrap();
    assert!(facts(&read, "finished=2026-01-31; fact under investigation=maybe").is_err());
    let no = facts(&read, "finished=2026-01-31; fact under investigation=no").unwrap();
    assert_eq!(say(&read.clock(&no, date(2026, 1, 1))), "never");
    let yes = facts(&read, "finished=2026-01-31; fact under investigation=yes").unwrap();
    assert_eq!(say(&read.clock(&yes, date(2026, 1, 1))), "2032-01-31");
    assert!(phrase::read_alone("6 years after finished, if under seal").is_ok());
    assert!(phrase::read_alone("2 years after finished, longer while under contract").is_ok());
    assert!(phrase::read_alone("6 years after finished, if under").is_err());
    assert!(facts(&read, "strange=2026-01-31").is_err());
}

#[test]
fn what_is_suggested_of_two_periods_can_be_read() {
    for text in [
        "until they are 25 or 26 if in care",
        "until the person is 25 or 26, if in care",
        "6 years or 3 years after last contact",
        "1 year after finished or 2 years after last contact",
        "1 year after finished or 2 years after last contact or 3 years after left",
        "6 years after finished and 2 years after last contact, review every 2 years",
        "the earlier of 1 year after finished and 2 years after left or 3 years after left",
    ] {
        let Err(faults) = phrase::read_alone(text) else { continue };
        for help in faults.iter().filter_map(|fault| fault.help.as_deref()) {
            for said in help.split('`').skip(1).step_by(2).filter(|said| said.starts_with("the ")) {
                let general = said.ends_with("of A and B");
                assert!(general || phrase::read_alone(said).is_ok(), "{text}: {said}");
            }
        }
    }
}

#[test]
fn a_day_that_is_none_is_refused_where_it_stands() {
    for (text, under, help) in [
        ("until 31 February 2030", "31 February 2030", "31 December 2030"),
        ("until 2030-02-31", "2030-02-31", "31 December 2030"),
        ("until 45 May 2030", "45 May 2030", "31 December 2030"),
        ("until 31 December", "31 December", "until 31 december 2030"),
        ("31 December 2030", "31 December 2030", "until 31 december 2030"),
        ("6 years after finished, at most 31 June 2030", "31 June 2030", "31 December 2030"),
    ] {
        let faults = phrase::read_alone(text).unwrap_err();
        let [fault] = faults.as_slice() else { panic!("{text}: {faults:?}") };
        assert_eq!(fault.span.of(text), under, "{text}: {faults:?}");
        assert!(fault.help.as_ref().unwrap().contains(help), "{text}: {fault:?}");
    }
    let read = phrase::read_alone("until 29 February 2028").unwrap();
    assert_eq!(read.words(Voice::They), "until 29 February 2028");
    let read = phrase::read_alone("6 years after finished, at most 31 December 2030").unwrap();
    assert_eq!(
        read.words(Voice::You),
        "6 years after the work is finished, and never beyond 31 December 2030"
    );
    assert_eq!(read.phrase.last_day(), Some(date(2030, 12, 31)));
    let last = |text: &str| phrase::read_alone(text).unwrap().phrase.last_day();
    assert_eq!(last("the later of 31 December 2030 and 3 years after finished"), None);
    assert_eq!(last("the later of 31 December 2030 and 30 June 2031"), Some(date(2031, 6, 30)));
    assert_eq!(last("until 31 December 2030, archived for 2 years"), Some(date(2032, 12, 31)));
    assert_eq!(last("6 years after finished"), None);
}
