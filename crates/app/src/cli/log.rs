//! `probity log`: verifies the event log, or prints its newest checkpoint to be kept elsewhere.

use std::process::ExitCode;

use super::place::Place;
use super::{Failure, Format, Outcome};

/// What `log` takes.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand, Debug)]
enum What {
    /// Recompute the whole log and compare it with every checkpoint.
    Verify {
        #[command(flatten)]
        place: Place,
        /// A checkpoint kept elsewhere, as `SIZE:ROOT`: nothing before it may have changed.
        #[arg(long, value_name = "SIZE:ROOT")]
        against: Option<String>,
        /// How to write the verdict.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Close the log over what has happened and print the checkpoint.
    Checkpoint {
        #[command(flatten)]
        place: Place,
        /// How to write the checkpoint.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
}

/// Does it.
///
/// # Errors
/// If the instance cannot be opened.
pub fn run(args: &Args) -> Outcome {
    match &args.what {
        What::Verify { place, against, format } => verify(place, against.as_deref(), *format),
        What::Checkpoint { place, format } => checkpoint(place, *format),
    }
}

fn verify(place: &Place, against: Option<&str>, format: Format) -> Outcome {
    let elsewhere = against.map(kept).transpose()?;
    let instance = place.open_to_look()?;
    instance.store.gather()?;
    let found = instance.store.read(|tx| store::log::verify(tx, instance.store.keys(), elsewhere));
    let (good, words) = match found {
        Ok(summary) => (
            true,
            format!(
                "{} events, {} checkpoints, {} not yet placed",
                summary.size, summary.checkpoints, summary.waiting
            ),
        ),
        Err(broken) => (false, broken.to_string()),
    };
    match format {
        Format::Text => super::say(format_args!("{}: {words}", if good { "verified" } else { "broken" })),
        Format::Json => super::say(serde_json::json!({ "verified": good, "words": words })),
    }
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn checkpoint(place: &Place, format: Format) -> Outcome {
    let instance = place.open_to_look()?;
    let now = instance.clock.now();
    instance.store.gather()?;
    while instance.store.write(|tx| store::log::sequence(tx, instance.store.keys(), now))? {}
    let Some(checkpoint) = instance.store.read(store::log::checkpoint)? else {
        super::say("nothing has happened yet");
        return Ok(ExitCode::SUCCESS);
    };
    let (root, signature) = (store::keys::hex(&checkpoint.root), store::keys::hex(&checkpoint.signature));
    match format {
        Format::Text => super::say(format_args!(
            "{} events\nroot {root}\nat {}\nsigned {signature}",
            checkpoint.size, checkpoint.at
        )),
        Format::Json => super::say(serde_json::json!({
            "size": checkpoint.size, "root": root, "at": checkpoint.at.to_string(), "signature": signature,
        })),
    }
    Ok(ExitCode::SUCCESS)
}

fn kept(text: &str) -> Result<(u64, [u8; 32]), Failure> {
    let wrong = || Failure(format!("`{text}` is no checkpoint; write its size, a colon and its root"));
    let (size, root) = text.split_once(':').ok_or_else(wrong)?;
    let mut bytes = [0; 32];
    if root.len() != 64 || !root.is_ascii() {
        return Err(wrong());
    }
    for (byte, digits) in bytes.iter_mut().zip(root.as_bytes().chunks_exact(2)) {
        *byte = std::str::from_utf8(digits)
            .ok()
            .and_then(|digits| u8::from_str_radix(digits, 16).ok())
            .ok_or_else(wrong)?;
    }
    Ok((size.parse().map_err(|_| wrong())?, bytes))
}
