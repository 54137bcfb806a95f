//! A SenML pack with its base fields resolved into each record (RFC 8428, section 4.6).

use crate::json::Json;
use crate::{Reading, Value};

/// The units that limits can be set for, and some more; the answer keeps no others.
const UNITS: [&str; 18] = [
    "Cel", "%RH", "V", "A", "W", "J", "Hz", "m", "kg", "s", "Pa", "lx", "lat", "lon", "%", "/", "dB", "count",
];

pub fn readings(pack: &Json) -> Result<Vec<Reading>, String> {
    let records = match pack {
        Json::Array(records) => records,
        _ => return Err("a SenML pack is an array".to_string()),
    };
    let (mut name, mut unit, mut time, mut value) = (String::new(), String::new(), 0.0, 0.0);
    let mut readings = Vec::new();
    for (i, record) in records.iter().enumerate() {
        let text = |key| record.field(key).and_then(Json::text);
        let number = |key| record.field(key).and_then(Json::number);
        name = text("bn").map(str::to_string).unwrap_or(name);
        unit = text("bu").map(str::to_string).unwrap_or(unit);
        time = number("bt").unwrap_or(time);
        value = number("bv").unwrap_or(value);
        let measured = if let Some(v) = number("v") {
            Value::Number(value + v)
        } else if let Some(truth) = record.field("vb").and_then(Json::truth) {
            Value::Truth(truth)
        } else if let Some(words) = text("vs") {
            Value::Text(words.to_string())
        } else if record.field("bn").is_some() || record.field("bt").is_some() {
            continue; // a record of base fields alone
        } else {
            return Err(format!("record {} has neither v nor vb nor vs", i));
        };
        let whole = format!("{}{}", name, text("n").unwrap_or(""));
        if whole.is_empty() {
            return Err(format!("record {} has no name", i));
        }
        let said = text("u").unwrap_or(&unit);
        let known = UNITS.iter().find(|each| **each == said);
        if known.is_none() && !said.is_empty() {
            return Err(format!("record {}: unit {} is not known here", i, said));
        }
        readings.push(Reading {
            name: whole,
            value: measured,
            unit: known.copied().unwrap_or(""),
            time: time + number("t").unwrap_or(0.0),
        });
    }
    Ok(readings)
}
