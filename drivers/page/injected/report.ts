// Reports go out by a binding that exists in our world only: the driver learns of them at once, also when the document goes away before
// the call they belong to can answer.

export interface ClickReport { click: number; landed?: boolean; why?: string; leaving?: boolean }
export interface FillReport { fill: number; stage: 'typing' | 'typed' }

export function report(what: ClickReport | FillReport): void {
  const binding = (globalThis as { totpilotReport?: (payload: string) => void }).totpilotReport;
  binding?.(JSON.stringify(what));
}
