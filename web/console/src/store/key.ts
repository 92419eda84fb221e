// The name of something that is said once, however often it is sent.

/** A key nobody else makes: 128 bits. (`randomUUID` is missing outside secure contexts.) */
export function freshKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");
}
