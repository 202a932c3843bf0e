/** What `deno task conformance record` keeps of real sessions, with the permissions of the task and no others. */
import assert from "node:assert/strict";
import { connect } from "../../mod.ts";
import { pictureDifference } from "../peers/picture.ts";
import { type ProcessResult, runProcess, startProcess } from "../peers/process.ts";
import { startQemu } from "../peers/qemu.ts";
import { peerTest } from "../peers/require_peer.ts";
import { spicyScreenshot } from "../peers/spicy_screenshot.ts";
import { makeTempDir } from "../peers/temp_dir.ts";
import { waitUntil } from "../peers/wait_until.ts";
import { decodePng } from "../../cli/png.ts";
import config from "../../deno.json" with { type: "json" };

const NEEDS = ["qemu-system-x86", "qemu-system-common", "spice-client-gtk"];

for (const unix of [false, true]) {
  peerTest({
    name: `record keeps sessions at QEMU over ${unix ? "a unix socket" : "TCP"}, render shows its screendump`,
    needs: unix ? NEEDS.slice(0, 2) : NEEDS,
    fn: async () => {
      await using dir = await makeTempDir("record");
      await using qemu = await startQemu({ vga: "std", boot: { kind: "none" }, unix });
      const screen = await qemu.stopStill();
      const out = `${dir.path}/boot.tar.gz`, sessions = unix ? 1 : 2;
      {
        const words = ["record", "--listen", "127.0.0.1:0", "--to", qemu.uri, "--sessions", String(sessions), out];
        await using recorder = startProcess(Deno.execPath(), taskArgs(words));
        const uri = await waitUntil("where the recorder listens", () => {
          recorder.mustRun();
          return /connect to (spice:\S+)/.exec(recorder.output())?.[1];
        });
        if (!unix) await spicyScreenshot(uri);
        {
          await using session = await connect(uri);
          await session.screen.screenshot();
        }
        const status = await waitUntil("the end of the recorder", () => recorder.ended());
        assert.equal(status.code, 0, recorder.output());
      }
      assert.deepEqual([...Deno.readDirSync(dir.path)].map(({ name }) => name), ["boot.tar.gz"]);

      const trips = await run(["roundtrip", out]);
      assert.match(trips.stdout, /^\d{2,} passed, 0 failed, 0 skipped\n$/);
      const png = `${dir.path}/last.png`;
      assert.equal((await run(["render", out, png])).code, 0);
      assert.equal(pictureDifference(decodePng(await Deno.readFile(png)), screen), null);
      const dumped = await run(["dump", out, "--message", "MAIN_INIT", "--json"]);
      assert.equal(dumped.stdout.trim().split("\n").length, sessions);
    },
  });
}

function run(words: readonly string[]): Promise<ProcessResult> {
  return runProcess(Deno.execPath(), taskArgs(words));
}

function taskArgs(words: readonly string[]): string[] {
  const [program, ...task] = config.tasks.conformance.command.split(" ");
  assert.equal(program, "deno");
  const main = task.pop()!;
  return [...task, new URL(`../../${main}`, import.meta.url).pathname, ...words];
}
