//! `probity backup`: copies the database to a directory under the same key, and reads the copy back. Files under
//! `files/` and the keyring are encrypted already and are copied as they are, with any tool.

use std::path::PathBuf;
use std::process::ExitCode;

use super::Outcome;
use super::place::Place;
use crate::acts::backup;

/// What `backup` takes.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The directory it goes to.
    to: PathBuf,
    #[command(flatten)]
    place: Place,
}

/// Makes it and says what is in it.
///
/// # Errors
/// If the instance cannot be opened, or the copy is not whole: then it does not stay.
pub fn run(args: &Args) -> Outcome {
    let instance = args.place.open()?;
    let copied = backup::make(&instance, &args.to, "system backup")?;
    let rows: i64 = copied.rows.iter().map(|(_, rows)| rows).sum();
    super::say(format_args!(
        "{}: {} bytes, {rows} rows in {} tables, read back and whole.\nIt holds the database. Copy `files/` and `keyring` from {} beside it; both are encrypted.",
        copied.path.display(),
        copied.size,
        copied.rows.len(),
        args.place.data.display()
    ));
    Ok(ExitCode::SUCCESS)
}
