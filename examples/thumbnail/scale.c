/*
 * Scales by averaging areas: an output pixel is the mean of the source area that it covers, where a
 * source pixel on a border counts by the part of it that lies inside.
 *
 * The arithmetic is in whole numbers and exact up to the last rounding. Across, a source pixel is
 * `out` units wide and an output pixel `in` units, so that borders fall on whole units; down, the
 * same. Colours are weighted by their alpha, so that what cannot be seen does not shine through.
 */
#include "thumbnail.h"

#include <string.h>

static uint32_t source_width, source_height;
static Picture picture;
static uint32_t *across; /* per output pixel, sums of one row: colours times alpha, and alpha */
static uint64_t *down;   /* the same, over the rows of the output row that is being filled */
static uint32_t out_row;
static uint32_t units_left; /* of the output row's height */

/* The shorter side that keeps the proportion, rounded, at least 1. */
static uint32_t side(uint32_t shorter, uint32_t longer, uint32_t box) {
  uint32_t scaled = (uint32_t)(((uint64_t)shorter * box + longer / 2) / longer);
  return scaled == 0 ? 1 : scaled;
}

void scale_begin(uint32_t width, uint32_t height, uint32_t box) {
  source_width = width;
  source_height = height;
  picture.width = width;
  picture.height = height;
  if (width > box && width >= height) {
    picture.width = box;
    picture.height = side(height, width, box);
  } else if (height > box) {
    picture.width = side(width, height, box);
    picture.height = box;
  }
  picture.rgba = allocate((size_t)picture.width * picture.height * 4);
  across = allocate((size_t)picture.width * 4 * sizeof *across);
  down = allocate((size_t)picture.width * 4 * sizeof *down);
  units_left = height;
}

static void sum_pixel(uint32_t *sums, const uint8_t *pixel, uint32_t units) {
  uint32_t weight = pixel[3] * units;
  sums[0] += pixel[0] * weight;
  sums[1] += pixel[1] * weight;
  sums[2] += pixel[2] * weight;
  sums[3] += weight;
}

static void sum_across(const uint8_t *rgba) {
  memset(across, 0, (size_t)picture.width * 4 * sizeof *across);
  uint32_t *sums = across;
  uint32_t left = source_width; /* units of the output pixel that are not filled yet */
  for (uint32_t x = 0; x < source_width; x++, rgba += 4) {
    uint32_t units = picture.width;
    if (units >= left) {
      sum_pixel(sums, rgba, left);
      units -= left;
      left = source_width;
      sums += 4;
    }
    if (units > 0) {
      sum_pixel(sums, rgba, units);
      left -= units;
    }
  }
}

static void sum_down(uint32_t units) {
  for (uint32_t i = 0; i < picture.width * 4; i++) down[i] += (uint64_t)across[i] * units;
}

static void finish_row(void) {
  uint8_t *to = picture.rgba + (size_t)out_row * picture.width * 4;
  uint64_t area = (uint64_t)source_width * source_height;
  for (uint32_t x = 0; x < picture.width; x++, to += 4) {
    const uint64_t *sums = down + 4 * (size_t)x;
    uint64_t alpha = sums[3];
    to[3] = (uint8_t)((alpha + area / 2) / area);
    if (to[3] == 0) continue; /* invisible: all zero, which packs best */
    for (int i = 0; i < 3; i++) to[i] = (uint8_t)((sums[i] + alpha / 2) / alpha);
  }
  memset(down, 0, (size_t)picture.width * 4 * sizeof *down);
  out_row++;
  units_left = source_height;
}

void scale_row(const uint8_t *rgba) {
  sum_across(rgba);
  uint32_t units = picture.height;
  if (units >= units_left) {
    sum_down(units_left);
    units -= units_left;
    finish_row();
  }
  if (units > 0) {
    sum_down(units);
    units_left -= units;
  }
}

Picture scale_end(void) { return picture; }
