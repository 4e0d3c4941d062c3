//! One backup: a file of sealed rows. What it is stands in clear at its beginning; a keyed hash of all of it at its
//! end. Every row is encrypted under a key of its own, which the ring gives or no longer gives.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::{Path as FilePath, PathBuf};

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Nonce};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::keys::Keys;
use crate::place::{Place, Reading};
use crate::ring::{Path, Ring};
use crate::{Error, Result};

const MAGIC: &[u8] = b"probity backup 1\n";
/// No row is longer: what says it is was damaged.
const LONGEST: u32 = 1 << 30;
const ROW: u8 = 1;
const GONE: u8 = 2;
const END: u8 = 0;

/// What a backup says of itself, in clear: nothing about anybody.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Header {
    /// Whose it is: what nobody without the instance's keys could have said.
    #[serde(default)]
    pub of: String,
    /// The tree of keys its rows hang on; the backups of one tree belong together.
    pub tree: String,
    /// Its place among them. The first holds everything, each later one what changed.
    pub number: u32,
    /// When it was made, milliseconds since 1970.
    pub at: i64,
    /// The schema of the database it was made of.
    pub schema: i64,
    /// How many changes the ring had seen.
    pub ring: u64,
    /// What makes its keys other than those of every other backup.
    pub salt: String,
    /// Tables and their columns, in the order of the rows' numbers.
    pub tables: Vec<(String, Vec<String>)>,
}

/// What stands in a backup.
#[derive(Debug)]
pub enum Record {
    /// A row.
    Row {
        /// Its table, by its place in the header.
        table: u8,
        /// Which row.
        row: Path,
        /// Whose key it is under: its own, or the one it got after an earlier one was destroyed.
        key: Path,
        /// Encrypted.
        sealed: Vec<u8>,
    },
    /// A row of an earlier backup of the tree is not there any more.
    Gone {
        /// Its table.
        table: u8,
        /// Which row.
        row: Path,
    },
}

/// Encrypts a row's bytes under its key.
pub(crate) fn seal(seed: &[u8; 32], salt: &str, table: u8, row: Path, plain: &[u8]) -> Result<Vec<u8>> {
    cipher(seed, salt)
        .encrypt(&Nonce::default(), Payload { msg: plain, aad: &bound(table, row) })
        .map_err(|_| Error::Damaged("a row cannot be encrypted".into()))
}

/// Opens a row of a backup; nothing where its key was destroyed.
///
/// # Errors
/// [`Error::Damaged`] if it is not as it was written.
pub fn open(
    ring: &Ring,
    salt: &str,
    table: u8,
    row: Path,
    key: Path,
    sealed: &[u8],
) -> Result<Option<Zeroizing<Vec<u8>>>> {
    let Some(seed) = ring.key(key) else { return Ok(None) };
    cipher(&seed, salt)
        .decrypt(&Nonce::default(), Payload { msg: sealed, aad: &bound(table, row) })
        .map(|plain| Some(Zeroizing::new(plain)))
        .map_err(|_| Error::Damaged("a row of a backup is not as it was written".into()))
}

/// A row's key in one backup: used once, so that no nonce is needed.
fn cipher(seed: &[u8; 32], salt: &str) -> ChaCha20Poly1305 {
    let key = blake3::keyed_hash(seed, format!("row {salt}").as_bytes());
    ChaCha20Poly1305::new(&(*key.as_bytes()).into())
}

fn bound(table: u8, row: Path) -> Vec<u8> {
    [&[table], row.bytes().as_slice()].concat()
}

/// A backup being written, beside its place.
pub(crate) struct Writer {
    beside: PathBuf,
    file: BufWriter<File>,
    hasher: blake3::Hasher,
    records: u64,
}

impl Writer {
    pub(crate) fn begin(beside: PathBuf, keys: &Keys, header: &Header) -> Result<Self> {
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&beside).map_err(|error| Error::file(&beside, error))?;
        let mut writer =
            Self { beside, file: BufWriter::with_capacity(1 << 18, file), hasher: whole(keys), records: 0 };
        let header = serde_json::to_vec(header).map_err(|_| Error::Malformed("a backup's header".into()))?;
        writer.put(MAGIC)?;
        writer.put(&length(&header).to_le_bytes())?;
        writer.put(&header)?;
        Ok(writer)
    }

    fn put(&mut self, bytes: &[u8]) -> Result<()> {
        self.hasher.update(bytes);
        self.file.write_all(bytes).map_err(|error| Error::file(&self.beside, error))
    }

    pub(crate) fn row(&mut self, table: u8, row: Path, key: Path, sealed: &[u8]) -> Result<()> {
        self.put(&[ROW, table])?;
        self.put(&row.bytes())?;
        self.put(&key.bytes())?;
        self.put(&length(sealed).to_le_bytes())?;
        self.records += 1;
        self.put(sealed)
    }

    pub(crate) fn gone(&mut self, table: u8, row: Path) -> Result<()> {
        self.put(&[GONE, table])?;
        self.records += 1;
        self.put(&row.bytes())
    }

    /// Ends the file and makes it durable, still beside its place. How many bytes.
    pub(crate) fn end(mut self) -> Result<u64> {
        self.put(&[END])?;
        self.put(&self.records.to_le_bytes())?;
        let hash = self.hasher.finalize();
        let failed = |error| Error::file(&self.beside, error);
        self.file.write_all(hash.as_bytes()).map_err(failed)?;
        let file = self.file.into_inner().map_err(|error| failed(error.into_error()))?;
        file.sync_all().map_err(failed)?;
        Ok(file.metadata().map_err(failed)?.len())
    }
}

