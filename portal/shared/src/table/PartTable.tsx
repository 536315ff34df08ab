// A table inside an entity's page: the members of a sub-collection, sorted in the page. Small lists, no search.
import { useState, type ReactNode } from 'react';
import { EmptyState, Skeleton, Toolbar, ToolbarContent, ToolbarGroup } from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import type { UseQueryResult } from '@tanstack/react-query';
import type { Entity } from '../api/types';
import { FaultAlert } from '../form/faults';
import { filterAndSort } from './clientOrder';
import { ResourceTable } from './ResourceTable';
import type { Column, EntityAction } from './types';

export interface PartTableProps<T extends Entity> {
  label: string;
  query: UseQueryResult<T[]>;
  columns: Column<T>[];
  actions?: EntityAction<T>[];
  toolbar?: ReactNode;
  nameOf?(item: T): string;
  sort?: string;
}

export function PartTable<T extends Entity>(props: PartTableProps<T>) {
  const { t } = useTranslation();
  const [order, setOrder] = useState({ sort: props.sort ?? '', descending: false });
  const { query, columns, label } = props;
  const items = filterAndSort(query.data ?? [], columns, '', order.sort, order.descending);
  return (
    <>
      {props.toolbar && (
        <Toolbar>
          <ToolbarContent>
            <ToolbarGroup variant="action-group">{props.toolbar}</ToolbarGroup>
          </ToolbarContent>
        </Toolbar>
      )}
      {query.error && <FaultAlert error={query.error} title={t('list.failed')} />}
      {query.isPending && !query.error && <Skeleton screenreaderText={t('list.loading')} />}
      {query.data && items.length === 0 && <EmptyState variant="sm" titleText={t('list.empty')} headingLevel="h2" />}
      {items.length > 0 && (
        <ResourceTable<T>
          label={label}
          columns={columns}
          items={items}
          idOf={(item) => item.id ?? item.name ?? ''}
          nameOf={props.nameOf ?? ((item) => item.name ?? item.id ?? '')}
          sort={order.sort}
          descending={order.descending}
          onSort={(sort, descending) => setOrder({ sort, descending })}
          actions={props.actions}
          maxHeight="60vh"
        />
      )}
    </>
  );
}
