//! Every byte that lies in a data directory, as somebody reads it who has the key; on PostgreSQL every row of every table
//! there is, declared or not.

use std::path::Path;

use cbc::cipher::{BlockModeDecrypt, KeyIvInit};
use store::dialect::Dialect;
use store::{Store, schema};

/// How a page of SQLCipher's ends: what it was encrypted from, and what proves that nobody changed it.
const RESERVED: usize = 16 + 32;
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

/// Every byte of a file, of the databases and their logs decrypted.
fn plain(path: &Path, key: &[u8; 32]) -> Vec<u8> {
    let bytes = std::fs::read(path).unwrap();
    match path.file_name().unwrap().to_str().unwrap() {
        "probity.db" | "probity-views.db" => {
            let pages = bytes.chunks_exact(PAGE).enumerate();
            pages.flat_map(|(at, page)| decrypted(key, page, at == 0)).collect()
        }
        "probity.db-wal" | "probity-views.db-wal" => {
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

/// Whether some bytes stand among others.
pub fn holds(bytes: &[u8], some: &[u8]) -> bool {
    bytes.windows(some.len()).any(|window| window == some)
}

/// Everything that can be read of an instance, with where it lies.
pub fn everything(store: &Store) -> Vec<(String, Vec<u8>)> {
    let hex = store.keys().database().hex();
    let key: Vec<u8> = (0..32).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap()).collect();
    let key: [u8; 32] = key.try_into().unwrap();
    let mut found = Vec::new();
    walk(store.data(), &mut |path| found.push((path.display().to_string(), plain(path, &key))));
    if store.dialect() == Dialect::Postgres {
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
