//! By what an audience is narrowed: read from an address or from what was saved, said as a sentence. A criterion only ever leaves
//! people out: whoever fits is decided for like everybody else. It may use what the role may see and the activity may hold, and the
//! decision point says so.

use std::collections::BTreeMap;

use custody::decide::{By, heard_by, may_pick};
use custody::explain::day;
use custody::id::{MailingId, OrganisationId, PersonId};
use jiff::civil::Date;
use policy::{Activity, Category, Work};
use serde::{Deserialize, Serialize};
use store::narrowing::{self, Days};
use store::{Tx, mailing, organisation, saved_audience};

use super::Acting;
use crate::fault::Fault;
use crate::web::page::FieldError;
use crate::web::people::{capital, escape};

/// The longest place, in bytes.
const PLACE_BYTES_MAX: usize = 100;

/// The questions, as an address, a program and the command line name them.
pub const QUESTIONS: &[&str] = &[
    "category",
    "work",
    "since",
    "before",
    "organisation",
    "place",
    "not-written-since",
    "heard-since",
    "not-heard-since",
];

/// By what an audience is narrowed; by nothing where all is empty.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Criteria {
    /// Whoever is this to us today.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Whoever is or was on work of this kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub work: Option<String>,
    /// On which this happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub milestone: Option<String>,
    /// It happened, or they joined, on this day or since.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Date>,
    /// Before this day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Date>,
    /// Whoever belongs to this organisation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organisation: Option<OrganisationId>,
    /// Whoever belongs to an organisation whose address says this place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// Whoever was not written to under the activity on this day or since.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_written_since: Option<Date>,
    /// Whoever was in touch with us on this day or since.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heard_since: Option<Date>,
    /// Whoever was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_heard_since: Option<Date>,
}

impl Criteria {
    /// The criteria of an address, by the names of its questions. Work and what happened on it are one question: `course/delivered`.
    ///
    /// # Errors
    /// [`Fault::Invalid`] for a day that is none, or one of nothing that happened.
    pub fn of_address(asked: &BTreeMap<String, String>) -> Result<Self, Fault> {
        let mut wrong = Vec::new();
        let words = |name: &str| {
            asked.get(name).map(|words| words.trim().to_owned()).filter(|words| !words.is_empty())
        };
        let mut on = |name: &str| {
            let typed = words(name)?;
            let read = typed.parse::<Date>().ok();
            if read.is_none() {
                let said = "A day is written like 2026-03-31.".to_owned();
                wrong.push(FieldError { field: name.to_owned(), words: said });
            }
            read
        };
        let (since, before) = (on("since"), on("before"));
        let not_written_since = on("not-written-since");
        let (heard_since, not_heard_since) = (on("heard-since"), on("not-heard-since"));
        let organisation = words("organisation").map(|typed| typed.parse().ok().map(OrganisationId));
        if organisation == Some(None) {
            let said = "Choose one of those that are found.".to_owned();
            wrong.push(FieldError { field: "organisation".to_owned(), words: said });
        }
        if !wrong.is_empty() {
            return Err(Fault::Invalid(wrong));
        }
        let on_work = words("work");
        let (work, milestone) =
            match on_work.as_deref().map(|work| work.split_once('/').unwrap_or((work, ""))) {
                Some((work, milestone)) => (
                    Some(work.to_owned()),
                    Some(milestone.to_owned()).filter(|milestone| !milestone.is_empty()),
                ),
                None => (None, None),
            };
        let read = Self {
            category: words("category"),
            since,
            before,
            work,
            milestone,
            organisation: organisation.flatten(),
            place: words("place"),
            not_written_since,
            heard_since,
            not_heard_since,
        };
        read.sound().map(|()| read)
    }

    /// What leaves nobody out though it was asked would widen an audience behind the back of whoever asked: it is said.
    fn sound(&self) -> Result<(), Fault> {
        let mut wrong = Vec::new();
        let mut say = |field: &str, words: &str| {
            wrong.push(FieldError { field: field.to_owned(), words: words.to_owned() });
        };
        let of_work = self.since.is_some() || self.before.is_some() || self.milestone.is_some();
        if of_work && self.work.is_none() {
            say(
                "work",
                "Choose what they did with us as well: these days are of that, and alone leave nobody out.",
            );
        }
        if self.since.zip(self.before).is_some_and(|(since, before)| before <= since) {
            say("before", "This day is not after the one it begins on: nobody would fit.");
        }
        let no_place = |place: &String| place.len() > PLACE_BYTES_MAX || place.chars().any(char::is_control);
        if self.place.as_ref().is_some_and(no_place) {
            say("place", "A place is a word or two of an address.");
        }
        if wrong.is_empty() { Ok(()) } else { Err(Fault::Invalid(wrong)) }
    }

