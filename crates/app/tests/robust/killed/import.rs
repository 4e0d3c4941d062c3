//! Imports: rows came in whole or not at all, and the rest comes in later, nobody twice.

use app::instance::Instance;

use super::{Kills, Template, count, sound};

pub fn killed(template: &Template, enough: usize) {
    let list = tempfile::NamedTempFile::new().unwrap();
    let mut text = String::from("Name,Email,Phone\n");
    for n in 0..800 {
        text.push_str(&format!("Row Person{n},row{n}@import.example,01632 {:06}\n", 970_000 + n));
    }
    std::fs::write(list.path(), text).unwrap();
    let import = [
        "import",
        "people",
        list.path().to_str().unwrap(),
        "--activity",
        "enquiries",
        "--category",
        "organisation contact",
        "--source",
        "the person",
        "--collected",
        "2026-11-01",
    ];
    let (takes, undisturbed) = template.copy().timed(&import);
    undisturbed.well();
    let mut kills = Kills::of(&format!("import on {}", template.on()), enough);
    while kills.more() {
        let data = template.copy();
        kills.kill(&mut data.command(&import), takes);
        let instance = data.open();
        check(&instance);
        // What a server does when it starts.
        app::acts::import::resume(&instance).unwrap();
        let unfinished = count(&instance.store, "SELECT count(*) FROM import_batch WHERE state = 'running'");
        assert_eq!(unfinished, 0);
        drop(instance);
        // Whatever came of it: once more brings in who is missing, and nobody twice.
        data.run(&import).well();
        assert_eq!(check(&data.open()), 800);
    }
    kills.end();
}

/// How many rows came in.
fn check(instance: &Instance) -> i64 {
    sound(instance);
    let of = |kind: &str| {
        count(
            &instance.store,
            &format!("SELECT count(*) FROM item WHERE kind = '{kind}' AND import_id IS NOT NULL"),
        )
    };
    let (names, emails, phones) = (of("name"), of("email"), of("phone"));
    assert_eq!((names, emails), (emails, phones), "a row came in by half");
    let settled = count(&instance.store, "SELECT count(*) FROM import_row WHERE outcome = 'created'");
    assert_eq!(settled, names, "what is written of the rows is what became of them");
    names
}

#[test]
fn an_import_has_whole_rows_and_goes_on() {
    killed(Template::sqlite(), 3);
}
