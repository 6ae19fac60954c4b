// The inspector's panel of sessionState.
import { button, bytesText, covered, h, preview, redraw, table, typeText } from './dom.js';
import { instances, type Panel, redrawn, rowsAtOnce } from './page.js';

/** The text that a key has in storage; `null` for keys that live in memory only, such as passwords. */
function textOf(key: string): string | null {
  try {
    return sessionStorage.getItem(`tabstate:${key}`);
  } catch {
    // storage is denied: everything lives in memory
    return null;
  }
}

export const sessionPanel: Panel = {
  title: 'Session',
  render(root) {
    const { sessionState } = instances();
    if (!sessionState) {
      root.replaceChildren(h('p', {}, 'sessionState is not used on this page.'));
      return () => {};
    }
    let shown = rowsAtOnce;
    let editing: string | undefined;

    // one key for all of them: the focus goes from the button into the text, and back when it is saved
    const edits = (key: string): string => `Edit ${key}`;
    const jsonOf = (key: string): string => {
      try {
        return JSON.stringify(sessionState.get(key)) ?? '';
      } catch {
        // big integers and cycles are no JSON: what is entered replaces them
        return '';
      }
    };

    const editor = (key: string): HTMLElement => {
      const area = h('textarea', {
        value: jsonOf(key),
        rows: 3,
        'aria-label': `Value of ${key} as JSON`,
        'data-key': edits(key),
      });
      const problem = h('p', { role: 'alert' });
      const save = (): void => {
        try {
          sessionState.set(key, JSON.parse(area.value));
        } catch (error) {
          problem.textContent = error instanceof SyntaxError ? 'This is not JSON; nothing was changed.' : String(error);
          return;
        }
        editing = undefined;
        again();
      };
      const cancel = (): void => {
        editing = undefined;
        again();
      };
      return h(
        'div',
        {},
        area,
        problem,
        button('Save', `Save ${key}`, save, edits(key)),
        button('Cancel', 'Cancel', cancel, edits(key)),
      );
    };

    const draw = (): void => {
      if (editing !== undefined && root.querySelector('textarea')) return; // do not take a half-written value away
      const keys = [...sessionState].map(([key]) => key);
      const rows = keys.slice(0, shown).map((key) => {
        const value = sessionState.get(key);
        const text = textOf(key);
        const where = text === null ? 'memory only' : bytesText(2 * (text.length + key.length));
        const content = text === null ? covered(key, () => preview(value)) : preview(value);
        return [
          key,
          typeText(value),
          where,
          key === editing ? editor(key) : content,
          [
            button('Edit', edits(key), () => {
              editing = key;
              root.querySelector('textarea')?.remove();
              draw();
            }),
            button('Delete', `Delete ${key}`, () => sessionState.delete(key)),
          ],
        ];
      });
      const more = button('Show more', 'Show more keys', () => {
        shown += rowsAtOnce;
        draw();
      });
      redraw(
        root,
        h('p', {}, keys.length === 0 ? 'No keys yet.' : `${keys.length} keys in this tab`),
        ...(keys.length ? [table('Session state', ['Key', 'Type', 'Size', 'Value', 'Actions'], rows)] : []),
        ...(keys.length > shown ? [more] : []),
      );
    };
    const { again, stop } = redrawn(draw);
    const off = sessionState.subscribe(again);
    return () => {
      off();
      stop();
    };
  },
};
