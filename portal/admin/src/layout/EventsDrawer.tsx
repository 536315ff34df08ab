// The drawer of recent events, beside any page.
import {
  NotificationDrawer,
  NotificationDrawerBody,
  NotificationDrawerHeader,
  NotificationDrawerList,
  NotificationDrawerListItem,
  NotificationDrawerListItemBody,
  NotificationDrawerListItemHeader,
  Button,
} from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { date, FaultAlert, formatDate, toneOf, useFound, useWord, type Event } from '@ferrovirt/portal-shared';
import { paths } from '../paths';

/** How many events the drawer shows. */
const SHOWN = 50;

export function severityVariant(severity: string | undefined): 'danger' | 'warning' | 'info' | 'custom' {
  if (severity === 'alert' || severity === 'error') return 'danger';
  return toneOf(severity) === 'warning' ? 'warning' : 'info';
}

export function EventsDrawer({ close }: { close(): void }) {
  const { t, i18n } = useTranslation();
  const word = useWord();
  const events = useFound<Event>('event', 'sortby time desc', SHOWN);
  return (
    <NotificationDrawer aria-label={t('frame.events')}>
      <NotificationDrawerHeader title={t('nav.events')} onClose={close} closeButtonAriaLabel={t('form.close')}>
        <Button variant="link" component={(props) => <Link {...props} to={paths.events} />}>
          {t('events.all')}
        </Button>
      </NotificationDrawerHeader>
      <NotificationDrawerBody tabIndex={0}>
        {events.error && <FaultAlert error={events.error} />}
        <NotificationDrawerList aria-label={t('nav.events')}>
          {events.data?.map((event) => (
            <NotificationDrawerListItem key={event.id} variant={severityVariant(event.severity)} isRead={event.severity === 'normal'} tabIndex={-1}>
              <NotificationDrawerListItemHeader
                variant={severityVariant(event.severity)}
                title={event.description ?? ''}
                headingLevel="h2"
                srTitle={word('severity', event.severity)}
              />
              <NotificationDrawerListItemBody timestamp={formatDate(date(event.time), i18n.language)} />
            </NotificationDrawerListItem>
          ))}
        </NotificationDrawerList>
      </NotificationDrawerBody>
    </NotificationDrawer>
  );
}
