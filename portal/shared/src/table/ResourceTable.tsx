// A table that renders only the rows in sight, sortable by its heads, with selection and row actions. It is given rows and
// reports wishes; it knows neither address nor engine.
import { memo, useEffect, useRef } from 'react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { Checkbox, MenuToggle } from '@patternfly/react-core';
import { EllipsisVIcon } from '@patternfly/react-icons/dist/esm/icons/ellipsis-v-icon';
import { ActionsColumn, Table, Tbody, Td, Th, Thead, Tr, type ThProps } from '@patternfly/react-table';
import { useTranslation } from 'react-i18next';
import type { Column, EntityAction } from './types';

export interface ResourceTableProps<T> {
  label: string;
  columns: Column<T>[];
  items: T[];
  idOf(item: T): string;
  nameOf(item: T): string;
  sort: string;
  descending: boolean;
  onSort?(sort: string, descending: boolean): void;
  actions?: EntityAction<T>[] | undefined;
  selected?: ReadonlySet<string>;
  onSelect?(ids: string[], selecting: boolean): void;
  hasMore?: boolean;
  onNeedMore?(): void;
  /** Height of the scrolling part, as CSS. */
  maxHeight?: string;
}

const ROW_HEIGHT = 42;
/** Rows from the end at which more are asked for. */
const NEAR_END = 40;

export function ResourceTable<T>(props: ResourceTableProps<T>) {
  const { items, columns, label, hasMore, onNeedMore } = props;
  const scroller = useRef<HTMLDivElement>(null);
  // The component reads the virtualizer anew at each render and passes none of its functions to memoised parts.
  // eslint-disable-next-line react-hooks/incompatible-library
  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
    getItemKey: (index) => props.idOf(items[index] as T),
  });
  const visible = rows.getVirtualItems();
  const lastSeen = visible.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && lastSeen >= items.length - NEAR_END) onNeedMore?.();
  }, [hasMore, lastSeen, items.length, onNeedMore]);
  const span = columns.length + (props.onSelect ? 1 : 0) + (props.actions ? 1 : 0);
  const before = visible[0]?.start ?? 0;
  const after = rows.getTotalSize() - (visible.at(-1)?.end ?? 0);
  return (
    <div ref={scroller} role="region" aria-label={label} tabIndex={0} style={{ overflow: 'auto', maxHeight: props.maxHeight ?? 'calc(100vh - 17rem)' }}>
      <Table aria-label={label} variant="compact" isStickyHeader aria-rowcount={items.length + 1}>
        <Head {...props} />
        <Tbody>
          {before > 0 && <Spacer height={before} span={span} />}
          {visible.map((row) => {
            const item = items[row.index] as T;
            return (
              <Row
                key={props.idOf(item)}
                table={props}
                item={item}
                index={row.index}
                isSelected={props.selected?.has(props.idOf(item)) ?? false}
                measure={rows.measureElement}
              />
            );
          })}
          {after > 0 && <Spacer height={after} span={span} />}
        </Tbody>
      </Table>
    </div>
  );
}

function Spacer({ height, span }: { height: number; span: number }) {
  return (
    <Tr aria-hidden style={{ border: 0 }}>
      <Td colSpan={span} style={{ height, padding: 0 }} />
    </Tr>
  );
}

function Head<T>(props: ResourceTableProps<T>) {
  const { t } = useTranslation();
  const { columns, items, selected, onSelect, onSort } = props;
  const sortable = columns.filter((column) => column.sort !== undefined);
  const active = sortable.findIndex((column) => column.sort === props.sort);
  const sortOf = (column: Column<T>): ThProps['sort'] | undefined => {
    if (!onSort || column.sort === undefined) return undefined;
    return {
      columnIndex: sortable.indexOf(column),
      sortBy: active === -1 ? {} : { index: active, direction: props.descending ? 'desc' : 'asc' },
      onSort: (_event, _index, direction) => onSort(column.sort ?? '', direction === 'desc'),
    };
  };
  return (
    <Thead>
      <Tr aria-rowindex={1}>
        {onSelect && (
          <Th
            aria-label={t('list.selectAll')}
            select={{
              isSelected: items.length > 0 && items.every((item) => selected?.has(props.idOf(item))),
              onSelect: (_event, selecting) => onSelect(items.map((item) => props.idOf(item)), selecting),
            }}
          />
        )}
        {columns.map((column) => {
          const sort = sortOf(column);
          return (
            <Th key={column.key} modifier="nowrap" {...(column.width ? { width: column.width } : {})} {...(sort ? { sort } : {})}>
              {column.title}
            </Th>
          );
        })}
        {props.actions && <Th screenReaderText={t('list.actions')} />}
      </Tr>
    </Thead>
  );
}

interface RowProps<T> {
  table: ResourceTableProps<T>;
  item: T;
  index: number;
  isSelected: boolean;
  measure(element: HTMLTableRowElement | null): void;
}

function PlainRow<T>({ table, item, index, isSelected, measure }: RowProps<T>) {
  const { t } = useTranslation();
  const name = table.nameOf(item);
  return (
    <Tr innerRef={measure as never} data-index={index} aria-rowindex={index + 2} data-name={name}>
      {table.onSelect && (
        <Td>
          <Checkbox
            id={`select-${table.idOf(item)}`}
            aria-label={t('list.selectRow', { name })}
            isChecked={isSelected}
            onChange={(_event, selecting) => table.onSelect?.([table.idOf(item)], selecting)}
          />
        </Td>
      )}
      {table.columns.map((column) => (
        <Td key={column.key} dataLabel={column.title} modifier={column.long ?? (column.key === 'status' ? 'nowrap' : 'truncate')}>
          {column.render(item)}
        </Td>
      ))}
      {table.actions && (
        <Td isActionCell isStickyColumn stickyMinWidth="0" stickyRightOffset="0">
          <ActionsColumn
            actionsToggle={({ onToggle, isOpen, toggleRef }) => (
              <MenuToggle ref={toggleRef} variant="plain" isExpanded={isOpen} onClick={onToggle} aria-label={t('list.actionsOf', { name })} icon={<EllipsisVIcon />} />
            )}
            items={table.actions.map((action) => {
              const refusal = action.refusal(item);
              return {
                title: action.label,
                isAriaDisabled: refusal !== undefined,
                isDanger: action.danger ?? false,
                onClick: () => action.run([item]),
                ...(refusal === undefined ? {} : { tooltipProps: { content: refusal } }),
              };
            })}
          />
        </Td>
      )}
    </Tr>
  );
}

const Row = memo(PlainRow) as typeof PlainRow;
