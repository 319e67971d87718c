import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Flex, Input, type InputRef, Modal, Spin, Tag, Typography } from "antd";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useNavigate } from "react-router";

import { answer, api, type Schemas } from "../api/client";
import { useNames, useWords } from "../language/setup";
import { Trouble } from "../parts/Trouble";
import { useRested } from "../pages/new-order/useRested";
import { listOf, pageOf } from "./places";

const REST_MS = 200;
const LEAST = 2;

type Hits = Schemas["HitsView"];
interface Line {
  key: string;
  kind: Hits["kind"];
  to: string;
  hit: Schemas["HitView"] | null;
}

/** What begins like what one types; arrows choose, Enter opens. */
export default function Palette({ close }: { close: () => void }) {
  const words = useWords();
  const navigate = useNavigate();
  const field = useRef<InputRef>(null);
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const { text } = useRested({ text: typed.trim() }, REST_MS);
  const search = useQuery({
    queryKey: ["search", text],
    enabled: text.length >= LEAST,
    placeholderData: keepPreviousData,
    queryFn: () => answer(api.GET("/v1/search", { params: { query: { q: text } } })),
  });
  useEffect(() => field.current?.focus(), []);
  const lines = text.length < LEAST ? [] : linesOf(search.data?.found ?? [], text);
  const chosen = Math.min(at, lines.length - 1);
  const open = (line: Line | undefined) => {
    if (!line) return;
    close();
    void navigate(line.to);
  };
  const pressed = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown") setAt(Math.min(chosen + 1, lines.length - 1));
    else if (event.key === "ArrowUp") setAt(Math.max(chosen - 1, 0));
    else if (event.key === "Enter") open(lines[chosen]);
    else return;
    event.preventDefault();
  };
  return (
    <Modal open footer={null} closable={false} onCancel={close} width={640} title={words("search")}>
      <Flex vertical gap="small">
        <Input
          ref={field}
          size="large"
          value={typed}
          maxLength={64}
          placeholder={words("search.hint")}
          aria-label={words("search")}
          role="combobox"
          aria-expanded={lines.length > 0}
          aria-controls="found"
          aria-activedescendant={lines[chosen]?.key}
          suffix={search.isFetching ? <Spin size="small" /> : <span />}
          onChange={(event) => {
            setTyped(event.target.value);
            setAt(0);
          }}
          onKeyDown={pressed}
        />
        {search.error ? <Trouble error={search.error} /> : null}
        <div id="found" role="listbox" aria-label={words("search")}>
          {lines.map((line, position) => (
            <FoundLine key={line.key} line={line} chosen={position === chosen} open={() => open(line)} />
          ))}
        </div>
        {text.length >= LEAST && search.data && lines.length === 0 ? (
          <Typography.Text type="secondary">{words("search.none")}</Typography.Text>
        ) : null}
      </Flex>
    </Modal>
  );
}

function linesOf(found: readonly Hits[], text: string): Line[] {
  return found.flatMap(({ kind, items, more }) => [
    ...items.map((hit) => ({ key: `found-${kind}-${hit.id}`, kind, to: pageOf(kind, hit), hit })),
    ...(more ? [{ key: `found-${kind}-more`, kind, to: listOf(kind, text), hit: null }] : []),
  ]);
}

function FoundLine({ line, chosen, open }: { line: Line; chosen: boolean; open: () => void }) {
  const words = useWords();
  const named = useNames();
  return (
    <div
      id={line.key}
      role="option"
      aria-selected={chosen}
      className={chosen ? "found chosen" : "found"}
      onClick={open}
    >
      <Tag>{named("kind", line.kind)}</Tag>
      {line.hit ? (
        <>
          <strong>{line.hit.name}</strong>
          <Typography.Text type="secondary" ellipsis>
            {line.hit.note}
          </Typography.Text>
        </>
      ) : (
        words("search.more")
      )}
    </div>
  );
}
