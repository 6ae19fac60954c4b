/** One sheet for all instances, adopted by their shadow roots: allowed under `style-src 'self'`. */
export function styleSheet(): CSSStyleSheet {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
:host { all: initial; position: fixed; inset: auto 12px 12px auto; z-index: 2147483000; color-scheme: inherit;
  --bg: light-dark(#fff, #16181d); --fg: light-dark(#1b1f27, #e8eaf0); --line: light-dark(#d5d9e2, #343a46);
  --quiet: light-dark(#565e6d, #a3abba); --accent: light-dark(#1f4fd1, #9db8ff); --soft: light-dark(#eef1f8, #232833);
  font: 13px/1.45 system-ui, sans-serif; color: var(--fg); }
:host([hidden]) { display: none }
* { box-sizing: border-box }
button, textarea { font: inherit; color: inherit; background: var(--soft); border: 1px solid var(--line); border-radius: 6px; padding: 2px 8px }
button { cursor: pointer } button:hover { border-color: var(--accent) } :disabled { color: var(--quiet); cursor: default }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px }
.open { padding: 6px 12px; border-radius: 99px; background: var(--bg); box-shadow: 0 2px 10px #0003 }
section { display: flex; flex-direction: column; width: min(620px, calc(100vw - 24px)); max-height: min(520px, calc(100vh - 24px));
  background: var(--bg); border: 1px solid var(--line); border-radius: 12px; box-shadow: 0 8px 30px #0004; overflow: hidden }
header { display: flex; gap: 4px; align-items: center; padding: 8px; border-bottom: 1px solid var(--line) }
[role=tablist] { display: flex; gap: 4px; flex: 1 }
[role=tab] { background: none; border-color: transparent }
[role=tab][aria-selected=true] { background: var(--soft); border-color: var(--line); color: var(--accent) }
[role=tabpanel] { overflow: auto; padding: 8px 12px 12px }
table { width: 100%; border-collapse: collapse; margin: 4px 0 12px }
caption { text-align: left; font-weight: 600; padding: 4px 0 }
th, td { text-align: left; vertical-align: top; padding: 4px 8px 4px 0; border-top: 1px solid var(--line); overflow-wrap: anywhere }
td { min-width: 5em } td:first-child { min-width: 6em } td:has(button) { white-space: nowrap }
th { color: var(--quiet); font-weight: 500 }
td button { margin: 0 4px 2px 0; padding: 0 6px } textarea { width: 100% }
p { margin: 4px 0 } .quiet { color: var(--quiet) } [role=alert] { color: light-dark(#a4161a, #ff9b9b) }
meter, progress { width: 90px } svg { display: block; width: 100%; height: 56px } polyline { fill: none; stroke: var(--accent); stroke-width: 1.5 }
@media (max-width: 480px) {
  button { min-height: 30px } thead { position: absolute; width: 1px; height: 1px; overflow: hidden; opacity: 0 }
  tr { display: flex; flex-wrap: wrap; gap: 2px 12px; border-top: 1px solid var(--line); padding: 4px 0 }
  td { min-width: 0; border: 0; padding: 0 } td:empty { display: none } td:first-child { flex: 1 0 100%; font-weight: 600 }
  td:has(button) { margin-left: auto }
  td:not(:first-child, [data-head=Value], [data-head=Actions])::before { content: attr(data-head) " "; content: attr(data-head) " " / ""; color: var(--quiet) }
}`);
  return sheet;
}
