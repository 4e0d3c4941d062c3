//! The policies that come with the program, read as the lawyer reads them: what they state against the law is found,
//! names the rule, and is accepted knowingly until a day on which it comes back.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop where it stands"
)]

use jiff::civil::{Date, date};
use policy::diagnostic::{Diagnostic, render};
use policy::source::{File, Span};
use policy::syntax::Statement;
use policy::{Policy, check, parse};

const TODAY: Date = date(2026, 11, 22);

const PACKS: &[&str] = &["cti", "cmp", "cli", "blue-turtle", "chorus", "starter"];

/// Where a finding stands that a promise meets.
#[derive(Clone, Copy)]
enum At {
    /// On a clause that carries the promise's own id.
    Clause,
    /// In a section of this name, which has a clause that carries it.
    Section(&'static str),
    /// On these words, which nothing else of the policy has: what is published beside the clauses.
    Words(&'static str),
    /// Nowhere: it has been put right, and the promise meets another finding.
    Nowhere,
}
use At::{Clause, Nowhere, Section, Words};

/// Promises that rest on bad or outdated law: the policy, the promise, the finding it meets, part of the rule, and
/// where.
const BAD_LAW: &[(&str, &str, &str, &str, At)] = &[
    ("cti", "CTI-04", "E-SHIELD", "Art 44", Clause),
    ("cti", "CTI-07", "E-EXEMPTION", "reg 21", Section("call")),
    ("cti", "CTI-07", "E-SCREENING-LIST", "reg 21", Nowhere),
    ("cti", "CTI-08", "A-REVIEW-ONLY", "Art 5(1)(e)", Clause),
    ("cti", "CTI-08", "W-WORDS-INDEFINITE", "Art 5(1)(e)", Nowhere),
    ("cti", "CTI-13", "A-STALLED", "Art 5(1)(e)", Clause),
    ("cti", "CTI-16", "A-REVIEW-ONLY", "Art 5(1)(e)", Clause),
    ("cti", "CTI-16", "W-SUBSCRIBERS", "PECR 2003 reg 22", Section("associate news")),
    ("cti", "CTI-17", "A-REVIEW-ONLY", "Art 5(1)(e)", Clause),
    ("cti", "CTI-17", "W-SUBSCRIBERS", "PECR 2003 reg 22", Section("supplier news")),
    ("cti", "CTI-17", "W-VAGUE", "Art 13(2)(a)", Nowhere),
    ("cti", "CTI-20", "W-INITIALS", "Art 5(1)(c), 5(2)", Clause),
    ("cti", "CTI-22", "W-BREACH-CLOCK", "Art 33(1)", Clause),
    ("cmp", "CMP-04", "W-BASIS-UNSAID", "Art 13(1)(c)", Section("website enquiries")),
    ("cmp", "CMP-04", "E-BASIS", "Art 6(1)", Nowhere),
    ("cmp", "CMP-14", "W-SUBSCRIBERS", "PECR 2003 reg 22", Clause),
    ("cmp", "CMP-19", "W-AGREE", "Art 4(11), 7(2)", Section("website enquiries")),
    ("cmp", "CMP-25", "E-CLAUSES", "Art 46(2)(d)", Clause),
    ("cmp", "CMP-26", "E-COMPLAINTS", "s.164A", Clause),
    ("cmp", "CMP-29", "W-PASS-ON", "Art 14(1)", Words("pass on this")),
    ("cli", "CLI-01", "W-EXHAUSTIVE", "Art 5(1)(b)", Words("not exhaustive")),
    ("cli", "CLI-10", "E-CONTRADICTION", "Art 5(1)(a)", Clause),
    ("cli", "CLI-19", "E-CRIMINAL", "Art 10", Section("support")),
    ("cli", "CLI-19", "E-SPECIAL", "Art 9", Nowhere),
    ("cli", "CLI-27", "E-ASKED", "Art 12(2)", Clause),
    ("cli", "CLI-27", "E-IDENTITY", "Art 12(6)", Clause),
    ("cli", "CLI-33", "W-PORTABILITY", "Art 20(1)(a)", Words("consent")),
    ("blue-turtle", "BT-06", "W-SOURCE", "Art 14(2)(f)", Section("investigation")),
    ("blue-turtle", "BT-16", "W-READING", "Art 5(1)(a)", Section("rights and complaints")),
    ("blue-turtle", "BT-23", "W-EU-LAW", "Data Protection Act 2018 s.3(10)", Words("2016/679")),
    ("blue-turtle", "BT-25", "W-VISITS", "PECR 2003 reg 6", Clause),
    ("blue-turtle", "BT-27", "E-COMPLAINTS", "s.164A", Clause),
    ("chorus", "CHO-02", "W-VISITS", "PECR 2003 reg 6", Clause),
    ("chorus", "CHO-09", "E-COMPLAINTS", "s.164A", Clause),
    ("chorus", "CHO-12", "W-BACKUP-WORDS", "Art 17(1)", Words("backups age out")),
    ("chorus", "CHO-13", "E-ANSWER", "Art 12A", Clause),
    ("chorus", "CHO-13", "E-FEE", "Art 12(5)", Clause),
    ("chorus", "CHO-13", "W-READING", "Art 5(1)(a)", Section("requests")),
    ("chorus", "CHO-14", "E-FORMAT-PDF", "Art 20(1)", Clause),
    ("chorus", "CHO-15", "W-READING", "Art 5(1)(a)", Section("marketing")),
    ("chorus", "CHO-15", "W-SOURCE", "Art 14(2)(f)", Section("marketing")),
    ("chorus", "CHO-16", "E-SHIELD", "Art 44", Clause),
    ("chorus", "CHO-20", "E-ASKED", "Art 12(2)", Clause),
    ("chorus", "CHO-22", "E-BREACH-START", "Art 33(1)", Clause),
];

fn overlap(one: Span, other: Span) -> bool {
    one.file == other.file && one.start < other.end.max(other.start + 1) && other.start < one.end
}

fn found(pack: &str, today: Date) -> (Policy, Vec<Diagnostic>) {
    let path = format!("{}/../../policies/{pack}.policy", env!("CARGO_MANIFEST_DIR"));
    let files = vec![File { name: format!("{pack}.policy"), text: std::fs::read_to_string(path).unwrap() }];
    let (policy, found) = Policy::read(files.clone());
    let policy = policy.unwrap_or_else(|| panic!("{}", render(&found, &files, false)));
    let found = [found, check::check(&policy, today)].concat();
    (policy, found)
}

#[test]
fn nothing_is_found_that_a_policy_does_not_accept_knowingly() {
    for pack in PACKS {
        let (policy, found) = found(pack, TODAY);
        let stands = found.iter().any(|finding| finding.accepted.is_none());
        assert!(!stands, "{}", render(&found, &policy.files, false));
    }
}

#[test]
fn a_new_organisation_begins_with_nothing_to_put_right() {
    let (policy, found) = found("starter", TODAY);
    assert!(found.is_empty(), "{}", render(&found, &policy.files, false));
}

/// The sections of a name, and the place of each.
fn sections(policy: &Policy, name: &str) -> Vec<Span> {
    let text = &policy.files[0].text;
    let (tree, _) = parse::parse(0, text);
    let whole = |head: &Statement, clauses: &[&Statement]| {
        clauses.iter().fold(head.span(), |span, clause| span.to(clause.span()))
    };
    let named = |head: &Statement| {
        let said = head.span().of(text);
        let rest = said.strip_prefix(head.keyword).unwrap_or(said).trim_start();
        said.trim() == name || rest.split('"').next().is_some_and(|said| said.trim() == name)
    };
    let all = parse::sections(&tree);
    all.iter().filter(|(head, _)| named(head)).map(|(head, clauses)| whole(head, clauses)).collect()
}

/// What is found where a promise meets bad law.
fn met<'f>(
    policy: &Policy,
    found: &'f [Diagnostic],
    promise: &str,
    code: &str,
    at: At,
) -> Option<&'f Diagnostic> {
    let clauses = policy.promises.get(promise).into_iter().flatten();
    let own: Vec<Span> = clauses.filter_map(|clause| policy.places.get(clause).copied()).collect();
    let mut of_code = found.iter().filter(|finding| finding.code == code);
    match at {
        Clause | Nowhere => of_code.find(|finding| own.iter().any(|clause| overlap(*clause, finding.span))),
        Section(name) => {
            let mut here = sections(policy, name);
            here.retain(|section| own.iter().any(|clause| overlap(*section, *clause)));
            of_code.find(|finding| here.iter().any(|section| overlap(*section, finding.span)))
        }
        Words(words) => {
            let text = &policy.files[0].text;
            of_code.find(|finding| finding.span.of(text) == words)
        }
    }
}

