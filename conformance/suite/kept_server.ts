/** A server's program that is started anew when a case has ended it. */
import { LinkErr } from "../../protocol/messages/enums.ts";
import { ControlProgram } from "./control.ts";
import { ServerPeer, type ServerTarget } from "./server_peer.ts";
import { fail, Finding } from "./verdict.ts";

/** Milliseconds that a program may take until it lets clients in. */
const START_MS = 30_000;

/** A program that serves at a known address, and knows nothing of the suite. Disposing ends it. */
export class KeptServer implements AsyncDisposable {
  #program: ControlProgram | null = null;

  /**
   * @param words Program and arguments.
   * @param target Where it listens, and what lets clients in.
   */
  constructor(readonly words: readonly string[], readonly target: ServerTarget) {}

  /**
   * Sees that it lets clients in; starts it anew if it does not.
   * @throws {Finding} `failed`: it does not let clients in when started, either.
   */
  async ready(): Promise<void> {
    if (this.#program !== null && await letsIn(this.target)) return;
    await this.#program?.[Symbol.asyncDispose]();
    const program = this.#program = new ControlProgram(this.words, false);
    for (const end = performance.now() + START_MS; performance.now() < end && !program.ended;) {
      if (await letsIn(this.target)) return;
      await new Promise((done) => setTimeout(done, 200));
    }
    fail(`the program of --start ${program.ended ? "ended" : "lets no client in"}: ${program.output.slice(-300)}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program?.[Symbol.asyncDispose]();
  }
}

/** Whether a server lets a client in now. */
export async function letsIn(target: ServerTarget): Promise<boolean> {
  using probe = new ServerPeer(target);
  try {
    return (await probe.link()).result === LinkErr.OK;
  } catch (error) {
    if (error instanceof Finding) return false;
    throw error;
  }
}
