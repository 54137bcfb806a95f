// Draws the pictures beside it, of other seeds, sizes and colours than train.mjs learns from.
import { deflateSync, crc32 } from "node:zlib";
import { writeFileSync } from "node:fs";
import { LABELS, chance, draw } from "./shapes.mjs";

const COLOURS = [[200, 30, 40], [40, 90, 200], [20, 140, 60], [240, 200, 30], [30, 30, 30], [150, 60, 190]];
const GROUNDS = [[255, 255, 255], [235, 235, 225], [250, 240, 200], [40, 40, 60], [220, 240, 250], [255, 255, 255]];

function chunk(name, data) {
  const all = Buffer.concat([Buffer.alloc(4), Buffer.from(name), data, Buffer.alloc(4)]);
  all.writeUInt32BE(data.length, 0);
  all.writeUInt32BE(crc32(all.subarray(4, -4)), all.length - 4);
  return all;
}

/** Rows with the filter "up", so that a reader has something to undo. */
function png(width, height, pixels) {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const row = 3 * width;
  const raw = Buffer.alloc((row + 1) * height);
  for (let y = 0; y < height; y++) {
    raw[y * (row + 1)] = 2;
    for (let x = 0; x < row; x++) {
      raw[y * (row + 1) + 1 + x] = pixels[y * row + x] - (y === 0 ? 0 : pixels[(y - 1) * row + x]);
    }
  }
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk("IHDR", head), chunk("IDAT", deflateSync(raw, { level: 9 })), chunk("IEND", Buffer.alloc(0))]);
}

LABELS.forEach((label, i) => {
  const [width, height] = [96 + 16 * i, 120];
  const next = chance(77 + i);
  const cover = draw(label, width, height, next);
  const pixels = new Uint8Array(3 * width * height);
  cover.forEach((ink, at) => {
    for (let c = 0; c < 3; c++) {
      const value = ink * COLOURS[i][c] + (1 - ink) * GROUNDS[i][c] + (i === 4 ? (next() - 0.5) * 12 : 0); // one is noisy
      pixels[3 * at + c] = Math.min(255, Math.max(0, Math.round(value)));
    }
  });
  writeFileSync(new URL(`${label}.png`, import.meta.url), png(width, height, pixels));
});
