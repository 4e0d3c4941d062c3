//! What machines send: it restarts no clock, ends nothing, and asks where somebody has to find out.

use app::mail::post;
use custody::id::MessageId;
use custody::life::Scope;
use policy::activity::Purpose;
use store::task::{self, Kind};

use super::house::{House, on_both};
use super::{TARA, beginning, filed, look, mail, reader};

/// What the latest message is known by outside.
fn number(house: &House) -> String {
    let id = house.read(|tx| tx.count("SELECT MAX(id) FROM message", &[]));
    post::number(house.instance.store.keys(), MessageId(id))
}

fn bounce(number: u32, status: &str) -> Vec<u8> {
    mail(
        number,
        "Mail Delivery System <MAILER-DAEMON@post.example>",
        "Return-Path: <>\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n",
        &format!(
            "--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.post.example\r\n\r\nFinal-Recipient: rfc822; tara.quill@brightwell.example\r\nAction: failed\r\nStatus: {status}\r\n\r\n--b--"
        ),
    )
}

#[test]
fn automatic_replies_and_lists_change_nothing() {
    on_both(|house| {
        let (server, imap, tara) = beginning(house);
        house.go_to(jiff::civil::date(2026, 12, 20));
        let last = || house.read(|tx| store::entry::last_contacts(tx, &[tara]));
        let (before, all) = (last(), house.everything());
        server.deliver(
            "privacy",
            &mail(
                20,
                TARA,
                "Auto-Submitted: auto-replied\r\nSubject: Away\r\n",
                "I am away. Please delete my data.",
            ),
        );
        server.deliver("privacy", &mail(21, TARA, "Precedence: auto_reply\r\nSubject: Re\r\n", "Away"));
        server.deliver("privacy", &mail(22, TARA, "List-Id: <x.example>\r\nSubject: News\r\n", "News"));
        assert_eq!(look(house, &imap), 3);
        assert!(filed(house, tara).is_empty());
        assert_eq!(last(), before);
        assert!(house.read(|tx| task::open_of_person(tx, tara)).is_empty());
        let words = |text: &str| {
            text.lines().filter(|line| line.starts_with("entry.") || line.starts_with("item.")).count()
        };
        assert_eq!(words(&house.everything()), words(&all));
        let counts = house.read(|tx| store::mailbox::counts(tx, jiff::civil::date(2026, 1, 1)));
        assert_eq!(counts, [("automatic".to_owned(), 2), ("list".to_owned(), 1)]);
    });
}

#[test]
fn a_hard_bounce_asks_whether_they_left_and_a_soft_one_does_not() {
    on_both(|house| {
        let (server, imap, tara) = beginning(house);
        let open = || house.read(|tx| task::open_of_person(tx, tara));
        server.deliver("privacy", &bounce(23, "5.2.2"));
        server.deliver("privacy", &bounce(24, "4.4.7"));
        server.deliver("privacy", &bounce(25, "5.7.1"));
        assert_eq!(look(house, &imap), 3);
        assert!(open().is_empty());
        server.deliver("privacy", &bounce(26, "5.1.1"));
        server.deliver("privacy", &bounce(27, "5.1.1"));
        assert_eq!(look(house, &imap), 2);
        let asked = open();
        assert_eq!(asked.len(), 1, "it is asked once");
        assert_eq!(asked[0].kind, Kind::Left);
        assert!(filed(house, tara).is_empty());
    });
}

#[test]
fn a_report_is_of_the_message_whose_number_it_has_and_one_of_delay_is_of_none() {
    on_both(|house| {
        let (server, imap, tara) = beginning(house);
        house.spoil("UPDATE message SET state = 'sent', sent_at = queued_at, claimed_at = queued_at");
        let id = number(house);
        let report = |number: u32, action: &str, headings: &str| {
            mail(
                number,
                "Mail Delivery System <MAILER-DAEMON@post.example>",
                "Return-Path: <>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n",
                &format!(
                    "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.post.example\r\n\r\nFinal-Recipient: rfc822; somebody@forwarded.example\r\nAction: {action}\r\nStatus: 5.2.2\r\n\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\nFrom: hello@cti.example\r\n{headings}\r\n--b--"
                ),
            )
        };
        let back = || {
            let sql = "SELECT bounce FROM message WHERE person_id = ?1";
            house.read(|tx| tx.one(sql, &[tara.into()], |row| row.opt_text(0)))
        };
        server.deliver("privacy", &report(60, "delayed", &format!("Message-ID: <{id}@cti.example>\r\n")));
        server.deliver("privacy", &report(61, "failed", "Message-ID: <m1@cti.example>\r\n"));
        assert_eq!(look(house, &imap), 2);
        assert_eq!(back(), None);
        server.deliver("privacy", &report(62, "failed", &format!("Message-ID:\r\n <{id}@cti.example>\r\n")));
        assert_eq!(look(house, &imap), 1);
        assert_eq!(back().as_deref(), Some("soft"));
        assert!(house.read(|tx| task::open_of_person(tx, tara)).is_empty(), "once is not for good");
        let counts = house.read(|tx| store::mailbox::counts(tx, jiff::civil::date(2026, 1, 1)));
        assert_eq!(counts, [("bounce".to_owned(), 2), ("late".to_owned(), 1)]);
    });
}

