// The page of one entity: where it belongs, its state, what can be done to it now, the work under way, and its tabs. The tab
// stands in the address.
import type { ReactNode } from 'react';
import {
  Breadcrumb,
  BreadcrumbItem,
  Content,
  EmptyState,
  EmptyStateBody,
  Flex,
  FlexItem,
  Grid,
  GridItem,
  PageSection,
  Spinner,
  Tab,
  TabContentBody,
  Tabs,
  TabTitleText,
  Title,
} from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate, useParams } from 'react-router';
import { ApiFault } from '../api/fault';
import type { Kind } from '../api/resources';
import type { Entity } from '../api/types';
import { FaultAlert } from '../form/faults';
import { JobProgress } from '../jobs/JobProgress';
import { useItem } from '../query/hooks';
import { ActionsBar } from '../table/ActionsBar';
import type { EntityAction } from '../table/types';
import { StatusLabel } from './StatusLabel';

export interface EntityTab<T> {
  key: string;
  title: string;
  render(item: T): ReactNode;
}

export interface EntityPageProps<T extends Entity> {
  kind: Kind;
  /** Address of the list, and its title. */
  listPath: string;
  listTitle: string;
  tabs: EntityTab<T>[];
  actions: EntityAction<T>[];
  /** The area of words for the state; none where the entity has no state. */
  statusArea?: string;
  statusOf?(item: T): string | undefined;
  nameOf?(item: T): string;
  /** More beside the name. */
  extra?(item: T): ReactNode;
  /** Shown between the head and the tabs. */
  banner?(item: T): ReactNode;
}

export function EntityPage<T extends Entity>(props: EntityPageProps<T>) {
  const { t } = useTranslation();
  const { id = '' } = useParams();
  const { data: item, error, isPending } = useItem<T>(props.kind, id);
  if (error && (!item || (error instanceof ApiFault && error.isNotFound))) return <Missing {...props} error={error} />;
  if (isPending || !item) {
    return (
      <PageSection isFilled>
        <EmptyState icon={Spinner} titleText={t('list.loading')} headingLevel="h1" />
      </PageSection>
    );
  }
  return <Loaded {...props} item={item} id={id} />;
}

function Missing<T extends Entity>({ listPath, listTitle, error }: EntityPageProps<T> & { error: Error }) {
  const { t } = useTranslation();
  const gone = error instanceof ApiFault && error.isNotFound;
  return (
    <PageSection isFilled>
      {gone ? (
        <EmptyState titleText={t('fault.notFound')} headingLevel="h1">
          <EmptyStateBody>
            <Link to={listPath}>{listTitle}</Link>
          </EmptyStateBody>
        </EmptyState>
      ) : (
        <FaultAlert error={error} />
      )}
    </PageSection>
  );
}

function Loaded<T extends Entity>(props: EntityPageProps<T> & { item: T; id: string }) {
  const { t } = useTranslation();
  const { item, id, tabs } = props;
  const navigate = useNavigate();
  const { tab } = useParams();
  const active = tabs.find((candidate) => candidate.key === tab) ?? tabs[0];
  const name = props.nameOf?.(item) ?? item.name ?? id;
  return (
    <>
      <PageSection>
        <Breadcrumb>
          <BreadcrumbItem>
            <Link to={props.listPath}>{props.listTitle}</Link>
          </BreadcrumbItem>
          <BreadcrumbItem isActive>{name}</BreadcrumbItem>
        </Breadcrumb>
        <Flex alignItems={{ default: 'alignItemsCenter' }} style={{ marginBlockStart: 'var(--pf-t--global--spacer--sm)' }}>
          <FlexItem>
            <Title headingLevel="h1">{name}</Title>
          </FlexItem>
          {props.statusArea && (
            <FlexItem>
              <StatusLabel area={props.statusArea} status={props.statusOf ? props.statusOf(item) : (item as { status?: string }).status} />
            </FlexItem>
          )}
          {props.extra && <FlexItem>{props.extra(item)}</FlexItem>}
          <FlexItem align={{ default: 'alignRight' }}>
            {props.actions.length > 0 && (
              <ActionsBar actions={props.actions} items={[item]} menuLabel={t('list.actionsOf', { name })} />
            )}
          </FlexItem>
        </Flex>
        {item.description && <Content component="p">{item.description}</Content>}
        <Grid hasGutter style={{ marginBlockStart: 'var(--pf-t--global--spacer--md)' }}>
          {props.banner && <GridItem>{props.banner(item)}</GridItem>}
          <GridItem>
            <JobProgress subject={`${props.kind}/${id}`} />
          </GridItem>
        </Grid>
      </PageSection>
      <PageSection type="tabs">
        <Tabs
          activeKey={active?.key ?? ''}
          onSelect={(_event, key) => void navigate(`${props.listPath}/${id}/${String(key)}`, { replace: true })}
          aria-label={name}
          usePageInsets
        >
          {tabs.map(({ key, title }) => (
            <Tab key={key} eventKey={key} title={<TabTitleText>{title}</TabTitleText>} tabContentId={`tab-${key}`} />
          ))}
        </Tabs>
      </PageSection>
      <PageSection isFilled id={`tab-${active?.key ?? ''}`} role="tabpanel" aria-label={active?.title ?? ''} tabIndex={0}>
        <TabContentBody>{active?.render(item)}</TabContentBody>
      </PageSection>
    </>
  );
}
