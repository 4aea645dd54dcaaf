/** Something that is wrong with a row of the store, as an audit tells it. */
export interface Problem {
  readonly table: string;
  readonly key: string;
  readonly problem: string;
  /** Not false but not provable here either: what proves it is elsewhere. */
  readonly unknown?: true;
}
