//! The lawyer, tried with what a strict reader tries: lawful periods that must pass, faults that hide behind others, and
//! words that nobody put into a table for them.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop where it stands")]

use jiff::civil::{Date, date};
use policy::check::check;
use policy::diagnostic::render;
use policy::source::File;
use policy::{Diagnostic, Policy};

const TODAY: Date = date(2026, 11, 22);

fn read(text: &str) -> Policy {
    let files = vec![File { name: "a.policy".into(), text: text.to_owned() }];
    let shown = files.clone();
    let (policy, found) = Policy::read(files);
    policy.unwrap_or_else(|| panic!("{}", render(&found, &shown, false)))
}

fn swap(text: &str, from: &str, to: &str) -> String {
    let (start, end) = place(text, from).unwrap_or_else(|| panic!("nothing to change: {from}"));
    format!("{}{to}{}", &text[..start], &text[end..])
}

/// Where some words stand, however they are spaced and broken into lines.
fn place(text: &str, words: &str) -> Option<(usize, usize)> {
    let from = |start: usize| {
        let mut at = start;
        for (number, word) in words.split_whitespace().enumerate() {
            let rest = &text[at..];
            let blank = rest.len() - rest.trim_start().len();
            if number > 0 && blank == 0 {
                return None;
            }
            at += if number > 0 { blank } else { 0 };
            at += text[at..].starts_with(word).then_some(word.len())?;
        }
        Some((start, at))
    };
    text.char_indices().find_map(|(start, _)| from(start))
}

fn house() -> String {
    let suite = format!("{}/tests/suite/base", env!("CARGO_MANIFEST_DIR"));
    let base = |name: &str| std::fs::read_to_string(format!("{suite}/{name}.policy")).unwrap();
    ["head", "people", "house", "never-again", "staff", "desk", "incidents"].map(base).join("\n")
}

/// A prohibition, what an activity shares or sends, its basis, and whether one of the two is untrue.
const AGAINST: &[(&str, &str, &str, bool)] = &[
    ("share anything, unless consented", "share name with regulator, as the law requires", "contract", true),
    ("share anything, unless consented", "share name with regulator, to help", "consent, opt-in", false),
    (
        "share anything, unless as the law requires",
        "share name with regulator, as the law requires",
        "contract",
        false,
    ),
    (
        "share anything, unless to protect a life",
        "share name with regulator, as the law requires",
        "contract",
        true,
    ),
    ("share anything, unless a processor has it", "share name with regulator, to help", "contract", true),
    (
        "share anything, unless a processor has it",
        "share name with mailer, to send our news",
        "contract",
        false,
    ),
    (
        "share anything, unless a processor has it, or consented",
        "share name with regulator, to help",
        "contract",
        true,
    ),
    (
        "share anything for marketing, unless consented",
        "share name with regulator, to show our adverts",
        "contract",
        true,
    ),
    ("send anything to client, unless consented", "send by email", "contract", true),
    ("send anything to client, unless consented", "send by email", "consent, opt-in", false),
    ("send anything to client while a job runs", "send by email", "contract", false),
];

#[test]
fn a_prohibition_lets_through_only_what_its_unless_says() {
    let whole = house().replace("  send      by email\n  keep      2 years", "  keep      2 years");
    for (never, does, basis, untrue) in AGAINST {
        let text = format!(
            "{whole}\nrecipient regulator \"the regulator\"\nprocessor mailer \"sends our news\" in UK, contract signed \
             2026-10-01, screened 2026-09-15, review every year, holds name\n\nactivity checks \"Checks\"\n  for client\n  \
             so that \"we can check\"\n  purpose ServiceProvision\n  basis {basis}\n  data name, email\n  from the person\n  \
             {does}\n  keep 1 year after last contact\n  then erase\n\nnever {never}\n"
        );
        let policy = read(&text);
        let found = check(&policy, TODAY);
        let found: Vec<_> = found.iter().filter(|finding| finding.code == "E-CONTRADICTION").collect();
        assert_eq!(found.len(), usize::from(*untrue), "never {never}, and {does} on {basis}: {found:?}");
    }
}

