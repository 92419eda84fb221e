import { expect, test } from "vitest";
import { setLang } from "../i18n";
import type { Channel, FieldSpec, KindSpec } from "../wire/channels";
import { draftOf, emptyDraft, made, wishOf, wrongsIn } from "./fields";
import { aboutOf, helpOf, kindOf, labelOf, standingOf, wrongOf } from "./words";

const field = (key: string, more: Partial<FieldSpec> = {}): FieldSpec =>
  ({ key, secret: false, required: true, own: false, form: "text", ...more });

const wechat: KindSpec = {
  kind: "wechat",
  fields: [
    field("account"), field("app_secret", { secret: true }), field("token", { secret: true, own: true }),
    field("aes_key", { secret: true, required: false, own: true, form: "aes_key" }), field("url", { required: false, form: "url" }),
  ],
};

const channel: Channel = {
  name: "shop", kind: "wechat", entry: "800", lang: "en", settings: { account: "wx1", url: "" }, secrets: ["app_secret", "token"],
  version: "v1", state: null,
};

test("what is missing or has another form is told field by field", () => {
  const empty = wrongsIn(emptyDraft("wechat", "", "en"), wechat, []);
  expect(empty.map((wrong) => `${wrong.field} ${wrong.why}`)).toEqual(
    ["name missing", "entry not_there", "account missing", "app_secret missing", "token missing"]);
  const bad = {
    ...emptyDraft("wechat", "800", "en"), name: "Shop 1", settings: { account: "wx1", url: "ftp://x" },
    secrets: { app_secret: "s", token: "t", aes_key: "short" },
  };
  expect(wrongsIn(bad, wechat, []).map((wrong) => `${wrong.field} ${wrong.why}`)).toEqual(["name form", "aes_key form", "url form"]);
  expect(wrongsIn(draftOf(channel), wechat, channel.secrets)).toEqual([]);
  const emptied = { ...draftOf(channel), secrets: { token: "" } };
  expect(wrongsIn(emptied, wechat, channel.secrets)).toEqual([{ field: "token", why: "missing", what: "" }]);
});

test("only secrets that are given or removed are sent, without the blanks of pasting", () => {
  const draft = { ...draftOf(channel), settings: { account: " wx2\n" }, secrets: { token: " new ", aes_key: null, app_secret: undefined } };
  expect(wishOf(draft, wechat)).toEqual({
    kind: "wechat", entry: "800", lang: "en", settings: { account: "wx2", url: "" }, secrets: { token: "new", aes_key: null },
  });
});

test("a secret that is made up has the form that it must have and is never the same", () => {
  expect(made("aes_key")).toMatch(/^[A-Za-z0-9]{43}$/);
  expect(made("letters")).toMatch(/^[A-Za-z0-9]{32}$/);
  expect(made("text")).not.toBe(made("text"));
});

test("what is wrong with a channel comes before what is well", () => {
  const fares = {
    since: 0, meets: "called" as const, verified: null, last_in: null, last_out: null, trouble: null, failures: 0, forged: null,
    token: { is: "missing" },
  };
  const of = (more: object): string => standingOf({ ...channel, state: { ...fares, ...more } });
  expect([standingOf(channel), of({}), of({ meets: "asks" }), of({ verified: 1 })]).toEqual(["unknown", "waiting", "asking", "ok"]);
  expect([of({ verified: 1, forged: { count: 1, last: 2 } }), of({ forged: { count: 1, last: 2 }, failures: 1 })]).toEqual(["forged", "failing"]);
});

test("a kind and a field that this page has no words for are shown by their own names", () => {
  setLang("en");
  expect([kindOf("pigeon"), labelOf("pigeon", "loft"), helpOf("pigeon", "loft")]).toEqual(["pigeon", "loft", null]);
  expect(aboutOf("pigeon")).not.toBe("");
  expect(labelOf("pigeon", "token")).toBe(labelOf("qq", "token"));
  expect(wrongOf({ field: "loft", why: "odd", what: "it is too small" })).toBe("it is too small");
  expect(wrongOf({ field: "aes_key", why: "form", what: "" }, wechat.fields[3])).toContain("43");
  expect(wrongOf({ field: "name", why: "taken", what: "" })).toContain("choose another");
});
