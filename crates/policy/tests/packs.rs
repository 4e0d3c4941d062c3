//! The policies that come with the program, read as the lawyer reads them: what they state against the law is found,
//! names the rule, and is accepted knowingly until a day on which it comes back.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop where it stands")]

use jiff::civil::{Date, date};
use policy::diagnostic::{Diagnostic, Severity, render};
use policy::source::File;
use policy::{Policy, check};

const TODAY: Date = date(2026, 11, 22);

const PACKS: &[&str] = &["cti", "cmp", "cli", "blue-turtle", "chorus", "starter"];

/// Promises that rest on bad or outdated law: the policy, the promise, the finding it meets, and part of the rule.
/// The last says whether the policy still states it; where not, it has been put right there.
const BAD_LAW: &[(&str, &str, &str, &str, bool)] = &[
    ("cti", "CTI-04", "E-SHIELD", "Art 44", true),
    ("cti", "CTI-07", "E-EXEMPTION", "reg 21", true),
    ("cti", "CTI-07", "E-SCREENING-LIST", "reg 21", false),
    ("cti", "CTI-08", "A-REVIEW-ONLY", "Art 5(1)(e)", true),
    ("cti", "CTI-08", "W-WORDS-INDEFINITE", "Art 5(1)(e)", false),
    ("cti", "CTI-13", "A-STALLED", "Art 5(1)(e)", true),
    ("cti", "CTI-16", "E-INDEFINITE", "Art 5(1)(e)", true),
    ("cti", "CTI-16", "W-SUBSCRIBERS", "PECR 2003 reg 22", true),
    ("cti", "CTI-17", "E-INDEFINITE", "Art 5(1)(e)", true),
    ("cti", "CTI-17", "W-SUBSCRIBERS", "PECR 2003 reg 22", true),
    ("cti", "CTI-17", "W-VAGUE", "Art 13(2)(a)", false),
    ("cti", "CTI-20", "W-INITIALS", "Art 5(1)(c), 5(2)", true),
    ("cti", "CTI-22", "W-BREACH-CLOCK", "Art 33(1)", true),
    ("cmp", "CMP-04", "W-BASIS-UNSAID", "Art 13(1)(c)", true),
    ("cmp", "CMP-04", "E-BASIS", "Art 6(1)", false),
    ("cmp", "CMP-14", "W-SUBSCRIBERS", "PECR 2003 reg 22", true),
    ("cmp", "CMP-19", "W-AGREE", "Art 4(11), 7(2)", true),
    ("cmp", "CMP-25", "E-CLAUSES", "Art 46(2)(d)", true),
    ("cmp", "CMP-26", "E-COMPLAINTS", "s.164A", true),
    ("cmp", "CMP-29", "W-PASS-ON", "Art 14(1)", true),
    ("cli", "CLI-01", "W-EXHAUSTIVE", "Art 5(1)(b)", true),
    ("cli", "CLI-10", "E-CONTRADICTION", "Art 5(1)(a)", true),
    ("cli", "CLI-19", "E-CRIMINAL", "Art 10", true),
    ("cli", "CLI-19", "E-SPECIAL", "Art 9", false),
    ("cli", "CLI-27", "E-ASKED", "Art 12(2)", true),
    ("cli", "CLI-27", "E-IDENTITY", "Art 12(6)", true),
    ("cli", "CLI-33", "W-PORTABILITY", "Art 20(1)(a)", true),
    ("blue-turtle", "BT-06", "W-SOURCE", "Art 14(2)(f)", true),
    ("blue-turtle", "BT-16", "W-READING", "Art 5(1)(a)", true),
    ("blue-turtle", "BT-23", "W-EU-LAW", "Data Protection Act 2018 s.3(10)", true),
    ("blue-turtle", "BT-25", "W-VISITS", "PECR 2003 reg 6", true),
    ("blue-turtle", "BT-27", "E-COMPLAINTS", "s.164A", true),
    ("chorus", "CHO-02", "W-VISITS", "PECR 2003 reg 6", true),
    ("chorus", "CHO-09", "E-COMPLAINTS", "s.164A", true),
    ("chorus", "CHO-12", "W-BACKUP-WORDS", "Art 17(1)", true),
    ("chorus", "CHO-13", "E-ANSWER", "Art 12A", true),
    ("chorus", "CHO-13", "E-FEE", "Art 12(5)", true),
    ("chorus", "CHO-13", "W-READING", "Art 5(1)(a)", true),
    ("chorus", "CHO-14", "E-FORMAT-PDF", "Art 20(1)", true),
    ("chorus", "CHO-15", "W-READING", "Art 5(1)(a)", true),
    ("chorus", "CHO-15", "W-SOURCE", "Art 14(2)(f)", true),
    ("chorus", "CHO-16", "E-SHIELD", "Art 44", true),
    ("chorus", "CHO-20", "E-ASKED", "Art 12(2)", true),
    ("chorus", "CHO-22", "E-BREACH-START", "Art 33(1)", true),
];

fn found(pack: &str, today: Date) -> (Policy, Vec<Diagnostic>) {
    let path = format!("{}/../../policies/{pack}.policy", env!("CARGO_MANIFEST_DIR"));
    let files = vec![File { name: format!("{pack}.policy"), text: std::fs::read_to_string(path).unwrap() }];
    let (policy, found) = Policy::read(files.clone());
    let policy = policy.unwrap_or_else(|| panic!("{}", render(&found, &files, false)));
    let found = [found, check::check(&policy, today)].concat();
    (policy, found)
}

#[test]
fn no_policy_has_an_error_that_is_not_accepted() {
    for pack in PACKS {
        let (policy, found) = found(pack, TODAY);
        let stands =
            |finding: &&Diagnostic| finding.severity != Severity::Advice && finding.accepted.is_none();
        assert!(!found.iter().any(|finding| stands(&finding)), "{}", render(&found, &policy.files, false));
    }
}

#[test]
fn a_new_organisation_begins_with_nothing_to_put_right() {
    let (policy, found) = found("starter", TODAY);
    assert!(found.is_empty(), "{}", render(&found, &policy.files, false));
}

#[test]
fn bad_law_is_found_with_the_rule_it_breaks() {
    for (pack, promise, code, law, stated) in BAD_LAW {
        let known = check::code(code).unwrap_or_else(|| panic!("{promise}: {code}"));
        assert!(known.law.is_some_and(|known| known.contains(law)), "{promise}: {code}: {:?}", known.law);
        assert!(known.acceptable || !stated, "{promise}: {code} must be acceptable");
        let (policy, found) = found(pack, TODAY);
        assert!(policy.promises.contains_key(*promise), "{promise} is not in {pack}");
        let here = found.iter().find(|finding| finding.code == *code);
        assert_eq!(here.is_some(), *stated, "{promise}: {code} in {pack}");
        let named = |finding: &Diagnostic| finding.law.as_ref().is_some_and(|named| named.contains(law));
        assert!(here.is_none_or(named), "{promise}: {code} names another rule: {here:?}");
        // What the policy no longer states in one way it states in another: each promise has a finding of its own.
        let of_its_own = |row: &&(&str, &str, &str, &str, bool)| row.1 == *promise && row.4;
        assert!(BAD_LAW.iter().any(|row| of_its_own(&row)), "nothing is found of {promise}");
    }
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
