//! Other programs are told what happened: by number, signed so that a library that is not ours believes it, again and again
//! while they take nothing, and never in the network behind us.

use std::io::Write;
use std::process::{Command, Stdio};

use app::acts::webhook::{self as acts, said};
use app::acts::{consent, objection};
use app::clock::machine;
use app::fault::Fault;
use app::jobs::webhooks;
use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use custody::id::PersonId;
use custody::life::Scope;
use jiff::SignedDuration;
use policy::activity::Purpose;
use serde_json::{Value, json};
use store::{log, params, webhook};

use crate::receiver::{Heard, Receiver};
use crate::town::{NEWS, Town};

fn all() -> Vec<String> {
    said::EVENTS.iter().map(|event| event.name.to_owned()).collect()
}

/// One turn of the log's job and of this one.
fn turn(town: &Town) {
    let instance = town.instance();
    let keys = instance.store.keys();
    while instance.store.write(|tx| log::sequence(tx, keys, instance.clock.now())).unwrap() {}
    webhooks::run(instance).unwrap();
}

/// So much later for whatever waits: a test does not wait itself.
fn as_if_later(town: &Town, by: SignedDuration) {
    let ms = i64::try_from(by.as_millis()).unwrap();
    town.instance()
        .store
        .write(|tx| {
            tx.exec("UPDATE webhook_message SET next_at = next_at - ?1", params![ms])?;
            tx.exec(
                "UPDATE webhook SET wait_until = wait_until - ?1, failing_since = failing_since - ?1, old_until = old_until - ?1",
                params![ms],
            )
        })
        .unwrap();
}

fn types(heard: &[Heard]) -> Vec<String> {
    heard
        .iter()
        .map(|one| serde_json::from_str::<Value>(&one.body).unwrap()["type"].as_str().unwrap().to_owned())
        .collect()
}

/// What PyPI's `standardwebhooks` says of a message; nothing where it is not installed (`bin/need test` does it).
fn believed(secret: &str, heard: &Heard) -> Option<bool> {
    let python = std::env::var("PROBITY_TEST_PYTHON").ok()?;
    let script = "import sys, json\nfrom standardwebhooks.webhooks import Webhook, WebhookVerificationError\n\
                  secret, headers, body = json.load(sys.stdin)\n\
                  try:\n    Webhook(secret).verify(body, headers)\nexcept WebhookVerificationError as error:\n    sys.exit(str(error))";
    let mut child = Command::new(python).args(["-c", script]).stdin(Stdio::piped()).spawn().unwrap();
    let given = json!([secret, heard.headers, heard.body]).to_string();
    child.stdin.take().unwrap().write_all(given.as_bytes()).unwrap();
    Some(child.wait().unwrap().success())
}

/// They ring and say no to what promotes us.
fn objects(town: &Town, who: PersonId) {
    let scope = Scope::Purpose(Purpose::DirectMarketing);
    town.act(|acting, tx| objection::record(acting, tx, who, &scope, (acting.today, "rang us"))).unwrap();
}

/// A program on this machine, which whoever runs it lets be told.
fn listening(town: &mut Town) -> Receiver {
    town.reopen("[webhooks]\nallow = [\"127.0.0.1\"]\n");
    Receiver::open()
}

fn add(town: &Town, receiver: &Receiver) -> (i64, String) {
    town.act(|acting, tx| acts::add(acting, tx, &receiver.url(), &all())).unwrap()
}

fn state(town: &Town, id: i64) -> webhook::Webhook {
    town.instance().store.read(|tx| webhook::one(tx, id)).unwrap()
}

