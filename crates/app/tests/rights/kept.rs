//! What is kept on or let go by a decision: a review that lets something go, and what is out of use until something happens
//! again that its time counts from.

use std::collections::BTreeSet;

use app::acts::audience::{self, Way};
use app::acts::ending::{self, Ending};
use app::acts::entry::{self, NewNote};
use app::acts::person::NewPerson;
use app::acts::undone::{self, Undone};
use app::acts::{self, event, hold, review};
use app::fault::Fault;
use app::jobs::night;
use app::web::api::person::listed;
use app::web::people::Asks;
use custody::id::{GroundId, PersonId};
use custody::{Gate, Verb};
use jiff::civil::{Date, date};
use store::entry::Direction;

use super::common::newcomer;
use super::house::{House, as_it_is, on_both, on_both_keeping};
use super::masked::{erase, somebody};

/// A supplier, who may be told what we offer or may not.
fn supplier(house: &House, offers: bool) -> PersonId {
    house
        .act(|acting, tx| {
            let values = [("name", "Sam Vane"), ("email", "sam@vane.example"), ("phone", "01632 960555")];
            let new = NewPerson { offers, ..newcomer("supplier", "the person", &values) };
            acts::person::add(acting, tx, &new)
        })
        .unwrap()
}

fn ground(house: &House, who: PersonId, activity: &str) -> Option<GroundId> {
    let sql = "SELECT id FROM ground WHERE person_id = ?1 AND activity = ?2 AND state = 'active'";
    house.read(|tx| tx.maybe(sql, &[who.0.into(), activity.into()], |row| row.int(0))).map(GroundId)
}

fn holds(house: &House, who: PersonId, kind: &str) -> bool {
    let sql = "SELECT 1 FROM item WHERE person_id = ?1 AND kind = ?2";
    house.read(|tx| tx.any(sql, &[who.0.into(), kind.into()]))
}

fn next(house: &House) -> Date {
    house.instance.clock.today().tomorrow().unwrap()
}

#[test]
fn a_review_may_let_go_what_nothing_else_keeps() {
    on_both(|house| {
        let sam = supplier(house, true);
        let (news, buying) =
            (ground(house, sam, "supplier news").unwrap(), ground(house, sam, "suppliers").unwrap());
        // The news end; the work with them goes on, and keeps what it needs.
        house.act(|acting, tx| review::let_go(acting, tx, sam, news)).unwrap();
        assert_eq!(ground(house, sam, "supplier news"), None);
        house.act(|acting, tx| acting.settle(tx, sam).map(drop)).unwrap();
        assert_eq!(ground(house, sam, "supplier news"), None, "nothing brings it back");
        night::practise_until(&house.instance, next(house)).unwrap();
        assert!(ground(house, sam, "suppliers") == Some(buying) && holds(house, sam, "phone"));
        let again = house.act(|acting, tx| review::let_go(acting, tx, sam, news));
        assert!(matches!(again, Err(Fault::NotFound | Fault::Store(store::Error::Missing))), "{again:?}");

        // What would go is said before; a slip is taken back until the night.
        let what = Ending::LetGo(buying);
        let ahead = house.act(|acting, tx| ending::preview(acting, tx, sam, (&what, acting.today))).unwrap();
        assert_eq!(ahead.goes.iter().map(|line| line.count).sum::<u64>(), 3, "{:?}", ahead.goes);
        assert_eq!(ground(house, sam, "suppliers"), Some(buying), "a preview changes nothing");
        house.act(|acting, tx| ending::record(acting, tx, sam, (&what, acting.today))).unwrap();
        let life = house.act(|acting, tx| acting.life(tx, sam)).unwrap();
        let standing = house.act(|acting, tx| ending::standing(acting, tx, &life)).unwrap();
        let slip = standing.iter().find(|one| one.sort == "review").unwrap();
        assert_eq!(slip.words, "Let go at its review: Buying from our suppliers");
        house.act(|acting, tx| ending::take_back(acting, tx, sam, (slip.sort, slip.row))).unwrap();
        assert_eq!(ground(house, sam, "suppliers"), Some(buying));

        // Nobody but whoever reviews.
        let by = house.by(&house.assistant, |acting, tx| review::let_go(acting, tx, sam, buying));
        assert!(matches!(by, Err(Fault::Refused(_))), "{by:?}");
        house.act(|acting, tx| review::let_go(acting, tx, sam, buying)).unwrap();
        night::practise_until(&house.instance, next(house)).unwrap();
        assert!(!holds(house, sam, "phone") && !holds(house, sam, "name"), "nothing else keeps it");
        assert_eq!(gone_in_time(house), Vec::<String>::new());
    });
}

