//! A labelled set: passages of the sorts five organisations write, with casts of known people, and how many of the
//! places that speak of others are found. The figures stand in `docs/redaction.md`; this test writes and holds them.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test says what is wrong by failing"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::ops::Range;

use custody::id::PersonId;
use store::mention::find::candidates;
use store::mention::{Index, Known, What, find, pattern};
use store::normal;

/// How many casts each passage is played with.
const CASTS: usize = 16;
const PEOPLE: &str = include_str!("people.txt");
const PASSAGES: &str = include_str!("passages.txt");
const FIGURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/redaction.md");

struct Somebody {
    name: String,
    nick: Option<String>,
    email: String,
    phone: String,
    address: String,
}

fn everybody() -> Vec<Somebody> {
    let lines = PEOPLE.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines
        .map(|line| {
            let [name, nick, email, phone, address] = line.split('|').map(str::trim).collect::<Vec<_>>()[..]
            else {
                panic!("{line}")
            };
            Somebody {
                name: name.into(),
                nick: (!nick.is_empty()).then(|| nick.into()),
                email: email.into(),
                phone: phone.into(),
                address: address.into(),
            }
        })
        .collect()
}

impl Somebody {
    fn first(&self) -> &str {
        self.name.split(' ').next().unwrap()
    }
    fn last(&self) -> &str {
        self.name.split_once(' ').unwrap().1
    }
    fn letters(&self) -> Vec<char> {
        self.name.split(' ').filter_map(|part| part.chars().next()?.to_uppercase().next()).collect()
    }
    /// The initials without accents, as they are compared.
    fn bare(&self) -> String {
        self.letters().iter().map(|c| normal::name(&c.to_string())).collect()
    }
    fn known(&self) -> Known {
        Known {
            names: std::iter::once(&self.name).chain(&self.nick).map(|name| normal::name(name)).collect(),
            reached: vec![normal::email(&self.email).unwrap(), normal::phone(&self.phone).unwrap()],
            addresses: vec![normal::name(&self.address)],
            distant: false,
        }
    }
    /// How a part of this person is written, and which kind of identifier that is.
    fn written(&self, how: &str, number: usize) -> (String, &'static str) {
        let (first, last) = (self.first(), self.last());
        let initial = |text: &str| text.chars().next().unwrap().to_string();
        match how {
            "" => (self.name.clone(), "name"),
            "first" => (first.into(), "first name"),
            "last" => (last.into(), "surname"),
            "init" => (self.letters().iter().map(|c| format!("{c}.")).collect(), "initials"),
            "ini" => (self.letters().iter().collect(), "initials"),
            "rev" => (format!("{last}, {first}"), "name"),
            "nick" => (self.nick.clone().unwrap_or_else(|| first.into()), "nickname"),
            "caps" => (self.name.to_uppercase(), "name"),
            "lower" => (self.name.to_lowercase(), "name"),
            "ilast" => (format!("{}. {last}", initial(first)), "name"),
            "irev" => (format!("{last}, {}.", initial(first)), "name"),
            "apart" => {
                let apart = |word: &str| word.chars().map(String::from).collect::<Vec<_>>().join(" ");
                (self.name.split(' ').map(apart).collect::<Vec<_>>().join("   "), "name")
            }
            "firsti" => (format!("{first} {}", initial(last)), "name"),
            "broken"
                if number.is_multiple_of(2)
                    || last.chars().count() < 5
                    || last.contains(['\'', ' ', '-']) =>
            {
                (format!("{first}\n{last}"), "name")
            }
            "broken" => {
                let at = last.char_indices().nth(2).unwrap().0;
                (format!("{first} {}-\n{}", &last[..at], &last[at..]), "name")
            }
            "mid" => (format!("{first} J. {last}"), "name"),
            "midbare" => (format!("{first} J {last}"), "name"),
            "mids" => (format!("{first} J. K. {last}"), "name"),
            "plain" => (
                self.name
                    .chars()
                    .map(|c| {
                        normal::name(&c.to_string()).chars().next().map_or(c, |plain| {
                            if c.is_uppercase() { plain.to_ascii_uppercase() } else { plain }
                        })
                    })
                    .map(|c| if c == '\0' { ' ' } else { c })
                    .collect(),
                "name",
            ),
            "email" => (self.email.clone(), "e-mail"),
            "phone" => (self.phone.clone(), "telephone"),
            "other" => {
                let whole = normal::phone(&self.phone).unwrap();
                let spelled = match (whole.strip_prefix("+44"), number % 3) {
                    (Some(rest), 0) => format!("+44 (0){} {}", &rest[..4], &rest[4..]),
                    (Some(rest), 1) => format!("0044 {rest}"),
                    (Some(rest), _) => format!("0{}-{}-{}", &rest[..4], &rest[4..7], &rest[7..]),
                    (None, 0) => whole.replacen('+', "00", 1),
                    (None, _) => whole,
                };
                (spelled, "telephone")
            }
            "addr" => (self.address.clone(), "address"),
            how => panic!("no such way: {how}"),
        }
    }
}

