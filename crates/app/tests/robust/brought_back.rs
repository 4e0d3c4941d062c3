//! An instance that was brought back: what waited to be sent does not leave a second time, a used link works no second
//! time, backups made later are newer than every one before, and in quarantine pages are all there is.

use std::path::{Path, PathBuf};

use app::acts::confirmation::Telling;
use app::acts::restore::{self, QUARANTINE};
use app::acts::{Acting, erasure};
use app::instance::Instance;
use app::world::Pack;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use custody::coverage::Role;
use custody::id::{EngagementId, PersonId};
use store::backup::{self, Keeping};
use store::disclosure::{self, NewDisclosure};
use store::document::{NewDocument, Where};
use store::keys::Secret;
use store::message::{self, NewMessage, Sort};
use store::paper::{self, NewPaper};
use store::restoring::Restoring;
use store::{Store, document, params, setting, task};

use super::common::{Data, House, account, played};

fn secret() -> Secret {
    Secret::of([9; 32])
}

fn made(data: &Data) -> Instance {
    played(data, &secret(), Pack::named("cti").unwrap().policy().unwrap(), super::WORLD)
}

/// Where the safe lies that belongs to backups.
fn safe_of(to: &Path) -> PathBuf {
    to.with_extension("second").join(store::safe::NAME)
}

fn back_up(store: &Store, to: &Path, after_hours: i64) {
    let second = safe_of(to).parent().unwrap().to_owned();
    std::fs::create_dir_all(&second).unwrap();
    let keeping = Keeping { to: to.into(), safes: vec![second.into()], days: 90 };
    let now = app::clock::machine() + jiff::SignedDuration::from_hours(after_hours);
    backup::make(store, &keeping, now).unwrap();
}

fn restored(from: &Path, safe: &[u8], to: &Data, quarantine: bool) -> restore::Report {
    let into = Restoring::begin(to.path(), to.url().as_deref(), safe).unwrap();
    restore::run(into, &secret(), &from.into(), safe, None, quarantine).unwrap()
}

fn opened(data: &Data) -> Instance {
    Instance::open(data.path(), data.url().as_deref(), &secret()).unwrap()
}

fn tara(store: &Store) -> PersonId {
    let sql = "SELECT person_id FROM item WHERE value = 'tara.whitfield@post.example'";
    store.read(|tx| tx.one(sql, &[], |row| Ok(PersonId(row.int(0)?)))).unwrap()
}

#[test]
fn what_waited_leaves_no_second_time_and_a_used_link_works_no_second_time() {
    let (data, new, place) = (Data::new(), Data::new(), tempfile::tempdir().unwrap());
    let to = place.path().join("backups");
    let instance = made(&data);
    let store = &instance.store;
    let (today, now) = (instance.clock.today(), instance.clock.now());
    let helen = account(&instance, "helen.marsh");
    let link = store::invitation::Invitation {
        hash: [3; 32],
        purpose: "password".to_owned(),
        staff: Some(helen.id),
        person: None,
        about: None,
        created_at: now,
        expires_at: now + jiff::SignedDuration::from_hours(100_000),
    };
    let who = tara(store);
    let (first, second) = store
        .write(|tx| {
            let new = NewMessage {
                person: Some(who),
                mailing: None,
                sort: Sort::Personal,
                activity: Some("coaching"),
                channel: "email",
                address: "tara.whitfield@post.example",
                subject: "Your session",
                body: "Dear Tara",
                html: None,
                token: None,
                not_before: None,
                request: None,
                by: None,
            };
            store::invitation::add(tx, &link)?;
            Ok::<_, store::Error>((
                message::queue(tx, &new, today, now)?,
                message::queue(tx, &new, today, now)?,
            ))
        })
        .unwrap();
    let policy = instance.policy();
    store.write(|tx| message::claim(tx, &policy, second, now)).unwrap();
    back_up(store, &to, 0);
    // After the backup both leave, and the link is used.
    store
        .write(|tx| {
            message::claim(tx, &policy, first, now)?;
            message::sent(tx, first, now)?;
            message::sent(tx, second, now)?;
            store::invitation::take(tx, link.hash, "password", now)
        })
        .unwrap();
    store::ring_duty::carry_out(store, &[to.with_extension("second").into()], false, app::clock::machine())
        .unwrap();
    let safe = std::fs::read(safe_of(&to)).unwrap();
    let report = restored(&to, &safe, &new, false);
    assert!(report.messages >= 2);
    let instance = opened(&new);
    for id in [first, second] {
        let sql = "SELECT state, trouble FROM message WHERE id = ?1";
        let found =
            instance.store.read(|tx| tx.one(sql, params![id], |row| Ok((row.text(0)?, row.opt_text(1)?))));
        let (state, trouble) = found.unwrap();
        assert_eq!(state, "failed");
        assert_eq!(trouble.as_deref(), Some("restored from a backup: it may have left already"));
    }
    let later = now + jiff::SignedDuration::from_hours(1);
    assert!(instance.store.read(|tx| message::waiting(tx, later, 9)).unwrap().is_empty());
    let open = instance.store.read(|tx| task::open(tx, None, 50)).unwrap();
    assert!(
        open.iter().any(|task| task.what.contains("messages were waiting when the backup was made")),
        "{open:?}"
    );
    assert!(
        instance
            .store
            .read(|tx| store::invitation::find(tx, link.hash, "password", later))
            .unwrap()
            .is_none()
    );
}

