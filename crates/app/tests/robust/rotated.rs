//! The key and the recovery sheet by the real program: after a change everything works with the new key and nothing with the
//! old one; and from the sheet of paper alone, with the backups and the safe, an instance is brought back.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use app::acts::staff::{self, Chosen};
use app::instance::Instance;
use app::world::PASSWORD;
use store::keys::Secret;

use super::binary::{Said, Server, erasing, program};
use super::common::Data;

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A real instance with its key outside, its backups and the second place of its safe.
struct Place {
    outside: tempfile::TempDir,
    data: Data,
}

impl Place {
    fn new(url: Option<String>) -> Self {
        let place = Self { outside: tempfile::tempdir().unwrap(), data: Data::on(url) };
        for name in ["backups", "second"] {
            std::fs::create_dir(place.at(name)).unwrap();
        }
        let toml = format!("[backups]\nto = {:?}\nsafe = [{:?}]\n", place.at("backups"), place.at("second"));
        std::fs::write(place.data.path().join("probity.toml"), toml).unwrap();
        let policy = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies/cti.policy");
        let init = place.run(&["init", "--policy", text(&policy)]);
        assert!(init.well().contains("Make the recovery sheet"), "{init:?}");
        let link = init.out.lines().find_map(|line| line.split_once("/set-up/")).unwrap().1.trim().to_owned();
        let secret = Secret::from_file(&place.at("key")).unwrap();
        let instance = Instance::open(place.data.path(), place.data.url().as_deref(), &secret).unwrap();
        let ada = Chosen {
            name: "Ada Brook".to_owned(),
            email: "ada@cti.example".to_owned(),
            password: PASSWORD.to_owned().into(),
        };
        staff::choose(&instance, &link, &ada).unwrap();
        drop(instance);
        place.add("Tara Whitfield");
        place
    }

    fn at(&self, name: &str) -> PathBuf {
        self.outside.path().join(name)
    }

    fn command(&self, arguments: &[&str], key: &str) -> Command {
        let mut command = program();
        command.args(arguments).arg("--data").arg(self.data.path()).arg("--key-file").arg(self.at(key));
        if let Some(url) = self.data.url() {
            command.args(["--database", &url]);
        }
        command
    }

    fn run(&self, arguments: &[&str]) -> Said {
        super::binary::said(&mut self.command(arguments, "key"))
    }

    fn with(&self, key: &str, arguments: &[&str]) -> Said {
        super::binary::said(&mut self.command(arguments, key))
    }

    fn add(&self, name: &str) {
        let name = format!("name={name}");
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
        self.run(&add).well();
    }

    fn back_up(&self) {
        self.run(&["backup", text(&self.at("backups"))]).well();
    }

    /// Restores into a new directory with SQLite, whatever it was before.
    fn restore(&self, to: &str, key: &str, more: &[&str], typed: &str) -> Said {
        let (backups, safe, data, key) = (self.at("backups"), self.at("second"), self.at(to), self.at(key));
        let mut command = program();
        command.args([
            "restore",
            text(&backups),
            "--safe",
            text(&safe),
            "--data",
            text(&data),
            "--key-file",
            text(&key),
        ]);
        said(command.args(more), typed)
    }
}

/// That a restore brought so many people back. A real instance in which nobody has signed anything yet has promises that are
/// broken for want of it, and a restore says so.
#[track_caller]
fn held(said: &Said, people: usize) {
    assert!(said.out.contains(&format!("{people} people are held")), "{said:?}");
    let mut wrong = said.out.lines().filter(|line| line.starts_with("not well"));
    assert!(wrong.all(|line| line.contains("nobody has signed")), "{said:?}");
}

/// Runs a command that is told something.
fn said(command: &mut Command, typed: &str) -> Said {
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    // One that refuses may have ended already.
    let _ = child.stdin.take().unwrap().write_all(typed.as_bytes());
    let done = child.wait_with_output().unwrap();
    Said {
        code: done.status.code(),
        out: String::from_utf8_lossy(&done.stdout).into_owned(),
        err: String::from_utf8_lossy(&done.stderr).into_owned(),
    }
}

