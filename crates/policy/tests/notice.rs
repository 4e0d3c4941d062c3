//! The notice: it says what the law asks for, in words that the clock agrees with.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop where it stands")]

use std::collections::BTreeSet;

use policy::Policy;
use policy::notice::{self, Block, Line, Notice, Run, Section, to_html, to_markdown, to_page};
use policy::phrase::{Voice, rule_words};
use policy::source::File;

const SNAPSHOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/notice.md");

fn text() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies/cti.policy")).unwrap()
}

fn read(text: &str) -> Policy {
    Policy::read(vec![File { name: "a.policy".into(), text: text.to_owned() }]).0.unwrap()
}

fn cti() -> Policy {
    read(&text())
}

/// Every line of a notice with the id of its section.
fn lines(notice: &Notice) -> Vec<(String, Line)> {
    fn walk(id: &str, blocks: &[Block], lines: &mut Vec<(String, Line)>) {
        for block in blocks {
            match block {
                Block::Paragraph(line) => lines.push((id.to_owned(), line.clone())),
                Block::List(items) => lines.extend(items.iter().map(|line| (id.to_owned(), line.clone()))),
                Block::Table { rows, .. } => {
                    lines.extend(rows.iter().flatten().map(|line| (id.to_owned(), line.clone())));
                }
                Block::Part(part) => walk(&part.id, &part.blocks, lines),
            }
        }
    }
    let mut lines = Vec::new();
    walk("", &notice.opening, &mut lines);
    notice.sections.iter().for_each(|section| walk(&section.id, &section.blocks, &mut lines));
    lines
}

fn said(notice: &Notice, id: &str) -> String {
    let lines = lines(notice);
    let here = lines.iter().filter(|(section, _)| section == id);
    here.map(|(_, line)| line.text()).collect::<Vec<_>>().join("\n")
}

/// Set `UPDATE=1` to write the file anew, then read what changed.
#[test]
fn the_notice_of_the_shipped_policy_reads_like_this() {
    let now = to_markdown(&notice::of(&cti()));
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(SNAPSHOT, &now).unwrap();
    }
    let kept = std::fs::read_to_string(SNAPSHOT).unwrap();
    let differs = now.lines().zip(kept.lines()).find(|(now, kept)| now != kept);
    assert!(now == kept, "the notice has changed: {differs:?}");
}

/// What must be told, where it is told, and the words that tell it.
const DUTIES: &[(&str, &str, &str)] = &[
    ("13(1)(a) identity", "who", "We are CTI, a company."),
    ("13(1)(a) contact", "who", "privacy@cti.example"),
    ("13(1)(b) officer", "who", "no data protection officer"),
    ("13(1)(c) purposes", "coaching", "so that we can arrange your sessions"),
    ("13(1)(c) basis: consent", "coaching", "your consent"),
    ("13(1)(c) basis: contract", "assignments", "a contract"),
    ("13(1)(c) basis: law", "rights-and-complaints", "a legal duty: UK GDPR Art 12"),
    (
        "13(1)(d) the interests",
        "offers-by-phone",
        "legitimate interests), namely that organisations that may need us know",
    ),
    (
        "13(1)(e) recipients, of one activity",
        "coaching",
        "your coach (your name, your e-mail address and your phone number), until the coaching programme is completed",
    ),
    ("13(1)(e) recipients, outside", "incidents", "the Information Commissioner"),
    ("13(1)(e) recipients, processors", "recipients", "Sends our news"),
    ("13(1)(f) transfers", "places", "in the United States"),
    ("13(1)(f) safeguard, and no false one", "places", "Nothing has taken its place yet"),
    ("13(1)(f) where to get a copy", "places", "what protects it there, ask"),
    ("13(2)(a) period", "coaching", "6 months after the coaching programme is completed"),
    ("13(2)(b) access", "rights", "get a copy"),
    ("13(2)(b) rectification", "rights", "mistakes corrected"),
    ("13(2)(b) restriction", "rights", "only store your data"),
    ("13(2)(b) erasure", "erasure", "have your data erased"),
    ("13(2)(b) objection", "objection", "you can object"),
    ("21(4) objection to marketing", "objection", "say no to advertising at any time"),
    ("13(2)(b) portability", "portability", "a file that computers can read"),
    ("13(2)(c) withdrawal", "consent", "change your mind at any time"),
    ("13(2)(ca) complaint to us", "complaints", "right to complain to us"),
    ("164A acknowledgement", "complaints", "within 30 days"),
    (
        "13(2)(d) complaint to the regulator",
        "complaints",
        "complain to the regulator, the Information Commissioner",
    ),
    ("13(2)(e) statutory or contractual need", "need", "No law makes you give us your data"),
    ("13(2)(e) consequences", "need", "we cannot do without it"),
    ("13(2)(f) automated decisions", "decisions", "No computer here decides"),
    ("14(1)(d) categories of data", "offers-by-phone", "your name, your phone number, your job title"),
    ("14(2)(f) source", "offers-by-phone", "published sources"),
    ("12(3) within a month", "answer", "within one month"),
    ("12A(3) extension", "answer", "two more months"),
    ("17 and backups", "care", "not used until the copy goes"),
    ("version", "changes", "This is version 3. It holds from 2 November 2026."),
];

