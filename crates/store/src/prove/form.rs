//! What came by a public form: filed as the form of its day says and as nothing else, holding nothing that was not asked, beside the notice
//! of its day; a tick that hangs on nothing, and somebody to answer.

use policy::Policy;
use policy::policy::Form;

use super::{NAMED, Prover, Seen, named};
use crate::submission::{self, Submission};
use crate::{Result, params};

/// What was shown beside a notice that was in force at no hour of its day, or beside none. On the day on which one version
/// followed another either was; before the first version's day the first was.
const NOT_IN_FORCE: &str = "SELECT s.id, s.person_id, s.notice_version FROM submission s WHERE s.form = ?1 AND NOT EXISTS (
        SELECT 1 FROM policy_version v WHERE v.version = s.notice_version
            AND (v.from_on <= s.on_date OR v.version = (SELECT MIN(f.version) FROM policy_version f))
            AND NOT EXISTS (SELECT 1 FROM policy_version l WHERE l.version > v.version AND l.from_on < s.on_date))
    ORDER BY s.id LIMIT ";

/// People who are not, and never were, what they were filed as.
const NOT_SO: &str = "SELECT s.id, s.person_id, s.category FROM submission s WHERE s.form = ?1 AND NOT EXISTS (
        SELECT 1 FROM person_category c WHERE c.person_id = s.person_id AND c.category = s.category) ORDER BY s.id";

/// What somebody became beside that on the day, and nobody of the staff made them. Of two entries that were put together nobody
/// knows any more which it was.
const BESIDE: &str = "SELECT s.id, s.person_id, c.category FROM submission s
    JOIN person_category c ON c.person_id = s.person_id AND c.since = s.on_date AND c.category <> s.category
    WHERE s.form = ?1 AND s.known = 0 AND c.recorded_by IS NULL AND c.annulled_at IS NULL
        AND NOT EXISTS (SELECT 1 FROM merge m WHERE m.person_id = s.person_id) ORDER BY s.id LIMIT ";

/// People who were never held under what they were filed under.
const UNDER_NOTHING: &str =
    "SELECT s.id, s.person_id, s.activity FROM submission s WHERE s.form = ?1 AND NOT EXISTS (
        SELECT 1 FROM ground g WHERE g.person_id = s.person_id AND g.activity = s.activity) ORDER BY s.id";

/// Details of whoever wrote, as they were written down with it, and the line that says what they wrote, with their kinds.
const HELD: &str = "SELECT s.id, s.person_id, i.kind, s.notice_version FROM submission s
        JOIN item i ON i.person_id = s.person_id AND i.version = 1 AND i.import_id IS NULL AND i.updated_at = s.recorded_at
            AND COALESCE(i.recorded_by, 0) = COALESCE(s.recorded_by, 0)
        WHERE s.form = ?1 AND s.known = 0
    UNION ALL SELECT s.id, s.person_id, e.kind, s.notice_version FROM submission s JOIN entry e ON e.id = s.entry_id WHERE s.form = ?1
    ORDER BY 1";

/// Consents that were taken from what somebody sent.
const TAKEN: &str =
    "SELECT s.id, s.person_id, c.id, c.activity, s.activity, s.notice_version FROM submission s
    JOIN consent c ON c.person_id = s.person_id
        AND (c.evidence_id = s.id OR (c.evidence = 'page' AND c.recorded_at = s.recorded_at))
    WHERE s.form = ?1 ORDER BY s.id";

/// What nobody was asked to answer: no task, or one of something else.
const UNHEARD: &str =
    "SELECT s.id, s.person_id, s.on_date FROM submission s WHERE s.form = ?1 AND NOT EXISTS (
        SELECT 1 FROM task t WHERE t.id = s.task_id AND t.kind = 'answer') ORDER BY s.id LIMIT ";

