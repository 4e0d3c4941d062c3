//! The answer to an access request as data: what the paper pack is set from, and what the person gets as
//! a file for computers. `docs/pack.md` describes it; a field that changes its meaning makes a new version.

use serde::{Deserialize, Serialize};

/// The name of the format, so that a program can tell what it has.
pub const FORMAT: &str = "probity access pack";
/// Its version.
pub const VERSION: u32 = 1;

/// Everything held about one person, opened for that person. Dates are `2026-03-31`, all text is plain.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pack {
    /// [`FORMAT`].
    pub format: String,
    /// [`VERSION`].
    pub version: u32,
    /// The day the pack was made.
    pub made_on: String,
    /// Who holds the data.
    pub controller: Controller,
    /// Whom it is about.
    pub person: Addressee,
    /// What was asked.
    pub request: Asked,
    /// The letter, a paragraph each.
    pub letter: Vec<String>,
    /// Why each thing is held, activity by activity.
    pub activities: Vec<Held>,
    /// Places outside the United Kingdom that data goes to, each with its safeguard (Art 15(2)).
    pub transfers: Vec<String>,
    /// Whether machines decide anything, in a sentence (Art 15(1)(h)).
    pub automated: Option<String>,
    /// The values.
    pub items: Vec<Item>,
    /// Organisations the person belongs to.
    pub organisations: Vec<Belonging>,
    /// Work the person took part in.
    pub works: Vec<Work>,
    /// Notes, letters, calls and messages, oldest first.
    pub timeline: Vec<Entry>,
    /// Files.
    pub documents: Vec<Document>,
    /// Consents, objections, requests and other records.
    pub records: Vec<Record>,
    /// Whom details were passed to (Art 15(1)(c)).
    pub disclosures: Vec<Disclosure>,
    /// What was left out, and why (DPA 2018 Sch 2).
    pub withheld: Vec<Withheld>,
    /// The person's rights, a sentence each (Art 15(1)(e)).
    pub rights: Vec<String>,
    /// How to complain, to us and to the regulator (Art 15(1)(ea), (f)).
    pub complaint: String,
    /// Where we searched and for what (Art 15(1A)).
    pub search: Option<String>,
}

/// Who holds the data.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Controller {
    /// Legal name.
    pub name: String,
    /// Postal address.
    pub address: Option<String>,
    /// E-mail address for questions.
    pub email: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
    /// Who signs the letter.
    pub signed: Option<String>,
}

/// Whom the pack is about.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Addressee {
    /// Name, as it stands on the letter.
    pub name: String,
    /// Postal address for the letter.
    pub address: Option<String>,
}

/// What was asked.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// Our reference.
    pub reference: Option<String>,
    /// In the person's own words.
    pub words: Option<String>,
    /// Received.
    pub received_on: String,
    /// Answered.
    pub answered_on: Option<String>,
}

/// One activity the person is held under.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Held {
    /// Its name in the policy: what an import of this pack matches on.
    pub activity: String,
    /// Its title in the notice.
    pub title: String,
    /// What it is for, in a sentence (Art 15(1)(a)).
    pub why: Option<String>,
    /// The legal ground.
    pub basis: Option<String>,
    /// The kinds held for it (Art 15(1)(b)).
    pub kinds: Vec<String>,
    /// Where the data came from (Art 15(1)(g)).
    pub sources: Vec<String>,
    /// Who receives it (Art 15(1)(c)).
    pub recipients: Vec<String>,
    /// Until when, in a sentence with the date (Art 15(1)(d)).
    pub until: Option<String>,
}

/// One value.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Its kind's name in the policy.
    pub kind: String,
    /// The value.
    pub value: String,
    /// Where it came from.
    pub source: Option<String>,
    /// The day it was collected.
    pub collected_on: Option<String>,
}

/// An organisation the person belongs to.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Belonging {
    /// Its name.
    pub name: String,
    /// What the person does there.
    pub part: Option<String>,
    /// Since.
    pub from: Option<String>,
    /// Until.
    pub until: Option<String>,
}

/// A piece of work.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Work {
    /// What it is.
    pub title: String,
    /// The person's part.
    pub part: Option<String>,
    /// What has happened.
    pub milestones: Vec<Milestone>,
}

/// Something that happened on a piece of work.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Milestone {
    /// What.
    pub name: String,
    /// When.
    pub on: String,
}

/// A line of the timeline.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// When.
    pub on: String,
    /// Its kind's name in the policy, or `message`, `call`.
    pub kind: String,
    /// Who wrote it.
    pub by: Option<String>,
    /// Its subject.
    pub subject: Option<String>,
    /// Its text.
    pub text: Option<String>,
}

/// A file.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// Its name.
    pub name: String,
    /// Its kind's name in the policy.
    pub kind: String,
    /// Its date.
    pub on: Option<String>,
    /// Where the copy is: `enclosed as consent.pdf`, `on paper, copy enclosed`.
    pub copy: Option<String>,
}

/// A record: consent, objection, request.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// What sort.
    pub kind: String,
    /// When.
    pub on: Option<String>,
    /// What it says, in a sentence.
    pub words: String,
}

/// Details passed to someone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disclosure {
    /// When.
    pub on: String,
    /// To whom.
    pub recipient: String,
    /// Which kinds.
    pub kinds: Vec<String>,
    /// What for.
    pub what_for: Option<String>,
}

/// Something left out.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Withheld {
    /// What sort of information.
    pub what: String,
    /// The reason, with the rule of law.
    pub reason: String,
}

impl Pack {
    /// Every text of it that somebody wrote and that may speak of others, each with what it is. Whom the pack is about and
    /// whoever received their details are named by right and are not among them.
    pub fn texts_mut(&mut self) -> Vec<(String, &mut String)> {
        let mut texts: Vec<(String, &mut String)> = Vec::new();
        texts.extend(self.items.iter_mut().map(|item| (format!("A detail: {}", item.kind), &mut item.value)));
        texts.extend(
            self.works.iter_mut().map(|work| ("The name of a piece of work".to_owned(), &mut work.title)),
        );
        for entry in &mut self.timeline {
            let heading = format!("{}, {}", entry.kind, entry.on);
            texts.extend(entry.subject.as_mut().map(|subject| (format!("{heading}, subject"), subject)));
            texts.extend(entry.text.as_mut().map(|text| (heading, text)));
        }
        texts.extend(
            self.documents
                .iter_mut()
                .map(|document| ("The name of a document".to_owned(), &mut document.name)),
        );
        texts.extend(
            self.records.iter_mut().map(|record| (format!("A record: {}", record.kind), &mut record.words)),
        );
        for disclosure in &mut self.disclosures {
            texts.extend(
                disclosure
                    .what_for
                    .as_mut()
                    .map(|what_for| ("What details were passed on for".to_owned(), what_for)),
            );
        }
        // A record like the others: it grows by answering.
        texts.extend(self.search.as_mut().map(|search| ("A record: where we searched".to_owned(), search)));
        texts
    }

    /// The pack as the file for computers: indented JSON.
    ///
    /// # Errors
    /// When it cannot be written as JSON, which plain text always can.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self)
    }
}
