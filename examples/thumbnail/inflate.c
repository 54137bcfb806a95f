/*
 * Unpacks a zlib stream (RFC 1950) of deflated blocks (RFC 1951).
 *
 * Unpacked bytes go through a window of 32 KiB, which is handed on whenever it is full: a match
 * reaches back into it by at most its size. Codes of up to FAST_BITS bits are found in a table,
 * longer ones bit by bit from the number of codes of each length.
 */
#include "thumbnail.h"

#include <string.h>

#define WINDOW 32768u
#define FAST_BITS 9
#define BITS_MAX 15
#define LITERALS 288
#define DISTANCES 30

typedef struct {
  uint16_t fast[1 << FAST_BITS]; /* length << 9 | symbol; 0 where the code is longer or unused */
  uint16_t count[BITS_MAX + 1];
  uint16_t symbol[LITERALS];
} Code;

static Source source;
static Sink sink;
static const uint8_t *input;
static size_t input_left;
static uint64_t bits;
static uint32_t bit_count;

static uint8_t window[WINDOW];
static uint32_t filled;   /* of the window since it was last handed on */
static int wrapped;       /* whether it was handed on before */
static uint32_t checksum; /* Adler-32 of what was handed on */

static void want_bits(uint32_t count) {
  while (bit_count < count) {
    if (input_left == 0) {
      input_left = source(&input);
      if (input_left == 0) refuse_picture("the compressed data ends too early");
    }
    bits |= (uint64_t)*input++ << bit_count;
    input_left--;
    bit_count += 8;
  }
}

static uint32_t take_bits(uint32_t count) {
  want_bits(count);
  uint32_t value = (uint32_t)(bits & ((1ull << count) - 1));
  bits >>= count;
  bit_count -= count;
  return value;
}

/*
 * Builds a code from the length of each symbol's bits (RFC 1951, section 3.2.2). Codes that claim
 * more than all bit patterns are refused, and so are those that leave some unused, unless there is
 * one symbol at most.
 */
static void build(Code *code, const uint8_t *lengths, uint32_t symbols) {
  memset(code, 0, sizeof *code);
  for (uint32_t i = 0; i < symbols; i++) code->count[lengths[i]]++;
  uint32_t used = symbols - code->count[0];
  code->count[0] = 0;

  int32_t left = 1;
  uint16_t offset[BITS_MAX + 2] = {0};
  uint16_t next[BITS_MAX + 2] = {0};
  for (int length = 1; length <= BITS_MAX; length++) {
    left = left * 2 - code->count[length];
    if (left < 0) refuse_picture("the compressed data has a code with too many symbols");
    offset[length + 1] = (uint16_t)(offset[length] + code->count[length]);
    next[length + 1] = (uint16_t)((next[length] + code->count[length]) << 1);
  }
  if (left > 0 && used > 1) refuse_picture("the compressed data has an incomplete code");

  for (uint32_t symbol = 0; symbol < symbols; symbol++) {
    uint32_t length = lengths[symbol];
    if (length == 0) continue;
    code->symbol[offset[length]++] = (uint16_t)symbol;
    uint32_t pattern = next[length]++;
    if (length > FAST_BITS) continue;
    uint32_t reversed = 0; /* codes are packed from their highest bit on */
    for (uint32_t i = 0; i < length; i++) reversed |= (pattern >> i & 1) << (length - 1 - i);
    for (uint32_t at = reversed; at < 1u << FAST_BITS; at += 1u << length) {
      code->fast[at] = (uint16_t)(length << 9 | symbol);
    }
  }
}

static uint32_t slow_symbol(const Code *code) {
  int32_t pattern = 0, first = 0, index = 0;
  for (int length = 1; length <= BITS_MAX; length++) {
    pattern |= (int32_t)take_bits(1);
    int32_t count = code->count[length];
    if (pattern - first < count) return code->symbol[index + pattern - first];
    index += count;
    first = (first + count) << 1;
    pattern <<= 1;
  }
  refuse_picture("the compressed data has a bit pattern that is no code");
}

static uint32_t take_symbol(const Code *code) {
  /* Near the end of the input there may be fewer bits than the table wants, but enough. */
  if (bit_count < FAST_BITS && input_left > 1) want_bits(FAST_BITS);
  uint32_t entry = code->fast[bits & ((1 << FAST_BITS) - 1)];
  uint32_t length = entry >> 9;
  if (length == 0 || length > bit_count) return slow_symbol(code);
  bits >>= length;
  bit_count -= length;
  return entry & 511;
}

static void hand_on(void) {
  checksum = adler32(checksum, window, filled);
  sink(window, filled);
  wrapped |= filled == WINDOW;
  filled = 0;
}

static void put(uint8_t byte) {
  window[filled++] = byte;
  if (filled == WINDOW) hand_on();
}

