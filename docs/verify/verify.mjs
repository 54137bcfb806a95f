#!/usr/bin/env node
// Verifies a file of `orb audit export` with nothing of Orb: node verify.mjs FILE [ROSTER DIGEST]
// Formats: docs/protocol/log.md, ledger.md, receipts.md. Needs Node.js 18 or newer.
import { createHash, createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';

class Broken extends Error {}
const check = (holds, part, why) => {
  if (!holds) throw new Broken(`${part} is broken: ${why}`);
};
const sha256 = (...parts) => {
  const hash = createHash('sha256');
  parts.forEach(part => hash.update(part));
  return hash.digest();
};
const same = (a, b) => Buffer.compare(a, b) === 0, hex = bytes => bytes.toString('hex');

// ---- deterministic CBOR: whole numbers (BigInt), bytes, text, arrays, true, false, null ----------

/** Reads one item that fills the bytes; arrays have their own bytes as `raw`. */
function cbor(bytes, part) {
  let at = 0;
  const take = length => {
    check(at + length <= bytes.length, part, 'it is cut off');
    at += length;
    return bytes.subarray(at - length, at);
  };
  const argument = n => {
    if (n < 24) return BigInt(n);
    check(n <= 27, part, 'not one of the forms of CBOR that Orb has');
    const size = 1 << (n - 24);
    const value = BigInt('0x' + hex(take(size)));
    const least = size === 1 ? 24n : 1n << BigInt(4 * size);
    check(value >= least && value < 1n << 63n, part, 'a number that is not in its shortest form');
    return value;
  };
  const item = depth => {
    check(depth < 12, part, 'it is nested too deeply');
    const start = at;
    const head = take(1)[0];
    const simple = { 0xf4: false, 0xf5: true, 0xf6: null };
    if (head in simple) return simple[head];
    const n = argument(head & 31);
    switch (head >> 5) {
      case 0: return n;
      case 1: return -1n - n;
      case 2: return take(Number(n));
      case 3: return new TextDecoder('utf-8', { fatal: true }).decode(take(Number(n)));
      case 4: {
        check(n <= BigInt(bytes.length), part, 'it is cut off');
        const items = Array.from({ length: Number(n) }, () => item(depth + 1));
        items.raw = bytes.subarray(start, at);
        return items;
      }
      default: throw new Broken(`${part} is broken: not one of the forms of CBOR that Orb has`);
    }
  };
  const value = item(0);
  check(at === bytes.length, part, 'bytes are left over');
  return value;
}

// ---- Ed25519 (RFC 8032), and what Orb signs: a domain, a zero byte, the message -------------------

function signed(key, message, signature) {
  const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), key]);
  return verify(null, message, createPublicKey({ key: spki, format: 'der', type: 'spki' }), signature);
}
const signedIn = (domain, key, message, signature) =>
  signed(key, Buffer.concat([Buffer.from(domain + '\0'), message]), signature);

// ---- Merkle trees (RFC 9162 section 2.1.3.2) -------------------------------------------------------

function leadsTo(leaf, index, size, path, root) {
  if (index >= size) return false;
  let place = index;
  let last = size - 1n;
  let hash = sha256(Buffer.of(0), leaf);
  for (const sibling of path) {
    if (last === 0n) return false;
    if ((place & 1n) === 1n || place === last) {
      hash = sha256(Buffer.of(1), sibling, hash);
      while ((place & 1n) === 0n && place !== 0n) {
        place >>= 1n;
        last >>= 1n;
      }
    } else {
      hash = sha256(Buffer.of(1), hash, sibling);
    }
    place >>= 1n;
    last >>= 1n;
  }
  return last === 0n && same(hash, root);
}

// ---- the checkpoint: C2SP signed-note, tlog-checkpoint, tlog-cosignature --------------------------

function checkpoint(note, network, keys) {
  const text = new TextDecoder('utf-8', { fatal: true }).decode(note);
  const blank = text.lastIndexOf('\n\n');
  check(blank > 0, 'checkpoint', 'it is no signed note');
  const body = text.slice(0, blank + 1);
  const shape = /^orb\.ledger\/([0-9a-f]{64})\n(0|[1-9][0-9]*)\n([A-Za-z0-9+/]{43}=)\nstate ([A-Za-z0-9+/]{43}=)\n$/;
  const said = shape.exec(body);
  check(said, 'checkpoint', 'it is no checkpoint of a ledger');
  check(said[1] === hex(network), 'checkpoint', 'it is of another swarm');
  const lines = text.slice(blank + 2).split('\n').slice(0, -1).map(line => line.split(' '));
  let known = 0;
  const cosigners = keys.filter(key => {
    const good = [[`orb.ledger/${hex(network)}`, 1], [`orb.tracker/${hex(sha256(key))}`, 4]].map(([name, type]) => {
      const id = sha256(name, Buffer.of(10, type), key).subarray(0, 4);
      const mine = lines.map(([dash, by, base64]) => [dash, by, Buffer.from(base64 ?? '', 'base64')])
        .filter(([dash, by, bytes]) => dash === '\u2014' && by === name && same(bytes.subarray(0, 4), id));
      for (const [, , bytes] of mine) {
        const time = type === 4 ? bytes.readBigUInt64BE(4) : 0n;
        const message = type === 4 ? `cosignature/v1\ntime ${time}\n${body}` : body;
        check(signed(key, Buffer.from(message), bytes.subarray(type === 4 ? 12 : 4)), 'checkpoint', `the signature of ${name} does not hold`);
      }
      return (known += mine.length) && mine.length > 0;
    });
    return good[1];
  });
  check(known === lines.length, 'checkpoint', 'a signature on it is of nobody in the roster');
  const quorum = Math.floor(keys.length * 2 / 3) + 1;
  check(cosigners.length >= quorum, 'checkpoint',
    `${cosigners.length} trackers have cosigned it, and ${quorum} of ${keys.length} have to`);
  return { size: BigInt(said[2]), root: Buffer.from(said[3], 'base64'), cosigners };
}

