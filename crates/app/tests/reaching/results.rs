//! What became of a mailing: what was delivered, what was not, and who wanted no more of it, as the page says it.

use app::acts::objection;
use app::jobs::outbox;
use custody::life::Scope;
use policy::activity::Purpose;

use crate::post_office::{PostOffice, settings};
use crate::town::Town;

/// How many readers of a mailing are written down as having stopped it.
fn stopped(town: &Town) -> i64 {
    town.count("SELECT COUNT(*) FROM message WHERE stopped_on IS NOT NULL")
}

both! {
    /// Each message stands in one line, and whoever pressed its link is one of those it was delivered to.
    fn the_page_says_what_became_of_each(town) {
        let office = PostOffice::open();
        town.reopen(&settings(office.port));
        for (name, email) in [("Tara Quill", "tara@post.example"), ("Omar Finch", "omar@post.example")] {
            town.supporter(name, email);
        }
        let una = town.supporter("Una Reed", "una@post.example");
        let mailing = town.queue().unwrap();
        let marketing = Scope::Purpose(Purpose::DirectMarketing);
        town.act(|acting, tx| objection::record(acting, tx, una, &marketing, (acting.today, "telephone"))).unwrap();
        outbox::run(town.instance()).unwrap();
        let (cookie, path) = (town.sign_in(), format!("/outreach/{mailing}"));
        let before = town.page(&cookie, &path).text;
        for words in ["2 messages were delivered, as far as we know.", "1 left out at the last moment", "<rect class=\"some\" width=\"100\""] {
            assert!(before.contains(words), "{words}: {before}");
        }
        assert!(!before.contains("pressed the link"), "{before}");

        // Opening the link is no press; a press is, once, until it was a mistake.
        let link = town.link("tara@post.example");
        town.get(&link);
        assert_eq!(stopped(town), 0);
        town.one_click(&link);
        town.post(&link, "");
        assert_eq!(stopped(town), 1);
        let after = town.page(&cookie, &path).text;
        assert!(after.contains("1 reader pressed the link to have no more of it"), "{after}");
        let who = town.page(&cookie, &format!("{path}/stopped")).text;
        // With her yes went what let anybody see her name.
        assert!(who.contains("1 more is counted whose details are gone") && !who.contains("Omar Finch"), "{who}");
        town.post(&format!("{link}/undo"), "");
        assert_eq!(stopped(town), 0, "it was a mistake");
        // Of several topics, not choosing this one is a press, and choosing it again is none.
        town.post(&format!("{link}/topics"), "");
        assert_eq!(stopped(town), 1);
        town.post(&format!("{link}/undo"), "");
        assert_eq!(stopped(town), 0);
    }

    /// What the mail server would not take came back, and is listed by whose it was.
    fn what_came_back_is_listed(town) {
        let office = PostOffice::open();
        town.reopen(&settings(office.port));
        town.supporter("Tara Quill", "tara@post.example");
        let mailing = town.queue().unwrap();
        town.instance().store.write(|tx| {
            tx.exec("UPDATE message SET state = 'failed', trouble = 'nobody has it'", &[])?;
            store::mailing::finish(tx)
        }).unwrap();
        let (cookie, path) = (town.sign_in(), format!("/outreach/{mailing}"));
        let shown = town.page(&cookie, &path).text;
        assert!(shown.contains("Nothing of it has been delivered, as far as we know. Besides: 1 came back or could not be sent."), "{shown}");
        let listed = town.page(&cookie, &format!("{path}/failed")).text;
        assert!(listed.contains("Tara Quill") && listed.contains("obody has it"), "{listed}");
    }
}
