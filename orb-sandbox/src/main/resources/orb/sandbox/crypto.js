// crypto: digests by the host, chance from the call's seed. Nothing here is secret.
(function (digest, view) {
  'use strict';
  const NAMES = ['SHA-256', 'SHA-384', 'SHA-512'];
  const RANDOM_MAX = 65536;

  class SubtleCrypto {
    async digest(algorithm, data) {
      const name = String(algorithm?.name ?? algorithm).toUpperCase();
      if (!NAMES.includes(name)) {
        throw new DOMException(`${name} is not offered: ${NAMES.join(', ')} are`, 'NotSupportedError');
      }
      if (!(data instanceof ArrayBuffer) && !ArrayBuffer.isView(data)) {
        throw new TypeError('data is neither an ArrayBuffer nor a view of one');
      }
      return digest(name, view(data)).buffer;
    }
  }

  return {
    subtle: new SubtleCrypto(),
    getRandomValues(array) {
      if (!ArrayBuffer.isView(array) || array instanceof DataView || /Float/.test(array.constructor.name)) {
        throw new DOMException('only typed arrays of whole numbers are filled', 'TypeMismatchError');
      }
      if (array.byteLength > RANDOM_MAX) {
        throw new DOMException(`at most ${RANDOM_MAX} bytes at once`, 'QuotaExceededError');
      }
      const bytes = view(array);
      for (let i = 0; i < bytes.length; i++) bytes[i] = Math.random() * 256;
      return array;
    },
    randomUUID() {
      const bytes = this.getRandomValues(new Uint8Array(16));
      bytes[6] = bytes[6] & 15 | 64;
      bytes[8] = bytes[8] & 63 | 128;
      const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
      return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
    },
  };
})
