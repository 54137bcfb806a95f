// Writes text.txt, the text that the sample counts: about a megabyte of made-up chronicle.
// The same seed gives the same bytes on every machine. Run: node make-text.mjs
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const BYTES_MIN = 1_100_000;
let state = 20260117;

/** A whole number in 0..bound-1, from a linear congruence with its high bits kept. */
function chance(bound) {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * bound);
}

/** One of the words; early ones come up more often, as in any language. */
function pick(words) {
  return words[Math.min(chance(words.length), chance(words.length))];
}

const list = (text) => text.trim().split(/\s+/);

const PEOPLE = list(`the-keeper the-miller the-pilot the-weaver the-clerk Anselm Brigid Tobias Zoë
  Márta Søren Łukasz Ingeborg José Renée Dvořák Øyvind Chloë Ιωάννα Нина`).map((name) =>
  name.startsWith('the-') ? name.replace('the-', 'the ') : name);
const THINGS = list(`lamp river letter harbour bridge clock ledger winter lantern orchard mill
  garden tower ferry window market stone bell map kettle wheel meadow boat well cellar roof barn loom road
  ship anchor gate candle field island hill forest mirror drum oven table library school chimney
  café naïveté jalapeño Straße façade crêpe smörgåsbord`);
const KINDS = list(`old quiet long narrow second bright cold heavy patient early hollow green far
  half-finished well-kept wind-worn small honest crooked silver northern unpaid late common strange
  salt-white borrowed slow déjà-vu`);
const DEEDS = list(`carried mended counted found followed opened remembered lost watched crossed
  copied measured painted sold kept answered weighed hid sent drew lifted cleaned wrote waited-for
  questioned bought closed burned lent`).map((deed) => deed.replace('-', ' '));
const TIMES = list(`before-dawn at-noon in-the-evening after-the-flood that-autumn all-winter
  on-Sundays once twice every-year in-1847 in-1902 for-seven-days`).map(
  (time) => time.replaceAll('-', ' '));
const PLACES = list(`by under behind above near beyond inside across`);
const LINKS = ['and', 'but', 'so', 'while', 'because', 'until', 'although', 'for'];

/** The name of a village that nobody else has; there are thousands. */
function village() {
  const heads = list(
    'Ash Birk Cor Dun El Fen Gar Hol Ing Kirk Lun Mar Nor Ost Pen Rav Skel Thorn Ul Wex');
  const middles = list('a e i o u er in on ar el');
  const tails = list('by combe dale ford ham leigh mere ness stow thorpe ton wick');
  return [heads, middles, tails].map((parts) => parts[chance(parts.length)]).join('');
}

function thing() {
  const article = chance(3) === 0 ? 'a' : 'the';
  const kind = chance(2) === 0 ? `${pick(KINDS)} ` : '';
  const word = `${kind}${pick(THINGS)}`;
  return `${article === 'a' && /^[aeiou]/i.test(word) ? 'an' : article} ${word}`;
}

function clause() {
  const who = pick(PEOPLE);
  switch (chance(7)) {
    case 0: return `${who} ${pick(DEEDS)} ${thing()} ${pick(PLACES)} ${thing()}`;
    case 1: return `${pick(TIMES)} ${who} ${pick(DEEDS)} ${thing()}`;
    case 2: return `it was ${thing()} that ${who} ${pick(DEEDS)}`;
    case 3: return `${who} didn't ask who ${pick(DEEDS)} ${thing()}`;
    case 4: return `${who} ${pick(DEEDS)} ${2 + chance(90)} of them ${pick(TIMES)}`;
    case 5: return `${who} of ${village()} ${pick(DEEDS)} ${thing()}`;
    default: return `${thing()} of ${who} was ${pick(KINDS)} and ${pick(KINDS)}`;
  }
}

function sentence() {
  let text = clause();
  for (let more = chance(3); more > 0; more--) text += `, ${pick(LINKS)} ${clause()}`;
  text = text[0].toUpperCase() + text.slice(1);
  switch (chance(12)) {
    case 0: return `“${text},” said ${pick(PEOPLE)}.`;
    case 1: return `${text}; nobody’s ${pick(THINGS)} was safe!`;
    case 2: return `Who would have thought it? ${text}.`;
    default: return `${text}.`;
  }
}

/** The words of a paragraph in lines of at most 88 characters. */
function wrapped(text) {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines[lines.length - 1];
    if (line !== '' && line.length + 1 + word.length > 88) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines.join('\n');
}

const parts = [];
let bytes = 0;
for (let chapter = 1; bytes < BYTES_MIN; chapter++) {
  let part = `CHAPTER ${chapter}\n\t— ${pick(THINGS)} & ${pick(THINGS)} —\n\n`;
  for (let paragraphs = 8 + chance(12); paragraphs > 0; paragraphs--) {
    const sentences = Array.from({ length: 3 + chance(7) }, sentence);
    part += `${wrapped(sentences.join(' '))}\n\n`;
  }
  parts.push(part);
  bytes += Buffer.byteLength(part);
}
writeFileSync(fileURLToPath(new URL('text.txt', import.meta.url)), parts.join('\n'));