/// What the proof finds of what should have gone.
fn gone_in_time(house: &House) -> Vec<String> {
    let policy = house.instance.policy();
    let rule = policy.rule_keyed("suppliers").unwrap().id;
    let (now, today) = (house.instance.clock.now(), house.instance.clock.today());
    let gone = custody::proof::Obligation::GoneInTime { rule };
    store::prove::obligation(&house.instance.store, &policy, &gone, now, today).unwrap().broken
}

#[test]
fn what_was_let_go_and_stays_breaks_its_promise() {
    on_both(|house| {
        let sam = supplier(house, true);
        let buying = ground(house, sam, "suppliers").unwrap();
        house.act(|acting, tx| review::let_go(acting, tx, sam, buying)).unwrap();
        // Behind the program's back: the night passes it by.
        house.spoil(&format!("UPDATE ground SET swept_at = 0 WHERE id = {buying}"));
        house.go_to(date(2026, 11, 6));
        assert!(gone_in_time(house).iter().any(|said| said.contains("phone")), "{:?}", gone_in_time(house));
    });
}

#[test]
fn a_sweep_on_demand_leaves_the_night_to_come() {
    on_both(|house| {
        let (instance, day) = (&house.instance, date(2026, 11, 4));
        let nights = |hour| {
            instance.clock.set(instance.clock.at(day, hour));
            night::when_due(instance).unwrap();
            house.read(|tx| tx.count("SELECT COUNT(*) FROM sweep_run WHERE on_date = '2026-11-04'", &[]))
        };
        instance.clock.set(instance.clock.at(day, 1));
        let clock = || instance.clock.now();
        store::sweep::run(&instance.store, &instance.policy(), day, &clock, false).unwrap();
        assert_eq!(nights(1), 1, "it is not two yet");
        assert_eq!(nights(3), 2, "the night runs though somebody swept before it");
        assert_eq!(nights(4), 2, "and once");
    });
}

#[test]
fn a_night_that_is_stopped_after_its_sweep_goes_on_and_sweeps_once() {
    on_both(|house| {
        let (instance, day) = (&house.instance, date(2026, 11, 4));
        let done = || {
            let count = |sql: &str| house.read(|tx| tx.count(sql, &[]));
            let swept = count("SELECT COUNT(*) FROM sweep_run WHERE on_date = '2026-11-04'");
            (
                swept,
                count("SELECT COUNT(*) FROM proof_run"),
                count("SELECT COUNT(*) FROM session WHERE expires_at = 0"),
            )
        };
        // A session that is over goes after the sweep.
        let over = "INSERT INTO session (hash, staff_id, created_at, seen_at, expires_at, second_factor)
            SELECT v.hash, s.id, 0, 0, 0, 0 FROM policy_version v, staff s ORDER BY s.id LIMIT 1";
        house.spoil(over);
        let (_, proofs, _) = done();
        instance.clock.set(instance.clock.at(day, 2));
        drop(night::until_swept(instance, day).unwrap());
        assert_eq!(done(), (1, proofs, 1));
        // The program is started again.
        instance.clock.set(instance.clock.at(day, 3));
        night::when_due(instance).unwrap();
        assert_eq!(done(), (1, proofs + 1, 0));
        night::when_due(instance).unwrap();
        assert_eq!(done(), (1, proofs + 1, 0), "and once");
        // The next night is a whole one.
        instance.clock.set(instance.clock.at(date(2026, 11, 5), 3));
        night::when_due(instance).unwrap();
        assert_eq!(done(), (1, proofs + 2, 0));
        // What stops the program each time does not do so all day.
        instance.clock.set(instance.clock.at(date(2026, 11, 6), 2));
        drop(night::until_swept(instance, date(2026, 11, 6)).unwrap());
        house.spoil("UPDATE setting SET value = '3' WHERE name = 'the latest night goes on'");
        assert!(night::when_due(instance).is_err());
        night::when_due(instance).unwrap();
        assert_eq!(done(), (1, proofs + 2, 0), "it is left to the next night");
        let said = house.read(undone::latest);
        assert!(said.iter().any(|said| said.starts_with("what comes after the sweep: ")), "{said:?}");
    });
}

