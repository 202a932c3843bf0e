import assert from "node:assert/strict";
import { findMachinePaths } from "./check_words.ts";

/** Put together here, so that the check passes its own test. */
const at = (folder: string, rest: string): string => `/${folder}${rest}`;

Deno.test("findMachinePaths() catches paths of one machine in any text", () => {
  const paths = [at("work", "/main/mod.ts"), at("root", "/.ssh"), at("home", "/ann/spice"), at("work", "")];
  for (const path of paths) {
    for (
      const text of [
        path,
        `see ${path} there`,
        `"${path}"`,
        `file://${path}`,
        `(${path})`,
        `--out=${path}`,
        `unix:${path}`,
      ]
    ) {
      assert.equal(findMachinePaths("a.ts", `\n${text}\n`).length, 1, text);
      assert.equal(findMachinePaths("a.ts", `\n${text}\n`)[0]?.line, 2);
    }
  }
});

Deno.test("findMachinePaths() catches temporary paths in documents only", () => {
  const path = at("tmp", "/picture.png");
  assert.equal(findMachinePaths("docs/a.md", `\`${path}\``).length, 1);
  assert.equal(findMachinePaths("a.ts", `"${path}"`).length, 0);
});

Deno.test("findMachinePaths() passes words, other paths and hosts", () => {
  const texts = [
    "homework/x",
    `a${at("work", "/b")}`,
    `.${at("work", "/")}`,
    "../root/x",
    "/usr/bin/qemu",
    "/rootfs",
    "/workspace/",
    "root/",
    `~${at("work", "/x")}`,
  ];
  for (const text of [...texts, `https://example.org${at("work", "/x")}`, "http://h/root"]) {
    assert.deepEqual(findMachinePaths("a.md", text), [], text);
  }
});
