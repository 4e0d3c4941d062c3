//! More of what organisations write that the law does not let them: about backups, fees, agreeing to a notice, approval, and
//! places abroad. Data, as in `claims`; decides nothing.

use super::claims::Claim;

pub(super) const AVOWALS: &[Claim] = &[
    Claim {
        code: "W-BACKUP-WORDS",
        key: &["erasure", "deletion", "erased", "deleted"],
        says: &[
            "erasure|deletion .. is|are|becomes .. complete|completed|final|finished",
            "erasure|deletion .. completes|finishes|ends",
            "full|complete|final erasure|deletion",
            "erased|deleted .. completely|fully|finally .. only|after|when|once",
            "erased|deleted only|fully .. after|when|once",
        ],
        with: &[&["backup*|tape*|days|months|rotat*|overwritten|cycle*"]],
        unless: &[
            "at_once|immediately|beyond_use|out_of_use",
            "tell|tells|confirm|confirms|hear|write|let_you_know",
        ],
        about: &[],
        message: "erasure does not wait for backups",
        help: "say that what is left in backups is out of use until they go",
    },
    Claim {
        code: "W-FEE",
        key: &["charge", "cost", "pound"],
        says: &[
            "a|an|one|£10|10 ... administration|administrative|handling|processing charge|fee",
            "charged|charge|pay ... copies|copy|request*|access",
            "request*|copies|copy ... cost|costs|attract|attracts|carry|carries",
            "request* ... charge|charged|fee|pounds|pence",
            "charge ... request*|copies|copy|access",
        ],
        with: &[],
        unless: &[
            "no|not|never|nothing|free|unfounded|excessive|without|nobody",
            "we {must}",
            "booking*|course*|ticket*|holiday*|quote*|quotation*",
        ],
        about: &["request", "copy of", "copies of", "subject access", "what we hold"],
        message: "requests are free",
        help: "take the fee out",
    },
    Claim {
        code: "W-AGREE",
        key: &["privacy", "notice", "policy"],
        says: &[
            "consent|consents|agree|agrees|agreed ~ to ~ privacy policy|notice|statement",
            "consent|consents|agree|agrees ~ to|with ~ policy|notice",
            "accept|accepts|accepted ~ privacy policy|notice|statement",
        ],
        with: &[],
        unless: &["not|never|nobody|no_one|need|don't|nothing"],
        about: &["privacy", "notice", "this policy"],
        message: "nobody has to agree to a notice",
        help: "ask for each consent apart, and let people read the notice",
    },
    Claim {
        code: "W-WRITING",
        key: &["written", "writing", "identification", "signed"],
        says: &[
            "^ send|submit|make|give ~ written|signed request*|application*",
            "^ please|kindly send|submit|make|give ~ written|signed request*|application*",
            "apply in_writing ... {papers}|protection|officer|us|manager",
            "written|signed request .. is|are required|needed|necessary",
        ],
        with: &[],
        unless: &[
            "e-mail*|email*|phone*|any_way|tell_us|you_may|you_can|not|never|don't",
            "job*|post|vacanc*|housing|tenancy|grant*|refund*|holiday*|right_to_buy",
        ],
        about: &[],
        message: "a request counts in whatever way it comes",
        help: "say `in any way you like`",
    },
    Claim {
        code: "W-REFUSED",
        key: &["request", "access to your", "see your", "copy of"],
        says: &[
            "request* .. need|needs|require|requires ... approval|approved|agreement|permission|sign-off",
            "request* ... subject_to ... approval|agreement|permission",
            "{must} .. approve|agree|allow|permit ... request*",
            "request* {must} .. be approved|agreed|authorised|signed_off",
        ],
        with: &[],
        unless: &[
            "not|never|nobody|nobody's|no",
            "refund*|holiday*|quote|quotation*|booking*|repair*|marketing|leave|expenses",
        ],
        about: &[],
        message: "whether to answer is not left to whoever is asked",
        help: "say `we answer every request, and give reasons where the law lets us refuse`",
    },
    Claim {
        code: "W-WHO-GETS-IT",
        key: &["world", "countr"],
        says: &[
            "anywhere|any_place|any_part .. in|of the_world",
            "any|other|many|various|several country|countries ... world|protection|choose|laws",
            "worldwide|around_the_world|across_the_world|all_over_the_world",
        ],
        with: &[
            &["data|details|information|records|file|files"],
            &["store*|held|hold|kept|keep|sent|send|transfer*|process*|go|goes|move*|pass*|share*"],
        ],
        unless: &[
            "not|never|nobody|nothing|no",
            "if_you|wherever_you|you_are|travel*|learners|readers|people_around",
        ],
        about: &[],
        message: "this does not say where it goes",
        help: "name each processor, its place, and what protects data there",
    },
    Claim {
        code: "W-IMPLIED",
        key: &["because you", "since you", "as you gave"],
        says: &[
            "use|uses|hold|holds|keep|keeps|share|shares|process|may ... because|since|as you .. gave|give|provided|sent|supplied|handed .. it|them|us|this",
        ],
        with: &[],
        unless: &["never|not|contract|asked|agreed|consent|order*"],
        about: &[],
        message: "nobody consents by doing something else, or nothing",
        help: "name the basis: consent asked for, a contract, a law, or an interest that was weighed",
    },
];
