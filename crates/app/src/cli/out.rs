//! Where a command writes what it makes of people: standard output, or a file that only its owner reads. The file is made before anything
//! is decided: what has nowhere to go does not go, and is not written down as gone.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use policy::count::counted_len;

use super::{Failure, complain};

/// A place that is ready.
pub struct Out {
    file: Option<(PathBuf, File)>,
    written: bool,
}

impl Out {
    /// Standard output, or a new file.
    ///
    /// # Errors
    /// If the file is there already, or cannot be made.
    pub fn to(path: Option<&Path>) -> Result<Self, Failure> {
        let made = path.map(|path| {
            let opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
            opened.map(|file| (path.to_owned(), file)).map_err(|error| match error.kind() {
                std::io::ErrorKind::AlreadyExists => Failure(format!("`{}` exists already", path.display())),
                _ => Failure(format!("`{}`: {error}", path.display())),
            })
        });
        Ok(Self { file: made.transpose()?, written: false })
    }

    /// Writes what was made of so many people there.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write(mut self, bytes: &[u8], people: usize) -> Result<(), Failure> {
        let Some((path, file)) = &mut self.file else {
            return Ok(std::io::stdout().lock().write_all(bytes)?);
        };
        let written = file.write_all(bytes).and_then(|()| file.sync_all());
        written.map_err(|error| Failure(format!("`{}`: {error}", path.display())))?;
        complain(format_args!("{} written to {}", counted_len(people, "person"), path.display()));
        self.written = true;
        Ok(())
    }
}

impl Drop for Out {
    fn drop(&mut self) {
        if let Some((path, _)) = self.file.as_ref().filter(|_| !self.written) {
            drop(std::fs::remove_file(path));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_file_is_its_owners_and_there_only_if_something_went() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("list.csv");
        drop(Out::to(Some(&path)).unwrap());
        assert!(!path.exists(), "nothing was made");
        Out::to(Some(&path)).unwrap().write(b"email\r\n", 1).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"email\r\n");
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert!(Out::to(Some(&path)).is_err_and(|error| error.0.contains("exists already")));
        assert!(path.exists(), "what is there already is left there");
        assert!(Out::to(Some(&place.path().join("none/list.csv"))).is_err());
    }
}
