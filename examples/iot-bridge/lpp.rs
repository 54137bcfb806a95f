//! Cayenne LPP: channel, type, big-endian value, again and again.

use crate::{Reading, Value};

/// One number of a type: how many bytes, whether signed, by what it is divided, its name and unit.
struct Part(usize, bool, f64, &'static str, &'static str);

fn parts(kind: u8) -> Option<&'static [Part]> {
    const AXES_G: [Part; 3] = [
        Part(2, true, 1000.0, "acceleration_x", "G"),
        Part(2, true, 1000.0, "acceleration_y", "G"),
        Part(2, true, 1000.0, "acceleration_z", "G"),
    ];
    const AXES_TURN: [Part; 3] = [
        Part(2, true, 100.0, "turn_x", "deg/s"),
        Part(2, true, 100.0, "turn_y", "deg/s"),
        Part(2, true, 100.0, "turn_z", "deg/s"),
    ];
    const POSITION: [Part; 3] = [
        Part(3, true, 10000.0, "latitude", "lat"),
        Part(3, true, 10000.0, "longitude", "lon"),
        Part(3, true, 100.0, "altitude", "m"),
    ];
    Some(match kind {
        0 => &[Part(1, false, 1.0, "digital_in", "")],
        1 => &[Part(1, false, 1.0, "digital_out", "")],
        2 => &[Part(2, true, 100.0, "analog_in", "")],
        3 => &[Part(2, true, 100.0, "analog_out", "")],
        101 => &[Part(2, false, 1.0, "illuminance", "lx")],
        102 => &[Part(1, false, 1.0, "presence", "")],
        103 => &[Part(2, true, 10.0, "temperature", "Cel")],
        104 => &[Part(1, false, 2.0, "humidity", "%RH")],
        113 => &AXES_G,
        115 => &[Part(2, false, 10.0, "pressure", "hPa")],
        116 => &[Part(2, false, 100.0, "voltage", "V")],
        117 => &[Part(2, false, 1000.0, "current", "A")],
        121 => &[Part(2, true, 1.0, "altitude", "m")],
        128 => &[Part(2, false, 1.0, "power", "W")],
        133 => &[Part(4, false, 1.0, "time", "s")],
        134 => &AXES_TURN,
        136 => &POSITION,
        _ => return None,
    })
}

pub fn readings(bytes: &[u8]) -> Result<Vec<Reading>, String> {
    let mut readings = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let begun = at;
        let channel = bytes[at];
        let kind = *bytes.get(at + 1).ok_or_else(|| format!("byte {}: a channel without a type", at))?;
        at += 2;
        let parts = parts(kind).ok_or_else(|| format!("byte {}: type {} is unknown", begun + 1, kind))?;
        for Part(length, signed, divisor, name, unit) in parts {
            let value = bytes
                .get(at..at + length)
                .ok_or_else(|| format!("byte {}: the value of {} is cut off", begun, name))?;
            at += length;
            readings.push(Reading {
                name: format!("{}_{}", name, channel),
                value: number(value, *signed, *divisor, *name),
                unit,
                time: 0.0,
            });
        }
    }
    Ok(readings)
}

fn number(bytes: &[u8], signed: bool, divisor: f64, name: &str) -> Value {
    let raw = bytes.iter().fold(0i64, |sum, byte| sum << 8 | *byte as i64);
    if name == "presence" {
        return Value::Truth(raw != 0);
    }
    let sign = 1i64 << (8 * bytes.len() - 1);
    let value = if signed && raw & sign != 0 { raw - 2 * sign } else { raw };
    Value::Number(value as f64 / divisor)
}
