//! `codecs N`: N times an image through PNG and JPEG, and the result through Brotli.
use image::{codecs::jpeg::JpegEncoder, ImageFormat, Rgb, RgbImage};
use std::io::{Cursor, Read};

fn main() {
    let rounds: u32 = std::env::args().nth(1).and_then(|word| word.parse().ok()).unwrap_or(1);
    let mut bytes = 0;
    for round in 0..rounds {
        let image = RgbImage::from_fn(640, 480, |x, y| {
            let waves = ((x + round) as f32 / 17.0).sin() + (y as f32 / 23.0).cos();
            Rgb([(waves * 63.0 + 128.0) as u8, (x ^ y) as u8, (x * y / 97) as u8])
        });
        let mut png = Vec::new();
        image.write_to(&mut Cursor::new(&mut png), ImageFormat::Png).expect("PNG is written");
        let decoded = image::load_from_memory(&png).expect("PNG is read").to_rgb8();
        assert!(decoded == image, "PNG loses nothing");
        let mut jpeg = Vec::new();
        JpegEncoder::new_with_quality(&mut jpeg, 85).encode_image(&decoded).expect("JPEG is written");
        let lossy = image::load_from_memory(&jpeg).expect("JPEG is read").to_rgb8();
        let mut packed = Vec::new();
        brotli::CompressorReader::new(lossy.as_raw().as_slice(), 4096, 5, 22).read_to_end(&mut packed).expect("packed");
        let mut unpacked = Vec::new();
        brotli::Decompressor::new(packed.as_slice(), 4096).read_to_end(&mut unpacked).expect("unpacked");
        assert!(&unpacked == lossy.as_raw(), "Brotli loses nothing");
        bytes += png.len() + jpeg.len() + packed.len();
    }
    println!("{bytes}");
}