/// Things of nobody known, made with right check sums.
fn nobodys(kind: &str, number: usize) -> (String, &'static str) {
    let pick = |some: &[&str]| some[number % some.len()].to_owned();
    match kind {
        "email" => (
            pick(&[
                "accounts@westbridge.example",
                "j.unknown+news@post.example",
                "Info@Some-Where.example",
                "x_y@sub.mail.example",
            ]),
            "e-mail pattern",
        ),
        "phone" => (
            pick(&[
                "01632 960777",
                "(020) 7946 0018",
                "07700-900-001",
                "0808 157 0192",
                "+44 1632 960 444",
                "0161 4960999",
            ]),
            "UK telephone",
        ),
        "intl" => (
            pick(&[
                "+48 12 345 67 89",
                "+1 (202) 555-0143",
                "+353 1 555 0117",
                "0033 1 70 18 00 99",
                "+49 30 123456",
            ]),
            "international telephone",
        ),
        "iban" => (
            pick(&[
                "GB29 NWBK 6016 1331 9268 19",
                "DE89370400440532013000",
                "FR14 2004 1010 0505 0001 3M02 606",
                "NL91 ABNA 0417 1643 00",
                "IE29 AIBK 9311 5212 3456 78",
            ]),
            "IBAN",
        ),
        "card" => (
            pick(&[
                "4111 1111 1111 1111",
                "5555-5555-5555-4444",
                "378282246310005",
                "6011000990139424",
                "4012 8888 8888 1881",
            ]),
            "card",
        ),
        "nino" => (
            pick(&["QQ123456C", "AB 12 34 56 D", "JK 987654 A", "CE123456B", "ab123456c"])
                .replace("QQ", "SR"),
            "National Insurance",
        ),
        "nhs" => (pick(&["943 476 5919", "4010232137", "987 654 4322", "450-557-7104"]), "NHS number"),
        "pc" => (pick(&["SW1A 1AA", "M1 1AE", "B33 8TH", "CR2 6XH", "dn55 1pt", "EC1A1BB"]), "postcode"),
        kind => panic!("no such kind: {kind}"),
    }
}

struct Label {
    span: Range<usize>,
    kind: &'static str,
    /// Who; nobody where it is a pattern or a name of nobody known.
    who: Option<PersonId>,
}

/// A passage with its cast: the text, its labels, and who may be meant.
fn played(
    passage: &str,
    cast: &BTreeMap<char, usize>,
    people: &[Somebody],
    turn: usize,
) -> (String, Vec<Label>) {
    let (mut text, mut labels, mut rest, mut number) = (String::new(), Vec::new(), passage, turn);
    while let Some((before, from)) = rest.split_once('{') {
        text.push_str(before);
        let (inside, after) = from.split_once('}').unwrap();
        let start = text.len();
        let (said, kind, who) = if let Some(name) = inside.strip_prefix("u|") {
            (name.to_owned(), "name of nobody known", None)
        } else {
            let (whom, how) = inside.split_once('.').unwrap_or((inside, ""));
            let whom = whom.chars().next().unwrap();
            if whom == 'x' {
                let (said, kind) = nobodys(how, number);
                (said, kind, None)
            } else {
                let (said, kind) = people[cast[&whom]].written(how, number);
                (said, kind, (whom != 'R').then(|| id(cast[&whom])))
            }
        };
        let end_of_sentence = said.ends_with('.') && after.starts_with('.');
        text.push_str(&said);
        let own = inside.starts_with('R');
        if !own {
            labels.push(Label { span: start..text.len(), kind, who });
        }
        rest = if end_of_sentence { &after[1..] } else { after };
        number += 1;
    }
    text.push_str(rest);
    (text, labels)
}

