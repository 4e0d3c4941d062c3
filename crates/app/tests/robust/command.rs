//! Mistakes on the command line and in the data directory: a sentence, exit code 2, and nothing changed.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::binary::{Server, made, opened, program, run, said};
use super::common::copied::{copied, everything};

const POLICY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies/cti.policy");

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A real instance with its key outside; the directory around both.
fn real() -> (tempfile::TempDir, PathBuf, PathBuf) {
    let around = tempfile::tempdir().unwrap();
    let (data, key) = (around.path().join("data"), around.path().join("key"));
    run(&["init", "--data", text(&data), "--key-file", text(&key), "--policy", POLICY]).well();
    (around, data, key)
}

fn verify(data: &Path, key: &Path) -> super::binary::Said {
    run(&["log", "verify", "--data", text(data), "--key-file", text(key)])
}

#[test]
fn a_policy_with_errors_shows_them_all_and_leaves_no_instance() {
    let around = tempfile::tempdir().unwrap();
    let (data, key, policy) =
        (around.path().join("data"), around.path().join("key"), around.path().join("broken.policy"));
    let broken = std::fs::read_to_string(POLICY)
        .unwrap()
        .replacen("6 months after completed,", "6 moonths after completed,", 1)
        .replacen("for       supplier", "for       suplier", 1)
        + "\nkeep 3 weeks\n";
    std::fs::write(&policy, broken).unwrap();
    let init = run(&["init", "--data", text(&data), "--key-file", text(&key), "--policy", text(&policy)]);
    init.refused("error");
    for said in ["moonths", "did you mean `months`", "suplier", "keep 3 weeks", "3 errors"] {
        assert!(init.err.contains(said), "{said}: {}", init.err);
    }
    assert!(init.err.matches("^^^").count() >= 3, "each is underlined: {}", init.err);
    assert!(!data.exists() && !key.exists(), "nothing was begun");
    assert_eq!(run(&["check", text(&policy)]).code, Some(1));
    std::fs::write(&policy, b"policy \xff\xfe").unwrap();
    run(&["check", text(&policy)]).refused("byte 7 is not UTF-8");
    run(&["check", text(&around.path().join("none"))]).refused("there is no file");
    run(&["check", text(around.path())]).refused("is a directory");
}

#[test]
fn a_policy_reads_no_file_outside_its_folder_whatever_it_includes() {
    let around = tempfile::tempdir().unwrap();
    let (secret, folder) = (around.path().join("secret"), around.path().join("policies"));
    std::fs::create_dir_all(folder.join("parts")).unwrap();
    std::fs::write(&secret, "the safe opens with 4711\n").unwrap();
    std::os::unix::fs::symlink(&secret, folder.join("link.policy")).unwrap();
    let policy = folder.join("mine.policy");
    let include = |name: &str| {
        let text = std::fs::read_to_string(POLICY).unwrap() + &format!("\ninclude \"{name}\"\n");
        std::fs::write(&policy, text).unwrap();
        run(&["check", policy.to_str().unwrap()])
    };
    for name in [text(&secret), "../secret", "parts/../../secret", "~/secret"] {
        let checked = include(name);
        assert_eq!(checked.code, Some(1), "{name}");
        let all = checked.out.clone() + &checked.err;
        assert!(all.contains("a policy includes only files that lie in its own folder"), "{all}");
        assert!(!all.contains("4711"), "{name} was read: {all}");
    }
    let linked = include("link.policy");
    linked.refused("lies outside the folder of the policy");
    assert!(!(linked.out.clone() + &linked.err).contains("4711"));
    std::fs::write(folder.join("parts/more.policy"), "category guest \"our guests\"\n").unwrap();
    let within = include("parts/more.policy");
    assert!(
        within.out.contains("W-CATEGORY") || within.err.contains("W-CATEGORY"),
        "what lies within is read"
    );
}

