// The page of a list: search in the engine's own language, sort, selection, bulk actions, virtual rows. Search and order
// stand in the page's address, so a link or a reload shows the same.
import { useCallback, useMemo, useState, type ReactNode } from 'react';
import {
  Button,
  Content,
  EmptyState,
  EmptyStateActions,
  EmptyStateBody,
  EmptyStateFooter,
  Grid,
  GridItem,
  PageSection,
  SearchInput,
  Spinner,
  Title,
  Toolbar,
  ToolbarContent,
  ToolbarGroup,
  ToolbarItem,
} from '@patternfly/react-core';
import { SearchIcon } from '@patternfly/react-icons/dist/esm/icons/search-icon';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { RESOURCES, type Kind } from '../api/resources';
import type { Entity } from '../api/types';
import { FaultAlert } from '../form/faults';
import { JobProgress } from '../jobs/JobProgress';
import { useList, type ListResult } from '../query/hooks';
import { readListState, writeListState, type ListState } from '../url/listState';
import { ActionsBar } from './ActionsBar';
import { filterAndSort } from './clientOrder';
import { ResourceTable } from './ResourceTable';
import type { Column, EntityAction } from './types';

export interface ListPageProps<T extends Entity> {
  kind: Kind;
  title: string;
  columns: Column<T>[];
  /** A search that shows how the language works here. */
  example: string;
  actions?: EntityAction<T>[];
  /** Buttons at the right, such as "Create". */
  create?: ReactNode;
  nameOf?(item: T): string;
  /** Sorted downwards at first. */
  newestFirst?: boolean;
}

/** Search and order, read from and written to the address. */
function useListState(kind: Kind, newestFirst: boolean): [ListState, (change: Partial<ListState>) => void] {
  const [parameters, setParameters] = useSearchParams();
  const standard = RESOURCES[kind].defaultSort;
  const read = readListState(parameters, standard);
  const { search, sort } = read;
  const descending = parameters.has('dir') || sort !== standard ? read.descending : newestFirst;
  const state = useMemo(() => ({ search, sort, descending }), [search, sort, descending]);
  const change = useCallback(
    (part: Partial<ListState>) => {
      const next = { ...state, ...part };
      setParameters((before) => {
        const written = writeListState(before, next, standard);
        if (newestFirst && !next.descending) written.set('dir', 'asc');
        return written;
      });
    },
    [state, setParameters, standard, newestFirst],
  );
  return [state, change];
}

function useSelection(): [ReadonlySet<string>, (ids: string[], selecting: boolean) => void] {
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const select = useCallback((ids: string[], selecting: boolean) => {
    setSelected((before) => {
      const next = new Set(before);
      for (const id of ids) {
        if (selecting) next.add(id);
        else next.delete(id);
      }
      return next;
    });
  }, []);
  return [selected, select];
}

export function ListPage<T extends Entity>(props: ListPageProps<T>) {
  const { kind, columns, title, actions } = props;
  const [state, change] = useListState(kind, props.newestFirst ?? false);
  const list = useList<T>(kind, state);
  const [selected, select] = useSelection();
  const searchable = RESOURCES[kind].searchable;
  const items = useMemo(
    () => (searchable ? list.items : filterAndSort(list.items, columns, state.search, state.sort, state.descending)),
    [searchable, list.items, columns, state],
  );
  const chosen = items.filter((item) => item.id !== undefined && selected.has(item.id));
  const bulk = actions?.filter((action) => action.bulk);
  return (
    <PageSection isFilled>
      <Grid hasGutter>
        <GridItem>
          <Title headingLevel="h1">{title}</Title>
        </GridItem>
        <GridItem>
          <JobProgress subject={kind} />
        </GridItem>
      </Grid>
      <ListToolbar {...props} state={state} change={change} list={list} count={items.length}>
        {bulk && bulk.length > 0 && (
          <ToolbarItem>
            <ActionsBar actions={bulk} items={chosen} menuLabel={title} />
          </ToolbarItem>
        )}
      </ListToolbar>
      <ListBody list={list} isEmpty={items.length === 0} search={state.search} clear={() => change({ search: '' })}>
        <ResourceTable<T>
          label={title}
          columns={columns}
          items={items}
          idOf={(item) => item.id ?? ''}
          nameOf={props.nameOf ?? ((item) => item.name ?? item.id ?? '')}
          sort={state.sort}
          descending={state.descending}
          onSort={(sort, descending) => change({ sort, descending })}
          actions={actions}
          {...(bulk && bulk.length > 0 ? { selected, onSelect: select } : {})}
          hasMore={list.hasMore}
          onNeedMore={list.loadMore}
        />
      </ListBody>
    </PageSection>
  );
}

