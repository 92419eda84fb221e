/** Pictures that browsers draw without running anything are shown; everything else is a link to save. */
export const PICTURES = ["image/png", "image/jpeg", "image/gif", "image/webp"];
