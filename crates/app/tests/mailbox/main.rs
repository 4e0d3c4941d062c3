//! Mail that arrives, from a real mail server. On SQLite always, on PostgreSQL where `PROBITY_TEST_POSTGRES` names one.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what is wrong by failing"
)]

#[path = "../common/mod.rs"]
mod common;
mod dovecot;
#[expect(dead_code, reason = "what the tests of people's rights need beside")]
#[path = "../rights/house.rs"]
mod house;
mod machines;
mod server;
mod taken;

use std::path::Path;

use app::attachment::Reader;
use app::config::Imap;
use app::jobs::mailbox;
use custody::id::PersonId;
use store::entry::{Direction, Entry};

use dovecot::Dovecot;
use house::House;

/// The program that reads messages.
fn reader() -> Reader {
    Reader::at(Path::new(env!("CARGO_BIN_EXE_probity")))
}

/// Looks into the mailbox once. How many messages were taken.
fn look(house: &House, imap: &Imap) -> usize {
    mailbox::run(&house.instance, imap, &reader()).unwrap()
}

/// A message from somebody.
fn mail(number: u32, from: &str, more: &str, text: &str) -> Vec<u8> {
    format!(
        "From: {from}\r\nTo: privacy@cti.example\r\nMessage-ID: <{number}@post.example>\r\nDate: Mon, 2 Nov 2026 10:00:00 +0000\r\n{more}\r\n{text}\r\n"
    )
    .into_bytes()
}

const TARA: &str = "Tara Quill <Tara.Quill@Brightwell.example>";

/// The lines of somebody that came by mail.
fn filed(house: &House, who: PersonId) -> Vec<Entry> {
    let policy = house.instance.policy();
    let lines = house.read(|tx| store::entry::of_person(tx, &policy, who, (None, None), 100));
    lines.into_iter().filter(|line| line.source == "e-mail").collect()
}

/// What a line says, decrypted behind the program's back.
fn says(house: &House, line: &Entry) -> String {
    house.read(|tx| tx.one("SELECT body FROM entry WHERE id = ?1", &[line.id.into()], |row| row.text(0)))
}

/// A house, a server, and Tara, whose mailbox has been looked into once.
fn beginning(house: &House) -> (Dovecot, Imap, PersonId) {
    let server = Dovecot::start();
    let imap = server.of("privacy");
    server.deliver("privacy", &mail(1, TARA, "Subject: Long ago\r\n", "This lay here before."));
    assert_eq!(look(house, &imap), 0, "what lay there before is left alone");
    let tara = house.tara();
    assert!(filed(house, tara).is_empty());
    (server, imap, tara)
}

fn is_contact(line: &Entry) -> bool {
    line.direction == Some(Direction::In)
}