fn id(place: usize) -> PersonId {
    PersonId(i64::try_from(place).unwrap() + 1)
}

#[derive(Default, Clone)]
struct Count {
    labels: usize,
    found: usize,
}

#[test]
fn what_is_labelled_is_found() {
    let people = everybody();
    let by_name: BTreeMap<String, usize> =
        people.iter().enumerate().map(|(place, one)| (normal::name(&one.name), place)).collect();
    let passages: Vec<&str> =
        PASSAGES.split("\n== ").skip(1).map(|one| one.split_once('\n').unwrap().1).collect();
    let (mut counts, mut missed): (BTreeMap<&str, Count>, Vec<String>) = <_>::default();
    let (mut texts, mut spans, mut right, mut wrong) = (0, 0, 0, Vec::new());
    for (which, passage) in passages.iter().enumerate() {
        for turn in 0..CASTS {
            let start = which * 7 + turn * 5;
            let cast: BTreeMap<char, usize> = ['R', 'A', 'B', 'C', 'D']
                .into_iter()
                .enumerate()
                .map(|(step, who)| (who, (start + step * (3 + turn)) % people.len()))
                .collect();
            if cast.values().collect::<BTreeSet<_>>().len() < 5 || initials_meet(&cast, &people) {
                continue;
            }
            let (text, labels) = played(passage, &cast, &people, which + turn);
            // Those who have to do with whoever asks, and everybody else whose name or address the text has.
            let mut meant: BTreeSet<usize> = ['A', 'B', 'C'].iter().map(|who| cast[who]).collect();
            meant.extend(candidates(&text).iter().filter_map(|name| by_name.get(name)));
            let reached: BTreeSet<String> =
                pattern::formed(&text).into_iter().map(|one| one.normal).collect();
            meant.extend(
                (0..people.len()).filter(|place| {
                    people[*place].known().reached.iter().any(|value| reached.contains(value))
                }),
            );
            meant.remove(&cast[&'R']);
            let mut others: BTreeMap<PersonId, Known> =
                meant.iter().map(|place| (id(*place), people[*place].known())).collect();
            // By an initial and a surname alone nobody is meant by more than that.
            let mut asked = find::Asked::default();
            asked.text(&text);
            for place in (0..people.len()).filter(|place| !meant.contains(place) && *place != cast[&'R']) {
                let name = normal::name(&people[place].name);
                let mut begun = asked.begun.iter();
                if begun.any(|(initial, surname)| {
                    name.starts_with(*initial) && name.ends_with(&format!(" {surname}"))
                }) {
                    others.insert(id(place), Known { distant: true, ..people[place].known() });
                }
            }
            let found = find(&text, &Index::new(&people[cast[&'R']].known(), &others));
            texts += 1;
            for label in &labels {
                let count = counts.entry(label.kind).or_default();
                count.labels += 1;
                let covered = (label.span.clone()).filter(|at| text.is_char_boundary(*at)).all(|at| {
                    let c = text[at..].chars().next().unwrap();
                    !c.is_alphanumeric() || found.iter().any(|one| one.span.contains(&at))
                });
                let whose = found.iter().filter(|one| pattern::overlap(&one.span, &label.span)).all(|one| {
                    match (&one.what, label.who) {
                        (What::People(people), Some(who)) => people.contains(&who),
                        (_, Some(_)) => false,
                        _ => true,
                    }
                });
                if covered && whose {
                    count.found += 1;
                } else {
                    missed.push(format!("{}: {:?} in {text:?}", label.kind, &text[label.span.clone()]));
                }
            }
            for one in &found {
                spans += 1;
                if labels.iter().any(|label| pattern::overlap(&label.span, &one.span)) {
                    right += 1;
                } else {
                    wrong.push(format!("{:?} as {:?} in {text:?}", &text[one.span.clone()], one.what));
                }
            }
        }
    }
    let known = ["name", "first name", "surname", "initials", "nickname", "e-mail", "telephone", "address"];
    let patterns = [
        "e-mail pattern",
        "UK telephone",
        "international telephone",
        "IBAN",
        "card",
        "National Insurance",
        "NHS number",
        "postcode",
    ];
    let figures = table(&counts, &known, &patterns, texts, (spans, right));
    eprintln!("{figures}");
    let show = |some: &[String]| some.iter().take(25).map(|one| format!("  {one}\n")).collect::<String>();
    if std::env::var_os("PROBITY_LABELLED").is_some() {
        eprintln!("missed {}:\n{}wrong {}:\n{}", missed.len(), show(&missed), wrong.len(), show(&wrong));
    }
    for (kinds, least) in [(&known[..], 0.99), (&patterns[..], 0.98)] {
        let all = sum(&counts, kinds);
        assert!(all.labels > 200, "too few labels");
        assert!(ratio(all.found, all.labels) >= least, "{} of {}: {}", all.found, all.labels, show(&missed));
    }
    for kind in known.iter().chain(&patterns) {
        let least = if known.contains(kind) { 0.99 } else { 0.98 };
        assert!(ratio(counts[kind].found, counts[kind].labels) >= least, "{kind}: {}", show(&missed));
    }
    assert!(ratio(right, spans) > 0.95, "too much is found that is not there: {}", show(&wrong));
    written_down(&figures);
}

