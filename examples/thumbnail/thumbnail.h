/*
 * thumbnail: a PNG in, a smaller PNG out. How the parts hang together:
 *
 *   standard input -> decode.c (chunks, CRC, filters) and inflate.c
 *                  -> scale.c -> encode.c and deflate.c -> standard output
 *
 * The picture is never in memory as a whole: each row goes into the sums of the output rows as soon
 * as it is unpacked, so memory depends on the width and on the thumbnail alone.
 *
 * Everything that is read is distrusted. What is wrong with it ends the program through refuse().
 */
#ifndef THUMBNAIL_H
#define THUMBNAIL_H

#include <stddef.h>
#include <stdint.h>

#define SIDE_MAX 16384u       /* of the picture; keeps the sums of one row within 32 bits */
#define PIXELS_MAX 50000000u  /* of the picture */
#define BOX_MAX 512u          /* of the thumbnail's longer side */
#define BOX_DEFAULT 128u

/* answer.c: the CGI answer on standard output */

/* Answers a refusal and ends. The format knows %u (uint32_t) and %s. */
_Noreturn void refuse(const char *status, const char *format, ...);
/* refuse() with status 422, for what is wrong with the picture. */
#define refuse_picture(...) refuse("422 Unprocessable Content", __VA_ARGS__)
void write_all(const void *bytes, size_t length);
/* Zeroed memory; refuses when there is none left. */
void *allocate(size_t length);

/* checksum.c */

uint32_t crc32(uint32_t crc, const uint8_t *bytes, size_t length);     /* start with 0 */
uint32_t adler32(uint32_t adler, const uint8_t *bytes, size_t length); /* start with 1 */

/* inflate.c: unpacks a whole zlib stream (RFC 1950, 1951) */

/* The next piece of packed bytes; its length is 0 at the end. */
typedef size_t (*Source)(const uint8_t **piece);
/* Takes a piece of unpacked bytes. */
typedef void (*Sink)(const uint8_t *piece, size_t length);

void inflate(Source source, Sink sink);

/* deflate.c: packs into a whole zlib stream */

typedef struct {
  uint8_t *bytes;
  size_t length;
  size_t size;
} Buffer;

void append(Buffer *buffer, const void *bytes, size_t length);
void deflate(const uint8_t *bytes, size_t length, Buffer *into);

/* scale.c: averages areas */

typedef struct {
  uint32_t width, height;
  uint8_t *rgba; /* row by row, four bytes a pixel, colours not multiplied by alpha */
} Picture;

void scale_begin(uint32_t width, uint32_t height, uint32_t box);
/* The next row of the source, four bytes a pixel. */
void scale_row(const uint8_t *rgba);
Picture scale_end(void);

/* decode.c, encode.c */

/* Reads a PNG from standard input and gives its rows to scale.c. */
void decode(uint32_t box);
void encode(const Picture *picture, Buffer *into);

#endif
