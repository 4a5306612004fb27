//! SIGKILL under load: what was answered 250 is delivered, held or quarantined afterwards.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use schoolgate_tests::client::Client;
use schoolgate_tests::gateway::Gateway;
use schoolgate_tests::mail::{assert_unchanged, field};
use schoolgate_tests::next_hop::NextHop;
use schoolgate_tests::school::{MOTHER, OUTSIDER, TEACHER, class_list, own_child, unmarked};

const KILLS: usize = 20;
const SESSIONS: usize = 6;

/// What a message was made to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Pass,
    Hold,
    Quarantine,
}

/// A message that was answered 250.
#[derive(Clone)]
struct Kept {
    kind: Kind,
    content: Vec<u8>,
    /// What the answer called it.
    spool: String,
}

/// The messages that were answered 250, by Message-ID.
type Accepted = Arc<Mutex<BTreeMap<String, Kept>>>;

/// A small generator with a seed, so that a failure can be repeated (xorshift64*).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}

/// Sends messages until told to stop, through kills and restarts; notes each 250.
async fn sender(
    to: SocketAddr,
    accepted: Accepted,
    seed: u64,
    stop: Arc<std::sync::atomic::AtomicBool>,
) {
    use std::sync::atomic::Ordering;
    let mut random = Random(seed);
    while !stop.load(Ordering::Relaxed) {
        let Ok(mut client) = Client::connect(to).await else {
            // It is being started again.
            tokio::task::yield_now().await;
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        for _ in 0..=random.below(4) {
            let (kind, recipient, content) = match random.below(6) {
                0 => (Kind::Quarantine, OUTSIDER, class_list()),
                1 => (Kind::Hold, MOTHER, unmarked()),
                _ => (Kind::Pass, MOTHER, own_child(MOTHER)),
            };
            match client.send(TEACHER, &[recipient], &content).await {
                Ok(reply) if reply.code == 250 => {
                    let id = field(&content, "Message-ID").unwrap();
                    let spool = reply.text.rsplit(' ').next().unwrap().to_owned();
                    let kept = Kept {
                        kind,
                        content,
                        spool,
                    };
                    accepted.lock().unwrap().insert(id, kept);
                }
                // 4xx, or the connection broke: the sender still has it.
                _ => break,
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_however_often_it_is_killed() {
    let seed = std::env::var("SEED")
        .ok()
        .and_then(|seed| seed.parse().ok())
        .unwrap_or(20_261_124);
    println!("SEED={seed} repeats this run");
    let mut random = Random(seed);
    let next_hop = NextHop::start().await;
    let mut gateway = Gateway::start(&[next_hop.address]).await;
    let accepted: Accepted = Arc::default();
    let stop = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let senders: Vec<_> = (0..SESSIONS)
        .map(|_| {
            tokio::spawn(sender(
                gateway.smtp,
                Arc::clone(&accepted),
                random.next(),
                Arc::clone(&stop),
            ))
        })
        .collect();
    let mut kills = Vec::new();
    for _ in 0..KILLS {
        // The moment is random; that there is load at it is not: some more must be accepted.
        let before = accepted.lock().unwrap().len();
        let enough = before + 1 + usize::try_from(random.below(12)).unwrap();
        let mut ticks = tokio::time::interval(Duration::from_millis(1));
        tokio::time::timeout(Duration::from_secs(180), async {
            while accepted.lock().unwrap().len() < enough {
                ticks.tick().await;
            }
        })
        .await
        .expect("messages are accepted between two kills");
        tokio::time::sleep(Duration::from_micros(random.below(30_000))).await;
        gateway.kill().await;
        kills.push(Instant::now());
        gateway.start_again().await;
    }
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    for sender in senders {
        sender.await.unwrap();
    }
    let accepted = accepted.lock().unwrap().clone();
    println!(
        "{} messages acknowledged over {KILLS} kills",
        accepted.len()
    );

    // Everything that may pass arrives.
    let passing: BTreeSet<&String> = accepted
        .iter()
        .filter(|(_, kept)| kept.kind == Kind::Pass)
        .map(|(id, _)| id)
        .collect();
    next_hop
        .until("all that may pass", |taken| {
            let arrived: BTreeSet<String> = taken
                .iter()
                .filter_map(|t| field(&t.content, "Message-ID"))
                .collect();
            passing.iter().all(|id| arrived.contains(*id))
        })
        .await;
    // Everything else waits where it should, once each has its verdict.
    let mut ticks = tokio::time::interval(Duration::from_millis(500));
    tokio::time::timeout(Duration::from_secs(120), async {
        while !gateway.json(&["queue", "list"]).await.is_empty() {
            ticks.tick().await;
            gateway.text(&["queue", "retry"]).await;
        }
    })
    .await
    .expect("the queue drains");

    let mut copies: BTreeMap<String, Vec<Instant>> = BTreeMap::new();
    for taken in next_hop.taken() {
        let Some(id) = field(&taken.content, "Message-ID") else {
            continue;
        };
        // Notices have ids of the gateway's own; what was never acknowledged may arrive too.
        let Some(kept) = accepted.get(&id) else {
            continue;
        };
        assert_eq!(
            kept.kind,
            Kind::Pass,
            "{id} was delivered against its verdict"
        );
        assert_unchanged(&taken.content, &kept.content);
        copies.entry(id).or_default().push(taken.at);
    }
    // Only what was in doubt at a kill goes out again: between two copies lies a kill.
    let mut duplicates = 0;
    for (id, times) in &copies {
        for pair in times.windows(2) {
            duplicates += 1;
            assert!(
                kills
                    .iter()
                    .any(|kill| pair[0] <= *kill && *kill <= pair[1]),
                "{id} arrived twice without a kill between"
            );
        }
    }
    println!("{duplicates} duplicates");

    // What was stopped waits in a case of its own kind, found by the name in the answer.
    let cases = gateway.json(&["quarantine", "list"]).await;
    for (id, kept) in &accepted {
        let verdict = match kept.kind {
            Kind::Pass => continue,
            Kind::Hold => "hold",
            Kind::Quarantine => "quarantine",
        };
        let case = cases.iter().find(|case| {
            let messages = case["messages"].as_array();
            messages.is_some_and(|all| all.iter().any(|m| m == kept.spool.as_str()))
        });
        let case = case.unwrap_or_else(|| panic!("{id}, kept as {}, has no case", kept.spool));
        assert_eq!(case["verdict"], verdict, "{id}");
    }
    let tickets = gateway.json(&["ticket", "list"]).await;
    let quarantined = cases.iter().filter(|case| case["verdict"] == "quarantine");
    assert_eq!(
        tickets.len(),
        quarantined.count(),
        "a ticket for each quarantine"
    );

    let audit = gateway.run(&["audit", "verify"]).await;
    assert!(
        audit.status.success(),
        "{}",
        String::from_utf8_lossy(&audit.stdout)
    );
}

#[tokio::test]
async fn a_graceful_stop_finishes_what_it_began_and_exits_with_0() {
    let next_hop = NextHop::start().await;
    let mut gateway = Gateway::start(&[next_hop.address]).await;
    let mut idle = Client::connect(gateway.smtp).await.unwrap();
    schoolgate_tests::client::submit(gateway.smtp, TEACHER, &[MOTHER], &own_child(MOTHER)).await;
    let status = gateway.stop().await;
    assert!(status.success(), "{status}");
    // An idle session is told, or its connection ends; it does not hang.
    if let Ok(reply) = idle.reply().await {
        assert_eq!(reply.code, 421);
    }
    gateway.start_again().await;
    next_hop.until_taken_for(MOTHER).await;
}
