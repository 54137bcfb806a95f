/*
 * Answers a PNG with a smaller one, at most `w` pixels a side: `?w=128`.
 *
 * A WASI preview 1 command that speaks CGI: the query stands in QUERY_STRING, the picture comes on
 * standard input, the answer goes to standard output behind a header block.
 */
#include "thumbnail.h"

#include <stdlib.h>
#include <string.h>

/* The number after w= in the query, or the default. */
static uint32_t box_of(const char *query) {
  for (const char *at = query; at != NULL && *at; at = strchr(at, '&')) {
    at += *at == '&';
    if (strncmp(at, "w=", 2) != 0) continue;
    uint32_t number = 0;
    const char *digit = at + 2;
    while (*digit >= '0' && *digit <= '9' && number <= BOX_MAX) {
      number = number * 10 + (uint32_t)(*digit++ - '0');
    }
    if (digit == at + 2 || (*digit != 0 && *digit != '&') || number == 0 || number > BOX_MAX) {
      refuse("400 Bad Request", "w is a whole number in 1..%u, such as w=128", BOX_MAX);
    }
    return number;
  }
  return BOX_DEFAULT;
}

int main(void) {
  const char *query = getenv("QUERY_STRING");
  decode(box_of(query == NULL ? "" : query));
  Picture picture = scale_end();
  Buffer png = {0};
  encode(&picture, &png);
  static const char header[] = "Content-Type: image/png\n\n";
  write_all(header, sizeof header - 1);
  write_all(png.bytes, png.length);
  return 0;
}
