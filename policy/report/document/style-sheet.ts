/** How the page looks, on a screen and on paper. */
export const StyleSheet = `
:root { color-scheme: light; --ink: #1c2329; --faint: #5a6670; --rule: #d5dbe0; --head: #eef2f5; --accent: #1f5f8b; }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 2.5rem 4rem; max-width: 88rem; background: #fff; color: var(--ink);
  font: 15px/1.45 Helvetica, Arial, "Liberation Sans", sans-serif; overflow-wrap: anywhere; }
header { border-bottom: 3px solid var(--accent); padding-bottom: 1rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0; }
h2 { font-size: 1.35rem; margin: 2.6rem 0 .6rem; padding-bottom: .25rem; border-bottom: 1px solid var(--rule); color: var(--accent); }
h3 { font-size: 1.05rem; margin: 1.6rem 0 .5rem; }
p { margin: .4rem 0; max-width: 62rem; }
.subtitle { font-size: 1.1rem; color: var(--faint); }
nav { margin: 1.2rem 0; }
nav ol { columns: 18rem auto; margin: 0; padding-left: 1.6rem; }
a { color: var(--accent); }
ul { margin: .4rem 0; padding-left: 1.3rem; }
li { margin: .15rem 0; max-width: 62rem; }
dl { margin: .8rem 0; display: grid; gap: .15rem; }
dl > div { display: grid; grid-template-columns: 13rem 1fr; gap: 1rem; }
dt { color: var(--faint); }
dd { margin: 0; max-width: 62rem; }
dd p, td p { margin: 0 0 .2rem; }
table { width: 100%; border-collapse: collapse; table-layout: fixed; margin: .6rem 0 1.4rem; font-size: .87rem; line-height: 1.35; }
th { text-align: left; background: var(--head); border-bottom: 2px solid var(--rule); padding: .35rem .5rem; vertical-align: bottom; overflow-wrap: normal; }
td { border-bottom: 1px solid var(--rule); padding: .35rem .5rem; vertical-align: top; }
.strong { font-weight: bold; }
.good { color: #17603b; font-weight: bold; }
.warning { color: #8a4b00; font-weight: bold; }
.bad { color: #9b2317; font-weight: bold; }
.faint { color: var(--faint); }
.figures { display: flex; flex-wrap: wrap; gap: .6rem; margin: 1rem 0; }
.figures p { margin: 0; padding: .6rem 1rem; min-width: 8rem; background: var(--head); border-radius: 4px; color: var(--faint); }
.figures b { display: block; font-size: 1.7rem; line-height: 1.15; color: var(--ink); }
figure { margin: 1rem 0; overflow-x: auto; }
figure svg { display: block; margin: 0 auto; max-width: 100%; height: auto; }
figcaption { color: var(--faint); font-size: .9rem; margin-top: .5rem; }
footer { margin-top: 3rem; padding-top: .6rem; border-top: 1px solid var(--rule); color: var(--faint); font-size: .85rem; }
@page { size: A4 landscape; margin: 14mm 12mm; }
@page drawing { size: A4 portrait; }
@media print {
  body { padding: 0; max-width: none; font-size: 9.5pt; }
  nav { break-after: page; }
  h2, h3 { break-after: avoid; }
  tr, dl > div, .figures, figure { break-inside: avoid; }
  figure { overflow: visible; }
  section:has(figure) { page: drawing; }
  figure svg { max-height: 205mm; width: auto; }
  section:first-of-type h2 { margin-top: 0; }
  h3 { margin: .7rem 0 .2rem; }
  ul { margin: .2rem 0; }
  li { margin: .05rem 0; }
  .figures { margin: .5rem 0; }
  .figures p { padding: .3rem .8rem; }
  thead { display: table-header-group; }
  a { color: inherit; text-decoration: none; }
}
`;
