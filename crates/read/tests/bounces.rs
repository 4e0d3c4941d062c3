//! Delivery reports as mail servers really wrote them: which say that nobody has the address, of whom they speak, and of which message. They are of
//! flufl.bounce (`tests/bounces/LICENSE`), with the addresses its authors put in.

use std::path::Path;

use read::{Came, letter};

/// The message, whether it says that nobody has the address, and of whom it speaks.
const REPORTS: &[(&str, bool, &str)] = &[
    // Over quota, given up after days, too large, and refused without a word why.
    ("dsn_01", false, "userx@example.com"),
    ("dsn_02", false, "zzzzz@example.uk"),
    ("dsn_03", false, "userx@example.be"),
    ("dsn_04", false, "userx@example.ch"),
    // Late, and perhaps still to arrive.
    ("dsn_05", false, "userx@example.cz"),
    ("dsn_06", false, "userx@example.com"),
    ("dsn_07", false, "userx@example.nz"),
    ("dsn_08", false, "userx@example.de"),
    ("dsn_09", false, "userx@example.com"),
    // Nobody has it, said in many ways.
    ("dsn_10", true, "anne.person@dom.ain"),
    ("dsn_11", true, "joem@example.com"),
    ("dsn_12", true, "userx@example.jp"),
    ("dsn_13", true, "userx@example.com"),
    ("dsn_14", true, "userx@example.com.dk"),
    // Its parts are not marked as a report's.
    ("dsn_16", true, "userx@example.com"),
    // Reports that were put into another message: of whom they speak is not taken from there.
    ("dsn_15", false, ""),
    // Late, and a refusal that does not say why in its code.
    ("dsn_17", false, "userx@example.fi"),
    ("dsn_18", false, "email@replaced.net"),
    // In words alone, as qmail, Exim and Yahoo write them: nobody has it, by a code or in so many words.
    ("exim_01", true, "userx@its.example.nl"),
    ("qmail_03", true, "userx@example.jp"),
    ("qmail_04", true, "userx@example.au"),
    ("qmail_05", true, "userx@example.com"),
    ("yahoo_03", true, "userx@example.com"),
    ("simple_05", true, "userx@example.net"),
    // Full, and late.
    ("qmail_06", false, "ntl@xxx.com"),
    ("simple_21", false, ""),
    ("simple_28", false, ""),
];

/// Those of messages that may still arrive.
const LATE: &[&str] = &["dsn_05", "dsn_06", "dsn_07", "dsn_08", "dsn_17", "simple_21", "simple_28"];

/// What some of them say of which message they speak.
const NUMBERED: &[(&str, &str)] = &[
    ("dsn_10", "200210211625.12753.b.a.dude@example.com"),
    ("dsn_11", "mailman.0.1035637201.19036.mailman-developers@python.org"),
    ("dsn_13", "mailman.8262.1143060203.1568.wed_ride@grizz.org"),
    ("dsn_14", "mailman.2721.1143482819.1567.gpc-talk@grizz.org"),
    ("exim_01", "19990920022322.A19735@stereo.rotzorg.org"),
];

#[test]
fn real_delivery_reports_are_told_apart_and_say_of_whom_they_speak() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bounces");
    let mut wrong = Vec::new();
    for (name, says_nobody, whom_it_says) in REPORTS {
        let bytes = std::fs::read(folder.join(name).with_extension("txt")).unwrap();
        match letter(&bytes).0.came {
            Came::Bounce { hard, mut whom, of } => {
                whom.dedup();
                if hard != *says_nobody || whom.join(" ") != *whom_it_says || LATE.contains(name) {
                    wrong.push(format!("{name}: hard {hard}, {whom:?}"));
                }
                if let Some((_, id)) = NUMBERED.iter().find(|(numbered, _)| numbered == name)
                    && of.as_deref() != Some(*id)
                {
                    wrong.push(format!("{name}: {of:?}"));
                }
            }
            Came::UnderWay { mut whom } => {
                whom.dedup();
                if *says_nobody || whom.join(" ") != *whom_it_says || !LATE.contains(name) {
                    wrong.push(format!("{name}: under way, {whom:?}"));
                }
            }
            came => wrong.push(format!("{name}: {came:?}")),
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_report_that_nobody_complains_in_is_none() {
    let report = |sort: &str| {
        let head = "From: <abuse@provider.example>\r\nSubject: FW: News\r\nMIME-Version: 1.0\r\n\
            Content-Type: multipart/report; report-type=feedback-report; boundary=b\r\n\r\n";
        let parts = format!(
            "--b\r\nContent-Type: text/plain\r\n\r\nA report.\r\n\
             --b\r\nContent-Type: message/feedback-report\r\n\r\n{sort}User-Agent: x/1\r\nVersion: 1\r\n\
             Original-Rcpt-To: <ann@post.example>\r\n\r\n\
             --b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <m1-2@cti.example>\r\nSubject: News\r\n\r\nHello\r\n--b--"
        );
        letter(format!("{head}{parts}").as_bytes()).0.came
    };
    for sort in ["Feedback-Type: abuse\r\n", "Feedback-Type: fraud\r\n", "Feedback-Type: other\r\n", ""] {
        let Came::Unwanted { whom, of } = report(sort) else { panic!("{sort}") };
        assert_eq!(
            (whom, of.as_deref()),
            (vec!["ann@post.example".to_owned()], Some("m1-2@cti.example")),
            "{sort}"
        );
    }
    for sort in ["Feedback-Type: not-spam\r\n", "Feedback-Type: Auth-Failure\r\n", "Feedback-Type: virus\r\n"]
    {
        assert_eq!(report(sort), Came::Automatic, "{sort}");
    }
}
