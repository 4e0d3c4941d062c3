//! `probity init`: makes an instance and prints the one-time link of its administrator.

use std::path::PathBuf;
use std::process::ExitCode;

use super::place::Place;
use super::{Outcome, policy_file};
use crate::acts::staff;
use crate::instance::Instance;

/// What `init` takes.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    place: Place,
    /// The policy the instance keeps.
    #[arg(long)]
    policy: PathBuf,
    /// A practice instance: it says so on every page and its clock can be set.
    #[arg(long)]
    practice: bool,
    /// Write the recovery sheet to this file, a PDF to be printed and locked away.
    #[arg(long, value_name = "FILE.pdf")]
    recovery_sheet: Option<PathBuf>,
}

/// Makes the instance.
///
/// # Errors
/// If there is one already, the policy has errors, or the key cannot be had.
pub fn run(args: &Args) -> Outcome {
    let policy = policy_file::adoptable(&args.policy)?;
    let secret = args.place.new_secret(args.practice)?;
    let today = args.place.clock.unwrap_or_else(crate::clock::today_here);
    let practice = args.practice.then_some(today);
    let instance =
        Instance::create(&args.place.data, args.place.database.as_deref(), &secret, policy, practice)?;
    let link = staff::first_link(&instance)?;
    let data = args.place.data.display();
    super::say(format_args!(
        "{} is ready in {data}.\n\nStart it:  {}\nThen open this link. It works once, for three days, and makes the administrator:\n  {}/set-up/{link}",
        instance.policy().name,
        args.place.to_start(),
        instance.public_address(),
    ));
    match &args.recovery_sheet {
        Some(out) => {
            super::key::write_sheet(&instance, out)?;
            super::say(format_args!(
                "\n{} is the recovery sheet: print it, delete the file, lock the paper away, and confirm it on the Admin page.",
                out.display()
            ));
        }
        None if crate::acts::key::wanted(&instance) => super::say(format_args!(
            "\nWithout the key all of it is lost for good. Make the recovery sheet, from which it can be brought back, on the Admin \
             page, or:  probity key recovery-sheet --data {data} --out FILE.pdf"
        )),
        None => {}
    }
    Ok(ExitCode::SUCCESS)
}
