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
