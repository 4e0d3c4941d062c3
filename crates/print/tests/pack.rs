//! A pack prints tagged, in the strictest standard, whatever people are called; what no font has is listed.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what is wrong by failing"
)]

use print::{Printed, Standard, Template, pdf};
use serde_json::{Value, json};
use std::process::Command;

/// Tue 31 Mar 2026, 09:30 UTC.
const STAMP: i64 = 1_774_949_400_000;

fn pack() -> Value {
    json!({
        "format": "probity access pack", "version": 1, "made_on": "2026-03-31",
        "controller": {"name": "Harbour Coaching Ltd", "address": "1 Quay Street\nNorthport NP1 1AA", "email": "privacy@harbour.example", "phone": "01632 960001", "signed": "Business manager"},
        "person": {"name": "Zoë Müller-Ó Briain", "address": "4 Hill Rise\nNorthport"},
        "request": {"reference": "R-17", "words": "Please send me #everything you have, *all* of it.", "received_on": "2026-03-09", "answered_on": "2026-03-31"},
        "letter": ["Dear Zoë Müller-Ó Briain", "You asked us what we hold about you. It is all in this document, and in the file for computers that comes with it.", "Yours sincerely"],
        "activities": [{"activity": "coaching", "title": "Coaching sessions", "why": "So that we can arrange your sessions.", "basis": "Your consent, signed on the consent form on Mon 2 Feb 2026.", "kinds": ["name", "email", "coaching notes"], "sources": ["you"], "recipients": ["your coach"], "until": "Until Wed 30 Sep 2026: 6 months after the programme was completed."}],
        "transfers": [], "automated": "No decision about you is made by a machine.",
        "items": [
            {"kind": "name", "value": "Zoë Müller-Ó Briain", "source": "you", "collected_on": "2026-01-12"},
            {"kind": "email", "value": "zoe@muller.example", "source": "you", "collected_on": "2026-01-12"},
        ],
        "organisations": [{"name": "Tide & Sons", "part": "director", "from": "2020-01-01", "until": null}],
        "works": [{"title": "Coaching programme", "part": "client", "milestones": [{"name": "agreed", "on": "2026-01-12"}]}],
        "timeline": [{"on": "2026-02-10", "kind": "coaching notes", "by": "Owain Prys", "subject": "Second session", "text": "Talked about the move.\nWants to try again #in May; see [here]."}],
        "documents": [{"name": "Consent form.pdf", "kind": "consent form", "on": "2026-02-02", "copy": "enclosed"}],
        "records": [{"kind": "consent", "on": "2026-02-02", "words": "You agreed to coaching sessions, signed."}],
        "disclosures": [{"on": "2026-01-15", "recipient": "Owain Prys, your coach", "kinds": ["name", "email"], "what_for": "to set up sessions"}],
        "withheld": [{"what": "Another client's name", "reason": "they have not agreed (Data Protection Act 2018, Schedule 2, paragraph 16)"}],
        "rights": ["You can ask us to correct it.", "You can ask us to erase it."],
        "complaint": "If you are unhappy, tell us first; you can also complain to the Information Commissioner.",
        "search": "We searched the records, notes and mail for your name and addresses.",
    })
}

fn print(data: &Value) -> Printed {
    pdf(Template::Pack, data, STAMP).unwrap()
}

