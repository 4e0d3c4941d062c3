//! How a world is written down: staff, organisations and people, each person with a story of one line a happening.

use std::fmt;

use jiff::civil::Date;
use serde::Deserialize;
use toml::Spanned;

/// A world.
#[derive(Debug)]
pub struct World {
    /// The first day of the story.
    pub begins: Date,
    /// The day on which the practice instance stands when it opens.
    pub today: Date,
    /// The staff, the one who does everything unsaid first.
    pub staff: Vec<Staff>,
    /// The organisations.
    pub organisations: Vec<Organisation>,
    /// The people.
    pub people: Vec<Person>,
    /// What happens in the office, in order.
    pub office: Vec<Office>,
    /// Everything that happens to people, in order.
    pub happenings: Vec<Happening>,
}

/// Something that happens in the office: what is attested is signed, the preference lists are loaded.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct Office {
    /// On which day.
    pub on: Date,
    /// Whether everything the policy has somebody attest is signed.
    #[serde(default)]
    pub signs: bool,
    /// Those whose numbers stand on every preference list, which are loaded on this day.
    pub listed: Option<Vec<String>>,
    /// A mailing that goes out: the activity and its subject, `promotion: Spring courses`.
    pub mailing: Option<String>,
    /// A task somebody sees to, by words of it: `Give this hr file back`.
    pub done: Option<String>,
    /// What went wrong with data, in a sentence: it is looked into, the regulator is told, and it is closed on the same day.
    pub incident: Option<String>,
}

/// A member of staff.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct Staff {
    /// How the story calls them.
    pub key: String,
    /// Their name.
    pub name: String,
    /// The address they sign in with.
    pub email: String,
    /// Their role in the policy.
    pub role: String,
}

/// An organisation.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct Organisation {
    /// How the story calls it.
    pub key: String,
    /// Its name.
    pub name: String,
    /// Whether its line is a company's: `corporate` or `individual`.
    pub subscriber: Option<String>,
    /// Its number.
    pub phone: Option<String>,
    /// Its own address for e-mail.
    pub email: Option<String>,
    /// Its site.
    pub website: Option<String>,
}

/// A person.
#[derive(Debug)]
pub struct Person {
    /// How the story calls them.
    pub key: String,
    /// Their first category.
    pub category: String,
    /// The day they are added.
    pub on: Date,
    /// Where their details come from.
    pub source: String,
    /// The public form by which they come themselves, if they do: then their details are what they write on it.
    pub form: Option<String>,
    /// Their organisation.
    pub organisation: Option<String>,
    /// Activities they agreed to when they gave their details.
    pub agreed: Vec<String>,
    /// Their details by kind.
    pub details: Vec<(String, String)>,
}

/// Something that happens.
#[derive(Debug)]
pub struct Happening {
    /// On which day.
    pub on: Date,
    /// To whom: a place in [`World::people`].
    pub person: usize,
    /// What: [`None`] for being added.
    pub what: Option<String>,
    /// The line of the file, for a mistake in it.
    pub line: usize,
}

/// What is wrong with a world's text.
#[derive(Debug)]
pub struct StoryError(String);

impl fmt::Display for StoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for StoryError {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    begins: Date,
    today: Date,
    staff: Vec<Staff>,
    organisation: Vec<Organisation>,
    #[serde(default)]
    office: Vec<Office>,
    person: Vec<RawPerson>,
}

#[derive(Deserialize)]
struct RawPerson {
    key: String,
    #[serde(rename = "as")]
    category: String,
    on: Date,
    #[serde(default = "themselves")]
    from: String,
    form: Option<String>,
    at: Option<String>,
    #[serde(default)]
    agreed: Vec<String>,
    #[serde(default)]
    story: Vec<Spanned<String>>,
    #[serde(flatten)]
    details: toml::Table,
}

fn themselves() -> String {
    "the person".to_owned()
}

impl World {
    /// Reads a world.
    ///
    /// # Errors
    /// [`StoryError`] with the place of the first mistake.
    pub fn read(text: &str) -> Result<Self, StoryError> {
        let mut raw: Raw = toml::from_str(text).map_err(|error| StoryError(error.to_string()))?;
        let mut people = Vec::with_capacity(raw.person.len());
        let mut happenings = Vec::new();
        for (number, person) in raw.person.into_iter().enumerate() {
            happenings.push(Happening { on: person.on, person: number, what: None, line: 0 });
            for told in person.story {
                let line = text.get(..told.span().start).map_or(0, |before| before.matches('\n').count() + 1);
                let wrong =
                    || StoryError(format!("line {line}: a line of a story is a date and what happened"));
                let (on, what) = told.get_ref().split_once(' ').ok_or_else(wrong)?;
                let on = on.parse().map_err(|_| wrong())?;
                happenings.push(Happening { on, person: number, what: Some(what.trim().to_owned()), line });
            }
            let details = person.details.into_iter();
            let details =
                details.filter_map(|(kind, value)| Some((kind, value.as_str()?.to_owned()))).collect();
            people.push(Person {
                key: person.key,
                category: person.category,
                on: person.on,
                source: person.from,
                form: person.form,
                organisation: person.at,
                agreed: person.agreed,
                details,
            });
        }
        // What happens on one day happens in the order written: a stable sort.
        happenings.sort_by_key(|happening| happening.on);
        raw.office.sort_by_key(|event| event.on);
        Ok(Self {
            begins: raw.begins,
            today: raw.today,
            staff: raw.staff,
            organisations: raw.organisation,
            people,
            office: raw.office,
            happenings,
        })
    }
}
