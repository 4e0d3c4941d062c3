//! Buckets by the real program, against a real S3 server: backups, erasures and restores with nothing on this machine but
//! the key, what a wrong set-up is told, and `kill -9` in the middle of an upload.

use std::process::Command;
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};

use app::acts::backup;
use store::place::Place;

use super::WORLD;
use super::binary::{Said, erasing, made, program, said};
use super::s3::{Server, Way, apart};

/// An instance whose backups and whose safe go to buckets.
struct Far {
    directory: tempfile::TempDir,
    backups: String,
    safe: String,
}

impl Far {
    /// Reached at a port of this machine.
    fn at(port: u16) -> Self {
        let far =
            Self { directory: tempfile::tempdir().unwrap(), backups: apart("backups"), safe: apart("safe") };
        std::fs::create_dir(far.path("data")).unwrap();
        made(WORLD, &far.path("data"), None);
        far.set_up(port, &Server::here().key);
        far
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.directory.path().join(name)
    }

    fn set_up(&self, port: u16, (key, secret): &(String, String)) {
        let file = self.path("s3.key");
        std::fs::write(&file, format!("{key}\n{secret}\n")).unwrap();
        std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        let reached = format!("endpoint = \"http://127.0.0.1:{port}\"\nkey_file = {file:?}\n");
        let toml = format!(
            "[backups]\nto = {:?}\nsafe = [{:?}]\n[bucket.backups]\n{reached}[bucket.safe]\n{reached}",
            self.backups, self.safe
        );
        std::fs::write(self.path("data/probity.toml"), toml).unwrap();
    }

    fn command(&self, data: &str, arguments: &[&str]) -> Command {
        let mut command = program();
        let (data, key) = (self.path(data), self.path("data/key"));
        command.args(arguments).arg("--data").arg(data);
        if arguments[0] != "place" {
            command.arg("--key-file").arg(key);
        }
        command
    }

    fn run(&self, arguments: &[&str]) -> Said {
        self.checked(said(&mut self.command("data", arguments)))
    }

    /// Into a new directory, where only the environment says how buckets are reached.
    fn restore(&self, to: &str, more: &[&str]) -> Said {
        let server = Server::here();
        let mut command =
            self.command(to, &[&["restore", &self.backups, "--safe", &self.safe], more].concat());
        command
            .env("PROBITY_S3_ENDPOINT", format!("http://127.0.0.1:{}", server.port))
            .env("PROBITY_S3_KEY", &server.key.0)
            .env("PROBITY_S3_SECRET", &server.key.1);
        self.checked(said(&mut command))
    }

    /// Nothing that is said has a key in it.
    fn checked(&self, said: Said) -> Said {
        let Server { key: (key, secret), .. } = Server::here();
        for text in [&said.out, &said.err] {
            assert!(!text.contains(secret) && !text.contains(key), "{text}");
        }
        said
    }

    fn back_up(&self) -> String {
        self.run(&["backup", &self.backups]).well().to_owned()
    }

    fn people(&self, data: &str) -> String {
        said(&mut self.command(data, &["person", "list"])).well().to_owned()
    }

    /// What lies in the place of backups.
    fn listed(&self) -> Vec<String> {
        let mut names = Server::here().place(&self.backups).list().unwrap();
        names.retain(|name| name.ends_with(".backup"));
        names
    }
}

#[test]
fn an_instance_is_brought_back_from_buckets_without_whoever_was_erased() {
    let far = Far::at(Server::here().port);
    let tried = far.run(&["place"]);
    assert_eq!(tried.well().matches("put there, read back and taken away again").count(), 2, "{tried:?}");
    assert!(far.back_up().contains("everything"));
    std::thread::sleep(Duration::from_millis(1100));
    let again = far.back_up();
    assert!(again.contains("what changed") && again.contains(&far.backups), "{again}");
    let doctor = far.run(&["doctor"]).out;
    assert!(doctor.contains("read back on") && doctor.contains(&format!("in {}", far.backups)), "{doctor}");
    assert!(doctor.contains(&format!("The safe goes to {}", far.safe)), "{doctor}");
    let listed = far.restore("new", &["--list"]);
    assert_eq!(listed.well().lines().count(), 2, "{listed:?}");
    let drill = far.run(&["restore", "--drill"]);
    assert!(drill.well().contains("This was a drill"), "{drill:?}");

    let people = far.people("data");
    let tara = people.lines().find(|line| line.contains("Tara")).unwrap().split_whitespace().next().unwrap();
    far.run(&erasing(tara)).well();
    let restored = far.restore("new", &[]);
    assert!(restored.well().contains("rows stay gone"), "{restored:?}");
    let back = far.people("new");
    assert!(!back.contains("Tara") && back.contains("Priya"), "{back}");
}

