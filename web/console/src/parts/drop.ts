// Files that are dropped on a part.
import { useState, type HTMLAttributes } from "react";

/** Files may be dropped on it; `data-drop` says that some are held over it. */
export function useDrop(take: (files: Iterable<File>) => void): HTMLAttributes<HTMLElement> & { "data-drop": boolean } {
  const [over, setOver] = useState(false);
  return {
    "data-drop": over,
    onDragOver: (event) => {
      event.preventDefault();
      setOver(true);
    },
    onDragLeave: () => setOver(false),
    onDrop: (event) => {
      event.preventDefault();
      setOver(false);
      take(event.dataTransfer.files);
    },
  };
}
