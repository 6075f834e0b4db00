/**
 * Options of Node for an entry (a path or a URL) that a process or a worker starts from: TypeScript sources, as in tests,
 * are loaded through jiti; what is built needs none.
 */
export const sourceLoader = (entry: string): string[] =>
  entry.endsWith('.ts') ? ['--import', import.meta.resolve('jiti/register')] : []
