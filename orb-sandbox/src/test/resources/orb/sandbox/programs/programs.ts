// As programs.c, in AssemblyScript 0.27.36. A line of dashes parts one module from the next; built with
//   asc part.ts -O --runtime stub --use abort= -o assemblyscript-N.wasm
export function alloc(n: i32): usize { return heap.alloc(n); }

export function handle(at: usize, n: i32): u64 {
  let hash: u64 = 0xcbf29ce484222325;
  for (let i = 0; i < n; i++) hash = (hash ^ load<u8>(at + i)) * 0x100000001b3;
  const answer = heap.alloc(8);
  store<u64>(answer, hash);
  return (u64(answer) << 32) | 8;
}
// ----
export function alloc(n: i32): usize { return heap.alloc(n); }

function answer(text: string): u64 {
  const bytes = String.UTF8.encode(text);
  return (u64(changetype<usize>(bytes)) << 32) | bytes.byteLength;
}

export function handle(at: usize, n: i32): u64 {
  const words = String.UTF8.decodeUnsafe(at, n).split(' ');
  const counts = new Map<string, i32>();
  for (let i = 0; i < words.length; i++) {
    counts.set(words[i], (counts.has(words[i]) ? counts.get(words[i]) : 0) + 1);
  }
  let out = '';
  const keys = counts.keys().sort();
  for (let i = 0; i < keys.length; i++) out += keys[i] + '=' + counts.get(keys[i]).toString() + ' ';
  return answer(out);
}
// ----
export function alloc(n: i32): usize { return heap.alloc(n); }

export function handle(at: usize, n: i32): u64 {
  let x: f64 = 0.3;
  let sum: f32 = 0;
  for (let i = 0; i < 3000; i++) {
    x = 3.9 * x * (1.0 - x);
    sum += f32(Math.sin(x) / Math.exp(x));
  }
  const out = heap.alloc(12);
  store<f64>(out, x);
  store<f32>(out + 8, sum);
  return (u64(out) << 32) | 12;
}
// ----
export function alloc(n: i32): usize { return heap.alloc(n); }

class Node { left: Node | null = null; right: Node | null = null; constructor(public value: u32) {} }

function insert(node: Node | null, value: u32): Node {
  if (node === null) return new Node(value);
  if (value < node.value) node.left = insert(node.left, value);
  else node.right = insert(node.right, value);
  return node;
}

function height(node: Node | null): i32 {
  return node === null ? 0 : 1 + max(height(node.left), height(node.right));
}

export function handle(at: usize, n: i32): u64 {
  let root: Node | null = null;
  let chance: u32 = 7;
  for (let i = 0; i < 500; i++) {
    chance = chance * 1664525 + 1013904223;
    root = insert(root, chance);
  }
  const out = heap.alloc(4);
  store<i32>(out, height(root));
  return (u64(out) << 32) | 4;
}
// ----
export function alloc(n: i32): usize { return heap.alloc(n); }

export function handle(at: usize, n: i32): u64 {
  const values = new Int32Array(100);
  values.sort((a, b) => a - b);
  return u64(unchecked(values[0])) / u64(unchecked(values[99])); // divides by zero
}
