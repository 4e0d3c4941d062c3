//! Changing the key: at every moment one of the two keys opens the data, and not the other; whoever is refused is told what
//! to do; the change is simply begun again, and a backup from before it comes back.

use std::path::Path;

use app::instance::Instance;
use store::Keys;
use store::keys::Secret;

use super::{Copy, Database, Kills, Template, sound};

#[test]
fn a_change_of_the_key_is_done_or_it_is_not() {
    killed(Template::sqlite(), 8);
}

fn opens(data: &Path, secret: &Secret) -> bool {
    Keys::open(data, secret).is_ok()
}

fn open_with(data: &Copy, secret: &Secret) -> Instance {
    Instance::open(data.path(), data.database.as_ref().map(Database::url).as_deref(), secret).unwrap()
}

fn changes_logged(instance: &Instance) -> i64 {
    super::count(&instance.store, "SELECT count(*) FROM log_event WHERE act = 'key.rotated'")
}

pub fn killed(template: &Template, enough: usize) {
    let mut kills = Kills::of(&format!("key rotate on {}", template.on()), enough);
    let data = template.copy();
    let outside = tempfile::tempdir().unwrap();
    let (backups, second) = (outside.path().join("backups"), outside.path().join("second"));
    std::fs::create_dir(&second).unwrap();
    std::fs::write(
        data.path().join("probity.toml"),
        format!("[backups]\nto = {backups:?}\nsafe = [{second:?}]\n"),
    )
    .unwrap();
    data.run(&["backup", backups.to_str().unwrap()]).well();
    let key = data.path().join("key");
    let next = data.path().join("key.next");
    let keyring = data.path().join("keyring");
    let (takes, said) = data.timed(&["key", "rotate"]);
    assert!(said.well().contains("the old one is gone"), "{said:?}");
    let mut logged = 1;
    let (mut before, mut after, mut moved) = (0, 0, 0);
    // The middle is short: some more are tried until one was caught there.
    let mut tries = 0;
    while kills.more() || (after == 0 && tries < 40) {
        tries += 1;
        let old = Secret::from_file(&key).unwrap();
        let written = std::fs::metadata(&keyring).unwrap().modified().unwrap();
        let mut command = data.command(&["key", "rotate"]);
        match kills.hit % 4 {
            0 => kills.kill(&mut command, takes),
            1 => kills.kill_once(&mut command, || next.exists()),
            _ => kills.kill_once(&mut command, || {
                std::fs::metadata(&keyring).unwrap().modified().unwrap() > written
            }),
        };
        let secret = match Secret::from_file(&next) {
            Ok(new) => {
                assert_ne!(
                    opens(data.path(), &old),
                    opens(data.path(), &new),
                    "one of the two keys, and not the other"
                );
                if opens(data.path(), &new) {
                    after += 1;
                    data.run(&["doctor"]).refused("`probity key rotate` was interrupted. Run it again");
                    new
                } else {
                    before += 1;
                    old
                }
            }
            Err(_) => {
                let now = Secret::from_file(&key).unwrap();
                moved += usize::from(now.lines() != old.lines());
                now
            }
        };
        sound(&open_with(&data, &secret));
        drop(secret);
        // Begun again, it ends.
        data.run(&["key", "rotate"]).well();
        assert!(!next.exists());
        let instance = data.open();
        sound(&instance);
        let all = changes_logged(&instance);
        assert!(all > logged, "a change that is not in the log");
        logged = all;
        // The safe, here and there, opens with the key that holds now; so does a backup from before.
        let secret = Secret::from_file(&key).unwrap();
        for safe in [data.path().join("safe"), second.join("probity.safe")] {
            let bytes = std::fs::read(safe).unwrap();
            let new = tempfile::tempdir().unwrap();
            let into = store::restoring::Restoring::begin(&new.path().join("data"), None, &bytes).unwrap();
            assert!(opens(into.data(), &secret));
        }
    }
    eprintln!(
        "killed before the keyring was wrapped anew {before} times, after it {after}, when all was done {moved}"
    );
    assert!(after > 0, "nobody was killed in the middle");
    kills.end();
}
