import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { html } from 'hono/html'
import type { EdgeApp } from './edge-env.ts'

export interface DocumentInfo {
  readonly title: string
  readonly version: string
  readonly description?: string
  /** Where the application is reached from outside. */
  readonly url?: string
}

/**
 * `/openapi.json` (OpenAPI 3.1, every route mounted so far and later) and `/docs`, a page that loads
 * nothing from other hosts and says so in its Content-Security-Policy.
 */
export const documentRoutes = (app: EdgeApp, info: DocumentInfo): void => {
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'Asked for with AUTH=jwt only.',
  })
  let document: ReturnType<typeof openApiDocument> | undefined
  app.get('/openapi.json', (c) => c.json((document ??= openApiDocument(app, info))))
  app.get('/docs', (c) => {
    c.header('content-security-policy', contentSecurityPolicy)
    return c.html(page(info.title))
  })
  app.get('/docs/start.js', (c) => c.body(start, 200, { 'content-type': scriptType }))
  for (const [name, type] of Object.entries(assets))
    app.get(`/docs/${name}`, async (c) => {
      c.header('cache-control', 'public, max-age=3600')
      return c.body(await asset(name), 200, { 'content-type': type })
    })
}

/** The document itself, for checks and exports. */
export const openApiDocument = (app: EdgeApp, { url, ...info }: DocumentInfo) =>
  app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: { ...info, license: { name: 'Apache-2.0' } },
    servers: [{ url: url ?? '/' }],
  })

const scriptType = 'text/javascript; charset=utf-8'
const assets = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': scriptType,
  'favicon-32x32.png': 'image/png',
} as const

const asset = async (name: string) =>
  new Uint8Array(await readFile(fileURLToPath(import.meta.resolve(`swagger-ui-dist/${name}`))))

// The page's library sets style attributes and draws its icons from data: URLs.
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const page = (title: string) =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <link rel="icon" href="/docs/favicon-32x32.png" />
        <link rel="stylesheet" href="/docs/swagger-ui.css" />
      </head>
      <body>
        <div id="docs"></div>
        <script src="/docs/swagger-ui-bundle.js"></script>
        <script src="/docs/start.js"></script>
      </body>
    </html>`

const start = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#docs', validatorUrl: null, deepLinking: true })\n`
