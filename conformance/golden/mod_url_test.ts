/**
 * `import { … } from "<url>/mod.ts"` works in an empty folder: no configuration, no cache, nothing but Deno.
 *
 * The tree is served over loopback HTTP as any web server would, and a program is run that uses the library whole.
 * Deno imports code from a few well-known hosts unasked; any other needs `--allow-import`.
 */
import assert from "node:assert/strict";
import { makeTempDir } from "../peers/temp_dir.ts";
import { type ProcessResult, runProcess } from "../peers/process.ts";

const ROOT = new URL("../../", import.meta.url);
const PROGRAM = new URL("./programs/session_by_url.ts", import.meta.url);

Deno.test("a program in an empty folder imports mod.ts by URL: it type-checks, and it runs", async (t) => {
  await using tree = serveTree();
  await using dir = await makeTempDir("url");
  const folder = `${dir.path}/empty`;
  await Deno.mkdir(folder);
  const text = await Deno.readTextFile(PROGRAM);
  const program = text.replace('"../../../mod.ts"', `"${tree.url}mod.ts"`);
  assert.notEqual(program, text);
  await Deno.writeTextFile(`${folder}/main.ts`, program);
  // A cache of its own: every module must come from the server.
  const deno = (command: string, ...args: string[]) =>
    runProcess(Deno.execPath(), [command, `--allow-import=${new URL(tree.url).host}`, ...args], {
      cwd: folder,
      env: { DENO_DIR: `${dir.path}/cache`, NO_COLOR: "1" },
    });

  await t.step("deno run", async () => {
    const result = await deno("run", "--no-prompt", "--allow-net=127.0.0.1", "main.ts");
    assertSucceeded(result);
    assert.equal(result.stdout, "a session, a picture, and a server that is not there\n");
    assert.ok(tree.served.has("mod.ts"));
    assert.ok(tree.served.has("client/io/session_driver.ts"));
  });
  await t.step("deno check", async () => assertSucceeded(await deno("check", "main.ts")));
  await t.step("deno check --all: our modules, too, under the compiler options of a folder without any", async () => {
    assertSucceeded(await deno("check", "--all", "main.ts"));
  });
  await t.step("deno check finds a wrong use", async () => {
    await Deno.writeTextFile(`${folder}/wrong.ts`, program.replace("quietMs: 0", "quietMs: `0`"));
    const result = await deno("check", "wrong.ts");
    assert.equal(result.code, 1);
    assert.match(result.stderr, /TS2322.*\n.*quietMs/);
  });
  assert.deepEqual([...tree.refused], []);
});

Deno.test("the server of that test gives nothing but source files of the tree", async () => {
  await using tree = serveTree();
  const status = async (path: string) => {
    const response = await fetch(tree.url + path);
    await response.body?.cancel();
    return response.status;
  };
  assert.equal(await status("mod.ts"), 200);
  assert.equal(await status("LICENSE"), 404);
  assert.equal(await status("..%2f..%2fetc/passwd.ts"), 404);
  assert.equal(await status(".git/config.json"), 404);
});

function assertSucceeded({ code, stdout, stderr }: ProcessResult): void {
  assert.equal(code, 0, `${stdout}${stderr}`);
}

interface TreeServer extends AsyncDisposable {
  /** With a slash at the end. */
  readonly url: string;
  /** Paths given. */
  readonly served: ReadonlySet<string>;
  /** Paths asked for in vain. */
  readonly refused: ReadonlySet<string>;
}

/** Serves the `.ts` and `.json` files of the repository on loopback. */
function serveTree(): TreeServer {
  const served = new Set<string>(), refused = new Set<string>();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async ({ url }) => {
    const path = new URL(url).pathname.slice(1);
    // Names of plain letters cannot lead out of the tree, or into hidden folders.
    const plain = /^(?:[\w-]+\/)*[\w-]+(?:\.[\w-]+)*\.(ts|json)$/.exec(path);
    const text = plain === null ? null : await Deno.readTextFile(new URL(path, ROOT)).catch(() => null);
    (text === null ? refused : served).add(path);
    if (text === null) return new Response(null, { status: 404 });
    const type = plain?.[1] === "ts" ? "application/typescript" : "application/json";
    return new Response(text, { headers: { "content-type": type } });
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}/`,
    served,
    refused,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
