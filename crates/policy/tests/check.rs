//! The lawyer: what it finds in a policy, where, and what it lets pass.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop where it stands")]

use jiff::civil::{Date, date};
use policy::check::{check, explain};
use policy::diagnostic::render;
use policy::source::File;
use policy::{Diagnostic, Policy, Severity};

const TODAY: Date = date(2026, 11, 22);

fn read(text: &str) -> Policy {
    let files = vec![File { name: "a.policy".into(), text: text.to_owned() }];
    let shown = files.clone();
    let (policy, found) = Policy::read(files);
    policy.unwrap_or_else(|| panic!("{}", render(&found, &shown, false)))
}

fn cti() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies/cti.policy")).unwrap()
}

/// The text of the policy with one thing changed, which must be there.
fn changed(from: &str, to: &str) -> String {
    let kept = |line: &&str| !line.starts_with("accept ") || line.starts_with("accept E-SHIELD");
    let text = cti().lines().filter(kept).map(|line| format!("{line}\n")).collect::<String>();
    swap(&text, from, to)
}

fn swap(text: &str, from: &str, to: &str) -> String {
    let (start, end) = place(text, from).unwrap_or_else(|| panic!("nothing to change: {from}"));
    let mut swapped = text.to_owned();
    swapped.replace_range(start..end, to);
    swapped
}

/// Where some words stand, however they are spaced and broken into lines.
fn place(text: &str, words: &str) -> Option<(usize, usize)> {
    let from = |start: usize| {
        let mut at = start;
        for (number, word) in words.split_whitespace().enumerate() {
            let (_, rest) = text.split_at(at);
            let blank = rest.len() - rest.trim_start().len();
            if number > 0 && blank == 0 {
                return None;
            }
            at += if number > 0 { blank } else { 0 };
            at += text.split_at(at).1.starts_with(word).then_some(word.len())?;
        }
        Some((start, at))
    };
    text.char_indices().find_map(|(start, _)| from(start))
}

fn open(found: &[Diagnostic]) -> Vec<&Diagnostic> {
    found.iter().filter(|finding| finding.accepted.is_none()).collect()
}

#[test]
fn the_shipped_policy_has_no_error_that_is_not_accepted() {
    let policy = read(&cti());
    let found = check(&policy, TODAY);
    let errors: Vec<_> =
        open(&found).into_iter().filter(|finding| finding.severity == Severity::Error).collect();
    assert!(errors.is_empty(), "{}", render(&found, &policy.files, false));
    let shield = found.iter().find(|finding| finding.code == "E-SHIELD").expect("still reported");
    assert_eq!(shield.accepted, Some(date(2027, 3, 31)));
}

