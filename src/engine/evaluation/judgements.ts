/** What judges say during a run: kept beside the rows, batch by batch, and summed up as who judged. */
import { canonical } from '../../domain/canonical.js';
import type { Judgement } from '../../evaluation/flow/judge-scorer.js';
import { NamedModels } from './versions.js';

export class JudgementLog {
  #said: string[] = [];
  readonly #templates = new Set<string>();
  /** Models that answered, by scorer and judge. */
  readonly #models = new Map<string, NamedModels>();

  add(judgement: Judgement): void {
    this.#said.push(canonical(judgement));
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

  /** JSON lines said since the last call. */
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
