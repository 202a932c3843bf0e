/** Our server's command line with real viewers: what it prints, who gets in, how it ends. */
import assert from "node:assert/strict";
import { freePort } from "../peers/free_port.ts";
import { countColours } from "../peers/picture.ts";
import { peerTest } from "../peers/require_peer.ts";
import { spicyScreenshot } from "../peers/spicy_screenshot.ts";
import { makeTempDir } from "../peers/temp_dir.ts";
import { waitUntil } from "../peers/wait_until.ts";
import { runClient, startClient } from "./client_command.ts";
import { startServer } from "./server_command.ts";

const SPICY = ["spice-client-gtk"];
const QEMU = ["qemu-system-x86", "qemu-system-common"];
const LOCAL = ["--listen", "127.0.0.1:0"];

peerTest({
  name: "the demo shows itself to spice-gtk and to our client, with the permissions of its own task",
  needs: SPICY,
  fn: async () => {
    await using server = startServer([...LOCAL, "--size", "800x600"], { task: "demo" });
    const [uri = ""] = await server.serving();
    assert.ok(server.out().includes(`remote-viewer ${uri}\n`));
    assert.match(server.out(), /Password +none: every user of this computer gets in/);
    const { picture } = await spicyScreenshot(uri);
    assert.deepEqual([picture.width, picture.height], [800, 600]);
    assert.ok(countColours(picture) > 16);
    const info = await runClient(["info", uri, "--json"]);
    assert.equal(info.code, 0, info.err.join("\n"));
    assert.equal(JSON.parse(info.out).name, "Saffron demo");
    server.signal("SIGINT");
    assert.equal(await server.ended, 0);
    assert.equal(
      server.err().filter((line) => /viewer \d joined from 127\.0\.0\.1, sees and steers$/.test(line)).length,
      2,
    );
  },
});

peerTest({
  name: "passwords: the right one, a wrong one, none, and one that only sees",
  needs: SPICY,
  fn: async () => {
    await using server = startServer([...LOCAL, "--view-only-password", "l00k"], { task: "demo", password: "s33r" });
    const [uri = ""] = await server.serving();
    assert.ok(!server.out().includes("s33r") && !server.out().includes("l00k"));
    const code = async (words: string[], password?: string) =>
      (await runClient(words, password === undefined ? {} : { password })).code;
    assert.equal(await code(["key", uri, "a"], "s33r"), 0);
    assert.equal(await code(["info", uri], "wrong"), 3);
    assert.equal(await code(["info", uri]), 3);
    const seen = await runClient(["info", uri, "--json"], { password: "l00k" });
    const types = JSON.parse(seen.out).channels.map(({ type }: { type: string }) => type);
    assert.deepEqual(types.toSorted(), ["cursor", "display", "main"]);
    assert.equal(await code(["key", uri, "a"], "l00k"), 1);
    assert.ok((await spicyScreenshot(uri, { ticket: "l00k" })).picture.width > 0);
    await assert.rejects(spicyScreenshot(uri, { ticket: "wrong", timeoutMs: 4000 }), /wrote no picture/);
    assert.ok(server.err().some((line) => line.includes("only sees")));
  },
});

Deno.test("a place that other computers reach gets a password, which is told", async () => {
  await using server = startServer(["--listen", "*:0"], { task: "demo" });
  await server.serving();
  const [, uri = ""] = /remote-viewer (\S+)/.exec(server.out()) ?? [];
  const [, password = ""] = /Password +(\S+) {2}\(made for this run\)/.exec(server.out()) ?? [];
  assert.equal((await runClient(["info", uri], { password })).code, 0);
  assert.equal((await runClient(["info", uri])).code, 3);
  assert.ok(!server.err().join().includes(password));
});

Deno.test("a ticket lets nobody in once its time is over; who is in stays", async () => {
  await using server = startServer([...LOCAL, "--ticket-seconds", "3"], { task: "demo", password: "brief" });
  const [uri = ""] = await server.serving();
  const first = startClient(["events", uri, "--for-ms", "6000"], { password: "brief" });
  await waitUntil("the first viewer", () => server.err().some((line) => line.includes("joined")));
  await waitUntil(
    "the end of the ticket",
    async () => (await runClient(["info", uri], { password: "brief" })).code === 3,
    { everyMs: 500 },
  );
  assert.equal((await first.result).code, 0);
});

peerTest({
  name: "a unix socket: spice-gtk and our client come in, a second server does not, SIGTERM removes it",
  needs: SPICY,
  fn: async () => {
    await using dir = await makeTempDir("serve");
    const path = `${dir.path}/vm.sock`;
    await using server = startServer(["--listen", `unix:${path}`, ...LOCAL]);
    const uris = await server.serving();
    assert.equal(uris[0], `spice+unix://${path}`);
    assert.match(uris[1]!, /^spice:\/\/127\.0\.0\.1:\d+$/);
    assert.ok((await spicyScreenshot(uris[0]!)).picture.width > 0);
    for (const uri of uris) assert.equal((await runClient(["info", uri])).code, 0);
    await using second = startServer(["--listen", `unix:${path}`]);
    assert.equal(await second.ended, 4);
    assert.deepEqual(second.err(), [`error: Cannot listen on unix:${path}: another program listens there already`]);
    server.signal("SIGTERM");
    assert.equal(await server.ended, 0);
    await assert.rejects(Deno.lstat(path), Deno.errors.NotFound);

    await using killed = startServer(["--listen", `unix:${path}`]);
    await killed.serving();
    killed.signal("SIGKILL");
    await killed.ended;
    assert.ok((await Deno.lstat(path)).isSocket);
    await using after = startServer(["--listen", `unix:${path}`]);
    assert.deepEqual(await after.serving(), [`spice+unix://${path}`]);
  },
});

