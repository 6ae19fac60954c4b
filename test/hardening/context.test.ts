// Cookies, metas and headers that somebody else has written.
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { endOtherSpellings, parseCookies } from '../../src/browser/cookie-text.js';
import { cookiesText, createCookies } from '../../src/context/cookies.js';
import { createHeaders, headersText } from '../../src/context/headers.js';
import { createReadonlyDict, type ReadonlyDict, type ReadonlyDictSource } from '../../src/context/readonly-dict.js';
import { createUrl } from '../../src/context/visitor.js';
import { KeyError } from '../../src/index.js';
import {
  allowed,
  damaged,
  expectCleanPrototypes,
  expectQuick,
  hostileText,
  longTexts,
  secret,
} from '../helpers/hostile.js';
import { inputs } from '../helpers/inputs.js';

function readAll(dict: ReadonlyDict, source: ReadonlyDictSource): void {
  for (const [name, list] of source.all()) {
    expect([dict.get(name), dict.getAll(name)[0], dict.has(name)]).toEqual([list[0], list[0], true]);
    expect(dict.require(name)).toBe(list[0]);
  }
  expect([...dict].length).toBe(source.all().size);
  expect(Object.getPrototypeOf(dict.toDict())).toBe(Object.prototype);
  for (const name of ['__proto__', 'constructor', 'toString', 'length'])
    if (!source.all().has(source.keyOf?.(name) ?? name)) {
      expect(dict.get(name)).toBeUndefined();
      allowed(() => dict.require(name), KeyError);
    }
  expectCleanPrototypes();
}

describe('cookies of somebody else', () => {
  const good = fc.constant(`a=1; user[name]=${secret}; b="q"; %41=x; c=a%20b; d`);
  const text = fc.oneof(
    hostileText,
    damaged(good),
    fc.array(hostileText).map((list) => list.join('; ')),
  );

  it('[CTX-10] are read without an error', () => {
    fc.assert(
      fc.property(text, (cookie) => {
        const source = createCookies(
          () => ({ cookie }) as Document,
          () => {},
        );
        readAll(createReadonlyDict(cookiesText, source), source);
        for (const name of parseCookies(cookie).keys())
          expect(typeof endOtherSpellings('', name, 'x=')).toBe('boolean');
      }),
      inputs(2000),
    );
  });

  it.each(longTexts)('[CTX-10] of 200,000 characters take linear time: %s', (_, long) => {
    for (const cookie of [long, `a=${long}`, `${long}=a`, `a="${long}"`])
      expectQuick(() => {
        parseCookies(cookie);
        endOtherSpellings(cookie, 'a', '%61=1; path=/');
      });
  });
});

describe('headers of somebody else', () => {
  afterEach(() => {
    document.head.replaceChildren();
  });
  const header = fc.record({
    name: hostileText,
    content: hostileText,
    kind: fc.constantFrom('name', 'http-equiv', 'server-timing'),
  });

  const pageOf = (timings: { name: string; description: string }[]): Document =>
    ({
      head: document.head,
      readyState: 'complete',
      defaultView: { performance: { getEntriesByType: () => [{ serverTiming: timings }] } },
    }) as unknown as Document;

  it('[CTX-17] are read without an error', () => {
    fc.assert(
      fc.property(fc.array(header, { maxLength: 6 }), (list) => {
        document.head.replaceChildren();
        for (const { name, content, kind } of list) {
          if (kind === 'server-timing') continue;
          const meta = document.createElement('meta');
          meta.setAttribute(kind, name);
          // what these two say is obeyed
          if (/refresh|policy/i.test(name)) continue;
          meta.content = content;
          document.head.append(meta);
        }
        const timings = list.flatMap(({ name, content, kind }) =>
          kind === 'server-timing' ? { name, description: content } : [],
        );
        const source = createHeaders(() => pageOf(timings));
        readAll(createReadonlyDict(headersText, source), source);
      }),
      inputs(500),
    );
  });

  it.each(longTexts)('[CTX-17] of 200,000 characters take linear time: %s', (_, long) => {
    expectQuick(() => {
      for (const [name, description] of [
        [long, 'x'],
        ['x', long],
      ] as const)
        createHeaders(() => pageOf([{ name, description }])).all();
      createUrl()({ URL: `http://${long}` } as Document);
      createUrl()({ URL: `${long}://x` } as Document);
    });
  });
});
