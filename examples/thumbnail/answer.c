/* The CGI answer: what is common to success and refusal. */
#include "thumbnail.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void write_all(const void *bytes, size_t length) {
  const char *at = bytes;
  while (length > 0) {
    ssize_t written = write(1, at, length);
    if (written < 0) {
      if (errno == EINTR) continue;
      _exit(1);
    }
    at += written;
    length -= (size_t)written;
  }
}

static void write_text(const char *text) { write_all(text, strlen(text)); }

static void write_number(uint32_t number) {
  char digits[10];
  size_t at = sizeof digits;
  do {
    digits[--at] = (char)('0' + number % 10);
    number /= 10;
  } while (number != 0);
  write_all(digits + at, sizeof digits - at);
}

_Noreturn void refuse(const char *status, const char *format, ...) {
  va_list values;
  va_start(values, format);
  write_text("Status: ");
  write_text(status);
  write_text("\nContent-Type: text/plain; charset=utf-8\n\n");
  for (const char *at = format; *at; at++) {
    if (at[0] == '%' && at[1] == 'u') {
      write_number(va_arg(values, uint32_t));
      at++;
    } else if (at[0] == '%' && at[1] == 's') {
      write_text(va_arg(values, const char *));
      at++;
    } else {
      write_all(at, 1);
    }
  }
  write_text("\n");
  va_end(values);
  exit(0);
}

void *allocate(size_t length) {
  void *memory = calloc(length, 1);
  if (memory == NULL) refuse("507 Insufficient Storage", "the memory limit is reached");
  return memory;
}
