//! Pictures in mail to many: they go along with it, bare of what a camera wrote into them and with words for whoever does not see them;
//! none is ever fetched.

use app::acts::mailing::trial;
use app::acts::{mailing, picture, template};
use app::fault::Fault;
use app::jobs::outbox;
use custody::id::MailingId;
use store::picture::Of;
use store::template::Words;

use crate::post_office::{PostOffice, settings};
use crate::town::{NEWS, Town};

/// A drawing that says who made it.
fn drawing() -> Vec<u8> {
    let chunk = |sort: &[u8; 4], said: &[u8]| {
        [&u32::try_from(said.len()).unwrap().to_be_bytes()[..], sort, said, &[0; 4]].concat()
    };
    let size = [0, 0, 3, 0, 0, 0, 0, 9, 8, 2, 0, 0, 0];
    let parts = [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        chunk(b"IHDR", &size),
        chunk(b"tEXt", b"Author\0Zoe at home"),
        chunk(b"IDAT", b"a red door, drawn"),
        chunk(b"IEND", b""),
    ];
    parts.concat()
}

fn draft(town: &Town, text: &str) -> MailingId {
    town.act(|acting, tx| {
        let begun = mailing::begin(acting, tx, NEWS)?;
        mailing::write(acting, tx, begun, 1, "News", text)?;
        Ok(begun)
    })
    .unwrap()
}

fn version(town: &Town, mailing: MailingId) -> i64 {
    town.instance().store.read(|tx| store::mailing::one(tx, mailing)).unwrap().version
}

fn add(town: &Town, of: Of, alt: &str) -> Result<i64, Fault> {
    town.act(|acting, tx| picture::add(acting, tx, of, alt, Some(&drawing())))
}

fn fields(fault: Fault) -> Vec<String> {
    match fault {
        Fault::Invalid(wrong) => wrong.into_iter().map(|one| one.field).collect(),
        other => panic!("{other}"),
    }
}

/// The last letter, its lines put together again.
fn letter(office: &PostOffice) -> String {
    office.letters.lock().unwrap().last().unwrap().replace("=\n", "").replace("=3D", "=")
}

/// What is attached of a letter, as its bytes.
fn attached(letter: &str) -> Vec<u8> {
    let part = letter.split("Content-Type: image/png").nth(1).expect("a picture goes along");
    let lines = part.split("\n\n").nth(1).unwrap().split("\n--").next().unwrap();
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits = lines.bytes().filter_map(|byte| letters.iter().position(|letter| *letter == byte));
    let (mut bytes, mut held, mut many) = (Vec::new(), 0_usize, 0);
    for six in bits {
        (held, many) = (held << 6 | six, many + 6);
        if many >= 8 {
            many -= 8;
            bytes.push(u8::try_from(held >> many & 0xFF).unwrap());
            held &= (1 << many) - 1;
        }
    }
    bytes
}