#[test]
fn everything_the_law_asks_for_is_told_in_its_place() {
    let notice = notice::of(&cti());
    for (duty, id, words) in DUTIES {
        let said = said(&notice, id);
        assert!(said.contains(words), "{duty}: `{words}` is not in #{id}:\n{said}");
    }
}

#[test]
fn every_activity_tells_its_data_basis_source_recipients_and_every_period() {
    let policy = cti();
    let notice = notice::of(&policy);
    for activity in &policy.activities {
        let said = said(&notice, &notice::id_of(&activity.name));
        for label in [
            "Who it is about",
            "What we hold",
            "Why we may",
            "Where it comes from",
            "Who else gets it",
            "How long",
        ] {
            assert!(said.contains(label), "{}: {label}\n{said}", activity.name);
        }
        for kind in activity.kinds.iter() {
            let words = &policy.kind(kind).unwrap().words;
            assert!(said.contains(words.as_str()), "{}: {words}", activity.name);
        }
        for rule in &activity.rules {
            let words = rule_words(&policy, &policy.rules[rule.index()], Voice::You);
            assert!(said.contains(&words), "{}: {words}", activity.name);
        }
    }
}

#[test]
fn rights_are_offered_only_where_the_basis_gives_them() {
    let text = text();
    let all = notice::of(&read(&text));
    assert!(said(&all, "portability").contains("Coaching sessions"));
    assert!(!said(&all, "portability").contains("News for our associates"), "interests are not portable");
    assert!(!said(&all, "objection").contains("Coaching sessions"), "consent is withdrawn, not objected to");
    assert!(!said(&all, "consent").contains("Working with our associates"), "a contract is not withdrawn");
    assert!(said(&all, "erasure").contains("Proof of what we did"), "what a law requires is kept");

    let mut without = read(&text);
    without.activities.retain(|activity| !matches!(activity.basis, policy::Basis::Consent { .. }));
    let ids: BTreeSet<String> = lines(&notice::of(&without)).into_iter().map(|(id, _)| id).collect();
    assert!(!ids.contains("consent"), "nobody is told to take back what they never gave");
    assert!(ids.contains("portability"));
}

#[test]
fn an_officer_and_a_safeguard_are_named_where_there_are_any() {
    let text = text();
    let line = text.lines().find(|line| line.trim_start().starts_with("officer")).unwrap();
    let changed = text.replace(line, "  officer \"Dr Jo Marsh\" <officer@cti.example>, 01632 960002");
    let changed = changed.replace("under privacy shield", "under data bridge, checked 2026-11-01");
    let notice = notice::of(&read(&changed));
    let officer = "Our data protection officer is Dr Jo Marsh: officer@cti.example, 01632 960002.";
    assert!(said(&notice, "who").contains(officer));
    let register = policy::register::of(&read(&changed));
    let head = register.head.iter().find(|(label, _)| *label == "Data protection officer").unwrap();
    assert_eq!(head.1, "Dr Jo Marsh, officer@cti.example, 01632 960002");
    assert!(said(&notice, "places").contains("data bridge, which we last checked on 1 November 2026"));
}

