//! A TCP proxy on tokio: `proxy LISTEN UPSTREAM`. Bytes go both ways at once, and so do connections, in one thread.
use std::env;
use std::io::{Error, ErrorKind, Result};
use std::net::SocketAddr;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;
use tokio::task::{LocalSet, spawn_local};

async fn forward(mut client: TcpStream, upstream: SocketAddr) -> Result<(u64, u64)> {
    let mut server = TcpStream::connect(upstream).await?;
    copy_bidirectional(&mut client, &mut server).await
}

async fn serve(address: SocketAddr, upstream: SocketAddr) -> Result<()> {
    let listener = TcpListener::bind(address).await?;
    println!("{} leads to {upstream}", listener.local_addr()?);
    loop {
        let (client, peer) = listener.accept().await?;
        spawn_local(async move {
            match forward(client, upstream).await {
                Ok((sent, received)) => println!("{peer}: {sent} bytes sent, {received} received"),
                Err(error) => println!("{peer}: {error}"),
            }
        });
    }
}

fn main() -> Result<()> {
    let addresses: Vec<SocketAddr> = env::args().skip(1).filter_map(|word| word.parse().ok()).collect();
    let [address, upstream] = addresses[..] else {
        return Err(Error::new(ErrorKind::InvalidInput, "proxy LISTEN UPSTREAM, both ADDRESS:PORT"));
    };
    let runtime = Builder::new_current_thread().enable_io().build()?;
    LocalSet::new().block_on(&runtime, serve(address, upstream))
}
