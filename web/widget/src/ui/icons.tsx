/** Line drawings of 24 by 24, in the colour of the text around them. */
const PATHS = {
  minimise: 'M6 9l6 6 6-6',
  menu: 'M5 12h.01M12 12h.01M19 12h.01',
  send: 'M4 12 20 4l-5 16-3.5-6.5L4 12Z',
  attach: 'M20 11.5 12 19.5a5 5 0 0 1-7-7l8.5-8.5a3.3 3.3 0 0 1 4.7 4.7L9.7 17.2a1.7 1.7 0 0 1-2.4-2.4l7.7-7.6',
  phone: 'M5 4h4l1.5 5-2.5 1.5a11 11 0 0 0 5.5 5.5l1.5-2.5 5 1.5v4a1.5 1.5 0 0 1-1.6 1.5A16.5 16.5 0 0 1 3.5 5.6 1.5 1.5 0 0 1 5 4Z',
  video: 'M4 7h10v10H4zM14 11l6-3.5v9L14 13',
  person: 'M12 11.5a3.7 3.7 0 1 0 0-7.5 3.7 3.7 0 0 0 0 7.5ZM4.5 20c.6-4 3.6-6 7.5-6s6.9 2 7.5 6',
  file: 'M7 3h7l4 4v14H7zM14 3v4h4',
  mic: 'M12 14.5a3 3 0 0 0 3-3v-5a3 3 0 0 0-6 0v5a3 3 0 0 0 3 3ZM6 11.5a6 6 0 0 0 12 0M12 17.5V21',
  mic_off: 'M9 9.5v2a3 3 0 0 0 4.6 2.5M15 11V6.5a3 3 0 0 0-5.7-1.3M6 11.5a6 6 0 0 0 9.2 5M18 11.5a6 6 0 0 1-.4 2.2M12 17.5V21M4 4l16 16',
  keypad: 'M6 5h.01M12 5h.01M18 5h.01M6 11h.01M12 11h.01M18 11h.01M6 17h.01M12 17h.01M18 17h.01',
  hang_up: 'M3.5 14.5c5-4.6 12-4.6 17 0l-1.6 2.8-3.9-1.4v-2.6a11 11 0 0 0-6 0v2.6l-3.9 1.4Z',
  close: 'M6 6l12 12M18 6 6 18',
  down: 'M12 4v14M6 12.5l6 6 6-6',
  robot: 'M6 9h12v9H6zM12 9V5.5M10 13h.01M14 13h.01M3.5 12v3M20.5 12v3',
  share: 'M4 5h16v11H4zM9 20h6M12 16v4M9 10.5l3-3 3 3M12 7.5V13',
  clock: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 7v5l3.5 2',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" data-icon={name}>
      <path d={PATHS[name]} />
    </svg>
  );
}