both! {
    /// What leaves, and what is tried before, holds the picture itself and shows it from there; in plain words it says what it shows.
    fn a_picture_goes_along_bare_and_with_words(town) {
        let office = PostOffice::open();
        town.reopen(&settings(office.port));
        town.supporter("Tara Quill", "tara@post.example");
        let begun = draft(town, "Dear {name},\n\n![](picture:1)\n\nand ![our own {given name}](picture:1).");
        assert_eq!(add(town, Of::Mailing(begun), " A red door & more ").unwrap(), 1);
        // A second that the text does not show stays here.
        assert_eq!(add(town, Of::Mailing(begun), "A blue door").unwrap(), 2);
        let seen = version(town, begun);
        let tried = town.act(|acting, tx| trial::prepare(acting, tx, begun, seen, 0)).unwrap();
        trial::leave(town.instance(), &tried).unwrap();
        let test = letter(&office);
        town.act(|acting, tx| {
            mailing::send(acting, tx, begun, seen)?;
            mailing::hurry(acting, tx, begun)
        })
        .unwrap();
        outbox::run(town.instance()).unwrap();
        assert_eq!(office.taken().len(), 2, "the test, and the one reader");
        for letter in [test, letter(&office)] {
            for words in [
                "Content-Type: multipart/related",
                "[Picture: A red door & more]",
                "[Picture: our own Tara]",
                "alt=\"A red door &amp; more\" width=\"600\"",
                "Content-Disposition: inline",
            ] {
                assert!(letter.contains(words), "{words}: {letter}");
            }
            let called = letter.split("src=\"cid:").nth(1).unwrap().split('"').next().unwrap();
            assert!(letter.contains(&format!("Content-ID: <{called}>")), "{called}: {letter}");
            assert_eq!(called.split('@').count(), 2, "{called}");
            assert_eq!(letter.matches("Content-Type: image/png").count(), 1, "only what it shows goes along");
            for outside in ["src=\"http", "src=\"//", "picture:1"] {
                assert!(!letter.contains(outside), "{outside}: {letter}");
            }
            let bytes = attached(&letter);
            let says = |words: &str| bytes.windows(words.len()).any(|some| some == words.as_bytes());
            assert!(bytes.starts_with(b"\x89PNG") && says("a red door, drawn"));
            assert!(!says("Zoe at home"), "who made it is taken out");
        }
    }

    /// A picture from outside, or one that is not there, is refused before anything leaves.
    fn none_is_fetched_and_none_is_missing(town) {
        let office = PostOffice::open();
        town.reopen(&settings(office.port));
        town.supporter("Tara Quill", "tara@post.example");
        for text in ["![x](https://spy.example/p.gif)", "![x](picture:1)", "![x](/p.gif)", "![x](data:image/png;base64,AA==)", "![x](cid:1)"] {
            let begun = draft(town, text);
            let sent = town.act(|acting, tx| mailing::send(acting, tx, begun, 2));
            assert_eq!(fields(sent.unwrap_err()), ["text"], "{text}");
            let tried = town.act(|acting, tx| trial::prepare(acting, tx, begun, 2, 0));
            assert_eq!(fields(tried.map(drop).unwrap_err()), ["text"], "{text}");
        }
        let words = Words { name: "Spy".into(), activity: NEWS.into(), subject: "S".into(), body: "![x](https://spy.example/p.gif)".into() };
        assert_eq!(fields(town.act(|acting, tx| template::keep(acting, tx, &words)).unwrap_err()), ["text"]);
        // Behind the program's back: a message that waits says one all the same, and what leaves shows none.
        let begun = draft(town, "Hello");
        town.act(|acting, tx| {
            mailing::send(acting, tx, begun, 2)?;
            mailing::hurry(acting, tx, begun)?;
            let spoil = "UPDATE message SET body = REPLACE(body, 'Hello', '![x](https://spy.example/p.gif) <img src=https://spy.example/q>')";
            tx.exec(spoil, &[])?;
            Ok(())
        })
        .unwrap();
        outbox::run(town.instance()).unwrap();
        let letter = letter(&office);
        assert!(!letter.contains("src=\"") && !letter.contains("p.gif"), "{letter}");
        assert!(letter.contains("&lt;img src=https://spy.example/q&gt;"), "in HTML it is words: {letter}");
    }

    /// Only what is a picture is taken, with words, of a bearable size, and only by a draft.
    fn only_a_picture_with_words_is_taken(town) {
        town.supporter("Tara Quill", "tara@post.example");
        let begun = draft(town, "Hello");
        let of = Of::Mailing(begun);
        assert_eq!(fields(add(town, of, " ").unwrap_err()), ["alt"]);
        let take = |bytes: Option<&[u8]>| town.act(|acting, tx| picture::add(acting, tx, of, "A door", bytes)).map(drop);
        assert_eq!(fields(take(None).unwrap_err()), ["picture"]);
        assert_eq!(fields(take(Some(b"<svg onload='x'/>")).unwrap_err()), ["picture"]);
        let mut heavy = drawing();
        let end = heavy.len() - 12;
        let weight = vec![7; 1024 * 1024];
        let more = [&u32::try_from(weight.len()).unwrap().to_be_bytes()[..], b"IDAT", &weight, &[0; 4]].concat();
        heavy.splice(end..end, more);
        assert_eq!(fields(take(Some(&heavy)).unwrap_err()), ["picture"]);
        for number in 1..=5 {
            assert_eq!(add(town, of, "A door").unwrap(), number);
        }
        assert_eq!(fields(add(town, of, "A sixth").unwrap_err()), ["picture"]);
        town.act(|acting, tx| picture::remove(acting, tx, of, 2)).unwrap();
        assert_eq!(town.count("SELECT COUNT(*) FROM picture"), 4);
        let seen = version(town, begun);
        let stale = town.act(|acting, tx| mailing::send(acting, tx, begun, 2));
        assert!(matches!(stale, Err(Fault::Changed)), "whoever looked before has not seen them");
        town.act(|acting, tx| mailing::send(acting, tx, begun, seen)).unwrap();
        assert!(matches!(add(town, of, "Late"), Err(Fault::Changed)));
        assert!(matches!(town.act(|acting, tx| picture::remove(acting, tx, of, 1)), Err(Fault::Changed)));
    }

    /// What begins with a template has its pictures, and what is kept of a draft, too; each has its own from then on.
    fn a_template_hands_on_its_pictures(town) {
        let words = Words { name: "Spring".into(), activity: NEWS.into(), subject: "S".into(), body: "![](picture:1)".into() };
        let kept = town.act(|acting, tx| template::keep(acting, tx, &words)).unwrap();
        add(town, Of::Template(kept), "A red door").unwrap();
        let begun = town.act(|acting, tx| template::begin(acting, tx, kept, "")).unwrap();
        let again = town.act(|acting, tx| template::of_draft(acting, tx, begun, "Summer")).unwrap();
        assert_eq!(town.count("SELECT COUNT(*) FROM picture"), 3);
        town.act(|acting, tx| template::forget(acting, tx, kept)).unwrap();
        let left = town.instance().store.read(|tx| store::picture::all(tx, Of::Template(again))).unwrap();
        assert_eq!((left.len(), left[0].alt.as_str()), (1, "A red door"));
        assert_eq!(town.count("SELECT COUNT(*) FROM picture"), 2);
    }

    /// The pages take one, show it, name it in the preview of a real reader, and take it out.
    fn the_pages_take_and_show_them(town) {
        town.supporter("Tara Quill", "tara@post.example");
        let begun = draft(town, "Dear {name},\n\n![](picture:1)");
        let (cookie, path) = (town.sign_in(), format!("/outreach/{begun}"));
        let to = format!("{path}/pictures");
        let wrong = town.upload(&cookie, &to, ("alt", ""), ("picture", b"GIF89a"));
        assert!(wrong.status == 422 && wrong.text.contains("as JPEG or PNG") && wrong.text.contains("Say in a line"), "{}", wrong.text);
        let added = town.upload(&cookie, &to, ("alt", "A red door"), ("picture", &drawing()));
        assert_eq!(added.status, 303, "{}", added.text);
        let shown = town.page(&cookie, &path).text;
        let drawn = format!("<img src=\"{path}/pictures/1\" alt=\"A red door\" width=\"600\">");
        assert!(shown.contains(&drawn) && shown.contains("![](picture:1)"), "{shown}");
        let picture = town.page(&cookie, &format!("{path}/pictures/1"));
        assert_eq!(picture.headers["content-type"], "image/png");
        assert_eq!(town.get(&format!("{path}/pictures/1")).status, 303, "not for anybody: they are to sign in");
        assert_eq!(town.press(&cookie, &format!("{path}/pictures/1/remove"), "").status, 303);
        assert_eq!(town.page(&cookie, &format!("{path}/pictures/1")).status, 404);

        let made = town.press(&cookie, "/outreach/templates", "name=Spring&activity=supporters&subject=S&text=Hello");
        assert_eq!(made.status, 303, "{}", made.text);
        let path = format!("/outreach/templates/{}", town.count("SELECT id FROM template"));
        let bad = town.upload(&cookie, &format!("{path}/pictures"), ("alt", "A door"), ("picture", b"%PDF"));
        assert!(bad.status == 422 && bad.text.contains("value=\"A door\""), "{}", bad.text);
        let added = town.upload(&cookie, &format!("{path}/pictures"), ("alt", "A door"), ("picture", &drawing()));
        assert_eq!(added.status, 303, "{}", added.text);
        assert_eq!(town.page(&cookie, &format!("{path}/pictures/1")).status, 200);
        assert_eq!(town.press(&cookie, &format!("{path}/pictures/1/remove"), "").status, 303);
    }
}
