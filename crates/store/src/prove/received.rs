//! What arrived by e-mail: filed as the policy says, and no reason to keep anybody longer while it may be a request.

use policy::ChannelId;

use super::{Prover, Seen, named};
use crate::{Error, Result, params};

impl Prover<'_, '_> {
    pub(super) fn received_as_stated(&self, channel: ChannelId) -> Result<Seen> {
        let channel = self.policy.channels.get(channel.index());
        let Some(received) = channel.and_then(|channel| channel.received.as_ref()) else {
            return Ok(Seen::default());
        };
        let Some(kind) = self.policy.kind(received.kind) else { return Ok(Seen::default()) };
        let mut broken = Vec::new();
        let sql = "SELECT id, kind FROM entry WHERE source = 'e-mail' AND kind <> ?1 ORDER BY id";
        self.tx.each(sql, params![&kind.name], |row| {
            broken.push(format!("e-mail {} is filed as {}", row.int(0)?, row.text(1)?));
            Ok::<(), Error>(())
        })?;
        let sql = "SELECT e.id, t.id FROM entry e JOIN task t ON t.entry_id = e.id
            WHERE e.source = 'e-mail' AND e.direction IS NOT NULL AND t.kind = 'asks' AND t.done_on IS NULL ORDER BY e.id";
        self.tx.each(sql, &[], |row| {
            let (entry, task) = (row.int(0)?, row.int(1)?);
            broken.push(format!(
                "e-mail {entry} counts as contact before task {task} says whether it is a request"
            ));
            Ok::<(), Error>(())
        })?;
        let filed = self.count("SELECT COUNT(*) FROM entry WHERE source = 'e-mail'", &[])?;
        Ok(Seen::of(filed, "e-mails filed as the policy says", named(broken)))
    }
}