#[test]
fn a_notice_may_be_silenced_and_answers_still_go() {
    // What is owed is never forbidden: nothing contradicts the activities that answer people.
    let text = format!("{}\nnever send anything\n", house());
    let policy = read(&text);
    let found = check(&policy, TODAY);
    let about: Vec<_> = found.iter().filter(|finding| finding.code == "E-CONTRADICTION").collect();
    assert!(about.iter().all(|finding| finding.span.of(&text).contains("activity service")), "{about:?}");
}

/// For whom an activity is, how long it keeps, and who of them is never let go.
const FOR_EVER: &[(&str, &str, &str)] = &[
    ("enquirer, client", "2 years after no longer client", "`enquirer`"),
    ("enquirer, client", "6 months after finished", "`enquirer`"),
    ("enquirer, client", "6 months after the last of their jobs finished", "`enquirer`"),
    (
        "enquirer, client",
        "the later of 2 years after no longer client and 1 year after no longer enquirer",
        "`enquirer`",
    ),
    (
        "enquirer, client",
        "the earlier of 2 years after no longer client and 1 year after no longer enquirer",
        "",
    ),
    ("enquirer, client", "2 years after no longer client, at most 3 years after last contact", ""),
    ("client", "2 years after no longer client", ""),
    ("everyone", "2 years after no longer client", ""),
];

#[test]
fn a_clause_ends_for_each_category_it_is_for() {
    for (whom, keep, held) in FOR_EVER {
        let text = format!(
            "{}\ncategory enquirer \"people who ask\"\n\nactivity questions \"Questions\"\n  for {whom}\n  so that \
             \"we can answer\"\n  purpose CommunicationManagement\n  basis contract\n  data name, email\n  from the person\n  \
             send by email\n  keep {keep}\n  then erase\n",
            house()
        );
        let policy = read(&text);
        let found = check(&policy, TODAY);
        let found: Vec<_> = found.iter().filter(|finding| finding.code == "E-NO-END").collect();
        match held.is_empty() {
            true => assert!(found.is_empty(), "{whom}: {keep}: {found:?}"),
            false => assert!(found.iter().any(|one| one.message.contains(held)), "{whom}: {keep}: {found:?}"),
        }
    }
}

#[test]
fn what_only_work_brings_may_be_kept_beside_what_everybody_has() {
    let text = format!(
        "{}\ncategory enquirer \"people who ask\"\nitem size \"your size\"\n\nactivity questions \"Questions\"\n  for \
         enquirer, client\n  so that \"we can answer\"\n  purpose CommunicationManagement\n  basis contract\n  data name, \
         email, size\n  from the person\n  send by email\n  keep size 6 months after finished\n  keep 1 year after last \
         contact\n  then erase\n",
        house()
    );
    let found = check(&read(&text), TODAY);
    assert!(!found.iter().any(|finding| finding.code == "E-NO-END"), "{found:?}");
}

/// An activity of the house that is for clients only, and the records that then cannot be held of others.
const UNRECORDED: &[(&str, &[&str])] = &[
    ("Answering your requests and complaints", &["objection record", "request record", "complaint record"]),
    ("Making sure we do not contact you again", &["suppression"]),
    ("Dealing with lost or exposed data", &["incident record"]),
    // Nobody but clients is written to or called, so that records of messages and calls need reach nobody else.
    ("Proof of what we did", &["certificate"]),
    ("Staff accounts", &[]),
];

#[test]
fn anybody_may_ask_and_it_can_be_written_down() {
    for (title, records) in UNRECORDED {
        let (from, to) =
            (format!("{title}\"\n  for       everyone"), format!("{title}\"\n  for       client"));
        let text = house();
        assert!(text.contains(&from), "{from}");
        let text = text.replacen(&from, &to, 1);
        let found = check(&read(&text), TODAY);
        let found: Vec<_> = found.iter().filter(|finding| finding.code == "E-RECORD").collect();
        let named = |finding: &&&Diagnostic| finding.message.split('`').nth(1).unwrap().to_owned();
        assert_eq!(found.iter().map(|finding| named(&finding)).collect::<Vec<_>>(), *records, "{found:?}");
        assert!(found.iter().all(|finding| finding.span.of(&text) == "for       client"), "{found:?}");
    }
}

