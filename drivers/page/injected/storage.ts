// What an origin keeps in the browser, in the shape of Playwright's storage state. Declarations for Runtime.callFunctionOn, used by
// drivers/chrome; each must be self-contained: its text alone crosses to the browser.

type Entry = { name: string; value: string };
type Index = { name: string; keyPath?: string; keyPathArray?: string[]; multiEntry: boolean; unique: boolean };
type Row = { key?: unknown; keyEncoded?: unknown; value?: unknown; valueEncoded?: unknown };
type Store = { name: string; keyPath?: string; keyPathArray?: string[]; autoIncrement: boolean; indexes: Index[]; records: Row[] };
type Database = { name: string; version: number; stores: Store[] };
type Kept = { origin: string; localStorage: Entry[]; sessionStorage: Entry[]; indexedDB: Database[] };

/** Everything this document's origin keeps; what the browser refuses (an opaque origin, storage switched off) is left out. */
export async function readStorage(): Promise<Kept> {
  const done = <T>(request: IDBRequest<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  const base64 = (bytes: Uint8Array): string => {
    let text = '';
    for (const byte of bytes) text += String.fromCharCode(byte);
    return btoa(text);
  };
  const arrays: [string, Function][] = [
    ['i8', Int8Array], ['ui8', Uint8Array], ['ui8c', Uint8ClampedArray], ['i16', Int16Array], ['ui16', Uint16Array], ['i32', Int32Array],
    ['ui32', Uint32Array], ['f32', Float32Array], ['f64', Float64Array], ['bi64', BigInt64Array], ['bui64', BigUint64Array],
  ];
  /** Can JSON carry it unchanged? */
  const plain = (value: unknown): boolean => {
    if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
    if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0);
    if (Array.isArray(value)) return value.every(plain);
    if (typeof value !== 'object' || Object.prototype.toString.call(value) !== '[object Object]') return false;
    return Object.values(value).every(plain);
  };
  const encode = (value: unknown, seen: Map<object, number>): unknown => {
    if (value === undefined) return { v: 'undefined' };
    if (value === null) return { v: 'null' };
    if (typeof value === 'number' && !plain(value)) return { v: Object.is(value, -0) ? '-0' : String(value) };
    if (typeof value === 'bigint') return { bi: value.toString() };
    if (typeof value !== 'object') return value;
    const known = seen.get(value);
    if (known !== undefined) return { ref: known };
    if (value instanceof Date) return { d: value.toJSON() };
    if (value instanceof RegExp) return { r: { p: value.source, f: value.flags } };
    if (value instanceof ArrayBuffer) return { ab: { b: base64(new Uint8Array(value)) } };
    for (const [kind, type] of arrays) {
      if (!(value instanceof type)) continue;
      const view = value as unknown as Uint8Array;
      return { ta: { b: base64(new Uint8Array(view.buffer, view.byteOffset, view.byteLength)), k: kind } };
    }
    const id = seen.size + 1;
    seen.set(value, id);
    if (Array.isArray(value)) return { a: value.map((item) => encode(item, seen)), id };
    if (Object.prototype.toString.call(value) !== '[object Object]') throw new TypeError('not portable');
    return { o: Object.entries(value).map(([k, v]) => ({ k, v: encode(v, seen) })), id };
  };
  const path = (value: string | string[] | null): { keyPath?: string; keyPathArray?: string[] } =>
    typeof value === 'string' ? { keyPath: value } : Array.isArray(value) ? { keyPathArray: value } : {};

  const readStore = async (store: IDBObjectStore): Promise<Store> => {
    const [keys, values] = await Promise.all([done(store.getAllKeys()), done(store.getAll())]);
    const records: Row[] = [];
    values.forEach((value, at) => {
      const row: Row = {};
      try {
        if (store.keyPath === null) Object.assign(row, plain(keys[at]) ? { key: keys[at] } : { keyEncoded: encode(keys[at], new Map()) });
        Object.assign(row, plain(value) ? { value } : { valueEncoded: encode(value, new Map()) });
      } catch {
        return; // a key that cannot be exported, a file: of this browser alone
      }
      records.push(row);
    });
    const indexes = [...store.indexNames].map((name) => {
      const index = store.index(name);
      return { name, ...path(index.keyPath), multiEntry: index.multiEntry, unique: index.unique };
    });
    return { name: store.name, ...path(store.keyPath), autoIncrement: store.autoIncrement, indexes, records };
  };
  const readDatabase = async ({ name, version }: IDBDatabaseInfo): Promise<Database | null> => {
    if (!name || !version) return null;
    const database = await done(indexedDB.open(name));
    try {
      const names = [...database.objectStoreNames];
      if (names.length === 0) return { name, version, stores: [] };
      const transaction = database.transaction(names, 'readonly');
      return { name, version, stores: await Promise.all(names.map((store) => readStore(transaction.objectStore(store)))) };
    } finally {
      database.close();
    }
  };
  const entries = (storage: () => Storage): Entry[] => {
    try {
      return Object.entries({ ...storage() }).map(([name, value]) => ({ name, value: String(value) }));
    } catch {
      return [];
    }
  };
  let databases: (Database | null)[] = [];
  try {
    databases = await Promise.all((await indexedDB.databases()).map(readDatabase));
  } catch {
    // switched off, or an opaque origin
  }
  return {
    origin: self.origin,
    localStorage: entries(() => localStorage),
    sessionStorage: entries(() => sessionStorage),
    indexedDB: databases.filter((database): database is Database => database !== null),
  };
}

