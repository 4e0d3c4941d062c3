//! The binary `probity`: hands the command line to [`app::cli`] and its verdict to the shell.

use std::process::ExitCode;

fn main() -> ExitCode {
    app::cli::run()
}
