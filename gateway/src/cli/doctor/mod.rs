//! `schoolgate doctor`: looks at everything that a working gateway stands on, each with
//! its remedy.

mod certificate;
mod routes;

use std::net::ToSocketAddrs;
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use clap::Args;
use schoolgate_policies::RosterState;
use serde::Serialize;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::failure::{Failure, finish};
use super::options::{Common, runtime};
use super::print::{print_json, table};
use crate::audit::Actor;
use crate::clock::{Clock, show};
use crate::config::{self, Settings};
use crate::delivery::NextHops;
use crate::inspect::{Ocr, Program};
use crate::installation::Installation;
use crate::keys::Master;
use crate::registers::{Register, ending_soon};

/// What `doctor` takes.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    #[command(flatten)]
    common: Common,
}

/// Longest wait for one answer.
const WAIT: Duration = Duration::from_secs(10);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum State {
    Good,
    Note,
    Bad,
}

#[derive(Serialize)]
struct Sign {
    what: String,
    state: State,
    found: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    remedy: String,
}

struct Examination {
    signs: Vec<Sign>,
}

impl Examination {
    fn good(&mut self, what: &str, found: impl Into<String>) {
        self.sign(what, State::Good, found, "");
    }

    fn note(&mut self, what: &str, found: impl Into<String>, remedy: &str) {
        self.sign(what, State::Note, found, remedy);
    }

    fn bad(&mut self, what: &str, found: impl Into<String>, remedy: &str) {
        self.sign(what, State::Bad, found, remedy);
    }

    fn sign(&mut self, what: &str, state: State, found: impl Into<String>, remedy: &str) {
        self.signs.push(Sign {
            what: what.to_owned(),
            state,
            found: found.into(),
            remedy: remedy.to_owned(),
        });
    }
}

/// Runs it. 1: something is bad.
pub fn run(args: &DoctorArgs) -> ExitCode {
    finish(runtime().and_then(|runtime| runtime.block_on(examine(&args.common))))
}

async fn examine(common: &Common) -> Result<(), Failure> {
    let settings = config::load(&common.config)?;
    let mut examination = Examination { signs: Vec::new() };
    examination.good(
        "configuration",
        format!("{} is in order", common.config.display()),
    );
    names(&settings, &mut examination);
    keys(&settings, &mut examination);
    certificate::examine(&settings, &mut examination);
    next_hops(&settings, &mut examination).await;
    running(&settings, &mut examination).await;
    pictures(&settings, &mut examination).await;
    clock(&mut examination);
    match Installation::open(settings, Clock::default()).await {
        Ok((installation, _)) => {
            rosters(&installation, &mut examination);
            routes::examine(&installation, &mut examination);
            policies(&installation, &mut examination);
            exceptions(&installation, &mut examination).await;
            installation.store.close().await;
        }
        Err(error) => examination.bad("data folder", error.to_string(), "Put right what it says."),
    }
    if common.json {
        for sign in &examination.signs {
            print_json(sign);
        }
    } else {
        let rows = examination.signs.iter().map(|sign| {
            let state = match sign.state {
                State::Good => "good",
                State::Note => "note",
                State::Bad => "BAD",
            };
            vec![
                sign.what.clone(),
                state.into(),
                sign.found.clone(),
                sign.remedy.clone(),
            ]
        });
        say!("{}", table(&["what", "", "found", "what to do"], rows));
    }
    match examination
        .signs
        .iter()
        .filter(|s| s.state == State::Bad)
        .count()
    {
        0 => Ok(()),
        bad => Err(std::io::Error::other(format!("{bad} thing(s) need a hand")).into()),
    }
}

fn names(settings: &Settings, examination: &mut Examination) {
    match (settings.hostname.as_str(), 25).to_socket_addrs() {
        Ok(addresses) => {
            let found: Vec<String> = addresses.map(|a| a.ip().to_string()).collect();
            examination.good(
                "own name",
                format!("{} is {}", settings.hostname, found.join(", ")),
            );
        }
        Err(_) => examination.note(
            "own name",
            format!("{} is not known to DNS", settings.hostname),
            "Add an A record, or the hosts entry that your mail server uses.",
        ),
    }
}

