/*
 * wordcount: reads a text from standard input and answers its counts as JSON.
 *
 * A WASI preview 1 command. `lines`, `words` and `bytes` are those of wc(1) in POSIX: newlines,
 * runs of bytes other than white space, all bytes. For the most frequent words a word is a run of
 * letters and digits with single apostrophes and hyphens inside it, in lower case; text is UTF-8,
 * and bytes that are not end a word.
 *
 * Time is linear in the length of the text, memory in the number of distinct words: the text is
 * read in pieces and not kept.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wctype.h>

#define PIECE 65536
#define TOP 20
#define WORD_MAX 64 /* bytes of a word that is counted by name; longer ones are only words */
#define SLOTS_FIRST 4096

/* ---- answer ---- */

static char answer[TOP * (WORD_MAX + 40) + 256];
static size_t answer_length;

static void put(const char *text, size_t length) {
  memcpy(answer + answer_length, text, length);
  answer_length += length;
}

static void put_text(const char *text) { put(text, strlen(text)); }

static void put_number(uint64_t number) {
  char digits[20];
  size_t at = sizeof digits;
  do {
    digits[--at] = (char)('0' + number % 10);
    number /= 10;
  } while (number != 0);
  put(digits + at, sizeof digits - at);
}

static void write_all(int file, const char *text, size_t length) {
  while (length > 0) {
    ssize_t written = write(file, text, length);
    if (written < 0) {
      if (errno == EINTR) continue;
      _exit(1);
    }
    text += written;
    length -= (size_t)written;
  }
}

static _Noreturn void die(const char *why) {
  write_all(2, why, strlen(why));
  _exit(1);
}

/* ---- table of words ---- */

/*
 * Open addressing with linear probing, at most half full; the words themselves lie one after the
 * other in an arena, each as a length byte and its bytes. A slot is free while its count is 0.
 */
typedef struct {
  uint32_t hash;
  uint32_t word; /* place in the arena */
  uint32_t count;
} Slot;

typedef struct {
  Slot *slots;
  uint32_t size; /* a power of two */
  uint32_t used;
  unsigned char *arena;
  size_t arena_length;
  size_t arena_size;
} Table;

static uint32_t hash_of(const unsigned char *word, size_t length) {
  uint64_t hash = 0xcbf29ce484222325ULL; /* FNV-1a, then mixed so that low bits depend on all */
  for (size_t i = 0; i < length; i++) hash = (hash ^ word[i]) * 0x100000001b3ULL;
  hash ^= hash >> 32;
  hash *= 0xd6e8feb86659fd93ULL;
  return (uint32_t)(hash >> 32);
}

static void grow_slots(Table *table) {
  uint32_t size = table->size == 0 ? SLOTS_FIRST : table->size * 2;
  Slot *slots = calloc(size, sizeof *slots);
  if (slots == NULL) die("wordcount: too many different words for the memory limit\n");
  for (uint32_t i = 0; i < table->size; i++) {
    if (table->slots[i].count == 0) continue;
    uint32_t at = table->slots[i].hash & (size - 1);
    while (slots[at].count != 0) at = (at + 1) & (size - 1);
    slots[at] = table->slots[i];
  }
  free(table->slots);
  table->slots = slots;
  table->size = size;
}

static uint32_t keep(Table *table, const unsigned char *word, size_t length) {
  if (table->arena_size - table->arena_length < length + 1) {
    size_t size = table->arena_size == 0 ? PIECE : table->arena_size * 2;
    unsigned char *arena = realloc(table->arena, size);
    if (arena == NULL) die("wordcount: too many different words for the memory limit\n");
    table->arena = arena;
    table->arena_size = size;
  }
  uint32_t place = (uint32_t)table->arena_length;
  table->arena[place] = (unsigned char)length;
  memcpy(table->arena + place + 1, word, length);
  table->arena_length += length + 1;
  return place;
}

static void count_word(Table *table, const unsigned char *word, size_t length) {
  if (table->used >= table->size / 2) grow_slots(table);
  uint32_t hash = hash_of(word, length);
  uint32_t at = hash & (table->size - 1);
  for (; table->slots[at].count != 0; at = (at + 1) & (table->size - 1)) {
    const Slot *slot = &table->slots[at];
    const unsigned char *known = table->arena + slot->word;
    if (slot->hash == hash && known[0] == length && memcmp(known + 1, word, length) == 0) {
      table->slots[at].count++;
      return;
    }
  }
  uint32_t place = keep(table, word, length);
  table->slots[at] = (Slot){.hash = hash, .word = place, .count = 1};
  table->used++;
}

/* Whether the left word comes first: more frequent, or as frequent and earlier by its bytes. */
static int precedes(const Table *table, const Slot *left, const Slot *right) {
  if (left->count != right->count) return left->count > right->count;
  const unsigned char *a = table->arena + left->word;
  const unsigned char *b = table->arena + right->word;
  int order = memcmp(a + 1, b + 1, a[0] < b[0] ? a[0] : b[0]);
  return order != 0 ? order < 0 : a[0] < b[0];
}

/* The first words in order; returns how many there are. */
static int top_words(const Table *table, Slot top[TOP]) {
  int found = 0;
  for (uint32_t i = 0; i < table->size; i++) {
    const Slot *slot = &table->slots[i];
    if (slot->count == 0 || (found == TOP && !precedes(table, slot, &top[TOP - 1]))) continue;
    int at = found < TOP ? found++ : TOP - 1;
    for (; at > 0 && precedes(table, slot, &top[at - 1]); at--) top[at] = top[at - 1];
    top[at] = *slot;
  }
  return found;
}

