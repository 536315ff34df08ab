// Form fields that show beside themselves what is wrong: what the form found, or the fault that the engine gave for them.
import type { ReactNode } from 'react';
import {
  FormGroup,
  FormHelperText,
  FormSelect,
  FormSelectOption,
  HelperText,
  HelperTextItem,
  NumberInput,
  TextInput,
} from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';

interface FieldProps {
  id: string;
  label: string;
  required?: boolean;
  /** What is wrong with this field; shown in place of the hint. */
  error?: string | undefined;
  hint?: ReactNode;
}

/** Label, control and what there is to say about it. */
export function Field({ id, label, required, error, hint, children }: FieldProps & { children: ReactNode }) {
  return (
    <FormGroup label={label} isRequired={required ?? false} fieldId={id}>
      {children}
      {(error || hint) && (
        <FormHelperText>
          <HelperText id={`${id}-help`} isLiveRegion={!!error}>
            <HelperTextItem variant={error ? 'error' : 'default'}>{error ?? hint}</HelperTextItem>
          </HelperText>
        </FormHelperText>
      )}
    </FormGroup>
  );
}

export interface TextFieldProps extends FieldProps {
  value: string;
  onChange(value: string): void;
  type?: 'text' | 'password';
  placeholder?: string;
  disabled?: boolean;
  autoFocus?: boolean;
  autoComplete?: string;
}

export function TextField(props: TextFieldProps) {
  const { id, value, onChange, error, hint, required } = props;
  return (
    <Field {...props}>
      <TextInput
        id={id}
        name={id}
        type={props.type ?? 'text'}
        value={value}
        isRequired={required ?? false}
        isDisabled={props.disabled ?? false}
        validated={error ? 'error' : 'default'}
        onChange={(_event, text) => onChange(text)}
        aria-describedby={error || hint ? `${id}-help` : undefined}
        {...(props.placeholder ? { placeholder: props.placeholder } : {})}
        {...(props.autoFocus ? { autoFocus: true } : {})}
        {...(props.autoComplete ? { autoComplete: props.autoComplete } : {})}
      />
    </Field>
  );
}

export interface Choice<Value extends string = string> {
  value: Value;
  label: string;
}

export interface ChoiceFieldProps<Value extends string> extends FieldProps {
  value: Value;
  choices: Choice<Value>[];
  onChange(value: Value): void;
  disabled?: boolean;
  /** Shown as the empty choice; without it the field has none. */
  empty?: string;
}

export function ChoiceField<Value extends string>(props: ChoiceFieldProps<Value>) {
  const { t } = useTranslation();
  const { id, value, choices, onChange, error, hint } = props;
  const needsEmpty = props.empty !== undefined || !choices.some((choice) => choice.value === value);
  return (
    <Field {...props}>
      <FormSelect
        id={id}
        value={value}
        isDisabled={props.disabled ?? false}
        validated={error ? 'error' : 'default'}
        // What can be chosen is what stands in the choices, or nothing.
        onChange={(_event, chosen) => onChange(chosen as Value)}
        aria-describedby={error || hint ? `${id}-help` : undefined}
      >
        {needsEmpty && <FormSelectOption value="" label={props.empty ?? t('form.choose')} isPlaceholder />}
        {choices.map((choice) => (
          <FormSelectOption key={choice.value} value={choice.value} label={choice.label} />
        ))}
      </FormSelect>
    </Field>
  );
}

export interface NumberFieldProps extends FieldProps {
  value: number;
  min: number;
  max?: number;
  step?: number;
  unit?: string;
  onChange(value: number): void;
}

export function NumberField(props: NumberFieldProps) {
  const { id, value, min, max, step = 1, unit, onChange, label } = props;
  const limited = (next: number): number => Math.max(min, max === undefined ? next : Math.min(max, next));
  return (
    <Field {...props}>
      <NumberInput
        id={id}
        value={value}
        min={min}
        {...(max === undefined ? {} : { max })}
        widthChars={8}
        unit={unit === undefined ? undefined : <span style={{ whiteSpace: 'nowrap' }}>{unit}</span>}
        onMinus={() => onChange(limited(value - step))}
        onPlus={() => onChange(limited(value + step))}
        onChange={(event) => onChange(Number((event.target as HTMLInputElement).value))}
        onBlur={() => onChange(limited(Number.isFinite(value) ? value : min))}
        inputAriaLabel={label}
        minusBtnAriaLabel={`${label} −`}
        plusBtnAriaLabel={`${label} +`}
      />
    </Field>
  );
}

/** Choices from entities, by id and name. */
export function choicesOf(items: { id?: string; name?: string }[] | undefined): Choice[] {
  return (items ?? [])
    .filter((item) => item.id !== undefined)
    .map((item) => ({ value: item.id ?? '', label: item.name ?? item.id ?? '' }));
}
