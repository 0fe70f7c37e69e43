//! A web server as people write it: axum on hyper on tokio. With an address: answers there. For the benchmark, which also builds it
//! for the machine itself, and has that serve HTTP clients.
use axum::body::Bytes;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use axum::Router;
use std::io::Result;
use tokio::net::TcpListener;

const LARGE: usize = 16 << 20;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:0".into());
    let listener = TcpListener::bind(address).await?;
    println!("listening on {}", listener.local_addr()?);
    let large = Bytes::from(vec![b'x'; LARGE]);
    let router = Router::new()
        .route("/", get(|| async { "Hello, World!" }))
        .route("/large", get(|| async move { large.clone() }))
        .route("/sink", post(|body: Bytes| async move { body.len().to_string() }))
        .layer(DefaultBodyLimit::disable());
    axum::serve(listener, router).await
}
