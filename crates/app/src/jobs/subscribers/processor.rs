//! Speaking to a processor of the shape of Mailchimp's Marketing API 3.0: members of one list, by what their addresses are called there. It
//! asks for numbers and states, never for an address, and follows nothing.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use store::keys::private_text;
use ureq::Agent;
use zeroize::Zeroizing;

use crate::acts::subscribers::{Ready, Says};
use crate::config::Synced;
use crate::outward;

/// How many members one answer lists.
pub const PAGE: usize = 500;

/// How long is waited where a processor is busy and does not say.
const BUSY: SignedDuration = SignedDuration::from_secs(60);

/// Why something was not done there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Failed {
    /// It wants to be left alone for so long.
    Busy(SignedDuration),
    /// It does not want this, with the status and the title it gives.
    Refused(u16, String),
    /// It cannot be reached, or fails.
    Away(String),
}

impl Failed {
    /// In words, for whoever set it up: never an address.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Busy(_) => "it is busy, and is asked again later".to_owned(),
            Self::Refused(401 | 403, _) => {
                "it does not take the key: look into the file that `key_file` names".to_owned()
            }
            Self::Refused(404, _) => "there is no such list there: look at `list` in probity.toml".to_owned(),
            Self::Refused(status, title) => format!("it refused ({status}, {title})"),
            Self::Away(why) => why.clone(),
        }
    }
}

/// A list there.
pub struct Processor {
    agent: Agent,
    list: String,
    authorization: Zeroizing<String>,
}

impl Processor {
    /// A list at the processor that is configured.
    ///
    /// # Errors
    /// With what is wrong with its address or its key, in words.
    pub fn of(synced: &Synced, list: &str, allowed: &[String]) -> Result<Self, String> {
        outward::check(&synced.endpoint, allowed)?;
        let key = private_text(&synced.key_file).map_err(|error| error.to_string())?;
        let key = Zeroizing::new(format!("probity:{}", key.trim()));
        Ok(Self {
            agent: outward::agent(allowed),
            list: format!("{}/3.0/lists/{}", synced.endpoint.trim_end_matches('/'), list),
            authorization: Zeroizing::new(format!("Basic {}", STANDARD.encode(key.as_bytes()))),
        })
    }

    fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, Failed> {
        let url = format!("{}{path}", self.list);
        let headers = [("authorization", self.authorization.as_str())];
        let text = body.map(Value::to_string);
        let (answered, bytes) =
            outward::ask(&self.agent, (method, &url), &headers, text.as_deref()).map_err(Failed::Away)?;
        let said: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        match answered.status {
            200..=299 => Ok(said),
            429 => Err(Failed::Busy(answered.wait.unwrap_or(BUSY).max(BUSY))),
            500..=599 => Err(Failed::Away(format!("it failed ({})", answered.status))),
            status => {
                let title = said.get("title").and_then(Value::as_str).unwrap_or_default();
                let title: String = title.chars().filter(|letter| !letter.is_control()).take(100).collect();
                Err(Failed::Refused(status, title))
            }
        }
    }

    /// Puts somebody onto the list, or says what has changed. Where they are on it already, this changes nothing of whether they
    /// get what is sent, unless it is to go on after we stopped it. What they are there now.
    ///
    /// # Errors
    /// As it answers.
    pub fn put(&self, one: &Ready) -> Result<Option<Says>, Failed> {
        let mut body = of(one);
        let field = if one.back { "status" } else { "status_if_new" };
        body.insert(field.to_owned(), "subscribed".into());
        let said = self.call("PUT", &format!("/members/{}", one.member), Some(&Value::Object(body)))?;
        Ok(said.get("status").and_then(Value::as_str).and_then(says))
    }

    /// Puts new people onto the list at once; those whom it did not take, by address in small letters.
    ///
    /// # Errors
    /// As it answers.
    pub fn add(&self, new: &[Ready]) -> Result<Vec<String>, Failed> {
        let members: Vec<Value> = new
            .iter()
            .map(|one| {
                let mut body = of(one);
                body.insert("status".to_owned(), "subscribed".into());
                Value::Object(body)
            })
            .collect();
        let said = self.call("POST", "", Some(&json!({ "members": members, "update_existing": false })))?;
        let errors = said.get("errors").and_then(Value::as_array).cloned().unwrap_or_default();
        let address = |error: &Value| Some(error.get("email_address")?.as_str()?.to_lowercase());
        Ok(errors.iter().filter_map(address).collect())
    }