#[test]
fn an_instance_is_made_with_a_key_file_named_without_a_directory_and_not_twice() {
    let around = tempfile::tempdir().unwrap();
    let init = |policy: &str| {
        said(program().current_dir(around.path()).args([
            "init",
            "--data",
            "data",
            "--key-file",
            "key",
            "--policy",
            policy,
        ]))
    };
    init(POLICY).well();
    let mode = |name: &str| std::fs::metadata(around.path().join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(
        (mode("key"), mode("data"), mode("data/keyring"), mode("data/probity.db")),
        (0o600, 0o700, 0o600, 0o600)
    );
    let before = everything(around.path());
    init(POLICY).refused("there is an instance in data already");
    assert_eq!(everything(around.path()), before, "nothing changed");
}

#[test]
fn a_wrong_key_opens_nothing_and_changes_nothing() {
    let (around, data, key) = real();
    let before = everything(&data);
    let with = |name: &str, value: &str, arguments: &[&str]| {
        said(program().env(name, value).args(arguments).args(["--data", text(&data)]))
    };
    let other = "5a".repeat(32);
    for command in
        [&["prove"][..], &["serve"], &["sweep"], &["log", "verify"], &["doctor"], &["person", "list"]]
    {
        with("PROBITY_KEY", &other, command).refused("this key does not open");
    }
    with("PROBITY_KEY", "zzz", &["prove"]).refused("a key is 64 hexadecimal digits");
    with("PROBITY_PASSPHRASE", "short", &["prove"]).refused("at least 16 characters");
    run(&["prove", "--data", text(&data)]).refused("the key is missing");
    run(&["prove", "--data", text(&data), "--key-file", text(&around.path().join("none"))])
        .refused("there is no file");
    for mode in [0o644, 0o640, 0o604] {
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(mode)).unwrap();
        verify(&data, &key).refused("run `chmod 600");
    }
    assert_eq!(everything(&data), before, "nothing changed");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    verify(&data, &key).well();
}

#[test]
fn a_keyring_that_is_missing_open_to_others_or_cut_short_is_told_apart() {
    let (_around, data, key) = real();
    let ring = data.join("keyring");
    let whole = std::fs::read(&ring).unwrap();
    std::fs::set_permissions(&ring, std::fs::Permissions::from_mode(0o644)).unwrap();
    verify(&data, &key).refused("others on this machine can read the keyring");
    std::fs::set_permissions(&ring, std::fs::Permissions::from_mode(0o600)).unwrap();
    std::fs::write(&ring, &whole[..40]).unwrap();
    verify(&data, &key).refused("is cut short");
    std::fs::write(&ring, b"something else entirely").unwrap();
    verify(&data, &key).refused("is no keyring");
    std::fs::remove_file(&ring).unwrap();
    verify(&data, &key).refused("put it back from a backup");
    // Nor does a new beginning bury what is there.
    run(&["init", "--data", text(&data), "--key-file", text(&key), "--policy", POLICY])
        .refused("there is an instance in");
    assert!(data.join("probity.db").exists());
    std::fs::write(&ring, &whole).unwrap();
    std::fs::set_permissions(&ring, std::fs::Permissions::from_mode(0o600)).unwrap();
    verify(&data, &key).well();
}

#[test]
fn a_damaged_database_is_never_taken_for_an_empty_or_a_whole_one() {
    let (_around, data, key) = real();
    let size = std::fs::metadata(data.join("probity.db")).unwrap().len();
    let damaged = |damage: &dyn Fn(&std::fs::File)| {
        let copy = copied(&data);
        let file =
            std::fs::File::options().read(true).write(true).open(copy.path().join("probity.db")).unwrap();
        damage(&file);
        copy
    };
    let cut = damaged(&|file| file.set_len(size / 2).unwrap());
    let noise = damaged(&|file| {
        use std::os::unix::fs::FileExt;
        for page in 1..size / 4096 {
            file.write_all_at(&[0xa5; 64], page * 4096 + 100).unwrap();
        }
    });
    let empty = damaged(&|file| file.set_len(0).unwrap());
    let gone = damaged(&|_| {});
    std::fs::remove_file(gone.path().join("probity.db")).unwrap();
    for (copy, words) in [
        (&cut, "put it back from a backup"),
        (&noise, "put it back from a backup"),
        (&empty, "is empty"),
        (&gone, "but no database"),
    ] {
        for command in [&["log", "verify"][..], &["prove"], &["serve"], &["sweep"], &["doctor"]] {
            let refused =
                said(program().args(command).args(["--data", text(copy.path()), "--key-file", text(&key)]));
            refused.refused(words);
            assert!(refused.err.lines().count() == 1, "{refused:?}");
        }
    }
    // The first page alone: the key seems wrong, and so it says.
    let first = damaged(&|file| {
        use std::os::unix::fs::FileExt;
        file.write_all_at(&[0xa5; 64], 200).unwrap();
    });
    verify(first.path(), &key).refused("does not open");
    verify(&data, &key).well();
}

