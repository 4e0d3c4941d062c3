//! Sending what somebody may take with them to another organisation: to an address that they confirmed, and to no other; by a
//! link and a code of its own; written down as a disclosure once it was taken; and what arrives there comes in.

use app::acts::request::{self as desk, Who};
use app::acts::{self, Acting, delivery, onward};
use app::fault::Fault;
use app::instance::Instance;
use app::web::requests::one::pack::{ready, taken};
use app::world::Pack;
use custody::id::RequestId;
use store::keys::Secret;

use super::house::{House, TODAY, invalid, on_both};
use super::portable::wren;
use super::redaction::reader;

const TO: (&str, &str) = ("Northfield Learning", "intake@northfield.example");

fn asked(house: &House) -> RequestId {
    let wren = wren(house);
    house.go_to(TODAY.tomorrow().unwrap());
    house.opened("portability", Who::Held(wren))
}

fn noted(house: &House, asked: RequestId, step: &str) {
    house.act(|acting, tx| desk::noted(acting, tx, asked, step, "")).unwrap();
}

/// The token of the last message's link that begins with this.
fn mailed(house: &House, begins: &str) -> Option<(String, String)> {
    let all = house.read(|tx| {
        tx.all("SELECT address, body FROM message ORDER BY id", &[], |row| Ok((row.text(0)?, row.text(1)?)))
    });
    let (address, body) = all.into_iter().rfind(|(_, body)| body.contains(begins))?;
    let token: String = body.split_once(begins)?.1.chars().take_while(char::is_ascii_alphanumeric).collect();
    Some((address, token))
}

#[test]
fn nothing_goes_to_an_address_that_they_did_not_confirm_and_what_goes_is_written_down() {
    on_both(|house| {
        let asked = asked(house);
        let offer = || house.act(|acting, tx| onward::offer(acting, tx, asked));
        let name = |to: (&str, &str)| house.act(|acting, tx| onward::name(acting, tx, asked, to));
        assert!(invalid(&name(TO).unwrap_err(), "identity"), "we know first who they are");
        noted(house, asked, "identity known");
        assert!(invalid(&name(("", TO.1)).unwrap_err(), "organisation"));
        assert!(invalid(&name((TO.0, "no address")).unwrap_err(), "onward-address"));
        assert!(name(TO).unwrap(), "they are asked, where we held their address before");
        noted(house, asked, "pack made");
        assert!(invalid(&offer().unwrap_err(), "onward"), "they have not confirmed it");

        // The question goes to the address we hold, and opening its link confirms nothing.
        let (address, token) = mailed(house, "/onward/").unwrap();
        assert_eq!(address, "wren.novak@post.example");
        let subject = || Acting::subject(&house.instance);
        let behind =
            |token: &str| house.instance.store.read(|tx| onward::behind(&subject(), tx, token)).unwrap();
        let (to, grant) = behind(&token).unwrap();
        assert_eq!(to.open(&grant).unwrap().reveal(), "Northfield Learning <intake@northfield.example>");
        assert!(invalid(&offer().unwrap_err(), "onward"), "to open it confirms nothing");
        // Another address written down since: the link confirms nothing any more.
        name((TO.0, "other@northfield.example")).unwrap();
        assert!(behind(&token).is_none());
        let press =
            |token: &str| house.instance.store.write(|tx| onward::pressed(&subject(), tx, token)).unwrap();
        assert!(!press(&token));
        name(TO).unwrap();
        let (_, token) = mailed(house, "/onward/").unwrap();
        assert!(press(&token) && !press(&token), "once");

        let sent = offer().unwrap();
        assert_eq!(sent.to, "Northfield Learning <intake@northfield.example>");
        let (address, link) = mailed(house, "/pack/").unwrap();
        assert_eq!((address.as_str(), sent.mailed), (TO.1, true));
        assert!(sent.offer.link.ends_with(&link));
        let everything = house.everything();
        assert!(!everything.contains(&sent.offer.code), "the code goes another way");

        // Nothing is passed on until it is taken.
        let disclosed = || {
            house.read(|tx| {
                tx.all("SELECT recipient, reason FROM disclosure ORDER BY id", &[], |row| {
                    Ok((row.text(0)?, row.text(1)?))
                })
            })
        };
        assert!(disclosed().is_empty());
        for _ in 0..2 {
            let right =
                house.instance.store.write(|tx| delivery::open(&subject(), tx, (&link, &sent.offer.code)));
            assert!(right.unwrap().is_some_and(|(_, right)| right));
            house.instance.store.write(|tx| delivery::left(&subject(), tx, &link)).unwrap();
        }
        assert_eq!(
            disclosed(),
            [(sent.to.clone(), store::disclosure::TAKEN_ALONG.to_owned())],
            "once, however often it is fetched"
        );

        // That it went where nobody is named by the policy is their wish; without their word it breaks the promise.
        let broken = || {
            let broken = house.look("processor-within").broken;
            broken.iter().any(|one| one.contains("the policy does not name"))
        };
        assert!(!broken());
        let sql = "UPDATE request_step SET step = 'x' WHERE step = 'other organisation confirmed'";
        house.instance.store.write(|tx| tx.exec(sql, &[])).unwrap();
        assert!(broken());
    });
}

