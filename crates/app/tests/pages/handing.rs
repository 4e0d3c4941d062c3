//! What is handed over before ours goes: whoever does it opens the file from its task, and reads to whom it goes, until it is done.

#![expect(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

use app::acts::Acting;
use app::acts::engagement::{self, Ahead, Fate, Line};
use app::acts::handing::{self, To};
use axum::http::{StatusCode, header};
use jiff::civil::{Date, date};
use policy::Disposal;
use store::keys::Secret;
use store::task::{self, Kind, Task};

use super::common::{Data, House, account, changed, night, played};

const CLAUSE: &str = "deliver to employer unless handed over, then erase";
const WORLD: &str = r#"
begins = "2018-01-08"
today = "2018-06-01"
[[staff]]
key = "vera"
name = "Vera Quill"
email = "vera@cti.example"
role = "managing director"
[[staff]]
key = "ned"
name = "Ned Harker"
email = "ned@cti.example"
role = "investigator"
[[staff]]
key = "amy"
name = "Amy Lisle"
email = "amy@cti.example"
role = "adviser"
[[organisation]]
key = "forge"
name = "Forge Lane School"
website = "forge.example"
[[person]]
key = "edna"
as = "employee"
on = "2018-01-16"
from = "whoever referred you"
at = "forge"
name = "Edna Frith"
email = "edna.frith@forge.example"
story = [
  "2018-01-22 starts investigation with ned, forge pays",
  "2018-01-22 milestone: instructed",
  "2018-01-23 interview notes: denies it all",
  "2018-04-16 files report",
  "2018-04-16 milestone: reported",
  "2018-05-14 milestone: case closed",
]
"#;
const OVER: Date = date(2024, 5, 15);

/// Blue Turtle, whose reports are handed over as this says, on the morning after six years.
fn office(then: &str) -> House {
    keeping("report, appendices", then)
}

/// The same of what it keeps like reports: for the work itself, or, where it is to go to them, of whoever is on it.
fn keeping(kinds: &str, then: &str) -> House {
    let reports = "keep       report, appendices for the work";
    let kept = format!("keep       {kinds}{}", if then == CLAUSE { " for the work" } else { "" });
    let policy = changed("blue-turtle", &[(CLAUSE, then), (reports, &kept)]);
    let data = Data::new();
    let house = House::around(played(&data, &Secret::of([5; 32]), policy, WORLD), data);
    night(&house.instance, OVER);
    house
}

/// Signs somebody in with the telephone that whoever sees such data needs.
async fn signed_in(house: &House, who: &str) -> String {
    let cookie = house.sign_in(who).await;
    assert_eq!(house.get("/me/second-factor", &cookie).await.status, StatusCode::OK);
    let factor = app::acts::sign_in::seed(&house.instance, &account(&house.instance, who)).unwrap();
    let code = factor.code(app::clock::machine().as_second().unsigned_abs()).unwrap();
    let sheet = house.post("/me/second-factor", &cookie, &format!("code={code}")).await;
    assert_eq!(sheet.status, StatusCode::OK, "{}", sheet.text);
    cookie
}

fn delivering(house: &House) -> Task {
    let open = house.instance.store.read(|tx| task::open(tx, None, 99)).unwrap();
    open.into_iter().find(|task| task.kind == Kind::Deliver).unwrap()
}

