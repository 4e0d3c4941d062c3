//! Audiences told at a glance, held against the same people decided for one by one.

use app::acts::Acting;
use app::acts::audience::{self, Way};
use policy::channel::Means;
use store::Tx;

/// Holds every audience that can be written to by e-mail, or only those of many at once, against itself. How many were told at a
/// glance and had somebody in them.
pub fn compare(acting: &Acting<'_>, tx: &Tx<'_>, to_many: bool) -> Result<usize, String> {
    let mut told = 0;
    for activity in &acting.policy.activities {
        let channels = activity.channels.iter().filter_map(|id| acting.policy.channels.get(id.index()));
        for channel in
            channels.filter(|channel| channel.means == Means::Email && (channel.to_many || !to_many))
        {
            let way = Way { activity, channel, footer_complete: true };
            let said = |fault: app::fault::Fault| format!("{} by {}: {fault}", activity.name, channel.name);
            let people = audience::candidates(acting, tx, activity).map_err(said)?;
            let Some(found) = audience::at_a_glance(acting, tx, &way, &people).map_err(said)? else {
                continue;
            };
            let each = audience::one_by_one(acting, tx, &way, &people).map_err(said)?;
            if found != each {
                return Err(format!(
                    "the audience of {} by {}, told at a glance\n  {found:?}\n  one by one\n  {each:?}",
                    activity.name, channel.name
                ));
            }
            told += usize::from(!people.is_empty());
        }
    }
    Ok(told)
}