/// What a poppler tool says of a PDF; the test command installs poppler.
fn tool(program: &str, args: &[&str], pdf: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("it.pdf");
    std::fs::write(&file, pdf).unwrap();
    let mut command = Command::new(program);
    command.args(args).arg(&file);
    if program == "pdftotext" {
        command.arg("-");
    }
    let output = command.output().unwrap_or_else(|error| panic!("{program}: {error}; install poppler-utils"));
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn it_keeps_both_standards_and_says_what_it_must() {
    let printed = print(&pack());
    assert_eq!(printed.objections, [""; 0]);
    assert_eq!((printed.standard, printed.replaced.len()), (Standard::ArchiveAndAccessible, 0));
    let text = tool("pdftotext", &["-layout"], &printed.pdf);
    for words in [
        "Zoë Müller-Ó Briain",
        "Please send me #everything you have, *all* of it.",
        "Mon 9 Mar 2026",
        "6 months after the programme was completed",
        "Wants to try again #in May; see [here].",
        "Owain Prys, your coach",
        "Schedule 2, paragraph 16",
        "Tide & Sons",
    ] {
        assert!(text.contains(words), "no {words:?} in:\n{text}");
    }
    let info = tool("pdfinfo", &[], &printed.pdf);
    assert!(
        info.contains("What Harbour Coaching Ltd holds about you")
            && info.contains("Tagged:")
            && info.contains("yes"),
        "{info}"
    );
    let tags = tool("pdfinfo", &["-struct"], &printed.pdf);
    for tag in ["H1", "Table", "TH", "TD", "L (block)"] {
        assert!(tags.contains(tag), "no {tag} in {tags}");
    }
}

#[test]
fn the_same_data_gives_the_same_bytes() {
    assert_eq!(print(&pack()).pdf, print(&pack()).pdf);
}

#[test]
fn characters_without_a_glyph_are_replaced_and_listed() {
    let mut data = pack();
    data["items"][0]["value"] = json!("李小龙 \u{1f600}\u{1f600} Łukasz Ωμέγα Привет");
    let printed = print(&data);
    assert_eq!(printed.standard, Standard::ArchiveAndAccessible);
    let named: Vec<(char, usize)> =
        printed.replaced.iter().map(|replaced| (replaced.character, replaced.times)).collect();
    assert_eq!(named, [('小', 1), ('李', 1), ('龙', 1), ('\u{1f600}', 2)]);
    let text = tool("pdftotext", &["-layout"], &printed.pdf);
    assert!(text.contains("\u{fffd}") && text.contains("Łukasz Ωμέγα Привет"), "{text}");
    assert!(text.contains("U+674E (1 time)") && text.contains("U+1F600 (2 times)"), "{text}");
}

#[test]
fn no_text_stops_a_pack() {
    for odd in [
        "\u{0}\u{1}\u{7f}\u{9f}",
        "\u{e000}\u{f8ff}\u{10fffd}",
        "\u{200d}\u{feff}\u{202e}abc",
        "محمد علي بن أبي طالب",
        "שלום עולם",
        "e\u{301}\u{302}\u{303} \u{315}\u{358}",
        "हिन्दी नाम",
        "ﬁ ﷺ \u{ad}",
        "#let x = 1; $a^2$ \\ `raw` @ref <label> // no comment /* */",
        &"long ".repeat(2_000),
        &"x".repeat(3_000),
    ] {
        let mut data = pack();
        data["items"][1]["value"] = json!(odd);
        data["timeline"][0]["text"] = json!(odd);
        let printed = print(&data);
        assert!(
            printed.pdf.starts_with(b"%PDF") && printed.standard <= Standard::Accessible,
            "{odd:?}: {:?}",
            printed.standard
        );
    }
}

#[test]
fn an_empty_pack_prints_too() {
    let mut data = pack();
    for key in [
        "activities",
        "items",
        "organisations",
        "works",
        "timeline",
        "documents",
        "records",
        "disclosures",
        "withheld",
    ] {
        data[key] = json!([]);
    }
    let text = tool("pdftotext", &["-layout"], &print(&data).pdf);
    assert!(
        text.contains("We hold nothing about you any more")
            && text.contains("Nobody outside Harbour Coaching Ltd."),
        "{text}"
    );
}

#[test]
fn data_that_does_not_fit_is_an_error_and_no_panic() {
    assert!(pdf(Template::Pack, &json!({}), STAMP).is_err());
    assert!(pdf(Template::Pack, &json!([1, 2]), STAMP).is_err());
}

#[test]
fn the_notice_prints() {
    let printed = pdf(
        Template::Notice,
        &json!({"title": "Our privacy notice", "organisation": "Harbour Coaching Ltd", "version": "3", "from": "2026-12-01",
            "opening": [{"sort": "paragraph", "runs": [{"text": "We keep your details safely."}]}],
            "sections": [
                {"title": "What we do", "level": 1, "id": "what", "blocks": []},
                {"title": "Coaching sessions", "level": 2, "id": "coaching", "blocks": [
                    {"sort": "paragraph", "runs": [{"text": "Write to "}, {"text": "us@harbour.example", "to": "mailto:us@harbour.example"}]},
                    {"sort": "list", "items": [[{"text": "your name"}], [{"text": "your e-mail address"}], [{"text": "what we do", "to": "#what"}]]},
                    {"sort": "table", "caption": "Who", "columns": ["What for", "What we hold", "How long"],
                        "rows": [[[{"text": "Coaching", "to": "#nowhere"}], [{"text": "Your name"}], [{"text": "6 months"}]]]}]}]}),
        STAMP,
    )
    .unwrap();
    assert_eq!(printed.standard, Standard::ArchiveAndAccessible);
    let text = tool("pdftotext", &["-layout"], &printed.pdf);
    assert!(
        text.contains("version 3 · in force from Tue 1 Dec 2026") && text.contains("your e-mail address"),
        "{text}"
    );
    assert!(text.contains("Coaching") && text.contains("6 months"), "{text}");
    let tags = tool("pdfinfo", &["-struct-text"], &printed.pdf);
    for tag in ["H1", "H2", "Table", "TH", "LI", "Link"] {
        assert!(tags.contains(tag), "{tag}: {tags}");
    }
}