fn keys(settings: &Settings, examination: &mut Examination) {
    for school in &settings.schools {
        let what = format!("key of {}", school.id);
        match Master::open(&school.master_key) {
            Ok(master) => examination.good(
                &what,
                format!("{} ({})", school.master_key.display(), master.id),
            ),
            Err(crate::keys::KeyError::Read { source, .. })
                if source.kind() == std::io::ErrorKind::NotFound =>
            {
                examination.note(
                    &what,
                    "there is none yet",
                    "It is made at the first start. Back it up apart from the data folder.",
                );
            }
            Err(error) => examination.bad(
                &what,
                error.to_string(),
                "Put the key back from its backup.",
            ),
        }
    }
}

async fn next_hops(settings: &Settings, examination: &mut Examination) {
    let hops = match NextHops::new(&settings.next_hops, &settings.hostname, &settings.delivery) {
        Ok(hops) => hops,
        Err(error) => {
            return examination.bad("next hops", error.to_string(), "Put right what it says.");
        }
    };
    for (i, hop) in settings.next_hops.iter().enumerate() {
        let what = format!("next hop {}", hop.name);
        let place = format!("{}:{}", hop.host, hop.port);
        match timeout(WAIT, hops.probe(i)).await {
            Err(_) => examination.bad(
                &what,
                format!("{place} does not answer"),
                "Check host, port and firewall; many providers block port 25.",
            ),
            Ok(Ok(Some(tls))) => examination.good(&what, format!("{place} answers over {tls}")),
            Ok(Ok(None)) => examination.note(
                &what,
                format!("{place} answers, without encryption"),
                "Ask for tls = \"required\" when the next hop is not on this machine.",
            ),
            Ok(Err(reply)) => examination.bad(
                &what,
                format!("{place}: {reply}"),
                "Look up what its answer says; check user, password and certificate.",
            ),
        }
    }
    hops.close_all();
    for hop in &settings.next_hops {
        loop_test(settings, hop, examination).await;
    }
}

/// Whether a next hop is this gateway itself: then every message would go in a circle.
async fn loop_test(settings: &Settings, hop: &config::NextHop, examination: &mut Examination) {
    let what = format!("loop at {}", hop.name);
    let Some(greeting) = greeting((hop.host.as_str(), hop.port)).await else {
        // That it does not answer was said already.
        return;
    };
    let name = greeting
        .get(4..)
        .and_then(|rest| rest.split_ascii_whitespace().next());
    match name.is_some_and(|name| name.eq_ignore_ascii_case(&settings.hostname)) {
        true => examination.bad(
            &what,
            format!(
                "{}:{} greets with this gateway's own name",
                hop.host, hop.port
            ),
            "Give host the server that mail goes to next, not schoolgate itself.",
        ),
        false => examination.good(&what, "the next hop is another server"),
    }
}

/// The first line that a server says.
async fn greeting(place: impl tokio::net::ToSocketAddrs) -> Option<String> {
    timeout(WAIT, async {
        let stream = TcpStream::connect(place).await.ok()?;
        let mut line = String::new();
        BufReader::new(stream.take(512))
            .read_line(&mut line)
            .await
            .ok()?;
        Some(line)
    })
    .await
    .ok()
    .flatten()
}

/// Whether the gateway answers on its ports: with its own greeting, and with health.
async fn running(settings: &Settings, examination: &mut Examination) {
    for address in &settings.listen {
        let mut address = *address;
        if address.ip().is_unspecified() {
            address.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
        }
        let what = format!("port {}", address.port());
        match greeting(address).await {
            Some(line) if line.contains(&settings.hostname) => {
                examination.good(&what, format!("{address} greets as {}", settings.hostname));
            }
            Some(_) => examination.bad(
                &what,
                format!("another server answers on {address}"),
                "Stop it, or give schoolgate another address in `listen`.",
            ),
            None => examination.note(
                &what,
                format!("nothing answers on {address}"),
                "Start it: schoolgate serve.",
            ),
        }
    }
    let health = timeout(WAIT, async {
        let mut stream = TcpStream::connect(settings.ops_listen).await.ok()?;
        let request = "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        stream.write_all(request.as_bytes()).await.ok()?;
        let mut answer = String::new();
        stream
            .take(1 << 20)
            .read_to_string(&mut answer)
            .await
            .ok()?;
        let body = answer.split_once("\r\n\r\n")?.1.to_owned();
        serde_json::from_str::<serde_json::Value>(&body).ok()
    })
    .await
    .ok()
    .flatten();
    if let Some(health) = health {
        match health["problems"].as_array() {
            Some(problems) if !problems.is_empty() => {
                for problem in problems.iter().filter_map(serde_json::Value::as_str) {
                    examination.note("health", problem, "");
                }
            }
            _ => examination.good("health", "mail flows"),
        }
    }
}

