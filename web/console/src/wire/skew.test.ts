import { afterEach, expect, test, vi } from "vitest";
import { forget, observe, serverNow } from "./skew";

afterEach(() => {
  forget();
  vi.useRealTimers();
});

test("a countdown is right on a computer whose clock is wrong, whichever way", () => {
  vi.useFakeTimers({ now: 1_000_000 });
  expect(serverNow()).toBe(1_000_000);
  for (const wrong of [300_000, -300_000]) {
    forget();
    const server = 1_000_000 - wrong;
    observe(server - 60_000); // An old message of a replay says little,
    observe(server - 40); // a live one says more,
    observe(server - 900); // and a worse one changes nothing.
    expect(serverNow() - server).toBe(-40);
  }
});

test("what is no time is not observed", () => {
  vi.useFakeTimers({ now: 1_000_000 });
  observe(Number.NaN);
  expect(serverNow()).toBe(1_000_000);
});
