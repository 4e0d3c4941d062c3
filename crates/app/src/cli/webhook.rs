//! `probity webhook`: which other programs are told of what, by the same acts as the pages. A secret is printed once, when it is
//! made.

use std::process::ExitCode;

use serde_json::json;
use store::webhook;

use super::who::Who;
use super::{Format, Outcome, say};
use crate::acts::webhook::{self as acts, said};
use crate::fault::Fault;
use crate::web::api::webhook as api;

/// What `webhook` takes.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand, Debug)]
enum What {
    /// List the webhooks and how they are.
    List {
        #[command(flatten)]
        who: Who,
    },
    /// List the events there are.
    Events,
    /// Set one up, and print its secret.
    Add {
        #[command(flatten)]
        who: Who,
        /// Where the other program listens.
        url: String,
        /// What it is told of, by the name of the event. May be given several times.
        #[arg(long = "event", value_name = "EVENT", required = true)]
        events: Vec<String>,
    },
    /// Tell one of other events from now on, at another address.
    Change {
        #[command(flatten)]
        who: Who,
        /// Its number.
        id: i64,
        /// Where the other program listens; as before unless said.
        #[arg(long)]
        url: Option<String>,
        /// What it is told of; as before unless said. May be given several times.
        #[arg(long = "event", value_name = "EVENT")]
        events: Vec<String>,
    },
    /// Make another secret and print it: for a day messages are signed with the one before as well.
    Secret {
        #[command(flatten)]
        who: Who,
        /// Its number.
        id: i64,
    },
    /// Send a message that says nothing but that it works.
    Try {
        #[command(flatten)]
        who: Who,
        /// Its number.
        id: i64,
    },
    /// Switch one on: it is told of what happens from now on.
    On {
        #[command(flatten)]
        who: Who,
        /// Its number.
        id: i64,
    },
    /// Switch one off.
    Off {
        #[command(flatten)]
        who: Who,
        /// Its number.
        id: i64,
    },
    /// Take one away.
    Remove {
        #[command(flatten)]
        who: Who,
        /// Its number.
        id: i64,
    },
}

/// Does it.
///
/// # Errors
/// If the instance cannot be opened, or the role may not.
pub fn run(args: &Args) -> Outcome {
    match &args.what {
        What::List { who } => list(who),
        What::Events => {
            for event in said::EVENTS {
                say(format_args!("{:<20} {}", event.name, event.words));
            }
            Ok(ExitCode::SUCCESS)
        }
        What::Add { who, url, events } => {
            let (id, secret) = who.write(|acting, tx| acts::add(acting, tx, url, events))?;
            told(who, id, &secret)
        }
        What::Change { who, id, url, events } => {
            who.write(|acting, tx| {
                let held = webhook::one(tx, *id)?;
                let told: Vec<String> = held.events.split(' ').map(str::to_owned).collect();
                let events = if events.is_empty() { &told } else { events };
                let before = acts::address(acting.instance.store.keys(), &held)?;
                acts::change(acting, tx, (*id, held.version), url.as_ref().unwrap_or(&before), events)
            })?;
            done(who, *id, "is changed")
        }
        What::Secret { who, id } => {
            let secret = who.write(|acting, tx| acts::rotate(acting, tx, *id))?;
            told(who, *id, &secret)
        }
        What::Try { who, id } => {
            who.write(|acting, tx| acts::try_out(acting, tx, *id))?;
            done(who, *id, "is told that it works, as soon as the server runs")
        }
        What::On { who, id } => {
            who.write(|acting, tx| acts::switch(acting, tx, *id, true))?;
            done(who, *id, "is on")
        }
        What::Off { who, id } => {
            who.write(|acting, tx| acts::switch(acting, tx, *id, false))?;
            done(who, *id, "is off")
        }
        What::Remove { who, id } => {
            who.write(|acting, tx| acts::remove(acting, tx, *id))?;
            done(who, *id, "is taken away")
        }
    }
}

fn told(who: &Who, id: i64, secret: &str) -> Outcome {
    match who.format {
        Format::Json => say(json!({ "id": id, "secret": secret })),
        Format::Text => say(format_args!("webhook {id}, with the secret {secret}: it is shown only now")),
    }
    Ok(ExitCode::SUCCESS)
}

fn done(who: &Who, id: i64, what: &str) -> Outcome {
    match who.format {
        Format::Json => say(json!({ "id": id })),
        Format::Text => say(format_args!("webhook {id} {what}")),
    }
    Ok(ExitCode::SUCCESS)
}

fn list(who: &Who) -> Outcome {
    let all = who.read(|acting, tx| {
        acting.must(policy::role::Deed::ManageStaff)?;
        let keys = acting.instance.store.keys();
        let all = webhook::all(tx)?.into_iter();
        all.map(|held| Ok((api::shown(keys, tx, &held)?, acts::host(keys, &held), held)))
            .collect::<Result<Vec<_>, Fault>>()
    })?;
    if who.format == Format::Json {
        let all: Vec<_> = all.into_iter().map(|(shown, ..)| shown).collect();
        say(serde_json::to_string_pretty(&all)?);
        return Ok(ExitCode::SUCCESS);
    }
    for (_, host, held) in all {
        let how = match (held.off_at, held.trouble) {
            (Some(_), _) => "off".to_owned(),
            (None, Some(why)) => format!("takes nothing: {why}"),
            (None, None) => "on".to_owned(),
        };
        say(format_args!("{}  {host}  {how}  {}", held.id, held.events));
    }
    Ok(ExitCode::SUCCESS)
}
