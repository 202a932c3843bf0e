import assert from "node:assert/strict";
import fc from "npm:fast-check@^4"; // property tests: shrinking finds the smallest failing file
import { quote } from "./key_file.ts";
import type { SpiceTarget } from "./target.ts";
import { TargetError, type TargetErrorCode } from "./target_error.ts";
import { formatVv, parseVv, type VvFile } from "./vv.ts";

/** Every key of remote-viewer(1) and virt-viewer-file.c, as management software writes such a file. */
const FULL = `# Written by a portal
[virt-viewer]
type=spice
version=2.0-160
newer-version-url=https://example.org/get\\ttabs
versions=rhev-win64:2.0-160;rhel7:2.0-6;
host=192.0.2.7
port=5900
tls-port=5901
username=admin
password=s\\\\e;c=r#et
tls-ciphers=DEFAULT:!RC4
ca=-----BEGIN CERTIFICATE-----\\nMIID\\n-----END CERTIFICATE-----\\n
host-subject=O=Example,CN=192.0.2.7
proxy=http://proxy.example:3128
title=vm1:%d - Press Shift+F12
title[fr]=vm1 en fran\u00e7ais
secure-channels=main;inputs;cursor;playback;record;display;smartcard;usbredir
disable-channels=webdav;
fullscreen=1
enable-smartcard=0
enable-usbredir=1
enable-usb-autoshare=1
delete-this-file=1
toggle-fullscreen=shift+f11
release-cursor=shift+f12
secure-attention=ctrl+alt+end
smartcard-insert=shift+f8
smartcard-remove=shift+f9
usb-device-reset=ctrl+shift+r
zoom-in=ctrl+plus
zoom-out=ctrl+minus
zoom-reset=ctrl+0
color-depth=32
disable-effects=wallpaper;font-smooth
usb-filter=-1,-1,-1,-1,0|3,-1,-1,-1,1
x-portal=yes\\n

[ovirt]
host=engine.example:443
vm-guid=6a2b
sso-token=tok
admin=1
ca=A\\nB
`;

const FULL_VALUE: VvFile = {
  target: {
    host: "192.0.2.7",
    port: 5900,
    tlsPort: 5901,
    username: "admin",
    password: "s\\e;c=r#et",
    tlsCiphers: "DEFAULT:!RC4",
    ca: "-----BEGIN CERTIFICATE-----\nMIID\n-----END CERTIFICATE-----\n",
    hostSubject: "O=Example,CN=192.0.2.7",
    proxy: "http://proxy.example:3128",
    title: "vm1:%d - Press Shift+F12",
    secureChannels: ["main", "inputs", "cursor", "playback", "record", "display", "smartcard", "usbredir"],
    disableChannels: ["webdav"],
  },
  fullscreen: true,
  enableSmartcard: false,
  enableUsbredir: true,
  enableUsbAutoshare: true,
  deleteThisFile: true,
  version: "2.0-160",
  newerVersionUrl: "https://example.org/get\ttabs",
  versions: [{ osId: "rhev-win64", version: "2.0-160" }, { osId: "rhel7", version: "2.0-6" }],
  hotkeys: {
    toggleFullscreen: "shift+f11",
    releaseCursor: "shift+f12",
    secureAttention: "ctrl+alt+end",
    smartcardInsert: "shift+f8",
    smartcardRemove: "shift+f9",
    usbDeviceReset: "ctrl+shift+r",
    zoomIn: "ctrl+plus",
    zoomOut: "ctrl+minus",
    zoomReset: "ctrl+0",
  },
  colorDepth: 32,
  disableEffects: ["wallpaper", "font-smooth"],
  usbFilter: "-1,-1,-1,-1,0|3,-1,-1,-1,1",
  other: new Map([
    ["virt-viewer", new Map([["title[fr]", "vm1 en français"], ["x-portal", "yes\\n"]])],
    [
      "ovirt",
      new Map([
        ["host", "engine.example:443"],
        ["vm-guid", "6a2b"],
        ["sso-token", "tok"],
        ["admin", "1"],
        ["ca", "A\\nB"],
      ]),
    ],
  ]),
};

Deno.test("parseVv() reads every key, as text and as bytes with \\r\\n", () => {
  assert.deepEqual(parseVv(FULL), FULL_VALUE);
  assert.deepEqual(parseVv(new TextEncoder().encode("\uFEFF" + FULL.replaceAll("\n", "\r\n"))), FULL_VALUE);
});

