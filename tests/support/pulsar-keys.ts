import { spawnSync } from 'node:child_process'
import { createHmac, randomBytes } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'

/** Certificates and the key of tokens for one secured Pulsar, made when they are needed. */
export interface TestKeys {
  readonly files: {
    readonly certificate: string
    readonly key: string
    readonly authority: string
    readonly secretKey: string
  }
  readonly authority: string
  /** Paths of what a server of another name than `localhost` shows. */
  readonly elsewhere: { readonly certificate: string; readonly key: string }
  /** Paths of what a client of the role `admin` can show instead of a token. */
  readonly adminCertificate: { readonly certificatePath: string; readonly privateKeyPath: string }
  token(role: string, expiresInSeconds?: number): string
}

/** Those of `folder`; of several processes that make them at once all get the same. Needs openssl. */
export function madeOnce(folder: string): TestKeys {
  if (!existsSync(folder)) make(folder)
  const path = (name: string) => join(folder, name)
  const secret = readFileSync(path('secret.key'))
  return {
    files: {
      certificate: path('broker.pem'),
      key: path('broker-key.pem'),
      authority: path('authority.pem'),
      secretKey: path('secret.key'),
    },
    authority: readFileSync(path('authority.pem'), 'utf8'),
    elsewhere: { certificate: path('elsewhere.pem'), key: path('elsewhere-key.pem') },
    adminCertificate: { certificatePath: path('admin.pem'), privateKeyPath: path('admin-key.pem') },
    token: (role, expiresInSeconds) => jwt(secret, role, expiresInSeconds),
  }
}

const key = ['-newkey', 'rsa:2048', '-nodes']

function make(folder: string): void {
  mkdirSync(dirname(folder), { recursive: true })
  const draft = mkdtempSync(`${folder}-`)
  const inDraft = (name: string) => join(draft, name)
  writeFileSync(inDraft('secret.key'), randomBytes(32))
  writeFileSync(inDraft('names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n')
  openssl(draft, [
    'req',
    '-x509',
    ...key,
    '-keyout',
    'authority-key.pem',
    '-out',
    'authority.pem',
    '-days',
    '3650',
    '-subj',
    '/CN=test authority',
  ])
  writeFileSync(inDraft('elsewhere'), 'subjectAltName=DNS:elsewhere.test\n')
  certify(draft, 'broker', 'localhost', ['-extfile', 'names'])
  certify(draft, 'elsewhere', 'elsewhere.test', ['-extfile', 'elsewhere'])
  certify(draft, 'admin', 'admin', [])
  chmodSync(draft, 0o700)
  try {
    renameSync(draft, folder)
  } catch (error) {
    // Another worker was quicker: a folder that is not empty is never replaced.
    rmSync(draft, { recursive: true })
    if (!existsSync(folder)) throw error
  }
}

/** A key, `name`-key.pem, and a certificate of the authority for it, `name`.pem. */
function certify(draft: string, name: string, commonName: string, more: readonly string[]): void {
  const request = [
    '-keyout',
    `${name}-key.pem`,
    '-out',
    `${name}.csr`,
    '-subj',
    `/CN=${commonName}`,
  ]
  openssl(draft, ['req', ...key, ...request])
  const authority = ['-CA', 'authority.pem', '-CAkey', 'authority-key.pem', '-CAcreateserial']
  const signed = ['-in', `${name}.csr`, '-out', `${name}.pem`, '-days', '3650']
  openssl(draft, ['x509', '-req', ...signed, ...authority, ...more])
}

function openssl(cwd: string, words: readonly string[]): void {
  const { status, stderr, error } = spawnSync('openssl', words, { cwd, encoding: 'utf8' })
  if (status !== 0) throw new Error(`openssl in ${dirname(cwd)}: ${error?.message ?? stderr}`)
}

/** RFC 7519 with HS256; `sub` is the role. */
function jwt(secret: Buffer, role: string, expiresInSeconds?: number): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
  const exp =
    expiresInSeconds === undefined ? {} : { exp: Math.floor(Date.now() / 1000) + expiresInSeconds }
  const body = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ sub: role, ...exp })}`
  return `${body}.${createHmac('sha256', secret).update(body).digest('base64url')}`
}
