import assert from "node:assert/strict";
import { parseAttachPlaces } from "./attach_places.ts";

Deno.test("parseAttachPlaces() reads paths and ports, a VNC socket for each head", () => {
  assert.deepEqual(parseAttachPlaces("--attach", "qmp=/run/q,vnc=/run/v0,vnc=[::1]:5901"), {
    qmp: { kind: "unix", path: "/run/q" },
    vnc: [{ kind: "unix", path: "/run/v0" }, { kind: "tcp", host: "::1", port: 5901 }],
  });
  assert.deepEqual(parseAttachPlaces("--attach", "vnc=h:5900,qmp=h:4444").qmp, { kind: "tcp", host: "h", port: 4444 });
});

Deno.test("parseAttachPlaces() says what is missing", () => {
  const refuses = (text: string, message: RegExp) =>
    assert.throws(() => parseAttachPlaces("--attach", text), { name: "UsageError", message });
  refuses("", /^--attach: "" is no socket; want qmp=PLACE/);
  refuses("/run/q", /"\/run\/q" is no socket/);
  refuses("qmp=/q", /^--attach: vnc is missing/);
  refuses("vnc=/v", /^--attach: qmp is missing/);
  refuses("qmp=/q,qmp=/r,vnc=/v", /qmp is said twice/);
  for (const place of ["", "x", "h:0", "h:65536", "::1:5"]) refuses(`qmp=/q,vnc=${place}`, /is no socket/);
});
