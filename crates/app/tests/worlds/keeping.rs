//! Each pack's own promises on keeping, letting go and answering people, broken behind the program's back in that pack's own world: the proof
//! names the promise, and nothing beside those that stand on the same, with what breaks it. What is broken, how, and
//! what must be said stands in `fixtures/sabotage.toml`.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test says what is wrong by failing")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use app::acts::proof::{self, Found};
use app::instance::Instance;
use app::world::PACKS;
use serde::Deserialize;
use store::keys::Secret;

use super::at_its_end;
use super::common::copied::copied;

/// The promises that must be broken here at least once.
const PROMISES: &[(&str, &str, &[u8])] = &[
    ("cti", "CTI", &[6, 13, 16, 17, 19, 20, 21]),
    ("cmp", "CMP", &[6, 7, 8, 9, 10, 11, 12, 13, 18, 19, 21, 22, 23, 26, 27, 29, 32]),
    ("cli", "CLI", &[15, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 37, 38]),
    ("blue-turtle", "BT", &[10, 11, 12, 13, 14, 15, 16, 22, 23, 27, 29, 30, 31, 32, 33, 34]),
    ("chorus", "CHO", &[1, 6, 7, 9, 12, 13, 14, 15, 19, 20, 21, 26]),
];

#[derive(Deserialize)]
struct Table {
    sabotage: Vec<Sabotage>,
}

#[derive(Deserialize)]
struct Sabotage {
    /// The promise it breaks.
    promise: String,
    /// What is done, in words.
    what: String,
    /// As statements; each must change something.
    #[serde(default)]
    sql: Vec<String>,
    /// Words of the policy as adopted that become other words, as if those had been adopted.
    #[serde(default)]
    adopted: Vec<[String; 2]>,
    /// Whether a file's bytes are laid bare.
    #[serde(default)]
    bare: bool,
    /// What the counter-example says.
    says: String,
    /// Promises that stand on the same, and say the same.
    #[serde(default)]
    with: Vec<String>,
    /// Whether rows are left without a ground: every other promise about their kinds then names these, and nothing else.
    #[serde(default)]
    leaves_rows: bool,
}

fn read(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// Writes over the first file that is kept, as it never is.
fn lay_bare(files: &Path) {
    // A folder stays when the last file in it has gone.
    let folders = std::fs::read_dir(files).unwrap();
    let mut kept = folders.flat_map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap());
    let file = kept.next().unwrap().unwrap().path();
    std::fs::write(file, b"anybody can read this").unwrap();
}

fn verdicts(instance: &Instance) -> BTreeMap<String, Found> {
    let found = proof::look(instance, None).unwrap().found;
    found.into_iter().map(|found| (found.id.clone(), found)).collect()
}

fn broken(found: &BTreeMap<String, Found>) -> BTreeSet<String> {
    found.values().filter(|found| found.verdict == "broken").map(|found| found.id.clone()).collect()
}