/// Lines that count as contact while somebody is still to say whether they are a request.
const COUNTS: &str = "SELECT s.id, t.id FROM submission s JOIN entry e ON e.id = s.entry_id JOIN task t ON t.entry_id = e.id
    WHERE s.form = ?1 AND e.direction IS NOT NULL AND t.kind = 'asks' AND t.done_on IS NULL ORDER BY s.id LIMIT ";

/// A form as the versions of the policy had it.
struct Then<'v> {
    name: &'v str,
    versions: &'v [Policy],
}

impl<'v> Then<'v> {
    /// The policy of a version, and the form in it; nothing where no such version was adopted, which is looked for by itself.
    fn of(&self, version: Option<i64>) -> Option<(&'v Policy, Option<&'v Form>)> {
        let version = version.and_then(|version| u32::try_from(version).ok())?;
        let policy = self.versions.iter().find(|policy| policy.version == version)?;
        Some((policy, policy.forms.iter().find(|form| form.name == self.name)))
    }

    fn files(&self, version: Option<i64>, (category, activity): (&str, &str)) -> bool {
        let Some((policy, form)) = self.of(version) else { return true };
        form.is_some_and(|form| {
            form.files.iter().any(|(as_what, under)| {
                policy.categories.get(as_what.index()).is_some_and(|known| known.name == category)
                    && policy.activity(*under).is_some_and(|known| known.name == activity)
            })
        })
    }

    fn asks(&self, version: Option<i64>, kind: &str) -> bool {
        let Some((policy, form)) = self.of(version) else { return true };
        let asked = policy.kind_named(kind).map(|kind| kind.id);
        form.is_some_and(|form| form.asks.iter().any(|known| Some(*known) == asked))
    }

    /// Whether whoever sent it had to say that they read the notice.
    fn has_tick(&self, version: Option<i64>) -> bool {
        self.of(version).and_then(|(_, form)| form).is_some_and(|form| form.tick.is_some())
    }

    /// Whether an activity rests on consent, so that the form has a box for it.
    fn by_consent(&self, version: Option<i64>, activity: &str) -> bool {
        let Some((policy, _)) = self.of(version) else { return true };
        policy
            .activity_named(activity)
            .is_some_and(|activity| matches!(activity.basis, policy::Basis::Consent { .. }))
    }
}

impl Prover<'_, '_> {
    /// Each message by a form is filed as it says, and nobody took more of it.
    pub(super) fn filed_as_stated(&self, at: usize) -> Result<Seen> {
        let Some(form) = self.policy.forms.get(at) else { return Ok(Seen::default()) };
        let versions = self.versions()?;
        let then = Then { name: &form.name, versions: &versions };
        let sent = submission::of_form(self.tx, &form.name)?;
        let mut broken = self.shown_beside(&form.name)?;
        broken.extend(self.filed_elsewhere(&then, &sent)?);
        broken.extend(self.not_asked_for(&then, &sent)?);
        broken.extend(self.hung_on(&then)?);
        broken.extend(self.not_heard(&form.name)?);
        let sql = "SELECT COUNT(*) FROM submission s JOIN task t ON t.id = s.task_id WHERE s.form = ?1 AND t.done_on IS NOT NULL";
        let answered = self.count(sql, params![&form.name])?;
        let words =
            format!("messages by the form {}, each filed as it says, {answered} of them answered", form.name);
        Ok(Seen::of(sent.len(), &words, named(broken)))
    }

    fn shown_beside(&self, form: &str) -> Result<Vec<String>> {
        self.tx.all(&format!("{NOT_IN_FORCE}{}", NAMED + 1), params![form], |row| {
            let (id, person) = (row.int(0)?, row.int(1)?);
            Ok(match row.opt_int(2)? {
                None => format!("submission {id} of person {person} does not say which notice was shown with it"),
                Some(version) => format!(
                    "submission {id} of person {person} names version {version} of the notice, which was not the one of its day"
                ),
            })
        })
    }

