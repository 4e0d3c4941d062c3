//! Erasure: no name is left, paper is waited for, no list brings anybody back.

use app::acts::confirmation::Telling;
use app::acts::request::{Outcome, Who};
use app::acts::{self, Acting, erasure, objection, request as desk};
use app::fault::Fault;
use jiff::civil::date;
use store::paper::{self, NewPaper};
use store::request;
use store::suppression::{self, Forbids};
use store::{certificate, search, task};

use super::common::newcomer;
use super::house::{House, TODAY, invalid, on_both};

#[test]
fn an_erasure_leaves_no_name_waits_for_paper_and_is_not_undone_by_a_list() {
    on_both(|house| {
        let tara = house.tara();
        house
            .act(|acting, tx| {
                let file = NewPaper {
                    person: tara,
                    engagement: None,
                    what: "notes of calls",
                    place: "cabinet 2, second drawer",
                    since: acting.today,
                    by: acting.staff_id(),
                };
                paper::add(tx, &file, acting.now)?;
                objection::record(
                    acting,
                    tx,
                    tara,
                    &objection::scope(&acting.policy, "marketing").unwrap(),
                    (acting.today, "telephone"),
                )
            })
            .unwrap();
        let asked = house.opened("erasure", Who::Held(tara));
        let preview = house.act(|acting, tx| erasure::preview(acting, tx, tara, Some(asked))).unwrap();
        assert!(preview.go.values().sum::<u32>() >= 5, "{preview:?}");
        assert!(
            preview.marks.contains(&Forbids::Marketing)
                && preview.tasks.len() == 1
                && preview.told.len() == 1,
            "{preview:?}"
        );
        assert!(
            preview.stay.iter().any(|stays| stays.because.contains("Art 17(3)(b)") && stays.stayed.count > 0),
            "{preview:?}"
        );
        assert_eq!(preview.initials, "T.Q.");
        assert!(house.everything().contains("tara.quill@brightwell.example"), "a preview changes nothing");
        let stale = house.act(|acting, tx| {
            erasure::carry_out(
                acting,
                tx,
                tara,
                Some(asked),
                (erasure::Reason::Asked.known(), Some("0")),
                Telling::Already("by letter"),
            )
        });
        assert!(matches!(stale, Err(Fault::Changed)));
        let carried = house
            .act(|acting, tx| {
                erasure::carry_out(
                    acting,
                    tx,
                    tara,
                    Some(asked),
                    (erasure::Reason::Asked.known(), Some(&preview.version)),
                    Telling::Already("by letter"),
                )
            })
            .unwrap();
        assert_eq!(carried.rows, preview.go.values().sum::<u32>(), "what was shown is what went");
        assert!(carried.waits, "paper comes first");
        let early =
            house.act(|acting, tx| desk::answer(acting, tx, asked, Outcome::Done, ("", acting.today)));
        assert!(invalid(&early.unwrap_err(), "answer"));
        assert!(house.request(asked).closed_on.is_none());
        let paper =
            house.read(|tx| task::of_request(tx, asked)).into_iter().find(|task| task.blocks).unwrap();
        let done = house
            .act(|acting, tx| acts::task::confirm(acting, tx, paper.id, (acting.today, "shredded")))
            .unwrap();
        assert!(done.closed, "the last thing done by hand closes it");

        let left = house.left();
        for word in ["Tara", "Quill", "tara.quill", "960123", "team of nine", "second drawer"] {
            let found: Vec<_> = left.lines().filter(|line| line.contains(word)).collect();
            assert!(found.is_empty(), "{word} is still there: {found:?}");
        }
        let reach = store::reach::Reach::Everyone;
        assert!(house.read(|tx| search::find(tx, "Quill", &reach, 5)).is_empty());
        let policy = house.instance.policy();
        let listed = house.read(|tx| request::register(tx, &policy, request::Kind::Erasure, None, 5));
        assert_eq!(listed.len(), 1);
        assert_eq!(listed[0].initials.as_deref(), Some("T.Q."));
        assert_eq!(listed[0].organisation.as_deref(), Some("Brightwell Ltd"));
        assert!(listed[0].name.is_none() && listed[0].person.is_none() && listed[0].words.is_none());
        let steps: Vec<_> = house
            .read(|tx| request::steps(tx, &policy, &listed[0]))
            .into_iter()
            .map(|step| step.step)
            .collect();
        let told = request::TOLD;
        assert_eq!(
            steps,
            ["received", "identity known", told, "erased", "paper destroyed", "answered", "closed"]
        );
        let keys = house.instance.store.keys();
        let (known, stands) = house.read(|tx| {
            let email = "Tara.Quill@Brightwell.example";
            Ok((
                certificate::known(tx, keys, "email", email)?,
                suppression::standing(tx, keys, "email", email)?,
            ))
        });
        assert!(known.is_some_and(|let_go| let_go.erased), "a list that brings her back is held back");
        assert!(stands.contains(&Forbids::Marketing));
    });
}

