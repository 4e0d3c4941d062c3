//! A bucket of an S3-compatible store as a place. An object appears whole or not at all, and is read back and compared
//! before it counts; what is larger than one request goes up in parts, which are no object until the last has come.

use std::fmt;
use std::io::{BufReader, ErrorKind, Read};
use std::path::{Path as FilePath, PathBuf};

use zeroize::Zeroizing;

use super::{Reading, SCHEME};
use crate::{Error, Result};

mod ask;
mod read;
mod sign;
mod upload;
mod words;
mod xml;

use ask::{Answer, Asked, Store};
use read::Windows;

/// Where a backup is written in the data directory until it lies in a bucket.
pub(super) const HALF: &str = "backup.half";

/// How a bucket is reached.
#[derive(Clone)]
pub struct Reach {
    /// The address of the store, `https://` and a host.
    pub endpoint: String,
    /// Its region.
    pub region: String,
    /// The name of the key.
    pub key: String,
    /// Its secret.
    pub secret: Zeroizing<String>,
    /// The certificate of the authority that signed the store's, where it is none that everybody knows.
    pub authority: Option<PathBuf>,
}

/// A bucket, or what lies in it under a prefix.
#[derive(Clone)]
pub struct Bucket {
    name: String,
    prefix: String,
    /// Who answers for it; or in words why that is not known, which whoever asks first is told.
    store: Result<Store, String>,
}

impl fmt::Display for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let joint = if self.prefix.is_empty() { "" } else { "/" };
        write!(f, "{SCHEME}{}{joint}{}", self.name, self.prefix)
    }
}

impl fmt::Debug for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Bucket {
    /// A bucket by its name, `s3://NAME` or `s3://NAME/PREFIX`. A `reach` that is not known is an error of whatever is
    /// done with it first.
    ///
    /// # Errors
    /// In words, if that is no name of a bucket.
    pub fn named(text: &str, reach: impl FnOnce(&str) -> Result<Reach, String>) -> Result<Self, String> {
        let (name, prefix) = parts(text)?;
        let store = reach(name).and_then(|reach| Store::new(&reach));
        Ok(Self { name: name.to_owned(), prefix: prefix.to_owned(), store })
    }

    /// The key of an object, or of a folder of objects.
    fn key(&self, name: &str) -> String {
        match (self.prefix.is_empty(), name.is_empty()) {
            (true, _) => name.to_owned(),
            (false, true) => self.prefix.clone(),
            (false, false) => format!("{}/{name}", self.prefix),
        }
    }

    fn ask(&self, asked: &Asked<'_>) -> Result<Answer> {
        let store = self.store.as_ref().map_err(|words| Error::Bucket(format!("{self}: {words}")))?;
        store.ask(&self.name, asked).map_err(|words| Error::Bucket(format!("{self}: {words}")))
    }

    /// What was answered, if it is what was asked for.
    fn must(&self, asked: &Asked<'_>) -> Result<Answer> {
        let answer = self.ask(asked)?;
        if answer.is_good() { Ok(answer) } else { Err(self.refused(&answer)) }
    }

    fn refused(&self, answer: &Answer) -> Error {
        match &self.store {
            Ok(store) => Error::Bucket(format!("{self}: {}", words::answered(store, &self.name, answer))),
            Err(words) => Error::Bucket(format!("{self}: {words}")),
        }
    }

    pub(super) fn list(&self, folder: &str, deep: bool) -> Result<Vec<String>> {
        let mut prefix = self.key(folder);
        if !prefix.is_empty() {
            prefix.push('/');
        }
        let from = if self.prefix.is_empty() { 0 } else { self.prefix.len() + 1 };
        let mut found = Vec::new();
        let mut next: Option<String> = None;
        loop {
            let mut query = Vec::new();
            query.extend(next.as_deref().map(|token| ("continuation-token", token)));
            query.extend((!deep).then_some(("delimiter", "/")));
            query.extend([("encoding-type", "url"), ("list-type", "2"), ("prefix", &prefix)]);
            let answer = self.must(&Asked::get("").query(&query))?;
            let page = xml::listed(&answer.body)
                .ok_or_else(|| Error::Bucket(format!("{self}: what answers does not list as S3 does")))?;
            found.extend(page.keys.iter().filter_map(|key| key.get(from..)).map(str::to_owned));
            // A store that goes on without saying from where would be asked for ever.
            if page.next.is_none() || page.next == next {
                return Ok(found);
            }
            next = page.next;
        }
    }

    pub(super) fn size(&self, name: &str) -> Result<Option<u64>> {
        let answer = self.ask(&Asked::new("HEAD", &self.key(name)))?;
        match answer.status {
            404 => Ok(None),
            _ if answer.is_good() => Ok(answer.header("content-length").and_then(|size| size.parse().ok())),
            _ => Err(self.refused(&answer)),
        }
    }

    pub(super) fn read(&self, name: &str) -> Result<Option<Reading>> {
        let windows = Windows::open(self.clone(), self.key(name))?;
        Ok(windows.map(|windows| Box::new(windows) as Reading))
    }

