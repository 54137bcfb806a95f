// What a script asks of its node (docs/protocol/capabilities.md): orb.kv, orb.secrets and fetch. The node
// answers while the script waits, so everything is done when a call returns; promises keep the form.
(function (capability, parts) {
  'use strict';
  const { utf8, text, view, Request, Response } = parts;
  const [GET, SET, DELETE, FETCH, SECRET] = [1, 2, 3, 4, 5];
  const MISSING = -1;

  // An Error whose code is one of docs/errors, such as ORB-0221 for what was not granted.
  class CapabilityError extends Error {
    constructor(reason) {
      super(reason);
      this.name = 'CapabilityError';
      this.code = reason.slice(0, 8);
    }
  }

  function ask(kind, first, second = new Uint8Array(0)) {
    if (first.length > 65535) throw new CapabilityError('ORB-0227: an argument is longer than allowed');
    const message = new Uint8Array(3 + first.length + second.length);
    message[0] = kind;
    message[1] = first.length & 255;
    message[2] = first.length >> 8;
    message.set(first, 3);
    message.set(second, 3 + first.length);
    const answer = capability(message);
    const number = new DataView(answer.buffer, answer.byteOffset).getInt32(0, true);
    const result = answer.subarray(4);
    if (number < MISSING) throw new CapabilityError(text(result));
    return number === MISSING ? null : result;
  }

  const bytes = (value) =>
    value instanceof ArrayBuffer || ArrayBuffer.isView(value) ? view(value) : utf8(String(value));

  const kv = {
    // The value as a text, as bytes with { type: 'bytes' }, or parsed with { type: 'json' }; else null.
    async get(key, { type = 'text' } = {}) {
      const value = ask(GET, bytes(key));
      if (value === null) return null;
      if (type === 'bytes') return value.slice();
      return type === 'json' ? JSON.parse(text(value)) : text(value);
    },
    async set(key, value) {
      ask(SET, bytes(key), bytes(value));
    },
    // Whether there was something.
    async delete(key) {
      return ask(DELETE, bytes(key)) !== null;
    },
  };

  const secrets = {
    async get(name) {
      return text(ask(SECRET, bytes(name)));
    },
  };

  function parsed(answer) {
    let end = 0;
    while (answer[end] !== 10 || answer[end + 1] !== 10) end++;
    const [status, ...fields] = text(answer.subarray(0, end)).split('\n');
    const headers = fields.map((line) => {
      const colon = line.indexOf(': ');
      return [line.slice(0, colon), line.slice(colon + 2)];
    });
    return new Response(answer.slice(end + 2), { status: Number(status), headers });
  }

  async function fetch(input, init = {}) {
    const request = new Request(input, init);
    const lines = [`${request.method} ${request.url}`];
    for (const [name, value] of request.headers) lines.push(`${name}: ${value}`);
    const head = utf8(`${lines.join('\n')}\n\n`);
    const body = await request.bytes();
    const whole = new Uint8Array(head.length + body.length);
    whole.set(head);
    whole.set(body, head.length);
    return parsed(ask(FETCH, new Uint8Array(0), whole));
  }

  return { orb: Object.freeze({ kv: Object.freeze(kv), secrets: Object.freeze(secrets) }), fetch };
})
