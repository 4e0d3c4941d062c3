//! A folder as a place: what is written lies beside its name until it is whole and durable.

use std::io::{ErrorKind, Seek, Write};
use std::path::{Path, PathBuf};

use super::Reading;
use crate::keys::write_private;
use crate::{Error, Result};

/// The ending of what is not whole yet.
pub(super) const HALF: &str = "new";

fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// What lies in a folder, with its path; nothing where there is no folder.
fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let failed = |error| Error::file(folder, error);
    match std::fs::read_dir(folder) {
        Ok(entries) => entries.map(|entry| Ok(entry.map_err(failed)?.path())).collect(),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(failed(error)),
    }
}

pub(super) fn list(folder: &Path) -> Result<Vec<String>> {
    let files = entries(folder)?.into_iter().filter(|path| !path.is_dir());
    Ok(files.map(|path| name_of(&path)).collect())
}

pub(super) fn under(folder: &Path, name: &str) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let mut folders = vec![name.to_owned()];
    while let Some(name) = folders.pop() {
        for path in entries(&folder.join(&name))? {
            let joint = if name.is_empty() { "" } else { "/" };
            let below = format!("{name}{joint}{}", name_of(&path));
            if path.is_dir() { folders.push(below) } else { found.push(below) }
        }
    }
    Ok(found)
}

pub(super) fn size(path: &Path) -> Result<Option<u64>> {
    match std::fs::metadata(path) {
        Ok(metadata) => Ok(Some(metadata.len())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::file(path, error)),
    }
}

pub(super) fn read(path: &Path) -> Result<Option<Reading>> {
    match std::fs::File::open(path) {
        Ok(file) => Ok(Some(Box::new(file))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::file(path, error)),
    }
}

pub(super) fn delete(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(Error::file(path, error)),
        _ => Ok(()),
    }
}

/// Gives what was written beside its place its name, durably.
pub(super) fn rename(half: &Path, path: &Path) -> Result<()> {
    if path.exists() {
        return Err(Error::Place(format!("there is a {} already", path.display())));
    }
    let named = std::fs::rename(half, path).and_then(|()| crate::keys::named_for_good(path));
    named.map_err(|error| Error::file(path, error))
}

pub(super) fn put(path: &Path, from: &Path) -> Result<bool> {
    if path.exists() {
        return Ok(false);
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(|error| Error::file(folder, error))?;
    let half = path.with_extension(HALF);
    let copied = std::fs::copy(from, &half).and_then(|_| std::fs::File::open(&half)?.sync_all());
    copied.map_err(|error| Error::file(path, error))?;
    rename(&half, path)?;
    Ok(true)
}

/// Puts bytes in a file's place, and nought over what lay there, as far as the disk lets anybody.
pub(crate) fn overwrite(path: &Path, bytes: &[u8]) -> Result<()> {
    let before = std::fs::OpenOptions::new().write(true).open(path).ok();
    write_private(path, bytes)?;
    if let Some(mut before) = before {
        let length = before.metadata().map_or(0, |metadata| metadata.len());
        let nought = vec![0; usize::try_from(length).unwrap_or(0)];
        let wiped =
            before.rewind().and_then(|()| before.write_all(&nought)).and_then(|()| before.sync_data());
        wiped.map_err(|error| Error::file(path, error))?;
    }
    Ok(())
}
