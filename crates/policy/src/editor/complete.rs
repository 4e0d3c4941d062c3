//! What may be typed at a place: statements of the section, declared names, the words the language knows.

use std::collections::BTreeSet;

use super::keywords::keyword;
use super::names::{Declared, declared};
use crate::activity::Purpose;
use crate::check::codes;
use crate::condition::CONDITIONS;
use crate::kind::RECORDS;
use crate::lex::lex;
use crate::parse::statements::{OPENERS, clauses_of};
use crate::periods::Own;
use crate::phrase::PERSON_EVENTS;
use crate::role::Deed;
use crate::source::File;

/// What a completion is, for the sign an editor shows beside it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sort {
    /// A statement's keyword.
    Statement,
    /// A name the policy declares.
    Name,
    /// A word the language knows.
    Word,
}

/// One thing that may stand at a place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Completion {
    /// What is put in.
    pub label: String,
    /// A few words about it.
    pub detail: String,
    /// What it is.
    pub sort: Sort,
    /// The first byte of what it takes the place of; the last is the cursor's.
    pub from: usize,
}

/// The bases, as a policy writes them.
const BASES: &[(&str, &str)] = &[
    ("consent, opt-in", "UK GDPR Art 6(1)(a)"),
    ("consent, opt-in, confirmed by e-mail within 7 days", "UK GDPR Art 6(1)(a), 7(1)"),
    ("consent, explicit", "UK GDPR Art 6(1)(a), 9(2)(a)"),
    ("consent, signed on", "UK GDPR Art 6(1)(a)"),
    ("contract", "UK GDPR Art 6(1)(b)"),
    ("contract, at the person's request", "UK GDPR Art 6(1)(b)"),
    ("legal obligation, under \"", "UK GDPR Art 6(1)(c)"),
    ("vital interests", "UK GDPR Art 6(1)(d)"),
    ("public task, under \"", "UK GDPR Art 6(1)(e)"),
    ("recognised interest, \"", "UK GDPR Art 6(1)(ea)"),
    ("legitimate interests, assessed in \"", "UK GDPR Art 6(1)(f)"),
    ("legitimate interests, soft opt-in of customers, assessed in \"", "PECR 2003 reg 22(3)"),
];

/// Words after which something else is named than before.
const JOINTS: &[&str] = &[
    "with", "by", "for", "in", "after", "until", "while", "to", "of", "under", "and", "or", "last", "first",
];

/// What may be typed at a byte of a file.
#[must_use]
pub fn complete(files: &[File], file: u16, byte: usize) -> Vec<Completion> {
    let Some(text) = files.get(usize::from(file)).map(|file| file.text.as_str()) else { return Vec::new() };
    let Some(before) = text.get(..byte) else { return Vec::new() };
    let Some(place) = Place::of(before) else { return Vec::new() };
    let names = declared(files);
    let mut options = Vec::new();
    match place.keyword {
        None => statements(&place, &mut options),
        Some(keyword) => words(keyword, &place, &names, &mut options),
    }
    let wanted = place.typed.to_lowercase();
    let mut seen = BTreeSet::new();
    options
        .into_iter()
        .filter(|(label, ..)| label.to_lowercase().starts_with(&wanted) && seen.insert(label.clone()))
        .map(|(label, detail, sort)| Completion { label, detail, sort, from: byte - place.typed.len() })
        .collect()
}

type Choice = (String, String, Sort);

/// What stands before the cursor.
struct Place<'a> {
    /// The statement that opened the section.
    section: Option<&'static str>,
    /// The statement the cursor is in; `None` at its beginning.
    keyword: Option<&'static str>,
    /// The last word that joins, before what is being typed: `with`.
    joint: &'a str,
    /// What is being typed, from the last separator or joining word on.
    typed: &'a str,
}

impl<'a> Place<'a> {
    /// `None` inside a text or a comment, where nothing is known.
    fn of(before: &'a str) -> Option<Self> {
        let (lines, _) = lex(0, before);
        let last = lines.last().cloned().unwrap_or_default();
        let fresh = before.is_empty() || before.ends_with('\n');
        if !fresh && (last.comment.is_some() || open_text(before)) {
            return None;
        }
        let (tree, _) = crate::parse::parse(0, before);
        let section = crate::parse::sections(&tree).last().map(|(head, _)| head.keyword);
        let line = before.get(before.rfind('\n').map_or(0, |at| at + 1)..).unwrap_or_default();
        let goes_on = |item: &crate::syntax::Item| match item {
            crate::syntax::Item::Statement(statement) => {
                Some((statement.keyword, statement.span(), statement.goes_on()))
            }
            _ => None,
        };
        let statement = tree.items.last().and_then(goes_on);
        let start = before.len() - line.len();
        let keyword = match statement {
            // The keyword itself is still being typed until something stands behind it.
            Some((keyword, span, _)) if span.end as usize > start && !line.trim_start().eq(keyword) => {
                Some(keyword)
            }
            Some((keyword, _, true)) => Some(keyword),
            _ => None,
        };
        let Some(keyword) = keyword else {
            return Some(Self { section, keyword: None, joint: "", typed: line.trim_start() });
        };
        let body = line.trim_start();
        let body = body.strip_prefix(keyword).unwrap_or(body);
        let after =
            body.rfind([',', ';', ':', '"']).map_or(body, |at| body.get(at + 1..).unwrap_or_default());
        let mut typed = after.trim_start();
        let mut joint = "";
        let mut at = 0;
        for word in after.split_inclusive(char::is_whitespace) {
            at += word.len();
            if word.len() > word.trim_end().len() && JOINTS.contains(&word.trim_end()) {
                joint = word.trim_end();
                typed = after.get(at..).unwrap_or_default().trim_start();
            }
        }
        Some(Self { section, keyword: Some(keyword), joint, typed })
    }
}

