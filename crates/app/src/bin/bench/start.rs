//! A start: the real program on what was seeded, from its first instruction to its first answer.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use app::cli::Failure;

use super::http::{Asked, drive};
use super::measure::{Row, Target, median, since};
use super::seed::{SECRET, Seeded};

/// How often it is started.
const STARTS: usize = 5;
/// After this long it does not start.
const PATIENCE: Duration = Duration::from_secs(30);

/// Starts the server and asks whether it is there, and says what it takes idle.
pub fn start(seeded: &Seeded) -> Result<Vec<Row>, Failure> {
    let program = std::env::current_exe()?.with_file_name("probity");
    if !program.exists() {
        return Err(Failure("build the program too: cargo build --release".to_owned()));
    }
    let (mut took, mut idle) = (Vec::new(), Vec::new());
    for _ in 0..seeded.times(STARTS) {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let mut command = Command::new(&program);
        command.arg("serve").arg("--data").arg(&seeded.data).arg("--listen").arg(address.to_string());
        if let Some(url) = &seeded.url {
            command.arg("--database").arg(url);
        }
        command.env("PROBITY_KEY", SECRET).stdout(Stdio::null()).stderr(Stdio::null());
        let began = Instant::now();
        let mut server = command.spawn()?;
        let answered = answers(address, &mut server, began);
        took.push(since(began));
        idle.push(resident(&server));
        server.kill()?;
        server.wait()?;
        answered?;
    }
    Ok(vec![
        Row::held("start, to the first answer", median(&took), "ms", None, Target::Most(300.0)),
        Row::plain("memory of a server just started", median(&idle), "MiB"),
    ])
}

fn answers(address: SocketAddr, server: &mut Child, began: Instant) -> Result<(), Failure> {
    while TcpStream::connect(address).is_err() {
        if let Some(ended) = server.try_wait()? {
            return Err(Failure(format!("the server ended: {ended}")));
        }
        if began.elapsed() > PATIENCE {
            return Err(Failure("the server does not start".to_owned()));
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    drive(address, "", 1, 1, |_, _| Asked::get("/healthz".to_owned())).map(drop)
}

/// What a process holds, in MiB.
fn resident(server: &Child) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap_or_default();
    super::measure::kept_about(&status, "VmRSS")
}
