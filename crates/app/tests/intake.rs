//! Real exports are read whole: every row is a row or a problem, every column a target with a reason.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what is wrong by failing"
)]

use app::intake::{Draft, NamePart, RowProblem, Sheet, Source, Target, column, draft, source};
use policy::{Kind, KindId, Sensitivity, Sort, Span};
use proptest::prelude::*;

fn kind(id: u16, name: &str) -> Kind {
    Kind {
        id: KindId(id),
        name: name.into(),
        words: name.into(),
        sort: Sort::Item,
        sensitivity: Sensitivity::Ordinary,
        span: Span::default(),
    }
}

/// What an activity that holds contact details declares.
fn contact_details() -> Vec<Kind> {
    vec![kind(0, "name"), kind(1, "email"), kind(2, "phone"), kind(3, "job title"), kind(4, "organisation")]
}

const NAME: KindId = KindId(0);
const EMAIL: KindId = KindId(1);
const PHONE: KindId = KindId(2);
const JOB: KindId = KindId(3);

struct Read {
    sheet: Sheet,
    guesses: Vec<column::ColumnGuess>,
    drafts: Vec<Result<Draft, Vec<RowProblem>>>,
}

fn read(bytes: &[u8]) -> Read {
    let sheet = Sheet::read(bytes).unwrap();
    let kinds = contact_details();
    let kinds: Vec<&Kind> = kinds.iter().collect();
    let guesses = column::guess(&sheet, "offers by phone", &kinds);
    let targets: Vec<Target> = guesses.iter().map(|guess| guess.target).collect();
    let drafts = sheet.rows.iter().map(|row| draft::draft(row, &targets, &kinds)).collect();
    Read { sheet, guesses, drafts }
}

fn of(read: &Read, row: usize) -> (Vec<(KindId, &str)>, Option<&str>) {
    let draft = read.drafts[row - 1].as_ref().unwrap();
    (draft.items.iter().map(|(kind, value)| (*kind, value.as_str())).collect(), draft.organisation.as_deref())
}

fn why<'a>(read: &'a Read, header: &str) -> &'a str {
    &read.guesses.iter().find(|guess| guess.header == header).unwrap().why
}

fn blame(read: &Read, row: usize) -> (Option<&str>, &str) {
    let problems = read.drafts[row - 1].as_ref().unwrap_err();
    assert_eq!(problems.len(), 1, "{problems:?}");
    (problems[0].column.map(|column| read.sheet.headers[column].as_str()), &problems[0].message)
}

#[test]
fn google_contacts() {
    let read = read(include_bytes!("fixtures/intake/google.csv"));
    assert_eq!(source::recognise(&read.sheet.headers), Source::Google);
    assert!(read.sheet.dialect.had_bom);
    assert_eq!(read.sheet.rows.len(), 4);
    assert_eq!(
        of(&read, 1),
        (
            vec![
                (NAME, "Zoë Anne Müller"),
                (JOB, "Director"),
                (EMAIL, "zoe.muller@harbour.example"),
                (EMAIL, "zoe@muller.example"),
                (PHONE, "07700 900123"),
                (PHONE, "+44 1632 960101"),
            ],
            Some("Harbour Housing")
        )
    );
    assert_eq!(
        of(&read, 2),
        (vec![(NAME, "Owain Prys"), (EMAIL, "owain@prys.example")], Some("Prys, Daughter & Co"))
    );
    assert_eq!(of(&read, 3).0, vec![(PHONE, "01632 960102")]);
    assert_eq!(
        blame(&read, 4),
        (Some("E-mail 1 - Value"), "\"comfort.adeyemi at mail.example\" is not an e-mail address")
    );
    assert_eq!(why(&read, "Birthday"), "the policy does not declare date of birth for offers by phone");
    assert_eq!(why(&read, "Address 1 - Street"), "the policy does not declare address for offers by phone");
    assert_eq!(why(&read, "Notes"), "the policy does not declare notes for offers by phone");
    assert_eq!(why(&read, "Phonetic First Name"), "empty in every row");
    assert_eq!(why(&read, "E-mail 1 - Label"), "the other program's own housekeeping");
}

