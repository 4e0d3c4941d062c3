//! The copy leaves without what is others': found in texts and files, decided with reasons, taken out of every byte, and
//! held back until all of it is decided.

use std::path::Path;

use ::read::{Reading, Sort};
use app::acts::delivery;
use app::acts::entry::NewNote;
use app::acts::person::NewPerson;
use app::acts::redaction::{self, Given, Made, Review};
use app::acts::request::Who;
use app::acts::{self, Acting};
use app::attachment::Reader;
use app::fault::Fault;
use app::web::requests::one::pack::ready;
use custody::coverage::Role;
use custody::id::{PersonId, RequestId};
use store::entry::Direction;
use store::mention::What;

use super::common::{hired, newcomer};
use super::house::{House, TODAY, invalid, on_both, on_both_keeping};

pub(super) fn reader() -> Reader {
    Reader::at(Path::new(env!("CARGO_BIN_EXE_probity")))
}

pub(super) fn bob(house: &House) -> PersonId {
    let values =
        [("name", "Bob Jones"), ("email", "bob.jones@brightwell.example"), ("phone", "01632 960777")];
    let new = NewPerson { offers: false, ..newcomer("organisation contact", "their organisation", &values) };
    house.act(|acting, tx| acts::person::add(acting, tx, &new)).unwrap()
}

pub(super) fn note(house: &House, who: PersonId, body: &str) {
    let note = NewNote {
        kind: "contact record".into(),
        body: body.into(),
        on: TODAY,
        direction: Some(Direction::In),
        engagement: None,
    };
    house.act(|acting, tx| acts::entry::add(acting, tx, who, &note).map(drop)).unwrap();
}

pub(super) fn file(house: &House, who: PersonId, title: &str, media: &str, bytes: &[u8]) {
    let stored = store::files::write(&house.instance.store, bytes).unwrap();
    let policy = house.instance.policy();
    house
        .act(|acting, tx| {
            let new = store::document::NewDocument {
                kind: policy.kind_named("consent form").unwrap().id,
                title,
                place: store::document::Where::File(&stored, media),
                on: TODAY,
                source: "the person",
                people: &[(who, Role::Subject)],
                engagements: &[],
                by: None,
            };
            Ok(store::document::add(tx, &acting.policy, &new, acting.now)?)
        })
        .unwrap();
}

pub(super) struct Desk {
    pub(super) gathered: redaction::Gathered,
    pub(super) readings: Vec<Reading>,
    pub(super) review: Review,
}

pub(super) fn read(house: &House, asked: RequestId) -> Desk {
    let gathered = house.act(|acting, tx| redaction::gather(acting, tx, asked, true)).unwrap();
    let readings = gathered.readings(&reader());
    let review = house.act(|acting, tx| redaction::review(acting, tx, asked, &gathered, &readings)).unwrap();
    Desk { gathered, readings, review }
}

pub(super) fn hex(mark: &[u8; 32]) -> String {
    store::keys::hex(mark)
}

pub(super) fn given(answer: &str, mark: &[u8; 32], why: &str, note: &str) -> Given {
    Given { answer: answer.into(), mark: hex(mark), why: why.into(), note: note.into(), ..Given::default() }
}

fn decide(house: &House, asked: RequestId, given: &Given) -> Result<(), Fault> {
    house.act(|acting, tx| redaction::decide(acting, tx, asked, given, &[]))
}

fn release(house: &House, asked: RequestId) -> Result<Vec<(String, Vec<u8>)>, Fault> {
    let desk = read(house, asked);
    let released = redaction::released(&desk.gathered, &desk.readings, &desk.review, &reader())?;
    tokio::runtime::Runtime::new().unwrap().block_on(ready(released, &reader(), 0))
}