#[test]
fn what_cannot_be_read_of_one_stops_nobody_elses_night() {
    on_both(|house| {
        // Something waits to leave to her, and is looked at before the sweep.
        let tara = house.tara();
        let sam = supplier(house, false);
        let firm = house.read(|tx| store::organisation::of_people(tx, &[tara]))[0].organisation;
        let end = |who, what: Ending| {
            house.act(|acting, tx| ending::record(acting, tx, who, (&what, acting.today))).unwrap();
        };
        end(tara, Ending::Left(firm));
        end(sam, Ending::NoLonger("supplier".into()));
        house.spoil(&format!("UPDATE person_category SET since = '2026-13-99' WHERE person_id = {tara}"));
        house.go_to(date(2026, 11, 4));
        let report = night::run(&house.instance, date(2026, 11, 4)).unwrap();
        assert!(report.undecided.contains(&tara.0), "{report:?}");
        assert!(holds(house, tara, "phone") && !holds(house, sam, "phone"), "{report:?}");
    });
}

#[test]
fn a_part_of_the_night_that_fails_stops_no_other_and_is_named_until_it_is_done() {
    on_both(|house| {
        let (instance, day) = (&house.instance, date(2026, 11, 4));
        let sam = supplier(house, false);
        let ended = Ending::NoLonger("supplier".into());
        house.act(|acting, tx| ending::record(acting, tx, sam, (&ended, acting.today))).unwrap();
        let named = || {
            let said = instance.store.read(|tx| acts::health::undecided(instance, tx)).unwrap();
            said.into_iter().map(|one| one.words).collect::<Vec<_>>()
        };
        let count = |sql: &str| house.read(|tx| tx.count(sql, &[]));
        let rename = |from: &str, to: &str| {
            let sql = format!("ALTER TABLE {from} RENAME TO {to}");
            instance.store.write(|tx| tx.exec(&sql, &[])).unwrap();
        };
        let proofs = count("SELECT COUNT(*) FROM proof_run");
        rename("session", "session_away");
        instance.clock.set(instance.clock.at(day, 3));
        assert!(night::when_due(instance).is_err(), "and the log of the program says so");
        assert!(!holds(house, sam, "phone"), "the sweep was run");
        assert_eq!(
            count(
                "SELECT COUNT(*) FROM log_event WHERE place IS NULL AND act NOT IN ('proof.run', 'duplicates.found')"
            ),
            0
        );
        assert_eq!(count("SELECT COUNT(*) FROM proof_run"), proofs + 1, "so was the proof");
        let said = named();
        assert!(
            said.iter().any(|one| one.starts_with("Not decided: sessions and links that are over: ")),
            "{said:?}"
        );
        // It is not begun again and again; the next night tries it anew.
        night::when_due(instance).unwrap();
        assert_eq!(count("SELECT COUNT(*) FROM sweep_run WHERE on_date = '2026-11-04'"), 1);
        rename("session_away", "session");
        instance.clock.set(instance.clock.at(date(2026, 11, 5), 3));
        night::when_due(instance).unwrap();
        assert_eq!(named(), Vec::<String>::new());
    });
}

