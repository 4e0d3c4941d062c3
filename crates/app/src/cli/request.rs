//! `probity request` and `probity erase`: what people ask of us, by the same acts and grants as the pages.

use std::process::ExitCode;

use custody::id::PersonId;
use jiff::civil::Date;
use serde_json::json;
use store::request;

use super::who::{Who as As, acting};
use super::{Format, Outcome};
use crate::acts::confirmation::Telling;
use crate::acts::erasure::{self, Asking, Because, Carried, Masking, Reason};
use crate::acts::request::{self as acts, Arrived, Who};
use crate::acts::{Acting, asking, complaint, gone};
use crate::fault::Fault;

/// What `request` takes.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand, Debug)]
enum What {
    /// List the open requests, the first due first.
    List {
        #[command(flatten)]
        who: As,
    },
    /// Answer "did you delete me?": whether somebody of this address, number or name was let go, and when.
    Gone {
        #[command(flatten)]
        who: As,
        /// The e-mail address, number or whole name they ask by.
        said: String,
    },
    /// Open a request on the day it reached us.
    Open {
        #[command(flatten)]
        who: As,
        /// access, erasure, rectification, restriction, objection, advertising, no contact, portability or complaint.
        kind: String,
        /// Who asks: the number of a person, or a name, address or number.
        #[arg(long)]
        person: String,
        /// The day it reached anybody here; today unless said.
        #[arg(long)]
        received: Option<Date>,
        /// How it came: e-mail, letter, telephone.
        #[arg(long, default_value = "e-mail")]
        channel: String,
        /// In their words.
        #[arg(long, default_value = "")]
        words: String,
    },
}

