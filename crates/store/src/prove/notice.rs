//! The notice as it was published: what it says, that every version is as it was adopted, that the texts it rests on
//! are on file, and that what is set in a browser is listed.

use std::sync::Arc;

use jiff::civil::Date;
use policy::policy::Stated;
use policy::{ActivityId, Basis, Policy, notice};

use super::{NAMED, Prover, Seen, named};
use crate::{Error, Result, cookie, policy_version};

/// The version in force, as it was adopted and as its notice was published.
pub(super) struct Published {
    version: u32,
    policy: Policy,
    notice: String,
}

impl Prover<'_, '_> {
    /// The version in force; what is wrong with it, where it cannot be looked at.
    fn published(&self) -> Result<std::result::Result<Arc<Published>, String>> {
        self.found.published.or(|| self.find_published())
    }

    fn find_published(&self) -> Result<std::result::Result<Arc<Published>, String>> {
        let adopted = match policy_version::in_force(self.tx, self.today) {
            Ok(adopted) => adopted,
            Err(Error::Missing) => return Ok(Err("no version of the policy was adopted".to_owned())),
            Err(error) => return Err(error),
        };
        let version = adopted.version;
        if version == self.policy.version && adopted.files != self.policy.files {
            return Ok(Err(format!("the program works from another text than version {version} as adopted")));
        }
        let published = policy_version::notice(self.tx, version)?;
        let (Some(policy), _) = Policy::read(adopted.files) else {
            return Ok(Err(format!("version {version} of the policy cannot be read")));
        };
        let notice = published.unwrap_or_else(|| notice::to_markdown(&notice::of(&policy)));
        Ok(Ok(Arc::new(Published { version, policy, notice })))
    }

    pub(super) fn notice_says(&self, part: &str) -> Result<Seen> {
        let published = match self.published()? {
            Ok(published) => published,
            Err(wrong) => return Ok(Seen::of(0, "versions of the notice", vec![wrong])),
        };
        let Published { version, policy, notice } = &*published;
        let said = plain(notice);
        let mut broken: Vec<String> = wanted(policy, part)
            .into_iter()
            .filter(|words| words.trim().is_empty() || !said.contains(plain(words).as_str()))
            .map(|_| format!("the notice of version {version} does not state the {part}"))
            .collect();
        broken.dedup();
        let mut figure = format!("notice of version {version}, in force from {}", policy.from);
        match part {
            "ordered" => {
                broken.extend(out_of_order(policy, notice).map(|title| {
                    format!("the notice of version {version} has no section of its own for {title}")
                }));
                figure
                    .push_str(&format!(", with {} sections in the policy's order", policy.activities.len()));
            }
            "review" => {
                let due = policy.review.as_ref().and_then(|(every, last)| last.checked_add(*every).ok());
                match due {
                    Some(due) if due < self.today => {
                        broken.push(format!("version {version} was to be looked at again by {due}"));
                    }
                    Some(due) => figure.push_str(&format!(", to be looked at again by {due}")),
                    None => broken.push(format!("version {version} says nothing about its review")),
                }
            }
            _ => {}
        }
        Ok(Seen { figure, broken })
    }

