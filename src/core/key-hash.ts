const { imul } = Math;

const turn = (x: number, by: number): number => (x << by) | (x >>> (32 - by));

const finish = (x: number): number => {
  let h = x;
  h = imul(h ^ (h >>> 16), 0x85ebca6b);
  h = imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
};

const hex = (x: number): string => (x >>> 0).toString(16).padStart(8, '0');

/**
 * 128 bits in four lanes, fed with 32-bit words; MurmurHash3's x86 variant over whole blocks of four words.
 * Not cryptographic: `crypto.subtle` is asynchronous, and absent on plain http.
 */
function createHash(): { feed(words: Uint32Array, count: number): void; end(length: number): string } {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  return {
    /** `count` is a multiple of four. */
    feed(words, count) {
      let [e, f, g, h] = [a, b, c, d];
      for (let i = 0; i < count; i += 4) {
        e = (imul(turn(e ^ imul(turn(imul(words[i]!, 0x239b961b), 15), 0xab0e9789), 19) + f, 5) + 0x561ccd1b) | 0;
        f = (imul(turn(f ^ imul(turn(imul(words[i + 1]!, 0xab0e9789), 16), 0x38b34ae5), 17) + g, 5) + 0x0bcaa747) | 0;
        g = (imul(turn(g ^ imul(turn(imul(words[i + 2]!, 0x38b34ae5), 17), 0xa1e38b93), 15) + h, 5) + 0x96cd1c35) | 0;
        h = (imul(turn(h ^ imul(turn(imul(words[i + 3]!, 0xa1e38b93), 18), 0x239b961b), 13) + e, 5) + 0x32ac3b17) | 0;
      }
      [a, b, c, d] = [e, f, g, h];
    },
    /** `length` enters the hash, so that padding does not count. */
    end(length) {
      const sum = (a ^ length) + (b ^ length) + (c ^ length) + (d ^ length);
      const first = finish(sum | 0);
      const [second, third, fourth] = [b, c, d].map((lane) => finish(((lane ^ length) + sum) | 0)) as [
        number,
        number,
        number,
      ];
      const all = first + second + third + fourth;
      return hex(all) + hex(second + all) + hex(third + all) + hex(fourth + all);
    },
  };
}

/** Texts are moved through here, so that one loop serves both. */
const words = new Uint32Array(2048);
const units = new Uint16Array(words.buffer);

/** 128 bits over all UTF-16 code units, as 32 hexadecimal digits; the same in every engine. */
export function hashText(text: string): string {
  const hash = createHash();
  const { length } = text;
  for (let from = 0; from < length; from += units.length) {
    const count = Math.min(units.length, length - from);
    for (let i = 0; i < count; i++) units[i] = text.charCodeAt(from + i);
    const padded = (count + 7) & ~7;
    units.fill(0, count, padded);
    hash.feed(words, padded / 2);
  }
  return hash.end(length);
}

/** 128 bits over all bytes, as 32 hexadecimal digits. */
export function hashBytes(bytes: Uint8Array): string {
  const hash = createHash();
  const { length } = bytes;
  // words need an aligned start
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  const whole = (length >> 4) * 4;
  hash.feed(new Uint32Array(aligned.buffer, aligned.byteOffset, whole), whole);
  const rest = new Uint8Array(16);
  rest.set(bytes.subarray(4 * whole));
  if (4 * whole < length) hash.feed(new Uint32Array(rest.buffer), 4);
  return hash.end(length);
}