#[test]
fn whoever_decides_with_us_is_named_with_what_for_and_with_their_notice() {
    let body = "\nrecipient academy \"the Academy of Coaches\", jointly responsible, notice \"https://academy.example/privacy\"\n";
    let text = format!("{}{body}", text());
    let line = text.lines().find(|line| line.trim_start().starts_with("share")).unwrap().to_owned();
    let text = text.replacen(&line, &format!("{line}\n  share name, email with academy, to register you"), 1);
    let policy = read(&text);
    let activity =
        policy.activities.iter().find(|one| one.shares.iter().any(|share| share.with == "academy")).unwrap();
    let notice = notice::of(&policy);
    let recipients = said(&notice, "recipients");
    let told = "The Academy of Coaches decides together with us what happens with your name and your e-mail address under";
    assert!(recipients.contains(told), "{recipients}");
    assert!(recipients.contains(&activity.title) && recipients.contains("joint controllers"), "{recipients}");
    for page in [notice::to_html(&notice), notice::to_markdown(&notice)] {
        assert!(
            page.contains("https://academy.example/privacy") && page.contains("jointly responsible with us"),
            "{page}"
        );
    }
    let register = policy::register::of(&policy);
    let column = policy::register::COLUMNS.iter().position(|name| name.contains("joint controller")).unwrap();
    let row = register.rows.iter().find(|row| row[1].starts_with(&activity.title)).unwrap();
    assert_eq!(
        row[column],
        "the Academy of Coaches, jointly responsible for name, email to register you, contact and notice: \
         https://academy.example/privacy"
    );
}

fn ids(sections: &[Section], found: &mut Vec<String>) {
    for section in sections {
        found.push(section.id.clone());
        let parts: Vec<Section> = section
            .blocks
            .iter()
            .filter_map(|block| match block {
                Block::Part(part) => Some(part.clone()),
                _ => None,
            })
            .collect();
        ids(&parts, found);
    }
}

#[test]
fn every_id_is_unique_and_every_link_leads_somewhere() {
    let notice = notice::of(&cti());
    let mut all = Vec::new();
    ids(&notice.sections, &mut all);
    let unique: BTreeSet<&String> = all.iter().collect();
    assert_eq!(unique.len(), all.len(), "{all:?}");
    for (section, line) in lines(&notice) {
        for run in line.0 {
            if let Run::Link { to, .. } = run
                && let Some(id) = to.strip_prefix('#')
            {
                assert!(unique.contains(&id.to_owned()), "#{section} links to #{id}");
            }
        }
    }
}

#[test]
fn what_the_author_wrote_cannot_break_the_page() {
    let text = text().replace("\"your name\"", "\"<script>alert(1)</script> & 'co' | *x*\"");
    let notice = notice::of(&read(&text));
    let html = to_html(&notice);
    assert!(!html.contains("<script"), "markup of the author's is shown, not run");
    assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt; &amp; &#39;co&#39;"));
    let markdown = to_markdown(&notice);
    assert!(markdown.contains(r"\<script\>") && markdown.contains(r"\| \*x\*"));
}

#[test]
fn the_page_is_whole_and_its_tags_are_closed() {
    let page = to_page(&notice::of(&cti()));
    assert!(page.starts_with("<!doctype html>\n<html lang=\"en-GB\">"));
    assert_eq!(page.matches("<h1>").count(), 1);
    let mut open: Vec<&str> = Vec::new();
    for tag in page.split('<').skip(1).filter_map(|rest| rest.split_once('>')).map(|(tag, _)| tag) {
        let name = tag.trim_start_matches('/').split(' ').next().unwrap();
        match name {
            "!doctype" | "meta" => {}
            _ if tag.starts_with('/') => assert_eq!(open.pop(), Some(name)),
            _ => open.push(name),
        }
    }
    assert!(open.is_empty(), "{open:?}");
    assert!(!page.contains("style=") && !page.contains("http://"));
}

