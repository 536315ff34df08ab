// What a list is told about its columns and about what can be done to its entries.
import type { ReactNode } from 'react';

export interface Column<T> {
  key: string;
  title: string;
  render(item: T): ReactNode;
  /** Field of the search language (or column name, in collections without search) to sort by. */
  sort?: string;
  /** The value as text or number: for sorting and filtering where the engine does neither. */
  value?(item: T): string | number | undefined;
  /** How the cell treats a long text; cut by default. */
  long?: 'truncate' | 'wrap' | 'nowrap';
  width?: 10 | 15 | 20 | 25 | 30 | 35 | 40 | 45 | 50;
}

/** Something that can be done to an entity, from its row, its page or a selection. */
export interface EntityAction<T> {
  key: string;
  label: string;
  /** Undefined when it may be done now, else the sentence that says why not. */
  refusal(item: T): string | undefined;
  /** Given only entities that did not refuse. */
  run(items: T[]): void;
  /** Shown as a button of its own; others stand in the menu. */
  prominent?: boolean;
  danger?: boolean;
  /** Whether it can be done to several at once. */
  bulk?: boolean;
}
