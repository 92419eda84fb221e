// A centre as its operator runs it: the real binary as a process of its own, on free ports of 127.0.0.1 and in a data
// directory of its own. It can be killed and started again on the same data and ports.

import { type ChildProcess, spawn, execFileSync } from "node:child_process";
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

const ROOT = resolve(import.meta.dirname, "../../..");
const START_MS = 30_000;

/** The line a centre writes when it is ready. */
interface Ready {
  sip_udp: string;
  sip_tcp: string;
  http: string;
  https?: string;
  metrics: string;
  pid: number;
}

/** Where a binary of the workspace lies. */
export function binary(name: string): string {
  const target = process.env["CARGO_TARGET_DIR"] ?? join(ROOT, "target");
  return join(target, "debug", name);
}

export class Centre {
  private child: ChildProcess | undefined;
  private ready: Ready | undefined;
  private readonly dir = mkdtempSync(join(tmpdir(), "ngcc-e2e-"));
  private settings: Record<string, string>;

  private constructor(settings: Record<string, string>) {
    this.settings = {
      "http.listen": "127.0.0.1:0",
      "http.metrics": "127.0.0.1:0",
      "https.listen": "127.0.0.1:0",
      "sip.udp": "127.0.0.1:0",
      "sip.tcp": "127.0.0.1:0",
      "media.local": "127.0.0.1",
      "media.first_port": "0",
      ...settings,
    };
  }

  /** Starts the demo's centre (its catalogue, users and pages). */
  static async start(settings: Record<string, string> = {}): Promise<Centre> {
    const centre = new Centre(settings);
    await centre.launch();
    return centre;
  }

  /** The address of its pages. */
  get url(): string {
    return `http://${this.told.http}`;
  }

  /** Where SIP over UDP is. */
  get sip(): string {
    return this.told.sip_udp;
  }

  get data(): string {
    return join(this.dir, "data");
  }

  /** What it has written to standard error. */
  log(): string {
    return readFileSync(join(this.dir, "stderr.log"), "utf8");
  }

  /** Runs `ngcc` on its data directory and reads the JSON it answers. */
  ask<T>(...words: string[]): T {
    const text = execFileSync(binary("ngcc"), ["--json", "--data", this.data, ...words], { cwd: this.dir });
    return JSON.parse(text.toString()) as T;
  }

  /** Ends the process as a crash would. */
  async kill9(): Promise<void> {
    const child = this.child;
    if (!child || child.exitCode !== null) return;
    const gone = new Promise<void>((done) => child.once("exit", () => done()));
    child.kill("SIGKILL");
    await gone;
  }

  /** `kill -9`, and start again on the same data and ports. */
  async crash(): Promise<void> {
    await this.kill9();
    await this.startAgain();
  }

  /** Starts again on the same data and ports. */
  async startAgain(): Promise<void> {
    const { http, https, metrics, sip_udp, sip_tcp } = this.told;
    Object.assign(this.settings, {
      "http.listen": http,
      "http.metrics": metrics,
      "sip.udp": sip_udp,
      "sip.tcp": sip_tcp,
      ...(https ? { "https.listen": https } : {}),
    });
    await this.launch();
  }

  /** Ends it and removes what it wrote; of a failed test the log is printed. */
  async end(failed: boolean): Promise<void> {
    await this.kill9();
    if (failed) console.error(`--- ${this.dir} ---\n${this.log().split("\n").slice(-60).join("\n")}`);
    rmSync(this.dir, { recursive: true, force: true });
  }

  private get told(): Ready {
    if (!this.ready) throw new Error("the centre is not ready");
    return this.ready;
  }

  private async launch(): Promise<void> {
    const sets = Object.entries(this.settings).flatMap(([key, value]) => ["--set", `${key}=${value}`]);
    const child = spawn(binary("ngcc"), ["--data", this.data, ...sets, "demo"], {
      cwd: this.dir,
      stdio: ["ignore", "pipe", openSync(join(this.dir, "stderr.log"), "a")],
    });
    this.child = child;
    this.ready = await new Promise<Ready>((done, failed) => {
      const late = setTimeout(() => failed(new Error(`not ready in time:\n${this.log()}`)), START_MS);
      child.once("exit", (code) => failed(new Error(`it ended with ${code}:\n${this.log()}`)));
      if (!child.stdout) return failed(new Error("no standard output"));
      createInterface(child.stdout).once("line", (line) => {
        clearTimeout(late);
        done(JSON.parse(line) as Ready);
      });
    });
    writeFileSync(join(this.dir, "ready.json"), JSON.stringify(this.ready));
  }
}
