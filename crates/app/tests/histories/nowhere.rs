//! Whoever goes is found nowhere, whichever way they went: by the act that erases them or by the night that takes the last of
//! them. In no text of any table, in no file, and in no list that was kept to undo its import, though they were written to, a
//! mailing to them is being drafted, their copy was made and waits to be fetched.

use app::acts::entry::NewNote;
use app::acts::request::{Outcome, Who};
use app::acts::{delivery, entry, mailing, request};
use custody::id::PersonId;
use jiff::civil::{Date, date};
use store::entry::Direction;
use store::message::{NewMessage, Sort};
use store::schema::{self, Form};

use crate::FORMS;
use crate::house::{House, On, read, server};
use crate::lying;
use crate::who_wins::{erased, held, imported, nights, opened, post};

const TODAY: Date = date(2026, 12, 1);

/// What nobody else is called, and stands in everything of theirs.
const WORD: &str = "quixworth";

/// Somebody is answered by e-mail.
fn written_to(house: &House, who: PersonId, address: &str, body: &str) {
    let new = NewMessage {
        person: Some(who),
        mailing: None,
        sort: Sort::Rights,
        activity: None,
        channel: "email",
        address,
        subject: "What you asked",
        body,
        html: None,
        token: None,
        not_before: None,
        request: None,
        by: None,
    };
    house
        .act(|acting, tx| {
            store::message::queue(tx, &new, acting.today, acting.now)?;
            acting.settle(tx, who)?;
            Ok(())
        })
        .unwrap();
}

/// Zebedee Quixworth came in a list with somebody else, rang, was written to, asked for a copy, and waits to fetch it.
fn zebedee(house: &House) -> PersonId {
    let list = b"Name,Email,Phone\r\nZebedee Quixworth,zebedee@quixworth.example,01632 960777\r\nTom Oak,tom@oak.example,01632 960778\r\n";
    imported(house, "offers", "follower", list);
    let who = house.read(|tx| store::item::having(tx, "email", "zebedee@quixworth.example"))[0];
    house
        .act(|acting, tx| {
            let new = NewNote {
                kind: "enquiry".to_owned(),
                body: "Zebedee Quixworth rang (01632 960777) and asked what we do.".to_owned(),
                on: acting.today,
                direction: Some(Direction::In),
                engagement: None,
            };
            entry::add(acting, tx, who, &new)
        })
        .unwrap();
    written_to(house, who, "zebedee@quixworth.example", "Dear Zebedee Quixworth, this is what we do.");
    let tom = house.read(|tx| store::item::having(tx, "email", "tom@oak.example"))[0];
    written_to(house, tom, "tom@oak.example", "Dear Tom Oak, this is what we do.");
    assert_eq!(post(house), ["sent", "sent"]);
    house.act(|acting, tx| mailing::begin(acting, tx, "offers")).unwrap();
    let asked = opened(house, "access", Who::Held(who));
    let pack = house.act(|acting, tx| app::web::requests::one::pack::copied(acting, tx, asked)).unwrap();
    assert!(pack.to_json().unwrap().to_lowercase().contains(WORD));
    house
        .act(|acting, tx| {
            request::noted(acting, tx, asked, "identity known", "We know the caller")?;
            request::noted(acting, tx, asked, "pack made", "")
        })
        .unwrap();
    // Nobody has fetched it yet when they go.
    let offered = house.act(|acting, tx| delivery::offer(acting, tx, asked));
    house
        .act(|acting, tx| request::answer(acting, tx, asked, Outcome::Done, ("by the link", acting.today)))
        .unwrap();
    if let Err(fault) = offered {
        eprintln!("no link: {fault}");
    }
    who
}

/// Where a word stands, in any text of any table.
fn stands(house: &House, word: &str) -> Vec<String> {
    house.read(|tx| {
        let mut found = Vec::new();
        for table in schema::tables() {
            for column in table.columns.iter().filter(|column| column.form == Form::Text) {
                tx.each(&format!("SELECT {} FROM {}", column.name, table.name), &[], |row| {
                    if row.opt_str(0)?.is_some_and(|text| text.contains(word)) {
                        found.push(format!("{}.{}", table.name, column.name));
                    }
                    Ok::<_, store::Error>(())
                })?;
            }
        }
        Ok(found)
    })
}

