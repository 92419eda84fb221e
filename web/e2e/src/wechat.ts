// A provider of the WeChat kind: it signs what its customers do, gives tokens, counts nothing and refuses as it is told.

import { createHash } from "node:crypto";
import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import { type AddressInfo } from "node:net";

import { expect } from "@playwright/test";

import type { World } from "./fixtures.ts";

export const TOKEN = "a-token-of-the-tests";
/** The only secret of the account that it knows. */
export const APP_SECRET = "s3cret-of-the-account";
/** A picture of one red point. */
const PICTURE = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==", "base64");
const OUT_OF_TIME = 45_015;
const TOO_LONG = 45_002;
const WRONG_SECRET = 40_125;

export class Wechat {
  /** What the centre has sent, oldest first. */
  readonly texts: string[] = [];
  /** It takes nothing before the customer writes again. */
  shut = false;
  /** Texts that it never takes. */
  refuses: RegExp | undefined;
  private readonly server: Server;

  private constructor(private readonly world: World, private readonly name: string) {
    this.server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on("data", (part: Buffer) => parts.push(part));
      request.on("end", () => this.answers(request, Buffer.concat(parts).toString(), response));
    });
  }

  /** The provider of a channel `name` that is not set up yet. */
  static async open(world: World, name: string): Promise<Wechat> {
    const wechat = new Wechat(world, name);
    await new Promise<void>((done) => wechat.server.listen(0, "127.0.0.1", done));
    return wechat;
  }

  /** A channel `name` of the centre, whose customers come to the number `entry`. */
  static async start(world: World, name: string, entry: string): Promise<Wechat> {
    const wechat = await Wechat.open(world, name);
    world.centre.ask("channel", "add", name, "--kind", "wechat", "--entry", entry, "--lang", "en", "--account", "wx1",
      "--url", wechat.url, "--secret", `token=${TOKEN}`, "--secret", `app_secret=${APP_SECRET}`);
    return wechat;
  }

  /** Where its interface is. */
  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** It asks whether this is the place, as when its console is told the address; the status of the answer. */
  async verifies(token = TOKEN): Promise<number> {
    const echostr = "echo-1";
    const query = new URLSearchParams({ ...signed(token), echostr });
    const answer = await fetch(`${this.world.centre.url}/hooks/${this.name}?${query}`);
    if (answer.ok) expect(await answer.text()).toBe(echostr);
    return answer.status;
  }

  /** Somebody writes. */
  async writes(person: string, id: string, text: string): Promise<void> {
    await this.posts(person, id, `<MsgType>text</MsgType><Content><![CDATA[${text}]]></Content>`);
  }

  /** Somebody sends a picture. */
  async shows(person: string, id: string): Promise<void> {
    await this.posts(person, id, "<MsgType>image</MsgType><MediaId>p1</MediaId>");
  }

  /** Waits until a text that contains `part` has come. */
  async reads(part: string): Promise<void> {
    await expect.poll(() => this.texts.some((text) => text.includes(part))).toBe(true);
  }

  end(): void {
    this.server.close();
  }

  private async posts(person: string, id: string, what: string): Promise<void> {
    const body = `<xml><ToUserName>us</ToUserName><FromUserName>${person}</FromUserName><CreateTime>1</CreateTime>${what}<MsgId>${id}</MsgId></xml>`;
    const query = new URLSearchParams(signed(TOKEN));
    const answer = await fetch(`${this.world.centre.url}/hooks/${this.name}?${query}`, { method: "POST", body });
    expect(answer.status).toBe(200);
  }

  private answers(request: IncomingMessage, body: string, response: ServerResponse): void {
    const path = (request.url ?? "").split("?")[0];
    if (path === "/cgi-bin/media/get") {
      response.writeHead(200, { "content-type": "image/png" }).end(PICTURE);
      return;
    }
    response.setHeader("content-type", "application/json");
    if (path === "/cgi-bin/token") {
      const known = new URLSearchParams((request.url ?? "").split("?")[1]).get("secret") === APP_SECRET;
      response.end(JSON.stringify(known ? { access_token: "T1", expires_in: 7200 }
        : { errcode: WRONG_SECRET, errmsg: "invalid appsecret, rid: 65a1b2c3" }));
      return;
    }
    const { text } = JSON.parse(body) as { text?: { content: string } };
    const said = text?.content ?? "";
    const errcode = this.shut ? OUT_OF_TIME : this.refuses?.test(said) === true ? TOO_LONG : 0;
    if (errcode === 0) this.texts.push(said);
    response.end(JSON.stringify({ errcode, errmsg: "" }));
  }
}

function signed(token: string): { signature: string; timestamp: string; nonce: string } {
  const [timestamp, nonce] = ["1700000000", "n0nce"];
  return { signature: createHash("sha1").update([token, timestamp, nonce].sort().join("")).digest("hex"), timestamp, nonce };
}