/// Whether Tesseract reads in its cage, tried on an empty page.
async fn pictures(settings: &Settings, examination: &mut Examination) {
    let what = "pictures";
    if !settings.ocr.enabled {
        return examination.note(
            what,
            "their text is not read",
            "Install tesseract-ocr and tesseract-ocr-eng, and set enabled = true below [ocr].",
        );
    }
    let program = settings.ocr.program.display();
    match Ocr::new(&Program::this(), &settings.ocr).probe().await {
        Ok(cage) if cage.lacks().is_empty() => examination.good(
            what,
            format!("{program} reads {} in its cage", settings.ocr.languages),
        ),
        Ok(cage) => examination.note(
            what,
            format!("{program} reads, but: {}", cage.lacks().join(" ")),
            "A newer kernel has both fences.",
        ),
        Err(why) => examination.bad(
            what,
            why,
            "Install tesseract-ocr and the data of its languages (tesseract-ocr-eng), or set enabled = false below [ocr].",
        ),
    }
}

/// A clock that is plainly wrong breaks deadlines, certificates and retention.
fn clock(examination: &mut Examination) {
    let built = std::env::current_exe()
        .and_then(std::fs::metadata)
        .and_then(|file| file.modified());
    let now = SystemTime::now();
    match built {
        Ok(built) if now < built => examination.bad(
            "clock",
            "it shows a time before this program was installed",
            "Set the clock and let it be kept: timedatectl set-ntp true.",
        ),
        _ => examination.good(
            "clock",
            format!("{} in UK time", show(Clock::default().now())),
        ),
    }
}

fn policies(installation: &Installation, examination: &mut Examination) {
    let today = installation.clock.today();
    for school in installation.schools.all() {
        let what = format!("policy of {}", school.settings.id);
        let pack = &school.context.pack;
        match pack.policy.reminder(today) {
            Some(reminder) => examination.note(
                &what,
                reminder,
                "Put it before the governors, then set reviewed and next-review in the pack.",
            ),
            None => examination.good(&what, format!("the pack {} is in force", pack.name)),
        }
    }
}

/// So many days before its end, an exception is to be thought of again.
const SOON: i64 = 30;

async fn exceptions(installation: &Installation, examination: &mut Examination) {
    let (now, today) = (installation.clock.now(), installation.clock.today());
    for school in &installation.settings.schools {
        let what = format!("registers of {}", school.id);
        let Some(row) = installation.vault.school(&school.id) else {
            continue;
        };
        let (store, vault) = (&installation.store, &installation.vault);
        let records = match Register::of(store, vault, row, Actor::system(), now) {
            Ok(register) => register.all().await,
            Err(error) => Err(error.into()),
        };
        let records = match records {
            Ok(records) => records,
            Err(error) => {
                examination.bad(&what, error.to_string(), "Put right what it says.");
                continue;
            }
        };
        let counting = records.iter().filter(|r| r.counts_from(today)).count();
        let soon: Vec<String> = ending_soon(&records, today, SOON)
            .into_iter()
            .map(|(kind, count, first)| format!("{count} {} (first {first})", kind.as_str()))
            .collect();
        match soon.is_empty() {
            true => examination.good(&what, format!("{counting} entries count")),
            false => examination.note(
                &what,
                format!("within {SOON} days these end: {}", soon.join(", ")),
                "Ask who decides whether they are still needed: schoolgate register list, then register renew ID --until DATE.",
            ),
        }
    }
}

fn rosters(installation: &Installation, examination: &mut Examination) {
    for school in installation.schools.all() {
        let what = format!("roster of {}", school.settings.id);
        let age = school.context.roster_imported_at.map(show);
        match school.context.roster_state(installation.clock.now()) {
            RosterState::Fresh => {
                examination.good(&what, format!("imported {}", age.unwrap_or_default()))
            }
            RosterState::Stale => examination.bad(
                &what,
                format!(
                    "imported {}: too old, rules on relations only monitor",
                    age.unwrap_or_default()
                ),
                "Export it from the school's system and run: schoolgate roster import FOLDER.",
            ),
            RosterState::Missing => examination.bad(
                &what,
                "there is none: rules on relations only monitor",
                "Export it from the school's system and run: schoolgate roster import FOLDER.",
            ),
        }
    }
}
