//! Backups: whatever is listed after a kill can be restored and holds what was there; what was being made is no backup.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use store::backup::{Point, points};
use store::keys::Secret;
use store::restoring::Restoring;

use super::{Copy, Database, Kills, Template, kept, opened, sound};

type Kept = BTreeMap<&'static str, std::collections::BTreeSet<String>>;

/// Brings a point back, with the safe as it is now, to a place of its own and on PostgreSQL a database of its own.
fn brought_back(data: &Copy, from: &Path, point: &Point) -> Kept {
    let to = tempfile::tempdir().unwrap();
    let database = data.database.as_ref().map(|of| Database::new(&of.server, None));
    let url = database.as_ref().map(Database::url);
    std::fs::copy(data.path().join("key"), to.path().join("key")).unwrap();
    let secret = Secret::from_file(&to.path().join("key")).unwrap();
    let safe = std::fs::read(data.path().join("safe")).unwrap();
    let into = Restoring::begin(to.path(), url.as_deref(), &safe).unwrap();
    let report =
        app::acts::restore::run(into, &secret, &from.into(), &safe, Some(point.at()), false).unwrap();
    assert_eq!(report.point, point.at());
    assert_eq!(report.restored.files_missing, 0);
    let instance = opened(to.path(), url.as_deref());
    sound(&instance);
    kept(&instance)
}

fn listed(data: &Copy, place: &Path) -> Vec<Point> {
    points(&place.into(), data.open().store.keys()).unwrap()
}

/// How many files lie there that end so.
fn ending(place: &Path, end: &str) -> usize {
    let files = std::fs::read_dir(place).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.extension().is_some_and(|its| its == end)).count()
}

/// Files that were being written when somebody was killed, and say whose they are: in their names, so that it can be told
/// of one into which nothing was written yet.
fn half(place: &Path, of: &str) -> Vec<PathBuf> {
    let files = std::fs::read_dir(place).unwrap().map(|entry| entry.unwrap().path());
    let end = format!(".{of}.new");
    files.filter(|path| path.to_str().is_some_and(|name| name.ends_with(&end))).collect()
}

#[test]
fn a_backup_is_whole_or_no_backup() {
    killed(Template::sqlite(), 6);
}

pub fn killed(template: &Template, enough: usize) {
    let data = template.copy();
    let place = tempfile::tempdir().unwrap();
    let back_up = ["backup", place.path().to_str().unwrap()];
    data.run(&back_up).well();
    let mut held = BTreeMap::new();
    let first = listed(&data, place.path());
    assert_eq!(first.len(), 1, "there is a point before anybody is killed");
    let of = first[0].header.of.as_str();
    held.insert(first[0].name.clone(), kept(&data.open()));
    // From now on only what changed is written.
    let (takes, said) = data.timed(&back_up);
    said.well();
    let second = listed(&data, place.path());
    held.insert(second[1].name.clone(), kept(&data.open()));
    let (mut rounds, mut came, mut halves, mut restored) = (0, 0, 0, 0);
    let mut kills = Kills::of(&format!("backup on {}", template.on()), enough);
    // A few more are tried where chance caught none in the middle, or none just after.
    while kills.more() || ((halves == 0 || came == 0) && rounds < 40) {
        rounds += 1;
        let name = format!("name=Between Backups{rounds}");
        let add = [
            "person",
            "add",
            "--category",
            "organisation contact",
            "--source",
            "the person",
            "--item",
            &name,
        ];
        data.run(&add).well();
        let mut command = data.command(&back_up);
        let there = ending(place.path(), "backup");
        match rounds % 3 {
            0 => kills.kill(&mut command, takes),
            1 => kills.kill_once(&mut command, || ending(place.path(), "new") > 0),
            _ => kills.kill_once(&mut command, || ending(place.path(), "backup") > there),
        };
        halves += ending(place.path(), "new");
        assert_eq!(half(place.path(), of).len(), ending(place.path(), "new"), "it says whose it is");
        let now = kept(&data.open());
        for point in listed(&data, place.path()) {
            if held.contains_key(&point.name) {
                continue;
            }
            came += 1;
            assert_eq!(brought_back(&data, place.path(), &point), now, "{}", point.name);
            restored += 1;
            held.insert(point.name, now.clone());
        }
        sound(&data.open());
    }
    // The next that nobody disturbs counts, and takes away what they left.
    data.run(&back_up).well();
    assert_eq!(half(place.path(), of), [] as [PathBuf; 0]);
    assert_eq!(ending(place.path(), "new"), 0);
    let now = kept(&data.open());
    for point in listed(&data, place.path()) {
        let expected = held.get(&point.name).unwrap_or(&now);
        assert_eq!(&brought_back(&data, place.path(), &point), expected, "{}", point.name);
        restored += 1;
    }
    eprintln!("{restored} restores; {came} points were made although killed, {halves} were left by half");
    assert!(restored > 2 && restored == 2 * came + 3, "every point that is listed was looked at");
    assert!(halves > 0 && came > 0, "no backup was caught in the middle, or just after it was whole");
    kills.end();
}
