//! wasi:sockets/ip-name-lookup
use wasip3::sockets::ip_name_lookup::{ErrorCode, resolve_addresses};
use wasip3::sockets::types::IpAddress;
use futures::future::join_all;

async fn resolve(name: &str) -> Result<Vec<IpAddress>, ErrorCode> {
    resolve_addresses(name.to_string()).await
}

fn is_loopback(address: &IpAddress) -> bool {
    matches!(address, IpAddress::Ipv4((127, 0, 0, 1)) | IpAddress::Ipv6((0, 0, 0, 0, 0, 0, 0, 1)))
}

pub async fn check() {
    for name in ["localhost", "127.0.0.1", "::1"] {
        let addresses = resolve(name).await.unwrap();
        assert!(!addresses.is_empty() && addresses.iter().all(is_loopback), "{name}: {addresses:?}");
    }
    for name in ["", "a b", "127.0.0.1:80", "http://localhost"] {
        let answer = resolve(name).await;
        assert!(matches!(answer, Err(ErrorCode::InvalidArgument)), "{name:?}: {answer:?}");
    }
    // Many at once.
    for addresses in join_all((0..20).map(|_| resolve("localhost"))).await {
        assert!(addresses.unwrap().iter().all(is_loopback));
    }
}
