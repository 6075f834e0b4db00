import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { z } from 'zod'

/** What tells a file of the cache from a damaged one. */
export const fileSealShape = z.strictObject({
  bytes: z.number(),
  mtimeMs: z.number(),
  /** SHA-256 of the header and of pages spread over the file. */
  sampleDigest: z.string(),
  /** SHA-256 of the whole file. */
  digest: z.string(),
})
export type FileSeal = z.infer<typeof fileSealShape>

/** `cheap` reads the whole file only where its time of change is another one. */
export type SealCheck = 'cheap' | 'full'

/** `full` where `--verify-cache` was given, which sets the variable. */
export const sealCheck = (environment: NodeJS.ProcessEnv = process.env): SealCheck =>
  environment['FORGEBENCH_VERIFY_CACHE'] === '1' ? 'full' : 'cheap'

const sampledBytes = 4096
const mostSamples = 64

/** Seals a file that nobody writes to any more. */
export async function sealFile(path: string): Promise<FileSeal> {
  const { size, mtimeMs } = await stat(path)
  const [sampleDigest, digest] = [await digestOfSamples(path, size), await digestOfFile(path)]
  return { bytes: size, mtimeMs, sampleDigest, digest }
}

/** True if the file is the one that was sealed. A file that cannot be read is not. */
export async function isAsSealed(path: string, seal: FileSeal, check: SealCheck): Promise<boolean> {
  try {
    const { size, mtimeMs } = await stat(path)
    if (size !== seal.bytes) return false
    if (check === 'full' || mtimeMs !== seal.mtimeMs) return (await digestOfFile(path)) === seal.digest
    return (await digestOfSamples(path, size)) === seal.sampleDigest
  } catch {
    return false
  }
}

async function digestOfSamples(path: string, bytes: number): Promise<string> {
  const pages = Math.ceil(bytes / sampledBytes)
  const count = Math.min(mostSamples, pages)
  const hash = createHash('sha256')
  const buffer = Buffer.alloc(sampledBytes)
  const file = await open(path, 'r')
  try {
    for (let index = 0; index < count; index++) {
      // The first, which holds the header, the last, and as many between them.
      const page = count === 1 ? 0 : Math.round((index * (pages - 1)) / (count - 1))
      const { bytesRead } = await file.read(buffer, 0, sampledBytes, page * sampledBytes)
      hash.update(buffer.subarray(0, bytesRead))
    }
  } finally {
    await file.close()
  }
  return hash.digest('hex')
}

/** SHA-256 of a whole file. */
export async function digestOfFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer)
  return hash.digest('hex')
}
