//! The formatter settles at once, changes no meaning whatever the layout, and CTI's policy is written as it writes it.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop where it stands")]

use policy::Policy;
use policy::fmt::format;
use policy::source::File;
use proptest::prelude::*;

fn cti() -> File {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies/cti.policy");
    File { name: "cti.policy".to_owned(), text: std::fs::read_to_string(path).unwrap() }
}

#[test]
fn the_policy_of_cti_is_formatted() {
    let file = cti();
    let written = format(&file).unwrap();
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies/cti.policy"), &written).unwrap();
        return;
    }
    assert!(written == file.text, "run this test with BLESS=1 to write it");
    assert_eq!(format(&File { text: written.clone(), ..file }).unwrap(), written);
}

#[test]
fn a_policy_squeezed_to_the_left_means_the_same_and_formats_the_same() {
    let file = cti();
    let squeezed: String = file.text.lines().map(|line| format!("{}\n", line.trim_start())).collect();
    let squeezed = File { text: squeezed, ..file.clone() };
    assert_eq!(format(&squeezed).unwrap(), format(&file).unwrap());
    let (one, other) = (Policy::read(vec![file]).0.unwrap(), Policy::read(vec![squeezed]).0.unwrap());
    let words = |policy: &Policy| policy.rules.iter().map(|rule| rule.words.clone()).collect::<Vec<_>>();
    assert_eq!(words(&one), words(&other));
    assert_eq!(one.promises, other.promises);
}

/// Every policy that comes with the program, the one of the tests with every form of period, and the language's own.
const TEXTS: &[&str] = &[
    include_str!("../../../policies/cti.policy"),
    include_str!("../../../policies/cmp.policy"),
    include_str!("../../../policies/cli.policy"),
    include_str!("../../../policies/blue-turtle.policy"),
    include_str!("../../../policies/chorus.policy"),
    include_str!("../../../policies/starter.policy"),
    include_str!("../../custody/tests/model/forms.policy"),
];

/// A policy without what its clauses hang on; each test adds activities with a `keep`.
const PRELUDE: &str = include_str!("language/prelude.policy");

fn named(text: &str) -> File {
    File { name: "a.policy".to_owned(), text: text.to_owned() }
}

/// Everything a policy says, as the program holds it, but for where in the file it is said.
fn meaning(text: &str) -> Result<String, String> {
    let (policy, found) = Policy::read(vec![named(text)]);
    let mut policy = policy.ok_or_else(|| format!("{found:#?}"))?;
    policy.files.clear();
    let told = format!("{policy:?}");
    let mut parts = told.split("Span { file: ");
    let first = parts.next().unwrap_or_default().to_owned();
    let rest = parts.map(|part| part.split_once('}').map_or(part, |(_, rest)| rest));
    Ok(first + &rest.collect::<Vec<_>>().join("@"))
}

/// The same words with other spaces at the beginning, the end and in the middle of lines; what stands in quotes stays, and
/// so do comments.
fn untidy(text: &str, numbers: &[u8]) -> String {
    let mut numbers = numbers.iter().copied().cycle();
    let mut next = move |below: u8| numbers.next().unwrap_or_default() % below;
    let mut quoted = false;
    let mut written = String::new();
    for line in text.lines() {
        let inside = quoted;
        if !inside {
            (0..next(9)).for_each(|_| written.push(' '));
        }
        let line = if inside { line } else { line.trim_start() };
        for (at, letter) in line.char_indices() {
            if letter == '"' {
                quoted = !quoted;
            }
            if letter == '#' && !quoted {
                written.push_str(line.get(at..).unwrap_or_default());
                break;
            }
            written.push(letter);
            if letter == ' ' && !quoted {
                (0..next(4)).for_each(|_| written.push(' '));
            }
        }
        if !quoted && !line.contains('#') {
            (0..next(3)).for_each(|_| written.push(' '));
        }
        written.push('\n');
    }
    written
}

/// Laid out, a text means the same and is laid out already.
fn settles(text: &str) -> Result<(), TestCaseError> {
    let before = meaning(text).unwrap_or_else(|found| panic!("{found}\n{text}"));
    let written = format(&named(text)).unwrap_or_else(|found| panic!("{found:?}\n{text}"));
    let after =
        meaning(&written).unwrap_or_else(|found| panic!("laid out it is no policy: {found}\n{written}"));
    prop_assert!(before == after, "another meaning:\n{before}\n{after}\n{written}");
    prop_assert_eq!(&format(&named(&written)).unwrap_or_default(), &written, "not settled");
    Ok(())
}

#[test]
fn every_policy_means_the_same_once_laid_out() {
    for text in TEXTS {
        settles(text).unwrap();
    }
    let (one, other) = (meaning(TEXTS.first().unwrap()).unwrap(), meaning(TEXTS.last().unwrap()).unwrap());
    assert!(one != other && one.len() > 10_000 && !one.contains("start: "), "a meaning says all there is");
}

fn any_of(words: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::sample::select(words).prop_map(str::to_owned)
}

