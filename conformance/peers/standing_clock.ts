/** A demo's clock that stands, so that pictures can be compared. */
import type { DemoClock } from "../../mod.ts";

/** A clock that stands, and goes on when told. */
export class StandingClock implements DemoClock {
  #now = Date.UTC(2026, 0, 2, 9, 41, 7);
  #call: (() => void) | null = null;
  /** See {@link DemoClock}. */
  readonly nowMs = () => this.#now;
  /** See {@link DemoClock}. */
  readonly after = (_ms: number, call: () => void) => {
    this.#call = call;
    return () => void (this.#call = null);
  };

  /** Lets time pass. */
  pass(ms: number): void {
    this.#now += ms;
    this.#call?.();
  }
}
