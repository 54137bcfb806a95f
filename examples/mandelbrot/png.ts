// Writes a PNG with a palette (third edition, W3C): rows are not filtered, and packed by runs alone, as
// deflate with fixed codes and distance 1 (RFC 1951), which suits plain areas.

class Bits {
  bytes: Uint8Array;
  length: i32 = 0;
  private held: u32 = 0;
  private count: i32 = 0;

  constructor(bytesMax: i32) {
    this.bytes = new Uint8Array(bytesMax);
  }
  byte(value: i32): void {
    this.bytes[this.length++] = <u8>value;
  }
  word(value: u32): void {
    for (let shift = 24; shift >= 0; shift -= 8) this.byte(value >> shift);
  }
  /** Least significant bit first. */
  bits(value: u32, count: i32): void {
    this.held |= value << this.count;
    this.count += count;
    while (this.count >= 8) {
      this.byte(this.held & 255);
      this.held >>= 8;
      this.count -= 8;
    }
  }
  /** A Huffman code: most significant bit first. */
  code(value: u32, count: i32): void {
    for (let bit = count - 1; bit >= 0; bit--) this.bits((value >> bit) & 1, 1);
  }
  fill(): void {
    if (this.count > 0) this.bits(0, 8 - this.count);
  }
}

/** A byte, or from 256 on an end or a length, in the fixed code (RFC 1951, section 3.2.6). */
function symbol(out: Bits, value: i32): void {
  if (value < 144) out.code(0x30 + value, 8);
  else if (value < 256) out.code(0x190 + value - 144, 9);
  else out.code(value - 256, 7);
}

function zlib(out: Bits, raw: Uint8Array): void {
  out.byte(0x78);
  out.byte(0x01);
  out.bits(3, 3); // the last block, fixed codes
  let at = 0;
  while (at < raw.length) {
    symbol(out, raw[at]);
    let run = 1;
    while (at + run < raw.length && raw[at + run] == raw[at]) run++;
    at += run--;
    while (run > 0) {
      const length = min(run, 10);
      if (length < 3) symbol(out, raw[at - 1]);
      else {
        symbol(out, 254 + length); // 257 is length 3: up to 10 without more bits
        out.code(0, 5); // distance 1
      }
      run -= length < 3 ? 1 : length;
    }
  }
  symbol(out, 256);
  out.fill();
  let a: u32 = 1, b: u32 = 0;
  for (let i = 0; i < raw.length; i++) {
    a = (a + raw[i]) % 65521;
    b = (b + a) % 65521;
  }
  out.word((b << 16) | a);
}

function crc(bytes: Uint8Array, from: i32, to: i32): u32 {
  let rest: u32 = 0xffffffff;
  for (let i = from; i < to; i++) {
    rest ^= bytes[i];
    for (let bit = 0; bit < 8; bit++) rest = (rest >> 1) ^ (0xedb88320 & (0 - (rest & 1)));
  }
  return ~rest;
}

/** Begins a chunk; its length is filled in when it ends. */
function begin(out: Bits, name: string): i32 {
  const start = out.length;
  out.word(0);
  for (let i = 0; i < 4; i++) out.byte(name.charCodeAt(i));
  return start;
}

function end(out: Bits, start: i32): void {
  const length = out.length - start - 8;
  for (let i = 0; i < 4; i++) out.bytes[start + i] = <u8>(length >> (24 - 8 * i));
  out.word(crc(out.bytes, start + 4, out.length));
}

/** A picture whose pixels, row by row, are places in a palette of 256 colours. */
export function png(width: i32, height: i32, palette: Uint8Array, pixels: Uint8Array): Uint8Array {
  const raw = new Uint8Array(height * (width + 1));
  for (let row = 0; row < height; row++) {
    raw.set(pixels.subarray(row * width, (row + 1) * width), row * (width + 1) + 1);
  }
  const out = new Bits(2000 + raw.length * 9 / 8 + 16);
  out.word(0x89504e47);
  out.word(0x0d0a1a0a);
  const head = begin(out, "IHDR");
  out.word(width);
  out.word(height);
  out.word(0x08030000); // eight bits, a palette
  out.byte(0);
  end(out, head);
  const colours = begin(out, "PLTE");
  for (let i = 0; i < palette.length; i++) out.byte(palette[i]);
  end(out, colours);
  const data = begin(out, "IDAT");
  zlib(out, raw);
  end(out, data);
  end(out, begin(out, "IEND"));
  return out.bytes.subarray(0, out.length);
}
