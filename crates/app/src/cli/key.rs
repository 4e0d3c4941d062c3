//! `probity key`: a new key in the place of the old one, and the recovery sheet, from which an instance can be brought
//! back when the machine and the key are lost. The key itself is written to files that only their owner reads, and to no
//! terminal.

use std::io::{BufRead, IsTerminal, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use store::Keys;
use store::keys::{self, Secret};
use zeroize::Zeroizing;

use super::place::{Place, derive, inside};
use super::{Failure, Outcome};
use crate::acts::{Acting, backup, key as acts};
use crate::fault::Fault;
use crate::instance::Instance;

/// Where the passphrase that is to hold from now on stands.
const NEW_PASSPHRASE: &str = "PROBITY_NEW_PASSPHRASE";

/// What `key` takes.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand, Debug)]
enum What {
    /// Put a new key in the place of the old one, which opens nothing any more. Interrupted, it is simply run again.
    Rotate {
        #[command(flatten)]
        place: Place,
        /// Write the new key here (or read it, if the file is there) instead of in the place of the old one's file.
        #[arg(long)]
        new_key_file: Option<PathBuf>,
    },
    /// Make the recovery sheet, a PDF to be printed and locked away.
    RecoverySheet {
        #[command(flatten)]
        place: Place,
        /// The file to write: print it, then delete it.
        #[arg(long)]
        out: PathBuf,
    },
    /// Say that the sheet is printed and locked away: asks for the last group of the key on it.
    Confirm {
        #[command(flatten)]
        place: Place,
        /// The last group, four characters; without it it is asked for.
        #[arg(long)]
        group: Option<String>,
    },
}

/// Runs it.
///
/// # Errors
/// If the instance cannot be opened, a place cannot be written, or what was typed is not what stands on the sheet.
pub fn run(args: &Args) -> Outcome {
    match &args.what {
        What::Rotate { place, new_key_file } => rotate(place, new_key_file.as_deref()),
        What::RecoverySheet { place, out } => {
            write_sheet(&place.open()?, out)?;
            super::say(format_args!(
                "{} is written. Print it, delete the file, lock the paper away from the machine and the backups, then:  \
                 probity key confirm --data {}",
                out.display(),
                place.data.display()
            ));
            Ok(ExitCode::SUCCESS)
        }
        What::Confirm { place, group } => {
            let instance = place.open()?;
            let typed = match group {
                Some(group) => group.clone(),
                None => asked("The last group of the key on the sheet (end of line 4): ")?,
            };
            let acting = Acting::system(&instance, "command line");
            instance.store.write(|tx| acts::confirm(&acting, tx, &typed))?;
            super::say("Confirmed: somebody holds the recovery sheet of this key.");
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Asks for a line.
fn asked(words: &str) -> Result<String, Failure> {
    if std::io::stdin().is_terminal() {
        write!(std::io::stderr(), "{words}")?;
    }
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim().to_owned())
}

/// Reads the key from standard input, as it stands on the sheet or in a key file; whether it was the sheet's.
///
/// # Errors
/// If it is none; the line with the mistake is named.
pub fn typed() -> Result<(Secret, bool), Failure> {
    if std::io::stdin().is_terminal() {
        writeln!(
            std::io::stderr(),
            "Type the key as it stands on the recovery sheet, four lines without their numbers:"
        )?;
    }
    let mut text = Zeroizing::new(String::new());
    for line in std::io::stdin().lock().lines() {
        text.push_str(&Zeroizing::new(line?));
        text.push('\n');
        let typed = text.chars().filter(char::is_ascii_alphanumeric).count();
        if typed >= 80 || (typed == 64 && text.lines().count() == 1) {
            break;
        }
    }
    let sheet = text.chars().filter(char::is_ascii_alphanumeric).count() >= 80;
    Ok((Secret::typed(&text)?, sheet))
}

/// Makes the sheet and writes it to a file of its own, which only its owner reads.
///
/// # Errors
/// If the file is there already, or would lie with the data, the backups or the safe.
pub fn write_sheet(instance: &Instance, out: &Path) -> Result<(), Failure> {
    let mut folders = vec![instance.store.data().to_owned()];
    for place in backup::safes(instance)?.into_iter().chain([backup::place(instance)?]) {
        if let store::place::Place::Folder(folder) = place {
            folders.push(folder);
        }
    }
    if let Some(folder) = folders.into_iter().find(|folder| inside(out, folder)) {
        return Err(Failure(format!(
            "{} lies in {}: whoever finds the one would have the other. Write the sheet somewhere else",
            out.display(),
            folder.display()
        )));
    }
    let mut options = std::fs::OpenOptions::new();
    let mut file = options.write(true).create_new(true).mode(0o600).open(out).map_err(|error| {
        Failure(match error.kind() {
            std::io::ErrorKind::AlreadyExists => format!("{} exists already", out.display()),
            _ => format!("{}: {error}", out.display()),
        })
    })?;
    let acting = Acting::system(instance, "command line");
    let made = instance.store.write(|tx| acts::sheet(&acting, tx)).map_err(Failure::from).and_then(|sheet| {
        let data = serde_json::to_value(&sheet)?;
        Ok(::print::pdf(::print::Template::Sheet, &data, crate::clock::machine().as_millisecond())?)
    });
    let written = made.and_then(|printed| Ok(file.write_all(&printed.pdf).and_then(|()| file.sync_all())?));
    written.inspect_err(|_| {
        let _ = std::fs::remove_file(out);
    })
}

/// Where the new key comes from, and where it is at the end.
enum New {
    /// A file beside the old one's, which takes its place.
    Beside { file: PathBuf, of: PathBuf },
    /// A file of its own.
    File(PathBuf),
    /// A passphrase.
    Passphrase(Secret),
}

impl New {
    fn of(place: &Place, file: Option<&Path>) -> Result<Self, Failure> {
        if let Some(file) = file {
            if inside(file, &place.data) {
                return Err(Failure(format!(
                    "{} lies inside the data directory: a key beside the data it locks protects nothing",
                    file.display()
                )));
            }
            return Ok(Self::File(file.to_owned()));
        }
        if let Some(of) = place.its_key_file() {
            return Ok(Self::Beside { file: next(&of), of });
        }
        if std::env::var_os(store::keys::VARIABLE).is_some() {
            return Err(Failure(format!(
                "the key stands in {}, where no new one can be written: say with --new-key-file where it is to go",
                store::keys::VARIABLE
            )));
        }
        let passphrase = std::env::var(NEW_PASSPHRASE).map_err(|_| {
            Failure(format!(
                "set {NEW_PASSPHRASE} to the passphrase that is to hold from now on, or give --new-key-file"
            ))
        })?;
        Ok(Self::Passphrase(derive(&place.data, &passphrase.into())?))
    }

    /// The new key: drawn, and on the disk, before anything is wrapped in it.
    fn secret(&self) -> Result<Secret, Failure> {
        match self {
            Self::Beside { file, .. } | Self::File(file) => {
                if !file.exists() {
                    Secret::random()?.write_to(file)?;
                }
                Ok(Secret::from_file(file)?)
            }
            Self::Passphrase(secret) => Ok(secret.clone()),
        }
    }
}

/// The file of the key to come, beside that of the key as it is.
fn next(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".next");
    name.into()
}

fn rotate(place: &Place, new_key_file: Option<&Path>) -> Outcome {
    its_owner(&place.data)?;
    let old = place.secret()?;
    let opens = |secret: &Secret| match Keys::open(&place.data, secret) {
        Ok(_) => Ok(true),
        Err(store::Error::WrongKey(_)) => Ok(false),
        Err(error) => Err(error),
    };
    let old_opens = opens(&old)?;
    let turn = New::of(place, new_key_file)?;
    let there = matches!(&turn, New::Beside { file, .. } | New::File(file) if file.exists());
    if !old_opens && !there && !matches!(turn, New::Passphrase(_)) {
        return Err(explain(place, &store::Error::WrongKey(place.data.join("keyring"))));
    }
    let new = turn.secret()?;
    let new_opens = opens(&new)?;
    let secret = match (old_opens, new_opens) {
        (true, true) => return Err(Failure("the new key is the old one".to_owned())),
        (true, false) => &old,
        (false, true) => &new,
        (false, false) => return Err(explain(place, &store::Error::WrongKey(place.data.join("keyring")))),
    };
    let instance = Instance::open(&place.data, place.database.as_deref(), secret)?;
    let done = acts::rotate(&instance, &new)?;
    let (mut old_one, mut to_start) = (String::new(), String::new());
    match &turn {
        New::Beside { file, of } => {
            keys::put_in_place(file, of)?;
            super::say(format_args!("{} holds the new key, and the old one is gone.", of.display()));
        }
        New::File(file) => {
            super::say(format_args!("{} holds the new key.", file.display()));
            old_one = " Delete the old one.".to_owned();
            to_start = format!(" (--key-file {})", file.display());
        }
        New::Passphrase(_) => {
            super::say("The new passphrase holds.");
            " Set PROBITY_PASSPHRASE to the new one.".clone_into(&mut to_start);
        }
    }
    let safes = backup::safes(&instance)?.len();
    let safe = match (done.safe, safes) {
        (false, _) => "the data directory",
        (true, 0) => "the data directory, nor the safe",
        (true, _) => "the data directory, nor the safe here or in its second places",
    };
    super::say(format_args!("The old key opens nothing any more: not {safe}.{old_one}"));
    super::say(format_args!(
        "Backups made before are restored with the new key and the safe as it is now.\n\
         A server that runs goes on, and needs the new key when it is started again{to_start}.\n\
         Recovery sheets printed before open nothing: destroy them, make a new one with `probity key recovery-sheet`, and \
         confirm it."
    ));
    Ok(ExitCode::SUCCESS)
}

/// Refuses an account that the data do not belong to: what it wrote the server could not read.
fn its_owner(data: &Path) -> Result<(), Failure> {
    let keyring = data.join("keyring");
    let Ok(found) = std::fs::metadata(&keyring) else { return Ok(()) };
    let mine = std::fs::metadata("/proc/self").map(|process| process.uid()).unwrap_or(found.uid());
    if found.uid() == mine {
        return Ok(());
    }
    Err(Failure(format!(
        "{} belongs to another account, and a server running under it could not read what this one writes: run it as that \
         account, such as `runuser -u probity -- probity key rotate ...`",
        keyring.display()
    )))
}

/// Why a key does not open an instance, and what may be done about it.
pub fn explain(place: &Place, error: &store::Error) -> Failure {
    let store::Error::WrongKey(keyring) = error else { return Failure(error.to_string()) };
    let left = place.its_key_file().map(|file| next(&file)).filter(|next| next.exists());
    if let Some(left) = left
        .filter(|left| Secret::from_file(left).is_ok_and(|secret| Keys::open(&place.data, &secret).is_ok()))
    {
        return Failure(format!(
            "{error}, but the one in {} does: `probity key rotate` was interrupted. Run it again, as before: it finishes, and \
             that key takes its place",
            left.display()
        ));
    }
    let when = std::fs::metadata(keyring).and_then(|found| found.modified()).ok();
    let when = when.and_then(|at| jiff::Timestamp::try_from(at).ok()).map_or_else(String::new, |at| {
        let day = at.to_zoned(jiff::tz::TimeZone::system()).strftime("%-d %b %Y, %H:%M").to_string();
        format!(", which was written on {day}")
    });
    Failure(format!(
        "{error}{when}. After `probity key rotate` only the newest key opens anything, and only the newest recovery sheet"
    ))
}

/// As [`explain`], of whatever an act said.
pub fn explained(place: &Place, fault: Fault) -> Failure {
    match fault {
        Fault::Store(error @ store::Error::WrongKey(_)) => explain(place, &error),
        fault => fault.into(),
    }
}