#[test]
fn what_was_called_unwanted_stops_advertising_and_is_asked_about_and_a_challenge_is_shown() {
    on_both(|house| {
        let (server, imap, tara) = beginning(house);
        server.deliver(
            "privacy",
            &mail(
                28,
                "abuse@post.example",
                "MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\r\n",
                "--b\r\nContent-Type: text/plain\r\n\r\nx\r\n--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nOriginal-Rcpt-To: tara.quill@brightwell.example\r\n\r\n--b--",
            ),
        );
        server.deliver(
            "privacy",
            &mail(
                29,
                "x@guard.example",
                "Auto-Submitted: auto-replied\r\nSubject: Please confirm your message\r\n",
                "Click here",
            ),
        );
        assert_eq!(look(house, &imap), 2);
        let asked = house.read(|tx| task::open_of_person(tx, tara));
        assert_eq!(
            (asked.len(), asked[0].kind, asked[0].about.as_deref()),
            (1, Kind::Asks, Some("advertising"))
        );
        let waits = house.read(|tx| store::mailbox::waiting(tx, 10));
        assert_eq!((waits.len(), waits[0].why.as_str()), (1, "challenge"));
        // It stands as an objection of theirs, once, however often it is reported, and by the number of the message alone.
        let objected = || {
            let policy = house.instance.policy();
            let life = house.read(|tx| store::life::load(tx, &policy, tara, house.instance.clock.today()));
            life.objections
                .iter()
                .filter(|made| made.scope == Scope::Purpose(Purpose::DirectMarketing))
                .count()
        };
        assert_eq!(objected(), 1);
        house.spoil("UPDATE message SET state = 'sent', sent_at = queued_at, claimed_at = queued_at");
        let id = number(house);
        server.deliver(
            "privacy",
            &mail(
                30,
                "abuse@post.example",
                "MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\r\n",
                &format!(
                    "--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <{id}@cti.example>\r\nSubject: News\r\n\r\nHello\r\n--b--"
                ),
            ),
        );
        assert_eq!(look(house, &imap), 1);
        assert_eq!(objected(), 1);
        assert_eq!(house.read(|tx| task::open_of_person(tx, tara)).len(), 1, "it is asked once");
    });
}

#[test]
fn hostile_mail_by_the_dozen_is_taken_and_what_comes_after_it_as_well() {
    on_both(|house| {
        let (server, imap, tara) = beginning(house);
        let deep = (0..1000)
            .map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n"))
            .collect::<String>();
        let many = (0..20_000).map(|n| format!("X-{n}: {n}\r\n")).collect::<String>();
        let all: Vec<Vec<u8>> = vec![
            b"\r\n".to_vec(),
            b"no headings at all".to_vec(),
            b"From: \xff\xfe\r\nSubject: \xc3\x28\r\n\r\n\xff\0\xff".to_vec(),
            mail(40, TARA, "Content-Type: text/plain; charset=nosuch\r\n", "\u{0}\u{feff}hello"),
            mail(41, TARA, &format!("MIME-Version: 1.0\r\n{deep}"), "x"),
            mail(42, TARA, &many, "x"),
            mail(43, TARA, &format!("Subject: {}\r\n", "s".repeat(200_000)), &"é ".repeat(200_000)),
            mail(44, &format!("{}@x.example", "a".repeat(50_000)), "", "x"),
            mail(45, "<a@x.example>, <b@x.example>", "From: <c@x.example>\r\n", "x"),
            mail(
                46,
                "'; DROP TABLE person; --@x.example",
                "Subject: <script>alert(1)</script>\r\n",
                "{{ 7*7 }}",
            ),
            mail(47, TARA, "Content-Type: text/html\r\n", &"<div>".repeat(50_000)),
            mail(48, TARA, "Content-Type: multipart/report; report-type=delivery-status\r\n", "x"),
            mail(49, TARA, "Date: nonsense\r\nMessage-ID: nonsense\r\n", "x"),
        ];
        for one in &all {
            server.deliver("privacy", one);
        }
        server.deliver("privacy", &mail(50, TARA, "Subject: After all that\r\n", "Hello"));
        assert_eq!(look(house, &imap), all.len() + 1);
        assert_eq!(look(house, &imap), 0);
        let policy = house.instance.policy();
        let lines = house.read(|tx| store::entry::of_person(tx, &policy, tara, (None, None), 100));
        assert!(lines.iter().any(|line| super::says(house, line).starts_with("After all that")));
        let waits = house.read(|tx| store::mailbox::waiting(tx, 100));
        for row in &waits {
            let read = app::acts::mailbox::waiting::fetched(&house.instance, &imap, &reader(), row).unwrap();
            assert!(read.is_some(), "{row:?}");
        }
        assert!(
            house.instance.store.read(|tx| store::log::verify(tx, house.instance.store.keys(), None)).is_ok()
        );
    });
}
