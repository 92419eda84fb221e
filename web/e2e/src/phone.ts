// A SIP phone with real RTP, as a process of its own (tests/src/bin/test-phone.rs).

import { type ChildProcessByStdio, spawn } from "node:child_process";
import { type Interface, createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";

import { type Centre, binary } from "./centre.ts";

type Order = { do: string } & Record<string, unknown>;

export class Phone {
  private readonly child: ChildProcessByStdio<Writable, Readable, null>;
  private readonly lines: Interface;
  private waiting: ((line: string) => void)[] = [];

  constructor(centre: Centre, user: string, secret = "", display?: string) {
    const words = [centre.sip, user, secret, ...(display === undefined ? [] : [display])];
    this.child = spawn(binary("test-phone"), words, { stdio: ["pipe", "pipe", "inherit"] });
    this.lines = createInterface(this.child.stdout);
    this.lines.on("line", (line) => this.waiting.shift()?.(line));
    this.child.once("exit", () => {
      for (const told of this.waiting.splice(0)) told(JSON.stringify({ error: "the phone is gone" }));
    });
  }

  /** Does one thing; throws what the phone says instead. */
  async do(order: Order): Promise<Record<string, unknown>> {
    const answer = new Promise<string>((told) => this.waiting.push(told));
    this.child.stdin.write(`${JSON.stringify(order)}\n`);
    const said = JSON.parse(await answer) as Record<string, unknown>;
    if (said["error"] !== undefined) throw new Error(`phone, ${order.do}: ${String(said["error"])}`);
    return said;
  }

  end(): void {
    this.child.kill("SIGKILL");
  }
}
