// As programs.c, in JavaScript on the script engine. A line of dashes parts one from the next.
const fib = (n) => (n < 2 ? n : fib(n - 1) + fib(n - 2));
String(fib(13));
// ----
const words = 'the quick brown fox jumps over the lazy dog and the cat'.split(' ');
const counts = new Map();
for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
JSON.stringify([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
// ----
const text = JSON.stringify({ list: Array.from({ length: 40 }, (_, i) => ({ i, root: Math.sqrt(i) })) });
String(JSON.parse(text).list.reduce((sum, { root }) => sum + root, 0));
// ----
'2024-02-29 and 1999-12-31'.replace(/(\d+)-(\d+)-(\d+)/g, (_, y, m, d) => `${d}.${m}.${y}`);
// ----
class Shape { constructor(n) { this.n = n; } get area() { return this.n ** 2; } }
class Cube extends Shape { get area() { return 6 * super.area; } }
function* shapes() { for (let i = 0; i < 30; i++) yield i % 2 ? new Cube(i) : new Shape(i); }
String([...shapes()].map((s) => s.area).join());
// ----
let depth = 0;
const down = () => { depth++; down(); };
try { down(); } catch (e) { depth = `${e.name} at ${depth > 50}`; }
String([depth, 2n ** 200n, NaN, -0, new Float64Array([0 / 0, -(0 / 0)]).toString()]);
