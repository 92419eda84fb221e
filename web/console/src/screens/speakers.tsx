// What is heard: one player a leg, whatever page of the console is looked at.
import { useEffect, useRef } from "react";
import { usePhone } from "../parts/desk";
import { playAt, playSoon } from "../rtc/audio";
import type { LegView } from "../rtc/leg";

export function Speakers() {
  const legs = usePhone((phone) => phone.legs);
  const speaker = usePhone((phone) => phone.devices.speaker);
  return <>{legs.map((leg) => <Speaker key={leg.leg} leg={leg} device={speaker} />)}</>;
}

function Speaker({ leg, device }: { leg: LegView; device: string }) {
  const element = useRef<HTMLAudioElement>(null);
  useEffect(() => {
    const player = element.current;
    if (player === null) return;
    if (player.srcObject !== leg.remote) player.srcObject = leg.remote;
    playAt(player, device);
    playSoon(player);
  }, [leg.remote, device]);
  return <audio ref={element} autoPlay data-leg={leg.leg} />;
}