fn on(data: &Path, key: &Path, arguments: &[&str]) -> Said {
    super::binary::said(program().args(arguments).arg("--data").arg(data).arg("--key-file").arg(key))
}

/// Every database there is to try it on.
fn everywhere(test: impl Fn(Place)) {
    test(Place::new(None));
    match super::common::postgres() {
        Some(url) => test(Place::new(Some(url))),
        None => eprintln!("skipped on PostgreSQL: PROBITY_TEST_POSTGRES names no database"),
    }
}

#[test]
fn after_a_change_the_new_key_opens_everything_and_the_old_one_nothing() {
    everywhere(|place| {
        place.back_up();
        std::fs::copy(place.at("key"), place.at("old")).unwrap();
        let safe = std::fs::read(place.at("second/probity.safe")).unwrap();
        let rotated = place.run(&["key", "rotate"]);
        assert!(rotated.well().contains("The old key opens nothing any more"), "{rotated:?}");
        assert_ne!(std::fs::read(place.at("second/probity.safe")).unwrap(), safe);
        for command in [&["person", "list"][..], &["prove"], &["key", "rotate"], &["serve"]] {
            place.with("old", command).refused("only the newest key opens anything");
        }
        assert!(place.run(&["person", "list"]).well().contains("Tara"));
        place.run(&["log", "verify"]).well();
        assert!(place.run(&["prove"]).out.contains("kept"));
        // What was there before the change comes back with the new key, and with no other.
        let restored = place.restore("before", "key", &[], "");
        held(&restored, 1);
        assert!(on(&place.at("before"), &place.at("key"), &["person", "list"]).well().contains("Tara"));
        place.restore("with-the-old", "old", &[], "").refused("this key does not open the safe");
        // An old safe opens with the old key only, and is too old for what was made since.
        place.add("Priya Nair");
        place.back_up();
        let restored = place.restore("after", "key", &[], "");
        held(&restored, 2);
        std::fs::write(place.at("second/probity.safe"), &safe).unwrap();
        place.restore("old-safe", "key", &[], "").refused("this key does not open the safe");
        place.restore("old-safe", "old", &[], "").refused("Find the newest safe");
    });
}

#[test]
fn a_change_that_cannot_reach_the_second_place_changes_nothing() {
    let place = Place::new(None);
    place.back_up();
    let keyring = std::fs::read(place.data.path().join("keyring")).unwrap();
    std::fs::rename(place.at("second"), place.at("away")).unwrap();
    place.run(&["key", "rotate"]).refused("Nothing was changed, and the old key holds");
    assert_eq!(std::fs::read(place.data.path().join("keyring")).unwrap(), keyring);
    assert!(place.run(&["person", "list"]).well().contains("Tara"));
    std::fs::rename(place.at("away"), place.at("second")).unwrap();
    place.run(&["key", "rotate"]).well();
    // With a file of its own the old one is left to its owner.
    let own = text(&place.at("own")).to_owned();
    let rotated = place.run(&["key", "rotate", "--new-key-file", &own]);
    assert!(rotated.well().contains("Delete the old one"), "{rotated:?}");
    place.run(&["person", "list"]).refused("only the newest key");
    place.with("own", &["person", "list"]).well();
    place.with("own", &["key", "rotate", "--new-key-file", &own]).refused("the new key is the old one");
    let inside = place.data.path().join("key");
    place
        .with("own", &["key", "rotate", "--new-key-file", text(&inside)])
        .refused("inside the data directory");
}

