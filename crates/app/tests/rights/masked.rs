//! Texts of others that speak of whoever is erased, however they are written: proposed where it is sure, shown where it may be,
//! left as they are while a hold stands and masked the night that ends; and files that wait to be brought in.

use app::acts::confirmation::Telling;
use app::acts::entry::NewNote;
use app::acts::person::NewPerson;
use app::acts::request::Who;
use app::acts::{self, erasure, import};
use app::intake::column;
use app::jobs::night;
use custody::id::{EntryId, MailingId, OrganisationId, PersonId};
use jiff::civil::date;
use store::entry::Direction;
use store::mention::texts;
use store::picture::{self, Of, Picture};
use store::{organisation, task};

use super::common::newcomer;
use super::house::{House, TODAY, invalid, on_both};

/// Somebody else whom we hold, with a line about them.
pub(super) fn somebody(house: &House, name: &str, lines: &[&str]) -> (PersonId, Vec<EntryId>) {
    house
        .act(|acting, tx| {
            let new = NewPerson {
                collected_on: Some(date(2026, 10, 1)),
                ..newcomer("organisation contact", "their organisation", &[("name", name)])
            };
            let who = acts::person::add(acting, tx, &new)?;
            let write = |body: &&str| {
                let note = NewNote {
                    kind: "contact record".into(),
                    body: (*body).into(),
                    on: acting.today,
                    direction: Some(Direction::In),
                    engagement: None,
                };
                acts::entry::add(acting, tx, who, &note)
            };
            Ok((who, lines.iter().map(write).collect::<Result<Vec<_>, _>>()?))
        })
        .unwrap()
}

/// Erases somebody with these texts of others to be masked.
pub(super) fn erase(house: &House, who: PersonId, these: &[(&str, i64)]) -> erasure::Carried {
    erase_but(house, who, these, &[])
}

/// The same, with others that are left alone.
fn erase_but(house: &House, who: PersonId, these: &[(&str, i64)], alone: &[(&str, i64)]) -> erasure::Carried {
    let asked = house.opened("erasure", Who::Held(who));
    let masking = erasure::Masking { these, alone };
    let why = erasure::Because { masking, ..erasure::Reason::Asked.known() };
    house
        .act(|acting, tx| {
            erasure::carry_out(acting, tx, who, Some(asked), (why, None), Telling::Already("by letter"))
        })
        .unwrap()
}

fn body(house: &House, line: EntryId) -> String {
    house.read(|tx| tx.one("SELECT body FROM entry WHERE id = ?1", &[line.0.into()], |row| row.text(0)))
}

#[test]
fn whoever_is_erased_is_found_in_texts_of_others_however_they_are_written() {
    on_both(|house| {
        let tara = house.tara();
        let sure = [
            "Quill, Tara came along.",
            "QUILL Tara came along.",
            "Tara J Quill came along.",
            "Tara J. Quill came along.",
            "Tara-Quill came along.",
            "T. Quill came along.",
            "T a r a Q u i l l came along.",
            "Write to mailto:tara.quill@brightwell.example?subject=Tea.",
        ];
        let (uma, lines) = somebody(house, "Uma Reed", &sure);
        let (_, perhaps) =
            somebody(house, "Bo Stranger", &["Mrs Quill came along.", "The quill is an old pen."]);
        let found = house.act(|acting, tx| erasure::spoken(acting, tx, tara)).unwrap();
        assert!(found.whole);
        let mut listed: Vec<i64> = found.found.iter().filter(|text| text.sure).map(|text| text.id).collect();
        listed.sort_unstable();
        assert_eq!(listed, lines.iter().map(|line| line.0).collect::<Vec<_>>(), "every form is proposed");
        assert!(
            !found.found.iter().any(|text| perhaps.contains(&EntryId(text.id))),
            "Bo has nothing to do with her"
        );

        // About somebody who has to do with her a part of her name may be meant: shown, and not ticked.
        let firm = "INSERT INTO belonging (id, person_id, organisation_id, since)
            SELECT 9000001, ?1, organisation_id, since FROM belonging WHERE person_id = ?2";
        let may = house
            .act(|acting, tx| {
                tx.exec(firm, &[uma.0.into(), tara.0.into()])?;
                let note = NewNote {
                    kind: "contact record".into(),
                    body: "Mrs Quill came along.".into(),
                    on: acting.today,
                    direction: Some(Direction::In),
                    engagement: None,
                };
                acts::entry::add(acting, tx, uma, &note)
            })
            .unwrap();
        let found = house.act(|acting, tx| erasure::spoken(acting, tx, tara)).unwrap();
        let last = found.found.last().unwrap();
        assert!(last.id == may.0 && !last.sure && last.whose() == Some(uma), "{last:?}");

        let these: Vec<(&str, i64)> = found.found.iter().map(|text| (text.table, text.id)).collect();
        let carried = erase(house, tara, &these);
        assert_eq!(carried.masked, sure.len() + 1);
        for line in lines.iter().chain([&may]) {
            let text = body(house, *line);
            assert!(text.contains(erasure::INSTEAD) && !text.to_lowercase().contains("quill"), "{text}");
        }
        assert_eq!(body(house, perhaps[0]), "Mrs Quill came along.", "nobody said that she is meant");
    });
}

