//! The safe: what brings a backup back to life, and what must not be forgotten when it does. The keyring as the
//! operator's secret wraps it, the rings of the backups' keys, and the rows of objections, restrictions and the like
//! that were written since the newest backup.
//!
//! It lies beside the data and in a second place, in its latest version only: whatever is destroyed in it is destroyed
//! for every backup at once. It is never put where the backups are, and it never holds a version of itself.

use std::collections::BTreeMap;
use std::path::{Path as FilePath, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::keys::{Keys, write_private};
use crate::place::{Place, overwrite};
use crate::ring::{Path, Ring};
use crate::{Error, Result, Store};

const MAGIC: &[u8] = b"probity safe 1\n";
/// Its name in a second place.
pub const NAME: &str = "probity.safe";

/// The keys of the backups of one tree.
#[derive(Clone)]
pub struct Tree {
    /// Its name, as its backups say it.
    pub name: String,
    /// The place its backups lie in.
    pub place: String,
    /// When its first backup was made.
    pub began: Timestamp,
    /// When its newest backup was made.
    pub last: Timestamp,
    /// Its keys.
    pub ring: Ring,
}

/// A row written since the newest backup that every restore must bring back, or a row that lost a value then.
#[derive(Clone)]
pub struct Since {
    /// Its table.
    pub table: String,
    /// Which row.
    pub row: Path,
    /// When it was written down.
    pub at: Timestamp,
    /// Its columns when it was written down.
    pub columns: Vec<String>,
    /// What stands in it.
    pub plain: Zeroizing<Vec<u8>>,
}

/// What is in the safe.
#[derive(Clone, Default)]
pub struct Safe {
    /// How often it was changed.
    pub changes: u64,
    /// When it was changed last.
    pub at: Timestamp,
    /// The rings, oldest first.
    pub trees: Vec<Tree>,
    /// What happened since the newest backup, by table and row.
    pub since: BTreeMap<(String, Path), Since>,
    /// The size and the root of the log when it was changed last.
    pub log: Option<(u64, String)>,
}

#[derive(Serialize, Deserialize)]
struct WrittenTree {
    name: String,
    place: String,
    began: i64,
    last: i64,
    length: usize,
}

#[derive(Serialize, Deserialize)]
struct WrittenSince {
    table: String,
    row: [u8; 16],
    at: i64,
    columns: Vec<String>,
    length: usize,
}

#[derive(Serialize, Deserialize)]
struct Written {
    changes: u64,
    at: i64,
    trees: Vec<WrittenTree>,
    since: Vec<WrittenSince>,
    log: Option<(u64, String)>,
}

/// Where it lies in the data directory.
#[must_use]
pub fn place(data: &FilePath) -> PathBuf {
    data.join("safe")
}

/// Waits until nobody else works on the safe of a data directory, and keeps others waiting until it is dropped.
pub(crate) fn alone(data: &FilePath) -> Result<std::fs::File> {
    locked(data, "safe.lock")
}

/// Waits until nobody else makes a backup of a data directory. Whoever makes one takes this before the safe, which others
/// may have in between.
pub(crate) fn one_backup(data: &FilePath) -> Result<std::fs::File> {
    locked(data, "backup.lock")
}

fn locked(data: &FilePath, name: &str) -> Result<std::fs::File> {
    let path = data.join(name);
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let lock = options.open(&path).map_err(|error| Error::file(&path, error))?;
    lock.lock().map_err(|error| Error::file(&path, error))?;
    Ok(lock)
}

impl Safe {
    /// The safe of an instance; an empty one where there is none yet.
    ///
    /// # Errors
    /// [`Error::Damaged`] if it does not open or is not as it was written.
    pub fn open(store: &Store) -> Result<Self> {
        match std::fs::read(place(store.data())) {
            Ok(bytes) => Self::read(&bytes, store.keys()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(Error::file(&place(store.data()), error)),
        }
    }

    /// Whether bytes look like a safe, before anything is begun with them.
    pub(crate) fn looks_whole(bytes: &[u8]) -> Result<()> {
        parts(bytes).map(drop)
    }

    /// Puts what opens the data into a new data directory: the keyring, still wrapped by the operator's secret, and the
    /// salt of a passphrase, if there is one.
    ///
    /// # Errors
    /// [`Error::Damaged`] if the bytes are no safe; [`Error::Place`] if there is an instance already.
    pub fn put_keys_back(bytes: &[u8], data: &FilePath) -> Result<()> {
        let parts = parts(bytes)?;
        Keys::put_back(data, parts.keyring)?;
        if parts.salt.is_empty() {
            return Ok(());
        }
        write_private(&data.join("salt"), parts.salt)
    }

    /// Opens the bytes of a safe.
    ///
    /// # Errors
    /// [`Error::Damaged`] if they do not open with these keys.
    pub fn read(bytes: &[u8], keys: &Keys) -> Result<Self> {
        let plain = keys.unseal("safe", parts(bytes)?.sealed)?;
        let (length, rest) = plain.split_at_checked(8).ok_or_else(damaged)?;
        let length = u64::from_le_bytes(length.try_into().map_err(|_| damaged())?);
        let (written, mut rest) =
            rest.split_at_checked(usize::try_from(length).map_err(|_| damaged())?).ok_or_else(damaged)?;
        let written: Written = serde_json::from_slice(written).map_err(|_| damaged())?;
        let instant = |at| Timestamp::from_millisecond(at).map_err(|_| damaged());
        let mut take = |length: usize| {
            let (taken, after) = rest.split_at_checked(length).ok_or_else(damaged)?;
            rest = after;
            Ok::<_, Error>(taken)
        };
        let mut safe = Self {
            changes: written.changes,
            at: instant(written.at)?,
            trees: Vec::new(),
            since: BTreeMap::new(),
            log: written.log,
        };
        for tree in written.trees {
            safe.trees.push(Tree {
                name: tree.name,
                place: tree.place,
                began: instant(tree.began)?,
                last: instant(tree.last)?,
                ring: Ring::read(take(tree.length)?)?,
            });
        }
        for since in written.since {
            safe.keep(Since {
                table: since.table,
                row: Path::of(since.row),
                at: instant(since.at)?,
                columns: since.columns,
                plain: Zeroizing::new(take(since.length)?.to_vec()),
            });
        }
        Ok(safe)
    }

    fn written(&self, store: &Store) -> Result<Vec<u8>> {
        let rings: Vec<_> = self.trees.iter().map(|tree| tree.ring.written()).collect();
        let written = Written {
            changes: self.changes,
            at: self.at.as_millisecond(),
            trees: self
                .trees
                .iter()
                .zip(&rings)
                .map(|(tree, ring)| WrittenTree {
                    name: tree.name.clone(),
                    place: tree.place.clone(),
                    began: tree.began.as_millisecond(),
                    last: tree.last.as_millisecond(),
                    length: ring.len(),
                })
                .collect(),
            since: self
                .since
                .values()
                .map(|since| WrittenSince {
                    table: since.table.clone(),
                    row: since.row.bytes(),
                    at: since.at.as_millisecond(),
                    columns: since.columns.clone(),
                    length: since.plain.len(),
                })
                .collect(),
            log: self.log.clone(),
        };
        let written = serde_json::to_vec(&written).map_err(|_| damaged())?;
        let mut plain = Zeroizing::new(Vec::new());
        plain.extend_from_slice(&(written.len() as u64).to_le_bytes());
        plain.extend_from_slice(&written);
        rings.iter().for_each(|ring| plain.extend_from_slice(ring));
        self.since.values().for_each(|since| plain.extend_from_slice(&since.plain));
        let sealed = store.keys().seal("safe", &plain)?;
        let keyring = Keys::wrapped(store.data())?;
        let salt = std::fs::read(store.data().join("salt")).unwrap_or_default();
        let length = |bytes: &[u8]| u32::try_from(bytes.len()).map_err(|_| damaged());
        let lengths = [length(&keyring)?.to_le_bytes(), length(&salt)?.to_le_bytes()].concat();
        Ok([MAGIC, &lengths, &keyring, &salt, &sealed].concat())
    }

    /// Writes it beside the data and into the other places, over what lay there. Which other places could not be
    /// reached, and why.
    ///
    /// # Errors
    /// If it cannot be written beside the data: then nothing counts as destroyed.
    pub fn write(&mut self, store: &Store, others: &[Place], now: Timestamp) -> Result<Vec<(Place, Error)>> {
        self.changes += 1;
        self.at = now;
        let bytes = self.written(store)?;
        overwrite(&place(store.data()), &bytes)?;
        let mut unreached = Vec::new();
        for other in others {
            if let Err(error) = other.replace_for_good(NAME, &bytes) {
                unreached.push((other.clone(), error));
            }
        }
        Ok(unreached)
    }

    /// Forgets what was written down before the newest backup of every place: it stands in all of them.
    pub fn forget_backed_up(&mut self) {
        let mut newest = BTreeMap::new();
        for tree in &self.trees {
            let last: &mut Timestamp = newest.entry(&tree.place).or_insert(tree.last);
            *last = (*last).max(tree.last);
        }
        let oldest = newest.values().min().copied().unwrap_or(Timestamp::MIN);
        self.since.retain(|_, since| since.at >= oldest);
    }

    /// Keeps a row, in place of what was kept of it before.
    pub(crate) fn keep(&mut self, since: Since) {
        self.since.insert((since.table.clone(), since.row), since);
    }

    /// The ring of a tree.
    #[must_use]
    pub fn ring(&self, tree: &str) -> Option<&Ring> {
        self.trees.iter().find(|known| known.name == tree).map(|tree| &tree.ring)
    }
}

struct Parts<'b> {
    keyring: &'b [u8],
    salt: &'b [u8],
    sealed: &'b [u8],
}

fn parts(bytes: &[u8]) -> Result<Parts<'_>> {
    let rest = bytes.strip_prefix(MAGIC).ok_or_else(damaged)?;
    let (keyring, rest) = rest.split_at_checked(4).ok_or_else(damaged)?;
    let (salt, rest) = rest.split_at_checked(4).ok_or_else(damaged)?;
    let length = |bytes: &[u8]| bytes.try_into().map(u32::from_le_bytes).map_err(|_| damaged());
    let (keyring, rest) = rest.split_at_checked(length(keyring)? as usize).ok_or_else(damaged)?;
    let (salt, sealed) = rest.split_at_checked(length(salt)? as usize).ok_or_else(damaged)?;
    Ok(Parts { keyring, salt, sealed })
}

fn damaged() -> Error {
    Error::Damaged("the safe is cut short, changed, or none of this instance".into())
}
