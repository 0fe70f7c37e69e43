//! Echo servers, by three means.
use crate::net::{Listener, Result, listen, loopback, parse, port};
use crate::stdio::{print, print_error};
use crate::timers::within;
use futures::future::{Either, LocalBoxFuture};
use wasip3::clocks::monotonic_clock;
use wasip3::sockets::types::TcpSocket;
use wasip3::wit_bindgen::{StreamReader, StreamResult, spawn_local};
use wasip3::wit_stream;

const BUFFER: usize = 64 * 1024;
const SECOND: u64 = 1_000_000_000;

fn answer(mode: &str, connection: TcpSocket) -> LocalBoxFuture<'static, Result<()>> {
    match mode {
        "echo" => Box::pin(echo(connection, None)),
        "timeout" => Box::pin(echo(connection, Some(10 * SECOND))),
        "splice" => Box::pin(splice(connection)),
        _ => panic!("no mode {mode}"),
    }
}

/// Serves as many connections as `count` says, all at once.
pub async fn some(mode: &str, count: usize) -> Result<()> {
    let mut listener = listen(loopback(0))?;
    print(&format!("listening on 127.0.0.1:{}", port(listener.address))).await;
    let mut tasks = Vec::new();
    for _ in 0..count {
        let connection = listener.connections.next().await.expect("a connection");
        tasks.push(spawn_local(answer(mode, connection)));
    }
    for task in tasks {
        task.await.expect("no task is cancelled")?;
    }
    Ok(())
}

/// Serves whoever comes, and ticks. What becomes of one connection is none of the others' business.
pub async fn forever(mode: &str, address: &str) -> core::result::Result<(), ()> {
    let address = parse(address);
    let Listener { mut connections, address, .. } = match listen(address) {
        Ok(listener) => listener,
        Err(error) => {
            print_error(&format!("listen: {error}")).await;
            return Err(());
        }
    };
    print(&format!("listening on 127.0.0.1:{}", port(address))).await;
    spawn_local(tick());
    while let Some(connection) = connections.next().await {
        spawn_local(answer(mode, connection));
    }
    panic!("the stream of connections has ended");
}

async fn tick() {
    let start = monotonic_clock::now();
    for n in 1.. {
        monotonic_clock::wait_until(start + n * SECOND).await;
        print(&format!("tick {n}")).await;
    }
}

async fn echo(connection: TcpSocket, patience: Option<u64>) -> Result<()> {
    let (mut received, outcome) = connection.receive();
    let (mut writer, reader) = wit_stream::new();
    let sent = connection.send(reader);
    let mut buffer = Vec::with_capacity(BUFFER);
    loop {
        buffer.clear();
        let (result, read) = read(&mut received, buffer, patience).await;
        if result == StreamResult::Dropped && read.is_empty() {
            break;
        }
        buffer = writer.write_all(read).await;
        if !buffer.is_empty() {
            break;
        }
        buffer.reserve(BUFFER);
    }
    drop(writer);
    sent.await?;
    outcome.await
}

async fn read(from: &mut StreamReader<u8>, buffer: Vec<u8>, patience: Option<u64>) -> (StreamResult, Vec<u8>) {
    let read = from.read(buffer);
    let Some(patience) = patience else { return read.await };
    match within(patience, read).await {
        Either::Left(read) => read,
        Either::Right(_) => panic!("a client that says nothing"),
    }
}

async fn splice(connection: TcpSocket) -> Result<()> {
    let (received, outcome) = connection.receive();
    connection.send(received).await?;
    outcome.await
}
