/** What the page of `html.ts` does: it runs in the reader's browser, and takes nothing along from here. */
import type { CaseResult } from "../suite/run_cases.ts";
import type { Run } from "./run.ts";

/** A case as it stands in the page, once for all runs. */
type CaseText = Pick<CaseResult, "title" | "requirement" | "source" | "level">;

/** The runs as they stand in the page. */
export interface PackedRuns {
  readonly cases: Readonly<Record<string, CaseText>>;
  readonly runs: readonly (Omit<Run, "results"> & {
    readonly results: readonly (Omit<CaseResult, keyof CaseText> & { readonly known?: string })[];
  })[];
}

/** Filters the rows, and shows why a verdict is as it is. */
export function runPage(): void {
  const byId = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;
  const filter = byId<HTMLFormElement>("filter"), words = byId<HTMLInputElement>("words");
  const peer = byId<HTMLSelectElement>("peer"), level = byId<HTMLSelectElement>("level");
  const detail = byId<HTMLDialogElement>("detail");
  const sections = [...document.querySelectorAll<HTMLElement>("section")].map((section) => ({
    section,
    peers: [...section.querySelectorAll<HTMLElement>("thead [data-peer]")].map((head) => head.dataset["peer"]!),
    areas: [...section.querySelectorAll("tbody")].map((area) => ({
      area,
      rows: [...area.querySelectorAll<HTMLElement>("tr[id]")].map((row) => ({
        row,
        text: row.querySelector("th")!.textContent!.toLowerCase(),
      })),
    })),
  }));

  function apply(): void {
    const on = [...filter.querySelectorAll<HTMLInputElement>("[type=checkbox]:checked")].map(({ value }) => value);
    const text = words.value.trim().toLowerCase();
    let count = 0;
    for (const { section, peers, areas } of sections) {
      const at = peers.indexOf(peer.value);
      section.hidden = peer.value !== "" && at < 0;
      if (section.hidden) continue;
      for (const { area, rows } of areas) {
        let shown = 0;
        for (const { row, text: own } of rows) {
          const verdicts = at < 0 ? [...row.dataset["v"]!] : [row.dataset["v"]![at]!];
          row.hidden = !(verdicts.some((one) => on.includes(one)) && own.includes(text) &&
            (level.value === "" || row.dataset["l"] === level.value));
          if (!row.hidden) shown++;
        }
        area.hidden = shown === 0;
        count += shown;
      }
      for (const cell of section.querySelectorAll<HTMLElement>("th[data-peer],td[data-peer]")) {
        cell.hidden = at >= 0 && cell.dataset["peer"] !== peer.value;
      }
    }
    for (const card of document.querySelectorAll<HTMLElement>(".card")) {
      card.classList.toggle("on", card.dataset["peer"] === peer.value);
    }
    byId("count").textContent = `${count} cases`;
  }

  /** What stands under the filter sticks below it. */
  function place(): void {
    document.documentElement.style.setProperty("--below", `${filter.offsetHeight}px`);
  }

  let packed: Promise<PackedRuns> | null = null;
  function unpack(): Promise<PackedRuns> {
    const bytes = Uint8Array.from(atob(byId("runs").textContent!), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).json();
  }

  function element(name: string, text: string, className = ""): HTMLElement {
    const made = document.createElement(name);
    made.textContent = text;
    made.className = className;
    return made;
  }

  async function show(judges: string, name: string, address: string, letter: string): Promise<void> {
    const { cases, runs } = await (packed ??= unpack());
    const run = runs.find((one) => one.judges === judges && (one.id ?? one.peer) === name)!;
    const result = run.results.find((one) => one.address === address)!,
      { requirement, source, level } = cases[address]!;
    const verdict = element("p", "");
    verdict.append(
      element("b", run.peer),
      ": ",
      element("b", result.verdict, letter),
      ` (${level}), in ${result.ms} ms on ${run.date.slice(0, 10)}`,
    );
    const lines = result.evidence.map(({ atMs, connection, by, what, hex, length }) => {
      const head = `${atMs.toFixed(1).padStart(8)} ms  #${connection}  ${
        by === "suite" ? "suite →" : "peer  →"
      }  ${what}`;
      if (hex === undefined) return head;
      const rows = (hex.match(/.{1,64}/g) ?? []).map((row) => `             ${row.match(/.{1,8}/g)!.join(" ")}`);
      return [head, ...rows].join("\n") + (length! * 2 > hex.length ? ` … ${length} bytes in all` : "");
    });
    detail.querySelector("div")!.replaceChildren(
      element("h3", address),
      element("p", `${requirement}.`.replace("..", ".")),
      element("small", source),
      verdict,
      element("p", result.reason || "As required."),
      ...(result.known === undefined ? [] : [element("p", `Why, as far as known: ${result.known}`)]),
      element("pre", lines.length === 0 ? "Nothing went over the wire." : lines.join("\n")),
    );
    detail.showModal();
  }

  filter.addEventListener("input", apply);
  filter.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("resize", place);
  document.addEventListener("click", (event) => {
    const pressed = event.target as HTMLElement, card = pressed.closest<HTMLElement>(".card");
    if (card !== null) {
      peer.value = peer.value === card.dataset["peer"] ? "" : card.dataset["peer"]!;
      apply();
      document.querySelector("section:not([hidden])")!.scrollIntoView();
    } else if (pressed.id === "close" || pressed === detail) detail.close();
    else if (pressed.tagName === "BUTTON" && pressed.parentElement!.dataset["peer"] !== undefined) {
      const [judges, address] = pressed.closest("tr")!.id.split(":");
      show(judges!, pressed.parentElement!.dataset["peer"]!, address!, pressed.className);
    }
  });
  apply();
  place();
}