#[test]
fn a_list_that_brings_somebody_erased_back_holds_the_line() {
    use app::acts::import::{self, Importing, Naming};
    let house = House::new(None);
    let tara = house.tara();
    house
        .act(|acting, tx| {
            erasure::carry_out(
                acting,
                tx,
                tara,
                None,
                (erasure::Reason::NotNeeded.into(), None),
                Telling::Nobody,
            )
        })
        .unwrap();
    house.go_to(date(2026, 11, 20));
    let file = b"Name,E-mail\nTara Quill,TARA.QUILL@brightwell.example\nUma Reed,uma@brightwell.example\n";
    let (received, sheet) = import::receive(&house.instance, &house.acting(), "list.csv", file).unwrap();
    let naming = Naming {
        activity: "enquiries".into(),
        source: "their organisation".into(),
        collected_on: Some(date(2026, 11, 19)),
        told: "nobody".into(),
        ..Naming::default()
    };
    let id = house
        .act(|acting, tx| {
            let id = import::keep(acting, tx, &received)?;
            import::name_it(acting, tx, id, &naming)?;
            let importing = Importing::load(&acting.policy, tx, id)?;
            let guesses = app::intake::column::guess(&sheet, "enquiries", &importing.kinds);
            let words: Vec<String> =
                guesses.iter().map(|guess| guess.target.word(&importing.kinds)).collect();
            import::plan(acting, tx, id, &sheet, &words)?;
            import::start(acting, tx, id)?;
            Ok(id)
        })
        .unwrap();
    import::run(&house.instance, id, |_| {}).unwrap();
    let counts = house.read(|tx| store::import::counts(tx, id));
    assert_eq!(counts.get(&store::import::Outcome::LeftOut), Some(&1), "she was held back: {counts:?}");
    assert!(house.read(|tx| store::item::having(tx, "email", "tara.quill@brightwell.example")).is_empty());
    assert_eq!(house.read(|tx| store::item::having(tx, "email", "uma@brightwell.example")).len(), 1);
}

#[test]
fn what_somebody_erased_had_asked_before_stays_by_initials() {
    on_both(|house| {
        let tara = house.tara();
        let policy = house.instance.policy();
        house.opened("no contact", Who::Held(tara));
        let asked = house.opened("erasure", Who::Held(tara));
        house
            .act(|acting, tx| {
                erasure::carry_out(
                    acting,
                    tx,
                    tara,
                    Some(asked),
                    (erasure::Reason::Asked.known(), None),
                    Telling::Already("by letter"),
                )
            })
            .unwrap();
        let left = house.left();
        for word in ["Tara", "Quill", "tara.quill", "960123"] {
            let found: Vec<_> = left.lines().filter(|line| line.contains(word)).collect();
            assert!(found.is_empty(), "{word} is still there: {found:?}");
        }
        let listed = house.read(|tx| request::register(tx, &policy, request::Kind::NoContact, None, 5));
        assert_eq!(listed.len(), 1, "that they asked still stands");
        assert!(listed[0].name.is_none() && listed[0].words.is_none());
        assert_eq!(listed[0].initials.as_deref(), Some("T.Q."));
        let now = house.instance.clock.now();
        let proof =
            store::prove::promise(&house.instance.store, &policy, "CTI-21", now, TODAY).unwrap().unwrap();
        assert_eq!(proof.verdict, custody::proof::Verdict::Kept, "{proof:?}");

        // Did you delete me? The hash of what they say answers, and nothing they said is kept.
        let ask = |said: &str| house.act(|acting, tx| acts::gone::asked(acting, tx, said)).unwrap();
        for said in ["TARA.QUILL@brightwell.example", "+44 1632 960123", "tara  quill"] {
            assert_eq!(acts::gone::answer(&ask(said)), "Yes: erased on request on Tue 3 Nov 2026.", "{said}");
        }
        assert!(acts::gone::answer(&ask("somebody@else.example")).starts_with("No"));
        assert!(!house.everything().contains("somebody@else"));
        let assistant = Acting::staff(&house.instance, house.assistant.clone()).unwrap();
        let theirs = house.instance.store.write(|tx| acts::gone::asked(&assistant, tx, "Tara Quill"));
        assert!(matches!(theirs, Err(Fault::Refused(_))), "told to nobody else");
    });
}

