// A long-lived agent that answers with what it is asked, as fast as one in Node can: the program that both sides of a comparison talk to.
let rest = '';
process.stdin.setEncoding('utf8').on('data', (chunk) => {
  const lines = (rest + chunk).split('\n');
  rest = lines.pop();
  let out = '';
  for (const line of lines) {
    const { id, input } = JSON.parse(line);
    out += `${JSON.stringify({ id, output: input })}\n`;
  }
  if (out !== '') process.stdout.write(out);
});