static void copy(uint32_t distance, uint32_t length) {
  if (distance > filled && !wrapped) {
    refuse_picture("the compressed data refers to bytes before its start");
  }
  uint32_t from = (filled - distance) & (WINDOW - 1);
  while (length-- > 0) {
    put(window[from]);
    from = (from + 1) & (WINDOW - 1);
  }
}

static void stored_block(void) {
  take_bits(bit_count & 7);
  uint32_t length = take_bits(16);
  uint32_t complement = take_bits(16);
  if ((length ^ complement) != 0xffff) refuse_picture("a stored block has a damaged length");
  while (length-- > 0) put((uint8_t)take_bits(8));
}

static void packed_block(const Code *literals, const Code *distances) {
  static const uint16_t length_base[29] = {3,  4,  5,  6,  7,  8,  9,  10, 11,  13,
                                           15, 17, 19, 23, 27, 31, 35, 43, 51,  59,
                                           67, 83, 99, 115, 131, 163, 195, 227, 258};
  static const uint8_t length_extra[29] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                           2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
  for (;;) {
    uint32_t symbol = take_symbol(literals);
    if (symbol < 256) {
      put((uint8_t)symbol);
      continue;
    }
    if (symbol == 256) return;
    symbol -= 257;
    if (symbol >= 29) refuse_picture("the compressed data has an unknown match length");
    uint32_t length = length_base[symbol] + take_bits(length_extra[symbol]);
    symbol = take_symbol(distances);
    if (symbol >= DISTANCES) refuse_picture("the compressed data has an unknown distance");
    uint32_t extra = symbol < 4 ? 0 : symbol / 2 - 1;
    uint32_t base = symbol < 4 ? symbol + 1 : ((2 + (symbol & 1)) << extra) + 1;
    copy(base + take_bits(extra), length);
  }
}

static Code literal_code, distance_code;

static void fixed_block(void) {
  uint8_t lengths[LITERALS];
  for (int i = 0; i < LITERALS; i++) lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
  build(&literal_code, lengths, LITERALS);
  memset(lengths, 5, 32); /* 30 and 31 complete the code and are refused when met */
  build(&distance_code, lengths, 32);
  packed_block(&literal_code, &distance_code);
}

/* Reads the lengths of both codes, which are packed with a code of their own. */
static void read_lengths(uint8_t *lengths, uint32_t total) {
  uint32_t at = 0;
  while (at < total) {
    uint32_t symbol = take_symbol(&literal_code);
    if (symbol < 16) {
      lengths[at++] = (uint8_t)symbol;
      continue;
    }
    uint8_t repeated = 0;
    uint32_t times;
    if (symbol == 16) {
      if (at == 0) refuse_picture("a code length repeats nothing");
      repeated = lengths[at - 1];
      times = 3 + take_bits(2);
    } else {
      times = symbol == 17 ? 3 + take_bits(3) : 11 + take_bits(7);
    }
    if (times > total - at) refuse_picture("there are more code lengths than symbols");
    memset(lengths + at, repeated, times);
    at += times;
  }
}

static void dynamic_block(void) {
  static const uint8_t order[19] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                    11, 4,  12, 3, 13, 2, 14, 1, 15};
  uint32_t literals = 257 + take_bits(5);
  uint32_t distances = 1 + take_bits(5);
  uint32_t packed = 4 + take_bits(4);
  if (literals > 286 || distances > DISTANCES) {
    refuse_picture("a block declares %u and %u symbols", literals, distances);
  }
  uint8_t lengths[286 + DISTANCES] = {0};
  for (uint32_t i = 0; i < packed; i++) lengths[order[i]] = (uint8_t)take_bits(3);
  build(&literal_code, lengths, 19);
  read_lengths(lengths, literals + distances);
  if (lengths[256] == 0) refuse_picture("a block has no code for its end");
  build(&literal_code, lengths, literals);
  build(&distance_code, lengths + literals, distances);
  packed_block(&literal_code, &distance_code);
}

void inflate(Source from, Sink into) {
  source = from;
  sink = into;
  checksum = 1;
  uint32_t method = take_bits(8);
  uint32_t flags = take_bits(8);
  if ((method & 15) != 8 || method >> 4 > 7 || (method << 8 | flags) % 31 != 0 || flags & 32) {
    refuse_picture("the compressed data has a wrong zlib header");
  }
  uint32_t last;
  do {
    last = take_bits(1);
    switch (take_bits(2)) {
      case 0: stored_block(); break;
      case 1: fixed_block(); break;
      case 2: dynamic_block(); break;
      default: refuse_picture("the compressed data has a block of unknown kind");
    }
  } while (!last);
  hand_on();
  take_bits(bit_count & 7);
  uint32_t expected = 0;
  for (int i = 0; i < 4; i++) expected = expected << 8 | take_bits(8);
  if (expected != checksum) refuse_picture("the unpacked data does not match its checksum");
}
