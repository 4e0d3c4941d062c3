//! Whose a message is, what becomes of it, and that it is taken once.

use app::acts::mailbox::{self, waiting};
use app::fault::Fault;
use custody::id::TaskId;
use store::task::{self, Kind};

use super::common::newcomer;
use super::house::{House, as_it_is, on_both, on_both_keeping};
use super::{TARA, beginning, filed, is_contact, look, mail, reader, says};

fn open(house: &House) -> Vec<task::Task> {
    house.read(|tx| task::open(tx, None, 50)).into_iter().filter(|task| task.kind == Kind::Asks).collect()
}

fn waits(house: &House) -> Vec<store::mailbox::Waiting> {
    house.act(waiting::all).unwrap()
}

#[test]
fn a_message_is_filed_once_to_whose_address_it_came_from() {
    on_both(|house| {
        let (mut server, imap, tara) = beginning(house);
        let words = "Subject: =?utf-8?q?Caf=C3=A9?=\r\n";
        server.deliver("privacy", &mail(2, TARA, words, "Shall we say Thursday?"));
        assert_eq!(look(house, &imap), 1);
        let lines = filed(house, tara);
        assert_eq!(lines.len(), 1);
        assert!(is_contact(&lines[0]) && lines[0].author.is_none());
        assert_eq!(says(house, &lines[0]), "Café\n\nShall we say Thursday?");
        // Looked again, after a restart of the server, as a copy, and after a stop between taking and noting it.
        assert_eq!(look(house, &imap), 0);
        server.end();
        server.begin();
        assert_eq!(look(house, &imap), 0);
        server.deliver("privacy", &mail(2, TARA, words, "Shall we say Thursday?"));
        assert_eq!(look(house, &imap), 1);
        house
            .instance
            .store
            .write(|tx| tx.exec("UPDATE mailbox SET last_uid = 0, old_until = 0", &[]))
            .unwrap();
        assert_eq!(look(house, &imap), 3, "everything is gone through once more");
        assert_eq!(filed(house, tara).len(), 2, "what lay there before is new to it, and nothing else");
        // Another message with a number that was used before is another message.
        server.deliver("privacy", &mail(2, TARA, "Subject: Later\r\n", "Or Friday?"));
        look(house, &imap);
        assert_eq!(filed(house, tara).len(), 3);
        assert!(
            server.names("privacy", "").iter().all(|name| !name.contains(":2,S")),
            "nothing is marked as read"
        );
    });
}

#[test]
fn what_comes_from_somebody_who_cannot_be_read_waits_and_stops_no_other() {
    on_both(|house| {
        let (server, imap, tara) = beginning(house);
        house.spoil(&format!("UPDATE person_category SET since = '2026-13-99' WHERE person_id = {tara}"));
        server.deliver("privacy", &mail(2, TARA, "Subject: Tea\r\n", "Shall we say Thursday?"));
        server.deliver(
            "privacy",
            &mail(3, "uma@stranger.example", "Subject: Tea\r\n", "I should like some, too."),
        );
        assert_eq!(look(house, &imap), 2);
        assert_eq!(filed(house, tara).len(), 0);
        let why: Vec<String> = waits(house).into_iter().map(|one| one.why).collect();
        assert_eq!(why, [mailbox::UNREADABLE, "unknown"]);
    });
}

