//! What the sweep cannot decide stays, is named on Today with its reason and what to do, is tried again every night, and
//! stops nobody else. On SQLite: PostgreSQL takes no text that is none.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test says what is wrong by failing")]

use std::collections::BTreeMap;
use std::process::Command;

use app::acts::{Acting, backup};
use app::world::Pack;
use custody::coverage::Role;
use custody::id::PersonId;
use jiff::civil::date;
use store::document::{NewDocument, Where};
use store::keys::Secret;

use super::common::{Data, House, night, played};

const STAFF: &str = include_str!("../common/office.toml");

/// Who has what kind of trouble.
const NAMES: [&str; 8] = ["Ann", "Bea", "Cas", "Dee", "Eve", "Fay", "Gil", "Hal"];

struct Troubled {
    house: House,
    key: std::path::PathBuf,
    people: BTreeMap<&'static str, i64>,
    files: BTreeMap<&'static str, std::path::PathBuf>,
}

impl Troubled {
    /// Eight people of whom everything ends on one day, each with a file, all of it in a backup.
    fn new() -> Self {
        let mut world = STAFF.to_owned();
        for name in NAMES {
            world.push_str(&format!(
                "[[person]]\nkey = \"{name}\"\nas = \"coaching client\"\non = \"2026-11-04\"\nname = \"{name} Quillon\"\n\
                 email = \"{name}@post.example\"\nphone = \"01632 96000{}\"\nstory = [\"2026-11-05 they ring: {name} asks\"]\n",
                name.len() + usize::from(name.as_bytes()[0] % 7)
            ));
        }
        let data = Data::new();
        let (secret, key) =
            (Secret::random().unwrap(), data.path().join("../").join(format!("key-{}", std::process::id())));
        secret.write_to(&key).unwrap();
        let policy = Pack::named("cti").unwrap().policy().unwrap();
        let house = House::around(played(&data, &secret, policy, &world), data);
        let mut made = Self { house, key, people: BTreeMap::new(), files: BTreeMap::new() };
        for name in NAMES {
            let sql = format!("SELECT person_id FROM item WHERE value = '{name} Quillon'");
            let person = made.house.count(&sql);
            made.people.insert(name, person);
            let file = made.document(person);
            made.files.insert(name, file);
        }
        let folder = backup::place(&made.house.instance).unwrap();
        backup::make(&made.house.instance, &folder, "test").unwrap();
        made
    }

    fn document(&self, person: i64) -> std::path::PathBuf {
        let instance = &self.house.instance;
        let file = store::files::write(&instance.store, &b"signed"[..]).unwrap();
        let acting = Acting::system(instance, "test");
        let new = NewDocument {
            kind: acting.policy.kind_named("consent form").unwrap().id,
            title: "Consent",
            place: Where::File(&file, "text/plain"),
            on: date(2026, 11, 20),
            source: "the person",
            people: &[(PersonId(person), Role::Subject)],
            engagements: &[],
            by: None,
        };
        instance.store.write(|tx| store::document::add(tx, &acting.policy, &new, acting.now)).unwrap();
        let name: String = instance
            .store
            .read(|tx| {
                let sql = "SELECT d.file FROM document d JOIN document_person p ON p.document_id = d.id WHERE p.person_id = ?1";
                tx.one(sql, &[person.into()], |row| row.text(0))
            })
            .unwrap();
        instance.store.data().join("files").join(&name[..2]).join(&name)
    }

    fn sql(&self, sql: &str) {
        let changed = self.house.instance.store.write(|tx| tx.exec(sql, &[])).unwrap();
        assert!(changed > 0, "{sql}");
    }

    /// Whether anything is left of somebody that goes with their last contact.
    fn left(&self, name: &str) -> bool {
        let person = self.people[name];
        self.house.count(&format!(
            "SELECT (SELECT COUNT(*) FROM item WHERE person_id = {person})
                + (SELECT COUNT(*) FROM document_person WHERE person_id = {person})"
        )) > 0
    }

    fn everybody_left(&self) -> Vec<&'static str> {
        NAMES.into_iter().filter(|name| self.left(name)).collect()
    }

    /// Sweeps from the command line: how it ended, and what it said.
    fn sweep(&self) -> (Option<i32>, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_probity"))
            .args(["sweep", "--key-file"])
            .arg(&self.key)
            .arg("--data")
            .arg(self.house.data.path())
            .output()
            .unwrap();
        let said = [output.stdout, output.stderr].map(|said| String::from_utf8_lossy(&said).into_owned());
        (output.status.code(), said.join("\n"))
    }
}

impl Drop for Troubled {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.key));
    }
}