/// Every file there is, by its name: of documents, and of lists that came in.
fn files(house: &House) -> Vec<String> {
    let folders = std::fs::read_dir(house.instance.store.data().join("files")).into_iter().flatten();
    let within = folders.flat_map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap());
    within.map(|file| file.unwrap().file_name().to_string_lossy().into_owned()).collect()
}

fn is_gone(house: &House, who: PersonId) {
    let stays = "SELECT rule, awaiting, due_on FROM ground WHERE person_id = ?1 AND state = 'active'";
    let stays = house.read(|tx| {
        tx.all(stays, &[who.0.into()], |row| Ok((row.text(0)?, row.opt_text(1)?, row.opt_date(2)?)))
    });
    assert!(!held(house, who), "{stays:?}");
    for word in [WORD, "Quixworth", "Zebedee", "960777"] {
        assert_eq!(stands(house, word), [] as [String; 0], "{word}");
    }
    let list = "SELECT COUNT(*) FROM import_batch WHERE file IS NOT NULL";
    assert_eq!(house.read(|tx| tx.count(list, &[])), 0, "the list said all of it");
    assert_eq!(files(house), [] as [String; 0], "and its bytes have gone with its row");
    assert!(!stands(house, "tom@oak.example").is_empty(), "somebody else's went too");
    // Nor in any byte: of free pages, of the write-ahead log, of what lies beside the database, of a table nobody declared.
    app::acts::backup::forget(&house.instance).unwrap();
    app::acts::residue::clear(&house.instance).unwrap();
    let lies = |word: &str| {
        let all = lying::everything(&house.instance.store);
        let has =
            all.into_iter().filter(|(_, bytes)| lying::holds(&bytes.to_ascii_lowercase(), word.as_bytes()));
        has.map(|(place, _)| place).collect::<Vec<_>>()
    };
    for word in [WORD, "zebedee", "960777"] {
        assert_eq!(lies(word), [] as [String; 0], "{word}");
    }
    assert!(!lies("tom@oak.example").is_empty(), "what is looked for is found while it is there");
}

/// Years go by in which Tom is heard of again and again.
fn years(house: &House, until: i16) {
    let tom = house.read(|tx| store::item::having(tx, "email", "tom@oak.example"))[0];
    for year in 2027..=until {
        nights(house, date(year, 6, 1));
        house
            .act(|acting, tx| {
                let new = NewNote {
                    kind: "enquiry".to_owned(),
                    body: "Still interested.".to_owned(),
                    on: acting.today,
                    direction: Some(Direction::In),
                    engagement: None,
                };
                entry::add(acting, tx, tom, &new)
            })
            .unwrap();
    }
}

fn by_the_act(house: &House) {
    let who = zebedee(house);
    let there = stands(house, WORD);
    assert!(there.len() > 4, "{there:?}");
    let gone = erased(house, who);
    app::acts::request::remove_files(&house.instance, &gone.done.bytes);
    // What a law has us keep is a record of what was done, and has its own few years.
    let left = stands(house, WORD);
    let records = ["message.", "request."];
    assert!(left.iter().all(|place| records.iter().any(|of| place.starts_with(of))), "{left:?}");
    years(house, 2031);
    is_gone(house, who);
}

fn by_the_night(house: &House) {
    let who = zebedee(house);
    years(house, 2034);
    is_gone(house, who);
}

macro_rules! both {
    ($($test:ident: $of:ident),* $(,)?) => {$(
        mod $test {
            use super::*;

            #[test]
            fn sqlite() {
                $of(&House::new(read("forms.policy", FORMS), TODAY, On::Sqlite));
            }

            #[test]
            fn postgres() {
                match server() {
                    Some(_) => $of(&House::new(read("forms.policy", FORMS), TODAY, On::Postgres)),
                    None => eprintln!("skipped: PROBITY_TEST_POSTGRES names no database"),
                }
            }
        }
    )*};
}

both! {
    whoever_is_erased_is_found_nowhere: by_the_act,
    whoever_the_night_takes_is_found_nowhere: by_the_night,
}
