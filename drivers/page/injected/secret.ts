// Filling a secret: compares self.origin and where the form would send it, judges the field, sets the value and reads it back, all in one call. Nothing here returns,
// reports or keeps the value. The caller made sure that the call can only run in the document the field was found in.
import { isInput, isTextControl, tag, viewOf } from './dom.ts';
import { describe } from './names.ts';
import { report } from './report.ts';
import { heldElement, lacking, release } from './target.ts';
import { asCode, exactly, typeInto } from './type.ts';

export interface SecretRequest {
  handle: number;
  fill: number;                                   // names this fill in reports
  kind: 'password' | 'code' | 'recovery_code';
  pins: string[];
  value: string;
}

/**
 * `foreign`: the frame's origin, which is none of the pins. `sends`: where the field's form would go, likewise. `lacks`: nothing was
 * typed, the element is not ready any more.
 */
export type Verdict = { typed: true } | { foreign: string } | { sends: string } | { lacks: string } | { refused: string } | { lost: string };

/** Fields that showed themselves as password fields when they were found; a "show password" button may have changed the type since. */
const passwordFields = new WeakSet<Element>();
export function noteField(element: Element): void {
  if (isInput(element) && element.type === 'password') passwordFields.add(element);
}

export async function fillSecret({ handle, fill, kind, pins, value }: SecretRequest): Promise<Verdict> {
  const element = heldElement(handle);
  release(handle);
  // self.origin, because location.origin lies in sandboxed and srcdoc frames. The element may live in a same-origin frame of ours.
  for (const origin of element ? [self.origin, viewOf(element).origin] : [self.origin]) {
    if (!pins.includes(origin)) return { foreign: origin };
  }
  if (!element) return { lacks: 'was removed from the page' };
  const lacks = lacking(element, 'editable');
  if (lacks) return { lacks: `${describe(element)} ${lacks}` };
  const sends = foreignTarget(element, pins);
  if (sends) return { sends };
  const unfit = unfitFor(kind, element);
  if (unfit) return { refused: `${unfit}: ${describe(element)}` };
  report({ fill, stage: 'typing' });
  let told = false;
  const typed = await typeInto(element, value, kind === 'password' ? exactly : asCode, () => {
    if (told) return;
    told = true;
    report({ fill, stage: 'typed' });
  });
  switch (typed) {
    case 'kept': return { typed: true };
    // A page that goes on by itself clears or removes the field of a code it took; a password field has no reason to.
    case 'gone': return told ? { typed: true } : { lost: 'the field vanished while it was filled' };
    case 'cleared': return kind !== 'password' && told ? { typed: true } : { lost: `${describe(element)} emptied itself after it was filled` };
    case 'other': return { lost: `${describe(element)} holds something else after it was filled` };
    case 'not_taken': return { lost: `${describe(element)} did not take the value` };
  }
}

/**
 * Where the field's form, or a button of it, would send what is typed, if that is none of the pins. What is asked of the form is taken
 * from the prototype: a field named "action" or "getAttribute" hides what the form has of that name, in this world too.
 */
function foreignTarget(element: Element, pins: string[]): string | null {
  const form = isTextControl(element) ? element.form : null;
  if (!form) return null;
  const attribute = (of: Element, name: string): string | null => Element.prototype.getAttribute.call(of, name);
  const targets = [attribute(form, 'action')];
  for (const button of submitters(form)) targets.push(attribute(button, 'formaction'));
  for (const target of targets) {
    // The field may lie in a same-origin frame of ours, with a base of its own.
    if (!target || !URL.canParse(target, element.baseURI)) continue;
    const url = new URL(target, element.baseURI);
    // Whatever is not fetched (javascript:, mailto:) goes no further than the page, which reads the field anyway.
    if (/^https?:$/u.test(url.protocol) && !pins.includes(url.origin)) return url.origin;
  }
  return null;
}

const elementsOf = Object.getOwnPropertyDescriptor(HTMLFormElement.prototype, 'elements')!.get!;

/** Buttons belong to a form from anywhere in its tree, by their attribute "form"; image buttons are not among its elements. */
function submitters(form: HTMLFormElement): Element[] {
  const root = Node.prototype.getRootNode.call(form) as Document | ShadowRoot;
  const images = [...root.querySelectorAll<HTMLInputElement>('input[type=image]')].filter((image) => image.form === form);
  return [...(elementsOf.call(form) as HTMLFormControlsCollection), ...images];
}

function unfitFor(kind: SecretRequest['kind'], element: Element): string | null {
  const input = isInput(element) ? element : null;
  if (kind === 'password') {
    const named = /\b(?:current|new)-password\b/u.test(element.getAttribute('autocomplete') ?? '');
    const fits = input && (input.type === 'password' || (['text', ''].includes(input.type) && (passwordFields.has(element) || named)));
    return fits ? null : 'a password goes into password fields only';
  }
  const fits = input ? ['text', 'tel', 'number', 'password'].includes(input.type) : kind === 'recovery_code' && tag(element) === 'textarea';
  return fits ? null : 'a code goes into code fields only';
}
