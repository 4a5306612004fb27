//! The same small messages straight into Postfix and straight into schoolgate, each in
//! front of the same next hop: messages per second until the last one has arrived.
//!
//! `throughput [MESSAGES] [SESSIONS] [ROUNDS]`

// A bench ends by panicking when its ground is missing.
#![allow(clippy::unwrap_used)]

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use schoolgate_tests::client::{Client, stuffed};
use schoolgate_tests::gateway::Gateway;
use schoolgate_tests::next_hop::NextHop;
use schoolgate_tests::postfix::Postfix;
use schoolgate_tests::program::schoolgate;
use schoolgate_tests::school::{MOTHER, TEACHER, message};

/// A letter of some two thousand octets about the mother's own child.
fn letter() -> Vec<u8> {
    let paragraph = "Isla's attendance is 94 per cent so far. The class reads about the river and its mills this \
                     term, and Isla has brought a fine drawing of the weir. Please send her wellingtons on Thursday.";
    let body = [paragraph; 9].join("\n\n");
    message(
        TEACHER,
        MOTHER,
        "News of Isla",
        &format!("Dear Mrs Fenwick,\n\n{body}\n\nCallum Birch"),
    )
}

/// How fast a round went.
struct Round {
    /// From the first connection to the last 250.
    taken: Duration,
    /// From the first connection to the last arrival.
    arrived: Duration,
}

async fn round(to: SocketAddr, next_hop: &NextHop, count: usize, sessions: usize) -> Round {
    next_hop.forget();
    let left = Arc::new(AtomicUsize::new(count));
    let start = Instant::now();
    let senders: Vec<_> = (0..sessions)
        .map(|_| tokio::spawn(session(to, Arc::clone(&left))))
        .collect();
    for sender in senders {
        sender.await.unwrap();
    }
    let taken = start.elapsed();
    next_hop
        .until("all messages", |all| all.len() >= count)
        .await;
    let arrived = start.elapsed();
    assert_eq!(next_hop.taken().len(), count, "each arrives once");
    Round { taken, arrived }
}

async fn session(to: SocketAddr, left: Arc<AtomicUsize>) {
    let mut client = Client::connect(to).await.unwrap();
    client.command("EHLO client.oaklane.example").await.unwrap();
    let envelope = format!("MAIL FROM:<{TEACHER}> BODY=8BITMIME\r\nRCPT TO:<{MOTHER}>\r\nDATA\r\n");
    while left
        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1))
        .is_ok()
    {
        let content = stuffed(&letter());
        client.raw(envelope.as_bytes()).await.unwrap();
        for expected in [250, 250, 354] {
            let reply = client.reply().await.unwrap();
            assert_eq!(reply.code, expected, "{}", reply.text);
        }
        client.raw(&content).await.unwrap();
        let reply = client.reply().await.unwrap();
        assert_eq!(reply.code, 250, "{}", reply.text);
    }
    client.command("QUIT").await.unwrap();
}

/// The middle one.
fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

#[tokio::main]
async fn main() {
    let argument = |place: usize, default: usize| {
        std::env::args()
            .nth(place)
            .map_or(default, |text| text.parse().expect("a number"))
    };
    let (count, sessions, rounds) = (argument(1, 2000), argument(2, 8), argument(3, 3));
    println!(
        "{count} messages of {} octets, {sessions} sessions, {rounds} rounds; {}",
        letter().len(),
        schoolgate().display()
    );
    let next_hop = NextHop::start().await;
    let postfix = Postfix::relaying_to(next_hop.address);
    let gateway = Gateway::start(&[next_hop.address]).await;
    let mut rates = [Vec::new(), Vec::new()];
    // In turns, so that a busy machine disturbs both alike; the first turn only warms up.
    for turn in 0..=rounds {
        for (which, (name, to)) in [("Postfix", postfix.address), ("schoolgate", gateway.smtp)]
            .into_iter()
            .enumerate()
        {
            let (count, kept) = if turn == 0 {
                (200, false)
            } else {
                (count, true)
            };
            let round = round(to, &next_hop, count, sessions).await;
            if kept {
                let rate = |time: Duration| count as f64 / time.as_secs_f64();
                println!(
                    "{name:>10}: {:8.1} messages/s taken, {:8.1} messages/s arrived",
                    rate(round.taken),
                    rate(round.arrived)
                );
                rates[which].push(rate(round.arrived));
            }
        }
    }
    let [postfix_rates, gateway_rates] = rates;
    let (alone, ours) = (median(postfix_rates), median(gateway_rates));
    println!(
        "Postfix alone {alone:.1}/s, schoolgate {ours:.1}/s: ratio {:.2}",
        ours / alone
    );
}
