//! `probity read`: files on standard input, what stands in them on standard output. The server starts it, with limits,
//! for files that anybody may have made; nobody needs it by hand.

use std::io::{Read, Write};
use std::process::ExitCode;

use super::{Failure, Outcome};
use crate::attachment::{self, Task};

/// What `read` takes.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// What is to be done: text, without, look, mail.
    task: String,
}

impl Args {
    /// To do this.
    #[must_use]
    pub fn of(task: &str) -> Self {
        Self { task: task.to_owned() }
    }
}

/// Reads.
///
/// # Errors
/// If what is given is not framed as the server frames it, or a file cannot be made anew.
pub fn run(args: Args) -> Outcome {
    let task = Task::named(&args.task)
        .ok_or_else(|| Failure(format!("nothing is done by the name `{}`", args.task)))?;
    let mut given = Vec::new();
    std::io::stdin().lock().read_to_end(&mut given)?;
    let done = attachment::within(task, &given).map_err(Failure)?;
    std::io::stdout().lock().write_all(&done)?;
    Ok(ExitCode::SUCCESS)
}
