import { expect, test } from "vitest";
import type { Author, Contact, Message } from "../wire/protocol";
import { quoteOf } from "./ask-colleague";

const says = (seq: number, by: Author, text: string, more: Partial<Message> = {}): Message => (
  { seq, id: `m${seq}`, at: 0, by, content: { kind: "text", text }, ...more }
);

test("a quote is what people wrote last: no questions of the automatic service, no notes", () => {
  const automation: Author = { is: "automation" };
  const messages = [
    says(1, { is: "customer" }, "Do you have it in green?"),
    ...[2, 3, 4, 5, 6].map((seq) => says(seq, automation, "What can we do for you?")),
    says(7, { is: "customer" }, "1"),
    says(8, { is: "agent", agent: "agent:alice", display: "Alice" }, "I shall ask."),
    says(9, { is: "agent", agent: "agent:alice", display: "Alice" }, "Looks tired.", { private: true }),
  ];
  const contact = { session: "s1", user: "web:v1", display: "Wang" } as Contact;
  expect(quoteOf(contact, messages).lines.map(([, text]) => text)).toEqual(["Do you have it in green?", "1", "I shall ask."]);
});