#[test]
fn google_contacts_of_before_2024_in_utf16() {
    let read = read(include_bytes!("fixtures/intake/google-older.csv"));
    assert_eq!(source::recognise(&read.sheet.headers), Source::Google);
    assert_eq!(read.sheet.dialect.encoding, "UTF-16LE");
    assert_eq!(
        of(&read, 1),
        (
            vec![
                (NAME, "Siân Rhys Evans"),
                (EMAIL, "sian@evans.example"),
                (PHONE, "01632 960110"),
                (JOB, "Owner")
            ],
            Some("Evans Joinery")
        )
    );
    assert_eq!(why(&read, "Name"), "the first and last name have columns of their own");
    assert_eq!(why(&read, "Maiden Name"), "the policy does not declare former name for offers by phone");
}

#[test]
fn outlook_in_windows_1252_with_line_breaks_inside_cells() {
    let read = read(include_bytes!("fixtures/intake/outlook.csv"));
    assert_eq!(source::recognise(&read.sheet.headers), Source::Outlook);
    assert_eq!(read.sheet.dialect.encoding, "windows-1252");
    assert_eq!(read.sheet.rows.len(), 3);
    assert_eq!(
        of(&read, 1),
        (
            vec![
                (NAME, "Chloé O’Hanlon"),
                (EMAIL, "chloe@ohanlon.example"),
                (PHONE, "01632 960120"),
                (PHONE, "07700 900120"),
                (JOB, "Training manager"),
            ],
            Some("O’Hanlon Freight")
        )
    );
    assert_eq!(of(&read, 2).0[0], (NAME, "Renée J. Okafor"));
    assert_eq!(of(&read, 3), (vec![(NAME, "Brontë")], Some("Moor & Sons")));
    assert_eq!(why(&read, "Spouse"), "the policy does not declare family for offers by phone");
}

#[test]
fn outlook_in_the_older_form() {
    let read = read(include_bytes!("fixtures/intake/outlook-classic.csv"));
    assert_eq!(source::recognise(&read.sheet.headers), Source::Outlook);
    assert_eq!(
        of(&read, 1),
        (
            vec![
                (NAME, "Priya Nair"),
                (EMAIL, "priya@nair.example"),
                (PHONE, "07700 900130"),
                (JOB, "Partner")
            ],
            Some("Nair Design")
        )
    );
}

#[test]
fn hubspot() {
    let read = read(include_bytes!("fixtures/intake/hubspot.csv"));
    assert_eq!(source::recognise(&read.sheet.headers), Source::HubSpot);
    assert_eq!(
        of(&read, 1),
        (
            vec![
                (NAME, "Ada Lund"),
                (EMAIL, "ada.lund@fjord.example"),
                (PHONE, "+44 1632 960140"),
                (JOB, "Buyer")
            ],
            Some("Fjord Foods")
        )
    );
    assert_eq!(of(&read, 2), (vec![(EMAIL, "tariq@lowfield.example")], Some("Lowfield \"Farm\", Ltd")));
    assert_eq!(blame(&read, 3).0, Some("Phone Number"));
    assert_eq!(why(&read, "Lead Status"), "the policy does not declare lead status for offers by phone");
}

#[test]
fn ragged_rows_and_an_open_quote_are_problems_of_their_row_and_can_be_put_right() {
    let mut read = read(include_bytes!("fixtures/intake/semicolon.csv"));
    assert_eq!(read.sheet.dialect.separator, b';');
    assert_eq!(
        of(&read, 1).0,
        vec![(NAME, "Karen \"Kaz\" Poole"), (EMAIL, "kaz@poole.example"), (PHONE, "07700 900150")]
    );
    assert_eq!(
        blame(&read, 2).1,
        "this row has 3 cells where the headings have 4, so its values may stand in the wrong columns"
    );
    assert_eq!(
        blame(&read, 3).1,
        "this row has 5 cells where the headings have 4, so its values may stand in the wrong columns"
    );
    assert!(
        blame(&read, 4).1.contains("never closed") || blame(&read, 4).1.contains("3 cells"),
        "{}",
        blame(&read, 4).1
    );
    assert_eq!(
        why(&read, "Shoe size"),
        "no kind the policy declares for offers by phone is called \"Shoe size\""
    );

    let kinds = contact_details();
    let kinds: Vec<&Kind> = kinds.iter().collect();
    let targets: Vec<Target> = read.guesses.iter().map(|guess| guess.target).collect();
    read.sheet.fix(4, 2, "07700 900153").unwrap();
    let fixed = draft::draft(read.sheet.row(4).unwrap(), &targets, &kinds).unwrap();
    assert_eq!(fixed.items.last().unwrap(), &(PHONE, "07700 900153".to_owned()));
    assert!(read.sheet.fix(9, 0, "x").is_err() && read.sheet.fix(1, 9, "x").is_err());
}

