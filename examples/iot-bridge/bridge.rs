//! iot-bridge: what a sensor sent becomes readings with units, and alarms where a limit is passed.
//!
//! Three forms come in: the bytes of a Cayenne LPP payload; the JSON of a network server around
//! such a payload; a SenML pack (RFC 8428). They are told apart by their first byte. Units are
//! those of SenML. What is wrong with the input is the answer's "error".

mod json;
mod lpp;
mod senml;

use json::{quoted, Json};

pub struct Reading {
    pub name: String,
    pub value: Value,
    pub unit: &'static str,
    pub time: f64,
}

pub enum Value {
    Number(f64),
    Truth(bool),
    Text(String),
}

struct Limit {
    unit: String,
    min: f64,
    max: f64,
}

/// What most equipment bears; the envelope's "limits" replaces them unit by unit.
const LIMITS: [(&str, f64, f64); 3] = [("Cel", -20.0, 50.0), ("%RH", 0.0, 95.0), ("V", 2.4, 60.0)];

fn bridge(body: &[u8]) -> Result<String, String> {
    let mut limits: Vec<Limit> = LIMITS
        .iter()
        .map(|&(unit, min, max)| Limit { unit: unit.to_string(), min, max })
        .collect();
    let mut device = String::new();
    let readings = match body.first() {
        None => return Err("the body is empty".to_string()),
        Some(b'[') => senml::readings(&json::parse(text(body)?)?)?,
        Some(b'{') => {
            let envelope = json::parse(text(body)?)?;
            device = envelope.field("device").and_then(Json::text).unwrap_or("").to_string();
            adopt(&mut limits, envelope.field("limits"))?;
            let payload = envelope
                .field("payload")
                .and_then(Json::text)
                .ok_or("\"payload\" is missing: hexadecimal digits of Cayenne LPP")?;
            lpp::readings(&unhex(payload)?)?
        }
        Some(_) => lpp::readings(body)?,
    };
    Ok(answer(&device, &readings, &limits))
}

fn text(body: &[u8]) -> Result<&str, String> {
    std::str::from_utf8(body).map_err(|_| "the JSON is not UTF-8".to_string())
}

fn unhex(digits: &str) -> Result<Vec<u8>, String> {
    let digits = digits.as_bytes();
    let digit = |c: u8| (c as char).to_digit(16).map(|d| d as u8);
    digits
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
            _ => None,
        })
        .collect::<Option<Vec<u8>>>()
        .ok_or_else(|| "\"payload\" is not an even number of hexadecimal digits".to_string())
}

/// Takes over `{"Cel": {"min": 2, "max": 8}}`; a bound that is left out is none.
fn adopt(limits: &mut Vec<Limit>, given: Option<&Json>) -> Result<(), String> {
    let fields = match given {
        None => return Ok(()),
        Some(Json::Object(fields)) => fields,
        Some(_) => return Err("\"limits\" is not an object".to_string()),
    };
    for (unit, limit) in fields {
        limits.retain(|known| known.unit != *unit);
        let bound = |name| limit.field(name).and_then(Json::number);
        limits.push(Limit {
            unit: unit.clone(),
            min: bound("min").unwrap_or(f64::NEG_INFINITY),
            max: bound("max").unwrap_or(f64::INFINITY),
        });
    }
    Ok(())
}

fn answer(device: &str, readings: &[Reading], limits: &[Limit]) -> String {
    let mut shown = Vec::new();
    let mut alarms = Vec::new();
    for reading in readings {
        let mut fields = format!("{{\"name\":{}", quoted(&reading.name));
        match &reading.value {
            Value::Number(number) => fields += &format!(",\"value\":{}", number),
            Value::Truth(truth) => fields += &format!(",\"value\":{}", truth),
            Value::Text(text) => fields += &format!(",\"value\":{}", quoted(text)),
        }
        if !reading.unit.is_empty() && matches!(reading.value, Value::Number(_)) {
            fields += &format!(",\"unit\":{}", quoted(reading.unit));
        }
        if reading.time != 0.0 {
            fields += &format!(",\"time\":{}", reading.time);
        }
        if let (Value::Number(number), Some(limit)) =
            (&reading.value, limits.iter().find(|limit| limit.unit == reading.unit))
        {
            let passed = [("min", limit.min, *number < limit.min), ("max", limit.max, *number > limit.max)];
            for (which, bound, _) in passed.iter().filter(|(_, _, is_passed)| *is_passed) {
                alarms.push(format!("{},\"{}\":{}}}", fields, which, bound));
            }
        }
        shown.push(fields + "}");
    }
    let device = if device.is_empty() { String::new() } else { format!("\"device\":{},", quoted(device)) };
    format!("{{{}\"readings\":[{}],\"alarms\":[{}]}}", device, shown.join(","), alarms.join(","))
}

#[no_mangle]
pub extern "C" fn alloc(length: usize) -> *mut u8 {
    Box::leak(vec![0; length].into_boxed_slice()).as_mut_ptr()
}

/// # Safety
/// Called by the sandbox with what `alloc` gave.
#[no_mangle]
pub unsafe extern "C" fn handle(body: *const u8, length: usize) -> u64 {
    let answer = bridge(std::slice::from_raw_parts(body, length))
        .unwrap_or_else(|problem| format!("{{\"error\":{}}}", quoted(&problem)))
        .into_bytes()
        .leak();
    (answer.as_ptr() as u64) << 32 | answer.len() as u64
}
