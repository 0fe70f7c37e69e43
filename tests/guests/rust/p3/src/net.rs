//! Sockets of this guest's, with the streams and futures that belong to them.
use std::net::{SocketAddr, SocketAddrV4};
use wasip3::sockets::types::{
    ErrorCode, IpAddressFamily, IpSocketAddress, Ipv4SocketAddress, Ipv6SocketAddress, TcpSocket,
};
use wasip3::wit_bindgen::{FutureReader, StreamReader, StreamResult, StreamWriter};
use wasip3::wit_stream;

pub type Result<T> = core::result::Result<T, ErrorCode>;

/// That a call failed with this error code.
#[macro_export]
macro_rules! assert_fails {
    ($result:expr, $code:ident) => {
        let result = $result;
        assert!(
            matches!(result, Err(wasip3::sockets::types::ErrorCode::$code)),
            "{} gave {result:?}, expected {}",
            stringify!($result),
            stringify!($code)
        );
    };
}

pub fn parse(text: &str) -> IpSocketAddress {
    match text.parse().unwrap() {
        SocketAddr::V4(address) => v4(address),
        SocketAddr::V6(address) => {
            let [a, b, c, d, e, f, g, h] = address.ip().segments();
            IpSocketAddress::Ipv6(Ipv6SocketAddress {
                port: address.port(),
                flow_info: address.flowinfo(),
                address: (a, b, c, d, e, f, g, h),
                scope_id: address.scope_id(),
            })
        }
    }
}

fn v4(address: SocketAddrV4) -> IpSocketAddress {
    let [a, b, c, d] = address.ip().octets();
    IpSocketAddress::Ipv4(Ipv4SocketAddress {
        port: address.port(),
        address: (a, b, c, d),
    })
}

pub fn loopback(port: u16) -> IpSocketAddress {
    v4(SocketAddrV4::new(std::net::Ipv4Addr::LOCALHOST, port))
}

pub fn port(address: IpSocketAddress) -> u16 {
    match address {
        IpSocketAddress::Ipv4(address) => address.port,
        IpSocketAddress::Ipv6(address) => address.port,
    }
}

pub fn family(address: IpSocketAddress) -> IpAddressFamily {
    match address {
        IpSocketAddress::Ipv4(_) => IpAddressFamily::Ipv4,
        IpSocketAddress::Ipv6(_) => IpAddressFamily::Ipv6,
    }
}

pub struct Listener {
    pub socket: TcpSocket,
    pub connections: StreamReader<TcpSocket>,
    pub address: IpSocketAddress,
}

pub fn listen(address: IpSocketAddress) -> Result<Listener> {
    let socket = TcpSocket::create(family(address))?;
    socket.bind(address)?;
    let connections = socket.listen()?;
    let address = socket.get_local_address()?;
    Ok(Listener {
        socket,
        connections,
        address,
    })
}

pub async fn dial(address: IpSocketAddress) -> Result<Connection> {
    let socket = TcpSocket::create(family(address))?;
    socket.connect(address).await?;
    Ok(Connection::of(socket))
}

/// A connected socket with both of its streams.
pub struct Connection {
    pub socket: TcpSocket,
    pub reader: StreamReader<u8>,
    pub received: FutureReader<Result<()>>,
    pub writer: StreamWriter<u8>,
    pub sent: FutureReader<Result<()>>,
}

impl Connection {
    pub fn of(socket: TcpSocket) -> Self {
        let (reader, received) = socket.receive();
        let (writer, data) = wit_stream::new();
        let sent = socket.send(data);
        Self {
            socket,
            reader,
            received,
            writer,
            sent,
        }
    }

    pub async fn write(&mut self, bytes: &[u8]) {
        let rest = self.writer.write_all(bytes.to_vec()).await;
        assert!(rest.is_empty(), "the peer does not read on");
    }

    /// Exactly so many bytes.
    pub async fn read(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        while bytes.len() < count {
            let (result, read) = self.reader.read(Vec::with_capacity(count - bytes.len())).await;
            assert!(matches!(result, StreamResult::Complete(_)), "the end, of {count} bytes after {}", bytes.len());
            bytes.extend(read);
        }
        bytes
    }

    /// Ends the sending side.
    pub async fn finish(self) -> (StreamReader<u8>, FutureReader<Result<()>>, Result<()>) {
        drop(self.writer);
        (self.reader, self.received, self.sent.await)
    }
}

/// Two ends of one connection: the one that dialled, and the one that was accepted.
pub async fn pair() -> (Connection, Connection) {
    let mut listener = listen(loopback(0)).unwrap();
    let dialled = dial(listener.address).await.unwrap();
    let accepted = listener.connections.next().await.expect("a connection");
    (dialled, Connection::of(accepted))
}
