//! Timestamps: to the nanosecond, before 1970 too.
use crate::root::{FOLLOW, WRITE, directory, fresh, open_at, read_only, refused, remove};
use wasip3::clocks::system_clock::{Instant, now};
use wasip3::filesystem::types::{Descriptor, DescriptorStat, NewTimestamp, OpenFlags, PathFlags};

fn at(seconds: i64, nanoseconds: u32) -> NewTimestamp {
    NewTimestamp::Timestamp(Instant { seconds, nanoseconds })
}

fn told(time: Option<Instant>) -> (i64, u32) {
    let time = time.unwrap();
    (time.seconds, time.nanoseconds)
}

fn accessed(stat: &DescriptorStat) -> (i64, u32) {
    told(stat.data_access_timestamp)
}

fn modified(stat: &DescriptorStat) -> (i64, u32) {
    told(stat.data_modification_timestamp)
}

pub async fn check(root: &Descriptor) {
    let file = fresh(root, "file").await;
    for (seconds, nanoseconds) in [(0, 0), (1, 999_999_999), (1_000_000_000, 1), (-1, 0), (-1_000_000, 0)] {
        file.set_times(at(seconds, nanoseconds), at(seconds + 7, nanoseconds)).await.unwrap();
        let stat = file.stat().await.unwrap();
        assert_eq!(accessed(&stat), (seconds, nanoseconds));
        assert_eq!(modified(&stat), (seconds + 7, nanoseconds));
        assert!(told(stat.status_change_timestamp) >= (1_700_000_000, 0));
    }

    let before = file.stat().await.unwrap();
    file.set_times(NewTimestamp::NoChange, at(5, 6)).await.unwrap();
    let stat = file.stat().await.unwrap();
    assert_eq!((accessed(&stat), modified(&stat)), (accessed(&before), (5, 6)));
    let clock = now();
    file.set_times(NewTimestamp::Now, NewTimestamp::NoChange).await.unwrap();
    let stat = file.stat().await.unwrap();
    assert!((accessed(&stat).0 - clock.seconds).abs() <= 2);
    assert_eq!(modified(&stat), (5, 6));
    // nanoseconds of a second and more
    file.set_times(at(10, 2_000_000_001), NewTimestamp::NoChange).await.unwrap();
    assert_eq!(accessed(&file.stat().await.unwrap()), (12, 1));
    refused(file.set_times(at(i64::MAX, 1_000_000_000), NewTimestamp::NoChange).await, "Overflow");

    // of a link itself, and of what it leads to
    root.symlink_at("file".to_string(), "link".to_string()).await.unwrap();
    let set = |flags, time| root.set_times_at(flags, "link".to_string(), time, time);
    set(PathFlags::empty(), at(20, 0)).await.unwrap();
    set(FOLLOW, at(30, 0)).await.unwrap();
    let stat = |flags| root.stat_at(flags, "link".to_string());
    assert_eq!(modified(&stat(PathFlags::empty()).await.unwrap()), (20, 0));
    assert_eq!(modified(&stat(FOLLOW).await.unwrap()), (30, 0));
    root.create_directory_at("d".to_string()).await.unwrap();
    let d = directory(root, "d").await;
    d.set_times(at(40, 0), at(41, 0)).await.unwrap();
    assert_eq!(modified(&d.stat().await.unwrap()), (41, 0));
    root.remove_directory_at("d".to_string()).await.unwrap();
    refused(root.set_times_at(FOLLOW, "none".to_string(), at(0, 0), at(0, 0)).await, "NoEntry");
    remove(root, "link").await;
    remove(root, "file").await;
}

/// Nanoseconds count up from the whole second before, on either side of 1970.
pub async fn old(root: &Descriptor) {
    let stat = read_only(root, "old").await.stat().await.unwrap();
    assert_eq!(modified(&stat), (-2, 250_000_000));
    let older = open_at(root, "older", OpenFlags::CREATE, WRITE).await.unwrap();
    older.set_times(NewTimestamp::Now, at(-3, 750_000_000)).await.unwrap();
    assert_eq!(modified(&older.stat().await.unwrap()), (-3, 750_000_000));
}
