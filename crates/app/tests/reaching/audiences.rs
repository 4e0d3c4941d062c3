//! An audience narrowed by criteria: what it says, whom it leaves, what the policy lets nobody be picked out by; and what is kept of
//! it.

use std::collections::BTreeMap;

use app::acts::audience::{self, Audience, Criteria};
use app::acts::engagement::{self, NewWork, Payer};
use app::acts::{Acting, consent, mailing, merging, objection, saved_audience};
use app::fault::Fault;
use app::jobs::outbox;
use axum::http::StatusCode;
use custody::id::{OrganisationId, PersonId};
use custody::life::Scope;
use policy::activity::Purpose;
use policy::policy::Clause;
use serde_json::json;
use store::item::{self, NewItem};
use store::organisation::{Details, Subscriber};
use store::staff::{self, NewAccount};
use store::suppression::{self, Forbids};

use crate::at_a_glance;
use crate::common::hired;
use crate::town::{CHORUS, NEWS, OFFERS, Town};

const CAMPAIGNS: &str = "marketing";

fn asked(words: &[(&str, &str)]) -> Criteria {
    let words: BTreeMap<String, String> =
        words.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Criteria::of_address(&words).unwrap()
}

fn narrowed(town: &Town, activity: &str, words: &[(&str, &str)]) -> Result<(Audience, String), Fault> {
    let criteria = asked(words);
    town.act(|acting, tx| {
        let way = saved_audience::way(&acting.policy, activity)?;
        let found = audience::narrowed(acting, tx, &way, &criteria)?;
        Ok((found, criteria.sentence(acting, tx, way.activity)?))
    })
}

fn firm(town: &Town, name: &str, address: &str) -> OrganisationId {
    let details = Details {
        name: name.into(),
        subscriber: Subscriber::Corporate,
        phone: None,
        email: None,
        address: Some(address.into()),
        website: Some(format!("{}.example", name.trim_end_matches(" Ltd").to_lowercase())),
        notes: None,
    };
    town.act(|acting, tx| Ok(store::organisation::add(tx, &details, acting.now)?)).unwrap()
}

/// Somebody at a company whom a campaign is for.
fn contact(town: &Town, name: &str, email: &str, firm: OrganisationId) -> PersonId {
    let who = town.somebody(("marketing contact", "industry forums"), name, email, Some(firm));
    let started = town.act(|acting, tx| {
        let campaign = NewWork {
            work: "campaign".into(),
            parts: vec![("contact".into(), who)],
            staff: None,
            payer: Payer::Nobody,
            opened_on: acting.today,
        };
        engagement::start(acting, tx, &campaign)
    });
    started.unwrap();
    who
}

/// A contact of ours who is a supporter as well, and did not agree to our news.
fn silent(town: &Town) -> PersonId {
    let una = town.contact("Una Moss", "una@brightwell.example");
    let given = town.act(|acting, tx| {
        let supporter = acting.policy.category_named("supporter").ok_or(Fault::NotFound)?.id;
        store::person::give_category(tx, &acting.policy, una, supporter, acting.today, None)?;
        acting.settle(tx, una)
    });
    given.unwrap();
    una
}