#[test]
fn the_preview_of_an_erasure_names_every_record_that_stays() {
    on_both(|house| {
        let tara = house.tara();
        house.opened("access", Who::Held(tara));
        let preview = house.act(|acting, tx| erasure::preview(acting, tx, tara, None)).unwrap();
        let records = preview.stay.iter().find(|stays| stays.stayed.kinds.contains("request record"));
        let records =
            records.unwrap_or_else(|| panic!("the requests stay and are not named: {:?}", preview.stay));
        assert_eq!(records.stayed.count, 2, "the access request and this one");
        assert!(records.because.contains("rights and complaints: keep"), "{records:?}");
    });
}

#[test]
fn an_erasure_that_takes_nothing_is_a_refusal_with_its_reasons() {
    on_both(|house| {
        let tara = house.tara();
        let asking = acts::hold::Asking {
            why: "The Northbank claim".into(),
            review_on: Some(date(2027, 1, 31)),
            ..Default::default()
        };
        house.act(|acting, tx| acts::hold::place(acting, tx, tara, &asking)).unwrap();
        let asked = house.opened("erasure", Who::Held(tara));
        let held = house.read(|tx| store::item::of_person(tx, &house.instance.policy(), tara)).len();
        let preview = house.act(|acting, tx| erasure::preview(acting, tx, tara, Some(asked))).unwrap();
        assert_eq!(preview.outcome, Outcome::Refused, "{preview:?}");
        let why = erasure::Because { note: "see ticket 4711", ..erasure::Reason::Asked.known() };
        let by_mail = house.act(|acting, tx| {
            erasure::carry_out(acting, tx, tara, Some(asked), (why, None), Telling::ByEmail)
        });
        assert!(invalid(&by_mail.unwrap_err(), "tell"), "no message says that it is done");
        let untold = house.act(|acting, tx| {
            erasure::carry_out(acting, tx, tara, Some(asked), (why, None), Telling::Nobody)
        });
        assert!(invalid(&untold.unwrap_err(), "tell"), "whoever is refused hears it, with why");
        assert!(house.request(asked).closed_on.is_none());
        let carried = house
            .act(|acting, tx| {
                erasure::carry_out(acting, tx, tara, Some(asked), (why, None), Telling::Already("by letter"))
            })
            .unwrap();
        assert_eq!(carried.came.outcome, Outcome::Refused);
        assert_eq!((carried.rows, carried.done.closed), (0, true));
        let policy = house.instance.policy();
        assert_eq!(house.read(|tx| store::item::of_person(tx, &policy, tara)).len(), held);
        assert_eq!(
            house.read(|tx| certificate::of_person(tx, tara)),
            [],
            "nothing went, so nothing is certified"
        );

        let written = house.request(asked);
        assert_eq!(written.outcome.as_deref(), Some("refused"));
        assert_eq!(written.person, Some(tara), "whose it is is not forgotten: they are still here");
        assert!(written.answer.is_some());
        assert!(written.stays.iter().any(|stays| stays.why.contains("Art 17(3)(e)")), "{:?}", written.stays);
        assert!(written.stays.iter().all(|stays| stays.count > 0));
        let steps: Vec<_> = house
            .read(|tx| request::steps(tx, &policy, &written))
            .into_iter()
            .map(|step| step.step)
            .collect();
        assert!(steps.iter().any(|step| step == "refused"), "{steps:?}");
        assert!(!steps.iter().any(|step| step == "erased"), "{steps:?}");
        assert!(steps.iter().any(|step| step == request::TOLD_REFUSED), "{steps:?}");
        assert!(!steps.iter().any(|step| step == request::TOLD), "nothing is done: {steps:?}");

        // The register has initials, and says no more of whoever was erased; whoever was refused whole is still here, with why.
        assert_eq!(house.look("initials-only").broken, Vec::<String>::new());
        let id = asked.0;
        for (spoilt, back) in
            [("asked_by = 'Tara Quill'", "asked_by = NULL"), ("outcome = 'done'", "outcome = 'refused'")]
        {
            house.spoil(&format!("UPDATE request SET {spoilt} WHERE id = {id}"));
            let found = house.look("initials-only").broken;
            assert_eq!(found, [format!("request {id} says more than initials")], "{spoilt}");
            house.spoil(&format!("UPDATE request SET {back} WHERE id = {id}"));
        }
    });
}