#[test]
fn a_second_server_on_the_same_data_is_refused_and_commands_beside_it_are_not() {
    let data = tempfile::tempdir().unwrap();
    let key = made(super::WORLD, data.path(), None);
    let server = Server::start(data.path(), &[]);
    let second = run(&["serve", "--data", text(data.path()), "--listen", "127.0.0.1:0"]);
    second.refused("another server is working on");
    assert!(second.err.contains("stop it first"), "{second:?}");
    run(&["demo", "--data", text(data.path()), "--port", "0"]).refused("another server is working on");
    run(&["log", "verify", "--data", text(data.path())]).well();
    run(&["sweep", "--dry-run", "--data", text(data.path())]).well();
    assert_eq!(server.add(&key, 1).unwrap().0, 201);
    let port = server.address.to_string();
    let other = tempfile::tempdir().unwrap();
    made(super::WORLD, other.path(), None);
    let taken = run(&["serve", "--data", text(other.path()), "--listen", &port]);
    assert_eq!(taken.code, Some(2), "{taken:?}");
    assert!(taken.err.contains("choose another with --listen"), "{taken:?}");
}

/// Said how many places to take memory from, a server keeps to it; else it begins anew with few, as the same process.
#[test]
fn a_server_takes_memory_from_few_places() {
    let data = tempfile::tempdir().unwrap();
    made(super::WORLD, data.path(), None);
    let said = |given: Option<&str>| {
        let mut command = super::binary::program();
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(data.path())
            .env_remove("MALLOC_ARENA_MAX");
        if let Some(given) = given {
            command.env("MALLOC_ARENA_MAX", given);
        }
        let server = Server::of(&mut command);
        assert_eq!(server.get("/healthz", "").map(|(status, _)| status), Some(200));
        let environment = std::fs::read(format!("/proc/{}/environ", server.child.id())).unwrap();
        let said = String::from_utf8_lossy(&environment)
            .split('\0')
            .find_map(|one| one.strip_prefix("MALLOC_ARENA_MAX=").map(str::to_owned));
        assert!(server.end().success());
        said
    };
    let most = std::thread::available_parallelism().unwrap().get().max(2).to_string();
    assert_eq!(
        (said(None), said(Some("7"))),
        (cfg!(target_env = "gnu").then_some(most), Some("7".to_owned()))
    );
}

#[test]
fn what_a_command_that_writes_opens_of_somebody_is_in_the_log_as_where_a_page_does() {
    let data = tempfile::tempdir().unwrap();
    made(super::WORLD, data.path(), None);
    let number = |sql: &str| {
        let instance = opened(data.path(), None);
        instance.store.gather().unwrap();
        instance.store.read(|tx| tx.count(sql, &[])).unwrap()
    };
    let tara = number("SELECT person_id FROM item WHERE value = 'Tara Whitfield'").to_string();
    run(&["request", "open", "access", "--person", &tara, "--data", text(data.path())]).well();
    let opened = "SELECT COUNT(*) FROM log_event WHERE act = 'request.opened' AND body LIKE '%\"role\"%'";
    assert_eq!(number(opened), 1);
}

#[test]
fn many_join_an_incident_by_a_file_that_is_only_looked_at_first() {
    let data = tempfile::tempdir().unwrap();
    made(super::WORLD, data.path(), None);
    let at = text(data.path());
    let count = |sql: &str| opened(data.path(), None).store.read(|tx| tx.count(sql, &[])).unwrap();
    run(&["incident", "open", "A laptop was left on the train", "--data", at]).well();
    let incident = count("SELECT id FROM incident").to_string();
    let tara = count("SELECT person_id FROM item WHERE value = 'Tara Whitfield'");
    let list = data.path().join("list.txt");
    std::fs::write(&list, format!("{tara}\nnobody@post.example\n")).unwrap();
    let add = |more: &[&str]| {
        run(&[&["incident", "add", incident.as_str(), text(&list), "--data", at][..], more].concat())
    };
    let joined = || count("SELECT COUNT(*) FROM incident_person");
    let looked = add(&["--dry-run"]);
    let says = |said: &super::binary::Said, words: &str| said.out.contains(words);
    assert!(
        says(&looked, "1 would join; 0 in it already")
            && says(&looked, "nobody found by nobody@post.example"),
        "{looked:?}"
    );
    assert_eq!(joined(), 0);
    assert!(says(&add(&[]), "1 joined; 0 in it before"));
    assert_eq!(joined(), 1);
    assert!(says(&add(&["--format", "json"]), "\"before\":1"));
    std::fs::write(&list, "\n").unwrap();
    add(&[]).refused("Paste their addresses");
}

