//! What promotes us by e-mail or text goes to whoever was asked first, or to a company (PECR 2003 reg 22).

use super::*;

#[test]
fn what_promotes_us_by_email_goes_to_companies_and_to_whoever_agreed() {
    let policy = cti();
    let contact = organisation(&policy);
    for (name, channel) in [("news for organisations", "mailing"), ("tailored offers", "personal email")] {
        let news = mail(&policy, name, channel);
        let refusal = ask(&policy, &manager(&policy), &news, &contact, &ready(), "2026-02-03").unwrap_err();
        assert_eq!(refusal.question, Question::Gate, "{refusal:?}");
        assert_eq!(refusal.clause, Some(Clause::Basis(activity(&policy, name))));
        assert!(refusal.because.contains("PECR 2003 reg 22"), "{refusal:?}");
        assert!(refusal.next_step.contains("consent"), "{refusal:?}");
        assert!(ask(&policy, &manager(&policy), &news, &contact, &at_company(), "2026-02-03").is_ok());
        // Whose the address is matters to this person only.
        let mut another = at_company();
        let facts = another.people.remove(&PersonId(1)).unwrap();
        another.people.insert(PersonId(2), facts);
        assert!(ask(&policy, &manager(&policy), &news, &contact, &another, "2026-02-03").is_err());
    }
    // What is no advertising goes to everybody.
    let about_work = mail(&policy, "enquiries", "email");
    assert!(ask(&policy, &manager(&policy), &about_work, &contact, &ready(), "2026-02-03").is_ok());
    // Consent is enough wherever somebody is.
    let supporter = told(&policy)
        .is("supporter", "2026-01-02")
        .opted_in("supporters", "2026-01-02")
        .on("2026-01-02")
        .life;
    let news = mail(&policy, "supporters", "mailing");
    assert!(ask(&policy, &manager(&policy), &news, &supporter, &ready(), "2026-02-03").is_ok());
    // An act that names no activity stands on what the person is held for.
    let any = Act {
        activity: None,
        purpose: Some(Purpose::DirectMarketing),
        ..mail(&policy, "supporters", "mailing")
    };
    assert!(ask(&policy, &manager(&policy), &any, &supporter, &ready(), "2026-02-03").is_ok());
    assert!(ask(&policy, &manager(&policy), &any, &contact, &ready(), "2026-02-03").is_err());
    assert!(ask(&policy, &manager(&policy), &any, &contact, &at_company(), "2026-02-03").is_ok());
}

#[test]
fn where_the_policy_says_so_an_address_got_as_the_soft_opt_in_asks_is_enough() {
    let soft = |name: &str| {
        let text = include_str!("../../../../policies/cti.policy");
        let (before, news) = text.split_once("activity associate news").unwrap();
        let text =
            format!("{before}activity associate news{}", news.replacen("interests, assessed", name, 1));
        let (policy, found) =
            Policy::read(vec![policy::source::File { name: "cti.policy".to_owned(), text }]);
        policy.unwrap_or_else(|| panic!("{found:?}"))
    };
    for (basis, enough) in
        [("interests, soft opt-in of customers, assessed", true), ("interests, assessed", false)]
    {
        let policy = soft(basis);
        let dana = told(&policy).is("associate", "2026-01-02").on("2026-01-02").life;
        let news = mail(&policy, "associate news", "mailing");
        let mut gate = ready();
        let refusal = ask(&policy, &manager(&policy), &news, &dana, &gate, "2026-02-03").unwrap_err();
        assert_eq!(refusal.question, Question::Gate);
        assert_eq!(refusal.next_step.contains("how we got their address"), enough, "{refusal:?}");
        let got = |name: &str| Reachable { soft: [activity(&policy, name)].into(), ..Reachable::default() };
        gate.people.insert(PersonId(1), got("supplier news"));
        assert!(ask(&policy, &manager(&policy), &news, &dana, &gate, "2026-02-03").is_err(), "another news");
        gate.people.insert(PersonId(1), got("associate news"));
        assert_eq!(ask(&policy, &manager(&policy), &news, &dana, &gate, "2026-02-03").is_ok(), enough);
    }
}
