/*
 * Packs into a zlib stream (RFC 1950) of one or more deflated blocks (RFC 1951).
 *
 * Matches are found through chains of earlier places with the same three bytes, and a match is
 * put off by one byte if the next place has a longer one. Each block is written with codes of its
 * own or with the fixed ones, whichever is shorter.
 */
#include "thumbnail.h"

#include <stdlib.h>
#include <string.h>

#define WINDOW 32768u
#define HASH_BITS 15
#define MATCH_MIN 3u
#define MATCH_MAX 258u
#define CHAIN_MAX 32
#define TOKENS 16384u
#define LITERALS 286
#define DISTANCES 30
#define PACKED 19 /* symbols of the code that packs the other codes' lengths */
#define NONE 0xffffffffu

void append(Buffer *buffer, const void *bytes, size_t length) {
  if (buffer->size - buffer->length < length) {
    size_t size = buffer->size * 2 + length + 1024;
    uint8_t *larger = realloc(buffer->bytes, size);
    if (larger == NULL) refuse("507 Insufficient Storage", "the memory limit is reached");
    buffer->bytes = larger;
    buffer->size = size;
  }
  memcpy(buffer->bytes + buffer->length, bytes, length);
  buffer->length += length;
}

/* ---- bits ---- */

static Buffer *output;
static uint64_t bits;
static uint32_t bit_count;

static void put_bits(uint32_t value, uint32_t count) {
  bits |= (uint64_t)value << bit_count;
  bit_count += count;
  while (bit_count >= 8) {
    uint8_t byte = (uint8_t)bits;
    append(output, &byte, 1);
    bits >>= 8;
    bit_count -= 8;
  }
}

/* ---- codes ---- */

typedef struct {
  uint8_t length[288];
  uint16_t pattern[288]; /* reversed, as it is written */
} Code;

static void assign_patterns(Code *code, int symbols) {
  uint16_t next[17] = {0};
  uint16_t count[16] = {0};
  for (int i = 0; i < symbols; i++) count[code->length[i]]++;
  count[0] = 0;
  for (int length = 1; length < 16; length++) {
    next[length + 1] = (uint16_t)((next[length] + count[length]) << 1);
  }
  for (int i = 0; i < symbols; i++) {
    uint32_t length = code->length[i];
    uint32_t pattern = length == 0 ? 0 : next[length]++;
    uint32_t reversed = 0;
    for (uint32_t bit = 0; bit < length; bit++) {
      reversed |= (pattern >> bit & 1) << (length - 1 - bit);
    }
    code->pattern[i] = (uint16_t)reversed;
  }
}

/*
 * How many codes of each length an optimal prefix code has, by Huffman's method with two queues:
 * the leaves in order of frequency, and the nodes, which arise in that order by themselves.
 */
static void count_lengths(const uint32_t *sorted, int leaves, uint32_t *count) {
  uint32_t weight[2 * LITERALS];
  int parent[2 * LITERALS];
  int leaf = 0, inner = leaves, end = leaves;
  for (int i = 0; i < leaves; i++) weight[i] = sorted[i] >> 9;
  while (end < 2 * leaves - 1) {
    weight[end] = 0;
    for (int side = 0; side < 2; side++) {
      int take_leaf = leaf < leaves && (inner == end || weight[leaf] <= weight[inner]);
      int least = take_leaf ? leaf++ : inner++;
      weight[end] += weight[least];
      parent[least] = end;
    }
    end++;
  }
  uint8_t depth[2 * LITERALS];
  depth[end - 1] = 0;
  for (int i = end - 2; i >= 0; i--) {
    depth[i] = (uint8_t)(depth[parent[i]] + 1);
    if (i < leaves) count[depth[i]]++;
  }
}

