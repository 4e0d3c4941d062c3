//! Whoever is outside: where data goes, and what protects it there.

use super::Review;
use super::prose::{Text, sentence_at};
use crate::channel::Forbidden;
use crate::law::transfer::{self, Gap};
use crate::law::uk::adequate;
use crate::policy::Processor;

impl Review<'_> {
    pub(super) fn outside(&mut self) {
        let policy = self.policy;
        for processor in &policy.processors {
            self.safeguard(processor);
            self.leaves(&processor.name, &processor.place, processor.safeguard.is_some(), processor.span);
        }
        for recipient in &policy.recipients {
            let Some(place) = &recipient.place else { continue };
            self.leaves(&recipient.name, place, false, recipient.span);
            if !same_place(place, &policy.home) && !adequate(place) {
                let message = format!("nothing protects data in {place}");
                self.find_in(
                    &recipient.name,
                    "E-SAFEGUARD",
                    recipient.span,
                    message,
                    "declare a `processor` with a safeguard, or share nothing there",
                );
            }
        }
    }

    fn safeguard(&mut self, processor: &Processor) {
        let name = &processor.name;
        let span = if processor.safeguard.is_some() { processor.safeguard_span } else { processor.span };
        let words = processor.safeguard.as_deref().unwrap_or_default().to_lowercase();
        let Some(gap) = transfer::gap_of(self.policy, processor, self.today) else {
            let abroad = !same_place(&processor.place, &self.policy.home) && !adequate(&processor.place);
            let agreed = words.contains("idta") || words.contains("addendum");
            if abroad && agreed && transfer::signed(&words).is_some_and(|day| day < transfer::AGREEMENT_FROM)
            {
                let message =
                    format!("nobody can have signed it before {}: there was none", transfer::AGREEMENT_FROM);
                return self.find_in(
                    name,
                    "E-SAFEGUARD",
                    span,
                    message,
                    "write the day on which it was signed",
                );
            }
            if words.contains("data bridge") && abroad {
                self.bridge(processor);
            } else if abroad && words.contains("adequacy") {
                // The law itself answers for it.
            } else if abroad
                && !words.contains("signed")
                && !(words.contains("binding corporate rules") && words.contains("approved"))
            {
                let help = "add the day: `signed DATE`";
                self.find_in(name, "W-SAFEGUARD", span, "nothing says when this was signed", help);
            } else if abroad && processor.assessed.is_none() {
                let help = "add `assessed in \"FILE\"`";
                self.find_in(name, "W-SAFEGUARD", span, "no risk assessment is named", help);
            }
            return;
        };
        match gap {
            Gap::Ended { .. } => {
                let help = "if the company is on the list for the UK, write `under data bridge, checked DATE`;\n\
                            otherwise `under IDTA signed DATE, assessed in \"FILE\"`";
                self.find_in(name, "E-SHIELD", span, "this safeguard no longer exists", help);
            }
            Gap::Unstated => {
                let message = format!("nothing protects data in {}", processor.place);
                let usa = ["usa", "us", "united states"].contains(&processor.place.to_lowercase().as_str());
                let help = match (usa, transfer::partly_adequate(&processor.place)) {
                    (true, _) => {
                        "write `under data bridge, checked DATE`, or `under IDTA signed DATE, assessed in \"FILE\"`"
                    }
                    (_, true) => {
                        "if the law there binds the company, write `under adequacy regulations`; otherwise \
                         `under IDTA signed DATE, assessed in \"FILE\"`"
                    }
                    _ => "write `under IDTA signed DATE, assessed in \"FILE\"`",
                };
                self.find_in(name, "E-SAFEGUARD", span, message, help);
            }
            Gap::Elsewhere => {
                let help = "write `under IDTA signed DATE, assessed in \"FILE\"`";
                self.find_in(name, "E-SAFEGUARD", span, gap.words(), help);
            }
            Gap::ClausesAlone => self.find_in(
                name,
                "E-CLAUSES",
                span,
                "these clauses alone do not work for UK data",
                "write `under IDTA signed DATE`, or `under addendum signed DATE`",
            ),
            Gap::NotYet { .. } => {
                let help = "write it once it stands; until then nothing goes there";
                self.find_in(name, "E-SAFEGUARD", span, gap.words(), help);
            }
            Gap::Unknown => {
                let help = "write `data bridge`, `IDTA signed DATE` or `addendum signed DATE`";
                let message = format!("`{words}` is no safeguard the law knows");
                self.find_in(name, "E-SAFEGUARD", span, message, help);
            }
        }
    }

    /// Somebody must look, at least once a year, whether the company is on the bridge's list.
    fn bridge(&mut self, processor: &Processor) {
        let (name, span) = (&processor.name, processor.safeguard_span);
        let fresh = processor.checked.and_then(|day| day.checked_add(jiff::Span::new().years(1)).ok());
        match fresh {
            None => self.find_in(
                name,
                "W-SAFEGUARD",
                span,
                "nothing says when the list was looked at",
                "add `checked DATE`",
            ),
            Some(until) if until < self.today => {
                self.find_in(
                    name,
                    "W-SAFEGUARD",
                    span,
                    "the list was looked at more than a year ago",
                    "look again, and write the day",
                );
            }
            Some(_) if processor.checked.is_some_and(|day| day > self.today) => {
                let message = "nobody can have looked at the list on a day that is yet to come";
                self.find_in(name, "W-SAFEGUARD", span, message, "look, and write the day: `checked DATE`");
            }
            Some(_) => {}
        }
    }

    /// `never share outside UK` leaves no room for a processor abroad, unless one safeguarded is let through.
    fn leaves(&mut self, name: &str, place: &str, safeguarded: bool, span: crate::source::Span) {
        for never in &self.policy.prohibitions {
            if let Forbidden::ShareOutside { place: kept, unless_safeguarded } = &never.what
                && !same_place(place, kept)
                && !(*unless_safeguarded && (safeguarded || adequate(place)))
            {
                let message = format!("`never {}`, and yet data goes to {place}", never.words);
                self.find_in(
                    name,
                    "E-HOME",
                    span,
                    message,
                    "add `unless safeguarded` there, or keep the data at home",
                );
            }
        }
    }
}

