//! The last step of a sealed value on its way to a page: the `open` filter of the templates.
//!
//! `{{ item.value|open(grant) }}` opens the value with the page's grant at the moment it is written.
//! A value the grant does not cover stops the rendering: no page leaves half open.

/// Filters that templates may use; a template's module imports this one.
pub mod filters {
    #![expect(missing_docs, reason = "the macro writes items it does not document")]

    use askama::{Result, Values};
    use custody::{Grant, Sealed};

    /// Opens a sealed value with the page's grant and writes it, escaped.
    ///
    /// # Errors
    /// If the grant does not cover the value.
    #[askama::filter_fn]
    pub fn open<'a>(sealed: &'a Sealed, _: &dyn Values, grant: &'a Grant) -> Result<&'a str> {
        sealed.open(grant).map(custody::Shown::reveal).map_err(askama::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use askama::Template;
    use custody::act::Asked;
    use custody::id::PersonId;
    use custody::{Act, Actor, Gate, Grant, Life, Sealed, Verb};
    use policy::KindSet;

    use super::filters;

    #[derive(Template)]
    #[template(source = "<p>{{ name|open(grant) }}</p>", ext = "html")]
    struct Card {
        name: Sealed,
        grant: Grant,
    }

    /// A grant for one kind of one person, made as every grant is.
    fn granted(person: PersonId, kind: policy::KindId) -> Grant {
        let pack = crate::world::Pack::named("cti").unwrap().policy().unwrap();
        let act = Act {
            verb: Verb::Maintain,
            deed: None,
            kinds: Asked::Exactly([kind].into_iter().collect::<KindSet>()),
            purpose: None,
            activity: None,
            engagement: None,
            channel: None,
            recipient: None,
        };
        let (now, today) = ("2026-11-22T09:00:00Z".parse().unwrap(), jiff::civil::date(2026, 11, 22));
        let life = Life::new(person);
        custody::decide(&pack, &Actor::System("index"), &act, &[&life], &Gate::default(), now, today).unwrap()
    }

    #[test]
    fn a_sealed_value_reaches_a_page_only_with_its_grant_and_escaped() {
        let (person, kind) = (PersonId(7), policy::KindId(0));
        let name = Sealed::new(person, kind, "Siobhan <O'Neil>".to_owned());
        let card = Card { name: name.clone(), grant: granted(person, kind) };
        assert_eq!(card.render().unwrap(), "<p>Siobhan &#60;O&#39;Neil&#62;</p>");
        for grant in [granted(PersonId(8), kind), granted(person, policy::KindId(1))] {
            let card = Card { name: name.clone(), grant };
            assert!(card.render().is_err(), "a page with a value its grant does not cover is not sent");
        }
        assert_eq!(format!("{name:?}"), "Sealed(7, kind 0)");
    }
}
