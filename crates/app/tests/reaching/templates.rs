//! Templates: a mailing or a letter begins with what is kept, for what it is kept, and whoever is erased is found in them.

use app::acts::erasure::{self, Masking};
use app::acts::{mailing, objection, template};
use app::fault::Fault;
use custody::id::TemplateId;
use custody::life::Scope;
use policy::activity::Purpose;
use serde_json::json;
use store::template::Words;

use crate::town::{NEWS, OFFERS, Town};

fn words(name: &str, activity: &str, subject: &str, body: &str) -> Words {
    Words { name: name.into(), activity: activity.into(), subject: subject.into(), body: body.into() }
}

fn keep(town: &Town, words: &Words) -> Result<TemplateId, Fault> {
    town.act(|acting, tx| template::keep(acting, tx, words))
}

/// The fields that are to be put right.
fn wrong(fault: Fault) -> Vec<String> {
    match fault {
        Fault::Invalid(wrong) => wrong.into_iter().map(|one| one.field).collect(),
        other => panic!("{other}"),
    }
}

both! {
    /// What is kept is the words as they were given, for one purpose, under a name of its own; nothing that no mail could say.
    fn a_template_is_kept_as_it_can_be_said(town) {
        let good = words(" Spring ", NEWS, "For {name}", "Dear {given name},\r\n\r\nspring is **here**.\n");
        let kept = keep(town, &good).unwrap();
        let held = town.instance().store.read(|tx| store::template::one(tx, kept)).unwrap();
        assert_eq!(held.words, words("Spring", NEWS, "For {name}", "Dear {given name},\n\nspring is **here**."));
        assert_eq!(held.kept_by, Some(town.manager().id));
        for (bad, fields) in [
            (words("spring", NEWS, "", "x"), vec!["name"]),
            (words("", "coaching on Mars", "a\nb", " "), vec!["subject", "name", "activity", "text"]),
            (words("Autumn", NEWS, "For {surname}", "x"), vec!["subject"]),
            (words("Autumn", NEWS, "", &format!("With {}", erasure::INSTEAD)), vec!["text"]),
        ] {
            assert_eq!(wrong(keep(town, &bad).unwrap_err()), fields, "{bad:?}");
        }
        // Its own name is no other's.
        let again = words("SPRING", NEWS, "For {name}", "Dear {name}");
        town.act(|acting, tx| template::change(acting, tx, kept, 1, &again)).unwrap();
        let late = town.act(|acting, tx| template::change(acting, tx, kept, 1, &good)).unwrap();
        assert!(matches!(late, store::template::Changed::Conflict(theirs) if theirs.words == again));
        town.act(|acting, tx| template::forget(acting, tx, kept)).unwrap();
        assert_eq!(town.count("SELECT COUNT(*) FROM template"), 0);
    }

    /// A mailing begins with one of its purpose and no other, and says of each reader what is theirs.
    fn a_mailing_begins_with_one_of_its_purpose(town) {
        town.supporter("Dr Tara Quill", "tara@post.example");
        let kept = keep(town, &words("Spring", NEWS, "For {given name}", "Dear {name}, spring is **here**.")).unwrap();
        let other = town.act(|acting, tx| template::begin(acting, tx, kept, OFFERS));
        assert_eq!(wrong(other.unwrap_err()), ["template"]);
        for activity in ["", NEWS] {
            let begun = town.act(|acting, tx| template::begin(acting, tx, kept, activity)).unwrap();
            let held = town.instance().store.read(|tx| store::mailing::one(tx, begun)).unwrap();
            assert_eq!((held.draft.activity.as_str(), held.draft.subject.as_str()), (NEWS, "For {given name}"));
            town.act(|acting, tx| mailing::send(acting, tx, begun, 2)).unwrap();
        }
        assert_eq!(town.count("SELECT COUNT(*) FROM message WHERE subject = 'For Tara'"), 2);
        let alone = keep(town, &words("Answer", "enquiries", "Your question", "Dear {name}")).unwrap();
        let begun = town.act(|acting, tx| template::begin(acting, tx, alone, ""));
        assert_eq!(wrong(begun.unwrap_err()), ["template"], "it is for writing to one at a time");
    }

    /// A letter to one begins with one as words, for whoever may be written to about it.
    fn a_letter_to_one_begins_with_its_words(town) {
        let omar = town.contact("Omar *Finch*", "omar@post.example");
        let text = "Dear {name},\n\n# We\n\ndo **this** for {organisation}.";
        let kept = keep(town, &words("Offer", "tailored offers", "For {given name}", text)).unwrap();
        let said = town.act(|acting, tx| template::for_one(acting, tx, kept, omar)).unwrap();
        assert_eq!(said.subject, "For Omar");
        assert!(said.body.starts_with("Dear Omar *Finch*,\n\nWe\n"), "{}", said.body);
        assert!(said.body.ends_with("do this for Brightwell Ltd."), "{}", said.body);
        let (cookie, path) = (town.sign_in(), format!("/people/{omar}/mail"));
        let link = format!("{path}?template={kept}");
        assert!(town.page(&cookie, &path).text.contains(&link));
        let shown = town.page(&cookie, &link).text;
        assert!(shown.contains("Dear Omar *Finch*,") && shown.contains("value=\"For Omar\""), "{shown}");
        let marketing = Scope::Purpose(Purpose::DirectMarketing);
        town.act(|acting, tx| objection::record(acting, tx, omar, &marketing, (acting.today, "telephone"))).unwrap();
        let refused = town.act(|acting, tx| template::for_one(acting, tx, kept, omar));
        assert!(matches!(refused, Err(Fault::Refused(_))));
        assert!(!town.page(&cookie, &path).text.contains(&link));
        assert_eq!(town.page(&cookie, &link).status, 403);
    }

    /// The pages keep, show, change and let go of them, and say that they hold no personal data.
    fn the_pages_keep_and_begin(town) {
        let cookie = town.sign_in();
        let all = "/outreach/templates";
        assert!(town.page(&cookie, all).text.contains("No templates yet"));
        let new = town.page(&cookie, "/outreach/templates/new").text;
        assert!(new.contains("a template holds no personal data"), "{new}");
        let bad = town.press(&cookie, all, "name=&activity=supporters&subject=S&text=Dear+%7Bname%7D");
        assert!(bad.status == 422 && bad.text.contains("Give it a name") && bad.text.contains("Dear {name}"), "{}", bad.text);
        let made = town.press(&cookie, all, "name=Spring&activity=supporters&subject=News&text=Dear+%7Bname%7D");
        assert_eq!(made.status, 303, "{}", made.text);
        let id = town.count("SELECT id FROM template");
        let one = format!("{all}/{id}");
        let shown = town.page(&cookie, &one).text;
        for words in ["Dear <em>their name</em>", &format!("/outreach/new?template={id}"), "Begin a mailing with it"] {
            assert!(shown.contains(words), "{words}: {shown}");
        }
        assert!(town.page(&cookie, all).text.contains("Spring"));
        let stale = town.press(&cookie, &one, "version=7&name=Spring&activity=supporters&subject=Mine&text=Mine");
        assert!(stale.status == 409 && stale.text.contains("Theirs says") && stale.text.contains("Mine"), "{}", stale.text);
        let changed = town.press(&cookie, &one, "version=1&name=Spring&activity=supporters&subject=News&text=Hello+all");
        assert_eq!(changed.status, 303, "{}", changed.text);

        let begin = town.page(&cookie, &format!("/outreach/new?template={id}")).text;
        assert!(begin.contains(&format!("value=\"{id}\" selected")), "{begin}");
        let odd = town.press(&cookie, "/outreach", &format!("activity=news+for+organisations&template={id}"));
        assert!(odd.status == 422 && odd.text.contains("choose that purpose"), "{}", odd.text);
        let begun = town.press(&cookie, "/outreach", &format!("template={id}"));
        assert_eq!(begun.status, 303, "{}", begun.text);
        let mailing = town.count("SELECT id FROM mailing WHERE body = 'Hello all'");
        let same = town.press(&cookie, &format!("/outreach/{mailing}/template"), "name=spring");
        assert!(same.status == 422 && same.text.contains("of this name already"), "{}", same.text);
        let kept = town.press(&cookie, &format!("/outreach/{mailing}/template"), "name=Hello");
        assert_eq!(kept.status, 303, "{}", kept.text);
        assert_eq!(town.count("SELECT COUNT(*) FROM template WHERE name = 'Hello' AND body = 'Hello all'"), 1);
        assert_eq!(town.press(&cookie, &format!("{one}/forget"), "").status, 303);
        assert_eq!(town.page(&cookie, &one).status, 404);
    }

    /// A program keeps, changes and lets go of them as staff do, and chooses nothing that is not set up.
    fn a_program_keeps_them_too(town) {
        let all = "/api/v1/templates";
        let spring = json!({ "name": "Spring", "activity": "supporters", "subject": "S", "text": "Dear {name}" });
        let kept = town.api("POST", all, &spring);
        assert_eq!(kept.status, 201, "{}", kept.text);
        let one = format!("{all}/{}", kept.json()["id"]);
        assert_eq!(town.api("POST", all, &spring).status, 422, "its name is taken");
        let listed = town.api("GET", all, &json!({})).json();
        assert_eq!(listed["templates"][0]["text"], "Dear {name}");
        let late = json!({ "name": "Spring", "activity": "supporters", "text": "Hello", "version": 7 });
        assert_eq!(town.api("PUT", &one, &late).status, 409);
        let change = json!({ "name": "Spring", "activity": "supporters", "text": "Hello", "version": 1 });
        assert_eq!(town.api("PUT", &one, &change).status, 204);
        assert_eq!(town.api("GET", &one, &json!({})).json()["text"], "Hello");
        assert_eq!(town.api("DELETE", &one, &json!({})).status, 204);
        assert_eq!(town.api("GET", &one, &json!({})).status, 404);
        let begun = town.act(|acting, tx| mailing::begin(acting, tx, NEWS)).unwrap();
        let from = json!({ "version": 1, "from": "Boss <boss@cti.example>" });
        assert_eq!(town.api("PUT", &format!("/api/v1/mailings/{begun}/sender"), &from).status, 422);
    }

    /// Somebody who is named in one all the same is found when they are erased, and what is begun with it is not sent like that.
    fn whoever_is_erased_is_taken_out(town) {
        let tara = town.supporter("Tara Quill", "tara@post.example");
        town.supporter("Omar Finch", "omar@post.example");
        let kept = keep(town, &words("Tea with Tara Quill", NEWS, "Tea", "Meet Tara Quill.")).unwrap();
        let other = keep(town, &words("Coffee", NEWS, "Coffee", "Meet all.")).unwrap();
        let found = town.act(|acting, tx| erasure::spoken(acting, tx, tara)).unwrap();
        assert_eq!(found.sure(), [("template", kept.0)]);
        town.erase_masking(tara, Masking { these: &found.sure(), alone: &[] });
        let held = |which| town.instance().store.read(|tx| store::template::one(tx, which)).unwrap();
        let masked = held(kept);
        let gone = erasure::INSTEAD;
        assert_eq!((masked.words.name, masked.words.body), (format!("Tea with {gone}"), format!("Meet {gone}.")));
        assert_eq!((masked.version, held(other).version), (2, 1));
        let begun = town.act(|acting, tx| template::begin(acting, tx, kept, "")).unwrap();
        let sent = town.act(|acting, tx| mailing::send(acting, tx, begun, 2));
        assert_eq!(wrong(sent.unwrap_err()), ["text"]);
    }
}
