// As programs.c, in Rust: a handler for each `--cfg program="n"`.
use std::collections::BTreeMap;

#[no_mangle]
pub extern "C" fn alloc(n: usize) -> *mut u8 {
    let mut room = Vec::with_capacity(n.max(1));
    let at = room.as_mut_ptr();
    std::mem::forget(room);
    at
}

/// # Safety: the host wrote `n` bytes there.
#[no_mangle]
pub unsafe extern "C" fn handle(at: *const u8, n: usize) -> u64 {
    let input = String::from_utf8_lossy(std::slice::from_raw_parts(at, n)).into_owned();
    let answer = Box::leak(answer(&input).into_boxed_str());
    (answer.as_ptr() as u64) << 32 | answer.len() as u64
}

#[cfg(program = "1")]
fn answer(input: &str) -> String {
    let mut words = BTreeMap::new();
    for word in input.split_whitespace() {
        *words.entry(word.to_lowercase()).or_insert(0) += 1;
    }
    format!("{:?}", words)
}

#[cfg(program = "2")]
fn answer(_: &str) -> String {
    let mut sieve = vec![true; 5000];
    for i in 2..71 {
        if sieve[i] {
            for k in (i * i..5000).step_by(i) {
                sieve[k] = false;
            }
        }
    }
    let primes: BTreeMap<_, _> = (2..5000).filter(|&i| sieve[i]).enumerate().collect();
    format!("{} {}", primes.len(), primes[&600])
}

#[cfg(program = "3")]
fn answer(input: &str) -> String {
    let values: Vec<f64> = input.bytes().map(|b| f64::from(b).ln()).collect();
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let spread = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>().sqrt();
    format!("{:.9} {:.9} {:?}", mean, spread, (mean - mean) / 0.0)
}

#[cfg(program = "4")]
fn answer(input: &str) -> String {
    let mut letters: Vec<char> = input.chars().rev().collect();
    letters.sort_unstable_by(|a, b| b.cmp(a));
    letters.dedup();
    letters.into_iter().filter(|c| !c.is_whitespace()).collect()
}

#[cfg(program = "5")]
fn answer(input: &str) -> String {
    let numbers: Vec<u32> = Vec::new();
    numbers[input.len()].to_string() // panics
}

#[cfg(program = "6")]
fn answer(input: &str) -> String {
    fn depth(n: u64) -> Box<dyn Fn(u64) -> u64> {
        if n == 0 {
            Box::new(|x| x)
        } else {
            let inner = depth(n - 1);
            Box::new(move |x| inner(x.wrapping_mul(31) ^ n))
        }
    }
    depth(200)(input.len() as u64).to_string()
}