pub(super) fn pdf(line: &str, author: &str) -> Vec<u8> {
    let content = format!("BT /F1 12 Tf 50 780 Td ({line}) Tj ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [4 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents 5 0 R >>".to_owned(),
        format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()),
        format!("<< /Author ({author}) >>"),
    ];
    let (mut out, mut places) = (String::from("%PDF-1.7\n"), Vec::new());
    for (number, object) in objects.iter().enumerate() {
        places.push(out.len());
        out.push_str(&format!("{} 0 obj\n{object}\nendobj\n", number + 1));
    }
    let start = out.len();
    out.push_str("xref\n0 7\n0000000000 65535 f \n");
    for place in places {
        out.push_str(&format!("{place:010} 00000 n \n"));
    }
    out.push_str(&format!("trailer << /Size 7 /Root 1 0 R /Info 6 0 R >>\nstartxref\n{start}\n%%EOF\n"));
    out.into_bytes()
}

#[test]
fn others_are_found_decided_once_and_gone_from_texts_and_files() {
    on_both(|house| {
        let tara = house.tara();
        bob(house);
        note(house, tara, "Her colleague Bob Jones wants the same. Bob's number is 01632 960777.");
        note(house, tara, "Jones rang again; write to amy@vale.example instead.");
        file(
            house,
            tara,
            "Form",
            "application/pdf",
            &pdf("Signed beside Bob Jones on Monday.", "Robert Jones"),
        );
        file(house, tara, "Mail", "message/rfc822", b"From: bob.jones@brightwell.example\r\nTo: tara.quill@brightwell.example\r\nSubject: Lunch\r\n\r\nSee you, Bob\r\n");
        file(house, tara, "Photo", "image/png", b"\x89PNG\r\n");
        let asked = house.opened("access", Who::Held(tara));
        let early = house.act(|acting, tx| app::web::requests::one::pack::copied(acting, tx, asked));
        assert!(
            early.as_ref().is_err_and(|fault| invalid(fault, "reading")),
            "neither answer is the default"
        );

        let desk = read(house, asked);
        let of_bob = desk
            .review
            .groups
            .iter()
            .find(|group| matches!(group.what, What::People(_)))
            .expect("Bob is found");
        assert_eq!(
            of_bob.said.to_lowercase().replace("robert", "bob"),
            "bob.jones@brightwell.example",
            "the longest writing"
        );
        assert!(of_bob.times >= 7, "{of_bob:?}");
        let amy = desk
            .review
            .groups
            .iter()
            .find(|group| group.what == What::Email)
            .expect("an address of nobody known");
        let photo = desk
            .review
            .pieces
            .iter()
            .find(|piece| piece.text.contains("picture"))
            .expect("what is not read is listed");
        assert!(photo.whole.asked);

        // A reason is part of it; what needs a sentence has one.
        for (answer, why) in [("remove", ""), ("keep", "reasonable")] {
            let bare = decide(house, asked, &given(answer, &of_bob.mark, why, " "));
            assert!(invalid(&bare.unwrap_err(), "reading"), "{answer}");
        }
        decide(house, asked, &given("remove", &of_bob.mark, "others", "")).unwrap();
        // Somebody else who saw it undecided does not write over it.
        assert!(matches!(
            decide(house, asked, &given("keep", &of_bob.mark, "agreed", "")),
            Err(Fault::Changed)
        ));
        assert!(
            matches!(release(house, asked), Err(fault) if invalid(&fault, "reading")),
            "not all is decided"
        );
        decide(house, asked, &given("keep", &amy.mark, "known", "")).unwrap();
        decide(house, asked, &given("remove", &photo.whole.mark, "others", "")).unwrap();
        let left: Vec<_> = read(house, asked)
            .review
            .pieces
            .iter()
            .filter(|piece| piece.whole.asked && piece.whole.decision.is_none())
            .map(|piece| piece.heading.clone())
            .collect();
        assert!(left.is_empty(), "{left:?}");

        let ready = release(house, asked).unwrap();
        for (name, bytes) in ready.iter().filter(|(name, _)| name.ends_with(".pdf")) {
            outsiders(name, bytes);
        }
        let names: Vec<&str> = ready.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names.len(), 7, "pages, data, its schema, two sheets, form and mail; no photo: {names:?}");
        for (name, bytes) in &ready {
            let looked = ::read::everything(name, bytes);
            // Three letters stand among packed bytes by chance; longer ones do not.
            let shown = looked.shown.join("\n").to_lowercase();
            assert!(!shown.contains("bob"), "`bob` is in {name}");
            let all = [looked.shown, looked.beside].concat().join("\n").to_lowercase();
            for gone in ["jones", "01632 960777", "960777"] {
                assert!(!all.contains(gone), "`{gone}` is in {name}");
            }
        }
        let json = String::from_utf8(ready[1].1.clone()).unwrap();
        assert!(
            json.contains("[removed: another person]")
                && json.contains("amy@vale.example")
                && json.contains("para 16"),
            "{json}"
        );
        // A text that says something else by now is read again; Bob stays decided, the new address is open.
        note(house, tara, "Bob Jones moved; ring 01632 960888.");
        assert!(release(house, asked).is_err());
    });
}

