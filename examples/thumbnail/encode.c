/*
 * Writes a PNG (ISO/IEC 15948): grey or RGB, with alpha only where a pixel is not opaque. Each row
 * gets the filter whose output has the smallest sum of absolute values (section 12.8).
 */
#include "thumbnail.h"

#include <stdlib.h>
#include <string.h>

#define FILTERS 5

static void put_chunk(Buffer *into, const char *name, const void *data, size_t length) {
  uint8_t number[4];
  for (int i = 0; i < 4; i++) number[i] = (uint8_t)(length >> (24 - 8 * i));
  append(into, number, 4);
  append(into, name, 4);
  append(into, data, length);
  uint32_t crc = crc32(crc32(0, (const uint8_t *)name, 4), data, length);
  for (int i = 0; i < 4; i++) number[i] = (uint8_t)(crc >> (24 - 8 * i));
  append(into, number, 4);
}

static int paeth(int left, int above, int corner) {
  int estimate = left + above - corner;
  int by_left = abs(estimate - left);
  int by_above = abs(estimate - above);
  int by_corner = abs(estimate - corner);
  if (by_left <= by_above && by_left <= by_corner) return left;
  return by_above <= by_corner ? above : corner;
}

static uint8_t filtered(int filter, const uint8_t *row, const uint8_t *above, size_t i,
                        size_t back) {
  int left = i < back ? 0 : row[i - back];
  int corner = i < back ? 0 : above[i - back];
  switch (filter) {
    case 1: return (uint8_t)(row[i] - left);
    case 2: return (uint8_t)(row[i] - above[i]);
    case 3: return (uint8_t)(row[i] - (left + above[i]) / 2);
    case 4: return (uint8_t)(row[i] - paeth(left, above[i], corner));
    default: return row[i];
  }
}

/* Writes the row with the filter that suits it, its number first. */
static void filter_row(uint8_t *to, const uint8_t *row, const uint8_t *above, size_t length,
                       size_t back) {
  int best = 0;
  uint32_t best_sum = 0xffffffffu;
  for (int filter = 0; filter < FILTERS; filter++) {
    uint32_t sum = 0;
    for (size_t i = 0; i < length; i++) {
      sum += (uint32_t)abs((int8_t)filtered(filter, row, above, i, back));
    }
    if (sum < best_sum) {
      best_sum = sum;
      best = filter;
    }
  }
  to[0] = (uint8_t)best;
  for (size_t i = 0; i < length; i++) to[i + 1] = filtered(best, row, above, i, back);
}

void encode(const Picture *picture, Buffer *into) {
  size_t pixels = (size_t)picture->width * picture->height;
  int colour = 0;
  int alpha = 0;
  for (size_t i = 0; i < pixels; i++) {
    const uint8_t *pixel = picture->rgba + 4 * i;
    colour |= pixel[0] != pixel[1] || pixel[1] != pixel[2];
    alpha |= pixel[3] != 255;
  }
  size_t back = (colour ? 3u : 1u) + (alpha ? 1u : 0u);
  size_t length = picture->width * back;
  uint8_t *samples = allocate(pixels * back + length); /* one row of zeros above the first */
  uint8_t *to = samples + length;
  for (size_t i = 0; i < pixels; i++) {
    const uint8_t *pixel = picture->rgba + 4 * i;
    *to++ = pixel[0];
    if (colour) *to++ = pixel[1];
    if (colour) *to++ = pixel[2];
    if (alpha) *to++ = pixel[3];
  }
  uint8_t *filtered_rows = allocate((length + 1) * picture->height);
  for (size_t y = 0; y < picture->height; y++) {
    const uint8_t *above = samples + y * length;
    filter_row(filtered_rows + y * (length + 1), above + length, above, length, back);
  }
  Buffer packed = {0};
  deflate(filtered_rows, (length + 1) * picture->height, &packed);

  uint8_t header[13] = {0};
  for (int i = 0; i < 4; i++) header[i] = (uint8_t)(picture->width >> (24 - 8 * i));
  for (int i = 0; i < 4; i++) header[4 + i] = (uint8_t)(picture->height >> (24 - 8 * i));
  header[8] = 8;
  header[9] = (uint8_t)((colour ? 2 : 0) | (alpha ? 4 : 0));
  append(into, "\x89PNG\r\n\x1a\n", 8);
  put_chunk(into, "IHDR", header, sizeof header);
  put_chunk(into, "IDAT", packed.bytes, packed.length);
  put_chunk(into, "IEND", "", 0);
}
