//! A disk that is full, a real one: whoever acts is told so in words, nothing is half kept, and with room again
//! everything goes on. Needs root to mount a small one; otherwise it is left out, and says so.

use std::path::Path;
use std::process::Command;

use super::binary::{Server, made, opened, program, run, said};

/// A disk of a few megabytes.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn of(megabytes: u32) -> Option<Self> {
        let place = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={megabytes}m"), "tmpfs"])
            .arg(place.path())
            .output();
        if mounted.is_ok_and(|done| done.status.success()) {
            return Some(Self(place));
        }
        eprintln!("skipped: a small disk can only be mounted by root");
        None
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Takes all room but some kilobytes.
    fn fill(&self, but: usize) {
        use std::io::Write;
        let mut file = std::fs::File::create(self.path().join("filler")).unwrap();
        while file.write_all(&[0; 4096]).is_ok() {}
        let size = file.metadata().unwrap().len();
        file.set_len(size.saturating_sub(but as u64 * 1024)).unwrap();
    }

    fn clear(&self) {
        std::fs::remove_file(self.path().join("filler")).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.path()).output();
    }
}

fn broken(data: &Path) -> Vec<String> {
    let proved = run(&["prove", "--format", "json", "--data", data.to_str().unwrap()]);
    let lines: serde_json::Value = serde_json::from_str(&proved.out).unwrap_or_else(|_| panic!("{proved:?}"));
    let broken = lines.as_array().unwrap().iter().filter(|line| line["verdict"] == "broken");
    broken.map(|line| line["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_full_disk_is_said_and_loses_nothing() {
    let Some(disk) = SmallDisk::of(24) else { return };
    let data = disk.path().join("data");
    std::fs::create_dir(&data).unwrap();
    let key = made(super::WORLD, &data, None);
    let place = data.to_str().unwrap();
    let before = broken(&data);
    let server = Server::start(&data, &[]);
    assert_eq!(server.add(&key, 0).unwrap().0, 201);
    let mut taken = 1;
    for room in [0, 64, 300] {
        disk.fill(room);
        // With some room a few go in before it is full.
        let refused = (0..600).find_map(|n| {
            let (status, words) = server.add(&key, room * 1000 + n + 1).unwrap();
            match status {
                201 => {
                    taken += 1;
                    None
                }
                _ => Some((status, words)),
            }
        });
        let (status, words) = refused.expect("six hundred people fit into nothing");
        assert_eq!(status, 507, "{words}");
        assert!(words.contains("There is no room left") && words.contains("number"), "{words}");
        let page = server.post("/sign-in", "", "{}");
        assert!(page.is_some(), "the server answers");
        assert_eq!(server.get("/privacy", "").unwrap().0, 200, "and shows what needs nothing kept");
        let list = files_of_people(disk.path());
        let import = said(program().args([
            "import",
            "people",
            list.path().to_str().unwrap(),
            "--data",
            place,
            "--activity",
            "enquiries",
            "--category",
            "organisation contact",
            "--source",
            "the person",
            "--collected",
            "2026-02-01",
        ]));
        assert_eq!(import.code, Some(2), "{import:?}");
        assert!(import.err.contains("no room left on the disk"), "{import:?}");
        let backup = run(&["backup", disk.path().join("copies").to_str().unwrap(), "--data", place]);
        assert_eq!(backup.code, Some(2), "{backup:?}");
        assert!(backup.err.contains("no room left"), "{backup:?}");
        disk.clear();
        taken += 1;
        assert_eq!(server.add(&key, room * 1000 + 999).unwrap().0, 201, "with room again it goes on");
    }
    let said = server.logged("no room left");
    assert!(!said.is_empty() && said.iter().all(|line| !line.contains("post.example")), "{said:?}");
    drop(server);
    let instance = opened(&data, None);
    let held = instance
        .store
        .read(|tx| tx.count("SELECT count(*) FROM item WHERE value LIKE 'p%@post.example' ", &[]))
        .unwrap();
    assert_eq!(held, taken, "each who was taken is there, nobody else");
    let names = instance
        .store
        .read(|tx| tx.count("SELECT count(*) FROM item WHERE value LIKE 'Person Number %'", &[]))
        .unwrap();
    assert_eq!(names, taken, "and nobody by half");
    drop(instance);
    run(&["log", "verify", "--data", place]).well();
    assert_eq!(broken(&data), before);
    let copies = disk.path().join("copies");
    let halves = std::fs::read_dir(&copies).map_or(0, Iterator::count);
    assert_eq!(halves, 0, "no half of a copy stays behind");
    run(&["backup", copies.to_str().unwrap(), "--data", place]).well();
}

/// A list on another disk, of five thousand people.
fn files_of_people(_: &Path) -> tempfile::NamedTempFile {
    let mut text = String::from("Name,Email\n");
    for n in 0..5000 {
        text.push_str(&format!("Somebody Listed{n},listed{n}@import.example\n"));
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    file
}

#[test]
fn an_instance_that_does_not_fit_leaves_no_half_of_one() {
    let Some(disk) = SmallDisk::of(1) else { return };
    disk.fill(200);
    let (data, key) = (disk.path().join("data"), tempfile::tempdir().unwrap());
    let policy = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies/cti.policy");
    let init = || {
        run(&[
            "init",
            "--data",
            data.to_str().unwrap(),
            "--key-file",
            key.path().join("key").to_str().unwrap(),
            "--policy",
            policy,
        ])
    };
    let refused = init();
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(refused.err.contains("no room left"), "{refused:?}");
    assert!(!data.join("keyring").exists() && !data.join("probity.db").exists(), "nothing stays behind");
    disk.clear();
    Command::new("mount").args(["-o", "remount,size=16m"]).arg(disk.path()).status().unwrap();
    init().well();
}
