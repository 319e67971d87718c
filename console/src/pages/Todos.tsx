import { useWords } from "../language/setup";
import { Page } from "../parts/Page";
import { TodoCards } from "./todos/TodoCards";

export function Component() {
  const words = useWords();
  return (
    <Page title={words("menu.todos")}>
      <TodoCards />
    </Page>
  );
}