#[test]
fn a_refusal_by_letter_gives_what_stays_as_its_reasons_and_closes_when_it_leaves() {
    use app::acts::letter::{self, Leaves};
    on_both(|house| {
        let tara = house.tara();
        let unasked = || {
            let why = erasure::Reason::NotNeeded.into();
            house.act(|acting, tx| erasure::refuse_by_letter(acting, tx, tara, (None, None), &why))
        };
        assert!(invalid(&unasked().unwrap_err(), "tell"), "something of it can go");
        let asked = house.opened("erasure", Who::Held(tara));
        let by_letter = |seen: Option<&'static str>| {
            let why = erasure::Reason::Asked.into();
            house.act(|acting, tx| erasure::refuse_by_letter(acting, tx, tara, (Some(asked), seen), &why))
        };
        assert!(invalid(&by_letter(None).unwrap_err(), "tell"), "something of it can go");
        let asking = acts::hold::Asking {
            why: "The Northbank claim".into(),
            review_on: Some(date(2027, 1, 31)),
            ..Default::default()
        };
        house.act(|acting, tx| acts::hold::place(acting, tx, tara, &asking)).unwrap();
        assert!(matches!(by_letter(Some("0")), Err(Fault::Changed)));
        let letter = by_letter(None).unwrap();
        assert!(house.request(asked).closed_on.is_none(), "a draft refuses nothing");
        let sql = format!("SELECT body FROM letter WHERE id = {}", letter.0);
        let body = house.read(|tx| tx.one(&sql, &[], |row| row.text(0)));
        let plain = ["We keep ", "what you asked of us and how we answered", "legal claims"];
        for said in ["Art 17(3)(e)", "ico.org.uk", "go to court"].into_iter().chain(plain) {
            assert!(body.contains(said), "{said}: {body}");
        }
        assert!(body.contains("3 years after") && body.contains("a legal duty requires it"), "{body}");
        for odd in ["row)", "rows)", "request record", "contact record", ": keep", "counted from"] {
            assert!(!body.contains(odd), "{odd} is no word of hers: {body}");
        }
        let how = Leaves::ByHand(TODAY, "by post");
        assert!(house.act(|acting, tx| letter::send(acting, tx, (letter, 1), how)).unwrap().closed);
        let written = house.request(asked);
        assert_eq!((written.outcome.as_deref(), written.person), (Some("refused"), Some(tara)));
        assert_eq!(house.look("initials-only").broken, Vec::<String>::new());
        assert!(house.everything().contains("tara.quill@brightwell.example"), "nothing has gone");
    });
}

