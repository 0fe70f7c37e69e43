//! Clocks, and what a timer races.
use crate::net::pair;
use futures::future::{Either, join, join_all, select};
use std::cell::Cell;
use std::pin::pin;
use std::rc::Rc;
use wasip3::clocks::monotonic_clock::{now, wait_for, wait_until};
use wasip3::clocks::system_clock;
use wasip3::wit_bindgen::{StreamResult, spawn_local, yield_async};

pub const MS: u64 = 1_000_000;

/// The first of two: what is waited for, or so many ns. The other is dropped.
pub async fn within<F: Future>(ns: u64, future: F) -> Either<F::Output, ()> {
    match select(pin!(future), pin!(wait_for(ns))).await {
        Either::Left((output, _)) => Either::Left(output),
        Either::Right(((), _)) => Either::Right(()),
    }
}

pub async fn check() {
    let start = now();
    wait_for(0).await;
    wait_until(start).await;
    wait_for(20 * MS).await;
    assert!(now() - start >= 20 * MS);
    wait_until(start + 30 * MS).await;
    assert!(now() - start >= 30 * MS);
    assert!(system_clock::now().seconds > 1_700_000_000);

    // Many at once, and none too early.
    // in the future for all of them, however long it takes to start them
    let base = now() + 500 * MS;
    join_all([30, 10, 20, 0, 40].map(|ms| async move {
        wait_until(base + ms * MS).await;
        assert!(now() >= base + ms * MS);
    }))
    .await;

    // A task that only yields holds up neither timers nor other tasks.
    let done = Rc::new(Cell::new(false));
    let told = done.clone();
    let timer = spawn_local(async move {
        wait_for(30 * MS).await;
        told.set(true);
    });
    let mut turns = 0_u64;
    while !done.get() {
        turns += 1;
        yield_async().await;
    }
    assert!(turns > 0);
    timer.await.expect("the timer ends");
}

/// A timeout on each read: whichever wins, no byte is lost and none comes twice.
pub async fn select_reads() {
    let (mut dialled, mut accepted) = pair().await;
    assert!(matches!(within(20 * MS, accepted.reader.read(Vec::with_capacity(10))).await, Either::Right(())));
    dialled.write(b"after the timeout").await;
    assert_eq!(accepted.read(17).await, b"after the timeout");

    let sent: Vec<u8> = (0..20_000_u32).map(|i| (i * 7 % 251) as u8).collect();
    let sender = async {
        for (i, piece) in sent.chunks(100).enumerate() {
            dialled.write(piece).await;
            if i % 3 == 0 {
                wait_for(MS / 4).await;
            }
        }
        drop(dialled.writer);
        dialled.sent.await.unwrap();
    };
    let receiver = async {
        let mut received = Vec::new();
        let mut timeouts = 0;
        loop {
            let mut read = pin!(accepted.reader.read(Vec::with_capacity(64)));
            let (result, bytes) = match select(read.as_mut(), pin!(wait_for(MS / 8))).await {
                Either::Left((read, _)) => read,
                Either::Right(_) => {
                    timeouts += 1;
                    read.cancel()
                }
            };
            received.extend(bytes);
            if result == StreamResult::Dropped {
                break;
            }
        }
        assert!(timeouts > 0);
        received
    };
    let ((), received) = join(sender, receiver).await;
    assert!(received == sent);
    accepted.received.await.unwrap();
}
