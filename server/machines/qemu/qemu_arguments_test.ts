import assert from "node:assert/strict";
import { planQemu, type QemuPlan } from "./qemu_arguments.ts";
import { QemuError } from "./qemu_error.ts";

const SOCKETS = { qmp: "/s/qmp", folder: "/s" };

function plan(...args: string[]): QemuPlan {
  return planQemu(["qemu-system-x86_64", ...args], SOCKETS);
}

/** Heads in one line each, as `vga0:1`. */
function heads(...args: string[]): string[] {
  return plan(...args).heads.map(({ device, output }) => `${device ?? "-"}:${output}`);
}

function vncOf({ args }: QemuPlan): string[] {
  return args.filter((_, i) => args[i - 1] === "-vnc");
}

Deno.test("an ordinary command gets a control socket, one VNC server and no display", () => {
  assert.deepEqual(plan("-m", "512", "disk.img"), {
    program: "qemu-system-x86_64",
    // deno-fmt-ignore
    args: ["-m", "512", "disk.img", "-display", "none",
      "-chardev", "socket,id=saffron-qmp,path=/s/qmp,server=on,wait=off", "-mon", "chardev=saffron-qmp,mode=control",
      "-vnc", "unix:/s/head-0,id=saffron-head-0"],
    heads: [{ device: null, output: 0, boundTablet: false }],
    usesTerminal: false,
    notes: [],
  });
});

Deno.test("commas in the folder's name are doubled", () => {
  const { args } = planQemu(["qemu-kvm"], { qmp: "/a,b/qmp", folder: "/a,b" });
  assert(args.includes("socket,id=saffron-qmp,path=/a,,b/qmp,server=on,wait=off"));
  assert(args.includes("unix:/a,,b/head-0,id=saffron-head-0"));
});

Deno.test("one card without outputs to choose from is not named", () => {
  for (const args of [["-vga", "virtio"], ["-device", "VGA"], ["-nodefaults"], ["-vga", "none"], []]) {
    assert.deepEqual(heads(...args), ["-:0"], args.join(" "));
    assert.deepEqual(vncOf(plan(...args)), ["unix:/s/head-0,id=saffron-head-0"]);
  }
});

Deno.test("a card with an id is addressed by it", () => {
  const found = plan("-device", "virtio-vga,id=vga0,max_outputs=2");
  assert.deepEqual(vncOf(found), [
    "unix:/s/head-0,id=saffron-head-0,display=vga0,head=0",
    "unix:/s/head-1,id=saffron-head-1,display=vga0,head=1",
  ]);
  assert.deepEqual(found.args.slice(0, 2), ["-device", "virtio-vga,id=vga0,max_outputs=2"]);
});

Deno.test("a card that must be named gets an id, in either form of -device", () => {
  const found = plan(
    "-m",
    "64",
    "disk",
    "-device",
    "virtio-vga,max_outputs=2",
    "-device",
    '{"driver":"bochs-display"}',
  );
  assert.equal(found.args[4], "virtio-vga,max_outputs=2,id=saffron-card-0");
  assert.equal(found.args[6], '{"driver":"bochs-display","id":"saffron-card-1"}');
  assert.deepEqual(found.heads.map(({ device, output }) => [device, output]), [
    ["saffron-card-0", 0],
    ["saffron-card-0", 1],
    ["saffron-card-1", 0],
  ]);
});

Deno.test("the machine's own card comes first, unless it is replaced or there is none", () => {
  const second = ["-device", "secondary-vga,id=b"], first = ["-device", "VGA,id=a"];
  assert.deepEqual(heads(...second), ["-:0", "b:0"]);
  assert.deepEqual(heads(...first, ...second), ["a:0", "b:0"]);
  assert.deepEqual(heads("-vga", "std", ...first), ["-:0", "a:0"]);
  assert.deepEqual(heads("-vga", "none", ...second), ["b:0"]);
  assert.deepEqual(heads("-nodefaults", ...second), ["b:0"]);
  assert.deepEqual(heads("-M", "microvm", "-device", "virtio-gpu-device,id=g"), ["g:0"]);
  assert.deepEqual(heads("-device", "virtio-gpu-pci,id=g"), ["-:0", "g:0"]);
  const arm = planQemu(["qemu-system-aarch64", "-M", "virt", "-device", "virtio-gpu-pci"], SOCKETS);
  assert.deepEqual(arm.heads.map(({ device }) => device), [null]);
  assert.deepEqual(vncOf(arm), ["unix:/s/head-0,id=saffron-head-0"]);
});