#[test]
fn bad_law_is_found_where_it_is_promised_with_the_rule_it_breaks() {
    for (pack, promise, code, law, at) in BAD_LAW {
        let known = check::code(code).unwrap_or_else(|| panic!("{promise}: {code}"));
        assert!(known.law.is_some_and(|known| known.contains(law)), "{promise}: {code}: {:?}", known.law);
        let stated = !matches!(at, Nowhere);
        assert!(known.acceptable || !stated, "{promise}: {code} must be acceptable");
        let (policy, found) = found(pack, TODAY);
        assert!(policy.promises.contains_key(*promise), "{promise} is not in {pack}");
        let here = met(&policy, &found, promise, code, *at);
        assert_eq!(here.is_some(), stated, "{promise}: {code} in {pack}");
        assert!(here.is_none_or(|finding| finding.accepted.is_some()), "{promise}: {code} is not accepted");
        let named = |finding: &Diagnostic| finding.law.as_ref().is_some_and(|named| named.contains(law));
        assert!(here.is_none_or(named), "{promise}: {code} names another rule: {here:?}");
        // What the policy no longer states in one way it states in another: each promise has a finding of its own.
        let of_its_own = |row: &&(&str, &str, &str, &str, At)| row.1 == *promise && !matches!(row.4, Nowhere);
        assert!(BAD_LAW.iter().any(|row| of_its_own(&row)), "nothing is found of {promise}");
    }
}

