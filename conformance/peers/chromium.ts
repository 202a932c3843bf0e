/** Chromium without a window, driven through its DevTools protocol: pages that run functions of ours. */
import { type PeerProcess, startProcess } from "./process.ts";
import { makeTempDir } from "./temp_dir.ts";
import { pause, waitUntil } from "./wait_until.ts";

/** A browser. Disposing ends it. */
export interface Browser extends AsyncDisposable {
  readonly process: PeerProcess;
  /** `host:port` of its DevTools. */
  readonly address: string;
}

/** How a page is opened. */
export interface PageOptions {
  /** Address of a browser that runs. Default: one is started for this page. */
  readonly browser?: string;
  /** Size of the window in CSS pixels, 1280 × 1024 by default. */
  readonly size?: { readonly width: number; readonly height: number };
  /** Touch and a small screen, as a phone has. */
  readonly mobile?: boolean;
  /** Told what the page logs, the exceptions that nothing catches, and its dialogs, which are closed at once. */
  readonly onSaid?: (text: string) => void;
  /** Told when the page's process has crashed. */
  readonly onCrash?: () => void;
}

/** A page that shares nothing with other pages of its browser. Disposing closes it. */
export interface Page extends AsyncDisposable {
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
  // Several pages are used at once, as if each were in front.
  ...["--disable-background-timer-throttling", "--disable-renderer-backgrounding"],
  "--disable-backgrounding-occluded-windows",
];

/** Longest life of a browser. */
const LIFE_MS = 3_600_000;

/** Starts Chromium. */
export async function startBrowser(): Promise<Browser> {
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
      lifeMs: LIFE_MS,
      // What Chromium keeps beside its profile must not meet another one's.
      env: { HOME: profile.path, XDG_CONFIG_HOME: profile.path, XDG_CACHE_HOME: profile.path },
    }),
  );
  const address = await waitUntil("Chromium's DevTools", () => {
    process.mustRun();
    return /DevTools listening on ws:\/\/([^/\s]+)/.exec(process.output())?.[1];
  }, { timeoutMs: 20_000 });
  const owned = stack.move();
  return { process, address, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/**
 * Opens a page.
 *
 * @param url Its address.
 * @param options Browser, size, and who is told what.
 * @returns The page, loaded. Own it with `await using`.
 */
export async function openPage(url: string, options: PageOptions = {}): Promise<Page> {
  const { size = { width: 1280, height: 1024 }, mobile = false } = options;
  await using stack = new AsyncDisposableStack();
  const address = options.browser ?? stack.use(await startBrowser()).address;
  const { webSocketDebuggerUrl } = await (await fetch(`http://${address}/json/version`)).json();
  const tools = stack.use(new DevTools(webSocketDebuggerUrl, options));
  await tools.opened;
  // A context of its own goes with this connection, whatever ends it.
  const context = await tools.browser("Target.createBrowserContext", { disposeOnDetach: true });
  const target = await tools.browser("Target.createTarget", { url: "about:blank", ...context });
  await tools.attach(target);
  for (const domain of ["Page", "Runtime", "Inspector"]) await tools.send(`${domain}.enable`);
  await tools.send("Emulation.setDeviceMetricsOverride", { ...size, deviceScaleFactor: mobile ? 2 : 1, mobile });
  await tools.send("Emulation.setFocusEmulationEnabled", { enabled: true });
  await tools.load(url);
  const owned = stack.move();
  return {
    send: (method, params = {}) => {
      // What is asked of the browser is for this page's context.
      return method.startsWith("Browser.")
        ? tools.browser(method, { ...params, ...context })
        : tools.send(method, params);
    },
    call: (run, ...args) => tools.call(run, args),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** What the protocol answers a call. */
interface Answer {
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

/** A connection to a browser's DevTools, and the session of one page in it. */
class DevTools implements AsyncDisposable {
  readonly opened: Promise<void>;
  #session: Record<string, unknown> = {};
  readonly #socket: WebSocket;
  readonly #closed: Promise<void>;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #calls = 0;

  constructor(url: string, readonly options: PageOptions) {
    const socket = this.#socket = new WebSocket(url), { promise, resolve, reject } = Promise.withResolvers<void>();
    this.opened = promise;
    socket.onopen = () => resolve();
    socket.onerror = () => reject(new Error("Cannot speak to Chromium"));
    this.#closed = new Promise((done) => {
      socket.onclose = () => {
        this.#end();
        done();
      };
    });
    socket.onmessage = ({ data }) => this.#take(JSON.parse(data));
  }

  /** Calls a method on the page. */
  send(method: string, params: Readonly<Record<string, unknown>> = {}): Promise<Record<string, unknown>> {
    return this.browser(method, params, this.#session);
  }

  /** Makes a target the page that is meant. */
  async attach(target: Record<string, unknown>): Promise<void> {
    this.#session = await this.browser("Target.attachToTarget", { ...target, flatten: true });
  }

  /** Calls a method on the browser, or in a session. */
  browser(
    method: string,
    params: Readonly<Record<string, unknown>>,
    session: Readonly<Record<string, unknown>> = {},
  ): Promise<Record<string, unknown>> {
    if (this.#socket.readyState !== WebSocket.OPEN) return Promise.reject(new Error("Chromium has ended"));
    const id = ++this.#calls, { promise, resolve, reject } = Promise.withResolvers<Record<string, unknown>>();
    this.#waiting.set(id, ({ result, error }) => {
      if (error === undefined) resolve(result ?? {});
      else reject(new Error(`${method}: ${error.message}`));
    });
    this.#socket.send(JSON.stringify({ id, method, params, ...session }));
    return promise;
  }

  async load(url: string): Promise<void> {
    await this.send("Page.navigate", { url });
    const isThere = () => document.readyState === "complete" && location.href !== "about:blank";
    // The empty page from which it comes is complete as well, and its context goes away.
    await waitUntil(`the page ${url}`, () => this.call(isThere, []).catch(() => false), { timeoutMs: 20_000 });
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

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    await this.#closed;
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