both! {
    /// What happened is told once, in order, with numbers and no value, and a library of others believes it.
    fn it_is_told_by_number_and_signed(town) {
        town.supporter("Ada Early", "ada.early@post.example");
        let receiver = listening(town);
        let (id, secret) = add(town, &receiver);
        let sam = town.supporter("Samuel Hillforth", "samuel@post.example");
        let una = town.supporter("Una Hillforth", "una@post.example");
        objects(town, sam);
        town.later(1);
        town.agrees(sam);
        town.later(1);
        town.act(|acting, tx| consent::withdraw(acting, tx, sam, NEWS, None)).unwrap();
        town.erase(una);
        turn(town);
        let heard = receiver.heard();
        let told = types(&heard);
        for name in ["person.added", "objection.made", "consent.given", "consent.withdrawn", "person.let_go"] {
            assert!(told.iter().any(|told| told == name), "{name} in {told:?}");
        }
        for one in &heard {
            assert_eq!(one.line, "POST /told?by=probity HTTP/1.1");
            assert_eq!(one.headers["content-type"], "application/json");
            assert!(!one.headers["webhook-id"].contains('.'), "{one:?}");
            // Neither whoever was here before it was set up nor any value of anybody.
            for value in ["Ada", "Samuel", "Una", "Hillforth", "post.example", "rang us"] {
                assert!(!one.body.contains(value), "{value} in {}", one.body);
            }
            let body: Value = serde_json::from_str(&one.body).unwrap();
            let people = body["data"]["people"].as_array().unwrap();
            let known = |person: &Value| person.as_i64().is_some_and(|id| id == sam.0 || id == una.0);
            assert!(people.iter().all(known), "{body}");
            assert_ne!(believed(&secret, one), Some(false), "{one:?}");
        }
        let first = &heard[0];
        assert_ne!(believed("whsec_c29tZWJvZHkgZWxzZSBoYXMgdGhpcyBzZWNyZXQ=", first), Some(true));
        let changed = Heard { body: format!("{} ", first.body), ..first.clone() };
        assert_ne!(believed(&secret, &changed), Some(true));
        let ids: std::collections::BTreeSet<_> = heard.iter().map(|one| one.headers["webhook-id"].clone()).collect();
        assert_eq!(ids.len(), heard.len(), "each event has its id");
        turn(town);
        assert!(receiver.heard().is_empty(), "and is told once");
        assert!(state(town, id).taken_at.is_some());
        // At rest the address is sealed, which may be all that lets somebody in there, and the secret.
        assert!(!state(town, id).url.windows(9).any(|bytes| bytes == b"127.0.0.1"));
        let plain = STANDARD.decode(secret.trim_start_matches("whsec_")).unwrap();
        assert!(!state(town, id).secret.windows(plain.len()).any(|bytes| bytes == plain));
    }

    /// What cannot be read of what happened keeps nothing else from being told.
    fn an_event_that_cannot_be_read_stops_no_other(town) {
        let receiver = listening(town);
        let (id, _) = add(town, &receiver);
        town.supporter("Samuel Hillforth", "samuel@post.example");
        let run = |sql: &str| town.instance().store.write(|tx| tx.exec(sql, &[])).unwrap();
        run("UPDATE webhook SET wait_until = 9000000000000");
        turn(town);
        let waiting = town.count("SELECT COUNT(*) FROM webhook_message");
        assert!(waiting > 1 && receiver.heard().is_empty());
        run("UPDATE log_event SET at = 9223372036854775807 WHERE id = (SELECT MIN(event_id) FROM webhook_message)");
        run("UPDATE webhook SET wait_until = NULL");
        turn(town);
        as_if_later(town, SignedDuration::from_secs(120));
        turn(town);
        assert_eq!(receiver.heard().len(), usize::try_from(waiting - 1).unwrap());
        assert_eq!(town.count("SELECT COUNT(*) FROM webhook_message"), 1);
        assert!(state(town, id).failing_since.is_some());
    }

    /// Only what it was set up for.
    fn it_is_told_of_what_it_asked_for(town) {
        let receiver = listening(town);
        let only = ["consent.given".to_owned()];
        town.act(|acting, tx| acts::add(acting, tx, &receiver.url(), &only)).unwrap();
        let sam = town.supporter("Sam Hill", "sam@post.example");
        objects(town, sam);
        town.later(1);
        town.agrees(sam);
        turn(town);
        let told = types(&receiver.heard());
        assert!(!told.is_empty() && told.iter().all(|name| name == "consent.given"), "{told:?}");
    }

    /// While a secret is changed, both sides believe each other all the time; after a day the old one is worth nothing.
    fn a_secret_is_changed_without_losing_anything(town) {
        let receiver = listening(town);
        let (id, old) = add(town, &receiver);
        let new = town.act(|acting, tx| acts::rotate(acting, tx, id)).unwrap();
        assert_ne!(old, new);
        town.act(|acting, tx| acts::try_out(acting, tx, id)).unwrap();
        turn(town);
        let both = receiver.heard().remove(0);
        assert_eq!(both.headers["webhook-signature"].split(' ').count(), 2);
        assert_ne!(believed(&old, &both), Some(false));
        assert_ne!(believed(&new, &both), Some(false));
        assert_eq!(serde_json::from_str::<Value>(&both.body).unwrap()["type"], said::TRIAL);
        as_if_later(town, SignedDuration::from_hours(25));
        town.act(|acting, tx| acts::try_out(acting, tx, id)).unwrap();
        turn(town);
        let one = receiver.heard().remove(0);
        assert_eq!(one.headers["webhook-signature"].split(' ').count(), 1);
        assert_ne!(believed(&old, &one), Some(true));
        assert_ne!(believed(&new, &one), Some(false));
        assert_eq!(state(town, id).old, None, "it is forgotten");
    }

    /// What is not taken is tried ten times, as the standard's schedule has it, under the same id, and then given up.
    fn what_is_not_taken_is_tried_again(town) {
        let receiver = listening(town);
        let (id, _) = add(town, &receiver);
        town.act(|acting, tx| acts::try_out(acting, tx, id)).unwrap();
        receiver.answers(&["500 Broken"; 10]);
        let waits = || {
            let sql = "SELECT next_at FROM webhook_message";
            town.instance().store.read(|tx| tx.maybe(sql, &[], |row| row.at(0))).unwrap()
        };
        let mut ids = Vec::new();
        for (n, seconds) in webhooks::AGAIN.iter().enumerate() {
            let before = machine();
            turn(town);
            let heard = receiver.heard();
            assert_eq!(heard.len(), 1, "attempt {}", n + 1);
            ids.push(heard[0].headers["webhook-id"].clone());
            let wait = waits().unwrap().duration_since(before).as_secs();
            assert!((*seconds..=seconds + seconds / 10 + 5).contains(&wait), "{wait} after attempt {}", n + 1);
            turn(town);
            assert!(receiver.heard().is_empty(), "not before its time");
            // Not so long that five days are over by then.
            let sql = "UPDATE webhook SET failing_since = ?1";
            town.instance().store.write(|tx| tx.exec(sql, params![machine()])).unwrap();
            as_if_later(town, SignedDuration::from_secs(seconds + seconds / 10 + 61));
        }
        turn(town);
        assert_eq!(receiver.heard().len(), 1, "the tenth");
        assert_eq!(waits(), None, "given up");
        assert_eq!(town.count("SELECT COUNT(*) FROM log_event WHERE act = 'webhook.given up'"), 1);
        assert!(ids.iter().all(|id| *id == ids[0]));
        let held = state(town, id);
        assert_eq!((held.off_at, held.trouble.as_deref()), (None, Some("it answered 500")));
    }

    /// A receiver that asks for time gets it, and one that is away is not asked for each message anew.
    fn a_receiver_that_is_busy_is_left_alone(town) {
        let receiver = listening(town);
        let (id, _) = add(town, &receiver);
        receiver.answers(&["429 Too Many Requests\r\nRetry-After: 900"]);
        for n in 0..5 {
            town.supporter(&format!("Sam {n}"), &format!("sam{n}@post.example"));
        }
        turn(town);
        assert_eq!(receiver.heard().len(), 1);
        as_if_later(town, SignedDuration::from_mins(14));
        turn(town);
        assert!(receiver.heard().is_empty());
        as_if_later(town, SignedDuration::from_mins(2));
        turn(town);
        assert!(receiver.heard().len() >= 5, "and then everything");
        assert_eq!(town.count("SELECT COUNT(*) FROM webhook_message"), 0);
        assert_eq!(state(town, id).failing_since, None);
    }

    /// Whoever takes nothing for five days, or says that they want nothing more, is told no more, and Today says so.
    fn a_webhook_that_takes_nothing_is_switched_off(town) {
        let receiver = listening(town);
        let (id, _) = add(town, &receiver);
        receiver.answers(&["404 Not Found", "302 Found\r\nLocation: /elsewhere"]);
        town.act(|acting, tx| acts::try_out(acting, tx, id)).unwrap();
        turn(town);
        assert!(!town.signed_in("GET", "/", "").text.contains("was switched off"));
        as_if_later(town, webhooks::PATIENCE);
        turn(town);
        let heard = receiver.heard();
        assert_eq!(heard.len(), 2, "where the answer points is not gone to");
        let held = state(town, id);
        assert!(held.off_why.as_deref().is_some_and(|why| why.contains("five days") && why.contains("302")), "{held:?}");
        let today = town.signed_in("GET", "/", "").text;
        assert!(today.contains("The webhook to 127.0.0.1 was switched off on") && today.contains("/admin/webhooks"), "{today}");
        // Whatever happens meanwhile is not kept for it.
        town.supporter("Sam Hill", "sam@post.example");
        turn(town);
        assert_eq!(town.count("SELECT COUNT(*) FROM webhook_message"), 0);
        town.act(|acting, tx| acts::switch(acting, tx, id, true)).unwrap();
        turn(town);
        assert!(receiver.heard().is_empty());
        receiver.answers(&["410 Gone"]);
        town.supporter("Una Hill", "una@post.example");
        turn(town);
        assert_eq!(receiver.heard().len(), 1);
        assert!(state(town, id).off_why.is_some_and(|why| why.contains("410")));
    }

    /// Nobody has the server speak to what only it can reach.
    fn nothing_is_sent_into_the_network_behind_us(town) {
        let refused = |url: &str| {
            let given = town.act(|acting, tx| acts::add(acting, tx, url, &all()));
            match given {
                Err(Fault::Invalid(wrong)) => wrong[0].words.clone(),
                other => panic!("{url}: {other:?}"),
            }
        };
        assert!(refused("http://hooks.example.org/").contains("in the clear"));
        assert!(refused("https://169.254.169.254/latest/").contains("private network"));
        assert!(refused("https://[fd00::7]/").contains("private network"));
        assert!(refused("http://localhost:2019/stop").contains("this machine"));
        town.reopen("[webhooks]\nallow = [\"10.0.0.7\"]\n");
        let url = "https://10.0.0.7:5678/";
        let (id, _) = town.act(|acting, tx| acts::add(acting, tx, url, &all())).unwrap();
        // What was allowed and is no longer is not gone to.
        town.reopen("");
        town.act(|acting, tx| acts::try_out(acting, tx, id)).unwrap();
        turn(town);
        assert!(state(town, id).trouble.is_some_and(|why| why.contains("private network")));
    }

    /// By the page and by the API; a secret is shown once, and whoever may not manage staff sees nothing of it.
    fn it_is_set_up_by_page_and_by_api(town) {
        let receiver = listening(town);
        let form = format!("url={}&events=person.added", receiver.url().replace('?', "%3F").replace('=', "%3D"));
        let made = town.signed_in("POST", "/admin/webhooks", &form);
        assert_eq!(made.status, StatusCode::OK, "{}", made.text);
        assert!(made.text.contains("whsec_"));
        let id = town.count("SELECT id FROM webhook");
        let page = format!("/admin/webhooks/{id}");
        let shown = town.signed_in("GET", &page, "");
        assert!(shown.text.contains("127.0.0.1") && !shown.text.contains("whsec_"));
        let none = town.signed_in("POST", "/admin/webhooks", "url=nonsense");
        assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(none.text.contains("begins with https://"), "{}", none.text);
        assert_eq!(town.signed_in("POST", &format!("{page}/trial"), "").status, StatusCode::SEE_OTHER);
        turn(town);
        assert_eq!(types(&receiver.heard()), [said::TRIAL]);

        let given = town.api("GET", &format!("/api/v1/webhooks/{id}"), &json!({})).json();
        assert_eq!(given["events"], json!(["person.added"]));
        let changed = json!({ "version": given["version"], "url": receiver.url(), "events": ["consent.given"], "on": false });
        let put = |body: &Value| town.api("PUT", &format!("/api/v1/webhooks/{id}"), body).status;
        assert_eq!(put(&changed), StatusCode::NO_CONTENT);
        assert_eq!(put(&changed), StatusCode::CONFLICT, "somebody else was quicker");
        let listed = town.api("GET", "/api/v1/webhooks", &json!({})).json();
        assert_eq!(listed["webhooks"][0]["on"], false);
        assert!(!listed.to_string().contains("whsec_"));
        let secret = town.api("POST", &format!("/api/v1/webhooks/{id}/secret"), &json!({})).json();
        assert!(secret["secret"].as_str().is_some_and(|secret| secret.starts_with("whsec_")));
        let unknown = json!({ "url": receiver.url(), "events": ["person.named"] });
        assert_eq!(town.api("POST", "/api/v1/webhooks", &unknown).status, StatusCode::UNPROCESSABLE_ENTITY);
        let gone = town.api("DELETE", &format!("/api/v1/webhooks/{id}"), &json!({}));
        assert_eq!(gone.status, StatusCode::NO_CONTENT);
        assert_eq!(town.count("SELECT COUNT(*) FROM webhook"), 0);
        // The log has no address of it, which may be a secret.
        assert_eq!(town.count("SELECT COUNT(*) FROM log_event WHERE act LIKE 'webhook.%' AND body LIKE '%127.0.0.1%'"), 0);
    }
}
