// A10: devices with a level meter and an echo test, look, language, notifications, shortcuts.
import { useEffect, useState, type ReactNode } from "react";
import { setLang, t, useLang, type Lang } from "../i18n";
import { Button, Choose } from "../parts/controls";
import { useDesk, useDeskState, usePhone } from "../parts/desk";
import { density, setDensity, setTheme, theme, type Density, type Theme } from "../parts/look";
import { meter, ring } from "../rtc/audio";
import { Shortcuts } from "./shortcuts";
import { InsecureHelp } from "./sign-in";
import s from "./settings.module.css";

/** The number of the echo test in the sample catalogue. */
const ECHO = "1001";

export default function Settings() {
  return (
    <main className={s.settings}>
      <Section title={t("settings.audio")}><Devices /></Section>
      <Section title={t("settings.look")}><Look /></Section>
      <Section title={t("settings.notify")}><Notify /></Section>
      <Section title={t("help.title")}><Shortcuts /></Section>
    </main>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={s.section} aria-label={title}>
      <h1>{title}</h1>
      {children}
    </section>
  );
}

function useDeviceList(voiceIs: string | undefined): MediaDeviceInfo[] {
  const [list, setList] = useState<MediaDeviceInfo[]>([]);
  useEffect(() => {
    const media = navigator.mediaDevices as MediaDevices | undefined;
    if (media === undefined) return;
    const look = (): void => void media.enumerateDevices().then(setList, () => setList([]));
    look();
    media.addEventListener("devicechange", look);
    return () => media.removeEventListener("devicechange", look);
    // Names are told only once a microphone was allowed.
  }, [voiceIs]);
  return list;
}

function Devices() {
  const desk = useDesk();
  const devices = usePhone((phone) => phone.devices);
  const voice = usePhone((phone) => phone.voice);
  const fallback = usePhone((phone) => phone.fallback);
  const canDial = useDeskState((state) => state.seat !== null && state.seat.availability.is !== "logged_out");
  const list = useDeviceList(voice?.source);
  const of = (kind: MediaDeviceKind): { id: string; name: string }[] => [
    { id: "", name: t("settings.default") },
    ...list.filter((d) => d.kind === kind && d.deviceId !== "" && d.deviceId !== "default")
      .map((d, i) => ({ id: d.deviceId, name: d.label === "" ? t("settings.device", { n: i + 1 }) : d.label })),
  ];
  return (
    <>
      {!window.isSecureContext && <InsecureHelp />}
      {voice !== null && voice.trouble !== null && <p className={s.trouble} role="status">{t(`mic.trouble.${voice.trouble}`)}</p>}
      <div className={s.grid}>
        <Choose label={t("settings.mic")} value={devices.mic} options={of("audioinput")}
          onChange={(mic) => void desk.phone.choose({ ...devices, mic })} />
        <Choose label={t("settings.speaker")} value={devices.speaker} options={of("audiooutput")}
          onChange={(speaker) => void desk.phone.choose({ ...devices, speaker })} />
        <Choose label={t("settings.ringer")} value={devices.ringer} options={of("audiooutput")}
          onChange={(ringer) => void desk.phone.choose({ ...devices, ringer })} />
        <Choose label={t("settings.fallback")} value={fallback}
          options={[{ id: "listen_only", name: t("mic.source.listen_only") }, { id: "synthetic", name: t("mic.source.synthetic") }]}
          onChange={(id) => void desk.phone.fallBack(id === "synthetic" ? "synthetic" : "listen_only")} />
      </div>
      <Level />
      <div className={s.row}>
        <Button onPress={() => {
          const stop = ring(devices.ringer);
          window.setTimeout(stop, 1500);
        }}>{t("settings.ring_test")}</Button>
        {canDial && <Button onPress={() => void desk.verb(null, { type: "dial", to: ECHO })}>{t("settings.echo")}</Button>}
      </div>
    </>
  );
}

/** How loud the microphone hears, while it is open. */
function Level() {
  const desk = useDesk();
  const source = usePhone((phone) => phone.voice?.source);
  const mic = usePhone((phone) => phone.devices.mic);
  const [level, setLevel] = useState(0);
  useEffect(() => {
    if (source === undefined) return;
    let stop = (): void => undefined;
    let over = false;
    void desk.phone.prepare().then((voice) => {
      if (over) return;
      const own = meter(voice.stream);
      const timer = window.setInterval(() => setLevel(own.level()), 80);
      stop = () => {
        window.clearInterval(timer);
        own.stop();
      };
    });
    return () => {
      over = true;
      stop();
    };
  }, [desk, source, mic]);
  if (source === undefined) return <div><Button onPress={() => void desk.phone.prepare()}>{t("settings.open_mic")}</Button></div>;
  return (
    <label className={s.level}>
      <span>{t("settings.level")}</span>
      <meter min={0} max={1} value={level} />
    </label>
  );
}

function Look() {
  const lang = useLang();
  const [chosen, setChosen] = useState<Theme>(theme());
  const [dense, setDense] = useState<Density>(density());
  return (
    <div className={s.grid}>
      <Choose label={t("settings.theme")} value={chosen}
        options={(["auto", "light", "dark"] as const).map((id) => ({ id, name: t(`theme.${id}`) }))}
        onChange={(id) => {
          setTheme(id as Theme);
          setChosen(id as Theme);
        }} />
      <Choose label={t("settings.density")} value={dense}
        options={(["comfortable", "compact"] as const).map((id) => ({ id, name: t(`density.${id}`) }))}
        onChange={(id) => {
          setDensity(id as Density);
          setDense(id as Density);
        }} />
      <Choose label={t("settings.lang")} value={lang} options={[{ id: "zh-CN", name: "简体中文" }, { id: "en", name: "English" }]}
        onChange={(id) => setLang(id as Lang)} />
    </div>
  );
}

function Notify() {
  const supported = "Notification" in window;
  const [permission, setPermission] = useState(supported ? Notification.permission : "denied");
  if (permission === "granted") return <p className={s.text}>{t("settings.notify_on")}</p>;
  if (permission === "denied") return <p className={s.text}>{t("settings.notify_denied")}</p>;
  return <div><Button onPress={() => void Notification.requestPermission().then(setPermission)}>{t("settings.notify_ask")}</Button></div>;
}
