import { z } from 'zod'
import { problem } from '../../shared/http/problem.ts'
import { type Route, route } from '../../shared/http/route.ts'
import { type TokenIssuer, accessToken, tokenLifetime } from './access-token.ts'
import type { LogIn } from './log-in.ts'

export interface SessionRouteOptions {
  readonly logIn: LogIn
  /** Absent where another identity provider issues the tokens (JWKS_URL). */
  readonly issuer?: TokenIssuer | undefined
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
export const sessionRoutes = ({ logIn, issuer }: SessionRouteOptions): readonly Route[] => [
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
    },
    problems: [
      'unauthenticated',
      'too-many-requests',
      'overloaded',
      'database-unavailable',
      ['tokens-issued-elsewhere', 501],
    ],
    async handle(c, { body: { email, password } }) {
      if (!issuer) throw elsewhere()
      const subject = await logIn(email, password)
      const access_token = await accessToken(issuer, subject, new Date())
      return c.json({ access_token, token_type: 'Bearer', expires_in: tokenLifetime }, 200, {
        'cache-control': 'no-store',
      })
    },
  }),
]

const elsewhere = () =>
  problem(
    'tokens-issued-elsewhere',
    501,
    'Tokens are issued by the identity provider behind JWKS_URL, not here.',
  )
