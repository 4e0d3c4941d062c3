//! Messages that waited for as long as the policy keeps messages and never left: the sweep takes them as it takes those that did.
//! Before it does they leave no more, what they were to say somebody says otherwise, and of the rest somebody is told. When their time
//! is over the policy says, and nothing here.

use custody::id::PersonId;
use custody::moment::Now;
use policy::role::Deed;
use serde_json::json;
use store::task::{self, Kind, NewTask};
use store::{mailing, message};

use super::withdraw;
use crate::acts::{self, Acting};
use crate::fault::Fault;
use crate::instance::Instance;

/// Why such a message leaves no more.
const WHY: &str = "it waited to leave for as long as messages are kept";

/// Lets leave no more what waits to leave to those a sweep is about to look at, and whose time is over.
///
/// # Errors
/// Whatever the store says.
pub fn outlived(instance: &Instance, people: &[PersonId], now: Now) -> Result<(), Fault> {
    let policy = instance.policy();
    let over = instance.store.read(|tx| message::outlived(tx, &policy, people, now))?;
    if over.is_empty() {
        return Ok(());
    }
    let (mut stopped, mut unsaid) = (0_usize, 0_usize);
    for one in &over {
        let withdrawn =
            instance.store.write(|tx| withdraw(&Acting::system(instance, "sender"), tx, *one, WHY));
        match withdrawn {
            Ok(said) => {
                stopped += 1;
                unsaid += usize::from(!said);
            }
            // It left, or was called back, since it was looked for.
            Err(Fault::NotFound) => {}
            // The sweep takes it all the same, and everything else of the night is to be done.
            Err(fault) => {
                tracing::error!(message = one.0, %fault, "a message whose time is over could not be withdrawn");
            }
        }
    }
    instance.store.write(|tx| {
        let acting = Acting::system(instance, "sender");
        mailing::finish(tx)?;
        if unsaid > 0 {
            let messages = if unsaid == 1 { "message" } else { "messages" };
            let what = format!(
                "{unsaid} {messages} waited to leave for as long as messages are kept, and never left: nothing of it is sent any more. \
                 See under Admin why no mail leaves, and write anew what still is to be said"
            );
            let owner = acts::task::whoever(&acting, tx, Deed::Send, &[])?;
            let new = NewTask { owner, due_on: Some(acting.today), ..NewTask::new(Kind::Other, &what) };
            task::add(tx, &new, acting.now)?;
        }
        acting.log(tx, "message.outlived", &[], &json!({ "messages": stopped }))
    })
}
