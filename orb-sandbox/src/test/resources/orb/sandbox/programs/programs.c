/* Programs whose fuel must be the same on every engine: compiled once for each PROGRAM. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char text[4096];

static size_t input(void) {
  size_t n = fread(text, 1, sizeof text - 1, stdin);
  text[n] = 0;
  return n;
}

static uint32_t chance = 12345;

static uint32_t next(void) { return chance = chance * 1664525u + 1013904223u; }

#if PROGRAM == 1 /* CRC-32 and Adler-32 of the input */
int main(void) {
  size_t n = input();
  uint32_t crc = ~0u, a = 1, b = 0;
  for (size_t i = 0; i < n; i++) {
    crc ^= (uint8_t)text[i];
    for (int k = 0; k < 8; k++) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
    a = (a + (uint8_t)text[i]) % 65521;
    b = (b + a) % 65521;
  }
  printf("%08x %08x\n", ~crc, b << 16 | a);
}
#elif PROGRAM == 2 /* sorting with the C library */
struct pair { uint32_t key; double weight; };
static int order(const void *x, const void *y) {
  const struct pair *a = x, *b = y;
  return a->key < b->key ? -1 : a->key > b->key;
}
int main(void) {
  static struct pair pairs[800];
  for (int i = 0; i < 800; i++) pairs[i] = (struct pair){next(), i / 3.0};
  qsort(pairs, 800, sizeof *pairs, order);
  for (int i = 0; i < 800; i += 97) printf("%u %.3f\n", pairs[i].key, pairs[i].weight);
}
#elif PROGRAM == 3 /* two bodies under gravity */
int main(void) {
  double x = 1, y = 0, vx = 0, vy = 1;
  for (int i = 0; i < 4000; i++) {
    double d2 = x * x + y * y, f = -1 / (d2 * sqrt(d2));
    vx += f * x * 0.001;
    vy += f * y * 0.001;
    x += vx * 0.001;
    y += vy * 0.001;
  }
  printf("%.12f %.12f\n", x, y);
}
#elif PROGRAM == 4 /* permutations */
int main(void) {
  int p[7], c[7] = {0}, flips = 0, n = 7;
  for (int i = 0; i < n; i++) p[i] = i;
  for (int i = 0; i < n;) {
    int q[7];
    memcpy(q, p, sizeof q);
    while (q[0]) {
      for (int a = 0, b = q[0]; a < b; a++, b--) { int t = q[a]; q[a] = q[b]; q[b] = t; }
      flips++;
    }
    if (c[i] < i) {
      int k = i % 2 ? c[i] : 0, t = p[k];
      p[k] = p[i];
      p[i] = t;
      c[i]++;
      i = 0;
    } else {
      c[i++] = 0;
    }
  }
  printf("%d\n", flips);
}
#elif PROGRAM == 5 /* the Mandelbrot set in letters */
int main(void) {
  for (int y = 0; y < 24; y++) {
    for (int x = 0; x < 60; x++) {
      double cr = x / 20.0 - 2, ci = y / 12.0 - 1, zr = 0, zi = 0;
      int i = 0;
      for (; i < 50 && zr * zr + zi * zi < 4; i++) {
        double t = zr * zr - zi * zi + cr;
        zi = 2 * zr * zi + ci;
        zr = t;
      }
      putchar(" .:-=+*#%@"[i / 5 % 10]);
    }
    putchar('\n');
  }
}
#elif PROGRAM == 6 /* words in a hash table of lists */
struct word { struct word *next; int count; char name[]; };
int main(void) {
  struct word *heads[64] = {0};
  input();
  for (char *w = strtok(text, " \n"); w; w = strtok(NULL, " \n")) {
    unsigned hash = 5381;
    for (char *c = w; *c; c++) hash = hash * 33 + (unsigned char)*c;
    struct word **at = &heads[hash % 64];
    while (*at && strcmp((*at)->name, w)) at = &(*at)->next;
    if (!*at) {
      *at = calloc(1, sizeof **at + strlen(w) + 1);
      strcpy((*at)->name, w);
    }
    (*at)->count++;
  }
  for (int i = 0; i < 64; i++)
    for (struct word *w = heads[i]; w; w = w->next) printf("%s=%d ", w->name, w->count);
}
#elif PROGRAM == 7 /* a matrix of doubles, inverted */
int main(void) {
  enum { N = 12 };
  double m[N][2 * N];
  for (int i = 0; i < N; i++)
    for (int j = 0; j < 2 * N; j++) m[i][j] = j < N ? next() % 100 + (i == j) * 200.0 : i == j - N;
  for (int i = 0; i < N; i++) {
    double p = m[i][i];
    for (int j = 0; j < 2 * N; j++) m[i][j] /= p;
    for (int k = 0; k < N; k++) {
      if (k == i) continue;
      double f = m[k][i];
      for (int j = 0; j < 2 * N; j++) m[k][j] -= f * m[i][j];
    }
  }
  for (int j = N; j < 2 * N; j++) printf("%.9g ", m[3][j]);
}
#elif PROGRAM == 8 /* every kind of NaN, as bits */
static volatile double zero, one = 1, big = 1e308;
static void show(double d) {
  uint64_t bits;
  float f = (float)d;
  uint32_t few;
  memcpy(&bits, &d, 8);
  memcpy(&few, &f, 4);
  printf("%016llx %08x\n", (unsigned long long)bits, few);
}
int main(void) {
  show(zero / zero);
  show(-(zero / zero));
  show(sqrt(-one));
  show(big * big - big * big);
  show(fmin(zero / zero, one));
  show(copysign(one, zero / zero));
  show(floor(zero / zero) + one);
  uint64_t odd = 0x7ff4000000000123u;
  double d;
  memcpy(&d, &odd, 8);
  volatile double moved = d;
  show(moved);
  show(moved + one);
}
#elif PROGRAM == 9 /* the clock, chance and environment */
#include <time.h>
#include <unistd.h>
int main(void) {
  unsigned char bytes[40];
  getentropy(bytes, sizeof bytes);
  for (int i = 0; i < 40; i++) printf("%02x", bytes[i]);
  printf(" %lld %s\n", (long long)time(NULL), getenv("REQUEST_METHOD"));
}
#elif PROGRAM == 10 /* recursion without an end */
static int deep(volatile int *p) {
  int here = *p + 1;
  return deep(&here) + here;
}
int main(void) {
  int zero = 0;
  return deep(&zero);
}
#elif PROGRAM == 11 /* memory that grows and is moved about */
int main(void) {
  size_t size = 1000;
  char *p = malloc(size);
  memset(p, 'x', size);
  for (int i = 0; i < 9; i++) {
    p = realloc(p, size * 2);
    memmove(p + size / 2, p, size);
    memset(p, i + 'a', size / 3);
    size *= 2;
  }
  unsigned sum = 0;
  for (size_t i = 0; i < size; i += 61) sum = sum * 31 + (unsigned char)p[i];
  printf("%zu %u\n", size, sum);
}
#else /* a machine that runs bytes, by a switch */
int main(void) {
  static const unsigned char code[] = {0, 200, 1, 2, 3, 4, 5, 6, 7, 3, 8};
  int64_t a = 0, b = 0, n = 0;
  for (int pc = 0, steps = 0; steps < 20000; steps++) {
    switch (code[pc++]) {
      case 0: n = code[pc++]; break;
      case 1: a = n; break;
      case 2: b = 7; break;
      case 3: a += b; break;
      case 4: b = a % 1009 + 1; break;
      case 5: a ^= b << 3; break;
      case 6: n--; break;
      case 7: if (n) pc = 4; break;
      case 8: printf("%lld %lld\n", (long long)a, (long long)b); return 3;
    }
  }
}
#endif