/// A draft to many that names Tara, an organisation that is called after her, and one that is called otherwise.
fn drafted(house: &House) -> (OrganisationId, OrganisationId) {
    let draft =
        "INSERT INTO mailing (id, title, activity, channel, subject, body, state, created_at, version)
        VALUES (1, 'Tea with Tara Quill', 'news for organisations', 'mailing', 'Meet Tara Quill',
            'Write to tara.quill@brightwell.example.', 'draft', 0, 1)";
    house.spoil(draft);
    let called = |name: &str| house.act(|acting, tx| Ok(organisation::named(tx, name, acting.now)?)).unwrap();
    (called("Friends of Tara Quill"), called("Friends of Tara Quilliam"))
}

/// How many texts of others still speak of whoever was erased, as the request says.
fn left(house: &House, carried: &erasure::Carried) -> u64 {
    let said = house.request(carried.request).stays;
    said.iter().filter(|stays| stays.activity.contains("Texts about others")).map(|stays| stays.count).sum()
}

#[test]
fn a_draft_to_many_and_the_name_of_an_organisation_name_whoever_is_erased_no_more() {
    on_both(|house| {
        let tara = house.tara();
        let (friends, other) = drafted(house);
        let found = house.act(|acting, tx| erasure::spoken(acting, tx, tara)).unwrap();
        assert_eq!(
            found.sure(),
            [("mailing", 1), (texts::NAME, friends.0)],
            "nobody who is called otherwise"
        );
        let carried = erase(house, tara, &found.sure());
        assert_eq!((carried.masked, left(house, &carried)), (2, 0));
        let gone = erasure::INSTEAD;
        let (mailing, called) = house.read(|tx| {
            Ok((store::mailing::one(tx, MailingId(1))?, organisation::one(tx, friends)?.details.name))
        });
        assert_eq!(mailing.draft.title, format!("Tea with {gone}"));
        assert_eq!(mailing.draft.subject, format!("Meet {gone}"));
        assert_eq!(mailing.draft.body, format!("Write to {gone}."));
        assert_eq!(called, format!("Friends of {gone}"));
        assert_eq!(house.read(|tx| organisation::one(tx, other)).details.name, "Friends of Tara Quilliam");
        let all = house.left().to_lowercase().replace("quilliam", "");
        assert!(!all.contains("tara quill") && !all.contains("tara.quill"), "{all}");
        // Nobody sends it like this.
        let sent = house.act(|acting, tx| acts::mailing::send(acting, tx, MailingId(1), mailing.version));
        assert!(invalid(&sent.unwrap_err(), "subject"));
    });
}

