//! Incidents on the first screen, for whoever looks into them: how long there still is to tell the regulator, before all else that
//! runs out.

use store::Tx;
use store::incident;
use store::staff::Account;

use super::{Line, ROWS, Row};
use crate::acts::Acting;
use crate::acts::incident::investigates;
use crate::fault::Fault;
use crate::web::frame;
use crate::web::incident::left;

/// A line for each that is open.
pub(super) fn lines(acting: &Acting<'_>, tx: &Tx<'_>, staff: &[Account]) -> Result<Vec<Line>, Fault> {
    if !investigates(acting) {
        return Ok(Vec::new());
    }
    let open = incident::open_ones(tx, &acting.policy, ROWS)?;
    let line = |found: incident::Incident| {
        let (words, tone) = left(acting, &found);
        let href = format!("/incidents/{}", found.id);
        let due = found.still_due();
        let words = match due.map(|due| frame::moment(acting.instance, due)) {
            Some(by) if tone == "late" => {
                format!("An incident is open, and the regulator was to be told by {by}: {words}")
            }
            Some(by) => format!("An incident is open, and the regulator is to be told by {by}: {words}"),
            None => format!("An incident is open: {words}"),
        };
        Line {
            person: None,
            row: Row {
                words,
                due: frame::day(acting.instance.clock.on(due.unwrap_or(found.found_at)), acting.today),
                late: due.is_some() && tone == "late",
                owner: frame::owner(staff, found.owner),
                action: "Look into it".to_owned(),
                action_href: href.clone(),
                href,
                who: None,
            },
        }
    };
    Ok(open.into_iter().map(line).collect())
}
