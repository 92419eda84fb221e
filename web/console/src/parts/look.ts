// Theme and density: kept in this browser, told to CSS by attributes of the root.
export type Theme = "auto" | "light" | "dark";
export type Density = "comfortable" | "compact";

const dark = window.matchMedia("(prefers-color-scheme: dark)");

export function theme(): Theme {
  const stored = localStorage.getItem("ngcc.theme");
  return stored === "light" || stored === "dark" ? stored : "auto";
}

export function density(): Density {
  return localStorage.getItem("ngcc.density") === "compact" ? "compact" : "comfortable";
}

export function applyLook(): void {
  const chosen = theme();
  const root = document.documentElement;
  root.dataset["theme"] = chosen === "auto" ? (dark.matches ? "dark" : "light") : chosen;
  root.dataset["density"] = density();
}

export function setTheme(next: Theme): void {
  localStorage.setItem("ngcc.theme", next);
  applyLook();
}

export function setDensity(next: Density): void {
  localStorage.setItem("ngcc.density", next);
  applyLook();
}

dark.addEventListener("change", applyLook);
