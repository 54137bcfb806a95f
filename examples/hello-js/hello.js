// Greets by name: GET ?name=Ada&name=Alan, or POST {"name":"Ada"} or {"names":["Ada","Alan"]}.

const GREETINGS = { en: 'Hello', de: 'Hallo', fr: 'Bonjour', es: 'Hola', ja: 'こんにちは' };
const NAME_MAX = 80;
const NAMES_MAX = 20;

/** One name with its words capitalised and its blanks tidied, or an error that says what is wrong. */
function tidy(name) {
  if (typeof name !== 'string') throw new TypeError('a name is a text');
  const words = name.trim().split(/\s+/).filter(Boolean);
  if (words.length === 0) throw new RangeError('a name is empty');
  const tidied = words.map((word) => {
    const [first, ...rest] = word;
    return first.toUpperCase() + rest.join('');
  }).join(' ');
  if (tidied.length > NAME_MAX) throw new RangeError(`a name has more than ${NAME_MAX} characters`);
  return tidied;
}

function joined(names) {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

function answer(status, value) {
  return new Response(`${JSON.stringify(value)}\n`, {
    status,
    headers: { 'content-type': 'application/json' },
  });
}

/** What the caller asked for: names and a language. */
async function wish(request) {
  const query = new URL(request.url).searchParams;
  const asked = { names: query.getAll('name'), lang: query.get('lang') ?? 'en' };
  if (request.method === 'POST') {
    const body = JSON.parse((await request.text()) || '{}');
    if (body === null || typeof body !== 'object') throw new TypeError('the body is a JSON object');
    asked.names = asked.names.concat(body.names ?? [], body.name ?? []);
    asked.lang = body.lang ?? asked.lang;
  }
  return asked;
}

export default {
  async fetch(request) {
    try {
      const { names, lang } = await wish(request);
      if (!Object.hasOwn(GREETINGS, lang)) {
        throw new RangeError(`lang is one of ${Object.keys(GREETINGS).join(', ')}`);
      }
      if (names.length > NAMES_MAX) throw new RangeError(`at most ${NAMES_MAX} names`);
      const greeted = names.length === 0 ? ['World'] : names.map(tidy);
      const greeting = `${GREETINGS[lang]}, ${joined(greeted)}!`;
      return answer(200, { greeting, names: greeted, letters: [...greeted.join('')].length });
    } catch (error) {
      return answer(400, { error: error.message });
    }
  },
};
