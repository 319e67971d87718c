import { SearchOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { lazy, Suspense, useEffect, useState } from "react";

import { useWords } from "../language/setup";

const Palette = lazy(() => import("./Palette"));

/** Ctrl-K or ⌘K from everywhere: one field for names, addresses, order numbers and people. */
export function Search({ wide }: { wide: boolean }) {
  const words = useWords();
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "k") return;
      event.preventDefault();
      setOpen(true);
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, []);
  return (
    <>
      <Button
        type="text"
        style={{ color: "white" }}
        icon={<SearchOutlined />}
        aria-label={words("search")}
        onClick={() => setOpen(true)}
      >
        {wide ? `${words("search")} (Ctrl K)` : null}
      </Button>
      {open ? (
        <Suspense>
          <Palette close={() => setOpen(false)} />
        </Suspense>
      ) : null}
    </>
  );
}
