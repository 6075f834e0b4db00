/** How the tables of a dataset are made. Plain data, because it is sent to child processes. */
export type SchemaSource =
  /** A folder of migrations, of which `initial` makes the tables. */
  | { readonly kind: 'migrations'; readonly folder: string }
  /** SQL files, run in their order. */
  | { readonly kind: 'sql'; readonly files: readonly string[] }
