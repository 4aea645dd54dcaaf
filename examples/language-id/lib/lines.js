/** Speaks JSON Lines on standard input and output: one request a line, one reply a line, for as long as the input is open. */

/**
 * @param {{answer: (input: object, request: object) => object, describe: () => object}} agent
 *   `answer` returns the members of a reply; what it throws becomes the reply's `error`
 */
export async function serve(agent) {
  let begun = '';
  process.stdin.setEncoding('utf8');
  // Split at line feeds only: node:readline would also split at U+2028, which may stand inside a JSON text.
  for await (const chunk of process.stdin) {
    const lines = (begun + chunk).split('\n');
    begun = lines.pop();
    for (const line of lines) if (line.trim() !== '') process.stdout.write(`${JSON.stringify(replyTo(agent, line))}\n`);
  }
}

function replyTo(agent, line) {
  let request;
  try {
    request = JSON.parse(line);
  } catch {
    return { id: null, error: 'the line is not JSON' };
  }
  const id = request?.id ?? null;
  try {
    if (request?.control === 'describe') return { id, build: agent.describe() };
    if (request?.control !== undefined) throw new Error('unknown control request');
    return { id, ...agent.answer(request?.input, request) };
  } catch (error) {
    return { id, error: error.message };
  }
}
