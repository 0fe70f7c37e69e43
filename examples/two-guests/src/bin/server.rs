//! Counts the words of each connection: `server`. The first line that it prints says where it listens.
use std::io::{BufRead, BufReader, Result, Write};
use std::net::{Ipv4Addr, TcpListener};

fn main() -> Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    println!("{}", listener.local_addr()?);
    loop {
        let (mut stream, _) = listener.accept()?;
        let mut words = 0;
        for line in BufReader::new(&stream).lines() {
            words += line?.split_whitespace().count();
        }
        write!(stream, "{words}")?;
    }
}