#[test]
fn an_erasure_in_part_says_what_stays_under_which_clause() {
    on_both(|house| {
        let new = acts::person::NewPerson {
            collected_on: Some(date(2026, 10, 1)),
            ..newcomer(
                "associate",
                "the person",
                &[("name", "Delphine Moreau"), ("email", "d@moreau.example")],
            )
        };
        let who = house.act(|acting, tx| acts::person::add(acting, tx, &new)).unwrap();
        let asked = house.opened("erasure", Who::Held(who));
        let why = erasure::Reason::Asked.known();
        let carried = house
            .act(|acting, tx| {
                erasure::carry_out(acting, tx, who, Some(asked), (why, None), Telling::Already("by letter"))
            })
            .unwrap();
        assert_eq!(carried.came.outcome, Outcome::Partly, "{:?}", carried.came);
        let written = house.request(asked);
        // Her news ended, and all that is held the contract needs.
        assert_eq!((carried.rows, carried.word), (0, request::NOTHING_YET));
        assert_eq!(written.outcome.as_deref(), Some(request::NOTHING_YET));
        let stays = written.stays.iter().find(|stays| stays.kinds.contains("name")).unwrap();
        assert_eq!(stays.why, "Our contract with them still needs it");
        assert!(
            stays.clause.as_ref().is_some_and(|clause| clause.contains("assignments: keep")),
            "{stays:?}"
        );
        assert!(erasure::sentence(stays).contains("Our contract with them"), "{}", erasure::sentence(stays));
    });
}

#[test]
fn what_is_written_about_an_erasure_does_not_say_of_whom() {
    on_both(|house| {
        let tara = house.tara();
        let with = |note: &str| {
            let why = erasure::Because { note, ..erasure::Reason::NotNeeded.into() };
            house.act(|acting, tx| erasure::carry_out(acting, tx, tara, None, (why, None), Telling::Nobody))
        };
        for note in [
            "Tara Quill asked by e-mail",
            "asked by QUILL",
            "see the letter of Ms. Quill's solicitor",
            "by tara.quill@brightwell.example",
            "she rang from 01632 960 123",
            "she rang from +44 1632 960123",
        ] {
            assert!(invalid(&with(note).unwrap_err(), "note"), "{note}");
        }
        with("the list of ticket 4711").unwrap();
        let written = house.read(|tx| certificate::of_person(tx, tara));
        assert_eq!(written[0].note.as_deref(), Some("the list of ticket 4711"));
        assert!(
            written[0].reasons.iter().any(|why| why == erasure::Reason::NotNeeded.words()),
            "{written:?}"
        );
        let left = house.left();
        for word in ["Tara", "Quill", "tara.quill", "960123", "960 123"] {
            assert!(!left.contains(word), "{word} is still there");
        }
        assert!(erasure::Reason::named("Tara asked").is_err(), "only words the program knows");
    });
}