#[test]
fn a_picture_that_shows_whoever_is_erased_by_its_own_words_goes_whole() {
    on_both(|house| {
        let tara = house.tara();
        house.spoil(
            "INSERT INTO mailing (id, title, activity, channel, subject, body, state, created_at, version)
            VALUES (3, 'News', 'news for organisations', 'mailing', 'News', '![](picture:1) ![](picture:2)', 'sent', 0, 1)",
        );
        let of = Of::Mailing(MailingId(3));
        let draws = |number: i64, alt: &str| {
            let media = "image/png".to_owned();
            let drawn =
                Picture { number, alt: alt.to_owned(), media, width: 40, bytes: alt.as_bytes().to_vec() };
            house.act(|_, tx| Ok(picture::add(tx, of, &drawn)?)).unwrap();
        };
        draws(1, "Tara Quill at her desk");
        draws(2, "Our new house");
        let found = house.act(|acting, tx| erasure::spoken(acting, tx, tara)).unwrap();
        let sure = found.sure();
        let [("picture", row)] = sure[..] else { panic!("{sure:?}") };
        assert_eq!(house.read(|tx| picture::belongs(tx, row)), Some(of));
        assert_eq!(house.read(|tx| picture::belongs(tx, row + 1_000_000)), None);
        let carried = erase(house, tara, &sure);
        assert_eq!((carried.masked, left(house, &carried)), (1, 0));
        let there = house.read(|tx| picture::all(tx, of));
        assert_eq!(there.iter().map(|one| one.alt.as_str()).collect::<Vec<_>>(), ["Our new house"]);
    });
}

