// param.schema with three libraries.
import { type } from 'arktype';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { param, QueryParamValueError, type StandardSchema } from '../../src/index.js';
import { fakePage } from '../helpers/fake-address.js';

const objects = {
  zod: z.object({ a: z.number() }),
  valibot: v.object({ a: v.number() }),
  arktype: type({ a: 'number' }),
} satisfies Record<string, StandardSchema>;

const words = {
  zod: z.array(z.string()).optional(),
  valibot: v.optional(v.array(v.string())),
  arktype: type('string[] | undefined'),
} satisfies Record<string, StandardSchema>;

describe.each(['zod', 'valibot', 'arktype'] as const)('param.schema of %s', (library) => {
  it('[QRY-109] reads what the schema accepts', () => {
    const { q, address, flushed } = fakePage('?w={"a":1}');
    const view = q.define({ w: param.schema(objects[library] as StandardSchema<{ a: number }>) });
    expect(view.w).toEqual({ a: 1 });
    address.goto('?w={"a":"x"}');
    expect(view.w).toBeUndefined();
    address.goto('?w=x');
    expect(view.w).toBeUndefined();
    view.w = { a: 2 };
    expect(flushed()).toBe('?w=%7B%22a%22%3A2%7D');
    expect(view.w).toEqual({ a: 2 });
    expect(() => {
      (view as { w: unknown }).w = { a: 'x' };
    }).toThrow(QueryParamValueError);
    expect(flushed()).toBe('?w=%7B%22a%22%3A2%7D');
  });

  it('[QRY-109] tries the text, its JSON, then the list of texts', () => {
    const { q, address } = fakePage('?w=a&w=b');
    const view = q.define({ w: param.schema(words[library] as StandardSchema<string[]>) });
    expect(view.w).toEqual(['a', 'b']);
    address.goto('?w=["c"]');
    expect(view.w).toEqual(['c']);
  });
});

describe('param.schema', () => {
  it('[QRY-110] refuses asynchronous schemas', () => {
    const later = z.string().refine(async () => true);
    const checked = v.pipeAsync(
      v.string(),
      v.checkAsync(async () => true),
    );
    expect(() => param.schema(z.unknown().refine(async () => true) as never)).toThrow(TypeError);
    expect(() => param.schema(checked as never)).toThrow(TypeError);
    // seen only where there is a text
    const { q, address } = fakePage();
    const ref = q.ref('w', param.schema(later as never));
    expect(ref.get()).toBeUndefined();
    address.goto('?w=x');
    expect(() => ref.get()).toThrow(/"w" is asynchronous/);
    expect(() => ref.set('y' as never)).toThrow(TypeError);
  });

  it('[QRY-110] refuses asynchronous schemas in lists', () => {
    const later = z.string().refine(async () => true);
    const { q, address } = fakePage();
    for (const options of [{}, { separator: ',' }]) {
      const ref = q.ref('w', param.list(param.schema(later as never), options));
      expect(ref.get()).toBeUndefined();
      address.goto('?w=x');
      expect(() => ref.get()).toThrow(/"w" is asynchronous/);
      expect(() => ref.set(['y'] as never)).toThrow(/"w" is asynchronous/);
      address.goto('?');
    }
  });

  it('[QRY-109] what a schema chokes on it refuses', () => {
    const cities = v.pipe(
      v.any(),
      v.transform((value: { city: string }) => value.city.trim()),
    );
    const { q, flushed } = fakePage('?w={"city":"Bonn"}&n=x');
    const ref = q.ref('w', param.schema(cities));
    expect(ref.get()).toBe('Bonn');
    expect(q.ref('n', param.schema(cities)).get()).toBeUndefined();
    expect(() => ref.set('Ulm')).toThrow(QueryParamValueError);
    expect(flushed()).toBe('?w={%22city%22:%22Bonn%22}&n=x');
  });

  it('the default is what it makes of undefined', () => {
    const { q, flushed } = fakePage();
    const view = q.define({ n: param.schema(z.number().default(3)), s: param.schema(z.string().optional()) });
    expect(view.n).toBe(3);
    expect(view.ref('n').init).toBe(3);
    view.n = 4;
    expect(flushed()).toBe('?n=4');
    view.n = 3;
    expect(flushed()).toBe('');
    expect(view.s).toBeUndefined();
    view.s = '5';
    expect(flushed()).toBe('?s=5');
    expect(view.s).toBe('5');
  });

  it('Dates are ISO texts', () => {
    const { q, flushed } = fakePage();
    const view = q.define({ at: param.schema(z.union([z.date(), z.string().transform((text) => new Date(text))])) });
    (view as { at: unknown }).at = new Date(0);
    expect(flushed()).toBe('?at=1970-01-01T00%3A00%3A00.000Z');
    expect(view.at).toEqual(new Date(0));
  });

  it('param.json checks with a schema, and drops __proto__', () => {
    const { q, address } = fakePage('?w={"a":1,"__proto__":{"x":1}}');
    const plain = q.ref('w', param.json<Record<string, unknown>>());
    expect(plain.get()).toEqual({ a: 1 });
    expect((plain.get() as Record<string, unknown>).x).toBeUndefined();
    const checked = q.ref('w', param.json(z.object({ a: z.number() })));
    expect(checked.get()).toEqual({ a: 1 });
    address.goto('?w={"a":"1"}');
    expect(checked.get()).toBeUndefined();
    expect(() => plain.set((() => {}) as never)).toThrow(QueryParamValueError);
  });
});
