// The playground's editor: CodeMirror in a shadow root, where its style sheets are constructed ones, which the policy allows.
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { html, htmlLanguage } from '@codemirror/lang-html';
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting } from '@codemirror/language';
import { EditorState } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view';
import { colours } from './colours.js';

const highlights = HighlightStyle.define(colours.map(({ tag, color }) => ({ tag, color })));

const theme = EditorView.theme({
  // as high as its text: the page scrolls, not a box within it
  '&': { minHeight: '100%', color: 'var(--text)', fontSize: '0.85rem' },
  '&.cm-focused': {
    outline: '3px solid var(--accent)',
    outlineOffset: '-3px',
  },
  '.cm-scroller': {
    fontFamily: 'ui-monospace, "SF Mono", "Cascadia Code", Menlo, "DejaVu Sans Mono", monospace',
    lineHeight: '1.6',
  },
  '.cm-content': { caretColor: 'var(--accent)', paddingBlock: '0.75rem' },
  '.cm-cursor': { borderLeftColor: 'var(--accent)' },
  '.cm-gutters': {
    background: 'none',
    border: 'none',
    color: 'var(--muted)',
  },
  '.cm-activeLine': { background: 'none' },
  '&.cm-focused .cm-activeLine': {
    background: 'color-mix(in srgb, var(--accent) 6%, transparent)',
  },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    background: 'color-mix(in srgb, var(--accent) 28%, transparent)',
  },
  '.cm-matchingBracket': { outline: 'none' },
  '&.cm-focused .cm-matchingBracket': {
    background: 'var(--accent-soft)',
    outline: '1px solid var(--line-strong)',
  },
});

/**
 * @param {{ host: HTMLElement, label: string, text: string, onChange(text: string): void, onRun(): void }} options
 * @returns `replace` shows another text, without a way back to the one before; `focus` puts the caret behind so many characters
 */
export function createEditor({ host, label, text, onChange, onRun }) {
  const root = host.attachShadow({ mode: 'open' });
  const run = {
    key: 'Mod-Enter',
    run: () => {
      onRun();
      return true;
    },
  };
  const stateOf = (doc) =>
    EditorState.create({
      doc,
      extensions: [
        lineNumbers(),
        history(),
        drawSelection(),
        highlightActiveLine(),
        indentOnInput(),
        bracketMatching(),
        EditorView.lineWrapping,
        html(),
        syntaxHighlighting(highlights),
        theme,
        // Tab leaves the editor, as everywhere on a page
        keymap.of([run, ...defaultKeymap, ...historyKeymap]),
        EditorView.contentAttributes.of({ 'aria-label': label }),
        EditorView.updateListener.of(({ docChanged, state }) => {
          if (docChanged) onChange(state.doc.toString());
        }),
      ],
    });
  const view = new EditorView({ root, parent: root, state: stateOf(text) });
  return {
    replace: (doc) => view.setState(stateOf(doc)),
    focus(caret) {
      view.dispatch({ selection: { anchor: caret } });
      view.focus();
    },
  };
}

/** The page with a call in each loop of its scripts, so that one without an end can be stopped. Lines stay what they are. */
export function withGuards(text) {
  const inserts = [];
  htmlLanguage.parser.parse(text).iterate({
    enter({ name, node }) {
      if (!/^(For|While|Do)Statement$/.test(name)) return;
      const body = name === 'DoStatement' ? node.firstChild.nextSibling : node.lastChild;
      if (body.name === 'Block') inserts.push([body.from + 1, '__loop();']);
      else inserts.push([body.from, '{__loop();'], [body.to, '}']);
    },
  });
  return inserts
    .sort(([a], [b]) => b - a)
    .reduce((code, [at, more]) => code.slice(0, at) + more + code.slice(at), text);
}
