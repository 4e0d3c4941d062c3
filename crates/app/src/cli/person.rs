//! `probity person`: people from the command line, by the same acts and grants as the pages.

use std::process::ExitCode;

use custody::id::PersonId;
use serde_json::Value;
use store::staff;

use super::place::Place;
use super::{Failure, Format, Outcome};
use crate::acts::person::NewPerson;
use crate::acts::{self, Acting};
use crate::fault::Fault;
use crate::instance::Instance;
use crate::web::api::person as api;
use crate::web::people::Asks;

/// What `person` takes.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

/// Where, and as whom of the staff.
#[derive(clap::Args, Debug)]
pub struct Who {
    #[command(flatten)]
    pub(super) place: Place,
    /// The member of staff who acts, by e-mail; the first administrator unless said.
    #[arg(long = "as", value_name = "EMAIL")]
    pub(super) staff: Option<String>,
    /// How to write the answer.
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
}

#[derive(clap::Subcommand, Debug)]
enum What {
    /// List people, or find them by any part of a name, e-mail, phone or organisation.
    List {
        #[command(flatten)]
        who: Who,
        /// What to look for.
        #[arg(long, default_value = "")]
        find: String,
        /// Only this category.
        #[arg(long, default_value = "")]
        category: String,
        /// Go on after this number.
        #[arg(long)]
        after: Option<i64>,
    },
    /// Show one person.
    Show {
        #[command(flatten)]
        who: Who,
        /// Their number.
        id: i64,
    },
    /// Add a person.
    Add {
        #[command(flatten)]
        who: Who,
        /// Who they are to us, as the policy names it.
        #[arg(long)]
        category: String,
        /// A detail: name="Priya Nair". May be given several times.
        #[arg(long, value_name = "KIND=VALUE", required = true)]
        item: Vec<String>,
        /// Where it came from, as the policy names it; need not be said where the policy names one place only.
        #[arg(long, default_value = "")]
        source: String,
        /// The day it was collected; today unless said.
        #[arg(long)]
        collected: Option<jiff::civil::Date>,
        /// An activity they agreed to.
        #[arg(long)]
        agreed: Vec<String>,
        /// They may also be told what we offer.
        #[arg(long)]
        offers: bool,
        /// Who told them that we hold this: `staff` or `source`; nobody yet, unless said.
        #[arg(long)]
        told: Option<String>,
    },
}

/// Does it.
///
/// # Errors
/// If the instance cannot be opened, or the policy refuses: then with the clause and the next step.
pub fn run(args: &Args) -> Outcome {
    match &args.what {
        What::List { who, find, category, after } => {
            let asks = Asks::finding(find, category, *after);
            reading(who, |acting, tx| api::listed(acting, tx, &asks), list)
        }
        What::Show { who, id } => reading(who, |acting, tx| api::shown(acting, tx, PersonId(*id)), show),
        What::Add { who, category, item, source, collected, agreed, offers, told } => {
            let pair = |item: &String| {
                let (kind, value) = item.split_once('=')?;
                Some((kind.to_owned(), value.to_owned()))
            };
            let values = item.iter().map(|item| {
                pair(item).ok_or_else(|| Failure(format!("`{item}` needs a kind, `=` and a value")))
            });
            let new = NewPerson {
                category: category.clone(),
                values: values.collect::<Result<_, _>>()?,
                source: source.clone(),
                collected_on: *collected,
                organisation: None,
                agreed: agreed.clone(),
                offers: *offers,
                told: told.as_deref().and_then(acts::told::said),
            };
            let instance = who.place.open()?;
            let acting = acting(&instance, who.staff.as_deref())?;
            let person = instance.store.write(|tx| acts::person::add(&acting, tx, &new))?;
            match who.format {
                Format::Text => super::say(person),
                Format::Json => super::say(serde_json::json!({ "id": person.0 })),
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// The member of staff a command acts as.
///
/// # Errors
/// If there is none of this address, or nobody at all yet.
pub fn acting<'i>(instance: &'i Instance, email: Option<&str>) -> Result<Acting<'i>, Failure> {
    let policy = instance.policy();
    let account = instance.store.read(|tx| match email {
        Some(email) => Ok::<_, Fault>(staff::by_email(tx, email)?),
        None => {
            let role = &acts::staff::administrators(&policy)?.name;
            Ok(staff::all(tx)?.into_iter().find(|account| account.until.is_none() && account.role == *role))
        }
    })?;
    let account = account.ok_or_else(|| {
        Failure(email.map_or_else(
            || "nobody is on the staff yet: open the link that `init` printed".to_owned(),
            |email| format!("nobody on the staff signs in as `{email}`"),
        ))
    })?;
    Ok(Acting::staff(instance, account)?)
}

fn reading(
    who: &Who,
    act: impl FnOnce(&Acting<'_>, &store::Tx<'_>) -> Result<Value, Fault>,
    write: fn(&Value),
) -> Outcome {
    let instance = who.place.open()?;
    let acting = acting(&instance, who.staff.as_deref())?;
    let answer = instance.store.read(|tx| act(&acting, tx))?;
    instance.store.note(acting.into_views())?;
    match who.format {
        Format::Text => write(&answer),
        Format::Json => super::say(serde_json::to_string_pretty(&answer)?),
    }
    Ok(ExitCode::SUCCESS)
}

fn words<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or("")
}

fn each<'v>(value: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> {
    value.get(name).and_then(Value::as_array).into_iter().flatten()
}

fn list(answer: &Value) {
    for person in each(answer, "people") {
        let categories: Vec<&str> = each(person, "categories").filter_map(Value::as_str).collect();
        let id = person.get("id").and_then(Value::as_i64).unwrap_or(0);
        super::say(format_args!("{id}  {:<28}  {}", words(person, "name"), categories.join(", ")));
    }
    if let Some(after) = answer.get("after").and_then(Value::as_i64) {
        super::say(format_args!("more with --after {after}"));
    }
}

fn show(answer: &Value) {
    for item in each(answer, "items") {
        super::say(format_args!("{:<14} {}", words(item, "kind"), words(item, "value")));
    }
    for entry in each(answer, "entries") {
        super::say(format_args!(
            "{}  {}: {}",
            words(entry, "on"),
            words(entry, "kind"),
            words(entry, "text")
        ));
    }
    for card in each(answer, "why") {
        let until = match words(card, "until") {
            "" => String::new(),
            until => format!(", until {until}"),
        };
        super::say(format_args!(
            "held for \u{201c}{}\u{201d} on {}{until}",
            words(card, "title"),
            words(card, "basis")
        ));
    }
}
