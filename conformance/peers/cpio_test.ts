import assert from "node:assert/strict";
import { writeCpio } from "./cpio.ts";

Deno.test("writeCpio() pads names and data to 4 bytes, and ends with the trailer", () => {
  const text = new TextEncoder();
  const archive = writeCpio([
    { path: "dev", mode: 0o040755 },
    { path: "dev/console", mode: 0o020600, device: [5, 1] },
    { path: "a", mode: 0o100644, data: text.encode("hello") },
  ]);
  const header = (inode: number, mode: string, bytes: number, device: string, nameBytes: number) => {
    const number = (value: number) => value.toString(16).padStart(8, "0");
    const owner = "0".repeat(16), time = "0".repeat(8), onDevice = "0".repeat(16), sum = "0".repeat(8);
    return `070701${number(inode)}${mode}${owner}00000001${time}${number(bytes)}${onDevice}${device}` +
      `${number(nameBytes)}${sum}`;
  };
  const none = "0".repeat(16);
  assert.equal(
    new TextDecoder().decode(archive),
    // 110 bytes of header: two more of the name fill it up.
    header(1, "000041ed", 0, none, 4) + "dev\0\0\0" +
      header(2, "00002180", 0, "0000000500000001", 12) + "dev/console\0\0\0" +
      header(3, "000081a4", 5, none, 2) + "a\0" + "hello\0\0\0" +
      header(4, "00000000", 0, none, 11) + "TRAILER!!!\0\0\0\0",
  );
});

Deno.test("writeCpio() counts the bytes of a name, not its characters", () => {
  const archive = new TextDecoder().decode(writeCpio([{ path: "é", mode: 0o040755 }]));
  assert.equal(archive.slice(94, 102), "00000003");
  assert.equal(archive.slice(110, 112), "é\0");
});