/// Somebody else who answers requests.
fn second_reader(house: &House) -> store::staff::Account {
    hired(&house.instance, "Una Reed", "business manager")
}

#[test]
fn one_place_may_be_decided_apart_and_a_second_person_reads_it_again() {
    on_both(|house| {
        let tara = house.tara();
        bob(house);
        note(house, tara, "Bob Jones signed. Bob Jones may be named here.");
        let asked = house.opened("access", Who::Held(tara));
        let desk = read(house, asked);
        let group = &desk.review.groups[0];
        decide(house, asked, &given("remove", &group.mark, "others", "")).unwrap();
        let spot = &desk.review.places[1];
        let place = spot.about.place.unwrap();
        let here = Given {
            place: Some((hex(&place.text), place.start, place.end)),
            ..given("keep", &group.mark, "agreed", "")
        };
        decide(house, asked, &here).unwrap();
        let pack = house.pack(asked);
        let json = pack.to_json().unwrap();
        assert!(json.contains("[removed: another person] signed. Bob Jones may be named here."), "{json}");
        // Whoever decided cannot be the second reader.
        let own = house.act(|acting, tx| redaction::check(acting, tx, asked, i64::MAX));
        assert!(invalid(&own.unwrap_err(), "reading"));
        let second = Acting::staff(&house.instance, second_reader(house)).unwrap();
        let all = house.read(|tx| store::redaction::of_request(tx, asked));
        let (first, newest) = (all[0].id, all[all.len() - 1].id);
        assert!(first < newest);
        // What was decided after the page was loaded nobody has read again.
        house.instance.store.write(|tx| redaction::check(&second, tx, asked, first)).unwrap();
        let all = house.read(|tx| store::redaction::of_request(tx, asked));
        assert!(all[0].checked_by.is_some() && all[all.len() - 1].checked_by.is_none(), "{all:?}");
        house.instance.store.write(|tx| redaction::check(&second, tx, asked, newest)).unwrap();
        let all = house.read(|tx| store::redaction::of_request(tx, asked));
        assert!(all.iter().all(|decision| decision.checked_by.is_some()), "{all:?}");
        // Taken back, it is open again.
        house.act(|acting, tx| redaction::take_back(acting, tx, asked, all[0].id)).unwrap();
        assert!(house.act(|acting, tx| app::web::requests::one::pack::copied(acting, tx, asked)).is_err());
    });
}

/// Reads copies by two, with links of three days.
fn by_two(text: String) -> String {
    let clause =
        "  copies    read by two before they leave, fetched by a link within 3 days\n  register  access:";
    text.replacen("  register  access:", clause, 1)
}

