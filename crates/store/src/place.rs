//! A place outside the instance, for backups and for safes: a folder, or a bucket of an S3-compatible store. What is put
//! there is there whole or not at all; a bucket is read back before anything counts. It knows nothing of what it keeps.

use std::fmt;
use std::io::Read;
use std::path::{Path as FilePath, PathBuf};

use crate::{Error, Result};

pub mod bucket;
mod folder;

pub use bucket::{Bucket, Reach};
pub(crate) use folder::overwrite;

/// What the name of a bucket begins with.
pub const SCHEME: &str = "s3://";

/// A place outside the instance.
#[derive(Clone, Debug)]
pub enum Place {
    /// A folder.
    Folder(PathBuf),
    /// A bucket, or what lies in it under a prefix.
    Bucket(Bucket),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => folder.display().fmt(f),
            Self::Bucket(bucket) => bucket.fmt(f),
        }
    }
}

impl From<PathBuf> for Place {
    fn from(folder: PathBuf) -> Self {
        Self::Folder(folder)
    }
}

impl From<&FilePath> for Place {
    fn from(folder: &FilePath) -> Self {
        Self::Folder(folder.to_owned())
    }
}

/// What a place is tried with.
const PROBE: &str = "probity.probe";

/// Tries a place: something is put there, read back, and taken away again. `for_good`: nothing of it may stay.
///
/// # Errors
/// Whatever does not work.
pub fn probe(place: &Place, for_good: bool) -> Result<()> {
    let mut bytes = [0; 32];
    crate::keys::random(&mut bytes)?;
    if !for_good {
        place.prepare()?;
    }
    match for_good {
        true => place.replace_for_good(PROBE, &bytes)?,
        false => place.replace(PROBE, &bytes)?,
    }
    place.list()?;
    let back = place.get(PROBE)?;
    place.delete(PROBE)?;
    match back.as_deref() == Some(&bytes[..]) {
        true => Ok(()),
        false => Err(Error::Damaged(format!("what was put into {place} is not what was read back"))),
    }
}

/// What is being read, piece by piece.
pub type Reading = Box<dyn Read + Send>;

impl Place {
    /// The place as it is called wherever it is looked at from.
    ///
    /// # Errors
    /// If there is no working directory.
    pub fn whole(&self) -> Result<String> {
        match self {
            Self::Folder(folder) => {
                let whole = std::path::absolute(folder).map_err(|error| Error::file(folder, error))?;
                Ok(whole.display().to_string())
            }
            Self::Bucket(bucket) => Ok(bucket.to_string()),
        }
    }

    /// Where something lies in it, for people.
    #[must_use]
    pub fn at(&self, name: &str) -> String {
        match self {
            Self::Folder(folder) => folder.join(name).display().to_string(),
            Self::Bucket(bucket) => format!("{bucket}/{name}"),
        }
    }

    /// Makes a folder where there is none. A bucket is for its owner to make.
    ///
    /// # Errors
    /// Whatever the disk says.
    pub fn prepare(&self) -> Result<()> {
        match self {
            Self::Folder(folder) => {
                std::fs::create_dir_all(folder).map_err(|error| Error::file(folder, error))
            }
            Self::Bucket(_) => Ok(()),
        }
    }