#[test]
fn they_may_confirm_to_somebody_here_who_says_how() {
    on_both(|house| {
        let asked = asked(house);
        noted(house, asked, "identity known");
        let told = |how: &str| house.act(|acting, tx| onward::confirmed_to_us(acting, tx, asked, how));
        assert!(invalid(&told("on the telephone").unwrap_err(), "organisation"), "nothing is named yet");
        house.act(|acting, tx| onward::name(acting, tx, asked, TO)).unwrap();
        assert!(invalid(&told(" ").unwrap_err(), "onward-how"));
        told("read back on the telephone").unwrap();
        let early = house.act(|acting, tx| onward::offer(acting, tx, asked));
        assert!(invalid(&early.unwrap_err(), "pack"));
        noted(house, asked, "pack made");
        house.act(|acting, tx| onward::offer(acting, tx, asked)).unwrap();
        // Another address: what was confirmed counts no more, and the link works no more.
        let (_, link) = mailed(house, "/pack/").unwrap();
        house.act(|acting, tx| onward::name(acting, tx, asked, ("Elsewhere", "a@else.example"))).unwrap();
        let works =
            house.instance.store.read(|tx| delivery::behind(&Acting::subject(&house.instance), tx, &link));
        assert!(works.unwrap().is_none());
        assert!(house.act(|acting, tx| onward::offer(acting, tx, asked)).is_err());
        // A request to see goes to nobody else.
        let see = house.opened("access", Who::Held(house.tara()));
        let other = house.act(|acting, tx| onward::name(acting, tx, see, TO));
        assert!(matches!(other, Err(Fault::NotFound)), "{other:?}");
    });
}

#[test]
fn what_another_organisation_fetches_comes_in_there() {
    on_both(|house| {
        let asked = asked(house);
        let gathered = house
            .instance
            .store
            .read(|tx| taken(&Acting::subject(&house.instance), tx, &house.request(asked)))
            .unwrap();
        let readings = gathered.readings(&reader());
        let review =
            house.act(|acting, tx| acts::redaction::review(acting, tx, asked, &gathered, &readings)).unwrap();
        let released = acts::redaction::released(&gathered, &readings, &review, &reader()).unwrap();
        let files = tokio::runtime::Runtime::new().unwrap().block_on(ready(released, &reader(), 0)).unwrap();
        let there = tempfile::tempdir().unwrap();
        let (data, zip) = (there.path().join("data"), there.path().join("your-data.zip"));
        std::fs::write(&zip, app::print::archive::zip(&files).unwrap()).unwrap();
        let policy = Pack::named("cti").unwrap().policy().unwrap();
        let key = "5a".repeat(32);
        let secret = Secret::from_hex(&key).unwrap();
        let later = jiff::civil::date(2026, 11, 10);
        drop(Instance::create(&data, None, &secret, policy, Some(later)).unwrap());
        let run = || {
            let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_probity"));
            command.args(["import", "pack"]).arg(&zip).arg("--data").arg(&data);
            command.args(["--category", "associate", "--told", "source"]).env("PROBITY_KEY", &key);
            let said = command.output().unwrap();
            assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
            String::from_utf8(said.stdout).unwrap()
        };
        let said = run();
        assert!(said.contains("1 created"), "{said}");
        let other = Instance::open(&data, None, &secret).unwrap();
        let held = other
            .store
            .read(|tx| {
                tx.all("SELECT kind, value FROM item ORDER BY kind", &[], |row| {
                    Ok((row.text(0)?, row.text(1)?))
                })
            })
            .unwrap();
        let value =
            |kind: &str| held.iter().find(|(known, _)| known == kind).map(|(_, value)| value.as_str());
        assert_eq!(value("name"), Some("Wren Novak"));
        assert_eq!(value("email"), Some("wren.novak@post.example"));
        assert!(value("phone").is_some_and(|phone| phone.contains("960177")), "{held:?}");
        drop(other);
        // The same file again changes nothing.
        let again = run();
        assert!(again.contains("0 created") && again.contains("1 the same already"), "{again}");
    });
}
