//! A web server as people write it: axum on hyper on tokio. With an address: answers GET / there. For the benchmark, which also
//! builds it for the machine itself.
use axum::{Router, routing::get};
use std::io::Result;
use tokio::net::TcpListener;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:0".into());
    let listener = TcpListener::bind(address).await?;
    println!("listening on {}", listener.local_addr()?);
    axum::serve(listener, Router::new().route("/", get(|| async { "Hello, World!" }))).await
}
