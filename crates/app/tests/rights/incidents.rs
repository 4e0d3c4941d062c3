//! Incidents: written down by anybody, looked into by the role that the policy names, the regulator's hours counted, and closed once all
//! is done.

use app::acts::incident::{self, Seen, Told, many};
use app::acts::letter::{self, About, Leaves, Sort as LetterSort};
use app::acts::{self, erasure};
use app::fault::Fault;
use custody::id::{IncidentId, PersonId};
use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use policy::policy::Clause;
use store::incident::{self as kept, Incident, Risk, Sort, Whom};

use super::house::{House, TODAY, invalid, on_both, on_both_keeping};

fn seen(found_at: Timestamp) -> Seen {
    Seen {
        sort: Sort::Lost,
        what: "A laptop was left on the train.".into(),
        found_at,
        found_by: String::new(),
        happened_at: None,
    }
}

fn written(house: &House) -> IncidentId {
    house.act(|acting, tx| incident::open(acting, tx, &seen(acting.now))).unwrap()
}

fn found(house: &House, id: IncidentId) -> Incident {
    house.read(|tx| kept::one(tx, &house.instance.policy(), id))
}

fn told(at: Timestamp) -> Told<'static> {
    Told { at, how: "by their form", late: "", reference: "" }
}

/// All that there is to do about an incident that may hurt nobody, but for the last step.
fn seen_to(house: &House, id: IncidentId) {
    house
        .act(|acting, tx| incident::assessed(acting, tx, id, (Risk::Unlikely, "the disk is encrypted")))
        .unwrap();
    for (whom, ..) in Whom::ALL {
        house
            .act(|acting, tx| incident::considered(acting, tx, id, *whom, (false, "nobody can read it")))
            .unwrap();
    }
    house.act(|acting, tx| incident::prevented(acting, tx, id, "laptops stay in the bag")).unwrap();
}

#[test]
fn anybody_writes_one_down_and_only_whoever_looks_into_it_reads_it() {
    on_both(|house| {
        let id =
            house.by(&house.assistant, |acting, tx| incident::open(acting, tx, &seen(acting.now))).unwrap();
        let one = found(house, id);
        assert_eq!(one.owner, Some(house.manager.id), "it has somebody who sees to it at once");
        let refused = house.by(&house.assistant, |acting, tx| incident::on_desk(acting, tx, id).map(drop));
        let Err(Fault::Refused(refusal)) = refused else { panic!("an assistant reads it") };
        assert_eq!(refusal.clause, Some(Clause::Incidents));
        let what = house
            .act(|acting, tx| {
                let (found, grant) = incident::on_desk(acting, tx, id)?;
                Ok((
                    found.what.open(&grant).is_ok(),
                    found.found_by.is_some_and(|by| by.open(&grant).is_ok()),
                ))
            })
            .unwrap();
        assert_eq!(what, (true, true));
        let names = house.read(|tx| tx.one("SELECT found_by FROM incident", &[], |row| row.text(0)));
        assert_eq!(names, "Ivo Lane", "whoever writes it down, where nothing else is said");
        let later = house.instance.clock.at(date(2026, 11, 4), 9);
        assert!(invalid(
            &house.act(|acting, tx| incident::open(acting, tx, &seen(later))).unwrap_err(),
            "found-on"
        ));
        let empty = Seen { what: " ".into(), ..seen(one.found_at) };
        assert!(invalid(&house.act(|acting, tx| incident::open(acting, tx, &empty)).unwrap_err(), "what"));
    });
}

#[test]
fn the_hours_run_from_when_somebody_knew_and_the_sooner_of_law_and_policy_counts() {
    on_both(|house| {
        let one = found(house, written(house));
        assert_eq!(one.due_at, one.found_at.checked_add(SignedDuration::from_hours(72)).ok());
    });
    let sooner = |text: String| {
        text.replace(
            "investigated by business manager;",
            "investigated by business manager; tell the regulator within 24 hours where the law says;",
        )
    };
    on_both_keeping(sooner, |house| {
        let one = found(house, written(house));
        assert_eq!(one.due_at, one.found_at.checked_add(SignedDuration::from_hours(24)).ok());
    });
}

