// What the page copies by document.execCommand('copy'): the copy event is seen in our world too, after the page's own handlers.
import { activeElement, isTextControl, viewOf } from './dom.ts';
import { delay } from './wait.ts';

export function awaitCopy(within: number): Promise<string | null> {
  return new Promise((resolve) => {
    const finish = (text: string | null): void => {
      removeEventListener('copy', seen);
      removeEventListener('cut', seen);
      resolve(text);
    };
    const seen = (event: ClipboardEvent): void => {
      const text = event.clipboardData?.getData('text/plain') || selectedText();
      if (text) finish(text);
    };
    addEventListener('copy', seen);
    addEventListener('cut', seen);
    void delay(within).then(() => finish(null));
  });
}

function selectedText(): string {
  const element = activeElement(document);
  if (element && isTextControl(element)) {
    const { selectionStart, selectionEnd, value } = element;
    if (selectionStart !== null && selectionEnd !== null && selectionEnd > selectionStart) return value.slice(selectionStart, selectionEnd);
  }
  return element ? (viewOf(element).getSelection()?.toString() ?? '') : '';
}
