/** Runs of several peers as one page: case × peer, the evidence behind each verdict, filters, readable on a phone. */
import type { EvidenceEntry } from "../suite/evidence.ts";
import type { CaseResult } from "../suite/run_cases.ts";
import { countVerdicts, type Run } from "./run.ts";

/** @returns The page; it needs nothing but itself. */
export function htmlReport(runs: readonly Run[]): string {
  const sections = (["server", "client"] as const).map((judges) =>
    section(judges, runs.filter((run) => run.judges === judges))
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>SPICE conformance</title>
<style>${STYLE}</style>
<h1>SPICE conformance</h1>
<p>Each row is a requirement, each column a peer. A click on a verdict shows why, and what went over the wire.
<b class="ok">ok</b> as required · <b class="non-strict">lax</b> works, but not as required in full ·
<b class="failed">failed</b> · <b class="unimplemented">none</b> the peer lacks it.
A <i>must</i> that fails makes a peer wrong, a <i>should</i> unwise; <i>info</i> only tells.</p>
<form id="filter">
<input id="words" type="search" placeholder="link/ticket, lz, …" aria-label="Address or words">
<label><input type="checkbox" value="ok" checked> ok</label>
<label><input type="checkbox" value="non-strict" checked> lax</label>
<label><input type="checkbox" value="failed" checked> failed</label>
<label><input type="checkbox" value="unimplemented" checked> none</label>
<label><select id="level" aria-label="Level"><option value="">every level</option><option>must</option><option>should</option><option>info</option></select></label>
</form>
${sections.join("\n")}
<dialog id="detail"><button id="close" aria-label="Close">×</button><div></div></dialog>
<script>${SCRIPT}</script>
</html>
`;
}

const SHORT = { ok: "ok", "non-strict": "lax", failed: "failed", unimplemented: "none" } as const;

function section(judges: "server" | "client", runs: readonly Run[]): string {
  if (runs.length === 0) return "";
  const cases = new Map<string, CaseResult>();
  for (const { results } of runs) for (const result of results) cases.set(result.address, result);
  const heads = runs.map(({ peer, date, results }) => {
    const counts = countVerdicts(results);
    return `<th scope="col">${escape(peer)}<small>${escape(date.slice(0, 10))}<br>${counts.ok} ok, ${
      counts["non-strict"]
    } lax,
${counts.failed} failed, ${counts.unimplemented} none</small></th>`;
  });
  const rows = [...cases.values()].map(({ address, requirement, source, level }) => {
    const found = runs.map(({ results }) => results.find((one) => one.address === address));
    const verdicts = [...new Set(found.map((one) => one?.verdict ?? "unimplemented"))].join(" ");
    const cells = found.map((one, i) => one === undefined ? "<td></td>" : cell(one, runs[i]!.peer));
    return `<tr data-verdicts="${verdicts}" data-level="${level}"><th scope="row"><code>${
      escape(address)
    }</code> <i>${level}</i>
<p>${escape(requirement)}</p><small>${escape(source)}</small></th>${cells.join("")}</tr>`;
  });
  return `<h2>${judges === "server" ? "Servers" : "Clients"}</h2>
<div class="scroll"><table><thead><tr><th>${cases.size} cases</th>${heads.join("")}</tr></thead>
<tbody>${rows.join("\n")}</tbody></table></div>`;
}

function cell(result: CaseResult, peer: string): string {
  const { verdict, reason, ms, evidence, address } = result;
  const lines = evidence.map(line).join("\n");
  return `<td><button class="${verdict}">${SHORT[verdict]}</button><template><h3>${escape(address)}</h3>
<p><b>${escape(peer)}</b>: <b class="${verdict}">${verdict}</b> in ${ms} ms</p><p>${
    escape(reason || "As required.")
  }</p>
<pre>${lines === "" ? "Nothing went over the wire." : lines}</pre></template></td>`;
}

function line({ atMs, connection, by, what, hex, length }: EvidenceEntry): string {
  const head = `${atMs.toFixed(1).padStart(8)} ms  #${connection}  ${by === "suite" ? "suite →" : "peer  →"}  ${
    escape(what)
  }`;
  if (hex === undefined) return head;
  const more = length! * 2 > hex.length ? ` … ${length} bytes in all` : "";
  const rows = hex.match(/.{1,64}/g) ?? [];
  return [head, ...rows.map((row) => `             ${row.match(/.{1,8}/g)!.join(" ")}`)].join("\n") + more;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

const STYLE = `
:root{color-scheme:light dark;--ok:#1a7f37;--lax:#9a6700;--bad:#cf222e;--none:#6e7781;--line:#d0d7de}
@media(prefers-color-scheme:dark){:root{--ok:#3fb950;--lax:#d29922;--bad:#f85149;--none:#8b949e;--line:#30363d}}
body{font:15px/1.45 system-ui,sans-serif;margin:1rem auto;max-width:80rem;padding:0 .75rem}
form{display:flex;flex-wrap:wrap;gap:.4rem 1rem;align-items:center;position:sticky;top:0;background:Canvas;padding:.5rem 0;z-index:2}
input[type=search]{flex:1 1 12rem;font:inherit;padding:.3rem}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%}
th,td{border-bottom:1px solid var(--line);padding:.35rem .5rem;text-align:left;vertical-align:top;font-weight:normal}
thead th{font-weight:600;min-width:6.5rem}tbody th{min-width:15rem}tbody th p{margin:.1rem 0}
small{display:block;opacity:.75;font-weight:normal}
button{font:inherit;border:0;background:none;cursor:pointer;padding:.2rem .3rem;border-radius:.3rem}
.ok{color:var(--ok)}.non-strict{color:var(--lax)}.failed{color:var(--bad);font-weight:700}.unimplemented{color:var(--none)}
dialog{width:min(60rem,94vw);max-height:88vh;overflow:auto}dialog pre{overflow-x:auto;font-size:12px}#close{float:right;font-size:1.4rem}
@media(max-width:40rem){tbody th small{display:none}}
`;

const SCRIPT = `
const filter=document.getElementById("filter"),words=document.getElementById("words"),level=document.getElementById("level");
function apply(){const on=[...filter.querySelectorAll("[type=checkbox]:checked")].map(b=>b.value),text=words.value.toLowerCase();
for(const row of document.querySelectorAll("tbody tr"))row.hidden=!(row.dataset.verdicts.split(" ").some(v=>on.includes(v))&&
(level.value===""||row.dataset.level===level.value)&&row.querySelector("th").textContent.toLowerCase().includes(text))}
filter.addEventListener("input",apply);filter.addEventListener("submit",e=>e.preventDefault());
const detail=document.getElementById("detail");
document.addEventListener("click",e=>{const t=e.target.nextElementSibling;
if(t&&t.tagName==="TEMPLATE"){detail.querySelector("div").replaceChildren(t.content.cloneNode(true));detail.showModal()}
else if(e.target.id==="close"||e.target===detail)detail.close()});
`;
