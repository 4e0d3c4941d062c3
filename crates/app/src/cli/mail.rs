//! `probity mail`: the key that mail is signed with (DKIM), drawn into a file of its own, and what others have to find in the DNS to
//! verify it. It reads `probity.toml` alone, so that it can be asked before there is an instance. The key is printed nowhere.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde::Serialize;
use store::keys::private_text;

use super::{Failure, Format, Outcome};
use crate::config::{Config, FILE, is_name};
use crate::mail::dkim::{key, record_name};

/// What the key is known by where nothing else is said.
const SELECTOR: &str = "probity";

/// What `mail` takes.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand, Debug)]
enum What {
    /// Make the key that mail is signed with, if its file is not there yet, and say what goes into the DNS for it.
    Key {
        /// The data directory.
        #[arg(long, env = "PROBITY_DATA")]
        data: PathBuf,
        /// The file of the key; without it that of `probity.toml`.
        #[arg(long)]
        out: Option<PathBuf>,
        /// What the key is known by in the DNS: another one for each key. Without it that of `probity.toml`, or "probity".
        #[arg(long)]
        selector: Option<String>,
        /// How to write what goes into the DNS.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
}

#[derive(Serialize)]
struct Published {
    file: PathBuf,
    made: bool,
    domain: String,
    selector: String,
    name: String,
    value: String,
}

/// Runs it.
///
/// # Errors
/// If `probity.toml` names no mail server, or the file can neither be read nor written.
pub fn run(args: &Args) -> Outcome {
    let What::Key { data, out, selector, format } = &args.what;
    let config = Config::read(data)?;
    let Some(smtp) = &config.smtp else {
        return Err(Failure(format!(
            "a key signs for the domain that mail comes from, and {} names no mail server: write `[smtp]` there first",
            data.join(FILE).display()
        )));
    };
    let set = smtp.dkim.as_ref();
    let Some(file) = out.clone().or_else(|| set.and_then(|dkim| dkim.key_file.clone())) else {
        return Err(Failure(
            "say with --out where the key is to go, such as /etc/probity/dkim.pem".to_owned(),
        ));
    };
    // As it is to stand in `probity.toml`, wherever the server is started.
    let file = std::path::absolute(&file).unwrap_or(file);
    let selector = selector.clone().or_else(|| set.map(|dkim| dkim.selector.clone()));
    let selector = selector.unwrap_or_else(|| SELECTOR.to_owned());
    let domain = smtp.signs_for();
    for name in [&selector, &domain] {
        if !is_name(name) {
            return Err(Failure(format!("`{name}` cannot stand in the DNS")));
        }
    }
    let made = !file.exists();
    if made {
        write(&file, &key::drawn().map_err(Failure)?)?;
    }
    let key =
        key::read(&private_text(&file)?).map_err(|why| Failure(format!("{}: {why}", file.display())))?;
    let name = record_name(&selector, &domain);
    let published = Published { name, value: key::record(&key), file, made, domain, selector };
    match format {
        Format::Json => super::say(serde_json::to_string_pretty(&published)?),
        Format::Text => {
            let set = set.and_then(|dkim| dkim.key_file.as_ref());
            let there = set.and_then(|file| std::path::absolute(file).ok());
            tell(&published, there.as_ref() == Some(&published.file))
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes a key into a file of its own, which only its owner reads.
fn write(file: &Path, pem: &str) -> Result<(), Failure> {
    let mut options = std::fs::OpenOptions::new();
    let opened = options.write(true).create_new(true).mode(0o600).open(file);
    let written = opened.and_then(|mut out| out.write_all(pem.as_bytes()).and_then(|()| out.sync_all()));
    written.map_err(|error| {
        Failure(match error.kind() {
            std::io::ErrorKind::NotFound => format!("there is no directory for {}", file.display()),
            std::io::ErrorKind::PermissionDenied => {
                format!("{} may not be written by this account", file.display())
            }
            _ => format!("{}: {error}", file.display()),
        })
    })
}

fn tell(published: &Published, set: bool) {
    let Published { file, made, domain, selector, name, value } = published;
    let file = file.display();
    super::say(if *made {
        format!("{file} holds a new key. Only the account that ran this reads it: it must be the server's.")
    } else {
        format!("{file} holds a key already, and it stays.")
    });
    if !set {
        super::say(format_args!(
            "\nPut this into probity.toml, and mail is signed from the next start of the server:\n\n\
             [smtp.dkim]\nselector = \"{selector}\"\nkey_file = \"{file}\""
        ));
    }
    super::say(format_args!(
        "\nPut this into the DNS of {domain} first, as one record of the kind TXT:\n\nname   {name}\nvalue  {value}\n\n\
         `probity doctor` says whether it is found there."
    ));
}
