/** Says on stderr what is being done, for a run of minutes. */
export const say = (text: string): void => void process.stderr.write(`${text}\n`)
