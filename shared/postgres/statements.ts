export interface StatementCounter {
  statements: number
}

const everywhere: StatementCounter = { statements: 0 }

/** Statements that this process has sent to all databases so far, BEGIN and COMMIT included. */
export const statementsSent = (): number => everywhere.statements

/** Counts them here and everywhere. */
export const countStatements = (counter: StatementCounter, statements: number): void => {
  counter.statements += statements
  everywhere.statements += statements
}
