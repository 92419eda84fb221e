// A customer's shared screen: what is captured, and where each end has it.

import { type Locator, type Page, expect } from "@playwright/test";

import { CUSTOMER_HZ } from "./people.ts";

export type Colour = [number, number, number];

export const GREEN: Colour = [20, 160, 60];
export const SLATE: Colour = [22, 30, 36];
export const css = ([r, g, b]: Colour) => `rgb(${r}, ${g}, ${b})`;
export const SCREEN = { hz: CUSTOMER_HZ, screen: css(GREEN) };

export const banner = (visitor: Page): Locator => visitor.getByRole("region", { name: "Your screen" });
export const pane = (alice: Page): Locator => alice.getByRole("region", { name: "Customer's screen" });

export async function show(visitor: Page): Promise<void> {
  await visitor.getByRole("button", { name: "Share", exact: true }).click();
  await visitor.getByRole("button", { name: /^Show my screen/ }).click();
  await expect(banner(visitor)).toContainText("sees your screen");
}
