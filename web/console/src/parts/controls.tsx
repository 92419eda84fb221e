// Buttons, fields, dialogs and menus in our own dress.
import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import {
  Button as AriaButton, Dialog as AriaDialog, Heading, Input, Label, Menu, MenuItem, MenuTrigger, Modal, ModalOverlay,
  Popover, TextField, ToggleButton,
} from "react-aria-components";
import s from "./parts.module.css";

type Tone = "plain" | "accent" | "ready" | "danger" | "quiet" | "auto";

const cx = (...names: (string | false | undefined)[]): string => names.filter(Boolean).join(" ");

export function Button(props: {
  children?: ReactNode; icon?: LucideIcon; label?: string; tone?: Tone; isDisabled?: boolean; big?: boolean;
  onPress?: () => void; type?: "button" | "submit"; autoFocus?: boolean; hint?: string;
}) {
  const Icon = props.icon;
  const only = props.children === undefined;
  return (
    <AriaButton className={cx(s.button, s[props.tone ?? "plain"], only && s.iconOnly, props.big && s.big)}
      aria-label={props.label} isDisabled={props.isDisabled ?? false} onPress={() => props.onPress?.()}
      type={props.type ?? "button"} autoFocus={props.autoFocus ?? false}>
      {Icon !== undefined && <Icon size={16} aria-hidden="true" />}
      {props.children}
      {props.hint !== undefined && <kbd className={s.kbd}>{props.hint}</kbd>}
    </AriaButton>
  );
}

export function Toggle(props: {
  icon: LucideIcon; children: ReactNode; isOn: boolean; onChange: (on: boolean) => void; isDisabled?: boolean;
}) {
  const Icon = props.icon;
  return (
    <ToggleButton className={cx(s.button, s.plain)} isSelected={props.isOn} onChange={props.onChange}
      isDisabled={props.isDisabled ?? false}>
      <Icon size={16} aria-hidden="true" />
      {props.children}
    </ToggleButton>
  );
}

export function Field(props: {
  label: string; value: string; onChange: (value: string) => void; type?: string; autoFocus?: boolean;
  autoComplete?: string; placeholder?: string; hideLabel?: boolean; inputMode?: "tel" | "text" | "search";
}) {
  return (
    <TextField className={s.field ?? ""} value={props.value} onChange={props.onChange} type={props.type ?? "text"}
      autoFocus={props.autoFocus ?? false} {...(props.hideLabel === true ? { "aria-label": props.label } : {})}>
      {props.hideLabel !== true && <Label>{props.label}</Label>}
      <Input autoComplete={props.autoComplete ?? "off"} placeholder={props.placeholder}
        inputMode={props.inputMode ?? "text"} spellCheck={false} />
    </TextField>
  );
}

/** A native select: keyboard, screen reader and touch as everywhere else in the system. */
export function Choose(props: {
  label: string; value: string; onChange: (value: string) => void; options: { id: string; name: string }[];
}) {
  return (
    <label className={s.field}>
      <span>{props.label}</span>
      <select value={props.value} onChange={(event) => props.onChange(event.target.value)}>
        {props.options.map((o) => <option key={o.id} value={o.id}>{o.name}</option>)}
      </select>
    </label>
  );
}

/** A dialog over the page. Without `onClose` it must be answered. */
export function Dialog(props: {
  title: string; isOpen: boolean; onClose?: () => void; children: ReactNode; wide?: boolean; alert?: boolean;
}) {
  const { onClose } = props;
  return (
    <ModalOverlay className={s.overlay ?? ""} isOpen={props.isOpen} isDismissable={onClose !== undefined}
      isKeyboardDismissDisabled={onClose === undefined} onOpenChange={(open) => !open && onClose?.()}>
      <Modal className={cx(s.modal, props.wide === true && s.wide)}>
        <AriaDialog className={s.dialog ?? ""} role={props.alert === true ? "alertdialog" : "dialog"}>
          <Heading slot="title">{props.title}</Heading>
          {props.children}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

export type Item = { id: string; name: string; mark?: string; note?: string; tone?: string };

/** A button with a menu. `isOpen` may be driven from outside (a shortcut). */
export function MenuButton(props: {
  label: string; children: ReactNode; items: Item[]; onAction: (id: string) => void; tone?: Tone; className?: string;
  isOpen?: boolean; onOpenChange?: (open: boolean) => void; isDisabled?: boolean;
}) {
  const driven = props.isOpen === undefined ? {} : { isOpen: props.isOpen };
  return (
    <MenuTrigger {...driven} {...(props.onOpenChange ? { onOpenChange: props.onOpenChange } : {})}>
      <AriaButton className={props.className ?? cx(s.button, s[props.tone ?? "plain"])} isDisabled={props.isDisabled ?? false}>
        <span className="sr-only">{props.label}</span>
        {props.children}
      </AriaButton>
      <Popover className={s.popover ?? ""}>
        <Menu className={s.menu ?? ""} aria-label={props.label} items={props.items}
          onAction={(key) => props.onAction(String(key))}>
          {(item) => (
            <MenuItem id={item.id} className={s.item ?? ""} textValue={item.name}>
              {item.mark !== undefined && <span className={s.mark} data-posture={item.tone} aria-hidden="true">{item.mark}</span>}
              <span>{item.name}</span>
              {item.note !== undefined && <small>{item.note}</small>}
            </MenuItem>
          )}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}

export function Empty({ icon: Icon, title, children }: { icon: LucideIcon; title: string; children?: ReactNode }) {
  return (
    <div className={s.empty}>
      <Icon size={32} aria-hidden="true" />
      <p>{title}</p>
      {children}
    </div>
  );
}