#[test]
fn a_passphrase_gives_way_to_another() {
    let data = Data::on(None);
    let policy = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies/cti.policy");
    let run = |name: &str, new: Option<&str>, arguments: &[&str]| {
        let mut command = program();
        command.args(arguments).arg("--data").arg(data.path()).env("PROBITY_PASSPHRASE", name);
        if let Some(new) = new {
            command.env("PROBITY_NEW_PASSPHRASE", new);
        }
        super::binary::said(&mut command)
    };
    run("four quiet horses walking", None, &["init", "--policy", text(&policy)]).well();
    run("four quiet horses walking", None, &["key", "rotate"]).refused("set PROBITY_NEW_PASSPHRASE");
    run("four quiet horses walking", Some("short"), &["key", "rotate"]).refused("at least 16 characters");
    run("four quiet horses walking", Some("nine loud foxes sleeping"), &["key", "rotate"]).well();
    run("four quiet horses walking", None, &["log", "verify"]).refused("only the newest key");
    run("nine loud foxes sleeping", None, &["log", "verify"]).well();
}

#[test]
fn a_server_that_runs_goes_on_and_writes_the_safe_for_the_new_key() {
    let place = Place::new(None);
    place.back_up();
    let server = Server::of(place.command(&["serve", "--listen", "127.0.0.1:0"], "key").stdin(Stdio::null()));
    place.run(&["key", "rotate"]).well();
    assert_eq!(server.get("/healthz", "").unwrap().0, 200);
    place.run(&erasing(&number(&place, "Tara"))).well();
    place.back_up();
    let restored = place.restore("new", "key", &[], "");
    held(&restored, 0);
}

fn number(place: &Place, name: &str) -> String {
    let people = place.run(&["person", "list"]).well().to_owned();
    people.lines().find(|line| line.contains(name)).unwrap().split_whitespace().next().unwrap().to_owned()
}

/// What a PDF says.
fn read(pdf: &Path) -> String {
    let said = Command::new("pdftotext").arg("-layout").arg(pdf).arg("-").output().unwrap();
    assert!(said.status.success(), "install poppler-utils");
    String::from_utf8(said.stdout).unwrap()
}

/// The lines of the key on a sheet, as somebody types them.
fn key_on(sheet: &str) -> Vec<String> {
    let is_line = |line: &str| {
        let groups: Vec<&str> = line.split_whitespace().skip(1).take(5).collect();
        (groups.len() == 5
            && groups.iter().all(|group| group.len() == 4 && group.chars().all(|c| c.is_ascii_hexdigit())))
        .then(|| groups.join(" "))
    };
    sheet.lines().filter_map(is_line).collect()
}

