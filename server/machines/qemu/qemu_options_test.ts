import assert from "node:assert/strict";
import { QemuError } from "./qemu_error.ts";
import { joinProperties, splitOptions, splitProperties } from "./qemu_options.ts";

Deno.test("options with and without a value, with one dash and two, and disk images", () => {
  const options = splitOptions(["-m", "512", "--nographic", "disk.img", "-append", "-vnc :1", "-S"]);
  assert.deepEqual(options.map(({ name, value }) => [name, value]), [
    ["m", "512"],
    ["nographic", null],
    ["", "disk.img"],
    ["append", "-vnc :1"],
    ["S", null],
  ]);
  assert.deepEqual(options.flatMap(({ words }) => words).slice(0, 3), ["-m", "512", "--nographic"]);
});

Deno.test("a last option without its value is refused", () => {
  assert.throws(() => splitOptions(["-S", "-m"]), (error) => {
    assert(error instanceof QemuError);
    assert.equal(error.code, "refused");
    assert.match(error.message, /-m lacks its value/);
    return true;
  });
});

Deno.test("properties: the first without name, doubled commas, flags, the last of a name counts", () => {
  const cases: readonly [string, Record<string, string>][] = [
    ["virtio-vga", { driver: "virtio-vga" }],
    ["virtio-vga,id=a", { driver: "virtio-vga", id: "a" }],
    ["driver=virtio-vga,id=a,id=b", { driver: "virtio-vga", id: "b" }],
    ["file,path=a,,b,,,c", { driver: "file", path: "a,b,", c: "on" }],
    ["x,append", { driver: "x", append: "on" }],
    ["x,a=b=c,", { driver: "x", a: "b=c" }],
    ['{"driver":"virtio-vga","max_outputs":2,"x":true,"y":false}', {
      driver: "virtio-vga",
      max_outputs: "2",
      x: "on",
      y: "off",
    }],
    ["{nonsense", {}],
    ["", { driver: "" }],
  ];
  for (const [value, expected] of cases) {
    assert.deepEqual(Object.fromEntries(splitProperties(value, "driver")), expected, value);
  }
});

Deno.test("a property is added in the form the value has", () => {
  assert.equal(joinProperties("VGA", "id", "a,b"), "VGA,id=a,,b");
  assert.equal(joinProperties('{"driver":"VGA"}', "id", "a"), '{"driver":"VGA","id":"a"}');
});
