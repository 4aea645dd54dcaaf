/** The small page that a human sees at the published place: what lies here, and how to check it. */
import { visible } from '../domain/visible.js';

export interface PageWords {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly organisation: string;
  readonly agentDid: string;
  readonly organisationDid: string;
  /** What has become of the certificate. */
  readonly word: 'certified' | 'expired' | 'revoked';
  readonly validUntil: string;
  readonly files: readonly string[];
}

/** Self-contained: no script, no style from elsewhere, every text escaped. */
export function publicationPage(words: PageWords): string {
  const items = words.files.map((path) => `<li><a href="/${escape(path)}">${escape(path)}</a></li>`).join('\n');
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escape(words.name)} ${escape(words.version)}</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:3rem auto;padding:0 1rem}code{overflow-wrap:anywhere}pre{overflow-x:auto;padding:.75rem;border:1px solid}dt{font-weight:bold}dd{margin:0 0 .5rem}:root{color-scheme:light dark}</style>
<h1>${escape(words.name)} ${escape(words.version)}</h1>
<p>${escape(words.description)}</p>
<p>${escape(words.organisation)} answers for this agent. ${STANDS[words.word](escape(words.validUntil))} Do not take this page's word for it:</p>
<pre><code>agentctl trust verify &lt;this address&gt; --trust &lt;the organisation's DID, from a source you trust&gt;</code></pre>
<dl>
<dt>agent</dt><dd><code>${escape(words.agentDid)}</code></dd>
<dt>organisation</dt><dd><code>${escape(words.organisationDid)}</code></dd>
</dl>
<ul>
${items}
</ul>
</html>
`;
}

const STANDS: Readonly<Record<PageWords['word'], (until: string) => string>> = {
  certified: (until) => `Its certificate says so until ${until}, unless it is revoked before.`,
  expired: (until) => `<strong>Its certificate expired on ${until}.</strong>`,
  revoked: (until) => `<strong>Its certificate was revoked</strong>; it would have been valid until ${until}.`,
};

function escape(text: string): string {
  return visible(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