interface ToolbarProps<T extends Entity> extends ListPageProps<T> {
  state: ListState;
  change(part: Partial<ListState>): void;
  list: ListResult<T>;
  count: number;
  children?: ReactNode;
}

function ListToolbar<T extends Entity>({ state, change, list, count, children, ...page }: ToolbarProps<T>) {
  const { t } = useTranslation();
  return (
    <Toolbar>
      <ToolbarContent>
        <ToolbarItem>
          <SearchBox key={state.search} what={page.title} example={page.example} search={state.search} onSearch={(search) => change({ search })} />
        </ToolbarItem>
        {children}
        {page.create && <ToolbarGroup variant="action-group">{page.create}</ToolbarGroup>}
        <ToolbarGroup align={{ default: 'alignEnd' }} alignSelf="center">
          <ToolbarItem alignSelf="center">
            <Content component="small" aria-live="polite">
              {!list.isPending && (list.hasMore ? t('list.loadedMore', { count }) : t('list.loaded', { count }))}
            </Content>
          </ToolbarItem>
        </ToolbarGroup>
      </ToolbarContent>
    </Toolbar>
  );
}

interface SearchBoxProps {
  what: string;
  example: string;
  search: string;
  onSearch(search: string): void;
}

function SearchBox({ what, example, search, onSearch }: SearchBoxProps) {
  const { t } = useTranslation();
  const [text, setText] = useState(search);
  return (
    <SearchInput
      aria-label={t('list.search', { what })}
      placeholder={t('list.searchHint', { example })}
      value={text}
      onChange={(_event, value) => setText(value)}
      onSearch={() => onSearch(text)}
      onClear={() => {
        setText('');
        onSearch('');
      }}
      style={{ minWidth: 'min(20rem, 60vw)' }}
    />
  );
}

interface BodyProps<T extends Entity> {
  list: ListResult<T>;
  isEmpty: boolean;
  search: string;
  clear(): void;
  children: ReactNode;
}

function ListBody<T extends Entity>({ list, isEmpty, search, clear, children }: BodyProps<T>) {
  const { t } = useTranslation();
  if (list.error && isEmpty) {
    return (
      <>
        <FaultAlert error={list.error} title={search ? t('list.badSearch') : t('list.failed')} />
        <Button variant="link" onClick={search ? clear : list.refetch}>
          {search ? t('list.clear') : t('list.retry')}
        </Button>
      </>
    );
  }
  if (list.isPending) return <EmptyState icon={Spinner} titleText={t('list.loading')} headingLevel="h2" />;
  if (!isEmpty) {
    return (
      <>
        {list.error && <FaultAlert error={list.error} title={t('list.failed')} />}
        {children}
      </>
    );
  }
  return (
    <EmptyState icon={SearchIcon} titleText={search ? t('list.noMatch') : t('list.empty')} headingLevel="h2">
      {search && (
        <>
          <EmptyStateBody>{t('list.noMatchHint')}</EmptyStateBody>
          <EmptyStateFooter>
            <EmptyStateActions>
              <Button variant="link" onClick={clear}>
                {t('list.clear')}
              </Button>
            </EmptyStateActions>
          </EmptyStateFooter>
        </>
      )}
    </EmptyState>
  );
}
