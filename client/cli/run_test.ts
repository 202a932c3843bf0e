import assert from "node:assert/strict";
import { COMMANDS } from "./commands.ts";
import { run } from "./run.ts";

/** Runs a command line that must not get as far as a connection, unless it names a socket that is not there. */
async function tried(...words: string[]): Promise<{ code: number; out: string; err: string[] }> {
  let out = "";
  const err: string[] = [];
  const code = await run(words, {
    out: (bytes) => {
      out += new TextDecoder().decode(bytes);
      return Promise.resolve();
    },
    err: (line) => err.push(line),
    stdin: () => Promise.resolve(new TextEncoder().encode("☃")),
    env: () => undefined,
    isTerminal: true,
    signal: new AbortController().signal,
  });
  return { code, out, err };
}

const NOWHERE = "spice+unix:///no/such/socket";

Deno.test("every command has help that names its options and shows examples that are accepted", async () => {
  const all = await tried("--help");
  assert.equal(all.code, 0);
  for (const command of COMMANDS) {
    assert.match(all.out, new RegExp(`^  ${command.name} +\\S`, "m"));
    for (const words of [[command.name, "--help"], [command.name, "-h"], ["help", command.name]]) {
      const { code, out } = await tried(...words);
      assert.equal(code, 0);
      for (const { name } of command.options) assert.ok(out.includes(`--${name}`), name);
      for (const line of out.split("\n")) assert.ok(line.length <= 120, line);
    }
    for (const example of command.examples) {
      // As a shell would cut it, without redirections.
      const words = [...example.replace(/ [<>] .*/, "").matchAll(/"([^"]*)"|(\S+)/g)].map((m) => m[1] ?? m[2]!);
      const here = words.map((word) => word.includes("://") ? NOWHERE : word);
      const { code, err } = await tried(
        ...here.filter((word) => word !== "-"),
        ...(here.includes("-") ? ["out.png"] : []),
      );
      assert.ok(code === 4 || /Cannot read login.png/.test(err[0]!), `${example}: ${code} ${err}`);
    }
  }
});

Deno.test("a wrong command line is told in one line, with code 2", async () => {
  const cases: [string[], RegExp][] = [
    [["infp"], /^error: "infp" is no command \(did you mean info\?\)$/],
    [["spice://u:secret@h:1", "info"], /^error: "<target>" is no command \(did you mean info <target>\?\)$/],
    [["info"], /^error: info wants <target>; see info --help$/],
    [["info", NOWHERE, "more"], /"more" is one argument too many/],
    [["info", "127.0.0.1:5930"], /did you mean spice:\/\/127\.0\.0\.1:5930\?/],
    [["info", "http://127.0.0.1"], /^error: Cannot read SPICE URI: want spice:/],
    [["info", NOWHERE, "--passwrd", "x"], /there is no option --passwrd \(did you mean --password\?\)/],
    [["info", NOWHERE, "--password", "x", "--password-file", "y"], /not with both/],
    [["info", NOWHERE, "--mouse-mode", "both"], /^error: --mouse-mode: want client, server, not "both"/],
    [["info", NOWHERE, "--compression", "zip"], /^error: --compression: want off, auto-glz/],
    [["info", NOWHERE, "--handshake-ms", "0"], /^error: --handshake-ms: want a whole number/],
    [["screenshot", NOWHERE, "a.jpg"], /ends in \.png or \.ppm, not "a\.jpg"/],
    [["screenshot", NOWHERE, "-"], /a terminal shows no pictures/],
    [["screenshot", NOWHERE, "a.png", "--region", "1,2,3"], /^error: --region: want X,Y,WIDTH,HEIGHT/],
    [["key", NOWHERE, "ctrl+nokey"], /Cannot find key "nokey"/],
    [["type", NOWHERE, "☃"], /Cannot type a character with layout us: "☃"/],
    [["type", NOWHERE, "-"], /Cannot type a character with layout us: "☃"/],
    [["type", NOWHERE, "x", "--layout", "uss"], /Cannot find keyboard layout "uss" \(did you mean us/],
    [["click", NOWHERE, "5;5"], /^error: the place: want X,Y/],
    [["drag", NOWHERE, "1,1"], /^error: drag wants <target> <X,Y> <X,Y>/],
    [["wheel", NOWHERE, "up"], /^error: the steps: want a whole number/],
    [["wait", NOWHERE], /one of --equals FILE, --differs FILE, --quiet-ms MS/],
    [["wait", NOWHERE, "--equals", "a.png", "--quiet-ms", "5"], /one of --equals/],
    [["wait", NOWHERE, "--quiet-ms", "500", "--timeout-ms", "500"], /must be longer/],
  ];
  for (const [words, line] of cases) {
    const { code, out, err } = await tried(...words);
    assert.equal(code, 2, `${words}: ${err}`);
    assert.equal(out, "");
    assert.equal(err.length, 1, err.join("\n"));
    assert.match(err[0]!, line);
    assert.ok(!err[0]!.includes("secret"));
  }
  const { code, err } = await tried();
  assert.equal(code, 2);
  assert.match(err[0]!, /Usage:/);
});

Deno.test("what is not there is told with its own code", async () => {
  const gone = await tried("info", NOWHERE);
  assert.deepEqual([gone.code, gone.err], [4, ["error: cannot reach /no/such/socket: there is no such socket"]]);
  const file = await tried("info", "no-such-file.vv");
  assert.deepEqual([file.code, file.err], [1, ["error: Cannot read no-such-file.vv: no such file or folder"]]);
  const secret = await tried("info", NOWHERE, "--password-file", "no-such-file");
  assert.deepEqual([secret.code, secret.err], [1, ["error: Cannot read no-such-file: no such file or folder"]]);
  const tls = await tried("info", "spice+tls://127.0.0.1:1");
  assert.equal(tls.code, 1);
  assert.match(tls.err[0]!, /TLS is not supported/);
});

Deno.test("--verbose tells all of an error, causes included", async () => {
  const { code, err } = await tried("info", NOWHERE, "--verbose");
  assert.equal(code, 4);
  assert.ok(err.some((line) => line.startsWith("ProtocolError: Cannot connect to /no/such/socket")), err.join("\n"));
  assert.ok(err.some((line) => line.startsWith("Caused by: NotFound")), err.join("\n"));
});