    /// Each version is as it was adopted and can still be read; each record of what somebody was shown names one that
    /// was in force then.
    pub(super) fn versions_kept(&self) -> Result<Seen> {
        let all = policy_version::all(self.tx)?;
        let mut broken = Vec::new();
        for adopted in &all {
            if Policy::read(adopted.files.clone()).0.is_none() {
                broken.push(format!("version {} of the policy cannot be read", adopted.version));
            }
            if policy_version::notice(self.tx, adopted.version)?.is_none_or(|notice| notice.trim().is_empty())
            {
                broken.push(format!("the notice of version {} was not kept", adopted.version));
            }
        }
        if all.is_empty() {
            broken.push("no version of the policy was adopted".to_owned());
        }
        let mut shown = 0;
        for (table, day, needed) in
            [("consent", "given_on", "1 = 1"), ("told", "on_date", "t.way <> 'source'")]
        {
            // Before the first version's day the first was the one in force.
            let sql = format!(
                "SELECT t.id, t.person_id, t.notice_version FROM {table} t WHERE {needed} AND NOT EXISTS (
                    SELECT 1 FROM policy_version v WHERE v.version = t.notice_version
                        AND (v.from_on <= t.{day} OR v.version = (SELECT MIN(f.version) FROM policy_version f)))
                    ORDER BY t.id LIMIT {}",
                NAMED + 1
            );
            broken.extend(self.tx.all(&sql, &[], |row| {
                let (id, person) = (row.int(0)?, row.int(1)?);
                Ok(match row.opt_int(2)? {
                    None => format!("{table} {id} of person {person} does not say which notice was shown"),
                    Some(version) => format!(
                        "{table} {id} of person {person} names version {version} of the notice, not in force then"
                    ),
                })
            })?);
            shown += self.count(&format!("SELECT COUNT(*) FROM {table}"), &[])?;
        }
        let sql = format!(
            "SELECT s.id, s.notice_version FROM staff s WHERE s.notice_version IS NOT NULL
                AND NOT EXISTS (SELECT 1 FROM policy_version v WHERE v.version = s.notice_version) ORDER BY s.id LIMIT {}",
            NAMED + 1
        );
        broken.extend(self.tx.all(&sql, &[], |row| {
            Ok(format!(
                "account {} names version {} of the notice, which never was",
                row.int(0)?,
                row.int(1)?
            ))
        })?);
        let figure =
            format!("{} versions of the notice kept, {shown} records of who was shown which", all.len());
        Ok(Seen { figure, broken: named(broken) })
    }

    /// The text of an activity's assessment is there, and its time for being looked at again has not passed.
    pub(super) fn assessment_on_file(&self, activity: ActivityId) -> Result<Seen> {
        let activity = self.activity(activity)?;
        let Basis::LegitimateInterests { assessed: Some(file), review, last, .. } = &activity.basis else {
            return Ok(Seen::default());
        };
        let mut broken: Vec<String> = self.not_on_file(file)?.into_iter().collect();
        let due = review.zip(*last).and_then(|(every, last)| last.checked_add(every).ok());
        match due {
            None => broken.push(format!("nothing says when {file} is looked at again")),
            Some(due) if due < self.today => broken.push(late(file, due)),
            Some(_) => {}
        }
        let due = due.map_or_else(String::new, |due| format!(" until {due}"));
        Ok(Seen { figure: format!("{file} on file for {}{due}", activity.name), broken })
    }

    /// The policy document a condition needs is there and was looked at with the policy (DPA 2018 Sch 1 para 40).
    pub(super) fn policy_documents(&self, activity: &policy::Activity) -> Result<Vec<String>> {
        let mut broken = Vec::new();
        for condition in activity.conditions.iter().filter(|condition| condition.known.needs_document) {
            let Some(file) = &condition.document else {
                broken.push(format!(
                    "`{}` under {} names no policy document",
                    condition.known.words, activity.name
                ));
                continue;
            };
            broken.extend(self.not_on_file(file)?);
            let due = self.policy.review.as_ref().and_then(|(every, last)| last.checked_add(*every).ok());
            broken.extend(due.filter(|due| *due < self.today).map(|due| late(file, due)));
        }
        Ok(broken)
    }

    fn not_on_file(&self, file: &str) -> Result<Option<String>> {
        Ok(match self.published()? {
            Err(wrong) => Some(wrong),
            Ok(published) if published.policy.rests_on(file).is_none() => {
                Some(format!("{file} is not on file with version {}", published.version))
            }
            Ok(_) => None,
        })
    }

    /// Whatever a page has set in a browser is on the cookies page, set by a page that may.
    pub(super) fn cookies_listed(&self) -> Result<Seen> {
        let set = cookie::all(self.tx)?;
        let mut broken = Vec::new();
        if let Err(wrong) = self.published()? {
            broken.push(wrong);
        }
        for seen in &set {
            // An answer about visits may have been kept before the policy stopped counting them.
            let visits = self.policy.visits.is_some() || seen.first_on < self.policy.from;
            let (name, page, on) = (&seen.name, &seen.page, seen.first_on);
            match cookie::kept(visits).find(|known| known.names.contains(&name.as_str())) {
                None => broken
                    .push(format!("cookie {name} was set by {page} on {on} and is not on the cookies page")),
                Some(known) if !known.pages.contains(&page.as_str()) => {
                    broken
                        .push(format!("cookie {name} was set by {page} on {on}, where nobody asked for it"));
                }
                Some(_) => {}
            }
        }
        let figure = format!(
            "{} kinds of cookie set, each on the page of {} that lists them",
            set.len(),
            cookie::kept(self.policy.visits.is_some()).count()
        );
        Ok(Seen { figure, broken: named(broken) })
    }
}

fn late(file: &str, due: Date) -> String {
    format!("{file} was to be looked at again by {due}")
}

/// What must be read in a notice for a part of the head to be stated in it.
fn wanted(policy: &Policy, part: &str) -> Vec<String> {
    let stated = |stated: &Stated| match stated {
        Stated::Yes(words) | Stated::No { because: words } => words.clone(),
    };
    match part {
        "contact" | "address" => {
            let contact = &policy.contact;
            let all = [Some(&contact.email), contact.phone.as_ref(), contact.address.as_ref()];
            all.into_iter().flatten().cloned().collect()
        }
        "registered" => vec![policy.controller.clone(), stated(&policy.registered)],
        "officer" => {
            let reach = policy.officer_contact.iter();
            let reach = reach.flat_map(|officer| [Some(officer.email.clone()), officer.phone.clone()]);
            reach.flatten().chain([stated(&policy.officer)]).collect()
        }
        "complaints" => vec!["Information Commissioner".to_owned()],
        "decisions" => vec!["A person decides".to_owned()],
        "version" => vec![format!("version {}", policy.version), notice::day(policy.from)],
        "review" => policy.review.iter().map(|(_, last)| notice::day(*last)).collect(),
        "ordered" => policy.activities.iter().map(|activity| activity.title.clone()).collect(),
        _ => vec![policy.controller.clone()],
    }
}

/// The activities that have no section of their own, or not in the policy's order.
fn out_of_order<'p>(policy: &'p Policy, notice: &str) -> impl Iterator<Item = &'p str> {
    let headings: Vec<String> = notice
        .lines()
        .filter(|line| line.starts_with('#'))
        .map(|line| plain(line.trim_start_matches('#')))
        .collect();
    let mut from = 0;
    policy.activities.iter().map(|activity| activity.title.as_str()).filter(move |title| {
        let wanted = plain(title);
        match headings.iter().skip(from).position(|heading| *heading == wanted) {
            Some(at) => {
                from += at + 1;
                false
            }
            None => true,
        }
    })
}

/// Words without the marks of Markdown, so that they can be compared.
fn plain(text: &str) -> String {
    let bare: String = text.chars().filter(|letter| !matches!(letter, '\\' | '#' | '*')).collect();
    bare.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_compared_without_their_marks() {
        assert_eq!(plain("## we do no\n  large\\-scale \\*monitoring\\*"), "we do no large-scale monitoring");
    }
}
