//! Worlds: small stories of people for each policy pack, played through the acts with a simulated clock.
//! Nobody in them exists, and nothing in them gets in by another door than everybody's.

pub mod happen;
pub mod office;
mod play;
mod story;
mod texts;

use jiff::civil::Date;
use policy::Policy;
use policy::source::File;

use crate::fault::Fault;
use crate::instance::Instance;

pub use play::{play, play_nightly};
pub use story::{Organisation, World};

/// The password of everybody on the staff of every world.
pub const PASSWORD: &str = "practice makes perfect";

/// A policy pack and the world that belongs to it.
pub struct Pack {
    /// What `demo --org` calls it.
    pub name: &'static str,
    /// What its policy calls the organisation.
    pub title: &'static str,
    /// The address with which whoever may do everything signs in.
    pub sign_in: &'static str,
    /// The policy's file name.
    pub file: &'static str,
    /// The policy.
    pub policy: &'static str,
    /// The world.
    pub world: &'static str,
}

/// Every pack.
pub const PACKS: &[Pack] = &[
    Pack {
        name: "cti",
        title: "CTI",
        sign_in: "helen.marsh@cti.example",
        file: "cti.policy",
        policy: include_str!("../../../../policies/cti.policy"),
        world: include_str!("../../../../worlds/cti.toml"),
    },
    Pack {
        name: "cmp",
        title: "CMP",
        sign_in: "nadia.frost@cmp.example",
        file: "cmp.policy",
        policy: include_str!("../../../../policies/cmp.policy"),
        world: include_str!("../../../../worlds/cmp.toml"),
    },
    Pack {
        name: "cli",
        title: "CLI",
        sign_in: "marcus.bell@cli.example",
        file: "cli.policy",
        policy: include_str!("../../../../policies/cli.policy"),
        world: include_str!("../../../../worlds/cli.toml"),
    },
    Pack {
        name: "blue-turtle",
        title: "Blue Turtle",
        sign_in: "vera.quill@blue-turtle.example",
        file: "blue-turtle.policy",
        policy: include_str!("../../../../policies/blue-turtle.policy"),
        world: include_str!("../../../../worlds/blue-turtle.toml"),
    },
    Pack {
        name: "chorus",
        title: "Chorus",
        sign_in: "imran.sutton@chorus.example",
        file: "chorus.policy",
        policy: include_str!("../../../../policies/chorus.policy"),
        world: include_str!("../../../../worlds/chorus.toml"),
    },
];

/// What a practice instance of a policy shows on its sign-in page.
#[must_use]
pub fn sign_in_hint(policy: &Policy) -> String {
    let pack = PACKS.iter().find(|pack| pack.title == policy.name);
    pack.map_or_else(String::new, |pack| format!("{}, password: {PASSWORD}", pack.sign_in))
}

impl Pack {
    /// The pack of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        PACKS.iter().find(|pack| pack.name == name)
    }

    /// Its policy.
    ///
    /// # Errors
    /// If it has errors, which the tests would have found.
    pub fn policy(&self) -> Result<Policy, Fault> {
        let mut files = vec![File { name: self.file.to_owned(), text: self.policy.to_owned() }];
        let named = |name: &str| self.policy.contains(&format!("\"{name}\""));
        let texts = texts::TEXTS.iter().filter(|(name, _)| named(name));
        files.extend(texts.map(|(name, text)| File { name: (*name).to_owned(), text: (*text).to_owned() }));
        match Policy::read(files) {
            (Some(policy), _) => Ok(policy),
            (None, found) => {
                Err(Fault::Other(found.first().map_or_else(String::new, |first| first.message.clone())))
            }
        }
    }

    /// Its world.
    ///
    /// # Errors
    /// If its text cannot be read, with the place.
    pub fn world(&self) -> Result<World, Fault> {
        World::read(self.world).map_err(|error| Fault::Other(format!("the world `{}`: {error}", self.name)))
    }
}

/// A word about a practice instance that was just made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Made {
    /// How many people are held at its end.
    pub people: i64,
    /// How many organisations.
    pub organisations: i64,
    /// From.
    pub begins: Date,
    /// To.
    pub today: Date,
}

/// What came of a world.
///
/// # Errors
/// Whatever the store says.
pub fn made(instance: &Instance, world: &World) -> Result<Made, Fault> {
    let (people, organisations) = instance.store.read(|tx| {
        let organisations = tx.count("SELECT count(*) FROM organisation", &[])?;
        Ok::<_, Fault>((store::person::count(tx)?, organisations))
    })?;
    Ok(Made { people, organisations, begins: world.begins, today: world.today })
}
