//! Imports: what stood in the rows of a file, and a file that nobody took, are held no longer than the policy says.

use super::{NAMED, Prover, Seen, named};
use crate::{Result, import};

impl Prover<'_, '_> {
    /// No preview stands longer than the policy says, and no row of an import that is over keeps what stood in it for longer. What the
    /// sweep of the night should have taken is late once its morning has come.
    pub(super) fn imports_forgotten(&self) -> Result<Seen> {
        let (previews, rows) = import::kept_since(self.policy, self.cut)?;
        let mut broken: Vec<String> = import::old_previews(self.tx, previews)?
            .iter()
            .take(NAMED + 1)
            .map(|preview| format!("import {} was never taken, and stands too long", preview.0))
            .collect();
        let mut keeping: Vec<i64> =
            import::with_cells(self.tx, rows)?.into_iter().map(|(import, _)| import.0).collect();
        keeping.dedup();
        broken.extend(keeping.iter().take(NAMED + 1).map(|import| {
            format!("import {import} still keeps what stood in its rows, and is over too long")
        }));
        let held = self.count(
            "SELECT COUNT(*) FROM import_batch b WHERE b.file IS NOT NULL
                OR EXISTS (SELECT 1 FROM import_row r WHERE r.import_id = b.id AND r.raw IS NOT NULL)",
            &[],
        )?;
        Ok(Seen::of(held, "imports of which something is kept, none for too long", named(broken)))
    }
}