#[test]
fn records_of_messages_reach_all_who_are_written_to() {
    let from = "we did\"\n  for       everyone";
    let text = house().replacen(from, "we did\"\n  for       client", 1);
    let text = format!(
        "{text}\ncategory reader \"people who read\"\n\nactivity letters \"Letters\"\n  for reader\n  so that \"we can \
         write\"\n  purpose CommunicationManagement\n  basis contract\n  data name, email\n  from the person\n  send by \
         email\n  keep 1 year after last contact\n  then erase\n"
    );
    let found = check(&read(&text), TODAY);
    let missed =
        found.iter().find(|one| one.code == "E-RECORD" && one.message.starts_with("`message record`"));
    assert!(missed.unwrap().message.contains("`reader`, as `letters` needs"), "{missed:?}");
}

/// Whom consent is asked of, and whether they can hardly refuse.
const ASKED: &[(&str, &str, bool)] = &[
    ("learner", "learners", true),
    ("child", "children at our school", true),
    ("seeker", "asylum seekers", true),
    ("probationer", "people on probation", true),
    ("housed", "people in supported housing", true),
    ("guest", "people who stay at our night shelter", true),
    ("fed", "people who come to our food bank", true),
    ("family", "families in temporary accommodation", true),
    ("boarder", "boarders at our school", true),
    ("amateur", "adult amateurs who play chess with us", false),
    ("neighbour", "landlords of our tenants", false),
    ("singer", "people in our choir", false),
    ("pupil", "our pupils", true),
    ("patient", "our patients", true),
    ("tenant", "people who rent from us", true),
    ("resident", "people who live in our care home", true),
    ("service user", "people we support", true),
    ("applicant", "people who apply for a job with us", true),
    ("volunteer", "our volunteers", true),
    ("apprentice", "our apprentices", true),
    ("claimant", "people we decide grants for", true),
    ("prisoner", "people in prison", true),
    ("child", "children in our care", true),
    ("beneficiary", "people who get our grants", true),
    ("worker", "workers on our sites", true),
    ("teacher", "teachers at our school", true),
    ("nurse", "nurses on our bank", true),
    ("driver", "drivers who work for us", true),
    ("manager", "our managers", true),
    ("member of staff", "members of our staff", true),
    ("trainee", "trainees", true),
    ("colleague", "staff at our school", true),
    ("guest", "guests of our hotel", false),
    ("reader", "people who read our magazine", false),
    ("parent", "parents of our neighbours", false),
    ("donor", "people who give to us", false),
    ("customer", "customers in our shop", false),
    ("visitor", "visitors at our offices", false),
    ("contact", "staff of our suppliers, whose employer buys from us", false),
    ("alumnus", "former pupils", false),
    ("relative", "relatives of patients", false),
    ("landlord", "landlords of tenants", false),
    ("doctor", "doctors who send people to us", false),
    ("supporter", "friends of the hospital", false),
    ("referrer", "social workers who refer people to us", false),
    ("employer", "employers of trainees", false),
    ("manager elsewhere", "managers at companies that buy from us", false),
    ("member", "members of our club", false),
];

/// A house with one more activity for people of its own.
fn with(category: &str, words: &str, clauses: &str) -> String {
    format!(
        "{}\ncategory {category} \"{words}\"\n\nactivity things \"Doing what we do\"\n  for {category}\n  so that \"we can do \
         our job\"\n  purpose ServiceProvision\n  data name, email\n  from the person\n  send by email\n{clauses}\n  then \
         erase\n",
        house()
    )
}

fn codes_in(text: &str) -> Vec<(&'static str, String)> {
    let policy = read(text);
    check(&policy, TODAY).into_iter().map(|one| (one.code, one.message)).collect()
}

