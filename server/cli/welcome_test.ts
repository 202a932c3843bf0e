import assert from "node:assert/strict";
import { welcome } from "./welcome.ts";

const OPEN = { control: null, view: null, made: false, seconds: null };
const here = { place: { hostname: "127.0.0.1", port: 5900 }, uri: "spice://127.0.0.1:5900" };
const everywhere = { place: { hostname: "0.0.0.0", port: 5900 }, uri: "spice://0.0.0.0:5900" };

Deno.test("welcome() is enough to connect", () => {
  assert.deepEqual(welcome({ machine: "demo", places: [here], passwords: OPEN, maxViewers: 32 }), [
    "Saffron serves the demo.",
    "",
    "  Listening  spice://127.0.0.1:5900  (this computer only)",
    "  Connect    remote-viewer spice://127.0.0.1:5900",
    "             deno task client info spice://127.0.0.1:5900",
    "  Password   none: every user of this computer gets in",
    "  Viewers    up to 32 at once",
    "",
    "Ctrl-C stops it.",
  ]);
});

Deno.test("welcome() tells a password that was made, and no other", () => {
  const lines = (made: boolean) => {
    const passwords = { control: "abc234", view: "viewpw", made, seconds: 60 };
    return welcome({ machine: "qemu", places: [here], passwords, maxViewers: 1 }).join("\n");
  };
  assert.match(
    lines(true),
    /Password +abc234 {2}\(made for this run\)\n +and the view-only one.*\n +lets viewers in for 60 s/,
  );
  assert.match(lines(false), /Password +the one that was given/);
  assert.ok(!lines(false).includes("abc234"));
  assert.ok(!lines(true).includes("viewpw"));
  assert.match(lines(true), /a machine \(qemu\)/);
});

Deno.test("welcome() warns of what the network can see, and names an address that can be reached", () => {
  const lines = welcome({ machine: "rfb", places: [everywhere, here], passwords: OPEN, maxViewers: 2 }).join("\n");
  assert.match(lines, /remote-viewer spice:\/\/127\.0\.0\.1:5900$/m);
  assert.match(lines, /Warning +pictures and keys cross the network unencrypted/);
  assert.match(lines, /there is no password: everyone in the network/);
  const six = { place: { hostname: "::", port: 5 }, uri: "spice://[::]:5" };
  assert.match(
    welcome({ machine: "rfb", places: [six], passwords: OPEN, maxViewers: 2 }).join("\n"),
    /viewer spice:\/\/127\.0\.0\.1:5$/m,
  );
});

Deno.test("welcome() quotes what a shell would take apart", () => {
  const odd = { place: { path: "/run/my vm's" }, uri: "spice+unix:///run/my vm's" };
  const lines = welcome({ machine: "demo", places: [odd], passwords: OPEN, maxViewers: 2 });
  assert.ok(lines.includes("  Connect    remote-viewer 'spice+unix:///run/my vm'\\''s'"));
  assert.ok(lines.includes("  Password   none: whoever may open the socket gets in"));
});
