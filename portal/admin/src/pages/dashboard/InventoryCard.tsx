// How many of one kind there are, by state, as links into the list.
import { Card, CardBody, CardTitle, Content, Label, LabelGroup, Skeleton } from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { FaultAlert, toneOf, useWord, type StatusTone } from '@ferrovirt/portal-shared';
import { searched } from '../../paths';
import type { Counts } from './numbers';

interface InventoryCardProps {
  title: string;
  path: string;
  counts: Counts | undefined;
  /** Area of words for the states. */
  area: string;
  error: Error | null;
  /** Whether a state can be searched for in the list by its bare word. */
  searchable?: boolean;
}

const STATUS: Partial<Record<StatusTone, 'success' | 'danger' | 'warning'>> = { good: 'success', bad: 'danger', warning: 'warning' };

export function InventoryCard({ title, path, counts, area, error, searchable }: InventoryCardProps) {
  const { t } = useTranslation();
  const word = useWord();
  return (
    <Card isFullHeight isCompact>
      <CardTitle component="h2">
        <Link to={path}>{title}</Link>
      </CardTitle>
      <CardBody>
        {error && <FaultAlert error={error} />}
        {!counts && !error && <Skeleton screenreaderText={t('list.loading')} />}
        {counts && (
          <>
            <Content component="p" style={{ fontSize: 'var(--pf-t--global--font--size--heading--2xl)' }}>
              {counts.total}
            </Content>
            <LabelGroup numLabels={6} aria-label={title}>
              {counts.byStatus
                .filter(([, count]) => count > 0)
                .map(([status, count]) => {
                  const tone = STATUS[toneOf(status)];
                  return (
                    <Label
                      key={status}
                      isCompact
                      {...(tone ? { status: tone } : {})}
                      {...(searchable ? { render: ({ className, content, componentRef }) => <Link className={className} ref={componentRef} style={{ textDecoration: 'none' }} to={searched(path, `status=${status.replaceAll('_', '')}`)}>{content}</Link> } : {})}
                    >
                      {`${count} ${word(area, status)}`}
                    </Label>
                  );
                })}
            </LabelGroup>
          </>
        )}
      </CardBody>
    </Card>
  );
}