/// Does it.
///
/// # Errors
/// If the instance cannot be opened, or the policy refuses: then with the clause and the next step.
pub fn run(args: &Args) -> Outcome {
    match &args.what {
        What::List { who } => list(who),
        What::Gone { who, said } => {
            let found = who.write(|acting, tx| gone::asked(acting, tx, said))?;
            match who.format {
                Format::Text => super::say(gone::answer(&found)),
                Format::Json => super::say(json!({
                    "gone": !found.is_empty(),
                    "on": found.first().map(|last| last.on.to_string()),
                    "on_request": found.first().map(|last| last.erased),
                })),
            }
            Ok(ExitCode::SUCCESS)
        }
        What::Open { who, kind, person, received, channel, words } => {
            let instance = who.place.open()?;
            let acting = acting(&instance, who.staff.as_deref())?;
            let from =
                person.parse().map_or_else(|_| Who::Said(person.clone()), |id| Who::Held(PersonId(id)));
            if kind == asking::COMPLAINT {
                complain(who, &acting, &from, (received.unwrap_or(acting.today), channel, words))?;
                instance.store.note(acting.into_views())?;
                return Ok(ExitCode::SUCCESS);
            }
            let arrived = Arrived {
                ask: kind.clone(),
                who: from,
                received_on: received.unwrap_or(acting.today),
                channel: channel.clone(),
                words: words.clone(),
            };
            let opened = instance.store.write(|tx| {
                let id = acts::open(&acting, tx, &arrived)?;
                Ok::<_, Fault>(request::one(tx, &acting.policy, id)?)
            })?;
            instance.store.note(acting.into_views())?;
            let due = opened.due_on.map(|due| due.to_string());
            match who.format {
                Format::Text => {
                    super::say(format_args!(
                        "{}  due {}",
                        opened.id,
                        due.as_deref().unwrap_or("nothing more")
                    ));
                }
                Format::Json => super::say(json!({ "id": opened.id.0, "due": due })),
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Writes a complaint down, and says by when they must hear that we have it.
fn complain(
    who: &As,
    acting: &Acting<'_>,
    from: &Who,
    (received_on, channel, words): (Date, &str, &str),
) -> Outcome {
    let new = complaint::Arrived {
        received_on,
        channel: channel.to_owned(),
        words: words.to_owned(),
        reach: None,
        behalf: None,
    };
    let opened = acting.instance.store.write(|tx| {
        let id = complaint::open(acting, tx, from, &new)?;
        Ok::<_, Fault>(store::complaint::one(tx, &acting.policy, id)?)
    })?;
    let due = opened.due_on.map(|due| due.to_string());
    match who.format {
        Format::Text => {
            super::say(format_args!("{}  acknowledge by {}", opened.id, due.as_deref().unwrap_or("no day")));
        }
        Format::Json => super::say(json!({ "id": opened.id.0, "acknowledge_by": due })),
    }
    Ok(ExitCode::SUCCESS)
}

fn list(who: &As) -> Outcome {
    let open = who.read(|acting, tx| {
        acting.must(policy::role::Deed::AnswerRequests)?;
        Ok(request::open_ones(tx, &acting.policy, 1_000)?)
    })?;
    let rows: Vec<_> = open
        .iter()
        .map(|asked| {
            json!({
                "id": asked.id.0, "kind": asked.kind.name(), "person": asked.person.map(|person| person.0),
                "received": asked.received_on.to_string(), "due": asked.due_on.map(|due| due.to_string()),
                "channel": asked.channel,
            })
        })
        .collect();
    match who.format {
        Format::Json => super::say(serde_json::to_string_pretty(&rows)?),
        Format::Text => {
            for asked in &open {
                let due = asked.due_on.map_or_else(|| "paused".to_owned(), |due| format!("due {due}"));
                super::say(format_args!(
                    "{}  {:<14} received {}  {due}",
                    asked.id,
                    asked.kind.name(),
                    asked.received_on
                ));
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// What `erase` takes.
#[derive(clap::Args, Debug)]
pub struct EraseArgs {
    #[command(subcommand)]
    what: Erase,
}

#[derive(clap::Subcommand, Debug)]
enum Erase {
    /// Erase a person, but for what the law has us keep.
    Person {
        #[command(flatten)]
        who: As,
        /// Their number.
        id: i64,
        /// Why: asked, not-needed, withdrawn, objected, unlawful, law or child.
        #[arg(long, value_parser = reason)]
        why: Reason,
        /// How we know who asks, where that is not on record yet: known, document or "same address".
        #[arg(long, value_name = "HOW")]
        known: Option<String>,
        /// How they asked, where they did and no request says so yet.
        #[arg(long, default_value = "e-mail", value_name = "HOW")]
        channel: String,
        /// The day it reached anybody here; today unless said.
        #[arg(long, value_name = "DATE")]
        received: Option<Date>,
        /// A note for the certificate, with nothing in it that says who they are.
        #[arg(long, default_value = "")]
        note: String,
        /// Take their name, addresses and numbers out of texts about others that speak of them; left as they are unless said.
        #[arg(long)]
        mask: bool,
        /// Tell them by e-mail that it is done, before their address goes. Whoever asked is told: by this or otherwise.
        #[arg(long, conflicts_with = "told")]
        tell: bool,
        /// Somebody has told them: how.
        #[arg(long, value_name = "HOW")]
        told: Option<String>,
    },
}

/// Erases, and says what is left to do by hand.
///
/// # Errors
/// If the instance cannot be opened, or the policy refuses.
pub fn erase(args: &EraseArgs) -> Outcome {
    let Erase::Person { who, id, why, known, channel, received, note, mask, tell, told } = &args.what;
    let telling = match told {
        Some(how) => Telling::read("told", how)?,
        None if *tell => Telling::ByEmail,
        None => Telling::Nobody,
    };
    let instance = who.place.open()?;
    let acting = acting(&instance, who.staff.as_deref())?;
    let person = PersonId(*id);
    let found = instance.store.read(|tx| erasure::spoken(&acting, tx, person))?;
    // What only may speak of them, somebody has to read first.
    let these = found.sure();
    let masking = match *mask {
        true => Masking { these: &these, alone: &[] },
        false => Masking { these: &[], alone: &these },
    };
    let asked = Some(Asking { channel, on: *received, words: "" });
    let because = Because { reason: *why, note, masking, known: known.as_deref(), asked };
    let carried = instance.store.write(|tx| {
        let asked = request::of_person(tx, &acting.policy, person)?;
        let asked =
            asked.iter().find(|asked| asked.kind == request::Kind::Erasure && asked.closed_on.is_none());
        erasure::carry_out(&acting, tx, person, asked.map(|asked| asked.id), (because, None), telling)
    })?;
    acts::remove_files(&instance, &carried.done.bytes);
    crate::acts::backup::forget(&instance)?;
    crate::acts::residue::clear(&instance)?;
    instance.store.note(acting.into_views())?;
    match who.format {
        Format::Json => super::say(serde_json::to_string_pretty(&outcome(*id, &carried))?),
        Format::Text => told_of(*id, &carried),
    }
    Ok(ExitCode::SUCCESS)
}

/// A reason by its word.
fn reason(word: &str) -> Result<Reason, String> {
    let wrong = |fault: Fault| match fault {
        Fault::Invalid(fields) => fields.into_iter().map(|field| field.words).collect::<Vec<_>>().join(" "),
        fault => fault.to_string(),
    };
    Reason::named(word).map_err(wrong)
}

/// What came of it, for a program: `outcome` is done, partly, nothing erased yet or refused.
fn outcome(id: i64, carried: &Carried) -> serde_json::Value {
    json!({
        "person": id, "request": carried.request.0, "outcome": carried.word, "went": carried.went,
        "stays": carried.stayed, "masked": carried.masked, "closed": carried.done.closed,
    })
}

/// What came of it: what went, what stays, under which clause and until when.
fn told_of(id: i64, carried: &Carried) {
    let went = crate::acts::waiting::counted(&carried.went);
    let begins = match carried.came.outcome {
        acts::Outcome::Done => format!("{id} is erased: {went}"),
        acts::Outcome::Partly if carried.word == request::NOTHING_YET => {
            format!(
                "{id}: nothing is erased yet, since all of it is still needed; what else it was used for has stopped"
            )
        }
        acts::Outcome::Partly => format!("{id} is erased in part: {went} went"),
        acts::Outcome::Refused => format!("{id} is not erased: nothing of it may go now"),
    };
    super::say(begins);
    for stays in &carried.stayed {
        super::say(format_args!("stays: {}", erasure::sentence(stays)));
    }
    if carried.masked > 0 {
        super::say(format_args!("texts about others that speak of them no more: {}", carried.masked));
    }
    super::say(match carried.done.closed {
        true => "the request is answered and closed",
        false => "what is left to do stands on Today",
    });
}
