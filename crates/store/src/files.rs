//! Files under `DATA/files/`, each encrypted under a random key of its own.
//!
//! The key stands wrapped in the row that refers to the file and nowhere else: when the row goes the
//! bytes are unreadable at once, and unlinking them is housekeeping. Nothing is ever written in clear.

use std::fs;
use std::io::{BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use chacha20poly1305::aead::{Aead, KeyInit};
use chacha20poly1305::{ChaCha20Poly1305, Nonce};
use zeroize::Zeroizing;

use crate::keys::{Key, Keys, hex, random};
use crate::{Error, Result, Store, Tx};

const MAGIC: &[u8] = b"probity file 1\n";
/// The folder they lie in.
pub const FOLDER: &str = "files";
const CHUNK: usize = 64 * 1024;
const TAG: usize = 16;

/// A file as the database refers to it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredFile {
    /// Its name under `DATA/files/`: random, and says nothing.
    pub name: String,
    /// Its wrapped key.
    pub key: Vec<u8>,
    /// Bytes of its content.
    pub size: u64,
}

/// Encrypts a file to the disk, durably, before the row that will refer to it is written. A file whose
/// row never comes is taken away by [`tidy`].
///
/// # Errors
/// Whatever the disk or the reader says; then nothing stays behind.
pub fn write(store: &Store, content: impl Read) -> Result<StoredFile> {
    let mut random_name = [0; 16];
    random(&mut random_name)?;
    let name = hex(&random_name);
    let path = path_of(store.data(), &name)?;
    let directory = path.parent().unwrap_or(store.data()).to_owned();
    fs::create_dir_all(&directory).map_err(|error| Error::file(&directory, error))?;
    let beside = path.with_extension("new");
    let key = Key::random()?;
    let size = encrypt(&beside, &key, content).inspect_err(|_| {
        let _ = fs::remove_file(&beside);
    })?;
    fs::rename(&beside, &path).map_err(|error| Error::file(&path, error))?;
    fs::File::open(&directory)
        .and_then(|directory| directory.sync_all())
        .map_err(|error| Error::file(&directory, error))?;
    let wrapped = store.keys().files().seal(&wrapped_as(&name), key.bytes())?;
    Ok(StoredFile { name, key: wrapped, size })
}

/// Decrypts a whole file.
///
/// # Errors
/// [`Error::Missing`] if it is not there; [`Error::Damaged`] if a single byte is not as it was written.
pub fn read(store: &Store, name: &str, key: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let mut content = Zeroizing::new(Vec::new());
    read_to(store, name, key, &mut *content)?;
    Ok(content)
}

/// Decrypts a file piece by piece; how many bytes. A piece is handed on only when it was found unchanged,
/// but that the file is whole is known only at its end.
///
/// # Errors
/// As [`read`]; whatever the writer says.
pub fn read_to(store: &Store, name: &str, key: &[u8], mut to: impl Write) -> Result<u64> {
    let path = path_of(store.data(), name)?;
    let key = unwrap(store.keys(), name, key)?;
    let file = fs::File::open(&path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Error::Missing,
        _ => Error::file(&path, error),
    })?;
    decrypt(&path, file, &key, &mut to)
}

/// Takes a file's bytes away, after the row that referred to it has gone. One that is not there is no error.
///
/// # Errors
/// Whatever the disk says.
pub fn remove(store: &Store, name: &str) -> Result<()> {
    let path = path_of(store.data(), name)?;
    match fs::remove_file(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::file(&path, error)),
        _ => Ok(()),
    }
}

/// Whether a file's bytes are on the disk.
///
/// # Errors
/// If this is no name of a file.
pub fn exists(store: &Store, name: &str) -> Result<bool> {
    Ok(path_of(store.data(), name)?.exists())
}

/// The names of every file that some row refers to.
///
/// # Errors
/// Whatever the database says.
pub fn referred(tx: &Tx<'_>) -> Result<std::collections::BTreeSet<String>> {
    let mut names = std::collections::BTreeSet::new();
    for table in
        crate::schema::tables().filter(|table| table.columns.iter().any(|column| column.name == "file_key"))
    {
        names.extend(tx.all(
            &format!("SELECT file FROM {} WHERE file IS NOT NULL", table.name),
            &[],
            |row| row.text(0),
        )?);
    }
    Ok(names)
}

/// What was tidied away.
#[derive(Debug, Default)]
pub struct Tidied {
    /// How many files went.
    pub gone: u64,
    /// Those that would not go, each with why.
    pub left: Vec<String>,
}

/// Takes away files that no row refers to and that nobody is still writing: older than an hour. One that will not go stops
/// no other.
///
/// # Errors
/// Whatever the database says.
pub fn tidy(store: &Store) -> Result<Tidied> {
    let (found, left) = names(store.data());
    let referred = store.read(referred)?;
    let mut tidied = Tidied { gone: 0, left };
    for (path, name) in found {
        // What was only just written may still get its row; what is no file never will.
        let young = path.metadata().is_ok_and(|metadata| {
            let age = metadata.modified().ok().and_then(|at| at.elapsed().ok());
            metadata.is_file() && age.is_some_and(|age| age < Duration::from_secs(3600))
        });
        if young || referred.contains(&name) {
            continue;
        }
        match fs::remove_file(&path) {
            Ok(()) => tidied.gone += 1,
            Err(error) => tidied.left.push(format!("file {name}: {}", Error::file(&path, error))),
        }
    }
    Ok(tidied)
}