    /// The names of what lies in it, and not in folders of it. None where there is no such folder.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn list(&self) -> Result<Vec<String>> {
        match self {
            Self::Folder(folder) => folder::list(folder),
            Self::Bucket(bucket) => bucket.list("", false),
        }
    }

    /// The names of everything that lies under a folder of it, each from the place on.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn under(&self, name: &str) -> Result<Vec<String>> {
        match self {
            Self::Folder(folder) => folder::under(folder, name),
            Self::Bucket(bucket) => bucket.list(name, true),
        }
    }

    /// How many bytes something has; nothing where there is none.
    ///
    /// # Errors
    /// If it cannot be looked at.
    pub fn size(&self, name: &str) -> Result<Option<u64>> {
        match self {
            Self::Folder(folder) => folder::size(&folder.join(name)),
            Self::Bucket(bucket) => bucket.size(name),
        }
    }

    /// Begins to read something; nothing where there is none.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn read(&self, name: &str) -> Result<Option<Reading>> {
        match self {
            Self::Folder(folder) => folder::read(&folder.join(name)),
            Self::Bucket(bucket) => bucket.read(name),
        }
    }

    /// All of something, nothing where there is none.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn get(&self, name: &str) -> Result<Option<Vec<u8>>> {
        let Some(mut reading) = self.read(name)? else { return Ok(None) };
        let mut bytes = Vec::new();
        reading.read_to_end(&mut bytes).map_err(|error| Error::file(FilePath::new(&self.at(name)), error))?;
        Ok(Some(bytes))
    }

    /// Where a file is written before it is put here: beside its place in a folder, in the data directory for a bucket. In a
    /// folder its name says whose it is: that stands there as soon as the file does, before anything is written into it.
    #[must_use]
    pub fn half(&self, name: &str, of: &str, data: &FilePath) -> PathBuf {
        match self {
            Self::Folder(folder) => folder.join(name).with_extension(format!("{of}.{}", folder::HALF)),
            Self::Bucket(_) => data.join(bucket::HALF),
        }
    }

    /// Puts a file that lies where [`Place::half`] says into its place, where nothing lies yet, and takes it away there.
    ///
    /// # Errors
    /// [`Error::Place`] if something lies there; if it cannot be written, or is not read back as it was. Then nothing is
    /// there.
    pub fn put_half(&self, name: &str, of: &str, data: &FilePath) -> Result<()> {
        let half = self.half(name, of, data);
        match self {
            Self::Folder(folder) => folder::rename(&half, &folder.join(name)),
            Self::Bucket(bucket) => {
                let put = bucket.put(name, &half, data)?;
                std::fs::remove_file(&half).map_err(|error| Error::file(&half, error))?;
                if put { Ok(()) } else { Err(Error::Place(format!("there is a {} already", self.at(name)))) }
            }
        }
    }

    /// Copies a file into its place, where nothing lies yet. Whether it did.
    ///
    /// # Errors
    /// If it cannot be read or written, or is not read back as it was. Then nothing is there.
    pub fn put(&self, name: &str, from: &FilePath, data: &FilePath) -> Result<bool> {
        match self {
            Self::Folder(folder) => folder::put(&folder.join(name), from),
            Self::Bucket(bucket) => bucket.put(name, from, data),
        }
    }

    /// Puts bytes in place of what lay there.
    ///
    /// # Errors
    /// If they cannot be written.
    pub fn replace(&self, name: &str, bytes: &[u8]) -> Result<()> {
        match self {
            Self::Folder(folder) => crate::keys::write_private(&folder.join(name), bytes),
            Self::Bucket(bucket) => bucket.replace(name, bytes).map(drop),
        }
    }

    /// Puts bytes in place of what lay there, of which nothing may stay: nought goes over the old bytes of a file as far
    /// as the disk lets anybody, and a bucket that keeps versions is refused.
    ///
    /// # Errors
    /// If they cannot be written, or an old version would stay.
    pub fn replace_for_good(&self, name: &str, bytes: &[u8]) -> Result<()> {
        match self {
            Self::Folder(folder) => overwrite(&folder.join(name), bytes),
            Self::Bucket(bucket) => {
                bucket.latest_only()?;
                match bucket.replace(name, bytes)? {
                    true => Err(bucket.keeps_versions()),
                    false => Ok(()),
                }
            }
        }
    }

    /// Refuses a place in which something that was replaced or deleted would stay as an earlier version.
    ///
    /// # Errors
    /// [`Error::Bucket`] saying what to do about it.
    pub fn latest_only(&self) -> Result<()> {
        match self {
            Self::Folder(_) => Ok(()),
            Self::Bucket(bucket) => bucket.latest_only(),
        }
    }

    /// Takes something away. What is not there is no error.
    ///
    /// # Errors
    /// If it cannot be taken away.
    pub fn delete(&self, name: &str) -> Result<()> {
        match self {
            Self::Folder(folder) => folder::delete(&folder.join(name)),
            Self::Bucket(bucket) => bucket.delete(name),
        }
    }

    /// Takes away what was being put here when the program was killed: the half of a file, and the parts that a bucket
    /// keeps of an upload that was broken off. `ours` says of a half in a folder whether it is.
    ///
    /// # Errors
    /// If it cannot be taken away.
    pub fn leave_half(&self, data: &FilePath, ours: impl Fn(&str) -> bool) -> Result<()> {
        match self {
            Self::Folder(folder) => {
                for name in folder::list(folder)?.into_iter().filter(|name| ours(name)) {
                    folder::delete(&folder.join(name))?;
                }
                Ok(())
            }
            Self::Bucket(bucket) => {
                folder::delete(&data.join(bucket::HALF))?;
                bucket.leave_upload(data)
            }
        }
    }
}
