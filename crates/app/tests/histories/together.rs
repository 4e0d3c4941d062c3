//! Acts that meet: somebody writes a note while somebody else erases, a message leaves while its consent is taken back. On
//! PostgreSQL they run side by side and serializable; whichever came second sees the first. On SQLite they take turns.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::Duration;

use app::acts::confirmation::Telling;
use app::acts::entry::NewNote;
use app::acts::person::NewPerson;
use app::acts::{self, Acting, audience, consent, entry, erasure, mailing};
use app::fault::Fault;
use app::instance::Instance;
use custody::id::{MessageId, PersonId};
use jiff::civil::{Date, date};
use store::Tx;

use crate::FORMS;
use crate::chance::{Chance, times};
use crate::house::{House, On, read, server};

const TODAY: Date = date(2026, 12, 1);
const ROUNDS: usize = 12;

fn house(on: On) -> Option<House> {
    if on == On::Postgres && server().is_none() {
        eprintln!("skipped: PROBITY_TEST_POSTGRES names no database");
        return None;
    }
    Some(House::new(read("forms.policy", FORMS), TODAY, on))
}

fn follower(house: &House, round: usize) -> PersonId {
    let new = NewPerson {
        category: "follower".to_owned(),
        values: vec![
            ("name".to_owned(), format!("Zq{round}vx Drake")),
            ("email".to_owned(), format!("zq{round}vx@post.example")),
        ],
        source: "the person".to_owned(),
        collected_on: Some(TODAY),
        organisation: None,
        agreed: vec!["news".to_owned()],
        shown: Some((store::consent::Shows::InPerson, "told us when they gave their details".to_owned())),
        offers: false,
        told: None,
    };
    house.act(|acting, tx| acts::person::add(acting, tx, &new)).unwrap()
}

fn noted(acting: &Acting<'_>, tx: &Tx<'_>, who: PersonId, round: usize) -> Result<(), Fault> {
    let body = format!("Zq{round}vx rang.");
    let new = NewNote { kind: "enquiry".into(), body, on: acting.today, direction: None, engagement: None };
    entry::add(acting, tx, who, &new).map(drop)
}

/// The manager acts on another server of the same database: acts of one server take turns.
fn on<T>(
    house: &House,
    server: &Instance,
    mut f: impl FnMut(&Acting<'_>, &Tx<'_>) -> Result<T, Fault>,
) -> Result<T, Fault> {
    server.store.write(|tx| f(&Acting::staff(server, house.manager.clone())?, tx))
}

/// Nothing of the erased person is left, and no line about nobody.
fn clean(house: &House, round: usize) {
    let word = format!("q{round}vx");
    assert_eq!(house.stand(std::slice::from_ref(&word)), [], "round {round}");
    let orphans = "SELECT COUNT(*) FROM entry e WHERE NOT EXISTS (SELECT 1 FROM entry_person p WHERE p.entry_id = e.id)";
    assert_eq!(house.count(orphans), 0, "round {round}");
}

/// Both at the same moment, with a little luck each way round.
fn a_note_meets_an_erasure(on: On) {
    let Some(house) = house(on) else { return };
    let mut chance = Chance::of(&format!("together note {on:?}"));
    let (mut before, mut after) = (0, 0);
    for round in 0..ROUNDS * times() {
        let who = follower(&house, round);
        let start = Barrier::new(2);
        let (note, erase) = (chance.below(3000), chance.below(3000));
        let wrote = std::thread::scope(|threads| {
            let writes = threads.spawn(|| {
                start.wait();
                std::thread::sleep(Duration::from_micros(note as u64));
                house.act(|acting, tx| noted(acting, tx, who, round))
            });
            start.wait();
            std::thread::sleep(Duration::from_micros(erase as u64));
            house
                .act(|acting, tx| {
                    erasure::carry_out(
                        acting,
                        tx,
                        who,
                        None,
                        (erasure::Reason::Asked.known(), None),
                        Telling::Already("by letter"),
                    )
                })
                .unwrap();
            writes.join().unwrap()
        });
        match wrote {
            Ok(()) => before += 1,
            Err(Fault::NotFound | Fault::Refused(_)) => after += 1,
            Err(other) => panic!("round {round}: {other}"),
        }
        clean(&house, round);
    }
    eprintln!("{before} notes came before the erasure and went with it, {after} came too late");
}

#[test]
fn a_note_meets_an_erasure_on_sqlite() {
    a_note_meets_an_erasure(On::Sqlite);
}

#[test]
fn a_note_meets_an_erasure_on_postgres() {
    a_note_meets_an_erasure(On::Postgres);
}

