//! Tries to connect: `policy ADDRESS:PORT...`. A line for each, with what became of it.
use std::env;
use std::io::ErrorKind;
use std::net::TcpStream;

fn main() {
    for address in env::args().skip(1) {
        match TcpStream::connect(&address) {
            Ok(_) => println!("{address}: connected"),
            Err(error) if error.kind() == ErrorKind::PermissionDenied => println!("{address}: not allowed"),
            Err(error) => println!("{address}: {error}"),
        }
    }
}