/// What keeps data somewhere, in a sentence about it.
const KEPT_IN: &[&str] =
    &["stored", "store ", "kept", "keep ", "held", "hold ", "hosted", "processed", "saved"];

/// Places abroad, with the words for them after `in the` or `in`.
const ABROAD: &[(&str, &[&str])] = &[
    ("USA", &["usa", "us", "united states", "united states of america", "america"]),
    ("EU", &["eu", "european union", "eea", "european economic area", "europe"]),
    ("Ireland", &["ireland"]),
    ("Germany", &["germany"]),
    ("France", &["france"]),
    ("Netherlands", &["netherlands"]),
    ("Canada", &["canada"]),
    ("Australia", &["australia"]),
    ("India", &["india"]),
    ("China", &["china"]),
    ("Singapore", &["singapore"]),
    ("Switzerland", &["switzerland"]),
];

impl Review<'_> {
    /// A sentence that says that data is kept abroad, where nobody the policy declares is abroad at all.
    pub(super) fn abroad(&mut self, text: &Text) {
        let home = &self.policy.home;
        let away = |place: &str| !same_place(place, home);
        let processors = self.policy.processors.iter().map(|processor| processor.place.as_str());
        let recipients = self.policy.recipients.iter().filter_map(|body| body.place.as_deref());
        if processors.chain(recipients).any(away) {
            return;
        }
        for (place, names) in ABROAD.iter().filter(|(place, _)| away(place)) {
            for (at, words) in names.iter().flat_map(|name| {
                [format!(" in the {name}"), format!(" in {name}")]
                    .into_iter()
                    .filter_map(|words| whole(&text.words, &words).map(|at| (at, words)))
                    .collect::<Vec<_>>()
            }) {
                let (start, end) = sentence_at(&text.words, at);
                let sentence = text.words.get(start..end).unwrap_or_default();
                let says = |words: &[&str]| words.iter().any(|word| sentence.contains(word));
                let data = says(&["data", "details", "information", "records"]);
                let negated = says(&["not ", "never", "nothing", "no data", "nobody", "n't "]);
                if data && says(KEPT_IN) && !negated {
                    let message = format!("no processor or recipient of this policy is in {place}");
                    let help = "name the processor, its place and what protects data there; or take the sentence out";
                    return self.find("W-SAFEGUARD", text.place(at + 1, at + words.len()), message, help);
                }
            }
        }
    }
}

/// Where some words stand with nothing of another word behind them.
fn whole(text: &str, words: &str) -> Option<usize> {
    let ends = |at: &usize| {
        !text.get(at + words.len()..).is_some_and(|rest| rest.starts_with(char::is_alphanumeric))
    };
    text.match_indices(words).map(|(at, _)| at).find(ends)
}

fn same_place(place: &str, other: &str) -> bool {
    place.eq_ignore_ascii_case(other)
}