#[test]
fn it_is_closed_once_all_is_done_and_says_until_then_what_is_left() {
    on_both(|house| {
        let id = written(house);
        let close = || house.act(|acting, tx| incident::close(acting, tx, id));
        assert!(invalid(&close().unwrap_err(), "close"));
        // The regulator is told unless it is unlikely to hurt anybody, and that has to be said first.
        let no_need =
            || house.act(|acting, tx| incident::considered(acting, tx, id, Whom::Regulator, (false, "no")));
        assert!(invalid(&no_need().unwrap_err(), "tell"));
        house
            .act(|acting, tx| incident::assessed(acting, tx, id, (Risk::Possible, "names and addresses")))
            .unwrap();
        assert!(invalid(&no_need().unwrap_err(), "tell"));
        seen_to(house, id);
        // What looks worse later has to be decided again.
        house
            .act(|acting, tx| incident::assessed(acting, tx, id, (Risk::High, "it was not encrypted")))
            .unwrap();
        let Err(Fault::Invalid(fields)) = close() else { panic!("closed with a risk, and nobody told") };
        let again = "decide whether the regulator must be told; decide whether the people must be told.";
        assert!(fields[0].words.ends_with(again), "{}", fields[0].words);
        let one = found(house, id);
        assert_eq!(one.tell, None, "the hours go on");
        let steps = house.read(|tx| kept::steps(tx, &house.instance.policy(), &one));
        let again: Vec<&str> = Whom::ALL
            .iter()
            .filter(|(whom, ..)| kept::decided_again(&steps, *whom))
            .map(|(_, name, ..)| *name)
            .collect();
        assert_eq!(again, ["regulator", "people"]);
        let yes = (true, "they must be");
        for whom in [Whom::Regulator, Whom::People] {
            house.act(|acting, tx| incident::considered(acting, tx, id, whom, yes)).unwrap();
        }
        assert!(invalid(&close().unwrap_err(), "close"));
        for whom in [Whom::Regulator, Whom::People] {
            let told = Told { reference: "ICO-77", ..told(house.instance.clock.now()) };
            house.act(|acting, tx| incident::told(acting, tx, id, whom, told)).unwrap();
        }
        close().unwrap();
        let one = found(house, id);
        assert_eq!((one.closed_on, one.risk, one.tell), (Some(TODAY), Some(Risk::High), Some(true)));
        assert!(one.regulator_reference.is_some() && one.people_told_at.is_some());
        assert!(matches!(close(), Err(Fault::Changed)));
        assert!(matches!(
            house.act(|acting, tx| incident::noted(acting, tx, id, (None, "more"))),
            Err(Fault::Changed)
        ));
        let steps = house.read(|tx| kept::steps(tx, &house.instance.policy(), &one));
        let words: Vec<&str> = steps.iter().map(|step| step.step.as_str()).collect();
        assert_eq!((words[0], words[words.len() - 1]), (kept::WRITTEN, kept::CLOSED));
        assert!(steps.iter().all(|step| step.by == Some(house.manager.id)));
    });
}

#[test]
fn a_regulator_told_too_late_is_told_why() {
    on_both(|house| {
        let id = written(house);
        house.go_to(date(2026, 11, 10));
        let now = house.instance.clock.now();
        let tell = |late: &'static str| {
            let told = Told { late, ..told(now) };
            house.act(|acting, tx| incident::told(acting, tx, id, Whom::Regulator, told))
        };
        assert!(invalid(&tell(" ").unwrap_err(), "late"));
        tell("nobody opened the bag for a week").unwrap();
        assert_eq!(
            found(house, id).regulator_told_at.map(Timestamp::as_millisecond),
            Some(now.as_millisecond())
        );
    });
}

/// The grounds on which records of incidents of somebody are kept.
fn grounds(house: &House, whom: PersonId) -> Vec<(String, Option<jiff::civil::Date>)> {
    let sql = "SELECT state, COALESCE(due_on, row_on) FROM ground WHERE person_id = ?1 AND activity = 'incidents' ORDER BY id";
    house.read(|tx| tx.all(sql, store::params![whom], |row| Ok((row.text(0)?, row.opt_date(1)?))))
}

