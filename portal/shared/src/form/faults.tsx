// Shows faults of the engine as sentences: in a form, on a page, or as a message. Knows no particular form.
import { useCallback } from 'react';
import { Alert } from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import { asFault, type ApiFault } from '../api/fault';

/** The sentence of a fault: what the engine said, or what is known when it said nothing. */
export function useFaultText(): (fault: ApiFault) => string {
  const { t } = useTranslation();
  return useCallback(
    (fault) => {
      if (fault.detail) return fault.detail;
      if (fault.status === 0 && fault.reason === 'unreachable') return t('fault.unreachable');
      if (fault.reason === 'unreadable') return t('fault.unreadable');
      if (fault.status === 403) return t('fault.forbidden');
      if (fault.status === 404) return t('fault.notFound');
      if (fault.status === 501) return t('fault.notServed');
      if (fault.status === 503) return t('fault.unavailable');
      return fault.reason;
    },
    [t],
  );
}

/** A fault as an inline message with its reason as the title. */
export function FaultAlert({ error, title }: { error: unknown; title?: string }) {
  const { t } = useTranslation();
  const text = useFaultText();
  const fault = asFault(error);
  return (
    <Alert isInline variant="danger" title={title ?? t('fault.title')} component="p">
      {text(fault)}
    </Alert>
  );
}
