//! `probity print TEMPLATE`: data as JSON on standard input, a PDF on standard output. The server starts
//! it for each document; nobody needs it by hand.

use std::io::{Read, Write};
use std::process::ExitCode;

use super::{Failure, Outcome};

/// What `print` takes.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Which document: pack or notice.
    template: String,
    /// The moment written into the file, in milliseconds UTC.
    #[arg(long, default_value_t = 0)]
    stamp: i64,
}

/// Prints.
///
/// # Errors
/// If there is no such document or the data does not fit it.
pub fn run(args: Args) -> Outcome {
    let template = ::print::Template::named(&args.template)
        .ok_or_else(|| Failure(format!("there is no document called `{}`", args.template)))?;
    let mut data = Vec::new();
    std::io::stdin().lock().read_to_end(&mut data)?;
    let data = serde_json::from_slice(&data)?;
    let printed = ::print::pdf(template, &data, args.stamp)?;
    std::io::stdout().lock().write_all(&printed.pdf)?;
    Ok(ExitCode::SUCCESS)
}
