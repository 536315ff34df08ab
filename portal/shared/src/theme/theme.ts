// Dark or light: what the user chose is stored, else the system decides. PatternFly reads one class of the root element.
import { useSyncExternalStore } from 'react';

export type ThemeChoice = 'system' | 'light' | 'dark';

const STORAGE_KEY = 'ferrovirt.theme';
const DARK_CLASS = 'pf-v6-theme-dark';
const listeners = new Set<() => void>();

export function themeChoice(): ThemeChoice {
  const stored = localStorage.getItem(STORAGE_KEY);
  return stored === 'light' || stored === 'dark' ? stored : 'system';
}

function systemIsDark(): boolean {
  return window.matchMedia?.('(prefers-color-scheme: dark)').matches ?? false;
}

export function isDark(choice: ThemeChoice = themeChoice()): boolean {
  return choice === 'dark' || (choice === 'system' && systemIsDark());
}

/** Puts the chosen theme on the page and follows the system. Call it once, before the first render, so that nothing flashes. */
export function startTheme(): void {
  applyTheme();
  window.matchMedia?.('(prefers-color-scheme: dark)').addEventListener('change', () => {
    applyTheme();
    for (const listener of listeners) listener();
  });
}

function applyTheme(): void {
  document.documentElement.classList.toggle(DARK_CLASS, isDark());
}

export function chooseTheme(choice: ThemeChoice): void {
  if (choice === 'system') localStorage.removeItem(STORAGE_KEY);
  else localStorage.setItem(STORAGE_KEY, choice);
  applyTheme();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useThemeChoice(): ThemeChoice {
  return useSyncExternalStore(subscribe, themeChoice);
}