#[test]
fn a_part_of_the_night_that_failed_is_named_before_all_it_could_not_be_done_for() {
    on_both(|house| {
        let mut undone = Undone::default();
        for who in 1..=30 {
            undone.of(PersonId(who), "could not be told", &Fault::NotFound);
        }
        assert_eq!(undone.part("what comes last", |_| Err::<(), _>(Fault::NotFound)), None);
        undone.keep(&house.instance).unwrap();
        let instance = &house.instance;
        let said = instance.store.read(|tx| acts::health::undecided(instance, tx)).unwrap();
        assert_eq!(said.first().unwrap().words, "Not decided: what comes last: not found.");
        assert_eq!((said.len(), said.last().unwrap().words.as_str()), (21, "And 11 more."));
    });
}

#[test]
fn a_text_that_cannot_be_masked_stops_no_other() {
    on_both(|house| {
        let tara = house.tara();
        let (uma, of_uma) = somebody(house, "Uma Reed", &["Uma knows Tara Quill."]);
        let (bo, of_bo) = somebody(house, "Bo Stranger", &["Bo knows Tara Quill."]);
        let asking =
            hold::Asking { why: "A claim".into(), review_on: Some(date(2027, 1, 31)), ..Default::default() };
        let placed =
            [uma, bo].map(|who| house.act(|acting, tx| hold::place(acting, tx, who, &asking)).unwrap());
        erase(house, tara, &[("entry", of_uma[0].0), ("entry", of_bo[0].0)]);
        for held in placed {
            house.act(|acting, tx| hold::end(acting, tx, held, "settled")).unwrap();
        }
        let since = |day: &str| {
            house.spoil(&format!("UPDATE person_category SET since = '{day}' WHERE person_id = {uma}"));
        };
        let night = |day: Date| {
            house.go_to(day);
            night::run(&house.instance, day).unwrap().problems
        };
        let names_her = |line: i64| {
            let sql = "SELECT body FROM entry WHERE id = ?1";
            house.read(|tx| tx.one(sql, &[line.into()], |row| row.text(0))).contains("Quill")
        };
        since("2026-13-99");
        let said = night(date(2026, 11, 4));
        let text = format!("a text that waits to be masked, entry {}: ", of_uma[0].0);
        assert!(said.iter().any(|one| one.starts_with(&text)), "{said:?}");
        assert!(names_her(of_uma[0].0) && !names_her(of_bo[0].0));
        since("2026-10-01");
        assert_eq!(night(date(2026, 11, 5)), Vec::<String>::new());
        assert!(!names_her(of_uma[0].0));
    });
}

#[test]
fn what_a_hold_keeps_is_not_taken_away_by_hand() {
    on_both(|house| {
        let sam = supplier(house, true);
        let write = || {
            let note = NewNote {
                kind: "contact record".into(),
                body: "The boiler burst".into(),
                on: house.instance.clock.today(),
                direction: Some(Direction::In),
                engagement: None,
            };
            house.act(|acting, tx| entry::add(acting, tx, sam, &note)).unwrap()
        };
        let (line, policy) = (write(), house.instance.policy());
        let phone = house.read(|tx| store::item::of_person(tx, &policy, sam));
        let kind = policy.kind_named("phone").unwrap().id;
        let phone = phone.into_iter().find(|item| item.kind == kind).unwrap();
        house.go_to(date(2026, 11, 4));
        let asking = hold::Asking {
            why: "The claim about the boiler".into(),
            review_on: Some(date(2027, 1, 31)),
            ..Default::default()
        };
        let held = house.act(|acting, tx| hold::place(acting, tx, sam, &asking)).unwrap();
        let item = || {
            house.act(|acting, tx| acts::person::remove_item(acting, tx, (sam, phone.id), phone.version, ""))
        };
        let taken = || house.act(|acting, tx| entry::remove(acting, tx, line, 1, ""));
        for refused in [item(), taken(), house.act(|acting, tx| entry::undo(acting, tx, line, 1))] {
            let Err(Fault::Refused(why)) = refused else { panic!("a hold stands: {refused:?}") };
            assert_eq!(why.because, "a hold stands: nothing of what we hold may be let go");
        }
        assert!(holds(house, sam, "phone"));
        // What was written by a slip while it stands, and on the same day, is taken back; to put right is not to let go.
        let slip = write();
        house.act(|acting, tx| entry::undo(acting, tx, slip, 1)).unwrap();
        house
            .act(|acting, tx| entry::change(acting, tx, line, 1, ("The boiler burst twice", "")).map(drop))
            .unwrap();
        house.act(|acting, tx| hold::end(acting, tx, held, "settled")).unwrap();
        house.act(|acting, tx| entry::remove(acting, tx, line, 2, "")).unwrap();
        item().unwrap();
        assert!(!holds(house, sam, "phone"));
    });
}