/* Shortens codes longer than the limit, at the cost of lengthening others. */
static void limit_lengths(uint32_t *count, int longest, int limit) {
  uint64_t taken = 0; /* in units of one code of the limit's length */
  for (int length = longest; length > limit; length--) {
    count[limit] += count[length];
    count[length] = 0;
  }
  for (int length = 1; length <= limit; length++) {
    taken += (uint64_t)count[length] << (limit - length);
  }
  while (taken > 1ull << limit) { /* one code more at the limit frees a unit with each turn */
    int length = limit - 1;
    while (count[length] == 0) length--;
    count[length]--;
    count[length + 1] += 2;
    count[limit]--;
    taken--;
  }
}

static int by_number(const void *left, const void *right) {
  uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
  return a < b ? -1 : a > b;
}

/* Makes the code for these frequencies (each below 2^23); at least two symbols get a code. */
static void make_code(Code *code, const uint32_t *frequency, int symbols, int limit) {
  uint32_t sorted[LITERALS];
  uint32_t count[64] = {0};
  int leaves = 0;
  for (int i = 0; i < symbols; i++) {
    if (frequency[i] > 0) sorted[leaves++] = frequency[i] << 9 | (uint32_t)i;
  }
  for (int i = 0; leaves < 2; i++) {
    if (frequency[i] == 0) sorted[leaves++] = 1u << 9 | (uint32_t)i;
  }
  qsort(sorted, (size_t)leaves, sizeof *sorted, by_number);
  count_lengths(sorted, leaves, count);
  limit_lengths(count, 63, limit);
  memset(code, 0, sizeof *code);
  int next = leaves;
  for (int length = 1; length <= limit; length++) {
    for (uint32_t i = 0; i < count[length]; i++) {
      code->length[sorted[--next] & 511] = (uint8_t)length;
    }
  }
  assign_patterns(code, symbols);
}

/* ---- blocks ---- */

static uint32_t tokens[TOKENS]; /* a literal, or distance << 9 | match length */
static uint32_t token_count;

static uint32_t length_symbol(uint32_t length, uint32_t *extra, uint32_t *extra_bits) {
  uint32_t code = length - MATCH_MIN;
  *extra = *extra_bits = 0;
  if (length == MATCH_MAX) return 285;
  if (code < 8) return 257 + code;
  uint32_t high = 31 - (uint32_t)__builtin_clz(code);
  *extra_bits = high - 2;
  *extra = code & ((1u << *extra_bits) - 1);
  return 257 + (*extra_bits << 2) + (code >> *extra_bits);
}

static uint32_t distance_symbol(uint32_t distance, uint32_t *extra, uint32_t *extra_bits) {
  uint32_t code = distance - 1;
  *extra = *extra_bits = 0;
  if (code < 4) return code;
  uint32_t high = 31 - (uint32_t)__builtin_clz(code);
  *extra_bits = high - 1;
  *extra = code & ((1u << *extra_bits) - 1);
  return (high << 1) + (code >> *extra_bits & 1);
}

static void put_symbol(const Code *code, uint32_t symbol) {
  put_bits(code->pattern[symbol], code->length[symbol]);
}

static void put_tokens(const Code *literals, const Code *distances) {
  uint32_t extra, extra_bits;
  for (uint32_t i = 0; i < token_count; i++) {
    uint32_t length = tokens[i] & 511;
    uint32_t distance = tokens[i] >> 9;
    if (distance == 0) {
      put_symbol(literals, length);
      continue;
    }
    put_symbol(literals, length_symbol(length, &extra, &extra_bits));
    put_bits(extra, extra_bits);
    put_symbol(distances, distance_symbol(distance, &extra, &extra_bits));
    put_bits(extra, extra_bits);
  }
  put_symbol(literals, 256);
}

