//! WASI 0.3 by the wasip3 crate. It exports two `run`s: that of 0.3, and that of 0.2, which the standard library makes of `main`.
//!
//!   hello       writes a line to stdout
//!   echo N      listens on 127.0.0.1, says where, and echoes N connections by reads and writes, each in a task of its own
//!   splice N    the same, by sending what is received, as one stream
use wasip3::cli::environment::get_arguments;
use wasip3::cli::stdout;
use wasip3::sockets::types::{
    ErrorCode, IpAddressFamily, IpSocketAddress, Ipv4SocketAddress, TcpSocket,
};
use wasip3::wit_bindgen::{StreamResult, spawn_local};
use wasip3::wit_stream;

const BUFFER: usize = 64 * 1024;

struct Guest;

wasip3::cli::command::export!(Guest);

impl wasip3::exports::cli::run::Guest for Guest {
    async fn run() -> Result<(), ()> {
        let arguments = get_arguments();
        let count = arguments.get(2).map_or(1, |word| word.parse().unwrap());
        match arguments.get(1).map(String::as_str) {
            Some("hello") | None => print("Hello, WASI 0.3!").await,
            Some("echo") => serve(count, echo).await.unwrap(),
            Some("splice") => serve(count, splice).await.unwrap(),
            Some(other) => panic!("no topic {other}"),
        }
        Ok(())
    }
}

fn main() {
    panic!("this is the run of WASI 0.2");
}

async fn print(line: &str) {
    let (mut writer, reader) = wit_stream::new();
    let written = stdout::write_via_stream(reader);
    let rest = writer.write_all(format!("{line}\n").into_bytes()).await;
    assert!(rest.is_empty());
    drop(writer);
    written.await.unwrap();
}

/// Serves as many connections as `count` says, all at once.
async fn serve<F>(count: usize, answer: fn(TcpSocket) -> F) -> Result<(), ErrorCode>
where
    F: Future<Output = Result<(), ErrorCode>> + 'static,
{
    let listener = TcpSocket::create(IpAddressFamily::Ipv4)?;
    listener.bind(IpSocketAddress::Ipv4(Ipv4SocketAddress {
        port: 0,
        address: (127, 0, 0, 1),
    }))?;
    let mut connections = listener.listen()?;
    let IpSocketAddress::Ipv4(local) = listener.get_local_address()? else {
        panic!("an IPv6 address")
    };
    print(&format!("listening on 127.0.0.1:{}", local.port)).await;
    let mut tasks = Vec::new();
    for _ in 0..count {
        let connection = connections.next().await.expect("a connection");
        tasks.push(spawn_local(answer(connection)));
    }
    for task in tasks {
        task.await.expect("no task is cancelled")?;
    }
    Ok(())
}

async fn echo(connection: TcpSocket) -> Result<(), ErrorCode> {
    let (mut received, outcome) = connection.receive();
    let (mut writer, reader) = wit_stream::new();
    let sent = connection.send(reader);
    let mut buffer = Vec::with_capacity(BUFFER);
    loop {
        buffer.clear();
        let (result, read) = received.read(buffer).await;
        if result == StreamResult::Dropped && read.is_empty() {
            break;
        }
        buffer = writer.write_all(read).await;
        assert!(buffer.is_empty(), "the peer does not read on");
        buffer.reserve(BUFFER);
    }
    drop(writer);
    sent.await?;
    outcome.await
}

async fn splice(connection: TcpSocket) -> Result<(), ErrorCode> {
    let (received, outcome) = connection.receive();
    connection.send(received).await?;
    outcome.await
}
