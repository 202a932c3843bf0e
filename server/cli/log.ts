/** What a server that runs tells: one line a happening, for people or as JSON. */
import { printable } from "../../cli/printable.ts";
import type { ServerEvent } from "../core/server_core.ts";

/** Levels, gravest first. */
export const LOG_LEVELS = ["error", "warning", "info"] as const;

/** How grave a line is. */
export type LogLevel = typeof LOG_LEVELS[number];

/** Facts of a line, by name. */
export type LogFacts = Readonly<Record<string, string | number | null>>;

/** How a log is made. */
export interface LogOptions {
  readonly level: LogLevel;
  readonly json: boolean;
  /** Writes a line. */
  write(line: string): void;
  /** Milliseconds since 1970. */
  now(): number;
}

/** Faults told in one window; a flood of bad connections must not become a flood of lines. */
const FAULTS = 50;
/** Length of the window. */
const WINDOW_MS = 10_000;

/** A log. */
export class Log {
  readonly #options: LogOptions;
  /** Viewers are numbered here: their session ids are a secret between them and the server. */
  readonly #numbers = new Map<number, number>();
  #viewers = 0;
  #windowEndMs = 0;
  #faults = 0;

  constructor(options: LogOptions) {
    this.#options = options;
  }

  /**
   * Tells something, if its level is grave enough.
   *
   * @param event Stable name, for programs.
   * @param text For people.
   * @param facts For programs; the text holds them already.
   */
  tell(level: LogLevel, event: string, text: string, facts: LogFacts = {}): void {
    if (LOG_LEVELS.indexOf(level) <= LOG_LEVELS.indexOf(this.#options.level)) this.#write(level, event, text, facts);
  }

  /** Tells something that was asked for, whatever the level. */
  tellAlways(event: string, text: string, facts: LogFacts): void {
    this.#write("info", event, text, facts);
  }

  /** Tells what the server told. */
  event(event: ServerEvent): void {
    switch (event.type) {
      case "viewer-joined": {
        const { address, role } = event;
        const viewer = ++this.#viewers;
        this.#numbers.set(event.sessionId, viewer);
        const may = role === "control" ? "sees and steers" : "only sees";
        return this.tell("info", event.type, `viewer ${viewer} joined from ${address}, ${may}`, {
          viewer,
          address,
          role,
        });
      }
      case "viewer-left": {
        const { address, viewers } = event;
        const viewer = this.#numbers.get(event.sessionId) ?? 0;
        this.#numbers.delete(event.sessionId);
        const text = `viewer ${viewer} left, from ${address}; ${viewers} still there`;
        return this.tell("info", event.type, text, { viewer, address, viewers });
      }
      case "fault": {
        const { address, channel, error } = event;
        if (!this.#room()) return;
        const facts = { address, channel, code: error.code, message: error.message };
        return this.tell(
          "warning",
          event.type,
          `closed a connection from ${address} (${channel}): ${error.message}`,
          facts,
        );
      }
      case "encode-failed": {
        const { head, coding, area: { left, top, right, bottom }, error: { message } } = event;
        const area = `${right - left}x${bottom - top}+${left}+${top}`;
        const text = `a worker failed at ${area} of head ${head} (${coding}), so it was encoded here: ${message}`;
        return this.tell("warning", event.type, text, { head, area, coding, message });
      }
    }
  }

  /** Tells how many faults were not told. */
  flush(): void {
    const left = this.#faults - FAULTS;
    this.#faults = 0;
    if (left > 0) this.tell("warning", "faults", `closed ${left} more connections for faults`, { count: left });
  }

  #room(): boolean {
    const now = this.#options.now();
    if (now >= this.#windowEndMs) {
      this.flush();
      this.#windowEndMs = now + WINDOW_MS;
    }
    return ++this.#faults <= FAULTS;
  }

  #write(level: LogLevel, event: string, text: string, facts: LogFacts): void {
    const time = new Date(this.#options.now()).toISOString();
    this.#options.write(
      this.#options.json
        ? JSON.stringify({ time, level, event, ...facts, text })
        : `${time} ${level.padEnd(7)} ${printable(text)}`,
    );
  }
}
