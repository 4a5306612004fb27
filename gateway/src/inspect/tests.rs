//! The pool against workers that misbehave.
//!
//! The misbehaving worker is this test program, started again with [`fake_worker`] as
//! its only test: inside the true cage, behind the true protocol, it does what the
//! message tells it to.

use std::ffi::OsString;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::civil::{Date, date};
use schoolgate_detectors::{Confidence, Finding, Inspection, Kind, Masked, PartPath, Settings};

use super::process::{self, Question, Worker};
use super::*;
use crate::config::InspectionSettings;

const TODAY: Date = date(2026, 1, 5);

/// The argument by which [`fake_worker`] knows that it is to be one.
const ROLE: &str = "act-as-fake-worker";

/// A worker when started by [`program`]; nothing when the tests run.
#[test]
fn fake_worker() {
    if !std::env::args().any(|argument| argument == ROLE) {
        return;
    }
    let code = worker::serve(|index, _| {
        let mut served = 0;
        Ok(move |task: worker::Task<'_>, settings: &Settings| {
            let content = match task {
                worker::Task::Inspect(content)
                | worker::Task::Second(content, _)
                | worker::Task::Opening(content) => content,
                // Pictures that nobody asked for.
                worker::Task::Fetch(..) => return Ok(vec![0; 36]),
            };
            served += 1;
            let inspection = behave(content, &index, served, settings);
            Ok(inspection.map_or_else(
                || b"I am no inspection".to_vec(),
                |i| serde_json::to_vec(&i).unwrap(),
            ))
        })
    });
    // The harness would print its summary and start threads.
    std::process::exit(i32::from(code != std::process::ExitCode::SUCCESS));
}

fn behave(content: &[u8], index: &[u8], served: u32, settings: &Settings) -> Option<Inspection> {
    match content {
        b"abort" => std::process::abort(),
        b"abort unless new" if served > 1 => std::process::abort(),
        b"panic" => panic!("Jamie Example has a secret"),
        b"exit" => std::process::exit(7),
        b"overflow" => {
            std::hint::black_box(deeper(1));
        }
        b"hang" => loop {
            std::hint::spin_loop();
        },
        b"hoard" => {
            let mut hoard = Vec::new();
            loop {
                hoard.push(std::hint::black_box(vec![1u8; 1 << 20]));
            }
        }
        b"open a file" => drop(std::fs::File::open("/etc/hostname")),
        b"write a file" => drop(std::fs::File::create("/dev/null")),
        b"open a socket" => drop(std::net::UdpSocket::bind("127.0.0.1:0")),
        b"start a process" => drop(std::process::Command::new("/bin/true").spawn()),
        b"start a thread" => drop(std::thread::spawn(|| ())),
        b"kill" => {
            let parent = rustix::process::getppid()?;
            let _ = rustix::process::kill_process(parent, rustix::process::Signal::TERM);
        }
        b"chatter" => {
            println!("Jamie Example has a secret");
            eprintln!("Jamie Example has a secret");
        }
        b"garbage" => return None,
        b"index" => return Some(says(i32::try_from(index.len()).ok()?, content)),
        b"day" => return Some(says(i32::from(settings.today.day()), content)),
        b"unaccounted" => {
            let mut inspection = says(0, content);
            inspection.findings.push(Finding {
                category: None,
                kind: Kind::Upn,
                part: PartPath("2/hidden.zip".into()),
                place: String::new(),
                confidence: Confidence::new(1.0),
                count: 1,
                subjects: Vec::new(),
                excerpt: Masked::default(),
            });
            return Some(inspection);
        }
        b"no parts" => {
            let mut inspection = says(0, content);
            inspection.parts.clear();
            inspection.unread.clear();
            return Some(inspection);
        }
        _ => {}
    }
    Some(says(i32::try_from(std::process::id()).ok()?, content))
}

#[allow(unconditional_recursion)]
fn deeper(depth: u64) -> u64 {
    let room = std::hint::black_box([depth; 512]);
    deeper(depth + 1) + room.iter().sum::<u64>()
}

/// An inspection that carries a number.
fn says(number: i32, content: &[u8]) -> Inspection {
    aborted(&Abort::Exited { status: number }, content.len() as u64)
}

fn number_in(inspection: &Inspection) -> u32 {
    let detail = &inspection.unread[0].detail;
    detail.rsplit(' ').next().unwrap().parse().unwrap()
}

fn program() -> Program {
    Program {
        path: std::env::current_exe().unwrap(),
        arguments: [
            "--exact",
            "inspect::tests::fake_worker",
            "--test-threads=1",
            ROLE,
        ]
        .map(OsString::from)
        .to_vec(),
    }
}

fn settings() -> InspectionSettings {
    InspectionSettings {
        workers: 1,
        deadline: Duration::from_secs(30),
        memory_mib: 64,
        messages_per_worker: 500,
    }
}

fn pool() -> Pool {
    Pool::with_program(program(), &settings())
}

fn school(id: &str, index: &[u8]) -> School {
    School::new(id, index, Settings::on(TODAY)).unwrap()
}