/// CTI's policy whose suppliers are kept from their last payment on, in two stages.
fn staged(text: &str, keep: &str) -> String {
    let event = "event payment \"we paid you\"\n\nwork programme ";
    let text = text.replacen("work programme ", event, 1);
    let (before, rest) = text.split_once("activity suppliers ").unwrap();
    let (suppliers, after) = rest.split_once("\nactivity ").unwrap();
    // Where the stages say how it ends, no line of its own does.
    let suppliers: Vec<String> = suppliers
        .lines()
        .filter(|line| !(keep.contains(", erase") && line.trim_start().starts_with("then ")))
        .map(|line| match line.trim_start().starts_with("keep ") {
            true => format!("  keep      {keep}"),
            false => line.to_owned(),
        })
        .collect();
    format!("{before}activity suppliers {}\nactivity {after}", suppliers.join("\n"))
}

/// Whether whoever acts reads a detail of somebody, and whether they find them by name.
fn seen(house: &House, who: PersonId, kind: &str) -> (bool, bool) {
    house
        .act(|acting, tx| {
            let life = acting.life(tx, who)?;
            let kinds: policy::KindSet = acting.policy.kinds.iter().map(|kind| kind.id).collect();
            let may = |verb, kind: &str| {
                let act = acts::person::act(verb, None, custody::act::Asked::WhatMayBeSeen(kinds));
                let grant = acting.decide(&act, &[&life], &Gate::default());
                let kind = acting.policy.kind_named(kind).unwrap().id;
                grant.is_ok_and(|grant| grant.covers(who, kind))
            };
            Ok((may(Verb::Read, kind), may(Verb::List, "name")))
        })
        .unwrap()
}

/// How many a search finds.
fn finds(house: &House, said: &str) -> usize {
    let asks = Asks::finding(said, "", None);
    let found = house.act(|acting, tx| listed(acting, tx, &asks)).unwrap();
    found["people"].as_array().unwrap().len()
}

#[test]
fn what_is_out_of_use_comes_back_with_what_its_time_counts_from() {
    let keep = "stop using 1 year after last payment, erase 3 years after last payment";
    on_both_keeping(
        |text| staged(&as_it_is(text), keep),
        |house| {
            let sam = supplier(house, false);
            let paid = |on| house.act(|acting, tx| event::record(acting, tx, sam, ("payment", on)));
            let begins = house.instance.clock.today();
            paid(begins).unwrap();
            assert_eq!(seen(house, sam, "phone"), (true, true));
            let all = ["Sam Vane", "sam@vane.example", "01632 960555"].map(|said| finds(house, said));
            assert_eq!(all, [1, 1, 1]);
            house.go_to(date(2027, 11, 4));
            let said = ["Sam Vane", "sam@vane.example", "01632 960555"];
            assert_eq!(said.map(|said| finds(house, said)), [1, 0, 0], "by name, and by nothing out of use");
            assert_eq!(
                seen(house, sam, "phone"),
                (false, true),
                "out of use, and found by who records what happens"
            );
            let by = |verb| {
                house.act(|acting, tx| {
                    let kinds = acting.policy.kind_named("phone").map(|kind| kind.id).into_iter().collect();
                    let act = acts::person::act(verb, None, custody::act::Asked::Exactly(kinds));
                    acting.decide(&act, &[&acting.life(tx, sam)?], &Gate::default()).map(drop)
                })
            };
            let Err(Fault::Refused(why)) = by(Verb::Read) else { panic!("it is out of use") };
            assert_eq!(why.because, "phone is kept for suppliers, and out of use by now");
            assert!(why.next_step.contains("payment"), "{}", why.next_step);
            paid(date(2027, 11, 4)).unwrap();
            assert_eq!(seen(house, sam, "phone"), (true, true), "in use again");
            let due = "SELECT due_on FROM ground WHERE activity = 'suppliers' AND state = 'active'";
            let due = house.read(|tx| tx.one(due, &[], |row| row.opt_date(0)));
            assert_eq!(due, Some(date(2030, 11, 4)));
        },
    );
}

