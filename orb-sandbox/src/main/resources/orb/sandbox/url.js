// URL and URLSearchParams of the WHATWG URL Standard, for every scheme. Where the standard walks code
// point by code point, this splits: fragment, query, scheme, authority and path end at fixed characters.
// One difference: a host in other letters than ASCII is refused, for the tables of IDNA are not here.
(function (utf8, text) {
  'use strict';
  const PORTS = { 'http:': '80', 'https:': '443', 'ws:': '80', 'wss:': '443', 'ftp:': '21', 'file:': '' };
  // What is percent-encoded in which part, beside controls and all beyond ASCII.
  const C0 = /[^ -~]/gu;
  const FRAGMENT = /[^!#-;=?-_a-~]/gu;
  const QUERY = /[^!$-;=?-~]/gu;
  const SPECIAL_QUERY = /[^!$-&(-;=?-~]/gu;
  const PATH = /[^!$-;=@-\]_a-z|~]/gu;
  const USER = /[^!$-.0-9A-Z_a-z~]/gu;
  const FORM = /[^*\-.0-9A-Z_a-z]/gu;
  const FORBIDDEN = /[\0\t\n\r #/:<>?@[\\\]^|]/;
  const FORBIDDEN_DOMAIN = /[\0-\x20#%/:<>?@[\\\]^|\x7f]/;
  const DRIVE = /^[a-zA-Z][:|]$/;

  function bytesOf(character) {
    let escaped = '';
    for (const byte of utf8(character)) {
      escaped += `%${byte < 16 ? '0' : ''}${byte.toString(16).toUpperCase()}`;
    }
    return escaped;
  }

  function encode(value, set) {
    return value.replace(set, bytesOf);
  }

  function decode(value) {
    if (!value.includes('%')) return value;
    const bytes = utf8(value);
    const out = [];
    for (let i = 0; i < bytes.length; i++) {
      const hex = bytes[i] === 37 ? String.fromCharCode(bytes[i + 1], bytes[i + 2]) : '';
      if (/^[0-9a-f]{2}$/i.test(hex)) {
        out.push(parseInt(hex, 16));
        i += 2;
      } else out.push(bytes[i]);
    }
    return text(Uint8Array.from(out));
  }

  function invalid(input) {
    return new TypeError(`Invalid URL: ${input}`);
  }

  function ipv4Part(part) {
    const hex = /^0x([0-9a-f]*)$/i.exec(part);
    if (hex) return hex[1] === '' ? 0 : parseInt(hex[1], 16);
    if (/^0[0-7]+$/.test(part)) return parseInt(part, 8);
    return /^(0|[1-9][0-9]*)$/.test(part) ? Number(part) : NaN;
  }

  // The address if the last label is a number, else undefined; null if it is a bad one.
  function ipv4(domain) {
    const parts = domain.split('.');
    if (parts.at(-1) === '' && parts.length > 1) parts.pop();
    if (!/^([0-9]+|0x[0-9a-f]*)$/i.test(parts.at(-1))) return undefined;
    if (parts.length > 4) return null;
    const numbers = parts.map(ipv4Part);
    const last = numbers.pop();
    if (numbers.some((n) => !(n <= 255)) || !(last < 256 ** (4 - numbers.length))) return null;
    const value = numbers.reduce((sum, n, i) => sum + n * 256 ** (3 - i), last);
    return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
  }

  function ipv6(address) {
    const halves = address.split('::');
    if (halves.length > 2) return null;
    const sides = [];
    for (let i = 0; i < halves.length; i++) {
      const side = halves[i] === '' ? [] : halves[i].split(':');
      if (i === halves.length - 1 && side.length > 0 && side.at(-1).includes('.')) {
        const four = side.pop();
        if (!/^(25[0-5]|2[0-4]\d|1?[1-9]\d|1\d\d|\d)(\.(25[0-5]|2[0-4]\d|1?[1-9]\d|1\d\d|\d)){3}$/.test(four)) {
          return null;
        }
        const [a, b, c, d] = four.split('.').map(Number);
        side.push((a << 8 | b).toString(16), (c << 8 | d).toString(16));
      }
      if (!side.every((piece) => /^[0-9a-f]{1,4}$/i.test(piece))) return null;
      sides.push(side.map((piece) => parseInt(piece, 16).toString(16)));
    }
    const missing = 8 - sides.flat().length;
    if (halves.length === 1 ? missing !== 0 : missing < 1) return null;
    const pieces = halves.length === 1 ? sides[0] : [...sides[0], ...Array(missing).fill('0'), ...sides[1]];
    return shortened(pieces);
  }

  // The first longest run of at least two zeros becomes "::".
  function shortened(pieces) {
    let best = 0, length = 1;
    for (let i = 0; i < 8; i++) {
      let end = i;
      while (end < 8 && pieces[end] === '0') end++;
      if (end - i > length) [best, length] = [i, end - i];
      if (end > i) i = end;
    }
    if (length < 2) return pieces.join(':');
    return `${pieces.slice(0, best).join(':')}::${pieces.slice(best + length).join(':')}`;
  }

  // A host in its serial form, or null if it is not one.
  function host(input, special) {
    if (input.startsWith('[')) {
      const address = input.endsWith(']') ? ipv6(input.slice(1, -1)) : null;
      return address === null ? null : `[${address}]`;
    }
    if (!special) return FORBIDDEN.test(input) ? null : encode(input, C0);
    const domain = decode(input).replace(/\u00ad/g, '').toLowerCase();
    if (domain === '' || /[^\0-\x7f]/.test(domain) || FORBIDDEN_DOMAIN.test(domain)) return null;
    if (/(^|\.)xn--(\.|$)/.test(domain)) return null;
    const address = ipv4(domain);
    return address === undefined ? domain : address;
  }

  function isSpecial(url) {
    return url.scheme in PORTS;
  }

  function isDots(segment, count) {
    return segment.replace(/%2e/gi, '.') === '.'.repeat(count);
  }

  function shorten(url) {
    const { path } = url;
    if (url.scheme === 'file:' && path.length === 1 && /^[a-zA-Z]:$/.test(path[0])) return;
    path.pop();
  }

  // Adds segments to the path of the url.
  function walk(url, input) {
    const segments = input.split(isSpecial(url) ? /[\\/]/ : '/');
    segments.forEach((segment, i) => {
      const last = i === segments.length - 1;
      if (isDots(segment, 2)) {
        shorten(url);
        if (last) url.path.push('');
      } else if (isDots(segment, 1)) {
        if (last) url.path.push('');
      } else {
        const isDrive = url.scheme === 'file:' && url.path.length === 0 && DRIVE.test(segment);
        url.path.push(isDrive ? `${segment[0]}:` : encode(segment, PATH));
      }
    });
  }

  function absolute(url, input) {
    url.path = [];
    const slash = isSpecial(url) ? /^[\\/]/ : /^\//;
    if (slash.test(input)) walk(url, input.slice(1));
    else if (input !== '' || isSpecial(url)) walk(url, input);
    return url;
  }

  // What follows "//" of all but files.
  function authority(url, input) {
    const special = isSpecial(url);
    const [whole] = (special ? /^[^\\/]*/ : /^[^/]*/).exec(input);
    const at = whole.lastIndexOf('@');
    let hostAndPort = whole;
    if (at >= 0) {
      hostAndPort = whole.slice(at + 1);
      const colon = whole.slice(0, at).indexOf(':');
      url.user = encode(whole.slice(0, colon < 0 ? at : colon), USER);
      url.password = colon < 0 ? '' : encode(whole.slice(colon + 1, at), USER);
      if (hostAndPort === '') return null;
    }
    const [, name, port] = /^((?:\[[^\]]*(?:\]|$)|[^:[])*(?:\[.*)?)(?::(.*))?$/s.exec(hostAndPort) ?? [];
    if (name === undefined || (name === '' && (special || port !== undefined))) return null;
    url.host = name === '' ? '' : host(name, special);
    if (url.host === null || (port !== undefined && !setPort(url, port))) return null;
    return absolute(url, input.slice(whole.length));
  }

  function setPort(url, digits) {
    if (!/^[0-9]*$/.test(digits) || Number(digits) > 65535) return false;
    const port = digits === '' ? '' : String(Number(digits));
    url.port = port === PORTS[url.scheme] ? '' : port;
    return true;
  }

  function file(url, rest, base) {
    const slashes = /^[\\/]*/.exec(rest)[0].length;
    url.host = '';
    if (slashes >= 2) {
      const [name] = /^[^\\/]*/.exec(rest.slice(2));
      if (DRIVE.test(name)) return absolute(url, rest.slice(2));
      url.host = name === '' ? '' : host(name, true);
      if (url.host === null) return null;
      if (url.host === 'localhost') url.host = '';
      return absolute(url, rest.slice(2 + name.length));
    }
    if (base?.scheme !== 'file:') return absolute(url, rest);
    url.host = base.host;
    const startsWithDrive = /^[a-zA-Z][:|]([\\/]|$)/;
    if (slashes === 1) {
      absolute(url, '');
      url.path = [];
      if (!startsWithDrive.test(rest.slice(1)) && /^[a-zA-Z]:$/.test(base.path[0] ?? '')) {
        url.path.push(base.path[0]);
      }
      walk(url, rest.slice(1));
      return url;
    }
    if (startsWithDrive.test(rest)) return absolute(url, rest);
    return relative(url, rest, base);
  }

  function relative(url, rest, base) {
    const special = isSpecial(url);
    if (base.scheme !== 'file:') {
      if (/^\/\//.test(rest) || (special && /^[\\/]{2}/.test(rest))) {
        return authority(url, special ? rest.replace(/^[\\/]*/, '') : rest.slice(2));
      }
      ({ user: url.user, password: url.password, host: url.host, port: url.port } = base);
      if ((special ? /^[\\/]/ : /^\//).test(rest)) return absolute(url, rest);
    }
    url.path = [...base.path];
    if (rest === '') {
      url.query ??= base.query;
    } else {
      shorten(url);
      walk(url, rest);
    }
    return url;
  }

  // The parts of a URL, or null. path is a list of segments, or a string where it is opaque.
  function parse(input, base) {
    let rest = input.replace(/^[\0- ]+|[\0- ]+$/g, '').replace(/[\t\n\r]+/g, '');
    const url = { scheme: '', user: '', password: '', host: null, port: '', path: [], query: null, fragment: null };
    const hash = rest.indexOf('#');
    if (hash >= 0) {
      url.fragment = encode(rest.slice(hash + 1), FRAGMENT);
      rest = rest.slice(0, hash);
    }
    const hadAll = rest;
    const mark = rest.indexOf('?');
    let query = null;
    if (mark >= 0) [query, rest] = [rest.slice(mark + 1), rest.slice(0, mark)];
    const scheme = /^[a-zA-Z][a-zA-Z0-9+.-]*:/.exec(rest)?.[0].toLowerCase();
    url.scheme = scheme ?? base?.scheme;
    if (url.scheme === undefined) return null;
    if (query !== null) url.query = encode(query, isSpecial(url) ? SPECIAL_QUERY : QUERY);
    if (scheme !== undefined) return withScheme(url, rest.slice(scheme.length), base);
    if (typeof base.path === 'string') {
      if (hadAll !== '' || hash < 0) return null;
      return { ...base, fragment: url.fragment };
    }
    return base.scheme === 'file:' ? file(url, rest, base) : relative(url, rest, base);
  }

  function withScheme(url, rest, base) {
    if (url.scheme === 'file:') return file(url, rest, base);
    if (isSpecial(url)) {
      if (base?.scheme === url.scheme && !/^[\\/]{2}/.test(rest)) return relative(url, rest, base);
      return authority(url, rest.replace(/^[\\/]*/, ''));
    }
    if (rest.startsWith('//')) return authority(url, rest.slice(2));
    if (rest.startsWith('/')) return absolute(url, rest);
    // a space at the end would be lost when the text is parsed again
    const more = url.query !== null || url.fragment !== null;
    url.path = encode(more ? rest.replace(/ $/, '%20') : rest, C0);
    return url;
  }

  function pathname({ path }) {
    return typeof path === 'string' ? path : path.map((segment) => `/${segment}`).join('');
  }

  function write(url) {
    let all = url.scheme;
    if (url.host !== null) {
      all += '//';
      if (url.user !== '' || url.password !== '') {
        all += `${url.user}${url.password === '' ? '' : `:${url.password}`}@`;
      }
      all += url.host + (url.port === '' ? '' : `:${url.port}`);
    } else if (url.path.length > 1 && url.path[0] === '' && typeof url.path !== 'string') all += '/.';
    all += pathname(url);
    if (url.query !== null) all += `?${url.query}`;
    if (url.fragment !== null) all += `#${url.fragment}`;
    return all;
  }

  let changed;

  class URLSearchParams {
    #pairs = [];
    #changed = null;

    static {
      changed = (params, query, then) => {
        params.#pairs = query === '' ? [] : URLSearchParams.#read(query);
        params.#changed = then;
      };
    }
    static #read(query) {
      return query.split('&').filter((part) => part !== '').map((part) => {
        const [name, ...values] = part.replaceAll('+', ' ').split('=');
        return [decode(name), decode(values.join('='))];
      });
    }
    constructor(init = '') {
      if (typeof init === 'object' && init !== null) {
        const pairs = typeof init[Symbol.iterator] === 'function' ? init : Object.entries(init);
        for (const pair of pairs) {
          const [name, value, ...more] = pair;
          if (value === undefined || more.length > 0) throw new TypeError('a pair has two values');
          this.#pairs.push([String(name).toWellFormed(), String(value).toWellFormed()]);
        }
      } else this.#pairs = URLSearchParams.#read(String(init).toWellFormed().replace(/^\?/, ''));
    }
    get size() {
      return this.#pairs.length;
    }
    get(name) {
      return this.#pairs.find(([n]) => n === String(name))?.[1] ?? null;
    }
    getAll(name) {
      return this.#pairs.filter(([n]) => n === String(name)).map(([, value]) => value);
    }
    has(name, value) {
      return this.#pairs.some(([n, v]) => n === String(name) && (value === undefined || v === String(value)));
    }
    append(name, value) {
      this.#pairs.push([String(name).toWellFormed(), String(value).toWellFormed()]);
      this.#changed?.(this.toString());
    }
    delete(name, value) {
      this.#pairs = this.#pairs.filter(
        ([n, v]) => n !== String(name) || (value !== undefined && v !== String(value)));
      this.#changed?.(this.toString());
    }
    set(name, value) {
      const found = this.#pairs.find(([n]) => n === String(name));
      if (found === undefined) {
        this.append(name, value);
        return;
      }
      found[1] = String(value).toWellFormed();
      this.#pairs = this.#pairs.filter((pair) => pair === found || pair[0] !== String(name));
      this.#changed?.(this.toString());
    }
    sort() {
      this.#pairs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
      this.#changed?.(this.toString());
    }
    forEach(action, self) {
      for (const [name, value] of this) action.call(self, value, name, this);
    }
    *keys() {
      for (const [name] of this) yield name;
    }
    *values() {
      for (const [, value] of this) yield value;
    }
    *entries() {
      for (let i = 0; i < this.#pairs.length; i++) yield [...this.#pairs[i]];
    }
    [Symbol.iterator]() {
      return this.entries();
    }
    toString() {
      const form = (value) => encode(value, FORM).replaceAll('%20', '+');
      return this.#pairs.map(([name, value]) => `${form(name)}=${form(value)}`).join('&');
    }
  }

  class URL {
    #parts;
    #params = null;

    constructor(input, base = undefined) {
      const from = base === undefined ? undefined : parse(String(base).toWellFormed());
      const parts = from === null ? null : parse(String(input).toWellFormed(), from);
      if (parts === null) throw invalid(input);
      this.#parts = parts;
    }
    static canParse(input, base) {
      return URL.parse(input, base) !== null;
    }
    static parse(input, base) {
      try {
        return new URL(input, base);
      } catch {
        return null;
      }
    }
    get href() {
      return write(this.#parts);
    }
    set href(value) {
      const parts = parse(String(value).toWellFormed());
      if (parts === null) throw invalid(value);
      this.#parts = parts;
      this.#refresh();
    }
    get origin() {
      const { scheme, path } = this.#parts;
      if (scheme === 'blob:' && typeof path === 'string') {
        const inner = URL.parse(path);
        return inner !== null && /^https?:$/.test(inner.protocol) ? inner.origin : 'null';
      }
      return isSpecial(this.#parts) && scheme !== 'file:' ? `${scheme}//${this.host}` : 'null';
    }
    get protocol() {
      return this.#parts.scheme;
    }
    set protocol(value) {
      const scheme = /^[a-zA-Z][a-zA-Z0-9+.-]*(?=:|$)/.exec(String(value))?.[0].toLowerCase();
      const parts = this.#parts;
      const next = `${scheme}:`;
      if (scheme === undefined || next in PORTS !== isSpecial(parts)) return;
      if (next === 'file:' && (parts.user !== '' || parts.password !== '' || parts.port !== '')) return;
      if (parts.scheme === 'file:' && parts.host === '') return;
      parts.scheme = next;
      if (parts.port === PORTS[next]) parts.port = '';
    }
    get #hasNoAuthority() {
      return this.#parts.host === null || this.#parts.host === '' || this.#parts.scheme === 'file:';
    }
    get username() {
      return this.#parts.user;
    }
    set username(value) {
      if (!this.#hasNoAuthority) this.#parts.user = encode(String(value).toWellFormed(), USER);
    }
    get password() {
      return this.#parts.password;
    }
    set password(value) {
      if (!this.#hasNoAuthority) this.#parts.password = encode(String(value).toWellFormed(), USER);
    }
    get host() {
      return this.hostname + (this.port === '' ? '' : `:${this.port}`);
    }
    set host(value) {
      this.#setHost(String(value), true);
    }
    get hostname() {
      return this.#parts.host ?? '';
    }
    set hostname(value) {
      this.#setHost(String(value), false);
    }
    #setHost(value, withPort) {
      const parts = this.#parts;
      if (typeof parts.path === 'string') return;
      const special = isSpecial(parts);
      const clean = value.toWellFormed().replace(/[\t\n\r]+/g, '');
      const [name] = (special ? /^[^\\/?#]*/ : /^[^/?#]*/).exec(clean);
      const [, bare, port] = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/s.exec(name) ?? [];
      if (bare === undefined || (port !== undefined && !withPort)) return;
      if (bare === '' && (special ? parts.scheme !== 'file:' : port !== undefined || parts.port + parts.user + parts.password !== '')) return;
      const found = bare === '' ? '' : host(bare, special);
      if (found === null || (parts.scheme === 'file:' && port !== undefined)) return;
      parts.host = parts.scheme === 'file:' && found === 'localhost' ? '' : found;
      const digits = /^[0-9]+/.exec(port ?? '')?.[0];
      if (digits !== undefined) setPort(parts, digits);
    }
    get port() {
      return this.#parts.port;
    }
    set port(value) {
      if (this.#hasNoAuthority) return;
      const clean = String(value).replace(/[\t\n\r]+/g, '');
      const digits = /^[0-9]+/.exec(clean)?.[0];
      if (clean === '') this.#parts.port = '';
      else if (digits !== undefined) setPort(this.#parts, digits);
    }
    get pathname() {
      return pathname(this.#parts);
    }
    set pathname(value) {
      if (typeof this.#parts.path === 'string') return;
      const clean = String(value).toWellFormed().replace(/[\t\n\r]+/g, '');
      absolute(this.#parts, clean.replace(/[?#]/g, (c) => (c === '?' ? '%3F' : '%23')));
      if (clean === '' && this.#parts.host === null) this.#parts.path = [''];
    }
    get search() {
      return this.#parts.query ? `?${this.#parts.query}` : '';
    }
    set search(value) {
      const clean = String(value).toWellFormed().replace(/[\t\n\r]+/g, '').replace(/^\?/, '');
      const set = isSpecial(this.#parts) ? SPECIAL_QUERY : QUERY;
      this.#parts.query = String(value) === '' ? null : encode(clean, set);
      this.#refresh();
    }
    get searchParams() {
      if (this.#params === null) {
        this.#params = new URLSearchParams();
        this.#refresh();
      }
      return this.#params;
    }
    #refresh() {
      if (this.#params === null) return;
      changed(this.#params, this.#parts.query ?? '', (query) => {
        this.#parts.query = query === '' ? null : query;
      });
    }
    get hash() {
      return this.#parts.fragment ? `#${this.#parts.fragment}` : '';
    }
    set hash(value) {
      const clean = String(value).toWellFormed().replace(/[\t\n\r]+/g, '').replace(/^#/, '');
      this.#parts.fragment = String(value) === '' ? null : encode(clean, FRAGMENT);
    }
    toString() {
      return this.href;
    }
    toJSON() {
      return this.href;
    }
  }

  return { URL, URLSearchParams };
})
