//! Lists for social networks: hashes of whoever may be in one and of nobody else, with the reason for each who is not; written down,
//! followed up, and taken back. Under a policy that also promises never to share for marketing there is none.

use app::acts::hashed::{self as acts, Sheet};
use app::acts::person::{self, NewPerson};
use app::acts::restriction::{self, Asking};
use app::acts::{Acting, consent, disclosure as passing, event, objection, proof};
use app::fault::Fault;
use app::jobs::night;
use axum::http::StatusCode;
use custody::id::PersonId;
use custody::life::Scope;
use jiff::ToSpan;
use policy::activity::Purpose;
use serde_json::json;
use store::consent::Shows;
use store::hashed::{self, Network};
use store::normal::Shape;
use store::suppression::{self, Forbids};
use store::task::{self, Task};
use store::{Tx, disclosure, params};

use crate::common::{edited, newcomer};
use crate::town::Town;

const WORLD: &str = r#"
begins = "2026-11-03"
today = "2026-11-03"
organisation = []
person = []
[[staff]]
key = "helen"
name = "Helen Marsh"
email = "helen.marsh@cti.example"
role = "data protection manager"
"#;

const ADVERTS: &str = "adverts on social networks";
const LIST: &str = "/networks/social-network/adverts-on-social-networks/meta";
const NEVER: &str = "never share anything for marketing, fundraising, campaigning";
const TAKEN_OUT: &str = "Have them taken out of the audience at social network";

/// CLI's policy, edited.
fn cli(town: &Town, edit: impl Fn(String) -> String) -> Town {
    Town::under(edited("cli", |text| edit(text.to_owned())), WORLD, town.url())
}

/// CLI's policy without the sentence that forbids every such list.
fn permitting(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.starts_with(NEVER));
    lines.collect::<Vec<_>>().join("\n") + "\n"
}

/// CLI's policy with adverts that end with a number, shared for what is said.
fn until_the_phone_changes(town: &Town, what_for: &str) -> Town {
    cli(town, |text| {
        let (before, adverts) = text.split_once("\nactivity adverts on social networks").unwrap();
        let kept = "keep      until consent withdrawn; ask again every 2 years, no answer ends it";
        let adverts = adverts
            .replacen(kept, "keep      until phone changes, at most 1 year after collected", 1)
            .replacen("to show our adverts", what_for, 1);
        format!("{before}\nactivity adverts on social networks{}", permitting(&adverts))
    })
}

fn follower(town: &Town, name: &str, email: &str, agrees: bool) -> PersonId {
    let values = [("name", name), ("email", email)];
    let new = NewPerson {
        agreed: agrees.then(|| ADVERTS.to_owned()).into_iter().collect(),
        shown: agrees.then(|| (Shows::InPerson, "Yes, show me your adverts".to_owned())),
        offers: false,
        ..newcomer("follower", "the person", &values)
    };
    town.act(|acting, tx| person::add(acting, tx, &new)).unwrap()
}

fn take(town: &Town, network: Network) -> Result<Sheet, Fault> {
    town.act(|acting, tx| {
        let way = hashed::ways(&acting.policy).into_iter().next().unwrap();
        let whom = acts::whom(acting, tx, &way, network)?;
        let rows = acts::part(acting, tx, (&way, network), &whom)?;
        acts::sheet(acting, tx, (&way, network), &rows)
    })
}

fn hash(network: Network, email: &str) -> String {
    hashed::hash(network, Shape::Email, email).unwrap()
}

fn open(town: &Town) -> Vec<Task> {
    town.instance().store.read(|tx| task::open(tx, None, 100)).unwrap()
}

fn to_be_taken_out(town: &Town) -> Vec<Option<PersonId>> {
    open(town).into_iter().filter(|task| task.what == TAKEN_OUT).map(|task| task.person).collect()
}

fn given(town: &Town) -> i64 {
    town.instance().store.read(|tx| disclosure::given(tx, "social network")).unwrap().0
}

fn verdict(town: &Town, promise: &str) -> String {
    let looked = proof::look(town.instance(), Some(promise)).unwrap();
    looked.found[0].verdict.to_string()
}