#[test]
fn whose_data_it_was_keeps_its_record_until_its_time_is_over() {
    on_both(|house| {
        let tara = house.tara();
        let id = written(house);
        house.act(|acting, tx| incident::link(acting, tx, id, tara)).unwrap();
        let (one, grant) = house.act(|acting, tx| incident::on_desk(acting, tx, id)).unwrap();
        assert!(one.whose == tara && one.what.open(&grant).is_ok());
        assert_eq!(house.read(|tx| kept::people(tx, id)), [(tara, None)]);
        // Written down by a slip, and taken back.
        house.act(|acting, tx| incident::unlink(acting, tx, id, tara)).unwrap();
        assert!(house.read(|tx| kept::people(tx, id)).is_empty());
        house.act(|acting, tx| incident::link(acting, tx, id, tara)).unwrap();
        seen_to(house, id);
        house.act(|acting, tx| incident::close(acting, tx, id)).unwrap();
        let stands = grounds(house, tara).into_iter().find(|(state, _)| state == "active");
        let last = stands.and_then(|(_, last)| last);
        assert_eq!(last.map(|last| (last.year(), last.month())), Some((2032, 11)), "6 years after closed");
        // An erasure leaves the record for as long as the duty lasts.
        erase(house, tara);
        assert_eq!(house.read(|tx| tx.count("SELECT COUNT(*) FROM incident_person", &[])), 1);
    });
}

#[test]
fn whoever_is_restricted_stays_hidden_from_whoever_looks_into_it() {
    let edit = |text: String| text.replace("investigated by business manager", "investigated by assistant");
    on_both_keeping(edit, |house| {
        let tara = house.tara();
        let by = |f: &dyn Fn(&acts::Acting<'_>, &store::Tx<'_>) -> Result<(), Fault>| {
            house.by(&house.assistant, |acting, tx| f(acting, tx))
        };
        let id =
            house.by(&house.assistant, |acting, tx| incident::open(acting, tx, &seen(acting.now))).unwrap();
        by(&|acting, tx| incident::link(acting, tx, id, tara)).unwrap();
        let names = || {
            house
                .by(&house.assistant, |acting, tx| {
                    let lives = acting.lives(tx, &[tara])?;
                    Ok(app::web::people::grant(acting, &lives)?.people().len())
                })
                .unwrap()
        };
        assert_eq!(names(), 1);
        let asking = acts::restriction::Asking { why: "she disputes it".into(), ..Default::default() };
        house.act(|acting, tx| acts::restriction::place(acting, tx, tara, &asking)).unwrap();
        assert_eq!(names(), 0);
        // What happened is read, and the clock goes on: it says nothing of who it was.
        by(&|acting, tx| incident::noted(acting, tx, id, (None, "the railway has it"))).unwrap();
        // Nobody is added, taken off or found out whom they may not see.
        let off = by(&|acting, tx| incident::unlink(acting, tx, id, tara));
        assert!(matches!(off, Err(Fault::Refused(_))), "{off:?}");
        let again = by(&|acting, tx| incident::link(acting, tx, id, tara));
        assert!(matches!(again, Err(Fault::Refused(_))), "{again:?}");
        // Whoever does not look into it does not, whatever else their role may do.
        let manager = house.act(|acting, tx| incident::on_desk(acting, tx, id).map(drop));
        assert!(matches!(manager, Err(Fault::Refused(_))));
    });
}

