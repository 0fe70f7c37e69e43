//! tokio on mio: servers, clients and timers as tasks of one thread, which waits once for all of them. With an address: an echo
//! server there, for the benchmark.
use std::cell::Cell;
use std::future::Future;
use std::io::{ErrorKind, Result};
use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::task::{JoinHandle, LocalSet, spawn_local};
use tokio::time::{interval, sleep, timeout};

const ANY_PORT: (Ipv4Addr, u16) = (Ipv4Addr::LOCALHOST, 0);
const CLIENTS: usize = 50;

/// So many connections, each answered until it ends.
async fn echo(listener: TcpListener, connections: usize) -> Result<()> {
    let mut tasks = Vec::new();
    for _ in 0..connections {
        let (stream, _) = listener.accept().await?;
        tasks.push(spawn_local(async move {
            let (mut reader, mut writer) = stream.into_split();
            tokio::io::copy(&mut reader, &mut writer).await?;
            writer.shutdown().await
        }));
    }
    all(tasks).await.map(|_| ())
}

async fn all<T>(tasks: Vec<JoinHandle<Result<T>>>) -> Result<Vec<T>> {
    let mut results = Vec::new();
    for task in tasks {
        results.push(task.await??);
    }
    Ok(results)
}

/// Clients that send at their own pace, while a timer goes on.
async fn clients() -> Result<()> {
    let listener = TcpListener::bind(ANY_PORT).await?;
    let address = listener.local_addr()?;
    let server = spawn_local(echo(listener, CLIENTS));
    let ticks = Rc::new(Cell::new(0));
    let counted = ticks.clone();
    let ticker = spawn_local(async move {
        let mut every = interval(Duration::from_millis(2));
        loop {
            every.tick().await;
            counted.set(counted.get() + 1);
        }
    });
    let clients = (0..CLIENTS).map(|i| {
        spawn_local(async move {
            let mut stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            for j in 0..20 {
                let sent = vec![(i + j) as u8; 100 + i * 37];
                stream.write_all(&sent).await?;
                let mut received = vec![0; sent.len()];
                stream.read_exact(&mut received).await?;
                assert!(received == sent);
                if j % 5 == 0 {
                    sleep(Duration::from_millis(3)).await;
                }
            }
            Result::Ok(())
        })
    });
    all(clients.collect()).await?;
    server.await??;
    assert!(ticks.get() >= 5, "{} ticks", ticks.get());
    ticker.abort();
    Ok(())
}

/// Both directions at once, with more than the kernel and the host hold.
async fn bulk() -> Result<()> {
    let listener = TcpListener::bind(ANY_PORT).await?;
    let address = listener.local_addr()?;
    let server = spawn_local(echo(listener, 1));
    let (mut reader, mut writer) = TcpStream::connect(address).await?.into_split();
    let sender = spawn_local(async move {
        let block = vec![9; 1 << 20];
        for _ in 0..16 {
            writer.write_all(&block).await?;
        }
        writer.shutdown().await
    });
    let mut received = Vec::new();
    reader.read_to_end(&mut received).await?;
    assert!(received.len() == 16 << 20 && received.iter().all(|byte| *byte == 9));
    sender.await??;
    server.await?
}

async fn late<T>(call: impl Future<Output = T>) -> bool {
    let start = Instant::now();
    let limit = Duration::from_millis(20);
    timeout(limit, call).await.is_err() && start.elapsed() >= limit
}

/// Calls that are given up, and those that go on afterwards.
async fn timeouts() -> Result<()> {
    let listener = TcpListener::bind(ANY_PORT).await?;
    let address = listener.local_addr()?;
    let mut client = TcpStream::connect(address).await?;
    let (mut server, _) = listener.accept().await?;
    let mut buffer = [0; 16];
    assert!(late(client.read(&mut buffer)).await);
    assert!(late(listener.accept()).await);
    server.write_all(b"one\ntwo\nthree").await?;
    drop(server);
    let mut lines = BufReader::new(client).lines();
    for expected in [Some("one"), Some("two"), Some("three"), None] {
        assert_eq!(lines.next_line().await?.as_deref(), expected);
    }
    drop(listener);
    let refused = TcpStream::connect(address).await.map(|_| ());
    assert_eq!(refused.map_err(|error| error.kind()), Err(ErrorKind::ConnectionRefused));
    Ok(())
}

async fn udp() -> Result<()> {
    let (one, other) = (UdpSocket::bind(ANY_PORT).await?, UdpSocket::bind(ANY_PORT).await?);
    let (near, far) = (one.local_addr()?, other.local_addr()?);
    let mut buffer = [0; 16];
    for i in 0..10 {
        assert_eq!(one.send_to(&[i; 3], far).await?, 3);
        assert_eq!(other.recv_from(&mut buffer).await?, (3, near));
        assert_eq!(buffer[..3], [i; 3]);
    }
    assert!(late(other.recv_from(&mut buffer)).await);
    Ok(())
}

async fn serve(address: &str) -> Result<()> {
    let listener = TcpListener::bind(address.parse::<SocketAddr>().expect("an address")).await?;
    println!("listening on {}", listener.local_addr()?);
    loop {
        let (mut stream, _) = listener.accept().await?;
        spawn_local(async move {
            let mut buffer = vec![0; 65536];
            loop {
                let length = stream.read(&mut buffer).await?;
                if length == 0 {
                    return Result::Ok(());
                }
                stream.write_all(&buffer[..length]).await?;
            }
        });
    }
}

fn main() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(LocalSet::new().run_until(async {
        if let Some(address) = std::env::args().nth(1) {
            return serve(&address).await;
        }
        clients().await?;
        bulk().await?;
        timeouts().await?;
        udp().await
    }))
}
