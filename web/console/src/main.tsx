import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app";
import "./base.css";
import { currentLang, setLang } from "./i18n";
import { DeskProvider } from "./parts/desk";
import { applyLook } from "./parts/look";
import { Desk } from "./store/desk";

applyLook();
setLang(currentLang());
const desk = new Desk();
void desk.boot();

const root = document.getElementById("root");
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <DeskProvider value={desk}>
        <App />
      </DeskProvider>
    </StrictMode>,
  );
}
