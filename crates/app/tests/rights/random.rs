//! Whatever is in a copy, and whatever is taken out of it: no character of it leaves. Random documents of every sort with
//! people written in them in every way, random decisions, and the whole pack in both of its forms, opened by us and by
//! others. `PROBITY_RANDOM_PACKS` says how many.

use app::acts::person::NewPerson;
use app::acts::redaction;
use app::acts::request::Who;
use app::acts::{self};
use app::print::archive;
use app::web::requests::one::pack::ready;
use custody::id::PersonId;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use store::dialect::Dialect;
use store::mention::What;

use super::finding::workbook;
use super::house::{House, on_both};
use super::redaction::{file, given, note, read, reader};

/// People whose names are no other words, so that whatever is left of one is a fault.
const PEOPLE: [(&str, &str, &str); 5] = [
    ("Zubeida", "Quenthorpe", "01632 960301"),
    ("Kamalika", "Zellwick", "01632 960302"),
    ("Tobiasz", "Marrowdale", "01632 960303"),
    ("Wrenna", "Hollisbane", "01632 960304"),
    ("Odettina", "Farquay", "01632 960305"),
];

const FILLER: [&str; 6] = [
    "was at the meeting and agreed",
    "asked whether the room was free",
    "will send the minutes by Friday",
    "had nothing to add to it",
    "is to be asked before the form is signed",
    "left at four",
];

fn email(who: usize) -> String {
    let (first, last, _) = PEOPLE[who];
    format!("{}.{}@brightwell.example", first.to_lowercase(), last.to_lowercase())
}

/// A sentence in which somebody is written in one of many ways.
fn sentence((who, how, filler): (usize, usize, usize)) -> String {
    let (first, last, phone) = PEOPLE[who];
    let initial = first.chars().next().unwrap();
    let apart = |word: &str| word.chars().map(String::from).collect::<Vec<_>>().join(" ");
    let said = match how {
        0 => format!("{first} {last}"),
        1 => format!("{last}, {first}"),
        2 => format!("{initial}. {last}"),
        3 => email(who),
        4 => format!("{first} (on {phone})"),
        5 => first.to_owned(),
        6 => format!("{}  {}", apart(first), apart(last)),
        7 => format!("{} {}", first.to_uppercase(), last.to_uppercase()),
        8 => format!("Ms {last}"),
        _ => format!("{first} M. {last}"),
    };
    format!("{said} {}.", FILLER[filler])
}

/// A document: of which sort, what it says, and who is hidden beside its text.
type Paper = (usize, Vec<(usize, usize, usize)>, usize);

fn papers() -> impl Strategy<Value = (Vec<Paper>, Vec<bool>)> {
    let line = (0..PEOPLE.len(), 0..10_usize, 0..FILLER.len());
    let paper = (0..6_usize, prop::collection::vec(line, 1..5), 0..PEOPLE.len());
    (prop::collection::vec(paper, 1..5), prop::collection::vec(any::<bool>(), PEOPLE.len()))
}

fn word(lines: &[String], author: &str) -> Vec<u8> {
    let paragraph = |line: &String| {
        // A word processor parts words where it likes.
        let (one, other) = line.split_at(line.char_indices().nth(line.chars().count() / 3).unwrap().0);
        format!("<w:p><w:r><w:t>{one}</w:t></w:r><w:r><w:t>{other}</w:t></w:r></w:p>")
    };
    let body: String = lines.iter().map(paragraph).collect();
    let members = [
        ("[Content_Types].xml", "<Types/>".to_owned()),
        (
            "word/document.xml",
            format!("<w:d xmlns:w=\"w\"><w:bookmarkStart w:name=\"{author}\"/>{body}</w:d>"),
        ),
        (
            "word/comments.xml",
            format!("<w:c xmlns:w=\"w\"><w:comment w:author=\"{author}\"><w:p/></w:comment></w:c>"),
        ),
        ("docProps/core.xml", format!("<p xmlns:dc=\"d\"><dc:creator>{author}</dc:creator></p>")),
    ];
    let members: Vec<(String, Vec<u8>)> =
        members.into_iter().map(|(name, text)| (name.to_owned(), text.into_bytes())).collect();
    archive::zip(&members).unwrap()
}

fn pdf(lines: &[String], author: &str) -> Vec<u8> {
    let shown: String =
        lines.iter().map(|line| format!("({}) Tj T* ", line.replace(['(', ')'], ""))).collect();
    super::redaction::pdf(&format!(") Tj 16 TL T* {shown} ("), author)
}

/// Puts a document into the copy of somebody.
fn put(house: &House, tara: PersonId, (sort, lines, hidden): &Paper, number: usize) {
    let lines: Vec<String> = lines.iter().copied().map(sentence).collect();
    let (text, author) = (lines.join("\n"), format!("{} {}", PEOPLE[*hidden].0, PEOPLE[*hidden].1));
    let title = format!("Paper {number}");
    match sort {
        0 => note(house, tara, &text),
        1 => {
            let mail = format!(
                "From: {author} <{}>\r\nTo: tara.quill@brightwell.example\r\nSubject: {}\r\nX-Sent-For: {author}\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n{}\r\n--b\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename=\"{author}.txt\"\r\n\r\n{}\r\n--b--\r\n",
                email(*hidden),
                lines[0],
                lines.join("\r\n"),
                lines[0]
            );
            file(house, tara, &title, "message/rfc822", mail.as_bytes());
        }
        2 => file(house, tara, &title, "text/plain; charset=utf-8", text.as_bytes()),
        3 => {
            let media = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
            file(house, tara, &title, media, &word(&lines, &author));
        }
        4 => file(house, tara, &title, "application/pdf", &pdf(&lines, &author)),
        _ => {
            let media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
            file(house, tara, &title, media, &workbook(&lines.join(" "), &author));
        }
    }
}

