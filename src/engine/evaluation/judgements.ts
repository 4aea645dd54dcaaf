/** What judges say during a run: kept beside the rows, batch by batch, and summed up as who judged. */
import { canonical } from '../../domain/canonical.js';
import type { Judgement } from '../../evaluation/flow/judge-scorer.js';
import { NamedModels } from './versions.js';

export class JudgementLog {
  #said: string[] = [];
  /** What was said of answers that wait for earlier ones, by case. */
  readonly #waiting = new Map<string, string[]>();
  readonly #templates = new Set<string>();
  /** Models that answered, by scorer and judge. */
  readonly #models = new Map<string, NamedModels>();

  add(judgement: Judgement): void {
    const text = canonical(judgement);
    if (judgement.about !== 'agent') this.#said.push(text);
    else this.#waiting.set(judgement.case, [...(this.#waiting.get(judgement.case) ?? []), text]);
    this.recall(judgement);
  }

  /** Counts a judgement that is on record already. */
  recall({ scorer, judge, template, model }: Judgement): void {
    const name = `${scorer}/${judge}`;
    const models = this.#models.get(name) ?? new NamedModels();
    this.#models.set(name, models);
    this.#templates.add(template);
    if (model !== null) models.add(model);
  }

  /** What was said of an answer to the case goes on record with the batch that its row is in. */
  settle(id: string): void {
    const said = this.#waiting.get(id);
    if (said === undefined) return;
    this.#said.push(...said);
    this.#waiting.delete(id);
  }

  /** JSON lines for the batch that ends. */
  take(): readonly string[] {
    const said = this.#said;
    this.#said = [];
    return said;
  }

  /** Who judged, by which template; undefined where nobody did. */
  version(): string | undefined {
    if (this.#models.size === 0) return undefined;
    const judges = [...this.#models].map(([name, models]) => `${name} (${models.text() ?? 'its model is not named'})`);
    return `${[...this.#templates].sort().join(', ')}: ${judges.sort().join(', ')}`;
  }
}
