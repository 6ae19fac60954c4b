// Any text and any value as the configuration of a page.
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { config, setConfig } from '../../src/connection/index.js';
import { KeyError } from '../../src/index.js';
import { resets } from '../../src/registry.js';
import {
  allowed,
  damaged,
  expectCleanPrototypes,
  expectQuick,
  hostileText,
  hostileValue,
  longTexts,
  secret,
} from '../helpers/hostile.js';
import { inputs } from '../helpers/inputs.js';

afterEach(() => {
  document.head.replaceChildren();
  for (const reset of resets()) void reset();
});

function open(...texts: string[]): void {
  document.head.replaceChildren(
    ...texts.map((text) => {
      const element = Object.assign(document.createElement('script'), { type: 'application/json', textContent: text });
      element.dataset.tabstateConfig = '';
      return element;
    }),
  );
}

const keys = ['a', 'b', 'connections', '__proto__', 'constructor', 'toString'];

/** Reads everything, to a depth. */
function readAll(at: typeof config, depth = 3): void {
  for (const key of [...keys, ...Object.keys(at)]) {
    const value = at.get(key) as typeof config;
    // it names the key and the way to it
    for (const read of [() => at.require(key), () => at[key]])
      try {
        read();
      } catch (error) {
        expect(error).toBeInstanceOf(KeyError);
      }
    if (depth > 0 && typeof value === 'object' && value !== null && typeof value.toDict === 'function')
      readAll(value, depth - 1);
  }
  at.toDict();
}

describe('the configuration of a page', () => {
  const good = fc.constant(
    `{"a":1,"connections":{"x":{"type":"http","url":"/${secret}","headers":{"k":"v"}}},"b":[1,{"c":2}]}`,
  );
  const text = fc.oneof(hostileText, damaged(good), fc.json());

  it('[CAC-206] of any text is read, or is a TypeError without the text', () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 3 }), (texts) => {
        open(...texts);
        allowed(() => readAll(config), TypeError);
        expectCleanPrototypes();
      }),
      inputs(1000),
    );
  });

  it('[CAC-206] takes any value of setConfig, or refuses it with a TypeError', () => {
    fc.assert(
      fc.property(hostileValue, hostileValue, (one, two) => {
        open('{"a":{"b":1}}');
        for (const value of [one, { a: two }]) allowed(() => setConfig(value as never), TypeError);
        readAll(config);
        expectCleanPrototypes();
        for (const reset of resets()) void reset();
      }),
      inputs(500),
    );
  });

  it.each(longTexts)('[CAC-206] of 200,000 characters is read in linear time: %s', (_, long) => {
    for (const text of [long, `{"a":${long}}`, `{${JSON.stringify(long)}:1}`]) {
      open(text);
      expectQuick(() => allowed(() => readAll(config), TypeError));
    }
  });

  it('[CAC-206] values that are nested too deeply are a TypeError', () => {
    const deep = JSON.parse(`${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`) as object;
    open('{"a":1}');
    expect(() => setConfig(deep as never)).toThrow(TypeError);
    expect(config.a).toBe(1);
    expect(() => setConfig({ b: JSON.parse('['.repeat(50_000) + ']'.repeat(50_000)) })).toThrow(TypeError);
    expect(config.a).toBe(1);
  });
});
