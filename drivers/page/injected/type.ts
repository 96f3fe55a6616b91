// Typing without a keyboard: the native setter of our own world with synthetic key and input events, so that React, Vue and code
// widgets take it and no focus thief gets anything. Values are read back before the last event goes out, because a page may submit,
// clear or leave on it.
import { activeElement, documentOf, isInput, isTextControl, tag, viewOf } from './dom.ts';
import { boxesAround } from './fields.ts';
import { describe } from './names.ts';
import { squash } from './text.ts';
import { nextTask } from './wait.ts';

export type Typed = 'kept' | 'cleared' | 'other' | 'gone' | 'not_taken';

/** Runs right before the event after which the page may be gone. */
export type BeforeLast = () => void;

/** Does the field hold what was typed? */
type Agrees = (have: string, want: string) => boolean;

/** A name or a password that an app trims or groups is another one. */
export const exactly: Agrees = (have, want) => have === want.replace(/\r\n?/gu, '\n');

const bare = (text: string): string => text.replace(/[\s\-.()/\u2010-\u2015\u00a0]/gu, '');
/** A field may group a code as it likes. */
export const asCode: Agrees = (have, want) => have === want || (bare(have) !== '' && bare(have) === bare(want));

type Control = HTMLInputElement | HTMLTextAreaElement;

export async function typeInto(element: Element, text: string, agrees: Agrees, beforeLast: BeforeLast = () => {}): Promise<Typed> {
  if (!isTextControl(element)) return typeEditable(element as HTMLElement, text, agrees, beforeLast);
  const boxes = text.length > 1 ? boxesAround(element) : null;
  if (boxes && boxes.length === [...text].length && boxes.includes(element as HTMLInputElement)) return typeBoxes(boxes, text, beforeLast);
  const typed = await typeWhole(element, text, agrees, beforeLast);
  if (typed !== 'not_taken' && typed !== 'other') return typed;
  // A widget that composes the value from key events only.
  return element.isConnected && !element.value ? typeKeys(element, text, agrees, beforeLast) : typed;
}

function key(element: Element, type: 'keydown' | 'keyup', name: string): boolean {
  const digit = /^\d$/u.test(name);
  const keyCode = name.length === 1 ? name.toUpperCase().charCodeAt(0) : 0;
  const code = digit ? `Digit${name}` : /^[a-z]$/iu.test(name) ? `Key${name.toUpperCase()}` : '';
  return element.dispatchEvent(new KeyboardEvent(type, { key: name, code, keyCode, which: keyCode, bubbles: true, cancelable: true, composed: true } as KeyboardEventInit));
}

const beforeInput = (element: Element, data: string): boolean =>
  element.dispatchEvent(new InputEvent('beforeinput', { inputType: 'insertText', data, bubbles: true, cancelable: true, composed: true }));
const input = (element: Element, data: string): boolean =>
  element.dispatchEvent(new InputEvent('input', { inputType: 'insertText', data, bubbles: true, composed: true }));
const change = (element: Element): boolean => element.dispatchEvent(new Event('change', { bubbles: true }));

function focus(element: Element): void {
  if (activeElement(documentOf(element)) !== element) (element as HTMLElement).focus({ preventScroll: true });
}

function judge(element: Control, want: string, agrees: Agrees): Typed {
  if (!element.isConnected) return 'gone';
  if (agrees(element.value, want)) return 'kept';
  return element.value === '' ? 'cleared' : 'other';
}

async function typeWhole(element: Control, text: string, agrees: Agrees, beforeLast: BeforeLast): Promise<Typed> {
  const last = text.slice(-1) || 'Backspace';
  focus(element);
  key(element, 'keydown', last);
  beforeInput(element, text);
  element.value = text;
  if (!agrees(element.value, text)) return 'not_taken';
  beforeLast();
  input(element, text);
  key(element, 'keyup', last);
  change(element);
  await nextTask();
  return judge(element, text, agrees);
}

