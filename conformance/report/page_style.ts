/** How the page of `html.ts` looks: by light and by dark, on a wide screen and on a phone. */
export const PAGE_STYLE = `
:root{color-scheme:light dark;--o:#1a7f37;--l:#9a6700;--f:#cf222e;--n:#6e7781;--line:#d0d7de;--soft:#f6f8fa}
@media(prefers-color-scheme:dark){:root{--o:#3fb950;--l:#d29922;--f:#f85149;--n:#8b949e;--line:#30363d;--soft:#161b22}}
*{box-sizing:border-box}
body{font:15px/1.45 system-ui,sans-serif;margin:1rem auto;max-width:82rem;padding:0 .75rem}
h1{font-size:1.6rem;margin:.5rem 0}h2{font-size:1.2rem;margin:1.2rem 0 .5rem}
.o{color:var(--o)}.l{color:var(--l)}.f{color:var(--f)}.n{color:var(--n)}
.key span{display:inline-block;margin-right:.8em}
button{font:inherit;color:inherit;border:0;background:none;cursor:pointer;padding:.15rem .3rem;border-radius:.3rem}
button.o{color:var(--o)}button.l{color:var(--l)}button.f{color:var(--f);font-weight:700}button.n{color:var(--n)}
button:hover,button:focus-visible{background:var(--line)}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(17rem,1fr));gap:.6rem}
.card{display:flex;flex-direction:column;gap:.25rem;text-align:left;border:1px solid var(--line);padding:.6rem .75rem;
border-radius:.5rem;background:var(--soft)}
.card.on{outline:2px solid var(--o)}
.bar{display:flex;height:.6rem;border-radius:.3rem;overflow:hidden;background:var(--line);width:100%}
.bar span{flex-basis:0;background:currentColor}
small{display:block;opacity:.75}
form{display:flex;flex-wrap:wrap;gap:.4rem .8rem;align-items:center;position:sticky;top:0;background:Canvas;
padding:.5rem 0;z-index:3;border-bottom:1px solid var(--line);margin-top:1.2rem}
form span{display:flex;flex-wrap:wrap;gap:.2rem .8rem}label{white-space:nowrap}
input,select{font:inherit}input[type=search]{flex:1 1 12rem;min-width:0;padding:.3rem}select{padding:.3rem;max-width:100%}
table{border-collapse:collapse;width:100%}
th,td{border-bottom:1px solid var(--line);padding:.35rem .5rem;text-align:left;vertical-align:top;font-weight:normal}
td{text-align:center;white-space:nowrap}
thead th{position:sticky;top:var(--below,3.4rem);background:Canvas;font-weight:600;z-index:2}
thead th[data-peer]{text-align:center}
tbody th p{margin:.1rem 0}tbody th{min-width:15rem;overflow-wrap:anywhere}
.area,.area>*{background:var(--soft);font-weight:600}.area th{font-size:1.05rem}.area small{display:inline;font-weight:normal}
section,tr[id]{scroll-margin-top:calc(var(--below,3.4rem) + 2.2rem)}tr:target{outline:2px solid var(--l)}[hidden]{display:none!important}
dialog{width:min(60rem,94vw);max-height:88vh;overflow:auto;border:1px solid var(--line);border-radius:.5rem}
dialog h3{margin:.2rem 2rem .2rem 0;overflow-wrap:anywhere}dialog pre{overflow-x:auto;font-size:12px;background:var(--soft);padding:.5rem}
#close{position:sticky;top:0;float:right;font-size:1.4rem;background:Canvas}
@media(max-width:48rem){
input[type=search]{flex-basis:100%}
thead{display:none}tr{display:flex;flex-wrap:wrap;border-bottom:1px solid var(--line);padding:.3rem 0}
tbody th{flex:1 1 100%;min-width:0}th,td{border:0;padding:.1rem .3rem}tbody tr:not(.area) th small{display:none}
td:empty{display:none}td::before{content:attr(data-peer) " ";font-size:.85em;opacity:.75}
button:not(.card):not(#close){padding:.35rem .3rem}
}
`;