#[test]
fn copies_that_are_read_by_two_wait_for_the_second_and_the_proof_can_fail() {
    on_both_keeping(by_two, |house| {
        let broken = || {
            let (policy, clock) = (house.instance.policy(), &house.instance.clock);
            let proof = custody::proof::Obligation::CopiesLeaveSo;
            let seen =
                store::prove::obligation(&house.instance.store, &policy, &proof, clock.now(), clock.today());
            seen.unwrap().broken
        };
        let sql = |sql: &str| house.instance.store.write(|tx| tx.exec(sql, &[])).unwrap();
        let tara = house.tara();
        bob(house);
        note(house, tara, "Bob Jones signed.");
        let asked = house.opened("access", Who::Held(tara));
        let mark = read(house, asked).review.groups[0].mark;
        decide(house, asked, &given("remove", &mark, "others", "")).unwrap();
        // All is decided, and it waits for somebody else.
        let waits = release(house, asked).unwrap_err();
        assert!(
            matches!(&waits, Fault::Invalid(fields) if fields[0].words.contains("read by two")),
            "{waits:?}"
        );
        let una = second_reader(house);
        let second = Acting::staff(&house.instance, una).unwrap();
        house.instance.store.write(|tx| redaction::check(&second, tx, asked, i64::MAX)).unwrap();
        release(house, asked).unwrap();
        house.act(|acting, tx| acts::request::noted(acting, tx, asked, "pack made", "")).unwrap();
        assert!(broken().is_empty(), "{:?}", broken());
        // Behind the program's back: whoever decided read it again themselves.
        sql("UPDATE redaction SET checked_by = recorded_by");
        assert!(broken()[0].contains("read again by nobody"), "{:?}", broken());
        sql("UPDATE redaction SET checked_by = NULL");
        assert!(broken()[0].contains("1 decision "), "{:?}", broken());
        sql("DELETE FROM redaction");
        assert!(broken().is_empty());
        // The link ends when the policy says.
        house.act(|acting, tx| acts::request::noted(acting, tx, asked, "identity known", "")).unwrap();
        house.act(|acting, tx| delivery::offer(acting, tx, asked)).unwrap();
        assert!(broken().is_empty(), "{:?}", broken());
        sql("UPDATE invitation SET expires_at = expires_at + 86400000");
        assert!(broken()[0].contains("longer than 3 days"), "{:?}", broken());
    });
}

#[test]
fn an_exemption_leaves_a_whole_text_out_and_does_not_say_what_telling_would_do() {
    on_both(|house| {
        let tara = house.tara();
        bob(house);
        note(house, tara, "Counsel says of Bob Jones that the claim is weak.");
        let asked = house.opened("access", Who::Held(tara));
        let desk = read(house, asked);
        let piece = desk.review.pieces.iter().find(|piece| piece.text.contains("Counsel")).unwrap();
        assert!(
            decide(house, asked, &given("remove", &piece.whole.mark, "privilege", "")).is_err(),
            "an exemption has a scope"
        );
        decide(
            house,
            asked,
            &given(
                "remove",
                &piece.whole.mark,
                "privilege",
                "advice of 2 November; telling would lose the claim",
            ),
        )
        .unwrap();
        let pack = house.pack(asked);
        let json = pack.to_json().unwrap();
        assert!(!json.contains("Counsel") && !json.contains("lose the claim"), "{json}");
        assert!(pack.withheld.iter().any(|held| held.reason.contains("para 19")));
    });
}