both! {
    fn a_list_is_of_whoever_may_be_in_it_and_the_others_have_their_reasons(town) {
        let cli = cli(town, |text| permitting(&text));
        let amy = follower(&cli, "Amy Ross", "Amy@post.example", true);
        let gus = follower(&cli, "Gus Low", "gus.low+news@gmail.com", true);
        follower(&cli, "Ben Ash", "ben@post.example", false);
        let cat = follower(&cli, "Cat Orr", "cat@post.example", true);
        follower(&cli, "Dan Fox", "dan@post.example", true);
        let eve = follower(&cli, "Eve Day", "eve@post.example", true);
        follower(&cli, "Fay Elm", "", true);
        let marketing = Scope::Purpose(Purpose::DirectMarketing);
        cli.act(|acting, tx| {
            objection::record(acting, tx, cat, &marketing, (acting.today, "telephone"))?;
            restriction::place(acting, tx, eve, &Asking { why: "she disputes it".into(), ..Asking::default() })?;
            let keys = acting.instance.store.keys();
            suppression::add(
                tx, keys, "email", "dan@post.example", Forbids::Marketing, acting.today, "objection", acting.now,
            )?;
            Ok(())
        })
        .unwrap();

        let found = cli
            .act(|acting, tx| {
                let way = hashed::ways(&acting.policy).into_iter().next().unwrap();
                acts::audience(acting, tx, &way, Network::Meta)
            })
            .unwrap();
        assert_eq!((found.will.as_slice(), found.not()), ([amy, gus].as_slice(), 5), "{found:?}");
        let because = |words: &str| found.left_out.iter().filter(|out| out.because.contains(words)).count();
        for words in ["not to be reached by what promotes us", "restricted", "a network can match (email)"] {
            assert_eq!(because(words), 1, "{words}: {found:?}");
        }

        let page = cli.signed_in("GET", LIST, "");
        assert_eq!(page.status, StatusCode::OK, "{}", page.text);
        assert!(page.text.contains("Will be in it") && page.text.contains("Take the list"), "{}", page.text);
        let people = cli.signed_in("GET", &format!("{LIST}/people?of=will"), "");
        assert!(people.text.contains("Amy Ross") && !people.text.contains("Cat Orr"), "{}", people.text);
        let counted = cli.api("GET", &format!("/api/v1{LIST}"), &json!({})).json();
        assert_eq!((counted["will"].as_i64(), counted["will_not"].as_i64()), (Some(2), Some(5)), "{counted}");
        // Of whom nothing may go by the step in which it would, nothing does.
        let mut went = 0;
        let undone = cli.act(|acting, tx| {
            let way = hashed::ways(&acting.policy).into_iter().next().unwrap();
            went = acts::part(acting, tx, (&way, Network::Meta), &[amy, cat, eve])?.len();
            Err::<(), _>(Fault::Changed)
        });
        assert!(matches!(undone, Err(Fault::Changed)) && went == 1, "{went}: {undone:?}");
        assert_eq!(given(&cli), 0, "looking gives nothing to anybody");

        // The same people, as each network wants them.
        let sheet = take(&cli, Network::Meta).unwrap();
        assert_eq!((sheet.people, sheet.name.as_str()), (2, "meta-2026-11-03.csv"));
        let mut lines =
            [hash(Network::Meta, "amy@post.example"), hash(Network::Meta, "gus.low+news@gmail.com")];
        lines.sort();
        assert_eq!(sheet.csv, format!("email\r\n{}\r\n{}\r\n", lines[0], lines[1]));
        let google = cli.signed_in("POST", &LIST.replace("meta", "google"), "");
        assert_eq!(google.status, StatusCode::OK, "{}", google.text);
        let one_box = hash(Network::Google, "guslow@gmail.com");
        assert!(google.text.starts_with("Email\r\n") && google.text.contains(&one_box), "{}", google.text);

        assert_eq!(given(&cli), 2);
        let sql = "SELECT count(*) FROM disclosure WHERE person_id = ?1 AND recipient = 'social network'
            AND kinds = 'email' AND activity = ?2 AND reason <> ''";
        let rows = cli.instance().store.read(|tx| tx.count(sql, params![amy, ADVERTS])).unwrap();
        assert_eq!(rows, 2, "each list is written down for each person in it");
        let confirm: Vec<Task> = open(&cli).into_iter().filter(|task| task.what.contains("confirm that it deleted")).collect();
        assert_eq!(confirm.len(), 2, "{confirm:?}");
        assert!(confirm.iter().all(|task| task.owner.is_some() && task.due_on.is_some()), "{confirm:?}");
        assert_eq!(verdict(&cli, "CLI-10"), "kept");
    }

    fn whoever_says_no_afterwards_is_taken_out_and_whoever_is_erased_is_told_of(town) {
        let cli = cli(town, |text| permitting(&text));
        let amy = follower(&cli, "Amy Ross", "amy@post.example", true);
        let ben = follower(&cli, "Ben Ash", "ben@post.example", true);
        let cat = follower(&cli, "Cat Orr", "cat@post.example", true);
        take(&cli, Network::Meta).unwrap();
        take(&cli, Network::LinkedIn).unwrap();
        assert!(to_be_taken_out(&cli).is_empty());

        cli.act(|acting, tx| consent::withdraw(acting, tx, amy, ADVERTS, None)).unwrap();
        assert_eq!(to_be_taken_out(&cli), [Some(amy)], "once, however many lists");
        let marketing = Scope::Purpose(Purpose::DirectMarketing);
        cli.act(|acting, tx| objection::record(acting, tx, ben, &marketing, (acting.today, "letter"))).unwrap();
        assert_eq!(to_be_taken_out(&cli), [Some(amy), Some(ben)]);
        let left = take(&cli, Network::Meta).unwrap();
        assert_eq!(left.csv, format!("email\r\n{}\r\n", hash(Network::Meta, "cat@post.example")));
        assert_eq!(verdict(&cli, "CLI-10"), "kept");

        // Behind the program's back somebody stays in the audience.
        let stays = "UPDATE disclosure SET ended_on = NULL WHERE person_id = ?1";
        cli.instance().store.write(|tx| tx.exec(stays, params![amy])).unwrap();
        assert_eq!(verdict(&cli, "CLI-10"), "broken");
        cli.act(|acting, tx| acting.settle(tx, amy).map(drop)).unwrap();
        assert_eq!(verdict(&cli, "CLI-10"), "kept");

        cli.erase(cat);
        let told = "Tell social network that the details we passed on are erased";
        assert!(open(&cli).iter().any(|task| task.what == told), "{:?}", open(&cli));
    }

    fn whoever_is_held_for_it_no_more_is_taken_out_the_night_after(town) {
        let cli = cli(town, |text| {
            let (before, adverts) = text.split_once("\nactivity adverts on social networks").unwrap();
            let kept = "keep      until consent withdrawn; ask again every 2 years, no answer ends it";
            let adverts = permitting(&adverts.replacen(kept, "keep      1 month after collected", 1));
            format!("{before}\nactivity adverts on social networks{adverts}")
        });
        let amy = follower(&cli, "Amy Ross", "amy@post.example", true);
        take(&cli, Network::Meta).unwrap();
        let day = cli.instance().clock.today().checked_add(45.days()).unwrap();
        cli.go_to(day);
        night::run(cli.instance(), day).unwrap();
        assert_eq!(to_be_taken_out(&cli), [Some(amy)]);
        let nobody = take(&cli, Network::Meta).unwrap_err();
        assert!(matches!(nobody, Fault::Invalid(_)), "{nobody:?}");
        // Once nothing says who she was, only a new list leaves her out.
        let gone = day.checked_add(400.days()).unwrap();
        cli.go_to(gone);
        night::run(cli.instance(), gone).unwrap();
        assert!(to_be_taken_out(&cli).is_empty());
        let again = "Put a new list in the place of the one at social network: somebody in it is held here no more";
        assert_eq!(open(&cli).iter().filter(|task| task.what == again).count(), 1, "{:?}", open(&cli));
    }

    fn whose_end_is_taken_back_stays_in_it_unless_they_were_taken_out(town) {
        let cli = until_the_phone_changes(town, "to show our adverts");
        let amy = follower(&cli, "Amy Ross", "amy@post.example", true);
        take(&cli, Network::Meta).unwrap();
        take(&cli, Network::LinkedIn).unwrap();
        let standing = || cli.instance().store.read(|tx| disclosure::standing(tx, amy)).unwrap().len();
        let end = || {
            let changed = |acting: &Acting<'_>, tx: &Tx<'_>| event::record(acting, tx, amy, ("phone changes", acting.today));
            let changed = cli.act(changed).unwrap();
            assert_eq!((to_be_taken_out(&cli), standing()), (vec![Some(amy)], 0));
            changed
        };
        let changed = end();
        cli.act(|acting, tx| event::take_back(acting, tx, amy, changed)).unwrap();
        assert_eq!((to_be_taken_out(&cli), standing()), (vec![], 2));
        let changed = end();
        let task = open(&cli).into_iter().find(|task| task.what == TAKEN_OUT).unwrap().id;
        cli.act(|acting, tx| app::acts::task::confirm(acting, tx, task, (acting.today, "done"))).unwrap();
        cli.act(|acting, tx| event::take_back(acting, tx, amy, changed)).unwrap();
        assert_eq!((to_be_taken_out(&cli), standing()), (vec![], 0), "there she is no more");
    }

    fn whose_end_is_taken_back_is_out_of_it_all_the_same_where_something_else_says_so(town) {
        let cli = until_the_phone_changes(town, "to show our adverts, until confirmed");
        let amy = follower(&cli, "Amy Ross", "amy@post.example", true);
        take(&cli, Network::Meta).unwrap();
        let standing = || cli.instance().store.read(|tx| disclosure::standing(tx, amy)).unwrap().len();
        let happens = |name: &str| {
            cli.act(|acting, tx| event::record(acting, tx, amy, (name, acting.today))).unwrap()
        };
        assert_eq!(standing(), 1);
        happens("confirmed");
        assert_eq!(standing(), 0);
        let changed = happens("phone changes");
        cli.act(|acting, tx| event::take_back(acting, tx, amy, changed)).unwrap();
        assert_eq!(standing(), 0, "that they confirmed stands");
    }

    fn a_policy_that_says_never_too_makes_no_list_and_names_both_sentences(town) {
        let cli = cli(town, |text| text);
        let amy = follower(&cli, "Amy Ross", "amy@post.example", true);
        for (network, ..) in Network::ALL {
            let Fault::Refused(refusal) = take(&cli, *network).unwrap_err() else { panic!("not refused") };
            assert_eq!(refusal.promises, ["CLI-10", "CLI-21"]);
            assert_eq!(refusal.clause_words, format!("adverts on social networks: share; {NEVER}"));
            assert!(refusal.because.contains("(CLI-10, CLI-21)"), "{refusal:?}");
        }
        let page = cli.signed_in("GET", "/networks", "");
        assert_eq!(page.status, StatusCode::OK, "{}", page.text);
        assert!(page.text.contains("CLI-21") && page.text.contains("Take one of the two out"), "{}", page.text);
        assert!(!page.text.contains("A list for"), "{}", page.text);
        for (method, path) in [("GET", LIST), ("POST", LIST)] {
            assert_eq!(cli.signed_in(method, path, "").status, StatusCode::FORBIDDEN, "{method}");
            let answer = cli.api(method, &format!("/api/v1{path}"), &json!({}));
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{method} {}", answer.text);
            assert!(answer.text.contains("CLI-21"), "{}", answer.text);
        }
        let lists = cli.api("GET", "/api/v1/networks", &json!({})).json();
        assert_eq!(lists["lists"][0]["refused"]["promises"], json!(["CLI-10", "CLI-21"]), "{lists}");
        // Nor is it passed on one by one.
        let one = passing::Passing {
            to: "social network".into(),
            to_person: None,
            kinds: cli.instance().policy().kind_named("email").map(|kind| kind.id).into_iter().collect(),
            activity: None,
        };
        let refused = cli.act(|acting, tx| passing::pass(acting, tx, amy, &one)).unwrap_err();
        let Fault::Refused(refusal) = refused else { panic!("{refused:?}") };
        assert_eq!(refusal.promises, ["CLI-10", "CLI-21"]);
        assert_eq!(given(&cli), 0);
        // The row of a list that was made all the same breaks both.
        let made = "INSERT INTO disclosure (id, person_id, recipient, kinds, activity, reason, on_date, recorded_at)
            VALUES (7, ?1, 'social network', 'email', ?2, 'x', '2026-11-03', 0)";
        cli.instance().store.write(|tx| tx.exec(made, params![amy, ADVERTS])).unwrap();
        assert_eq!((verdict(&cli, "CLI-10"), verdict(&cli, "CLI-21")), ("broken".into(), "broken".into()));
    }
}