#[test]
fn whoever_depends_on_those_who_ask_can_hardly_refuse() {
    let clauses =
        "  basis consent, opt-in\n  keep until consent withdrawn; ask again every 2 years, no answer ends it";
    let wrong: Vec<&(&str, &str, bool)> = ASKED
        .iter()
        .filter(|(category, words, depends)| {
            let found = codes_in(&with(category, words, clauses));
            found.iter().any(|(code, _)| *code == "W-IMBALANCE") != *depends
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn as_long_as_somebody_is_one_is_a_period_where_somebody_looks() {
    for (keep, code) in [
        ("while member, review every 5 years", "A-REVIEW-ONLY"),
        ("while member, review every 2 years", "A-REVIEW-ONLY"),
        ("until no longer member, review every 2 years", "A-REVIEW-ONLY"),
        ("while member", "E-INDEFINITE"),
        ("while member, review every 20 years", "E-INDEFINITE"),
        ("indefinitely, review every 2 years", "E-INDEFINITE"),
        ("12 months after no longer member", "A-STALLED"),
        ("12 months after no longer member, at most 6 years after last contact", ""),
        ("while member, at most 6 years after last contact", ""),
    ] {
        let found =
            codes_in(&with("member", "members of our club", &format!("  basis contract\n  keep {keep}")));
        let named: Vec<&str> =
            found.iter().map(|(code, _)| *code).filter(|code| *code != "W-LATE-REVIEW").collect();
        assert_eq!(named.concat(), code, "{keep}: {found:?}");
    }
}

#[test]
fn what_few_come_to_gets_advice_like_a_milestone() {
    let text =
        with("patron", "patrons of the hall", "  basis contract\n  keep 8 years after last appointment");
    let text = format!("{text}\nevent appointment \"you came to us\"\n");
    let found = codes_in(&text);
    assert!(matches!(found.as_slice(), [("A-STALLED", said)] if said.contains("`appointment`")), "{found:?}");
    let found = codes_in(&text.replace("last appointment", "last appointment, review every 2 years"));
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn deadlines_and_fees_are_read_however_they_are_put_and_name_the_law() {
    for (from, to, code) in [
        ("answer    without delay, at most the law's month", "answer within 40 days", "E-ANSWER"),
        ("answer    without delay, at most the law's month", "answer within 30 days", "E-ANSWER"),
        (
            "answer    without delay, at most the law's month",
            "answer without delay, within 2 months",
            "E-ANSWER",
        ),
        ("answer    without delay, at most the law's month", "answer within a month", ""),
        ("answer    without delay, at most the law's month", "answer at most 28 days", ""),
        ("answer    without", "charge 10 pounds for each request\n  answer without", "E-FEE"),
        (
            "answer    without",
            "charge 10 pounds for each request after 2 within 3 months\n  answer without",
            "E-FEE",
        ),
        ("within 72 hours where", "within 5 days where", "E-BREACH"),
        ("within 72 hours where", "within 3 days where", ""),
    ] {
        let found: Vec<Diagnostic> = check(&read(&swap(&house(), from, to)), TODAY);
        let named: Vec<&str> = found.iter().map(|finding| finding.code).collect();
        assert_eq!(named.concat(), code, "{to}");
        assert!(
            found.iter().all(|finding| finding.law.is_some() && finding.help.is_some()),
            "{to}: {found:?}"
        );
    }
}

#[test]
fn the_list_of_those_not_to_be_contacted_outlives_what_put_them_on_it() {
    for keep in [
        "until asked us to stop",
        "until asked not to call, review every 2 years",
        "2 years after last contact",
    ] {
        let text = swap(&house(), "keep until consent given, review every 3 years", &format!("keep {keep}"));
        let news = "\ncategory reader \"people who read\"\n\nchannel news \"news\"\n  by email, to many at once\n  footer \"{notice} \
                    {unsubscribe}\"\n\nactivity news \"News\"\n  for reader\n  so that \"you hear of us\"\n  purpose \
                    DirectMarketing\n  basis consent, opt-in\n  data name, email\n  from the person\n  send by news\n  keep until \
                    consent withdrawn; ask again every 2 years, no answer ends it\n  then erase\n";
        let found = codes_in(&format!("{text}{news}"));
        let named: Vec<&str> = found.iter().map(|(code, _)| *code).collect();
        assert!(named.contains(&"W-SUPPRESSION") && !named.contains(&"W-OPEN-END"), "{keep}: {found:?}");
    }
}

#[test]
fn the_head_says_something_where_it_says_who() {
    let found = codes_in(&swap(&house(), "registered \"ZA000000\"", "registered \" \""));
    assert!(found.iter().any(|(code, _)| *code == "E-REGISTERED"), "{found:?}");
    let officer =
        "officer none, because \"no large-scale monitoring and no large-scale special-category data\"";
    let found = codes_in(&swap(&house(), officer, "officer \"\" <dpo@acme.example>"));
    assert!(found.iter().any(|(code, _)| *code == "E-OFFICER"), "{found:?}");
    for (from, to) in
        [("controller \"Acme Limited\"", "controller \"\""), ("contact \"Manager\"", "contact \"\"")]
    {
        let (policy, unread) = Policy::read(vec![File { name: "a".into(), text: swap(&house(), from, to) }]);
        assert!(
            policy.is_none() && unread.iter().any(|one| one.message.contains("says something")),
            "{unread:?}"
        );
    }
}

#[test]
fn a_value_that_is_left_out_is_named_and_one_that_is_none_is_refused() {
    let of_kinds = |keeps: &str| {
        format!(
            "{}\nfact kind: alpha, beta, gamma\n",
            with("member", "members of our club", &format!("  basis contract\n{keeps}"))
        )
    };
    let two = "  keep 1 year after last contact, if kind is alpha\n  keep 2 years after last contact, if kind is beta";
    let text = of_kinds(two);
    let policy = read(&text);
    let found = check(&policy, TODAY);
    let found: Vec<_> = found.iter().filter(|finding| finding.code == "E-OTHERWISE").collect();
    assert!(found.iter().any(|one| one.message.ends_with("where kind is gamma")), "{found:?}");
    assert!(found.iter().all(|one| one.help.as_ref().unwrap().contains("if kind is gamma")), "{found:?}");
    let wrong = of_kinds("  keep 1 year after last contact; if kind is delta, 3 years after last contact");
    let (_, unread) = Policy::read(vec![File { name: "a".into(), text: wrong }]);
    let help = unread.first().unwrap().help.as_ref().unwrap();
    assert!(help.contains("`kind is alpha` or `kind is beta` or `kind is gamma`"), "{unread:?}");
    let vague = of_kinds("  keep 3 to 7 years after last contact");
    let (_, unread) = Policy::read(vec![File { name: "a".into(), text: vague }]);
    assert!(unread.iter().all(|one| !one.help.as_ref().unwrap().contains("upheld")), "{unread:?}");
}

#[test]
fn a_century_and_more_is_said_to_be_one() {
    for (keep, found) in [("120 years after last contact", true), ("119 years after last contact", false)] {
        let codes =
            codes_in(&with("member", "members of our club", &format!("  basis contract\n  keep {keep}")));
        assert_eq!(codes.iter().any(|(code, _)| *code == "W-LIFETIME"), found, "{keep}: {codes:?}");
    }
}

#[test]
fn what_tells_of_health_belief_and_bodies_is_to_be_marked() {
    for (words, told) in [
        ("whether you pay your union through your wages", true),
        ("a scan of your face for the door", true),
        ("what drugs you use", true),
        ("what tablets you take", true),
        ("whether you take communion", true),
        ("the gender you were given at birth", true),
        ("which recovery meetings you go to", true),
        ("the tablets we lend you for the course", false),
        ("your account at the credit union", false),
        ("the scan of your parcel", false),
    ] {
        let text =
            with("member", "members of our club", "  basis contract\n  keep 1 year after last contact");
        let text = format!(
            "{}\nitem thing \"{words}\"\n",
            text.replacen(
                "data name, email\n  from the person\n  send by email\n  basis",
                "data name, email, thing\n  from the person\n  send by email\n  basis",
                1
            )
        );
        let found = codes_in(&text);
        assert_eq!(found.iter().any(|(code, _)| *code == "W-UNMARKED"), told, "{words}: {found:?}");
    }
}
