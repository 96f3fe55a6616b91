// Texts: how they are compared, how alike two are, and how code-like parts are hidden before a text leaves the page in a message.

export const squash = (text: string): string => text.replace(/\s+/gu, ' ').trim();

const fold = (text: string): string => squash(text).normalize('NFKC').toLowerCase();

/** Does `text` match any of `wanted`: whole and with case, or as a part in any case? */
export function matchesAny(text: string, wanted: readonly string[], exact: boolean): boolean {
  if (exact) {
    const whole = squash(text);
    return wanted.some((one) => squash(one) === whole);
  }
  const folded = fold(text);
  return wanted.some((one) => folded.includes(fold(one)));
}

/** 0 to 1 by shared pairs of letters (Sorensen-Dice); 1 for the same text. */
export function likeness(a: string, b: string): number {
  const pairs = (text: string): string[] => {
    const folded = fold(text);
    return folded.length < 2 ? [folded] : Array.from({ length: folded.length - 1 }, (_, i) => folded.slice(i, i + 2));
  };
  const left = pairs(a);
  const right = pairs(b);
  const total = left.length + right.length;
  let shared = 0;
  for (const pair of left) {
    const at = right.indexOf(pair);
    if (at >= 0) {
      ++shared;
      right.splice(at, 1);
    }
  }
  return (2 * shared) / total;
}

// What may be a secret, a code or a recovery code. Broad on purpose: a masked word in a report costs nothing.
const secretive = [
  /otpauth(?:-migration)?:\/\/\S+/giu,
  /data:[a-z]+\/[^\s"')]+/giu,
  /\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/giu,                // UUIDs
  /\b[A-Z2-7]{16,}=*/gu,                                               // base32, one run
  /\b(?:[A-Z2-7]{4,8}[ \-\u00a0]){2,}[A-Z2-7]{1,8}\b/gu,               // base32 in groups
  /\b(?:[a-z2-7]{4}[ \-\u00a0]){3,}[a-z2-7]{4}\b/gu,                  // the same in lower case
  /\b(?=[a-z2-7]*[2-7])(?=[a-z2-7]*[a-z])[a-z2-7]{16,}\b/gu,
  /\b(?:[0-9a-f]{4,8}[ \-]){1,}[0-9a-f]{4,8}\b/giu,                    // hex in groups
  /\b(?=\w*\d)(?=\w*[a-z])[a-z0-9]{8,}\b/giu,                          // letters and digits mixed
  /\b(?=[\w\-]*\d)[a-z0-9]{3,8}-[a-z0-9]{3,8}(?:-[a-z0-9]{3,8})*\b/giu, // XXXXX-XXXXX
  /\b\d{3}[ \-]?\d{3,5}\b/gu,                                          // codes of 6 to 8 digits
  /\b\d{6,}\b/gu,
];

export const looksSecret = (text: string): boolean => secretive.some((pattern) => text.search(pattern) >= 0);

/** The text with everything code-like replaced. For descriptions, outlines and pictures. */
export const mask = (text: string): string => secretive.reduce((masked, pattern) => masked.replace(pattern, '[masked]'), text);

export const shorten = (text: string, limit = 60): string => (text.length > limit ? `${text.slice(0, limit - 3)}...` : text);
