// Waiting by the page's own events. One promise per step: an attempt is made at once, then again whenever something stirs (a mutation
// anywhere including shadow roots, an event that may change state, an ended animation), until it succeeds or the time is up.
import { childDocuments, rootsBelow, settleHosts, suspectedHosts } from './dom.ts';

/** `not`: the reason in short; `detail`: the whole of it, asked for once at the end. `missing`: no match at all, so that a closed root
 *  may hold it. `strict`: more than one match, which is soon final. */
export type Attempt<T> = { value: T } | { not: string; detail?: () => string; missing?: boolean; strict?: boolean };

export interface Miss { miss: string }
export interface ClosedSearch { closed: true }

/** A search for closed shadow roots is asked for after this long without any match: with a custom element about, and without. */
const hintedAfter = 120;
const unhintedAfter = 1000;
/** Two matches may be one leaving and one coming; after this long they are ambiguous. */
const strictAfter = 3000;
/** The first attempts follow the page's stirrings at once. */
const eagerAttempts = 8;
/** State that no event tells of (a property set by a script, a media query) is looked at this often. */
const recheckEvery = 100;

const stirring = ['input', 'change', 'focusin', 'focusout', 'load', 'transitionend', 'animationend', 'scroll', 'resize', 'popstate', 'hashchange',
  'readystatechange', 'DOMContentLoaded', 'toggle', 'slotchange', 'visibilitychange', 'pageshow'];

class Stir {
  private readonly observers: MutationObserver[] = [];
  private readonly watched = new WeakSet<Node>();
  private readonly documents = new Set<Document>();
  private wake: (() => void) | null = null;
  private stirred = false;

  constructor() {
    this.watchAll();
  }

  private readonly poke = (): void => {
    this.stirred = true;
    this.wake?.();
  };

  private watchAll(): void {
    for (const each of [document, ...childDocuments(document)]) {
      if (!this.documents.has(each)) {
        this.documents.add(each);
        for (const type of stirring) (each.defaultView ?? each).addEventListener(type, this.poke, true);
      }
      for (const root of rootsBelow(each)) {
        if (this.watched.has(root)) continue;
        this.watched.add(root);
        const observer = new MutationObserver(this.poke);
        observer.observe(root, { subtree: true, childList: true, attributes: true, characterData: true });
        this.observers.push(observer);
      }
    }
  }

  /** Resolves when something stirred since the last call, or after `most` ms; never sooner than `least` ms from now. */
  async next(least: number, most: number): Promise<void> {
    if (least > 0) await delay(Math.min(least, most));
    this.watchAll();
    if (!this.stirred) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, most);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.wake = null;
    }
    this.stirred = false;
  }

  stop(): void {
    for (const observer of this.observers) observer.disconnect();
    for (const each of this.documents) for (const type of stirring) (each.defaultView ?? each).removeEventListener(type, this.poke, true);
  }
}

export const delay = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

/** The next animation frame; a page that draws none (hidden, or too busy) counts one after a while. */
export const nextFrame = (): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, 250);
    requestAnimationFrame(() => {
      clearTimeout(timer);
      resolve();
    });
  });

/** A turn of the event loop without the 4 ms that nested timers cost. */
export const nextTask = (): Promise<void> =>
  new Promise((resolve) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      channel.port1.close();
      resolve();
    };
    channel.port2.postMessage(null);
  });

/** What was in the way during the wait, for the message: each distinct reason once. */
class Reasons {
  private readonly seen: string[] = [];
  constructor(private readonly started: number) {}

  add(why: string): void {
    if (this.seen.at(-1) !== why) this.seen.push(why);
  }
  tell(last: { not: string; detail?: () => string }): string {
    const earlier = [...new Set(this.seen)].filter((why) => why !== last.not).slice(-2);
    const waited = `${((performance.now() - this.started) / 1000).toFixed(1)} s`;
    return `${last.detail?.() ?? last.not} (waited ${waited}` + (earlier.length ? `; before: ${earlier.join(', ')}` : '') + ')';
  }
}

/** `within`: how long, in ms. `closed`: whether a search for closed roots may still be asked for. */
export async function until<T>(attempt: () => Attempt<T> | Promise<Attempt<T>>, within: number, closed: boolean): Promise<{ value: T } | Miss | ClosedSearch> {
  const started = performance.now();
  const reasons = new Reasons(started);
  let stir: Stir | null = null;
  let ambiguousSince: number | null = null;
  try {
    for (let attempts = 1; ; ++attempts) {
      const began = performance.now();
      const result = await attempt();
      if ('value' in result) return result;
      reasons.add(result.not);
      const now = performance.now();
      ambiguousSince = result.strict ? (ambiguousSince ?? now) : null;
      const ambiguous = ambiguousSince !== null && now - ambiguousSince >= strictAfter;
      if (ambiguous || now - started >= within) return { miss: reasons.tell(result) };
      if (closed && result.missing && document.readyState !== 'loading' && wantsClosedSearch(now - started)) return { closed: true };
      stir ??= new Stir();
      // A page that mutates without end gets at least twice the time we take.
      await stir.next(attempts <= eagerAttempts ? 0 : Math.min(250, 2 * (now - began)), Math.max(1, Math.min(recheckEvery, within - (now - started))));
    }
  } finally {
    stir?.stop();
  }
}

let thoroughDone = false;

function wantsClosedSearch(missedFor: number): boolean {
  if (missedFor >= hintedAfter && suspectedHosts(document, false).length) return true;
  return missedFor >= unhintedAfter && !thoroughDone && suspectedHosts(document, true).length > 0;
}

/** The driver looked for closed roots and handed over what there was. */
export function closedSearchDone(): void {
  settleHosts(suspectedHosts(document, true));
  thoroughDone = true;
}