    /// The same as values by the names of their questions.
    #[must_use]
    pub fn answers(&self) -> BTreeMap<String, String> {
        let on_work = self.work.as_ref().map(|work| match &self.milestone {
            Some(milestone) => format!("{work}/{milestone}"),
            None => work.clone(),
        });
        let day = |day: Option<Date>| day.map(|day| day.to_string());
        let all = [
            ("category", self.category.clone()),
            ("work", on_work),
            ("since", day(self.since)),
            ("before", day(self.before)),
            ("organisation", self.organisation.map(|organisation| organisation.to_string())),
            ("place", self.place.clone()),
            ("not-written-since", day(self.not_written_since)),
            ("heard-since", day(self.heard_since)),
            ("not-heard-since", day(self.not_heard_since)),
        ];
        all.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    }

    /// The same as the end of an address.
    #[must_use]
    pub fn address(&self) -> String {
        self.answers().iter().map(|(name, value)| format!("&{name}={}", escape(value))).collect()
    }

    /// What was saved.
    ///
    /// # Errors
    /// [`Fault::Other`] if another version of the program wrote it.
    pub fn of_saved(text: &str) -> Result<Self, Fault> {
        serde_json::from_str(text)
            .map_err(|error| Fault::Other(format!("by what an audience is narrowed cannot be read: {error}")))
    }

    /// By what the audience of a mailing is narrowed.
    ///
    /// # Errors
    /// [`Fault::NotFound`] if there is no such mailing.
    pub fn of_mailing(tx: &Tx<'_>, mailing: MailingId) -> Result<Self, Fault> {
        saved_audience::of_mailing(tx, mailing)?
            .map_or_else(|| Ok(Self::default()), |text| Self::of_saved(&text))
    }

    /// As it is saved.
    ///
    /// # Errors
    /// [`Fault::Other`] if it cannot be written down.
    pub fn to_save(&self) -> Result<String, Fault> {
        serde_json::to_string(self).map_err(|error| Fault::Other(error.to_string()))
    }

    /// Asks whether the role may see, and the activity may use, what it is narrowed by.
    ///
    /// # Errors
    /// [`Fault::Refused`] naming the clause; [`Fault::Invalid`] for what the policy does not have, or what leaves nobody out.
    pub fn allowed(&self, acting: &Acting<'_>, activity: &Activity) -> Result<(), Fault> {
        self.sound()?;
        let may = |by: By<'_>| may_pick(&acting.policy, &acting.actor, activity, by).map_err(Fault::from);
        if let Some(category) = self.category(acting)? {
            may(By::Category(category.id))?;
        }
        if let Some(work) = self.work(acting)? {
            may(By::Work(work.id))?;
        }
        if self.organisation.is_some() || self.place.is_some() {
            may(By::Kind("organisation"))?;
        }
        if self.not_written_since.is_some() {
            may(By::Written)?;
        }
        if self.heard_since.is_some() || self.not_heard_since.is_some() {
            may(By::Heard)?;
        }
        Ok(())
    }

    fn category<'p>(&self, acting: &'p Acting<'_>) -> Result<Option<&'p Category>, Fault> {
        let Some(name) = &self.category else { return Ok(None) };
        let known = acting.policy.category_named(name);
        known.map(Some).ok_or_else(|| Fault::field("category", "The policy has no such category of people."))
    }

    fn work<'p>(&self, acting: &'p Acting<'_>) -> Result<Option<&'p Work>, Fault> {
        let Some(name) = &self.work else { return Ok(None) };
        let happens = |work: &&Work| {
            self.milestone.as_ref().is_none_or(|milestone| work.milestones.contains(milestone))
        };
        let known = acting.policy.work_named(name).filter(happens);
        known.map(Some).ok_or_else(|| {
            Fault::field("work", "The policy has no such work, or nothing of the sort happens on it.")
        })
    }

    /// Those of some people, in the order of their numbers, who fit.
    ///
    /// # Errors
    /// As [`Criteria::allowed`].
    pub fn narrow(
        &self,
        acting: &Acting<'_>,
        tx: &Tx<'_>,
        activity: &Activity,
        mut people: Vec<PersonId>,
    ) -> Result<Vec<PersonId>, Fault> {
        self.allowed(acting, activity)?;
        let mut keep = |some: &[PersonId], wanted: bool| {
            people.retain(|person| some.binary_search(person).is_ok() == wanted);
        };
        if let Some(category) = self.category(acting)? {
            let parts: Vec<(&str, &str)> = acting
                .policy
                .works
                .iter()
                .flat_map(|work| work.parts.iter().map(move |part| (work, part)))
                .filter(|(_, part)| part.category == category.id)
                .map(|(work, part)| (work.name.as_str(), part.name.as_str()))
                .collect();
            keep(&mailing::candidates(tx, &[category.name.as_str()], &parts, acting.today)?, true);
        }
        if let Some(work) = self.work(acting)? {
            let days = Days { since: self.since, before: self.before };
            keep(&narrowing::on_work(tx, &work.name, self.milestone.as_deref(), days)?, true);
        }
        if let Some(organisation) = self.organisation {
            keep(&narrowing::at_organisation(tx, organisation, acting.today)?, true);
        }
        if let Some(place) = &self.place {
            let there = narrowing::in_place(tx, place, acting.today)?;
            keep(&there.ok_or_else(|| Fault::field("place", NOWHERE))?, true);
        }
        if let Some(since) = self.not_written_since {
            keep(&narrowing::written_since(tx, &activity.name, since)?, false);
        }
        if self.heard_since.is_some() || self.not_heard_since.is_some() {
            let kinds = heard_by(&acting.policy, &acting.actor, activity);
            let kinds: Vec<&str> = kinds
                .iter()
                .filter_map(|kind| acting.policy.kind(kind))
                .map(|kind| kind.name.as_str())
                .collect();
            for (since, wanted) in [(self.heard_since, true), (self.not_heard_since, false)] {
                if let Some(since) = since {
                    keep(&narrowing::heard_since(tx, &kinds, since)?, wanted);
                }
            }
        }
        Ok(people)
    }

