// Conditions of wait_for: what is shown, what is hidden, and where the page is.
import { findAll, type Wanted } from './locate.ts';
import { pageSummary } from './names.ts';
import { isVisible } from './state.ts';
import { until, type Attempt } from './wait.ts';
import { mask } from './text.ts';

export interface Condition { says: string; shows?: Wanted; hides?: Wanted; url?: string }

const shownAddress = (): string => location.origin === 'null' ? location.protocol : location.origin + location.pathname;

/** The same for messages and reports: a path may hold a one-time code, the origin is the app's. */
export function maskedAddress(): string {
  if (location.origin === 'null') return location.protocol;
  let path = location.pathname;
  try {
    path = decodeURI(path);
  } catch {
    // not UTF-8: masked as it is
  }
  return location.origin + mask(path);
}

/** "*" stays within a segment, "**" crosses them; a final "/**" also matches nothing; a final slash more or less does not count. */
export function globMatches(pattern: string, address: string): boolean {
  const source = pattern.replace(/\/\*\*$|\*\*|\*|[.+?^${}()|[\]\\]/gu, (token) => {
    if (token === '*') return '[^/]*';
    if (token === '**') return '.*';
    return token === '/**' ? '(?:/.*)?' : `\\${token}`;
  });
  return new RegExp(`^${source}/?$`, 'u').test(address);
}

/** Null, or why it does not. */
export function holds(condition: Condition): string | null {
  if (condition.url !== undefined && !globMatches(condition.url, shownAddress())) return `the address is ${maskedAddress()}`;
  if (condition.shows && !findAll(condition.shows).some(isVisible)) return `${condition.shows.says} is not shown`;
  if (condition.hides && findAll(condition.hides).some(isVisible)) return `${condition.hides.says} is shown`;
  // A document that is still being read hides everything and may yet move on.
  if (!condition.shows && document.readyState === 'loading') return 'the page is still loading';
  return null;
}

export function waitForAny(conditions: Condition[], within: number, closed: boolean) {
  return until<number>((): Attempt<number> => {
    const missing = conditions.some((condition) => condition.shows);
    for (const [index, condition] of conditions.entries()) if (holds(condition) === null) return { value: index };
    const detail = () => {
      const each = conditions.map((condition) => `${condition.says}: ${holds(condition) ?? 'holds'}`);
      return `${each.join('; ')}; the address is ${maskedAddress()}; ${pageSummary(document, isVisible)}`;
    };
    return { not: 'no condition held', detail, missing };
  }, within, closed);
}
