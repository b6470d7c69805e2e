import { errorCatalogue, type CatalogueEntry } from './error-catalogue';

/** Refusals by reason. */
export type RefusalTable = Readonly<Record<string, CatalogueEntry>>;

/** The contract's catalogue, and the tables that have been registered, by owner. */
const tables = new Map<string, RefusalTable>([['', errorCatalogue]]);

/**
 * Makes the refusals of a table known to the process: `statusOf` finds their status. Every process registers the tables of the tasks whose
 * code it loads; what comes from elsewhere has its status on the wire.
 * @param owner of the table, e.g. the service; a table registered before under that name is replaced
 * @throws Error where another table has one of the reasons
 */
export function registerRefusals(owner: string, table: RefusalTable): void {
  for (const [other, known] of tables) {
    const taken = other === owner ? undefined : Object.keys(table).find((reason) => Object.hasOwn(known, reason));
    if (taken !== undefined) throw new Error(`two tables of refusals have ${taken}: '${other}' and '${owner}'`);
  }
  tables.set(owner, table);
}

/** The entry of a reason in whichever table has it; undefined where none has. */
export function findRefusal(reason: string): CatalogueEntry | undefined {
  for (const table of tables.values()) if (Object.hasOwn(table, reason)) return table[reason];
  return undefined;
}

const reasonForm = /^[A-Z][A-Z0-9_]{0,63}$/;

/** Whether a text may be a reason: capitals, digits and underscores, 64 at most. */
export function isReason(text: string): boolean {
  return reasonForm.test(text);
}
