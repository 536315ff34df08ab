// Starts the translations of a portal. Each portal brings its own texts; those that both portals show are here beside it.
import i18next, { type Resource } from 'i18next';
import { initReactI18next } from 'react-i18next';
import { sharedEnglish } from './en';

const STORAGE_KEY = 'ferrovirt.language';
export const LANGUAGES = ['en'];

/** Call once before the first render. `texts` are the portal's own, by language. */
export function startTranslations(texts: Record<string, object>): void {
  const stored = localStorage.getItem(STORAGE_KEY) ?? navigator.language.split('-')[0] ?? 'en';
  const language = LANGUAGES.includes(stored) ? stored : 'en';
  const resources: Resource = {};
  for (const code of LANGUAGES) {
    resources[code] = { translation: merged(sharedEnglish, texts[code] ?? {}) };
  }
  document.documentElement.lang = language;
  void i18next.use(initReactI18next).init({
    resources,
    lng: language,
    fallbackLng: 'en',
    initAsync: false,
    interpolation: { escapeValue: false },
  });
}

type Texts = { [key: string]: string | Texts };

/** Both trees of texts as one; where both have a text, the portal's own wins. */
export function merged(shared: object, own: object): Texts {
  const result: Texts = { ...(shared as Texts) };
  for (const [key, value] of Object.entries(own as Texts)) {
    const before = result[key];
    result[key] = typeof value === 'object' && typeof before === 'object' ? merged(before, value) : value;
  }
  return result;
}
