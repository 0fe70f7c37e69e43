//! TCP between sockets of its own.
use crate::assert_fails;
use crate::net::{Connection, dial, listen, loopback, pair, parse, port};
use wasip3::sockets::types::{IpAddressFamily, TcpSocket};
use wasip3::wit_bindgen::StreamResult;
use wasip3::wit_stream;

pub async fn check() {
    states().await;
    addresses().await;
    half_close().await;
    accepts_without_the_socket().await;
    lives_by_its_streams().await;
    reader_dropped().await;
    ipv6().await;
}

fn unbound() -> TcpSocket {
    TcpSocket::create(IpAddressFamily::Ipv4).unwrap()
}

async fn states() {
    let socket = unbound();
    assert_fails!(socket.get_local_address(), InvalidState);
    assert_fails!(socket.get_remote_address(), InvalidState);
    let (reader, received) = socket.receive();
    assert!(reader.collect().await.is_empty());
    assert_fails!(received.await, InvalidState);
    let (mut writer, data) = wit_stream::new();
    let sent = socket.send(data);
    assert_eq!(writer.write_all(vec![1]).await, [1]);
    assert_fails!(sent.await, InvalidState);

    assert_fails!(socket.bind(parse("[::1]:0")), InvalidArgument);
    socket.bind(loopback(0)).unwrap();
    assert_fails!(socket.bind(loopback(0)), InvalidState);
    assert!(!socket.get_is_listening());
    let _connections = socket.listen().unwrap();
    assert!(socket.get_is_listening());
    assert!(matches!(socket.listen().map(drop), Err(_)));
    assert_fails!(socket.connect(loopback(1)).await, InvalidState);

    for nobody in ["0.0.0.0:80", "127.0.0.1:0", "224.0.0.1:80", "255.255.255.255:80", "[::1]:80"] {
        assert_fails!(unbound().connect(parse(nobody)).await, InvalidArgument);
    }
    let taken = port(socket.get_local_address().unwrap());
    assert_fails!(unbound().bind(loopback(taken)), AddressInUse);

    let refused = unbound();
    assert_fails!(refused.connect(loopback(1)).await, ConnectionRefused);
    assert_fails!(refused.connect(loopback(1)).await, InvalidState);

    // Each way once.
    let (dialled, _accepted) = pair().await;
    let (again, outcome) = dialled.socket.receive();
    assert!(again.collect().await.is_empty());
    assert_fails!(outcome.await, InvalidState);
    let (_writer, data) = wit_stream::new();
    assert_fails!(dialled.socket.send(data).await, InvalidState);
}

async fn addresses() {
    let (dialled, accepted) = pair().await;
    let ends = |socket: &TcpSocket| {
        (port(socket.get_local_address().unwrap()), port(socket.get_remote_address().unwrap()))
    };
    let (local, remote) = ends(&dialled.socket);
    assert_eq!(ends(&accepted.socket), (remote, local));
    // A socket that is not bound listens on a port of the system's.
    let socket = unbound();
    let _connections = socket.listen().unwrap();
    assert_ne!(port(socket.get_local_address().unwrap()), 0);
}

async fn half_close() {
    let (mut dialled, mut accepted) = pair().await;
    dialled.write(b"question").await;
    let (reader, received, sent) = dialled.finish().await;
    sent.unwrap();
    assert_eq!(accepted.read(8).await, b"question");
    assert_eq!(accepted.reader.read(Vec::with_capacity(1)).await, (StreamResult::Dropped, vec![]));
    accepted.received.await.unwrap();
    assert!(accepted.writer.write_all(b"answer".to_vec()).await.is_empty());
    drop(accepted.writer);
    accepted.sent.await.unwrap();
    assert_eq!(reader.collect().await, b"answer");
    received.await.unwrap();
}

/// The stream of connections keeps the socket.
async fn accepts_without_the_socket() {
    let listener = listen(loopback(0)).unwrap();
    drop(listener.socket);
    let mut connections = listener.connections;
    for i in 0..3 {
        let mut dialled = dial(listener.address).await.unwrap();
        let mut accepted = Connection::of(connections.next().await.expect("a connection"));
        dialled.write(&[i]).await;
        assert_eq!(accepted.read(1).await, [i]);
    }
    drop(connections);
    assert_fails!(dial(listener.address).await.map(drop), ConnectionRefused);
}

async fn lives_by_its_streams() {
    let (dialled, mut accepted) = pair().await;
    let Connection { socket, reader, received, mut writer, sent } = dialled;
    drop(socket);
    assert!(writer.write_all(b"still".to_vec()).await.is_empty());
    assert_eq!(accepted.read(5).await, b"still");
    accepted.write(b"here").await;
    drop(accepted);
    drop(writer);
    sent.await.unwrap();
    assert_eq!(reader.collect().await, b"here");
    received.await.unwrap();
}

/// Who does not read on has what comes thrown away, and may still send.
async fn reader_dropped() {
    let (mut dialled, mut accepted) = pair().await;
    accepted.write(b"unheard").await;
    drop(dialled.reader);
    dialled.received.await.unwrap();
    assert!(dialled.writer.write_all(b"heard".to_vec()).await.is_empty());
    assert_eq!(accepted.read(5).await, b"heard");
    drop(dialled.writer);
    dialled.sent.await.unwrap();
}

async fn ipv6() {
    let mut listener = listen(parse("[::1]:0")).unwrap();
    let mut dialled = dial(listener.address).await.unwrap();
    let mut accepted = Connection::of(listener.connections.next().await.expect("a connection"));
    dialled.write(b"six").await;
    assert_eq!(accepted.read(3).await, b"six");
    assert_fails!(TcpSocket::create(IpAddressFamily::Ipv6).unwrap().connect(parse("[::ffff:127.0.0.1]:1")).await, InvalidArgument);
}