#[test]
fn from_the_sheet_alone_everything_is_brought_back() {
    everywhere(|place| {
        let doctor = place.run(&["doctor"]);
        assert!(
            doctor.out.contains("Nobody has confirmed yet that they hold the recovery sheet"),
            "{doctor:?}"
        );
        for wrong in
            [place.data.path().join("sheet.pdf"), place.at("second/sheet.pdf"), place.at("backups/sheet.pdf")]
        {
            place.run(&["key", "recovery-sheet", "--out", text(&wrong)]).refused("whoever finds the one");
            assert!(!wrong.exists());
        }
        let pdf = place.at("sheet.pdf");
        place.run(&["key", "recovery-sheet", "--out", text(&pdf)]).well();
        place.run(&["key", "recovery-sheet", "--out", text(&pdf)]).refused("exists already");
        let mode = std::os::unix::fs::MetadataExt::mode(&std::fs::metadata(&pdf).unwrap());
        assert_eq!(mode & 0o777, 0o600);
        let sheet = read(&pdf);
        assert!(sheet.contains("CTI") && sheet.contains("nobody can bring them back"), "{sheet}");
        assert!(sheet.contains("--key-from-stdin") && sheet.contains("probity.safe"), "{sheet}");
        let lines = key_on(&sheet);
        assert_eq!(lines.len(), 4, "{sheet}");
        let last = lines[3].rsplit(' ').next().unwrap().to_owned();
        place.run(&["key", "confirm", "--group", "0000x"]).refused("is not the last group");
        place.run(&["key", "confirm", "--group", &last]).well();
        let doctor = place.run(&["doctor"]);
        assert!(doctor.out.contains("somebody confirmed that they hold the recovery sheet"), "{doctor:?}");
        // Nothing of the key is in what the instance says of itself.
        assert!(!doctor.out.contains(&last));
        place.add("Priya Nair");
        place.back_up();
        // The machine burns down, and with it the key.
        std::fs::remove_file(place.at("key")).unwrap();
        for entry in std::fs::read_dir(place.data.path()).unwrap() {
            let path = entry.unwrap().path();
            let gone =
                if path.is_dir() { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) };
            gone.unwrap();
        }
        let wrong = lines.join("\n").replacen(&lines[1][..4], "zzzz", 1);
        place.restore("new", "typed", &["--key-from-stdin"], &wrong).refused("line 2 of the key");
        assert!(!place.at("new").exists() && !place.at("typed").exists());
        let restored = place.restore("new", "typed", &["--key-from-stdin"], &lines.join("\n"));
        held(&restored, 2);
        let (data, key) = (place.at("new"), place.at("typed"));
        let people = on(&data, &key, &["person", "list"]);
        assert!(people.well().contains("Tara") && people.out.contains("Priya"), "{people:?}");
        on(&data, &key, &["log", "verify"]).well();
        let proof = on(&data, &key, &["prove"]);
        let broken: Vec<&str> = proof.out.lines().filter(|line| line.contains(" broken ")).collect();
        assert!(broken.len() <= 1 && broken.iter().all(|line| line.contains("CTI-03")), "{proof:?}");
        let doctor = on(&data, &key, &["doctor"]);
        assert!(doctor.out.contains("somebody confirmed that they hold the recovery sheet"), "{doctor:?}");
        // After a change of the key the sheet opens nothing, and another is asked for.
        on(&data, &key, &["key", "rotate"]).well();
        let doctor = on(&data, &key, &["doctor"]);
        assert!(doctor.out.contains("Nobody has confirmed yet"), "{doctor:?}");
        on(&data, &key, &["key", "confirm", "--group", &last]).refused("is not the last group");
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sheet_is_for_administrators_who_prove_it_again_and_no_cache_keeps_it() {
    let house = super::common::House::of(super::WORLD);
    let helen = house.sign_in("helen.marsh").await;
    let ruth = house.sign_in("ruth.adler").await;
    let given = format!("password={}", PASSWORD.replace(' ', "+"));
    for path in ["/admin/key", "/admin/backups"] {
        assert_eq!(house.get(path, &ruth).await.status, 403, "{path}");
        assert_eq!(house.get(path, &helen).await.status, 200, "{path}");
    }
    for (path, form) in [("sheet", given.as_str()), ("confirmation", "group=0000")] {
        assert_eq!(house.post(&format!("/admin/key/{path}"), &ruth, form).await.status, 403, "{path}");
    }
    assert_eq!(house.post("/admin/backups/drill", &ruth, "").await.status, 403);
    assert_eq!(house.post("/admin/key/sheet", "", &given).await.status, 303, "nobody is signed in");
    let lines = house.instance.secret().unwrap().lines();
    let shows = |text: &str| lines.iter().any(|line| text.contains(line.as_str()));
    let wrong = house.post("/admin/key/sheet", &helen, "password=guessed").await;
    assert!(wrong.status == 422 && !shows(&wrong.text), "{}", wrong.text);
    let sheet = house.post("/admin/key/sheet", &helen, &given).await;
    assert!(
        sheet.status == 200 && lines.iter().all(|line| sheet.text.contains(line.as_str())),
        "{}",
        sheet.text
    );
    assert_eq!(sheet.headers["cache-control"], "no-store");
    // It is written down that it was shown, and not what.
    let log = house.get("/admin/log", &helen).await.text;
    assert!(log.contains("key: sheet made") && !shows(&log), "{log}");
    // A server that does not know the key as it is now shows none.
    let new = Secret::random().unwrap();
    app::acts::key::rotate(&house.instance, &new).unwrap();
    let stale = house.post("/admin/key/sheet", &helen, &given).await;
    assert!(stale.status == 422 && stale.text.contains("must be started again"), "{}", stale.text);
}
