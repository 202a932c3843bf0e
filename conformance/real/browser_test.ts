/** `mod.ts`, bundled for the browser, does in Chromium what it does in Deno, to the last pixel. */
import assert from "node:assert/strict";
import { readCapture } from "../capture.ts";
import { openPage } from "../peers/chromium.ts";
import { mustRunProcess } from "../peers/process.ts";
import { peerTest } from "../peers/require_peer.ts";
import { makeTempDir } from "../peers/temp_dir.ts";
import { runPortablePart } from "../portable_part.ts";
import type { PageCapture } from "./portable_page.ts";

/** Between them: raw and LZ images, palettes, caches, fills, copies, scaling, off-screen surfaces. */
const CAPTURES = ["ops-off", "image-and-palette-cache", "surfaces"].map((name) => ({
  name,
  streams: readCapture(name).connections.map(({ channel, channelId, streams }) => {
    return { type: channel.type, id: channelId, bytes: streams.server };
  }),
}));

peerTest({
  name: "Chromium: a session replayed from captures gives the picture that it gives in Deno",
  needs: ["chromium"],
  fn: async () => {
    const expected = new Map<string, unknown>();
    for (const { name, streams } of CAPTURES) {
      const report = await runPortablePart(streams);
      assert.equal(report.messages.same, report.messages.count);
      expected.set(name, report);
    }

    await using dir = await makeTempDir("page");
    const page = new URL("./portable_page.ts", import.meta.url).pathname;
    await mustRunProcess(Deno.execPath(), ["bundle", "--platform=browser", `--output=${dir.path}/page.js`, page]);
    const { promise: outcome, resolve } = Promise.withResolvers<unknown>();
    await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
      const { pathname } = new URL(request.url);
      if (pathname === "/outcome") resolve(await request.json());
      return answer(pathname, await Deno.readTextFile(`${dir.path}/page.js`));
    });
    const words: string[] = [], give = (why: string) => resolve({ outcome: { error: `${why}:\n${words.join("\n")}` } });
    await using _page = await openPage(`http://127.0.0.1:${server.addr.port}/`, {
      onSaid: (text) => words.push(text),
      onCrash: () => give("Chromium's page crashed"),
    });
    const limit = setTimeout(() => give("No outcome"), 40_000);
    const said = await outcome.finally(() => clearTimeout(limit));
    assertOutcome(said, Object.fromEntries(expected));
  },
});

function answer(path: string, page: string): Response {
  if (path === "/") {
    const html = `<!doctype html><meta charset="utf-8"><script type="module" src="/page.js"></script>`;
    return new Response(html, { headers: { "content-type": "text/html" } });
  }
  if (path === "/page.js") return new Response(page, { headers: { "content-type": "text/javascript" } });
  if (path === "/captures.json") {
    const list: PageCapture[] = CAPTURES.map(({ name, streams }) => ({
      name,
      streams: streams.map(({ type, id }) => ({ type, id, url: `/${name}/${type}/${id}` })),
    }));
    return Response.json(list);
  }
  const stream = CAPTURES.flatMap(({ name, streams }) => streams.map((stream) => ({ name, ...stream })))
    .find(({ name, type, id }) => path === `/${name}/${type}/${id}`);
  return stream === undefined ? new Response(null, { status: 404 }) : new Response(Uint8Array.from(stream.bytes));
}

function assertOutcome(said: unknown, reports: unknown): void {
  assert.ok(typeof said === "object" && said !== null && "outcome" in said);
  assert.deepEqual(said.outcome, { reports });
  assert.ok("userAgent" in said && "deno" in said);
  assert.match(String(said.userAgent), /Chrome/);
  assert.equal(said.deno, false);
}