/// Vowel groups, near enough for English.
fn syllables(word: &str) -> usize {
    let word = word.trim_end_matches("es").trim_end_matches('e');
    let vowel = |letter: char| "aeiouy".contains(letter);
    let letters: Vec<char> = word.chars().collect();
    let groups = letters
        .iter()
        .enumerate()
        .filter(|(at, letter)| vowel(**letter) && (*at == 0 || !vowel(letters[at - 1])));
    groups.count().max(1)
}

/// The Flesch-Kincaid grade: years at school before a text is read with ease.
fn grade(text: &str) -> f64 {
    let sentences =
        text.split(['.', '?', ':', ';']).filter(|part| part.split_whitespace().count() > 1).count();
    let words: Vec<String> = text
        .split_whitespace()
        .map(|word| {
            word.chars().filter(|letter| letter.is_alphabetic()).flat_map(char::to_lowercase).collect()
        })
        .filter(|word: &String| !word.is_empty())
        .collect();
    let syllables: usize = words.iter().map(|word| syllables(word)).sum();
    #[expect(clippy::cast_precision_loss, reason = "a text has far fewer words than a float has digits")]
    let (sentences, words, syllables) = (sentences as f64, words.len() as f64, syllables as f64);
    0.39 * words / sentences + 11.8 * syllables / words - 15.59
}

#[test]
fn a_child_of_eleven_can_read_it() {
    let notice = notice::of(&cti());
    let own: Vec<String> = lines(&notice)
        .into_iter()
        .filter(|(id, _)| !id.starts_with("me"))
        .map(|(_, line)| line.text())
        .collect();
    let grade = grade(&own.join("\n"));
    assert!(grade < 6.5, "grade {grade:.1}");
    assert!(
        self::grade(
            "Notwithstanding applicable supervisory determinations, controllers shall facilitate portability."
        ) > 15.0
    );
}

#[test]
fn the_cookies_page_names_each_and_says_whether_there_is_a_choice() {
    let needed = notice::Cookie {
        name: "session",
        what_for: "keeps somebody signed in",
        how_long: "until they sign out".to_owned(),
        needed: true,
    };
    let asked = notice::Cookie { name: "seen", what_for: "counts visits", needed: false, ..needed.clone() };
    let policy = cti();
    let alone = to_markdown(&notice::cookies(&policy, std::slice::from_ref(&needed)));
    assert!(
        alone.contains("session")
            && alone.contains("All you can accept or refuse is that we count your visits"),
        "{alone}"
    );
    assert!(
        alone.contains("We count a visit only after you said yes")
            && alone.contains("Each single visit is erased after 30 days.")
    );
    let both = to_markdown(&notice::cookies(&policy, &[needed, asked]));
    assert!(both.contains("seen") && both.contains("only if you say yes"), "{both}");
}

#[test]
fn what_somebody_else_does_is_said_of_them_and_what_is_noted_is_said_so() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies/starter.policy");
    let text = std::fs::read_to_string(path).unwrap();
    let school = "\ncategory pupil \"children at our school\"\ncategory parent \"parents and carers\"\n\
        fact vip \"vip\": yes or no\nfact in dispute: yes or no\n\
        work schooling \"time at school\"\n  milestones enrolled, left school\n  people pupil is pupil; guardian is parent\n\
        work trip \"trip\"\n  milestones planned, returned\n  people traveller is pupil\n";
    let activity = |name: &str, whom: &str, keep: &str| {
        format!(
            "\nactivity {name} \"{name}\"\n  for {whom}\n  so that \"we can teach\"\n  purpose ServiceProvision\n  basis contract\n  \
             data name\n  from the person\n  keep {keep}\n  then erase\n"
        )
    };
    let text = [
        text,
        school.to_owned(),
        activity("reports", "parent", "6 years after left school"),
        activity("lessons", "pupil", "6 years after left school"),
        activity("outings", "pupil", "1 year after returned"),
        activity("favours", "pupil", "while vip, at most 2 years after last contact"),
        activity("quarrels", "pupil", "2 years after last contact, longer while in dispute"),
    ]
    .concat();
    let (policy, found) = Policy::read(vec![File { name: "a".into(), text }]);
    let policy = policy.unwrap_or_else(|| panic!("{found:?}"));
    let notice = to_markdown(&policy::notice::of(&policy));
    let said = |name: &str| {
        let part = notice.split(&format!("### {name}\n")).nth(1).unwrap();
        part.lines().find(|line| line.contains("How long")).unwrap().to_owned()
    };
    assert!(said("reports").contains("6 years after the pupil left school."), "{}", said("reports"));
    assert!(said("lessons").contains("6 years after you left school."), "{}", said("lessons"));
    assert!(said("outings").contains("1 year after the trip has returned."), "{}", said("outings"));
    assert!(said("favours").contains("as long as we have noted of you: vip"), "{}", said("favours"));
    assert!(said("quarrels").contains("longer while you are in dispute."), "{}", said("quarrels"));
}

