/** The report's only style: system fonts, both colour schemes, black on white when printed. */
export const reportStyle = `
:root { color-scheme: light dark; --text: #1b1f24; --soft: #5b6470; --line: #d8dde3; --ground: #fff; --bar: #2f6fdb; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --text: #e6e9ee; --soft: #9aa4b2; --line: #2b323c; --ground: #11151a; --bar: #6ea8ff; --bad: #ff8a80; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 2rem 1.5rem 4rem; background: var(--ground); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
header p { color: var(--soft); margin: 0; }
.brand { letter-spacing: .08em; text-transform: uppercase; font-size: .8rem; }
h1 { font-size: 2rem; line-height: 1.2; margin: .25rem 0 .5rem; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 2.5rem 0 .75rem; }
.figures { display: flex; flex-wrap: wrap; gap: 1rem 3rem; margin: 2rem 0 0; }
.figures dt { color: var(--soft); font-size: .9rem; }
.figures dd { margin: 0; font-size: 1.8rem; font-variant-numeric: tabular-nums; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .95rem; }
th { text-align: left; font-weight: 600; }
thead th { color: var(--soft); font-weight: 500; border-bottom: 1px solid var(--line); }
th, td { padding: .35rem 1rem .35rem 0; vertical-align: top; overflow-wrap: anywhere; }
tbody tr + tr td { border-top: 1px solid var(--line); }
.n { font-variant-numeric: tabular-nums; white-space: nowrap; }
.bars th { width: 12rem; } .bars td.n { width: 7rem; text-align: right; padding-right: 0; } .bars tr td { border: 0 !important; }
.bar { display: block; height: 1.1rem; background: var(--bar); border-radius: 2px; }
.density { display: flex; align-items: flex-end; gap: 3px; height: 8rem; margin: 0; padding: 0; list-style: none; }
.density li { flex: 1; height: 100%; display: flex; flex-direction: column; justify-content: flex-end; }
.density span { background: var(--bar); border-radius: 2px 2px 0 0; }
.density b { font-weight: 400; font-size: .75rem; color: var(--soft); text-align: center; }
.state.failed, .state.missing, .state.quarantined, .state.partial { color: var(--bad); font-weight: 600; }
.more { color: var(--soft); }
.pair { display: flex; flex-wrap: wrap; gap: 1rem; }
.pair figure { flex: 1 1 20rem; margin: 0; max-width: 40rem; } .pair img { display: block; width: 100%; border-radius: 4px; } .pair figcaption { color: var(--soft); font-size: .9rem; }
code { font-size: .8rem; overflow-wrap: anywhere; }
@media print { :root { --text: #000; --soft: #444; --line: #bbb; --ground: #fff; --bar: #555; --bad: #000; } body { padding: 0; max-width: none; } .bar, .density span { print-color-adjust: exact; } section { break-inside: auto; } tr, h2 { break-inside: avoid; break-after: auto; } h2 { break-after: avoid; } .wide { overflow: visible; } }
`;