    /// Whom it leaves, as a sentence: "People sent to our courses, on a course that reached “delivered” since 1 Jan 2024, at
    /// organisations in Leeds, not written to about this since 1 Mar 2026".
    ///
    /// # Errors
    /// [`Fault::Invalid`] for what the policy does not have.
    pub fn sentence(&self, acting: &Acting<'_>, tx: &Tx<'_>, activity: &Activity) -> Result<String, Fault> {
        let mut said = vec![match self.category(acting)? {
            Some(category) => category.words.clone(),
            None => whom(acting, activity),
        }];
        if let Some(work) = self.work(acting)? {
            let what = match &self.milestone {
                Some(milestone) => format!("on a {} that reached \u{201c}{milestone}\u{201d}", work.title),
                None => format!("who joined a {}", work.title),
            };
            let since = self.since.map_or_else(String::new, |on| format!(" since {}", day(on)));
            let and = if self.since.is_some() && self.before.is_some() { " and" } else { "" };
            let before = self.before.map_or_else(String::new, |on| format!("{and} before {}", day(on)));
            said.push(format!("{what}{since}{before}"));
        }
        if let Some(id) = self.organisation {
            said.push(match organisation::one(tx, id) {
                Ok(held) => format!("at {}", held.details.name),
                Err(store::Error::Missing) => "at an organisation that is no longer here".to_owned(),
                Err(error) => return Err(error.into()),
            });
        }
        if let Some(place) = &self.place {
            said.push(format!("at organisations in {place}"));
        }
        for (on, words) in [
            (self.not_written_since, "not written to about this since"),
            (self.heard_since, "in touch with us since"),
            (self.not_heard_since, "not in touch with us since"),
        ] {
            said.extend(on.map(|on| format!("{words} {}", day(on))));
        }
        Ok(capital(&said.join(", ")))
    }
}

const NOWHERE: &str = "No organisation\u{2019}s address says this place.";

/// Whom an activity is for, in the words of the notice.
#[must_use]
pub fn whom(acting: &Acting<'_>, activity: &Activity) -> String {
    let one = |whom: &policy::activity::ForWhom| {
        let category = acting.policy.categories.get(whom.category.index())?;
        Some(match &whom.once {
            Some(once) => format!("{}, once {once}", category.words),
            None => category.words.clone(),
        })
    };
    activity.for_whom.iter().filter_map(one).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(words: &[(&str, &str)]) -> BTreeMap<String, String> {
        words.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn what_an_address_asks_is_saved_and_said_in_an_address_again() {
        let all = asked(&[
            ("category", "delegate"),
            ("work", "course/delivered"),
            ("since", "2024-01-01"),
            ("before", "2025-01-01"),
            ("organisation", "71"),
            ("place", "Leeds & Bradford"),
            ("not-written-since", "2026-03-01"),
            ("heard-since", "2025-01-01"),
            ("not-heard-since", "2026-01-01"),
        ]);
        let criteria = Criteria::of_address(&all).unwrap();
        assert_eq!(criteria.answers(), all);
        assert_eq!(Criteria::of_saved(&criteria.to_save().unwrap()).unwrap(), criteria);
        assert!(criteria.address().contains("&place=Leeds%20%26%20Bradford"), "{}", criteria.address());
        assert_eq!(Criteria::of_address(&asked(&[("category", " ")])).unwrap(), Criteria::default());
        assert_eq!(Criteria::default().to_save().unwrap(), "{}");
    }

    #[test]
    fn a_day_that_is_none_is_said_beside_its_question() {
        for (words, field) in [
            (vec![("since", "yesterday")], "since"),
            (vec![("work", "course"), ("since", "2025-01-01"), ("before", "2025-01-01")], "before"),
            (vec![("since", "2025-01-01")], "work"),
            (vec![("before", "2025-01-01"), ("category", "delegate")], "work"),
            (vec![("place", "Lee\u{7}ds")], "place"),
            (vec![("organisation", "Vale Ltd")], "organisation"),
        ] {
            let Err(Fault::Invalid(wrong)) = Criteria::of_address(&asked(&words)) else {
                panic!("{words:?} is taken")
            };
            assert_eq!(wrong.first().map(|wrong| wrong.field.as_str()), Some(field));
        }
        assert!(
            Criteria::of_saved(r#"{"agreed": true}"#).is_err(),
            "nobody is picked by what they agreed to"
        );
    }
}
