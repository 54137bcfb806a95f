/* CRC-32 (PNG specification, annex D) and Adler-32 (RFC 1950, section 9). */
#include "thumbnail.h"

uint32_t crc32(uint32_t crc, const uint8_t *bytes, size_t length) {
  static uint32_t table[256];
  if (table[1] == 0) {
    for (uint32_t i = 0; i < 256; i++) {
      uint32_t entry = i;
      for (int bit = 0; bit < 8; bit++) entry = entry & 1 ? 0xedb88320u ^ entry >> 1 : entry >> 1;
      table[i] = entry;
    }
  }
  crc = ~crc;
  for (size_t i = 0; i < length; i++) crc = table[(crc ^ bytes[i]) & 0xff] ^ crc >> 8;
  return ~crc;
}

uint32_t adler32(uint32_t adler, const uint8_t *bytes, size_t length) {
  uint32_t a = adler & 0xffff;
  uint32_t b = adler >> 16;
  while (length > 0) {
    size_t piece = length < 5552 ? length : 5552; /* the most before b can leave 32 bits */
    length -= piece;
    while (piece-- > 0) {
      a += *bytes++;
      b += a;
    }
    a %= 65521;
    b %= 65521;
  }
  return b << 16 | a;
}
