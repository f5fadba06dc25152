/** How `session.html` looks: as the demo does, by day, by night and on paper. */
export const sessionStyles: string = `
:root { color-scheme: light dark; --paper: #f6f2ea; --panel: #fffdf8; --sunken: #efe9dd; --ink: #1d2127; --muted: #585d64; --line: #dcd4c5; --accent: #8c2f1b; --ok: #1c6546; --ok-soft: #dcefe2; --warn: #7a4f00; --warn-soft: #fbecc8; --bad: #9c2330; --bad-soft: #fae0de; --check-a: #e9e4d9; --check-b: #f8f5ee; --shadow: 0 1px 2px rgb(60 45 20 / 8%), 0 8px 24px rgb(60 45 20 / 6%); }
@media screen and (prefers-color-scheme: dark) {
  :root { --paper: #11141b; --panel: #1a1e28; --sunken: #141821; --ink: #ece8df; --muted: #a9aeb9; --line: #2c3341; --accent: #ffbe7d; --ok: #7fd3a5; --ok-soft: #163427; --warn: #f0c469; --warn-soft: #3a2e12; --bad: #ff9a94; --bad-soft: #40191c; --check-a: #262c38; --check-b: #1f2430; --shadow: 0 1px 2px rgb(0 0 0 / 40%), 0 8px 24px rgb(0 0 0 / 25%); }
}
*, *::before, *::after { box-sizing: border-box; }
html { background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif; -webkit-text-size-adjust: 100%; }
body { margin: 0 auto; max-width: 78rem; padding: clamp(1rem, 3vw, 2.5rem) clamp(.75rem, 3vw, 2rem); overflow-wrap: anywhere; }
h1, h2, p, dl, dd, figure { margin: 0; }
h1 { font: 600 clamp(1.35rem, 1.1rem + 1vw, 1.9rem)/1.3 ui-serif, 'Iowan Old Style', Georgia, 'Noto Serif CJK SC', 'Songti SC', serif; text-wrap: balance; }
h2 { font-size: 1.05rem; line-height: 1.3; }
a { color: var(--accent); }
a:focus-visible, summary:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
header, figure { background: var(--panel); border: 1px solid var(--line); border-radius: 14px; box-shadow: var(--shadow); }
header { display: grid; gap: .75rem; padding: clamp(1rem, 2.5vw, 1.75rem); margin-bottom: 1.25rem; }
.id, .small { color: var(--muted); font-size: .875rem; }
.facts { display: flex; flex-wrap: wrap; gap: .5rem 2rem; }
.facts dt { color: var(--muted); font-size: .8125rem; }
.facts dd { font-weight: 600; }
.links { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; }
main { display: grid; gap: 1.25rem; grid-template-columns: repeat(auto-fill, minmax(min(15rem, 100%), 1fr)); align-items: start; }
figure { overflow: hidden; }
figure.failed { border-color: var(--bad); }
figure.scene-reference { grid-column: span 2; grid-row: span 2; }
img, .none { display: block; width: 100%; background: repeating-conic-gradient(var(--check-a) 0 25%, var(--check-b) 0 50%) 0 0 / 1.25rem 1.25rem; }
figure.stale img, figure.superseded img { opacity: .55; }
.none { display: grid; place-items: center; aspect-ratio: 1; background: var(--sunken); color: var(--muted); }
figcaption { display: grid; gap: .5rem; padding: .875rem 1rem 1rem; }
.badges { display: flex; flex-wrap: wrap; gap: .375rem; }
.badge { border-radius: 9px; padding: .1rem .55rem; font-size: .8125rem; background: var(--sunken); color: var(--ink); }
.badge.ok { background: var(--ok-soft); color: var(--ok); }
.badge.warn { background: var(--warn-soft); color: var(--warn); }
.badge.bad { background: var(--bad-soft); color: var(--bad); }
summary { cursor: pointer; font-size: .875rem; color: var(--accent); }
.scene { margin-top: .6rem; white-space: pre-wrap; }
details dl { display: grid; gap: .4rem; margin-top: .6rem; padding-top: .6rem; border-top: 1px solid var(--line); font-size: .8125rem; }
details dt { color: var(--muted); }
details dd + dt { margin-top: .15rem; }
:lang(zh) :is(h1, h2, .badge, dt, summary) { word-break: keep-all; overflow-wrap: anywhere; line-break: strict; }
@media (max-width: 34rem) { figure.scene-reference { grid-column: 1 / -1; } }
@media print {
  :root { --paper: #fff; --panel: #fff; --shadow: none; }
  html { font-size: 11px; }
  body { max-width: none; padding: 0; }
  main { display: block; columns: 3; column-gap: 1rem; }
  header, figure { break-inside: avoid; }
  figure { margin-bottom: 1rem; }
  figure.scene-reference { column-span: all; display: grid; grid-template-columns: 2fr 3fr; }
  details dl div { display: grid; grid-template-columns: 7em 1fr; }
  .links, summary { display: none; }
  img, .badge { print-color-adjust: exact; }
  /* What is shown on demand is on paper always. */
  details::details-content { display: block; content-visibility: visible; block-size: auto; }
}
`;