#[test]
fn a_place_that_an_audience_is_narrowed_by_names_whoever_is_erased_no_more() {
    on_both(|house| {
        let tara = house.tara();
        house.spoil(
            r#"INSERT INTO saved_audience (id, name, activity, criteria, shared, kept_at)
            VALUES (2, 'Nearby', 'news for organisations', '{"place":"Tara Quill House"}', 1, 0)"#,
        );
        house.spoil(
            r#"INSERT INTO mailing (id, title, activity, channel, subject, body, whom, state, created_at, version)
            VALUES (3, 'News', 'news for organisations', 'mailing', 'News', 'What is new', '{"place":"Tara Quill House"}', 'sent', 0, 1)"#,
        );
        let found = house.act(|acting, tx| erasure::spoken(acting, tx, tara)).unwrap();
        assert!(found.sure().contains(&("saved_audience", 2)), "{found:?}");
        assert_eq!(found.left, [MailingId(3)]);
        erase(house, tara, &found.sure());
        let said = format!(r#"{{"place":"{} House"}}"#, erasure::INSTEAD);
        let (saved, left) = house.read(|tx| {
            let left = store::saved_audience::of_mailing(tx, MailingId(3))?;
            Ok((store::saved_audience::one(tx, 2)?.criteria, left))
        });
        assert_eq!((saved, left), (said.clone(), Some(said)));
        assert!(!house.left().to_lowercase().contains("tara quill"));
    });
}

#[test]
fn an_organisation_is_found_however_it_is_called_after_whoever_is_erased() {
    on_both(|house| {
        let tara = house.tara();
        let called =
            |name: &str| house.act(|acting, tx| Ok(organisation::named(tx, name, acting.now)?)).unwrap();
        let sure = ["Quill, Tara Trust", "T. Quill & Sons", "Tara J Quill Ltd", "Tara J. K. Quill (Joinery)"];
        let sure = sure.map(called);
        let others = ["Quill Ltd", "The Quill Pen Company", "Friends of Tara Quilliam"];
        let others = others.map(|name| (called(name), name));
        let (once, now) = (called("Quill & Daughters"), called("Quill Associates Ltd"));
        house
            .act(|acting, tx| {
                let (policy, by) = (&acting.policy, acting.staff_id());
                organisation::join(tx, policy, tara, once, Some(date(2020, 1, 1)), by)?;
                organisation::leave(tx, policy, tara, once, date(2024, 1, 1))?;
                organisation::join(tx, policy, tara, now, None, by)?;
                Ok(())
            })
            .unwrap();
        let found = house.act(|acting, tx| erasure::spoken(acting, tx, tara)).unwrap();
        assert!(found.whole);
        assert_eq!(
            found.sure(),
            sure.map(|one| (texts::NAME, one.0)),
            "by their whole name, whoever belongs there"
        );
        let perhaps: Vec<_> = found.organisations.iter().filter(|one| !one.sure).map(|one| one.id).collect();
        assert_eq!(
            perhaps,
            [once, now],
            "by the surname alone where she belongs or belonged, and somebody decides"
        );

        let these: Vec<_> = found.organisations.iter().map(|one| (texts::NAME, one.id.0)).collect();
        let carried = erase(house, tara, &these);
        assert_eq!(carried.masked, these.len());
        let gone = erasure::INSTEAD;
        let said = |one| house.read(|tx| organisation::one(tx, one)).details.name;
        let tails = ["Trust", "& Sons", "Ltd", "(Joinery)"];
        assert_eq!(sure.map(said), tails.map(|tail| format!("{gone} {tail}")));
        assert_eq!(said(once), format!("{gone} & Daughters"));
        assert_eq!(said(now), format!("{gone} Associates Ltd"));
        for (other, name) in others {
            assert_eq!(said(other), name, "nobody said that she is meant");
        }
    });
}

#[test]
fn the_record_of_an_erasure_keeps_no_organisation_that_is_called_after_whoever_is_erased() {
    on_both(|house| {
        let gone = erasure::INSTEAD;
        for (who, firm, kept) in [
            ("Ida Farthingale", "Farthingale & Daughters", format!("{gone} & Daughters")),
            ("Ada Pickersgill", "Pickersgill Ltd", format!("{gone} Ltd")),
            ("Eda Winterbourne", "Friends of Eda Winterbourne", format!("Friends of {gone}")),
            ("Oda Summerscale", "Harbour Ltd", "Harbour Ltd".to_owned()),
        ] {
            let (who, _) = somebody(house, who, &[]);
            let asked = house.opened("erasure", Who::Held(who));
            house.spoil(&format!("UPDATE request SET organisation = '{firm}' WHERE id = {asked}"));
            let why = erasure::Reason::Asked.known();
            let how = Telling::Already("by letter");
            house
                .act(|acting, tx| erasure::carry_out(acting, tx, who, Some(asked), (why, None), how))
                .unwrap();
            assert_eq!(house.request(asked).organisation, Some(kept), "{firm}");
            let told =
                "SELECT 1 FROM ring_duty WHERE table_name = 'request' AND row_id = ?1 AND what = 'lost'";
            assert!(house.read(|tx| tx.any(told, &[asked.0.into()])), "no backup brings it back");
        }
    });
}

#[test]
fn a_draft_to_many_that_is_left_alone_is_said_on_the_request() {
    on_both(|house| {
        let tara = house.tara();
        drafted(house);
        let found = house.act(|acting, tx| erasure::spoken(acting, tx, tara)).unwrap();
        let carried = erase_but(house, tara, &[], &found.sure());
        assert_eq!((carried.masked, left(house, &carried)), (0, 2));
        assert!(house.everything().contains("Meet Tara Quill"), "left alone, as was said");
    });
}

#[test]
fn what_a_masked_line_said_before_goes_with_it_and_is_not_said_to_stay() {
    on_both(|house| {
        let tara = house.tara();
        let (_, lines) = somebody(house, "Uma Reed", &["Uma knows Tara Quill."]);
        let (line, before) = (("entry", lines[0].0), ("entry_history", 9_000_077));
        house.spoil(&format!(
            "INSERT INTO entry_history (id, entry_id, version, body, changed_at)
                VALUES ({}, {}, 1, 'Uma met Tara Quill.', 0)",
            before.1, line.1
        ));
        let found = house.act(|acting, tx| erasure::spoken(acting, tx, tara)).unwrap().sure();
        assert!(found.len() == 2 && found.contains(&line) && found.contains(&before), "{found:?}");
        // Even where somebody unticked it.
        let carried = erase_but(house, tara, &[line], &[before]);
        assert_eq!((carried.masked, left(house, &carried)), (1, 0));
        assert!(!house.everything().contains("Uma met"), "{}", house.everything());
    });
}

#[test]
fn what_is_written_about_somebody_on_hold_is_masked_the_night_the_hold_ends() {
    on_both(|house| {
        let tara = house.tara();
        let text = "Uma knows Tara Quill (tara.quill@brightwell.example).";
        let (uma, lines) = somebody(house, "Uma Reed", &[text, "She asked for Tara Quill again."]);
        let asking = acts::hold::Asking {
            why: "a claim".into(),
            review_on: Some(date(2027, 1, 8)),
            ..acts::hold::Asking::default()
        };
        let hold = house.act(|acting, tx| acts::hold::place(acting, tx, uma, &asking)).unwrap();
        let these = [("entry", lines[0].0), ("entry", lines[1].0)];
        let carried = erase(house, tara, &these);
        assert_eq!(carried.masked, 0);
        assert_eq!(body(house, lines[0]), text, "what is held is held as it is");
        let said: Vec<String> = house.request(carried.request).stays.iter().map(erasure::sentence).collect();
        let said =
            said.iter().filter(|said| said.contains("on hold, which is looked at again by Fri 8 Jan 2027"));
        assert_eq!(said.count(), 2, "which, and until when");
        let tasks = || house.read(|tx| task::of_request(tx, carried.request));
        let of_uma = || tasks().into_iter().filter(|task| task.kind == task::Kind::Mask).collect::<Vec<_>>();
        assert_eq!(of_uma().len(), 2);
        for task in of_uma() {
            assert_eq!((task.person, task.owner), (Some(uma), house.acting().staff_id()));
            assert_eq!(task.due_on, Some(date(2027, 1, 8)));
            let confirmed =
                house.act(|acting, tx| acts::task::confirm(acting, tx, task.id, (acting.today, "masked")));
            assert!(invalid(&confirmed.unwrap_err(), "outcome"), "nobody may, while it stands");
        }
        let left = house.left();
        assert!(
            !left.lines().any(|line| line.starts_with("task.") && line.contains("Quill")),
            "no name in a task"
        );
        assert_eq!(house.look("disposal-done").broken, Vec::<String>::new());

        // A line that was changed meanwhile is somebody's to look through.
        house.spoil(&format!("UPDATE entry SET body = body || ' Twice.' WHERE id = {}", lines[1].0));
        night::practise_until(&house.instance, date(2026, 11, 20)).unwrap();
        assert_eq!(body(house, lines[0]), text);
        house.act(|acting, tx| acts::hold::end(acting, tx, hold, "settled")).unwrap();
        night::practise_until(&house.instance, date(2026, 11, 21)).unwrap();
        let gone = erasure::INSTEAD;
        assert_eq!(body(house, lines[0]), format!("Uma knows {gone} ({gone})."));
        let open: Vec<_> = of_uma().into_iter().filter(|task| task.done_on.is_none()).collect();
        assert_eq!(open.len(), 1, "{open:?}");
        assert!(open[0].entry == Some(lines[1]) && open[0].mask.is_none(), "{open:?}");
        assert!(open[0].what.contains("it was changed while"), "{open:?}");
        let empty = house.act(|acting, tx| acts::task::confirm(acting, tx, open[0].id, (acting.today, " ")));
        assert!(invalid(&empty.unwrap_err(), "note"), "masked, or kept with a reason");
        let done =
            |how| house.act(|acting, tx| acts::task::confirm(acting, tx, open[0].id, (acting.today, how)));
        done("kept: it is her own statement").unwrap();
    });
}

/// A supplier whose address names somebody else; and the row of the address.
fn supplier_at(house: &House, address: &str) -> (PersonId, i64) {
    house
        .act(|acting, tx| {
            let new = NewPerson {
                offers: false,
                ..newcomer("supplier", "the person", &[("name", "Sam Vane"), ("address", address)])
            };
            let who = acts::person::add(acting, tx, &new)?;
            let sql = "SELECT id FROM item WHERE person_id = ?1 AND kind = 'address'";
            Ok((who, tx.one(sql, &[who.0.into()], |row| row.int(0))?))
        })
        .unwrap()
}

#[test]
fn what_is_to_be_masked_outlives_the_record_of_the_erasure() {
    on_both(|house| {
        let tara = house.tara();
        let (sam, at) = supplier_at(house, "c/o Tara Quill, 1 High Street");
        let address = || {
            let sql = "SELECT value FROM item WHERE id = ?1";
            house.read(|tx| tx.one(sql, &[at.into()], |row| row.text(0)))
        };
        let asking = acts::hold::Asking {
            why: "a claim".into(),
            review_on: Some(date(2027, 1, 8)),
            ..acts::hold::Asking::default()
        };
        let hold = house.act(|acting, tx| acts::hold::place(acting, tx, sam, &asking)).unwrap();
        let carried = erase(house, tara, &[("item", at)]);
        let of_request = || house.read(|tx| task::of_request(tx, carried.request));
        for task in of_request().iter().filter(|task| task.blocks && task.done_on.is_none()) {
            house.act(|acting, tx| acts::task::confirm(acting, tx, task.id, (acting.today, "done"))).unwrap();
        }
        assert_eq!(house.request(carried.request).closed_on, Some(TODAY));
        house
            .act(|acting, tx| {
                let request = Some(carried.request);
                let other =
                    task::NewTask { request, ..task::NewTask::new(task::Kind::Other, "Ring them back") };
                task::add(tx, &other, acting.now)?;
                Ok(())
            })
            .unwrap();

        // The record of it is kept for three years, and the hold stands for longer.
        house.go_to(date(2029, 11, 10));
        night::practise_until(&house.instance, date(2029, 11, 11)).unwrap();
        let there = "SELECT 1 FROM request WHERE id = ?1";
        assert!(!house.read(|tx| tx.any(there, &[carried.request.0.into()])), "its record has gone");
        assert!(!house.everything().contains("Ring them back"), "what was to be done for it went with it");
        let waits = house.read(|tx| task::open_of_person(tx, sam));
        let waits: Vec<_> = waits.iter().filter(|task| task.kind == task::Kind::Mask).collect();
        assert!(waits.len() == 1 && waits[0].request.is_none() && waits[0].mask.is_some(), "{waits:?}");
        assert_eq!(address(), "c/o Tara Quill, 1 High Street", "what is held is held as it is");
        let rule = waits[0].rule.clone().unwrap();
        assert_eq!(broken(house, &rule), Vec::<String>::new());

        house.act(|acting, tx| acts::hold::end(acting, tx, hold, "settled")).unwrap();
        night::practise_until(&house.instance, date(2029, 11, 12)).unwrap();
        assert_eq!(address(), format!("c/o {}, 1 High Street", erasure::INSTEAD));
        let done = house.read(|tx| task::one(tx, waits[0].id));
        assert_eq!(done.done_on, Some(date(2029, 11, 12)));
    });
}

#[test]
fn a_text_that_was_to_be_masked_and_was_not_breaks_its_promise() {
    on_both(|house| {
        let tara = house.tara();
        let (uma, lines) = somebody(house, "Uma Reed", &["Uma knows Tara Quill."]);
        let asking = acts::hold::Asking {
            why: "a claim".into(),
            review_on: Some(date(2027, 1, 8)),
            ..acts::hold::Asking::default()
        };
        house.act(|acting, tx| acts::hold::place(acting, tx, uma, &asking)).unwrap();
        let carried = erase(house, tara, &[("entry", lines[0].0)]);
        let masks = || {
            let all = house.read(|tx| task::of_request(tx, carried.request));
            all.into_iter().find(|task| task.kind == task::Kind::Mask).unwrap()
        };
        let rule = masks().rule.unwrap();
        let broken = || broken(house, &rule);
        assert_eq!(broken(), Vec::<String>::new());
        // Behind the program's back: the hold is gone and no night has masked it.
        house.spoil("DELETE FROM hold");
        house.go_to(date(2026, 11, 6));
        let said = broken();
        assert!(
            said.iter().any(|said| said.contains("a hold or a restriction that stands no more")),
            "{said:?}"
        );
        // Called done by nobody.
        house.spoil("UPDATE task SET done_on = '2026-11-05', mask = NULL WHERE kind = 'mask'");
        let said = broken();
        assert!(said.iter().any(|said| said.contains("and nobody said so")), "{said:?}");
        // Left undone.
        house.spoil("UPDATE task SET done_on = NULL, due_on = '2026-11-05' WHERE kind = 'mask'");
        let said = broken();
        assert!(said.iter().any(|said| said.contains("was to be done by 2026-11-05")), "{said:?}");
    });
}

/// What the proof finds of what a clause leaves to somebody's hand.
fn broken(house: &House, rule: &str) -> Vec<String> {
    let policy = house.instance.policy();
    let rule = policy.rule_keyed(rule).unwrap().id;
    let (now, today) = (house.instance.clock.now(), house.instance.clock.today());
    let by_hand = custody::proof::Obligation::DoneByHand { rule };
    store::prove::obligation(&house.instance.store, &policy, &by_hand, now, today).unwrap().broken
}

#[test]
fn a_file_that_waits_to_be_brought_in_brings_nobody_back_who_was_erased() {
    on_both(|house| {
        let tara = house.tara();
        let file = b"Name,E-mail,Job title,Seen by Tara Quill\nTara Quill,tara.quill@brightwell.example,Head,x\nRita Fern,rita@fern.example,Friend of Tara Quill,x\nSid Vane,sid@vane.example,Clerk,x\n";
        let waiting = |house: &House| {
            let (received, sheet) =
                import::receive(&house.instance, &house.acting(), "Tara-Quill_list.csv", file).unwrap();
            let id = house.act(|acting, tx| import::keep(acting, tx, &received)).unwrap();
            (id, sheet)
        };
        let (planned, sheet) = waiting(house);
        let naming = import::Naming {
            activity: "enquiries".into(),
            category: "organisation contact".into(),
            source: "their organisation".into(),
            collected_on: Some(TODAY),
            told: "nobody".into(),
            offers: false,
        };
        house
            .act(|acting, tx| {
                import::name_it(acting, tx, planned, &naming)?;
                let importing = import::Importing::load(&acting.policy, tx, planned)?;
                let guesses = column::guess(&sheet, "enquiries", &importing.kinds);
                let columns: Vec<String> =
                    guesses.iter().map(|guess| guess.target.word(&importing.kinds)).collect();
                import::plan(acting, tx, planned, &sheet, &columns)
            })
            .unwrap();
        let (asked, _) = waiting(house);
        let preview = house.act(|acting, tx| erasure::preview(acting, tx, tara, None)).unwrap();
        let seen = &preview.incoming;
        // The row that is theirs by name goes as all they have does.
        assert_eq!((seen.gone, seen.masked, seen.files), (0, 1, 1), "{seen:?}");
        assert!(house.everything().contains("Friend of Tara Quill"), "a preview changes nothing");

        erase(house, tara, &[]);
        assert!(!house.left().contains("Quill"), "{}", house.left());
        assert!(
            house.instance.store.read(|tx| store::import::one(tx, asked)).is_err(),
            "it could not be told apart"
        );
        house.act(|acting, tx| import::start(acting, tx, planned)).unwrap();
        import::run(&house.instance, planned, |_| {}).unwrap();
        let left = house.left();
        assert!(left.contains("Rita Fern") && left.contains("Sid Vane"), "{left}");
        assert!(
            left.contains(&format!("Friend of {}", erasure::INSTEAD)) && !left.contains("Quill"),
            "{left}"
        );
        let counts = house.read(|tx| store::import::counts(tx, planned));
        assert_eq!(counts.get(&store::import::Outcome::Skipped), Some(&1), "{counts:?}");
    });
}

#[test]
fn cells_that_only_stand_beside_each_other_are_nobodys_name() {
    on_both(|house| {
        let tara = house.tara();
        let file = b"First name,Last name,Job title,E-mail\nTara,Quill,Head of all,tq@home.example\nSophie,Tara,Quill maker,sophie@maker.example\n";
        let (received, sheet) =
            import::receive(&house.instance, &house.acting(), "people.csv", file).unwrap();
        let naming = import::Naming {
            activity: "enquiries".into(),
            category: "organisation contact".into(),
            source: "their organisation".into(),
            collected_on: Some(TODAY),
            told: "nobody".into(),
            offers: false,
        };
        house
            .act(|acting, tx| {
                let id = import::keep(acting, tx, &received)?;
                import::name_it(acting, tx, id, &naming)?;
                let importing = import::Importing::load(&acting.policy, tx, id)?;
                let guesses = column::guess(&sheet, "enquiries", &importing.kinds);
                let columns: Vec<String> =
                    guesses.iter().map(|guess| guess.target.word(&importing.kinds)).collect();
                assert_eq!(columns, ["name:first", "name:last", "item:job title", "item:email"]);
                import::plan(acting, tx, id, &sheet, &columns)
            })
            .unwrap();
        let preview = house.act(|acting, tx| erasure::preview(acting, tx, tara, None)).unwrap();
        assert_eq!((preview.incoming.masked, preview.incoming.files), (0, 0), "{:?}", preview.incoming);
        erase(house, tara, &[]);
        let left = house.left();
        assert!(!left.contains("tq@home.example") && !left.contains("Head of all"), "{left}");
        assert!(left.contains("Sophie") && left.contains("Quill maker"), "she is somebody else: {left}");
    });
}
