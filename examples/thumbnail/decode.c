/*
 * Reads a PNG (ISO/IEC 15948) of 8 bits a sample without interlacing: grey, RGB, palette, each with
 * or without transparency. Every chunk's CRC is checked, that of skipped chunks too.
 */
#include "thumbnail.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define PIECE 32768u
#define NAME(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (d))

enum { GREY = 0, RGB = 2, PALETTE = 3, GREY_ALPHA = 4, RGB_ALPHA = 6 };

/* ---- chunks ---- */

static uint8_t piece[PIECE];
static uint32_t chunk_name;
static uint32_t chunk_left; /* bytes of its data that are not read yet */
static uint32_t chunk_crc;

static void read_exactly(uint8_t *into, size_t length) {
  while (length > 0) {
    ssize_t got = read(0, into, length);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) refuse_picture("the PNG ends too early");
    into += got;
    length -= (size_t)got;
  }
}

static uint32_t big_endian(const uint8_t *bytes) {
  return NAME(bytes[0], bytes[1], bytes[2], bytes[3]);
}

static const char *chunk_text(void) {
  static char text[5];
  for (int i = 0; i < 4; i++) {
    char letter = (char)(chunk_name >> (24 - 8 * i));
    int is_letter = (letter >= 'A' && letter <= 'Z') || (letter >= 'a' && letter <= 'z');
    if (!is_letter) return "?";
    text[i] = letter;
  }
  return text;
}

static void chunk_begin(void) {
  uint8_t head[8];
  read_exactly(head, sizeof head);
  chunk_left = big_endian(head);
  chunk_name = big_endian(head + 4);
  chunk_crc = crc32(0, head + 4, 4);
  if (chunk_left > 0x7fffffffu) refuse_picture("a chunk declares %u bytes", chunk_left);
}

/* The next bytes of the chunk's data, at most this many; 0 at its end. */
static size_t chunk_read(uint8_t *into, size_t length) {
  if (length > chunk_left) length = chunk_left;
  read_exactly(into, length);
  chunk_crc = crc32(chunk_crc, into, length);
  chunk_left -= (uint32_t)length;
  return length;
}

/* Passes over what is left of the chunk and checks its CRC. */
static void chunk_end(void) {
  while (chunk_read(piece, sizeof piece) > 0) {
  }
  uint8_t crc[4];
  read_exactly(crc, sizeof crc);
  if (big_endian(crc) != chunk_crc) {
    refuse_picture("chunk %s does not match its CRC", chunk_text());
  }
}

/* ---- header and palette ---- */

static uint32_t width, height;
static uint8_t kind;
static uint32_t pixel_bytes;
static uint8_t palette[256][4]; /* RGBA */
static uint32_t colours;        /* in the palette */
static int has_key;             /* whether one colour is transparent: */
static uint8_t key[3];

static void read_header(void) {
  uint8_t data[13];
  chunk_begin();
  if (chunk_name != NAME('I', 'H', 'D', 'R') || chunk_left != sizeof data) {
    refuse_picture("the PNG does not start with its header");
  }
  chunk_read(data, sizeof data);
  chunk_end();
  width = big_endian(data);
  height = big_endian(data + 4);
  kind = data[9];
  if (width == 0 || height == 0 || width > SIDE_MAX || height > SIDE_MAX ||
      (uint64_t)width * height > PIXELS_MAX) {
    refuse_picture("the picture is %u x %u; at most %u a side and %u pixels are taken", width,
                   height, SIDE_MAX, PIXELS_MAX);
  }
  static const uint8_t bytes_of_kind[7] = {1, 0, 3, 1, 2, 0, 4};
  if (kind > RGB_ALPHA || bytes_of_kind[kind] == 0) {
    refuse_picture("there is no PNG colour type %u", (uint32_t)kind);
  }
  pixel_bytes = bytes_of_kind[kind];
  if (data[8] != 8) {
    refuse_picture("the picture has %u bits a sample; only 8 are taken", (uint32_t)data[8]);
  }
  if (data[10] != 0 || data[11] != 0) refuse_picture("unknown compression or filter method");
  if (data[12] != 0) refuse_picture("interlaced pictures are not taken");
}

static void read_palette(void) {
  uint8_t data[768];
  if (colours != 0 || chunk_left == 0 || chunk_left > sizeof data || chunk_left % 3 != 0) {
    refuse_picture("the palette is damaged");
  }
  if (kind == GREY || kind == GREY_ALPHA) refuse_picture("a grey picture has a palette");
  colours = chunk_left / 3;
  chunk_read(data, chunk_left);
  for (uint32_t i = 0; i < colours; i++) {
    memcpy(palette[i], data + 3 * i, 3);
    palette[i][3] = 255;
  }
}

static void read_transparency(void) {
  uint8_t data[256];
  if (kind == PALETTE && chunk_left <= colours) {
    uint32_t count = (uint32_t)chunk_read(data, chunk_left);
    for (uint32_t i = 0; i < count; i++) palette[i][3] = data[i];
  } else if ((kind == GREY && chunk_left == 2) || (kind == RGB && chunk_left == 6)) {
    uint32_t count = (uint32_t)chunk_read(data, chunk_left) / 2;
    has_key = 1;
    for (uint32_t i = 0; i < count; i++) {
      if (data[2 * i] != 0) has_key = 0; /* beyond 8 bits: no pixel can have it */
      key[i] = data[2 * i + 1];
    }
  } else {
    refuse_picture("the transparency does not fit the picture's kind");
  }
}

