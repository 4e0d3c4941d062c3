//! A preference register of two million numbers: read and loaded in a process of its own, so that its memory can
//! be told from everything else's.

use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::path::Path;
use std::process::{Command, ExitCode};

use app::cli::{Failure, say};
use jiff::Timestamp;
use policy::count::grouped;
use store::keys::Secret;
use store::{Keys, Store, register as registers};

use super::measure::{Row, Target, memory, per_second, timed};
use super::names::Chance;
use super::seed::{Seeded, TODAY};

/// Numbers in the file.
const NUMBERS: usize = 2_000_000;
/// Numbers looked up afterwards.
const LOOKED_UP: usize = 2_000;

/// Loads a register file in a child process.
pub fn register(seeded: &Seeded) -> Result<Vec<Row>, Failure> {
    let path = seeded.dir.join("register.txt");
    let mut file = BufWriter::new(File::create(&path)?);
    let mut chance = Chance::of(0x0d44_0000);
    let numbers = seeded.times(NUMBERS);
    for _ in 0..numbers {
        writeln!(file, "01{:09}", chance.below(999_999_999))?;
    }
    file.flush()?;
    drop(file);
    let child = Command::new(std::env::current_exe()?).arg("--load-register").arg(&path).output()?;
    let said: serde_json::Value = serde_json::from_slice(&child.stdout)
        .map_err(|error| Failure(format!("{error}: {}", String::from_utf8_lossy(&child.stderr))))?;
    std::fs::remove_file(&path)?;
    let figure = |name: &str| said.get(name).and_then(serde_json::Value::as_f64).unwrap_or(f64::NAN);
    let name = format!("register of {} numbers", grouped(numbers as u64));
    Ok(vec![
        Row::plain(format!("{name}, read"), figure("read"), "ms"),
        Row::plain(format!("{name}, stored"), figure("stored"), "ms"),
        Row::held("register, memory at its highest", figure("memory"), "MiB", None, Target::Most(64.0)),
        Row::plain("register, one number looked up", figure("looked_up"), "ms"),
    ])
}

/// The child: reads and loads the file beside which it makes an instance of its own.
pub fn load(path: &Path) -> Result<ExitCode, Failure> {
    let data = path.with_extension("data");
    std::fs::create_dir(&data)?;
    let secret = Secret::random()?;
    let store = Store::create(&data, None, Keys::create(&data, &secret)?)?;
    let now = Timestamp::UNIX_EPOCH;
    let (read, numbers) = timed(|| Ok(registers::read(BufReader::new(File::open(path)?))?))?;
    let (stored, _) =
        timed(|| Ok(store.write(|tx| registers::load(tx, "tps", TODAY, &numbers, None, now))?))?;
    let (looked_up, _) = timed(|| {
        let mut chance = Chance::of(7);
        for _ in 0..LOOKED_UP {
            let number = format!("+441{:09}", chance.below(999_999_999));
            store.read(|tx| registers::listed(tx, "tps", &number))?;
        }
        Ok(())
    })?;
    say(serde_json::json!({
        "read": read, "stored": stored, "looked_up": 1e3 / per_second(LOOKED_UP, looked_up), "memory": memory("VmHWM"),
    }));
    std::fs::remove_dir_all(&data)?;
    Ok(ExitCode::SUCCESS)
}
