import assert from "node:assert/strict";
import { ProtocolError } from "../../protocol/errors.ts";
import type { ServerEvent } from "../core/server_core.ts";
import { Log, type LogLevel } from "./log.ts";

function makeLog(level: LogLevel, json: boolean) {
  const lines: string[] = [];
  const clock = { ms: Date.UTC(2026, 0, 2, 3, 4, 5, 6) };
  const log = new Log({ level, json, write: (line) => lines.push(line), now: () => clock.ms });
  return { log, lines, clock };
}

const joined: ServerEvent = { type: "viewer-joined", sessionId: 7, address: "10.0.0.1", role: "view" };
const left: ServerEvent = { type: "viewer-left", sessionId: 7, address: "10.0.0.1", viewers: 2 };
const error = new ProtocolError({ code: "bad-magic", message: "the link", detail: "\x1b[2J is not REDQ" });
const fault: ServerEvent = { type: "fault", address: "10.0.0.9", channel: "awaitLinkMess", error };

Deno.test("Log writes a line for people, which no peer can use to talk to the terminal", () => {
  const { log, lines } = makeLog("info", false);
  for (const event of [joined, left, fault]) log.event(event);
  assert.deepEqual(lines.slice(0, 2), [
    "2026-01-02T03:04:05.006Z info    viewer 1 joined from 10.0.0.1, only sees",
    "2026-01-02T03:04:05.006Z info    viewer 1 left, from 10.0.0.1; 2 still there",
  ]);
  assert.match(lines[2]!, / warning closed a connection from 10\.0\.0\.9 \(awaitLinkMess\): .*\\x1b\[2J/);
});

Deno.test("Log writes JSON with the same facts", () => {
  const { log, lines } = makeLog("info", true);
  for (const event of [joined, fault]) log.event(event);
  const [first, second] = lines.map((line) => JSON.parse(line));
  const text = "viewer 1 joined from 10.0.0.1, only sees";
  const start = { time: "2026-01-02T03:04:05.006Z", level: "info", event: "viewer-joined" };
  assert.deepEqual(first, { ...start, viewer: 1, address: "10.0.0.1", role: "view", text });
  assert.equal(second.code, "bad-magic");
  assert.equal(second.channel, "awaitLinkMess");
});

Deno.test("Log names the picture that a worker failed at", () => {
  const { log, lines } = makeLog("info", true), area = { left: 5, top: 6, right: 1925, bottom: 1086 };
  log.event({ type: "encode-failed", head: 1, area, coding: "quic", error: new Error("out of memory") });
  const { level, head, area: place, coding, text } = JSON.parse(lines[0]!);
  assert.deepEqual([level, head, place, coding], ["warning", 1, "1920x1080+5+6", "quic"]);
  assert.match(text, /1920x1080\+5\+6 of head 1 \(quic\), so it was encoded here: out of memory$/);
});

Deno.test("Log keeps to its level, but for what was asked for", () => {
  const { log, lines } = makeLog("error", false);
  log.event(joined);
  log.event(fault);
  assert.equal(lines.length, 0);
  log.tellAlways("stats", "1 viewer", { viewers: 1 });
  log.tell("error", "end", "it ended");
  assert.deepEqual(lines.map((line) => line.slice(25)), ["info    1 viewer", "error   it ended"]);
});

Deno.test("Log does not turn a flood of faults into a flood of lines, and says how many it kept back", () => {
  const { log, lines, clock } = makeLog("info", true);
  for (let i = 0; i < 1000; i++) log.event(fault);
  assert.equal(lines.length, 50);
  log.event(joined);
  assert.equal(lines.length, 51);
  clock.ms += 10_000;
  log.event(fault);
  assert.deepEqual(lines.slice(51).map((line) => JSON.parse(line)).map(({ event, count }) => [event, count]), [
    ["faults", 950],
    ["fault", undefined],
  ]);
  log.flush();
  assert.equal(lines.length, 53);
});
