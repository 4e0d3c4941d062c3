//! Everything of a person goes, and then every byte of the data directory is read, as somebody reads it who has the key;
//! on PostgreSQL every row of every table there is, declared or not.

use std::collections::BTreeSet;

use store::schema::{self, Owner};
use store::{files, params, residue, ring_duty};

use crate::canary::{plant, plant_typed, taken};
use crate::harness::policy;
use crate::lying::{everything, holds};

/// What a canary of a column of bytes looks like where rows are read as text.
fn as_hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

both! {
    fn no_byte_of_whoever_goes_stays_in_the_data_directory_or_in_any_table(store) {
        let (one, other) = (plant(store, "one"), plant(store, "other"));
        let policy = policy();
        let typed = plant_typed(store, &one, "one");
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
        // What is typed beside the values stands instead of what was planted in their columns first.
        canaries.extend(typed.into_iter().filter(|(table, _)| !staff(table)).map(|(_, canary)| canary));
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
