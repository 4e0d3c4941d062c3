//! Finding whoever asks in what is held about others: by whole names, initials, short forms and words of one's own; who
//! may be them twice; and files of every sort that is put on file. And what they asked, by the reference they were told.

use std::path::Path;

use app::acts;
use app::acts::document::Upload;
use app::acts::elsewhere;
use app::acts::person::NewPerson;
use app::acts::request::Who;
use app::attachment::Reader;
use custody::id::PersonId;

use super::common::newcomer;
use super::doors;
use super::house::{House, TODAY, invalid, on_both};
use super::redaction::{bob, file, note, pdf, reader};

fn person(house: &House, name: &str, email: &str) -> PersonId {
    let new = NewPerson {
        offers: false,
        ..newcomer("organisation contact", "their organisation", &[("name", name), ("email", email)])
    };
    house.act(|acting, tx| acts::person::add(acting, tx, &new)).unwrap()
}

/// A line about two people: they have to do with each other.
fn together(house: &House, one: PersonId, other: PersonId) {
    house
        .act(|acting, tx| {
            let policy = &acting.policy;
            let new = store::entry::NewEntry {
                kind: policy.kind_named("contact record").unwrap().id,
                on: TODAY,
                direction: None,
                body: "A meeting.",
                source: "staff",
                import: None,
                people: &[(one, custody::coverage::Role::Subject), (other, custody::coverage::Role::Subject)],
                engagements: &[],
                author: None,
            };
            Ok(store::entry::add(tx, policy, &new, acting.now).map(drop)?)
        })
        .unwrap();
}

#[test]
fn initials_short_forms_and_words_of_ones_own_are_looked_for() {
    on_both(|house| {
        let tom = person(house, "Thomas Quill", "t.quill@brightwell.example");
        let near = person(house, "Wren Novak", "wren@brightwell.example");
        let far = person(house, "Odette Farquay", "odette@other.example");
        together(house, tom, near);
        for (who, body) in [
            (far, "Tommy Quill called about the room."),
            (far, "Quill, T. has the key."),
            (far, "T h o m a s   Q u i l l signed."),
            (near, "Asked T.Q. to come along."),
            (near, "Gave it to TQ yesterday."),
            (near, "Tommy was late."),
            (far, "Asked T.Q. to come along."),
            (far, "Tommy was late."),
            (far, "The lighthouse keeper came by."),
            (far, "Nobody else."),
        ] {
            note(house, who, body);
        }
        let asked = house.opened("access", Who::Held(tom));
        let look = |also: &str| house.act(|acting, tx| elsewhere::look(acting, tx, asked, also)).unwrap();
        let found = look("");
        assert_eq!((found.lines.len(), found.lines_perhaps.len()), (3, 3), "{found:?}");
        assert!(
            found.near.contains(&"TQ".to_owned()) && found.near.contains(&"tommy".to_owned()),
            "{found:?}"
        );
        // Words of one's own, and too short ones: nobody is looked for by two letters.
        let found = look("lighthouse keeper\nof\n");
        assert_eq!((found.lines.len(), found.also.as_slice()), (4, &["lighthouse keeper".to_owned()][..]));
        house.act(|acting, tx| elsewhere::record(acting, tx, asked, &found)).unwrap();
        let record = house.everything();
        let step = record.lines().find(|line| line.contains("words of our own: lighthouse keeper")).unwrap();
        assert!(step.contains("thomas quill") && step.contains("TQ"), "{step}");
        let many = house.act(|acting, tx| elsewhere::look(acting, tx, asked, &"a word\n".repeat(400)));
        assert!(invalid(&many.unwrap_err(), "also"));
    });
}

#[test]
fn whoever_may_be_them_twice_is_shown_however_the_name_is_written() {
    on_both(|house| {
        let tom = person(house, "Thomas Quill", "t.quill@brightwell.example");
        let twins = ["Tommy Quill", "T. Quill", "Quill, Thomas", "Tom Quill"];
        let twins: Vec<PersonId> = twins
            .iter()
            .enumerate()
            .map(|(n, name)| person(house, name, &format!("a{n}@other.example")))
            .collect();
        person(house, "Tamsin Quill", "tamsin@other.example");
        let asked = house.opened("access", Who::Held(tom));
        let found = house.act(|acting, tx| elsewhere::look(acting, tx, asked, "")).unwrap();
        assert_eq!(found.alike, twins);
    });
}