/// code | what is changed | to what | words underlined
const CHANGES: &[(&str, &str, &str, &str)] = &[
    (
        "E-OFFICER",
        "officer     none, because \"we do no large-scale monitoring and hold no large-scale special-category data\"",
        "officer none, because \" \"",
        "officer none",
    ),
    ("E-REGISTERED", "\"application sent 2026-11-02\"", "\"\"", "registered"),
    ("W-COMPLAINTS", "by form, e-mail or letter;", "by letter;", "complaints"),
    (
        "W-REVIEW",
        "  review      every year, last 2026-11-02\n",
        "  review every year, last 2025-11-02\n",
        "review every year",
    ),
    (
        "E-MARKETING-BASIS",
        "basis     consent, opt-in, asked with evaluation form",
        "basis contract",
        "basis contract",
    ),
    ("W-SUBSCRIBERS", "send      by personal email", "send by text", "send by text"),
    ("E-WITHDRAWAL", "Stop these e-mails: {unsubscribe}", "Goodbye", "footer"),
    ("W-FOOTER", "Our privacy notice: {notice}.", "Goodbye.", "footer"),
    (
        "E-UNASSESSED",
        "legitimate interests, assessed in \"assessments/correspondence.md\", review every year, last 2026-11-02",
        "legitimate interests",
        "basis     legitimate",
    ),
    (
        "W-ASSESSMENT",
        "\"assessments/correspondence.md\", review every year, last 2026-11-02",
        "\"assessments/correspondence.md\"",
        "basis",
    ),
    (
        "W-ASSESSMENT",
        "\"assessments/correspondence.md\", review every year, last 2026-11-02",
        "\"assessments/correspondence.md\", review every year, last 2025-11-01",
        "basis",
    ),
    (
        "E-INTEREST",
        "  so that   \"organisations that may need us know what we do\"\n",
        "",
        "activity offers by phone",
    ),
    ("W-REASON", "  so that   \"we can order from you and pay you\"\n", "", "activity suppliers"),
    (
        "E-SPECIAL",
        "item address \"your postal address\"",
        "item address \"your postal address\" special",
        "address",
    ),
    (
        "E-CRIMINAL",
        "item job title \"your job title\"",
        "item job title \"your job title\" criminal",
        "job title",
    ),
    (
        "W-OFFICER",
        "entry coaching notes \"notes of your sessions\" confidential",
        "entry coaching notes \"notes of your sessions\" special",
        "officer",
    ),
    (
        "W-IMBALANCE",
        "purpose   DirectMarketing\n  basis     consent, opt-in   promise CTI-18",
        "purpose PersonnelManagement\n  basis consent, opt-in",
        "basis consent",
    ),
    (
        "W-BUNDLED",
        "basis     consent, opt-in, asked with evaluation form",
        "basis consent, signed on consent form",
        "basis consent",
    ),
    (
        "W-CATEGORY",
        "category supplier ",
        "category stranger \"strangers\"\ncategory supplier ",
        "category stranger",
    ),
    ("W-KIND", "item job title", "item shoe size \"your shoe size\"\nitem job title", "shoe size"),
    ("E-RECORD", "data staff record", "data name", "version"),
    (
        "E-SHARE",
        "share     name, email, phone with the coach, until completed",
        "share name, address with the coach, until completed",
        "share name",
    ),
    (
        "E-CONTRADICTION",
        "never share outside UK",
        "never send marketing to supporter\nnever share outside UK",
        "activity supporters",
    ),
    (
        "E-INDEFINITE",
        "keep      2 years after last contact",
        "keep indefinitely, review every year",
        "keep indefinitely",
    ),
    (
        "E-INDEFINITE",
        "keep      2 years after last contact",
        "keep review 2 years after last contact",
        "keep review",
    ),
    (
        "W-OPEN-END",
        "until phone changes or asked not to call, review every 2 years",
        "until phone changes or asked not to call",
        "keep",
    ),
    (
        "W-SELF-RENEWING",
        "keep      2 years after last contact",
        "keep 2 years after last communication",
        "keep 2 years",
    ),
    ("E-NO-END", "keep      2 years after last contact", "keep 2 years after last closed", "keep 2 years"),
    ("E-NO-END", "keep      2 years after last contact", "keep until consent withdrawn", "keep until"),
    (
        "E-NO-END",
        "keep      until phone changes or asked not to call, review every 2 years",
        "keep 2 years after completed",
        "keep 2 years",
    ),
    (
        "E-NO-END",
        "keep      while supplier, review every 2 years   promise CTI-17",
        "keep while associate",
        "keep while associate",
    ),
    (
        "W-SUPPRESSION",
        "keep      until consent given, review every 3 years",
        "keep until consent given; ask again every 2 years, no answer ends it",
        "keep until",
    ),
    (
        "W-SUPPRESSION",
        "keep      until consent given, review every 3 years",
        "keep 6 years after recorded",
        "keep 6 years",
    ),
    (
        "W-CONSENT-PROOF",
        "keep      consent record, certificate 6 years after recorded",
        "keep consent record 1 year after consent given\n  keep certificate 6 years after recorded",
        "keep consent record",
    ),
    (
        "W-DISCLOSURE-RECORD",
        "keep      disclosure record 7 years after recorded",
        "keep disclosure record 4 years after recorded",
        "keep disclosure record",
    ),
    (
        "E-SCREENING",
        "  screen  tps, ctps, our own list; register files fewer than 28 days old   promise CTI-07\n  unless  the subscriber said they do not object, recorded with date and person   promise CTI-07\n  unless  we have called them before\n",
        "",
        "channel call",
    ),
    ("E-SCREENING-LIST", "screen  tps, ctps, our own list;", "screen ctps, our own list;", "screen ctps"),
    ("E-SCREENING-LIST", "screen  tps, ctps, our own list;", "screen tps, ctps;", "screen tps"),
    ("E-SCREENING-AGE", "fewer than 28 days old", "fewer than 29 days old", "screen"),
    (
        "E-SHIELD",
        "accept E-SHIELD in mailer because \"we are moving to a service under the data bridge\" until 2027-03-31\n",
        "",
        "privacy shield",
    ),
    ("E-SAFEGUARD", " in USA under privacy shield", " in USA", "processor mailer"),
    ("E-SAFEGUARD", "under privacy shield", "under a handshake", "a handshake"),
    (
        "E-SAFEGUARD",
        "in USA under privacy shield",
        "in Brazil under data bridge, checked 2026-11-01",
        "data bridge",
    ),
    (
        "E-CLAUSES",
        "under privacy shield",
        "under standard contractual clauses",
        "standard contractual clauses",
    ),
    ("W-SAFEGUARD", "under privacy shield", "under data bridge", "data bridge"),
    ("W-SAFEGUARD", "under privacy shield", "under data bridge, checked 2025-11-01", "data bridge"),
    ("W-SAFEGUARD", "under privacy shield", "under IDTA signed 2026-01-05", "IDTA"),
    ("E-HOME", "never share outside UK, unless safeguarded", "never share outside UK", "processor mailer"),
    ("E-ANSWER", "at most the law's month", "at most 30 days", "answer"),
    ("W-INITIALS", "erasure: initials, organisation,", "erasure: initials,", "register  erasure"),
    (
        "E-POLICY-DOCUMENT",
        "item address \"your postal address\"",
        "item address \"your postal address\" special\n\nactivity care \"Care\"\n  for supplier\n  so that \"we can\"\n  purpose ServiceProvision\n  basis contract\n  condition employment law\n  data address\n  keep 1 year after last contact\n  then erase\n",
        "condition employment law",
    ),
    (
        "E-ASKED",
        "requests\n  answer",
        "requests\n  asked by e-mail, in writing\n  answer",
        "asked by e-mail, in writing",
    ),
    ("E-ASKED", "requests\n  answer", "requests\n  asked by letter, form\n  answer", "asked by letter, form"),
    (
        "W-REVIEW",
        "  review      every year, last 2026-11-02\n",
        "  review every 20 years, last 2026-11-02\n",
        "review every 20 years",
    ),
    (
        "W-REVIEW",
        "  review      every year, last 2026-11-02\n",
        "  review every year, last 2031-11-02\n",
        "review every year",
    ),
    (
        "W-ASSESSMENT",
        "\"assessments/correspondence.md\", review every year, last 2026-11-02",
        "\"assessments/correspondence.md\", review every 30 years, last 2026-11-02",
        "basis",
    ),
    (
        "W-ASSESSMENT",
        "\"assessments/correspondence.md\", review every year, last 2026-11-02",
        "\"assessments/correspondence.md\", review every year, last 2031-11-02",
        "basis",
    ),
    (
        "E-IDENTITY",
        "requests\n  answer",
        "requests\n  identity asked of everybody\n  answer",
        "identity asked of everybody",
    ),
    (
        "E-FEE",
        "requests\n  answer",
        "requests\n  charge 10 pounds for each after 2 within 3 months\n  answer",
        "charge 10 pounds",
    ),
    (
        "E-EXTEND",
        "requests\n  answer",
        "requests\n  extend to 5 months from receipt where complex, the person told in time\n  answer",
        "extend to 5 months",
    ),
    ("E-FORMAT-PDF", "requests\n  answer", "requests\n  format PDF\n  answer", "format PDF"),
    (
        "W-READING",
        "requests\n  answer",
        "requests\n  reading \"a month\" as \"a calendar month\"\n  answer",
        "reading",
    ),
    (
        "E-BREACH",
        "investigated by business manager;",
        "investigated by business manager; tell the regulator within 96 hours where the law says;",
        "incidents",
    ),
    ("W-BACKUPS", "kept 3 months", "kept 1 year", "backups"),
    ("W-VISITS", "counted only after the visitor agrees;", "counted;", "visits"),
    (
        "W-FORM",
        "files organisation contact under enquiries,",
        "files supplier under enquiries,",
        "files supplier",
    ),
    (
        "W-FORM",
        "asks name, email, phone, organisation, enquiry",
        "asks name, email, job title, enquiry",
        "files organisation contact",
    ),
    (
        "W-FORM",
        "coaching client under coach search",
        "coaching client under coaching",
        "files organisation contact",
    ),
    (
        "W-FORM",
        "asks name, email, phone, organisation, enquiry",
        "asks enquiry",
        "files organisation contact",
    ),
    ("W-EU-LAW", "\"you know what is new with us\"", "\"Regulation (EU) 2016/679 lets us\"", "2016/679"),
    (
        "W-OLD-ARTICLE",
        "\"you know what is new with us\"",
        "\"you may complain under Article 77\"",
        "Article 77",
    ),
    (
        "W-AGREE",
        "\"you know what is new with us\"",
        "\"you have read and\n   agree to our privacy notice\"",
        "read and\n   agree",
    ),
    (
        "W-WORDS-INDEFINITE",
        "\"you know what is new with us\"",
        "\"we keep you indefinitely\"",
        "indefinitely",
    ),
    ("W-THIRTY-DAYS", "\"you know what is new with us\"", "\"we answer within 30 days\"", "within 30 days"),
    ("W-FEE", "\"you know what is new with us\"", "\"a third request costs £10\"", "£"),
    ("W-PDF", "\"you know what is new with us\"", "\"you get all as PDF\"", "get all as PDF"),
    (
        "W-BACKUP-WORDS",
        "\"you know what is new with us\"",
        "\"erasure is complete when backups expire\"",
        "backups expire",
    ),
    ("E-ACCEPT", "accept E-SHIELD", "accept E-SHEILD", "accept"),
    (
        "E-ACCEPT",
        "accept E-SHIELD",
        "accept E-RECORD in suppliers because \"x\" until 2027-01-01\naccept E-SHIELD",
        "accept E-RECORD",
    ),
    (
        "W-ACCEPT",
        "accept E-SHIELD",
        "accept W-FEE because \"x\" until 2027-01-01\naccept E-SHIELD",
        "accept W-FEE",
    ),
];

