import assert from "node:assert/strict";
import fc from "npm:fast-check@^4"; // property tests: shrinking finds the smallest failing URI
import type { SpiceTarget } from "./target.ts";
import { TargetError, type TargetErrorCode } from "./target_error.ts";
import { DEFAULT_PORT, formatUri, MAX_URI_LENGTH, parseUri } from "./uri.ts";

/** Source: spice_uri_scheme.txt, and spice-gtk's spice_parse_uri, whose reading of these was compared. */
const READ: Record<string, SpiceTarget> = {
  "spice://makai:5900": { host: "makai", port: 5900 },
  "spice://makai": { host: "makai", port: DEFAULT_PORT },
  "spice://makai:": { host: "makai", port: DEFAULT_PORT },
  "spice://makai:5900/": { host: "makai", port: 5900 },
  "spice://makai:5900/vm/1": { host: "makai", port: 5900 },
  "spice://makai?port=5900": { host: "makai", port: 5900 },
  "spice://makai/?port=5900": { host: "makai", port: 5900 },
  "spice://makai?tls-port=5901": { host: "makai", tlsPort: 5901 },
  "spice://makai?port=5900&tls-port=5901": { host: "makai", port: 5900, tlsPort: 5901 },
  "spice://makai:5900?tls-port=5901&": { host: "makai", port: 5900, tlsPort: 5901 },
  "spice://makai?port=5900;tls-port=5901": { host: "makai", port: 5900, tlsPort: 5901 },
  "spice://makai:5900;tls-port=5901;password=a/b@c": { host: "makai", port: 5900, tlsPort: 5901, password: "a/b@c" },
  "spice://makai:5900;": { host: "makai", port: 5900 },
  "spice://makai;port=5900;password=x;": { host: "makai", port: 5900, password: "x" },
  "spice://makai/;port=5900;password=x": { host: "makai", port: 5900, password: "x" },
  "spice://makai:5900?password=a;b": { host: "makai", port: 5900, password: "a;b" },
  "spice://makai:5900?password=a;": { host: "makai", port: 5900, password: "a" },
  "spice://makai?port=5900;&password=a;b;tls-port=": { host: "makai", port: 5900, password: "a;b" },
  "spice://makai:5900?password=%3F%3D%26%25+": { host: "makai", port: 5900, password: "?=&%+" },
  "spice://makai:5900?password=a:/@!$'()*,;#": { host: "makai", port: 5900, password: "a:/@!$'()*,;#" },
  "spice://makai:5900?password=": { host: "makai", port: 5900 },
  "spice://makai:5900?PassWord=Ab": { host: "makai", port: 5900, password: "Ab" },
  "spice://makai:5900?com.redhat.spiceclient.MonitorMapping=2&": { host: "makai", port: 5900 },
  "spice://joe@makai:5900": { host: "makai", port: 5900, username: "joe" },
  "spice://jo%40e:s%3A%20%C3%A9@makai:5900": { host: "makai", port: 5900, username: "jo@e", password: "s: é" },
  "spice://:se;cr:et@makai:5900": { host: "makai", port: 5900, password: "se;cr:et" },
  "spice://@makai:5900": { host: "makai", port: 5900 },
  "spice://[::1]:5900": { host: "::1", port: 5900 },
  "spice://[::1]": { host: "::1", port: DEFAULT_PORT },
  "spice://[2001:db8::192.0.2.7]?tls-port=5901": { host: "2001:db8::192.0.2.7", tlsPort: 5901 },
  "spice://[fe80::1%25eth0]:5900": { host: "fe80::1%eth0", port: 5900 },
  "spice://[fe80::1%eth0]:5900": { host: "fe80::1%eth0", port: 5900 },
  "spice://b%C3%BCcher.example:5900": { host: "bücher.example", port: 5900 },
  " SPICE://makai:5900\n": { host: "makai", port: 5900 },
  "spice+tls://makai:5901": { host: "makai", tlsPort: 5901 },
  "Spice+TLS://:x@[::1]:5901/": { host: "::1", tlsPort: 5901, password: "x" },
  "spice+tls://makai:5901?password=x": { host: "makai", tlsPort: 5901, password: "x" },
  "spice+tls://makai:5901?port=5900&tls-port=5902": { host: "makai", tlsPort: 5901 },
  "spice+unix:///run/vm.sock": { unixPath: "/run/vm.sock" },
  "spice+unix:///run/v%20m%3F.sock?password=x": { unixPath: "/run/v m?.sock", password: "x" },
  "spice+unix:///run/a@b:1;c.sock": { unixPath: "/run/a@b:1;c.sock" },
  "spice+unix://vm.sock": { unixPath: "vm.sock" },
  "spice+unix://joe:x@/run/vm.sock": { unixPath: "/run/vm.sock", username: "joe", password: "x" },
};

