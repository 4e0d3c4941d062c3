//! What is sealed stays sealed until a grant names this person and this kind.

mod common;

use common::{cti, day, kind, kinds, now, role, told};
use custody::act::Asked;
use custody::id::{PersonId, StaffId};
use custody::{Act, Actor, Gate, Sealed, Verb, decide};

#[test]
fn a_grant_opens_this_person_and_this_kind_only() {
    let policy = cti();
    let client =
        told(&policy).is("coaching client", "2026-01-02").event("contact", "2026-01-02").on("2026-01-02");
    let act = Act {
        verb: Verb::Read,
        deed: None,
        kinds: Asked::Exactly(kinds(&policy, &["name"])),
        purpose: None,
        activity: None,
        engagement: None,
        channel: None,
        recipient: None,
    };
    let manager = Actor::Staff { id: StaffId(5), role: role(&policy, "business manager") };
    let grant =
        decide(&policy, &manager, &act, &[&client.life], &Gate::default(), now(), day("2026-01-03")).unwrap();
    let (name, email) = (kind(&policy, "name"), kind(&policy, "email"));
    let sealed = |person: i64, kind| Sealed::new(PersonId(person), kind, "Tara Ellis".to_owned());
    assert_eq!(sealed(1, name).open(&grant).map(custody::Shown::reveal).ok(), Some("Tara Ellis"));
    assert!(sealed(2, name).open(&grant).is_err());
    assert!(sealed(1, email).open(&grant).is_err());
    assert!(!format!("{:?}", sealed(1, name)).contains("Tara"));
}