fn length(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX)
}

fn whole(keys: &Keys) -> blake3::Hasher {
    blake3::Hasher::new_keyed(&keys.derived("whole backup"))
}

/// A backup being read.
pub struct Reader {
    at: String,
    bytes: BufReader<Reading>,
    hasher: Option<blake3::Hasher>,
    records: u64,
    /// What it says of itself.
    pub header: Header,
}

impl Reader {
    /// Opens a backup, without looking whether it is whole.
    ///
    /// # Errors
    /// [`Error::Damaged`] if it is no backup, or there is none of this name.
    pub fn open(place: &Place, name: &str, keys: Option<&Keys>) -> Result<Self> {
        let at = place.at(name);
        match place.read(name)? {
            Some(reading) => Self::of(at, reading, keys),
            None => Err(Error::Damaged(format!("there is no {at} any more"))),
        }
    }

    /// Opens a backup that is not in its place yet.
    pub(super) fn of_file(path: &FilePath, keys: &Keys) -> Result<Self> {
        let file = File::open(path).map_err(|error| Error::file(path, error))?;
        Self::of(path.display().to_string(), Box::new(file), Some(keys))
    }

    fn of(at: String, reading: Reading, keys: Option<&Keys>) -> Result<Self> {
        let mut reader = Self {
            at,
            bytes: BufReader::with_capacity(1 << 18, reading),
            hasher: keys.map(whole),
            records: 0,
            header: Header {
                of: String::new(),
                tree: String::new(),
                number: 0,
                at: 0,
                schema: 0,
                ring: 0,
                salt: String::new(),
                tables: Vec::new(),
            },
        };
        if reader.take(MAGIC.len())? != MAGIC {
            return Err(reader.damaged());
        }
        let length = u32::from_le_bytes(reader.some()?);
        if length > LONGEST {
            return Err(reader.damaged());
        }
        let header = reader.take(length as usize)?;
        reader.header = serde_json::from_slice(&header).map_err(|_| reader.damaged())?;
        Ok(reader)
    }

    fn damaged(&self) -> Error {
        Error::Damaged(format!("{} is cut short, changed, or no backup of this instance", self.at))
    }

    fn take(&mut self, length: usize) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let read = (&mut self.bytes).take(length as u64).read_to_end(&mut bytes);
        if read.map_err(|error| Error::file(FilePath::new(&self.at), error))? != length {
            return Err(self.damaged());
        }
        if let Some(hasher) = &mut self.hasher {
            hasher.update(&bytes);
        }
        Ok(bytes)
    }

    fn some<const N: usize>(&mut self) -> Result<[u8; N]> {
        self.take(N)?.try_into().map_err(|_| self.damaged())
    }

    /// The next record; nothing at the end, where the whole file was found as it was written.
    ///
    /// # Errors
    /// [`Error::Damaged`] if it was not.
    #[expect(clippy::should_implement_trait, reason = "an iterator cannot say that it was damaged and stop")]
    pub fn next(&mut self) -> Result<Option<Record>> {
        let [what] = self.some()?;
        if what == END {
            let records = u64::from_le_bytes(self.some()?);
            let hash = self.hasher.as_ref().map(blake3::Hasher::finalize);
            let written: [u8; 32] = self.some()?;
            return match records == self.records && hash.is_none_or(|hash| hash == written) {
                true => Ok(None),
                false => Err(self.damaged()),
            };
        }
        let [table] = self.some()?;
        let row = Path::of(self.some()?);
        self.records += 1;
        match what {
            ROW => {
                let key = Path::of(self.some()?);
                let length = u32::from_le_bytes(self.some()?);
                if length > LONGEST {
                    return Err(self.damaged());
                }
                Ok(Some(Record::Row { table, row, key, sealed: self.take(length as usize)? }))
            }
            GONE => Ok(Some(Record::Gone { table, row })),
            _ => Err(self.damaged()),
        }
    }
}
