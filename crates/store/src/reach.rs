//! How far a member of staff reaches, as SQL: lists and searches are scoped in their query, never
//! filtered afterwards, so that what is out of reach is not found.

use std::fmt::Write;

use custody::id::StaffId;
use jiff::civil::Date;
use policy::{Policy, RoleId, role};

use crate::Value;

/// Whom a query may find.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reach {
    /// Everyone the instance holds: the program's own upkeep, and roles that see everyone.
    Everyone,
    /// Whoever fits one of these; nobody if there is none.
    Some(Vec<Part>),
}

/// One way of being within reach.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Part {
    /// Having one of these categories today; empty for any person.
    pub categories: Vec<String>,
    /// Being on work to which this member of staff is assigned today.
    pub assigned_to: Option<StaffId>,
    /// Today.
    pub today: Date,
}

impl Reach {
    /// What a role of the policy lets a member of staff find today. Sights that open only to answer a
    /// request let nobody be found.
    #[must_use]
    pub fn of(policy: &Policy, role: RoleId, staff: StaffId, today: Date) -> Self {
        let Some(role) = policy.roles.get(role.index()) else { return Self::Some(Vec::new()) };
        let mut parts = Vec::new();
        for sight in role.sights.iter().filter(|sight| !sight.only_to_answer) {
            let categories: Vec<String> = sight
                .categories
                .iter()
                .filter_map(|id| policy.categories.get(id.index()))
                .map(|category| category.name.clone())
                .collect();
            let assigned_to = match sight.reach {
                role::Reach::All => None,
                role::Reach::Assigned => Some(staff),
            };
            if categories.is_empty() && assigned_to.is_none() {
                return Self::Everyone;
            }
            parts.push(Part { categories, assigned_to, today });
        }
        Self::Some(parts)
    }

    /// The condition on a column that holds a person's id. Its values are added to those of the statement,
    /// and its placeholders count on from them. What it names inside is named as no statement around it is.
    #[must_use]
    pub fn sql(&self, person: &str, params: &mut Vec<Value<'static>>) -> String {
        let Self::Some(parts) = self else { return "1 = 1".to_owned() };
        if parts.is_empty() {
            return "1 = 0".to_owned();
        }
        let mut any = Vec::new();
        for part in parts {
            let mut all = Vec::new();
            if !part.categories.is_empty() {
                let mut names = String::new();
                for category in &part.categories {
                    params.push(category.clone().into());
                    let _ = write!(names, "{}?{}", if names.is_empty() { "" } else { ", " }, params.len());
                }
                params.push(part.today.into());
                all.push(format!(
                    "EXISTS (SELECT 1 FROM person_category AS reached_as WHERE reached_as.person_id = {person} AND reached_as.category IN ({names})
                       AND reached_as.annulled_at IS NULL AND (reached_as.until IS NULL OR reached_as.until > ?{}))",
                    params.len()
                ));
            }
            if let Some(staff) = part.assigned_to {
                params.push(staff.into());
                let whom = params.len();
                params.push(part.today.into());
                all.push(format!(
                    "EXISTS (SELECT 1 FROM engagement_person AS reached_on JOIN engagement_staff AS reached_by
                         ON reached_by.engagement_id = reached_on.engagement_id
                       WHERE reached_on.person_id = {person} AND reached_by.staff_id = ?{whom} AND (reached_by.until IS NULL OR reached_by.until > ?{}))",
                    params.len()
                ));
            }
            any.push(if all.is_empty() { "1 = 1".to_owned() } else { all.join(" AND ") });
        }
        format!("({})", any.join(" OR "))
    }
}
