/* A function that never ends, for `orb bench sandbox`: what stands beside a polite one. */
#define EXPORT(name) __attribute__((export_name(#name))) name

static char input[4096];
static volatile unsigned turns;

void *EXPORT(alloc)(unsigned length) { return length <= sizeof input ? input : 0; }

unsigned long long EXPORT(handle)(const void *body, unsigned length) {
  (void)body, (void)length;
  for (;;) turns++;
}
