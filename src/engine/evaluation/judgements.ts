/** What judges say during a run: kept beside the rows, batch by batch, and summed up as who judged. */
import { canonical } from '../../domain/canonical.js';
import type { Judgement } from '../../evaluation/flow/judge-scorer.js';
import { NamedModels } from './versions.js';

export class JudgementLog {
  #said: { readonly text: string; readonly of: string | undefined }[] = [];
  readonly #templates = new Set<string>();
  /** Models that answered, by scorer and judge. */
  readonly #models = new Map<string, NamedModels>();

  add(judgement: Judgement): void {
    this.#said.push({ text: canonical(judgement), of: judgement.about === 'agent' ? judgement.case : undefined });
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

  /** JSON lines that go on record with answers to these cases, and with what people had labelled. What is said of an answer that waits for an earlier one stays. */
  take(cases: readonly string[]): readonly string[] {
    const there = new Set(cases);
    const isTaken = ({ of }: { readonly of: string | undefined }) => of === undefined || there.has(of);
    const taken = this.#said.filter(isTaken).map(({ text }) => text);
    this.#said = this.#said.filter((one) => !isTaken(one));
    return taken;
  }

  /** Who judged, by which template; undefined where nobody did. */
  version(): string | undefined {
    if (this.#models.size === 0) return undefined;
    const judges = [...this.#models].map(([name, models]) => `${name} (${models.text() ?? 'its model is not named'})`);
    return `${[...this.#templates].sort().join(', ')}: ${judges.sort().join(', ')}`;
  }
}
