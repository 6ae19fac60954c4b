// The inspector, whatever a page holds.
import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import { cacheData, cacheResource, context, queryParams, sessionState } from '../../src/index.js';
import { defineInspector } from '../../src/inspector/index.js';
import { expectCleanPrototypes, hostileText, hostileValue, uncaughtErrors } from '../helpers/hostile.js';
import { inputs } from '../helpers/inputs.js';

const troubles = uncaughtErrors();

const markup = [
  '<img src=x onerror="window.ran=1">',
  '<script>window.ran=1</script>',
  '"><svg onload="window.ran=1">',
  'javascript:window.ran=1',
];
// WebKit's \p{Surrogate} passes over one before U+FEFF
const encoded = (name: string): string =>
  encodeURIComponent([...name].filter((char) => !/^[\ud800-\udfff]$/.test(char)).join(''));
const text = fc.oneof(hostileText, fc.constantFrom(...markup));

it('shows whatever a page holds as text', async ({ onTestFinished }) => {
  // of values that cannot be stored, thousands of times in a long run; they name keys
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  onTestFinished(() => warn.mockRestore());
  defineInspector();
  void context.cookies;
  const label = fc.tuple(text, text).map((pair) => pair.join(''));
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(text, fc.oneof(text, hostileValue)), { maxLength: 4 }),
      label,
      async (pairs, name) => {
        for (const [key, value] of pairs) {
          try {
            sessionState.set(key, value);
          } catch (error) {
            expect(error).toBeInstanceOf(TypeError);
          }
          document.cookie = `${encoded(key)}=${encoded(key).slice(0, 20)}`;
        }
        try {
          history.replaceState(history.state, '', `?${pairs.map(([key]) => encoded(key)).join('&')}`);
        } catch {
          // WebKit takes 100 in ten seconds: in a long run this input meets an address of before
        }
        queryParams.toString();
        const data = cacheData(async (x: unknown) => x, { name: name || 'f', persist: false });
        const resource = cacheResource((x: string) => ({ [x]: x }), { name: name || 'r' });
        for (const [key, value] of pairs) {
          await data(value).catch(() => {
            // what cannot be a key or a result is refused
          });
          resource(key);
        }
        const inspector = document.body.appendChild(document.createElement('tabstate-inspector'));
        const root = inspector.shadowRoot as ShadowRoot;
        (root.querySelector('button') as HTMLButtonElement).click();
        for (const tab of root.querySelectorAll<HTMLButtonElement>('[role=tab]')) {
          tab.click();
          for (const button of root.querySelectorAll<HTMLButtonElement>('table button'))
            if (/^(Reveal|Show|Edit)/.test(button.textContent ?? '')) button.click();
          expect(root.querySelector('img, script, svg:not([role]), iframe')).toBeNull();
        }
        inspector.remove();
        sessionState.clear();
        cacheResource.clear();
        await cacheData.clear();
        expect(Object.hasOwn(window, 'ran')).toBe(false);
        expectCleanPrototypes();
        expect(troubles).toEqual([]);
      },
    ),
    inputs(25),
  );
});
