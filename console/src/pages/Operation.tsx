import { Card } from "antd";
import { useParams } from "react-router";

import { useWords } from "../language/setup";
import { Page } from "../parts/Page";
import { OperationSteps } from "./orders/OperationSteps";

export function Component() {
  const { id = "" } = useParams();
  const words = useWords();
  return (
    <Page title={words("menu.operations")}>
      <Card>
        <OperationSteps id={id} />
      </Card>
    </Page>
  );
}