#[test]
fn what_a_stage_has_stopped_is_said_and_refused_alike() {
    let stage = "email stop writing 1 year after last payment, erase 3 years after last payment";
    let keep = format!("{stage}\n  keep      3 years after last payment\n  then      erase");
    on_both_keeping(
        |text| staged(&as_it_is(text), &keep),
        |house| {
            let sam = supplier(house, false);
            let begins = house.instance.clock.today();
            house.act(|acting, tx| event::record(acting, tx, sam, ("payment", begins))).unwrap();
            // By which channels they may be reached as their page says, and as the gate decides.
            let reached = || {
                let both = house.act(|acting, tx| {
                    let life = acting.life(tx, sam)?;
                    let activity = acting.policy.activity_named("suppliers").unwrap();
                    let cards = custody::why(&acting.policy, &life, acting.today);
                    let cards = audience::as_suppressed(acting, tx, &life, cards)?;
                    let cards = cards.into_iter().filter(|card| card.activity == activity.id);
                    let open = cards.flat_map(|card| card.channels).filter(|answer| answer.open);
                    let said: BTreeSet<String> = open.map(|answer| answer.channel).collect();
                    let mut may = BTreeSet::new();
                    for channel in activity.channels.iter().map(|id| &acting.policy.channels[id.index()]) {
                        let way = Way { activity, channel, footer_complete: true };
                        if audience::decide(acting, tx, &way, &life).is_ok() {
                            may.insert(channel.title.clone());
                        }
                    }
                    Ok((said, may))
                });
                let (said, may) = both.unwrap();
                assert_eq!(said, may, "the page says what the gate decides");
                said
            };
            let before = reached();
            assert_eq!(before.len(), 3, "{before:?}");
            house.go_to(date(2027, 11, 4));
            let after = reached();
            assert!(after.len() == 2 && !after.iter().any(|title| title.contains("e-mail")), "{after:?}");
            let refused = house.act(|acting, tx| {
                let life = acting.life(tx, sam)?;
                let activity = acting.policy.activity_named("suppliers").unwrap();
                let all = activity.channels.iter().map(|id| &acting.policy.channels[id.index()]);
                let each = all.map(|channel| Way { activity, channel, footer_complete: true });
                let each = each.filter_map(|way| audience::decide(acting, tx, &way, &life).err());
                Ok(each.map(|why| why.to_string()).collect::<Vec<_>>())
            });
            let why = "email is kept for suppliers, and we stopped writing to them on 4 Nov 2027";
            let refused = refused.unwrap();
            assert!(refused.len() == 1 && refused[0].contains(why), "{refused:?}");
        },
    );
}

#[test]
fn what_is_archived_is_read_and_not_used() {
    let keep = "1 year after last payment, archived for 5 years";
    on_both_keeping(
        |text| staged(&as_it_is(text), keep),
        |house| {
            let sam = supplier(house, false);
            let begins = house.instance.clock.today();
            house.act(|acting, tx| event::record(acting, tx, sam, ("payment", begins))).unwrap();
            house.go_to(date(2027, 11, 4));
            assert_eq!(seen(house, sam, "phone"), (true, true), "readable");
            let change = house.act(|acting, tx| {
                let kinds = acting.policy.kind_named("phone").map(|kind| kind.id).into_iter().collect();
                let act = acts::person::act(Verb::Change, None, custody::act::Asked::Exactly(kinds));
                acting.decide(&act, &[&acting.life(tx, sam)?], &Gate::default()).map(drop)
            });
            assert!(matches!(change, Err(Fault::Refused(_))), "and unusable");
            house.act(|acting, tx| event::record(acting, tx, sam, ("payment", acting.today))).unwrap();
        },
    );
}
