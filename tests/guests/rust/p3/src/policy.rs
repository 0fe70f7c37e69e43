//! What a policy may forbid, a line for each.
use crate::net::{family, loopback};
use crate::stdio::print;
use std::fmt::Display;
use wasip3::sockets::ip_name_lookup::resolve_addresses;
use wasip3::sockets::types::{IpAddressFamily, IpSocketAddress, TcpSocket, UdpSocket};

async fn say<T, E: Display>(what: &str, result: Result<T, E>) -> Option<T> {
    let answer = match &result {
        Ok(_) => "ok".to_string(),
        Err(error) => error.to_string().replace("ErrorCode::", ""),
    };
    print(&format!("{what}: {answer}")).await;
    result.ok()
}

pub async fn report(peer: IpSocketAddress) {
    if let Some(socket) = say("tcp create", TcpSocket::create(IpAddressFamily::Ipv4)).await {
        say("tcp bind", socket.bind(loopback(0))).await;
        let unbound = TcpSocket::create(IpAddressFamily::Ipv4).unwrap();
        say("tcp listen", unbound.listen()).await;
        let client = TcpSocket::create(family(peer)).unwrap();
        say("tcp connect", client.connect(peer).await).await;
    }
    if let Some(socket) = say("udp create", UdpSocket::create(IpAddressFamily::Ipv4)).await {
        say("udp bind", socket.bind(loopback(0))).await;
        let unbound = UdpSocket::create(IpAddressFamily::Ipv4).unwrap();
        say("udp send", unbound.send(vec![], Some(peer)).await).await;
        let unbound = UdpSocket::create(IpAddressFamily::Ipv4).unwrap();
        say("udp connect", unbound.connect(peer)).await;
    }
    say("lookup", resolve_addresses("127.0.0.1".to_string()).await).await;
}