/* ---- text ---- */

typedef struct {
  uint64_t lines, words, bytes;
  int in_word; /* of wc(1) */
  Table table;

  unsigned char word[WORD_MAX];
  size_t length;  /* of the word so far; beyond WORD_MAX it is too long to be counted by name */
  int joiner;     /* an apostrophe or hyphen that belongs to the word if a letter follows, or 0 */

  uint32_t code;  /* of the UTF-8 sequence that is being read */
  int missing;    /* its bytes yet to come */
  uint32_t least; /* the smallest code that needs so many bytes */
} Text;

static void end_word(Text *text) {
  if (text->length > 0 && text->length <= WORD_MAX) {
    count_word(&text->table, text->word, text->length);
  }
  text->length = 0;
  text->joiner = 0;
}

static void append(Text *text, uint32_t byte) {
  if (text->length < WORD_MAX) text->word[text->length] = (unsigned char)byte;
  if (text->length <= WORD_MAX) text->length++;
}

static void append_code(Text *text, uint32_t code) {
  if (code < 0x80) {
    append(text, code);
  } else if (code < 0x800) {
    append(text, 0xc0 | code >> 6);
    append(text, 0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    append(text, 0xe0 | code >> 12);
    append(text, 0x80 | (code >> 6 & 0x3f));
    append(text, 0x80 | (code & 0x3f));
  } else {
    append(text, 0xf0 | code >> 18);
    append(text, 0x80 | (code >> 12 & 0x3f));
    append(text, 0x80 | (code >> 6 & 0x3f));
    append(text, 0x80 | (code & 0x3f));
  }
}

/* A character of any script, or one that joins or ends words. */
static void take_code(Text *text, uint32_t code) {
  if (code == 0x2019) code = '\''; /* the typographic apostrophe is the same one */
  if (iswalnum((wint_t)code)) {
    if (text->joiner) append(text, (uint32_t)text->joiner);
    text->joiner = 0;
    append_code(text, towlower((wint_t)code));
  } else if ((code == '\'' || code == '-') && text->length > 0 && !text->joiner) {
    text->joiner = (int)code;
  } else {
    end_word(text);
  }
}

/* As take_code; most characters are ASCII letters, digits and blanks, which need no tables. */
static void take_ascii(Text *text, unsigned char byte) {
  unsigned lower = byte | 0x20u;
  if (lower - 'a' < 26 || byte - '0' < 10u) {
    if (text->joiner) append(text, (uint32_t)text->joiner);
    text->joiner = 0;
    append(text, byte - '0' < 10u ? byte : lower);
  } else if (byte == ' ' || byte == '\n') {
    if (text->length > 0) end_word(text);
  } else {
    take_code(text, byte);
  }
}

/* Starts a UTF-8 sequence (RFC 3629), or takes a byte that is none. */
static void take_lead(Text *text, unsigned char byte) {
  text->missing = 0;
  if (byte < 0x80) {
    take_ascii(text, byte);
  } else if (byte >= 0xc2 && byte <= 0xdf) {
    text->missing = 1;
    text->code = byte & 0x1f;
    text->least = 0x80;
  } else if (byte >= 0xe0 && byte <= 0xef) {
    text->missing = 2;
    text->code = byte & 0x0f;
    text->least = 0x800;
  } else if (byte >= 0xf0 && byte <= 0xf4) {
    text->missing = 3;
    text->code = byte & 0x07;
    text->least = 0x10000;
  } else {
    end_word(text);
  }
}

static void take_byte(Text *text, unsigned char byte) {
  int blank = byte == ' ' || (byte >= '\t' && byte <= '\r');
  text->lines += byte == '\n';
  text->words += !blank && !text->in_word;
  text->in_word = !blank;

  if (text->missing == 0) {
    take_lead(text, byte);
  } else if ((byte & 0xc0) != 0x80) {
    end_word(text);
    take_lead(text, byte);
  } else {
    text->code = text->code << 6 | (byte & 0x3f);
    if (--text->missing > 0) return;
    int surrogate = text->code >= 0xd800 && text->code <= 0xdfff;
    if (text->code < text->least || text->code > 0x10ffff || surrogate) {
      end_word(text);
    } else {
      take_code(text, text->code);
    }
  }
}

int main(void) {
  static unsigned char piece[PIECE];
  static Text text;
  for (;;) {
    ssize_t got = read(0, piece, sizeof piece);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) die("wordcount: standard input cannot be read\n");
    if (got == 0) break;
    text.bytes += (uint64_t)got;
    for (ssize_t i = 0; i < got; i++) take_byte(&text, piece[i]);
  }
  end_word(&text);

  Slot top[TOP];
  int found = top_words(&text.table, top);
  put_text("Content-Type: application/json\n\n{\"lines\":");
  put_number(text.lines);
  put_text(",\"words\":");
  put_number(text.words);
  put_text(",\"bytes\":");
  put_number(text.bytes);
  put_text(",\"distinct\":");
  put_number(text.table.used);
  put_text(",\"top\":[");
  for (int i = 0; i < found; i++) {
    const unsigned char *word = text.table.arena + top[i].word;
    put_text(i == 0 ? "\n" : ",\n");
    put_text("{\"word\":\"");
    put((const char *)word + 1, word[0]); /* letters and digits only: nothing to escape */
    put_text("\",\"count\":");
    put_number(top[i].count);
    put_text("}");
  }
  put_text("]}\n");
  write_all(1, answer, answer_length);
  return 0;
}