#[test]
fn after_a_quarantine_backups_are_newer_than_every_one_before() {
    let (data, new, newer, place) = (Data::new(), Data::new(), Data::new(), tempfile::tempdir().unwrap());
    let to = place.path().join("backups");
    let instance = made(&data);
    back_up(&instance.store, &to, 0);
    let old = std::fs::read(safe_of(&to)).unwrap();
    for hours in 1..6 {
        instance.store.write(|tx| store::ring_duty::kept(tx, "staff", "1 = 1", &[])).unwrap();
        back_up(&instance.store, &to, hours);
    }
    let into = Restoring::begin(newer.path(), newer.url().as_deref(), &old).unwrap();
    let refused = restore::run(into, &secret(), &to.clone().into(), &old, None, false).err().unwrap();
    assert!(refused.to_string().contains("Find the newest safe"), "{refused}");
    assert!(restored(&to, &old, &new, true).quarantine.is_some());
    let instance = opened(&new);
    let refused = app::acts::backup::make(&instance, &to.clone().into(), "system backup").unwrap_err();
    assert!(refused.to_string().contains("quarantine"), "{refused}");
    instance.store.write(|tx| setting::clear(tx, QUARANTINE)).unwrap();
    back_up(&instance.store, &to, 24);
    let safe = std::fs::read(safe_of(&to)).unwrap();
    let last = Data::new();
    let report = restored(&to, &safe, &last, false);
    assert_eq!(report.people, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn in_quarantine_there_are_pages_and_nothing_else() {
    let data = Data::new();
    let instance = made(&data);
    let person = tara(&instance.store);
    let work = instance.store.read(|tx| tx.one("SELECT id FROM engagement", &[], |row| row.int(0))).unwrap();
    let file = store::files::write(&instance.store, &b"signed"[..]).unwrap();
    let policy = instance.policy();
    let (today, now) = (instance.clock.today(), instance.clock.now());
    let new = NewDocument {
        kind: policy.kind_named("consent form").unwrap().id,
        title: "Consent form",
        place: Where::File(&file, "application/pdf"),
        on: today,
        source: "the person",
        people: &[(person, Role::Subject)],
        engagements: &[(EngagementId(work), None)],
        by: None,
    };
    let document = instance.store.write(|tx| document::add(tx, &policy, &new, now)).unwrap();
    let files = [
        format!("/work/{work}/documents/{}", document.0),
        "/policy/register/register.csv".to_owned(),
        "/policy/register/register.jsonld".to_owned(),
    ];
    let house = House::around(instance, data);
    let cookie = house.sign_in("helen.marsh").await;
    for path in &files {
        assert_eq!(house.get(path, &cookie).await.status, StatusCode::OK, "{path}");
    }
    let House { instance, app, data } = house;
    drop(app);
    let token = [5_u8; 16];
    instance
        .store
        .write(|tx| {
            tx.exec(
                "INSERT INTO message (id, person_id, sort, activity, channel, address, subject, body, token, state, queued_on, queued_at, attempts)
                    VALUES (99, ?1, 'mailing', 'supporters', 'email', 'x', 'News', 'News', ?2, 'sent', '2026-02-01', 0, 1)",
                params![person, token.as_slice()],
            )?;
            setting::set(tx, QUARANTINE, "it was asked for")
        })
        .unwrap();
    drop(instance);
    let house = House::around(opened(&data), data);
    let cookie = house.sign_in("helen.marsh").await;
    let key = house.key("helen.marsh");
    assert_eq!(house.get("/people", &cookie).await.status, StatusCode::OK);
    assert_eq!(house.get("/privacy.md", "").await.status, StatusCode::OK);
    for path in &files {
        let answer = house.get(path, &cookie).await;
        assert!(!answer.status.is_success(), "{path}: {}", answer.status);
    }
    assert!(!house.api("GET", "/api/v1/people", &key, &serde_json::json!({})).await.status.is_success());
    let before = rows(&house);
    for path in [
        format!("/people/{}/restriction", person.0),
        "/people".to_owned(),
        "/admin/backup".to_owned(),
        "/me/password".to_owned(),
    ] {
        let answer = house.post(&path, &cookie, "name=Ada").await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{path}: {}", answer.text);
        assert_eq!(answer.headers[header::RETRY_AFTER], "3600");
    }
    let link: String = token.iter().map(|byte| format!("{byte:02x}")).collect();
    for request in [
        Request::get(format!("/answer/{link}")),
        Request::post(format!("/answer/{link}")),
        Request::post(format!("/unsubscribe/{link}/undo")),
    ] {
        let answer = house.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(answer.text.contains("come back later"), "{}", answer.text);
    }
    assert_eq!(rows(&house), before);
    // Whoever wants no more e-mails is heard all the same.
    assert_eq!(house.post(&format!("/unsubscribe/{link}"), "", "").await.status, StatusCode::OK);
    assert_eq!(house.post("/admin/quarantine", &cookie, "").await.status, StatusCode::SEE_OTHER);
    assert_ne!(house.post("/people", &cookie, "name=Ada").await.status, StatusCode::SERVICE_UNAVAILABLE);
}

fn rows(house: &House) -> Vec<i64> {
    ["person", "item", "told", "objection", "suppression", "restriction", "task"]
        .map(|table| house.count(&format!("SELECT count(*) FROM {table}")))
        .into()
}

#[test]
fn whoever_has_what_was_erased_after_the_backup_is_still_to_be_told_of_it() {
    let (data, new, place) = (Data::new(), Data::new(), tempfile::tempdir().unwrap());
    let to = place.path().join("backups");
    let instance = made(&data);
    let (store, policy, now) = (&instance.store, instance.policy(), instance.clock.now());
    let who = tara(store);
    let passed = NewDisclosure {
        person: who,
        recipient: "address book",
        recipient_person: None,
        kinds: policy.kind_named("name").map(|kind| kind.id).into_iter().collect(),
        activity: "coaching",
        reason: "keeps our address book",
        engagement: None,
        safeguard: None,
        place: None,
        on: instance.clock.today(),
        by: None,
    };
    store.write(|tx| disclosure::record(tx, &policy, &passed, now)).unwrap();
    back_up(store, &to, 0);
    let helen = Acting::staff(&instance, account(&instance, "helen.marsh")).unwrap();
    let why = (erasure::Reason::Asked.known(), None);
    store.write(|tx| erasure::carry_out(&helen, tx, who, None, why, Telling::Already("by letter"))).unwrap();
    let tell = "SELECT COUNT(*) FROM task WHERE told = 'erased' AND recipient = 'address book' AND owner_id IS NOT NULL
        AND due_on IS NOT NULL AND done_on IS NULL";
    assert_eq!(store.read(|tx| tx.count(tell, &[])).unwrap(), 1);
    store::ring_duty::carry_out(store, &[to.with_extension("second").into()], false, app::clock::machine())
        .unwrap();
    let safe = std::fs::read(safe_of(&to)).unwrap();
    let report = restored(&to, &safe, &new, false);
    let instance = opened(&new);
    let name = "SELECT COUNT(*) FROM item WHERE value = 'tara.whitfield@post.example'";
    assert_eq!(instance.store.read(|tx| tx.count(name, &[])).unwrap(), 0, "she stays away");
    assert_eq!(instance.store.read(|tx| tx.count(tell, &[])).unwrap(), 1);
    let lost: Vec<_> = report.broken.iter().filter(|one| one.contains("nobody is to tell them")).collect();
    assert!(lost.is_empty(), "{lost:?}");
}

#[test]
fn paper_of_whoever_was_erased_after_the_backup_is_still_to_be_destroyed_by_somebody() {
    let (data, new, place) = (Data::new(), Data::new(), tempfile::tempdir().unwrap());
    let to = place.path().join("backups");
    let instance = made(&data);
    let (store, now, today) = (&instance.store, instance.clock.now(), instance.clock.today());
    let who = tara(store);
    let file =
        NewPaper { person: who, engagement: None, what: "Notes", place: "Cabinet 3", since: today, by: None };
    store.write(|tx| paper::add(tx, &file, now)).unwrap();
    back_up(store, &to, 0);
    let helen = Acting::staff(&instance, account(&instance, "helen.marsh")).unwrap();
    let why = (erasure::Reason::Asked.known(), None);
    store.write(|tx| erasure::carry_out(&helen, tx, who, None, why, Telling::Already("by letter"))).unwrap();
    let destroy = "SELECT COUNT(*) FROM task WHERE kind = 'destroy paper' AND place LIKE '%Cabinet 3%' AND owner_id IS NOT NULL
        AND due_on IS NOT NULL AND done_on IS NULL";
    assert_eq!(store.read(|tx| tx.count(destroy, &[])).unwrap(), 1);
    store::ring_duty::carry_out(store, &[to.with_extension("second").into()], false, app::clock::machine())
        .unwrap();
    let safe = std::fs::read(safe_of(&to)).unwrap();
    restored(&to, &safe, &new, false);
    assert_eq!(opened(&new).store.read(|tx| tx.count(destroy, &[])).unwrap(), 1);
}
