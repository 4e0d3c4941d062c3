//! The history of the proof: every run is kept, what broke a promise is remembered without whose it was, and trustees can
//! read it on paper.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test says what is wrong by failing")]

use std::path::Path;
use std::process::Command;

use app::acts::{proof, proof_report};
use jiff::civil::{Date, date};
use store::proof_run;

use super::WORLD;
use super::common::{House, night};

/// The promise that everything held has a ground: what stands without its source breaks another of CTI's.
const PROMISE: &str = "CTI-01";

impl House {
    fn nights(&self, day: Date) {
        night(&self.instance, day);
        proof::run(&self.instance, proof::NIGHT).unwrap();
    }

    fn run_sql(&self, sql: &str) {
        self.instance.store.write(|tx| tx.exec(sql, &[])).unwrap();
    }

    fn history(&self) -> proof_report::History {
        let policy = self.instance.policy();
        self.instance.store.read(|tx| proof_report::histories(tx, &policy)).unwrap()[PROMISE].clone()
    }
}

#[tokio::test]
async fn every_run_is_kept_and_what_broke_a_promise_is_told_without_whose() {
    let house = House::of(WORLD);
    let helen = house.sign_in("helen").await;
    house.nights(date(2026, 11, 21));
    house.nights(date(2026, 11, 22));
    assert_eq!(house.history().since, "Kept since Fri 20 Nov 2026");
    assert_eq!(house.history().broken, "Never seen broken");

    // Behind the program's back: a detail of a kind that nobody may have.
    house.run_sql("UPDATE item SET kind = 'blood group' WHERE kind = 'email'");
    house.nights(date(2026, 11, 23));
    let told = house.history();
    assert_eq!(told.recent.last().unwrap().verdict, "broken");
    assert_eq!(told.since, "");
    let page = house.get("/policy/proof", &helen).await.text;
    assert!(page.contains("Last broken on Mon 23 Nov 2026"), "{page}");
    house.run_sql("UPDATE item SET kind = 'email' WHERE kind = 'blood group'");
    // One that somebody asks for counts as well.
    let before = house.instance.store.read(|tx| proof_run::latest(tx, 99)).unwrap().len();
    house.post("/policy/proof", &helen, "").await;
    let runs = house.instance.store.read(|tx| proof_run::latest(tx, 99)).unwrap();
    assert_eq!(runs.len(), before + 1);
    assert!(runs[0].by_hand && !runs[1].by_hand, "{runs:?}");
    assert_eq!(runs[0].counts.iter().sum::<i64>() as usize, house.instance.policy().promises.len());

    let told = house.history();
    assert_eq!(told.since, "Kept since Mon 23 Nov 2026");
    assert!(told.broken.starts_with("Last broken on Mon 23 Nov 2026"), "{told:?}");
    assert!(told.broken.contains("an item is of a kind the policy does not declare"), "{told:?}");
    assert!(
        told.recently.starts_with("kept on Mon 23 Nov 2026; broken on Mon 23 Nov 2026; kept from"),
        "{told:?}"
    );
    let kept = house.instance.store.read(|tx| {
        tx.all("SELECT COALESCE(words, '') FROM proof_found WHERE verdict = 'broken'", &[], |row| row.text(0))
    });
    for words in kept.unwrap() {
        assert!(
            !words.split(' ').any(|word| word.len() > 8 && word.bytes().all(|b| b.is_ascii_digit())),
            "{words}"
        );
    }

    // On the page, on paper, and for the command line.
    let page = house.get("/policy/proof", &helen).await.text;
    assert!(page.contains(&told.broken) && page.contains(&told.recently), "{page}");
    let report = house.get("/policy/proof/print", &helen).await.text;
    for words in
        ["Proof of our promises", &told.since, &told.broken, "Looked at 5 times in the last twelve months"]
    {
        assert!(report.contains(words), "{words}: {report}");
    }
    // What is older than is said is forgotten.
    let old = date(2026, 11, 22);
    house.instance.store.write(|tx| proof_run::tidy(tx, old)).unwrap();
    let left = house.instance.store.read(|tx| proof_run::latest(tx, 99)).unwrap();
    let days: Vec<Date> = left.iter().map(|run| run.on).collect();
    assert_eq!(days, [date(2026, 11, 23), date(2026, 11, 23), old]);
}

#[tokio::test]
async fn the_command_line_looks_tells_and_prints() {
    let house = House::of(WORLD);
    let told = house.instance.store.read(|tx| proof_report::report(&house.instance, tx)).unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_probity"));
    let stamp = house.instance.clock.now().as_millisecond();
    let pdf = app::print::run_with(program, print::Template::Proof, &told, stamp).await.unwrap();
    assert!(pdf.starts_with(b"%PDF") && pdf.len() > 5_000);

    let around = tempfile::tempdir().unwrap();
    let (data, file) = (around.path().join("data"), around.path().join("proof.pdf"));
    let run = |arguments: &[&str]| {
        let output = Command::new(program).args(arguments).arg("--data").arg(&data).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        (output.status.code(), said, String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let policy = format!("{}/../../policies/cti.policy", env!("CARGO_MANIFEST_DIR"));
    let made = run(&["init", "--practice", "--policy", &policy]);
    assert_eq!(made.0, Some(0), "{made:?}");
    assert!(run(&["prove", "--history"]).1.contains("never been looked at"));
    run(&["prove"]);
    run(&["prove", "--promise", "CTI-13"]);
    let history = run(&["prove", "--history", "--format", "json"]);
    let told: serde_json::Value = serde_json::from_str(&history.1).unwrap();
    assert_eq!(told["CTI-13"]["recent"].as_array().unwrap().len(), 1, "one whole run: {told}");
    let printed = run(&["prove", "--report", file.to_str().unwrap()]);
    assert!(std::fs::read(&file).unwrap().starts_with(b"%PDF"), "{printed:?}");
    assert!(run(&["prove", "--history", "--promise", "cti-13"]).1.starts_with("CTI-13  Kept since"));
    assert_eq!(run(&["prove", "--history", "--promise", "CTI-99"]).0, Some(2));
    let ahead = run(&["sweep", "--forecast", "--months", "3", "--format", "json"]);
    let ahead: serde_json::Value = serde_json::from_str(&ahead.1).unwrap();
    assert_eq!(ahead["months"].as_array().unwrap().len(), 0, "{ahead}");
    assert!(run(&["sweep", "--forecast"]).1.contains("0 last days"));
    assert_eq!(run(&["sweep", "--months", "3"]).0, Some(2));
}
