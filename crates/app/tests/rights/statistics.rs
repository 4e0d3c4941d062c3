//! Numbers that leave the house: who makes them, who is not counted, and what is not shown of whoever is.

use app::acts::engagement::{NewWork, Payer};
use app::acts::person::NewPerson;
use app::acts::{self, restriction, statistics};
use app::fault::Fault;
use custody::id::PersonId;
use custody::proof::Obligation;
use custody::statistics::Line;
use store::prove;

use super::common::newcomer;
use super::house::{House, TODAY, invalid, on_both_keeping};

const TITLE: &str = "What we tell our funders";

/// CTI's policy with statistics of coaching clients.
fn edit(text: String) -> String {
    let stated = format!(
        "\nstatistics \"{TITLE}\" of coaching client; hide counts under 5  promise CTI-25\n\nform enquiry "
    );
    assert!(text.contains("\nform enquiry "));
    text.replace("\nform enquiry ", &stated)
}

/// So many coaching clients more, each on a programme of their own.
fn clients(house: &House, how_many: usize) -> Vec<PersonId> {
    let client = |number: usize| {
        let new = NewPerson {
            collected_on: Some(TODAY),
            offers: false,
            ..newcomer(
                "coaching client",
                "the person",
                &[("name", "Gwen Rook"), ("email", &format!("gwen{number}.{how_many}@rook.example"))],
            )
        };
        let work = |client| NewWork {
            work: "programme".into(),
            parts: vec![("client".into(), client)],
            staff: None,
            payer: Payer::Person,
            opened_on: TODAY,
        };
        house
            .act(|acting, tx| {
                let client = acts::person::add(acting, tx, &new)?;
                acts::engagement::start(acting, tx, &work(client))?;
                Ok(client)
            })
            .unwrap()
    };
    (0..how_many).map(client).collect()
}

fn made(house: &House) -> i64 {
    house.act(|acting, tx| statistics::release(acting, tx, TITLE)).unwrap()
}

/// The line of this year of a table.
fn line(house: &House, release: i64) -> Line {
    let (made, _) = house.act(|acting, tx| statistics::one(acting, tx, release)).unwrap();
    made.parts.into_iter().find(|part| part.work == "programme" && part.year == 2026).unwrap().line
}

#[test]
fn a_table_counts_whom_it_may_and_shows_nobody_who_came_between_two() {
    on_both_keeping(edit, |house| {
        let people = clients(house, 7);
        let why = restriction::Asking { why: "she disputes it".into(), ..Default::default() };
        house.act(|acting, tx| restriction::place(acting, tx, people[0], &why)).unwrap();
        let first = made(house);
        let shown = line(house, first);
        assert_eq!(shown.all, Some(6), "whoever is restricted counts nowhere");
        assert!(
            shown.cells.iter().all(|(_, count)| count.is_none()),
            "what all of them have in common: {shown:?}"
        );
        let csv = house
            .act(|acting, tx| statistics::csv(&statistics::one(acting, tx, first)?.0))
            .map(|csv| String::from_utf8(csv).unwrap());
        let csv = csv.unwrap();
        assert!(
            csv.contains("programme,2026,all,6\r\n") && csv.contains("programme,2026,completed,hidden"),
            "{csv}"
        );

        clients(house, 2);
        assert_eq!(line(house, made(house)).all, None, "the difference would be two people");
        clients(house, 3);
        assert_eq!(line(house, made(house)).all, Some(11));
        assert_eq!(house.look("statistics-hide").broken, Vec::<String>::new());
        let listed = house.act(statistics::releases).unwrap();
        let before = |release: i64| {
            house
                .act(|acting, tx| statistics::one(acting, tx, release))
                .unwrap()
                .1
                .map(|made| made.release.id)
        };
        assert_eq!(
            (before(listed[0].id), before(first)),
            (Some(listed[1].id), None),
            "it stands beside the one before"
        );
        assert_eq!((listed.len(), listed[2].id, listed[0].least), (3, first, 5));
        house.spoil(&format!(
            "UPDATE statistics_cell SET people = 6 WHERE release_id = {first} AND year = 2026 AND step = 'no step yet'"
        ));
        let said = "what the hidden numbers come to is of fewer than 5 people";
        assert!(
            house.look("statistics-hide").broken[0].ends_with(said),
            "that none went on says something of each"
        );
    });
}

#[test]
fn only_who_sees_everybody_and_may_take_numbers_out_makes_a_table_of_what_the_policy_states() {
    on_both_keeping(edit, |house| {
        let made = made(house);
        let refused = house.by(&house.assistant, |acting, tx| statistics::release(acting, tx, TITLE));
        assert!(matches!(refused, Err(Fault::Refused(_))));
        let refused = house.by(&house.assistant, |acting, tx| statistics::one(acting, tx, made));
        assert!(matches!(refused, Err(Fault::Refused(_))));
        let unknown = house.act(|acting, tx| statistics::release(acting, tx, "Something else"));
        assert!(invalid(&unknown.unwrap_err(), "title"));
        let none = house.act(|acting, tx| statistics::one(acting, tx, 1));
        assert!(matches!(none, Err(Fault::NotFound)));
    });
}

#[test]
fn a_table_goes_back_as_far_as_the_policy_says() {
    let board = "\nstatistics \"What the board sees\" of coaching client; over 1 year; hide counts under 5  promise CTI-25\n\nform enquiry ";
    let over = |text: String| {
        let text = edit(text).replace("; hide counts", "; over 2 years; hide counts");
        text.replace("\nform enquiry ", board)
    };
    on_both_keeping(over, |house| {
        let release = made(house);
        let (table, _) = house.act(|acting, tx| statistics::one(acting, tx, release)).unwrap();
        let mut years: Vec<i64> = table.parts.iter().map(|part| part.year).collect();
        years.dedup();
        assert_eq!(years, [2025, 2026]);
        assert_eq!(house.look("statistics-hide").broken, Vec::<String>::new());
        let (policy, clock) = (house.instance.policy(), &house.instance.clock);
        let promised = Obligation::StatisticsHide { statistics: 1 };
        let other = prove::obligation(&house.instance.store, &policy, &promised, clock.now(), clock.today());
        assert_eq!(other.unwrap().broken, Vec::<String>::new(), "that of the board is another");
        let earlier = "UPDATE statistics_cell SET year = 2024 WHERE year = 2025";
        house.instance.store.write(|tx| tx.exec(earlier, &[])).unwrap();
        let broken = house.look("statistics-hide").broken;
        assert!(broken[0].ends_with("count from 2024 on, and not from 2025"), "{broken:?}");
    });
}