#[test]
fn an_initial_with_a_surname_finds_whoever_it_may_be_and_the_reverse() {
    use store::mention::{What, find, index};
    on_both(|house| {
        let tara = house.tara();
        let priya = person(house, "Priya Nair", "pn@other.example");
        let short = person(house, "K. Farquay", "kf@other.example");
        person(house, "Otto Nair", "on@other.example");
        let policy = house.instance.policy();
        for (text, whom) in [
            ("We spoke to P. Nair on Monday.", Some(priya)),
            ("Nair, P.: absent.", Some(priya)),
            ("Kamala Farquay signed.", Some(short)),
            ("P. Nobody signed.", None),
            ("Section P nair", None),
        ] {
            let found = house.read(|tx| {
                let index = index(tx, &policy, tara, std::iter::once(text))?;
                Ok(find(text, &index))
            });
            let people: Vec<&What> = found.iter().map(|one| &one.what).collect();
            match whom {
                Some(whom) => assert_eq!(people, [&What::People(vec![whom])], "{text}"),
                None => {
                    assert!(!people.iter().any(|what| matches!(what, What::People(_))), "{text}: {found:?}")
                }
            }
        }
    });
}

/// A workbook with a cell.
pub(super) fn workbook(cell: &str, sheet: &str) -> Vec<u8> {
    let members = [
        ("[Content_Types].xml", "<Types/>".to_owned()),
        ("xl/workbook.xml", format!("<w><sheets><sheet name=\"{sheet}\"/></sheets></w>")),
        (
            "xl/worksheets/sheet1.xml",
            format!("<s><sheetData><row><c t=\"inlineStr\"><is><t>{cell}</t></is></c></row></sheetData></s>"),
        ),
    ];
    let members: Vec<(String, Vec<u8>)> =
        members.into_iter().map(|(name, text)| (name.to_owned(), text.into_bytes())).collect();
    app::print::archive::zip(&members).unwrap()
}

#[test]
fn workbooks_and_messages_are_put_on_file_and_looked_inside() {
    on_both(|house| {
        let tara = house.tara();
        let near = person(house, "Wren Novak", "wren@brightwell.example");
        let mail = b"From: wren@brightwell.example\r\nTo: us@cti.example\r\nSubject: Room\r\n\r\nTara Quill has the key.\r\n";
        let sorts: [(&str, Vec<u8>); 4] = [
            (
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                workbook("Tara Quill", "Staff"),
            ),
            ("message/rfc822", mail.to_vec()),
            ("text/plain; charset=utf-8", b"Tara Quill".to_vec()),
            (
                "application/vnd.oasis.opendocument.spreadsheet",
                app::print::archive::zip(&[
                    ("mimetype".to_owned(), b"application/vnd.oasis.opendocument.spreadsheet".to_vec()),
                    (
                        "content.xml".to_owned(),
                        b"<o:c xmlns:o=\"o\" xmlns:text=\"t\"><text:p>Tara Quill</text:p></o:c>".to_vec(),
                    ),
                ])
                .unwrap(),
            ),
        ];
        for (media, bytes) in &sorts {
            let upload = Upload::take("file", bytes.clone()).unwrap();
            assert_eq!(upload.media(), *media);
            file(house, near, "Paper", media, bytes);
        }
        // What is no document is not taken: any archive, an older mailbox's own form, bytes.
        let other = app::print::archive::zip(&[("a.txt".to_owned(), b"x".to_vec())]).unwrap();
        for bytes in [other, vec![0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1], vec![0, 1, 2, 3]] {
            assert!(Upload::take("file", bytes).is_err());
        }
        let reader = Reader::at(Path::new(env!("CARGO_BIN_EXE_probity")));
        let asked = house.opened("access", Who::Held(tara));
        let batch =
            house.act(|acting, tx| elsewhere::next(acting, tx, asked, (i64::MAX, ""))).unwrap().unwrap();
        let seen = elsewhere::inside(&house.instance, &reader, batch).unwrap();
        assert_eq!((seen.looked, seen.found.len()), (4, 4), "{seen:?}");
    });
}

