//! Which program wrote a file, told by the headings that only it writes.

use super::heading::plain;

/// The program that wrote a file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Source {
    /// Google Contacts, "Google CSV", in today's form or the older one.
    Google,
    /// Outlook: desktop, outlook.com, or Google's "Outlook CSV".
    Outlook,
    /// HubSpot, a contacts view.
    HubSpot,
    /// Mailchimp, an audience.
    Mailchimp,
    /// Anything else.
    Unknown,
}

impl Source {
    /// What people call it.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Google => "Google Contacts",
            Self::Outlook => "Outlook",
            Self::HubSpot => "HubSpot",
            Self::Mailchimp => "Mailchimp",
            Self::Unknown => "a spreadsheet",
        }
    }
}

/// Headings of which all must be there, for each program; the first that fits wins.
const MARKS: &[(Source, &[&str])] = &[
    (Source::Google, &["e mail 1 value"]),
    (Source::Google, &["phone 1 value", "labels"]),
    (Source::Google, &["first name", "phonetic first name", "file as"]),
    (Source::Google, &["given name", "yomi name", "group membership"]),
    (Source::Mailchimp, &["email address", "member rating"]),
    (Source::Mailchimp, &["email address", "optin time"]),
    (Source::Mailchimp, &["email address", "leid"]),
    (Source::HubSpot, &["record id", "email"]),
    (Source::HubSpot, &["record id", "first name", "contact owner"]),
    (Source::HubSpot, &["record id contact"]),
    (Source::Outlook, &["e mail address", "business phone"]),
    (Source::Outlook, &["e mail address", "e mail display name"]),
    (Source::Outlook, &["first name", "last name", "e mail address", "company"]),
];

/// Tells by its headings which program wrote a file.
#[must_use]
pub fn recognise(headers: &[String]) -> Source {
    let headers: Vec<String> = headers.iter().map(|header| plain(header)).collect();
    let there = |heading: &&str| headers.iter().any(|header| header == heading);
    MARKS.iter().find(|(_, marks)| marks.iter().all(there)).map_or(Source::Unknown, |(source, _)| *source)
}