#[test]
fn a_stranger_is_never_added_and_nothing_of_what_they_write_is_held() {
    on_both(|house| {
        let (mut server, imap, tara) = beginning(house);
        let people = |house: &House| house.read(|tx| tx.count("SELECT COUNT(*) FROM person", &[]));
        let before = people(house);
        let stranger = "Nobody Known <nobody.known@elsewhere.example>";
        server.deliver(
            "privacy",
            &mail(3, stranger, "Subject: Zebra\r\n", "Please delete my details, says Quagga."),
        );
        server.deliver("privacy", &mail(4, stranger, "Subject: Okapi\r\n", "Just to say hello."));
        assert_eq!(look(house, &imap), 2);
        assert_eq!(people(house), before);
        let rows = waits(house);
        assert_eq!(rows.len(), 2);
        assert_eq!((rows[0].why.as_str(), rows[0].asks.as_deref()), ("unknown", Some("erasure")));
        assert_eq!(rows[1].asks, None);
        let all = house.everything();
        for word in ["nobody.known", "Nobody Known", "Zebra", "Quagga", "Okapi", "@post.example>"] {
            assert!(!all.contains(word), "{word} is held");
        }
        // It is read from the mailbox when somebody looks, also after that was numbered anew.
        let read = |row| waiting::fetched(&house.instance, &imap, &reader(), row).unwrap();
        assert_eq!(read(&rows[0]).unwrap().letter.subject, "Zebra");
        server.number_anew("privacy");
        assert!(read(&rows[0]).is_none());
        look(house, &imap);
        let rows = waits(house);
        assert_eq!(rows.len(), 2, "none waits twice");
        let mut arrived = read(&rows[0]).unwrap();
        assert_eq!(arrived.letter.from.as_deref(), Some("nobody.known@elsewhere.example"));
        // Somebody says whose it is; the other is left where it lies.
        house.act(|acting, tx| waiting::file(acting, tx, rows[0].id, tara, &mut arrived)).unwrap();
        assert!(says(house, &filed(house, tara)[0]).contains("Quagga"));
        assert_eq!(open(house).len(), 1, "it may still be a request");
        house.act(|acting, tx| waiting::leave(acting, tx, rows[1].id)).unwrap();
        assert!(waits(house).is_empty());
        let again = house.act(|acting, tx| waiting::leave(acting, tx, rows[1].id));
        assert!(matches!(again, Err(Fault::NotFound)));
    });
}

#[test]
fn what_may_be_a_request_is_suggested_and_restarts_no_clock_until_somebody_decides() {
    on_both(|house| {
        let (server, imap, tara) = beginning(house);
        let last =
            |house: &House| house.read(|tx| store::entry::last_contacts(tx, &[tara])).get(&tara).copied();
        house.go_to(jiff::civil::date(2026, 12, 20));
        let before = last(house);
        server
            .deliver("privacy", &mail(5, TARA, "Subject: A question\r\n", "What data do you hold about me?"));
        server.deliver(
            "privacy",
            &mail(6, TARA, "Subject: Re: News\r\n", "Stop\r\n\r\nOn 1 Nov, CTI wrote:\r\n> News"),
        );
        assert_eq!(look(house, &imap), 2);
        assert!(filed(house, tara).iter().all(|line| line.direction.is_none()));
        assert_eq!(last(house), before, "nothing is kept longer for it");
        let asked = open(house);
        let mut about: Vec<_> = asked.iter().map(|task| task.about.as_deref().unwrap_or_default()).collect();
        about.sort_unstable();
        assert_eq!(about, ["access", "advertising"]);
        let of = |about: &str| asked.iter().find(|task| task.about.as_deref() == Some(about)).unwrap().id;
        // The form is filled in from it; what opens the request answers the question.
        let filled = house.act(|acting, tx| mailbox::asked(acting, tx, of("access"))).unwrap().unwrap();
        assert_eq!((filled.person, filled.asks.as_str()), (tara, "access"));
        assert!(filled.words.is_some());
        house.act(|acting, tx| mailbox::is_request(acting, tx, of("access"))).unwrap();
        assert_eq!(last(house), before);
        // What is none counts as the contact it was.
        let today = house.instance.clock.today();
        house.act(|acting, tx| mailbox::no_request(acting, tx, of("advertising"), today)).unwrap();
        assert!(last(house) > before, "{:?}", last(house));
        assert!(open(house).is_empty());
        let none: Result<_, Fault> = house.act(|acting, tx| mailbox::is_request(acting, tx, TaskId(7)));
        assert!(matches!(none, Err(Fault::NotFound)));
    });
}

fn with_files(text: String) -> String {
    text.replace("  receives  contact record\n", "  receives  contact record, attachments as letters\n")
        .replace(
            "document consent form ",
            "document letters            \"what you sent us with an e-mail\"\ndocument consent form ",
        )
        .replace("  data      contact record\n", "  data      contact record, letters\n")
}

