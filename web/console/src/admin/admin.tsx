// What an administrator sets up: messaging channels.
import { ArrowLeft } from "lucide-react";
import { useCallback, useMemo, useState } from "react";
import { Button } from "../parts/controls";
import { useDesk } from "../parts/desk";
import { leave } from "../parts/leave";
import { Channels, type Kinds } from "../wire/channels";
import { AddChannel } from "./add";
import { ChannelList } from "./list";
import { Failed, usePolled } from "./load";
import { OneChannel } from "./one";
import { a } from "./words";
import s from "./admin.module.css";

const LIST_MS = 5_000;
/** Kinds and entries change seldom. */
const KINDS_MS = 60_000;

type Where = { is: "list" } | { is: "add" } | { is: "one"; name: string };

export default function Admin() {
  const desk = useDesk();
  const channels = useMemo(() => new Channels(desk.rest), [desk]);
  const [where, setWhere] = useState<Where>({ is: "list" });
  const fetchKinds = useCallback(() => channels.kinds(), [channels]);
  const kinds = usePolled(fetchKinds, KINDS_MS);
  return (
    <main className={s.admin}>
      <div className={s.head}>
        <h1>{a("title")}</h1>
        {where.is !== "list" && (
          <Button tone="quiet" icon={ArrowLeft} onPress={() => leave(() => setWhere({ is: "list" }))}>{a("back")}</Button>
        )}
      </div>
      {kinds.failed !== null && <Failed problem={kinds.failed} onRetry={kinds.again} />}
      {where.is === "list" && (
        <Listed channels={channels} onAdd={() => setWhere({ is: "add" })} onOpen={(name) => setWhere({ is: "one", name })} />
      )}
      {where.is !== "list" && kinds.value !== null && (
        <Beyond channels={channels} kinds={kinds.value} where={where} onGo={setWhere} />
      )}
    </main>
  );
}

function Beyond(props: { channels: Channels; kinds: Kinds; where: Where; onGo: (where: Where) => void }) {
  const { channels, kinds, where, onGo } = props;
  switch (where.is) {
    case "list": return null;
    case "add":
      return <AddChannel channels={channels} kinds={kinds} onDone={(name) => onGo(name === null ? { is: "list" } : { is: "one", name })} />;
    case "one":
      return <OneChannel key={where.name} channels={channels} kinds={kinds} name={where.name} onGone={() => onGo({ is: "list" })} />;
  }
}

function Listed({ channels, onAdd, onOpen }: { channels: Channels; onAdd: () => void; onOpen: (name: string) => void }) {
  const fetchList = useCallback(() => channels.list(), [channels]);
  const { value, failed, again } = usePolled(fetchList, LIST_MS);
  return (
    <>
      {failed !== null && <Failed problem={failed} onRetry={again} />}
      {value === null && failed === null && <p className={s.help} aria-busy="true">{a("loading")}</p>}
      {value !== null && <ChannelList channels={value} onAdd={onAdd} onOpen={onOpen} />}
    </>
  );
}
