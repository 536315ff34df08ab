// Words for the API's enumerated values, from the translations; a value that they lack is shown with its underscores as spaces.
import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';

/** "powering_up" of area "vm" as "Powering up". */
export function useWord(): (area: string, value: string | undefined) => string {
  const { t } = useTranslation();
  return useCallback(
    (area, value) => {
      if (value === undefined || value === '') return '–';
      const readable = value.replaceAll('_', ' ');
      return t([`word.${area}.${value}`, `word.any.${value}`], {
        defaultValue: readable.charAt(0).toUpperCase() + readable.slice(1),
      });
    },
    [t],
  );
}
