/** What was typed into the fields of a dialogue, by their names. */
export class Given {
  constructor(private readonly values: Readonly<Record<string, unknown>>) {}

  text(name: string): string {
    const value = this.values[name];
    return typeof value === "string" ? value : "";
  }

  /** A text, or null where the field was left empty. */
  maybe(name: string): string | null {
    return this.text(name).trim() || null;
  }

  /** A name of a fixed set, which the field offered. */
  one<Name extends string>(name: string, names: readonly Name[]): Name {
    const value = names.find((each) => each === this.values[name]);
    if (value === undefined) throw new Error(`${name} is none of ${names.join(", ")}`);
    return value;
  }

  number(name: string): number {
    return Number(this.values[name]);
  }

  maybeNumber(name: string): number | null {
    const value = this.values[name];
    return typeof value === "number" ? value : null;
  }

  flag(name: string): boolean {
    return this.values[name] === true;
  }

  list(name: string): string[] {
    const value = this.values[name];
    return Array.isArray(value) ? value.map(String) : [];
  }

  /** A moment of the reader's zone, as the API takes it. */
  moment(name: string): string | null {
    const typed = this.maybe(name);
    return typed === null ? null : new Date(typed).toISOString();
  }
}