#[test]
fn each_fault_is_found_where_it_is_written() {
    let mut wrong = Vec::new();
    for (code, from, to, under) in CHANGES {
        let text = changed(from, to);
        let files = vec![File { name: "a.policy".into(), text: text.clone() }];
        let (policy, unread) = Policy::read(files.clone());
        let Some(policy) = policy else {
            wrong.push(format!("{code}: `{to}` cannot be read\n{}", render(&unread, &files, false)));
            continue;
        };
        let found = check(&policy, TODAY);
        let hits: Vec<&Diagnostic> =
            open(&found).into_iter().filter(|finding| finding.code == *code).collect();
        let said = |finding: &&Diagnostic| &text[finding.span.start as usize..finding.span.end as usize];
        let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        if !hits.iter().any(|hit| one_line(said(hit)).starts_with(&one_line(under))) {
            wrong.push(format!(
                "{code} after `{to}`, not at `{under}`: {:?}",
                hits.iter().map(said).collect::<Vec<_>>()
            ));
        }
        assert!(hits.iter().all(|hit| hit.help.is_some()), "{code} helps nobody");
        assert!(explain(code).is_some(), "{code} is not explained");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_channel_that_advertises_without_a_footer_is_found() {
    let text = changed("channel mailing", "channel flyer\n  by email, to many at once\n\nchannel mailing");
    let text = text.replacen("by mailing", "by flyer", 1);
    let policy = read(&text);
    assert!(check(&policy, TODAY).iter().any(|finding| finding.code == "E-FOOTER"));
}

#[test]
fn a_policy_without_incidents_is_found() {
    let text = cti();
    let start = text.find("incidents investigated").unwrap();
    let end = start + text[start..].find("\n\n").unwrap();
    let policy = read(&format!("{}{}", &text[..start], &text[end..]));
    assert!(check(&policy, TODAY).iter().any(|finding| finding.code == "W-INCIDENTS"));
}

#[test]
fn a_promise_kept_and_open_is_found() {
    let policy =
        read(&changed("never share outside", "promise CTI-23 \"somebody answers\"\nnever share outside"));
    assert!(check(&policy, TODAY).iter().any(|finding| finding.code == "W-PROMISE"));
}

#[test]
fn an_acceptance_holds_until_its_day_and_then_asks_again() {
    let policy = read(&cti());
    let on = |day: Date| {
        let found = check(&policy, day);
        found.into_iter().find(|finding| finding.code == "E-SHIELD").expect("found")
    };
    assert_eq!(on(date(2027, 3, 30)).accepted, Some(date(2027, 3, 31)));
    let lapsed = on(date(2027, 3, 31));
    assert_eq!(lapsed.accepted, None);
    assert!(lapsed.help.unwrap_or_default().contains("accepted until 2027-03-31"));
}

#[test]
fn an_acceptance_reaches_only_the_activity_it_names() {
    let here = "accept E-INDEFINITE in correspondence because \"x\" until 2027-06-01\naccept E-SHIELD";
    let text = swap(
        &changed("accept E-SHIELD", here),
        "keep 2 years after last contact then",
        "keep indefinitely\n  then",
    );
    let policy = read(&swap(&text, "1 year after left", "indefinitely"));
    let found = check(&policy, TODAY);
    let hits: Vec<_> = found
        .iter()
        .filter(|finding| finding.code == "E-INDEFINITE" && finding.message.contains("never ends"))
        .collect();
    assert_eq!(hits.iter().filter(|hit| hit.accepted == Some(date(2027, 6, 1))).count(), 1);
    assert_eq!(hits.iter().filter(|hit| hit.accepted.is_none()).count(), 1);
}

#[test]
fn an_acceptance_may_name_any_section_or_name() {
    for (from, to, code, place) in [
        ("requests\n  answer", "requests\n  identity asked of everybody\n  answer", "E-IDENTITY", "requests"),
        ("kept 3 months", "kept 1 year", "W-BACKUPS", "backups"),
        ("by form, e-mail or letter;", "by letter;", "W-COMPLAINTS", "head"),
        ("item job title", "item shoe size, hat size \"your sizes\"\nitem job title", "W-KIND", "hat size"),
        (
            "category supplier ",
            "category stranger \"strangers\"\ncategory supplier ",
            "W-CATEGORY",
            "stranger",
        ),
        ("fewer than 28 days old", "fewer than 29 days old", "E-SCREENING-AGE", "call"),
        ("never share outside UK, unless safeguarded", "never share outside UK", "E-HOME", "mailer"),
        (
            "\"you know what is new with us\"",
            "\"we keep you forever\"",
            "W-WORDS-INDEFINITE",
            "associate news",
        ),
    ] {
        let to = to.replace("item shoe size, hat size \"your sizes\"", "item hat size \"your size\"");
        for (place, accepted) in [(place, true), ("suppliers", false)] {
            let accept = format!("accept {code} in {place} because \"x\" until 2027-01-01\naccept E-SHIELD");
            let policy = read(&swap(&changed(from, &to), "accept E-SHIELD", &accept));
            let found = check(&policy, TODAY);
            let hit = found.iter().find(|finding| finding.code == code).expect("found");
            assert_eq!(hit.accepted.is_some(), accepted, "{code} in {place}");
            assert_eq!(
                found.iter().any(|finding| finding.code == "W-ACCEPT"),
                !accepted,
                "{code} in {place}"
            );
        }
    }
}

#[test]
fn who_has_what_is_passed_on_may_be_forgotten_once_nobody_holds_it() {
    let forgets = |changes: &[(&str, &str)]| {
        let short = changed(
            "keep      disclosure record 7 years after recorded",
            "keep disclosure record 1 year after recorded",
        );
        let text = changes.iter().fold(short, |text, (from, to)| swap(&text, from, to));
        let findings = check(&read(&text), TODAY);
        let found = findings.into_iter().find(|finding| finding.code == "W-DISCLOSURE-RECORD");
        found.map(|finding| (finding.message, finding.help.unwrap_or_default()))
    };
    let longest = "normally at most 5 years after completed";
    let (said, help) = forgets(&[]).unwrap();
    assert_eq!(said, "what `coaching` passes on is held for 5 years, and who has it is forgotten sooner");
    assert!(help.ends_with("`keep disclosure record 6 years after recorded`"), "{help}");
    let (said, help) = forgets(&[(longest, "normally at most 18 months after completed")]).unwrap();
    assert!(
        said.contains("is held for 18 months") && help.contains(" 2 years after recorded"),
        "{said} {help}"
    );
    // What is held for no longer than it is on record, what nobody has any more, and what nobody was given.
    assert_eq!(forgets(&[(longest, "normally at most 1 year after completed")]), None);
    let share = "share     name, email, phone with the coach, until completed";
    let destroyed = format!("{share}, then destroyed");
    assert_eq!(forgets(&[(share, destroyed.as_str())]), None);
    let promised = format!("{share} promise CTI-11");
    assert_eq!(forgets(&[(promised.as_str(), "")]), None);
    // Where it lies with somebody who keeps it for us, they have it too.
    let here = "send      by email, call, text, letter\n  keep      6 months after completed,";
    let lies = format!("where     address book\n  {here}");
    assert!(forgets(&[(share, destroyed.as_str()), (here, lies.as_str())]).is_some());
}

#[test]
fn a_milestone_that_no_role_may_write_down_never_comes() {
    let suite = format!("{}/tests/suite/base", env!("CARGO_MANIFEST_DIR"));
    let base = |name: &str| std::fs::read_to_string(format!("{suite}/{name}.policy")).unwrap();
    let parts = ["head", "people", "house", "never-again", "staff", "desk", "incidents"];
    let whole = parts.map(base).join("\n");
    let whole = swap(
        &whole,
        "keep      2 years after last contact",
        "keep 6 years after finished, review every 2 years",
    );
    for (deeds, found) in [("everything", 0), ("run work, add people", 0), ("add people, send, import", 1)] {
        let text = swap(&whole, "may do    everything", &format!("may do {deeds}"));
        let policy = read(&text);
        let findings = check(&policy, TODAY);
        let ends: Vec<_> = findings.iter().filter(|finding| finding.code == "E-NO-END").collect();
        assert_eq!(ends.len(), found, "{deeds}: {}", render(&findings, &policy.files, false));
        for finding in ends {
            let under = finding.span.of(&text);
            assert!(under.starts_with("keep 6 years after finished"), "{under}");
            assert!(finding.help.as_ref().unwrap().contains("`run work`"), "{finding:?}");
        }
    }
}

#[test]
fn a_text_that_people_read_says_something() {
    for (from, to) in [
        ("so that   \"we can order from you and pay you\"", "so that \" \""),
        ("basis     consent, opt-in", "basis legal obligation, under \"\""),
    ] {
        let text = changed(from, to);
        let (_, unread) = Policy::read(vec![File { name: "a.policy".into(), text }]);
        assert!(
            unread.iter().any(|fault| fault.message.contains("a text that says something")),
            "{to}: {unread:?}"
        );
    }
}
