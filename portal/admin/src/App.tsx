// The frame of the administration portal: masthead, navigation, drawers, and the page that the address names.
import { Suspense } from 'react';
import { Alert, Button, EmptyState, EmptyStateBody, Page, PageSection, SkipToContent } from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import { Outlet, useRouteError } from 'react-router';
import { PortalRoot, usePortal, Waiting } from '@ferrovirt/portal-shared';
import { EventsDrawer } from './layout/EventsDrawer';
import { JobsDrawer } from './layout/JobsDrawer';
import { Navigation } from './layout/Navigation';
import { TopBar } from './layout/TopBar';
import { useDrawer } from './layout/drawer';

const MAIN = 'main-content';

export function App() {
  return (
    <PortalRoot>
      <Frame />
    </PortalRoot>
  );
}

function Frame() {
  const { t } = useTranslation();
  const [drawer, setDrawer] = useDrawer();
  const close = (): void => setDrawer(undefined);
  return (
    <Page
      mainContainerId={MAIN}
      masthead={<TopBar drawer={drawer} setDrawer={setDrawer} />}
      sidebar={<Navigation />}
      isManagedSidebar
      isContentFilled
      skipToContent={<SkipToContent href={`#${MAIN}`}>{t('frame.skip')}</SkipToContent>}
      isNotificationDrawerExpanded={drawer !== undefined}
      notificationDrawer={
        <aside aria-label={t(drawer === 'jobs' ? 'nav.jobs' : 'frame.drawer')}>
          {drawer === 'jobs' && <JobsDrawer close={close} />}
          {drawer === 'events' && <EventsDrawer close={close} />}
        </aside>
      }
    >
      <StreamBanner />
      <Suspense fallback={<Waiting />}>
        <Outlet />
      </Suspense>
    </Page>
  );
}

/** Says when the page polls because the event stream is down. */
function StreamBanner() {
  const { t } = useTranslation();
  const { streamState } = usePortal();
  if (streamState !== 'down') return null;
  return (
    <PageSection>
      <Alert isInline isLiveRegion variant="warning" component="p" title={t('stream.downTitle')}>
        {t('stream.downText')}
      </Alert>
    </PageSection>
  );
}

/** What stands in place of a page that could not be shown. */
export function PageFailure() {
  const { t } = useTranslation();
  const error = useRouteError();
  const text = error instanceof Error ? error.message : undefined;
  return (
    <PageSection isFilled>
      <EmptyState status={text ? 'danger' : 'info'} titleText={t(text ? 'frame.failed' : 'frame.noPage')} headingLevel="h1">
        {text && <EmptyStateBody>{text}</EmptyStateBody>}
        <Button variant="link" onClick={() => window.location.reload()}>
          {t('frame.reload')}
        </Button>
      </EmptyState>
    </PageSection>
  );
}
