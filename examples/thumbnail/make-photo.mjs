// Writes photo.png: a lake below mountains at dusk, drawn by value noise, with the grain of a film.
// The same seed gives the same pixels on every machine. Run: node make-photo.mjs
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { crc32, deflateSync } from 'node:zlib';

const WIDTH = 640;
const HEIGHT = 427;
const HORIZON = 250;

/** A number in 0..1 that depends on two whole numbers alone; integer arithmetic only. */
function lattice(x, y) {
  let h = Math.imul(x, 374761393) ^ Math.imul(y, 668265263) ^ 0x5bd1e995;
  h = Math.imul(h ^ (h >>> 13), 1274126177);
  return ((h ^ (h >>> 16)) >>> 0) / 2 ** 32;
}

const smooth = (t) => t * t * (3 - 2 * t);
const mix = (a, b, t) => a + (b - a) * t;
const clamp = (t) => Math.min(1, Math.max(0, t));

function noise(x, y) {
  const ix = Math.floor(x), iy = Math.floor(y);
  const tx = smooth(x - ix), ty = smooth(y - iy);
  return mix(mix(lattice(ix, iy), lattice(ix + 1, iy), tx),
    mix(lattice(ix, iy + 1), lattice(ix + 1, iy + 1), tx), ty);
}

function fractal(x, y, octaves) {
  let sum = 0, weight = 0.5;
  for (let i = 0; i < octaves; i++) {
    sum += weight * noise(x, y);
    x = x * 2 + 17;
    y = y * 2 + 5;
    weight /= 2;
  }
  return sum;
}

const blend = (a, b, t) => a.map((value, i) => mix(value, b[i], clamp(t)));

function sky(x, y) {
  let colour = blend([38, 52, 96], [246, 178, 118], (y / HORIZON) * Math.sqrt(y / HORIZON));
  const sun = ((x - 430) ** 2 + (y - 196) ** 2) / 5200;
  colour = blend(colour, [255, 236, 190], 0.9 / (1 + sun * sun));
  const cloud = fractal(x / 90 + 3, y / 26, 5);
  return blend(colour, [255, 214, 196], (cloud - 0.52) * 3.2);
}

function land(x, y) {
  const ranges = [ // base, height, scale, rock
    [172, 74, 150, [112, 104, 138]],
    [206, 58, 92, [70, 70, 98]],
    [232, 40, 48, [30, 38, 46]],
  ];
  let colour = sky(x, y);
  ranges.forEach(([base, height, scale, rock], i) => {
    const ridge = base - height * (fractal(x / scale + 40 * i, 7 * i, 6) - 0.42) * 1.7;
    if (y < ridge) return;
    const light = 34 * (fractal(x / 14, y / 9 + 50 * i, 5) - 0.45);
    const haze = (y - ridge) / 170;
    colour = blend(rock.map((value) => value + light), [176, 142, 140], haze * (i === 2 ? 0.4 : 1));
  });
  return colour;
}

function picture(x, y) {
  if (y < HORIZON) return land(x, y);
  const depth = (y - HORIZON) / (HEIGHT - HORIZON);
  const wave = (fractal(x / (14 + 70 * depth), y / (1.6 + 7 * depth), 4) - 0.47) * (6 + 46 * depth);
  const mirrored = land(x + wave * 0.6, Math.max(0, HORIZON - 1 - (y - HORIZON) * 1.25 + wave));
  return blend(mirrored, [18, 30, 44], 0.28 + 0.45 * depth);
}

function paeth(left, above, corner) {
  const estimate = left + above - corner;
  const [a, b, c] = [left, above, corner].map((value) => Math.abs(estimate - value));
  return a <= b && a <= c ? left : b <= c ? above : corner;
}

function chunk(name, data) {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const head = Buffer.alloc(4), tail = Buffer.alloc(4);
  head.writeUInt32BE(data.length);
  tail.writeUInt32BE(crc32(body));
  return Buffer.concat([head, body, tail]);
}

const stride = WIDTH * 3;
const rows = Buffer.alloc(HEIGHT * (stride + 1));
let above = Buffer.alloc(stride);
for (let y = 0; y < HEIGHT; y++) {
  const row = Buffer.alloc(stride);
  for (let x = 0; x < WIDTH; x++) {
    const grain = (lattice(x + 9000, y) + lattice(x, y + 9000) - 1) * 7;
    picture(x, y).forEach((value, i) => {
      row[3 * x + i] = Math.round(Math.min(255, Math.max(0, value + grain)));
    });
  }
  rows[y * (stride + 1)] = 4;
  for (let i = 0; i < stride; i++) {
    const left = i < 3 ? 0 : row[i - 3], corner = i < 3 ? 0 : above[i - 3];
    rows[y * (stride + 1) + 1 + i] = row[i] - paeth(left, above[i], corner);
  }
  above = row;
}
const header = Buffer.alloc(13);
header.writeUInt32BE(WIDTH);
header.writeUInt32BE(HEIGHT, 4);
header.set([8, 2], 8);
const packed = deflateSync(rows, { level: 9 });
const pixels = [];
for (let at = 0; at < packed.length; at += 65536) {
  pixels.push(chunk('IDAT', packed.subarray(at, at + 65536)));
}
writeFileSync(fileURLToPath(new URL('photo.png', import.meta.url)), Buffer.concat([
  Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', header),
  chunk('tEXt', Buffer.from('Title\0Lake at dusk', 'latin1')), ...pixels,
  chunk('IEND', Buffer.alloc(0)),
]));
