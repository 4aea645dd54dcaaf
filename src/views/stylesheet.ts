/** The one stylesheet of every HTML page: inline, light and dark, printable, no fonts and no pictures. */

// The text of a plot shrinks with it: narrower than .plot svg nobody reads it, so the plot is moved instead.
export const STYLESHEET = `
:root{color-scheme:light dark;--ink:#1c2024;--soft:#5a646e;--line:#d7dce0;--paper:#fff;--panel:#f5f7f8;--good:#0b6b3a;--bad:#b3201b;--caution:#875400;--unsure:#6a3aa8;--accent:#0a5ca8}
@media (prefers-color-scheme:dark){:root{--ink:#e8ebee;--soft:#a3adb6;--line:#3a424a;--paper:#14181b;--panel:#1d2226;--good:#5fd39a;--bad:#ff8f87;--caution:#f0b95a;--unsure:#c9a6ff;--accent:#7fbfff}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:60rem;margin:0 auto;padding:2rem 1.25rem 4rem}
h1{font-size:1.6rem;line-height:1.25;margin:0 0 .25rem}
h2{font-size:1.1rem;margin:2rem 0 .5rem}
p{margin:.5rem 0}
code,pre{font:.9em/1.5 ui-monospace,monospace;overflow-wrap:anywhere}
pre{background:var(--panel);border:1px solid var(--line);border-radius:6px;padding:.6rem .8rem;white-space:pre-wrap}
.soft{color:var(--soft)}
.good{color:var(--good)}.bad{color:var(--bad)}.caution{color:var(--caution)}.unsure{color:var(--unsure)}.faint{color:var(--soft)}
.mark{font-weight:600;white-space:nowrap}
.scroll{overflow-x:auto;margin-bottom:1rem}
table{border-collapse:collapse;min-width:min(100%,28rem);font-size:.93rem}
th,td{text-align:left;vertical-align:top;padding:.4rem .75rem .4rem 0;border-bottom:1px solid var(--line);overflow-wrap:break-word}
th{color:var(--soft);font-weight:600;font-size:.85rem;overflow-wrap:normal;white-space:nowrap}
h3{font-size:.95rem;margin:1rem 0 .25rem}
td:first-child{white-space:nowrap}
.number{text-align:right;font-variant-numeric:tabular-nums}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;margin:.75rem 0}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
.counts{display:flex;flex-wrap:wrap;gap:.4rem 1.2rem;list-style:none;padding:0;margin:1rem 0;font-weight:600}
.steps{list-style:none;padding:0;margin:1rem 0;border-top:1px solid var(--line)}
.steps>li{border-bottom:1px solid var(--line)}
summary{cursor:pointer;padding:.5rem .25rem}
summary:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.steps summary{display:grid;grid-template-columns:1.75rem 7rem 9.5rem 1fr 1rem;gap:.25rem .5rem}
.steps summary::after{content:"▸";color:var(--soft)}.steps details[open]>summary::after{content:"▾"}
.steps summary .because{overflow-wrap:anywhere}
.steps details>div{padding:0 .25rem 1rem 2.5rem}
.optional{font-size:.8rem;border:1px solid var(--line);border-radius:99px;padding:0 .5rem;color:var(--soft);white-space:nowrap}
.findings{list-style:none;padding:0;margin:.5rem 0}
.findings>li{display:grid;grid-template-columns:2.5rem 1fr;padding:.35rem 0}.findings>li>*{min-width:0;overflow-wrap:anywhere}
.next{border-left:4px solid var(--accent);padding:.1rem 0 .1rem .9rem;margin:1.5rem 0}
figure{margin:1.5rem 0}
figcaption{font-weight:600;margin-bottom:.25rem}
svg{display:block;width:100%;height:auto;max-width:46rem}
.plot{overflow-x:auto}.plot svg{min-width:34rem}
svg text{font:13px system-ui,sans-serif;fill:var(--ink)}
svg .soft{fill:var(--soft)}
svg .small{font-size:9px}
svg .axis{stroke:var(--line);stroke-width:1}
svg .interval{stroke:var(--accent);stroke-width:3;stroke-linecap:round}
svg .point{fill:var(--accent);stroke:var(--paper);stroke-width:1}
svg .threshold{stroke:var(--bad);stroke-width:2;stroke-dasharray:4 3}
svg .ideal{stroke:var(--soft);stroke-width:1;stroke-dasharray:2 4}
svg .trend{fill:none;stroke:var(--accent);stroke-width:2}
svg .bar{fill:var(--accent)}
svg .met{fill:var(--good)}svg .unmet{fill:var(--bad)}svg .open{fill:var(--unsure)}svg .none{fill:var(--panel)}
footer{margin-top:3rem;color:var(--soft);font-size:.85rem}
@media (max-width:40rem){.steps summary{grid-template-columns:1.75rem 1fr auto 1rem}.steps summary .because{grid-column:1/-1;grid-row:2;padding-left:2.25rem}.steps details>div{padding-left:.25rem}}
@media print{.plot svg{min-width:0}:root{color-scheme:light;--ink:#000;--soft:#444;--paper:#fff;--panel:#fff;--line:#999}main{max-width:none;padding:0}details::details-content{content-visibility:visible;display:block;height:auto}summary{list-style:none}.steps summary::after{content:none}.steps>li{break-inside:avoid}}
`.trim();
