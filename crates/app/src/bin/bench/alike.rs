//! Comparing everybody, to find who is here twice.

use app::cli::Failure;
use store::{Error, alike as compared};

use super::measure::{Row, Target, timed};
use super::seed::{Seeded, TODAY};

/// Everybody read, keyed, compared, and the pairs written down; beside it the details read alone.
pub fn alike(seeded: &Seeded) -> Result<Vec<Row>, Failure> {
    let policy = seeded.instance.policy();
    let (ms, found) = timed(|| Ok(compared::look(seeded.store(), &policy, TODAY, seeded.now())?))?;
    let (plain, _) = timed(|| {
        Ok(seeded.store().read(|tx| {
            let mut bytes = 0;
            tx.each("SELECT person_id, kind, value FROM item", &[], |row| {
                bytes += row.str(2)?.len();
                Ok::<_, Error>(())
            })?;
            Ok::<_, Error>(bytes)
        })?)
    })?;
    if found.people == 0 {
        return Err(Failure("nobody was compared".to_owned()));
    }
    #[expect(clippy::cast_precision_loss, reason = "a target in proportion")]
    let most = 60_000.0 * (found.people as f64 / 1e6);
    let name = format!("who is here twice, {} pairs of {} comparisons", found.pairs, found.compared);
    Ok(vec![Row::held(name, ms, "ms", Some(plain), Target::Most(most))])
}