Deno.test("SIGTERM tells the viewers, and ends well and soon", async () => {
  await using server = startServer(LOCAL, { task: "demo" });
  const [uri = ""] = await server.serving();
  const viewer = startClient(["events", uri]);
  await waitUntil("the viewer", () => server.err().some((line) => line.includes("joined")));
  const start = performance.now();
  server.signal("SIGTERM");
  assert.equal(await server.ended, 0);
  assert.ok(performance.now() - start < 3000);
  const { out, err } = await viewer.result;
  assert.match(out + err.join("\n"), /disconnect/i);
});

Deno.test("a port in use is code 4, a wrong command line 2, each with one line", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const cases: [string[], number, RegExp][] = [
    [["--listen", `127.0.0.1:${taken.addr.port}`], 4, /another program listens there already$/],
    [["--listen", "no-such-host.invalid:5"], 4, /no address belongs to this name$/],
    [["--machine", "rfb", `vnc://127.0.0.1:${freePort()}`, ...LOCAL], 4, /^error: Cannot use the VNC server: /],
    [["--machine", "relay", "spice://h:1"], 2, /the relay machine does not come with this version; see --help$/],
    [["--listne", "x"], 2, /did you mean --listen\?/],
    [["--password-file", "/no/such"], 1, /Cannot read \/no\/such: no such file/],
  ];
  for (const [args, code, line] of cases) {
    await using server = startServer(args);
    assert.equal(await server.ended, code, args.join(" "));
    assert.equal(server.err().length, 1, server.err().join("\n"));
    assert.match(server.err()[0]!, line);
    assert.equal(server.out(), "");
  }
});

Deno.test("the log in JSON: joining, leaving, faults, statistics", async () => {
  await using server = startServer([...LOCAL, "--log-json", "--stats-seconds", "1"], { task: "demo" });
  const [uri = ""] = await server.serving();
  assert.equal((await runClient(["info", uri])).code, 0);
  const conn = await Deno.connect({ port: Number(new URL(uri.replace("spice:", "http:")).port) });
  await conn.write(new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n\r\n"));
  const events = () => server.err().map((line) => JSON.parse(line));
  const wanted = ["listening", "viewer-joined", "viewer-left", "fault", "stats"];
  await waitUntil("the events", () => wanted.every((name) => events().some(({ event }) => event === name)));
  conn.close();
  await waitUntil(
    "bytes in the statistics",
    () => events().some(({ event, sentBytes }) => event === "stats" && sentBytes > 500),
  );
  const stats = events().find(({ event }) => event === "stats");
  assert.ok(stats.memoryBytes > 1024 * 1024 && stats.viewers === 0);
  assert.equal(events().find(({ event }) => event === "fault").code, "bad-magic");
});

peerTest({
  name: "a QEMU behind -- is shown; it ends with the server, and the server with it",
  needs: [...QEMU, ...SPICY],
  fn: async () => {
    const command = ["--", "qemu-system-x86_64", "-m", "64", "-name", "behind the dashes"];
    await using server = startServer([...LOCAL, ...command]);
    const [uri = ""] = await server.serving();
    assert.equal(JSON.parse((await runClient(["info", uri, "--json"])).out).name, "behind the dashes");
    assert.ok(countColours((await spicyScreenshot(uri)).picture) > 1);
    const pid = await childOf(server.pid);
    server.signal("SIGTERM");
    assert.equal(await server.ended, 0);
    await assert.rejects(Deno.lstat(`/proc/${pid}`), Deno.errors.NotFound);

    await using other = startServer([...LOCAL, ...command]);
    const [otherUri = ""] = await other.serving();
    const viewer = startClient(["events", otherUri]);
    await waitUntil("the viewer", () => other.err().some((line) => line.includes("joined")));
    Deno.kill(await childOf(other.pid), "SIGKILL");
    assert.equal(await other.ended, 137);
    assert.ok(other.err().some((line) => line.includes(" error   the machine ended: ")), other.err().join("\n"));
    await viewer.result;

    await using version = startServer([...LOCAL, "--", "qemu-system-x86_64", "-version"]);
    assert.equal(await version.ended, 0);
    assert.ok(version.err().some((line) => line.includes("qemu: QEMU emulator version")));
  },
});

async function childOf(pid: number): Promise<number> {
  return await waitUntil("the server's child", async () => {
    for await (const { name } of Deno.readDir(`/proc/${pid}/task`)) {
      const text = await Deno.readTextFile(`/proc/${pid}/task/${name}/children`).catch(() => "");
      if (text.trim() !== "") return Number(text.trim().split(" ")[0]);
    }
    return undefined;
  });
}
