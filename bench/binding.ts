// Bound controls.
import { bind, createSessionState } from '../src/index.js';
import { line, suite } from './harness/suite.js';

const state = createSessionState({ prefix: 'bench:' });
let box: HTMLElement;
let end: (() => void) | undefined;
let count = 0;

const fill = (html: string): void => {
  box = document.body.appendChild(document.createElement('div'));
  box.innerHTML = html;
};
const empty = (): void => {
  end?.();
  end = undefined;
  box.remove();
  state.clear();
  sessionStorage.clear();
};
/** What a keystroke does. */
const press = (input: HTMLInputElement): void => {
  input.value = `text ${count++ % 1000}`;
  input.dispatchEvent(new Event('input', { bubbles: true }));
};
const pair = (name: string): string => `<input id=${name}-from data-key=${name}><input id=${name}-to data-key=${name}>`;
const input = (id: string): HTMLInputElement => document.querySelector<HTMLInputElement>(`#${id}`)!;

const many = 1000;
const inputs = Array.from({ length: many }, (_, i) => `<input data-key=k${i}>`).join('');
const memory: Record<string, string> = {};

export default suite('binding', [
  line('a keystroke: to the state, one linked input and storage', {
    setup() {
      fill(pair('tabstate') + pair('raw'));
      end = bind(state, box.querySelectorAll('[data-key=tabstate]'));
      const from = input('raw-from');
      const to = input('raw-to');
      from.addEventListener('input', () => {
        memory['raw'] = from.value;
        to.value = from.value;
        sessionStorage.setItem('raw', JSON.stringify(from.value));
      });
    },
    teardown: empty,
    contenders: {
      tabstate: async () => {
        press(input('tabstate-from'));
        // stored in the microtask after it
        await undefined;
      },
      'hand-written': async () => {
        press(input('raw-from'));
        await undefined;
      },
    },
    targets: { 'hand-written': 1.3 },
  }),
  line('bind(document) with 1,000 inputs', {
    setup() {
      fill(inputs);
      for (let i = 0; i < many; i++) {
        state.set(`k${i}`, `value ${i}`);
        memory[`k${i}`] = `value ${i}`;
      }
    },
    teardown: empty,
    perBatch: 1,
    contenders: {
      tabstate: {
        before() {
          for (const field of box.querySelectorAll('input')) field.value = '';
        },
        run: () => {
          end = bind(state, document);
        },
        after: () => end?.(),
      },
      loop: {
        before() {
          box.innerHTML = inputs;
        },
        run: () => {
          for (const field of box.querySelectorAll<HTMLInputElement>('[data-key]')) {
            const key = field.getAttribute('data-key')!;
            field.value = memory[key]!;
            field.addEventListener('input', () => {
              memory[key] = field.value;
            });
          }
        },
      },
    },
    targets: { loop: 2 },
  }),
]);