#[tokio::test]
async fn work_says_of_each_kind_until_when_where_not_all_goes_at_once() {
    let rest = "  keep       6 years after case closed";
    let policy = changed("blue-turtle", &[(rest, "  keep       5 years after case closed")]);
    let data = Data::new();
    let house = House::around(played(&data, &Secret::of([5; 32]), policy, WORLD), data);
    let ned = signed_in(&house, "ned").await;
    let work = house.instance.store.read(|tx| tx.count("SELECT id FROM engagement", &[])).unwrap();
    let page = house.get(&format!("/work/{work}"), &ned).await.text;
    for words in ["until Sun 14 May 2023", "until Tue 14 May 2024"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(!page.contains("Notes, documents and details go after"), "{page}");
    // What lies on a laptop is no paper.
    let moved = "UPDATE document SET file = NULL, file_key = NULL, size = NULL, paper_place = 'the laptop of Ned', elsewhere = 1";
    house.instance.store.write(|tx| tx.exec(moved, &[])).unwrap();
    let page = house.get(&format!("/work/{work}"), &ned).await.text;
    assert!(
        page.contains("kept elsewhere, in the laptop of Ned") && !page.contains("on paper, in"),
        "{page}"
    );
}

#[tokio::test]
async fn whoever_delivers_a_report_opens_it_from_its_task_until_that_is_done() {
    let house = office(CLAUSE);
    let task = delivering(&house);
    let (page, work) = (format!("/tasks/{}", task.id), task.engagement.unwrap());
    let file = format!("{page}/documents/{}", task.document.unwrap());
    let (ned, vera, amy) =
        (signed_in(&house, "ned").await, signed_in(&house, "vera").await, signed_in(&house, "amy").await);

    for cookie in [&ned, &vera] {
        let said = house.get(&page, cookie).await.text;
        for words in [
            "Deliver a copy of this report to the employer",
            "The employer is to have a copy before ours goes.",
            "<dt>To whom</dt><dd>The employer</dd>",
            file.as_str(),
        ] {
            assert!(said.contains(words), "{words}: {said}");
        }
        let opened = house.get(&file, cookie).await;
        assert_eq!((opened.status, opened.text.as_str()), (StatusCode::OK, "report, for practice\n"));
        assert!(opened.headers.contains_key(header::CONTENT_DISPOSITION));
        // Its use has ended: nothing else opens it.
        let elsewhere = format!("/work/{work}/documents/{}", task.document.unwrap());
        assert_eq!(house.get(&elsewhere, cookie).await.status, StatusCode::NOT_FOUND);
    }
    // What the list of work leads to is there.
    let list = house.get("/work?state=all", &vera).await.text;
    for link in list.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        if link.strip_prefix("/work/").is_some_and(|number| number.parse::<i64>().is_ok()) {
            assert_eq!(house.get(link, &vera).await.status, StatusCode::OK, "{link}");
        }
    }
    // Whoever was not given it sees that it is there, and opens nothing.
    let said = house.get(&page, &amy).await;
    assert!(said.status == StatusCode::OK && !said.text.contains(&file), "{}", said.text);
    assert_eq!(house.get(&file, &amy).await.status, StatusCode::FORBIDDEN);
    let whom = format!("staff={}", account(&house.instance, "amy").id);
    let taken = house.post(&format!("{page}/owner"), &amy, &whom).await;
    assert_eq!(taken.status, StatusCode::FORBIDDEN, "nobody takes it");
    assert_eq!(house.get(&file, &amy).await.status, StatusCode::FORBIDDEN);
    assert_eq!(house.get(&format!("{page}/documents/{}", task.id), &ned).await.status, StatusCode::NOT_FOUND);

    // Every opening is written down, with the task that it was for.
    house.instance.store.gather().unwrap();
    let noted = format!(
        "SELECT COUNT(*) FROM log_event WHERE act = 'document.read' AND body LIKE '%\"task {}\"%'",
        task.id
    );
    assert_eq!(house.count(&noted), 2);

    let done = house.post(&page, &ned, "on=2024-05-15&note=signed+for").await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    assert_eq!(house.get(&file, &ned).await.status, StatusCode::NOT_FOUND);
    assert!(!house.get(&page, &ned).await.text.contains(&file));
}

#[tokio::test]
async fn where_a_copy_goes_that_is_whoevers_it_is_about_stands_on_the_task_until_it_was_sent() {
    let house = office("deliver, then erase");
    night(&house.instance, date(2024, 5, 16));
    let task = delivering(&house);
    assert_eq!(task.what, "Deliver a copy of this report");
    // A clause that is called something else since is still the one that says to whom.
    let before = Task { rule: Some("reports as they were called".into()), ..task.clone() };
    let mut policy = (*house.instance.policy()).clone();
    assert_eq!(handing::to(&policy, &before), Some(To::AsWritten));
    let rule = policy.rules.iter_mut().find(|rule| Some(&rule.key) == task.rule.as_ref()).unwrap();
    rule.was.extend(before.rule.clone());
    assert_eq!(handing::to(&policy, &before), Some(To::Them));
    let page = format!("/tasks/{}", task.id);
    let (ned, amy) = (signed_in(&house, "ned").await, signed_in(&house, "amy").await);
    let said = house.get(&page, &ned).await.text;
    for words in
        ["Whoever it is about is to have a copy before ours goes.", "Edna Frith", "edna.frith@forge.example"]
    {
        assert!(said.contains(words), "{words}: {said}");
    }
    let said = house.page(&page, &amy).await;
    assert!(!said.contains("Edna") && !said.contains("edna.frith"), "{said}");

    let done = house.post(&page, &ned, "on=2024-05-16&note=signed+for").await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    night(&house.instance, date(2024, 5, 17));
    assert_eq!(house.count("SELECT COUNT(*) FROM item"), 0, "nothing is left to be sent to her");
}

