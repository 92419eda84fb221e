// The other system of a signed channel: its customers write, and it keeps what the centre sends to them.

import { createHmac, randomUUID } from "node:crypto";
import { type Server, createServer } from "node:http";
import { type AddressInfo } from "node:net";

import { expect } from "@playwright/test";

import type { World } from "./fixtures.ts";

const KEY = "a-key-of-the-tests";

export class Provider {
  /** What the centre has sent, oldest first. */
  readonly texts: string[] = [];
  private readonly server: Server;

  private constructor(private readonly world: World, private readonly name: string) {
    this.server = createServer((request, response) => {
      let body = "";
      request.on("data", (part: Buffer) => (body += part.toString()));
      request.on("end", () => {
        const { text } = JSON.parse(body) as { text?: string };
        if (text !== undefined) this.texts.push(text);
        response.writeHead(204).end();
      });
    });
  }

  /** A channel `name` of the centre, whose customers come to the number `entry`. */
  static async start(world: World, name: string, entry: string): Promise<Provider> {
    const provider = new Provider(world, name);
    await new Promise<void>((done) => provider.server.listen(0, "127.0.0.1", done));
    const { port } = provider.server.address() as AddressInfo;
    world.centre.ask("channel", "add", name, "--kind", "generic", "--entry", entry, "--lang", "en",
      "--url", `http://127.0.0.1:${port}`, "--secret", `key=${KEY}`);
    return provider;
  }

  /** Somebody writes. */
  async writes(id: string, who: string, text: string): Promise<void> {
    const body = JSON.stringify({ type: "text", id: randomUUID(), sender: { id, name: who }, text });
    const [message, at] = [randomUUID(), String(Math.floor(Date.now() / 1000))];
    const signature = createHmac("sha256", KEY).update(`${message}.${at}.${body}`).digest("base64");
    const headers = { "webhook-id": message, "webhook-timestamp": at, "webhook-signature": `v1,${signature}` };
    const answer = await fetch(`${this.world.centre.url}/hooks/${this.name}`, { method: "POST", headers, body });
    expect(answer.status).toBe(202);
  }

  /** The first text from the centre that matches. */
  async reads(wanted: RegExp): Promise<string> {
    await expect.poll(() => this.texts.some((text) => wanted.test(text))).toBe(true);
    return this.texts.find((text) => wanted.test(text)) ?? "";
  }

  end(): void {
    this.server.close();
  }
}
