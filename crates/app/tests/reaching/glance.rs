//! An audience of very many is told at a glance: of those of whom a decision reads the same one is decided for. Here everybody in
//! every world is decided for beside that, in every role; the random histories do the same after each of their steps.

use app::acts::Acting;
use app::world::Pack;
use store::keys::Secret;

use crate::at_a_glance::compare;
use crate::common::{Data, played};

/// How many audiences were told at a glance in a world.
fn told_in(name: &str) -> usize {
    let pack = Pack::named(name).unwrap();
    let data = Data::on(None);
    let instance = played(&data, &Secret::of([7; 32]), pack.policy().unwrap(), pack.world);
    let told = |acting: &Acting<'_>, who: &str| {
        let compared = instance.store.read(|tx| Ok::<_, store::Error>(compare(acting, tx, false)));
        compared.unwrap().unwrap_or_else(|why| panic!("{name}, {who}: {why}"))
    };
    let mut accounts = instance.store.read(store::staff::all).unwrap();
    accounts.retain(|account| account.until.is_none());
    let by_staff = accounts.into_iter().map(|account| {
        let role = account.role.clone();
        told(&Acting::staff(&instance, account).unwrap(), &role)
    });
    by_staff.sum::<usize>() + told(&Acting::system(&instance, "sender"), "the program")
}

#[test]
fn at_a_glance_everybody_in_every_world_gets_the_answer_they_get_alone() {
    let told: usize = std::thread::scope(|scope| {
        let worlds =
            ["cti", "cmp", "cli", "blue-turtle", "chorus"].map(|name| scope.spawn(move || told_in(name)));
        worlds.into_iter().map(|world| world.join().unwrap()).sum()
    });
    assert!(told > 5, "only {told} audiences were told at a glance");
}
