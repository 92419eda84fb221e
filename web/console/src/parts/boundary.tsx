// A part that breaks must not take the call with it: the rest of the page goes on, and says so.
import { Component, type ReactNode } from "react";
import { t } from "../i18n";
import { Button } from "./controls";
import s from "./parts.module.css";

/** `name` changes with what is shown: another page is another try. */
export class Boundary extends Component<{ name: string; children: ReactNode }, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError(): { broken: boolean } {
    return { broken: true };
  }

  override componentDidUpdate(before: { name: string }): void {
    if (before.name !== this.props.name && this.state.broken) this.setState({ broken: false });
  }

  override render(): ReactNode {
    if (!this.state.broken) return this.props.children;
    return (
      <main className={s.empty} role="alert">
        <p>{t("broken.text")}</p>
        <Button onPress={() => this.setState({ broken: false })}>{t("retry")}</Button>
      </main>
    );
  }
}
