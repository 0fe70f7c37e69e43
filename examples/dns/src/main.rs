//! Looks names up: `dns NAME...`. A line for each address, or for what went wrong.
use std::env;
use std::net::ToSocketAddrs;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut status = ExitCode::SUCCESS;
    for name in env::args().skip(1) {
        match (name.as_str(), 0).to_socket_addrs() {
            Ok(addresses) => addresses.for_each(|address| println!("{name} {}", address.ip())),
            Err(error) => {
                println!("{name}: {error}");
                status = ExitCode::FAILURE;
            }
        }
    }
    status
}
