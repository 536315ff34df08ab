// A few events that a search finds, with the way to all of them.
import {
  Card,
  CardBody,
  CardFooter,
  CardTitle,
  DataList,
  DataListCell,
  DataListItem,
  DataListItemCells,
  DataListItemRow,
  Skeleton,
} from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { date, FaultAlert, formatDate, useFound, type Event } from '@ferrovirt/portal-shared';
import { paths } from '../../paths';
import { Severity } from '../parts';

/** Events shown. */
const SHOWN = 8;

export function EventsCard({ title, search, none }: { title: string; search: string; none: string }) {
  const { t, i18n } = useTranslation();
  const events = useFound<Event>('event', search, SHOWN);
  return (
    <Card isFullHeight isCompact>
      <CardTitle component="h2">{title}</CardTitle>
      <CardBody>
        {events.error && <FaultAlert error={events.error} />}
        {events.isPending && !events.error && <Skeleton screenreaderText={t('list.loading')} />}
        {events.data?.length === 0 && none}
        {events.data && events.data.length > 0 && (
          <DataList aria-label={title} isCompact>
            {events.data.map((event) => (
              <DataListItem key={event.id} id={`${title}-${event.id ?? ''}`} aria-label={event.description ?? ''}>
                <DataListItemRow>
                  <DataListItemCells
                    dataListCells={[
                      <DataListCell key="severity" isFilled={false}>
                        <Severity severity={event.severity} />
                      </DataListCell>,
                      <DataListCell key="text" width={4} wrapModifier="breakWord">
                        {event.description}
                      </DataListCell>,
                      <DataListCell key="time" isFilled={false}>
                        {formatDate(date(event.time), i18n.language)}
                      </DataListCell>,
                    ]}
                  />
                </DataListItemRow>
              </DataListItem>
            ))}
          </DataList>
        )}
      </CardBody>
      <CardFooter>
        <Link to={paths.events}>{t('events.all')}</Link>
      </CardFooter>
    </Card>
  );
}