/// A prohibition, and what people read of it.
const PROHIBITIONS: &[(&str, &str)] = &[
    (
        "share anything, unless a processor has it, as the law requires, to protect a life, or consented",
        "We never pass anything on, unless you have agreed to it, a company needs it for the work it does for us, the law \
         requires it or it protects somebody's life.",
    ),
    ("share anything, unless as the law requires", "We never pass anything on, unless the law requires it."),
    (
        "share anything, unless to defend our rights, if the business is sold",
        "We never pass anything on, unless we need it to defend our rights or our business is sold.",
    ),
    ("send marketing, unless consented", "We never send advertising, unless you have agreed to it."),
    (
        "send marketing to supporter, unless consented",
        "We never send advertising to friends and acquaintances who follow what we do, unless they have agreed to it.",
    ),
    (
        "share outside UK, unless safeguarded, consented",
        "We never pass anything to places outside the United Kingdom, unless you have agreed to it or it is protected \
         there as the law asks.",
    ),
    (
        "share anything for sale, marketing",
        "We never sell what we know about you, or pass it on for marketing.",
    ),
    (
        "share anything for marketing, fundraising, campaigning",
        "We never pass anything on for marketing, fundraising or campaigning.",
    ),
    ("share anything for DirectMarketing", "We never pass anything on for direct marketing."),
];

#[test]
fn a_yes_that_is_to_be_confirmed_says_how_and_by_when() {
    let policy = |basis: &str| {
        let written = text().replacen("basis     consent, opt-in  ", &format!("basis     {basis}  "), 1);
        Policy::read(vec![File { name: "a.policy".into(), text: written }])
    };
    let read = policy("consent, opt-in, confirmed by e-mail within 7 days").0.unwrap();
    let said: Vec<String> = lines(&notice::of(&read)).into_iter().map(|(_, line)| line.text()).collect();
    let how = "say yes, and confirm it within 7 days by the link in an e-mail that we send you. If you say nothing, that is a no";
    assert!(said.iter().any(|line| line.contains(how)), "{said:?}");
    for (basis, code) in [
        ("consent, opt-in, confirmed by letter within 7 days", "E-SYNTAX"),
        ("consent, opt-in, confirmed by e-mail within days", "E-NUMBER"),
        ("consent, opt-in, confirmed by e-mail within 2 years", "E-SYNTAX"),
    ] {
        let found = policy(basis).1;
        assert!(found.iter().any(|finding| finding.code == code), "{basis}: {found:?}");
    }
}

#[test]
fn a_prohibition_is_read_with_everything_it_lets_through() {
    for (written, read_as) in PROHIBITIONS {
        let text = format!("{}\nnever {written}\n", text());
        let said = said(&notice::of(&read(&text)), "never");
        assert!(said.lines().any(|line| line == *read_as), "`never {written}` is read as:\n{said}");
        assert!(
            to_html(&notice::of(&read(&text)))
                .contains(read_as.trim_end_matches('.').split('\'').next().unwrap())
        );
    }
}
