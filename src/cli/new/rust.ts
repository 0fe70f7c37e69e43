import { ADDRESS, CLIENT, type Template } from "./template.ts";

const TARGET = "wasm32-wasip2";

/** A component by Rust's standard library: it needs no crates. */
export function rust(name: string): Template {
  const build = `cargo build --target ${TARGET}`;
  return {
    language: "Rust",
    what: "a TCP echo server, with the sockets of the standard library",
    tools: [
      { name: "Rust", programs: ["cargo"], from: "<https://rustup.rs>" },
      { name: `its target ${TARGET}`, programs: ["cargo"], from: `\`rustup target add ${TARGET}\`` },
    ],
    // Folders of its own beside the program's file.
    reserved: ["build", "deps", "examples", "incremental"],
    build,
    file: `target/${TARGET}/debug/${name}.wasm`,
    release: { build: `${build} --release`, file: `target/${TARGET}/release/${name}.wasm` },
    command: "run",
    options: [`--allow-net=listen:${ADDRESS}`],
    client: CLIENT,
    source: "src/main.rs",
    ignored: ["/target"],
    problemMatcher: "$rustc",
    files: {
      "Cargo.toml": `[package]
name = "${name}"
version = "0.1.0"
edition = "2021"

# A tenth of the size; backtraces keep the names of functions.
[profile.dev]
strip = "debuginfo"

[profile.release]
strip = "debuginfo"
`,
      "src/main.rs": `//! Greets each client, and sends back what it says.
use std::io::{self, Write};
use std::net::{TcpListener, TcpStream};

const ADDRESS: &str = "${ADDRESS}";

fn main() -> io::Result<()> {
    let listener = TcpListener::bind(ADDRESS)?;
    println!("listening on {ADDRESS}");
    // One client after the other: there are no threads. For many at once there are the crates tokio and wstd.
    for client in listener.incoming() {
        if let Err(error) = client.and_then(serve) {
            eprintln!("a client: {error}");
        }
    }
    Ok(())
}

fn serve(mut client: TcpStream) -> io::Result<()> {
    client.write_all(b"welcome to ${name}\\n")?;
    io::copy(&mut &client, &mut &client)?;
    Ok(())
}
`,
    },
  };
}
