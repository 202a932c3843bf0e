/** The peers that are judged here, as one can start them: the columns of the matrix. */

/** One column. */
export interface MatrixPeer {
  /** Name of its list in `expected/`. */
  readonly id: string;
  /** For people, with versions. */
  readonly peer: string;
  readonly judges: "server" | "client";
  /** Debian packages that it needs. */
  readonly needs: readonly string[];
  /** The program that is started; it speaks the control protocol, unless `silent`. */
  readonly program: readonly string[];
  readonly silent?: true;
  /** A program that stays beside all cases; what it answers to `address` is put in for `{beside}`. */
  readonly beside?: readonly string[];
  readonly password?: string;
  /** The password has expired; nobody gets in. */
  readonly expired?: true;
  /** Clients at once. */
  readonly jobs?: number;
  /** False for one that is judged by the task alone, not in CI. */
  readonly inCi: boolean;
}

const PASSWORD = "sesame";
const deno = (name: string, ...args: readonly string[]) => {
  const path = new URL(`../adapters/${name}`, import.meta.url).pathname;
  return [Deno.execPath(), "run", "--quiet", "--no-check", "--allow-all", path, ...args];
};
const python = (name: string, ...args: readonly string[]) => {
  return ["/usr/bin/python3", new URL(`../adapters/${name}`, import.meta.url).pathname, ...args];
};

/** All of them, servers first. */
export const PEERS: readonly MatrixPeer[] = [
  {
    id: "saffron-server",
    peer: "Saffron's server",
    judges: "server",
    needs: [],
    program: deno("saffron_server.ts", "--password", PASSWORD, "--view-only-password", "look"),
    password: PASSWORD,
    inCi: true,
  },
  {
    id: "qemu",
    peer: "QEMU 7.2, libspice 0.15.1",
    judges: "server",
    needs: ["qemu-system-x86", "qemu-system-common"],
    program: deno("qemu_server.ts", "--password", PASSWORD),
    password: PASSWORD,
    inCi: true,
  },
  {
    id: "libspice",
    peer: "libspice 0.15.1, generator",
    judges: "server",
    needs: ["gcc", "libc6-dev", "libspice-server-dev", "pkg-config"],
    program: deno("libspice_server.ts", "--password", PASSWORD),
    password: PASSWORD,
    inCi: true,
  },
  {
    id: "xspice",
    peer: "Xspice 0.1.5, libspice 0.15.1",
    judges: "server",
    needs: ["xserver-xspice", "xserver-xorg-core", "xterm", "x11-apps", "python3"],
    program: deno("xspice_server.ts"),
    inCi: false,
  },
  {
    id: "saffron-client",
    peer: "Saffron's client",
    judges: "client",
    needs: [],
    program: deno("saffron_client.ts", "{uri}", "{password}"),
    jobs: 4,
    inCi: true,
  },
  {
    id: "spice-gtk",
    peer: "spice-gtk 0.42, through GI",
    judges: "client",
    needs: ["gir1.2-spiceclientglib-2.0", "python3-gi"],
    program: python("spice_gtk.py", "{uri}", "{password}"),
    jobs: 4,
    inCi: true,
  },
  {
    id: "spicy-screenshot",
    peer: "spicy-screenshot 0.42",
    judges: "client",
    needs: ["spice-client-gtk"],
    program: ["spicy-screenshot", "--uri", "{uri}", "--password", "{password}", "--out-file", "/dev/null"],
    silent: true,
    jobs: 4,
    inCi: false,
  },
  {
    id: "spice-html5",
    peer: "spice-html5 0.2.1, in Chromium",
    judges: "client",
    needs: ["chromium"],
    program: deno("web_client.ts", "spice-html5", "{uri}", "{password}", "{beside}"),
    beside: deno("browser.ts"),
    jobs: 4,
    inCi: false,
  },
  {
    id: "spice-client",
    peer: "npm spice-client 1.2.0, in Chromium",
    judges: "client",
    needs: ["chromium"],
    program: deno("web_client.ts", "spice-client", "{uri}", "{password}", "{beside}"),
    beside: deno("browser.ts"),
    jobs: 4,
    inCi: false,
  },
];