#[test]
fn texts_of_others_that_speak_of_whoever_is_erased_are_shown_and_masked_or_left_as_was_said() {
    on_both(|house| {
        let tara = house.tara();
        let boss = "Tara Quill (tara.quill@brightwell.example, 01632 960123) is her boss.";
        let (one, other) = house
            .act(|acting, tx| {
                let values = [("name", "Uma Reed"), ("email", "uma@reed.example")];
                let new = acts::person::NewPerson {
                    collected_on: Some(date(2026, 10, 1)),
                    ..newcomer("organisation contact", "their organisation", &values)
                };
                let uma = acts::person::add(acting, tx, &new)?;
                let note = |body: &str| acts::entry::NewNote {
                    kind: "contact record".into(),
                    body: body.into(),
                    on: acting.today,
                    direction: Some(store::entry::Direction::In),
                    engagement: None,
                };
                let one = acts::entry::add(acting, tx, uma, &note(boss))?;
                let other = acts::entry::add(acting, tx, uma, &note("Lunch with Tara Quill on Friday."))?;
                acts::entry::add(acting, tx, uma, &note("Nothing about anybody else."))?;
                tx.exec(
                    "INSERT INTO mailing (id, title, activity, channel, subject, body, state, created_at, version)
                        VALUES (1, 'Spring', 'news for organisations', 'mailing', 'Tara Quill speaks', 'Come!', 'draft', 0, 1)",
                    &[],
                )?;
                tx.exec(
                    "INSERT INTO mailing (id, title, activity, channel, subject, body, state, created_at, version)
                        VALUES (2, 'Autumn with Tara Quill', 'news for organisations', 'mailing', 'Tara', 'Tara Quill spoke.', 'sent', 0, 3)",
                    &[],
                )?;
                Ok((one, other))
            })
            .unwrap();
        let found = house.act(|acting, tx| erasure::spoken(acting, tx, tara)).unwrap();
        let texts: Vec<(&str, i64)> = found.found.iter().map(|text| (text.table, text.id)).collect();
        assert_eq!(texts, [("entry", other.0), ("entry", one.0)], "the newest first, and no other");
        let drafts: Vec<_> = found.drafts.iter().map(|(_, title)| title.as_str()).collect();
        assert!(found.whole && drafts == ["Spring"], "what has left is masked anyway: {found:?}");
        assert_eq!(found.left, [custody::id::MailingId(2)]);
        let asked = house.opened("erasure", Who::Held(tara));
        let these = [("entry", one.0)];
        let alone = [("entry", other.0)];
        let masking = erasure::Masking { these: &these, alone: &alone };
        let why = erasure::Because { masking, ..erasure::Reason::Asked.known() };
        let carried = house
            .act(|acting, tx| {
                erasure::carry_out(acting, tx, tara, Some(asked), (why, None), Telling::Already("by letter"))
            })
            .unwrap();
        assert_eq!(carried.masked, 1);
        let mailing = |id: i64| {
            let sql = "SELECT title, subject, body, version FROM mailing WHERE id = ?1";
            house.read(|tx| {
                tx.one(sql, &[id.into()], |row| Ok((row.text(0)?, row.text(1)?, row.text(2)?, row.int(3)?)))
            })
        };
        let masked = |text: &str| text.replace("Tara Quill", erasure::INSTEAD);
        let autumn = (masked("Autumn with Tara Quill"), "Tara".to_owned(), masked("Tara Quill spoke."), 4);
        assert_eq!(mailing(2), autumn, "what has left names them no more");
        assert_eq!(mailing(1).1, "Tara Quill speaks", "a draft that was left alone stays as it is");
        let body = |id: i64| {
            house.read(|tx| tx.one("SELECT body FROM entry WHERE id = ?1", &[id.into()], |row| row.text(0)))
        };
        let gone = erasure::INSTEAD;
        assert_eq!(body(one.0), format!("{gone} ({gone}, {gone}) is her boss."));
        assert_eq!(body(other.0), "Lunch with Tara Quill on Friday.", "left alone, as was said");
        let left = house.request(asked).stays;
        let left = left.iter().find(|stays| stays.activity.contains("Texts about others")).unwrap();
        assert_eq!(left.count, 1, "and what was left alone is said");
        let said = erasure::sentence(left);
        assert!(
            said.starts_with("Texts about others that speak of them: one. ") && !said.contains("row"),
            "{said}"
        );
        let of_kinds = |count| {
            let kinds = "message record".to_owned();
            erasure::sentence(&request::Stayed { kinds, count, ..left.clone() })
        };
        assert!(of_kinds(2).contains(": message record (two of them). "), "{}", of_kinds(2));
        assert!(of_kinds(1).contains(": message record. "), "{}", of_kinds(1));
    });
}

#[test]
fn the_name_of_a_file_goes_with_the_file() {
    use app::acts::import;
    let house = House::new(None);
    let file = b"Name,E-mail\nZebedee Quixworth,z@quixworth.example\n";
    let (received, _) =
        import::receive(&house.instance, &house.acting(), "Zebedee Quixworth.csv", file).unwrap();
    let id = house.act(|acting, tx| import::keep(acting, tx, &received)).unwrap();
    assert!(house.everything().contains("Zebedee Quixworth.csv"));
    house.act(|acting, tx| import::forget(acting, tx, id)).unwrap();
    assert!(!house.everything().contains("Zebedee"), "{}", house.everything());
}
