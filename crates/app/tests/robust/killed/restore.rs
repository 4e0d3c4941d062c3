//! Restores: what is half restored is never opened, the same restore starts over, and what was there before stays.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::super::binary::{Said, erasing, said};
use super::super::common::copied::{copy, everything};
use super::{BTreeMap, BTreeSet, Copy, Database, Kills, Template, kept, opened, program, sound};

/// An instance, its backups, and where its safe and its key are.
struct Source<'t> {
    template: &'t Template,
    data: Copy,
    place: tempfile::TempDir,
}

impl<'t> Source<'t> {
    /// Two backups, and somebody erased after the first.
    fn of(template: &'t Template) -> Self {
        let made = Self { template, data: template.copy(), place: tempfile::tempdir().unwrap() };
        let place = made.place.path().to_str().unwrap().to_owned();
        made.data.run(&["backup", &place]).well();
        let sql = "SELECT min(person_id) FROM item WHERE kind = 'email'";
        let who = made.data.open().store.read(|tx| tx.count(sql, &[])).unwrap().to_string();
        made.data.run(&erasing(&who));
        made.data.run(&["backup", &place]).well();
        made
    }

    fn safe(&self) -> PathBuf {
        self.data.path().join("safe")
    }

    /// Somewhere to restore to: a directory that is not there yet, and on PostgreSQL an empty database.
    fn target(&self) -> Target {
        let within = tempfile::tempdir().unwrap();
        let database = self.template.database.as_ref().map(|of| Database::new(&of.server, None));
        Target { data: within.path().join("new"), _within: within, database }
    }

    fn restore(&self, to: &Target) -> Command {
        let mut command = to.command(&["restore"], &self.data);
        command.arg(self.place.path()).arg("--safe").arg(self.safe());
        command
    }
}

struct Target {
    data: PathBuf,
    _within: tempfile::TempDir,
    database: Option<Database>,
}

impl Target {
    fn command(&self, arguments: &[&str], source: &Copy) -> Command {
        let mut command = program();
        command.args(arguments).arg("--data").arg(&self.data);
        command.arg("--key-file").arg(source.path().join("key"));
        if let Some(database) = &self.database {
            command.arg("--database").arg(database.url());
        }
        command
    }

    /// What is kept there, once it is whole.
    fn kept(&self, source: &Copy) -> BTreeMap<&'static str, BTreeSet<String>> {
        std::fs::copy(source.path().join("key"), self.data.join("key")).unwrap();
        let instance = opened(&self.data, self.database.as_ref().map(Database::url).as_deref());
        sound(&instance);
        kept(&instance)
    }
}

/// Whether it came to its end. On PostgreSQL somebody must sign that the disk is encrypted, and it says that too.
fn done(said: &Said) -> bool {
    let only =
        said.out.lines().filter(|line| line.starts_with("not well")).all(|line| line.contains("CTI-03"));
    matches!(said.code, Some(0 | 1)) && said.out.contains("Start it:") && only
}

pub fn killed(template: &Template, enough: usize) {
    let source = Source::of(template);
    let expected = kept(&source.data.open());
    assert!(expected["item"].len() > 100);
    let control = source.target();
    let began = std::time::Instant::now();
    let undisturbed = said(&mut source.restore(&control));
    assert!(done(&undisturbed), "{undisturbed:?}");
    let takes = began.elapsed();
    assert_eq!(control.kept(&source.data), expected);
    let (mut refused, mut nothing, mut whole, mut over) = (0, 0, 0, 0_u32);
    let mut kills = Kills::of(&format!("restore on {}", template.on()), enough);
    // A few more are tried where chance caught none in the middle.
    let mut targets = 0;
    while kills.more() || ((refused == 0 || over == 0) && targets < 40) {
        targets += 1;
        let to = source.target();
        let mut interrupted = false;
        for tries in 0..3 {
            let mut command = source.restore(&to);
            match tries {
                1 => kills.kill_once(&mut command, || to.data.join("safe").exists()),
                _ => kills.kill(&mut command, takes),
            };
            let marked = to.data.join("restoring").exists();
            // A server would be refused in the same words.
            let looked = said(&mut to.command(&["person", "list"], &source.data));
            match (marked, looked.code) {
                (true, _) => {
                    looked.refused("is not whole");
                    said(&mut to.command(&["doctor"], &source.data)).refused("is not whole");
                    refused += 1;
                    interrupted = true;
                }
                (false, Some(0)) => {
                    whole += 1;
                    over += u32::from(interrupted);
                    break;
                }
                (false, _) => {
                    looked.refused("there is no instance in");
                    nothing += 1;
                }
            }
        }
        let again = said(&mut source.restore(&to));
        if done(&again) {
            over += 1;
        } else {
            again.refused("there is an instance in");
        }
        assert!(!to.data.join("restoring").exists());
        assert_eq!(to.kept(&source.data), expected);
    }
    eprintln!(
        "after a kill {refused} directories were refused, {nothing} had nothing in them, {whole} were whole; {over} restores started over"
    );
    assert!(refused > 0 && over > 0, "no restore was caught in the middle");
    kills.end();
}

