// Runs metered modules on V8, with the host functions of the sandbox, and prints one line for each:
// what became of it, its fuel, and the SHA-256 of its output. Beside this file stand jobs.json,
// and for job n the files n.wasm (metered, everything exported), n.mem and n.in.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker, isMainThread, workerData } from 'node:worker_threads';

const HOST_CALL = 100;
const STACK_WORDS = 400_000;
const PAGE = 1024n;
const MODULE = 'wasi_snapshot_preview1';
const [SUCCESS, BADF, INVAL, NOTSUP, SPIPE] = [0, 8, 28, 58, 70];
const moved = (bytes) => BigInt(Math.floor(bytes / 16));

class Exit extends Error {}
class Fuel extends Error {}

class Run {
  constructor(folder, job) {
    this.job = job;
    this.input = readFileSync(join(folder, `${job.n}.in`));
    this.read = 0;
    this.output = [];
    this.chance = 0n;
    const module = new WebAssembly.Module(readFileSync(join(folder, `${job.n}.wasm`)));
    const imports = {};
    for (const wanted of WebAssembly.Module.imports(module)) {
      imports[wanted.module] ??= {};
      imports[wanted.module][wanted.name] = this.host(wanted.module, wanted.name);
    }
    this.x = new WebAssembly.Instance(module, imports).exports;
    this.bytes().set(readFileSync(join(folder, `${job.n}.mem`)));
    job.tables.forEach((entries, t) => entries.forEach((f, i) => {
      if (f >= 0) this.x[`t${t}`].set(i, this.x[`f${f}`]);
    }));
    this.x.g.value = BigInt(job.fuel);
    this.x.d.value = STACK_WORDS;
    this.x.g.value -= PAGE * BigInt(this.bytes().length / 65536);
  }

  bytes() { return new Uint8Array(this.x.m.buffer); }
  view() { return new DataView(this.x.m.buffer); }
  text() { return Buffer.concat(this.output); }

  charge(units) {
    this.x.g.value -= units;
    if (this.x.g.value < 0n) throw new Fuel();
  }

  call(f, ...args) {
    this.x.d.value = STACK_WORDS;
    return this.x[`f${f}`](...args);
  }

  host(module, name) {
    const body = module === MODULE ? this[`wasi_${name}`] : undefined;
    return (...args) => {
      this.charge(BigInt(HOST_CALL));
      if (body) return body.apply(this, args);
      return module === MODULE ? BADF : 0;
    };
  }

