/** README's server of ten lines, as a program of its own that may do nothing but listen. */
import assert from "node:assert/strict";
import { ignoredExamples, moduleOf } from "../../_tools/examples.ts";
import { freePort } from "../peers/free_port.ts";
import { startProcess } from "../peers/process.ts";
import { peerTest } from "../peers/require_peer.ts";
import { startSpiceGtk } from "../peers/spice_gtk.ts";
import { spicyScreenshot } from "../peers/spicy_screenshot.ts";
import { makeTempDir } from "../peers/temp_dir.ts";
import { waitUntil } from "../peers/wait_until.ts";

const ROOT = new URL("../../", import.meta.url);

peerTest({
  name: "README's pixels of a program, word for word: spicy-screenshot sees its colours, and it hears spice-gtk's keys",
  needs: ["spice-client-gtk", "gir1.2-spiceclientglib-2.0", "python3-gi"],
  fn: async () => {
    const readme = await Deno.readTextFile(new URL("README.md", ROOT));
    const [example, ...others] = ignoredExamples("README.md", readme)
      .filter(({ code }) => code.includes("PixelsMachine"));
    assert.ok(example !== undefined && others.length === 0);
    // But for its port, which another program may have.
    const port = freePort(), code = example.code.replace("5930", `${port}`);
    assert.notEqual(code, example.code);

    await using dir = await makeTempDir("readme");
    const path = `${dir.path}/pixels.ts`;
    await Deno.writeTextFile(path, moduleOf({ ...example, code }, ROOT.href));
    await using program = startProcess(Deno.execPath(), [
      ...["run", "--no-prompt", `--allow-net=127.0.0.1:${port}`, path],
    ], { env: { NO_COLOR: "1" } });
    const said = (text: string) =>
      waitUntil(`"${text}"`, () => {
        program.mustRun();
        return program.output().includes(text);
      }, { timeoutMs: 30_000 });

    const uri = `spice://127.0.0.1:${port}`;
    await said(`remote-viewer ${uri}\n`);
    // It is black until the first second is over.
    const picture = await waitUntil("a colour", async () => {
      const { picture } = await spicyScreenshot(uri);
      return picture.pixels[0] !== 0 && picture;
    });
    assert.deepEqual([picture.width, picture.height], [640, 480]);
    assert.ok(picture.pixels.every((pixel) => pixel === picture.pixels[0]));

    await using gtk = await startSpiceGtk({ port });
    await gtk.key(0x1e);
    await said('{ kind: "key", scancode: 30, down: false }\n');
  },
});