#[tokio::test]
async fn trouble_of_every_kind_stays_is_named_and_goes_when_it_is_put_right() {
    let trouble = Troubled::new();
    let house = &trouble.house;
    let helen = house.sign_in("helen").await;
    assert_eq!(trouble.everybody_left(), NAMES);

    // Bea: a value that cannot be read. Cas: a date that is none. Dee: a detail of a kind that no policy declares.
    let of = |name: &str| trouble.people[name];
    let (bea, cas, dee) = (of("Bea"), of("Cas"), of("Dee"));
    trouble.sql(&format!(
        "UPDATE item SET value = CAST(x'ff00fe' AS TEXT) WHERE person_id = {bea} AND kind = 'email'"
    ));
    let due = "SELECT due_on FROM ground WHERE state = 'active' AND due_on IS NOT NULL AND activity = 'coach search' AND person_id = ?1";
    let due = house.instance.store.read(|tx| tx.one(due, &[cas.into()], |row| row.text(0))).unwrap();
    trouble.sql(&format!(
        "UPDATE ground SET due_on = '2026-02-31' WHERE person_id = {cas} AND activity = 'coach search'"
    ));
    trouble.sql(&format!("UPDATE item SET kind = 'blood group' WHERE person_id = {dee} AND kind = 'phone'"));
    // Eve: her file is gone from the disk. Fay: something stands in its place that cannot be removed. Gil: the key of
    // his is not what it was. Hal: the ring has lost the keys of everything of his.
    std::fs::remove_file(&trouble.files["Eve"]).unwrap();
    std::fs::remove_file(&trouble.files["Fay"]).unwrap();
    std::fs::create_dir(&trouble.files["Fay"]).unwrap();
    let (gil, hal) = (of("Gil"), of("Hal"));
    trouble.sql(&format!(
        "UPDATE document SET file_key = x'00' WHERE id IN (SELECT document_id FROM document_person WHERE person_id = {gil})"
    ));
    trouble.sql(&format!(
        "INSERT INTO ring_duty (table_name, row_id, part, what, stamp) SELECT 'item', id, 0, 'gone', 1 FROM item WHERE person_id = {hal}"
    ));
    backup::forget(&house.instance).unwrap();
    // And the safe itself can neither be read nor written.
    let safe = store::safe::place(house.data.path());
    let aside = safe.with_extension("aside");
    std::fs::rename(&safe, &aside).unwrap();
    std::fs::create_dir(&safe).unwrap();
    // A newer program would have everybody settled anew; whom that fails for is not forgotten.
    trouble.house.instance.store.write(|tx| store::setting::set(tx, "settle everybody", "yes")).unwrap();

    house.instance.set_practice_clock(house.instance.clock.at(date(2027, 2, 6), 9)).unwrap();
    let (code, said) = trouble.sweep();
    assert_eq!(code, Some(1), "{said}");
    for words in [
        format!("not decided: person {bea}: a stored value has the wrong form"),
        format!("not decided: person {cas}: a stored value has the wrong form"),
        format!("not decided: person {dee}: the policy declares no such kind: 1 blood group"),
        "not decided: file ".to_owned(),
        "a backup could still give it back".to_owned(),
    ] {
        assert!(said.contains(&words), "{words}: {said}");
    }
    // Everybody else went, also those with a damaged file or no key; of Dee what can be decided.
    assert_eq!(trouble.everybody_left(), ["Bea", "Cas", "Dee"], "{said}");
    assert_eq!(house.count(&format!("SELECT COUNT(*) FROM item WHERE person_id = {dee}")), 1);
    assert!(!trouble.files["Ann"].exists() && !trouble.files["Gil"].exists());
    assert!(house.count("SELECT COUNT(*) FROM ring_duty") > 0, "what the ring is to be told waits");

    // Runs are told apart by when they were made, to the second where two programs make them.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    // The night that follows tries again, says so again, and everything else of it happens.
    let day = date(2027, 2, 7);
    let report = night(&house.instance, day);
    assert_eq!(report.undecided, [bea, cas, dee].into_iter().collect());
    assert_eq!(report.problems.len(), 4, "{report:?}");
    let today = house.get("/", &helen).await;
    assert_eq!(today.status, axum::http::StatusCode::OK, "{}", today.text);
    for words in [
        &format!(
            "<a href=\"/people/{bea}\">Somebody who is not named any more</a>: Not decided: a stored value has the wrong form"
        ),
        &format!(
            "<a href=\"/people/{cas}\">Somebody who is not named any more</a>: Not decided: a stored value has the wrong form"
        ),
        &format!("<a href=\"/people/{dee}\">"),
        "the policy declares no such kind: 1 blood group",
        "Adopt a version of the policy that declares it",
        "Have whoever looks after the database put it right",
        "the next night takes the rest of it",
        "the keys of what went could not be destroyed",
        "it is tried again every few seconds",
        "something could not be decided.",
    ] {
        assert!(today.text.contains(words), "{words}: {}", today.text);
    }

    // What else is there for a page to show of them is shown.
    for address in ["/leaving?what=ended", "/admin", "/policy/proof"] {
        assert_eq!(house.get(address, &helen).await.status, axum::http::StatusCode::OK, "{address}");
    }

    // Put right, one after the other, all of it goes.
    trouble.sql(&format!(
        "UPDATE item SET value = 'bea@post.example' WHERE person_id = {bea} AND kind = 'email'"
    ));
    trouble.sql(&format!(
        "UPDATE ground SET due_on = '{due}' WHERE person_id = {cas} AND activity = 'coach search'"
    ));
    trouble.sql(&format!("UPDATE item SET kind = 'phone' WHERE person_id = {dee}"));
    std::fs::remove_dir(&trouble.files["Fay"]).unwrap();
    std::fs::write(&trouble.files["Fay"], b"what is left of it").unwrap();
    // What was only just written is left alone: it may still get its row.
    let file = std::fs::File::options().write(true).open(&trouble.files["Fay"]).unwrap();
    let written = file.metadata().unwrap().modified().unwrap();
    file.set_modified(written - std::time::Duration::from_secs(7200)).unwrap();
    std::fs::remove_dir(&safe).unwrap();
    std::fs::rename(&aside, &safe).unwrap();
    let (code, said) = trouble.sweep();
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(trouble.everybody_left(), [] as [&str; 0]);
    assert!(!trouble.files["Fay"].exists());
    assert_eq!(house.count("SELECT COUNT(*) FROM ring_duty"), 0);
    assert_eq!(house.count("SELECT COUNT(*) FROM setting WHERE name IN ('settle everybody', 'files that would not go', 'keys not destroyed since')"), 0);
    // What the night could not do beside its sweep is named until a night could.
    night(&house.instance, date(2027, 2, 8));
    let today = house.page("/", &helen).await;
    assert!(!today.contains("Not decided") && !today.contains("could not be destroyed"), "{today}");
}