/// The writer has decided on the facts as they were, and only then the erasure comes through.
#[test]
fn a_note_decided_before_an_erasure_is_not_written_after_it() {
    let Some(house) = house(On::Postgres) else { return };
    let (who, other) = (follower(&house, 1), house.another_server());
    let (decided, first) = (Barrier::new(2), AtomicBool::new(true));
    std::thread::scope(|threads| {
        let writes = threads.spawn(|| {
            house.act(|acting, tx| {
                acting.life(tx, who)?;
                if first.swap(false, SeqCst) {
                    decided.wait();
                    // Until the erasure is through, or it waits for this very act.
                    std::thread::sleep(Duration::from_millis(1500));
                }
                noted(acting, tx, who, 1)
            })
        });
        decided.wait();
        on(&house, &other, |acting, tx| {
            erasure::carry_out(
                acting,
                tx,
                who,
                None,
                (erasure::Reason::Asked.known(), None),
                Telling::Already("by letter"),
            )
        })
        .unwrap();
        let wrote = writes.join().unwrap();
        assert!(matches!(wrote, Err(Fault::NotFound | Fault::Refused(_))), "decided again: {wrote:?}");
    });
    clean(&house, 1);
}

fn queued(house: &House) -> MessageId {
    house
        .act(|acting, tx| {
            let id = mailing::begin(acting, tx, "news")?;
            mailing::write(acting, tx, id, 1, "News", "Here is our news.")?;
            let version = store::mailing::one(tx, id)?.version;
            mailing::send(acting, tx, id, version)?;
            mailing::hurry(acting, tx, id)?;
            Ok(MessageId(tx.count("SELECT MAX(id) FROM message", &[])?))
        })
        .unwrap()
}

/// What the outbox does at the moment of leaving, with a pause between the decision and the claim.
fn leaves(house: &House, message: MessageId, pause: impl Fn()) -> Result<(), Fault> {
    house.instance.store.write(|tx| {
        let acting = Acting::system(&house.instance, "sender");
        let held = store::message::one(tx, &acting.policy, message)?;
        let life = acting.life(tx, held.person.ok_or(Fault::NotFound)?)?;
        let activity = acting.policy.activity_named("news").unwrap();
        let channel = acting.policy.channel_named("mailing").unwrap();
        audience::decide(&acting, tx, &audience::Way { activity, channel, footer_complete: true }, &life)?;
        pause();
        store::message::claim(tx, &acting.policy, message, acting.now)?;
        Ok(())
    })
}

#[test]
fn a_message_decided_before_a_withdrawal_is_not_claimed_after_it() {
    let Some(house) = house(On::Postgres) else { return };
    let (who, other) = (follower(&house, 2), house.another_server());
    let message = queued(&house);
    let (decided, withdrawn, first) = (Barrier::new(2), Barrier::new(2), AtomicBool::new(true));
    std::thread::scope(|threads| {
        let sends = threads.spawn(|| {
            leaves(&house, message, || {
                if first.swap(false, SeqCst) {
                    decided.wait();
                    withdrawn.wait();
                }
            })
        });
        decided.wait();
        on(&house, &other, |acting, tx| consent::withdraw(acting, tx, who, "news", None)).unwrap();
        withdrawn.wait();
        let sent = sends.join().unwrap();
        assert!(matches!(sent, Err(Fault::Refused(_))), "decided again: {sent:?}");
    });
    let state = house
        .read(|tx| tx.one("SELECT state FROM message WHERE id = ?1", &[message.0.into()], |row| row.text(0)));
    assert_eq!(state, "queued");
}

/// The real outbox and a withdrawal at the same moment, many times: what left was claimed while the consent stood.
fn a_message_meets_a_withdrawal(on: On) {
    let Some(house) = house(on) else { return };
    let mut chance = Chance::of(&format!("together send {on:?}"));
    let (mut sent, mut refused) = (0, 0);
    for round in 0..ROUNDS * times() {
        let who = follower(&house, 100 + round);
        let message = queued(&house);
        let start = Barrier::new(2);
        let (post, back) = (chance.below(4000), chance.below(4000));
        std::thread::scope(|threads| {
            threads.spawn(|| {
                start.wait();
                std::thread::sleep(Duration::from_micros(post as u64));
                app::jobs::outbox::play(&house.instance).unwrap();
            });
            start.wait();
            std::thread::sleep(Duration::from_micros(back as u64));
            house.act(|acting, tx| consent::withdraw(acting, tx, who, "news", None)).unwrap();
        });
        let state = house.read(|tx| {
            tx.one("SELECT state FROM message WHERE id = ?1", &[message.0.into()], |row| row.text(0))
        });
        match state.as_str() {
            "sent" => sent += 1,
            "refused" => refused += 1,
            other => panic!("round {round}: {other}"),
        }
        // The log has them in the order in which they count: a message is never logged as sent after it was refused.
        let both = format!(
            "SELECT COUNT(*) FROM log_event WHERE act = 'message.sent' AND body LIKE '%{}%'",
            message.0
        );
        assert_eq!(house.count(&both), usize::from(state == "sent"), "round {round}");
        house
            .act(|acting, tx| {
                erasure::carry_out(
                    acting,
                    tx,
                    who,
                    None,
                    (erasure::Reason::Asked.known(), None),
                    Telling::Already("by letter"),
                )
            })
            .unwrap();
    }
    eprintln!("{sent} messages left before the withdrawal, {refused} were refused after it");
}

#[test]
fn a_message_meets_a_withdrawal_on_sqlite() {
    a_message_meets_a_withdrawal(On::Sqlite);
}

#[test]
fn a_message_meets_a_withdrawal_on_postgres() {
    a_message_meets_a_withdrawal(On::Postgres);
}
