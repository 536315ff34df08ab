// A few events that a search finds, with the way to all of them.
import { Card, CardBody, CardFooter, CardTitle, EmptyState, Skeleton } from '@patternfly/react-core';
import { Table, Tbody, Td, Tr } from '@patternfly/react-table';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { date, FaultAlert, formatMoment, useFound, type Event } from '@ferrovirt/portal-shared';
import { paths } from '../../paths';
import { Severity } from '../parts';

/** Events shown. */
const SHOWN = 8;

export function EventsCard({ title, search, none }: { title: string; search: string; none: string }) {
  const { t } = useTranslation();
  const events = useFound<Event>('event', search, SHOWN);
  return (
    <Card isFullHeight isCompact>
      <CardTitle component="h2">{title}</CardTitle>
      {events.data && events.data.length > 0 ? (
        <EventRows title={title} events={events.data} />
      ) : (
        <CardBody>
          {events.error && <FaultAlert error={events.error} />}
          {events.isPending && !events.error && <Skeleton screenreaderText={t('list.loading')} />}
          {events.data && <EmptyState variant="xs" status="success" titleText={none} headingLevel="h3" />}
        </CardBody>
      )}
      <CardFooter>
        <Link to={paths.events}>{t('events.all')}</Link>
      </CardFooter>
    </Card>
  );
}

function EventRows({ title, events }: { title: string; events: Event[] }) {
  const { i18n } = useTranslation();
  return (
    <Table aria-label={title} variant="compact" borders={false}>
      <Tbody>
        {events.map((event) => (
          <Tr key={event.id}>
            <Td modifier="fitContent">{formatMoment(date(event.time), new Date(), i18n.language)}</Td>
            <Td modifier="fitContent">
              <Severity severity={event.severity} />
            </Td>
            <Td modifier="breakWord">{event.description}</Td>
          </Tr>
        ))}
      </Tbody>
    </Table>
  );
}
