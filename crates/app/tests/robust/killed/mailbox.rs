//! A server that reads the mailbox: each message is filed once, wherever it was killed.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use app::attachment::Reader;
use app::jobs::mailbox;

use super::super::binary::{Server, made};
use super::super::dovecot::Dovecot;
use super::{Kills, opened, sound};

/// How many messages arrive.
const MESSAGES: usize = 60;

#[test]
fn each_message_is_filed_once() {
    let mut kills = Kills::of("mailbox", 3);
    while kills.more() {
        let office = Dovecot::start();
        let imap = office.of("privacy");
        office.deliver("privacy", b"From: x@post.example\r\n\r\nbefore");
        let data = tempfile::tempdir().unwrap();
        made(crate::WORLD, data.path(), None);
        let reader = Reader::at(Path::new(env!("CARGO_BIN_EXE_probity")));
        assert_eq!(mailbox::run(&opened(data.path(), None), &imap, &reader).unwrap(), 0);
        let toml = format!(
            "[imap]\nhost = \"127.0.0.1\"\nport = {}\nsecurity = \"none\"\nuser = \"privacy\"\npassword_file = \"{}\"\n",
            imap.port,
            imap.password_file.display()
        );
        std::fs::write(data.path().join("probity.toml"), toml).unwrap();
        for n in 0..MESSAGES {
            let message = format!(
                "From: priya.nair@northbank.example\r\nMessage-ID: <{n}@x>\r\nSubject: Number {n}\r\n\r\nHello\r\n"
            );
            office.deliver("privacy", message.as_bytes());
        }
        for _ in 0..3 {
            let instance = opened(data.path(), None);
            instance.store.write(|tx| store::setting::clear(tx, mailbox::READ)).unwrap();
            drop(instance);
            let mut server = Server::start(data.path(), &[]);
            // The mailbox is looked at after twenty seconds.
            std::thread::sleep(Duration::from_millis(20_000 + kills.chance.below(1500) as u64));
            kills.now(&mut server.child);
            sound(&opened(data.path(), None));
        }
        let instance = opened(data.path(), None);
        // A mail server that whoever was killed kept busy may be late: it is asked again, as it is in earnest.
        let trouble = || instance.store.read(mailbox::state).unwrap().trouble;
        let mut looks = 0..100;
        while looks.next().is_some()
            && (mailbox::run(&instance, &imap, &reader).unwrap() > 0 || trouble().is_some())
        {}
        let filed = instance
            .store
            .read(|tx| tx.all("SELECT body FROM entry WHERE source = 'e-mail'", &[], |row| row.text(0)))
            .unwrap();
        let once: BTreeSet<&String> = filed.iter().collect();
        assert_eq!((filed.len(), once.len()), (MESSAGES, MESSAGES), "{filed:?}");
        sound(&instance);
    }
    kills.end();
}
