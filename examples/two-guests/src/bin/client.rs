//! Has the words of a text counted: `client ADDRESS:PORT TEXT`.
use std::env;
use std::io::{Read, Result, Write};
use std::net::{Shutdown, TcpStream};

fn main() -> Result<()> {
    let [_, address, text] = &env::args().collect::<Vec<_>>()[..] else {
        panic!("client ADDRESS:PORT TEXT");
    };
    let mut stream = TcpStream::connect(address)?;
    stream.write_all(text.as_bytes())?;
    stream.shutdown(Shutdown::Write)?;
    let mut count = String::new();
    stream.read_to_string(&mut count)?;
    println!("{count} words");
    Ok(())
}
