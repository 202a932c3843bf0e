import assert from "node:assert/strict";
import { LinkErr } from "../../protocol/messages/enums.ts";
import { allItems } from "./items.ts";
import { markVector, type MessageVector } from "./vector_marks.ts";

const ITEMS = new Set(allItems().map(({ address }) => address));

Deno.test("markVector() of messages, of the link, of framing and of the agent", () => {
  const from = (channel: string, name: string, type: number | null, bytes: string, sender = "server") =>
    markVector({
      ...{ channel, name, type, bytes },
      direction: sender === "server" ? "server-to-client" : "client-to-server",
      origin: { kind: "derived" },
    });
  const found = {
    message: from("main", "MAIN_MOUSE_MODE", 105, "03000200"),
    base: from("base", "SET_ACK", 3, "0100000014000000"),
    link: from("link", "SpiceLinkResult", null, `0${LinkErr.PERMISSION_DENIED}000000`),
    framing: from("framing", "SpiceSubMessageList", null, "020000000000ffffffff"),
    header: from("framing", "SpiceMiniDataHeader", null, "010000000000", "client"),
    agent: from("agent", "VD_AGENT_CLIPBOARD_REQUEST_PLAIN", 8, "01000000"),
    toAgent: from("agent", "VD_AGENT_CLIENT_DISCONNECTED", 13, ""),
    otherSide: from("agent", "VD_AGENT_MAX_CLIPBOARD", 14, "ffffffff"),
  };
  assert.deepEqual(found, {
    message: [
      "main/server/MAIN_MOUSE_MODE",
      "main/server/MAIN_MOUSE_MODE/supportedModes=SERVER",
      "main/server/MAIN_MOUSE_MODE/supportedModes=CLIENT",
      "main/server/MAIN_MOUSE_MODE/currentMode=CLIENT",
    ],
    base: ["base/server/SET_ACK"],
    link: ["link/server/SpiceLinkResult", "link/server/SpiceLinkResult/error=PERMISSION_DENIED"],
    framing: ["lists/messages=many"],
    header: ["headers/mini/client"],
    agent: [
      "agent/agent/VD_AGENT_CLIPBOARD_REQUEST_PLAIN",
      "agent/agent/VD_AGENT_CLIPBOARD_REQUEST_PLAIN/type=UTF8_TEXT",
    ],
    toAgent: ["agent/server/VD_AGENT_CLIENT_DISCONNECTED"],
    otherSide: [],
  });
  for (const address of Object.values(found).flat()) assert(ITEMS.has(address), address);
});

Deno.test("markVector() refuses a message that there is not", () => {
  const vector: MessageVector = {
    ...{ channel: "main", name: "MAIN_NAME", type: 105, bytes: "", direction: "server-to-client" },
    origin: { kind: "derived" },
  };
  assert.throws(() => markVector(vector), RangeError);
  assert.throws(() => markVector({ ...vector, channel: "side" }), RangeError);
});