const REFUSED: Record<string, TargetErrorCode> = {
  "": "bad-scheme",
  "makai:5900": "bad-scheme",
  "vnc://makai:5900": "bad-scheme",
  "spice:/makai:5900": "bad-scheme",
  "spice+ws://makai": "bad-scheme",
  "spice://": "missing-host",
  "spice://:5900": "missing-host",
  "spice://?com.redhat.spiceclient.MonitorMapping=2&": "missing-host",
  "spice://[]:5900": "bad-host",
  "spice://[makai]:5900": "bad-host",
  "spice://[1.2.3.4]:5900": "bad-host",
  "spice://[::1": "bad-syntax",
  "spice://[::1]5900": "bad-syntax",
  "spice://[[::1]]:5900": "bad-syntax",
  "spice://::1:5900": "bad-syntax",
  "spice://ma kai:5900": "bad-host",
  "spice://ma%2Fkai:5900": "bad-host",
  "spice://ma%0Akai:5900": "bad-host",
  "spice://ma#kai:5900": "bad-host",
  "spice://makai:0": "bad-port",
  "spice://makai:65536": "bad-port",
  "spice://makai:-1": "bad-port",
  "spice://makai:5900x": "bad-port",
  "spice://makai:0x10": "bad-port",
  "spice://makai: 5900": "bad-port",
  "spice://makai:٥٩": "bad-port",
  "spice://makai?port=1e3": "bad-port",
  "spice://makai?tls-port=99999999999": "bad-port",
  "spice://makai:5900?port=5900": "duplicate",
  "spice://makai?tls-port=1&tls-port=1": "duplicate",
  "spice://:x@makai?password=x": "duplicate",
  "spice://a@b@makai": "bad-syntax",
  "spice://makai?password": "bad-syntax",
  "spice://makai?=x": "bad-syntax",
  "spice://makai?tlsport=5901": "unknown-parameter",
  "spice://makai?password=a&b=c": "unknown-parameter",
  "spice://makai?password=%": "bad-encoding",
  "spice://makai?password=%zz": "bad-encoding",
  "spice://makai?password=%ff": "bad-encoding",
  "spice://makai?password=a%00b": "bad-encoding",
  "spice://%E9:5900": "bad-encoding",
  "spice+tls://makai": "missing-port",
  "spice+tls://makai?tls-port=5901": "missing-port",
  "spice+unix://": "missing-path",
  "spice+unix://?password=x": "missing-path",
  "spice+unix:///run/vm.sock?port=5900": "conflict",
  "spice+unix:///run/100%.sock": "bad-encoding",
};

Deno.test("parseUri() reads every form of the document and of spice-gtk", () => {
  for (const [uri, target] of Object.entries(READ)) assert.deepEqual(parseUri(uri), target, uri);
});

Deno.test("parseUri() refuses the rest with a code and one line", () => {
  for (const [uri, code] of Object.entries(REFUSED)) {
    const error = refusal(() => parseUri(uri));
    assert.equal(error.code, code, uri);
    assert.match(error.message, /^Cannot read SPICE URI: \S[^\n]*[^.\s]$/, uri);
    assert.ok(error instanceof RangeError);
  }
});

Deno.test("parseUri() refuses what is longer than its limit, and takes what is not", () => {
  const uri = (length: number) => "spice://makai?password=".padEnd(length, "x");
  assert.equal(parseUri(uri(MAX_URI_LENGTH)).password?.length, MAX_URI_LENGTH - 23);
  assert.equal(refusal(() => parseUri(uri(MAX_URI_LENGTH + 1))).code, "too-large");
});

Deno.test("formatUri() writes the forms that spice-gtk writes", () => {
  const uris = [
    "spice://makai:5900",
    "spice+tls://makai:5901",
    "spice://makai?port=5900&tls-port=5901",
    "spice+unix:///run/vm.sock",
    "spice://[::1]:5900",
    "spice+tls://[fe80::1%25eth0]:5901",
    "spice://jo%40e@makai:5900",
  ];
  for (const uri of uris) assert.equal(formatUri(parseUri(uri)), uri);
});

Deno.test("formatUri() leaves the password out unless asked", () => {
  const target = { host: "makai", port: 5900, password: "a&b" };
  assert.equal(formatUri(target), "spice://makai:5900");
  assert.equal(formatUri(target, { withPassword: true }), "spice://makai:5900?password=a%26b");
});

