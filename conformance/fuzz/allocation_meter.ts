/** Counts what code allocates in buffers and arrays, by standing in for their constructors. */
import { Violation } from "./target.ts";

/** Names of the constructors that are stood in for. */
const NAMES = [
  ...["ArrayBuffer", "Array", "Uint8Array", "Uint8ClampedArray", "Int8Array", "Uint16Array", "Int16Array"] as const,
  ...["Uint32Array", "Int32Array", "Float32Array", "Float64Array", "BigInt64Array", "BigUint64Array"] as const,
] as const;

/** Bytes of an element of a plain array. */
const POINTER_BYTES = 8;

/**
 * While installed, every `new Uint32Array(n)`, `slice`, `map` and `from` goes through here; the growth of plain arrays and
 * objects does not. Code that asks for more than is allowed gets a {@link Violation} before it gets the memory.
 */
export class AllocationMeter {
  /** Bytes of the largest allocation since the last reset. */
  largest = 0;
  /** Bytes of all allocations since the last reset. */
  total = 0;
  #allowed = Infinity;
  #undo: (() => void)[] = [];

  /** Begins to count. @throws {TypeError} It counts already. */
  install(): void {
    if (this.#undo.length > 0) throw new TypeError("The meter is installed already");
    for (const name of NAMES) this.#standIn(name);
  }

  /** Puts the constructors back. */
  uninstall(): void {
    for (const undo of this.#undo.splice(0)) undo();
  }

  /** Counts from 0, and refuses single allocations of more than `allowed` bytes. */
  reset(allowed: number): void {
    this.largest = 0;
    this.total = 0;
    this.#allowed = allowed;
  }

  #count(bytes: number): void {
    if (bytes > this.largest) this.largest = bytes;
    this.total += bytes;
    if (bytes > this.#allowed) throw new Violation(`${bytes} bytes allocated at once, ${this.#allowed} allowed`);
  }

  #standIn(name: typeof NAMES[number]): void {
    const real = globalThis[name];
    const size = name === "ArrayBuffer" ? 1 : "BYTES_PER_ELEMENT" in real ? real.BYTES_PER_ELEMENT : POINTER_BYTES;
    const proxy = new Proxy<typeof real>(real, {
      construct: (target, args, newTarget): object => {
        const [first] = args;
        if (typeof first === "number" && args.length === 1) this.#count(first * size);
        else if (typeof first === "object" && first !== null && "length" in first) this.#count(first.length * size);
        return Reflect.construct(target, args, newTarget);
      },
    });
    const define = (value: unknown) => {
      Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });
      // `slice` and `map` ask an array's own prototype what to make.
      if (name !== "Array") {
        Object.defineProperty(real.prototype, "constructor", { value, writable: true, configurable: true });
      }
    };
    define(proxy);
    this.#undo.push(() => define(real));
  }
}
