/**
 * Our client, for the suite to judge: it connects, and speaks the control protocol from the first moment on.
 *
 * saffron_client.ts URI [PASSWORD]
 */
import { type ButtonName, connect, type Session, type SessionEvent } from "../../mod.ts";
import { channelByType } from "../../protocol/messages/channels.ts";
import { MouseMode } from "../../protocol/messages/enums.ts";
import { answerLines, type Verbs, writePicture } from "./lines.ts";

/** Connects, and answers until there are no more questions. */
export async function runClient(uri: string, password: string): Promise<void> {
  const told = new Told(), end = new AbortController();
  const connecting = connect(uri, { password, onEvent: (event) => told.note(event), signal: end.signal });
  // A session that does not come about is told by the verb "ended".
  connecting.catch((error) => console.error(String(error)));
  await answerLines(verbsOf(connecting, told));
  end.abort();
  await connecting.then((session) => session.close(), () => {});
}

/** What the session has told, also before it is ready. */
class Told {
  readonly open = new Set<string>();
  name: string | null = null;
  uuid: string | null = null;
  mouseMode = 0;
  mmTimeMs: number | null = null;
  agent = false;
  ended = false;
  #types: string[] = [];

  note(event: SessionEvent): void {
    this.#types.push(event.type);
    switch (event.type) {
      case "channel-open":
      case "channel-closed": {
        const name = `${channelByType(event.channel.type)?.name ?? event.channel.type}-${event.channel.id}`;
        if (event.type === "channel-open") this.open.add(name);
        else this.open.delete(name);
        return;
      }
      case "name":
        this.name = event.name;
        return;
      case "uuid":
        this.uuid = event.uuid.toHex();
        return;
      case "mouse-mode":
        this.mouseMode = event.current;
        return;
      case "mm-time":
        this.mmTimeMs = event.timeMs;
        return;
      case "init":
        this.agent = event.init.agentConnected;
        return;
      case "agent":
        this.agent = event.connected;
        return;
      case "closed":
        this.ended = true;
        this.open.clear();
    }
  }

  /** Types of the events since the last time. */
  take(): string[] {
    return this.#types.splice(0);
  }
}

function verbsOf(connecting: Promise<Session>, told: Told): Verbs {
  const number = (value: unknown) => Number(value ?? 0);
  return {
    shot: async (args) => {
      const { core } = await connecting;
      return writePicture(core.displays.get(number(args["display"]))?.primary ?? raise("no picture"));
    },
    heads: async (args) => {
      return (await connecting).core.displays.get(number(args["display"]))?.heads ?? raise("no display channel");
    },
    primary: async (args) => {
      const primary = (await connecting).core.displays.get(number(args["display"]))?.primary;
      return primary === undefined || primary === null ? null : { width: primary.width, height: primary.height };
    },
    cursor: async (args) => {
      const { core } = await connecting;
      const cursor = core.cursors.get(number(args["display"]))?.cursor ?? raise("no cursor channel");
      const { x, y, visible, image } = cursor;
      const pixels = image === null ? [] : [...image.pixels];
      return {
        x,
        y,
        visible,
        width: image?.width ?? 0,
        height: image?.height ?? 0,
        hotX: image?.hotX ?? 0,
        hotY: image?.hotY ?? 0,
        pixels,
      };
    },
    key: async (args) => {
      const { keyboard } = await connecting;
      return sent(keyboard.send([{ scancode: number(args["scancode"]), down: args["down"] === true }]));
    },
    move: async (args) => {
      const { pointer } = await connecting;
      return sent(pointer.move({ x: number(args["x"]), y: number(args["y"]) }, { head: number(args["display"]) }));
    },
    motion: async (args) => sent((await connecting).pointer.moveBy(number(args["dx"]), number(args["dy"]))),
    button: async (args) => {
      const { pointer } = await connecting, name = String(args["button"]) as ButtonName;
      return sent(args["down"] === true ? pointer.down(name) : pointer.up(name));
    },
    leds: async () => (await connecting).core.inputs?.modifiers ?? raise("there is no inputs channel"),
    mouse_mode: async (args) => {
      if (args["mode"] === undefined) return told.mouseMode === MouseMode.CLIENT ? "client" : "server";
      return (await connecting).requestMouseMode(args["mode"] === "client" ? "client" : "server");
    },
    name: () => told.name,
    uuid: () => told.uuid,
    mm_time: () => told.mmTimeMs,
    agent: () => told.agent,
    channels: () => [...told.open].sort(),
    ended: () => told.ended,
    events: () => told.take(),
  };
}

/**
 * Lets input be sent, and does not wait until the server has acknowledged it: a scripted server may not.
 * @throws What goes wrong at once.
 */
async function sent(input: Promise<void>): Promise<void> {
  input.catch(() => {});
  await Promise.race([input, new Promise((done) => setTimeout(done, 20))]);
}

function raise(why: string): never {
  throw new Error(why);
}

// Last, when all classes are there.
if (import.meta.main) await runClient(Deno.args[0] ?? "", Deno.args[1] ?? "");
