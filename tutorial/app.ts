import { type DocumentInfo, documentRoutes, openApiDocument } from '../shared/http/documents.ts'
import type { EdgeApp } from '../shared/http/edge-env.ts'
import { edgeApp } from '../shared/http/edge.ts'
import { opsApp, type OpsOptions } from '../shared/http/ops.ts'
import { mountRoutes } from '../shared/http/route.ts'
import type { Logger } from '../shared/telemetry/logger.ts'
import type { Metrics } from '../shared/telemetry/metrics.ts'
import { answerError } from './errors.ts'
import { vuelosRoutes } from './routes.ts'
import type { Upstream } from './upstream.ts'

export interface TutorialAppOptions extends Omit<OpsOptions, 'metrics'> {
  readonly system: Upstream
  readonly logger: Logger
  readonly metrics: Metrics
  /** Where this application is reached from outside. */
  readonly url?: string
}

/** The tutorial's own HTTP: its routes, its words, its form of errors. */
export const tutorialApp = ({
  system,
  logger,
  metrics,
  url,
  ...ops
}: TutorialAppOptions): EdgeApp => {
  const app = edgeApp({ name: 'tutorial-api', logger, metrics, answerProblem: answerError })
  const info: DocumentInfo = { title: 'AeroAlpes: vuelos', version: '1', ...(url ? { url } : {}) }
  mountRoutes(app, vuelosRoutes(system))
  app.get('/health', (c) => c.json({ status: 'up' }))
  app.get('/spec', (c) => c.json(openApiDocument(app, info)))
  documentRoutes(app, info)
  app.route('/', opsApp({ metrics, ...ops }))
  return app
}
