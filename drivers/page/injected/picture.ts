// What may be a QR code: roughly square pictures of a useful size, of any making.
import { childDocuments, closest, elementsBelow, frameOffset, isElement, shadowRootOf, styleOf, tag, viewOf, type Box, type Scope } from './dom.ts';
import { isVisible } from './state.ts';
import { hold } from './target.ts';
import { place } from './read.ts';
import { delay, nextFrame } from './wait.ts';

const smallest = 40;
const mostOblong = 1.4;
const most = 8;

export function findPictures(scope: Element | null): { handle: number; where: string }[] {
  const scopes: Scope[] = scope ? [scope] : [document, ...childDocuments(document)];
  const found: { element: Element; area: number }[] = [];
  for (const below of scopes) {
    for (const element of [...(isElement(below) ? [below] : []), ...elementsBelow(below)]) {
      if (!isPictorial(element) || !isVisible(element)) continue;
      const { width, height } = element.getBoundingClientRect();
      if (Math.min(width, height) >= smallest && Math.max(width, height) <= mostOblong * Math.min(width, height)) found.push({ element, area: width * height });
    }
  }
  found.sort((a, b) => b.area - a.area);
  return found.slice(0, most).map(({ element }) => ({ handle: hold(element), where: place(element) }));
}

export function isPictorial(element: Element): boolean {
  switch (tag(element)) {
    case 'img': case 'canvas': case 'video': case 'object': case 'embed': return true;
    case 'svg': return !element.parentElement || !closest(element.parentElement, 'svg');
    // Old libraries draw a code as a table of coloured cells.
    case 'table': return (element as HTMLTableElement).rows.length >= 21 && !element.textContent?.trim();
    case 'iframe': case 'html': case 'body': return false;
    default: break;
  }
  if (closest(element, 'svg')) return false;
  const drawn = (pseudo?: string) => viewOf(element).getComputedStyle(element, pseudo).backgroundImage.includes('url(');
  if (drawn() || drawn('::before') || drawn('::after')) return true;
  // Or as one element a module: many small boxes and no text.
  return !shadowRootOf(element) && element.childElementCount >= 21 && !element.textContent?.trim() && !element.querySelector('img,svg,canvas') &&
    ['grid', 'flex', 'block'].includes(styleOf(element).display);
}

/** Brings the element into view, lets it load, and tells its box in this world's viewport. */
export async function pose(element: Element): Promise<Box | null> {
  if (!element.isConnected) return null;
  const view = viewOf(element);
  const rect = element.getBoundingClientRect();
  if (rect.top < 0 || rect.left < 0 || rect.bottom > view.innerHeight || rect.right > view.innerWidth) {
    element.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' });
    await nextFrame();
  }
  if (tag(element) === 'img') await Promise.race([(element as HTMLImageElement).decode().catch(() => {}), delay(2000)]);
  const offset = frameOffset(element);
  const { x, y, width, height } = element.getBoundingClientRect();
  return width && height ? { x: x + offset.x, y: y + offset.y, width, height } : null;
}
