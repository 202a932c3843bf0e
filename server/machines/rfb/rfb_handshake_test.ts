import assert from "node:assert/strict";
import { rfbHandshake, type RfbServerInit } from "./rfb_handshake.ts";
import { RFB_LIMITS } from "./rfb_limits.ts";
import type { RfbOutput } from "./rfb_output.ts";
import { type Reading, RfbReader } from "./rfb_reader.ts";

const latin = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));

/** A handshake whose server says all of `text`; a challenge is answered with 16 times "A". */
function shake(text: string, { hasPassword = true, piece = text.length } = {}) {
  const sent: string[] = [], inits: RfbServerInit[] = [];
  const tell = (output: RfbOutput) => {
    if (output.do === "send") sent.push(String.fromCharCode(...output.bytes));
    else if (output.do === "challenge") challenge = output.challenge;
  };
  let challenge: Uint8Array | null = null;
  const reader = new RfbReader((function* (): Reading<never> {
    inits.push(yield* rfbHandshake({ hasPassword, limits: RFB_LIMITS }, tell));
    for (;;) yield { skip: 1 };
  })());
  const advance = () => {
    const isOn = reader.advance();
    if (challenge !== null) reader.answer(latin("A".repeat(16)));
    challenge = null;
    return isOn;
  };
  for (let at = 0; at < text.length; at += piece) {
    reader.receive(latin(text.slice(at, at + piece)));
    while (advance());
  }
  return { sent, inits };
}

const INIT = `\x02\x80\x01\xe0${"\0".repeat(16)}\0\0\0\x02pc`;
const DONE = { name: "pc", width: 640, height: 480 };
const OK = "\0\0\0\0", CHALLENGE = "0123456789abcdef", ANSWER = "A".repeat(16);

for (
  const [what, server, client] of [
    ["3.3 without a password", `RFB 003.003\n\0\0\0\x01${INIT}`, ["RFB 003.003\n", "\x01"]],
    ["3.3 with one", `RFB 003.003\n\0\0\0\x02${CHALLENGE}${OK}${INIT}`, ["RFB 003.003\n", ANSWER, "\x01"]],
    ["3.7 without a result", `RFB 003.007\n\x01\x01${INIT}`, ["RFB 003.007\n", "\x01", "\x01"]],
    ["3.8 with a choice", `RFB 003.008\n\x02\x02\x01${OK}${INIT}`, ["RFB 003.008\n", "\x01", "\x01"]],
    [
      "3.8 with a password",
      `RFB 003.008\n\x01\x02${CHALLENGE}${OK}${INIT}`,
      ["RFB 003.008\n", "\x02", ANSWER, "\x01"],
    ],
  ] as const
) {
  Deno.test(`rfbHandshake() leads to ServerInit: ${what}`, () => {
    for (const piece of [1, 7, server.length]) {
      assert.deepEqual(shake(server, { piece }), { sent: client, inits: [DONE] });
    }
  });
}

for (
  const [what, server, code, detail] of [
    ["another protocol", "SSH-2.0-Open", "bad-version", /does not begin as/],
    ["an older version", "RFB 002.009\n", "bad-version", /RFB 2\.9 is older/],
    ["a refusal of 3.3", "RFB 003.003\n\0\0\0\0\0\0\0\x04full", "refused", /^full$/],
    ["a refusal of 3.8 without a reason", "RFB 003.008\n\0\0\0\0\0", "refused", /gives no reason/],
    ["security types that we lack", "RFB 003.008\n\x02\x13\x05", "unsupported", /types 19, 5/],
    ["a wrong password, 3.8", `RFB 003.008\n\x01\x02${CHALLENGE}\0\0\0\x01\0\0\0\x02no`, "password-wrong", /^no$/],
    ["too many tries, 3.7", `RFB 003.007\n\x01\x02${CHALLENGE}\0\0\0\x02`, "password-wrong", /too many/],
    ["a picture over the limits", `RFB 003.003\n\0\0\0\x01\xff${INIT.slice(1)}`, "too-large", /65408 × 480/],
  ] as const
) {
  Deno.test(`rfbHandshake() ends at ${what}`, () => {
    assert.throws(() => shake(server), { code, detail });
  });
}

Deno.test("rfbHandshake() gives up where a password is asked for and there is none", () => {
  assert.throws(() => shake("RFB 003.008\n\x01\x02", { hasPassword: false }), { code: "password-needed" });
});
