//! A yes is written down with what stood there on the day it was given, whenever somebody gets round to it.

use app::acts::consent;
use app::fault::Fault;
use app::world::Pack;
use custody::id::{ConsentId, PersonId};
use custody::proof::Obligation;
use jiff::civil::{Date, date};
use policy::Policy;
use store::{params, policy_version, prove};

use crate::common;
use crate::town::{NEWS, Town};

/// The day from which the next version is in force, which says more in the words people agree to and asks for more.
const NEXT: Date = date(2026, 11, 10);

const MORE: &str = r#"activity invitations "Invitations for our supporters"
  for       supporter
  so that   "you can come to what we do"
  purpose   DirectMarketing
  basis     consent, opt-in
  data      name, email
  from      the person
  send      by mailing
  keep      until consent withdrawn; ask again every 2 years, no answer ends it
  then      erase

# ---- Housekeeping:"#;

/// Adopts the next version and lets its day come.
fn next_version(town: &Town) {
    let mut files = Pack::named("cti").unwrap().policy().unwrap().files.clone();
    for (from, to) in [
        ("version     3, from 2026-11-02", "version     4, from 2026-11-10"),
        ("you can follow what we do, for", "you can follow what we do and plan, for"),
        ("# ---- Housekeeping:", MORE),
    ] {
        assert!(files[0].text.contains(from), "{from}");
        files[0].text = files[0].text.replacen(from, to, 1);
    }
    let (policy, found) = Policy::read(files);
    let policy = policy.unwrap_or_else(|| panic!("{found:?}"));
    assert_eq!(policy.from, NEXT);
    let now = town.instance().clock.now();
    town.instance().store.write(|tx| policy_version::adopt(tx, &policy, now, None)).unwrap();
    town.go_to(date(2026, 11, 20));
    town.instance().refresh_policy().unwrap();
    assert_eq!(town.instance().policy().version, 4);
}

fn gives(town: &Town, who: PersonId, activity: &str, on: Date) -> Result<ConsentId, Fault> {
    town.act(|acting, tx| consent::give(acting, tx, who, activity, (on, "asked us")))
}

/// The words of a consent and the version they stood in.
fn written(town: &Town, consent: ConsentId) -> (String, i64) {
    let sql = "SELECT wording, notice_version FROM consent WHERE id = ?1";
    let row = |row: &store::Row<'_>| Ok((row.text(0)?, row.int(1)?));
    town.instance().store.read(|tx| tx.one(sql, params![consent], row)).unwrap()
}

fn broken(town: &Town, obligation: &Obligation) -> Vec<String> {
    let instance = town.instance();
    let (policy, now, today) = (instance.policy(), instance.clock.now(), instance.clock.today());
    prove::obligation(&instance.store, &policy, obligation, now, today).unwrap().broken
}

both! {
    /// What somebody agreed to is what the policy said on that day, and not what it says when it is written down.
    fn a_yes_written_down_later_has_the_words_of_its_day(town) {
        let sam = town.supporter("Sam Hill", "sam@post.example");
        next_version(town);
        let before = gives(town, sam, NEWS, date(2026, 11, 9)).unwrap();
        let (wording, version) = written(town, before);
        assert!(wording.contains("follow what we do, for") && version == 3, "{wording} {version}");
        let since = gives(town, sam, NEWS, NEXT).unwrap();
        let (wording, version) = written(town, since);
        assert!(wording.contains("follow what we do and plan, for") && version == 4, "{wording} {version}");
        assert_eq!(broken(town, &Obligation::VersionsKept), Vec::<String>::new());
    }

    /// Nobody can have agreed to what nobody was asked.
    fn a_yes_to_what_was_not_asked_on_its_day_is_none(town) {
        let sam = town.supporter("Sam Hill", "sam@post.example");
        next_version(town);
        let fault = gives(town, sam, "invitations", date(2026, 11, 9)).unwrap_err();
        assert!(fault.to_string().contains("asked nobody to agree to this"), "{fault}");
        gives(town, sam, "invitations", NEXT).unwrap();
    }
}
