/** The tiny agent with financial authority: one more tool that pays, its capability, and limits above zero. */
export function withMoney(manifest: string, limits = 'perTransaction: "50.00"\n  perDay: "250.00"\n  escrowAbove: "40.00"'): string {
  return manifest
    .replace('\ntarget:\n', `
    - name: pay_refund
      description: Pays a refund.
      command: [sh, "{build}/tool.sh", paid]
      input:
        type: object
        properties: { note: { type: string }, amount: { type: string } }
        required: [note, amount]
        additionalProperties: false

target:
`)
    .replace('    humanReview: escalated\n', `    humanReview: escalated
  - id: refunds
    description: Pays refunds.
    permissions: ["refund:send"]
    tools: [pay_refund]
    amounts: [{ tool: pay_refund, path: /amount, currency: EUR }]
`)
    .replace('  perTransaction: "0"\n  perDay: "0"', `  ${limits}`)
    .replace('  agreements:\n', `  agreements:
    - capability: refunds
      output: { pointer: /decision, abstain: ask-human }
      conditions:
        - id: refunds-answered
          statement: at most 10 % of the notes are lost to errors
          kind: failure-mode
          dimension: reliability
          severity: minor
          metric: error-share
          operator: "<="
          threshold: "0.10"
          dataset: held-out
          window: P90D
          verification: deterministic
          minimumCases: 40
          because: a note without an answer waits for a person at EUR 0.25
          consequence: alert
        - id: refunds-decided
          statement: at least 80 % of the advertising is dropped
          kind: happy-path
          dimension: accuracy
          severity: minor
          metric: recall
          label: drop
          operator: ">="
          threshold: "0.80"
          dataset: held-out
          window: P90D
          verification: deterministic
          minimumCases: 20
          because: a note without an answer waits for a person at EUR 0.25
          consequence: alert
`);
}