async fn ask(pool: &Pool, school: &School, content: &str) -> u32 {
    let inspection = pool.inspect(school, TODAY, content.as_bytes()).await;
    number_in(&inspection.unwrap())
}

async fn fails(content: &str) -> Abort {
    let pool = pool();
    let school = school("oak", b"index");
    let why = match pool.inspect(&school, TODAY, content.as_bytes()).await {
        Err(InspectError::Aborted { why }) => why,
        other => panic!("{content}: {other:?}"),
    };
    assert_eq!(
        pool.health().started,
        2,
        "{content}: one retry, in a new worker"
    );
    assert_eq!(pool.health().aborted, 2);
    // The pool lives on.
    ask(&pool, &school, "hello").await;
    pool.shutdown().await;
    assert!(!why.to_string().contains("Jamie"), "{why}");
    why
}

#[tokio::test]
async fn a_worker_gets_index_day_and_content_and_is_used_again() {
    let pool = pool();
    let school = school("oak", &[7; 300_000]);
    assert_eq!(ask(&pool, &school, "index").await, 300_000);
    assert_eq!(ask(&pool, &school, "day").await, 5);
    let first = ask(&pool, &school, "hello").await;
    assert_eq!(ask(&pool, &school, &"x".repeat(3 << 20)).await, first);
    let health = pool.health();
    assert_eq!((health.started, health.idle, health.busy), (1, 1, 0));
    pool.shutdown().await;
    assert!(!std::path::Path::new(&format!("/proc/{first}")).exists());
    let after = pool.inspect(&school, TODAY, b"hello").await;
    assert!(matches!(after, Err(InspectError::Closed)));
}

#[tokio::test]
async fn what_a_worker_prints_goes_nowhere_and_breaks_nothing() {
    ask(&pool(), &school("oak", b""), "chatter").await;
}

#[tokio::test]
async fn a_worker_that_dies_costs_one_retry() {
    let pool = pool();
    let school = school("oak", b"");
    let first = ask(&pool, &school, "hello").await;
    let second = ask(&pool, &school, "abort unless new").await;
    assert_ne!(first, second);
    assert_eq!((pool.health().started, pool.health().aborted), (2, 1));
}

#[tokio::test]
async fn crashes_are_told_apart() {
    let signal = |number| Abort::Signalled { number };
    assert_eq!(fails("abort").await, signal(libc::SIGABRT));
    assert_eq!(fails("exit").await, Abort::Exited { status: 7 });
    assert_eq!(fails("overflow").await, signal(libc::SIGABRT));
    assert_eq!(fails("hoard").await, signal(libc::SIGABRT));
    let Abort::Panicked { place } = fails("panic").await else {
        panic!("not told as a panic");
    };
    assert!(
        place.starts_with("gateway/src/inspect/tests.rs:"),
        "{place}"
    );
}

#[tokio::test]
async fn answers_that_cannot_be_right_count_as_crashes() {
    for content in ["garbage", "unaccounted", "no parts"] {
        let why = fails(content).await;
        assert!(matches!(why, Abort::Nonsense { .. }), "{content}: {why}");
    }
}

#[tokio::test]
async fn a_worker_past_its_deadline_is_killed() {
    let pool = Pool::with_program(
        program(),
        &InspectionSettings {
            deadline: Duration::from_secs(1),
            ..settings()
        },
    );
    let school = school("oak", b"");
    let answer = pool.inspect(&school, TODAY, b"hang").await;
    assert!(
        matches!(
            answer,
            Err(InspectError::Aborted {
                why: Abort::Deadline { seconds: 1 }
            })
        ),
        "{answer:?}"
    );
    assert_eq!(pool.health().idle, 0);
}

#[tokio::test]
async fn files_network_and_processes_are_out_of_reach() {
    let pool = pool();
    ask(&pool, &school("oak", b""), "hello").await;
    let cage = pool.health().cage.unwrap();
    assert_eq!(cage.seccomp, Enforcement::Full, "these tests need seccomp");
    assert!(cage.holds());
    for content in [
        "open a file",
        "write a file",
        "open a socket",
        "start a process",
        "start a thread",
        "kill",
    ] {
        let why = fails(content).await;
        assert_eq!(
            why,
            Abort::Signalled {
                number: libc::SIGSYS
            },
            "{content}"
        );
    }
}

#[tokio::test]
async fn a_worker_is_replaced_after_its_messages() {
    let pool = Pool::with_program(
        program(),
        &InspectionSettings {
            messages_per_worker: 2,
            ..settings()
        },
    );
    let school = school("oak", b"");
    let mut served = Vec::new();
    for _ in 0..4 {
        served.push(ask(&pool, &school, "hello").await);
    }
    assert_eq!(served[0], served[1]);
    assert_ne!(served[1], served[2]);
    assert_eq!(served[2], served[3]);
    assert_eq!(pool.health().idle, 0);
}