Deno.test("formatVv() writes every key", () => {
  const text = formatVv(FULL_VALUE);
  assert.deepEqual(parseVv(text), FULL_VALUE);
  const keys = (file: string) => file.match(/^[^#=\n]+(?==)/gm)?.toSorted();
  assert.deepEqual(keys(text), keys(FULL));
});

Deno.test("parseVv() reads the example of remote-viewer(1)", () => {
  assert.deepEqual(parseVv("[virt-viewer]\ntype=spice\nhost=betsiboka\nport=5900\nfullscreen=1\n"), {
    target: { host: "betsiboka", port: 5900 },
    fullscreen: true,
  });
});

Deno.test("parseVv() reads places", () => {
  const target = (keys: string) => parseVv(`[virt-viewer]\ntype=SPICE \n${keys}`).target;
  assert.deepEqual(target("unix-path=/run/v m.sock\n"), { unixPath: "/run/v m.sock" });
  assert.deepEqual(target("unix-path=/run/vm.sock\nport=-1\n"), { unixPath: "/run/vm.sock" });
  assert.deepEqual(target("host=[::1]\nport=5900\n"), { host: "::1", port: 5900 });
  assert.deepEqual(target("host=fe80::1%eth0 \nport= +5900 \n"), { host: "fe80::1%eth0", port: 5900 });
  assert.deepEqual(target("host=a\nport=-1\ntls-port=5901\n"), { host: "a", tlsPort: 5901 });
  assert.deepEqual(target("host=a\nport=1\nport=2\npassword=\n"), { host: "a", port: 2, password: "" });
});

Deno.test("parseVv() reads flags as numbers, and GLib's words", () => {
  for (
    const [word, value] of Object.entries({ "1": true, "0": false, "2": true, "-1": true, true: true, false: false })
  ) {
    assert.equal(parseVv(`${PLACE}fullscreen=${word}\n`).fullscreen, value, word);
  }
});

Deno.test("parseVv() reports what is to be deleted and touches nothing", () => {
  assert.equal(parseVv(`${PLACE}delete-this-file=1\n`).deleteThisFile, true);
  assert.equal(parseVv(`${PLACE}delete-this-file=0\n`).deleteThisFile, false);
  assert.equal("deleteThisFile" in parseVv(PLACE), false);
});

Deno.test("parseVv() refuses a wrong file with a code and one line that quotes nothing", () => {
  const cases: [string, TargetErrorCode][] = [
    ["", "missing-type"],
    ["[ovirt]\ntype=spice\n", "missing-type"],
    ["[virt-viewer]\nhost=hunter2\n", "missing-type"],
    ["[virt-viewer]\ntype=vnc\nhost=a\nport=5900\n", "unsupported-type"],
    ["[virt-viewer]\ntype=hunter2\n", "unsupported-type"],
    ["[virt-viewer]\ntype=spice\nhost=a\n", "missing-port"],
    ["[virt-viewer]\ntype=spice\nhost=a\nport=0\n", "missing-port"],
    ["[virt-viewer]\ntype=spice\nport=5900\n", "missing-host"],
    ["[virt-viewer]\ntype=spice\nunix-path=\n", "missing-path"],
    [`${PLACE}unix-path=/hunter2\n`, "conflict"],
    [`${PLACE}port=65536\n`, "bad-port"],
    [`${PLACE}port=hunter2\n`, "bad-value"],
    [`${PLACE}port=59 00\n`, "bad-value"],
    [`${PLACE}tls-port=0x10\n`, "bad-value"],
    [`${PLACE}host=hunter2:5900\n`, "bad-host"],
    [`${PLACE}host=a\\nhunter2\n`, "bad-host"],
    [`${PLACE}fullscreen=hunter2\n`, "bad-value"],
    [`${PLACE}color-depth=24\n`, "bad-value"],
    [`${PLACE}versions=hunter2\n`, "bad-value"],
    [`${PLACE}password=x\nhunter2\n`, "bad-syntax"],
    [`${PLACE}=hunter2\n`, "bad-syntax"],
    [`${PLACE}[hunter2\n`, "bad-syntax"],
    [`${PLACE}password=hunter2\0\n`, "bad-encoding"],
    [`${PLACE}#`.padEnd((1 << 20) + 1, "x"), "too-large"],
  ];
  for (const [text, code] of cases) {
    const error = refusal(() => parseVv(text));
    assert.equal(error.code, code, text.slice(0, 200));
    assert.match(error.message, /^Cannot read \.vv file: \S[^\n]*$/);
    assert.ok(!error.message.includes("hunter2"), error.message);
  }
});

Deno.test("formatVv() refuses what a file cannot say", () => {
  const target = { host: "a", port: 1 };
  const cases: [VvFile, TargetErrorCode][] = [
    [{ target: { host: "a" } }, "missing-port"],
    [{ target: { host: "", port: 1 } }, "missing-host"],
    [{ target: { host: "a", port: 0 } }, "bad-port"],
    [{ target: { unixPath: "a\0" } }, "bad-path"],
    [{ target: { ...target, title: "\fa" } }, "bad-value"],
    [{ target: { ...target, password: "a\0" } }, "bad-value"],
    [{ target: { ...target, secureChannels: ["a\f"] } }, "bad-value"],
    [{ target, versions: [{ osId: "a:b", version: "1" }] }, "bad-value"],
    [{ target, other: new Map([["virt-viewer", new Map([["host", "b"]])]]) }, "conflict"],
    [{ target, other: new Map([["ovirt", new Map([["a", "b\n[virt-viewer]"]])]]) }, "bad-value"],
    [{ target, other: new Map([["ov]irt", new Map()]]) }, "bad-syntax"],
  ];
  for (const [file, code] of cases) {
    const error = refusal(() => formatVv(file));
    assert.equal(error.code, code);
    assert.match(error.message, /^Cannot write \.vv file: /);
  }
});

Deno.test("parseVv(formatVv()) gives any file back", () => {
  fc.assert(fc.property(FILES, (file) => assert.deepEqual(parseVv(formatVv(file)), file)), { seed: 7, numRuns: 1000 });
});

Deno.test("parseVv() ends any lines in a file that formatVv() writes back, or in a TargetError", () => {
  let read = 0;
  const key = fc.oneof(fc.constantFrom(...FULL.match(/^[^#=\n[]+(?==)/gm) ?? []), fc.string({ maxLength: 4 }));
  const value = fc.oneof(fc.constantFrom("1", "0", "-1", "5900", "a;b\\;c", "x:1;", "\\s", "::1", "a"), fc.string());
  const line = fc.oneof(
    { weight: 8, arbitrary: fc.tuple(key, value).map((pair) => pair.join("=")) },
    { weight: 1, arbitrary: fc.constantFrom("[ovirt]", "[virt-viewer]", "# c", "", "\r") },
  );
  fc.assert(
    fc.property(fc.boolean(), fc.array(line), (placed, lines) => {
      let file: VvFile;
      try {
        file = parseVv((placed ? PLACE : "[virt-viewer]\n") + lines.join("\n"));
      } catch (error) {
        assert.ok(error instanceof TargetError, String(error));
        return;
      }
      read++;
      assert.deepEqual(parseVv(formatVv(file)), file);
    }),
    { seed: 8, numRuns: 5000 },
  );
  assert.ok(read > 200, `${read} of 5000 were files`);
});

Deno.test("parseVv() ends any bytes in a value or a TargetError", () => {
  const head = new TextEncoder().encode(PLACE);
  fc.assert(
    fc.property(fc.boolean(), fc.uint8Array({ maxLength: 200 }), (placed, bytes) => {
      try {
        parseVv(placed ? new Uint8Array([...head, ...bytes]) : bytes);
      } catch (error) {
        assert.ok(error instanceof TargetError, String(error));
      }
    }),
    { seed: 9, numRuns: 5000 },
  );
});

const PLACE = "[virt-viewer]\ntype=spice\nhost=a\nport=5900\n";

const TEXT = fc.string({ unit: "grapheme" }).filter((text) => !text.includes("\0") && !text.startsWith("\f"));
const ITEMS = fc.array(TEXT.filter((text) => text !== "" && !text.endsWith("\f")), { maxLength: 4 });
const PORT = fc.integer({ min: 1, max: 65535 });
const ACCESS = {
  username: TEXT,
  password: TEXT,
  secureChannels: ITEMS,
  disableChannels: ITEMS,
  tlsCiphers: TEXT,
  ca: TEXT,
  hostSubject: TEXT,
  proxy: TEXT,
  title: TEXT,
};
const HOTKEYS = { toggleFullscreen: TEXT, releaseCursor: TEXT, smartcardInsert: TEXT, zoomReset: TEXT };
const HOST = fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6());
const TARGETS: fc.Arbitrary<SpiceTarget> = fc.oneof(
  fc.record({ host: HOST, port: PORT, tlsPort: PORT, ...ACCESS }, {
    requiredKeys: ["host", "port"],
    noNullPrototype: true,
  }),
  fc.record({ unixPath: TEXT.filter((text) => text !== ""), ...ACCESS }, {
    requiredKeys: ["unixPath"],
    noNullPrototype: true,
  }),
);
const OTHER = fc.dictionary(
  fc.constantFrom("x-a", "x-b[fr]", "é"),
  fc.string({ unit: "grapheme" }).filter((text) => !text.includes("\0")).map((text) =>
    quote(text.replaceAll("\f", ""))
  ),
  { minKeys: 1 },
).map((values) => new Map(Object.entries(values)));
const FILES: fc.Arbitrary<VvFile> = fc.record({
  target: TARGETS,
  fullscreen: fc.boolean(),
  hotkeys: fc.record(HOTKEYS, { requiredKeys: ["zoomReset"], noNullPrototype: true }),
  colorDepth: fc.constantFrom<16 | 32>(16, 32),
  disableEffects: ITEMS,
  enableSmartcard: fc.boolean(),
  enableUsbredir: fc.boolean(),
  enableUsbAutoshare: fc.boolean(),
  usbFilter: TEXT,
  deleteThisFile: fc.boolean(),
  version: TEXT,
  versions: fc.array(
    fc.record({ osId: fc.constantFrom("a", "b;", "c\\"), version: fc.constantFrom("1", "2-3", ";4:") }, {
      noNullPrototype: true,
    }),
  ),
  newerVersionUrl: TEXT,
  other: OTHER.chain((ours) => OTHER.map((ovirt) => new Map([["virt-viewer", ours], ["ovirt", ovirt]]))),
}, { requiredKeys: ["target"], noNullPrototype: true });

function refusal(run: () => unknown): TargetError {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof TargetError, String(error));
    return error;
  }
  return assert.fail("nothing was thrown");
}