/// Everything that an archive says, to us and, of its PDFs, to `pdftotext`.
fn everything(pack: &[u8], files: &[(String, Vec<u8>)]) -> String {
    let looked = ::read::everything("pack.zip", pack);
    let mut all = [looked.shown, looked.beside].concat();
    for (name, bytes) in files.iter().filter(|(name, _)| name.ends_with(".pdf")) {
        all.push(::read::text(name, bytes).parts.into_iter().map(|part| part.text).collect());
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("some.pdf");
        std::fs::write(&path, bytes).unwrap();
        if let Ok(said) = std::process::Command::new("pdftotext").arg(&path).arg("-").output() {
            all.push(String::from_utf8_lossy(&said.stdout).into_owned());
        }
    }
    all.join("\n").to_lowercase()
}

/// One copy: what is in it, and of whom it is said that they are taken out.
fn leaves_nothing(house: &House, (papers, out): &(Vec<Paper>, Vec<bool>)) -> Result<(), TestCaseError> {
    let tara = house.tara();
    let all: Vec<String> = PEOPLE.iter().map(|(first, last, _)| format!("{first} {last}")).collect();
    note(house, tara, &format!("There were {}.", all.join(" and ")));
    for (number, paper) in papers.iter().enumerate() {
        put(house, tara, paper, number);
    }
    let asked = house.opened("access", Who::Held(tara));
    let desk = read(house, asked);
    let number = |person: &PersonId| {
        let name = house.read(|tx| {
            tx.one(
                "SELECT value FROM item WHERE kind = 'name' AND person_id = ?1",
                &[(*person).into()],
                |row| row.text(0),
            )
        });
        all.iter().position(|known| *known == name)
    };
    let goes = |what: &What| match what {
        What::People(people) => people.iter().filter_map(number).any(|who| out[who]),
        _ => false,
    };
    let marks = desk.review.groups.iter().map(|group| (group.mark, goes(&group.what)));
    let whole =
        desk.review.pieces.iter().filter(|piece| piece.whole.asked).map(|piece| (piece.whole.mark, false));
    for (mark, goes) in marks.chain(whole) {
        let given =
            if goes { given("remove", &mark, "others", "") } else { given("keep", &mark, "known", "") };
        let places = desk.review.places_of(&mark);
        house.act(|acting, tx| redaction::decide(acting, tx, asked, &given, &places)).unwrap();
    }
    let desk = read(house, asked);
    let released = redaction::released(&desk.gathered, &desk.readings, &desk.review, &reader())
        .map_err(|fault| TestCaseError::fail(format!("{fault:?}")))?;
    let files = tokio::runtime::Runtime::new().unwrap().block_on(ready(released, &reader(), 0));
    let files = files.map_err(|fault| TestCaseError::fail(format!("{fault:?}")))?;
    let said = everything(&archive::zip(&files).unwrap(), &files);
    for (who, (first, last, phone)) in PEOPLE.iter().enumerate() {
        let number = phone.replace(' ', "");
        let apart = |word: &str| word.to_lowercase().chars().map(String::from).collect::<Vec<_>>().join(" ");
        for part in [first.to_lowercase(), last.to_lowercase(), (*phone).to_owned(), number, apart(last)] {
            if out[who] {
                let near =
                    said.find(&part).map(|at| said.get(at.saturating_sub(60)..at + 60).map(str::to_owned));
                prop_assert!(near.is_none(), "{part} is in the pack: {near:?}");
            }
        }
        let whole = all[who].to_lowercase();
        prop_assert!(out[who] || said.contains(&whole), "{whole} was decided to stay");
    }
    Ok(())
}

#[test]
fn whatever_is_taken_out_of_whatever_is_in_it_is_in_no_byte_of_the_pack() {
    on_both(|house| {
        for (who, (first, last, phone)) in PEOPLE.iter().enumerate() {
            let values =
                [("name", format!("{first} {last}")), ("email", email(who)), ("phone", (*phone).to_owned())];
            let new = NewPerson {
                category: "organisation contact".into(),
                values: values.into_iter().map(|(kind, value)| (kind.to_owned(), value)).collect(),
                source: "their organisation".into(),
                ..NewPerson::default()
            };
            house.act(|acting, tx| acts::person::add(acting, tx, &new)).unwrap();
        }
        let many = std::env::var("PROBITY_RANDOM_PACKS").ok().and_then(|many| many.parse().ok()).unwrap_or(6);
        let config = Config { max_shrink_iters: 12, failure_persistence: None, ..Config::with_cases(many) };
        // What leaves a pack does not depend on where it came from: chances are taken on one database.
        if house.instance.store.dialect() == Dialect::Sqlite {
            TestRunner::new(config).run(&papers(), |given| leaves_nothing(house, &given)).unwrap();
        }
        // Each sort of document at least once, in every way of writing, with everybody taken out.
        let lines: Vec<(usize, usize, usize)> =
            (0..10).map(|how| (how % PEOPLE.len(), how, how % FILLER.len())).collect();
        let each: Vec<Paper> = (0..6).map(|sort| (sort, lines.clone(), sort % PEOPLE.len())).collect();
        leaves_nothing(house, &(each, vec![true; PEOPLE.len()])).unwrap();
    });
}
