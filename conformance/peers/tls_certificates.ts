/** Certificates for TLS on loopback. */

import { mustRunProcess } from "./process.ts";
import { makeTempDir } from "./temp_dir.ts";

/** A folder with the files that QEMU, libspice and TLS clients want. Disposing removes it. */
export interface TlsCertificates extends AsyncDisposable {
  /** Folder with `ca-cert.pem`, `server-cert.pem` and `server-key.pem`. */
  readonly dir: string;
  /** Path of the authority's certificate, for clients. */
  readonly caFile: string;
  /** The server certificate's subject, as `.vv` files write it. */
  readonly hostSubject: string;
}

/**
 * Make an authority and a server certificate (X.509 v3, EC P-256, for localhost and 127.0.0.1), good for two days.
 *
 * @returns The folder. Own it with `await using`.
 * @throws {Error} With the output of openssl.
 */
export async function makeTlsCertificates(): Promise<TlsCertificates> {
  const dir = await makeTempDir("tls");
  const openssl = (...args: string[]) => mustRunProcess("openssl", args, { cwd: dir.path });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
  try {
    await openssl(
      ...["req", "-x509", ...key, "-subj", "/O=Saffron tests/CN=Authority"],
      ...["-keyout", "ca-key.pem", "-out", "ca-cert.pem"],
    );
    await openssl(
      ...[
        "req",
        "-x509",
        ...key,
        "-CA",
        "ca-cert.pem",
        "-CAkey",
        "ca-key.pem",
        "-subj",
        "/O=Saffron tests/CN=localhost",
      ],
      ...["-addext", "basicConstraints=critical,CA:FALSE", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
      ...["-keyout", "server-key.pem", "-out", "server-cert.pem"],
    );
  } catch (error) {
    await dir[Symbol.asyncDispose]();
    throw error;
  }
  return {
    dir: dir.path,
    caFile: `${dir.path}/ca-cert.pem`,
    hostSubject: "O=Saffron tests,CN=localhost",
    [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose](),
  };
}
