//! The mail server itself: gone and back, numbered anew, encrypted or not who it should be, and what becomes of a message there.

use app::acts::health::{self, State};
use app::config::{SmtpSecurity, Then};
use app::jobs::mailbox;
use app::mail::inbox::Inbox;

use super::house::on_both;
use super::{TARA, beginning, filed, look, mail};

#[test]
fn a_server_that_is_gone_is_said_since_when_and_nothing_is_lost() {
    on_both(|house| {
        let (mut server, imap, tara) = beginning(house);
        let state = || house.instance.store.read(mailbox::state).unwrap();
        assert!(state().trouble.is_none());
        server.end();
        assert_eq!(look(house, &imap), 0);
        let (since, why) = state().trouble.unwrap();
        assert!(why.contains("cannot be reached") && !why.contains("secret"), "{why}");
        look(house, &imap);
        assert_eq!(state().trouble.unwrap().0, since, "since it began");
        server.deliver("privacy", &mail(60, TARA, "Subject: Hi\r\n", "Hello"));
        server.begin();
        assert_eq!(look(house, &imap), 1);
        assert!(state().trouble.is_none());
        assert_eq!(filed(house, tara).len(), 1);
    });
}

#[test]
fn the_health_page_says_how_the_mailbox_is() {
    let house = super::House::new(None);
    let (mut server, imap, _) = beginning(&house);
    let lines =
        || house.instance.store.read(|tx| health::mail::arrives(&house.instance, tx, Some(&imap))).unwrap();
    assert!(lines().iter().all(|line| line.state == State::Well), "{:?}", lines());
    assert!(lines().iter().any(|line| line.words.contains("was last read on")), "{:?}", lines());
    server.end();
    look(&house, &imap);
    let said = lines();
    assert!(
        said.iter().any(|line| line.state == State::Failed && line.words.starts_with("Since ")),
        "{said:?}"
    );
}

#[test]
fn a_mailbox_that_is_numbered_anew_gives_nothing_twice_and_loses_nothing() {
    on_both(|house| {
        let (mut server, imap, tara) = beginning(house);
        server.deliver("privacy", &mail(61, TARA, "Subject: One\r\n", "One"));
        assert_eq!(look(house, &imap), 1);
        server.deliver("privacy", &mail(62, TARA, "Subject: Two\r\n", "Two"));
        server.number_anew("privacy");
        look(house, &imap);
        let said: Vec<_> = filed(house, tara).iter().map(|line| super::says(house, line)).collect();
        assert_eq!(said.iter().filter(|said| said.contains("One")).count(), 1, "{said:?}");
        assert_eq!(said.iter().filter(|said| said.contains("Two")).count(), 1, "{said:?}");
        server.deliver("privacy", &mail(63, TARA, "Subject: Three\r\n", "Three"));
        assert_eq!(look(house, &imap), 1);
        assert_eq!(look(house, &imap), 0);
    });
}

#[test]
fn the_connection_is_encrypted_and_the_server_is_who_it_should_be() {
    let mut server = super::Dovecot::start();
    server.deliver("privacy", b"From: a@x.example\r\n\r\nx");
    let tls = server.encrypted("privacy");
    Inbox::open(&tls).unwrap().enter("INBOX", false).unwrap();
    let starttls = app::config::Imap { security: SmtpSecurity::Starttls, ..server.of("privacy") };
    Inbox::open(&starttls).unwrap().enter("INBOX", false).unwrap();
    // Nobody that browsers know vouches for it; and it is called by another name than its certificate says.
    let why = |imap| Inbox::open(&imap).err().unwrap().0;
    let unknown = why(app::config::Imap { certificate: None, ..tls.clone() });
    assert!(unknown.contains("no encrypted connection"), "{unknown}");
    let other = why(app::config::Imap { host: "127.0.0.1".into(), ..tls.clone() });
    assert!(other.contains("no encrypted connection"), "{other}");
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "wrong").unwrap();
    let wrong = why(app::config::Imap { password_file: file.path().into(), ..tls.clone() });
    assert!(wrong.contains("does not accept the account"), "{wrong}");
    let nowhere = why(app::config::Imap { password_file: "/nowhere/at/all".into(), ..tls.clone() });
    assert!(nowhere.contains("/nowhere/at/all"), "{nowhere}");
    let none = Inbox::open(&tls).unwrap().enter("Nosuch", false).unwrap_err().0;
    assert!(none.contains("no folder `Nosuch`"), "{none}");
    server.end();
}

#[test]
fn a_message_is_marked_or_moved_only_where_that_is_asked() {
    on_both(|house| {
        let (server, imap, tara) = beginning(house);
        let seen = app::config::Imap { then: Then::Seen, ..imap.clone() };
        server.deliver("privacy", &mail(64, TARA, "Subject: One\r\n", "One"));
        assert_eq!(look(house, &seen), 1);
        let marked = |server: &super::Dovecot| {
            server.names("privacy", "").iter().filter(|name| name.contains(":2,S")).count()
        };
        assert_eq!(marked(&server), 1);
        let moved = app::config::Imap { then: Then::Move("Filed".into()), ..imap.clone() };
        server.deliver("privacy", &mail(65, TARA, "Subject: Two\r\n", "Two"));
        assert_eq!(look(house, &moved), 1);
        assert_eq!(server.names("privacy", ".Filed").len(), 1);
        server.deliver("privacy", &mail(66, TARA, "Subject: Three\r\n", "Three"));
        assert_eq!(look(house, &moved), 1);
        assert_eq!(server.names("privacy", ".Filed").len(), 2);
        assert_eq!(filed(house, tara).len(), 3);
    });
}