// ---- entries, receipts, settlements ----------------------------------------------------------------
function entryIn(leaf, part) {
  const [, bytes] = cbor(leaf, part);
  const body = bytes.subarray(1, bytes.length - 66);
  const [, signature] = cbor(bytes, part);
  const fields = cbor(body, part);
  check(signedIn('orb/entry/1', fields[2], body, signature), part, 'its signer did not sign it');
  return fields;
}

function receiptIn(proof, plans) {
  const [receipt, index, path, [batch, key, signature]] = cbor(proof, 'receipt');
  const [host, , count, root] = batch;
  check(same(sha256(key), host), 'receipt', 'the key is not the host\'s');
  check(signedIn('orb/receipt-batch/1', key, batch.raw, signature), 'receipt', 'the host did not sign it');
  check(same(receipt[1], host), 'receipt', 'it is of another host');
  check(leadsTo(receipt.raw, index, count, path, root), 'receipt', 'its path does not lead to the root');
  const plan = plans.find(each => same(sha256(each.raw), receipt[13]));
  check(plan, 'receipt', 'the swarm has no such plan');
  const price = receipt[9] === 0n ? plan[2] + (receipt[10] * plan[3] + 999_999n) / 1_000_000n : 0n;
  check(receipt[12] === price, 'receipt', `its price is ${receipt[12]}, by the plan ${price}`);
  return receipt;
}

/** Whether an entry settles a voucher, signed by all that mark it, which covers the receipt. */
function settles([kind, , , , , marked, head], receipt) {
  if (kind !== 6n) return false;
  const [voucher, marks] = marked;
  const [, channel, host, fn, plan, calls, amount] = voucher;
  return same(channel, receipt[0]) && same(host, receipt[1]) && same(fn, receipt[2])
    && same(plan, receipt[13]) && calls >= receipt[5] && amount >= receipt[14]
    && (calls !== receipt[5] || same(head, sha256(receipt.raw)))
    && marks.every(([key, signature]) => signedIn('orb/voucher/1', key, voucher.raw, signature));
}

function audit(bytes, roster) {
  const file = cbor(bytes, 'file');
  check(file[0] === 'orb-audit' && file[1] === 1n && file.length === 9, 'file', 'no audit file');
  const [, , genesis, keys, note, subject, indexes, evidence, receipt] = file;
  const network = sha256(genesis);
  const head = Buffer.concat([Buffer.from('825820', 'hex'), network]); // [network, [key, ...]]
  const digest = hex(sha256(head, keys.raw));
  check(!roster || roster === digest, 'roster', `the file is of trackers ${digest}`);
  check(keys.every((key, i) => i === 0 || Buffer.compare(keys[i - 1], key) < 0), 'roster', 'its order');
  const signedHead = checkpoint(note, network, keys);
  const entries = indexes.map((index, i) => {
    const part = `entry ${index}`;
    check(evidence[i] && evidence[i][0] === index, part, 'it is missing');
    check(i === 0 || index > indexes[i - 1], 'indexes', 'they do not ascend');
    const [, leaf, path] = evidence[i];
    check(leadsTo(leaf, index, signedHead.size, path, signedHead.root), part,
      'it and its path do not lead to the signed root');
    return () => entryIn(leaf, part);
  });
  check(evidence.length === indexes.length, 'indexes', 'they do not name every entry');
  if (receipt !== null) {
    const stated = receiptIn(receipt, cbor(genesis, 'genesis')[2]);
    check(entries.some(entry => settles(entry(), stated)), 'settlement', 'no entry pays for this receipt');
    check(subject === `call ${hex(stated[15])}`, 'subject', `the entries are not those of ${subject}`);
  }
  return { subject, network: hex(network), roster: digest, entries: indexes.map(Number),
    logSize: Number(signedHead.size), cosignedBy: signedHead.cosigners.map(key => hex(sha256(key))) };
}

try {
  console.log(JSON.stringify({ verified: true, ...audit(readFileSync(process.argv[2]), process.argv[3]) }, null, 2));
} catch (e) {
  console.error(e instanceof Broken ? e.message : `file is broken: ${e.message}`);
  process.exitCode = 1;
}