#[test]
fn many_join_by_a_list_that_is_looked_at_first_and_nobody_is_found_who_may_not_be_seen() {
    let edit = |text: String| text.replace("investigated by business manager", "investigated by assistant");
    on_both_keeping(edit, |house| {
        let (tara, (bo, _)) = (house.tara(), super::masked::somebody(house, "Bo Stranger", &[]));
        let id =
            house.by(&house.assistant, |acting, tx| incident::open(acting, tx, &seen(acting.now))).unwrap();
        let hers = "Tara Quill <tara.quill@brightwell.example>; 01632 960123";
        let list = format!("{hers}\n{bo}\nnobody@post.example, tara quill\r\n{bo}");
        let look = |list: &str| house.by(&house.assistant, |acting, tx| many::look(acting, tx, id, list));
        let found = look(&list).unwrap();
        let mut both = vec![tara, bo];
        both.sort_unstable();
        assert_eq!((&found.join, found.before), (&both, 0));
        assert_eq!(found.unknown, ["nobody@post.example", "tara quill"]);
        assert!(house.read(|tx| kept::people(tx, id)).is_empty(), "nobody joins by being looked for");

        // Whoever goes out of sight meanwhile does not join, and is found no more.
        let asking = acts::restriction::Asking { why: "he disputes it".into(), ..Default::default() };
        house.act(|acting, tx| acts::restriction::place(acting, tx, bo, &asking)).unwrap();
        let join = || house.by(&house.assistant, |acting, tx| many::join(acting, tx, id, &both));
        assert_eq!(join().unwrap(), 1);
        assert_eq!(house.read(|tx| kept::people(tx, id)), [(tara, None)]);
        assert!(grounds(house, tara).iter().any(|(state, _)| state == "active"), "it keeps her record");
        let again = look(&list).unwrap();
        assert_eq!((again.join, again.before), (Vec::new(), 1));
        assert_eq!(again.unknown, [bo.to_string().as_str(), "nobody@post.example", "tara quill"]);

        assert!(invalid(&look(" \n,").unwrap_err(), "list"));
        let much: String = (0..=many::ASKED_MAX).map(|n| format!("{n}@post.example\n")).collect();
        assert!(invalid(&look(&much).unwrap_err(), "list"));
        let manager = house.act(|acting, tx| many::look(acting, tx, id, &list).map(drop));
        assert!(matches!(manager, Err(Fault::Refused(_))), "{manager:?}");
    });
}

#[test]
fn an_incident_is_given_only_to_somebody_whose_role_looks_into_it() {
    on_both(|house| {
        let id = written(house);
        let assistant = house.assistant.id;
        let given = house.act(|acting, tx| incident::assign(acting, tx, id, Some(assistant)));
        assert!(invalid(&given.unwrap_err(), "staff"));
        house.act(|acting, tx| incident::assign(acting, tx, id, Some(house.manager.id))).unwrap();
        assert_eq!(found(house, id).owner, Some(house.manager.id));
    });
}

#[test]
fn the_proof_counts_the_hours_and_finds_what_nobody_told_or_decided() {
    on_both(|house| {
        let broken = || house.look("incidents-seen-to").broken;
        let id = written(house);
        let at = |day, hour| {
            house.instance.set_practice_clock(house.instance.clock.at(date(2026, 11, day), hour)).unwrap();
        };
        at(6, 8);
        assert_eq!(broken(), Vec::<String>::new(), "an hour is left");
        at(6, 10);
        let said =
            "was to be told to the regulator by 2026-11-06 09:00, and nothing says that it was, or why not";
        assert_eq!(broken(), [format!("incident {id} {said}")]);
        seen_to(house, id);
        assert_eq!(broken(), Vec::<String>::new(), "why not is on record");
        house.act(|acting, tx| incident::close(acting, tx, id)).unwrap();
        assert_eq!(broken(), Vec::<String>::new());
        house.spoil("UPDATE incident SET measures = NULL");
        assert!(broken()[0].contains("what keeps it from happening again"), "{:?}", broken());
    });
}

