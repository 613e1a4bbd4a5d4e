/**
 * How long topics keep what is acknowledged, in ms; the brokers' default. Repeats are remembered at
 * least as long, and a command that is older is never executed.
 */
export const retentionMs = 7 * 86_400_000
