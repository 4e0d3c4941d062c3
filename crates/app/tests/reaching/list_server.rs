//! A processor in this process that keeps one list as Mailchimp's Marketing API 3.0 is published: members by the MD5 of their address in
//! small letters, states, what cannot be undone, and the errors with their titles.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use app::acts::subscribers::member_of;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Value, json};

/// The key that it takes.
pub const KEY: &str = "0123456789abcdef-us21";

/// Somebody on the list.
#[derive(Clone, Debug)]
pub struct Member {
    pub email: String,
    pub status: String,
    pub name: String,
    /// Whether they left, bounced or complained by themselves: then no program brings them back.
    by_themselves: bool,
    changed: Timestamp,
}

#[derive(Default)]
struct State {
    members: BTreeMap<String, Member>,
    forgotten: BTreeSet<String>,
    complaints: Vec<(String, Timestamp)>,
    asked: Vec<String>,
    next: VecDeque<&'static str>,
    stuck: bool,
    odd: bool,
}

#[derive(Clone, Default)]
pub struct ListServer {
    pub port: u16,
    state: Arc<Mutex<State>>,
}

impl ListServer {
    pub fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self { port: listener.local_addr().unwrap().port(), state: Arc::default() };
        let ours = server.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let ours = ours.clone();
                std::thread::spawn(move || ours.talk(&stream));
            }
        });
        server
    }

    /// Somebody on the list, by their address.
    pub fn member(&self, email: &str) -> Option<Member> {
        self.state.lock().unwrap().members.get(&member_of(email)).cloned()
    }

    /// Everybody who gets what is sent.
    pub fn subscribed(&self) -> Vec<String> {
        let state = self.state.lock().unwrap();
        let mut all: Vec<String> = state
            .members
            .values()
            .filter(|member| member.status == "subscribed")
            .map(|member| member.email.clone())
            .collect();
        all.sort();
        all
    }

    /// Something happens there: they unsubscribe, bounce, or sign up; or somebody archives them.
    pub fn happens(&self, email: &str, status: &str) {
        let by_themselves = !["subscribed", "archived"].contains(&status);
        let (email, status, name) = (email.to_owned(), status.to_owned(), String::new());
        let member =
            Member { email: email.clone(), status, name, by_themselves, changed: app::clock::machine() };
        self.state.lock().unwrap().members.insert(member_of(&email), member);
    }

    /// They call what they got unwanted.
    pub fn complains(&self, email: &str) {
        self.state.lock().unwrap().complaints.push((member_of(email), app::clock::machine()));
    }

    /// What was asked since it was last looked at: `PUT /members/...`.
    pub fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.state.lock().unwrap().asked)
    }

    /// Whether it takes nobody, and fails.
    pub fn is_stuck(&self, stuck: bool) {
        self.state.lock().unwrap().stuck = stuck;
    }

    /// Whether it takes no change of a member, and will not stop whoever gets nothing.
    pub fn is_odd(&self, odd: bool) {
        self.state.lock().unwrap().odd = odd;
    }

    /// Answers the next request so: `429 Too Many Requests\r\nRetry-After: 900`.
    pub fn answers_next(&self, answer: &'static str) {
        self.state.lock().unwrap().next.push_back(answer);
    }

    fn talk(&self, stream: &TcpStream) -> Option<()> {
        let mut from = BufReader::new(stream);
        let mut line = String::new();
        from.read_line(&mut line).ok()?;
        let mut headers = BTreeMap::new();
        loop {
            let mut header = String::new();
            from.read_line(&mut header).ok()?;
            let Some((name, value)) = header.trim_end().split_once(':') else { break };
            headers.insert(name.to_lowercase(), value.trim().to_owned());
        }
        let mut body =
            vec![0; headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0)];
        from.read_exact(&mut body).ok()?;
        let mut words = line.split(' ');
        let (method, path) = (words.next()?, words.next()?);
        let key = STANDARD.encode(format!("probity:{KEY}"));
        let let_in = headers.get("authorization").is_some_and(|given| *given == format!("Basic {key}"));
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        let mut state = self.state.lock().unwrap();
        let (status, answer) = match (state.next.pop_front(), let_in, path.strip_prefix("/3.0/lists/a1b2")) {
            (Some(next), ..) => (next.to_owned(), json!({ "title": "Too Many Requests", "status": 429 })),
            (None, false, _) => {
                ("401 Unauthorized".to_owned(), json!({ "title": "API Key Invalid", "status": 401 }))
            }
            (None, true, Some(rest)) => {
                state.asked.push(format!("{method} {rest}"));
                state.answer(method, rest, &body)
            }
            (None, true, None) => not_found(),
        };
        drop(state);
        let text = if answer.is_null() { String::new() } else { answer.to_string() };
        let mut out = stream;
        let head =
            format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", text.len());
        out.write_all(format!("{head}{text}").as_bytes()).ok()
    }
}

