/** Chromium without a window, driven through its DevTools protocol: a page that runs functions of ours. */
import { type PeerProcess, startProcess } from "./process.ts";
import { makeTempDir } from "./temp_dir.ts";
import { pause, waitUntil } from "./wait_until.ts";

/** How a page is opened. */
export interface PageOptions {
  /** Size of the window in CSS pixels, 1280 × 1024 by default. */
  readonly size?: { readonly width: number; readonly height: number };
  /** Touch and a small screen, as a phone has. */
  readonly mobile?: boolean;
  /** Told what the page logs, the exceptions that nothing catches, and its dialogs, which are closed at once. */
  readonly onSaid?: (text: string) => void;
  /** Told when the page's process has crashed. */
  readonly onCrash?: () => void;
}

/** A page in a browser of its own. Disposing ends the browser. */
export interface Page extends AsyncDisposable {
  readonly process: PeerProcess;
  /**
   * Calls a method of the DevTools protocol on the page.
   * @throws {Error} What the browser says against it, or that it has ended.
   */
  send(method: string, params?: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>>;
  /**
   * Runs a function in the page. It takes nothing along: what it needs are its arguments.
   * @param args JSON values, as is what it returns or resolves to.
   * @throws {Error} What it throws.
   */
  call<A extends readonly unknown[], R>(run: (...args: A) => R | Promise<R>, ...args: A): Promise<R>;
}

const FLAGS = [
  ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage"],
  ...["--disable-extensions", "--mute-audio", "--remote-debugging-port=0"],
];

/**
 * Starts Chromium and opens a page.
 *
 * @param url Its address.
 * @param options Size, and who is told what.
 * @returns The page, loaded. Own it with `await using`.
 */
export async function openPage(url: string, options: PageOptions = {}): Promise<Page> {
  const { size = { width: 1280, height: 1024 }, mobile = false } = options;
  await using stack = new AsyncDisposableStack();
  const profile = await makeTempDir("chromium");
  stack.defer(async () => {
    // Its last files appear while it ends.
    for (let tries = 0; tries < 10; tries++) {
      if (await Promise.resolve(profile[Symbol.asyncDispose]()).then(() => true, () => false)) return;
      await pause(50);
    }
  });
  const process = stack.use(
    startProcess("/usr/bin/chromium", [...FLAGS, `--user-data-dir=${profile.path}`, "about:blank"], {
      lifeMs: 600_000,
      // What Chromium keeps beside its profile must not meet another one's.
      env: { HOME: profile.path, XDG_CONFIG_HOME: profile.path, XDG_CACHE_HOME: profile.path },
    }),
  );
  const address = await waitUntil("Chromium's DevTools", () => {
    process.mustRun();
    return /DevTools listening on ws:\/\/([^/\s]+)/.exec(process.output())?.[1];
  }, { timeoutMs: 20_000 });
  const tools = stack.use(new DevTools(await pageOf(address), options));
  await tools.opened;
  await tools.send("Page.enable");
  await tools.send("Runtime.enable");
  await tools.send("Inspector.enable");
  await tools.send("Emulation.setDeviceMetricsOverride", { ...size, deviceScaleFactor: mobile ? 2 : 1, mobile });
  await tools.send("Emulation.setFocusEmulationEnabled", { enabled: true });
  await tools.load(url);
  const owned = stack.move();
  return {
    process,
    send: (method, params) => tools.send(method, params),
    call: (run, ...args) => tools.call(run, args),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** The first page of a browser. */
async function pageOf(address: string): Promise<string> {
  return await waitUntil("Chromium's page", async () => {
    const list: { type: string; webSocketDebuggerUrl: string }[] = await (await fetch(`http://${address}/json/list`))
      .json();
    return list.find(({ type }) => type === "page")?.webSocketDebuggerUrl;
  });
}

/** What the protocol answers a call. */
interface Answer {
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

/** The DevTools protocol of one page. */
class DevTools implements Disposable {
  readonly opened: Promise<void>;
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #calls = 0;
  #loaded: () => void = () => {};

  constructor(url: string, readonly options: PageOptions) {
    const socket = this.#socket = new WebSocket(url), { promise, resolve, reject } = Promise.withResolvers<void>();
    this.opened = promise;
    socket.onopen = () => resolve();
    socket.onerror = () => reject(new Error("Cannot speak to Chromium"));
    socket.onclose = () => this.#end();
    socket.onmessage = ({ data }) => this.#take(JSON.parse(data));
  }

  send(method: string, params: Readonly<Record<string, unknown>> = {}): Promise<Record<string, unknown>> {
    if (this.#socket.readyState !== WebSocket.OPEN) return Promise.reject(new Error("Chromium has ended"));
    const id = ++this.#calls, { promise, resolve, reject } = Promise.withResolvers<Record<string, unknown>>();
    this.#waiting.set(id, ({ result, error }) => {
      if (error === undefined) resolve(result ?? {});
      else reject(new Error(`${method}: ${error.message}`));
    });
    this.#socket.send(JSON.stringify({ id, method, params }));
    return promise;
  }

  async load(url: string): Promise<void> {
    const loaded = new Promise<void>((done) => this.#loaded = done);
    await this.send("Page.navigate", { url });
    await loaded;
  }

  async call<A extends readonly unknown[], R>(run: (...args: A) => R | Promise<R>, args: A): Promise<R> {
    const expression = `(${run})(...${JSON.stringify(args)})`;
    const { result, exceptionDetails } = await this.send("Runtime.evaluate", {
      expression,
      awaitPromise: true,
      returnByValue: true,
    }) as { result: { value: R }; exceptionDetails?: Thrown };
    if (exceptionDetails !== undefined) throw new Error(textOf(exceptionDetails));
    return result.value;
  }

  [Symbol.dispose](): void {
    this.#socket.close();
    this.#end();
  }

  #end(): void {
    for (const done of this.#waiting.values()) done({ error: { message: "Chromium has ended" } });
    this.#waiting.clear();
  }

  // deno-lint-ignore no-explicit-any -- the protocol's own shapes, by method
  #take({ id, method, params, ...answer }: { id?: number; method?: string; params?: any } & Answer): void {
    if (id !== undefined) {
      this.#waiting.get(id)?.(answer);
      this.#waiting.delete(id);
      return;
    }
    switch (method) {
      case "Page.loadEventFired":
        return this.#loaded();
      case "Page.javascriptDialogOpening":
        this.options.onSaid?.(`dialog: ${params.message}`);
        this.send("Page.handleJavaScriptDialog", { accept: false }).catch(() => {});
        return;
      case "Runtime.consoleAPICalled":
        return this.options.onSaid?.(params.args.map((one: { value: unknown }) => String(one.value)).join(" "));
      case "Runtime.exceptionThrown":
        return this.options.onSaid?.(`uncaught: ${textOf(params.exceptionDetails)}`);
      case "Inspector.targetCrashed":
        return this.options.onCrash?.();
    }
  }
}

/** An exception, as the protocol tells it. */
interface Thrown {
  readonly text: string;
  readonly exception?: { readonly description?: string; readonly value?: unknown };
}

function textOf({ text, exception }: Thrown): string {
  return exception?.description ?? String(exception?.value ?? text);
}
