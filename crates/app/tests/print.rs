//! Documents are printed by a process of their own, and one that fails says why.

use std::path::Path;

use app::print::pack::{Addressee, Asked, Controller, FORMAT, Item, Pack, VERSION};
use app::print::{PrintFailure, run_with};
use print::Template;

const STAMP: i64 = 1_774_949_400_000;

fn pack() -> Pack {
    Pack {
        format: FORMAT.into(),
        version: VERSION,
        made_on: "2026-03-31".into(),
        controller: Controller {
            name: "Harbour Coaching Ltd".into(),
            address: None,
            email: Some("privacy@harbour.example".into()),
            phone: None,
            signed: None,
        },
        person: Addressee { name: "Zoë Müller".into(), address: None },
        request: Asked { reference: None, words: None, received_on: "2026-03-09".into(), answered_on: None },
        letter: vec!["Dear Zoë".into()],
        activities: vec![],
        transfers: vec![],
        automated: None,
        items: vec![Item {
            kind: "email".into(),
            value: "zoe@muller.example".into(),
            source: None,
            collected_on: None,
        }],
        organisations: vec![],
        works: vec![],
        timeline: vec![],
        documents: vec![],
        records: vec![],
        disclosures: vec![],
        withheld: vec![],
        rights: vec!["You can ask us to correct it.".into()],
        complaint: "Tell us first.".into(),
        search: None,
    }
}

fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_probity"))
}

#[tokio::test]
async fn a_pack_is_printed_by_a_process_of_its_own() {
    let pdf = run_with(program(), Template::Pack, &pack(), STAMP).await.unwrap();
    assert!(pdf.starts_with(b"%PDF") && pdf.len() > 5_000);
    assert_eq!(pdf, run_with(program(), Template::Pack, &pack(), STAMP).await.unwrap());
}

#[tokio::test]
async fn what_cannot_be_printed_says_why_and_quotes_nothing() {
    let failed =
        run_with(program(), Template::Pack, &serde_json::json!({"secret": "zoe@muller.example"}), STAMP)
            .await;
    let Err(PrintFailure::Failed(said)) = failed else { panic!("{failed:?}") };
    assert!(!said.contains("zoe@") && said.contains("could not be printed"), "{said}");
    let missing = run_with(Path::new("/nowhere/probity"), Template::Pack, &pack(), STAMP).await;
    assert!(matches!(missing, Err(PrintFailure::Failed(_))), "{missing:?}");
}

#[test]
fn the_file_for_computers_reads_back() {
    let json = pack().to_json().unwrap();
    let again: Pack = serde_json::from_str(&json).unwrap();
    assert!(again == pack());
}
