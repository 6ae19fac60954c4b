// Hashes of texts and bytes, for keys.
const { imul } = Math;

/*
 * 128 bits in four lanes, fed with 32-bit words; MurmurHash3's x86 variant over whole blocks of four words. Not
 * cryptographic: `crypto.subtle` is asynchronous, and absent on plain http.
 *
 * The lanes are locals of each loop and never in an array: taking arrays apart costs Firefox and WebKit as much as
 * hashing a text of 1 kB.
 */

const turn = (x: number, by: number): number => (x << by) | (x >>> (32 - by));

// what becomes of a lane, of its neighbour and a word
const mixA = (a: number, b: number, word: number): number =>
  (imul(turn(a ^ imul(turn(imul(word, 0x239b961b), 15), 0xab0e9789), 19) + b, 5) + 0x561ccd1b) | 0;
const mixB = (b: number, c: number, word: number): number =>
  (imul(turn(b ^ imul(turn(imul(word, 0xab0e9789), 16), 0x38b34ae5), 17) + c, 5) + 0x0bcaa747) | 0;
const mixC = (c: number, d: number, word: number): number =>
  (imul(turn(c ^ imul(turn(imul(word, 0x38b34ae5), 17), 0xa1e38b93), 15) + d, 5) + 0x96cd1c35) | 0;
const mixD = (d: number, a: number, word: number): number =>
  (imul(turn(d ^ imul(turn(imul(word, 0xa1e38b93), 18), 0x239b961b), 13) + a, 5) + 0x32ac3b17) | 0;

const finish = (x: number): number => {
  let h = x;
  h = imul(h ^ (h >>> 16), 0x85ebca6b);
  h = imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
};

const pairs: string[] = [];
const hex = (x: number): string => {
  if (pairs.length === 0) for (let i = 256; i < 512; i++) pairs.push(i.toString(16).slice(1));
  return `${pairs[x >>> 24]}${pairs[(x >>> 16) & 255]}${pairs[(x >>> 8) & 255]}${pairs[x & 255]}`;
};

/** The length is in the lanes already, so that padding does not count. */
function digest(a: number, b: number, c: number, d: number): string {
  const sum = a + b + c + d;
  const first = finish(sum | 0);
  const second = finish((b + sum) | 0);
  const third = finish((c + sum) | 0);
  const fourth = finish((d + sum) | 0);
  const all = first + second + third + fourth;
  return hex(all) + hex(second + all) + hex(third + all) + hex(fourth + all);
}

/** 128 bits over all UTF-16 code units, as 32 hexadecimal digits; the same in every engine. */
export function hashText(text: string): string {
  const { length } = text;
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  // beyond the end of a text engines are slow: the last block comes padded
  let part = text;
  for (let to = length & ~7; part; to = 8) {
    for (let i = 0; i < to; i += 8) {
      a = mixA(a, b, part.charCodeAt(i) | (part.charCodeAt(i + 1) << 16));
      b = mixB(b, c, part.charCodeAt(i + 2) | (part.charCodeAt(i + 3) << 16));
      c = mixC(c, d, part.charCodeAt(i + 4) | (part.charCodeAt(i + 5) << 16));
      d = mixD(d, a, part.charCodeAt(i + 6) | (part.charCodeAt(i + 7) << 16));
    }
    part = part === text && to < length ? text.slice(to).padEnd(8, '\0') : '';
  }
  return digest(a ^ length, b ^ length, c ^ length, d ^ length);
}

/** 128 bits over all bytes, as 32 hexadecimal digits. */
export function hashBytes(bytes: Uint8Array): string {
  const { length } = bytes;
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  // words need an aligned start, and the last block comes padded
  let part: Uint8Array | undefined = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  const end = new Uint8Array(16);
  end.set(bytes.subarray(length & ~15));
  for (let to = length >> 4; part; to = 1) {
    const words = new Uint32Array(part.buffer, part.byteOffset, to * 4);
    for (let i = 0; i < words.length; i += 4) {
      a = mixA(a, b, words[i]!);
      b = mixB(b, c, words[i + 1]!);
      c = mixC(c, d, words[i + 2]!);
      d = mixD(d, a, words[i + 3]!);
    }
    part = part !== end && length & 15 ? end : undefined;
  }
  return digest(a ^ length, b ^ length, c ^ length, d ^ length);
}
