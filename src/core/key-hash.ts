const { imul } = Math;

const turn = (x: number, by: number): number => (x << by) | (x >>> (32 - by));

/** What a lane takes in of a word. */
const blend = (word: number, times: number, by: number, timesThen: number): number =>
  imul(turn(imul(word, times), by), timesThen);

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

type Lanes = [a: number, b: number, c: number, d: number];

/**
 * 128 bits in four lanes, fed with 32-bit words; MurmurHash3's x86 variant over whole blocks of four words. Not
 * cryptographic: `crypto.subtle` is asynchronous, and absent on plain http.
 */
function feed(lanes: Lanes, words: Uint32Array, count: number): void {
  let a = lanes[0];
  let b = lanes[1];
  let c = lanes[2];
  let d = lanes[3];
  for (let i = 0; i < count; i += 4) {
    a = (imul(turn(a ^ blend(words[i]!, 0x239b961b, 15, 0xab0e9789), 19) + b, 5) + 0x561ccd1b) | 0;
    b = (imul(turn(b ^ blend(words[i + 1]!, 0xab0e9789, 16, 0x38b34ae5), 17) + c, 5) + 0x0bcaa747) | 0;
    c = (imul(turn(c ^ blend(words[i + 2]!, 0x38b34ae5, 17, 0xa1e38b93), 15) + d, 5) + 0x96cd1c35) | 0;
    d = (imul(turn(d ^ blend(words[i + 3]!, 0xa1e38b93, 18, 0x239b961b), 13) + a, 5) + 0x32ac3b17) | 0;
  }
  lanes[0] = a;
  lanes[1] = b;
  lanes[2] = c;
  lanes[3] = d;
}

/** `length` enters the hash, so that padding does not count. */
function digest([a, b, c, d]: Lanes, length: number): string {
  const sum = (a ^ length) + (b ^ length) + (c ^ length) + (d ^ length);
  const first = finish(sum | 0);
  const second = finish(((b ^ length) + sum) | 0);
  const third = finish(((c ^ length) + sum) | 0);
  const fourth = finish(((d ^ length) + sum) | 0);
  const all = first + second + third + fourth;
  return hex(all) + hex(second + all) + hex(third + all) + hex(fourth + all);
}

/** Texts are moved through here, so that one loop serves both. */
const words = new Uint32Array(2048);
const units = new Uint16Array(words.buffer);

/** 128 bits over all UTF-16 code units, as 32 hexadecimal digits; the same in every engine. */
export function hashText(text: string): string {
  const lanes: Lanes = [0, 0, 0, 0];
  const { length } = text;
  for (let from = 0; from < length; from += units.length) {
    const count = Math.min(units.length, length - from);
    for (let i = 0; i < count; i++) units[i] = text.charCodeAt(from + i);
    const padded = (count + 7) & ~7;
    units.fill(0, count, padded);
    feed(lanes, words, padded / 2);
  }
  return digest(lanes, length);
}

/** 128 bits over all bytes, as 32 hexadecimal digits. */
export function hashBytes(bytes: Uint8Array): string {
  const lanes: Lanes = [0, 0, 0, 0];
  const { length } = bytes;
  // words need an aligned start
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  const whole = (length >> 4) * 4;
  feed(lanes, new Uint32Array(aligned.buffer, aligned.byteOffset, whole), whole);
  const rest = new Uint8Array(16);
  rest.set(bytes.subarray(4 * whole));
  if (4 * whole < length) feed(lanes, new Uint32Array(rest.buffer), 4);
  return digest(lanes, length);
}