#[test]
fn what_others_say_of_whoever_asks_is_searched_and_put_on_record() {
    on_both(|house| {
        let tara = house.tara();
        let bob = bob(house);
        note(house, bob, "Spoke with TARA  QUILL about the room.");
        note(house, bob, "Somebody rang from 01632-960-123.");
        note(house, bob, "Nobody else was there.");
        let asked = house.opened("access", Who::Held(tara));
        let found = house.act(|acting, tx| elsewhere::look(acting, tx, asked, "")).unwrap();
        assert_eq!((found.lines.len(), found.whole), (2, true), "{found:?}");
        assert!(
            found.words.contains(&"tara quill".to_owned())
                && found.words.contains(&"+441632960123".to_owned())
        );
        house.act(|acting, tx| elsewhere::record(acting, tx, asked, &found)).unwrap();
        let policy = house.instance.policy();
        let steps = house.read(|tx| {
            let request = store::request::one(tx, &policy, asked)?;
            store::request::steps(tx, &policy, &request)
        });
        assert!(steps.iter().any(|step| step.step == "searched by words" && step.note.is_some()));
        // Where time ran out among the lines, nothing says that more was looked in.
        let policy = house.instance.policy();
        let short = house.read(|tx| store::mention::elsewhere::elsewhere(tx, &policy, tara, "", &|| false));
        let said = elsewhere::words(&short);
        assert!(
            !short.whole && said.contains("as far as a line") && said.contains("was not looked in"),
            "{said}"
        );
        // A second Tara with the same address may be the same person.
        let twin = NewPerson {
            offers: false,
            ..newcomer(
                "organisation contact",
                "their organisation",
                &[("name", "T. Quill"), ("email", "Tara.Quill@brightwell.example")],
            )
        };
        let twin = house.act(|acting, tx| acts::person::add(acting, tx, &twin)).unwrap();
        let found = house.act(|acting, tx| elsewhere::look(acting, tx, asked, "")).unwrap();
        assert_eq!(found.alike, [twin]);
    });
}

#[test]
fn the_files_of_others_are_looked_inside_from_the_newest_back_and_it_is_put_on_record() {
    on_both(|house| {
        let tara = house.tara();
        let bob = bob(house);
        file(house, bob, "Nothing", "text/plain", b"The room is free on Monday.");
        file(house, bob, "A letter", "application/pdf", &pdf("Spoke with Tara Quill about it", "x"));
        file(house, bob, "A picture", "image/png", b"\x89PNG\r\n\x1a\n");
        file(house, tara, "Her own", "text/plain", b"Tara Quill, 01632 960123.");
        let asked = house.opened("access", Who::Held(tara));
        let (mut before, mut seen) = (i64::MAX, elsewhere::Inside::default());
        while let Some(batch) =
            house.act(|acting, tx| elsewhere::next(acting, tx, asked, (before, ""))).unwrap()
        {
            seen = seen.and(elsewhere::inside(&house.instance, &reader(), batch).unwrap());
            before = seen.last.unwrap().0.0;
        }
        assert_eq!((seen.looked, seen.found.len(), seen.unread.len()), (3, 1, 1), "{seen:?}");
        assert_eq!(seen.found[0].whose, Some(bob));
        let left = house.act(|acting, tx| elsewhere::record_inside(acting, tx, asked, &seen)).unwrap();
        assert_eq!(left, 0);
        // What was found is on record, beside what else was searched.
        let record = house.everything();
        let note = record.lines().find(|line| line.contains("3 files of others")).unwrap();
        assert!(note.contains("Found in 1; perhaps meant in 0; 1 not read, or not whole."), "{note}");
    });
}

#[test]
fn what_was_asked_by_the_form_is_found_by_its_reference_by_whoever_answers() {
    doors::on_both(|doors| {
        let (helen, ruth) = (doors.sign_in("helen"), doors.sign_in("ruth"));
        let told = |kind: &str, reach: &str| {
            let form = format!("kind={kind}&name=Ada+Marlowe&reach={reach}&words=All+of+it&step=send");
            let page = doors.post("/ask", "", &form).text;
            let (_, rest) = page.split_once("id=\"reference\">").unwrap_or_else(|| panic!("{page}"));
            rest.split('<').next().unwrap().to_owned()
        };
        let asked = [
            ("requests", told("access", "ada%40northbank.example")),
            ("requests", told("access", "nobody%40elsewhere.example")),
            ("complaints", told("complaint", "ada%40northbank.example")),
        ];
        let nobody =
            |text: &str| text.contains("Nobody matches.") || text.contains("Nobody and nothing matches");
        for (under, reference) in &asked {
            let place = format!("/{under}/{}", store::id::referred(reference).unwrap());
            let link = format!("href=\"{place}\"");
            assert_eq!(doors.get(&place, &helen).status, 200, "{place}");
            for said in [reference.clone(), reference.to_lowercase().replace('-', "%20")] {
                for path in [format!("/people?q={said}"), format!("/people?fragment=1&q={said}")] {
                    let found = doors.get(&path, &helen);
                    assert!(found.status == 200 && found.text.contains(&link), "{path}: {}", found.text);
                    assert!(!nobody(&found.text), "{path}: {}", found.text);
                    // Whoever answers nothing hears the same as of none.
                    let none = doors.get(&path, &ruth);
                    assert!(none.status == 200 && nobody(&none.text), "{path}: {}", none.text);
                    assert!(!none.text.contains(&place), "{path}: {}", none.text);
                }
            }
            // All of it and nothing less.
            let part = reference.get(1..).unwrap();
            let found = doors.get(&format!("/people?fragment=1&q={part}"), &helen).text;
            assert!(nobody(&found), "{part}: {found}");
        }
    });
}
