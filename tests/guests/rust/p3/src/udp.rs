//! Datagrams between sockets of its own, and an echo for others.
use crate::assert_fails;
use crate::net::{Result, loopback, parse, port};
use crate::stdio::print;
use crate::timers::{MS, within};
use futures::future::{Either, join};
use wasip3::sockets::types::{IpAddressFamily, IpSocketAddress, UdpSocket};

fn bound() -> (UdpSocket, IpSocketAddress) {
    let socket = UdpSocket::create(IpAddressFamily::Ipv4).unwrap();
    socket.bind(loopback(0)).unwrap();
    let address = socket.get_local_address().unwrap();
    (socket, address)
}

async fn received(socket: &UdpSocket, bytes: &[u8], from: IpSocketAddress) {
    let (data, peer) = socket.receive().await.unwrap();
    assert!(data == bytes, "{} bytes, not the {} that were sent", data.len(), bytes.len());
    assert_eq!(port(peer), port(from));
}

async fn send(socket: &UdpSocket, bytes: &[u8], to: IpSocketAddress) -> Result<()> {
    socket.send(bytes.to_vec(), Some(to)).await
}

pub async fn check() {
    unconnected().await;
    connected().await;
    waiting().await;
}

async fn unconnected() {
    let socket = UdpSocket::create(IpAddressFamily::Ipv4).unwrap();
    assert_fails!(socket.receive().await, InvalidState);
    assert_fails!(socket.get_local_address(), InvalidState);
    assert_fails!(socket.get_remote_address(), InvalidState);
    assert_fails!(socket.disconnect(), InvalidState);
    let (other, address) = bound();
    assert_fails!(socket.send(vec![1], None).await, InvalidArgument);

    // Sending binds it.
    send(&socket, b"first", address).await.unwrap();
    let own = socket.get_local_address().unwrap();
    received(&other, b"first", own).await;
    assert_fails!(socket.bind(loopback(0)), InvalidState);

    for bytes in [&b""[..], b"one", &[7; 60_000]] {
        send(&other, bytes, loopback(port(own))).await.unwrap();
        received(&socket, bytes, address).await;
    }
    assert_fails!(send(&socket, &[0; 65_508], address).await, DatagramTooLarge);
    assert_fails!(send(&socket, b"", parse("0.0.0.0:1")).await, InvalidArgument);
    assert_fails!(send(&socket, b"", loopback(0)).await, InvalidArgument);
    assert_fails!(send(&socket, b"", parse("[::1]:1")).await, InvalidArgument);
}

async fn connected() {
    let (one, first) = bound();
    let (two, second) = bound();
    let (stranger, third) = bound();
    one.connect(second).unwrap();
    assert_eq!(port(one.get_remote_address().unwrap()), port(second));
    one.send(b"to the peer".to_vec(), None).await.unwrap();
    received(&two, b"to the peer", first).await;
    one.send(b"by its address".to_vec(), Some(second)).await.unwrap();
    received(&two, b"by its address", first).await;
    assert_fails!(send(&one, b"to another", third).await, InvalidArgument);

    // Only the peer is heard.
    send(&stranger, b"unheard", first).await.unwrap();
    send(&two, b"heard", first).await.unwrap();
    received(&one, b"heard", second).await;

    one.disconnect().unwrap();
    assert_fails!(one.disconnect(), InvalidState);
    assert_fails!(one.get_remote_address(), InvalidState);
    assert_fails!(one.send(vec![1], None).await, InvalidArgument);
}

async fn waiting() {
    let (one, first) = bound();
    let (two, second) = bound();
    // A receive that a timer beats takes nothing.
    assert!(matches!(within(10 * MS, one.receive()).await, Either::Right(())));
    let (got, ()) = join(one.receive(), async { send(&two, b"late", first).await.unwrap() }).await;
    let (data, from) = got.unwrap();
    assert_eq!((&data[..], port(from)), (&b"late"[..], port(second)));
    // Two that wait at once get one each.
    let (got, sent) = join(join(one.receive(), one.receive()), async {
        send(&two, b"a", first).await?;
        send(&two, b"b", first).await
    })
    .await;
    sent.unwrap();
    let mut both = [got.0.unwrap().0, got.1.unwrap().0];
    both.sort();
    assert_eq!(both, [b"a", b"b"]);
}

pub async fn echo() -> Result<()> {
    let (socket, address) = bound();
    print(&format!("listening on 127.0.0.1:{}", port(address))).await;
    loop {
        let (data, from) = socket.receive().await?;
        if data == b"end" {
            return Ok(());
        }
        socket.send(data, Some(from)).await?;
    }
}
