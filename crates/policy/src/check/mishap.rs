//! Mistakes: when the regulator's clock starts, and whether anything could be restored.

use super::Review;

impl Review<'_> {
    pub(super) fn mishaps(&mut self) {
        let policy = self.policy;
        if let Some(incidents) = &policy.incidents {
            if let Some(from) = &incidents.counted_from {
                let message = format!("the hours run from becoming aware, not from {from}");
                self.find_in("incidents", "E-BREACH-START", incidents.span, message, "");
            }
            if !incidents.regulator_said {
                let message = "nothing is said about telling the regulator within 72 hours";
                self.find_in("incidents", "W-BREACH-CLOCK", incidents.span, message, "");
            }
        }
        if policy.backups.is_none() {
            let message = "nothing is said about backups";
            self.find_in("backups", "W-NO-BACKUPS", self.head("version"), message, "");
        }
    }
}
