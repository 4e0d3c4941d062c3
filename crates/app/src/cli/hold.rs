//! `probity hold`: placing, looking at and ending holds from the command line, by the same acts as the pages.

use std::process::ExitCode;

use custody::id::{EngagementId, PersonId, StaffId};
use jiff::civil::Date;
use serde_json::json;
use store::{Tx, hold, staff};

use super::who::Who;
use super::{Format, Outcome};
use crate::acts::hold::{self as acts, Asking};
use crate::fault::Fault;

/// What `hold` takes.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Args, Debug)]
struct Why {
    /// Why, in a sentence.
    #[arg(long)]
    why: String,
    /// The day by which somebody looks again.
    #[arg(long, value_name = "DATE")]
    review: Date,
    /// Who answers for it, by e-mail; unless said, whoever places it, or whoever did until now.
    #[arg(long, value_name = "EMAIL")]
    owner: Option<String>,
    /// Who else may read and pass on what it keeps, by e-mail. May be given several times.
    #[arg(long = "with", value_name = "EMAIL")]
    helpers: Vec<String>,
}

#[derive(clap::Subcommand, Debug)]
enum What {
    /// List the holds that stand, those to be looked at soonest first.
    List {
        #[command(flatten)]
        who: Who,
    },
    /// Let nothing about a person go while a claim, an inquiry or a complaint needs it.
    // By another name, because two groups of arguments may not be called the same.
    #[command(name = "place")]
    Begin {
        #[command(flatten)]
        who: Who,
        /// Their number.
        person: i64,
        /// Hold everybody on this piece of work of theirs.
        #[arg(long, value_name = "NUMBER")]
        work: Option<i64>,
        #[command(flatten)]
        why: Why,
    },
    /// Look at a hold again: it goes on.
    Review {
        #[command(flatten)]
        who: Who,
        /// Its number.
        hold: i64,
        #[command(flatten)]
        why: Why,
    },
    /// End a hold: what was due while it stood goes tonight.
    End {
        #[command(flatten)]
        who: Who,
        /// Its number.
        hold: i64,
        /// Why, in a sentence.
        #[arg(long)]
        why: String,
    },
}

/// Does it.
///
/// # Errors
/// If the instance cannot be opened, or the policy refuses.
pub fn run(args: &Args) -> Outcome {
    match &args.what {
        What::List { who } => list(who),
        What::Begin { who, person, work, why } => {
            let work = work.map(EngagementId);
            let placed = who.write(|acting, tx| {
                let asking = Asking { work, ..asking(tx, why)? };
                acts::place(acting, tx, PersonId(*person), &asking)
            })?;
            said(who, placed, "stands")
        }
        What::Review { who, hold, why } => {
            who.write(|acting, tx| acts::prolong(acting, tx, *hold, &asking(tx, why)?))?;
            said(who, *hold, "goes on")
        }
        What::End { who, hold, why } => {
            who.write(|acting, tx| acts::end(acting, tx, *hold, why))?;
            said(who, *hold, "has ended")
        }
    }
}

fn said(who: &Who, hold: i64, what: &str) -> Outcome {
    match who.format {
        Format::Json => super::say(json!({ "hold": hold })),
        Format::Text => super::say(format_args!("hold {hold} {what}")),
    }
    Ok(ExitCode::SUCCESS)
}

fn asking(tx: &Tx<'_>, why: &Why) -> Result<Asking, Fault> {
    Ok(Asking {
        work: None,
        why: why.why.clone(),
        owner: why.owner.as_deref().map(|email| found(tx, "owner", email)).transpose()?,
        helpers: why.helpers.iter().map(|email| found(tx, "with", email)).collect::<Result<_, _>>()?,
        review_on: Some(why.review),
    })
}

fn found(tx: &Tx<'_>, field: &str, email: &str) -> Result<StaffId, Fault> {
    let known = staff::by_email(tx, email)?;
    known
        .map(|account| account.id)
        .ok_or_else(|| Fault::field(field, format!("nobody on the staff signs in as `{email}`")))
}

/// How many a list has.
const LISTED: u32 = 1000;

fn list(who: &Who) -> Outcome {
    let listed = who.read(|acting, tx| {
        let standing = hold::standing(tx, acts::kind(acting)?, None, LISTED)?;
        Ok(standing.into_iter().filter(|hold| acts::is_mine(acting, hold)).collect::<Vec<_>>())
    })?;
    for hold in &listed {
        let on = match (hold.person, hold.engagement) {
            (Some(person), _) => format!("person {person}"),
            (None, Some(work)) => format!("everybody on work {work}"),
            (None, None) => "nobody".to_owned(),
        };
        match who.format {
            Format::Json => super::say(json!({
                "id": hold.id, "person": hold.person.map(|person| person.0), "engagement": hold.engagement.map(|work| work.0),
                "owner": hold.owner.0, "since": hold.since, "review_on": hold.review_on,
            })),
            Format::Text => super::say(format_args!(
                "{}  {on}, since {}, to be looked at again by {}",
                hold.id, hold.since, hold.review_on
            )),
        }
    }
    Ok(ExitCode::SUCCESS)
}