#[tokio::test]
async fn what_is_noted_and_delivered_is_read_on_its_task_by_whoever_delivers_it() {
    let house = keeping("report, appendices, interview notes", "deliver, then erase");
    let open = house.instance.store.read(|tx| task::open(tx, None, 99)).unwrap();
    let task = open.iter().find(|task| task.kind == Kind::Deliver && task.entry.is_some()).unwrap();
    let page = format!("/tasks/{}", task.id);
    let (ned, amy) = (signed_in(&house, "ned").await, signed_in(&house, "amy").await);
    let said = house.get(&page, &ned).await.text;
    assert!(said.contains("denies it all") && said.contains("Edna Frith"), "{said}");
    let said = house.page(&page, &amy).await;
    assert!(!said.contains("denies it all") && !said.contains("Edna"), "{said}");
}

#[tokio::test]
async fn whoever_looks_ahead_sees_what_waits_and_what_goes_tonight() {
    let house = office("deliver, then erase");
    let task = delivering(&house);
    let ned = signed_in(&house, "ned").await;
    let looks = || -> Ahead {
        let store = &house.instance.store;
        let vera = store.read(|tx| store::staff::by_email(tx, "vera@cti.example")).unwrap().unwrap();
        let acting = Acting::staff(&house.instance, vera).unwrap();
        let edna = task.person.unwrap();
        store.read(|tx| engagement::ahead_of(&acting, tx, &acting.life(tx, edna)?)).unwrap()
    };
    let details = |lines: &[Line]| -> Vec<Fate> {
        lines.iter().filter(|line| line.what == "detail").map(|line| line.fate.clone()).collect()
    };
    let ahead = looks();
    assert!(ahead.waits.iter().any(|line| line.fate == Fate::Waits(Disposal::DeliverThenErase)), "{ahead:?}");
    let waits = details(&ahead.waits);
    assert!(!waits.is_empty() && waits.iter().all(|fate| *fate == Fate::After), "{ahead:?}");
    assert_eq!(details(&ahead.goes), [], "nothing of where she is reached goes tonight");

    let done = house.post(&format!("/tasks/{}", task.id), &ned, "on=2024-05-15&note=signed+for").await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    let ahead = looks();
    let open = house.instance.store.read(|tx| task::open(tx, None, 99)).unwrap();
    assert_eq!(details(&ahead.waits), [], "{ahead:?} {open:?}");
    assert!(!details(&ahead.goes).is_empty(), "{ahead:?}");
}

#[tokio::test]
async fn what_a_copy_was_delivered_of_on_paper_waits_until_it_is_destroyed() {
    let house = office(CLAUSE);
    let paper = [
        "UPDATE document SET file = NULL, file_key = NULL, size = NULL, paper_place = 'cabinet 2'",
        "UPDATE task SET place = 'cabinet 2' WHERE kind = 'deliver'",
    ];
    house.instance.store.write(|tx| paper.iter().try_for_each(|sql| tx.exec(sql, &[]).map(drop))).unwrap();
    let task = delivering(&house);
    let ned = signed_in(&house, "ned").await;
    let work = format!("/work/{}", task.engagement.unwrap());
    let said = house.get(&work, &ned).await.text;
    assert!(!said.contains("to be destroyed by hand"), "{said}");
    let done = house.post(&format!("/tasks/{}", task.id), &ned, "on=2024-05-15&note=signed+for").await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    let open = house.instance.store.read(|tx| task::open(tx, None, 99)).unwrap();
    let destroy = open.iter().find(|task| task.kind == Kind::DestroyPaper).unwrap();
    assert_eq!(destroy.owner, task.owner);
    let said = house.get(&format!("/tasks/{}", destroy.id), &ned).await.text;
    for words in ["Destroy the report on paper", "cabinet 2", "It is destroyed"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    let done = house.post(&format!("/tasks/{}", destroy.id), &ned, "on=2024-05-15&note=shredded").await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    assert_eq!(house.count("SELECT COUNT(*) FROM document"), 0);
}