fn event() -> impl Strategy<Value = String> {
    any_of(&[
        "case closed",
        "opened",
        "last contact",
        "payment",
        "last payment",
        "lapsed",
        "collected",
        "no longer applicant",
        "they turn 18",
        "the employee turns 21",
        "last incoming contact",
        "the last of their cases case closed",
    ])
}

fn span() -> impl Strategy<Value = String> {
    (1..40u8, any_of(&["days", "weeks", "months", "years"]))
        .prop_map(|(number, unit)| format!("{number} {unit}"))
}

fn condition() -> impl Strategy<Value = String> {
    any_of(&[
        "under 16 when collected",
        "outcome is upheld",
        "settled or withdrawn",
        "employed by the client",
        "not exposed to fumes",
    ])
}

fn term() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        (span(), event()).prop_map(|(span, event)| format!("{span} after {event}")),
        (span(), any_of(&["tax", "calendar", "financial", "academic"]), event())
            .prop_map(|(span, year, event)| format!("{span} after the end of the {year} year of {event}")),
        (event(), event()).prop_map(|(a, b)| format!("until {a} or {b}")),
        (event(), event()).prop_map(|(a, b)| format!("until {a} or {b}, whichever is later")),
        event().prop_map(|event| format!("until {event}")),
        (1..90u8).prop_map(|years| format!("until the employee is {years}")),
        (1..90u8).prop_map(|years| format!("until the person is {years}")),
        (1..29u8, any_of(&["January", "June", "December"]), 2027..2040u16)
            .prop_map(|(day, month, year)| format!("until {day} {month} {year}")),
        Just("until 2030-12-31".to_owned()),
        Just("while applicant".to_owned()),
        Just("indefinitely".to_owned()),
        Just("as \"the funder\" requires".to_owned()),
    ];
    leaf.prop_recursive(2, 6, 2, |inner| {
        (any_of(&["the earlier of", "the later of"]), inner.clone(), inner)
            .prop_map(|(which, a, b)| format!("{which} {a} and {b}"))
    })
}

fn phrase() -> impl Strategy<Value = String> {
    let suffix = prop_oneof![
        term().prop_map(|cap| format!(", at most {cap}")),
        term().prop_map(|floor| format!(", at least {floor}")),
        (condition(), term()).prop_map(|(so, period)| format!("; if {so}, {period}")),
        any_of(&[
            ", longer while a dispute is open",
            ", cleared out every 31 August",
            ", review every 2 years",
            "; ask again every 2 years, no answer ends it",
            "; tell the person 30 days before",
        ]),
    ];
    (term(), prop::collection::vec(suffix, 0..3)).prop_map(|(term, suffixes)| term + &suffixes.concat())
}

/// A policy with these periods, each in an activity of its own.
fn with(phrases: &[String]) -> String {
    let mut text = PRELUDE.to_owned()
        + "
category applicant \"people who apply\"
category member \"our members\"
item date of birth ordinary
event payment \"you paid us\", lapsed
fact exposed to fumes \"you were exposed to fumes\": yes or no
work case \"investigation\"
milestones opened, case closed
people employee is applicant; other is member
facts employed by the client \"you were employed by our client\": yes or no;
 outcome: upheld, settled or withdrawn;
 dispute open \"a dispute is open\": yes or no, no unless recorded;
 the funder: a date
";
    for (at, phrase) in phrases.iter().enumerate() {
        text.push_str(&format!(
            "\nactivity a{at} \"Activity {at}\"\nfor applicant\npurpose ServiceProvision\nbasis contract\ndata name, date of birth\n\
             from the person\nkeep {phrase}\nthen erase\n"
        ));
    }
    text
}

/// Few by themselves, since each case reads a whole policy three times; more with `PROPTEST_CASES`.
fn config() -> ProptestConfig {
    let given = ProptestConfig::default();
    ProptestConfig { cases: (given.cases / 8).max(16), failure_persistence: None, ..given }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_policy_laid_out_anyhow_means_the_same_once_laid_out(
        which in 0..TEXTS.len(), numbers in prop::collection::vec(any::<u8>(), 251),
    ) {
        let text = TEXTS.get(which).unwrap();
        let anyhow = untidy(text, &numbers);
        let same = meaning(text).unwrap() == meaning(&anyhow).unwrap_or_else(|found| panic!("{found}\n{anyhow}"));
        prop_assert!(same, "other spaces are another meaning:\n{}", anyhow);
        settles(&anyhow)?;
    }

    #[test]
    fn any_period_means_the_same_once_laid_out(
        phrases in prop::collection::vec(phrase(), 1..8), numbers in prop::collection::vec(any::<u8>(), 251),
    ) {
        // What cannot stand (a cap without an event of its own) is refused one by one.
        let stands = |phrase: &&String| meaning(&with(std::slice::from_ref(*phrase))).is_ok();
        let phrases: Vec<String> = phrases.iter().filter(stands).cloned().collect();
        prop_assume!(!phrases.is_empty());
        let broken: Vec<String> = phrases.iter().map(|phrase| phrase.replace(", ", ",\n ")).collect();
        let text = untidy(&with(&broken), &numbers);
        settles(&text)?;
    }
}
