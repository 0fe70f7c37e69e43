//! What one call waits for and another brings, or the host's cancellation.
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::{pending, poll_fn};
use std::task::{Poll, Waker};

thread_local! {
    static PUSHED: RefCell<VecDeque<u32>> = const { RefCell::new(VecDeque::new()) };
    static WAKERS: RefCell<Vec<Waker>> = const { RefCell::new(Vec::new()) };
    static CANCELLED: Cell<u32> = const { Cell::new(0) };
}

pub async fn pulled() -> u32 {
    poll_fn(|context| match PUSHED.with_borrow_mut(VecDeque::pop_front) {
        Some(n) => Poll::Ready(n),
        None => {
            WAKERS.with_borrow_mut(|wakers| wakers.push(context.waker().clone()));
            Poll::Pending
        }
    })
    .await
}

pub fn push(n: u32) {
    PUSHED.with_borrow_mut(|pushed| pushed.push_back(n));
    for waker in WAKERS.take() {
        waker.wake();
    }
}

/// Counts when it is dropped.
struct Waiting;

impl Drop for Waiting {
    fn drop(&mut self) {
        CANCELLED.set(CANCELLED.get() + 1);
    }
}

pub async fn until_cancelled() {
    let _waiting = Waiting;
    pending::<()>().await;
}

pub fn cancelled() -> u32 {
    CANCELLED.get()
}