    pub(super) fn put(&self, name: &str, from: &FilePath, data: &FilePath) -> Result<bool> {
        let failed = |error| Error::file(from, error);
        let file = std::fs::File::open(from).map_err(failed)?;
        let size = file.metadata().map_err(failed)?.len();
        let put = match size <= upload::PART {
            true => {
                let mut bytes = Vec::new();
                BufReader::new(file).read_to_end(&mut bytes).map_err(failed)?;
                let key = self.key(name);
                let mut answer =
                    self.ask(&Asked::new("PUT", &key).header("if-none-match", "*").body(&bytes))?;
                // A store that does not know the condition: nobody else writes a name of ours.
                if answer.status == 501 && self.size(name)?.is_none() {
                    answer = self.ask(&Asked::new("PUT", &key).body(&bytes))?;
                }
                match answer.status {
                    // Where the first try came through and only its answer was lost, it is ours.
                    412 if answer.tries > 1 => self.holds(name, &mut bytes.as_slice())?,
                    409 | 412 => false,
                    _ if answer.is_good() => true,
                    _ => return Err(self.refused(&answer)),
                }
            }
            false if self.size(name)?.is_some() => false,
            false => {
                upload::whole(self, &self.key(name), file, from, size, data)?;
                true
            }
        };
        if put {
            let mut file = std::fs::File::open(from).map_err(failed)?;
            self.verified(name, &mut file)?;
        }
        Ok(put)
    }

    /// Whether the store kept an earlier version of it.
    pub(super) fn replace(&self, name: &str, mut bytes: &[u8]) -> Result<bool> {
        let answer = self.must(&Asked::new("PUT", &self.key(name)).body(bytes))?;
        self.verified(name, &mut bytes)?;
        Ok(answer.header("x-amz-version-id").is_some_and(|version| version != "null"))
    }

    /// Takes what was put away again unless it is read back as it was.
    fn verified(&self, name: &str, put: &mut dyn Read) -> Result<()> {
        let held = self.holds(name, put);
        if matches!(held, Ok(true)) {
            return Ok(());
        }
        // Whether it is whole cannot be said either where it cannot be read back: it may not stay as if it were.
        let deleted = self.delete(name);
        held?;
        deleted?;
        Err(Error::Damaged(format!("{self}/{name} was not read back as it was put there")))
    }

    /// Whether an object is what was put there.
    fn holds(&self, name: &str, put: &mut dyn Read) -> Result<bool> {
        let Some(mut there) = self.read(name)? else { return Ok(false) };
        let failed = |error| Error::file(FilePath::new(&format!("{self}/{name}")), error);
        let (mut here, mut back) = (blake3::Hasher::new(), blake3::Hasher::new());
        std::io::copy(put, &mut here).map_err(failed)?;
        std::io::copy(&mut there, &mut back).map_err(failed)?;
        Ok(here.finalize() == back.finalize())
    }

    pub(super) fn delete(&self, name: &str) -> Result<()> {
        let answer = self.ask(&Asked::new("DELETE", &self.key(name)))?;
        if answer.is_good() || answer.status == 404 { Ok(()) } else { Err(self.refused(&answer)) }
    }

    pub(super) fn latest_only(&self) -> Result<()> {
        let answer = self.ask(&Asked::get("").query(&[("versioning", "")]))?;
        match answer.status {
            // A store that has no versions does not know the question.
            405 | 501 => {}
            403 if words::is_denied(&answer) => {
                return Err(Error::Bucket(format!(
                    "{self}: the key may not ask whether this bucket keeps old versions; allow it s3:GetBucketVersioning"
                )));
            }
            _ if !answer.is_good() => return Err(self.refused(&answer)),
            _ if xml::value(&answer.body, "Status").is_some() => return Err(self.keeps_versions()),
            _ => {}
        }
        // Whoever has no locks answers with an error, each its own.
        let answer = self.ask(&Asked::get("").query(&[("object-lock", "")]))?;
        match answer.is_good() && xml::value(&answer.body, "ObjectLockEnabled").is_some() {
            true => Err(Error::Bucket(format!(
                "{self}: this bucket has object lock on, so that nothing in it can go. The safe needs a bucket without: what is \
                 erased must leave the backups at once"
            ))),
            false => Ok(()),
        }
    }

    pub(super) fn keeps_versions(&self) -> Error {
        Error::Bucket(format!(
            "{self}: this bucket keeps old versions, or did once, and with an old version of the safe a backup gives back what was \
             erased since. Make another bucket for the safe, on which versioning was never on"
        ))
    }

    /// Whether old versions of what is deleted here stay, where it can be told.
    #[must_use]
    pub fn is_versioned(&self) -> bool {
        self.ask(&Asked::get("").query(&[("versioning", "")])).is_ok_and(|answer| {
            answer.is_good() && xml::value(&answer.body, "Status").as_deref() == Some("Enabled")
        })
    }

    pub(super) fn leave_upload(&self, data: &FilePath) -> Result<()> {
        // An earlier version of the program had one note for all buckets.
        for path in [upload::note(self, data), data.join("backup.upload")] {
            match std::fs::read_to_string(&path) {
                Ok(noted) if upload::leave(self, &noted)? => {
                    std::fs::remove_file(&path).map_err(|error| Error::file(&path, error))?;
                }
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(Error::file(&path, error)),
            }
        }
        Ok(())
    }
}

/// The bucket and the prefix of a name.
///
/// # Errors
/// In words, if it is none.
pub fn parts(text: &str) -> Result<(&str, &str), String> {
    let rest = text.strip_prefix(SCHEME).unwrap_or(text);
    let (name, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    let prefix = prefix.trim_end_matches('/');
    let plain = |text: &str, more: &str| {
        text.bytes().all(|byte| byte.is_ascii_alphanumeric() || more.as_bytes().contains(&byte))
    };
    let is_name = (3..=63).contains(&name.len()) && plain(name, ".-_");
    let is_prefix = plain(prefix, "._-/") && !prefix.split('/').any(|part| matches!(part, "." | ".."));
    match is_name && is_prefix && !prefix.contains("//") && !prefix.starts_with('/') {
        true => Ok((name, prefix)),
        false => Err(format!(
            "a bucket is named here as `{SCHEME}cti-backups` or `{SCHEME}cti-backups/probity`: letters, digits, hyphens, dots"
        )),
    }
}
