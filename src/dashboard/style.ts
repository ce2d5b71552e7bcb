import { createHash } from 'node:crypto';

/** The only style the page's Content-Security-Policy allows, by its hash. */
export const style = `
:root { color-scheme: light dark;
  --ground: #f6f7f9; --card: #fff; --ink: #1c2430; --quiet: #5c6878; --line: #dfe4ea;
  --good: #17703c; --bad: #b3261e; --busy: #8a5a00; --idle: #4a5568;
  --added: #e3f4e8; --removed: #fbe6e4; }
@media (prefers-color-scheme: dark) { :root {
  --ground: #11161d; --card: #1a212b; --ink: #e3e8ef; --quiet: #96a2b3; --line: #2d3745;
  --good: #6bd48f; --bad: #ff8d85; --busy: #f0c060; --idle: #aab4c2;
  --added: #173a26; --removed: #46211f; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { max-width: 56rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
code, .value { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: .86em; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .25rem; overflow-wrap: anywhere; }
h2 { font-size: 1.05rem; margin: 2rem 0 .6rem; }
p { margin: .25rem 0; }
a { color: inherit; }
.quiet { color: var(--quiet); overflow-wrap: anywhere; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: .9rem 1rem; margin: .6rem 0; }
.state { display: inline-block; border: 1px solid currentColor; border-radius: 1rem; padding: .05rem .7rem;
  font-size: .85rem; font-weight: 600; margin-bottom: .6rem; }
.good { color: var(--good); } .bad { color: var(--bad); } .busy { color: var(--busy); } .idle { color: var(--idle); }
.reason { border-left: .3rem solid currentColor; }
.reason p { overflow-wrap: anywhere; } .reason p:not(.quiet) { color: var(--ink); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.2rem; margin: 0; }
dt { color: var(--quiet); } dd { margin: 0; overflow-wrap: anywhere; }
ol.stages { display: flex; flex-wrap: wrap; gap: .5rem; list-style: none; padding: 0; margin: 0; }
ol.stages li { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .3rem .8rem; }
ol.stages b { display: block; font-variant-numeric: tabular-nums; }
ol.stages span { color: var(--quiet); font-size: .85rem; }
.object { display: flex; flex-wrap: wrap; gap: .2rem .8rem; align-items: baseline; }
.object strong { overflow-wrap: anywhere; }
.action { font-size: .85rem; font-weight: 600; min-width: 5.5rem; }
.field { margin-top: .5rem; border-top: 1px solid var(--line); padding-top: .4rem; }
.value { display: block; white-space: pre-wrap; border-radius: .3rem; padding: .1rem .5rem; margin-top: .15rem; }
.before { background: var(--removed); } .before::before { content: "− "; }
.after { background: var(--added); } .after::before { content: "+ "; }
.line { display: block; } .gone { background: var(--removed); } .come { background: var(--added); }
summary { cursor: pointer; color: var(--quiet); margin-top: .6rem; }
ul { padding-left: 1.2rem; margin: .3rem 0; }
ul.inline { display: flex; flex-wrap: wrap; gap: .2rem .8rem; list-style: none; padding: 0; margin: 0; }
@media (max-width: 32rem) { dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .5rem; } }
`;

/** `sha256-…`, as a Content-Security-Policy names it. */
export const styleHash = `sha256-${createHash('sha256').update(style).digest('base64')}`;