#[test]
fn whoever_was_in_it_is_told_by_a_letter_of_their_own_and_with_the_last_all_were() {
    on_both(|house| {
        let tara = house.tara();
        let id = written(house);
        let about = About::Incident(id, tara);
        let draft = |sort, why: &'static str| {
            house.act(|acting, tx| letter::draft(acting, tx, about, sort, (why, None)))
        };
        let why = "Your name and address were on it. Trust no message that only seems to come from us";
        assert!(matches!(draft(LetterSort::Incident, why), Err(Fault::NotFound)), "it is not her data");
        house.act(|acting, tx| incident::link(acting, tx, id, tara)).unwrap();
        assert!(invalid(&draft(LetterSort::Incident, " ").unwrap_err(), "letter-why"));
        assert!(invalid(&draft(LetterSort::Progress, why).unwrap_err(), "sort"));
        house.act(|acting, tx| incident::prevented(acting, tx, id, "laptops stay in the bag")).unwrap();
        let one = draft(LetterSort::Incident, why).unwrap();
        let told = || house.read(|tx| kept::people(tx, id))[0].1.is_some();
        assert!(!told() && found(house, id).people_told_at.is_none(), "a draft tells nobody");
        let send = |letter| {
            house.act(|acting, tx| letter::send(acting, tx, (letter, 1), Leaves::Mail("held"))).map(drop)
        };
        send(one).unwrap();
        assert!(told() && found(house, id).people_told_at.is_some());
        let sql = "SELECT activity, body FROM message WHERE sort = 'rights'";
        let (activity, body) = house.read(|tx| tx.one(sql, &[], |row| Ok((row.text(0)?, row.text(1)?))));
        assert_eq!(activity, "incidents");
        for said in
            ["was lost, stolen or destroyed", "Trust no message", "stay in the bag", "privacy@cti.example"]
        {
            assert!(body.contains(said), "{said}: {body}");
        }
        let unlinked = house.act(|acting, tx| incident::unlink(acting, tx, id, tara));
        assert!(invalid(&unlinked.unwrap_err(), "whose"), "she was told that it was hers");

        // What did not leave told nobody.
        app::jobs::outbox::give_up(&house.instance, "the mail server answered 550").unwrap();
        assert!(!told() && found(house, id).people_told_at.is_none());
        let steps = || {
            let one = found(house, id);
            house.read(|tx| kept::steps(tx, &house.instance.policy(), &one))
        };
        assert_eq!(kept::considered(&steps(), Whom::People), kept::Considered::NotYet);
        let task = "SELECT COUNT(*) FROM task WHERE what LIKE 'Tell them otherwise%' AND done_on IS NULL";
        assert_eq!(house.read(|tx| tx.count(task, &[])), 1);
        house.go_to(date(2026, 11, 4));
        let late = || house.look("incidents-seen-to").broken;
        assert!(late()[0].contains("counts on a letter that did not leave"), "{:?}", late());
        let again = draft(LetterSort::Incident, why).unwrap();
        let by_hand = Leaves::ByHand(date(2026, 11, 4), "read out on the telephone");
        house.act(|acting, tx| letter::send(acting, tx, (again, 1), by_hand)).unwrap();
        assert!(told() && late().is_empty(), "{:?}", late());
        assert_eq!(kept::considered(&steps(), Whom::People), kept::Considered::Told);
    });
}

fn told_to(house: &House, id: IncidentId, whom: Whom) {
    let told = told(house.instance.clock.now());
    house.act(|acting, tx| incident::told(acting, tx, id, whom, told)).unwrap();
}

fn how_it_stands(house: &House, id: IncidentId, whom: Whom) -> kept::Considered {
    let one = found(house, id);
    kept::considered(&house.read(|tx| kept::steps(tx, &house.instance.policy(), &one)), whom)
}

#[test]
fn an_incident_that_was_not_over_is_opened_again_and_kept_until_it_is() {
    on_both(|house| {
        let tara = house.tara();
        let id = written(house);
        house.act(|acting, tx| incident::link(acting, tx, id, tara)).unwrap();
        let again = |why: &'static str| house.act(|acting, tx| incident::reopen(acting, tx, id, why));
        assert!(matches!(again("it is not over"), Err(Fault::Changed)), "it is open");
        seen_to(house, id);
        house.act(|acting, tx| incident::close(acting, tx, id)).unwrap();
        assert!(invalid(&again(" ").unwrap_err(), "reopen-why"));
        let refused =
            house.by(&house.assistant, |acting, tx| incident::reopen(acting, tx, id, "it is not over"));
        assert!(matches!(refused, Err(Fault::Refused(_))));
        again("it was for sale at the market").unwrap();
        let one = found(house, id);
        assert_eq!((one.closed_on, one.owner), (None, Some(house.manager.id)));
        let stands = grounds(house, tara).into_iter().find(|(state, _)| state == "active");
        assert_eq!(stands, Some(("active".to_owned(), None)), "its record has no last day any more");
        house
            .act(|acting, tx| incident::assessed(acting, tx, id, (Risk::Possible, "somebody has read it")))
            .unwrap();
        assert_eq!(how_it_stands(house, id, Whom::Regulator), kept::Considered::NotYet);
        assert_eq!(how_it_stands(house, id, Whom::People), kept::Considered::NoNeed);
        told_to(house, id, Whom::Regulator);
        house.act(|acting, tx| incident::close(acting, tx, id)).unwrap();
        assert_eq!(house.look("incidents-seen-to").broken, Vec::<String>::new());
    });
}