/// A finding of the same code elsewhere in a policy does not stand in for the promise's own.
#[test]
fn a_finding_elsewhere_is_not_the_promises_own() {
    let (mut policy, found) = found("cti", TODAY);
    let at = At::Clause;
    assert!(met(&policy, &found, "CTI-16", "A-REVIEW-ONLY", at).is_some());
    let moved = policy.promises.remove("CTI-22").unwrap();
    policy.promises.insert("CTI-16".to_owned(), moved);
    assert!(found.iter().any(|finding| finding.code == "A-REVIEW-ONLY"));
    assert!(met(&policy, &found, "CTI-16", "A-REVIEW-ONLY", at).is_none());
    assert!(met(&policy, &found, "CTI-16", "W-SUBSCRIBERS", Section("associate news")).is_none());
}

#[test]
fn what_was_accepted_comes_back() {
    for pack in ["cti", "cmp", "cli", "blue-turtle", "chorus"] {
        let (policy, found) = found(pack, date(2040, 1, 1));
        assert!(!policy.accepts.is_empty());
        assert!(found.iter().all(|finding| finding.accepted.is_none()));
        let back = found
            .iter()
            .filter(|finding| finding.help.as_ref().is_some_and(|help| help.contains("decide again")));
        assert!(back.count() >= policy.accepts.len(), "{pack}");
    }
}
