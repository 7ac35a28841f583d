/** How the report looks: light and dark, on a wide screen, a phone and paper. */
export const style = `
:root {
  color-scheme: light dark;
  --page: #ffffff; --panel: #f5f6f8; --text: #1b1f26; --muted: #5a6372; --rule: #dfe3e8;
  --first: #2563c9; --second: #c2410c; --third: #7c3aed; --right: #2563c9; --wrong: #e0560f;
  --good: #18794e; --warn: #9a5b00; --bad: #c0272d;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14171c; --panel: #1c2027; --text: #e7eaef; --muted: #a0a9b8; --rule: #333a45;
    --first: #6ea8ff; --second: #ff9a5c; --third: #c4a5ff; --right: #3f7fe0; --wrong: #d9581a;
    --good: #4cc38a; --warn: #f0b44c; --bad: #ff7a7a;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 72rem; background: var(--page); color: var(--text);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; overflow-wrap: anywhere;
}
h1 { margin: 0; font-size: 1.75rem; line-height: 1.25; }
h2 { margin: 3rem 0 0.75rem; font-size: 1.25rem; }
p { margin: 0.5rem 0; }
small { font-size: 0.8125rem; color: var(--muted); font-weight: normal; }
.lead { color: var(--muted); }
.status { margin: 1rem 0; padding: 0.6rem 0.9rem; border-left: 4px solid var(--tone); background: var(--panel); }
.note { white-space: pre-wrap; }
.finished, .tested { --tone: var(--good); }
.stopped, .running, .starting, .paused { --tone: var(--warn); }
.failed { --tone: var(--bad); }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: 0.75rem; margin: 1.25rem 0 0; }
.figures div { max-width: 24rem; padding: 0.75rem 0.9rem; border-radius: 8px; background: var(--panel); }
.figures dt { font-size: 0.875rem; color: var(--muted); }
.figures dd { margin: 0; font-size: 1.5rem; font-weight: 600; line-height: 1.3; }
.figures dd small { display: block; }
.legend { font-size: 0.875rem; color: var(--muted); }
.legend span { display: inline-block; margin-right: 1.2em; }
.key { display: inline-block; width: 1.1em; height: 0.7em; margin-right: 0.4em; border-radius: 2px; }
.key-line { background: linear-gradient(transparent 35%, var(--first) 35% 65%, transparent 65%), color-mix(in srgb, var(--first) 25%, transparent); }
.key-validation { background: linear-gradient(transparent 35%, var(--second) 35% 65%, transparent 65%); }
.key-best { width: 0.8em; height: 0.8em; border-radius: 50%; border: 2px solid var(--second); vertical-align: -0.08em; }
.key-test { width: 0.75em; height: 0.75em; border-radius: 50%; background: var(--third); }
.key-rule { width: 0; height: 1em; border-left: 2px dotted var(--muted); border-radius: 0; vertical-align: -0.15em; }
.key-right { background: var(--right); }
.key-wrong { background: var(--wrong); }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr)); gap: 1.5rem; }
figure { margin: 0; }
.charts figure { max-width: 42rem; }
.charts figcaption { font-weight: 600; }
svg { display: block; width: 100%; height: auto; overflow: visible; }
svg text { fill: var(--muted); font-size: 13px; font-variant-numeric: tabular-nums; }
.grid { stroke: var(--rule); fill: none; }
.axis { stroke: var(--muted); fill: none; }
.rule { stroke: var(--muted); stroke-dasharray: 1 5; stroke-linecap: round; stroke-width: 1.5; fill: none; }
.line { stroke: var(--first); stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; fill: none; }
.band { fill: var(--first); opacity: 0.18; }
.dot { fill: var(--first); }
.second { --first: var(--second); }
.third { --first: var(--third); }
.bar { fill: var(--first); opacity: 0.8; }
.points { stroke: var(--first); stroke-width: 4; stroke-linecap: round; stroke-opacity: 0.5; fill: none; }
svg .label { fill: var(--first); font-weight: 600; }
svg .label, svg .level { paint-order: stroke; stroke: var(--page); stroke-width: 4; stroke-linejoin: round; }
.best { --mark: var(--second); }
.test { --mark: var(--third); }
.mark circle { fill: var(--mark); stroke: var(--page); stroke-width: 2; }
.mark.best circle { fill: var(--page); stroke: var(--mark); }
svg .label.best, svg .label.test { fill: var(--mark); }
.mark text { fill: var(--mark); font-weight: 600; paint-order: stroke; stroke: var(--page); stroke-width: 4; stroke-linejoin: round; }
.scroll { overflow-x: auto; margin: 1rem 0; }
table { overflow-wrap: normal; border-collapse: collapse; font-variant-numeric: tabular-nums; }
caption { padding-bottom: 0.4rem; text-align: left; font-size: 0.875rem; color: var(--muted); }
th, td { padding: 0.3rem 0.7rem; text-align: right; border-bottom: 1px solid var(--rule); white-space: nowrap; }
thead th { color: var(--muted); font-weight: 600; vertical-align: bottom; }
.layers :is(th, td):nth-child(-n + 3) { text-align: left; }
.layers tbody tr:last-child :is(th, td) { font-weight: 600; border-bottom: none; }
.matrix caption { width: max-content; max-width: min(40rem, 80vw); }
.matrix th, .matrix td { padding: 0.35rem 0.5rem; width: 3.4rem; }
.right { background: color-mix(in srgb, var(--right) var(--shade), var(--page)); }
.wrong { background: color-mix(in srgb, var(--wrong) var(--shade), var(--page)); }
.none { color: var(--muted); }
summary { cursor: pointer; color: var(--muted); font-size: 0.875rem; }
details { margin-top: 1rem; }
.examples { display: grid; grid-template-columns: repeat(auto-fill, minmax(16rem, 1fr)); gap: 1rem 1.25rem; padding: 0; list-style: none; }
.examples figure { display: flex; flex-wrap: wrap; gap: 0.5rem 0.75rem; align-items: center; }
.examples img { flex: none; max-width: 100%; border-radius: 4px; image-rendering: pixelated; outline: 1px solid var(--rule); }
.examples figcaption { flex: 1 1 6.5rem; font-size: 0.9375rem; line-height: 1.4; font-variant-numeric: tabular-nums; }
.examples figcaption :is(img, svg) { display: inline-block; vertical-align: middle; }
.examples small { font-size: 0.75rem; }
.examples q { flex: 1 1 100%; quotes: none; white-space: pre-wrap; }
svg.small { flex: none; width: auto; height: 84px; max-width: 100%; border-radius: 4px; background: var(--panel); }
.row caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.row { font-size: 0.8125rem; }
.row :is(th, td) { padding: 0.15rem 0.5rem 0.15rem 0; }
.row th { color: var(--muted); font-weight: normal; text-align: left; }
.part { display: block; }
.samples { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(16rem, 100%), 1fr)); gap: 1rem; padding: 0; list-style: none; }
.samples img { display: block; width: 100%; height: auto; border-radius: 4px; }
figure.text { margin: 0 0 1rem; }
figure.text figcaption { font-size: 0.875rem; color: var(--muted); font-variant-numeric: tabular-nums; }
figure.text blockquote { margin: 0.25rem 0 0; padding-left: 0.75rem; border-left: 3px solid var(--rule); white-space: pre-wrap; overflow-wrap: anywhere; }
.samples figcaption { margin-top: 0.25rem; font-size: 0.875rem; color: var(--muted); font-variant-numeric: tabular-nums; }
.taken { color: var(--second); }
.probability { white-space: nowrap; color: var(--muted); font-size: 0.875rem; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); gap: 0 2.5rem; }
.facts h2 { margin-bottom: 0.25rem; }
.facts dl { margin: 0; }
.facts dl div { display: flex; justify-content: space-between; gap: 1rem; padding: 0.3rem 0; border-bottom: 1px solid var(--rule); }
.facts dt { flex: none; max-width: 60%; color: var(--muted); }
.facts dd { margin: 0; text-align: right; font-variant-numeric: tabular-nums; }
code { font-size: 0.9em; }
@media (max-width: 40rem) {
  body { padding: 1.25rem 0.875rem 3rem; }
  h2 { margin-top: 2.25rem; }
  .figures { grid-template-columns: 1fr 1fr; }
  .charts svg text { font-size: 17px; }
  .charts svg .label { font-size: 15px; }
  table { font-size: 0.75rem; }
  th, td { padding: 0.3rem 0.4rem; }
  .matrix { width: 100%; font-size: 0.65rem; }
  .matrix caption { width: max-content; max-width: min(40rem, 80vw); }
.matrix th, .matrix td { padding: 0.4rem 2px; width: auto; }
  .samples { grid-template-columns: 1fr 1fr; gap: 0.75rem; }
  .examples { grid-template-columns: repeat(auto-fill, minmax(10rem, 1fr)); gap: 1.25rem 0.75rem; }
  .examples figure { flex-direction: column; align-items: flex-start; gap: 0.4rem; font-size: 0.875rem; }
}
@media (forced-colors: active) { .key, .matrix td { forced-color-adjust: none; } .matrix td { color: var(--text); } }
@media print { body { max-width: none; } section, figure { break-inside: avoid; } }
`
