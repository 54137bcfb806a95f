/*
 * add: reads {"a":2,"b":3} and answers {"sum":5}.
 *
 * The handler shape of Orb, without any library: the host calls alloc(length), writes the request
 * body there, calls handle(pointer, length) and reads the answer that the returned pair
 * (pointer << 32 | length) names. The host makes a fresh instance for every request, so nothing is
 * ever freed.
 *
 * Numbers are exact decimals, not binary floats: 0.1 + 0.2 is 0.3. A number is a sign, a whole part
 * of at most 9223372036854775807 and a fraction of 18 decimal places, kept as two integers.
 */

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;

/* Rare paths stay functions of their own: an engine compiles several small ones better than one. */
#define RARE __attribute__((noinline))
#define EXPORT(name) __attribute__((export_name(name), used))

#define WHOLE_MAX 9223372036854775807ULL
#define PLACES 18
#define ONE 1000000000000000000ULL /* 10^PLACES: the fraction's unit */
#define DIGITS_MAX 40              /* significant digits that a number may need */
#define DEPTH_MAX 32               /* nesting of values that are skipped */
#define PAGE 65536

/* ---- memory ---- */

extern u8 __heap_base;
static u32 heap_next;

/* Room for this many bytes, or 0 when the memory limit is reached. */
EXPORT("alloc") u32 alloc(u32 length) {
  if (heap_next == 0) heap_next = (u32)(unsigned long)&__heap_base;
  u32 start = (heap_next + 15) & ~15u;
  u64 end = (u64)start + length;
  u64 have = (u64)__builtin_wasm_memory_size(0) * PAGE;
  if (end > have) {
    u64 more = (end - have + PAGE - 1) / PAGE;
    if (end > 0xffffffffULL || __builtin_wasm_memory_grow(0, (u32)more) == (unsigned long)-1) {
      return 0;
    }
  }
  heap_next = (u32)end;
  return start;
}

/* ---- answer ---- */

static u8 answer[256]; /* the longest answer has under 160 bytes */
static u32 answer_length;

static void put(const char *text) {
  while (*text && answer_length < sizeof answer) answer[answer_length++] = (u8)*text++;
}

/* A whole number, with leading zeros up to this many digits. */
static void put_number(u64 number, u32 digits_min) {
  char digits[21];
  u32 at = sizeof digits - 1;
  digits[at] = 0;
  do {
    digits[--at] = (char)('0' + number % 10);
    number /= 10;
  } while (number != 0 || sizeof digits - 1 - at < digits_min);
  put(digits + at);
}

static u64 answered(void) {
  return (u64)(u32)(unsigned long)answer << 32 | answer_length;
}

/* ---- numbers ---- */

typedef struct {
  int negative;
  u64 whole;    /* at most WHOLE_MAX */
  u64 fraction; /* below ONE */
} Decimal;

/* Adds; returns 0 if the sum leaves the range. */
static int sum(const Decimal *a, const Decimal *b, Decimal *result) {
  if (a->negative == b->negative) {
    u64 fraction = a->fraction + b->fraction;
    u64 carry = fraction >= ONE;
    result->negative = a->negative;
    result->fraction = fraction - (carry ? ONE : 0);
    result->whole = a->whole + b->whole + carry; /* below 2^64: each is below 2^63 */
    return result->whole <= WHOLE_MAX;
  }
  int a_larger = a->whole != b->whole ? a->whole > b->whole : a->fraction >= b->fraction;
  const Decimal *large = a_larger ? a : b;
  const Decimal *small = a_larger ? b : a;
  u64 borrow = large->fraction < small->fraction;
  result->negative = large->negative;
  result->fraction = large->fraction + (borrow ? ONE : 0) - small->fraction;
  result->whole = large->whole - small->whole - borrow;
  return 1;
}

static void put_decimal(const Decimal *number) {
  if (number->negative && (number->whole | number->fraction) != 0) put("-");
  put_number(number->whole, 1);
  if (number->fraction != 0) {
    u64 fraction = number->fraction;
    u32 places = PLACES;
    while (fraction % 10 == 0) {
      fraction /= 10;
      places--;
    }
    put(".");
    put_number(fraction, places);
  }
}

/* ---- JSON (RFC 8259) ---- */

typedef struct {
  const u8 *at;
  const u8 *start;
  const u8 *end;
  const char *error; /* what is wrong at this place; 0 while nothing is */
} Reader;