#[test]
fn what_is_wrong_with_a_place_is_said() {
    let server = Server::here();
    let far = Far::at(server.port);
    far.back_up();
    far.set_up(server.port, &(server.key.0.clone(), "another".to_owned()));
    let tried = far.run(&["place"]);
    assert_eq!(tried.code, Some(1), "{tried:?}");
    assert!(
        tried.out.contains("failed") && tried.out.contains("the secret is not that of the key"),
        "{tried:?}"
    );
    far.run(&["backup", &far.backups]).refused("the secret is not that of the key");
    assert!(far.run(&["doctor"]).out.contains("that does not work. Why: s3://backups"));
    // What is let go of waits for the safe, and whoever looks is told why.
    let tara = far.people("data");
    let tara = tara
        .lines()
        .find(|line| line.contains("Tara"))
        .unwrap()
        .split_whitespace()
        .next()
        .unwrap()
        .to_owned();
    far.run(&erasing(&tara)).well();
    let doctor = far.run(&["doctor"]).out;
    assert!(
        doctor.contains("could not be written to its second place") && doctor.contains("Why: s3://safe"),
        "{doctor}"
    );
    {
        let secret = store::keys::Secret::from_file(&far.path("data/key")).unwrap();
        let open = || app::instance::Instance::open(&far.path("data"), None, &secret).unwrap();
        let failing =
            |of: &app::instance::Instance| of.store.read(backup::failing).unwrap().map(|(_, why)| why);
        let instance = open();
        backup::make_here(&instance, "system backup").unwrap_err();
        assert!(failing(&instance).unwrap().contains("the secret is not that of the key"));
        far.set_up(server.port, &server.key);
        let instance = open();
        backup::make_here(&instance, "system backup").unwrap();
        assert_eq!(failing(&instance), None);
    }
    let versioned = far.run(&["place", "s3://versioned/x", "--safe"]);
    assert!(versioned.out.contains("nothing says at which store"), "{versioned:?}");
    far.run(&["backup", "s3://a b"]).refused("a bucket is named here as");
    far.back_up();
    assert!(!far.run(&["doctor"]).out.contains("could not be written"));
    let restored = far.restore("new", &[]);
    assert!(restored.well().contains("rows stay gone"));
    assert!(!far.people("new").contains("Tara"));
}

#[test]
fn a_place_of_the_safe_that_keeps_versions_is_refused_before_anything_is_written() {
    let server = Server::here();
    let far = Far::at(server.port);
    let name = apart("versioned");
    let mut command = far.command("data", &["place", &name, "--safe"]);
    command
        .env("PROBITY_S3_ENDPOINT", format!("http://127.0.0.1:{}", server.port))
        .env("PROBITY_S3_KEY", &server.key.0)
        .env("PROBITY_S3_SECRET", &server.key.1);
    let tried = said(&mut command);
    assert_eq!(tried.code, Some(1), "{tried:?}");
    assert!(
        tried.out.contains("keeps old versions") && tried.out.contains("Make another bucket"),
        "{tried:?}"
    );
    assert_eq!(server.place(&name).list().unwrap(), Vec::<String>::new());
}

/// Waits until something is so.
fn until(what: impl Fn() -> bool) {
    let began = Instant::now();
    while !what() {
        assert!(began.elapsed() < Duration::from_secs(60), "it did not come to that");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_kill_in_the_middle_of_an_upload_leaves_no_backup_and_the_next_one_counts() {
    let server = Server::here();
    let way = Way::to(server.port);
    let far = Far::at(way.port);
    far.back_up();
    // A file of a document that goes up in parts.
    let large: Vec<u8> =
        (0..35_000_000u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 11) as u8).collect();
    {
        let secret = store::keys::Secret::from_file(&far.path("data/key")).unwrap();
        let instance = app::instance::Instance::open(&far.path("data"), None, &secret).unwrap();
        let file = store::files::write(&instance.store, large.as_slice()).unwrap();
        let person =
            instance.store.read(|tx| tx.one("SELECT id FROM person LIMIT 1", &[], |row| row.int(0))).unwrap();
        let policy = instance.policy();
        let (today, now) = (instance.clock.today(), instance.clock.now());
        let new = store::document::NewDocument {
            kind: policy.kind_named("consent form").unwrap().id,
            title: "Consent form",
            place: store::document::Where::File(&file, "text/plain"),
            on: today,
            source: "the person",
            people: &[(custody::id::PersonId(person), custody::coverage::Role::Subject)],
            engagements: &[],
            by: None,
        };
        instance.store.write(|tx| store::document::add(tx, &policy, &new, now)).unwrap();
    }
    // In the safe, in the file of the document, in the backup itself.
    let uploads = 6;
    for more in 1..=uploads {
        let listed = far.listed();
        way.stops_after.store(way.uploads() + more, SeqCst);
        let stop = way.stops_after.load(SeqCst);
        let mut child = far.command("data", &["backup", &far.backups]).spawn().unwrap();
        until(|| way.uploads() > stop || child_ended(&far, &listed));
        child.kill().unwrap();
        child.wait().unwrap();
        way.stops_after.store(0, SeqCst);
        let points = |place: &Place| {
            place.list().unwrap().into_iter().filter(|name| name.ends_with(".backup")).count()
        };
        assert!(points(&server.place(&far.backups)) <= listed.len() + 1);
        std::thread::sleep(Duration::from_millis(1100));
    }
    let copied =
        |name: &str| server.place(&far.backups).under("").unwrap().iter().any(|known| known.contains(name));
    way.stops_after.store(0, SeqCst);
    far.back_up();
    assert!(copied("/files/"));
    let names = std::fs::read_dir(far.path("data")).unwrap().map(|entry| entry.unwrap().file_name());
    let left = |name: &std::ffi::OsString| {
        let name = name.to_string_lossy();
        name == "backup.half" || name.starts_with("backup.upload")
    };
    assert!(!names.into_iter().any(|name| left(&name)));
    let aborted = way
        .asked
        .lock()
        .unwrap()
        .iter()
        .filter(|line| line.starts_with("DELETE ") && line.contains("uploadId"))
        .count();
    assert!(aborted > 0, "no upload was caught in its middle");
    let restored = far.restore("new", &[]);
    assert!(restored.well().contains("2 files came back"), "{restored:?}");
}

/// Whether a backup came to its end before it could be stopped.
fn child_ended(far: &Far, before: &[String]) -> bool {
    far.listed().len() > before.len()
}
