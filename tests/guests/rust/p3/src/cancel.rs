//! What is under way is dropped, or cancelled, of every kind: it ends at once, takes nothing with it, and can be begun anew.
use crate::net::{Connection, dial, listen, loopback, pair};
use crate::timers::{MS, within};
use futures::future::Either;
use std::pin::pin;
use std::task::Poll;
use wasip3::cli::stdin;
use wasip3::clocks::monotonic_clock::{now, wait_for};
use wasip3::sockets::types::{IpAddressFamily, TcpSocket};
use wasip3::wit_bindgen::{StreamResult, spawn_local, yield_async};

const MINUTE: u64 = 60_000 * MS;

pub async fn check() {
    let start = now();
    accept().await;
    connect().await;
    write().await;
    read().await;
    outcomes().await;
    tasks().await;
    standard_input().await;
    assert!(now() - start < MINUTE, "nothing was waited for to its end");
}

/// Whether the future is still to be waited for when it has been polled once.
async fn begins<F: Future>(future: F) -> bool {
    let mut future = pin!(future);
    std::future::poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx).is_pending())).await
}

async fn accept() {
    let mut listener = listen(loopback(0)).unwrap();
    for _ in 0..3 {
        assert!(begins(listener.connections.next()).await);
    }
    let mut dialled = dial(listener.address).await.unwrap();
    let mut accepted = Connection::of(listener.connections.next().await.expect("a connection"));
    dialled.write(b"x").await;
    assert_eq!(accepted.read(1).await, b"x");
}

/// The queue of a listener that accepts nobody is full at some time: then a connect waits.
async fn connect() {
    let listener = TcpSocket::create(IpAddressFamily::Ipv4).unwrap();
    listener.bind(loopback(0)).unwrap();
    listener.set_listen_backlog_size(1).unwrap();
    let _connections = listener.listen().unwrap();
    let address = listener.get_local_address().unwrap();
    let mut dialled = Vec::new();
    for _ in 0..64 {
        let socket = TcpSocket::create(IpAddressFamily::Ipv4).unwrap();
        if let Either::Left(result) = within(50 * MS, socket.connect(address)).await {
            result.unwrap();
            dialled.push(socket);
        } else {
            return;
        }
    }
}

/// A write that is cancelled tells how much of it went; exactly that arrives.
async fn write() {
    let (mut dialled, mut accepted) = pair().await;
    let size = 16 << 20;
    let bytes: Vec<u8> = (0..size as u32).map(|i| (i % 253) as u8).collect();
    let mut sent = 0;
    loop {
        let mut write = pin!(dialled.writer.write(bytes[sent..].to_vec()));
        match within(50 * MS, write.as_mut()).await {
            Either::Left((_, rest)) => sent = size - rest.remaining(),
            Either::Right(()) => {
                let (result, rest) = write.cancel();
                assert!(!matches!(result, StreamResult::Dropped));
                sent = size - rest.remaining();
                break;
            }
        }
        assert!(sent < size, "the kernel takes it all");
    }
    let received = accepted.read(sent).await;
    assert!(received == bytes[..sent]);
    dialled.write(b"and on").await;
    assert_eq!(accepted.read(6).await, b"and on");
}

async fn read() {
    let (mut dialled, mut accepted) = pair().await;
    for i in 0..100_u8 {
        assert!(begins(accepted.reader.read(Vec::with_capacity(10))).await);
        dialled.write(&[i]).await;
        assert_eq!(accepted.read(1).await, [i]);
    }
}

/// The futures that tell how a stream ended, dropped before they do.
async fn outcomes() {
    let (dialled, accepted) = pair().await;
    let Connection { sent, received, mut reader, mut writer, socket: _socket } = dialled;
    assert!(begins(sent.into_future()).await);
    assert!(begins(received.into_future()).await);
    let Connection { writer: mut back, reader: mut forth, socket: _other, .. } = accepted;
    assert!(writer.write_all(b"there".to_vec()).await.is_empty());
    assert_eq!(forth.read(Vec::with_capacity(9)).await.1, b"there");
    assert!(back.write_all(b"back".to_vec()).await.is_empty());
    assert_eq!(reader.read(Vec::with_capacity(9)).await.1, b"back");
}

async fn tasks() {
    let mut sleeping = spawn_local(wait_for(MINUTE));
    yield_async().await;
    sleeping.cancel();
    assert!(sleeping.await.is_none());
    assert!(begins(wait_for(MINUTE)).await);

    let (mut dialled, mut accepted) = pair().await;
    let mut reading = spawn_local(async move { accepted.read(1).await });
    yield_async().await;
    dialled.write(b"").await;
    reading.cancel();
    assert!(reading.await.is_none());
}

/// Nobody writes to it.
async fn standard_input() {
    let (mut reader, outcome) = stdin::read_via_stream();
    assert!(matches!(within(10 * MS, reader.read(Vec::with_capacity(10))).await, Either::Right(())));
    drop(reader);
    outcome.await.unwrap();
}