#[test]
fn whoever_turns_out_to_be_in_it_once_the_people_were_told_is_told_as_well() {
    on_both(|house| {
        let tara = house.tara();
        let (bo, _) = super::masked::somebody(house, "Bo Stranger", &[]);
        let id = written(house);
        house.act(|acting, tx| incident::link(acting, tx, id, tara)).unwrap();
        seen_to(house, id);
        house
            .act(|acting, tx| {
                incident::considered(acting, tx, id, Whom::People, (true, "they would want to know"))
            })
            .unwrap();
        told_to(house, id, Whom::People);
        assert_eq!(how_it_stands(house, id, Whom::People), kept::Considered::Told);
        house.act(|acting, tx| incident::link(acting, tx, id, bo)).unwrap();
        assert_eq!(how_it_stands(house, id, Whom::People), kept::Considered::ToTell);
        let close = || house.act(|acting, tx| incident::close(acting, tx, id));
        assert!(invalid(&close().unwrap_err(), "close"));
        // It was not his after all: whoever is left was told.
        house.act(|acting, tx| incident::unlink(acting, tx, id, bo)).unwrap();
        assert_eq!(how_it_stands(house, id, Whom::People), kept::Considered::Told);
        close().unwrap();
    });
}

#[test]
fn what_the_regulator_is_told_after_a_first_word_in_time_is_not_late() {
    on_both(|house| {
        let id = written(house);
        told_to(house, id, Whom::Regulator);
        house.go_to(date(2026, 11, 10));
        let more = Told { reference: "ICO-77", ..told(house.instance.clock.now()) };
        house.act(|acting, tx| incident::told(acting, tx, id, Whom::Regulator, more)).unwrap();
        assert!(found(house, id).regulator_reference.is_some());
        assert_eq!(house.look("incidents-seen-to").broken, Vec::<String>::new());
    });
}

#[test]
fn what_it_is_like_is_said_anew_once_it_is_known() {
    on_both(|house| {
        let id = written(house);
        house
            .act(|acting, tx| incident::noted(acting, tx, id, (Some(Sort::Seen), "it was found, open")))
            .unwrap();
        let one = found(house, id);
        assert_eq!(one.sort, Sort::Seen);
        let steps = house.read(|tx| kept::steps(tx, &house.instance.policy(), &one));
        assert_eq!(steps.last().and_then(|step| step.outcome.as_deref()), Some("seen"));
    });
}

#[test]
fn an_hour_that_was_written_down_wrongly_is_put_right_and_stays_among_the_steps() {
    on_both(|house| {
        let id = house
            .act(|acting, tx| {
                incident::open(acting, tx, &seen(house.instance.clock.at(date(2026, 10, 1), 8)))
            })
            .unwrap();
        assert!(house.look("incidents-seen-to").broken[0].contains("by 2026-10-04 08:00"));
        let hour = |day, happened, why: &'static str| {
            let (found_at, happened_at) = (house.instance.clock.at(day, 8), happened);
            house.act(|acting, tx| incident::put_right(acting, tx, id, (found_at, happened_at), why))
        };
        let wrong = "a slip: it was November";
        assert!(invalid(&hour(TODAY, None, " ").unwrap_err(), "hours-why"));
        assert!(
            invalid(&hour(date(2026, 11, 4), None, wrong).unwrap_err(), "found-on"),
            "it was known by then"
        );
        let after = Some(house.instance.clock.at(TODAY, 9));
        assert!(invalid(&hour(TODAY, after, wrong).unwrap_err(), "happened"));
        hour(TODAY, Some(house.instance.clock.at(date(2026, 11, 2), 8)), wrong).unwrap();
        let one = found(house, id);
        assert_eq!(one.due_at, one.found_at.checked_add(SignedDuration::from_hours(72)).ok());
        assert!(one.happened_at.is_some());
        assert!(words(house).contains("found 2026-10-01 08:00"), "{}", words(house));
        assert_eq!(house.look("incidents-seen-to").broken, Vec::<String>::new());
    });
}

