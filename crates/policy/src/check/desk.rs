//! Answering people, mistakes, backups and visits.

use jiff::Span as Period;
use jiff::civil::date;

use super::Review;
use super::period::shorter;
use crate::law::uk::BREACH_HOURS;
use crate::policy::{Charge, Clause, Identity};

/// What only people can read, as a word of how data is handed over.
const FOR_EYES: &[&str] = &[
    "pdf",
    "paper",
    "print",
    "prints",
    "printed",
    "printout",
    "printouts",
    "letter",
    "letters",
    "post",
    "scan",
    "scans",
    "image",
    "images",
    "screenshot",
    "screenshots",
    "copies",
    "photocopy",
    "photocopies",
    "fax",
];

/// The days of the longest month.
const LONGEST_MONTH: i64 = 31;

impl Review<'_> {
    pub(super) fn desk(&mut self) {
        let policy = self.policy;
        if let Some(period) = policy.requests.own_period
            && later_than_a_month(period)
        {
            self.find(
                "E-ANSWER",
                self.place(&Clause::Answer),
                "this is sometimes longer than the law's month",
                "write `at most the law's month`",
            );
        }
        for (at, register) in policy.requests.registers.iter().enumerate() {
            let says_who = |column: &String| ["person", "name", "initials"].contains(&column.as_str());
            let who: Vec<&String> = register.columns.iter().filter(|column| says_who(column)).collect();
            if who.iter().all(|column| *column == "initials") && !who.is_empty() {
                let message = format!("the register `{}` knows people by initials only", register.name);
                self.find("W-INITIALS", self.place(&Clause::Register(at)), message, "the program keeps the request's number and a keyed hash beside them; say why initials are wanted");
            }
        }
        if policy.requests.confirm_erasure && policy.requests.confirming_days > LONGEST_MONTH {
            self.find(
                "E-ANSWER",
                self.place(&Clause::Requests("confirm".to_owned())),
                "whoever was erased would hear of it later than the law's month",
                "write `confirm erasure, before the address goes, within 30 days`, or fewer",
            );
        }
        self.how_requests();
        for reading in &policy.readings {
            let message = format!("this can be read in several ways; here it means: {}", reading.meant);
            let about = reading.activity.and_then(|id| policy.activity(id)).map(|known| known.name.clone());
            if reading.names_no_basis {
                let message = "the notice must say which basis this rests on";
                self.note(about.clone(), "W-BASIS-UNSAID", reading.span, message.to_owned(), String::new());
            }
            let help = "say it so that it can be read in one way only";
            self.note(about, "W-READING", reading.span, message, help.to_owned());
        }
        match &policy.incidents {
            None => self.find("W-INCIDENTS", self.head("version"), "nothing says who looks into incidents", "write `incidents investigated by ROLE; tell the regulator within 72 hours where the law says`"),
            Some(incidents) if i64::from(incidents.regulator_within_hours) > BREACH_HOURS => {
                self.find(
                    "E-BREACH",
                    incidents.span,
                    "the law gives 72 hours",
                    "write `tell the regulator within 72 hours where the law says`",
                );
            }
            Some(_) => {}
        }
        if let Some(backups) = &policy.backups
            && shorter(Period::new().months(6), backups.kept)
        {
            self.find(
                "W-BACKUPS",
                backups.span,
                "backups are kept for more than six months",
                "keep them for 3 months",
            );
        }
        if let Some(visits) = &policy.visits
            && !visits.ask_first
        {
            self.find(
                "W-VISITS",
                visits.span,
                "visits are counted before the visitor is asked",
                "write `only after the visitor agrees`",
            );
        }
    }

    /// Whether people can ask in any way, without proving who they are, and for nothing.
    fn how_requests(&mut self) {
        let requests = &self.policy.requests;
        let at = |keyword: &str| self.place(&Clause::Requests(keyword.to_owned()));
        let (asked, identity) = (at("asked"), at("identity"));
        let (charge, extend, format) = (at("charge"), at("extend"), at("format"));
        let open = ["e-mail", "phone", "letter", "post", "form", "in person"];
        let closed = requests.asked.iter().find(|way| !open.contains(&way.as_str()));
        if let Some(way) = closed {
            let help = "take them however they come: `asked by e-mail, phone, letter, form`";
            self.find("E-ASKED", asked, format!("nobody can be made to ask `{way}`"), help);
        }
        // Whoever cannot write may ask as well as whoever cannot speak.
        let spoken = |way: &&String| ["phone", "in person"].contains(&way.as_str());
        let speak = requests.asked.iter().filter(spoken).count();
        if closed.is_none() && !requests.asked.is_empty() && (speak == 0 || speak == requests.asked.len()) {
            let help = "take them however they come: `asked by e-mail, phone, letter, form`";
            let message = format!("nobody can be made to ask by {} only", or_list(&requests.asked));
            self.find("E-ASKED", asked, message, help);
        }
        if requests.identity == Identity::Everybody {
            let help = "write `identity asked only in doubt`";
            self.find(
                "E-IDENTITY",
                identity,
                "proof may be asked for only where there is reasonable doubt",
                help,
            );
        }
        if let Charge::Each { .. } = requests.charge {
            let help = "write `charge nothing, unless unfounded or excessive`";
            self.find("E-FEE", charge, "counting requests proves nothing about any of them", help);
        }
        if requests.extend.is_some_and(|period| shorter(Period::new().months(3), period)) {
            let help = "write `extend to 3 months from receipt where complex, the person told in time`";
            self.find("E-EXTEND", extend, "the law gives at most two further months", help);
        }
        let readable = |format: &String| {
            let format = format.to_lowercase();
            !format.split([' ', '-']).any(|word| FOR_EYES.contains(&word))
        };
        if !requests.format.is_empty() && !requests.format.iter().any(readable) {
            let help = "write `format PDF, JSON and CSV`";
            self.find(
                "E-FORMAT-PDF",
                format,
                "no machine can read this, and some people cannot either",
                help,
            );
        }
    }
}

/// `e-mail, letter or form`.
fn or_list(ways: &[String]) -> String {
    match ways.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => ways.join(""),
    }
}

/// Whether a period from any day of a year ends after the law's month from that day would.
fn later_than_a_month(period: Period) -> bool {
    let days = date(2027, 1, 1).series(Period::new().days(1)).take(365);
    let month = Period::new().months(1);
    days.into_iter().any(
        |day| matches!((day.checked_add(period), day.checked_add(month)), (Ok(own), Ok(law)) if own > law),
    )
}
