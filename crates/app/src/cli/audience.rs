//! `probity audience`: who would be written to, as numbers with their reasons, and the audiences that are kept; by the same acts as
//! the pages. It names nobody.

use std::collections::BTreeMap;
use std::process::ExitCode;

use serde_json::Value;

use super::who::Who;
use super::{Format, Outcome};
use crate::acts::audience::Criteria;
use crate::acts::audience::criteria::QUESTIONS;
use crate::acts::saved_audience as acts;
use crate::fault::Fault;
use crate::web::api::audience as api;

/// What `audience` takes.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand, Debug)]
enum What {
    /// Say who would be written to for a purpose today, and who not and why.
    Show {
        #[command(flatten)]
        who: Who,
        /// What for, as the policy names it.
        #[arg(long, required_unless_present = "saved")]
        activity: Option<String>,
        /// By what it is narrowed: category=delegate, work=course/delivered, since=2024-01-01, before=DATE, organisation=NUMBER,
        /// place=Leeds, not-written-since=DATE, heard-since=DATE, not-heard-since=DATE. May be given several times.
        #[arg(long = "only", value_name = "QUESTION=ANSWER", requires = "activity")]
        only: Vec<String>,
        /// One that is kept, by its number.
        #[arg(long, value_name = "NUMBER", conflicts_with = "activity")]
        saved: Option<i64>,
    },
    /// List the audiences that are kept: one's own, and what colleagues share.
    List {
        #[command(flatten)]
        who: Who,
    },
    /// Keep what is asked, and never who it is.
    Keep {
        #[command(flatten)]
        who: Who,
        /// What to call it.
        name: String,
        /// What for, as the policy names it.
        #[arg(long)]
        activity: String,
        /// By what it is narrowed, as for `show`.
        #[arg(long = "only", value_name = "QUESTION=ANSWER")]
        only: Vec<String>,
        /// Colleagues see it, too.
        #[arg(long)]
        shared: bool,
    },
    /// Let go of one that is kept.
    Forget {
        #[command(flatten)]
        who: Who,
        /// Its number.
        id: i64,
    },
}

/// Does it.
///
/// # Errors
/// If the instance cannot be opened, or the policy refuses.
pub fn run(args: &Args) -> Outcome {
    match &args.what {
        What::Show { who, activity, only, saved } => {
            let answer = who.read(|acting, tx| match saved {
                Some(saved) => {
                    let held = acts::one(acting, tx, *saved)?;
                    api::shown(acting, tx, &held.activity, &Criteria::of_saved(&held.criteria)?)
                }
                None => api::shown(acting, tx, activity.as_deref().unwrap_or_default(), &asked(only)?),
            })?;
            match who.format {
                Format::Json => super::say(&answer),
                Format::Text => written(&answer),
            }
        }
        What::List { who } => {
            let kept = who.read(|acting, tx| {
                let all = acts::all(acting, tx)?;
                all.iter().map(|held| Ok((held.clone(), api::kept(held)?))).collect::<Result<Vec<_>, Fault>>()
            })?;
            for (held, json) in kept {
                match who.format {
                    Format::Json => super::say(json),
                    Format::Text => super::say(format_args!(
                        "{}  {} ({}{})",
                        held.id,
                        held.name,
                        held.activity,
                        if held.shared { ", shared" } else { "" }
                    )),
                }
            }
        }
        What::Keep { who, name, activity, only, shared } => {
            let criteria = asked(only)?;
            let id = who.write(|acting, tx| acts::save(acting, tx, (activity, &criteria), name, *shared))?;
            match who.format {
                Format::Json => super::say(serde_json::json!({ "audience": id })),
                Format::Text => super::say(format_args!("audience {id} is kept")),
            }
        }
        What::Forget { who, id } => {
            who.write(|acting, tx| acts::forget(acting, tx, *id))?;
            match who.format {
                Format::Json => super::say(serde_json::json!({ "audience": id })),
                Format::Text => super::say(format_args!("audience {id} is let go of")),
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn asked(only: &[String]) -> Result<Criteria, Fault> {
    let mut answers = BTreeMap::new();
    for one in only {
        let split = one.split_once('=').filter(|(name, _)| QUESTIONS.contains(name));
        let (name, value) = split.ok_or_else(|| {
            Fault::field(
                "only",
                format!("`{one}` is none of {} with an answer behind `=`", QUESTIONS.join(", ")),
            )
        })?;
        answers.insert(name.to_owned(), value.to_owned());
    }
    Criteria::of_address(&answers)
}

fn written(answer: &Value) {
    let words = |name: &str| answer.get(name).and_then(Value::as_str).unwrap_or_default();
    let number = |name: &str| answer.get(name).and_then(Value::as_u64).unwrap_or_default();
    super::say(format_args!(
        "{}: {} will, {} will not",
        words("sentence"),
        number("will"),
        number("will_not")
    ));
    for reason in answer.get("reasons").and_then(Value::as_array).into_iter().flatten() {
        let said = |name: &str| reason.get(name).and_then(Value::as_str).unwrap_or_default();
        let count = reason.get("count").and_then(Value::as_u64).unwrap_or_default();
        let clause = said("clause");
        let by = if clause.is_empty() { String::new() } else { format!(" ({clause})") };
        super::say(format_args!("  {count}  {}{by}", said("because")));
    }
    if number("out_of_reach") > 0 {
        super::say(format_args!("  {} more are out of reach of this role", number("out_of_reach")));
    }
}
