// How a part reaches the desk.
import { createContext, useContext } from "react";
import type { Desk } from "../store/desk";
import type { State } from "../store/state";
import { useStore } from "../store/store";
import type { PhoneState } from "../rtc/phone";

const DeskContext = createContext<Desk | null>(null);
export const DeskProvider = DeskContext.Provider;

export function useDesk(): Desk {
  const desk = useContext(DeskContext);
  if (desk === null) throw new Error("a part stands outside the desk");
  return desk;
}

/** A part of the state; `pick` must return what is in the state, not something made anew. */
export function useDeskState<T>(pick: (state: State) => T): T {
  return useStore(useDesk().store, pick);
}

export function usePhone<T>(pick: (state: PhoneState) => T): T {
  return useStore(useDesk().phone.store, pick);
}