#[test]
fn what_is_half_restored_is_never_opened_and_the_restore_starts_over() {
    killed(Template::sqlite(), 5);
}

fn there(data: &Path) -> Vec<PathBuf> {
    everything(data).into_keys().map(|path| path.strip_prefix(data).unwrap().to_owned()).collect()
}

#[test]
fn what_lay_there_before_a_restore_stays_whatever_becomes_of_it() {
    let source = Source::of(Template::sqlite());
    // An instance is neither restored over nor touched, whenever whoever tries is killed.
    let mut kills = Kills::of("restore over an instance", 2);
    while kills.more() {
        let to = source.target();
        std::fs::create_dir(&to.data).unwrap();
        copy(Template::sqlite().data.path(), &to.data);
        let before = everything(&to.data);
        kills.kill(&mut source.restore(&to), std::time::Duration::from_millis(20));
        assert_eq!(everything(&to.data), before);
        said(&mut source.restore(&to)).refused("there is an instance in");
        assert_eq!(everything(&to.data), before);
    }
    kills.end();
    // What an operator put there, and files of an instance that was there before.
    let to = source.target();
    std::fs::create_dir(&to.data).unwrap();
    copy(&source.data.path().join("files"), &to.data.join("files"));
    for name in ["probity.toml", "notes.txt"] {
        std::fs::write(to.data.join(name), "").unwrap();
    }
    let found = there(&to.data);
    assert!(found.len() > 3, "{found:?}");
    // Another restore is at work: nothing is begun beside it.
    let mark = std::fs::File::create(to.data.join("restoring")).unwrap();
    mark.lock().unwrap();
    said(&mut source.restore(&to)).refused("another `probity restore` is at work");
    drop(mark);
    std::fs::remove_file(to.data.join("restoring")).unwrap();
    let mut kills = Kills::of("restore beside what was there", 2);
    while kills.more() {
        kills.kill_once(&mut source.restore(&to), || to.data.join("probity.db").exists());
        let left = there(&to.data);
        assert!(found.iter().all(|name| left.contains(name)), "{left:?}");
        assert!(to.data.join("restoring").exists(), "whole before it was seen to begin: {left:?}");
    }
    kills.end();
    // Refused, it leaves the place as it was found the first time.
    let mut refused = to.command(&["restore"], &source.data);
    let nowhere = tempfile::tempdir().unwrap();
    refused.arg(nowhere.path()).arg("--safe").arg(source.safe());
    said(&mut refused).refused("there is no backup of this instance");
    assert_eq!(there(&to.data), found);
    said(&mut source.restore(&to)).well();
    // Nor is a new instance begun where a restore was interrupted.
    let half = source.target();
    std::fs::create_dir(&half.data).unwrap();
    std::fs::write(half.data.join("restoring"), "").unwrap();
    let policy = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies/cti.policy");
    let init: Said = said(half.command(&["init", "--practice"], &source.data).args(["--policy", policy]));
    init.refused("is not whole");
}
