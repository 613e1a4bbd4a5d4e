import type { Context } from 'hono'
import { z } from 'zod'
import { problem } from '../../shared/http/problem.ts'
import { type Route, route } from '../../shared/http/route.ts'
import { type TokenIssuer, accessToken, tokenLifetime } from './access-token.ts'
import type { LogIn } from './log-in.ts'

export type SessionRouteOptions = LogInHere | LogInElsewhere

interface LogInHere {
  readonly logIn: LogIn
  /** Absent where another identity provider issues the tokens (JWKS_URL). */
  readonly issuer?: TokenIssuer | undefined
}

/** Where there is no database to look users up in. */
interface LogInElsewhere {
  /** Address of the command side from outside, if it is known. */
  readonly commandUrl: string | undefined
}

const body = z.strictObject({
  email: z.string().min(1).max(254),
  password: z.string().min(1).max(200),
})
const session = z.object({
  access_token: z.string(),
  token_type: z.literal('Bearer'),
  expires_in: z.number().int().meta({ description: 'seconds' }),
})

/** `POST /sessions`: the one request of this side that answers at once, and is no command. */
export const sessionRoutes = (options: SessionRouteOptions): readonly Route[] => [
  route({
    method: 'post',
    path: '/sessions',
    operationId: 'createSession',
    summary: 'Log in: an access token for an e-mail address and its password',
    description: 'Slowed down after a failure, refused for a while after five in a row.',
    tags: ['sessions'],
    body: {
      schema: body,
      example: { email: 'ana@example.com', password: 'correct horse battery staple' },
    },
    answers: {
      200: {
        description: 'The token to send as `Authorization: Bearer`',
        schema: session,
        example: {
          access_token: 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIwMTlhIn0.c2ln',
          token_type: 'Bearer',
          expires_in: tokenLifetime,
        },
      },
      307: {
        description: 'This process has no database: send the same request to `location`',
        headers: { location: 'an address of this side that has one' },
      },
    },
    problems: [
      'unauthenticated',
      'too-many-requests',
      'overloaded',
      'database-unavailable',
      ['no-session-address', 503],
      ['tokens-issued-elsewhere', 501],
    ],
    async handle(c, { body: { email, password } }) {
      if ('commandUrl' in options) return redirect(c, options)
      const { logIn, issuer } = options
      if (!issuer) throw elsewhere()
      const subject = await logIn(email, password)
      const access_token = await accessToken(issuer, subject, new Date())
      return c.json({ access_token, token_type: 'Bearer', expires_in: tokenLifetime }, 200, {
        'cache-control': 'no-store',
      })
    },
  }),
]

/** 307 keeps method and body. An address that leads back here would do so for ever. */
const redirect = (c: Context, { commandUrl }: LogInElsewhere): Response => {
  if (commandUrl !== undefined && new URL(commandUrl).host !== new URL(c.req.url).host)
    return c.redirect(`${commandUrl.replace(/\/+$/, '')}/sessions`, 307)
  throw problem(
    'no-session-address',
    503,
    'This process has no database to log in with. Its COMMAND_URL should name an address of the command side that has one.',
  )
}

const elsewhere = () =>
  problem(
    'tokens-issued-elsewhere',
    501,
    'Tokens are issued by the identity provider behind JWKS_URL, not here.',
  )
