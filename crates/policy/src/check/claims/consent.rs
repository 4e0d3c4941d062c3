//! Consent that is none, and the basis that is left open.

use super::Claim;

pub(super) const CLAIMS: &[Claim] = &[
    Claim {
        code: "W-IMPLIED",
        says: &[
            "implied|implicit|tacit|presumed|assumed|deemed|passive|inferred|negative|opt-out consent|agreement|permission",
            "consent|permission|agreement .. is|are|be|being|was|counts_as .. implied|implicit|assumed|presumed|inferred|deemed|understood|tacit",
            "imply|implies|infer|presume|presumes|assume|assumes|take|takes|treat|treats|read|regard|understand|count|counts ... consent|consents|agree|agrees|agreed|permission|happy",
            "means|mean|shows|show that_you|that_they|you|they .. consent|agree",
            "by|when|if ... attending|attend|booking|book|coming|come|joining|join|buying|buy|ordering|order|paying|pay|staying|stay|using|use|calling|call|contacting|contact|enrolling|enrol|donating|donate ... you|they .. consent|give_your_consent|give_us_permission|agree_to_us|agree_to_our_using|agree_to_be",
            "attending|booking|coming|joining|buying|ordering|paying|staying|using|calling|enrolling|donating|signing_up|registering ... counts_as|is_taken_as|amounts_to|means|constitutes|is_treated_as ... consent|agreement|permission|agree",
            "silence|no_reply|no_answer|no_objection|not_replying|not_answering|doing_nothing ... consent|agreement|permission|yes|agree",
            "not|don't .. reply|answer|respond|object|say|tell|hear ... assume|take|treat|presume|consider|regard ... consent|agree|agreed|permission|happy|yes",
        ],
        with: &[],
        unless: &[
            "never|nobody|no_one",
            "not|cannot|can't|don't|doesn't|isn't rely|be_taken|take|treat|assume|presume|count|infer|imply|mean|means|enough|valid|consent|read|regard|agree|agreement|permission|use|ask",
            "no .. implied|implicit|tacit|assumed|presumed|opt-out",
            "is|are no consent|agreement|permission",
            "take|takes .. back",
            "take .. care|away|along",
            "in_silence|only_if_you|only_when_you|ask_you|ask_for|asked_for|you_have_given|signed",
            "contract|terms|agreed_with|our_agreement|an_agreement|the_agreement|read_and_agree|have_read",
        ],
        about: &[],
        message: "nobody consents by doing something else, or nothing",
        help: "ask, and record a clear yes",
    },
    Claim {
        code: "W-IMPLIED",
        says: &[
            "untick|un-tick|uncheck .. box|boxes",
            "tick .. box|here|below ... if|unless you .. not .. want|wish",
        ],
        with: &[],
        unless: &["never|no_box|not_have_to|need_not|no_need"],
        about: &[],
        message: "nobody consents by doing something else, or nothing",
        help: "ask, and record a clear yes",
    },
    Claim {
        code: "W-IMPLIED",
        says: &[
            "use|uses|hold|holds|keep|keeps|share|shares|process|may ... because|since|as you .. gave|give|provided|sent|supplied|handed .. it|them|us|this",
        ],
        with: &[],
        unless: &["never|not|contract|asked|agreed|consent|order*"],
        about: &[],
        message: "nobody consents by doing something else, or nothing",
        help: "name the basis: consent asked for, a contract, a law, or an interest that was weighed",
    },
    Claim {
        code: "W-AGREE",
        says: &[
            "consent|consents|agree|agrees|agreed ~ to ~ privacy policy|notice|statement",
            "consent|consents|agree|agrees ~ to|with ~ policy|notice",
            "accept|accepts|accepted ~ privacy policy|notice|statement",
            "accept|accepts ~ notice",
            "read ... privacy|notice ... consent|consents|agree|agrees|accept|accepts",
        ],
        with: &[],
        unless: &["not|never|nobody|no_one|need|don't|nothing"],
        about: &["privacy", "notice", "this policy"],
        message: "nobody has to agree to a notice",
        help: "ask for each consent apart, and let people read the notice",
    },
    Claim {
        code: "W-IMPLIED",
        says: &[
            "as .. member|customer|client|supporter|donor|parent|tenant|volunteer|subscriber|user|patient ... you|they .. have_agreed|agree|agreed|consent|have_consented|are_happy|accept|are_deemed",
            "send|call|phone|text|e-mail|contact|write|share|use|film|photograph ... unless .. you|they .. tick|untick|opt_out|say_no|tell_us_not|ask_us_not|object",
            "by signing|applying|registering|enrolling ... you|i ... consent|agree ... data|details|processing|information|photographs|newsletter|marketing",
            "application|enrolment|membership|purchase|order|donation|attendance|visit .. is|are|counts|will_be .. taken|treated|regarded|seen|understood .. as .. consent|agreement",
            "happy .. to_hear|to_receive|for_us ... unless",
        ],
        with: &[],
        unless: &[
            "never|nobody|not_only|no_consent|is_no|asked_you|ask_you|we_ask|only_if|only_when|only_with|need_not",
            "not|cannot|can't|don't|doesn't .. send|call|phone|text|contact|write|share|use|film|agree|consent|take|count|mean|treat",
            "contract|terms|rules|constitution|code_of_conduct|fee|price|arrears|rent",
            "urgent|emergency|danger|law|police|your_order|your_booking|appointment*|invoice*|receipt*",
        ],
        about: &[],
        message: "nobody consents by doing something else, or nothing",
        help: "ask, and record a clear yes",
    },
    Claim {
        code: "W-TIED",
        says: &[
            "consent|agreement|agreeing ... is|are .. condition|requirement|required|compulsory|mandatory|necessary|needed ... membership|service|services|place|places|job|employment|help|support|course|tenancy|contract|account|attendance|joining|booking|treatment|using",
            "consent|agreement ... is_a|are_a|as_a condition_of|requirement_for|requirement_of",
            "depends|depend|hangs|dependent|conditional .. on|upon ... accepting|taking|agreeing|consenting|subscribing|signing_up ... {extras}",
            "{extras} ... as_a|is_a|are_a condition|requirement ~ of|for membership|service|services|place|places|support|help|account|booking",
            "without ... consent .. we|you .. cannot|can't|will_not|won't|may_not|do_not .. help|serve|join|attend|take|offer|accept|admit|house|teach|train|work",
            "{must} .. consent|agree ... marketing|newsletter|news|photographs|sharing|publicity ... to .. join|attend|book|use|enrol|get|become",
            "only .. help|serve|accept|admit|take|teach|house ... if|who .. consent|consents|agree|agrees ... marketing|newsletter|data|photographs|sharing",
            "if|when|unless|should|where|whoever|without|who ... not|refuse*|no|withhold*|say_no|unwilling|without .. consent|agree|agreement|\
             permission|to|opt .. to|in_to|for ... {extras} ... cannot|can't|will_not|won't|may_not|unable|not|no|lose|end|ends|stop ... \
             provide|offer|serve|service|services|help|join|become|member*|place|places|course*|account|continue|accept|support|house|teach|\
             work_for|deal",
            "no|without consent*|agreement|permission ... {extras} ... no service|place|help|membership|account|support|course",
            "to ~ use|join|enter|attend|book|get|become|enrol|register ... {must} .. agree|consent|opt|accept ... {extras}",
            "not|refuse* .. agree|consent|allow|let ... photographed|filmed|recorded|contacted ... cannot|can't|will_not|may_not|not ... \
             take_part|join|attend|come|enrol|member*|place",
            "place|places|membership|service|help|support|job|account|contract|tenancy .. depends|depend|hangs|hang|hinges|conditional .. \
             on|upon ... consent*|agree* ... {extras}",
            "unless .. you|they|people|somebody|members|whoever .. consent*|agree*|opt|sign ... {extras} ... cannot|can't|will_not|won't|not|\
             no|unable ... provide|offer|serve|service|services|help|join|become|member*|place|places|account|support|house|teach|work_for|deal",
            "refus*|not .. to|consent|agree|allow|let|have ... {extras} ... membership|account|place|service|contract|help|support .. ends|end|\
             stops|lapses|is_closed|is_cancelled|is_lost|is_over",
            "cannot|can't|will_not|won't|not|no|unable|nobody|only ... provide|offer|serve|service|services|help|join|become|member|membership|\
             place|places|account|support|house|teach|work_for ... if|unless|until|without|who ... consent*|agree*|permission|opt|refuse* ... \
             {extras}",
        ],
        with: &[],
        unless: &[
            "not|never|no .. condition|requirement|required|compulsory|need|have",
            "is|are no condition",
            "never|nobody_loses|nothing",
            "not .. lose|affect|affects|change|changes|matter|matters|cost|suffer|stop|prevent|mind|less",
            "all_the_same|anyway|same_help|same_service|still .. help|serve|join|come|get",
            "research|trial|study|clinical|operation|surgery",
        ],
        about: &[],
        message: "consent that is the price of something else is not free",
        help: "ask for it apart, and let nothing hang on it; what the service itself needs rests on the contract",
    },
    Claim {
        code: "W-CHILDREN",
        says: &[
            "children|child|pupils|pupil|young_people|minors|anybody|anyone|somebody ... over|from|aged|above .. five|six|seven|eight|nine|ten|eleven|twelve|5|6|7|8|9|10|11|12 ... consent|agree|sign_up|give_consent",
            "parental|parent's|parents'|guardian's consent|permission|agreement ... under|below .. 14|14s|15|15s|16|16s|17|17s|18|18s|fourteen|fifteen|sixteen|seventeen|eighteen",
            "parental|parent's|parents'|guardian's consent|permission|agreement ... under-14s|under-15s|under-16s|under-17s|under-18s",
            "parents|parent|guardian|guardians .. consent|agree|decide ... until|up_to ... 17|18|19|21|seventeen|eighteen|nineteen|twenty-one",
            "children|child|pupils|young_people|under-18s ... not|no|cannot|never|may_not ... consent|ask|request*|rights|right|object ... themselves|own|until|under",
        ],
        with: &[&["consent*|permission|agree*|rights|right|request*|ask|object|decide"]],
        unless: &[
            "photo*|film*|sport*|club*|camp*|trip*|vaccin*|medical_treatment|activity|activities|swim*|outing*|we_never|nobody",
        ],
        about: &[],
        message: "a child of 13 may agree to an online service, a younger one may not, and any child who understands has rights of their own",
        help: "say `under 13 we ask a parent; whoever is old enough to understand may ask and decide themselves`",
    },
    Claim {
        code: "W-IMPLIED",
        says: &[
            "opted|enrolled|added|signed_up|subscribed|entered|put ... {extras}|mailing_list|list .. automatically|by_default|at_once|unless|when_you|\
             if_you_buy|if_you_join",
            "automatically|by_default .. opted|added|subscribed|enrolled|signed|sign|add|subscribe|put|get|receive ... \
             {extras}|mailing_list|list",
        ],
        with: &[&["newsletter*|marketing|news|mailing*|offers|list|e-mails|emails|adverts|appeals"]],
        unless: &[
            "not|never|nobody|no_one|nothing",
            "agree|agreed|ask_you|asked|say_yes|said_yes|tick|consent|waiting_list|price_list|team_list|reading_list|guest_list|kit_list",
        ],
        about: &[],
        message: "nobody consents by doing something else, or nothing",
        help: "ask, and record a clear yes",
    },
    Claim {
        code: "W-WAIVER",
        says: &[
            "withdraw*|take_back|revoke ... within|inside|in|during ... {days} .. only|alone",
            "not .. possible|allowed|permitted .. to .. withdraw|revoke|take_back ~ consent|permission",
            "withdraw*|take_back|revoke ~ consent|permission .. only|solely .. within|inside|in|during ... {days}",
            "consent|permission .. is|are|remains|becomes|stays final|binding|irreversible|permanent|irrevocable|for_good|for_ever",
            "can_not|cannot|can't|may_not|must_not|unable_to|no_right_to|not_able_to|not_entitled_to|not_free_to .. \
             withdraw|revoke|take_back|undo|retract|cancel ~ consent|permission|agreement_to",
        ],
        with: &[],
        unless: &["never|nobody|we_cannot|we_can't|contract*|loan|ticket*|booking*|not_final|not_binding"],
        about: &["consent", "permission", "agree"],
        message: "nobody can sign this away",
        help: "take the sentence out",
    },
];