static int fail(Reader *in, const char *error) {
  if (!in->error) in->error = error;
  return 0;
}

/* The next byte, or -1 at the end. */
static int peek(const Reader *in) { return in->at < in->end ? *in->at : -1; }

static int is_digit(int c) { return c >= '0' && c <= '9'; }

static void space(Reader *in) {
  for (int c = peek(in); c == ' ' || c == '\n' || c == '\r' || c == '\t'; c = peek(in)) in->at++;
}

static int take(Reader *in, int wanted, const char *error) {
  space(in);
  if (peek(in) != wanted) return fail(in, error);
  in->at++;
  return 1;
}

static int hex_digit(int c) {
  if (is_digit(c)) return c - '0';
  c |= 32;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Four hexadecimal digits of an escape, or -1. */
static int code_unit(Reader *in) {
  int unit = 0;
  for (int i = 0; i < 4; i++) {
    int digit = hex_digit(peek(in));
    if (digit < 0) return -1;
    unit = unit << 4 | digit;
    in->at++;
  }
  return unit;
}

/* Reads a string; *single is its only character, or -1 if it has none or several. */
RARE static int string(Reader *in, int *single) {
  if (!take(in, '"', "a string is expected")) return 0;
  u32 count = 0;
  int first = -1;
  for (;;) {
    int c = peek(in);
    if (c < 0) return fail(in, "the text ends inside a string");
    if (c < 0x20) return fail(in, "a string holds a control character");
    in->at++;
    if (c == '"') break;
    if (c == '\\') {
      c = peek(in);
      in->at += c >= 0;
      switch (c) {
        case '"': case '\\': case '/': break;
        case 'b': case 'f': case 'n': case 'r': case 't': c = ' '; break;
        case 'u':
          c = code_unit(in);
          if (c >= 0) break;
          return fail(in, "an escape needs four hexadecimal digits");
        default: return fail(in, "a string holds an unknown escape");
      }
    }
    if (count++ == 0) first = c;
  }
  *single = count == 1 ? first : -1;
  return 1;
}

/* The exponent after a number, 0 if there is none; bounded, so that it cannot overflow. */
static int exponent(Reader *in, int *value) {
  *value = 0;
  if ((peek(in) | 32) != 'e') return 1;
  in->at++;
  int negative = peek(in) == '-';
  if (negative || peek(in) == '+') in->at++;
  if (!is_digit(peek(in))) return fail(in, "an exponent needs a digit");
  while (is_digit(peek(in))) {
    if (*value < 100000) *value = *value * 10 + (*in->at - '0');
    in->at++;
  }
  if (negative) *value = -*value;
  return 1;
}

/* The significant digits of a number: 0.digits times 10^point. */
typedef struct {
  u8 digit[DIGITS_MAX];
  int count;
  int point;
  int cut; /* whether a digit other than 0 found no place */
} Digits;

static void digits(Reader *in, Digits *into, int whole) {
  for (; is_digit(peek(in)); in->at++) {
    u8 digit = (u8)(*in->at - '0');
    if (into->count == 0 && digit == 0) {
      into->point -= !whole && into->point > -100000;
      continue;
    }
    if (into->count < DIGITS_MAX) {
      into->digit[into->count++] = digit;
    } else if (digit != 0) {
      into->cut = 1;
    }
    into->point += whole && into->point < 100000;
  }
}

/* Places the digits around the decimal point. */
RARE static int place(Reader *in, const Digits *from, Decimal *number) {
  int last = from->count;
  while (last > 0 && from->digit[last - 1] == 0) last--;
  number->whole = 0;
  number->fraction = 0;
  if (last == 0) return 1;
  if (from->point > 19) return fail(in, "the number is beyond 9223372036854775807");
  if (from->cut || last - from->point > PLACES) {
    return fail(in, "the number has more than 18 decimal places");
  }
  for (int i = 0; i < from->point; i++) {
    u8 digit = i < last ? from->digit[i] : 0;
    if (number->whole > (WHOLE_MAX - digit) / 10) {
      return fail(in, "the number is beyond 9223372036854775807");
    }
    number->whole = number->whole * 10 + digit;
  }
  for (int i = 0; last > from->point && i < PLACES; i++) {
    int at = from->point + i;
    number->fraction = number->fraction * 10 + (at >= 0 && at < last ? from->digit[at] : 0);
  }
  return 1;
}

/* Reads what the grammar calls a number, whatever its size. */
static int scan(Reader *in, Digits *into, int *negative) {
  space(in);
  into->count = into->point = into->cut = 0;
  *negative = peek(in) == '-';
  in->at += *negative;
  if (!is_digit(peek(in))) return fail(in, "a number is expected");
  if (peek(in) == '0') {
    in->at++;
    if (is_digit(peek(in))) return fail(in, "a number starts with a needless 0");
  } else {
    digits(in, into, 1);
  }
  if (peek(in) == '.') {
    in->at++;
    if (!is_digit(peek(in))) return fail(in, "a decimal point needs a digit after it");
    digits(in, into, 0);
  }
  int shift;
  if (!exponent(in, &shift)) return 0;
  into->point += shift;
  return 1;
}

static int number(Reader *in, Decimal *into) {
  Digits read;
  return scan(in, &read, &into->negative) && place(in, &read, into);
}

static int literal(Reader *in, const char *text) {
  for (; *text; text++, in->at++) {
    if (peek(in) != *text) return fail(in, "a value is expected");
  }
  return 1;
}

/* Passes over one value of any kind; containers are counted, not recursed into. */
RARE static int skip(Reader *in) {
  u8 closers[DEPTH_MAX];
  u32 depth = 0;
  int ignored;
  Digits digits_ignored;
  for (;;) {
    space(in);
    int c = peek(in);
    int opened = 0;
    if (c == '{' || c == '[') {
      if (depth == DEPTH_MAX) return fail(in, "values are nested more than 32 deep");
      closers[depth++] = c == '{' ? '}' : ']';
      in->at++;
      opened = 1;
    } else if (c == '"') {
      if (!string(in, &ignored)) return 0;
    } else if (c == 't' || c == 'f' || c == 'n') {
      if (!literal(in, c == 't' ? "true" : c == 'f' ? "false" : "null")) return 0;
    } else if (c != '-' && !is_digit(c)) {
      return fail(in, "a value is expected");
    } else if (!scan(in, &digits_ignored, &ignored)) {
      return 0;
    }
    space(in);
    while (depth > 0 && peek(in) == closers[depth - 1]) {
      in->at++;
      depth--;
      opened = 0;
      space(in);
    }
    if (depth == 0) return 1;
    if (!opened && !take(in, ',', "a comma or the end of a list is expected")) return 0;
    if (closers[depth - 1] == '}') {
      if (!string(in, &ignored) || !take(in, ':', "a colon is expected")) return 0;
    }
  }
}

/* Reads the object; a and b are there afterwards if it returns 1. */
static int operands(Reader *in, Decimal *a, Decimal *b) {
  int have_a = 0;
  int have_b = 0;
  if (!take(in, '{', "an object such as {\\\"a\\\":2,\\\"b\\\":3} is expected")) return 0;
  space(in);
  if (peek(in) == '}') return fail(in, "a and b are missing");
  for (;;) {
    int key;
    space(in);
    const u8 *place_of_key = in->at;
    if (!string(in, &key) || !take(in, ':', "a colon is expected")) return 0;
    if ((key == 'a' && have_a) || (key == 'b' && have_b)) {
      in->at = place_of_key;
      return fail(in, key == 'a' ? "a is given twice" : "b is given twice");
    }
    have_a |= key == 'a';
    have_b |= key == 'b';
    if (!(key == 'a' ? number(in, a) : key == 'b' ? number(in, b) : skip(in))) return 0;
    space(in);
    if (peek(in) == '}') break;
    if (!take(in, ',', "a comma or } is expected")) return 0;
  }
  if (!have_a) return fail(in, have_b ? "a is missing" : "a and b are missing");
  if (!have_b) return fail(in, "b is missing");
  in->at++;
  space(in);
  return in->at == in->end || fail(in, "something follows the object");
}

EXPORT("handle") u64 handle(u32 pointer, u32 length) {
  const u8 *body = (const u8 *)(unsigned long)pointer;
  Reader in = {.at = body, .start = body, .end = body + length, .error = 0};
  Decimal a, b, total;
  answer_length = 0;
  if (!operands(&in, &a, &b)) {
    put("{\"error\":\"");
    put(in.error);
    put("\",\"at\":");
    put_number((u64)(in.at - in.start), 1);
    put("}");
  } else if (!sum(&a, &b, &total)) {
    put("{\"error\":\"the sum is beyond 9223372036854775807\"}");
  } else {
    put("{\"sum\":");
    put_decimal(&total);
    put("}");
  }
  return answered();
}