/// What is written of incidents and of what was done about them.
fn words(house: &House) -> String {
    let all = house.everything();
    all.lines().filter(|line| line.starts_with("incident")).collect::<Vec<_>>().join("\n")
}

fn erase(house: &House, whom: PersonId) {
    house
        .act(|acting, tx| {
            let reason = (erasure::Reason::Asked.known(), None);
            let told = acts::confirmation::Telling::Already("by letter");
            erasure::carry_out(acting, tx, whom, None, reason, told)
        })
        .unwrap();
}

/// An incident that names Tara, with whom else it was about.
fn naming(house: &House, whom: &[PersonId]) -> IncidentId {
    let what = Seen {
        what: "The file of Tara Quill went to the wrong firm.".into(),
        ..seen(house.instance.clock.now())
    };
    let id = house.act(|acting, tx| incident::open(acting, tx, &what)).unwrap();
    for person in whom {
        house.act(|acting, tx| incident::link(acting, tx, id, *person)).unwrap();
    }
    house
        .act(|acting, tx| incident::noted(acting, tx, id, (None, "Tara rang, and T. Quill wrote as well.")))
        .unwrap();
    house
        .act(|acting, tx| incident::prevented(acting, tx, id, "Whoever sends a file reads it first."))
        .unwrap();
    id
}

#[test]
fn whoever_is_erased_is_named_no_more_in_what_is_written_of_an_incident() {
    on_both(|house| {
        let tara = house.tara();
        let id = naming(house, &[tara]);
        assert!(words(house).contains("Tara Quill"));
        erase(house, tara);
        let left = words(house);
        let says = left.to_lowercase();
        assert!(!says.contains("tara") && !says.contains("quill"), "{left}");
        for stays in ["The file of [removed] went to the wrong firm.", "reads it first", "Helen Marsh"] {
            assert!(left.contains(stays), "{stays}: {left}");
        }
        assert_eq!(house.read(|tx| kept::people(tx, id)).len(), 1, "that it was her data is kept");
    });
}

#[test]
fn an_incident_that_was_also_about_somebody_restricted_names_whoever_is_erased_until_that_ends() {
    on_both(|house| {
        let tara = house.tara();
        let (bo, _) = super::masked::somebody(house, "Bo Stranger", &[]);
        naming(house, &[tara, bo]);
        let asking = acts::restriction::Asking { why: "he disputes it".into(), ..Default::default() };
        house.act(|acting, tx| acts::restriction::place(acting, tx, bo, &asking)).unwrap();
        erase(house, tara);
        assert!(words(house).contains("Tara Quill"), "what is about him stays as it is");
        let waits = "SELECT COUNT(*) FROM task WHERE mask IS NOT NULL AND done_on IS NULL";
        assert_eq!(house.read(|tx| tx.count(waits, &[])), 2, "the incident, and the step that names her");
        let night = |day| {
            house.go_to(day);
            let (now, policy) = (house.instance.clock.now(), house.instance.policy());
            store::sweep::run(&house.instance.store, &policy, day, &|| now, false).unwrap();
        };
        night(date(2026, 11, 4));
        assert!(words(house).contains("Tara Quill") && words(house).contains("T. Quill"));
        house.spoil("UPDATE restriction SET lifted_on = '2026-11-04'");
        night(date(2026, 11, 5));
        assert!(!words(house).contains("Quill"), "{}", words(house));
        assert_eq!(house.read(|tx| tx.count(waits, &[])), 0);
    });
}