/// Every file under `DATA/files/` and its name, half-written ones too; and what lies there and cannot be looked through, each
/// with why.
pub(crate) fn names(data: &Path) -> (Vec<(PathBuf, String)>, Vec<String>) {
    let (mut found, mut left) = (Vec::new(), Vec::new());
    let top = data.join(FOLDER);
    let Ok(directories) = fs::read_dir(&top) else { return (found, left) };
    for directory in directories {
        let directory = match directory {
            Ok(directory) => directory.path(),
            Err(error) => {
                left.push(Error::file(&top, error).to_string());
                continue;
            }
        };
        // A disk of its own has this, and it is nobody's but the system's.
        if directory.ends_with("lost+found") {
            continue;
        }
        let all = fs::read_dir(&directory)
            .and_then(|files| files.map(|file| Ok(file?.path())).collect::<std::io::Result<Vec<_>>>());
        match all {
            Ok(paths) => found.extend(paths.into_iter().map(|path| {
                let name =
                    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                (path, name)
            })),
            Err(error) => left.push(format!("{} is none of ours: {error}", directory.display())),
        }
    }
    (found, left)
}

/// A name comes out of the database and becomes part of a path: only the form [`write`] gives it will do.
pub(crate) fn path_of(data: &Path, name: &str) -> Result<PathBuf> {
    match name.get(..2) {
        Some(start) if name.len() == 32 && name.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            Ok(data.join(FOLDER).join(start).join(name))
        }
        _ => Err(Error::Malformed("the name of a file".into())),
    }
}

fn wrapped_as(name: &str) -> String {
    format!("key of file {name}")
}

fn unwrap(keys: &Keys, name: &str, wrapped: &[u8]) -> Result<Key> {
    let plain = keys.files().unseal(&wrapped_as(name), wrapped)?;
    let bytes =
        <[u8; 32]>::try_from(plain.as_slice()).map_err(|_| Error::Damaged("the key of a file".into()))?;
    Ok(Key::of(bytes))
}

/// The nonce of a chunk: its number, and whether it is the last. The key is the file's alone, so numbers
/// are enough; the mark at the end shows a file that was cut short.
fn nonce(chunk: u64, last: bool) -> Nonce {
    let mut nonce = [0; 12];
    for (place, byte) in nonce.iter_mut().zip(chunk.to_le_bytes()) {
        *place = byte;
    }
    if let Some(mark) = nonce.last_mut() {
        *mark = last.into();
    }
    nonce.into()
}

fn encrypt(path: &Path, key: &Key, mut content: impl Read) -> Result<u64> {
    let failed = |error| Error::file(path, error);
    let cipher = ChaCha20Poly1305::new(&(*key.bytes()).into());
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(failed)?;
    file.write_all(MAGIC).map_err(failed)?;
    let (mut size, mut chunk) = (0, 0);
    let mut piece = take(&mut content).map_err(failed)?;
    loop {
        let next =
            if piece.len() < CHUNK { Zeroizing::default() } else { take(&mut content).map_err(failed)? };
        let last = next.is_empty();
        let sealed = cipher
            .encrypt(&nonce(chunk, last), piece.as_slice())
            .map_err(|_| Error::Damaged("a file cannot be encrypted".into()))?;
        file.write_all(&sealed).map_err(failed)?;
        size += piece.len() as u64;
        if last {
            break;
        }
        chunk += 1;
        piece = next;
    }
    file.sync_all().map_err(failed)?;
    Ok(size)
}

fn take(from: &mut impl Read) -> std::io::Result<Zeroizing<Vec<u8>>> {
    let mut piece = Zeroizing::new(Vec::with_capacity(CHUNK));
    from.by_ref().take(CHUNK as u64).read_to_end(&mut piece)?;
    Ok(piece)
}

fn decrypt(path: &Path, file: fs::File, key: &Key, to: &mut impl Write) -> Result<u64> {
    let failed = |error| Error::file(path, error);
    let damaged = || Error::Damaged(format!("{} is not as it was written", path.display()));
    let cipher = ChaCha20Poly1305::new(&(*key.bytes()).into());
    let mut file = BufReader::with_capacity(CHUNK + TAG, file);
    let mut magic = [0; MAGIC.len()];
    file.read_exact(&mut magic).map_err(|_| damaged())?;
    if magic != MAGIC {
        return Err(damaged());
    }
    let (mut size, mut chunk) = (0, 0);
    let mut sealed = next(&mut file).map_err(failed)?;
    loop {
        let following = next(&mut file).map_err(failed)?;
        let last = following.is_empty();
        let piece = cipher
            .decrypt(&nonce(chunk, last), sealed.as_slice())
            .map(Zeroizing::new)
            .map_err(|_| damaged())?;
        to.write_all(&piece).map_err(failed)?;
        size += piece.len() as u64;
        if last {
            return Ok(size);
        }
        chunk += 1;
        sealed = following;
    }
}

fn next(file: &mut impl Read) -> std::io::Result<Vec<u8>> {
    let mut sealed = Vec::with_capacity(CHUNK + TAG);
    file.by_ref().take((CHUNK + TAG) as u64).read_to_end(&mut sealed)?;
    Ok(sealed)
}
