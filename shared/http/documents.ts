import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { html } from 'hono/html'
import { z } from 'zod'
import type { EdgeApp } from './edge-env.ts'
import { mountRoutes, type Route, route } from './route.ts'

export interface DocumentInfo {
  readonly title: string
  readonly version: string
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
  mountRoutes(app, [documentRoute(app, info, '/openapi.json', 'openApi'), pageRoute(info)])
  app.get('/docs/start.js', (c) => c.body(start, 200, { 'content-type': scriptType }))
  for (const [name, type] of Object.entries(assets))
    app.get(`/docs/${name}`, async (c) => {
      c.header('cache-control', 'public, max-age=3600')
      return c.body(await asset(name), 200, { 'content-type': type })
    })
}

/** The document under a path of its own. */
export const documentRoute = (
  app: EdgeApp,
  info: DocumentInfo,
  path: string,
  operationId: string,
): Route => {
  let document: ReturnType<typeof openApiDocument> | undefined
  return route({
    method: 'get',
    path,
    operationId,
    summary: 'This document',
    tags,
    answers: { 200: { description: 'OpenAPI 3.1', schema: z.looseObject({}) } },
    handle: (c) => c.json((document ??= openApiDocument(app, info))),
  })
}

const pageRoute = ({ title }: DocumentInfo): Route =>
  route({
    method: 'get',
    path: '/docs',
    operationId: 'docs',
    summary: 'This document as a page',
    tags,
    answers: { 200: { description: 'The page', contentType: 'text/html' } },
    handle(c) {
      c.header('content-security-policy', contentSecurityPolicy)
      return c.html(page(title))
    },
  })

const tags = ['operations']

/** The document itself, for checks and exports. */
export const openApiDocument = (app: EdgeApp, info: DocumentInfo) =>
  app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: { ...info, license: { name: 'Apache-2.0' } },
    // Whatever name it was asked by: the page may only call where it came from.
    servers: [{ url: '/' }],
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