#[test]
fn a_pack_that_still_has_something_is_not_released() {
    on_both(|house| {
        let tara = house.tara();
        bob(house);
        note(house, tara, "Bob Jones signed.");
        file(house, tara, "Form", "application/pdf", &pdf("Signed by Bob Jones.", "nobody"));
        let asked = house.opened("access", Who::Held(tara));
        let desk = read(house, asked);
        for group in &desk.review.groups {
            decide(house, asked, &given("remove", &group.mark, "others", "")).unwrap();
        }
        let desk = read(house, asked);
        let mut released =
            redaction::released(&desk.gathered, &desk.readings, &desk.review, &reader()).unwrap();
        assert_eq!(desk.readings[0].sort, Sort::Pdf);
        // Behind the program's back: the file as it was takes the place of the one made anew.
        for (_, made) in &mut released.files {
            *made = Made::AsItIs(pdf("Signed by Bob Jones.", "nobody"));
        }
        let refused = tokio::runtime::Runtime::new().unwrap().block_on(ready(released, &reader(), 0));
        let said = format!("{refused:?}");
        assert!(said.contains("still has") && !said.contains("Bob"), "{said}");
        // And the copy's own text.
        let mut released =
            redaction::released(&desk.gathered, &desk.readings, &desk.review, &reader()).unwrap();
        released.pack.complaint.push_str(" Ask Bob Jones.");
        let refused = tokio::runtime::Runtime::new().unwrap().block_on(ready(released, &reader(), 0));
        assert!(refused.is_err());
    });
}

#[test]
fn a_file_of_which_nothing_was_removed_is_looked_through_for_what_was_removed_elsewhere() {
    on_both(|house| {
        let tara = house.tara();
        bob(house);
        note(house, tara, "Bob Jones signed.");
        file(house, tara, "Form", "application/pdf", &pdf("Signed on Monday.", "nobody"));
        let asked = house.opened("access", Who::Held(tara));
        for group in &read(house, asked).review.groups {
            decide(house, asked, &given("remove", &group.mark, "others", "Bob Jones rang us")).unwrap();
        }
        let desk = read(house, asked);
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let released = redaction::released(&desk.gathered, &desk.readings, &desk.review, &reader()).unwrap();
        let ready_files = runtime.block_on(ready(released, &reader(), 0)).unwrap();
        // What was written beside the decision is for whoever decides.
        let json = String::from_utf8(ready_files[1].1.clone()).unwrap();
        assert!(json.contains("para 16") && !json.contains("rang us"), "{json}");
        // Behind the program's back: the file has somebody's name where nothing is read.
        let mut released =
            redaction::released(&desk.gathered, &desk.readings, &desk.review, &reader()).unwrap();
        for (_, made) in &mut released.files {
            *made = Made::AsItIs(pdf("Signed on Monday.", "Bob Jones"));
        }
        let refused = format!("{:?}", runtime.block_on(ready(released, &reader(), 0)));
        assert!(refused.contains("still has") && refused.contains("leave this file out"), "{refused}");
        // A file that was read is left out whole where somebody says so, and the rest goes.
        let whole =
            desk.review.pieces.iter().find(|piece| piece.heading.ends_with("the whole file")).unwrap();
        assert!(!whole.whole.asked && desk.review.done().is_ok());
        decide(house, asked, &given("remove", &whole.whole.mark, "others", "she asked us not to")).unwrap();
        let ready_files = release(house, asked).unwrap();
        let json = String::from_utf8(ready_files[1].1.clone()).unwrap();
        assert!(!json.contains("asked us not to"), "the note beside a decision is printed nowhere: {json}");
        let names: Vec<String> = ready_files.into_iter().map(|(name, _)| name).collect();
        assert!(names.iter().all(|name| !name.starts_with("documents/form")), "{names:?}");
    });
}

#[test]
fn a_pack_in_which_something_else_is_found_than_when_it_was_made_does_not_leave() {
    on_both(|house| {
        let tara = house.tara();
        let bob = bob(house);
        note(house, tara, "bob.jones@brightwell.example wrote. Bob Jones too.");
        let asked = house.opened("access", Who::Held(tara));
        for group in &read(house, asked).review.groups {
            decide(house, asked, &given("remove", &group.mark, "others", "")).unwrap();
        }
        let seal = read(house, asked).review.seal(house.instance.store.keys());
        let sealed = |house: &House| {
            let now = read(house, asked).review.seal(house.instance.store.keys());
            house.act(|acting, tx| redaction::still_sealed(acting, tx, asked, &now))
        };
        sealed(house).unwrap();
        house.act(|acting, tx| redaction::keep_seal(acting, tx, asked, &seal)).unwrap();
        house.act(|acting, tx| acts::request::noted(acting, tx, asked, "pack made", "")).unwrap();
        sealed(house).unwrap();
        // A line that speaks of nobody changes nothing of what is taken out.
        note(house, tara, "It rained.");
        sealed(house).unwrap();
        // Bob is known by nothing any more.
        house
            .instance
            .store
            .write(|tx| tx.exec("UPDATE item SET normal = '' WHERE person_id = ?1", &[(&bob).into()]))
            .unwrap();
        assert!(sealed(house).is_err_and(|fault| invalid(&fault, "reading")));
    });
}

