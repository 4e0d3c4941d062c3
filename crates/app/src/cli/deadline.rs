//! `probity deadline`: the law's calendar, on dates given by hand. Touches no data.

use std::process::ExitCode;

use jiff::civil::{Date, DateTime};
use policy::law::uk::{Asked, Kind, Pause, breach_local, deadline};
use policy::policy::Nation;

use super::{Failure, Format, Outcome};

/// What `deadline` takes.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// access, erasure, rectification, restriction, objection, portability, complaint or breach.
    kind: String,
    /// The day it reached anybody here; for a breach the local date and time of becoming aware: 2026-12-24T16:20.
    #[arg(long)]
    received: String,
    /// Whose bank holidays count: england-wales, scotland or northern-ireland.
    #[arg(long, default_value = "england-wales", value_parser = nation)]
    nation: Nation,
    /// A time of waiting for clarification: 2026-03-04..2026-03-13. Open at the end while they have not answered.
    #[arg(long, value_name = "A..B")]
    paused: Vec<String>,
    /// The day the proof of identity arrived, where it was asked for.
    #[arg(long)]
    identity: Option<Date>,
    /// The day the fee was paid, where one was lawfully asked for.
    #[arg(long)]
    fee: Option<Date>,
    /// Two further months were taken.
    #[arg(long)]
    extended: bool,
    /// How to write the answer.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

fn nation(word: &str) -> Result<Nation, String> {
    policy::law::holidays::nation(word)
        .ok_or_else(|| "write england-wales, scotland or northern-ireland".to_owned())
}

/// Prints the due date alone on the first line, then how it came about.
///
/// # Errors
/// If the kind or a date cannot be read.
pub fn run(args: Args) -> Outcome {
    let (due, notice_by, trace) = if args.kind == "breach" {
        let aware: DateTime = args.received.replacen(' ', "T", 1).parse().map_err(|_| {
            Failure("a breach needs the local date and time: --received 2026-12-24T16:20".to_owned())
        })?;
        let due = breach_local(aware).map(|due| due.strftime("%Y-%m-%d %H:%M").to_string());
        (due, None, vec!["72 elapsed hours after becoming aware (Art 33(1))".to_owned()])
    } else {
        let kind = Kind::of(&args.kind).ok_or_else(|| Failure(unknown(&args.kind)))?;
        let received = date(&args.received)?;
        let mut asked = Asked::new(kind, received, args.nation);
        asked.paused = args.paused.iter().map(|pause| read_pause(pause)).collect::<Result<_, _>>()?;
        asked.identity = args.identity;
        asked.fee = args.fee;
        asked.extended = args.extended;
        let deadline = deadline(&asked);
        let due = match deadline.due {
            Some(due) => Some(due.to_string()),
            None if deadline.paused => Some("paused".to_owned()),
            None => None,
        };
        (due, deadline.notice_by.map(|by| by.to_string()), deadline.trace)
    };
    match args.format {
        Format::Text => {
            super::say(due.as_deref().unwrap_or("none"));
            if let Some(by) = notice_by {
                super::say(format_args!("  notice of the extension by {by}"));
            }
            trace.iter().for_each(|line| super::say(format_args!("  {line}")));
        }
        Format::Json => {
            super::say(serde_json::json!({ "due": due, "notice_by": notice_by, "trace": trace }));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn unknown(kind: &str) -> String {
    let known = Kind::ALL.iter().map(|(_, name)| *name).chain(["breach"]).collect::<Vec<_>>();
    match policy::diagnostic::nearest(kind, known.iter().copied()) {
        Some(near) => format!("the law has no calendar for `{kind}`; did you mean `{near}`?"),
        None => format!("the law has no calendar for `{kind}`; it knows {}", known.join(", ")),
    }
}

fn date(text: &str) -> Result<Date, Failure> {
    text.parse().map_err(|_| Failure(format!("`{text}` is no date; write 2026-08-31")))
}

fn read_pause(text: &str) -> Result<Pause, Failure> {
    let (asked, answered) = text
        .split_once("..")
        .ok_or_else(|| Failure(format!("`{text}` is no pause; write 2026-03-04..2026-03-13")))?;
    let asked = date(asked)?;
    let answered = if answered.is_empty() { None } else { Some(date(answered)?) };
    if let Some(answered) = answered.filter(|answered| *answered < asked) {
        let message = format!(
            "`{text}` ends before it begins; write the day you asked first: --paused {answered}..{asked}"
        );
        return Err(Failure(message));
    }
    Ok(Pause { asked, answered })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_that_ends_before_it_begins_is_refused() {
        let refused = |text: &str| read_pause(text).err().map(|failure| failure.0);
        let said = refused("2026-03-13..2026-03-04").unwrap_or_default();
        assert!(said.contains("--paused 2026-03-04..2026-03-13"), "{said}");
        for text in ["2026-03-04..2026-03-13", "2026-03-04..2026-03-04", "2026-03-04.."] {
            assert_eq!(refused(text), None);
        }
    }
}
