//! What happens in the office and touches many at once: a file is brought in and taken out again, a version of the policy adopted.

use std::collections::BTreeSet;

use app::acts::import::{self, Importing, Naming};
use app::acts::{self, adoption};
use app::fault::Fault;
use app::intake::column;
use custody::id::ImportId;
use policy::source::File;
use store::import as batches;

use crate::house::{House, read};
use crate::plain::person::Category;
use crate::steps::{Became, Step, days_after, done, idle, not, pick};
use crate::world::{Imported, Known, World};

/// A file of three people nobody knows yet, brought in for an activity at random.
pub fn bring(house: &House, world: &mut World, step: &Step, serial: usize) -> Result<Became, String> {
    let policy = world.policy.clone();
    if world.people.len() > 3 {
        return idle();
    }
    let choices: Vec<(String, policy::CategoryId)> = import::activities(&policy)
        .into_iter()
        .map(|(activity, category)| (activity.name.clone(), category))
        .collect();
    let Some((activity, category)) = pick(&choices, step.a) else { return idle() };
    let name = policy.categories[category.index()].name.clone();
    let offers = step.b.is_multiple_of(2);
    let words: Vec<String> = (0..3).map(|at| format!("Zi{serial}w{at}vx")).collect();
    let lines = words.iter().map(|word| format!("{word},{word}@post.example\r\n")).collect::<String>();
    let file = format!("Name,Email\r\n{lines}");
    let acting = house.acting();
    let (received, sheet) = import::receive(&house.instance, &acting, "list.csv", file.as_bytes())
        .map_err(|fault| fault.to_string())?;
    let planned = house.act(|acting, tx| {
        let id = import::keep(acting, tx, &received)?;
        let naming = Naming {
            activity: activity.clone(),
            category: name.clone(),
            source: "the person".to_owned(),
            collected_on: Some(acting.today),
            told: "nobody".to_owned(),
            offers,
        };
        import::name_it(acting, tx, id, &naming)?;
        let importing = Importing::load(&acting.policy, tx, id)?;
        let guesses = column::guess(&sheet, &activity, &importing.kinds);
        let words: Vec<String> = guesses.iter().map(|guess| guess.target.word(&importing.kinds)).collect();
        import::plan(acting, tx, id, &sheet, &words)?;
        import::start(acting, tx, id)?;
        Ok(id)
    });
    let id = match planned {
        Ok(id) => id,
        Err(fault) => return not(fault),
    };
    import::run(&house.instance, id, |_| {}).map_err(|fault| fault.to_string())?;
    let rows = house.read(|tx| batches::rows(tx, id, &[], 0, 10));
    let chosen = policy.activity_named(&activity).unwrap().id;
    let mut people = Vec::new();
    for (row, word) in rows.iter().zip(words) {
        let Some(who) = row.person.filter(|_| row.outcome == batches::Outcome::Created) else { continue };
        let mut known = Known { word, ..Known::default() };
        known.facts.categories.push(Category { name: name.clone(), since: world.today, until: None });
        if !offers {
            let out = acts::person::offers(&policy, category, Some(chosen));
            known.facts.kept_out.extend(out.into_iter().map(|activity| activity.name.clone()));
        }
        world.people.insert(who.0, known);
        people.push(who.0);
    }
    let outcomes: Vec<_> = rows.iter().map(|row| row.outcome).collect();
    world.imports.push(Imported { id: id.0, people: people.clone(), rows: BTreeSet::new() });
    done(format!("{activity}: a file brings {people:?} as {name}, offers {offers}: {outcomes:?}"))
}

/// A file is taken out again: who was only brought goes, whoever something happened to since stays.
pub fn take_out(house: &House, world: &mut World, step: &Step) -> Result<Became, String> {
    let Some(imported) = pick(&world.imports, step.a) else { return idle() };
    let id = ImportId(imported.id);
    if let Err(fault) = house.act(|acting, tx| import::start_undo(acting, tx, id)) {
        return not(fault);
    }
    import::run_undo(&house.instance, id).map_err(|fault| fault.to_string())?;
    world.imports.retain(|known| known.id != imported.id);
    let mut stay = 0;
    for who in
        imported.people.iter().filter(|who| world.people.contains_key(who)).copied().collect::<Vec<_>>()
    {
        if world.touched(who, &imported.rows) {
            stay += 1;
            continue;
        }
        for key in world
            .rows_of(who)
            .into_iter()
            .map(|lying| (lying.row.table.clone(), lying.row.number))
            .collect::<Vec<_>>()
        {
            world.remove(&key);
        }
        let known = world.people.remove(&who).unwrap();
        world.gone.push(known.word);
    }
    let listed =
        house.read(|tx| batches::counts(tx, id)).get(&batches::Outcome::Stayed).copied().unwrap_or(0);
    if usize::try_from(listed).unwrap() < stay {
        return Err(format!("{stay} people stay after the undoing, and {listed} are listed"));
    }
    done(format!("the file that brought {:?} is taken out, {stay} stay", imported.people))
}

/// The next version says some period shorter or longer; it begins in a while.
pub fn adopt(house: &House, world: &mut World, step: &Step) -> Result<Became, String> {
    if world.next.is_some() {
        return idle();
    }
    let from = days_after(world.today, 2 + step.a % 60);
    let changes = [
        ("6 years after", "5 years after"),
        ("5 years after", "6 years after"),
        ("2 years after", "18 months after"),
        ("18 months after", "2 years after"),
        ("7 years after", "4 years after"),
        ("12 months after", "9 months after"),
        ("1 month after", "2 months after"),
        ("1 year after", "3 years after"),
    ];
    let there: Vec<_> =
        changes.into_iter().filter(|(was, _)| world.text.contains(&format!(" {was}"))).collect();
    let Some((was, now)) = pick(&there, step.b) else { return idle() };
    let (was, now) = (format!(" {was}"), format!(" {now}"));
    let places: Vec<usize> = world.text.match_indices(&was).map(|(at, _)| at).collect();
    let place = pick(&places, step.c).unwrap();
    let version = world.policy.version;
    let head = format!("{version}, from {}", world.policy.from);
    let mut text = world.text.clone();
    text.replace_range(place..place + was.len(), &now);
    let text = text.replacen(&head, &format!("{}, from {from}", version + 1), 1);
    let files = vec![File { name: world.file.clone(), text: text.clone() }];
    let mut weighed = adoption::weigh(&house.instance, files).map_err(|fault| fault.to_string())?;
    // An acceptance may have run out over the years; that is the lawyer's matter and not the model's.
    weighed.stops.retain(|stop| !stop.contains("still stand"));
    match house.act(|acting, tx| adoption::adopt(acting, tx, &weighed, &weighed.mark)) {
        Ok(version) => {
            let next = read(&world.file, &text);
            world.next = Some((from, next, text));
            done(format!("version {version} from {from} says{now} for{was}"))
        }
        Err(Fault::Invalid(fields)) => Ok(Became::Not(format!("{fields:?}"))),
        Err(fault) => Err(format!("adopting: {fault}")),
    }
}
