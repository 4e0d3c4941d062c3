//! Everything of a person goes, and then every byte of the data directory is read, as somebody reads it who has the key;
//! on PostgreSQL every row of every table there is, declared or not.

use std::collections::BTreeSet;
use std::path::Path;

use cbc::cipher::{BlockModeDecrypt, KeyIvInit};
use store::schema::{self, Owner};
use store::{Keys, files, params, residue, ring_duty};

use crate::canary::{plant, plant_typed, taken};
use crate::harness::{Instance, policy, secret};

/// How a page of SQLCipher's ends: what it was encrypted from, and what proves that nobody changed it.
const RESERVED: usize = 16 + 64;
const PAGE: usize = 4096;

/// A page as it was before it was encrypted. The first begins with a salt that is not.
fn decrypted(key: &[u8; 32], page: &[u8], first: bool) -> Vec<u8> {
    let end = PAGE - RESERVED;
    let mut plain = page[if first { 16 } else { 0 }..end].to_vec();
    let start: [u8; 16] = page[end..end + 16].try_into().unwrap();
    let mut decryptor = cbc::Decryptor::<aes::Aes256>::new(key.into(), &start.into());
    for block in plain.chunks_exact_mut(16) {
        decryptor.decrypt_block(block.try_into().unwrap());
    }
    plain
}

/// Every byte of a file, the database's and its log's decrypted.
fn plain(path: &Path, key: &[u8; 32]) -> Vec<u8> {
    let bytes = std::fs::read(path).unwrap();
    match path.file_name().unwrap().to_str().unwrap() {
        "probity.db" => {
            let pages = bytes.chunks_exact(PAGE).enumerate();
            pages.flat_map(|(at, page)| decrypted(key, page, at == 0)).collect()
        }
        "probity.db-wal" => {
            let frames = bytes.get(32..).unwrap_or_default().chunks_exact(24 + PAGE);
            frames.flat_map(|frame| decrypted(key, &frame[24..], frame[..4] == 1_u32.to_be_bytes())).collect()
        }
        _ => bytes,
    }
}

fn walk(directory: &Path, each: &mut impl FnMut(&Path)) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { walk(&path, each) } else { each(&path) }
    }
}

fn holds(bytes: &[u8], canary: &[u8]) -> bool {
    bytes.windows(canary.len()).any(|window| window == canary)
}

/// Everything that can be read of an instance, with where it lies.
fn everything(store: &Instance) -> Vec<(String, Vec<u8>)> {
    let hex = Keys::open(&store.data(), &secret()).unwrap().database().hex();
    let key: Vec<u8> = (0..32).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap()).collect();
    let key: [u8; 32] = key.try_into().unwrap();
    let mut found = Vec::new();
    walk(&store.data(), &mut |path| found.push((path.display().to_string(), plain(path, &key))));
    if store.url.is_some() {
        let tables = store
            .read(|tx| {
                let sql = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1";
                tx.all(sql, &[], |row| row.text(0))
            })
            .unwrap();
        assert!(tables.len() >= schema::tables().count());
        for table in tables {
            let rows = store.read(|tx| {
                tx.all(&format!("SELECT CAST(t.* AS TEXT) FROM {table} t"), &[], |row| row.text(0))
            });
            found.push((table, rows.unwrap().join("\n").into_bytes()));
        }
    }
    found
}

/// What a canary of a column of bytes looks like where rows are read as text.
fn as_hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

both! {
    fn no_byte_of_whoever_goes_stays_in_the_data_directory_or_in_any_table(store) {
        let (one, other) = (plant(store, "one"), plant(store, "other"));
        let policy = policy();
        plant_typed(store, &one, "one");
        // A file with bytes of its own, which a document of theirs refers to.
        let file = files::write(store, &b"canary one in a file"[..]).unwrap();
        let document = store.read(|tx| tx.one("SELECT document_id FROM document_person WHERE person_id = ?1", params![one.person], |row| row.int(0))).unwrap();
        let known = store.write(|tx| tx.exec("UPDATE document SET file = ?2, file_key = ?3 WHERE id = ?1", params![document, &file.name, file.key.as_slice()])).unwrap();
        assert_eq!(known, 1);
        assert_eq!(&**files::read(store, &file.name, &file.key).unwrap(), b"canary one in a file");

        // The list that brought them, kept to undo its import.
        let list = files::write(store, &b"canary one in a list"[..]).unwrap();
        let batch = "UPDATE import_batch SET file = ?2, file_key = ?3 WHERE id IN (SELECT import_id FROM import_row WHERE person_id = ?1)";
        assert_eq!(store.write(|tx| tx.exec(batch, params![one.person, &list.name, list.key.as_slice()])).unwrap(), 1);

        // What is theirs, and not an account's of the staff: those go with the account.
        let staff = |table: &str| matches!(schema::table(table).unwrap().owner, Owner::Staff(_));
        let mut canaries: BTreeSet<String> = one.values.iter().filter(|((table, _), _)| !staff(table)).map(|(_, text)| text.clone()).collect();
        for table in schema::tables().filter(|table| table.about_person().is_some()) {
            let bytes = table.columns.iter().filter(|column| column.form == schema::Form::Bytes && !column.null);
            canaries.extend(bytes.map(|column| ["one", table.name, column.name].concat()));
        }
        canaries.insert("one searchtext".to_owned());
        let seen = |canary: &String, all: &[(String, Vec<u8>)]| {
            let hex = as_hex(canary);
            all.iter().filter(|(_, bytes)| holds(bytes, canary.as_bytes()) || (store.url.is_some() && holds(bytes, hex.as_bytes())))
                .map(|(place, _)| place.clone()).collect::<Vec<_>>()
        };
        let before = everything(store);
        let planted: Vec<&String> = canaries.iter().filter(|canary| !seen(canary, &before).is_empty()).collect();
        assert!(planted.len() + 4 > canaries.len() && planted.len() > 60, "{} of {} are found while they are there", planted.len(), canaries.len());
        for name in [&file.name, &list.name] {
            assert!(before.iter().any(|(place, _)| place.contains(name)));
        }

        let bytes = taken(store, &policy, one.person);
        assert_eq!(bytes.files, BTreeSet::from([file.name.clone(), list.name.clone()]), "whose bytes are to go is known");
        for name in &bytes.files {
            files::remove(store, name).unwrap();
        }
        ring_duty::carry_out(store, &[], false, store::id::made_at(store::id::next())).unwrap();
        assert!(residue::clear(store).unwrap());

        let after = everything(store);
        let left: Vec<(&String, Vec<String>)> = canaries.iter().map(|canary| (canary, seen(canary, &after))).filter(|(_, places)| !places.is_empty()).collect();
        assert!(left.is_empty(), "{left:#?}");
        for name in [&file.name, &list.name] {
            assert!(!after.iter().any(|(place, _)| place.contains(name)));
        }
        let others = other.values.values().filter(|canary| !seen(canary, &after).is_empty()).count();
        assert!(others > 60, "somebody else's went too: {others}");
    }
}