  strings() { return ['function']; }
  environment() {
    this.charge(moved(this.job.environment.reduce((n, e) => n + Buffer.byteLength(e), 0)));
    return this.job.environment;
  }
  sizes(list, count, size) {
    this.view().setInt32(count, list.length, true);
    this.view().setInt32(size, list.reduce((n, e) => n + Buffer.byteLength(e) + 1, 0), true);
    return SUCCESS;
  }
  put(list, pointers, at) {
    for (const text of list) {
      this.view().setInt32(pointers, at, true);
      const bytes = Buffer.from(text + '\0');
      this.bytes().set(bytes, at);
      pointers += 4;
      at += bytes.length;
    }
    return SUCCESS;
  }
  wasi_args_sizes_get(c, s) { return this.sizes(this.strings(), c, s); }
  wasi_args_get(p, a) { return this.put(this.strings(), p, a); }
  wasi_environ_sizes_get(c, s) { return this.sizes(this.environment(), c, s); }
  wasi_environ_get(p, a) { return this.put(this.environment(), p, a); }
  wasi_clock_res_get(clock, at) { return this.clock(clock, at, 1n); }
  wasi_clock_time_get(clock, _, at) { return this.clock(clock, at, 0n); }
  clock(clock, at, nanos) {
    if (clock < 0 || clock > 3) return INVAL;
    this.view().setBigInt64(at, nanos, true);
    return SUCCESS;
  }
  wasi_random_get(at, length) {
    this.charge(moved((length >>> 0) * 8));
    for (let i = 0; i < length; i += 8) {
      let random = this.random();
      for (let k = 0; k < 8 && i + k < length; k++) {
        this.bytes()[at + i + k] = Number(random & 255n);
        random >>= 8n;
      }
    }
    return SUCCESS;
  }
  random() {
    const u64 = (n) => BigInt.asUintN(64, n);
    this.chance = u64(this.chance + 0x9e3779b97f4a7c15n);
    let mixed = u64((this.chance ^ (this.chance >> 30n)) * 0xbf58476d1ce4e5b9n);
    mixed = u64((mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn);
    return mixed ^ (mixed >> 31n);
  }
  wasi_sched_yield() { return SUCCESS; }
  wasi_poll_oneoff() { return NOTSUP; }
  wasi_fd_close(fd) { return fd >= 0 && fd <= 2 ? SUCCESS : BADF; }
  wasi_fd_seek(fd) { return fd >= 0 && fd <= 2 ? SPIPE : BADF; }
  wasi_fd_fdstat_get(fd, at) {
    if (fd < 0 || fd > 2) return BADF;
    this.bytes().fill(0, at, at + 24);
    this.view().setBigInt64(at + 8, fd === 0 ? 2n : 64n, true);
    return SUCCESS;
  }
  wasi_fd_read(fd, vectors, count, result) {
    if (fd !== 0) return BADF;
    let total = 0;
    for (let i = 0; i < count && this.read < this.input.length; i++) {
      const at = this.view().getUint32(vectors + 8 * i, true);
      const size = this.view().getUint32(vectors + 8 * i + 4, true);
      const n = Math.min(size, this.input.length - this.read);
      this.charge(1n + moved(n));
      this.bytes().set(this.input.subarray(this.read, this.read + n), at);
      this.read += n;
      total += n;
    }
    this.view().setInt32(result, total, true);
    return SUCCESS;
  }
  wasi_fd_write(fd, vectors, count, result) {
    if (fd !== 1 && fd !== 2) return BADF;
    let total = 0;
    for (let i = 0; i < count; i++) {
      const at = this.view().getUint32(vectors + 8 * i, true);
      const size = this.view().getUint32(vectors + 8 * i + 4, true);
      this.charge(1n + moved(size));
      if (fd === 1) this.output.push(Buffer.from(this.bytes().slice(at, at + size)));
      total += size;
    }
    this.view().setInt32(result, total, true);
    return SUCCESS;
  }
  wasi_proc_exit(status) { throw new Exit(status === 0 ? '' : 'EXIT'); }

  go() {
    if (this.x.g.value >= 0n && this.job.start >= 0) this.call(this.job.start);
    const { entries } = this.job;
    if (this.job.shape === 'COMMAND') {
      try {
        this.call(entries._start);
      } catch (e) {
        if (!(e instanceof Exit) || e.message) throw e;
      }
    } else if (this.job.shape === 'HANDLER') {
      if (entries._initialize !== undefined) this.call(entries._initialize);
      const at = this.call(entries.alloc, this.input.length);
      this.bytes().set(this.input, at);
      this.charge(moved(this.input.length));
      const packed = BigInt.asUintN(64, this.call(entries.handle, at, this.input.length));
      const length = Number(packed & 0xffffffffn);
      const from = Number(packed >> 32n);
      this.charge(moved(length));
      this.output.push(Buffer.from(this.bytes().slice(from, from + length)));
    } else {
      this.script(entries);
    }
    if (this.x.g.value < 0n) throw new Fuel();
  }

  // As Guest.java speaks to the script engine.
  script(f) {
    const place = (bytes) => {
      this.charge(moved(bytes.length));
      const at = this.call(f.wasm_malloc, bytes.length + 1);
      this.bytes().set(bytes, at);
      this.bytes()[at + bytes.length] = 0;
      return at;
    };
    this.call(f._initialize);
    this.call(f.qjs_init);
    const source = place(this.input);
    const value = this.call(f.qjs_eval, source, this.input.length, place(Buffer.from('t.js')), 0);
    const length = this.call(f.wasm_malloc, 4);
    const at = this.call(f.qjs_get_string_len, value, length);
    const size = this.view().getInt32(length, true);
    this.charge(moved(size));
    this.output.push(Buffer.from(this.bytes().slice(at, at + size)));
    this.call(f.qjs_free_cstring, at);
    this.call(f.wasm_free, length);
  }

  trap(error) {
    const is = (text) => error.message?.includes(text);
    if (this.x.g.value < 0n || error instanceof Fuel) return 'OutOfFuel';
    if (this.x.d.value < 0) return 'STACK_EXHAUSTED';
    if (error instanceof Exit) return error.message;
    if (is('unreachable')) return 'UNREACHABLE';
    if (is('divide') || is('remainder') || is('unrepresentable')) return 'ARITHMETIC';
    if (is('table index') || is('null function') || is('signature')) return 'INDIRECT_CALL';
    if (is('out of bounds')) return 'OUT_OF_BOUNDS';
    return `ENGINE ${error}`;
  }

  outcome() {
    let how = 'Completed';
    try {
      this.go();
    } catch (error) {
      how = this.trap(error);
    }
    if (how === 'OutOfFuel') return how;
    const digest = createHash('sha256').update(this.text()).digest('hex');
    const used = BigInt(this.job.fuel) - this.x.g.value;
    return how === 'Completed' ? `${how} ${used} ${digest}` : `${how} ${used}`;
  }
}

if (isMainThread) {
  // a thread of its own, because only there the stack can be large
  new Worker(new URL(import.meta.url), {
    workerData: process.argv[2],
    resourceLimits: { stackSizeMb: 256, maxOldGenerationSizeMb: 512 },
  });
} else {
  const jobs = JSON.parse(readFileSync(join(workerData, 'jobs.json'), 'utf8'));
  const lines = jobs.map((job, i) => {
    if (i % 100 === 99) globalThis.gc?.();
    return new Run(workerData, job).outcome();
  });
  process.stdout.write(lines.join('\n') + '\n');
}