    /// As what, and under what.
    fn filed_elsewhere(&self, then: &Then<'_>, sent: &[Submission]) -> Result<Vec<String>> {
        let mut broken = Vec::new();
        for Submission { id, person, category, activity, version, ticked, .. } in sent {
            if broken.len() > NAMED {
                break;
            }
            if !then.files(*version, (category, activity)) {
                broken.push(format!(
                    "submission {id} filed person {person} as {category} under {activity}, which the form does not say"
                ));
            }
            if then.has_tick(*version) && !ticked {
                broken.push(format!(
                    "submission {id} of person {person} was taken without the tick that the form asks for"
                ));
            }
        }
        // What an adoption has given another name since is found under that.
        self.tx.each(NOT_SO, params![then.name], |row| {
            let category = row.str(2)?;
            if broken.len() <= NAMED && self.policy.category_named(category).is_some() {
                broken.push(format!(
                    "person {} was never {category}, as which submission {} was filed",
                    row.int(1)?,
                    row.int(0)?
                ));
            }
            Ok::<(), crate::Error>(())
        })?;
        broken.extend(self.tx.all(&format!("{BESIDE}{}", NAMED + 1), params![then.name], |row| {
            Ok(format!(
                "person {} of submission {} became {} by it as well",
                row.int(1)?,
                row.int(0)?,
                row.str(2)?
            ))
        })?);
        self.tx.each(UNDER_NOTHING, params![then.name], |row| {
            let activity = row.str(2)?;
            if broken.len() <= NAMED && self.policy.activity_named(activity).is_some() {
                broken.push(format!(
                    "person {} was never held for {activity}, under which submission {} was filed",
                    row.int(1)?,
                    row.int(0)?
                ));
            }
            Ok::<(), crate::Error>(())
        })?;
        Ok(broken)
    }

    /// Kinds that the form does not ask.
    fn not_asked_for(&self, then: &Then<'_>, sent: &[Submission]) -> Result<Vec<String>> {
        let mut broken = Vec::new();
        let mut look = |id: i64, person: i64, kind: &str, version: Option<i64>| {
            if broken.len() <= NAMED && !then.asks(version, kind) {
                let said =
                    format!("submission {id} brought {kind} of person {person}, which the form does not ask");
                if !broken.contains(&said) {
                    broken.push(said);
                }
            }
        };
        self.tx.each(HELD, params![then.name], |row| {
            look(row.int(0)?, row.int(1)?, row.str(2)?, row.opt_int(3)?);
            Ok::<(), crate::Error>(())
        })?;
        for one in sent {
            for kind in &one.kinds {
                look(one.id, one.person.0, kind, one.version);
            }
        }
        Ok(broken)
    }

    /// Consents that nobody gave by what they sent: a tick that the notice was read is none.
    fn hung_on(&self, then: &Then<'_>) -> Result<Vec<String>> {
        let mut broken = Vec::new();
        self.tx.each(TAKEN, params![then.name], |row| {
            let (to, filed) = (row.str(3)?, row.str(4)?);
            if broken.len() <= NAMED && !(to == filed && then.by_consent(row.opt_int(5)?, to)) {
                broken.push(format!(
                    "consent {} of person {} to {to} hangs on submission {}, which agrees to nothing of the sort",
                    row.int(2)?,
                    row.int(1)?,
                    row.int(0)?
                ));
            }
            Ok::<(), crate::Error>(())
        })?;
        Ok(broken)
    }

    /// What nobody was asked to answer, and what counts as contact before it was decided what it is.
    fn not_heard(&self, form: &str) -> Result<Vec<String>> {
        let limit = NAMED + 1;
        let mut broken = self.tx.all(&format!("{UNHEARD}{limit}"), params![form], |row| {
            Ok(format!(
                "nobody was asked to answer submission {} of person {} of {}",
                row.int(0)?,
                row.int(1)?,
                row.date(2)?
            ))
        })?;
        broken.extend(self.tx.all(&format!("{COUNTS}{limit}"), params![form], |row| {
            Ok(format!(
                "the line of submission {} counts as contact before task {} says whether it is a request",
                row.int(0)?,
                row.int(1)?
            ))
        })?);
        Ok(broken)
    }
}