/// Whether a quoted text is still open at the end.
fn open_text(before: &str) -> bool {
    let line = before.rfind("\n\n").map_or(before, |at| before.get(at..).unwrap_or_default());
    let mut open = false;
    let mut comment = false;
    for letter in line.chars() {
        match letter {
            '\n' => comment = false,
            '#' if !open => comment = true,
            '"' if !comment => open = !open,
            _ => {}
        }
    }
    open
}

fn statements(place: &Place<'_>, options: &mut Vec<Choice>) {
    let clauses = place.section.map_or(&[][..], clauses_of);
    for word in clauses.iter().chain(OPENERS) {
        let detail = keyword(word).map_or_else(String::new, |(says, _)| says.to_owned());
        options.push(((*word).to_owned(), detail, Sort::Statement));
    }
}

fn words(keyword: &str, place: &Place<'_>, names: &[Declared], options: &mut Vec<Choice>) {
    let mut name = |whats: &[&str]| {
        for one in names.iter().filter(|one| whats.contains(&one.what)) {
            let detail = if one.words.is_empty() { one.what.to_owned() } else { one.words.clone() };
            options.push((one.name.clone(), detail, Sort::Name));
        }
    };
    const KINDS: &[&str] = &["item", "entry", "document"];
    match (keyword, place.joint) {
        ("for" | "files", "under") => name(&["activity"]),
        ("for", _) => name(&["category"]),
        ("files", _) => name(&["category"]),
        ("data" | "asks" | "keep", "") => name(KINDS),
        ("keep", _) => name(&["milestone", "category"]),
        ("share", "with") => {
            name(&["category", "recipient", "processor"]);
            let parts = names.iter().filter(|one| one.what == "part");
            options.extend(parts.map(|one| (format!("the {}", one.name), "part".to_owned(), Sort::Name)));
        }
        ("share", "until" | "after") => name(&["milestone"]),
        ("share", _) => name(KINDS),
        ("send", _) => name(&["channel"]),
        ("where", _) => name(&["processor"]),
        ("never", "to") => name(&["category"]),
        ("never", "after") => name(&["milestone"]),
        ("never", "while") => name(&["work"]),
        ("may see", "of") => name(&["category"]),
        ("may see", _) => name(KINDS),
        ("processor", _) if place.typed.starts_with("holds") => {}
        ("processor", _) => name(KINDS),
        ("accept", "in") => {
            name(&["activity", "processor", "recipient", "channel", "work", "category", "role"])
        }
        ("incidents" | "attest", "by") => name(&["role"]),
        ("people", _) => name(&["category"]),
        ("basis", "on" | "with") => name(&["document"]),
        _ => {}
    }
    let fixed: &[(&str, &str)] = match (keyword, place.joint) {
        ("basis", "") => BASES,
        ("for", "") => &[("everyone", "housekeeping that concerns everybody")],
        ("then", _) => {
            &[("erase", ""), ("anonymise", ""), ("return, then erase", ""), ("deliver, then erase", "")]
        }
        ("law", _) => &[("uk, england-wales", ""), ("uk, scotland", ""), ("uk, northern-ireland", "")],
        ("by", _) => &[
            ("email, one to one", ""),
            ("email, to many at once", ""),
            ("phone", ""),
            ("text", ""),
            ("post", ""),
        ],
        ("screen", _) => &[("tps", "people"), ("ctps", "companies"), ("our own list", "")],
        ("never", "") => &[
            ("send marketing to", ""),
            ("send anything to", ""),
            ("share anything for", ""),
            ("share outside", ""),
        ],
        ("call", _) => &[("after screening", "")],
        ("answer", _) => &[("without delay", ""), ("at most the law's month", "UK GDPR Art 12A")],
        _ => &[],
    };
    options
        .extend(fixed.iter().map(|(label, detail)| ((*label).to_owned(), (*detail).to_owned(), Sort::Word)));
    if let Some(own) = Own::named(keyword).filter(|_| place.joint.is_empty()) {
        options.push((own.example(), String::new(), Sort::Word));
    }
    match (keyword, place.joint) {
        ("purpose", _) => options.extend(
            Purpose::ALL
                .iter()
                .map(|(_, name)| ((*name).to_owned(), format!("https://w3id.org/dpv#{name}"), Sort::Word)),
        ),
        ("condition", _) => options.extend(CONDITIONS.iter().map(|known| {
            let law = known.special.or(known.criminal).unwrap_or_default();
            (known.words.to_owned(), law.to_owned(), Sort::Word)
        })),
        ("may do", _) => {
            options.push(("everything".to_owned(), String::new(), Sort::Word));
            options
                .extend(Deed::ALL.iter().map(|(_, words)| ((*words).to_owned(), String::new(), Sort::Word)));
        }
        ("accept", "") => options.extend(
            codes()
                .filter(|code| code.acceptable)
                .map(|code| (code.code.to_owned(), code.title.to_owned(), Sort::Word)),
        ),
        ("keep", "") => {
            for words in ["until", "while", "the earlier of", "the later of", "indefinitely, review every"] {
                options.push((words.to_owned(), String::new(), Sort::Word));
            }
        }
        ("keep", _) => options.extend(
            PERSON_EVENTS.iter().map(|(event, says)| ((*event).to_owned(), (*says).to_owned(), Sort::Word)),
        ),
        _ => {}
    }
    if matches!((keyword, place.joint), ("data" | "keep" | "may see", "") | ("share", "")) {
        let records = RECORDS.iter();
        options.extend(records.map(|(record, says)| ((*record).to_owned(), (*says).to_owned(), Sort::Name)));
    }
}
