// structuredClone for what a script has: no transfer, and no class of its own survives.
(function () {
  'use strict';
  const ERRORS = { Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };

  function refused(value) {
    return new DOMException(`${String(value)} cannot be cloned`, 'DataCloneError');
  }

  // A copy without its parts, or undefined for what has parts by name alone.
  function shell(value) {
    const tag = Object.prototype.toString.call(value).slice(8, -1);
    switch (tag) {
      case 'Boolean': case 'Number': case 'String': case 'BigInt': return Object(value.valueOf());
      case 'Date': return new Date(value.getTime());
      case 'RegExp': return new RegExp(value.source, value.flags);
      case 'ArrayBuffer': return value.slice(0);
      case 'Map': return new Map();
      case 'Set': return new Set();
      case 'Array': return new Array(value.length);
      case 'Error': {
        const error = new (ERRORS[value.name] ?? Error)(value.message);
        error.stack = value.stack;
        return error;
      }
      case 'Object': return {};
      default: throw refused(value);
    }
  }

  function copy(value, seen) {
    if (typeof value === 'symbol' || typeof value === 'function') throw refused(value);
    if (typeof value !== 'object' || value === null) return value;
    const known = seen.get(value);
    if (known !== undefined) return known;
    if (ArrayBuffer.isView(value)) {
      const buffer = copy(value.buffer, seen);
      const made = new value.constructor(buffer, value.byteOffset, value.length ?? value.byteLength);
      seen.set(value, made);
      return made;
    }
    const made = shell(value);
    seen.set(value, made);
    if (made instanceof Map) {
      for (const [key, item] of value) made.set(copy(key, seen), copy(item, seen));
    } else if (made instanceof Set) {
      for (const item of value) made.add(copy(item, seen));
    } else if (Array.isArray(made) || Object.getPrototypeOf(made) === Object.prototype) {
      for (const key of Object.keys(value)) made[key] = copy(value[key], seen);
    }
    return made;
  }

  return (value) => copy(value, new Map());
})()