/** Puts back what readStorage() gave; throws in a document of another origin. */
export async function writeStorage(kept: Partial<Kept>): Promise<void> {
  if (self.origin !== kept.origin) throw new Error('another origin');
  const done = <T>(request: IDBRequest<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  const bytes = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const arrays: Record<string, { new (buffer: ArrayBuffer): object }> = {
    i8: Int8Array, ui8: Uint8Array, ui8c: Uint8ClampedArray, i16: Int16Array, ui16: Uint16Array, i32: Int32Array,
    ui32: Uint32Array, f32: Float32Array, f64: Float64Array, bi64: BigInt64Array, bui64: BigUint64Array,
  };
  const words: Record<string, unknown> = { undefined, null: null, NaN, Infinity, '-Infinity': -Infinity, '-0': -0 };
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  const decode = (value: any, seen: Map<number, object>): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    if ('ref' in value) return seen.get(value.ref);
    if ('v' in value) return words[value.v];
    if ('d' in value) return new Date(value.d);
    if ('bi' in value) return BigInt(value.bi);
    if ('r' in value) return new RegExp(value.r.p, value.r.f);
    if ('ab' in value) return bytes(value.ab.b).buffer;
    if ('ta' in value) return new arrays[value.ta.k]!(bytes(value.ta.b).buffer);
    if ('a' in value) {
      const result: unknown[] = [];
      seen.set(value.id, result);
      for (const item of value.a) result.push(decode(item, seen));
      return result;
    }
    if ('o' in value) {
      const result: Record<string, unknown> = {};
      seen.set(value.id, result);
      for (const { k, v } of value.o) Object.defineProperty(result, k, { value: decode(v, seen), writable: true, enumerable: true, configurable: true });
      return result;
    }
    return undefined;
  };
  const path = (of: { keyPath?: string; keyPathArray?: string[] }): string | string[] | undefined => of.keyPathArray ?? of.keyPath;

  const makeStores = (database: IDBDatabase, stores: Store[]): void => {
    for (const store of stores) {
      const made = database.createObjectStore(store.name, { keyPath: path(store) ?? null, autoIncrement: store.autoIncrement });
      for (const index of store.indexes) made.createIndex(index.name, path(index) ?? '', { multiEntry: index.multiEntry, unique: index.unique });
    }
  };
  const writeDatabase = async ({ name, version, stores }: Database): Promise<void> => {
    const request = indexedDB.open(name, version);
    request.onupgradeneeded = () => makeStores(request.result, stores);
    const database = await done(request);
    try {
      if (stores.length === 0) return;
      const transaction = database.transaction(stores.map((store) => store.name), 'readwrite');
      const puts = stores.flatMap((store) =>
        store.records.map((row) => {
          const value = 'valueEncoded' in row ? decode(row.valueEncoded, new Map()) : row.value;
          const key = 'keyEncoded' in row ? decode(row.keyEncoded, new Map()) : row.key;
          return done(transaction.objectStore(store.name).put(value, store.keyPath || store.keyPathArray ? undefined : (key as IDBValidKey)));
        }));
      await Promise.all(puts);
    } finally {
      database.close();
    }
  };
  for (const { name, value } of kept.localStorage ?? []) localStorage.setItem(name, value);
  for (const { name, value } of kept.sessionStorage ?? []) sessionStorage.setItem(name, value);
  await Promise.all((kept.indexedDB ?? []).map(writeDatabase));
}
