//! An audience of very many is told at a glance: of those of whom a decision reads the same one is decided for. Here everybody in
//! every world is decided for beside that, in every role; the random histories do the same after each of their steps.

use app::acts::Acting;
use app::instance::Instance;
use app::world::{Pack, World, play};
use store::keys::Secret;

use crate::at_a_glance::compare;
use crate::common::Data;

#[test]
fn at_a_glance_everybody_in_every_world_gets_the_answer_they_get_alone() {
    let mut told = 0;
    for name in ["cti", "cmp", "cli", "blue-turtle", "chorus"] {
        let pack = Pack::named(name).unwrap();
        let world = World::read(pack.world).unwrap();
        let data = Data::on(None);
        let policy = pack.policy().unwrap();
        let instance =
            Instance::create(data.path(), None, &Secret::of([7; 32]), policy, Some(world.begins)).unwrap();
        play(&instance, &world).unwrap();
        let mut accounts = instance.store.read(store::staff::all).unwrap();
        accounts.retain(|account| account.until.is_none());
        for account in accounts {
            let acting = Acting::staff(&instance, account.clone()).unwrap();
            let compared = instance.store.read(|tx| Ok::<_, store::Error>(compare(&acting, tx, false)));
            told += compared.unwrap().unwrap_or_else(|why| panic!("{name}, {}: {why}", account.role));
        }
        let sender = Acting::system(&instance, "sender");
        let compared = instance.store.read(|tx| Ok::<_, store::Error>(compare(&sender, tx, false)));
        told += compared.unwrap().unwrap_or_else(|why| panic!("{name}, the program: {why}"));
    }
    assert!(told > 5, "only {told} audiences were told at a glance");
}
