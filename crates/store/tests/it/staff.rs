//! Accounts, sessions and links, on both databases.

use jiff::Timestamp;
use jiff::civil::date;
use store::invitation::{self, Invitation};
use store::session::{self, Session};
use store::staff::{self, NewAccount};
use store::{Error, Store};

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

fn account(store: &Store, email: &str) -> store::Result<custody::id::StaffId> {
    store.write(|tx| {
        staff::add(
            tx,
            &NewAccount { name: "Mara Vane", email, role: "coach", person: None, since: date(2026, 1, 5) },
            at(0),
        )
    })
}

fn session_of(staff: custody::id::StaffId, token: &[u8]) -> Session {
    Session {
        hash: session::hash(token),
        staff,
        created_at: at(0),
        seen_at: at(0),
        expires_at: at(100),
        second_factor: true,
        address: Some("192.0.2.7".into()),
        agent: None,
    }
}

both! {
    fn an_account_signs_in_by_any_spelling_of_its_address(store) {
        let id = account(store, " Mara@CTI.example ").unwrap();
        assert_eq!(store.read(|tx| staff::by_email(tx, "mara@cti.EXAMPLE")).unwrap().map(|account| account.id), Some(id));
        assert!(matches!(account(store, "MARA@cti.example"), Err(Error::Taken(_))));
    }

    fn failures_lock_and_success_forgets(store) {
        let id = account(store, "mara@cti.example").unwrap();
        for expected in 1..=3 {
            assert_eq!(store.write(|tx| staff::failed(tx, id, (expected == 3).then(|| at(900)))).unwrap(), expected);
        }
        assert_eq!(store.read(|tx| staff::get(tx, id)).unwrap().locked_until, Some(at(900)));
        store.write(|tx| staff::succeeded(tx, id)).unwrap();
        let account = store.read(|tx| staff::get(tx, id)).unwrap();
        assert_eq!((account.failures, account.locked_until), (0, None));
    }

    fn who_leaves_loses_every_way_in(store) {
        let id = account(store, "mara@cti.example").unwrap();
        let session = session_of(id, b"token");
        let link = Invitation {
            hash: session::hash(b"link"), purpose: "password".into(), staff: Some(id), person: None, about: None,
            created_at: at(0), expires_at: at(50),
        };
        store.write(|tx| { staff::set_password(tx, id, "hash")?; session::open(tx, &session)?; invitation::add(tx, &link) }).unwrap();
        assert_eq!(store.read(|tx| session::find(tx, session.hash, at(1))).unwrap().as_ref(), Some(&session));
        assert_eq!(store.read(|tx| session::find(tx, session::hash(b"other"), at(1))).unwrap(), None);
        assert_eq!(store.read(|tx| session::find(tx, session.hash, at(100))).unwrap(), None, "expired");
        store.write(|tx| staff::leave(tx, id, date(2026, 12, 1))).unwrap();
        assert_eq!(store.read(|tx| session::find(tx, session.hash, at(1))).unwrap(), None);
        assert_eq!(store.read(|tx| invitation::find(tx, link.hash, "password", at(1))).unwrap(), None);
        assert_eq!(store.read(|tx| staff::get(tx, id)).unwrap().password, None);
        account(store, "mara@cti.example").expect("the address is free again");
    }

    fn a_link_works_once_and_only_for_its_purpose(store) {
        let id = account(store, "mara@cti.example").unwrap();
        let link = |token: &[u8]| Invitation {
            hash: session::hash(token), purpose: "password".into(), staff: Some(id), person: None, about: None,
            created_at: at(0), expires_at: at(50),
        };
        let take = |token: &[u8], purpose: &str, now| store.write(|tx| invitation::take(tx, session::hash(token), purpose, now)).unwrap();
        store.write(|tx| invitation::add(tx, &link(b"first"))).unwrap();
        assert_eq!(take(b"first", "fetch", at(1)), None);
        assert_eq!(take(b"first", "password", at(50)), None, "expired");
        assert_eq!(take(b"first", "password", at(1)), Some(link(b"first")));
        assert_eq!(take(b"first", "password", at(2)), None, "used");
        store.write(|tx| { invitation::add(tx, &link(b"second"))?; invitation::add(tx, &link(b"third")) }).unwrap();
        assert_eq!(take(b"second", "password", at(1)), None, "a newer one took its place");
        assert!(take(b"third", "password", at(1)).is_some());
    }

    fn a_policy_comes_back_word_for_word_and_by_its_day(store) {
        store.write(|tx| {
            for (version, from, text) in [(3, date(2026, 12, 1), "third"), (4, date(2027, 2, 1), "fourth")] {
                let files = format!("[[\"cti.policy\",\"{text}\"]]");
                tx.exec("INSERT INTO policy_version (version, from_on, adopted_at, files, hash) VALUES (?1, ?2, 0, ?3, ?4)",
                    store::params![version, from, &files, *blake3::hash(files.as_bytes()).as_bytes()])?;
            }
            Ok::<_, Error>(())
        }).unwrap();
        let text = |day| store.read(|tx| store::policy_version::in_force(tx, day)).unwrap().files[0].text.clone();
        assert_eq!(text(date(2027, 1, 31)), "third");
        assert_eq!(text(date(2027, 2, 1)), "fourth");
        assert_eq!(text(date(2026, 11, 1)), "third");
        store.write(|tx| tx.exec("UPDATE policy_version SET files = replace(files, 'third', 'slyly')", &[])).unwrap();
        let read = store.read(|tx| store::policy_version::in_force(tx, date(2027, 1, 1)));
        assert!(matches!(read, Err(Error::Damaged(_))), "{read:?}");
    }
}
