/** Lays out advice: prose is wrapped like any other, but a command in it stays on one line, since it is there to be copied. */
import { layWords } from './text.js';

/** What begins a command, or the part of one that has to be added. */
const COMMANDS = /^[(`]?(agentctl|cosign|df|export|git|ls|node|npm|openssl|promptfoo|python3|rm|ssh-add|ssh-keygen|tar|ulimit|--\w[\w-]*)$/;
/** What ends it. */
const END = /[,;:`)]$/;

/** Lines of at most `columns`, a command that is longer aside. */
export function wrapAdvice(text: string, columns: number): readonly string[] {
  return text.split('\n').flatMap((line) => layWords(atoms(line), columns));
}

/** Words, where those of a command are one, and what stands in double quotes too. */
function atoms(line: string): readonly string[] {
  const found: string[] = [];
  let open = false;
  for (const word of line.match(/[^\s"]*"[^"]*"\S*|\S+/g) ?? []) {
    if (open) found.push(`${found.pop() ?? ''} ${word}`);
    else found.push(word);
    open = (open || COMMANDS.test(word)) && !END.test(word);
  }
  return found;
}
