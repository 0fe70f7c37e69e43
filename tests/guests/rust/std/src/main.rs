//! What Rust's own library makes of the host, a topic a run: `tcp`, `hop-limit`, `udp`, `lookup`, `process`, `files`.
use std::io::{BufRead, BufReader, ErrorKind, Read, Result, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream, ToSocketAddrs, UdpSocket};
use std::time::{Duration, Instant, SystemTime};
use std::{env, fs, process, thread};

const ANY_PORT: (Ipv4Addr, u16) = (Ipv4Addr::LOCALHOST, 0);

fn kind<T>(result: Result<T>) -> Option<ErrorKind> {
    result.err().map(|error| error.kind())
}

fn pair() -> Result<(TcpStream, TcpStream)> {
    let listener = TcpListener::bind(ANY_PORT)?;
    let client = TcpStream::connect_timeout(&listener.local_addr()?, Duration::from_secs(10))?;
    let (server, peer) = listener.accept()?;
    assert_eq!(peer, client.local_addr()?);
    assert_eq!(client.peer_addr()?, server.local_addr()?);
    Ok((client, server))
}

fn tcp() -> Result<()> {
    let (mut client, mut server) = pair()?;
    client.set_nodelay(true)?;
    assert!(client.nodelay()?);
    assert!(client.take_error()?.is_none());

    // A read that ends by time, by the lack of anything to read, and by what has come.
    let limit = Duration::from_millis(50);
    let mut buffer = [0; 1024];
    client.set_read_timeout(Some(limit))?;
    assert_eq!(client.read_timeout()?, Some(limit));
    let start = Instant::now();
    assert_eq!(kind(client.read(&mut buffer)), Some(ErrorKind::WouldBlock));
    assert!(start.elapsed() >= limit);
    client.set_read_timeout(None)?;
    client.set_nonblocking(true)?;
    assert_eq!(kind(client.read(&mut buffer)), Some(ErrorKind::WouldBlock));
    client.set_nonblocking(false)?;
    server.write_all(b"hello\nworld\n")?;
    let mut reader = BufReader::new(&client);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    assert_eq!(line, "hello\n");
    drop(reader);

    // Half-closed one way, more than the kernel holds the other.
    server.shutdown(Shutdown::Write)?;
    client.read_to_end(&mut Vec::new())?;
    assert_eq!(client.read(&mut buffer)?, 0);
    let sent: Vec<u8> = (0..300_000u32).map(|i| (i % 251) as u8).collect();
    client.write_all(&sent)?;
    client.shutdown(Shutdown::Write)?;
    let mut received = Vec::new();
    server.read_to_end(&mut received)?;
    assert!(received == sent);
    drop(server);
    drop(client);

    let listener = TcpListener::bind(ANY_PORT)?;
    let address = listener.local_addr()?;
    assert_eq!(kind(TcpListener::bind(address)), Some(ErrorKind::AddrInUse));
    listener.set_nonblocking(true)?;
    assert_eq!(kind(listener.accept()), Some(ErrorKind::WouldBlock));
    drop(listener);
    assert_eq!(kind(TcpStream::connect(address)), Some(ErrorKind::ConnectionRefused));
    assert!(TcpListener::bind("[::1]:0")?.local_addr()?.is_ipv6());
    Ok(())
}

fn hop_limit() -> Result<()> {
    let (client, _server) = pair()?;
    client.set_ttl(42)?;
    assert_eq!(client.ttl()?, 42);
    Ok(())
}

fn udp() -> Result<()> {
    let (one, other) = (UdpSocket::bind(ANY_PORT)?, UdpSocket::bind(ANY_PORT)?);
    let (near, far) = (one.local_addr()?, other.local_addr()?);
    let mut buffer = vec![0; 65536];
    assert_eq!(one.send_to(b"abc", far)?, 3);
    assert_eq!(other.recv_from(&mut buffer)?, (3, near));
    assert_eq!(&buffer[..3], b"abc");
    one.connect(far)?;
    assert_eq!(one.peer_addr()?, far);
    for length in [9, 0, 60_000] {
        assert_eq!(one.send(&vec![7; length])?, length);
        assert_eq!(other.recv(&mut buffer)?, length);
    }
    other.set_nonblocking(true)?;
    assert_eq!(kind(other.recv(&mut buffer)), Some(ErrorKind::WouldBlock));
    Ok(())
}

fn lookup() -> Result<()> {
    let found: Vec<SocketAddr> = ("localhost", 80).to_socket_addrs()?.collect();
    assert!(!found.is_empty() && found.iter().all(|each| each.ip().is_loopback() && each.port() == 80));
    assert!(("no-such-host.invalid", 80).to_socket_addrs().is_err());
    Ok(())
}

fn process() -> Result<()> {
    assert_eq!(env::args().skip(1).collect::<Vec<_>>(), ["process", "an argument", "é"]);
    assert_eq!(env::var("NAME").as_deref(), Ok("value"));
    assert!(env::var("OTHER").is_err());
    let start = Instant::now();
    thread::sleep(Duration::from_millis(20));
    assert!(start.elapsed() >= Duration::from_millis(20));
    assert!(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).is_ok_and(|since| since.as_secs() > 1_700_000_000));
    assert_eq!(kind(thread::Builder::new().spawn(|| ())), Some(ErrorKind::Unsupported));
    let mut input = String::new();
    std::io::stdin().read_to_string(&mut input)?;
    print!("{input}");
    eprint!("to stderr");
    process::exit(7);
}

fn files() -> Result<()> {
    fs::write("/d/x.txt", b"content")?;
    fs::OpenOptions::new().append(true).open("/d/x.txt")?.write_all(b"!!")?;
    assert_eq!(fs::read_to_string("/d/x.txt")?, "content!!");
    fs::create_dir_all("/d/a/b/c")?;
    fs::rename("/d/x.txt", "/d/a/y.txt")?;
    let names: Result<Vec<_>> = fs::read_dir("/d/a")?.map(|entry| entry.map(|each| each.file_name())).collect();
    let mut names = names?;
    names.sort();
    assert_eq!(names, ["b", "y.txt"]);
    let metadata = fs::metadata("/d/a/y.txt")?;
    assert!(metadata.is_file() && metadata.len() == 9 && metadata.modified()? > SystemTime::UNIX_EPOCH);
    assert_eq!(kind(fs::read("/d/../../../etc/passwd")), Some(ErrorKind::PermissionDenied));
    fs::hard_link("/d/a/y.txt", "/d/link")?;
    fs::OpenOptions::new().write(true).open("/d/a/y.txt")?.set_len(3)?;
    assert_eq!(fs::read_to_string("/d/link")?, "con");
    fs::remove_dir_all("/d/a")?;
    assert_eq!(kind(fs::metadata("/d/a")), Some(ErrorKind::NotFound));
    fs::remove_file("/d/link")
}

fn main() -> Result<()> {
    match env::args().nth(1).as_deref() {
        Some("tcp") => tcp(),
        Some("hop-limit") => hop_limit(),
        Some("udp") => udp(),
        Some("lookup") => lookup(),
        Some("process") => process(),
        Some("files") => files(),
        _ => panic!("no such topic"),
    }
}