/// What tools that are not ours say of the PDFs of a pack: `qpdf`, `pdfinfo`, and from PyPI `x-ray`, which looks for text
/// under boxes, and `outloud` and `pdfua`, which look for what PDF/UA-1 asks. Where they are not installed
/// (`bin/need test` does it) this looks at nothing.
pub(super) fn outsiders(name: &str, bytes: &[u8]) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("some.pdf");
    std::fs::write(&path, bytes).unwrap();
    let run = |program: &str, before: &[&str]| {
        let said = std::process::Command::new(program)
            .args(before)
            .arg(&path)
            .current_dir(folder.path())
            .output()
            .ok()?;
        Some((
            said.status.success(),
            format!("{}{}", String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr)),
        ))
    };
    if let Some((well, said)) = run("qpdf", &["--check"]) {
        assert!(well, "qpdf of {name}: {said}");
    }
    if let Some((_, said)) = run("pdfinfo", &["-struct"]) {
        assert!(said.contains("Document") || said.contains("Figure"), "{name} has no tags: {said}");
    }
    if let Some((_, said)) = run("pdfinfo", &[]) {
        assert!(said.contains("Tagged:          yes"), "{name}: {said}");
    }
    let Ok(python) = std::env::var("PROBITY_TEST_PYTHON") else { return };
    let checks = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/rights/outsiders.py");
    let (well, said) = run(&python, &[checks]).expect("python runs");
    assert!(well, "{name}: {said}");
}

#[test]
fn whoever_is_erased_between_a_decision_and_the_making_stays_taken_out() {
    on_both(|house| {
        let tara = house.tara();
        let bob = bob(house);
        note(house, tara, "Bob Jones wrote. Later Bob rang, and B. Jones left.");
        let asked = house.opened("access", Who::Held(tara));
        let desk = read(house, asked);
        for group in &desk.review.groups {
            let places = desk.review.places_of(&group.mark);
            assert_eq!(places.len(), group.times);
            let given = given("remove", &group.mark, "others", "");
            house.act(|acting, tx| redaction::decide(acting, tx, asked, &given, &places)).unwrap();
        }
        // Behind the program's back, Bob is known by nothing any more: he is found no more, and taken out all the same.
        let sql = "UPDATE item SET normal = '' WHERE person_id = ?1";
        house.instance.store.write(|tx| tx.exec(sql, &[(&bob).into()])).unwrap();
        let json = house.pack(asked).to_json().unwrap();
        let gone = "[removed: another person] wrote. Later [removed: another person] rang, and [removed: another person] left.";
        assert!(json.contains(gone) && !json.contains("Bob") && !json.contains("Jones"), "{json}");
        // A decision that is taken back takes its places with it.
        let decisions = house.read(|tx| store::redaction::of_request(tx, asked));
        for decision in &decisions {
            house.act(|acting, tx| redaction::take_back(acting, tx, asked, decision.id)).unwrap();
        }
        assert!(house.read(|tx| store::redaction::kept(tx, asked)).is_empty());
        let review = read(house, asked).review;
        assert!(
            review.groups.iter().all(|group| !matches!(group.what, What::People(_))),
            "nothing of him is known any more: {:?}",
            review.groups
        );
    });
}
