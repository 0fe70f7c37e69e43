//! `hashes N`: N times Argon2id of a password, and SHA-256 and SHA-512 of 4 MB.
use argon2::Argon2;
use sha2::{Digest, Sha256, Sha512};

fn main() {
    let rounds: u32 = std::env::args().nth(1).and_then(|word| word.parse().ok()).unwrap_or(1);
    let data: Vec<u8> = (0..4_000_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let mut last = [0; 32];
    for round in 0..rounds {
        Argon2::default().hash_password_into(&round.to_le_bytes(), b"salt and more", &mut last).expect("a hash");
        let (short, long) = (Sha256::digest(&data), Sha512::digest(&data));
        last.iter_mut().zip(short.iter().zip(&long)).for_each(|(to, (a, b))| *to ^= a ^ b);
    }
    println!("{last:02x?}");
}
