//! Answering who asks to see what is held: when it is due, everything in the pack, texts on others decided about.

use app::acts::request::{Outcome, Who};
use app::acts::{self, Acting, request as desk};
use app::fault::Fault;
use app::print;
use jiff::civil::{Date, date};
use std::path::Path;
use store::access::{self, Cell};
use store::message;
use store::request::{self, Move};

use super::house::{TODAY, invalid, on_both};
use super::redaction::file;

#[test]
fn a_request_is_due_by_the_law_and_pauses_move_it() {
    on_both(|house| {
        let tara = house.tara();
        let asked = house.opened("access", Who::Held(tara));
        assert_eq!(house.request(asked).due_on, Some(date(2026, 12, 3)));
        house.act(|acting, tx| desk::moved(acting, tx, asked, Move::Paused, acting.today)).unwrap();
        assert_eq!(house.request(asked).due_on, None, "nothing is due while it waits for them");
        house.go_to(date(2026, 11, 7));
        house.act(|acting, tx| desk::moved(acting, tx, asked, Move::Resumed, acting.today)).unwrap();
        // Asked on the day it was received, which counts as no day of the pause: four days, to Monday.
        assert_eq!(house.request(asked).due_on, Some(date(2026, 12, 7)));
        let erasure = house.opened("erasure", Who::Held(tara));
        let wrong = house.act(|acting, tx| desk::moved(acting, tx, erasure, Move::Paused, acting.today));
        assert!(invalid(&wrong.unwrap_err(), "why"), "only access pauses");
        let late = house.act(|acting, tx| desk::moved(acting, tx, asked, Move::Extended(" "), acting.today));
        assert!(late.is_err(), "an extension has a reason");
    });
}

#[test]
fn the_pack_has_everything_and_the_answer_stands_in_the_register() {
    on_both(|house| {
        let tara = house.tara();
        let asked = house.opened("access", Who::Held(tara));
        house.known(asked);
        let refused =
            house.act(|acting, tx| desk::answer(acting, tx, asked, Outcome::Done, ("", acting.today)));
        assert!(invalid(&refused.unwrap_err(), "answer"), "no answer without its pack");
        let pack = house.pack(asked);
        let json = pack.to_json().unwrap();
        let policy = house.instance.policy();
        let kinds = policy.kinds.iter().map(|kind| kind.id).collect();
        house
            .act(|acting, tx| {
                let life = acting.life(tx, tara)?;
                let all = acts::person::act(custody::Verb::Answer, None, custody::act::Asked::Exactly(kinds));
                let grant = acting.decide(&all, &[&life], &custody::Gate::default())?;
                let mut values = 0;
                for section in access::of(tx, &policy, tara)? {
                    // What a person is found by says their details again.
                    if section.table.name == "search_text" {
                        continue;
                    }
                    let cells = section.rows.iter().flat_map(|row| section.table.columns.iter().zip(row));
                    // The form a detail is compared in says it again, too.
                    for (_, cell) in cells.filter(|(column, _)| column.name != "normal") {
                        if let Cell::Sealed(sealed) = cell {
                            let text = serde_json::to_string(&print::copy::text(sealed, &grant)?).unwrap();
                            assert!(json.contains(text.trim_matches('"')), "{}: {text}", section.table.name);
                            values += 1;
                        }
                    }
                }
                assert!(values >= 12, "{values} values");
                Ok(())
            })
            .unwrap();
        assert!(pack.activities.iter().any(|held| held.activity == "enquiries" && held.until.is_some()));
        assert_eq!(pack.disclosures.len(), 1);
        let rendered = tokio::runtime::Runtime::new().unwrap().block_on(print::run_with(
            Path::new(env!("CARGO_BIN_EXE_probity")),
            ::print::Template::Pack,
            &pack,
            0,
        ));
        let pdf = rendered.unwrap();
        assert!(pdf.starts_with(b"%PDF"));
        if let Some(text) = pdf_text(&pdf) {
            for words in
                ["Tara Quill", "Head of Learning", "Morgan Pike", "her team of nine", "shall we say Thursday"]
            {
                assert!(text.contains(words), "the PDF lacks {words}: {text}");
            }
        }
        house.act(|acting, tx| desk::noted(acting, tx, asked, "pack made", "")).unwrap();
        house
            .act(|acting, tx| {
                desk::answer(acting, tx, asked, Outcome::Done, ("The pack went by post.", acting.today))
            })
            .unwrap();
        let listed = house.read(|tx| request::register(tx, &policy, request::Kind::Access, None, 10));
        assert_eq!(listed.len(), 1);
        assert_eq!((listed[0].answered_on, listed[0].closed_on), (Some(TODAY), Some(TODAY)));
        assert!(listed[0].name.is_some() && listed[0].answer.is_some());
        let assistant = Acting::staff(&house.instance, house.assistant.clone()).unwrap();
        let theirs = house.instance.store.write(|tx| desk::on_desk(&assistant, tx, asked));
        assert!(matches!(theirs, Err(Fault::Refused(_))), "an assistant answers no requests");
    });
}