    /// What somebody is there; nothing if they are not.
    ///
    /// # Errors
    /// As it answers.
    pub fn state(&self, member: &str) -> Result<Option<Says>, Failed> {
        match self.call("GET", &format!("/members/{member}?fields=id,status"), None) {
            Ok(said) => Ok(said.get("status").and_then(Value::as_str).and_then(says)),
            Err(Failed::Refused(404, _)) => Ok(None),
            Err(failed) => Err(failed),
        }
    }

    /// Stops what is sent to somebody.
    ///
    /// # Errors
    /// As it answers. That they are not there is none.
    pub fn stop(&self, member: &str) -> Result<(), Failed> {
        let body = json!({ "status": "unsubscribed" });
        self.missing_is_done(self.call("PATCH", &format!("/members/{member}"), Some(&body)))
    }

    /// Takes somebody away for good.
    ///
    /// # Errors
    /// As it answers. That they are not there is none.
    pub fn take_away(&self, member: &str) -> Result<(), Failed> {
        self.missing_is_done(self.call("POST", &format!("/members/{member}/actions/delete-permanent"), None))
    }

    /// Takes it for done that a member is not there, if the list is: of a list that is named wrongly nobody was taken away.
    fn missing_is_done(&self, answer: Result<Value, Failed>) -> Result<(), Failed> {
        match answer {
            Ok(_) | Err(Failed::Refused(405, _)) => Ok(()),
            Err(Failed::Refused(404, _)) => self.call("GET", "?fields=id", None).map(drop),
            Err(failed) => Err(failed),
        }
    }

    /// A page of the members that changed since an instant, and whether there are more; with `which` of one state only.
    ///
    /// # Errors
    /// As it answers.
    pub fn changed(
        &self,
        since: Option<Timestamp>,
        from: usize,
        which: &str,
    ) -> Result<(Vec<(String, Says)>, bool), Failed> {
        let since = since.map_or_else(String::new, |since| {
            format!("&since_last_changed={}", since.strftime("%Y-%m-%dT%H:%M:%SZ"))
        });
        let path =
            format!("/members?fields=members.id,members.status&count={PAGE}&offset={from}{since}{which}");
        let said = self.call("GET", &path, None)?;
        let all = said.get("members").and_then(Value::as_array).cloned().unwrap_or_default();
        let one = |member: &Value| {
            let status = member.get("status").and_then(Value::as_str).and_then(says)?;
            Some((member.get("id")?.as_str()?.to_owned(), status))
        };
        Ok((all.iter().filter_map(one).collect(), all.len() == PAGE))
    }

    /// Of a page of those who called what they got unwanted, who did since an instant, and whether there are more.
    ///
    /// # Errors
    /// As it answers.
    pub fn complaints(
        &self,
        since: Option<Timestamp>,
        from: usize,
    ) -> Result<(Vec<(String, Says)>, bool), Failed> {
        let fields = "abuse_reports.email_id,abuse_reports.date";
        let path = format!("/abuse-reports?fields={fields}&count={PAGE}&offset={from}");
        let said = self.call("GET", &path, None)?;
        let all = said.get("abuse_reports").and_then(Value::as_array).cloned().unwrap_or_default();
        let is_new = |one: &&Value| {
            let at = one.get("date").and_then(Value::as_str).and_then(|at| at.parse::<Timestamp>().ok());
            since.is_none() || at.is_none_or(|at| since.is_some_and(|since| at >= since))
        };
        let member = |one: &Value| Some((one.get("email_id")?.as_str()?.to_owned(), Says::Complained));
        Ok((all.iter().filter(is_new).filter_map(member).collect(), all.len() == PAGE))
    }
}

fn of(one: &Ready) -> serde_json::Map<String, Value> {
    let mut body = serde_json::Map::new();
    body.insert("email_address".to_owned(), one.email.clone().into());
    if !one.name.is_empty() {
        body.insert("merge_fields".to_owned(), json!({ "FNAME": one.name }));
    }
    body
}

/// A state there, as it is meant here. Whoever was archived gets nothing any more.
fn says(status: &str) -> Option<Says> {
    match status {
        "subscribed" => Some(Says::Subscribed),
        "unsubscribed" => Some(Says::Unsubscribed),
        "archived" => Some(Says::TakenOff),
        "cleaned" => Some(Says::Cleaned),
        _ => None,
    }
}
