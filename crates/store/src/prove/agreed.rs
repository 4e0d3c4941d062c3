//! What shows that people agreed: the words, the version of the notice that was in force on the day, and evidence that is
//! there, about them, and not only claimed.

use policy::ActivityId;

use super::{NAMED, Prover, Seen, named};
use crate::{Result, params};

/// Consents whose words are gone.
const NO_WORDS: &str = "SELECT c.id, c.person_id FROM consent c WHERE c.activity = ?1 AND TRIM(c.wording) = '' ORDER BY c.id LIMIT ";

/// Consents that stood beside a version of the notice that was in force at no hour of their day. On the day on which one version
/// followed another either was; before the first version's day the first was. What was written down before anybody was asked has
/// the version of the day on which it was written down.
const NOT_IN_FORCE: &str = "SELECT c.id, c.person_id, c.notice_version FROM consent c
    WHERE c.activity = ?1 AND c.evidence <> 'not written down' AND NOT EXISTS (
        SELECT 1 FROM policy_version v WHERE v.version = c.notice_version
            AND (v.from_on <= c.given_on OR v.version = (SELECT MIN(f.version) FROM policy_version f))
            AND NOT EXISTS (SELECT 1 FROM policy_version l WHERE l.version > v.version AND l.from_on < c.given_on))
    ORDER BY c.id LIMIT ";

/// Consents that nothing shows. What was let go of by its own clause is said to have gone, and is not missed here; what was
/// written down before anybody was asked says so; nobody of the staff does anything on a page for somebody else.
const NOTHING_SHOWS: &str = "SELECT c.id, c.person_id, c.evidence FROM consent c
    WHERE c.activity = ?1 AND c.evidence_gone = 0 AND c.evidence <> 'not written down'
        AND NOT (c.evidence = 'page' AND c.recorded_by IS NULL)
        AND NOT (c.evidence_id IS NULL AND c.evidence IN ('paper', 'in person') AND TRIM(COALESCE(c.evidence_note, '')) <> '')
        AND NOT EXISTS (SELECT 1 FROM entry_person p WHERE p.entry_id = c.evidence_id AND ({theirs}))
        AND NOT EXISTS (SELECT 1 FROM document_person p WHERE p.document_id = c.evidence_id AND ({theirs}))
        AND NOT EXISTS (SELECT 1 FROM call p WHERE p.id = c.evidence_id AND ({theirs}))
    ORDER BY c.id LIMIT ";

/// Whose evidence a row `p` is: theirs, or of the other of two entries that were one for a time.
const THEIRS: &str = "p.person_id = c.person_id
    OR EXISTS (SELECT 1 FROM merge m WHERE (m.person_id = c.person_id AND m.was_person_id = p.person_id)
        OR (m.was_person_id = c.person_id AND m.person_id = p.person_id))";

impl Prover<'_, '_> {
    pub(super) fn consent_shown(&self, activity: ActivityId) -> Result<Seen> {
        let name = &self.activity(activity)?.name;
        let limit = NAMED + 1;
        let mut broken = self.tx.all(&format!("{NO_WORDS}{limit}"), params![name], |row| {
            Ok(format!("consent {} of person {} has no words", row.int(0)?, row.int(1)?))
        })?;
        broken.extend(self.tx.all(&format!("{NOT_IN_FORCE}{limit}"), params![name], |row| {
            let (consent, person) = (row.int(0)?, row.int(1)?);
            Ok(match row.opt_int(2)? {
                None => format!("consent {consent} of person {person} does not say which notice it stood in"),
                Some(version) => format!(
                    "consent {consent} of person {person} names version {version} of the notice, which was not the one of its day"
                ),
            })
        })?);
        let sql = format!("{}{limit}", NOTHING_SHOWS.replace("{theirs}", THEIRS));
        broken.extend(self.tx.all(&sql, params![name], |row| {
            Ok(format!(
                "nothing of theirs shows consent {} of person {}, said to be shown by {}",
                row.int(0)?,
                row.int(1)?,
                row.str(2)?
            ))
        })?);
        let count = |which: &str| {
            self.count(
                &format!("SELECT COUNT(*) FROM consent c WHERE c.activity = ?1 AND {which}"),
                params![name],
            )
        };
        let words = format!("consents to {name}, each with its words, its notice and what shows it");
        let mut seen = Seen::of(count("1 = 1")?, &words, named(broken));
        for (which, said) in [
            ("c.evidence = 'in person' AND c.evidence_id IS NULL", "by what staff wrote down alone"),
            ("c.evidence = 'not written down'", "from before that was written down"),
            ("c.evidence_gone = 1", "whose evidence was let go of since"),
        ] {
            match count(which)? {
                0 => {}
                some => seen.figure.push_str(&format!(", {some} {said}")),
            }
        }
        Ok(seen)
    }
}