/// What is wrong with one sabotage; nothing if the proof saw it as it should.
fn tried(whole: &Path, secret: &Secret, sabotage: &Sabotage) -> Option<String> {
    let named = format!("{}, {}", sabotage.promise, sabotage.what);
    let around = copied(whole);
    if sabotage.bare {
        lay_bare(&around.path().join("files"));
    }
    let instance = Instance::open(around.path(), None, secret).unwrap();
    for sql in &sabotage.sql {
        match instance.store.write(|tx| tx.exec(sql, &[])) {
            Ok(0) => return Some(format!("{named}: changed nothing: {sql}")),
            Err(error) => return Some(format!("{named}: {error}: {sql}")),
            Ok(_) => {}
        }
    }
    for [from, to] in &sabotage.adopted {
        let sql = "SELECT version, files FROM policy_version ORDER BY version DESC LIMIT 1";
        let (version, files) =
            instance.store.read(|tx| tx.one(sql, &[], |row| Ok((row.int(0)?, row.text(1)?)))).unwrap();
        // The files stand there as JSON, and so do their words.
        let [inside, instead] = [from, to].map(|words| serde_json::to_string(words).unwrap());
        let text = files.replace(&inside[1..inside.len() - 1], &instead[1..instead.len() - 1]);
        if text == files {
            return Some(format!("{named}: the policy does not say {from}"));
        }
        let hash = blake3::hash(text.as_bytes()).as_bytes().to_vec();
        let sql = "UPDATE policy_version SET files = ?2, hash = ?3 WHERE version = ?1";
        instance.store.write(|tx| tx.exec(sql, &[version.into(), (&text).into(), (&hash).into()])).unwrap();
    }
    // What was changed behind its back the program reads as it does after a start.
    drop(instance);
    let instance = match Instance::open(around.path(), None, secret) {
        Ok(instance) => instance,
        Err(fault) => return Some(format!("{named}: does not open: {fault}")),
    };
    let found = verdicts(&instance);
    let expected: BTreeSet<String> = sabotage.with.iter().chain([&sabotage.promise]).cloned().collect();
    let seen = broken(&found);
    let said = &found[&sabotage.promise].counterexamples;
    let saying = |id: &String| found[id].counterexamples.iter().any(|words| words.contains(&sabotage.says));
    let only_rows = |id: &String| {
        found[id].counterexamples.iter().all(|words| words.contains(" is held without a ground"))
    };
    let right = if sabotage.leaves_rows {
        let named: BTreeSet<String> = seen.iter().filter(|id| saying(id)).cloned().collect();
        named == expected && seen.difference(&expected).all(only_rows)
    } else {
        seen == expected
    };
    if !right {
        let all: Vec<String> =
            seen.iter().map(|id| format!("{id}: {:?}", found[id].counterexamples)).collect();
        return Some(format!("{named}: expected {expected:?}, broken were {}", all.join("\n      ")));
    }
    (!saying(&sabotage.promise)).then(|| format!("{named}: nothing says `{}`: {said:?}", sabotage.says))
}

/// Finds the promises of a pack's world kept, and breaks them one after the other.
fn pack(name: &str, prefix: &str, numbers: &[u8]) {
    let pack = PACKS.iter().find(|pack| pack.name == name).unwrap();
    let table: Table = toml::from_str(&read("tests/fixtures/sabotage.toml")).unwrap();
    let table: Vec<Sabotage> = table
        .sabotage
        .into_iter()
        .filter(|sabotage| sabotage.promise.rsplit_once('-').unwrap().0 == prefix)
        .collect();
    let tried_all: BTreeSet<&str> = table.iter().map(|sabotage| sabotage.promise.as_str()).collect();
    let missing: Vec<String> = numbers
        .iter()
        .map(|number| format!("{prefix}-{number:02}"))
        .filter(|id| !tried_all.contains(id.as_str()))
        .collect();
    assert!(missing.is_empty(), "nothing breaks {missing:?}");

    let (data, secret) = at_its_end(pack);
    let instance = Instance::open(data.path(), None, &secret).unwrap();
    let looked_at = instance.policy();
    let kept = verdicts(&instance);
    assert_eq!(broken(&kept), BTreeSet::new(), "{name} as its story left it");
    for id in &tried_all {
        let verdict = &kept[*id].verdict;
        // While nothing looks at one of its clauses a promise is open, and its others break it all the same.
        let whole = custody::proof::not_looked_at(&looked_at, id).is_empty();
        let expected: &[&str] = if whole { &["kept", "attested"] } else { &["open"] };
        assert!(expected.contains(&verdict.as_str()), "{id} is {verdict} before anything is broken");
    }
    drop(instance);
    let wrong: Vec<String> =
        table.iter().filter_map(|sabotage| tried(data.path(), &secret, sabotage)).collect();
    assert!(wrong.is_empty(), "of {}:\n  {}", table.len(), wrong.join("\n  "));
}

#[test]
fn cti() {
    pack(PROMISES[0].0, PROMISES[0].1, PROMISES[0].2);
}

#[test]
fn cmp() {
    pack(PROMISES[1].0, PROMISES[1].1, PROMISES[1].2);
}

#[test]
fn cli() {
    pack(PROMISES[2].0, PROMISES[2].1, PROMISES[2].2);
}

#[test]
fn blue_turtle() {
    pack(PROMISES[3].0, PROMISES[3].1, PROMISES[3].2);
}

#[test]
fn chorus() {
    pack(PROMISES[4].0, PROMISES[4].1, PROMISES[4].2);
}