/// The text of a PDF, where the machine can read it.
pub(super) fn pdf_text(pdf: &[u8]) -> Option<String> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), pdf).unwrap();
    let said =
        std::process::Command::new("pdftotext").arg("-layout").arg(file.path()).arg("-").output().ok()?;
    let words: Vec<_> = String::from_utf8_lossy(&said.stdout).split_whitespace().map(str::to_owned).collect();
    Some(words.join(" "))
}

/// The names of the files in an archive, from its directory.
fn names_in(zip: &[u8]) -> Vec<String> {
    let half = |at: usize| usize::from(u16::from_le_bytes([zip[at], zip[at + 1]]));
    let whole = |at: usize| u32::from_le_bytes(zip[at..at + 4].try_into().unwrap()) as usize;
    let end = zip.len() - 22;
    assert_eq!(&zip[end..end + 4], b"PK\x05\x06");
    let (count, mut at) = (half(end + 10), whole(end + 16));
    let mut names = Vec::new();
    for _ in 0..count {
        assert_eq!(&zip[at..at + 4], b"PK\x01\x02");
        let (length, local) = (half(at + 28), whole(at + 42));
        assert_eq!(&zip[local..local + 4], b"PK\x03\x04");
        names.push(String::from_utf8(zip[at + 46..at + 46 + length].to_vec()).unwrap());
        at += 46 + length;
    }
    names
}

#[test]
fn each_file_the_pack_says_is_enclosed_is_in_it() {
    on_both(|house| {
        let tara = house.tara();
        for words in ["signed by Tara", "signed again"] {
            file(house, tara, "Consent: coaching/2026", "text/plain", words.as_bytes());
        }
        let asked = house.opened("access", Who::Held(tara));
        let pack = house.pack(asked);
        let enclosed =
            house.act(|acting, tx| acts::redaction::gather(acting, tx, asked, true)).unwrap().files;
        let mut files = vec![("pack.json".to_owned(), pack.to_json().unwrap().into_bytes())];
        files.extend(enclosed);
        let names = names_in(&print::archive::zip(&files).unwrap());
        assert_eq!(pack.documents.len(), 2);
        for document in &pack.documents {
            let name = document.copy.as_deref().and_then(|copy| copy.strip_prefix("enclosed as ")).unwrap();
            assert!(names.contains(&name.to_owned()), "{name} is not among {names:?}");
            let (_, bytes) = files.iter().find(|(known, _)| known == name).unwrap();
            assert!(bytes.starts_with(b"signed"));
        }
        assert!(pack.letter.iter().any(|words| words.contains("2 files are enclosed")), "{:?}", pack.letter);
    });
}

