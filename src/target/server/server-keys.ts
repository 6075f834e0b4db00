import { createPrivateKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { existsSync } from 'node:fs'
import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UsageError } from '../../core/errors.ts'
import { asFileError } from '../file-error.ts'

/** Where the keys of a server lie. The private one and that of the admin address may be read by the owner alone. */
const keyPaths = (folder: string) => ({
  privateKey: join(folder, 'jwt-private.pem'),
  publicKey: join(folder, 'jwt-public.pem'),
  adminKey: join(folder, 'admin-key'),
})

/**
 * Gives a server the keys that it checks tokens with: those of `publicKeyPath` (PEM, Ed25519), else a pair of its own,
 * which stays from one start to the next.
 * @returns the path of the public key, and the key of its admin address
 * @throws UsageError JWT_KEY; TargetError when the disk is full
 */
export async function prepareKeys(
  folder: string,
  publicKeyPath: string | undefined,
): Promise<{ readonly jwtKeyPath: string; readonly adminKey: string }> {
  const paths = keyPaths(folder)
  try {
    if (publicKeyPath !== undefined) {
      await refuseOtherKeys(publicKeyPath)
      await copyFile(publicKeyPath, paths.publicKey)
    } else if (!existsSync(paths.privateKey)) {
      const pair = generateKeyPairSync('ed25519')
      await writeFile(paths.publicKey, pair.publicKey.export({ type: 'spki', format: 'pem' }))
      await writeSecret(paths.privateKey, pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
    }
    const adminKey = randomBytes(24).toString('base64url')
    await writeSecret(paths.adminKey, adminKey)
    return { jwtKeyPath: paths.publicKey, adminKey }
  } catch (error) {
    throw asFileError(error, folder)
  }
}

const writeSecret = (path: string, text: string): Promise<void> => writeFile(path, text, { mode: 0o600 })

async function refuseOtherKeys(path: string): Promise<void> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(
      'JWT_KEY',
      `${path}: cannot be read (${error.code}); name a PEM file with a public key`,
    )
  })
  if (/PRIVATE KEY/.test(text) || !/BEGIN PUBLIC KEY/.test(text)) {
    throw new UsageError(
      'JWT_KEY',
      `${path} holds no public key; make one with: openssl pkey -in private.pem -pubout -out public.pem`,
    )
  }
}

/** What a token allows. */
export interface TokenClaims {
  readonly access: 'read' | 'write'
  /** Unix time in seconds at which it ends. */
  readonly expiresAtS: number
}

/**
 * Signs a token (JWT, EdDSA) with the private key of a server; libSQL servers read `"a":"ro"` as read-only.
 * @throws UsageError TOKEN_KEY_MISSING for a server without a private key here
 */
export async function signToken(name: string, folder: string, claims: TokenClaims): Promise<string> {
  const pem = await readFile(keyPaths(folder).privateKey, 'utf8').catch(() => undefined)
  if (pem === undefined) {
    throw new UsageError(
      'TOKEN_KEY_MISSING',
      `the server ${name} has no key to sign tokens with; start it with --auth, or sign them with the key that you gave it`,
    )
  }
  const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const payload = { ...(claims.access === 'read' ? { a: 'ro' } : {}), exp: claims.expiresAtS }
  const text = `${encoded({ alg: 'EdDSA', typ: 'JWT' })}.${encoded(payload)}`
  return `${text}.${sign(null, Buffer.from(text), createPrivateKey(pem)).toString('base64url')}`
}
