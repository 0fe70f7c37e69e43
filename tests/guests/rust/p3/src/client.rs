//! What a client meets, one connection after another. The peer knows the order.
use crate::net::{Result, dial};
use crate::timers::MS;
use std::cell::Cell;
use std::rc::Rc;
use wasip3::clocks::monotonic_clock::wait_for;
use wasip3::sockets::types::IpSocketAddress;
use wasip3::wit_bindgen::{StreamResult, spawn_local};

pub async fn converse(peer: IpSocketAddress) -> Result<()> {
    // It asks, and ends its side; the peer answers then, and ends.
    let mut asking = dial(peer).await?;
    asking.write(b"a question").await;
    let (reader, received, sent) = asking.finish().await;
    sent?;
    assert_eq!(reader.collect().await, b"A QUESTION");
    received.await?;

    // The peer speaks, and ends its side first.
    let mut listening = dial(peer).await?;
    assert_eq!(listening.read(5).await, b"first");
    let end = listening.reader.read(Vec::with_capacity(1)).await;
    assert!(end.1.is_empty());
    listening.received.await?;
    let rest = listening.writer.write_all(b"late words".to_vec()).await;
    assert!(rest.is_empty());
    drop(listening.writer);
    listening.sent.await?;

    // The peer resets when it has heard something.
    let mut reset = dial(peer).await?;
    reset.write(b"x").await;
    assert!(reset.reader.collect().await.is_empty());
    crate::assert_fails!(reset.received.await, ConnectionReset);

    // It leaves the socket, but for the stream that is sent: the peer hears all of it.
    let mut sending = dial(peer).await?;
    drop(sending.socket);
    drop(sending.reader);
    sending.received.await?;
    let rest = sending.writer.write_all(vec![b'z'; 1_000_000]).await;
    assert!(rest.is_empty());
    drop(sending.writer);
    sending.sent.await
}

/// A peer that sends faster than this reads holds up no timer, though each read ends at once.
pub async fn flood(peer: IpSocketAddress) -> Result<()> {
    let mut flooded = dial(peer).await?;
    let done = Rc::new(Cell::new(false));
    let told = done.clone();
    spawn_local(async move {
        wait_for(50 * MS).await;
        told.set(true);
    });
    let mut buffer = Vec::with_capacity(16);
    while !done.get() {
        let (result, read) = flooded.reader.read(buffer).await;
        assert!(matches!(result, StreamResult::Complete(_)));
        buffer = read;
        buffer.clear();
    }
    Ok(())
}
