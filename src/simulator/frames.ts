import type { Request, Response } from 'express';
import { html } from './html.ts';
import { sendPage } from './page.ts';
import { parametersOf } from './parameters.ts';

/**
 * Twitch's rule for embeds: each `parent` is a bare host name, and one of them is the page that embeds. Answers the CSP
 * sources that may frame the player, or `null` when the request has been refused with a page that says why.
 */
export function permittedAncestors(request: Request, response: Response, basePath: string): string | null {
  const parents = parametersOf(request).getAll('parent');
  const embedding = embeddingHost(request);
  const problem = problemWith(parents, embedding);
  if (problem === null) return parents.map((parent) => `http://${parent}:* https://${parent}:*`).join(' ');
  const body = html`<main class="refusal">
    <h1>This embed is misconfigured</h1>
    <p>${problem}</p>
    <p class="about">Simulated Twitch, as strict as the real one.</p>
  </main>`;
  sendPage(response, basePath, {
    title: 'Refused to embed',
    body,
    status: 403,
    bodyClass: 'frame',
    ancestors: '*',
  });
  return null;
}

function problemWith(parents: readonly string[], embedding: string | null): string | null {
  if (parents.length === 0)
    return 'The parameter parent is missing: it must name the host of the page that embeds.';
  const odd = parents.find((parent) => !/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/i.test(parent));
  if (odd !== undefined)
    return `parent must be a bare host name, without scheme, port or path: ${odd.slice(0, 100)}`;
  if (embedding === null || parents.some((parent) => parent.toLowerCase() === embedding)) return null;
  return `parent says ${parents.join(', ')}, but the page that embeds is on ${embedding}.`;
}

/** From the Referer; browsers may leave it out. */
function embeddingHost(request: Request): string | null {
  const referrer = request.get('Referer') ?? '';
  return URL.canParse(referrer) ? new URL(referrer).hostname : null;
}