#[test]
fn what_an_access_request_keeps_is_said_before_and_what_went_after() {
    use app::acts::waiting;
    on_both(|house| {
        let tara = house.tara();
        // Two years after the last contact, all but what other purposes need is due while the request is open.
        house.go_to(date(2028, 10, 20));
        let asked = house.opened("access", Who::Held(tara));
        let due = house.request(asked).due_on.unwrap();
        let (by, going) = house
            .act(|acting, tx| {
                let asked = request::one(tx, &acting.policy, asked)?;
                waiting::would_go(acting, tx, &asked)
            })
            .unwrap()
            .expect("something is due before the answer is");
        assert_eq!(by, due);
        let sweep = |day: Date| {
            let at = house.instance.clock.at(day, 2);
            store::sweep::run(&house.instance.store, &house.instance.policy(), day, &|| at, false).unwrap()
        };
        let kept = sweep(due);
        assert_eq!(kept.rows(), 0, "nothing goes before they were to be answered: {kept:?}");
        let late = due.tomorrow().unwrap();
        house.go_to(late);
        assert_eq!(sweep(late).rows(), going.values().sum::<u32>(), "what goes is what was said");
        let went = house
            .act(|acting, tx| {
                let asked = request::one(tx, &acting.policy, asked)?;
                waiting::went(acting, tx, &asked)
            })
            .unwrap();
        assert_eq!(went.len(), 1);
        assert_eq!(went[0].counts, going);
        let pack = house.pack(asked);
        assert!(pack.withheld.iter().any(|gone| gone.reason.contains("while your request was open")));
    });
}

#[test]
fn a_pack_says_our_reference_and_where_we_searched_and_nothing_that_means_nothing() {
    on_both(|house| {
        let tara = house.tara();
        let asked = house.opened("access", Who::Held(tara));
        house.known(asked);
        let unsearched = || {
            house.act(|acting, tx| acts::elsewhere::unsearched(acting, tx, &house.request(asked))).unwrap()
        };
        assert!(unsearched().unwrap().starts_with("Nobody has searched yet"));
        let pack = house.gathered(asked);
        assert_eq!(pack.request.reference, Some(store::id::reference(asked.0)));
        assert!(pack.search.unwrap().contains("We did not look for your name in what is held about others"));
        // A search that did not come to its end is on record, and is not done.
        let cut = store::mention::elsewhere::Elsewhere { whole: false, ..Default::default() };
        house.act(|acting, tx| acts::elsewhere::record(acting, tx, asked, &cut)).unwrap();
        assert!(unsearched().unwrap().contains("not to the end"));
        let search = house.gathered(asked).search.unwrap();
        assert!(search.contains("in a part of what is held about others"), "{search}");
        house
            .act(|acting, tx| {
                let found = acts::elsewhere::look(acting, tx, asked, "the Quill file")?;
                acts::elsewhere::record(acting, tx, asked, &found)?;
                acts::redaction::keep_seal(acting, tx, asked, "abcdefgh")
            })
            .unwrap();
        assert_eq!(unsearched(), None);
        let pack = house.gathered(asked);
        let search = pack.search.clone().unwrap();
        for said in [
            "On Tue 3 Nov 2026 we looked for you in what is held about others",
            "tara quill",
            "the Quill file",
        ] {
            assert!(search.contains(said), "{said}: {search}");
        }
        assert!(
            !pack.to_json().unwrap().contains("abcdefgh"),
            "what it was sealed with is the program's own"
        );
        // What comes in afterwards, about others or about nobody we hold, was looked through by nobody.
        let of_nobody = message::NewMessage {
            person: None,
            mailing: None,
            sort: message::Sort::Personal,
            activity: Some("enquiries"),
            channel: "email",
            address: "desk@elsewhere.example",
            subject: "Your caller",
            body: "Tara Quill rang you for us.",
            html: None,
            token: None,
            not_before: None,
            request: None,
            by: None,
        };
        house.act(|acting, tx| Ok(message::queue(tx, &of_nobody, acting.today, acting.now)?)).unwrap();
        assert!(unsearched().unwrap().contains("that nobody has looked through"));
        house
            .act(|acting, tx| {
                let found = acts::elsewhere::look(acting, tx, asked, "")?;
                acts::elsewhere::record(acting, tx, asked, &found)
            })
            .unwrap();
        assert_eq!(unsearched(), None);
        let other = super::redaction::bob(house);
        super::redaction::note(house, other, "Tara Quill came along.");
        assert!(unsearched().unwrap().contains("that nobody has looked through"));
    });
}