#[test]
fn what_may_be_recorded_as_ended_is_listed_with_the_option_that_records_it() {
    let data = tempfile::tempdir().unwrap();
    made(super::WORLD, data.path(), None);
    let at = text(data.path());
    let number =
        |sql: &str| opened(data.path(), None).store.read(|tx| tx.count(sql, &[])).unwrap().to_string();
    let of_kiln = ["--category", "organisation contact", "--source", "the person"];
    let details = ["--item", "name=Wren Novak", "--item", "email=wren@kiln.example"];
    let names = ["--item", "organisation=Kiln Works"];
    let added = run(&[&["person", "add", "--data", at][..], &of_kiln, &details, &names].concat());
    let wren = added.well().trim().to_owned();
    let kiln = number("SELECT id FROM organisation WHERE name = 'Kiln Works'");
    let shown = run(&["person", "show", &wren, "--data", at]);
    assert!(shown.well().contains(&format!("Kiln Works (organisation {kiln})")), "{shown:?}");

    let ended = |who: &str, more: &[&str]| run(&[&["person", "ended", who, "--data", at][..], more].concat());
    let listed = ended(&wren, &[]);
    let option = format!("may be recorded: left Kiln Works  (--left {kiln})");
    assert!(listed.well().contains(&option), "{listed:?}");
    ended(&wren, &["--left", &kiln]).well();
    let listed = ended(&wren, &[]);
    let belonging = number(&format!("SELECT id FROM belonging WHERE person_id = {wren}"));
    let slip = format!("(--undo organisation-{belonging})");
    assert!(listed.well().contains("They have left Kiln Works") && listed.out.contains(&slip), "{listed:?}");
    ended(&wren, &["--undo", &format!("organisation-{belonging}")]).well();
    assert!(ended(&wren, &[]).well().contains(&option), "they belong there as before");

    // Whoever has nothing of the sort is listed with nothing, which is no refusal.
    let tara = number("SELECT person_id FROM item WHERE value = 'Tara Whitfield'");
    let listed = ended(&tara, &[]);
    assert!(!listed.well().trim().is_empty() && !listed.out.contains("Kiln"), "{listed:?}");
}

#[test]
fn a_column_that_the_map_file_gives_a_place_is_not_said_to_be_left_out() {
    let data = tempfile::tempdir().unwrap();
    made(super::WORLD, data.path(), None);
    let files = tempfile::tempdir().unwrap();
    let (list, map) = (files.path().join("list.csv"), files.path().join("map"));
    std::fs::write(&list, "Name,Email,Firm\nWren Novak,wren@kiln.example,Kiln Works\n").unwrap();
    std::fs::write(&map, "Firm = organisation\n").unwrap();
    let about =
        ["--activity", "tailored offers", "--source", "their organisation", "--collected", "2026-02-01"];
    let import = |more: &[&str]| {
        let people = ["import", "people", text(&list), "--data", text(data.path())];
        run(&[&people[..], &about, more].concat())
    };
    let guessed = import(&["--dry-run"]);
    assert!(guessed.well().contains("left out: Firm: "), "{guessed:?}");
    let mapped = import(&["--map", text(&map)]);
    assert!(mapped.well().contains("1 created") && !mapped.out.contains("left out"), "{mapped:?}");
    let theirs = "SELECT COUNT(*) FROM belonging b JOIN organisation o ON o.id = b.organisation_id WHERE o.name = 'Kiln Works'";
    let joined = opened(data.path(), None).store.read(|tx| tx.count(theirs, &[])).unwrap();
    assert_eq!(joined, 1);
}

#[test]
fn a_server_asked_to_end_ends_though_somebody_never_finishes_their_request() {
    let data = tempfile::tempdir().unwrap();
    super::binary::made(super::WORLD, data.path(), None);
    let server = super::binary::Server::start(data.path(), &[]);
    let mut slow = std::net::TcpStream::connect(server.address).unwrap();
    std::io::Write::write_all(&mut slow, b"GET /healthz HTTP/1.1\r\nHost:").unwrap();
    // It has taken the connection once it answers the next.
    assert_eq!(server.get("/healthz", "").map(|(status, _)| status), Some(200));
    assert!(server.end().success(), "it ends well");
    drop(slow);
}