both! {
    /// By organisation, place, work and our own writing, where the policy lets campaigns hold that; and the sentence says it.
    fn people_are_picked_out_by_what_the_activity_holds(town) {
        let chorus = Town::of("chorus", CHORUS, town.url());
        let vale = firm(&chorus, "Vale Ltd", "4 Brook Yard\nLeeds LS1 4CM");
        let number = vale.to_string();
        let kay = contact(&chorus, "Kay Munro", "kay@vale.example", vale);
        let lou = contact(&chorus, "Lou Hart", "lou@moor.example", firm(&chorus, "Moor Ltd", "1 High Street, York"));
        let will = |words: &[(&str, &str)]| narrowed(&chorus, CAMPAIGNS, words).unwrap().0.will;
        assert_eq!(will(&[]), [kay, lou]);
        let (found, sentence) = narrowed(&chorus, CAMPAIGNS, &[("place", "leeds"), ("work", "campaign")]).unwrap();
        assert_eq!((found.will, found.left_out.len(), found.beyond), (vec![kay], 0, 0));
        assert!(sentence.contains("who joined a campaign, at organisations in leeds"), "{sentence}");
        let (found, sentence) = narrowed(&chorus, CAMPAIGNS, &[("organisation", number.as_str())]).unwrap();
        assert_eq!(found.will, [kay]);
        assert!(sentence.ends_with("at Vale Ltd"), "{sentence}");
        let today = chorus.instance().clock.today();
        let (today, tomorrow) = (today.to_string(), today.tomorrow().unwrap().to_string());
        let (today, tomorrow) = (today.as_str(), tomorrow.as_str());
        assert_eq!(will(&[("work", "campaign"), ("since", today)]), [kay, lou]);
        assert_eq!(will(&[("work", "campaign"), ("since", tomorrow)]), []);
        assert_eq!(will(&[("work", "campaign/campaign begun")]), [], "it has not begun for anybody");
        assert_eq!(will(&[("category", "marketing contact"), ("not-written-since", today)]), [kay, lou]);

        // A mailing goes to those who fit, and to nobody else.
        let leeds = asked(&[("place", "Leeds")]);
        let sent = chorus.act(|acting, tx| {
            let mailing = saved_audience::begin(acting, tx, CAMPAIGNS, &leeds)?;
            mailing::write(acting, tx, mailing, 1, "News", "Here it is.")?;
            mailing::send(acting, tx, mailing, 2)?;
            Ok(mailing)
        });
        assert_eq!(chorus.addresses(sent.unwrap(), "queued"), ["kay@vale.example"]);
        assert_eq!(will(&[("not-written-since", today)]), [lou]);
        assert_eq!(will(&[("not-written-since", tomorrow)]), [kay, lou]);

        // What campaigns hold nothing of picks nobody out, and the clause says so.
        for (question, answer) in [("heard-since", "2026-01-01"), ("category", "applicant")] {
            let Err(Fault::Refused(refusal)) = narrowed(&chorus, CAMPAIGNS, &[(question, answer)]) else { panic!("{question}") };
            assert!(matches!(refusal.clause, Some(Clause::Data(_) | Clause::For(_))), "{refusal:?}");
        }
        for (question, answer) in [("place", "Atlantis"), ("category", "wizard"), ("work", "wizardry")] {
            let Err(Fault::Invalid(wrong)) = narrowed(&chorus, CAMPAIGNS, &[(question, answer)]) else { panic!("{question}") };
            assert_eq!(wrong[0].field, question);
        }
    }

    /// One address gets one mail, whoever has it too: it goes to whoever was entered first, and the other is left out and says so. Whoever
    /// asks for those who had none since does not write there again; a no of either is a no at the address.
    fn two_at_one_address_get_one_mail(town) {
        let sam = town.supporter("Sam Hill", "hill@home.example");
        let una = town.supporter("Una Hill", "Hill@home.example");
        let kit = town.supporter("Kit Moor", "kit@post.example");
        let mailed = |words: &[(&str, &str)]| {
            let criteria = asked(words);
            town.act(|acting, tx| audience::mailed(acting, tx, &saved_audience::way(&acting.policy, NEWS)?, &criteria)).unwrap()
        };
        let found = mailed(&[]);
        assert_eq!(found.will, [sam, kit]);
        let out: Vec<_> = found.left_out.iter().filter(|out| out.because.contains("has the same address")).collect();
        assert_eq!((out.len(), out[0].people.len(), out[0].people[0].0), (1, 1, una), "{found:?}");
        assert_eq!(found.not(), 1);
        let every = narrowed(town, NEWS, &[]).unwrap().0;
        assert_eq!(every.will, [sam, una, kit], "each of them may have it");
        let page = town.signed_in("GET", "/outreach/audience?activity=supporters", "");
        assert!(page.text.contains("somebody else who has the same address gets it there"), "{}", page.text);
        assert_eq!(town.mailing(), ["hill@home.example", "kit@post.example"]);
        let today = town.instance().clock.today().to_string();
        assert!(mailed(&[("not-written-since", today.as_str())]).will.is_empty(), "the other had it there");
        // Whoever is here alone again with the address gets it.
        town.erase(sam);
        town.later(1);
        let today = town.instance().clock.today().to_string();
        assert_eq!(mailed(&[("not-written-since", today.as_str())]).will, [una, kit]);
        let marketing = Scope::Purpose(Purpose::DirectMarketing);
        let ida = town.supporter("Ida Hill", "hill@home.example");
        town.act(|acting, tx| objection::record(acting, tx, ida, &marketing, (acting.today, "telephone"))).unwrap();
        assert_eq!(town.mailing(), ["kit@post.example"]);
    }

    /// Of what is kept nothing says who is in it; others see it where it is shared, and let go only of their own.
    fn what_is_asked_is_kept_and_never_who_it_is(town) {
        let chorus = Town::of("chorus", CHORUS, town.url());
        let vale = firm(&chorus, "Vale Ltd", "4 Brook Yard\nLeeds LS1 4CM");
        contact(&chorus, "Kay Munro", "kay@vale.example", vale);
        let criteria = asked(&[("place", "Leeds"), ("not-written-since", "2026-03-01")]);
        let save = |name: &str, shared| {
            chorus.act(|acting, tx| saved_audience::save(acting, tx, (CAMPAIGNS, &criteria), name, shared)).unwrap()
        };
        let (mine, ours) = (save("Leeds, for me", false), save("Leeds, for all", true));
        let kept = chorus.act(|acting, tx| saved_audience::one(acting, tx, mine)).unwrap();
        assert_eq!(kept.criteria, r#"{"place":"Leeds","not_written_since":"2026-03-01"}"#);
        let nameless = chorus.act(|acting, tx| saved_audience::save(acting, tx, (CAMPAIGNS, &criteria), " ", true));
        assert!(matches!(nameless, Err(Fault::Invalid(_))));
        let heard = asked(&[("heard-since", "2026-01-01")]);
        let forbidden = chorus.act(|acting, tx| saved_audience::save(acting, tx, (CAMPAIGNS, &heard), "In touch", true));
        assert!(matches!(forbidden, Err(Fault::Refused(_))), "nothing is kept that nobody may be picked out by");

        let instance = chorus.instance();
        let other = instance.store.write(|tx| {
            let since = instance.clock.today();
            let new = NewAccount { name: "Ada Pell", email: "ada@chorus.example", role: "account manager", person: None, since };
            let id = staff::add(tx, &new, instance.clock.now())?;
            staff::get(tx, id)
        });
        let other = other.unwrap();
        let ada = Acting::staff(instance, other).unwrap();
        instance.store.write(|tx| {
            let seen: Vec<i64> = saved_audience::all(&ada, tx)?.into_iter().map(|saved| saved.id).collect();
            assert_eq!(seen, [ours]);
            assert!(matches!(saved_audience::one(&ada, tx, mine), Err(Fault::NotFound)));
            assert!(matches!(saved_audience::forget(&ada, tx, ours), Err(Fault::NotFound)));
            Ok::<_, Fault>(())
        }).unwrap();
        chorus.act(|acting, tx| saved_audience::forget(acting, tx, ours)).unwrap();
        assert_eq!(chorus.count("SELECT COUNT(*) FROM saved_audience"), 1);
    }

    /// The page: the address is the view, the two columns add up, and what changed between pressing and leaving is a sentence.
    fn the_page_says_who_that_is_and_what_changed_meanwhile(town) {
        let (tara, _) = (town.supporter("Tara Quill", "tara@post.example"), town.supporter("Ursula Vane", "ursula@post.example"));
        silent(town);
        let cookie = town.sign_in();
        let page = town.page(&cookie, "/outreach/audience?activity=supporters");
        assert_eq!(page.status, StatusCode::OK, "{}", page.text);
        assert!(page.text.contains("2 + 1 = 3 in all"), "{}", page.text);
        assert!(page.text.contains("<small>supporters: basis, keeps <a"), "the clause stands beside the reason: {}", page.text);
        assert!(page.text.contains("Ask them<span"), "who has not agreed can be asked: {}", page.text);
        assert!(page.text.contains("does not declare organisation for supporters"), "{}", page.text);
        let refused = town.page(&cookie, "/outreach/audience?activity=supporters&place=Leeds");
        assert!(refused.text.contains("What to do next"), "{}", refused.text);
        let wrong = town.page(&cookie, "/outreach/audience?activity=supporters&not-written-since=soon");
        assert!(wrong.text.contains("A day is written like"), "{}", wrong.text);
        let people = town.page(&cookie, "/outreach/audience/people?activity=supporters&of=will");
        assert!(people.text.contains("Tara Quill") && !people.text.contains("Una Moss"), "{}", people.text);

        let kept = town.press(&cookie, "/outreach/audiences", "activity=supporters&not-written-since=2026-11-01&name=Quiet+ones&shared=yes");
        assert_eq!(kept.status, StatusCode::SEE_OTHER, "{}", kept.text);
        let list = town.page(&cookie, "/outreach/audiences");
        let view = "/outreach/audience?activity=supporters&amp;not-written-since=2026-11-01";
        assert!(list.text.contains("Quiet ones") && list.text.contains("Shared, yours"), "{}", list.text);
        assert!(list.text.replace("&#38;", "&amp;").contains(view), "{}", list.text);
        let again = town.press(&cookie, "/outreach/audiences", "activity=supporters&name=&shared=yes");
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(again.text.contains("name=\"shared\" value=\"yes\" checked"), "the box stays ticked: {}", again.text);
        let begun = town.press(&cookie, "/outreach/audience/mailing", "activity=supporters&not-written-since=2026-11-01");
        let draft = town.page(&cookie, begun.place());
        assert!(draft.text.contains("not written to about this since 1 Nov 2026"), "{}", draft.text);

        let mailing = town.queue().unwrap();
        let marketing = Scope::Purpose(Purpose::DirectMarketing);
        town.act(|acting, tx| objection::record(acting, tx, tara, &marketing, (acting.today, "telephone"))).unwrap();
        outbox::play(town.instance()).unwrap();
        let left = town.page(&cookie, &format!("/outreach/{mailing}"));
        assert!(left.text.contains("2 messages when you pressed, 1 left: 1 because"), "{}", left.text);
    }

    /// Of whom more is to be read than of most, each gets at a glance the answer they get alone: a no kept in the spelling of an earlier
    /// release, a yes given again, a yes after a no, mail that comes back, two entries put together, another address with a no.
    fn whoever_is_unlike_the_others_gets_their_own_answer_at_a_glance(town) {
        let named = |name: &str| town.supporter(name, &format!("{}@post.example", name.to_lowercase()));
        let (_plain, again, after, back, twin, other, spelt) =
            (named("Ann"), named("Bea"), named("Cid"), named("Dov"), named("Eve"), named("Fay"), named("Gus"));
        town.act(|acting, tx| consent::withdraw(acting, tx, again, NEWS, None)).unwrap();
        let marketing = Scope::Purpose(Purpose::DirectMarketing);
        town.act(|acting, tx| objection::record(acting, tx, after, &marketing, (acting.today, "telephone"))).unwrap();
        town.later(2);
        town.agrees(again);
        town.agrees(after);
        town.act(|acting, tx| {
            let keys = acting.instance.store.keys();
            assert!(store::came_back::mark(tx, keys, back, "dov@post.example", acting.today)?);
            for (who, value) in [(other, "Fay@Hill.example"), (spelt, "gus@xn--mnchen-3ya.example")] {
                let new = NewItem {
                    person: who,
                    kind: acting.policy.kind_named("email").ok_or(Fault::NotFound)?.id,
                    value,
                    source: "the person",
                    collected_on: acting.today,
                    import: None,
                    by: None,
                };
                item::add(tx, &acting.policy, &new, acting.now)?;
            }
            for no in ["fay@hill.example", "gus@m\u{fc}nchen.example"] {
                let hash = keys.hash("email", no);
                suppression::add_hash(tx, ("email", &hash), Forbids::Marketing, acting.today, "link", acting.now)?;
            }
            Ok(())
        }).unwrap();
        let another = town.supporter("Eve", "eve@hill.example");
        town.act(|acting, tx| merging::together(acting, tx, (twin, another), None)).unwrap();
        let told = town.act(|acting, tx| Ok(at_a_glance::compare(acting, tx, false))).unwrap();
        assert!(told.unwrap() > 0, "news is told at a glance");
        let (found, _) = narrowed(town, NEWS, &[]).unwrap();
        assert!(![back, other, spelt].iter().any(|who| found.will.contains(who)), "{found:?}");
        assert!([again, after, twin].iter().all(|who| found.will.contains(who)), "{found:?}");
    }

    /// Whoever cannot be read is left out with that for a reason, and takes nobody along: not those who are like them at a glance either.
    fn whoever_cannot_be_read_is_left_out_alone(town) {
        let people = town.many(6);
        let spoiled = "UPDATE ground SET opened_on = '2020-13-99' WHERE person_id = ?1";
        town.instance().store.write(|tx| tx.exec(spoiled, store::params![people[0]])).unwrap();
        let told = town.act(|acting, tx| Ok(at_a_glance::compare(acting, tx, false))).unwrap();
        assert!(told.unwrap() > 0, "news is told at a glance");
        let (found, _) = narrowed(town, NEWS, &[]).unwrap();
        assert_eq!(found.will, people[1..]);
        let [out] = found.left_out.as_slice() else { panic!("{found:?}") };
        assert_eq!((out.because.as_str(), out.people.len()), ("what is stored of them cannot be read", 1));
        assert!(out.next_step.contains("put it right"), "{}", out.next_step);
    }

    /// Whoever reaches only their own people is told that there are others, and nothing of them.
    fn others_are_counted_and_nothing_is_said_of_them(town) {
        town.contact("Omar Field", "omar@brightwell.example");
        let instance = town.instance();
        let ruth = Acting::staff(instance, hired(instance, "Ruth Adler", "coach")).unwrap();
        let found = instance.store.read(|tx| {
            let way = saved_audience::way(&ruth.policy, OFFERS)?;
            audience::of(&ruth, tx, &way)
        });
        let found = found.unwrap();
        assert_eq!((found.will.len(), found.not(), found.beyond), (0, 0, 1));
    }

    /// The same by program: numbers and reasons, and nobody's name.
    fn an_audience_is_asked_for_by_program(town) {
        town.supporter("Tara Quill", "tara@post.example");
        silent(town);
        let found = town.api("GET", "/api/v1/audiences?activity=supporters&not-written-since=2026-11-01", &json!({}));
        let said = found.json();
        assert_eq!((said["will"].as_u64(), said["will_not"].as_u64()), (Some(1), Some(1)), "{said}");
        assert!(!found.text.contains("Tara") && said["reasons"][0]["next_step"].is_string(), "{said}");
        let criteria = json!({ "not_written_since": "2026-11-01" });
        let new = json!({ "activity": NEWS, "criteria": criteria, "name": "Quiet ones", "shared": true });
        let kept = town.api("POST", "/api/v1/audiences/saved", &new);
        assert_eq!(kept.status, StatusCode::CREATED, "{}", kept.text);
        let id = kept.json()["id"].as_i64().unwrap();
        let listed = town.api("GET", "/api/v1/audiences/saved", &json!({})).json();
        assert_eq!(listed["audiences"][0]["criteria"], criteria);
        assert_eq!(town.api("GET", &format!("/api/v1/audiences/saved/{id}"), &json!({})).json()["will"], 1);
        let begun = town.api("POST", "/api/v1/mailings", &json!({ "activity": NEWS, "criteria": criteria }));
        assert_eq!(begun.status, StatusCode::CREATED, "{}", begun.text);
        // What would leave nobody out though it was asked is said, and not passed over.
        for (asked, field) in [("since=2026-11-01", "work"), ("plaec=Leeds", "plaec")] {
            let wrong = town.api("GET", &format!("/api/v1/audiences?activity=supporters&{asked}"), &json!({}));
            assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{asked}: {}", wrong.text);
            assert_eq!(wrong.json()["fields"][0]["field"], field, "{}", wrong.text);
        }
        for criteria in [json!({ "since": "2026-11-01" }), json!({ "milestone": "delivered" })] {
            let lone = json!({ "activity": NEWS, "criteria": criteria, "name": "Lately" });
            for path in ["/api/v1/audiences/saved", "/api/v1/mailings"] {
                assert_eq!(town.api("POST", path, &lone).status, StatusCode::UNPROCESSABLE_ENTITY, "{path} {criteria}");
            }
        }
        // Nobody is picked out by what they agreed to: there is no such question.
        let odd = json!({ "activity": NEWS, "criteria": { "agreed": true }, "name": "Those who agreed" });
        assert_eq!(town.api("POST", "/api/v1/audiences/saved", &odd).status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(town.api("DELETE", &format!("/api/v1/audiences/saved/{id}"), &json!({})).status, StatusCode::NO_CONTENT);
        assert_eq!(town.api("DELETE", &format!("/api/v1/audiences/saved/{id}"), &json!({})).status, StatusCode::NOT_FOUND);
    }
}