async function typeKeys(element: Control, text: string, agrees: Agrees, beforeLast: BeforeLast): Promise<Typed> {
  focus(element);
  const keys = [...text];
  for (const [index, each] of keys.entries()) {
    const want = keys.slice(0, index + 1).join('');
    const allowed = key(element, 'keydown', each);
    if (allowed && beforeInput(element, each)) element.value = want;
    if (index === keys.length - 1) beforeLast();
    if (allowed) input(element, each);
    key(element, 'keyup', each);
    await nextTask();
    if (!element.isConnected) return 'gone';
  }
  change(element);
  return judge(element, text, agrees);
}

/** One character a box, as a person would, with a turn of the event loop between two, so that a rendering widget keeps up. */
async function typeBoxes(boxes: HTMLInputElement[], text: string, beforeLast: BeforeLast): Promise<Typed> {
  const chars = [...text];
  const first = boxes[0]!;
  let row = boxes;
  const held = () => row.map((box) => box.value).join('');
  for (const [index, char] of chars.entries()) {
    if (!row[index]?.isConnected) row = boxesAround(row.find((box) => box.isConnected) ?? first) ?? row;
    const box = row[index];
    if (!box?.isConnected) return 'gone';
    const lastOne = index === chars.length - 1;
    focus(box);
    const allowed = key(box, 'keydown', char);
    if (!allowed) await nextTask();
    if (box.value !== char) {
      beforeInput(box, char);
      box.value = char;
    }
    if (box.value !== char) return 'not_taken';
    if (lastOne && held() === text) beforeLast();
    if (allowed) input(box, char);
    key(box, 'keyup', char);
    if (allowed && box.isConnected) change(box);
    await nextTask();
  }
  if (!first.isConnected && !row[0]?.isConnected) return 'gone';
  if (held() === text) return 'kept';
  if (held() === '') return 'cleared';
  return paste(row, text, held, beforeLast);
}

/** Widgets that lost characters on the way usually take a pasted code. */
async function paste(row: HTMLInputElement[], text: string, held: () => string, beforeLast: BeforeLast): Promise<Typed> {
  const first = row[0]!;
  for (const box of row) box.value = '';
  focus(first);
  const clipboardData = new DataTransfer();
  clipboardData.setData('text/plain', text);
  beforeLast();
  first.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true, composed: true }));
  await nextTask();
  return !first.isConnected ? 'gone' : held() === text ? 'kept' : held() === '' ? 'cleared' : 'other';
}

async function typeEditable(element: HTMLElement, text: string, agrees: Agrees, beforeLast: BeforeLast): Promise<Typed> {
  element.focus({ preventScroll: true });
  const document = documentOf(element);
  viewOf(element).getSelection()?.selectAllChildren(element);
  beforeLast();
  document.execCommand('insertText', false, text); // native editing: fires beforeinput and input by itself
  await nextTask();
  if (!element.isConnected) return 'gone';
  // How an editor shows blanks and lines is its own affair.
  const have = squash(element.innerText);
  return agrees(have, squash(text)) ? 'kept' : have === '' ? 'cleared' : 'other';
}

export function chooseOption(select: HTMLSelectElement, wanted: string): string | null {
  const options = [...select.options];
  const fits = (option: HTMLOptionElement): boolean => option.label.trim() === wanted || option.text.trim() === wanted || option.value === wanted;
  const option = options.find((one) => fits(one) && !one.disabled);
  if (!option) {
    const known = options.slice(0, 8).map((one) => `"${one.text.trim()}"`).join(', ');
    return `${describe(select)} has no option "${wanted}"; it has ${known || 'none'}`;
  }
  focus(select);
  if (select.multiple) option.selected = true;
  else select.selectedIndex = option.index;
  select.dispatchEvent(new Event('input', { bubbles: true, composed: true }));
  change(select);
  return null;
}

export const isSelect = (element: Element): element is HTMLSelectElement => tag(element) === 'select';
export { isInput };
