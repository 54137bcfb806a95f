// Learns the weights of the classifier from drawn shapes and writes weights.h; says how well it does
// on shapes that it has not seen. A network of one hidden layer, plain gradient descent, seeded.
import { writeFileSync } from "node:fs";
import { LABELS, chance, draw } from "./shapes.mjs";

const SIDE = 16, INPUTS = SIDE * SIDE, HIDDEN = 20, OUTPUTS = LABELS.length;
const PICTURES = 6000, HELD_OUT = 1500, ROUNDS = 30, RATE = 0.02;
const next = chance(20_240_601);

/** As shape.cpp sees it: the ink's bounding box, made square, as 16 by 16 cells. */
function cells(cover, width, height) {
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (cover[y * width + x] < 0.5) continue;
      left = Math.min(left, x), right = Math.max(right, x);
      top = Math.min(top, y), bottom = Math.max(bottom, y);
    }
  }
  const side = Math.max(right - left, bottom - top) + 1;
  const x0 = (left + right + 1 - side) / 2, y0 = (top + bottom + 1 - side) / 2;
  const input = new Float64Array(INPUTS);
  for (let cell = 0; cell < INPUTS; cell++) {
    let ink = 0;
    for (let sub = 0; sub < 16; sub++) {
      const x = Math.floor(x0 + (((cell % SIDE) + ((sub & 3) + 0.5) / 4) * side) / SIDE);
      const y = Math.floor(y0 + ((Math.floor(cell / SIDE) + ((sub >> 2) + 0.5) / 4) * side) / SIDE);
      if (x >= 0 && y >= 0 && x < width && y < height && cover[y * width + x] >= 0.5) ink++;
    }
    input[cell] = ink / 16;
  }
  return input;
}

function picture() {
  const answer = Math.floor(next() * OUTPUTS);
  const side = 28 + Math.floor(next() * 40);
  const cover = draw(LABELS[answer], side, side, next);
  for (let i = 0; i < cover.length; i++) cover[i] += (next() - 0.5) * 0.5; // a rough edge
  return { input: cells(cover, side, side), answer };
}

const weights1 = Float64Array.from({ length: INPUTS * HIDDEN }, () => (next() - 0.5) * 0.15);
const bias1 = new Float64Array(HIDDEN);
const weights2 = Float64Array.from({ length: HIDDEN * OUTPUTS }, () => (next() - 0.5) * 0.6);
const bias2 = new Float64Array(OUTPUTS);

function think(input) {
  const hidden = new Float64Array(HIDDEN);
  for (let h = 0; h < HIDDEN; h++) {
    let sum = bias1[h];
    for (let i = 0; i < INPUTS; i++) sum += weights1[h * INPUTS + i] * input[i];
    hidden[h] = Math.max(0, sum);
  }
  const scores = Array.from(bias2, (b, o) => b + hidden.reduce((s, v, h) => s + v * weights2[o * HIDDEN + h], 0));
  const most = Math.max(...scores);
  const powers = scores.map((s) => Math.exp(s - most));
  const sum = powers.reduce((a, b) => a + b);
  return { hidden, shares: powers.map((p) => p / sum) };
}

function learn({ input, answer }, rate) {
  const { hidden, shares } = think(input);
  const wrong = shares.map((share, o) => share - (o === answer ? 1 : 0));
  for (let h = 0; h < HIDDEN; h++) {
    let back = 0;
    for (let o = 0; o < OUTPUTS; o++) {
      back += wrong[o] * weights2[o * HIDDEN + h];
      weights2[o * HIDDEN + h] -= rate * wrong[o] * hidden[h];
    }
    if (hidden[h] === 0) continue;
    bias1[h] -= rate * back;
    for (let i = 0; i < INPUTS; i++) weights1[h * INPUTS + i] -= rate * back * input[i];
  }
  for (let o = 0; o < OUTPUTS; o++) bias2[o] -= rate * wrong[o];
}

/** Keeps each weight in a byte, as a share of the largest, and goes on with what is kept. */
function bytes(values) {
  const unit = Math.max(...values.map(Math.abs)) / 127;
  const whole = Array.from(values, (v) => Math.round(v / unit));
  whole.forEach((w, i) => { values[i] = w * unit; });
  return { whole, unit };
}

const seen = Array.from({ length: PICTURES }, picture);
const unseen = Array.from({ length: HELD_OUT }, picture);
for (let round = 0; round < ROUNDS; round++) {
  for (const each of seen) learn(each, RATE / (1 + round / 10));
}
const [first, second] = [bytes(weights1), bytes(weights2)];
const right = unseen.filter(({ input, answer }) => {
  const { shares } = think(input);
  return shares.indexOf(Math.max(...shares)) === answer;
}).length;
console.log(`right: ${right} of ${HELD_OUT} that it had not seen (${((100 * right) / HELD_OUT).toFixed(1)}%)`);

const list = (values) => values.join(",").replace(/(.{1,98},)(?=.)/g, "$1\n");
const floats = (values) => Array.from(values, (v) => v.toFixed(5)).join(", ");
writeFileSync(new URL("weights.h", import.meta.url), `// Made by train.mjs: what a network of one hidden layer learned of drawn shapes.
#pragma once

constexpr int SIDE = ${SIDE}, HIDDEN = ${HIDDEN}, LABELS = ${OUTPUTS};
constexpr const char *LABEL[LABELS] = {${LABELS.map((l) => `"${l}"`).join(", ")}};
constexpr double UNIT_1 = ${first.unit.toPrecision(8)}, UNIT_2 = ${second.unit.toPrecision(8)};
constexpr double BIAS_1[HIDDEN] = {${floats(bias1)}};
constexpr double BIAS_2[LABELS] = {${floats(bias2)}};
constexpr signed char WEIGHTS_1[HIDDEN * SIDE * SIDE] = {
${list(first.whole)}};
constexpr signed char WEIGHTS_2[LABELS * HIDDEN] = {
${list(second.whole)}};
`);
