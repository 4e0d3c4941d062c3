//! `probity export`: a sheet for a processor of the policy, by the same act as the page: each person is decided for,
//! and what went is written down.

use std::path::PathBuf;
use std::process::ExitCode;

use super::out::Out;
use super::place::Place;
use super::{Failure, Outcome, who};
use crate::acts::export::{self, Way};
use crate::fault::Fault;

/// What `export` takes.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// To whom: a processor, as the policy names it.
    to: String,
    /// The activity whose people go.
    #[arg(long)]
    activity: String,
    /// The new file to write, which only its owner reads; standard output unless said.
    #[arg(long)]
    out: Option<PathBuf>,
    /// The member of staff who acts, by e-mail; the first administrator unless said.
    #[arg(long = "as", value_name = "EMAIL")]
    staff: Option<String>,
    #[command(flatten)]
    place: Place,
}

/// Does it.
///
/// # Errors
/// If the policy refuses, with the clause and the next step; if the file cannot be written.
pub fn run(args: &Args) -> Outcome {
    let instance = args.place.open()?;
    let acting = who::acting(&instance, args.staff.as_deref())?;
    let processor = export::processor(&acting, &args.to).map_err(|fault| match fault {
        Fault::NotFound => Failure(format!("the policy names no processor called `{}`", args.to)),
        fault => fault.into(),
    })?;
    let activities = export::activities(&acting, processor);
    let named = activities.iter().find(|activity| activity.name == args.activity);
    let activity = *named.ok_or_else(|| {
        let names: Vec<&str> = activities.iter().map(|activity| activity.name.as_str()).collect();
        Failure(format!(
            "{} holds nothing of `{}`; choose of: {}",
            processor.name,
            args.activity,
            names.join(", ")
        ))
    })?;
    let out = Out::to(args.out.as_deref())?;
    let way = Way { processor, activity };
    let whom = instance.store.read(|tx| export::whom(&acting, tx, &way))?;
    let mut lines = Vec::new();
    for some in whom.chunks(export::AT_ONCE) {
        lines.extend(instance.store.write(|tx| export::part(&acting, tx, &way, some))?);
    }
    let sheet = export::sheet(&acting, &way, lines)?;
    instance.store.note(acting.into_views())?;
    out.write(&sheet.csv, sheet.people)?;
    Ok(ExitCode::SUCCESS)
}
