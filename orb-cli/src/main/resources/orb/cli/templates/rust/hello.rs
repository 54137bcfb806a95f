//! {"name":"Ada"} gives {"message":"Hello, Ada!"}: the sandbox asks for room with `alloc`, writes
//! the body there and calls `handle`. Each call has a fresh memory, so nothing is given back.

/// The text between the quotes of "name", still escaped as JSON has it.
fn name_in(json: &str) -> Option<&str> {
    let after = json.split_once("\"name\"")?.1;
    let value = after.trim_start_matches(|c: char| c.is_whitespace() || c == ':').strip_prefix('"')?;
    let mut escaped = false;
    let end = value.find(|c| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    })?;
    Some(&value[..end])
}

fn answer(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    format!("{{\"message\":\"Hello, {}!\"}}", name_in(&text).unwrap_or("stranger"))
}

#[no_mangle]
pub extern "C" fn alloc(length: usize) -> *mut u8 {
    Box::leak(vec![0; length].into_boxed_slice()).as_mut_ptr()
}

/// # Safety
/// Called by the sandbox with what `alloc` gave.
#[no_mangle]
pub unsafe extern "C" fn handle(body: *const u8, length: usize) -> u64 {
    let answer = answer(std::slice::from_raw_parts(body, length)).into_bytes().leak();
    (answer.as_ptr() as u64) << 32 | answer.len() as u64
}
