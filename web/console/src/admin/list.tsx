// Every channel, and in a word how it fares.
import { MessagesSquare, Plus } from "lucide-react";
import { Button, Empty } from "../parts/controls";
import type { Channel } from "../wire/channels";
import { StandingMark, Troubled, when } from "./fares";
import { a, kindOf } from "./words";
import s from "./admin.module.css";

export function ChannelList(props: { channels: Channel[]; onAdd: () => void; onOpen: (name: string) => void }) {
  return (
    <>
      <p className={s.help}>{a("lead")}</p>
      <div className={s.row}><Button tone="accent" icon={Plus} onPress={props.onAdd}>{a("add")}</Button></div>
      {props.channels.length === 0 ? <Empty icon={MessagesSquare} title={a("none")} /> : <Rows {...props} />}
    </>
  );
}

function Rows({ channels, onOpen }: { channels: Channel[]; onOpen: (name: string) => void }) {
  return (
    <div className={s.scroll} role="region" aria-label={a("title")} tabIndex={0}>
      <table className={s.table}>
        <thead>
          <tr>
            <th>{a("col.name")}</th><th>{a("col.kind")}</th><th>{a("col.entry")}</th><th>{a("col.state")}</th>
            <th>{a("col.in")}</th><th>{a("col.out")}</th><th>{a("col.error")}</th>
          </tr>
        </thead>
        <tbody>
          {channels.map((channel) => (
            <tr key={channel.name}>
              <td><button type="button" aria-label={a("open", { name: channel.name })} onClick={() => onOpen(channel.name)}>{channel.name}</button></td>
              <td>{kindOf(channel.kind)}</td>
              <td>{channel.entry}</td>
              <td><StandingMark channel={channel} /></td>
              <td>{when(channel.state?.last_in ?? null)}</td>
              <td>{when(channel.state?.last_out ?? null)}</td>
              <td>{channel.state?.trouble == null ? a("never") : <Troubled trouble={channel.state.trouble} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
