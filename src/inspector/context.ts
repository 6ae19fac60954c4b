// The inspector's panel of `context`.
import { covered, h, preview, redraw, table } from './dom.js';
import { instances, type Panel, redrawn } from './page.js';

export const contextPanel: Panel = {
  title: 'Context',
  render(root) {
    const { context } = instances();
    if (!context) {
      root.replaceChildren(h('p', {}, 'context is not used on this page.'));
      return () => {};
    }
    const draw = (): void => {
      const { cookies, headers, theme, ...facts } = context.toDict() as Record<string, Record<string, string>>;
      redraw(
        root,
        table(
          'Facts',
          ['Fact', 'Value'],
          [
            ...Object.entries(facts).map(([name, value]) => [name, preview(value)]),
            ['theme', preview(theme?.['type'] ?? null)],
          ],
        ),
        table(
          'Headers',
          ['Header', 'Value'],
          Object.entries(headers ?? {}).map(([name, value]) => [name, preview(value)]),
        ),
        table(
          'Cookies',
          ['Cookie', 'Value'],
          Object.entries(cookies ?? {}).map(([name, value]) => [name, covered(name, () => preview(value))]),
        ),
      );
    };
    const { again, stop } = redrawn(draw);
    const ends = (['cookies', 'headers', 'locale', 'theme', 'timezone', 'url'] as const).map((name) =>
      context.subscribe(name, again),
    );
    return () => {
      for (const end of ends) end();
      stop();
    };
  },
};
