//! A time server over UDP: `udp ADDRESS:PORT`. To each datagram it answers with the seconds since 1970.
use std::env;
use std::io::{Error, ErrorKind, Result};
use std::net::UdpSocket;
use std::time::{SystemTime, UNIX_EPOCH};

fn main() -> Result<()> {
    let address = env::args().nth(1).ok_or(Error::new(ErrorKind::InvalidInput, "udp ADDRESS:PORT"))?;
    let socket = UdpSocket::bind(address)?;
    println!("the time is told at {}", socket.local_addr()?);
    loop {
        let (_, peer) = socket.recv_from(&mut [0; 512])?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(Error::other)?;
        socket.send_to(now.as_secs().to_string().as_bytes(), peer)?;
    }
}
