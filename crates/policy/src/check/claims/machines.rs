//! What machines do: decide about people, and set or read something on their devices.

use super::Claim;

pub(super) const CLAIMS: &[Claim] = &[
    Claim {
        code: "W-MACHINE",
        says: &[
            "automatically|automatic ... reject*|refus*|turn_down|turns_down|turned_down|decline*|score*|rank*|select*|choose*|decide*|exclud*|disqualif*",
            "scored|ranked|rejected|refused|decided|selected|chosen|taken|made|declined|sorted ... automatically",
            "automated|automatic .. decision*|decision-making|decisions",
            "{machine} ... decides|decide|chooses|choose|rejects|reject|refuses|refuse|selects|select|scores|score|ranks|rank|screens|screen|sets|set ... who|whether|which|what|you|applicants|applications|candidates|people|cvs|cv|how_much|price|tenants",
            "decided|scored|set|chosen|selected|sorted|ranked|rejected|refused|filtered|screened|determined|made|taken ... by|using|through|with .. {machine}",
            "decisions|decision .. are|is|will_be .. automated|automatic",
        ],
        with: &[],
        unless: &[
            "not|never|neither|no .. decision*|decision-making|decide*|choose*|reject*|refuse*|score*|rank*|select*|machine|computer|software|algorithm*",
            "nobody .. decided|chosen|scored|ranked|rejected|refused|is|has",
            "person|people_look|human|somebody|someone|staff|looked_at|check_each|review*|ask_for|contest|challenge",
            "operating_system|filing_system|decide_ourselves|when_to_send|backup*|spam|virus*|direct_debit|payment*|reminder*|acknowledged|logs|log|updates|doors|lights|course*|teach*",
        ],
        about: &[],
        message: "a machine decides, and the sentence offers nobody who looks",
        help: "say `you can ask a person to look at it, tell us what you think, and contest it`",
    },
    Claim {
        code: "W-TRACKED",
        says: &[
            "track|tracks|see|measure|record|monitor|log|know|learn .. whether|if|when|who|which ... open|opens|opened|read|click|clicked|clicks ... e-mail*|email*|newsletter*|message*|link*|mailing*",
            "tracking_pixel|tracking_pixels|web_beacon|web_beacons|web_bugs|spy_pixels",
            "cookies .. are|is .. set|placed|stored|dropped .. when|as_soon_as|once|before|automatically",
            "set|place|store|drop ~ cookies .. when|as_soon_as|once",
            "set|place|store|drop|use .. cookies ... block|disable|turn|refuse|switch|delete|opt_out|settings|continue|carry_on|stay",
            "{puts} ... {tracker} ... device*|computer|phone|browser|arrive|visit*|open|opens|load|loads|page|pages|first_time|automatically|default",
            "{tracker} ... {put} ... device*|computer|phone|browser|arrive|visit*|open|opens|load|loads|page|pages|first_time|automatically|until|default",
            "by_default ... {tracker}",
            "use|uses ... {tracker} ... follow|across|profile|recognise|target",
            "newsletter*|e-mail*|email*|message*|mailing* ... tell|tells|show|shows ... who|when|whether ... open|opens|opened|read|click|clicked",
            "invisible|hidden .. picture|image|pixel",
            "fingerprint .. browser|device|computer",
            "measure*|count|counts|track|tracks ... clicks|opens|openings ... mailing*|newsletter*|e-mail*|email*",
            "analytics ... set|use*|track*|cookie* ... unless|block|opt_out|settings",
        ],
        with: &[],
        unless: &[
            "not|never|no|nothing|nobody|without",
            "only_if|only_after|only_when|ask_you|ask_first|you_agree|your_consent|say_yes|yes|necessary|need_to_work|sign_in|log_in|needed",
        ],
        about: &[],
        message: "nothing is stored or read on somebody's device before they agree",
        help: "say `only if you say yes`, or name that it is needed for what they asked for",
    },
    Claim {
        code: "W-TRACKED",
        says: &[
            "switch_off|turn_off|block|disable|refuse|reject|delete ... cookies ... browser",
            "change|adjust|use|alter ~ settings ... browser",
        ],
        with: &[],
        unless: &[
            "no_cookies|without|only_if|only_after|only_when|say_yes|agree|sign|signed|need|needs|necessary|ask_you",
        ],
        about: &["cookie"],
        message: "that a browser can refuse it is no consent",
        help: "say `only if you say yes`, or name that it is needed for what they asked for",
    },
    Claim {
        code: "W-TRACKED",
        says: &[
            "use|uses|set|sets|place|places .. analytics|tracking|advertising|marketing|performance|targeting|third-party|social ~ cookies|cookie",
        ],
        with: &[],
        unless: &[
            "not|never|no|nothing|nobody|without",
            "only_if|only_after|only_when|ask_you|ask_first|you_agree|your_consent|say_yes|say_no|object|refuse|opt_out|if_you_let",
        ],
        about: &[],
        message: "nothing is stored or read on somebody's device before they agree",
        help: "say `only if you say yes`, or name that it is needed for what they asked for",
    },
];
