//! The lists of the preference registers, as they come: with their day, as changes, in an archive.

use app::acts::call;
use app::fault::Fault;
use jiff::civil::{Date, date};
use store::register::Loaded;

use crate::common;
use crate::town::Town;

fn load(town: &Town, file: &str, dated: Option<Date>, as_it_is: bool) -> Result<Loaded, Fault> {
    let found = call::read_register(file.as_bytes())?;
    town.act(|acting, tx| call::load_register(acting, tx, "tps", dated, &found, as_it_is))
}

/// The question that something is wrong with, and the words.
fn wrong(done: Result<Loaded, Fault>) -> (String, String) {
    match done.unwrap_err() {
        Fault::Invalid(wrong) => (wrong[0].field.clone(), wrong[0].words.clone()),
        other => panic!("{other}"),
    }
}

both! {
    fn a_list_says_its_day_itself_or_somebody_does(town) {
        let list = "# Full list of 2026-11-02\r\n01632 960001\r\n0207  3787244\r\n";
        let (field, words) = wrong(load(town, list, Some(date(2026, 11, 1)), false));
        assert_eq!(field, "dated");
        assert!(words.contains("The file itself says"), "{words}");
        let loaded = load(town, list, None, false).unwrap();
        assert_eq!((loaded.dated_on, loaded.numbers), (date(2026, 11, 2), 2));
        assert_eq!(wrong(load(town, "01632960001\n", None, false)).0, "dated", "nobody says it");
        let lines = "number,date\n01632960001,2026-11-02\n01632960002,2026-11-03\n";
        let (field, words) = wrong(load(town, lines, Some(date(2026, 11, 2)), false));
        assert!(field == "dated" && words.contains("the list is no older"), "{words}");
        assert_eq!(load(town, lines, None, false).unwrap().dated_on, date(2026, 11, 3));
        assert_eq!(wrong(load(town, "# 2026-11-04\n01632960001\n", None, false)).0, "dated", "not yet");
        assert_eq!(wrong(load(town, "PK\u{3}\u{4} and no archive", None, false)).0, "file");
    }

    fn changes_that_do_not_follow_the_list_there_is_are_asked_about(town) {
        load(town, "# 2026-11-02\n01632960001\n01632960002\n", None, false).unwrap();
        let changes = "A,01632960003\nD,01632960001\n";
        assert_eq!(load(town, changes, Some(date(2026, 11, 3)), false).unwrap().numbers, 2);
        town.later(1);
        let (field, words) = wrong(load(town, changes, Some(date(2026, 11, 4)), false));
        assert!(field == "as-it-is" && words.contains("do not fit the list there is"), "{words}");
        assert_eq!(load(town, changes, Some(date(2026, 11, 4)), true).unwrap().numbers, 2);
    }
}