fn refused(title: &str) -> (String, Value) {
    ("400 Bad Request".to_owned(), json!({ "title": title, "status": 400, "detail": "..." }))
}

fn not_found() -> (String, Value) {
    ("404 Not Found".to_owned(), json!({ "title": "Resource Not Found", "status": 404 }))
}

fn well(answer: Value) -> (String, Value) {
    ("200 OK".to_owned(), answer)
}

impl State {
    fn answer(&mut self, method: &str, path: &str, body: &Value) -> (String, Value) {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let asked: BTreeMap<&str, &str> = query.split('&').filter_map(|pair| pair.split_once('=')).collect();
        let parts: Vec<&str> = path.split('/').skip(1).collect();
        match (method, parts.as_slice()) {
            ("GET", []) => well(json!({ "id": "a1b2" })),
            ("GET", ["members"]) => well(self.list(&asked)),
            ("GET", ["abuse-reports"]) => {
                let one = |(member, at): &(String, Timestamp)| json!({ "email_id": member, "date": at.to_string() });
                let number = |name: &str| asked[name].parse::<usize>().unwrap();
                let some = self.complaints.iter().skip(number("offset")).take(number("count"));
                well(json!({ "abuse_reports": some.map(one).collect::<Vec<_>>() }))
            }
            ("GET", ["members", hash]) => match self.members.get(*hash) {
                Some(member) => well(json!({ "id": hash, "status": member.status })),
                None => not_found(),
            },
            ("PUT", ["members", hash]) => self.put(hash, body),
            ("PATCH", ["members", hash]) => match self.members.get_mut(*hash) {
                Some(member) if self.odd && member.status != "subscribed" => refused("Invalid Resource"),
                Some(member) => {
                    member.status = body["status"].as_str().unwrap().to_owned();
                    member.changed = app::clock::machine();
                    well(json!({ "id": hash, "status": member.status }))
                }
                None => not_found(),
            },
            ("POST", ["members", hash, "actions", "delete-permanent"]) => match self.members.remove(*hash) {
                Some(_) => {
                    self.forgotten.insert((*hash).to_owned());
                    ("204 No Content".to_owned(), Value::Null)
                }
                None => not_found(),
            },
            ("POST", []) => self.batch(body),
            _ => not_found(),
        }
    }

    fn list(&self, asked: &BTreeMap<&str, &str>) -> Value {
        assert_eq!(asked["fields"], "members.id,members.status", "no address is asked for");
        let since: Option<Timestamp> = asked.get("since_last_changed").map(|at| at.parse().unwrap());
        let number = |name: &str| asked[name].parse::<usize>().unwrap();
        // Whoever is archived is listed only where that is asked for.
        let of_state = |member: &Member| match asked.get("status") {
            Some(status) => member.status == *status,
            None => member.status != "archived",
        };
        let all = self
            .members
            .iter()
            .filter(|(_, member)| of_state(member) && since.is_none_or(|since| member.changed >= since));
        let some = all.skip(number("offset")).take(number("count"));
        let some = some.map(|(hash, member)| json!({ "id": hash, "status": member.status }));
        json!({ "members": some.collect::<Vec<_>>() })
    }

    fn put(&mut self, hash: &str, body: &Value) -> (String, Value) {
        if self.stuck {
            return ("503 Service Unavailable".to_owned(), Value::Null);
        }
        let email = body["email_address"].as_str().unwrap();
        if member_of(email) != hash {
            return refused("Invalid Resource");
        }
        if self.forgotten.contains(hash) {
            return refused("Forgotten Email Not Subscribed");
        }
        let name = body["merge_fields"]["FNAME"].as_str().unwrap_or_default().to_owned();
        let asked = body["status"].as_str();
        match self.members.get_mut(hash) {
            Some(known) if asked == Some("subscribed") && known.by_themselves => {
                return refused("Member In Compliance State");
            }
            Some(_) if self.odd => return refused("Invalid Resource"),
            Some(known) => {
                known.name = name;
                known.status = asked.unwrap_or(&known.status).to_owned();
            }
            None => {
                let status = asked.or(body["status_if_new"].as_str()).unwrap().to_owned();
                let changed = app::clock::machine();
                let new = Member { email: email.to_owned(), status, name, by_themselves: false, changed };
                self.members.insert(hash.to_owned(), new);
            }
        }
        well(json!({ "id": hash, "status": self.members[hash].status }))
    }

    fn batch(&mut self, body: &Value) -> (String, Value) {
        assert_eq!(body["update_existing"], false);
        let mut errors = Vec::new();
        for member in body["members"].as_array().unwrap() {
            let email = member["email_address"].as_str().unwrap();
            let hash = member_of(email);
            if self.members.contains_key(&hash) || self.forgotten.contains(&hash) {
                errors.push(json!({ "email_address": email, "error_code": "ERROR_CONTACT_EXISTS" }));
            } else {
                self.put(&hash, member);
            }
        }
        well(json!({ "errors": errors, "error_count": errors.len() }))
    }
}
