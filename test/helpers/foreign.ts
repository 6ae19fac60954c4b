// Values of another global object: of a frame in a browser, of a context in Node.
import { afterAll } from 'vitest';

/** Runs code in another global object, one for each file, and gives what it evaluates to. */
export async function foreignRealm(): Promise<(code: string) => unknown> {
  if (typeof document !== 'undefined') {
    const frame = document.body.appendChild(document.createElement('iframe'));
    afterAll(() => frame.remove());
    return (code) => (frame.contentWindow as unknown as { eval(text: string): unknown }).eval(code);
  }
  const name = 'node:vm'; // not for a bundler
  const vm = (await import(/* @vite-ignore */ name)) as typeof import('node:vm');
  const context = vm.createContext();
  return (code) => vm.runInContext(code, context) as unknown;
}
