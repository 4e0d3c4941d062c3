//! What the newest backup held, so that the next one writes only what changed: for each row its key's path and a
//! keyed tag of what stood in it, in the order in which the database is read. A tag says nothing to whoever does not
//! have the ring. Losing the file costs a whole backup and nothing else.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::{Path as FilePath, PathBuf};

use crate::ring::Path;
use crate::{Error, Result};

const ENTRY: usize = 1 + 16 + 16 + 16;

/// One row of the newest backup.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Entry {
    pub table: u8,
    pub row: Path,
    pub key: Path,
    pub tag: [u8; 16],
}

impl Entry {
    fn order(&self) -> (u8, [u8; 16]) {
        (self.table, self.row.bytes())
    }
}

/// Where it lies in the data directory.
pub(crate) fn place(data: &FilePath) -> PathBuf {
    data.join("backup-state")
}

/// The rows of the newest backup, one after another.
pub(crate) struct Earlier {
    path: PathBuf,
    file: Option<BufReader<File>>,
    next: Option<Entry>,
}

impl Earlier {
    /// Opens the state of one backup; an empty one where there is none of it.
    pub(crate) fn open(data: &FilePath, of: &str) -> Result<Self> {
        let path = place(data);
        let mut found = Self { path: path.clone(), file: None, next: None };
        let Ok(file) = File::open(&path) else { return Ok(found) };
        let mut file = BufReader::with_capacity(1 << 18, file);
        let mut name = vec![0; of.len() + 1];
        if file.read_exact(&mut name).is_ok() && name == format!("{of}\n").as_bytes() {
            found.file = Some(file);
            found.advance()?;
        }
        Ok(found)
    }

    /// Whether there is anything in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.next.is_none()
    }

    fn advance(&mut self) -> Result<()> {
        self.next = None;
        let Some(file) = &mut self.file else { return Ok(()) };
        let mut bytes = [0; ENTRY];
        match file.read_exact(&mut bytes) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(()),
            Err(error) => return Err(Error::file(&self.path, error)),
        }
        let [table, rest @ ..] = bytes;
        let (row, rest) = rest.split_at(16);
        let (key, tag) = rest.split_at(16);
        let sixteen = |bytes: &[u8]| <[u8; 16]>::try_from(bytes).unwrap_or_default();
        self.next = Some(Entry {
            table,
            row: Path::of(sixteen(row)),
            key: Path::of(sixteen(key)),
            tag: sixteen(tag),
        });
        Ok(())
    }

    /// The entry of a row, if there is one; `passed` is called with every entry before it: those rows are gone.
    pub(crate) fn find(
        &mut self,
        table: u8,
        row: Path,
        mut passed: impl FnMut(Entry) -> Result<()>,
    ) -> Result<Option<Entry>> {
        while let Some(entry) = self.next {
            match entry.order().cmp(&(table, row.bytes())) {
                std::cmp::Ordering::Less => passed(entry)?,
                std::cmp::Ordering::Equal => {
                    self.advance()?;
                    return Ok(Some(entry));
                }
                std::cmp::Ordering::Greater => return Ok(None),
            }
            self.advance()?;
        }
        Ok(None)
    }

    /// Every entry that is left: those rows are gone.
    pub(crate) fn rest(&mut self, mut passed: impl FnMut(Entry) -> Result<()>) -> Result<()> {
        while let Some(entry) = self.next {
            passed(entry)?;
            self.advance()?;
        }
        Ok(())
    }
}

/// The state of the backup being made, beside its place.
pub(crate) struct Later {
    beside: PathBuf,
    file: BufWriter<File>,
}

impl Later {
    pub(crate) fn begin(data: &FilePath, of: &str) -> Result<Self> {
        let beside = place(data).with_extension("new");
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&beside).map_err(|error| Error::file(&beside, error))?;
        let mut later = Self { beside, file: BufWriter::with_capacity(1 << 18, file) };
        later.put(format!("{of}\n").as_bytes())?;
        Ok(later)
    }

    fn put(&mut self, bytes: &[u8]) -> Result<()> {
        self.file.write_all(bytes).map_err(|error| Error::file(&self.beside, error))
    }

    pub(crate) fn add(&mut self, entry: Entry) -> Result<()> {
        let mut bytes = Vec::with_capacity(ENTRY);
        bytes.push(entry.table);
        bytes.extend_from_slice(&entry.row.bytes());
        bytes.extend_from_slice(&entry.key.bytes());
        bytes.extend_from_slice(&entry.tag);
        self.put(&bytes)
    }

    /// Takes the place of the state before.
    pub(crate) fn end(self, data: &FilePath) -> Result<()> {
        let failed = |error| Error::file(&self.beside, error);
        let file = self.file.into_inner().map_err(|error| failed(error.into_error()))?;
        file.sync_all().map_err(failed)?;
        std::fs::rename(&self.beside, place(data)).map_err(failed)
    }
}