/* Runs of equal lengths as symbols 16 to 18; each entry is symbol | extra bits << 8. */
static int pack_lengths(const uint8_t *lengths, int total, uint16_t *packed) {
  int count = 0;
  for (int at = 0; at < total;) {
    int run = 1;
    while (at + run < total && lengths[at + run] == lengths[at]) run++;
    int part = run;
    if (lengths[at] == 0 && run >= 3) {
      if (part > 138) part = 138;
      packed[count++] = (uint16_t)(part > 10 ? 18 | (part - 11) << 8 : 17 | (part - 3) << 8);
    } else if (at > 0 && lengths[at] == lengths[at - 1] && run >= 3) {
      if (part > 6) part = 6;
      packed[count++] = (uint16_t)(16 | (part - 3) << 8);
    } else {
      part = 1;
      packed[count++] = lengths[at];
    }
    at += part;
  }
  return count;
}

static const uint8_t packed_extra[PACKED] = {[16] = 2, [17] = 3, [18] = 7};

static uint64_t cost(const Code *code, const uint32_t *frequency, int symbols) {
  uint64_t total = 0;
  for (int i = 0; i < symbols; i++) total += (uint64_t)frequency[i] * code->length[i];
  return total;
}

static void fixed_codes(Code *literals, Code *distances) {
  for (int i = 0; i < 288; i++) {
    literals->length[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
  }
  memset(distances->length, 5, DISTANCES);
  assign_patterns(literals, 288);
  assign_patterns(distances, DISTANCES);
}

static int used_symbols(const Code *code, int symbols, int least) {
  while (symbols > least && code->length[symbols - 1] == 0) symbols--;
  return symbols;
}

/* The head of a block with codes of its own (RFC 1951, section 3.2.7); returns its bits. */
static uint64_t put_codes(const Code *literals, const Code *distances, int measure_only) {
  static const uint8_t order[PACKED] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                        11, 4,  12, 3, 13, 2, 14, 1, 15};
  int literal_count = used_symbols(literals, LITERALS, 257);
  int distance_count = used_symbols(distances, DISTANCES, 1);
  uint8_t lengths[LITERALS + DISTANCES];
  uint16_t packed[LITERALS + DISTANCES];
  memcpy(lengths, literals->length, (size_t)literal_count);
  memcpy(lengths + literal_count, distances->length, (size_t)distance_count);
  int count = pack_lengths(lengths, literal_count + distance_count, packed);

  uint32_t frequency[PACKED] = {0};
  for (int i = 0; i < count; i++) frequency[packed[i] & 255]++;
  Code code;
  make_code(&code, frequency, PACKED, 7);
  int sent = PACKED;
  while (sent > 4 && code.length[order[sent - 1]] == 0) sent--;

  uint64_t total = 14 + 3 * (uint64_t)sent + cost(&code, frequency, PACKED);
  for (int i = 0; i < count; i++) total += packed_extra[packed[i] & 255];
  if (measure_only) return total;
  put_bits((uint32_t)literal_count - 257, 5);
  put_bits((uint32_t)distance_count - 1, 5);
  put_bits((uint32_t)sent - 4, 4);
  for (int i = 0; i < sent; i++) put_bits(code.length[order[i]], 3);
  for (int i = 0; i < count; i++) {
    put_symbol(&code, packed[i] & 255);
    put_bits(packed[i] >> 8, packed_extra[packed[i] & 255]);
  }
  return total;
}

