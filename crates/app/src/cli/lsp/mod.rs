//! `probity lsp`: the language server. Reads what an editor has open and answers; writes no file, asks no instance.

mod answer;
mod house;
mod wire;

use std::io::{BufReader, Write};
use std::process::ExitCode;

use jiff::civil::Date;
use serde_json::{Value, json};

use super::Outcome;
use house::House;

/// What `lsp` takes.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Speak on standard input and output: the only way there is, and what many editors say.
    #[arg(long)]
    stdio: bool,
    /// The day to look from: a finding accepted until an earlier one counts again.
    #[arg(long)]
    today: Option<Date>,
}

/// JSON-RPC's numbers for what went wrong.
const NOT_JSON: i64 = -32700;
const NOT_A_REQUEST: i64 = -32600;
const NO_SUCH_METHOD: i64 = -32601;

/// Serves one editor until it says `exit` or hangs up.
///
/// # Errors
/// If standard input or output breaks.
pub fn run(args: &Args) -> Outcome {
    let mut input = BufReader::new(std::io::stdin().lock());
    let mut output = std::io::stdout().lock();
    let mut server =
        Server { house: House::new(args.today.unwrap_or_else(crate::clock::today_here)), ended: false };
    while let Some(body) = wire::read(&mut input)? {
        let Ok(message) = serde_json::from_slice::<Value>(&body) else {
            wire::write(&mut output, &failed(&Value::Null, NOT_JSON, "this is not JSON"))?;
            continue;
        };
        if message.get("method").and_then(Value::as_str) == Some("exit") {
            return Ok(if server.ended { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        for reply in server.take(&message) {
            wire::write(&mut output, &reply)?;
        }
        output.flush()?;
    }
    Ok(ExitCode::FAILURE)
}

struct Server {
    house: House,
    /// Whether the editor has said `shutdown`.
    ended: bool,
}

impl Server {
    /// What one message from the editor brings about: at most one answer, and findings for the files it touched.
    fn take(&mut self, message: &Value) -> Vec<Value> {
        let method = message.get("method").and_then(Value::as_str).unwrap_or_default();
        let params = message.get("params").unwrap_or(&Value::Null);
        let Some(id) = message.get("id") else {
            return self.house.told(method, params);
        };
        if self.ended {
            return vec![failed(id, NOT_A_REQUEST, "the server was shut down")];
        }
        let result = match method {
            "initialize" => abilities(),
            "shutdown" => {
                self.ended = true;
                Value::Null
            }
            "textDocument/completion" => answer::completion(&self.house, params),
            "textDocument/hover" => answer::hover(&self.house, params),
            "textDocument/definition" => answer::definition(&self.house, params),
            "textDocument/codeAction" => answer::actions(&self.house, params),
            "textDocument/formatting" => answer::formatting(&self.house, params),
            // An answer to something we asked; we ask nothing.
            "" => return Vec::new(),
            other => return vec![failed(id, NO_SUCH_METHOD, &format!("`{other}` is not served"))],
        };
        vec![json!({ "jsonrpc": "2.0", "id": id, "result": result })]
    }
}

fn failed(id: &Value, code: i64, message: &str) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "error": { "code": code, "message": message } })
}

/// What this server can do, as `initialize` answers it. Whole texts are sent with each change: policies are short.
fn abilities() -> Value {
    json!({
        "capabilities": {
            "positionEncoding": "utf-16",
            "textDocumentSync": { "openClose": true, "change": 1, "save": true },
            "completionProvider": { "triggerCharacters": [" ", ","] },
            "hoverProvider": true,
            "definitionProvider": true,
            "documentFormattingProvider": true,
            "codeActionProvider": { "codeActionKinds": ["quickfix"] },
        },
        "serverInfo": { "name": "probity", "version": env!("CARGO_PKG_VERSION") },
    })
}
