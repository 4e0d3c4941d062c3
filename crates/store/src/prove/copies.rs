//! Copies of people's data: what was decided about others in them read again, and links to them that end.

use jiff::SignedDuration;

use super::{NAMED, Prover, Seen, named};
use crate::{Result, params};

impl Prover<'_, '_> {
    /// A copy made before its step said in which forms is passed over.
    pub(super) fn copies_in_format(&self) -> Result<Seen> {
        let mut broken = Vec::new();
        let mut looked = 0;
        let sql =
            "SELECT request_id, on_date, note FROM request_step WHERE step = 'pack made' AND on_date >= ?1
            AND COALESCE(note, '') <> '' ORDER BY id";
        self.tx.each(sql, params![self.policy.from], |row| {
            looked += 1;
            let forms: Vec<&str> = row.str(2)?.split(", ").collect();
            for missing in self.policy.requests.format.iter().filter(|form| !forms.contains(&form.as_str())) {
                broken.push(format!(
                    "request {}: the copy of {} was not made as {missing}",
                    row.int(0)?,
                    row.date(1)?
                ));
            }
            Ok::<_, crate::Error>(())
        })?;
        Ok(Seen::of(looked, "copies, each in the forms we say", named(broken)))
    }

    pub(super) fn copies_leave_so(&self) -> Result<Seen> {
        let requests = &self.policy.requests;
        let mut broken = Vec::new();
        if requests.copies_read_by_two {
            // What was decided after a copy was made is read again before the next; an earlier version promised less.
            let sql = format!(
                "SELECT s.request_id, COUNT(DISTINCT r.id) FROM request_step s JOIN redaction r ON r.request_id = s.request_id
                    WHERE s.step = 'pack made' AND s.on_date >= ?1 AND r.id < s.id
                        AND (r.checked_by IS NULL OR r.checked_by = r.recorded_by OR r.checked_on > s.on_date)
                    GROUP BY s.request_id ORDER BY s.request_id LIMIT {}",
                NAMED + 1
            );
            broken = self.tx.all(&sql, params![self.policy.from], |row| {
                let (request, many) = (row.int(0)?, row.int(1)?);
                let decisions = policy::count::said(usize::try_from(many).unwrap_or(0), "decisions");
                Ok(format!("request {request}: {decisions} about others read again by nobody before the copy was made"))
            })?;
        }
        let mut links = 0;
        let longest = SignedDuration::from_hours(requests.copies_days * 24);
        // A link that was made under an earlier version may work as long as that said.
        let sql = "SELECT about_id, created_at, expires_at FROM invitation WHERE purpose IN ('pack', 'onward pack') AND expires_at > ?1 ORDER BY created_at";
        self.tx.each(sql, params![self.now], |row| {
            links += 1;
            let (made, ends) = (row.at(1)?, row.at(2)?);
            let under_this = made.to_zoned(crate::life::zone(self.policy)).date() >= self.policy.from;
            if under_this && made.duration_until(ends) > longest {
                let request = row.opt_int(0)?.unwrap_or_default();
                broken.push(format!(
                    "request {request}: the link to the copy works longer than {} days",
                    requests.copies_days
                ));
            }
            Ok::<_, crate::Error>(())
        })?;
        Ok(Seen::of(links, "links to copies that still work", named(broken)))
    }
}
