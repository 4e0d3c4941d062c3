//! Two entries that were put together: what either said no to stands, nothing either held has gone unexplained, and
//! nothing stands under the number that only leads to the other.

use super::{NAMED, Prover, Seen, named};
use crate::Result;
use crate::merge::rows;

/// A detail or an objection that was put together and is not there, though nothing since says why: no certificate, no
/// removal by hand, under their number or one that leads to it.
const LOST: &str = "SELECT m.person_id, m.was_person_id FROM merge m JOIN merge_row r ON r.merge_id = m.id
    WHERE m.undone_at IS NULL AND m.was_person_id IS NOT NULL AND r.table_name = '{table}'
        AND m.merged_at >= (SELECT MIN(at) FROM log_event)
        AND NOT EXISTS (SELECT 1 FROM {table} t WHERE t.id = r.row_id AND t.person_id = m.person_id)
        AND NOT EXISTS (SELECT 1 FROM person p JOIN certificate c ON c.person_number = p.id
            WHERE (p.id = m.person_id OR p.into_person_id = m.person_id) AND c.at >= m.merged_at)
        AND NOT EXISTS (SELECT 1 FROM person p JOIN log_subject s ON s.person_id = p.id JOIN log_event e ON e.id = s.event_id
            WHERE (p.id = m.person_id OR p.into_person_id = m.person_id) AND e.act = 'item.removed' AND e.at >= m.merged_at)
    ORDER BY m.person_id LIMIT ";
/// An objection of either that was ended since, though nothing says by whom. It may have been ended on the day they were put
/// together, before they were.
const LIFTED: &str = "SELECT m.person_id, m.was_person_id FROM merge m JOIN merge_row r ON r.merge_id = m.id
    JOIN objection o ON o.id = r.row_id AND o.person_id = m.person_id
    WHERE m.undone_at IS NULL AND m.was_person_id IS NOT NULL AND r.table_name = 'objection' AND o.lifted_on >= m.merged_on
        AND m.merged_at >= (SELECT MIN(at) FROM log_event)
        AND NOT EXISTS (SELECT 1 FROM person p JOIN log_subject s ON s.person_id = p.id JOIN log_event e ON e.id = s.event_id
            WHERE (p.id = m.person_id OR p.into_person_id = m.person_id) AND e.at >= o.recorded_at
                AND e.act IN ('objection.lifted', 'request.answered'))
    ORDER BY m.person_id LIMIT ";
/// A number that does not lead to whom it became. One that is not there at all may have come after the point to which the instance was
/// restored since.
const LEADS: &str = "SELECT m.person_id, m.was_person_id FROM merge m WHERE m.undone_at IS NULL AND m.was_person_id IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM person p WHERE p.id = m.was_person_id AND p.into_person_id = m.person_id)
    AND (EXISTS (SELECT 1 FROM person p WHERE p.id = m.was_person_id)
        OR (m.merged_at >= (SELECT MIN(at) FROM log_event)
            AND NOT EXISTS (SELECT 1 FROM log_event e WHERE e.act = 'instance.restored' AND e.id > m.id)))
    ORDER BY m.person_id LIMIT ";

impl Prover<'_, '_> {
    pub(super) fn nothing_lost_in_merging(&self) -> Result<Seen> {
        let mut broken = Vec::new();
        let mut say = |sql: &str, said: &str| -> Result<()> {
            let sql = format!("{sql}{}", NAMED + 1);
            let found = self.tx.all(&sql, &[], |row| {
                Ok(format!("person {}, into whom {} was put: {said}", row.int(0)?, row.int(1)?))
            })?;
            broken.extend(found);
            Ok(())
        };
        for (table, said) in [
            ("item", "a detail is gone, and nothing says why"),
            ("objection", "an objection is gone, and nothing says why"),
            ("consent", "a consent is gone, and nothing says why"),
        ] {
            say(&LOST.replace("{table}", table), said)?;
        }
        say(LIFTED, "an objection was ended, and nothing says by whom")?;
        say(LEADS, "the number does not lead there")?;
        for (table, column) in rows::all() {
            let sql = format!(
                "SELECT DISTINCT t.{column} FROM {table} t
                    WHERE t.{column} IN (SELECT id FROM person WHERE into_person_id IS NOT NULL) ORDER BY 1 LIMIT {}",
                NAMED + 1
            );
            broken.extend(self.tx.all(&sql, &[], |row| {
                let shell = row.int(0)?;
                Ok(format!("number {shell} only leads to somebody, and has something of its own ({table})"))
            })?);
        }
        let shells = self.tx.count("SELECT COUNT(*) FROM person WHERE into_person_id IS NOT NULL", &[])?;
        Ok(Seen::of(
            usize::try_from(shells).unwrap_or_default(),
            "entries put together with another, and nothing of them lost",
            named(broken),
        ))
    }
}
