// What a script finds around it (docs/protocol/javascript.md). Evaluated once; every call starts from
// a snapshot of the engine behind it. Its value is what the sandbox calls: begin, answer, body.
// It is given the host's three functions and what the files beside it evaluate to.
(function (log, digest, capability, makeUrl, makeCrypto, structuredClone, makeOrb) {
  'use strict';
  const { stringify, parse } = JSON;
  const BODY = Symbol('body');

  function utf8(text) {
    const bytes = [];
    for (const character of text) {
      let code = character.codePointAt(0);
      if (code >= 0xd800 && code <= 0xdfff) code = 0xfffd;
      if (code < 0x80) bytes.push(code);
      else if (code < 0x800) bytes.push(0xc0 | code >> 6, 0x80 | code & 63);
      else if (code < 0x10000) bytes.push(0xe0 | code >> 12, 0x80 | code >> 6 & 63, 0x80 | code & 63);
      else {
        bytes.push(0xf0 | code >> 18, 0x80 | code >> 12 & 63, 0x80 | code >> 6 & 63, 0x80 | code & 63);
      }
    }
    return Uint8Array.from(bytes);
  }

  // The decoder of the WHATWG Encoding Standard, section 8.1.1, with replacement.
  function text(bytes) {
    const parts = [];
    let part = '';
    let code = 0, needed = 0, lower = 0x80, upper = 0xbf;
    for (let i = 0; i <= bytes.length; i++) {
      const byte = bytes[i];
      if (needed > 0) {
        if (byte >= lower && byte <= upper) {
          lower = 0x80;
          upper = 0xbf;
          code = code << 6 | byte & 63;
          if (--needed === 0) part += String.fromCodePoint(code);
          continue;
        }
        part += '\ufffd';
        needed = 0;
        lower = 0x80;
        upper = 0xbf;
      }
      if (byte === undefined) break;
      if (byte < 0x80) part += String.fromCharCode(byte);
      else if (byte >= 0xc2 && byte <= 0xdf) [needed, code] = [1, byte & 31];
      else if (byte >= 0xe0 && byte <= 0xef) {
        if (byte === 0xe0) lower = 0xa0;
        if (byte === 0xed) upper = 0x9f;
        [needed, code] = [2, byte & 15];
      } else if (byte >= 0xf0 && byte <= 0xf4) {
        if (byte === 0xf0) lower = 0x90;
        if (byte === 0xf4) upper = 0x8f;
        [needed, code] = [3, byte & 7];
      } else part += '\ufffd';
      if (part.length > 4096) {
        parts.push(part);
        part = '';
      }
    }
    return parts.join('') + part;
  }

  function view(value) {
    if (value instanceof ArrayBuffer) return new Uint8Array(value);
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  }

  class Headers {
    #fields = new Map();
    #cookies = []; // the one field whose values cannot be joined

    constructor(init = []) {
      const pairs = typeof init[Symbol.iterator] === 'function' ? init : Object.entries(init);
      for (const [name, value] of pairs) this.append(name, value);
    }
    get(name) {
      return this.#fields.get(String(name).toLowerCase()) ?? null;
    }
    has(name) {
      return this.#fields.has(String(name).toLowerCase());
    }
    set(name, value) {
      const key = String(name).toLowerCase();
      const trimmed = String(value).trim();
      if (key === 'set-cookie') this.#cookies = [trimmed];
      this.#fields.set(key, trimmed);
    }
    append(name, value) {
      const before = this.get(name);
      const cookies = this.#cookies;
      this.set(name, before === null ? value : `${before}, ${value}`);
      if (cookies.length > 0 && this.#cookies !== cookies) {
        this.#cookies = [...cookies, String(value).trim()];
      }
    }
    delete(name) {
      const key = String(name).toLowerCase();
      if (key === 'set-cookie') this.#cookies = [];
      this.#fields.delete(key);
    }
    getSetCookie() {
      return [...this.#cookies];
    }
    forEach(action) {
      for (const [name, value] of this) action(value, name, this);
    }
    *keys() {
      for (const [name] of this) yield name;
    }
    *values() {
      for (const [, value] of this) yield value;
    }
    entries() {
      if (this.#cookies.length < 2) return this.#fields.entries();
      const cookies = this.#cookies.map((cookie) => ['set-cookie', cookie]);
      const others = [...this.#fields].filter(([name]) => name !== 'set-cookie');
      return [...others, ...cookies][Symbol.iterator]();
    }
    [Symbol.iterator]() {
      return this.entries();
    }
  }

  class Message {
    constructor(body) {
      this[BODY] = body;
    }
    get body() {
      return this[BODY];
    }
    async text() {
      const body = this[BODY];
      if (body === null || body === undefined) return '';
      return typeof body === 'string' ? body : text(view(body));
    }
    async json() {
      return parse(await this.text());
    }
    async bytes() {
      const body = this[BODY];
      if (body === null || body === undefined) return new Uint8Array(0);
      return typeof body === 'string' ? utf8(body) : view(body).slice();
    }
    async arrayBuffer() {
      return (await this.bytes()).buffer;
    }
  }

  // Bodies that are kept as they are; all others become text.
  function kept(body) {
    if (body === null || body === undefined) return null;
    return body instanceof ArrayBuffer || ArrayBuffer.isView(body) ? body : String(body);
  }

  function typed(headers, body, given) {
    if (typeof body !== 'string' || headers.has('content-type')) return;
    const isForm = given instanceof URLSearchParams;
    headers.set('content-type', isForm
      ? 'application/x-www-form-urlencoded;charset=UTF-8'
      : 'text/plain;charset=utf-8');
  }

  class Request extends Message {
    #url;

    // Of a URL or another request; the call's own request is made from what the sandbox says.
    constructor(input, init = {}, call = null) {
      if (call !== null) {
        super(init);
        this.method = call.method;
        this.path = call.path;
        this.query = call.query;
        this.headers = new Headers(call.headers);
        this.#url = null;
        return;
      }
      const from = input instanceof Request ? input : null;
      const body = kept(init.body ?? from?.body);
      super(body);
      const url = new URL(from === null ? input : from.url);
      url.hash = '';
      this.method = init.method === undefined ? from?.method ?? 'GET' : String(init.method).toUpperCase();
      if (body !== null && /^(GET|HEAD)$/.test(this.method)) {
        throw new TypeError(`${this.method} has no body`);
      }
      this.path = url.pathname;
      this.query = url.search.slice(1);
      this.headers = new Headers(init.headers ?? from?.headers);
      this.#url = url.href;
      typed(this.headers, body, init.body);
    }
    get url() {
      if (this.#url === null) {
        const host = this.headers.get('host') ?? '';
        const name = /^[\w.-]+(:\d{1,5})?$/.test(host) ? host : 'localhost';
        this.#url = `http://${name}${this.path}${this.query === '' ? '' : `?${this.query}`}`;
      }
      return this.#url;
    }
    clone() {
      return new Request('', this.body, this);
    }
  }

  class Response extends Message {
    constructor(body = null, init = {}) {
      super(kept(body));
      this.status = init.status ?? 200;
      this.statusText = String(init.statusText ?? '');
      this.headers = new Headers(init.headers);
      typed(this.headers, this[BODY], body);
    }
    get ok() {
      return this.status >= 200 && this.status <= 299;
    }
    clone() {
      return new Response(this.body, this);
    }
    static json(value, init = {}) {
      const headers = new Headers(init.headers);
      if (!headers.has('content-type')) headers.set('content-type', 'application/json');
      return new Response(stringify(value), { ...init, headers });
    }
    static redirect(url, status = 302) {
      if (![301, 302, 303, 307, 308].includes(status)) throw new RangeError(`${status} redirects nowhere`);
      return new Response(null, { status, headers: { location: String(url) } });
    }
  }

  class TextEncoder {
    get encoding() {
      return 'utf-8';
    }
    encode(value = '') {
      return utf8(String(value));
    }
  }

  class TextDecoder {
    get encoding() {
      return 'utf-8';
    }
    decode(value = new Uint8Array(0)) {
      return text(view(value)).replace(/^\ufeff/, '');
    }
  }

  function shown(value) {
    if (typeof value === 'string') return value;
    if (value instanceof Error) return described(value);
    if (typeof value === 'object' && value !== null) {
      try {
        return stringify(value) ?? String(value);
      } catch {
        return Object.prototype.toString.call(value);
      }
    }
    return String(value);
  }

  function described(error) {
    if (!(error instanceof Error)) return `thrown: ${shown(error)}`;
    const stack = String(error.stack ?? '').trimEnd();
    return `${error.name}: ${error.message}${stack === '' ? '' : `\n${stack}`}`;
  }

  // Each line starts with its level, so that logs can be searched by it; log and info have none.
  const print = (level) => (...values) => log(`${level}${values.map(shown).join(' ')}\n`);
  const error = print('error: ');
  const console = {
    log: print(''), info: print(''), dir: print(''), debug: print('debug: '), trace: print('debug: '),
    warn: print('warn: '), error,
    assert(holds, ...values) {
      if (!holds) error('assertion failed', ...values);
    },
  };
  const { URL, URLSearchParams } = makeUrl(utf8, text);
  const crypto = makeCrypto(digest, view);
  Object.assign(globalThis, {
    Headers, Request, Response, TextEncoder, TextDecoder, URL, URLSearchParams,
    crypto, structuredClone, console,
    ...makeOrb(capability, { utf8, text, view, Request, Response }),
  });

  // The engine seeds Math.random when it starts, which is before the snapshot: seed it for each call
  // (sfc32 of Chris Doty-Humphrey's PractRand).
  function seed([a, b, c, counter]) {
    Math.random = function random() {
      const sum = (a + b | 0) + counter | 0;
      counter = counter + 1 | 0;
      a = b ^ b >>> 9;
      b = c + (c << 3) | 0;
      c = c << 21 | c >>> 11;
      c = c + sum | 0;
      return (sum >>> 0) / 4294967296;
    };
    for (let i = 0; i < 12; i++) Math.random();
  }

  let state = 'pending';
  let problem = '';
  let response;

  function asResponse(value) {
    if (value instanceof Response) return value;
    if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return new Response(value);
    if (typeof value === 'object' && value !== null) return Response.json(value);
    return new Response(value === undefined || value === null ? null : String(value));
  }

  return {
    begin(loading, metaText, body) {
      const meta = parse(metaText);
      seed(meta.seed);
      (async () => {
        const entry = (await loading).default;
        if (typeof entry?.fetch !== 'function') {
          throw new TypeError('the script has no `export default { fetch(request) { ... } }`');
        }
        response = asResponse(await entry.fetch(new Request('', body, meta)));
      })().then(
        () => { state = 'done'; },
        (error) => {
          state = 'failed';
          problem = described(error);
        });
    },
    // The first line is done, failed or pending; then status and headers, or what went wrong.
    answer() {
      if (state !== 'done') return `${state}\n${problem}`;
      const lines = [state, String(response.status)];
      for (const [name, value] of response.headers) {
        lines.push(`${name}:${value.replace(/[\r\n]+/g, ' ')}`);
      }
      return lines.join('\n');
    },
    body() {
      const body = response.body;
      if (body === null || body === undefined) return '';
      return typeof body === 'string' ? body : view(body);
    },
  };
})
