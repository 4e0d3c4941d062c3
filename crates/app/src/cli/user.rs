//! `probity user`: who is on the staff; and the way back in for whoever has lost password, phone and recovery codes and has
//! no colleague to ask. Whoever runs it has the instance's key, and the log says that it came from the command line.

use std::process::ExitCode;

use serde_json::json;
use store::staff;

use super::place::Place;
use super::{Failure, Format, Outcome};
use crate::acts::{Acting, recovery, staff as acts};
use crate::fault::Fault;

/// What `user` takes.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand, Debug)]
enum What {
    /// List the staff.
    List {
        #[command(flatten)]
        place: Place,
        /// How to write the answer.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Print a one-time link with which somebody chooses a new password.
    Link {
        #[command(flatten)]
        place: Place,
        /// Who, by the e-mail they sign in with.
        email: String,
    },
    /// Take somebody's second proof and recovery codes away and sign them out: they set it up anew at the next sign-in.
    BeginAnew {
        #[command(flatten)]
        place: Place,
        /// Who, by the e-mail they sign in with.
        email: String,
    },
}

/// Runs it.
///
/// # Errors
/// If the instance cannot be opened, or nobody signs in with the address.
pub fn run(args: &Args) -> Outcome {
    match &args.what {
        What::List { place, format } => list(place, *format),
        What::Link { place, email } => {
            let instance = place.open()?;
            let acting = Acting::system(&instance, "command line");
            let token = instance.store.write(|tx| acts::link(&acting, tx, known(tx, email)?))?;
            super::say(format_args!("{}/set-up/{token}", instance.public_address()));
            Ok(ExitCode::SUCCESS)
        }
        What::BeginAnew { place, email } => {
            let instance = place.open()?;
            let acting = Acting::system(&instance, "command line");
            instance.store.write(|tx| recovery::begin_anew(&acting, tx, known(tx, email)?))?;
            super::say(format_args!("{email} sets up a phone and recovery codes at the next sign-in."));
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn known(tx: &store::Tx<'_>, email: &str) -> Result<custody::id::StaffId, Fault> {
    let account = staff::by_email(tx, email)?;
    account
        .map(|account| account.id)
        .ok_or_else(|| Fault::Other(format!("nobody on the staff signs in as `{email}`")))
}

fn list(place: &Place, format: Format) -> Outcome {
    let instance = place.open()?;
    let all = instance.store.read(|tx| Ok::<_, Failure>(staff::all(tx)?))?;
    match format {
        Format::Text => {
            for account in all {
                let until = account.until.map_or_else(String::new, |until| format!("  left {until}"));
                super::say(format_args!("{:<32} {}, {}{until}", account.email, account.name, account.role));
            }
        }
        Format::Json => {
            let all = all.iter().map(|account| {
                json!({
                    "id": account.id.0, "name": account.name, "email": account.email, "role": account.role,
                    "since": account.since.to_string(), "until": account.until.map(|until| until.to_string()),
                    "second_proof": account.totp_confirmed,
                })
            });
            super::say(serde_json::to_string_pretty(&all.collect::<Vec<_>>())?);
        }
    }
    Ok(ExitCode::SUCCESS)
}