#[test]
fn what_is_attached_is_kept_only_where_the_policy_has_a_place_for_it() {
    let attached = |number| {
        mail(
            number,
            TARA,
            "Subject: Files\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n",
            "--b\r\nContent-Type: text/plain\r\n\r\nSee the files.\r\n--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=plan.pdf\r\n\r\n%PDF-1.4 x\r\n--b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=tool.exe\r\nContent-Transfer-Encoding: base64\r\n\r\nTVqQAAMAAAAEAAAA//8AALgAAAA=\r\n--b--",
        )
    };
    on_both_keeping(as_it_is, |house| {
        let (server, imap, tara) = beginning(house);
        server.deliver("privacy", &attached(7));
        look(house, &imap);
        let said = says(house, &filed(house, tara)[0]);
        assert!(said.contains("plan.pdf\u{201d}: the policy has no place for what is attached"), "{said}");
        assert_eq!(house.read(|tx| tx.count("SELECT COUNT(*) FROM document", &[])), 0);
    });
    on_both_keeping(with_files, |house| {
        let (server, imap, tara) = beginning(house);
        server.deliver("privacy", &attached(7));
        look(house, &imap);
        let said = says(house, &filed(house, tara)[0]);
        assert!(!said.contains("plan.pdf") && said.contains("tool.exe\u{201d}: it is"), "{said}");
        assert_eq!(house.read(|tx| tx.count("SELECT COUNT(*) FROM document WHERE kind = 'letters'", &[])), 1);
    });
}

#[test]
fn nothing_is_filed_where_the_policy_has_no_place_for_it() {
    // No record of contacts of people in organisations.
    let nowhere = |text: String| {
        text.replace(
            "activity correspondence \"Remembering that we were in touch\"\n  for       everyone",
            "activity correspondence \"Remembering that we were in touch\"\n  for       supporter",
        )
    };
    on_both_keeping(nowhere, |house| {
        let server = super::Dovecot::start();
        let imap = server.of("privacy");
        look(house, &imap);
        let who = house
            .act(|acting, tx| {
                let new = app::acts::person::NewPerson {
                    collected_on: Some(acting.today),
                    ..newcomer("supplier", "the person", &[("email", "sol@post.example")])
                };
                app::acts::person::add(acting, tx, &new)
            })
            .unwrap();
        server.deliver("privacy", &mail(8, "sol@post.example", "Subject: Hi\r\n", "Hello"));
        assert_eq!(look(house, &imap), 1);
        assert!(filed(house, who).is_empty());
        let rows = waits(house);
        assert_eq!((rows.len(), rows[0].why.as_str()), (1, "refused"));
        let mut arrived = waiting::fetched(&house.instance, &imap, &reader(), &rows[0]).unwrap().unwrap();
        let filed = house.act(|acting, tx| waiting::file(acting, tx, rows[0].id, who, &mut arrived));
        assert!(matches!(filed, Err(Fault::Refused(_))), "staff may do no more than the program");
        assert_eq!(waits(house).len(), 1);
    });
    // A policy that says nothing of mail has none read.
    on_both_keeping(
        |text| text.replace("  receives  contact record\n", ""),
        |house| {
            let server = super::Dovecot::start();
            let imap = server.of("privacy");
            look(house, &imap);
            server.deliver("privacy", &mail(9, TARA, "", "Hello"));
            assert_eq!(look(house, &imap), 0);
        },
    );
}

#[test]
fn the_proof_finds_mail_that_is_not_filed_as_stated_and_a_request_that_counts_as_contact() {
    let promised = |text: String| {
        text.replace(
            "  receives  contact record\n",
            "  receives  contact record                                  promise CTI-26\n",
        )
    };
    on_both_keeping(promised, |house| {
        let (server, imap, tara) = beginning(house);
        server.deliver("privacy", &mail(10, TARA, "Subject: Hi\r\n", "Hello"));
        server.deliver("privacy", &mail(11, TARA, "Subject: Erasure\r\n", "Please erase me."));
        look(house, &imap);
        let found = house.look("received-as-stated");
        assert!(found.broken.is_empty(), "{found:?}");
        assert_eq!(found.figure, "2 e-mails filed as the policy says");
        let lines = filed(house, tara);
        let asks = lines.iter().find(|line| line.direction.is_none()).unwrap().id;
        let other = lines.iter().find(|line| line.direction.is_some()).unwrap().id;
        let break_it = |sql: &str, id: custody::id::EntryId| {
            house.instance.store.write(|tx| tx.exec(sql, &[id.into()])).unwrap();
        };
        break_it("UPDATE entry SET direction = 'in' WHERE id = ?1", asks);
        let found = house.look("received-as-stated");
        assert_eq!(found.broken.len(), 1);
        assert!(found.broken[0].contains(&asks.to_string()), "{found:?}");
        break_it("UPDATE entry SET direction = NULL WHERE id = ?1", asks);
        break_it("UPDATE entry SET kind = 'enquiry' WHERE id = ?1", other);
        let found = house.look("received-as-stated");
        assert_eq!(found.broken, [format!("e-mail {other} is filed as enquiry")]);
    });
}
