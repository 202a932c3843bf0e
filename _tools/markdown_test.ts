import assert from "node:assert/strict";
import { anchorsOf, commandsOf, linksOf, tablesOf } from "./markdown.ts";

const FENCE = "```";

Deno.test("linksOf() finds links, images, references and HTML, none in code", () => {
  const page = `See [a](a.md) and ![b](b.png "title"), [\`c\`](c.ts#L3) and [d](<d.md>).
[ref]: ../e.md
<a href="f.md"><img src="g.png"></a> [h](h_(i).md)
\`[no](no.md)\`
${FENCE}md
[no](no.md)
${FENCE}
[z](#anchor)`;
  assert.deepEqual(linksOf(page).map(({ target, line }) => `${line} ${target}`), [
    ...["1 a.md", "1 b.png", "1 c.ts#L3", "1 d.md", "2 ../e.md", "3 h_(i).md", "3 f.md", "3 g.png", "8 #anchor"],
  ]);
});

Deno.test("anchorsOf() names headings as GitHub does", () => {
  const page = `# The house: what \`stands\` where
## 1. Use [it](x.md) & co.
## Twice
## Twice
${FENCE}
# not a heading
${FENCE}
<a id="here"></a>`;
  assert.deepEqual([...anchorsOf(page)], ["the-house-what-stands-where", "1-use-it--co", "twice", "twice-1", "here"]);
});

Deno.test("commandsOf() finds lines of blocks and inline code", () => {
  const page = `Run \`deno task a\`, or:\n\n  ${FENCE}sh\n  deno task b\n  ${FENCE}\ndeno task c`;
  assert.deepEqual(commandsOf(page), [{ text: "deno task a", line: 1 }, { text: "deno task b", line: 4 }]);
});

Deno.test("tablesOf() takes tables apart", () => {
  const page = `| A | B |\n| - | :-: |\n| 1 | x \\| y |\n| 2 |  |\n\n| no table |\n`;
  assert.deepEqual(tablesOf(page), [{
    head: ["A", "B"],
    rows: [{ cells: ["1", "x \\| y"], line: 3 }, { cells: ["2", ""], line: 4 }],
  }]);
});