Deno.test("formatUri() refuses a target that no URI can name", () => {
  const cases: [SpiceTarget, TargetErrorCode][] = [
    [{ host: "makai" }, "missing-port"],
    [{ host: "", port: 1 }, "missing-host"],
    [{ host: "a b", port: 1 }, "bad-host"],
    [{ host: "[makai]", port: 1 }, "bad-host"],
    [{ host: "makai", port: 0 }, "bad-port"],
    [{ host: "makai", tlsPort: 1.5 }, "bad-port"],
    [{ host: "makai", port: 70000, tlsPort: 1 }, "bad-port"],
    [{ unixPath: "" }, "missing-path"],
    [{ unixPath: "/a\0b" }, "bad-path"],
    [{ host: "makai", port: 1, password: "\ud800" }, "bad-encoding"],
    [{ host: "makai", port: 1, username: "a\0" }, "bad-encoding"],
    [{ unixPath: "/".padEnd(MAX_URI_LENGTH, "x") }, "too-large"],
  ];
  for (const [target, code] of cases) {
    const error = refusal(() => formatUri(target, { withPassword: true }));
    assert.equal(error.code, code);
    assert.match(error.message, /^Cannot write SPICE URI: /);
  }
});

Deno.test("parseUri(formatUri()) gives any target back", () => {
  fc.assert(
    fc.property(TARGETS, (target) => {
      assert.deepEqual(parseUri(formatUri(target, { withPassword: true })), target);
    }),
    { seed: 2, numRuns: 2000 },
  );
});

Deno.test("parseUri() ends any text in a target that can be written, or in a TargetError", () => {
  let read = 0;
  const texts = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 3 })), { maxLength: 14 }).map((a) =>
      a.join("")
    ),
  );
  fc.assert(
    fc.property(fc.constantFrom("", "spice://", "spice+tls://", "spice+unix://"), texts, (scheme, text) => {
      let target: SpiceTarget;
      try {
        target = parseUri(scheme + text);
      } catch (error) {
        assert.ok(error instanceof TargetError, String(error));
        return;
      }
      read++;
      assert.deepEqual(parseUri(formatUri(target, { withPassword: true })), target);
    }),
    { seed: 3, numRuns: 5000 },
  );
  assert.ok(read > 500, `${read} of 5000 were URIs`);
});

Deno.test("no error of parseUri() quotes a password, wherever it was put", () => {
  const password = "hunter2hunter2";
  const places = [
    `spice://joe:${password}/x@makai:5900`,
    `spice://joe:${password}?x@makai:5900`,
    `spice://:${password}@x@makai`,
    `spice://makai:${password}`,
    `spice://makai:5900?password=x&${password}`,
    `spice://makai:5900?password=x&${password}=y`,
    `spice://makai:5900?port=${password}`,
    `spice://makai:5900?password=${password}%`,
    `spice://${password} @makai :5900`,
    `spice://[${password}]`,
    `${password}://makai`,
    `spice+unix:///x?port=${password}`,
  ];
  for (const uri of places) {
    const error = refusal(() => parseUri(uri));
    assert.ok(!`${error.message}${error.stack}${String(error.cause)}`.includes("hunter2"), uri);
  }
});

Deno.test("a target says by its unixPath which kind it is", () => {
  // Compiles only while the union narrows.
  const where = (target: SpiceTarget): string => target.unixPath === undefined ? target.host : target.unixPath;
  assert.equal(where({ host: "makai", port: 1 }), "makai");
  assert.equal(where({ unixPath: "/x" }), "/x");
});

const PIECES = [
  ...["/", "?", "&", ";", "@", ":", "[", "]", "%", "%25", "%00", "%c3%a9", "#", "="],
  ...["port=", "tls-port=", "password=", "5900", "0", "::1", "host", "1.2.3.4", "x.y=", "é", " "],
];

const WORD = fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }).filter((text) =>
  text.isWellFormed() && !text.includes("\0")
);
const PORT = fc.integer({ min: 1, max: 65535 });
const LOGIN = { username: WORD, password: WORD };
const HOST = fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6(), fc.constantFrom("bücher.example", "fe80::1%eth0", "a_b"));
const TARGETS: fc.Arbitrary<SpiceTarget> = fc.oneof(
  fc.record({ host: HOST, port: PORT, tlsPort: PORT, ...LOGIN }, {
    requiredKeys: ["host", "port"],
    noNullPrototype: true,
  }),
  fc.record({ host: HOST, tlsPort: PORT, ...LOGIN }, { requiredKeys: ["host", "tlsPort"], noNullPrototype: true }),
  fc.record({ unixPath: WORD.map((text) => `/${text}`), ...LOGIN }, {
    requiredKeys: ["unixPath"],
    noNullPrototype: true,
  }),
);

function refusal(run: () => unknown): TargetError {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof TargetError, String(error));
    return error;
  }
  return assert.fail("nothing was thrown");
}