Deno.test("more outputs than a card can have, or on a card that has one, are QEMU's to refuse", () => {
  assert.deepEqual(heads("-device", "virtio-vga,id=a,max_outputs=99"), ["a:0"]);
  assert.deepEqual(heads("-device", "virtio-vga,id=a,max_outputs=x"), ["a:0"]);
  assert.deepEqual(heads("-device", "VGA,id=a,max_outputs=2"), ["a:0"]);
  assert.equal(heads("-device", "virtio-vga,max_outputs=16").length, 16);
});

Deno.test("devices without a picture are left alone", () => {
  assert.deepEqual(heads("-device", "virtio-net-pci", "-device", "vfio-pci,host=01:00.0"), ["-:0"]);
  assert.deepEqual(heads("-vga", "none", "-device", "vfio-pci,host=1,display=on,id=v"), ["v:0"]);
});

Deno.test("a tablet bound to an output is known", () => {
  const found = plan(
    ...["-device", "virtio-vga,id=v,max_outputs=2", "-device", "virtio-tablet-pci,display=v,head=1"],
    ...["-device", "usb-tablet"],
  );
  assert.deepEqual(found.heads.map(({ boundTablet }) => boundTablet), [false, true]);
});

Deno.test("what the user set for the same things stays, and is mentioned", () => {
  const cases: readonly [args: string[], note: RegExp | null][] = [
    [["-display", "none"], null],
    [["-display", "gtk,gl=off"], /-display gtk/],
    [["-display", "vnc=:4"], /VNC, too, as -display/],
    [["-vnc", ":4"], /VNC, too, as -vnc/],
    [["-vnc", "none"], null],
    [["-spice", "port=5999"], /SPICE itself/],
    [["-qmp", "unix:/x,server=on"], null],
    [["-monitor", "telnet::1,server"], null],
    [["-readconfig", "f"], /-readconfig/],
    [["-global", "virtio-vga.max_outputs=2"], /give max_outputs to -device/],
  ];
  for (const [args, note] of cases) {
    const found = plan(...args);
    assert.deepEqual(found.args.slice(0, 2), args);
    assert.equal(found.notes.length, note === null ? 0 : 1, args.join(" "));
    if (note !== null) assert.match(found.notes[0]!, note);
    assert.equal(found.args.filter((arg) => arg === "-display").length, 1);
    assert.equal(vncOf(found).at(-1), "unix:/s/head-0,id=saffron-head-0");
  }
});

Deno.test("-nographic keeps its monitor on the terminal, and no -display comes beside it", () => {
  const found = plan("-nographic");
  assert.deepEqual(found.args.slice(0, 3), ["-nographic", "-serial", "mon:stdio"]);
  assert.equal(found.args.includes("-display"), false);
  assert.equal(found.usesTerminal, true);
  assert.equal(plan("-nographic", "-serial", "null").args.includes("mon:stdio"), false);
});

Deno.test("the terminal is QEMU's when something of it is there", () => {
  const yes = [["-serial", "stdio"], ["-monitor", "stdio"], ["-chardev", "stdio,id=a"], ["-display", "curses"]];
  for (const args of yes) assert.equal(plan(...args).usesTerminal, true, args.join(" "));
  const no = [["-serial", "null"], ["-append", "stdio"], ["-chardev", "file,id=stdio"]];
  for (const args of no) assert.equal(plan(...args).usesTerminal, false, args.join(" "));
});

Deno.test("an option's value is not taken for an option", () => {
  const found = plan("-append", "-daemonize", "-kernel", "-spice");
  assert.deepEqual(found.notes, []);
  assert.deepEqual(found.args.slice(0, 4), ["-append", "-daemonize", "-kernel", "-spice"]);
});

Deno.test("what cannot be served is refused with what to change", () => {
  const cases: readonly [command: string[], text: RegExp][] = [
    [[], /must begin with QEMU's program/],
    [["sudo", "qemu-system-x86_64"], /it begins with "sudo"/],
    [["/opt/qemu/run.sh"], /it begins with/],
    [["qemu-system-x86_64", "-daemonize"], /-daemonize .* leave it out/],
    [["qemu-system-x86_64", "--daemonize"], /-daemonize .* leave it out/],
    [["qemu-system-x86_64", "-preconfig"], /leave it out/],
    [["qemu-system-x86_64", "-add-fd", "fd=3,set=1"], /file descriptors/],
    [["qemu-system-x86_64", "-incoming", "fd:3"], /file descriptors/],
    [["qemu-system-x86_64", "-display", "spice-app"], /leave it out/],
    [["qemu-system-x86_64", "-m"], /lacks its value/],
  ];
  for (const [command, text] of cases) {
    assert.throws(() => planQemu(command, SOCKETS), (error) => {
      assert(error instanceof QemuError, command.join(" "));
      assert.equal(error.code, "refused");
      assert.match(error.message, text);
      return true;
    });
  }
  assert.equal(planQemu(["/usr/libexec/qemu-kvm"], SOCKETS).program, "/usr/libexec/qemu-kvm");
});
