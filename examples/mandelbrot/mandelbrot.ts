// A piece of the Mandelbrot set as a PNG: {"x":-0.5,"y":0,"width":3,"size":256,"steps":200} in, each
// of them optional. The picture is square; width is of the plane, size in pixels.

import { png } from "./png";

const SIZE_MAX: f64 = 512;
const STEPS_MAX: f64 = 2000;

/** The number behind a name in flat JSON, or what is given where there is none. */
function field(json: string, name: string, otherwise: f64): f64 {
  let at = json.indexOf('"' + name + '"');
  if (at < 0) return otherwise;
  at = json.indexOf(":", at);
  let end = at + 1;
  while (end < json.length && !",}".includes(json.charAt(end))) end++;
  return at < 0 ? NaN : parseFloat(json.substring(at + 1, end));
}

function isWithin(value: f64, least: f64, most: f64): bool {
  return value >= least && value <= most; // false for NaN
}

/** Steps until a point escapes, or 0 if it does not. */
function escapes(cx: f64, cy: f64, steps: i32): i32 {
  let x: f64 = 0, y: f64 = 0;
  for (let step = 1; step <= steps; step++) {
    const xx = x * x, yy = y * y;
    if (xx + yy > 4) return step;
    y = 2 * x * y + cy;
    x = xx - yy + cx;
  }
  return 0;
}

/** 256 colours, red, green and blue: black for the set, then turning through blue, white and gold. */
function palette(): Uint8Array {
  const colours = new Uint8Array(768);
  for (let i = 1; i < 256; i++) {
    const turn = (i * 8) & 511;
    const light = turn < 256 ? turn : 511 - turn;
    colours[3 * i] = <u8>(i < 128 ? light / 2 : light);
    colours[3 * i + 1] = <u8>((light * 3) / 4);
    colours[3 * i + 2] = <u8>(i < 128 ? light : light / 2);
  }
  return colours;
}

function draw(json: string): Uint8Array {
  const x = field(json, "x", -0.5);
  const y = field(json, "y", 0);
  const width = field(json, "width", 3);
  const size = field(json, "size", 256);
  const steps = field(json, "steps", 200);
  if (
    !isWithin(x, -4, 4) || !isWithin(y, -4, 4) || !isWithin(width, 1e-13, 8) ||
    !isWithin(size, 1, SIZE_MAX) || !isWithin(steps, 1, STEPS_MAX)
  ) {
    return Uint8Array.wrap(String.UTF8.encode(
      '{"error":"x and y are -4..4, width 1e-13..8, size 1..512, steps 1..2000"}',
    ));
  }
  const side = <i32>size;
  const pixels = new Uint8Array(side * side);
  for (let row = 0; row < side; row++) {
    const cy = y + (0.5 - (row + 0.5) / side) * width;
    for (let column = 0; column < side; column++) {
      const step = escapes(x + ((column + 0.5) / side - 0.5) * width, cy, <i32>steps);
      pixels[row * side + column] = <u8>(step == 0 ? 0 : 1 + (step - 1) % 255);
    }
  }
  return png(side, side, palette(), pixels);
}

export function alloc(length: i32): usize {
  return heap.alloc(length);
}

export function handle(body: usize, length: i32): u64 {
  const answer = draw(String.UTF8.decodeUnsafe(body, length));
  return (<u64>answer.dataStart << 32) | <u64>answer.byteLength;
}