#[test]
fn what_somebody_was_known_by_once_is_not_offered_as_somebody_elses() {
    on_both(|house| {
        let tara = house.tara();
        super::redaction::note(house, tara, "Rang from 01632 960123 and asked us to ring 01632 960779.");
        let asked = house.opened("access", Who::Held(tara));
        let groups = || {
            house
                .act(|acting, tx| {
                    let gathered = acts::redaction::gather(acting, tx, asked, false)?;
                    let review = acts::redaction::review(acting, tx, asked, &gathered, &[])?;
                    Ok(review.groups.into_iter().map(|group| group.said).collect::<Vec<_>>())
                })
                .unwrap()
        };
        let sql = format!("SELECT id FROM item WHERE person_id = {tara} AND kind = 'phone'");
        let item = custody::id::ItemId(house.read(|tx| tx.one(&sql, &[], |row| row.int(0))));
        let change = |version, to: &'static str| {
            house.act(|acting, tx| {
                acts::person::change_item(acting, tx, (tara, item), version, (to, "she moved")).map(drop)
            })
        };
        change(1, "01632 960779").unwrap();
        let said = groups();
        assert!(!said.iter().any(|one| one.contains("960123") || one.contains("960779")), "{said:?}");
        house
            .act(|acting, tx| acts::person::remove_item(acting, tx, (tara, item), 2, "she has none"))
            .unwrap();
        let said = groups();
        assert!(!said.iter().any(|one| one.contains("960123")), "what it was when she asked: {said:?}");
        // Whoever has it now is somebody else.
        let bob = super::redaction::bob(house);
        let policy = house.instance.policy();
        let new = store::item::NewItem {
            person: bob,
            kind: policy.kind_named("phone").unwrap().id,
            value: "01632 960123",
            source: "the person",
            collected_on: TODAY,
            import: None,
            by: None,
        };
        house.act(|acting, tx| Ok(store::item::add(tx, &policy, &new, acting.now)?)).unwrap();
        let said = groups();
        assert!(said.iter().any(|one| one.contains("960123")), "{said:?}");
    });
}

#[test]
fn where_we_and_the_regulator_are_reached_is_nobodys_and_the_copy_says_it_whatever_is_taken_out() {
    on_both(|house| {
        let tara = house.tara();
        let ours = "Complain to privacy@cti.example, ring 01632 960001 or 0303 123 1113";
        super::redaction::note(house, tara, &format!("{ours}, or write to amy@vale.example."));
        let asked = house.opened("access", Who::Held(tara));
        let read = || super::redaction::read(house, asked).review;
        let said: Vec<String> = read().groups.into_iter().map(|group| group.said).collect();
        assert!(said.iter().any(|one| one == "amy@vale.example"), "{said:?}");
        let of_ours = |said: &String| ["privacy@", "960001", "1113"].iter().any(|ours| said.contains(ours));
        assert!(!said.iter().any(of_ours), "ours and the regulator's are nobody's to decide about: {said:?}");

        // The same number is somebody's whom we know: then it is theirs, and may be taken out of what was written.
        let bob = super::redaction::bob(house);
        let policy = house.instance.policy();
        let new = store::item::NewItem {
            person: bob,
            kind: policy.kind_named("phone").unwrap().id,
            value: "0303 123 1113",
            source: "the person",
            collected_on: TODAY,
            import: None,
            by: None,
        };
        house.act(|acting, tx| Ok(store::item::add(tx, &policy, &new, acting.now)?)).unwrap();
        for group in read().groups {
            let given = super::redaction::given("remove", &group.mark, "others", "");
            house.act(|acting, tx| acts::redaction::decide(acting, tx, asked, &given, &[])).unwrap();
        }
        let pack = house.pack(asked);
        assert!(pack.complaint.contains("0303 123 1113"), "it stays where the law has us say it");
        let texts: Vec<String> = pack.timeline.into_iter().filter_map(|entry| entry.text).collect();
        let text = texts.iter().find(|text| text.contains("Complain to")).unwrap();
        assert!(
            text.contains("privacy@cti.example") && !text.contains("0303") && !text.contains("amy@"),
            "{text}"
        );

        // What was taken out and stands where nobody wrote it keeps the copy here, and says so.
        let sql = "UPDATE item SET source = 'amy@vale.example' WHERE person_id = ?1";
        house.instance.store.write(|tx| tx.exec(sql, &[(&tara).into()])).unwrap();
        let held = house.act(|acting, tx| app::web::requests::one::pack::copied(acting, tx, asked));
        assert!(held.is_err_and(|fault| invalid(&fault, "reading")));
    });
}
