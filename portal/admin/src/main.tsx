// Start of the administration portal in the browser.
import '@patternfly/react-core/dist/styles/base.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createBrowserRouter, RouterProvider } from 'react-router';
import { startTheme, startTranslations } from '@ferrovirt/portal-shared';
import { english } from './i18n/en';
import { routes } from './routes';

startTheme();
startTranslations({ en: english });

const root = document.getElementById('root');
if (root) {
  const router = createBrowserRouter(routes, { basename: '/ovirt-engine/webadmin' });
  createRoot(root).render(
    <StrictMode>
      <RouterProvider router={router} />
    </StrictMode>,
  );
}
