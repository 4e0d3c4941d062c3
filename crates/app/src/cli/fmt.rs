//! `probity fmt`: lays a policy out in the one way. Touches no data, and no meaning: what it wrote is read again first.

use std::path::PathBuf;
use std::process::ExitCode;

use policy::source::File;

use super::{Failure, Outcome, complain, policy_file};

/// What `fmt` takes.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The policy; files it includes are laid out too.
    file: PathBuf,
    /// Write nothing; fail if a file is laid out otherwise.
    #[arg(long)]
    check: bool,
    /// Write the result to standard output instead of the file; files it includes are left out.
    #[arg(long, conflicts_with = "check")]
    stdout: bool,
}

/// Lays the files out.
///
/// # Errors
/// If a file cannot be read or written.
pub fn run(args: &Args) -> Outcome {
    let mut verdict = ExitCode::SUCCESS;
    for file in files(args)? {
        let text = match policy::fmt::format(&file) {
            Ok(text) => text,
            Err(found) => {
                complain(policy::diagnostic::render(&found, &[file], false).trim_end());
                return Ok(ExitCode::FAILURE);
            }
        };
        if args.stdout {
            super::say(text.trim_end());
        } else if text != file.text {
            if args.check {
                complain(format_args!(
                    "{} is laid out otherwise; run `probity fmt {}`",
                    file.name, file.name
                ));
                verdict = ExitCode::FAILURE;
            } else {
                std::fs::write(&file.name, text)
                    .map_err(|error| Failure(format!("{}: {error}", file.name)))?;
            }
        }
    }
    Ok(verdict)
}

/// What is laid out: the file and all it includes, or the file alone where the result is printed. What is printed is read
/// as one file, and the lines that include the others are still in it.
fn files(args: &Args) -> Result<Vec<File>, Failure> {
    let mut files = policy_file::files(&args.file)?;
    if args.stdout {
        files.truncate(1);
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_is_one_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.policy");
        std::fs::write(&file, "include \"b.policy\"\n").unwrap();
        std::fs::write(folder.path().join("b.policy"), "category client \"our clients\"\n").unwrap();
        let read =
            |stdout| files(&Args { file: file.clone(), check: false, stdout }).map_err(|_| ()).unwrap();
        assert_eq!(
            read(true).iter().map(|file| file.text.as_str()).collect::<Vec<_>>(),
            ["include \"b.policy\"\n"]
        );
        assert_eq!(read(false).len(), 2);
    }
}
