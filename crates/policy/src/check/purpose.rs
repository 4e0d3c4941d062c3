//! Purposes: whether the author's own sentence says what the purpose beside it does not.

use super::Review;
use super::wording::{found, words};
use crate::activity::{Activity, Purpose};

/// What advertises, asks for money or canvasses, as patterns of `wording`. Raising funds and furthering aims are direct
/// marketing too (DPA 2018 s.122(5)).
const ADVERTISING: &[&str] = &[
    "newsletter*|mailshot*|e-shot*|mailing_list",
    "our .. news|offers|promotions|appeals|discounts",
    "^ news by|from|for|about|and",
    "^ news|updates|offers|fundraising $",
    "regular|latest|monthly|weekly|occasional|quarterly news|updates|bulletin|bulletins|offers",
    "appeals|appeal by|for .. e-mail|email|post|letter|phone|text|gifts|money|funds|donations|help|support",
    "invit* .. to|for ... \
     open_day|open_days|open_evening*|open|event|events|fundrais*|launch|launches|talks|shows|concert|concerts|exhibition*|gala|fair|fairs|dinner*|webinar*",
    "you .. hear|see|know|learn|follow|discover|find_out .. what|how .. we|us|our_charity|the_charity|our_church|our_school \
     .. do|does|offer|offers|sell|sells|make|are_doing|are_up_to|are_planning|have_to_offer|can_do|can_offer",
    "you .. hear|hears from_us|of_us .. now_and|from_time|regularly|often|each|every|if",
    "keep*|stay* .. you .. up_to_date|interested|engaged|involved",
    "promot*|advertis*|marketing|telemarketing",
    "alumni|supporters'|members' magazine|bulletin",
    "^ appeals|vouchers|discounts|bargains $",
    "^ our|the|new|latest|upcoming|coming products|offers|events|courses|appeals $",
    "^ open_day|open_days|open_evening|open_evenings $",
    "you .. give|donate|contribute to|towards our|the work|cause|appeal|funds|charity|campaign",
    "courses|events|products|services|offers .. that|which .. may|might|could suit|interest|appeal",
    "special|exclusive offers|deals|discounts",
    "ask*|invite|inviting|encourag*|persuad*|remind*|urg* .. you|people|supporters|members|donors|them .. for|to ... \
     donat*|money|gift|gifts|legacy|legacies|sponsor|support_us|fundraise|pledge*|subscribe",
    "ask*|appeal*|appealing .. for donations|money|funds|gifts|legacies|support",
    "hear|hears|hearing|learn|learns|know|knows|read .. about|of|from .. our|other|new|future|latest|upcoming .. \
     events|products|services|courses|campaigns|appeals|offers|news|activities",
    "fundraise|fundraising|canvass*|win_your_vote|upsell|cross-sell|win_you_back",
    "raise|raising ~ funds|money|donations .. from|with you|supporters|people|donors|members",
    "sell|selling you|to_you",
    "offer|offering you .. other|more|further|our|new ... products|services|courses|goods|policies|plans",
    "tell*|inform*|write|writing|let|contact|contacting|updat*|keep|keeping .. you .. \
     about|know_about|of|informed_of|informed_about|up_to_date_with|up_to_date_on|posted_about|in_touch_about .. \
     our|other|new|future|latest|upcoming .. events|products|services|courses|campaigns|appeals|offers|news|activities|work",
];

/// And what is none.
const NO_ADVERTISING: &[&str] = &[
    "not|never|nobody|stop|stops",
    "promoted_to|promote_you|promotion_to|your_promotion|health_promotion|promote_your",
    "marketing|advertising|fundraising|promotions department*|course*|team*|agency|agencies|degree*|class*|lesson*|law|rules|standards|event|events|job*|officer*",
    "law|rules|standards of|on|about advertising|marketing|fundraising",
    "your .. marketing|advertising|fundraising|newsletter|campaign",
    "changes|change|changed to|in our|the",
    "up_to_date with|on|about|of .. your|the",
    "do|does|doing|make|offer|can_do with|about|for .. you|your|them",
    "news|updates .. of|on|about .. your|the case|application|order|claim|child|progress|case|repair|complaint|delivery|results",
];

impl Review<'_> {
    /// An activity for something else whose own sentence or title says that it advertises.
    pub(super) fn hidden_marketing(&mut self, activity: &Activity) {
        if activity.purpose == Purpose::DirectMarketing {
            return;
        }
        let channels = activity.channels.iter().filter_map(|id| self.policy.channels.get(id.index()));
        let to_many = channels.filter(|channel| channel.to_many).map(|channel| channel.title.as_str());
        let own = [activity.so_that.as_deref().unwrap_or_default(), &activity.title];
        for said in own.into_iter().chain(to_many).map(str::to_lowercase) {
            let words = words(&said, 0);
            let Some((from, to)) = found(ADVERTISING, &words) else { continue };
            if found(NO_ADVERTISING, &words).is_none() {
                let mark = said.get(from..to).unwrap_or_default();
                let message = format!("`{mark}` is marketing, and the purpose is something else");
                return self.find_in(&activity.name, "W-HIDDEN-MARKETING", activity.span, message, "");
            }
        }
    }
}
