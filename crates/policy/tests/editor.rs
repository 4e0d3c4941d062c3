//! What an editor is told while a policy is typed; `|` marks the cursor.
#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

use jiff::civil::date;
use policy::editor::{complete, declared, define, hover};
use policy::source::File;

const BEFORE: &str = "category client \"our clients\"
category coaching client \"those we coach\"
item name, email ordinary
entry coaching notes \"notes\" confidential
document form
work programme \"programme\"
  milestones agreed, first session, completed
  people client is coaching client; coach is client
channel mailing \"news\"
  by email
processor mailer \"sends\" in UK, holds name
role manager
  may see everything

";

fn typed(text: &str) -> (Vec<File>, usize) {
    let text = format!("{BEFORE}{text}");
    let at = text.find('|').unwrap();
    (vec![File { name: "a.policy".to_owned(), text: text.replacen('|', "", 1) }], at)
}

fn offered(text: &str) -> Vec<String> {
    let (files, at) = typed(text);
    complete(&files, 0, at).into_iter().map(|one| one.label).collect()
}

#[test]
fn what_may_stand_here_is_offered() {
    for (text, wanted) in [
        ("activity a \"A\"\n  pur|", "purpose"),
        ("activity a \"A\"\n  |", "so that"),
        ("act|", "activity"),
        ("periods\n  imp|", "imports"),
        ("periods\n  recipients |", "told within 14 days"),
        ("periods\n  by hand d|", "done within 14 days"),
        ("activity a \"A\"\n  purpose |", "DirectMarketing"),
        ("activity a \"A\"\n  purpose Serv|", "ServiceProvision"),
        ("activity a \"A\"\n  for coach|", "coaching client"),
        ("activity a \"A\"\n  data name, |", "coaching notes"),
        ("activity a \"A\"\n  data name, coaching n|", "coaching notes"),
        ("activity a \"A\"\n  data name,\n       |", "email"),
        ("activity a \"A\"\n  data cons|", "consent record"),
        ("activity a \"A\"\n  share name with |", "the coach"),
        ("activity a \"A\"\n  share name with m|", "mailer"),
        ("activity a \"A\"\n  send by |", "mailing"),
        ("activity a \"A\"\n  basis con|", "contract"),
        ("activity a \"A\"\n  keep 6 months after |", "completed"),
        ("activity a \"A\"\n  keep 6 months after last |", "contact"),
        ("activity a \"A\"\n  keep until |", "consent withdrawn"),
        ("activity a \"A\"\n  then |", "anonymise"),
        ("accept |", "E-SHIELD"),
        ("accept E-SHIELD in |", "mailer"),
        ("never send marketing to |", "client"),
        ("role coach\n  may do |", "run work"),
    ] {
        assert!(offered(text).contains(&wanted.to_owned()), "{text}: {:?}", offered(text));
    }
}

#[test]
fn nothing_is_offered_in_texts_and_comments_and_what_is_typed_is_replaced() {
    assert_eq!(offered("activity a \"A|"), Vec::<String>::new());
    assert_eq!(offered("# acti|"), Vec::<String>::new());
    let (files, at) = typed("activity a \"A\"\n  data coaching n|");
    let one = complete(&files, 0, at).into_iter().find(|one| one.label == "coaching notes").unwrap();
    assert_eq!(files[0].text.get(one.from..at), Some("coaching n"));
    assert!(!offered("activity a \"A\"\n  data coaching n|").contains(&"name".to_owned()));
}

#[test]
fn names_lead_to_where_they_are_declared() {
    let (files, at) = typed("activity a \"A\"\n  for coaching cli|ent");
    let found = define(&files, 0, at).unwrap();
    assert_eq!((found.what, found.name.as_str()), ("category", "coaching client"));
    assert_eq!(found.span.of(&files[0].text), "coaching client");
    let all = declared(&files);
    let names: Vec<&str> = all.iter().map(|one| one.name.as_str()).collect();
    assert!(["email", "first session", "coach", "mailer", "manager"].iter().all(|name| names.contains(name)));
    assert!(!names.contains(&"email ordinary"));
}

#[test]
fn a_period_is_shown_with_the_date_it_comes_to() {
    let today = date(2026, 8, 31);
    let shown = |text: &str| {
        let (files, at) = typed(text);
        hover(&files, &[], 0, at, today).unwrap_or_default()
    };
    let said = shown("activity a \"A\"\n  keep coaching notes 6 months after com|pleted");
    assert!(said.contains("If `completed` were today, 2026-08-31") && said.contains("2027-02-28"), "{said}");
    let said = shown("activity a \"A\"\n  keep 6 months after com|pleted, at most 1 year after completed");
    assert!(said.contains("If `completed` were today, 2026-08-31"), "each event once: {said}");
    let said = shown("activity a \"A\"\n  keep 6 months after comp|leeted");
    assert!(!said.contains("2027"), "what is not declared gives no date: {said}");
    let said = shown("activity a \"A\"\n  basis legitimate in|terests, assessed in \"a.md\"");
    assert!(said.contains("Art 6(1)(f)"), "{said}");
    let said = shown("activity a \"A\"\n  ba|sis contract");
    assert!(said.contains("UK GDPR Art 6(1)"), "{said}");
    let said = shown("activity a \"A\"\n  purpose Direct|Marketing");
    assert!(said.contains("w3id.org/dpv#DirectMarketing"), "{said}");
}