/* Reads up to the first chunk of pixels, whose data is next then. */
static void read_until_pixels(void) {
  for (;;) {
    chunk_begin();
    switch (chunk_name) {
      case NAME('I', 'D', 'A', 'T'):
        if (kind == PALETTE && colours == 0) refuse_picture("the palette is missing");
        return;
      case NAME('P', 'L', 'T', 'E'): read_palette(); break;
      case NAME('t', 'R', 'N', 'S'): read_transparency(); break;
      case NAME('I', 'E', 'N', 'D'): refuse_picture("the PNG has no pixels");
      default:
        if ((chunk_name & 0x20000000u) == 0) { /* a capital first letter: must be understood */
          refuse_picture("the PNG has the unknown chunk %s", chunk_text());
        }
    }
    chunk_end();
  }
}

/* ---- pixels ---- */

static int pixels_ended; /* whether the chunk that was begun last is no longer one of pixels */

static size_t packed_pixels(const uint8_t **bytes) {
  while (!pixels_ended) {
    size_t got = chunk_read(piece, sizeof piece);
    if (got > 0) {
      *bytes = piece;
      return got;
    }
    chunk_end();
    chunk_begin();
    pixels_ended = chunk_name != NAME('I', 'D', 'A', 'T');
  }
  return 0;
}

static uint8_t *row;      /* what is being filled: the filter's number, then the samples */
static uint8_t *previous; /* the row above, without its filter; zero above the first */
static uint8_t *rgba;
static size_t row_length; /* with the filter's number */
static size_t row_filled;
static uint32_t rows_done;

static uint8_t paeth(int left, int above, int corner) {
  int estimate = left + above - corner;
  int by_left = estimate > left ? estimate - left : left - estimate;
  int by_above = estimate > above ? estimate - above : above - estimate;
  int by_corner = estimate > corner ? estimate - corner : corner - estimate;
  if (by_left <= by_above && by_left <= by_corner) return (uint8_t)left;
  return (uint8_t)(by_above <= by_corner ? above : corner);
}

static void unfilter(void) {
  uint8_t *at = row + 1;
  size_t length = row_length - 1;
  size_t back = pixel_bytes;
  switch (row[0]) {
    case 0: break;
    case 1:
      for (size_t i = back; i < length; i++) at[i] = (uint8_t)(at[i] + at[i - back]);
      break;
    case 2:
      for (size_t i = 0; i < length; i++) at[i] = (uint8_t)(at[i] + previous[i]);
      break;
    case 3:
      for (size_t i = 0; i < length; i++) {
        int left = i < back ? 0 : at[i - back];
        at[i] = (uint8_t)(at[i] + (left + previous[i]) / 2);
      }
      break;
    case 4:
      for (size_t i = 0; i < length; i++) {
        int left = i < back ? 0 : at[i - back];
        int corner = i < back ? 0 : previous[i - back];
        at[i] = (uint8_t)(at[i] + paeth(left, previous[i], corner));
      }
      break;
    default: refuse_picture("row %u has the unknown filter %u", rows_done, (uint32_t)row[0]);
  }
}

/* The row as RGBA. */
static void expand(void) {
  const uint8_t *from = row + 1;
  uint8_t *to = rgba;
  for (uint32_t x = 0; x < width; x++, from += pixel_bytes, to += 4) {
    switch (kind) {
      case GREY:
        to[0] = to[1] = to[2] = from[0];
        to[3] = has_key && from[0] == key[0] ? 0 : 255;
        break;
      case GREY_ALPHA:
        to[0] = to[1] = to[2] = from[0];
        to[3] = from[1];
        break;
      case PALETTE:
        if (from[0] >= colours) {
          refuse_picture("a pixel has colour %u of a palette of %u", (uint32_t)from[0], colours);
        }
        memcpy(to, palette[from[0]], 4);
        break;
      case RGB:
        memcpy(to, from, 3);
        to[3] = has_key && memcmp(from, key, 3) == 0 ? 0 : 255;
        break;
      default: memcpy(to, from, 4);
    }
  }
}

static void take_pixels(const uint8_t *bytes, size_t length) {
  while (length > 0) {
    if (rows_done == height) refuse_picture("there is more pixel data than the header declares");
    size_t part = row_length - row_filled;
    if (part > length) part = length;
    memcpy(row + row_filled, bytes, part);
    row_filled += part;
    bytes += part;
    length -= part;
    if (row_filled < row_length) continue;
    unfilter();
    expand();
    scale_row(rgba);
    memcpy(previous, row + 1, row_length - 1);
    row_filled = 0;
    rows_done++;
  }
}

void decode(uint32_t box) {
  static const uint8_t signature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  uint8_t start[8];
  for (size_t i = 0; i < sizeof start; i++) {
    ssize_t got = read(0, start + i, 1);
    if (got <= 0 && i == 0) refuse_picture("there is no body; send a PNG as the body");
    if (got <= 0 || start[i] != signature[i]) refuse_picture("the body is not a PNG");
  }
  read_header();
  read_until_pixels();
  row_length = (size_t)width * pixel_bytes + 1;
  row = allocate(row_length);
  previous = allocate(row_length);
  rgba = allocate((size_t)width * 4);
  scale_begin(width, height, box);
  inflate(packed_pixels, take_pixels);
  if (rows_done != height) refuse_picture("the PNG has %u of %u rows", rows_done, height);

  const uint8_t *rest;
  while (packed_pixels(&rest) > 0) {
  }
  while (chunk_name != NAME('I', 'E', 'N', 'D')) {
    if (chunk_name == NAME('I', 'D', 'A', 'T')) refuse_picture("the pixel chunks are apart");
    if ((chunk_name & 0x20000000u) == 0) {
      refuse_picture("the PNG has the chunk %s after its pixels", chunk_text());
    }
    chunk_end();
    chunk_begin();
  }
  chunk_end();
}
