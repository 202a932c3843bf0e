import assert from "node:assert/strict";
import { readArguments } from "../../cli/arguments.ts";
import { readServeOptions, SERVE_OPTIONS } from "./options.ts";

const read = (...words: string[]) => readServeOptions(readArguments(words, SERVE_OPTIONS));

Deno.test("readServeOptions() has a default for everything", () => {
  assert.deepEqual(read(), {
    places: [{ hostname: "127.0.0.1", port: 5900 }],
    maxViewers: 32,
    imageCompression: "auto",
    jpeg: "never",
    zlibGlz: "auto",
    workers: null,
    logLevel: "info",
    logJson: false,
    statsSeconds: null,
  });
});

Deno.test("readServeOptions() reads what was said", () => {
  const options = read(
    ...["--listen", "unix:/x", "--listen=[::1]:0", "--max-viewers", "3", "--image-compression", "auto-lz"],
    ...["--jpeg", "auto", "--zlib-glz", "never", "--workers", "0"],
    ...["--log-level", "warning", "--log-json", "--stats-seconds", "10"],
  );
  assert.deepEqual(options, {
    places: [{ path: "/x" }, { hostname: "::1", port: 0 }],
    maxViewers: 3,
    imageCompression: "auto-lz",
    jpeg: "auto",
    zlibGlz: "never",
    workers: 0,
    logLevel: "warning",
    logJson: true,
    statsSeconds: 10,
  });
});

Deno.test("readServeOptions() says what is wrong", () => {
  const refuses = (words: string[], message: RegExp) =>
    assert.throws(() => read(...words), { name: "UsageError", message });
  refuses(["--listen", "x"], /^--listen: /);
  refuses(["--listen", "h:1", "--listen", "h:1"], /"h:1" is said twice/);
  refuses(["--max-viewers", "0"], /^--max-viewers: want a whole number from 1/);
  refuses(["--image-compression", "zip"], /^--image-compression: want auto, off, auto-glz, .*, not "zip"/);
  refuses(["--jpeg", "on"], /^--jpeg: want auto, always, never, not "on"/);
  refuses(["--zlib-glz", "on"], /^--zlib-glz: want auto/);
  refuses(["--workers", "65"], /^--workers: want a whole number from 0 to 64/);
  refuses(["--log-level", "loud"], /^--log-level: want error, warning, info/);
  refuses(["--stats-seconds", "x"], /^--stats-seconds: /);
});

Deno.test("no option is there twice", () => {
  const names = SERVE_OPTIONS.map(({ name }) => name);
  assert.deepEqual(names, [...new Set(names)]);
});
