// A list of named facts about an entity. What is unknown shows a dash, so that its absence is seen.
import type { ReactNode } from 'react';
import {
  Card,
  CardBody,
  CardTitle,
  DescriptionList,
  DescriptionListDescription,
  DescriptionListGroup,
  DescriptionListTerm,
} from '@patternfly/react-core';

export type Fact = [label: string, value: ReactNode];

export function Facts({ facts, title }: { facts: Fact[]; title?: string }) {
  return (
    <Card isFullHeight component="section">
      {title && <CardTitle component="h2">{title}</CardTitle>}
      <CardBody>
        <DescriptionList isHorizontal isCompact>
          {facts.map(([label, value]) => (
            <DescriptionListGroup key={label}>
              <DescriptionListTerm>{label}</DescriptionListTerm>
              <DescriptionListDescription>{value === undefined || value === '' ? '–' : value}</DescriptionListDescription>
            </DescriptionListGroup>
          ))}
        </DescriptionList>
      </CardBody>
    </Card>
  );
}
