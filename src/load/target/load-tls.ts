import { readFile } from 'node:fs/promises'
import { rootCertificates } from 'node:tls'
import { UsageError } from '../../core/errors.ts'

/** How far the certificate of a target is trusted, beyond what this machine trusts anyway. */
export interface LoadTls {
  /** Absolute path of certificates (PEM) that are trusted too. */
  readonly caFile: string | null
  /** No certificate is checked. */
  readonly insecure: boolean
}

/** Options of TLS connections that this process makes; `ca` is a new array. @throws UsageError CA_FILE */
export async function tlsOptions(
  tls: LoadTls | undefined,
): Promise<{ readonly ca?: string[]; readonly rejectUnauthorized?: boolean }> {
  if (tls === undefined) return {}
  const { caFile, insecure } = tls
  return {
    ...(caFile === null ? {} : { ca: [...rootCertificates, await readCertificates(caFile)] }),
    ...(insecure ? { rejectUnauthorized: false } : {}),
  }
}

async function readCertificates(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    const why = error.code === 'ENOENT' ? 'no such file' : error.code
    throw new UsageError('CA_FILE', `--ca-file ${path}: cannot be read (${why})`, { cause: error })
  })
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text
  throw new UsageError(
    'CA_FILE',
    `--ca-file ${path}: holds no certificate in PEM; it begins with -----BEGIN CERTIFICATE-----`,
  )
}

/** The same for processes of Node that send: they read these variables when they start. */
export const senderTls = (tls: LoadTls | undefined): Readonly<Record<string, string>> => ({
  ...(tls?.caFile == null ? {} : { NODE_EXTRA_CA_CERTS: tls.caFile }),
  ...(tls?.insecure === true ? { NODE_TLS_REJECT_UNAUTHORIZED: '0' } : {}),
})

/**
 * The same for k6. Go reads `SSL_CERT_FILE` on Linux and the BSDs (crypto/x509, root_unix.go), in place of the system's
 * own file.
 */
export const k6Tls = (
  tls: LoadTls | undefined,
): { readonly variables: Readonly<Record<string, string>>; readonly args: readonly string[] } => ({
  variables: tls?.caFile == null ? {} : { SSL_CERT_FILE: tls.caFile },
  args: tls?.insecure === true ? ['--insecure-skip-tls-verify'] : [],
})
