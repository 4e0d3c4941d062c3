//! Printing: documents are made in a short-lived process of their own, so that a thousand pages take
//! their memory with them and a runaway one is stopped.

pub mod archive;
pub mod card;
pub mod copy;
pub mod ended;
pub mod letter;
pub mod pack;
pub mod portable;

use std::fmt;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use print::Template;
use serde::Serialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

pub use pack::Pack;

/// How long one document may take.
pub const PATIENCE: Duration = Duration::from_secs(180);
/// Address space of the printing process, in KiB: 1.5 MiB a page, some 1,000 pages, and the fonts.
const MEMORY_KIB: u64 = 3 * 1024 * 1024;
/// The largest PDF that is taken from it.
const MAX_PDF_BYTES: u64 = 256 * 1024 * 1024;

/// Why a document was not printed.
#[derive(Debug)]
pub enum PrintFailure {
    /// The process could not be started or talked to.
    Process(std::io::Error),
    /// It took longer than [`PATIENCE`].
    TooLong,
    /// It ended without a document. Holds what it said, which quotes no data.
    Failed(String),
    /// The data is not JSON.
    Data(serde_json::Error),
}

impl fmt::Display for PrintFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Process(error) => write!(f, "the printing process could not be run: {error}"),
            Self::TooLong => {
                write!(f, "printing took longer than {} seconds and was stopped", PATIENCE.as_secs())
            }
            Self::Failed(said) => write!(f, "the document was not printed: {said}"),
            Self::Data(error) => write!(f, "the document's data cannot be written as JSON: {error}"),
        }
    }
}

impl std::error::Error for PrintFailure {}

/// Prints in a process of its own, this very program.
///
/// # Errors
/// [`PrintFailure`].
pub async fn run(template: Template, data: &impl Serialize, stamp: i64) -> Result<Vec<u8>, PrintFailure> {
    let program = std::env::current_exe().map_err(PrintFailure::Process)?;
    run_with(&program, template, data, stamp).await
}

/// Prints with the program at `program`, which is called as `program print TEMPLATE --stamp MS`.
///
/// # Errors
/// [`PrintFailure`].
pub async fn run_with(
    program: &Path,
    template: Template,
    data: &impl Serialize,
    stamp: i64,
) -> Result<Vec<u8>, PrintFailure> {
    set(program, template, &serde_json::to_vec(data).map_err(PrintFailure::Data)?, stamp).await
}

/// The same of data that are JSON already.
///
/// # Errors
/// [`PrintFailure`].
pub async fn set(
    program: &Path,
    template: Template,
    data: &[u8],
    stamp: i64,
) -> Result<Vec<u8>, PrintFailure> {
    let made = tokio::time::timeout(PATIENCE, child(program, template, data, stamp)).await;
    made.map_err(|_| PrintFailure::TooLong)?
}

async fn child(program: &Path, template: Template, data: &[u8], stamp: i64) -> Result<Vec<u8>, PrintFailure> {
    // The shell sets the limits, so that no unsafe code is needed to set them between fork and exec.
    let script = format!("ulimit -v {MEMORY_KIB}; ulimit -c 0; exec \"$0\" print \"$1\" --stamp \"$2\"");
    let mut child = tokio::process::Command::new("/bin/sh")
        .args(["-c", &script])
        .arg(program)
        .args([template.name(), &stamp.to_string()])
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(PrintFailure::Process)?;
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let give = async {
        if let Some(mut stdin) = stdin {
            // A process that has already failed closes its end; what it said is the better answer.
            drop(stdin.write_all(data).await);
        }
    };
    let (mut pdf, mut said) = (Vec::new(), Vec::new());
    let take = async {
        match stdout {
            Some(stdout) => stdout.take(MAX_PDF_BYTES).read_to_end(&mut pdf).await.map(drop),
            None => Ok(()),
        }
    };
    let hear = async {
        match stderr {
            Some(stderr) => stderr.take(4096).read_to_end(&mut said).await.map(drop),
            None => Ok(()),
        }
    };
    let ((), taken, heard) = tokio::join!(give, take, hear);
    taken.and(heard).map_err(PrintFailure::Process)?;
    let status = child.wait().await.map_err(PrintFailure::Process)?;
    if status.success() && pdf.starts_with(b"%PDF") {
        return Ok(pdf);
    }
    let said = String::from_utf8_lossy(&said);
    Err(PrintFailure::Failed(said.lines().next().map_or_else(|| status.to_string(), str::to_owned)))
}