#[test]
fn files_that_are_no_lists_are_refused_by_the_command_in_bounded_memory() {
    let data = tempfile::tempdir().unwrap();
    made(super::WORLD, data.path(), None);
    let files = tempfile::tempdir().unwrap();
    let columns = |n: usize| vec!["x"; n].join(",");
    let noise: Vec<u8> = {
        let mut chance = super::chance::Chance::of("noise");
        (0..300_000).flat_map(|_| chance.next().to_le_bytes()).collect()
    };
    let cell = |size: usize| {
        format!("Name,Email\n\"{}\",a@post.example\nBo Lee,bo@post.example\n", "x".repeat(size)).into_bytes()
    };
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("noise.csv", noise, "This is not a text file"),
        ("huge.csv", cell(50_000_000), "at most 40 MB"),
        ("wide.csv", format!("{}\n{}\n", columns(10_000), columns(10_000)).into_bytes(), "10000 columns"),
        ("nul.csv", b"Name,Email\nA\0B,x@post.example\n".to_vec(), "This is not a text file"),
        ("empty.csv", Vec::new(), "empty"),
    ];
    let import = |file: &Path| {
        // A gigabyte of addresses, most of which the program and its threads only reserve.
        let line = format!(
            "ulimit -v 1500000; exec {} import people {} --data {} --activity enquiries --category 'organisation contact' --source 'the person' --collected 2026-02-01",
            env!("CARGO_BIN_EXE_probity"),
            text(file),
            text(data.path())
        );
        let mut shell = std::process::Command::new("sh");
        said(shell.args(["-c", &line]).env_remove("PROBITY_KEY"))
    };
    let people = || run(&["person", "list", "--data", text(data.path())]).well().to_owned();
    let before = people();
    for (name, bytes, words) in cases {
        let file = files.path().join(name);
        std::fs::write(&file, bytes).unwrap();
        import(&file).refused(words);
    }
    assert_eq!(people(), before, "nobody came in");
    // One cell that is too long spoils its row, not the file.
    let file = files.path().join("long.csv");
    std::fs::write(&file, cell(2_000_000)).unwrap();
    let taken = import(&file);
    assert!(taken.well().contains("1 created") && taken.out.contains("1 skipped"), "{taken:?}");
    assert!(taken.out.contains("one too long"), "{taken:?}");
    run(&["log", "verify", "--data", text(data.path())]).well();
}

#[test]
fn the_key_that_signs_mail_is_made_once_and_its_record_is_what_other_programs_make_of_it() {
    let around = tempfile::tempdir().unwrap();
    let (data, file) = (around.path().join("data"), around.path().join("dkim.pem"));
    std::fs::create_dir(&data).unwrap();
    let key = |more: &[&str]| run(&[&["mail", "key", "--data", text(&data)][..], more].concat());
    key(&[]).refused("names no mail server");
    let smtp = super::post_office::settings(25);
    std::fs::write(data.join("probity.toml"), &smtp).unwrap();
    key(&[]).refused("say with --out");
    key(&["--out", text(&file), "--selector", "two words"]).refused("cannot stand in the DNS");
    key(&["--out", text(&around.path().join("none/dkim.pem"))]).refused("there is no directory for");

    let made = key(&["--out", text(&file)]);
    let out = made.well();
    assert!(out.contains("probity._domainkey.cti.example") && out.contains("[smtp.dkim]"), "{out}");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let pem = std::fs::read_to_string(&file).unwrap();
    assert!(!out.contains(pem.lines().nth(1).unwrap()), "the key itself is printed nowhere");
    let openssl = |arguments: &[&str]| {
        let done = std::process::Command::new("openssl").args(arguments).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap()
    };
    let checked = openssl(&["pkey", "-in", text(&file), "-check", "-noout"]);
    assert!(checked.contains("valid"), "{checked}");
    let public: String = openssl(&["pkey", "-in", text(&file), "-pubout"])
        .lines()
        .filter(|line| !line.starts_with("-----"))
        .collect();
    assert!(out.contains(&format!("value  v=DKIM1; k=rsa; p={public}\n")), "{out}\n{public}");

    // Said again, and with the settings that name it, it is the same key.
    let settings = format!("{smtp}[smtp.dkim]\nselector = \"nov26\"\nkey_file = \"{}\"\n", text(&file));
    std::fs::write(data.join("probity.toml"), settings).unwrap();
    let again = key(&["--format", "json"]);
    let again: serde_json::Value = serde_json::from_str(again.well()).unwrap();
    assert_eq!(again["made"], false);
    assert_eq!(again["name"], "nov26._domainkey.cti.example");
    assert_eq!(again["value"], format!("v=DKIM1; k=rsa; p={public}"));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), pem);

    // A key of another program's is taken as it is; one that others read, and what is none, are refused.
    let old = around.path().join("old.pem");
    openssl(&["genrsa", "-traditional", "-out", text(&old), "2048"]);
    key(&["--out", text(&old)]).well();
    std::fs::set_permissions(&old, std::fs::Permissions::from_mode(0o644)).unwrap();
    key(&["--out", text(&old)]).refused("chmod 600");
    openssl(&["genpkey", "-algorithm", "ed25519", "-out", text(&file)]);
    key(&[]).refused("no RSA key of 2048 to 4096 bits");
}
