//! Erasures: whoever is erased is gone, or there as before.

use app::instance::Instance;
use custody::id::PersonId;

use super::super::binary::erasing;
use super::{Copy, Kills, Template, sound};

pub fn killed(template: &Template, enough: usize) {
    let people = {
        let data = template.copy();
        let instance = data.open();
        let sql = "SELECT person_id, min(value) FROM item WHERE kind = 'email' GROUP BY person_id ORDER BY person_id";
        let all = instance.store.read(|tx| tx.all(sql, &[], |row| Ok((row.int(0)?, row.text(1)?))));
        all.unwrap()
    };
    let mut kills = Kills::of(&format!("erasure on {}", template.on()), enough);
    while kills.more() {
        let data = template.copy();
        let (person, email) = kills.chance.one(&people).clone();
        let number = person.to_string();
        let erase = erasing(&number);
        let before = left_of(&data.open(), PersonId(person), &email);
        assert!(before.0 > 3);
        // What an erasure leaves that nobody disturbs: all of them gone, or what the law has us keep, or all of them
        // there where the policy refuses.
        let control = template.copy();
        let (takes, undisturbed) = control.timed(&erase);
        assert!(matches!(undisturbed.code, Some(0 | 2)), "{undisturbed:?}");
        let after = left_of(&control.open(), PersonId(person), &email);
        assert!(
            after.0 >= before.0 || after.1 > before.1,
            "what went has its certificate: {before:?}, {after:?}, {undisturbed:?}"
        );
        kills.kill(&mut data.command(&erase), takes);
        let instance = data.open();
        sound(&instance);
        let left = left_of(&instance, PersonId(person), &email);
        drop(instance);
        assert!(
            left == before || left == after,
            "rows, certificates and requests are {left:?}, were {before:?}, and an erasure leaves {after:?}"
        );
        // Killed once it was kept, it is asked for a second time, and that is on record as well: also where nothing went.
        let wanted = if left == after { twice(&control, &erase, person, &email) } else { after };
        let again = data.run(&erase);
        assert!(matches!(again.code, Some(0 | 2)), "{again:?}");
        let instance = data.open();
        sound(&instance);
        assert_eq!(left_of(&instance, PersonId(person), &email), wanted, "done once more");
    }
    kills.end();
}

/// What is left when somebody whom an erasure took is to be erased again.
fn twice(erased: &Copy, erase: &[&str], person: i64, email: &str) -> (usize, i64, i64) {
    let again = erased.run(erase);
    assert!(matches!(again.code, Some(0 | 2)), "{again:?}");
    left_of(&erased.open(), PersonId(person), email)
}

/// What is left of a person, how many certificates say what went, and how many requests anybody made: an erasure by which nothing goes
/// yet is on record by its request alone.
fn left_of(instance: &Instance, person: PersonId, email: &str) -> (usize, i64, i64) {
    let certificates = "SELECT count(*) FROM certificate WHERE cause = 'erasure'";
    let requests = "SELECT count(*) FROM request";
    let count = |sql| super::count(&instance.store, sql);
    (traces(instance, person, email), count(certificates), count(requests))
}

/// Rows about a person, and rows anywhere that hold their address.
fn traces(instance: &Instance, person: PersonId, email: &str) -> usize {
    let policy = instance.policy();
    let rows = instance.store.read(|tx| store::dispose::holdings(tx, &policy, person)).unwrap().data.len();
    rows + by_value(instance, email)
}

fn by_value(instance: &Instance, value: &str) -> usize {
    let mut found = 0;
    for table in store::schema::tables() {
        for column in table.columns.iter().filter(|column| column.form == store::schema::Form::Text) {
            let sql = format!("SELECT count(*) FROM {} WHERE {} LIKE ?1", table.name, column.name);
            let n = instance.store.read(|tx| tx.count(&sql, &[format!("%{value}%").into()])).unwrap();
            found += usize::try_from(n).unwrap();
        }
    }
    found
}

#[test]
fn whoever_is_erased_is_gone_or_there() {
    killed(Template::sqlite(), 5);
}
