// The customer's page: seen, pointed at, drawn on; clicked and typed into where they allow it.
import { Eraser, Hand, Link2, MousePointer2, PencilLine, Pointer, TextCursorInput } from "lucide-react";
import { useCallback, useEffect, useRef, useState, type ReactNode } from "react";
import type { Collab } from "@ngcc/share/collab";
import type { Act, What } from "@ngcc/share/wire";
import type { Viewer } from "../cobrowse/viewer";
import { t, tWord } from "../i18n";
import { Button, Dialog, Field, Toggle } from "../parts/controls";
import { useDesk } from "../parts/desk";
import { Glass, type Tool } from "./cobrowse-glass";
import { useCollab } from "./sharing";
import s from "./sharing.module.css";

export function CobrowsePane({ collab }: { collab: Collab }) {
  const desk = useDesk();
  const state = useCollab(collab);
  const [tool, setTool] = useState<Tool>("look");
  const [asked, setAsked] = useState<What | null>(null);
  const [page, setPage] = useState("");
  const { copy, viewer } = useViewer(collab, setPage);
  const { consents, paused, people } = state;
  // The customer's answer is the next word about consents: one that comes is used at once.
  useEffect(() => collab.on("consents", (now) => {
    if (asked !== null && now[asked]) setTool(asked === "control" ? "control" : "point");
    setAsked(null);
  }), [collab, asked]);
  // One that goes takes its tool away.
  useEffect(() => {
    if (!consents.pointer && (tool === "point" || tool === "draw")) setTool("look");
    if (!consents.control && tool === "control") setTool("look");
  }, [consents, tool]);
  useEffect(() => collab.on("over", () => desk.toast("info", t("collab.over"))), [collab, desk]);
  useEffect(() => collab.on("answered", ({ taken }) => desk.toast("info", taken ? t("collab.taken") : t("collab.not_taken"))), [collab, desk]);
  const act = useCallback(async (what: Act): Promise<void> => {
    const answer = await collab.ask("act", { act: what });
    if (!answer.ok && answer.code !== "no_answer") desk.toast("error", tWord("collab_error", answer.code));
  }, [collab, desk]);
  const ask = (what: What): void => {
    setAsked(what);
    collab.tell("ask", { what });
  };
  const live = state.link === "up" && consents.view && !paused;
  return (
    <>
      {state.me === "viewer" ? <p className={s.tools}><span className={s.address} title={page}>{page}</span></p> : (
        <Tools tool={tool} setTool={setTool} asked={asked} ask={ask} collab={collab} act={act} isLive={live}>
          <span className={s.address} title={page}>{page}</span>
        </Tools>
      )}
      <div className={s.stage}>
        <div className={s.copy} ref={copy} />
        {live && viewer !== null && <Glass viewer={viewer} tool={tool} collab={collab} act={act} />}
        {!live && <p className={s.veil}>{t(consents.view ? (paused ? "collab.paused" : "collab.reconnecting") : "collab.waiting_consent")}</p>}
        {live && !people.customer.here && <p className={s.veil}>{t("collab.away")}</p>}
      </div>
    </>
  );
}

/** The copy of the page: loaded with the first one that is shared. */
function useViewer(collab: Collab, setPage: (url: string) => void) {
  const copy = useRef<HTMLDivElement>(null);
  const [viewer, setViewer] = useState<Viewer | null>(null);
  useEffect(() => {
    let made: Viewer | null = null;
    let gone = false;
    const waiting: unknown[][] = [];
    const late = collab.isLate("rr");
    const off = collab.on("rr", ({ events }) => {
      if (made === null) waiting.push(events);
      else made.feed(events);
    });
    const resized = new ResizeObserver(() => made?.fit());
    void import("../cobrowse/viewer").then(({ Viewer }) => {
      const root = copy.current;
      if (gone || root === null) return;
      made = new Viewer(root, { page: (p) => setPage(p.url) });
      resized.observe(root);
      for (const events of waiting.splice(0)) made.feed(events as Parameters<Viewer["feed"]>[0]);
      setViewer(made);
    });
    // Whoever comes to look once more has not heard the snapshot: it is told anew with the connection.
    if (late && collab.state.link === "up") collab.again();
    return () => {
      gone = true;
      off();
      resized.disconnect();
      made?.end();
    };
  }, [collab, setPage]);
  return { copy, viewer };
}

function Tools(props: {
  tool: Tool; setTool: (tool: Tool) => void; asked: What | null; ask: (what: What) => void; collab: Collab;
  act: (act: Act) => Promise<void>; isLive: boolean; children: ReactNode;
}) {
  const { tool, setTool, asked, ask, collab, act, isLive } = props;
  const { consents } = useCollab(collab);
  const [opening, setOpening] = useState(false);
  const choose = (next: Tool) => (on: boolean): void => setTool(on ? next : "look");
  return (
    <div className={s.tools} role="toolbar" aria-label={t("collab.tools")}>
      <Toggle icon={MousePointer2} isOn={tool === "look"} onChange={() => setTool("look")} isDisabled={!isLive}>{t("collab.look")}</Toggle>
      {consents.pointer ? (
        <>
          <Toggle icon={Pointer} isOn={tool === "point"} onChange={choose("point")} isDisabled={!isLive}>{t("collab.point")}</Toggle>
          <Toggle icon={PencilLine} isOn={tool === "draw"} onChange={choose("draw")} isDisabled={!isLive}>{t("collab.draw")}</Toggle>
          <Button icon={Eraser} label={t("collab.clear")} isDisabled={!isLive} onPress={() => void act({ is: "clear" })} />
        </>
      ) : <Button icon={Pointer} isDisabled={!isLive || asked !== null} onPress={() => ask("pointer")}>{t("collab.ask_pointer")}</Button>}
      {consents.control
        ? <Toggle icon={Hand} isOn={tool === "control"} onChange={choose("control")} isDisabled={!isLive}>{t("collab.control")}</Toggle>
        : <Button icon={Hand} isDisabled={!isLive || asked !== null} onPress={() => ask("control")}>{t("collab.ask_control")}</Button>}
      <Toggle icon={TextCursorInput} isOn={tool === "propose"} onChange={choose("propose")} isDisabled={!isLive}>{t("collab.propose")}</Toggle>
      <Button icon={Link2} isDisabled={!isLive} onPress={() => setOpening(true)}>{t("collab.open")}</Button>
      <span className={s.asked} role="status">{asked !== null && t("collab.asked")}</span>
      {props.children}
      <Dialog title={t("collab.open")} isOpen={opening} onClose={() => setOpening(false)}>
        <Address onGo={(url) => {
          setOpening(false);
          void act({ is: "open", url });
        }} />
      </Dialog>
    </div>
  );
}

function Address({ onGo }: { onGo: (url: string) => void }) {
  const [url, setUrl] = useState("");
  return (
    <form className={s.open} onSubmit={(event) => {
      event.preventDefault();
      if (url.trim() !== "") onGo(url.trim());
    }}>
      <Field label={t("collab.address")} value={url} onChange={setUrl} autoFocus />
      <Button type="submit" tone="accent" isDisabled={url.trim() === ""}>{t("collab.open_go")}</Button>
    </form>
  );
}