static void end_block(int last) {
  uint32_t literal_frequency[LITERALS] = {[256] = 1};
  uint32_t distance_frequency[DISTANCES] = {0};
  uint32_t extra, extra_bits;
  for (uint32_t i = 0; i < token_count; i++) {
    uint32_t length = tokens[i] & 511;
    uint32_t distance = tokens[i] >> 9;
    if (distance == 0) {
      literal_frequency[length]++;
    } else {
      literal_frequency[length_symbol(length, &extra, &extra_bits)]++;
      distance_frequency[distance_symbol(distance, &extra, &extra_bits)]++;
    }
  }
  static Code literals, distances, fixed_literals, fixed_distances;
  make_code(&literals, literal_frequency, LITERALS, 15);
  make_code(&distances, distance_frequency, DISTANCES, 15);
  fixed_codes(&fixed_literals, &fixed_distances);
  uint64_t own = put_codes(&literals, &distances, 1) +
                 cost(&literals, literal_frequency, LITERALS) +
                 cost(&distances, distance_frequency, DISTANCES);
  uint64_t fixed = cost(&fixed_literals, literal_frequency, LITERALS) +
                   cost(&fixed_distances, distance_frequency, DISTANCES);
  put_bits((uint32_t)last, 1);
  if (own < fixed) {
    put_bits(2, 2);
    put_codes(&literals, &distances, 0);
    put_tokens(&literals, &distances);
  } else {
    put_bits(1, 2);
    put_tokens(&fixed_literals, &fixed_distances);
  }
  token_count = 0;
}

static void put_token(uint32_t token) {
  if (token_count == TOKENS) end_block(0);
  tokens[token_count++] = token;
}

/* ---- matches ---- */

static uint32_t head[1u << HASH_BITS]; /* the last place of each hash */
static uint32_t chain[WINDOW];         /* the place before it with the same hash */

static void remember(const uint8_t *bytes, size_t length, size_t at) {
  if (length - at < MATCH_MIN) return;
  const uint8_t *next = bytes + at;
  uint32_t three = (uint32_t)next[0] | (uint32_t)next[1] << 8 | (uint32_t)next[2] << 16;
  uint32_t hash = three * 0x9e3779b1u >> (32 - HASH_BITS);
  chain[at & (WINDOW - 1)] = head[hash];
  head[hash] = (uint32_t)at;
}

/* The longest match for this place, which was remembered just now; its length is 0 if none. */
static uint32_t find(const uint8_t *bytes, size_t length, size_t at, uint32_t *distance) {
  size_t most = length - at < MATCH_MAX ? length - at : MATCH_MAX;
  uint32_t best = 0;
  if (most < MATCH_MIN) return 0;
  uint32_t place = chain[at & (WINDOW - 1)];
  for (int tries = CHAIN_MAX; tries > 0 && place != NONE && at - place <= WINDOW; tries--) {
    if (bytes[place + best] == bytes[at + best]) { /* else it is no longer than the best */
      uint32_t same = 0;
      while (same < most && bytes[place + same] == bytes[at + same]) same++;
      if (same > best) {
        best = same;
        *distance = (uint32_t)at - place;
        if (best == most) break;
      }
    }
    if (at - place == WINDOW) break; /* its slot of the chain was just written again */
    place = chain[place & (WINDOW - 1)];
  }
  return best < MATCH_MIN ? 0 : best;
}

void deflate(const uint8_t *bytes, size_t length, Buffer *into) {
  output = into;
  memset(head, 0xff, sizeof head);
  put_bits(0x78, 8);
  put_bits(0x9c, 8);
  uint32_t before = 0; /* the match at the previous place, which is not written yet */
  uint32_t before_distance = 0;
  for (size_t at = 0; at < length; at++) {
    remember(bytes, length, at);
    uint32_t distance = 0;
    uint32_t found = find(bytes, length, at, &distance);
    if (before != 0 && before >= found) {
      put_token(before_distance << 9 | before);
      for (uint32_t skipped = 2; skipped < before; skipped++) remember(bytes, length, ++at);
      before = 0;
      continue;
    }
    if (before != 0) put_token(bytes[at - 1]);
    if (found == 0) {
      put_token(bytes[at]);
      before = 0;
    } else {
      before = found;
      before_distance = distance;
    }
  }
  if (before != 0) put_token(before_distance << 9 | before);
  end_block(1);
  put_bits(0, (8 - bit_count) & 7);
  uint32_t checksum = adler32(1, bytes, length);
  for (int shift = 24; shift >= 0; shift -= 8) put_bits(checksum >> shift & 255, 8);
}
