// As programs.c, in C++ without its library.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static uint32_t chance = 99;
static uint32_t next() { return chance = chance * 1664525u + 1013904223u; }

#if PROGRAM == 1  // virtual calls
struct Shape {
  virtual double area() const = 0;
  virtual ~Shape() = default;
};
struct Square : Shape {
  double side;
  explicit Square(double s) : side(s) {}
  double area() const override { return side * side; }
};
struct Circle : Shape {
  double radius;
  explicit Circle(double r) : radius(r) {}
  double area() const override { return 3.141592653589793 * radius * radius; }
};
void *operator new(size_t n) { return malloc(n); }
void operator delete(void *p) noexcept { free(p); }
void operator delete(void *p, size_t) noexcept { free(p); }
int main() {
  double sum = 0;
  for (int i = 0; i < 300; i++) {
    Shape *shape = i % 3 ? static_cast<Shape *>(new Square(i)) : new Circle(i);
    sum += shape->area();
    delete shape;
  }
  printf("%.6f\n", sum);
}
#elif PROGRAM == 2  // a heap by templates
template <typename T, int N> struct Heap {
  T items[N];
  int size = 0;
  void push(T item) {
    int i = size++;
    for (; i && items[(i - 1) / 2] > item; i = (i - 1) / 2) items[i] = items[(i - 1) / 2];
    items[i] = item;
  }
  T pop() {
    T top = items[0], last = items[--size];
    int i = 0;
    for (int k; (k = 2 * i + 1) < size; i = k) {
      if (k + 1 < size && items[k + 1] < items[k]) k++;
      if (!(items[k] < last)) break;
      items[i] = items[k];
    }
    items[i] = last;
    return top;
  }
};
int main() {
  static Heap<uint64_t, 600> heap;
  for (int i = 0; i < 600; i++) heap.push(uint64_t(next()) * next());
  uint64_t sum = 0;
  for (int i = 0; i < 600; i++) sum = sum * 31 + heap.pop();
  printf("%llu\n", (unsigned long long)sum);
}
#elif PROGRAM == 3  // numbers of many digits
struct Big {
  uint32_t digits[40] = {1};
  Big &operator*=(uint32_t factor) {
    uint64_t carry = 0;
    for (auto &digit : digits) {
      carry += uint64_t(digit) * factor;
      digit = uint32_t(carry % 1000000000);
      carry /= 1000000000;
    }
    return *this;
  }
};
int main() {
  Big big;
  for (uint32_t i = 2; i <= 120; i++) big *= i;
  for (int i = 39; i >= 0; i--) printf("%09u", big.digits[i]);
}
#elif PROGRAM == 4  // complex numbers by operators: a discrete Fourier transform
struct Complex {
  double re, im;
  Complex operator+(Complex o) const { return {re + o.re, im + o.im}; }
  Complex operator*(Complex o) const { return {re * o.re - im * o.im, re * o.im + im * o.re}; }
};
int main() {
  const int n = 32;
  Complex in[n], root{0.98078528040323043, -0.19509032201612825}, power{1, 0};
  for (auto &c : in) c = {double(next() % 100), 0};
  for (int k = 0; k < n; k++, power = power * root) {
    Complex sum{0, 0}, turn{1, 0};
    for (auto &c : in) {
      sum = sum + c * turn;
      turn = turn * power;
    }
    printf("%.6f,%.6f ", sum.re, sum.im);
  }
}
#else  // pointers to members and lambdas
struct Counter {
  int even = 0, odd = 0;
  void see_even(uint32_t) { even++; }
  void see_odd(uint32_t n) { odd += n % 3; }
};
template <typename F> static uint32_t fold(uint32_t from, F step) {
  for (int i = 0; i < 500; i++) from = step(from);
  return from;
}
int main() {
  Counter counter;
  void (Counter::*see[])(uint32_t) = {&Counter::see_even, &Counter::see_odd};
  uint32_t last = fold(1, [&](uint32_t n) {
    (counter.*see[n % 2])(n);
    return n * 3 + next() % 7;
  });
  printf("%u %d %d\n", last, counter.even, counter.odd);
}
#endif
