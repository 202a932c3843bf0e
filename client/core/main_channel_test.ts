import assert from "node:assert/strict";
import { DEFAULT_LIMITS } from "../../protocol/limits.ts";
import {
  MainAgentConnected,
  MainAgentConnectedTokens,
  MainAgentData,
  MainAgentDisconnected,
  MainAgentToken,
  MainChannelsList,
  MainInit,
  MainMigrateCancel,
  MainMouseMode,
  MainMultiMediaTime,
  MainName,
  MainUuid,
} from "../../protocol/messages/main.ts";
import { MouseMode } from "../../protocol/messages/enums.ts";
import { INIT, Script } from "./testing/scripted_server.ts";

const { SERVER, CLIENT } = MouseMode;

Deno.test("MAIN_INIT becomes events, and is answered with ATTACH_CHANNELS", () => {
  const script = new Script().start();
  script.events.length = 0;
  script.main.say(MainInit, { ...INIT, agentConnected: 1, multiMediaTime: 0xfffffff0 });
  assert.deepEqual(script.events, [
    {
      type: "init",
      init: {
        sessionId: 0x5eed,
        displayChannelsHint: 1,
        supportedMouseModes: SERVER | CLIENT,
        currentMouseMode: CLIENT,
        agentConnected: true,
        agentTokens: 10,
        ramHint: 0,
      },
    },
    { type: "mm-time", timeMs: 0xfffffff0 },
    { type: "mouse-mode", supported: SERVER | CLIENT, current: CLIENT },
  ]);
  assert.deepEqual(script.main.takeNames(), ["MAIN_ATTACH_CHANNELS"]);
});

Deno.test("Name, uuid, time and the agent's bytes become events", () => {
  const script = new Script().begin();
  script.events.length = 0;
  const uuid = Uint8Array.from({ length: 16 }, (_, i) => i), bytes = Uint8Array.of(1, 2, 3);
  script.main.say(MainName, { name: new TextEncoder().encode("mémtest\0") });
  script.main.say(MainUuid, { uuid });
  script.main.say(MainMultiMediaTime, { time: 77 });
  script.main.say(MainAgentConnected, {});
  script.main.say(MainAgentConnectedTokens, { numTokens: 9 });
  script.main.say(MainAgentData, { data: bytes });
  script.main.say(MainAgentToken, { numTokens: 1 });
  script.main.say(MainAgentDisconnected, { errorCode: 0 });
  assert.deepEqual(script.events, [
    { type: "name", name: "mémtest" },
    { type: "uuid", uuid },
    { type: "mm-time", timeMs: 77 },
    { type: "agent", connected: true, tokens: 0 },
    { type: "agent", connected: true, tokens: 9 },
    { type: "agent-data", bytes },
    { type: "agent", connected: false, tokens: 0 },
  ]);
});

Deno.test("The mouse mode that is wanted is asked for once, when it is offered and not there", () => {
  const requests = (script: Script) =>
    script.main.said.splice(0).filter(({ name }) => name === "MAIN_MOUSE_MODE_REQUEST").map(({ value }) => value);
  const script = new Script().begin([], { supportedMouseModes: SERVER, currentMouseMode: SERVER });
  assert.deepEqual(requests(script), []);
  script.main.say(MainMouseMode, { supportedModes: SERVER | CLIENT, currentMode: SERVER });
  assert.deepEqual(requests(script), [{ mode: CLIENT }]);
  script.main.say(MainMouseMode, { supportedModes: SERVER | CLIENT, currentMode: SERVER });
  assert.deepEqual(requests(script), []);
  script.main.say(MainMouseMode, { supportedModes: SERVER | CLIENT, currentMode: CLIENT });
  assert.equal(script.core.main!.mouseMode, CLIENT);
  // It was lost again, as when the agent goes: asked for once more.
  script.main.say(MainMouseMode, { supportedModes: SERVER | CLIENT, currentMode: SERVER });
  assert.deepEqual(requests(script), [{ mode: CLIENT }]);

  const server = new Script({ session: { mouseMode: "server" } }).begin();
  assert.deepEqual(requests(server), [{ mode: SERVER }]);
});

Deno.test("Messages before MAIN_INIT and a second MAIN_INIT end the session", () => {
  const early = new Script().start();
  early.main.say(MainName, { name: new Uint8Array(0) });
  assert.deepEqual([early.failure.code, early.failure.wireName], ["unexpected", "MAIN_NAME"]);
  const twice = new Script().begin();
  twice.main.say(MainInit, INIT);
  assert.deepEqual([twice.failure.code, twice.failure.wireName], ["unexpected", "MAIN_INIT"]);
});

Deno.test("A list of too many channels ends the session", () => {
  const limits = { ...DEFAULT_LIMITS, channels: 3 };
  const script = new Script({ session: { limits } }).begin();
  script.main.say(MainChannelsList, { channels: Array.from({ length: 4 }, () => ({ type: 77, id: 0 })) });
  assert.deepEqual([script.failure.code, script.failure.path], ["too-large", "channels"]);
});

Deno.test("Migration is told as unsupported", () => {
  const script = new Script().begin();
  script.main.say(MainMigrateCancel, {});
  assert.deepEqual(script.unsupported, ["Cannot handle MAIN_MIGRATE_CANCEL: migration is not supported"]);
});

Deno.test("The main channel starts the agent and asks for a mouse mode on command", () => {
  const script = new Script().begin();
  script.main.takeNames();
  script.core.main!.startAgent(32);
  script.core.main!.requestMouseMode(SERVER);
  script.settle();
  assert.deepEqual(script.main.said, [
    { name: "MAIN_AGENT_START", value: { numTokens: 32 } },
    { name: "MAIN_MOUSE_MODE_REQUEST", value: { mode: SERVER } },
  ]);
});
