//! `probity backup`: everything the instance keeps, sealed, into a folder or a bucket, and read back. The server may run beside it.

use std::process::ExitCode;

use super::Outcome;
use super::place::{Place, place_named};
use crate::acts::backup;

/// What `backup` takes.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The folder it goes to, or the bucket: `s3://cti-backups/probity`, reached as `probity.toml` or the environment say.
    to: String,
    #[command(flatten)]
    place: Place,
}

/// Makes it and says what is in it.
///
/// # Errors
/// If the instance cannot be opened, or the backup is not whole: then it does not count.
pub fn run(args: &Args) -> Outcome {
    let instance = args.place.open()?;
    let to = place_named(&instance.config, &args.to)?;
    let made = backup::make(&instance, &to, "system backup")?;
    let what = if made.whole { "everything" } else { "what changed" };
    super::say(format_args!(
        "{}: {} bytes, {what}: {} rows of {} and {} files, read back and whole.",
        to.at(&made.name),
        made.size,
        made.written,
        made.held,
        made.files
    ));
    if made.left > 0 {
        super::say(format_args!("{} older backups left: their time was over.", made.left));
    }
    if made.vanished > 0 {
        super::say(format_args!(
            "{} rows about people vanished since the backup before although nobody let go of them: an earlier backup still has them.",
            made.vanished
        ));
    }
    for (place, error) in &made.unreached {
        super::say(format_args!("The safe could not be written to {}: {error}", place));
    }
    let safes = backup::safes(&instance)?;
    let safe = match safes.first() {
        Some(safe) => format!("it and {}", safe.at(store::safe::NAME)),
        None => format!(
            "it and {} (name a second place under [backups] in probity.toml: without the safe a backup cannot be read)",
            store::safe::place(instance.store.data()).display()
        ),
    };
    super::say(format_args!(
        "To bring it back take {safe}:  probity restore {to} --safe {} --data NEW",
        safes.first().map_or_else(|| "FILE".to_owned(), ToString::to_string)
    ));
    Ok(if made.unreached.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