/// Whether two of a cast share their first name, surname or initials, so that one could be told from another by nobody.
fn initials_meet(cast: &BTreeMap<char, usize>, people: &[Somebody]) -> bool {
    let all: Vec<String> = cast.values().map(|place| people[*place].bare()).collect();
    all.iter().collect::<BTreeSet<_>>().len() < all.len()
}

fn sum(counts: &BTreeMap<&str, Count>, kinds: &[&str]) -> Count {
    kinds.iter().filter_map(|kind| counts.get(kind)).fold(Count::default(), |all, one| Count {
        labels: all.labels + one.labels,
        found: all.found + one.found,
    })
}

#[expect(clippy::cast_precision_loss, reason = "a few thousand")]
fn ratio(some: usize, all: usize) -> f64 {
    some as f64 / all as f64
}

fn table(
    counts: &BTreeMap<&str, Count>,
    known: &[&str],
    patterns: &[&str],
    texts: usize,
    (spans, right): (usize, usize),
) -> String {
    let mut out = String::from("| what | labels | found | recall |\n|---|---|---|---|\n");
    let mut row = |name: &str, count: &Count| {
        let _ = writeln!(
            out,
            "| {name} | {} | {} | {:.1}% |",
            count.labels,
            count.found,
            ratio(count.found, count.labels) * 100.0
        );
    };
    for kind in known {
        row(kind, &counts[kind]);
    }
    row("**known people, together**", &sum(counts, known));
    for kind in patterns {
        row(kind, &counts[kind]);
    }
    row("**patterns, together**", &sum(counts, patterns));
    row("name of nobody known (a suggestion)", &counts["name of nobody known"]);
    let _ = writeln!(
        out,
        "\n{texts} texts. Of {spans} places found, {right} are labelled: a precision of {:.1}%.",
        ratio(right, spans) * 100.0
    );
    out
}

/// Holds the page to these figures; with `PROBITY_WRITE_FIGURES` it writes them there.
fn written_down(figures: &str) {
    const MARKS: (&str, &str) = ("<!-- figures -->\n", "<!-- end -->");
    let page = std::fs::read_to_string(FIGURES).unwrap();
    let (before, rest) = page.split_once(MARKS.0).unwrap();
    let (there, after) = rest.split_once(MARKS.1).unwrap();
    if std::env::var_os("PROBITY_WRITE_FIGURES").is_some() {
        std::fs::write(FIGURES, format!("{before}{}{figures}{}{after}", MARKS.0, MARKS.1)).unwrap();
    } else {
        assert_eq!(
            there, figures,
            "docs/redaction.md is of other figures: run this with PROBITY_WRITE_FIGURES=1"
        );
    }
}
