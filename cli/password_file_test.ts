import assert from "node:assert/strict";
import { FileError } from "./file_error.ts";
import { readPasswordFile } from "./password_file.ts";

const stdinOf = (text: string) => () => Promise.resolve(new TextEncoder().encode(text));

Deno.test("readPasswordFile() takes the first line", async () => {
  assert.equal(await readPasswordFile("-", stdinOf("päss word \r\nnext\n")), "päss word ");
  assert.equal(await readPasswordFile("-", stdinOf("")), "");
});

Deno.test("readPasswordFile() names the file that it cannot read", async () => {
  const gone = "no/such/file";
  await assert.rejects(readPasswordFile(gone, stdinOf("")), (error) => {
    return error instanceof FileError && error.message === `Cannot read ${gone}: no such file or folder`;
  });
  const bytes = () => Promise.resolve(Uint8Array.of(0xff));
  await assert.rejects(readPasswordFile("-", bytes), /^FileError: Cannot read the password: /);
});
