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

/** `length` enters the hash, so that padding does not count. */
function digest(a: number, b: number, c: number, d: number, length: number): string {
  const sum = (a ^ length) + (b ^ length) + (c ^ length) + (d ^ length);
  const first = finish(sum | 0);
  const second = finish(((b ^ length) + sum) | 0);
  const third = finish(((c ^ length) + sum) | 0);
  const fourth = finish(((d ^ length) + sum) | 0);
  const all = first + second + third + fourth;
  return hex(all) + hex(second + all) + hex(third + all) + hex(fourth + all);
}

/** 128 bits over all UTF-16 code units, as 32 hexadecimal digits; the same in every engine. */
export function hashText(text: string): string {
  const { length } = text;
  // beyond the end of a text engines are slow
  const whole = length & ~7;
  const end = whole < length ? text.slice(whole).padEnd(8, '\0') : '';
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  for (let i = 0; i < whole; i += 8) {
    a = mixA(a, b, text.charCodeAt(i) | (text.charCodeAt(i + 1) << 16));
    b = mixB(b, c, text.charCodeAt(i + 2) | (text.charCodeAt(i + 3) << 16));
    c = mixC(c, d, text.charCodeAt(i + 4) | (text.charCodeAt(i + 5) << 16));
    d = mixD(d, a, text.charCodeAt(i + 6) | (text.charCodeAt(i + 7) << 16));
  }
  if (end) {
    a = mixA(a, b, end.charCodeAt(0) | (end.charCodeAt(1) << 16));
    b = mixB(b, c, end.charCodeAt(2) | (end.charCodeAt(3) << 16));
    c = mixC(c, d, end.charCodeAt(4) | (end.charCodeAt(5) << 16));
    d = mixD(d, a, end.charCodeAt(6) | (end.charCodeAt(7) << 16));
  }
  return digest(a, b, c, d, length);
}

/** 128 bits over all bytes, as 32 hexadecimal digits. */
export function hashBytes(bytes: Uint8Array): string {
  const { length } = bytes;
  // words need an aligned start
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  const whole = length & ~15;
  const words = new Uint32Array(aligned.buffer, aligned.byteOffset, whole / 4);
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  for (let i = 0; i < words.length; i += 4) {
    a = mixA(a, b, words[i]!);
    b = mixB(b, c, words[i + 1]!);
    c = mixC(c, d, words[i + 2]!);
    d = mixD(d, a, words[i + 3]!);
  }
  if (whole < length) {
    const word = (at: number): number =>
      aligned[at]! | (aligned[at + 1]! << 8) | (aligned[at + 2]! << 16) | (aligned[at + 3]! << 24);
    a = mixA(a, b, word(whole));
    b = mixB(b, c, word(whole + 4));
    c = mixC(c, d, word(whole + 8));
    d = mixD(d, a, word(whole + 12));
  }
  return digest(a, b, c, d, length);
}
