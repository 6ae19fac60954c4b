// The property names of objects, sorted and quoted once for all objects that have them in one order.
import { quote } from './text.js';

/** Property names in the order in which they are written; objects of one shape share it. */
export interface Shape {
  readonly keys: readonly string[];
  readonly sorted: readonly string[];
  /** What stands before each value: of the first member, and of later ones. */
  readonly first: readonly string[];
  readonly later: readonly string[];
}

const shapes = new Map<string, Shape>();

/** The shape of these keys. */
export function shapeOf(keys: string[]): Shape {
  const known = shapes.get(keys[0]!);
  if (known && known.keys.length === keys.length) {
    let i = 0;
    while (i < keys.length && known.keys[i] === keys[i]) i++;
    if (i === keys.length) return known;
  }
  const sorted = keys.slice().sort();
  const first = sorted.map((key) => `${quote(key)}:`);
  const shape = { keys, sorted, first, later: first.map((head) => `,${head}`) };
  // where data are used as property names there are too many
  if (shapes.size > 500) shapes.clear();
  if (keys.length < 200) shapes.set(keys[0]!, shape);
  return shape;
}