#[test]
fn a_finding_is_explained_where_it_stands() {
    let base =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies/cti.policy")).unwrap();
    let at = base.find("privacy shield").unwrap();
    let files = vec![File { name: "cti.policy".to_owned(), text: base }];
    let (policy, _) = policy::Policy::read(files.clone());
    let found = policy::check::check(&policy.unwrap(), date(2026, 11, 22));
    let said = hover(&files, &found, 0, at + 3, date(2026, 11, 22)).unwrap();
    assert!(
        said.contains("E-SHIELD") && said.contains("Art 44") && said.contains("Accepted until"),
        "{said}"
    );
}

#[test]
fn no_place_of_a_policy_upsets_an_editor() {
    let text =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies/cti.policy")).unwrap();
    let files = vec![File { name: "cti.policy".to_owned(), text }];
    for (at, _) in files[0].text.char_indices().step_by(97) {
        drop(complete(&files, 0, at));
        drop(define(&files, 0, at));
        drop(hover(&files, &[], 0, at, date(2026, 11, 22)));
    }
    assert!(complete(&files, 0, files[0].text.len() + 9).is_empty());
    assert!(hover(&files, &[], 9, 0, date(2026, 11, 22)).is_none());
}

/// Every word of the language that begins something, with the text it stands in; `|` marks where the cursor is put.
fn every_keyword() -> Vec<(String, String)> {
    use policy::parse::statements::{CLAUSES, OPENERS};
    let openers = OPENERS.iter().map(|word| ((*word).to_owned(), format!("|{word} x\n")));
    let clauses = CLAUSES.iter().flat_map(|(opener, clauses)| {
        clauses.iter().map(move |clause| ((*clause).to_owned(), format!("{opener} x\n  |{clause} x\n")))
    });
    openers.chain(clauses).collect()
}

/// Words that stand within a clause and mean something by themselves.
const WITHIN: &[(&str, &str)] = &[
    ("review", "activity a \"A\"\n  keep until consent withdrawn, |review every 2 years\n"),
    ("at most", "activity a \"A\"\n  keep 6 years after left, |at most 8 years after last contact\n"),
    ("otherwise", "activity a \"A\"\n  keep 6 years after left, |otherwise\n"),
    ("ask again", "activity a \"A\"\n  keep until left; |ask again every 2 years, no answer ends it\n"),
    ("soft opt-in", "activity a \"A\"\n  basis legitimate interests, |soft opt-in of customers\n"),
    ("opt-in", "activity a \"A\"\n  basis consent, |opt-in\n"),
    ("special", "item a \"A\" |special\n"),
    ("criminal", "item a \"A\" |criminal\n"),
    ("tps", "channel a \"A\"\n  screen |tps\n"),
    ("ctps", "channel a \"A\"\n  screen tps, |ctps\n"),
    ("screening", "activity a \"A\"\n  call after |screening\n"),
    ("IDTA", "processor a \"A\" in India under |IDTA\n"),
    ("anonymise", "activity a \"A\"\n  then |anonymise\n"),
    ("archive", "activity a \"A\"\n  then |archive for 5 years, then erase\n"),
    ("transfer", "activity a \"A\"\n  then |transfer to \"the archive\", then erase\n"),
    ("everyone", "activity a \"A\"\n  for |everyone\n"),
    ("legal claims", "activity a \"A\"\n  condition |legal claims\n"),
];

#[test]
fn every_word_of_the_language_says_what_it_means() {
    let within = WITHIN.iter().map(|(word, text)| ((*word).to_owned(), (*text).to_owned()));
    let mut silent = Vec::new();
    for (word, text) in every_keyword().into_iter().chain(within) {
        let at = text.find('|').unwrap();
        let files = vec![File { name: "a.policy".to_owned(), text: text.replacen('|', "", 1) }];
        for at in [at, at + 1, at + word.len() - 1] {
            let said = hover(&files, &[], 0, at, date(2026, 11, 22)).unwrap_or_default();
            if !said.contains(&format!("**{word}**: ")) {
                silent.push(format!("{text}: {said}"));
            }
        }
    }
    assert!(silent.is_empty(), "{}", silent.join("\n"));
}

#[test]
fn the_same_word_leads_to_what_it_is_where_it_stands() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies/starter.policy");
    let text = std::fs::read_to_string(path).unwrap();
    let files = vec![File { name: "starter.policy".into(), text: text.clone() }];
    for (line, word, what) in [
        ("  data      name, email, phone, address, organisation, enquiry", "email", "item"),
        ("  data      name, email, phone, address, organisation, work notes", "phone", "item"),
        ("  send      by email, call, letter", "email", "channel"),
        ("  send      by email, letter", "letter", "channel"),
        ("  for       enquirer, client", "client", "category"),
        ("  for       follower, client", "client", "category"),
        ("  people      client is client", "client", "part"),
        ("  people      client is client", "client\n", "category"),
        ("  files     enquirer under enquiries", "enquirer", "category"),
        ("  files     enquirer under enquiries", "enquiries", "activity"),
        ("  asks      name, email, phone, enquiry", "enquiry", "entry"),
        ("channel email \"e-mail", "email", "channel"),
        ("  share     incident record with regulator", "regulator", "recipient"),
    ] {
        let start = text.find(line).unwrap();
        let within = match word.strip_suffix('\n') {
            Some(last) => line.rfind(last).unwrap(),
            None => line.find(word).unwrap(),
        };
        let found = define(&files, 0, start + within + 1).unwrap();
        assert_eq!((found.what, found.name.as_str()), (what, word.trim()), "{line}");
    }
}