#[test]
fn whole_name_in_one_column_and_headings_in_other_words() {
    let read =
        read(b"Delegate Name\tWork Email\tTelephone No.\tDOB\r\nJo Bell\tjo@bell.example\t\t1 May 1970\r\n");
    assert_eq!(read.guesses[0].target, Target::Name(NAME, NamePart::Full));
    assert_eq!(of(&read, 1).0, vec![(NAME, "Jo Bell"), (EMAIL, "jo@bell.example")]);
    assert_eq!(read.guesses[3].undeclared.as_deref(), Some("date of birth"));
}

#[test]
fn what_is_no_list_is_refused_with_a_sentence() {
    let refused = |bytes: &[u8]| Sheet::read(bytes).unwrap_err().message;
    assert_eq!(refused(b""), "the file is empty");
    assert_eq!(refused(b" \r\n\r\n"), "the file is empty");
    assert_eq!(refused(b"Name,Email\r\n"), "the file has headings and no rows below them");
    assert!(refused(b"PK\x03\x04rest").starts_with("this is a spreadsheet or zip file"));
    assert!(refused(b"%PDF-1.7").starts_with("this is a PDF"));
    assert!(
        refused(b"jo@bell.example,Jo\r\nann@bell.example,Ann\r\n")
            .starts_with("the first line looks like a person")
    );
    let junk: Vec<u8> = (0..4096_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    assert_eq!(refused(&junk), "this is not a text file; export the list as CSV and choose that file");
    let mut huge = b"Name,Email\r\nJo,\"".to_vec();
    huge.resize(50 * 1024 * 1024, b'x');
    assert_eq!(refused(&huge), "the file is 50 MB; at most 40 MB are read at a time");
    let wide = vec!["h"; 600].join(",") + "\n1\n";
    assert_eq!(refused(wide.as_bytes()), "the file has 600 columns; at most 512 are read");
}

#[test]
fn a_cell_too_long_is_the_problem_of_its_row_alone() {
    let mut file = b"Name,Email\r\nJo,jo@bell.example\r\nAnn,\"".to_vec();
    file.resize(file.len() + 2 * 1024 * 1024, b'x');
    file.extend_from_slice(b"\"\r\nEve,eve@moss.example\r\n");
    let read = read(&file);
    assert_eq!(read.sheet.rows.len(), 3);
    assert_eq!(blame(&read, 2).1, "the cell under Email is 2 MB long; a cell holds at most 32 kB");
    assert_eq!(of(&read, 3).0, vec![(NAME, "Eve"), (EMAIL, "eve@moss.example")]);
}

#[test]
fn a_hundred_thousand_rows() {
    let mut file = String::from("First Name,Last Name,Email,Notes\n");
    for row in 0..100_000 {
        file.push_str(&format!("Jo,Bell{row},jo{row}@bell.example,\"a\nb\"\n"));
    }
    let sheet = Sheet::read(file.as_bytes()).unwrap();
    assert_eq!(sheet.rows.len(), 100_000);
    assert_eq!(sheet.row(100_000).unwrap().cell(2), "jo99999@bell.example");
}

proptest! {
    #[test]
    fn no_bytes_break_it(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        if let Ok(sheet) = Sheet::read(&bytes) {
            prop_assert!(!sheet.headers.is_empty() && !sheet.rows.is_empty());
        }
    }

    #[test]
    fn no_text_breaks_it_and_no_row_is_lost(text in "[a-c,;\"\t\r\n@. é]{0,300}") {
        if Sheet::read(text.as_bytes()).is_ok() {
            let read = read(text.as_bytes());
            prop_assert_eq!(read.sheet.rows.len(), read.drafts.len());
            for row in &read.sheet.rows {
                prop_assert!(!row.is_blank());
            }
        }
    }

    #[test]
    fn what_is_written_safely_reads_back(cells in proptest::collection::vec("[a-zé ,;\"\n=+@-]{1,20}", 2..5)) {
        let safe: Vec<String> = cells.iter().map(|cell| app::intake::outgoing::safe(cell).into_owned()).collect();
        let headings: Vec<String> = (0..cells.len()).map(|at| format!("h{at}")).collect();
        let bytes = app::intake::outgoing::csv([&headings, &cells]).unwrap();
        if let Ok(sheet) = Sheet::read(&bytes) {
            let row = sheet.row(1).unwrap();
            prop_assert!(row.problem.is_none());
            for (at, cell) in safe.iter().enumerate() {
                prop_assert_eq!(row.cell(at), cell.trim());
            }
        }
    }
}
