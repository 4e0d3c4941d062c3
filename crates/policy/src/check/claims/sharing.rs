//! Who gets data, for what return, and from where it comes.

use super::Claim;

pub(super) const CLAIMS: &[Claim] = &[
    Claim {
        code: "W-SOLD",
        says: &[
            "sell|sells|selling|resell|sold|rent|rents|renting|lease|trade|trades|monetise|monetize ~ {data}",
            "{data} .. is|are|be|being|get .. sold|rented|traded|monetised|leased|resold",
            "{data} ... to|for|with .. anybody|anyone|whoever|those|companies|organisations|businesses|firms|advertisers|the_highest .. pays|pay|bidder|paying",
            "{data} ... for .. money|payment|cash|profit",
            "{data} ... for|on sale",
            "paid|money|fee|commission ... for .. passing|sharing|giving|handing|selling ... {data}",
            "make|earn|raise money|income|profit|funds .. from|with|by ~ {data}",
            "make|earn|raise money|income|profit|funds .. from|with|by .. sharing|passing|giving|selling|renting|trading ~ {data}",
        ],
        with: &[&[
            "sell*|sold|rent*|trade|trades|lease|moneti*|pass*|share*|give*|hand*|disclos*|offer*|swap*|exchange*|make|earn|raise|resold|sale",
        ]],
        unless: &[
            "never|not|nobody|no_one|nothing|cannot|can't|don't|won't|nor|neither|refuse|without|anti|against|forbid*",
            "your_payment|card|take_payment|payment_details|bank|invoice*|collect_payment|rental|tickets|rent_arrears|your_rent|the_rent",
        ],
        about: &[],
        message: "data about people is no merchandise",
        help: "take the sentence out, and write `never share anything for marketing`",
    },
    Claim {
        code: "W-WHO-GETS-IT",
        says: &[
            "pass|share|give|disclose|send|provide ... as_we_see_fit|as_we_like|as_we_choose|as_we_think",
            "pass|share|give|disclose|send|provide ... partner organisations|companies|bodies|agencies|firms",
            "pass|share|give|disclose|send|provide .. ~ {data} ... whoever|whomever|anyone|anybody we|asks",
        ],
        with: &[],
        unless: &["never|not|nobody|nothing|no"],
        about: &[],
        message: "this does not say who gets it",
        help: "name each recipient with `share ... with NAME, to ...`",
    },
    Claim {
        code: "W-WHO-GETS-IT",
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
        code: "W-WHO-GETS-IT",
        says: &[
            "share|pass|give|disclose|send|provide|swap|exchange ~ {data} ... with|to|between ... organisations|companies|charities|businesses|firms|bodies|people .. we_think|we_believe|you_would|you_might|you_may|may_interest|like-minded|similar|other|selected|chosen",
            "share|pass|give|disclose|send ... with|to ... organisations|companies|charities|businesses|firms .. we_think|we_believe|you_would|you_might|that_may|which_may|like-minded",
            "swap|swaps|exchange|exchanges ~ {data} .. with|between",
            "{data} ... transferred|sent|go|goes|moved|stored|held ... countries|places .. with|that_have|which_have .. less|lower|weaker|no|different|little|poorer",
        ],
        with: &[],
        unless: &["never|not|nobody|nothing|no_one|gift*|vouchers|swap_days|contact_each_other"],
        about: &[],
        message: "this does not say who gets it",
        help: "name each recipient with `share ... with NAME, to ...`",
    },
    Claim {
        code: "W-SOURCE",
        says: &[
            "buy|buys|bought|buying|purchase|purchased|rent|rented|hire .. list|lists|data|names|addresses|contacts|leads ... broker*|brokers|companies|company|suppliers|others|elsewhere|from|in",
            "look|search|check|research|google|find .. you|people|applicants|candidates|tenants|donors|members|them|supporters ... social_media|facebook|linkedin|internet|online|instagram|twitter",
            "social_media|facebook|linkedin|instagram|twitter|internet ... to .. learn|find|see|check|research|profile|screen ... you|people|applicants|candidates|donors|supporters|wealth",
        ],
        with: &[],
        unless: &[
            "never|not|nobody|no|do_not|don't|you_can_find|find_us|follow|book*|events|if_you_ask|you_ask_us",
        ],
        about: &[],
        message: "people must hear where their data comes from, and nobody on a bought list has agreed to anything",
        help: "name the source in `from`, and write to nobody who has not agreed",
    },
    Claim {
        code: "W-PASS-ON",
        says: &[
            "for|up_to|duty_of|job_of|responsibility_of .. them|him|her|him_or_her|employer|referrer|school|client|organisation|agency|you to .. tell|inform|notify|let .. you|people|staff|them|employees|family|others|each|everybody",
            "employer|referrer|school|organisation|agency|client .. is|are .. responsible_for|in_charge_of .. telling|informing|notifying .. you|people|staff|them",
        ],
        with: &[&["tell*|inform*|notif*|let"]],
        unless: &[
            "not|never|also_tell|tell_you_ourselves|ourselves|as_well|too|if_they_want|move|change|changes",
        ],
        about: &["about you", "data", "details", "notice", "information"],
        message: "the duty to tell people stays with you",
        help: "tell them yourselves within a month",
    },
    Claim {
        code: "W-SAFEGUARD",
        says: &[
            "usa|united_states|america|india|china|abroad|overseas .. which_is|that_is|where_it_is|is|are .. safe|secure|adequate|just_as_safe|well_protected",
        ],
        with: &[&["data|details|information|records|names"]],
        unless: &["not|never|nobody|nothing|bridge|idta|addendum|clauses|regulations|certified"],
        about: &[],
        message: "that a place is safe is for the law to say",
        help: "name each processor, its place, and what protects data there",
    },
    Claim {
        code: "W-WHO-GETS-IT",
        says: &[
            "share|shared|pass|passed|give|given|disclose|disclosed|send|sent|provide ... companies|company|organisations|businesses|firms|bodies|\
             entities|charities|parts|members .. in|of|within|across|belonging .. group|family|network|federation|movement",
            "share|shared|pass|passed|give|given|disclose|disclosed|send|sent ... our|the|whole|wider|entire group|network|federation|movement $",
        ],
        with: &[&["{data}|it|them|anything|what_we"]],
        unless: &[
            "never|not|nobody|nothing|no|working_group|group_work|in_your_group|group_leader|family_members|members_of_your",
        ],
        about: &[],
        message: "this does not say who gets it",
        help: "name each recipient with `share ... with NAME, to ...`",
    },
];