#[tokio::test]
async fn a_worker_serves_one_school_with_one_roster() {
    let pool = pool();
    let (oak, elm) = (school("oak", b"1"), school("elm", b"1"));
    let of_oak = ask(&pool, &oak, "hello").await;
    let of_elm = ask(&pool, &elm, "hello").await;
    assert_ne!(of_oak, of_elm);
    assert_eq!(ask(&pool, &oak, "hello").await, of_oak);
    assert_eq!(pool.health().idle, 2);
    let renewed = school("oak", b"2");
    assert_ne!(ask(&pool, &renewed, "hello").await, of_oak);
    assert!(!std::path::Path::new(&format!("/proc/{of_oak}")).exists());
    assert_eq!(ask(&pool, &elm, "hello").await, of_elm);
}

#[tokio::test]
async fn who_waits_longest_is_served_next() {
    let pool = Arc::new(pool());
    let school = Arc::new(school("oak", b""));
    let order = Arc::new(Mutex::new(Vec::new()));
    let tasks: Vec<_> = (0..8)
        .map(|number| {
            let (pool, school, order) = (pool.clone(), school.clone(), order.clone());
            tokio::spawn(async move {
                ask(&pool, &school, "hello").await;
                order.lock().unwrap().push(number);
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(*order.lock().unwrap(), (0..8).collect::<Vec<_>>());
    assert_eq!(pool.health().started, 1);
}

#[tokio::test]
async fn as_many_work_at_once_as_configured() {
    let pool = Arc::new(Pool::with_program(
        program(),
        &InspectionSettings {
            workers: 2,
            ..settings()
        },
    ));
    let school = Arc::new(school("oak", b""));
    let tasks: Vec<_> = (0..6)
        .map(|_| {
            let (pool, school) = (pool.clone(), school.clone());
            tokio::spawn(async move { ask(&pool, &school, "hello").await })
        })
        .collect();
    let mut most = 0;
    while !tasks.iter().all(tokio::task::JoinHandle::is_finished) {
        most = most.max(pool.health().busy);
        tokio::task::yield_now().await;
    }
    assert_eq!(most, 2);
    assert_eq!(pool.health().started, 2);
}

#[tokio::test]
async fn shutting_down_finishes_what_is_under_way_and_sends_the_rest_away() {
    let pool = pool();
    let school = school("oak", b"");
    assert!(pool.prepare(&school).await.unwrap().holds());
    assert_eq!(pool.health().idle, 1);
    // Longer than what tokio lets one poll write, so that it is under way when the
    // second asks and the pool is shut down.
    let long = vec![b'x'; 40 << 20];
    let (under_way, waiting, ()) = tokio::join!(
        pool.inspect(&school, TODAY, &long),
        pool.inspect(&school, TODAY, b"hello"),
        pool.shutdown(),
    );
    assert!(under_way.is_ok(), "{under_way:?}");
    assert!(matches!(waiting, Err(InspectError::Closed)), "{waiting:?}");
    assert_eq!((pool.health().started, pool.health().idle), (1, 0));
}

#[tokio::test]
async fn a_worker_dies_with_the_gateway() {
    // The thread that starts the worker stands for the gateway.
    let (stay, leave) = std::sync::mpsc::channel::<()>();
    let (give, take) = tokio::sync::oneshot::channel();
    let runtime = tokio::runtime::Handle::current();
    let gateway = std::thread::spawn(move || {
        let _context = runtime.enter();
        give.send(process::start(&program()).unwrap()).unwrap();
        let _ = leave.recv();
    });
    let (child, socket) = take.await.unwrap();
    let oak = school("oak", b"");
    let mut worker = Worker::bind(child, socket, &oak, &settings())
        .await
        .unwrap();
    drop(stay);
    gateway.join().unwrap();
    let why = worker
        .ask(
            &oak,
            &Question::Inspect(TODAY),
            b"hang",
            Duration::from_secs(60),
        )
        .await
        .map(drop)
        .unwrap_err();
    assert_eq!(
        why,
        Abort::Signalled {
            number: libc::SIGKILL
        }
    );
}

#[tokio::test]
async fn a_program_that_is_no_worker_is_the_machines_trouble() {
    for path in ["/bin/true", "/nonexistent/schoolgate"] {
        let pool = Pool::new(path.into(), &settings());
        let error = pool
            .inspect(&school("oak", b""), TODAY, b"hello")
            .await
            .unwrap_err();
        assert!(error.is_transient(), "{error}");
    }
}

#[test]
fn an_aborted_inspection_accounts_for_the_message() {
    let abort = Abort::Deadline { seconds: 10 };
    let inspection = aborted(&abort, 1234);
    let answer = serde_json::to_vec(&inspection).unwrap();
    let limits = schoolgate_detectors::Limits::default();
    assert_eq!(answer::read(&answer, 1234, &limits).unwrap(), inspection);
    assert!(inspection.unread[0].reason.stops());
    assert_eq!(inspection.parts[0].bytes, 1234);
}

#[tokio::test]
async fn pictures_that_nobody_asked_for_are_nonsense() {
    let pool = pool();
    let oak = school("oak", b"");
    let wanted = [schoolgate_detectors::pictures::Digest([1; 32])];
    let error = pool.pictures(&oak, b"hello", &wanted).await.unwrap_err();
    assert!(matches!(
        error,
        InspectError::Aborted {
            why: Abort::Nonsense { .. }
        }
    ));
}
