import { openApiDocument } from '../../shared/http/documents.ts'
import type { EdgeApp } from '../../shared/http/edge-env.ts'

/** Methods and paths that an application answers and its OpenAPI document does not name. */
export const undocumented = (app: EdgeApp): readonly string[] => {
  const { paths = {} } = openApiDocument(app, { title: 'test', version: '1' })
  const named = Object.entries(paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method.toUpperCase()} ${path.replaceAll(/[{}]/g, ':')}`),
  )
  return (
    app.routes
      // Middleware answers to every method; the page of the document loads its parts by itself.
      .filter(({ method, path }) => method !== 'ALL' && !path.startsWith('/docs/'))
      .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, ':$1:')}`)
      .filter((route) => !named.includes(route))
  )
}
