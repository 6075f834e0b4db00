/**
 * Makes each text once and gives the same string for the same arguments: a long SQL text that is put together anew has
 * to be hashed anew when its prepared statement is looked up.
 */
export function remembered<Arguments extends readonly (string | boolean)[]>(
  make: (...args: Arguments) => string,
): (...args: Arguments) => string {
  const known = new Map<string, string>()
  return (...args) => {
    const key = args.join()
    let text = known.get(key)
    if (text === undefined) {
      text = make(...args)
      known.set(key, text)
    }
    return text
  }
}
