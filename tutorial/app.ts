import { type DocumentInfo, documentRoute, documentRoutes } from '../shared/http/documents.ts'
import type { EdgeApp } from '../shared/http/edge-env.ts'
import { edgeApp } from '../shared/http/edge.ts'
import { type OpsOptions, opsRoutes } from '../shared/http/ops.ts'
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
}

/** The tutorial's own HTTP: its routes, its words, its form of errors. */
export const tutorialApp = ({ system, logger, metrics, ...ops }: TutorialAppOptions): EdgeApp => {
  const app = edgeApp({ name: 'tutorial-api', logger, metrics, answerProblem: answerError })
  const info: DocumentInfo = { title: 'AeroAlpes: vuelos', version: '1' }
  mountRoutes(app, [
    ...vuelosRoutes(system),
    documentRoute(app, info, '/spec', 'spec'),
    ...opsRoutes({ metrics, ...ops }),
  ])
  documentRoutes(app, info)
  return app
}
