//! Backups and restores by the real program: what was erased stays gone whichever backup is brought back, everybody
//! else is there, a safe that is too old opens nothing but a quarantine, and a drill leaves nothing behind.

use std::path::Path;

use super::WORLD;
use super::binary::{Said, erasing, made, run};

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// An instance, the place of its backups and the second place of its safe, in one directory that goes with it.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        for name in ["data", "backups", "safe"] {
            std::fs::create_dir(place.0.path().join(name)).unwrap();
        }
        made(WORLD, &place.at("data"), None);
        let toml = format!("[backups]\nto = {:?}\nsafe = [{:?}]\n", place.at("backups"), place.at("safe"));
        std::fs::write(place.at("data/probity.toml"), toml).unwrap();
        place
    }

    fn at(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    fn on(&self, data: &str, arguments: &[&str]) -> Said {
        let (data, key) = (self.at(data), self.at("data/key"));
        run(&[arguments, &["--data", text(&data), "--key-file", text(&key)]].concat())
    }

    fn back_up(&self) {
        self.on("data", &["backup", text(&self.at("backups"))]).well();
    }

    fn restore(&self, to: &str, more: &[&str]) -> Said {
        let (backups, safe) = (self.at("backups"), self.at("safe"));
        self.on(to, &[&["restore", text(&backups), "--safe", text(&safe)], more].concat())
    }

    fn people(&self, data: &str) -> String {
        self.on(data, &["person", "list"]).well().to_owned()
    }

    fn number(&self, name: &str) -> String {
        let people = self.people("data");
        people.lines().find(|line| line.contains(name)).unwrap().split_whitespace().next().unwrap().to_owned()
    }
}

#[test]
fn who_was_erased_comes_back_from_no_backup_and_everybody_else_from_each() {
    let place = Place::new();
    place.back_up();
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let between = app::clock::machine()
        .to_zoned(jiff::tz::TimeZone::system())
        .strftime("%Y-%m-%dT%H:%M:%S")
        .to_string();
    std::thread::sleep(std::time::Duration::from_millis(1100));
    place.on("data", &erasing(&place.number("Priya"))).well();
    place.back_up();
    for (to, more) in [("newest", vec![]), ("earlier", vec!["--at", &between])] {
        let restored = place.restore(to, &more);
        assert!(restored.well().contains("rows stay gone"), "{restored:?}");
        let people = place.people(to);
        assert!(people.contains("Tara") && !people.contains("Priya"), "{people}");
        place.on(to, &["log", "verify"]).well();
        let proof = place.on(to, &["prove"]);
        assert!(proof.well().contains("kept") && !proof.out.contains("broken"), "{proof:?}");
    }
    place.restore("newest", &[]).refused("there is an instance in");
    // From now on the restored instance forgets in the old backups too.
    let tara = place.number("Tara");
    place.on("newest", &erasing(&tara)).well();
    place.on("newest", &["backup", text(&place.at("backups"))]).well();
    std::fs::copy(place.at("newest/safe"), place.at("safe/probity.safe")).unwrap();
    place.restore("again", &["--at", &between]).well();
    assert!(!place.people("again").contains("Tara"));
}

#[test]
fn a_safe_that_is_too_old_opens_a_quarantine_and_nothing_else() {
    let place = Place::new();
    place.back_up();
    let old = std::fs::read(place.at("safe/probity.safe")).unwrap();
    place.on("data", &erasing(&place.number("Priya"))).well();
    place.back_up();
    std::fs::write(place.at("safe/probity.safe"), &old).unwrap();
    place.restore("new", &[]).refused("Find the newest safe");
    assert!(!place.at("new").exists(), "nothing was begun");
    let restored = place.restore("new", &["--quarantine"]);
    assert!(restored.well().contains("QUARANTINE"), "{restored:?}");
    place.on("new", &["person", "list"]).refused("is in quarantine");
    place.on("new", &erasing("1")).refused("is in quarantine");
    let doctor = place.on("new", &["doctor"]);
    assert!(doctor.code == Some(1) && doctor.out.contains("In quarantine since a restore"), "{doctor:?}");
}

#[test]
fn a_drill_says_how_it_went_and_leaves_nothing_behind() {
    let place = Place::new();
    place.back_up();
    let drill = place.restore("data", &["--drill"]);
    assert!(
        drill.well().contains("2 people are held") && drill.out.contains("thrown away again"),
        "{drill:?}"
    );
    let left = std::fs::read_dir(std::env::temp_dir()).unwrap();
    let mut left = left.map(|file| file.unwrap().file_name().to_string_lossy().into_owned());
    assert!(!left.any(|name| name.starts_with("probity-drill-")));
    place.restore("data", &[]).refused("there is an instance in");
    std::fs::remove_file(place.at("safe/probity.safe")).unwrap();
    place.restore("new", &[]).refused("there is no safe in");
}
