/** A name of a table, column or index as SQL takes it, whatever it holds: reserved words, spaces, quotes. */
export const quoteIdentifier = (name: string): string => `"${name.replaceAll('"', '""')}"`
